// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Freeze, Holdback, IEncumbrances, Pledge, PledgeStatus} from "./interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotId, MAXIMUM_AMOUNT, toLotId} from "./types/Ids.sol";
import {
    AcceptPledge,
    ENFORCE_PLEDGE_TYPEHASH,
    FreezeLots,
    HoldLots,
    LiftFreeze,
    PledgeEnd,
    ProposePledge,
    RELEASE_PLEDGE_TYPEHASH,
    RenewFreeze
} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";
import {LotWord, ProgrammeWord, StandingWord} from "./types/Words.sol";

/// @notice Specified in IEncumbrances.
contract Encumbrances is IEncumbrances {
    using Authorisation for IParticipantRegistry;

    /// @dev Three years, the longest with its leap day (R-25); the rule's dated figure is the service's.
    uint64 private constant LONGEST_FREEZE = 1096 days;
    uint64 private constant LONGEST_HOLD = 48 hours;
    /// @dev Freezes over one lot: what a payment asks must stay cheap.
    uint256 private constant MOST_FREEZES = 8;

    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;

    /// @dev In the order they came; ended ones are dropped when another comes.
    mapping(LotId lotId => Freeze[]) private _freezes;
    mapping(LotId lotId => mapping(bytes32 referenceHash => bool)) private _isUsed;
    mapping(LotId lotId => Pledge) private _pledges;
    mapping(LotId lotId => Holdback) private _holdbacks;

    constructor(IParticipantRegistry registry_, IReceivableLedger ledger_) {
        registry = registry_;
        ledger = ledger_;
    }

    /// @inheritdoc IEncumbrances
    function freezeLots(FreezeLots calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.FREEZE_LOTS, bytes3(0), 0, approvals);
        if (order.toCourt) _requireAccount(order.receivableId, order.organisation);
        Freeze memory entry = Freeze({
            court: order.organisation,
            startedAt: uint40(block.timestamp),
            expiresAt: _requireWithin(order.expiresAt, LONGEST_FREEZE),
            toCourt: order.toCourt,
            isHold: false,
            referenceHash: order.referenceHash
        });
        // Effect
        _freezeAll(order.receivableId, order.holder, order.lotSequences, entry);
    }

    /// @inheritdoc IEncumbrances
    function holdLots(HoldLots calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.HOLD_LOTS, bytes3(0), 0, approvals);
        Freeze memory entry = Freeze({
            court: order.organisation,
            startedAt: uint40(block.timestamp),
            expiresAt: _requireWithin(order.expiresAt, LONGEST_HOLD),
            toCourt: false,
            isHold: true,
            referenceHash: order.referenceHash
        });
        // Effect
        _freezeAll(order.receivableId, order.holder, order.lotSequences, entry);
    }

    /// @inheritdoc IEncumbrances
    function renewFreeze(RenewFreeze calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.RENEW_FREEZE, bytes3(0), 0, approvals);
        uint40 expiresAt = _requireWithin(order.expiresAt, LONGEST_FREEZE);
        uint32[] memory lotSequences =
            _lotsUnder(order.receivableId, order.lotSequences, order.referenceHash, order.organisation);
        // Effect
        for (uint256 i; i < lotSequences.length; ++i) {
            LotId lotId = toLotId(order.receivableId, lotSequences[i]);
            (Freeze storage entry,) = _freezeOf(lotId, order.referenceHash, order.organisation);
            if (entry.isHold) revert HoldNotRenewable(lotId, order.referenceHash);
            if (expiresAt <= entry.expiresAt) revert IReceivableLedger.InstantOutOfRange(expiresAt);
            entry.expiresAt = expiresAt;
            uint32 sequence = ledger.advance(order.receivableId);
            emit FreezeRenewed(order.receivableId, sequence, lotSequences[i], order.referenceHash, expiresAt);
        }
    }

    /// @inheritdoc IEncumbrances
    function liftFreeze(LiftFreeze calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.LIFT_FREEZE, bytes3(0), 0, approvals);
        uint32[] memory lotSequences =
            _lotsUnder(order.receivableId, order.lotSequences, order.referenceHash, order.organisation);
        // Effect
        for (uint256 i; i < lotSequences.length; ++i) {
            LotId lotId = toLotId(order.receivableId, lotSequences[i]);
            (, uint256 place) = _freezeOf(lotId, order.referenceHash, order.organisation);
            _drop(_freezes[lotId], place);
            uint32 sequence = ledger.advance(order.receivableId);
            emit FreezeLifted(order.receivableId, sequence, lotSequences[i], order.referenceHash);
        }
    }

    /// @inheritdoc IEncumbrances
    function proposePledge(ProposePledge calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        // Check
        registry.authorise(orderHash, head, Act.PROPOSE_PLEDGE, bytes3(0), 0, approvals);
        _requireOwn(lotId, order.organisation, order.faceValue, order.paid);
        _requirePledgee(lotId, order.organisation, order.pledgee);
        if (order.securedAmount == 0) revert IReceivableLedger.AmountMissing();
        if (order.securedAmount > MAXIMUM_AMOUNT) revert AmountTooLarge(order.securedAmount, MAXIMUM_AMOUNT);
        if (order.expiresAt <= block.timestamp || order.expiresAt > type(uint40).max) {
            revert IReceivableLedger.InstantOutOfRange(order.expiresAt);
        }
        if (order.dueAt > type(uint40).max) revert IReceivableLedger.InstantOutOfRange(order.dueAt);
        // Effect
        _pledges[lotId] = Pledge({
            pledge: orderHash,
            pledgee: order.pledgee,
            status: PledgeStatus.PROPOSED,
            dueAt: uint40(order.dueAt),
            expiresAt: uint40(order.expiresAt),
            securedAmount: order.securedAmount,
            paidBefore: 0,
            holder: order.organisation
        });
        emit PledgeProposed(
            lotId.receivableOf(),
            ledger.advance(lotId.receivableOf()),
            lotId.sequenceOf(),
            order.organisation,
            order.pledgee,
            order.securedAmount,
            uint40(order.dueAt),
            uint40(order.expiresAt),
            orderHash,
            order.agreementHash
        );
    }

    /// @inheritdoc IEncumbrances
    function acceptPledge(AcceptPledge calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        // Check
        registry.authorise(orderHash, head, Act.ACCEPT_PLEDGE, bytes3(0), 0, approvals);
        Pledge storage entry = _pledgeOf(lotId, order.pledge, order.organisation);
        if (entry.status != PledgeStatus.PROPOSED) revert PledgeUnknown(lotId, order.pledge);
        if (block.timestamp > entry.expiresAt) revert PledgeExpired(lotId, entry.expiresAt);
        if (order.filingHash == bytes32(0) || order.filedAt == 0) revert PledgeNotFiled(lotId);
        if (order.filedAt > block.timestamp) revert IReceivableLedger.InstantOutOfRange(order.filedAt);
        // Effect
        entry.status = PledgeStatus.HELD;
        emit LotPledged(
            lotId.receivableOf(),
            ledger.pledge(lotId, entry.holder, order.faceValue, order.paid),
            lotId.sequenceOf(),
            entry.holder,
            entry.pledgee,
            entry.securedAmount,
            entry.dueAt,
            order.pledge,
            order.filingHash,
            uint40(order.filedAt)
        );
    }

    /// @inheritdoc IEncumbrances
    function releasePledge(PledgeEnd calldata order, Approval[] calldata approvals) external {
        _authoriseEnd(RELEASE_PLEDGE_TYPEHASH, Act.RELEASE_PLEDGE, order, approvals);
        LotId lotId = order.lotId;
        delete _pledges[lotId];
        emit PledgeReleased(
            lotId.receivableOf(), ledger.endPledge(lotId), lotId.sequenceOf(), order.organisation, order.pledge
        );
    }

    /// @inheritdoc IEncumbrances
    function enforcePledge(PledgeEnd calldata order, Approval[] calldata approvals) external {
        Pledge storage entry = _authoriseEnd(ENFORCE_PLEDGE_TYPEHASH, Act.ENFORCE_PLEDGE, order, approvals);
        LotId lotId = order.lotId;
        // Check
        if (entry.status != PledgeStatus.HELD) revert PledgeUnknown(lotId, order.pledge);
        if (block.timestamp <= entry.dueAt) revert PledgeNotDue(lotId, entry.dueAt);
        // Effect
        entry.status = PledgeStatus.ENFORCED;
        entry.paidBefore = order.paid;
        emit PledgeEnforced(
            lotId.receivableOf(),
            ledger.advance(lotId.receivableOf()),
            lotId.sequenceOf(),
            order.organisation,
            order.pledge
        );
    }

    // --- Market

    /// @inheritdoc IEncumbrances
    function keepHoldback(LotId lotId, uint32 seller, uint64 amount) external {
        // Check
        _requireMarket();
        Holdback memory before = _holdbacks[lotId];
        // A seller that had the lot again in the meantime holds back from itself no more.
        if (before.seller != 0 && before.seller != seller) {
            revert HoldbackStanding(lotId, before.seller, before.amount);
        }
        // Effect
        uint64 holdersShare = ledger.lotWord(lotId).faceValue() - amount;
        _holdbacks[lotId] = Holdback({seller: seller, holdersShare: holdersShare, amount: amount});
        emit HoldbackKept(lotId.receivableOf(), ledger.mark(lotId), lotId.sequenceOf(), seller, amount);
    }

    /// @inheritdoc IEncumbrances
    function endHoldback(LotId lotId, uint32 seller) external {
        // Check
        _requireMarket();
        Holdback memory before = _holdbacks[lotId];
        if (before.seller != seller) return;
        // Effect
        delete _holdbacks[lotId];
        uint64 receivableId = lotId.receivableOf();
        emit HoldbackEnded(receivableId, ledger.advance(receivableId), lotId.sequenceOf(), seller, before.amount);
    }

    // --- Views

    /// @inheritdoc IEncumbrances
    function holdbackOf(LotId lotId) external view returns (uint32 seller, uint64 amount) {
        Holdback storage entry = _holdbacks[lotId];
        return (entry.seller, entry.amount);
    }

    /// @inheritdoc IEncumbrances
    function frozenUntil(LotId lotId) external view returns (uint40 until) {
        Freeze[] storage freezes = _freezes[lotId];
        for (uint256 i; i < freezes.length; ++i) {
            uint40 expiresAt = freezes[i].expiresAt;
            if (expiresAt >= block.timestamp && expiresAt > until) until = expiresAt;
        }
    }

    /// @inheritdoc IEncumbrances
    function paymentOf(LotId lotId, uint32 holder, uint64 paid, uint64 due) external view returns (uint32, uint64) {
        // What is held back for another is neither the holder's, nor its court's or pledgee's.
        Holdback memory kept = _holdbacks[lotId];
        if (kept.seller != 0 && kept.seller != holder) {
            if (paid >= kept.holdersShare) return (kept.seller, due);
            if (due > kept.holdersShare - paid) due = kept.holdersShare - paid;
        }
        (bool isFrozen, uint32 court) = _courtOf(lotId);
        if (isFrozen) return (court, due);
        Pledge storage entry = _pledges[lotId];
        PledgeStatus status = entry.status;
        if (status == PledgeStatus.HELD) return (0, due);
        if (status != PledgeStatus.ENFORCED) return (holder, due);
        uint64 received = paid - entry.paidBefore;
        if (received >= entry.securedAmount) return (holder, due);
        uint64 left = entry.securedAmount - received;
        return (entry.pledgee, due < left ? due : left);
    }

    /// @inheritdoc IEncumbrances
    function payeeOf(LotId lotId, uint32 holder) external view returns (uint32) {
        (bool isFrozen, uint32 court) = _courtOf(lotId);
        if (isFrozen) return court;
        return _pledges[lotId].status == PledgeStatus.HELD ? 0 : holder;
    }

    /// @inheritdoc IEncumbrances
    function pledgeOf(LotId lotId) external view returns (Pledge memory) {
        return _pledges[lotId];
    }

    /// @inheritdoc IEncumbrances
    function freezesOf(LotId lotId) external view returns (Freeze[] memory holding) {
        Freeze[] storage freezes = _freezes[lotId];
        holding = new Freeze[](freezes.length);
        uint256 count;
        for (uint256 i; i < freezes.length; ++i) {
            if (freezes[i].expiresAt >= block.timestamp) holding[count++] = freezes[i];
        }
        assembly ("memory-safe") {
            mstore(holding, count)
        }
    }

    // --- Internals

    function _requireMarket() private view {
        if (msg.sender != ledger.market()) revert IReceivableLedger.CompanionRequired(msg.sender);
    }

    /// @return isFrozen Whether a freeze holds.
    /// @return court Where the earliest that does sends money; 0 where it has to wait.
    function _courtOf(LotId lotId) private view returns (bool isFrozen, uint32 court) {
        Freeze[] storage freezes = _freezes[lotId];
        for (uint256 i; i < freezes.length; ++i) {
            if (freezes[i].expiresAt < block.timestamp) continue;
            return (true, freezes[i].toCourt ? freezes[i].court : 0);
        }
    }

    function _authoriseEnd(bytes32 typeHash, Act act, PledgeEnd calldata order, Approval[] calldata approvals)
        private
        returns (Pledge storage entry)
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(typeHash, order);
        registry.authorise(orderHash, head, act, bytes3(0), 0, approvals);
        entry = _pledgeOf(order.lotId, order.pledge, order.organisation);
        if (entry.status == PledgeStatus.PROPOSED) revert PledgeUnknown(order.lotId, order.pledge);
        _requireAsSigned(order.lotId, ledger.lotWord(order.lotId), order.faceValue, order.paid);
    }

    function _pledgeOf(LotId lotId, bytes32 pledge, uint32 organisation) private view returns (Pledge storage entry) {
        entry = _pledges[lotId];
        if (pledge == bytes32(0) || entry.pledge != pledge) revert PledgeUnknown(lotId, pledge);
        if (entry.pledgee != organisation) revert NotPledgee(lotId, entry.pledgee, organisation);
    }

    /// @dev The organisation's free lot, as signed.
    function _requireOwn(LotId lotId, uint32 organisation, uint64 faceValue, uint64 paid) private view {
        LotWord lot = ledger.lotWord(lotId);
        if (lot.holder() == 0) revert IReceivableLedger.LotUnknown(lotId);
        if (lot.holder() != organisation) revert IReceivableLedger.NotHolder(lotId, lot.holder(), organisation);
        if (lot.isSettled()) revert IReceivableLedger.LotAlreadySettled(lotId);
        if (lot.isBound()) revert IReceivableLedger.LotEncumbered(lotId, lot.encumbrance());
        _requireAsSigned(lotId, lot, faceValue, paid);
    }

    function _requireAsSigned(LotId lotId, LotWord lot, uint64 faceValue, uint64 paid) private pure {
        if (lot.faceValue() != faceValue || lot.paid() != paid) {
            revert IReceivableLedger.LotChanged(lotId, lot.faceValue(), lot.paid());
        }
    }

    /// @dev Somebody else than the parties to the claim, whom money can reach.
    function _requirePledgee(LotId lotId, uint32 holder, uint32 pledgee) private view {
        ProgrammeWord rules = ledger.programmeRulesOf(lotId.receivableOf());
        if (
            pledgee == holder || pledgee == rules.anchor() || registry.statusOf(pledgee) != ParticipantStatus.ADMITTED
                || !ITokenisedDeposit(rules.deposit()).hasAccount(pledgee)
        ) revert PledgeeRefused(pledgee);
    }

    function _freezeAll(uint64 receivableId, uint32 holder, uint32[] calldata named, Freeze memory entry) private {
        if (entry.referenceHash == bytes32(0)) revert ReferenceMissing();
        uint32[] memory lotSequences = named.length == 0 ? _lotsOf(receivableId, holder) : named;
        if (lotSequences.length == 0) revert NothingToFreeze(receivableId, holder);
        for (uint256 i; i < lotSequences.length; ++i) {
            LotId lotId = toLotId(receivableId, lotSequences[i]);
            // Check
            LotWord lot = ledger.lotWord(lotId);
            if (lot.holder() == 0) revert IReceivableLedger.LotUnknown(lotId);
            if (lot.holder() != holder) revert IReceivableLedger.NotHolder(lotId, lot.holder(), holder);
            if (lot.isSettled()) revert IReceivableLedger.LotAlreadySettled(lotId);
            if (_isUsed[lotId][entry.referenceHash]) revert FreezeRepeated(lotId, entry.referenceHash);
            // Effect
            _isUsed[lotId][entry.referenceHash] = true;
            _add(lotId, entry);
            _emitFrozen(lotId, ledger.mark(lotId), holder, entry);
        }
    }

    function _add(LotId lotId, Freeze memory entry) private {
        Freeze[] storage freezes = _freezes[lotId];
        for (uint256 i = freezes.length; i > 0; --i) {
            if (freezes[i - 1].expiresAt < block.timestamp) _drop(freezes, i - 1);
        }
        if (freezes.length >= MOST_FREEZES) revert TooManyFreezes(lotId, MOST_FREEZES);
        freezes.push(entry);
    }

    /// @dev The others keep their order: the earliest says where money goes.
    function _drop(Freeze[] storage freezes, uint256 place) private {
        for (uint256 i = place + 1; i < freezes.length; ++i) {
            freezes[i - 1] = freezes[i];
        }
        freezes.pop();
    }

    function _emitFrozen(LotId lotId, uint32 sequence, uint32 holder, Freeze memory entry) private {
        uint64 receivableId = lotId.receivableOf();
        if (entry.isHold) {
            emit LotHeld(
                receivableId, sequence, lotId.sequenceOf(), holder, entry.court, entry.referenceHash, entry.expiresAt
            );
        } else {
            emit LotFrozen(
                receivableId,
                sequence,
                lotId.sequenceOf(),
                holder,
                entry.court,
                entry.referenceHash,
                entry.toCourt,
                entry.expiresAt
            );
        }
    }

    /// @dev Every live lot the holder has in the receivable.
    function _lotsOf(uint64 receivableId, uint32 holder) private view returns (uint32[] memory lotSequences) {
        uint32 lotCount = _lotCount(receivableId);
        lotSequences = new uint32[](lotCount);
        uint256 count;
        for (uint32 sequence = 1; sequence <= lotCount; ++sequence) {
            LotWord lot = ledger.lotWord(toLotId(receivableId, sequence));
            if (lot.holder() == holder && !lot.isSettled()) lotSequences[count++] = sequence;
        }
        assembly ("memory-safe") {
            mstore(lotSequences, count)
        }
    }

    /// @dev The lots named, or every lot the organisation keeps under the reference.
    function _lotsUnder(uint64 receivableId, uint32[] calldata named, bytes32 referenceHash, uint32 organisation)
        private
        view
        returns (uint32[] memory lotSequences)
    {
        if (named.length != 0) return named;
        uint32 lotCount = _lotCount(receivableId);
        lotSequences = new uint32[](lotCount);
        uint256 count;
        for (uint32 sequence = 1; sequence <= lotCount; ++sequence) {
            Freeze[] storage freezes = _freezes[toLotId(receivableId, sequence)];
            uint256 place = _placeOf(freezes, referenceHash);
            if (place < freezes.length && freezes[place].court == organisation) lotSequences[count++] = sequence;
        }
        if (count == 0) revert FreezeUnknown(toLotId(receivableId, 0), referenceHash);
        assembly ("memory-safe") {
            mstore(lotSequences, count)
        }
    }

    /// @dev The freeze under the reference that still holds, ordered by the organisation.
    function _freezeOf(LotId lotId, bytes32 referenceHash, uint32 organisation)
        private
        view
        returns (Freeze storage entry, uint256 place)
    {
        Freeze[] storage freezes = _freezes[lotId];
        place = _placeOf(freezes, referenceHash);
        if (place == freezes.length) revert FreezeUnknown(lotId, referenceHash);
        entry = freezes[place];
        if (entry.court != organisation) revert NotFreezer(lotId, entry.court, organisation);
    }

    /// @dev Behind the last where none holds under the reference.
    function _placeOf(Freeze[] storage freezes, bytes32 referenceHash) private view returns (uint256 place) {
        for (; place < freezes.length; ++place) {
            Freeze storage entry = freezes[place];
            if (entry.referenceHash == referenceHash && entry.expiresAt >= block.timestamp) return place;
        }
    }

    function _lotCount(uint64 receivableId) private view returns (uint32) {
        (, StandingWord standing) = ledger.receivableWords(receivableId);
        return standing.lotCount();
    }

    function _requireWithin(uint64 expiresAt, uint64 longest) private view returns (uint40) {
        if (expiresAt <= block.timestamp) revert IReceivableLedger.InstantOutOfRange(expiresAt);
        uint64 latest = uint64(block.timestamp) + longest;
        if (expiresAt > latest) revert FreezeTooLong(expiresAt, latest);
        return uint40(expiresAt);
    }

    /// @dev Money that is to go to the court must be able to reach it.
    function _requireAccount(uint64 receivableId, uint32 court) private view {
        address deposit = ledger.programmeRulesOf(receivableId).deposit();
        if (deposit == address(0)) revert IReceivableLedger.ReceivableUnknown(receivableId);
        if (!ITokenisedDeposit(deposit).hasAccount(court)) revert CourtAccountMissing(deposit, court);
    }
}
