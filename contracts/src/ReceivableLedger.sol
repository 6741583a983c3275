// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IEncumbrances} from "./interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITransferRules, Movement} from "./interfaces/ITransferRules.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {StandardRules} from "./libraries/StandardRules.sol";
import {LotId, ROOT_SEQUENCE, toLotId} from "./types/Ids.sol";
import {
    Arrears,
    Delivery,
    Encumbrance,
    LotPart,
    LotPayment,
    NewReceivable,
    Programme,
    ReceivableStatus,
    TenorLimits
} from "./types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    Offer,
    ProposeTransfer,
    REJECT_TRANSFER_TYPEHASH,
    REVOKE_TRANSFER_TYPEHASH,
    SplitLot,
    TransferAnswer,
    UnsplitLot
} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus, Signed} from "./types/Participants.sol";
import {
    FIRST_TENOR_LIMITS,
    LOOK_UP_MINIMUM,
    LimitsWord,
    LotWord,
    PendingWord,
    ProgrammeWord,
    StandingWord,
    TenorWord,
    TermsWord,
    UndertakingWord,
    newLimits,
    newLot,
    newPending,
    newProgramme,
    newTenor,
    newTerms,
    newUndertaking,
    standingAfterIssue
} from "./types/Words.sol";

/// @notice Specified in IReceivableLedger.
contract ReceivableLedger is IReceivableLedger, AccessManaged {
    using Authorisation for IParticipantRegistry;

    /// @dev A programme in three storage words, most wanted first.
    struct ProgrammeRecord {
        ProgrammeWord rules;
        LimitsWord limits;
        TermsWord terms;
    }

    /// @dev A lot that parts are being taken off, in memory until the last is off.
    struct Division {
        LotId parentId;
        LotWord parent;
        StandingWord standing;
        uint64 minimum;
    }

    IParticipantRegistry public immutable registry;
    address public immutable issuance;
    address public immutable market;
    address public immutable settlement;
    IEncumbrances public immutable encumbrances;

    /// @dev First of what every issue reads, and as wide as leaves the rest of its slot for it.
    TenorWord public tenorLimits = FIRST_TENOR_LIMITS;
    uint64 public receivableCount;
    /// @dev How many anchors have something overdue; in the slot that issue writes anyway, so that asking is free.
    uint24 private _anchorsInArrears;
    /// @dev As wide as the field of the words that name a programme; one more reverts.
    uint24 public programmeCount;
    mapping(uint64 receivableId => UndertakingWord) private _undertakings;
    mapping(uint64 receivableId => StandingWord) private _standings;
    mapping(LotId lotId => LotWord) private _lots;
    mapping(LotId lotId => PendingWord) private _pending;
    mapping(uint32 programmeId => ProgrammeRecord) private _programmes;
    /// @notice How many receivables an anchor has been noted not to have paid in time, and still has not paid.
    mapping(uint32 anchor => uint32) public overdueCount;
    /// @dev Sum of the faces of a receivable's lots that are written off.
    mapping(uint64 receivableId => uint64) private _writtenOff;
    /// @dev Sum of the faces of a receivable's lots that were paid outside the chain.
    mapping(uint64 receivableId => uint64) private _attested;

    constructor(
        address initialAuthority,
        IParticipantRegistry registry_,
        address issuance_,
        address market_,
        address settlement_,
        IEncumbrances encumbrances_
    ) AccessManaged(initialAuthority) {
        registry = registry_;
        issuance = issuance_;
        market = market_;
        settlement = settlement_;
        encumbrances = encumbrances_;
    }

    modifier only(address companion) {
        _requireCompanion(companion);
        _;
    }

    /// @inheritdoc IReceivableLedger
    function replaceTransferRules(uint32 programmeId, address transferRules) external restricted {
        ProgrammeRecord storage entry = _programmes[programmeId];
        if (entry.rules.anchor() == 0) revert ProgrammeUnknown(programmeId);
        entry.rules = entry.rules.withOwnRules();
        entry.limits = entry.limits.withTransferRules(transferRules);
        emit TransferRulesReplaced(programmeId, transferRules);
    }

    /// @inheritdoc IReceivableLedger
    function setTenorLimits(uint16 maximumDays, uint16 usualDays, uint40 from, uint32 legacyUntil) external restricted {
        if (usualDays == 0 || usualDays > maximumDays) revert TenorLimitsMalformed(maximumDays, usualDays);
        (uint16 maximumNow, uint16 usualNow) = tenorLimits.limitsAt(block.timestamp);
        TenorLimits memory limits = TenorLimits({
            maximumDays: maximumNow,
            usualDays: usualNow,
            nextMaximumDays: maximumDays,
            nextUsualDays: usualDays,
            nextFrom: from,
            legacyUntil: legacyUntil
        });
        tenorLimits = newTenor(limits);
        emit TenorLimitsSet(limits);
    }

    // --- Holders' orders

    /// @inheritdoc IReceivableLedger
    function splitLot(SplitLot calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        (StandingWord standing, ProgrammeRecord storage programme_) = _standingOf(order.lotId);
        ProgrammeWord rules = programme_.rules;
        // Check
        registry.authorise(orderHash, head, Act.SPLIT_LOT, rules.currency(), order.faceValue, approvals);
        if (order.parts.length == 0) revert PartsMissing();
        LotWord parent = _freeLot(order.lotId, standing, order.organisation, order.faceValue, order.paid);
        _requireUndivided(order.lotId, parent, standing);
        // Effect
        Division memory division = Division({
            parentId: order.lotId,
            parent: parent,
            standing: standing,
            minimum: _minimumLot(order.lotId, standing, programme_)
        });
        LotPart[] memory parts = _splitOff(order, programme_, division);
        _lots[order.lotId] = division.parent;
        standing = division.standing.advanced();
        emit LotSplit(
            order.lotId.receivableOf(),
            standing.sequence(),
            order.lotId.sequenceOf(),
            division.parent.faceValue(),
            parts
        );
        if (rules.acceptanceRequired()) standing = _offerParts(order, standing, parts, orderHash);
        _standings[order.lotId.receivableOf()] = standing;
    }

    /// @inheritdoc IReceivableLedger
    function unsplitLot(UnsplitLot calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        (StandingWord standing, ProgrammeRecord storage programme_) = _standingOf(lotId);
        // Check
        registry.authorise(orderHash, head, Act.UNSPLIT_LOT, programme_.rules.currency(), order.faceValue, approvals);
        LotWord child = _freeLot(lotId, standing, order.organisation, order.faceValue, order.paid);
        _requireUndivided(lotId, child, standing);
        if (child.parent() == 0) revert LotIsRoot(lotId);
        LotId parentId = toLotId(lotId.receivableOf(), child.parent());
        LotWord parent = _freeLot(parentId, standing, order.organisation, order.parentFaceValue, 0);
        _requireUndivided(parentId, parent, standing);
        // One history: neither was handed on since they were parted.
        if (child.tier() != parent.tier() || child.transferCount() != parent.transferCount()) {
            revert LotsApart(lotId, parentId);
        }
        // Effect
        _lots[parentId] = parent.withFaceValue(order.parentFaceValue + order.faceValue);
        _lots[lotId] = child.withFaceValue(0).settled();
        standing = standing.advanced();
        _standings[lotId.receivableOf()] = standing;
        emit LotUnsplit(lotId.receivableOf(), standing.sequence(), child.parent(), lotId.sequenceOf(), order.faceValue);
        emit TransferValue(LotId.unwrap(lotId), LotId.unwrap(parentId), order.faceValue);
        emit Transfer(_asAddress(order.organisation), address(0), LotId.unwrap(lotId));
    }

    /// @inheritdoc IReceivableLedger
    function proposeTransfer(ProposeTransfer calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, LotWord subject, StandingWord standing, bool acceptanceRequired) =
            _checkTransfer(order, approvals);
        // Effect
        LotId lotId = order.lotId;
        uint32 to = order.to;
        standing = standing.advanced();
        _standings[lotId.receivableOf()] = standing;
        if (acceptanceRequired) {
            _lots[lotId] = subject.withEncumbrance(Encumbrance.LOCKED_TRANSFER);
            _offer(lotId, standing.sequence(), subject.holder(), to, order.expiresAt, orderHash, order.remarkHash);
        } else {
            _passOn(lotId, subject, to);
            emit LotTransferred(
                lotId.receivableOf(), standing.sequence(), lotId.sequenceOf(), subject.holder(), to, order.remarkHash
            );
        }
    }

    /// @inheritdoc IReceivableLedger
    function transferLot(
        ProposeTransfer calldata order,
        Approval[] calldata approvals,
        TransferAnswer calldata answer,
        Approval[] calldata answerApprovals
    ) external {
        (bytes32 orderHash, LotWord subject, StandingWord standing,) = _checkTransfer(order, approvals);
        // Check: the receiver answers this very offer, in time.
        _authoriseAnswer(ACCEPT_TRANSFER_TYPEHASH, Act.ACCEPT_TRANSFER, answer, answerApprovals);
        if (LotId.unwrap(answer.lotId) != LotId.unwrap(order.lotId) || answer.offer != orderHash) {
            revert WrongOffer(order.lotId, answer.offer);
        }
        if (answer.organisation != order.to) revert NotReceiver(order.lotId, order.to, answer.organisation);
        _requireAsSigned(order.lotId, subject, answer.faceValue, answer.paid);
        _requireInTime(order.lotId, order.expiresAt);
        // Effect
        _acceptedBy(order.lotId, subject, standing, order.to);
    }

    /// @inheritdoc IReceivableLedger
    function acceptTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external {
        // Check
        (StandingWord standing, ProgrammeRecord storage programme_) =
            _authoriseAnswer(ACCEPT_TRANSFER_TYPEHASH, Act.ACCEPT_TRANSFER, answer, approvals);
        (LotWord subject, PendingWord pending) = _pendingOf(answer);
        if (answer.organisation != pending.to()) revert NotReceiver(answer.lotId, pending.to(), answer.organisation);
        _requireInTime(answer.lotId, pending.expiresAt());
        _requireMovable(answer.lotId, subject, standing);
        _checkMovement(
            answer.lotId, programme_, programme_.rules, subject.holder(), pending.to(), uint256(subject.tier()) + 1
        );
        // Effect
        _pending[answer.lotId] = PendingWord.wrap(0);
        _acceptedBy(answer.lotId, subject.withEncumbrance(Encumbrance.NONE), standing, pending.to());
    }

    /// @inheritdoc IReceivableLedger
    function rejectTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external {
        _authoriseAnswer(REJECT_TRANSFER_TYPEHASH, Act.REJECT_TRANSFER, answer, approvals);
        (LotWord subject, PendingWord pending) = _pendingOf(answer);
        if (answer.organisation != pending.to()) revert NotReceiver(answer.lotId, pending.to(), answer.organisation);
        uint32 sequence = _withdrawOffer(answer.lotId, subject);
        emit TransferRejected(
            answer.lotId.receivableOf(), sequence, answer.lotId.sequenceOf(), subject.holder(), pending.to()
        );
    }

    /// @inheritdoc IReceivableLedger
    function revokeTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external {
        _authoriseAnswer(REVOKE_TRANSFER_TYPEHASH, Act.REVOKE_TRANSFER, answer, approvals);
        (LotWord subject, PendingWord pending) = _pendingOf(answer);
        _requireHolder(answer.lotId, subject, answer.organisation);
        uint32 sequence = _withdrawOffer(answer.lotId, subject);
        emit TransferRevoked(
            answer.lotId.receivableOf(), sequence, answer.lotId.sequenceOf(), subject.holder(), pending.to()
        );
    }

    /// @inheritdoc IReceivableLedger
    function lapseTransfer(LotId lotId) external {
        PendingWord pending = _pending[lotId];
        if (pending.to() == 0) revert TransferNotPending(lotId);
        if (block.timestamp <= pending.expiresAt()) revert OfferNotExpired(lotId, pending.expiresAt());
        LotWord subject = _lots[lotId];
        uint32 sequence = _withdrawOffer(lotId, subject);
        emit TransferLapsed(lotId.receivableOf(), sequence, lotId.sequenceOf(), subject.holder(), pending.to());
    }

    // --- Issuance

    /// @inheritdoc IReceivableLedger
    function recordProgramme(Programme calldata programme_, bytes32 tenorReasonHash, bytes32 termsHash)
        external
        only(issuance)
        returns (uint32 programmeId)
    {
        programmeId = ++programmeCount;
        ProgrammeRecord storage entry = _programmes[programmeId];
        entry.rules = newProgramme(programme_);
        entry.limits = newLimits(programme_.transferRules, programme_.minimumLotFaceValue, programme_.maximumLots);
        entry.terms =
            newTerms(programme_.technique, programme_.withRecourse, programme_.lateInterestBps, programme_.replaces);
        emit ProgrammeOpened(programmeId, programme_.anchor, programme_, tenorReasonHash, termsHash);
    }

    /// @inheritdoc IReceivableLedger
    function open(uint32 obligor, uint32 programmeId, NewReceivable[] calldata receivables)
        external
        only(issuance)
        returns (uint64 firstReceivableId)
    {
        // The obligor is not stored with each receivable: it is the programme's anchor.
        if (_programmes[programmeId].rules.anchor() != obligor) revert ProgrammeUnknown(programmeId);
        if (_anchorsInArrears != 0 && overdueCount[obligor] != 0) {
            revert AnchorOverdue(obligor, overdueCount[obligor]);
        }
        uint64 receivableId = receivableCount;
        firstReceivableId = receivableId + 1;
        for (uint256 i; i < receivables.length; ++i) {
            _open(++receivableId, obligor, uint24(programmeId), receivables[i]);
        }
        receivableCount = receivableId;
    }

    /// @inheritdoc IReceivableLedger
    function accept(uint32 supplier, Offer[] calldata offers) external only(issuance) {
        for (uint256 i; i < offers.length; ++i) {
            Offer calldata offer = offers[i];
            (UndertakingWord undertaking, StandingWord standing) = receivableWords(offer.receivableId);
            _requireOffered(offer.receivableId, standing);
            ProgrammeRecord storage programme_ = _programmes[undertaking.programmeId()];
            // Check: what was signed is what is on offer, to this supplier.
            if (
                undertaking.supplier() != supplier || undertaking.programmeId() != offer.programmeId
                    || programme_.rules.anchor() != offer.obligor || undertaking.faceValue() != offer.faceValue
                    || undertaking.maturityAt() != offer.maturityAt || undertaking.graceEndsAt() != offer.graceEndsAt
            ) revert OfferChanged(offer.receivableId);
            if (block.timestamp >= undertaking.maturityAt()) {
                revert OfferLapsed(offer.receivableId, undertaking.maturityAt());
            }
            // Effect
            standing = standing.withMinimumLot(programme_.limits.minimumLot(offer.faceValue))
                .withStatus(ReceivableStatus.ACTIVE).advanced();
            _standings[offer.receivableId] = standing;
            emit ReceivableAccepted(offer.receivableId, standing.sequence());
        }
    }

    /// @inheritdoc IReceivableLedger
    function take(
        uint64 receivableId,
        uint64 faceValue,
        uint64 amount,
        bytes32 fingerprint,
        ReceivableStatus expected,
        ReceivableStatus ending
    ) external only(issuance) returns (uint32 sequence) {
        (UndertakingWord undertaking, StandingWord standing) = receivableWords(receivableId);
        // Check
        if (expected == ReceivableStatus.OFFERED) _requireOffered(receivableId, standing);
        else _requireActive(receivableId, standing);
        if (undertaking.faceValue() != faceValue || undertaking.documentTag() != bytes7(fingerprint)) {
            revert OfferChanged(receivableId);
        }
        LotId root = toLotId(receivableId, ROOT_SEQUENCE);
        LotWord subject = _lots[root];
        _requireThawed(root, subject);
        uint32 supplier = undertaking.supplier();
        if (standing.lotCount() != 1 || standing.paid() != 0 || !subject.isAsIssued(supplier, faceValue)) {
            revert ReceivableTouched(receivableId);
        }
        if (amount > faceValue) revert PartTooLarge(root, amount, faceValue);
        // Effect
        if (amount == faceValue) {
            // The undertaking is gone, and with it the only lot.
            standing = standing.withStatus(ending);
            _lots[root] = subject.settled();
            emit Transfer(_asAddress(supplier), address(0), LotId.unwrap(root));
        } else if (amount != 0) {
            _undertakings[receivableId] = undertaking.withFaceValue(faceValue - amount);
            LimitsWord limits = _programmes[undertaking.programmeId()].limits;
            standing = standing.withMinimumLot(limits.minimumLot(faceValue - amount));
            _lots[root] = subject.withFaceValue(faceValue - amount);
            emit TransferValue(LotId.unwrap(root), 0, amount);
        }
        standing = standing.advanced();
        _standings[receivableId] = standing;
        return standing.sequence();
    }

    // --- Market

    /// @inheritdoc IReceivableLedger
    function lockForFinancing(LotId lotId, uint64 faceValue, uint64 paid, uint64 partFaceValue, Signed calldata signed)
        external
        only(market)
        returns (uint32 holder, uint32 sequence)
    {
        // Check
        (StandingWord standing, ProgrammeRecord storage programme_) = _standingOf(lotId);
        holder = _lots[lotId].holder();
        if (holder == 0) revert LotUnknown(lotId);
        registry.authoriseSigned(signed, holder, programme_.rules.currency(), partFaceValue);
        LotWord subject = _freeLot(lotId, standing, holder, faceValue, paid);
        _requirePart(lotId, subject, partFaceValue);
        if (partFaceValue != faceValue) {
            // No award could deliver such a part: say so before anybody quotes for it.
            _requireUndivided(lotId, subject, standing);
            uint64 minimum = _minimumLot(lotId, standing, programme_);
            _requireMinimum(partFaceValue, minimum);
            _requireMinimum(faceValue - partFaceValue, minimum);
        }
        // Effect
        standing = standing.advanced();
        _standings[lotId.receivableOf()] = standing;
        _lots[lotId] = subject.withEncumbrance(Encumbrance.LOCKED_FINANCING);
        return (holder, standing.sequence());
    }

    /// @inheritdoc IReceivableLedger
    function unlock(LotId lotId) external only(market) returns (uint32 holder, uint32 sequence) {
        LotWord subject = _lots[lotId];
        // A lot paid in full was freed by its payment; its request still has to end.
        if (subject.encumbrance() != Encumbrance.LOCKED_FINANCING && !subject.isSettled()) {
            revert LotEncumbered(lotId, subject.encumbrance());
        }
        return (subject.holder(), _free(lotId, subject));
    }

    /// @inheritdoc IReceivableLedger
    function deliver(Delivery calldata delivery, Signed calldata signed)
        external
        only(market)
        returns (uint32 deliveredSequence, uint32 sequence)
    {
        // Check: the holder the quote names still holds the lot as quoted, and has signed.
        LotId lotId = delivery.lotId;
        (StandingWord standing, ProgrammeRecord storage programme_) = _standingOf(lotId);
        LotWord subject = _lots[lotId];
        _requireHolder(lotId, subject, delivery.holder);
        ProgrammeWord rules = programme_.rules;
        registry.authoriseSigned(signed, delivery.holder, rules.currency(), delivery.partFaceValue);
        if (subject.encumbrance() != Encumbrance.LOCKED_FINANCING) {
            revert LotEncumbered(lotId, subject.encumbrance());
        }
        _requireAsSigned(lotId, subject, delivery.faceValue, delivery.paid);
        _requirePart(lotId, subject, delivery.partFaceValue);
        _requireMovable(lotId, subject, standing);
        if (delivery.to == rules.anchor()) return _extinguish(delivery, subject, standing);
        // A funder is not a further tier of the supply chain.
        _checkMovement(lotId, programme_, rules, delivery.holder, delivery.to, subject.tier());
        // Effect
        return _handOver(delivery, subject.withEncumbrance(Encumbrance.NONE), standing, programme_);
    }

    // --- Settlement

    /// @inheritdoc IReceivableLedger
    function recordSettlement(uint64 receivableId, uint64 faceValue, uint64 paid, uint64 amount)
        external
        only(settlement)
        returns (uint40 maturityAt)
    {
        UndertakingWord undertaking = _undertakings[receivableId];
        StandingWord standing = _standingAt(receivableId);
        // What its holders gave up is still owed.
        if (standing.status() != ReceivableStatus.WRITTEN_OFF) _requireActive(receivableId, standing);
        maturityAt = undertaking.maturityAt();
        // Check: as signed; in full before the due instant, or a cent would close everybody's title.
        if (undertaking.faceValue() != faceValue || standing.paid() != paid) {
            revert ReceivableChanged(receivableId, undertaking.faceValue(), standing.paid());
        }
        uint64 outstanding = faceValue - paid;
        if (amount == 0) revert AmountMissing();
        if (amount > outstanding) revert PaymentTooLarge(receivableId, amount, outstanding);
        if (block.timestamp < maturityAt && amount != outstanding) {
            revert PaymentBeforeMaturity(receivableId, maturityAt, amount, outstanding);
        }
        // Effect
        standing = _paid(receivableId, standing, amount);
        emit ReceivableSettled(receivableId, standing.sequence(), amount, paid + amount, standing.status());
    }

    /// @inheritdoc IReceivableLedger
    function recordAttestation(LotId lotId) external only(settlement) returns (StandingWord standing) {
        uint64 receivableId = lotId.receivableOf();
        LotWord subject = _lots[lotId];
        standing = _standingAt(receivableId);
        // Check
        _requireNothingDue(lotId, subject, standing);
        // Effect: the lot is paid, and shares no more in what the anchor sets aside for the others.
        uint64 faceValue = subject.faceValue();
        uint64 amount = faceValue - subject.paid();
        _attested[receivableId] += faceValue;
        _pending[lotId] = PendingWord.wrap(0);
        _lots[lotId] = subject.withPaid(faceValue).settled();
        standing = _paid(receivableId, standing.withAttested().withCleared(standing.cleared() + amount), amount);
    }

    /// @inheritdoc IReceivableLedger
    function payLots(uint64 receivableId, uint32[] calldata lotSequences)
        external
        only(settlement)
        returns (LotPayment[] memory payments)
    {
        StandingWord standing = _standingAt(receivableId);
        (uint64 poolFace, uint64 poolPaid) = _poolOf(receivableId, standing);
        uint64 cleared = standing.cleared();
        payments = new LotPayment[](lotSequences.length);
        uint256 count;
        for (uint256 i; i < lotSequences.length; ++i) {
            LotPayment memory payment = payments[count];
            payment.lotSequence = lotSequences[i];
            // One lot must not spoil the others: what cannot be paid now is passed over.
            if (!_payLot(receivableId, poolFace, poolPaid, payment)) continue;
            cleared += payment.amount;
            ++count;
        }
        assembly ("memory-safe") {
            mstore(payments, count)
        }
        if (count == 0) return payments;
        standing = standing.withCleared(cleared).advanced();
        _standings[receivableId] = standing;
        emit LotsPaid(receivableId, standing.sequence(), payments);
    }

    /// @inheritdoc IReceivableLedger
    function noteArrears(uint64 receivableId, Arrears arrears)
        external
        only(settlement)
        returns (uint32 sequence, uint64 outstanding)
    {
        UndertakingWord undertaking = _undertakings[receivableId];
        StandingWord standing = _standingAt(receivableId);
        // Check
        _requireActive(receivableId, standing);
        // The day of payment lasts a day; grace ends with its instant.
        uint40 until = arrears == Arrears.OVERDUE ? undertaking.maturityAt() + 1 days - 1 : undertaking.graceEndsAt();
        if (block.timestamp <= until) revert NotYetOverdue(receivableId, until);
        if (standing.arrears() >= arrears) revert ArrearsAlreadyNoted(receivableId, standing.arrears());
        // Effect
        if (standing.arrears() == Arrears.NONE && ++overdueCount[_obligorOf(standing)] == 1) ++_anchorsInArrears;
        standing = standing.withArrears(arrears).advanced();
        _standings[receivableId] = standing;
        return (standing.sequence(), undertaking.faceValue() - standing.paid());
    }

    /// @inheritdoc IReceivableLedger
    function writeOff(LotId lotId, uint64 faceValue, uint64 paid, Signed calldata signed)
        external
        only(settlement)
        returns (uint32 holder, uint32 sequence, ReceivableStatus status)
    {
        // Check
        (StandingWord standing, ProgrammeRecord storage programme_) = _standingOf(lotId);
        uint64 receivableId = lotId.receivableOf();
        holder = _lots[lotId].holder();
        if (holder == 0) revert LotUnknown(lotId);
        LotWord subject = _freeLot(lotId, standing, holder, faceValue, paid);
        registry.authoriseSigned(signed, holder, programme_.rules.currency(), faceValue - paid);
        if (standing.arrears() != Arrears.DEFAULTED) {
            revert NotInDefault(receivableId, _undertakings[receivableId].graceEndsAt());
        }
        // Effect
        _lots[lotId] = subject.withEncumbrance(Encumbrance.WRITTEN_OFF);
        uint64 writtenOff = _writtenOff[receivableId] + faceValue;
        _writtenOff[receivableId] = writtenOff;
        if (writtenOff == _undertakings[receivableId].faceValue()) {
            standing = standing.withStatus(ReceivableStatus.WRITTEN_OFF);
        }
        standing = standing.advanced();
        _standings[receivableId] = standing;
        return (holder, standing.sequence(), standing.status());
    }

    /// @inheritdoc IReceivableLedger
    function reassign(LotId lotId, uint64 faceValue, uint64 paid, uint32 to, bool indivisible)
        external
        only(market)
        returns (uint32 holder, uint32 sequence)
    {
        // Check
        (StandingWord standing,) = _standingOf(lotId);
        holder = _lots[lotId].holder();
        LotWord subject = _freeLot(lotId, standing, holder, faceValue, paid);
        // Effect
        _lots[lotId] = subject.handedTo(to).withIndivisible(indivisible);
        emit Transfer(_asAddress(holder), _asAddress(to), LotId.unwrap(lotId));
        return (holder, _advance(lotId.receivableOf()));
    }

    // --- Encumbrances

    /// @inheritdoc IReceivableLedger
    function mark(LotId lotId) external only(address(encumbrances)) returns (uint32) {
        _lots[lotId] = _lots[lotId].marked();
        return _advance(lotId.receivableOf());
    }

    /// @inheritdoc IReceivableLedger
    function pledge(LotId lotId, uint32 holder, uint64 faceValue, uint64 paid)
        external
        only(address(encumbrances))
        returns (uint32)
    {
        LotWord subject = _freeLot(lotId, _standingAt(lotId.receivableOf()), holder, faceValue, paid);
        _lots[lotId] = subject.withEncumbrance(Encumbrance.PLEDGED).marked();
        return _advance(lotId.receivableOf());
    }

    /// @inheritdoc IReceivableLedger
    function endPledge(LotId lotId) external only(address(encumbrances)) returns (uint32) {
        LotWord subject = _lots[lotId];
        // A lot paid in full was freed by its payment.
        if (subject.encumbrance() == Encumbrance.PLEDGED) return _free(lotId, subject);
        return _advance(lotId.receivableOf());
    }

    /// @inheritdoc IReceivableLedger
    function advance(uint64 receivableId) external returns (uint32) {
        if (msg.sender != market && msg.sender != address(encumbrances)) _requireCompanion(settlement);
        return _advance(receivableId);
    }

    // --- Views

    function lotWord(LotId lotId) external view returns (LotWord) {
        return _lots[lotId];
    }

    function receivableWords(uint64 receivableId)
        public
        view
        returns (UndertakingWord undertaking, StandingWord standing)
    {
        undertaking = _undertakings[receivableId];
        standing = _standingAt(receivableId);
    }

    function programmeWords(uint32 programmeId) external view returns (ProgrammeWord, LimitsWord, TermsWord) {
        ProgrammeRecord storage entry = _programmes[programmeId];
        return (entry.rules, entry.limits, entry.terms);
    }

    function pendingWord(LotId lotId) external view returns (PendingWord) {
        return _pending[lotId];
    }

    /// @inheritdoc IReceivableLedger
    function issueRules(uint32 programmeId) external view returns (ProgrammeWord rules, uint16 longestDays) {
        rules = _programmes[programmeId].rules;
        return (rules, tenorLimits.longest(rules, block.timestamp));
    }

    /// @inheritdoc IReceivableLedger
    function programmeRulesOf(uint64 receivableId) external view returns (ProgrammeWord) {
        return _programmes[_standingAt(receivableId).programmeId()].rules;
    }

    // --- Internals

    function _open(uint64 receivableId, uint32 obligor, uint24 programmeId, NewReceivable calldata entry) private {
        LotId root = toLotId(receivableId, ROOT_SEQUENCE);
        _undertakings[receivableId] = newUndertaking(
            entry.supplier, entry.maturityAt, entry.graceEndsAt, entry.faceValue, entry.documentFingerprint, programmeId
        );
        _lots[root] = newLot({holder: entry.supplier, faceValue: entry.faceValue, parent: 0, tier: 1, transferCount: 0});
        emit ReceivableIssued(
            receivableId,
            obligor,
            entry.supplier,
            programmeId,
            entry.faceValue,
            entry.maturityAt,
            entry.graceEndsAt,
            entry.documentType,
            entry.documentAmount,
            entry.documentSequence,
            entry.documentFingerprint,
            entry.documentCommitment
        );
        _emitMinted(root, entry.supplier, 0, entry.faceValue);
    }

    /// @dev A part of the lot being divided, in the hands of the same holder.
    function _childOf(Division memory division, uint64 faceValue) private pure returns (LotWord) {
        LotWord parent = division.parent;
        return newLot(parent.holder(), faceValue, division.parentId.sequenceOf(), parent.tier(), parent.transferCount());
    }

    /// @dev Takes a child's face from its parent and numbers it. Parent and standing are changed in memory only: the
    /// caller stores them.
    function _takeOff(Division memory division, LotWord child) private returns (uint24 lotSequence) {
        uint64 faceValue = child.faceValue();
        uint64 available = division.parent.faceValue();
        _requireMinimum(faceValue, division.minimum);
        if (faceValue >= available) revert PartTooLarge(division.parentId, faceValue, available);
        division.parent = division.parent.withFaceValue(available - faceValue);
        lotSequence = division.standing.lotCount() + 1;
        division.standing = division.standing.withLotCount(lotSequence);
        LotId childId = toLotId(division.parentId.receivableOf(), lotSequence);
        _lots[childId] = child;
        _emitMinted(childId, child.holder(), LotId.unwrap(division.parentId), faceValue);
    }

    /// @dev Takes every part of a split off its lot. A part for another organisation is handed over, or locked for it
    /// where the programme requires its acceptance.
    function _splitOff(SplitLot calldata order, ProgrammeRecord storage programme_, Division memory division)
        private
        returns (LotPart[] memory parts)
    {
        ProgrammeWord rules = programme_.rules;
        uint256 nextTier = uint256(division.parent.tier()) + 1;
        parts = new LotPart[](order.parts.length);
        for (uint256 i; i < parts.length; ++i) {
            uint32 to = order.parts[i].to;
            LotWord child = _childOf(division, order.parts[i].faceValue);
            if (to != order.organisation) {
                _checkMovement(order.lotId, programme_, rules, order.organisation, to, nextTier);
                child = rules.acceptanceRequired()
                    ? child.withEncumbrance(Encumbrance.LOCKED_TRANSFER)
                    : child.passedOnTo(to);
            }
            LotPart memory part = parts[i];
            part.lotSequence = _takeOff(division, child);
            part.holder = child.holder();
            part.faceValue = child.faceValue();
        }
        _requireMinimum(division.parent.faceValue(), division.minimum);
    }

    function _handOver(
        Delivery calldata delivery,
        LotWord subject,
        StandingWord standing,
        ProgrammeRecord storage programme_
    ) private returns (uint32 deliveredSequence, uint32 sequence) {
        LotId lotId = delivery.lotId;
        if (delivery.partFaceValue == subject.faceValue()) {
            deliveredSequence = lotId.sequenceOf();
            if (delivery.indivisible) subject = subject.withIndivisible(true);
            _lots[lotId] = subject.handedTo(delivery.to);
            emit Transfer(_asAddress(delivery.holder), _asAddress(delivery.to), LotId.unwrap(lotId));
        } else {
            (deliveredSequence, standing) = _deliverPart(delivery, subject, standing, programme_);
        }
        standing = standing.advanced();
        sequence = standing.sequence();
        _standings[lotId.receivableOf()] = standing;
        _emitFinanced(delivery, deliveredSequence, sequence);
    }

    function _deliverPart(
        Delivery calldata delivery,
        LotWord subject,
        StandingWord standing,
        ProgrammeRecord storage programme_
    ) private returns (uint32 lotSequence, StandingWord) {
        _requireUndivided(delivery.lotId, subject, standing);
        Division memory division = Division({
            parentId: delivery.lotId,
            parent: subject,
            standing: standing,
            minimum: _minimumLot(delivery.lotId, standing, programme_)
        });
        LotWord child = _childOf(division, delivery.partFaceValue).handedTo(delivery.to);
        lotSequence = _takeOff(division, child.withIndivisible(delivery.indivisible));
        _requireMinimum(division.parent.faceValue(), division.minimum);
        _lots[delivery.lotId] = division.parent;
        return (lotSequence, division.standing);
    }

    /// @dev What reaches its obligor is owed no more: the receivable is smaller by it, and all others' shares stay.
    function _extinguish(Delivery calldata delivery, LotWord subject, StandingWord standing)
        private
        returns (uint32 lotSequence, uint32 sequence)
    {
        // Lots that were paid outside the chain may be all that is left of it.
        if (_undertakeLess(delivery) == standing.paid()) standing = standing.withStatus(ReceivableStatus.SETTLED);
        standing = standing.advanced();
        sequence = standing.sequence();
        _standings[delivery.lotId.receivableOf()] = standing;
        _shrink(delivery, subject);
        return (delivery.lotId.sequenceOf(), sequence);
    }

    function _undertakeLess(Delivery calldata delivery) private returns (uint64 remaining) {
        uint64 receivableId = delivery.lotId.receivableOf();
        UndertakingWord undertaking = _undertakings[receivableId];
        remaining = undertaking.faceValue() - delivery.partFaceValue;
        _undertakings[receivableId] = undertaking.withFaceValue(remaining);
    }

    /// @dev What remains of a part was asked for when the lot was locked.
    function _shrink(Delivery calldata delivery, LotWord subject) private {
        LotId lotId = delivery.lotId;
        uint64 amount = delivery.partFaceValue;
        emit TransferValue(LotId.unwrap(lotId), 0, amount);
        subject = subject.withEncumbrance(Encumbrance.NONE).withFaceValue(subject.faceValue() - amount);
        if (subject.faceValue() == 0) {
            subject = subject.settled();
            emit Transfer(_asAddress(delivery.holder), address(0), LotId.unwrap(lotId));
        }
        _lots[lotId] = subject;
    }

    function _emitFinanced(Delivery calldata delivery, uint32 deliveredSequence, uint32 sequence) private {
        emit LotFinanced(
            delivery.lotId.receivableOf(),
            sequence,
            delivery.lotId.sequenceOf(),
            deliveredSequence,
            delivery.holder,
            delivery.to,
            delivery.partFaceValue
        );
    }

    /// @dev Offers the parts of a split that are for others; their lots are locked already.
    function _offerParts(SplitLot calldata order, StandingWord standing, LotPart[] memory parts, bytes32 orderHash)
        private
        returns (StandingWord)
    {
        for (uint256 i; i < parts.length; ++i) {
            uint32 to = order.parts[i].to;
            if (to == order.organisation) continue;
            LotId child = toLotId(order.lotId.receivableOf(), parts[i].lotSequence);
            standing = standing.advanced();
            _offer(child, standing.sequence(), order.organisation, to, order.expiresAt, orderHash, bytes32(0));
        }
        return standing;
    }

    function _emitMinted(LotId lotId, uint32 holder, uint256 fromToken, uint64 faceValue) private {
        emit Transfer(address(0), _asAddress(holder), LotId.unwrap(lotId));
        emit SlotChanged(LotId.unwrap(lotId), 0, lotId.receivableOf());
        emit TransferValue(fromToken, LotId.unwrap(lotId), faceValue);
    }

    function _passOn(LotId lotId, LotWord subject, uint32 to) private {
        _lots[lotId] = subject.passedOnTo(to);
        emit Transfer(_asAddress(subject.holder()), _asAddress(to), LotId.unwrap(lotId));
    }

    function _acceptedBy(LotId lotId, LotWord subject, StandingWord standing, uint32 to) private {
        standing = standing.advanced();
        _standings[lotId.receivableOf()] = standing;
        _passOn(lotId, subject, to);
        emit TransferAccepted(lotId.receivableOf(), standing.sequence(), lotId.sequenceOf(), subject.holder(), to);
    }

    function _offer(
        LotId lotId,
        uint32 sequence,
        uint32 from,
        uint32 to,
        uint64 expiresAt,
        bytes32 offer,
        bytes32 remarkHash
    ) private {
        if (expiresAt <= block.timestamp || expiresAt > type(uint40).max) {
            revert InstantOutOfRange(expiresAt);
        }
        _pending[lotId] = newPending(to, uint40(expiresAt), offer);
        emit TransferProposed(
            lotId.receivableOf(), sequence, lotId.sequenceOf(), from, to, uint40(expiresAt), offer, remarkHash
        );
    }

    function _withdrawOffer(LotId lotId, LotWord subject) private returns (uint32 sequence) {
        _pending[lotId] = PendingWord.wrap(0);
        return _free(lotId, subject);
    }

    /// @dev Frees a lot of its encumbrance and counts the act in its receivable's stream, whatever its status.
    function _free(LotId lotId, LotWord subject) private returns (uint32) {
        _lots[lotId] = subject.withEncumbrance(Encumbrance.NONE);
        return _advance(lotId.receivableOf());
    }

    function _advance(uint64 receivableId) private returns (uint32) {
        StandingWord standing = _standingAt(receivableId).advanced();
        _standings[receivableId] = standing;
        return standing.sequence();
    }

    /// @dev Pays one lot what is due to it, and fills in who gets how much.
    function _payLot(uint64 receivableId, uint64 poolFace, uint64 poolPaid, LotPayment memory payment)
        private
        returns (bool isPaid)
    {
        LotId lotId = toLotId(receivableId, payment.lotSequence);
        LotWord subject = _lots[lotId];
        uint64 amount = _dueTo(subject, poolFace, poolPaid);
        if (amount == 0) return false;
        uint32 payee = subject.holder();
        if (subject.isMarked()) {
            (payee, amount) = encumbrances.paymentOf(lotId, payee, subject.paid(), amount);
            if (payee == 0) return false;
        }
        if (registry.statusOf(payee) == ParticipantStatus.BLOCKED) return false;
        payment.payee = payee;
        payment.amount = amount;
        amount += subject.paid();
        subject = subject.withPaid(amount);
        if (amount == subject.faceValue()) {
            if (subject.encumbrance() == Encumbrance.LOCKED_TRANSFER) _pending[lotId] = PendingWord.wrap(0);
            subject = subject.settled();
        }
        _lots[lotId] = subject;
        return true;
    }

    /// @dev The anchor paid so much more; all of it, however late, and it is cured (R-08).
    function _paid(uint64 receivableId, StandingWord before, uint64 amount) private returns (StandingWord standing) {
        standing = before.withPaid(before.paid() + amount).advanced();
        if (standing.paid() == _undertakings[receivableId].faceValue()) {
            if (standing.arrears() != Arrears.NONE && --overdueCount[_obligorOf(standing)] == 0) --_anchorsInArrears;
            standing = standing.withStatus(ReceivableStatus.SETTLED).withArrears(Arrears.NONE);
        }
        _standings[receivableId] = standing;
    }

    function _checkTransfer(ProposeTransfer calldata order, Approval[] calldata approvals)
        private
        returns (bytes32 orderHash, LotWord subject, StandingWord standing, bool acceptanceRequired)
    {
        OrderHead calldata head;
        (orderHash, head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        ProgrammeRecord storage programme_;
        (standing, programme_) = _standingOf(lotId);
        ProgrammeWord rules = programme_.rules;
        registry.authorise(orderHash, head, Act.PROPOSE_TRANSFER, rules.currency(), order.faceValue, approvals);
        subject = _freeLot(lotId, standing, head.organisation, order.faceValue, order.paid);
        _checkMovement(lotId, programme_, rules, subject.holder(), order.to, uint256(subject.tier()) + 1);
        acceptanceRequired = rules.acceptanceRequired();
    }

    function _authoriseAnswer(bytes32 typeHash, Act act, TransferAnswer calldata answer, Approval[] calldata approvals)
        private
        returns (StandingWord standing, ProgrammeRecord storage programme_)
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(typeHash, answer);
        (standing, programme_) = _standingOf(answer.lotId);
        registry.authorise(orderHash, head, act, programme_.rules.currency(), answer.faceValue, approvals);
    }

    function _pendingOf(TransferAnswer calldata answer) private view returns (LotWord subject, PendingWord pending) {
        pending = _pending[answer.lotId];
        if (pending.to() == 0) revert TransferNotPending(answer.lotId);
        if (!pending.isOf(answer.offer)) revert WrongOffer(answer.lotId, answer.offer);
        subject = _lots[answer.lotId];
        _requireAsSigned(answer.lotId, subject, answer.faceValue, answer.paid);
    }

    function _standingAt(uint64 receivableId) private view returns (StandingWord standing) {
        standing = _standings[receivableId];
        if (StandingWord.unwrap(standing) == 0) standing = standingAfterIssue(_undertakings[receivableId]);
    }

    function _standingOf(LotId lotId) private view returns (StandingWord standing, ProgrammeRecord storage programme_) {
        standing = _standingAt(lotId.receivableOf());
        programme_ = _programmes[standing.programmeId()];
    }

    /// @dev A live, unencumbered lot of an active receivable, held by `organisation`, as signed, with nothing due.
    function _freeLot(LotId lotId, StandingWord standing, uint32 organisation, uint64 faceValue, uint64 paid)
        private
        view
        returns (LotWord subject)
    {
        subject = _lots[lotId];
        if (subject.holder() == 0) revert LotUnknown(lotId);
        _requireHolder(lotId, subject, organisation);
        if (subject.isBound()) {
            if (subject.isSettled()) revert LotAlreadySettled(lotId);
            revert LotEncumbered(lotId, subject.encumbrance());
        }
        _requireAsSigned(lotId, subject, faceValue, paid);
        _requireMovable(lotId, subject, standing);
    }

    /// @dev Of an active receivable, not frozen, and paid what is due to it: nobody moves a payment with a title.
    function _requireMovable(LotId lotId, LotWord subject, StandingWord standing) private view {
        _requireThawed(lotId, subject);
        _requireActive(lotId.receivableOf(), standing);
        _requireNothingDue(lotId, subject, standing);
    }

    function _requireNothingDue(LotId lotId, LotWord subject, StandingWord standing) private view {
        if (standing.paid() == 0) return;
        (uint64 poolFace, uint64 poolPaid) = _poolOf(lotId.receivableOf(), standing);
        if (_dueTo(subject, poolFace, poolPaid) != 0) revert LotPartlyPaid(lotId, subject.paid());
    }

    /// @dev What the anchor paid from its deposit for those lots that were not paid outside the chain, and their faces:
    /// each is owed the share of its face in both.
    function _poolOf(uint64 receivableId, StandingWord standing) private view returns (uint64 face, uint64 paid) {
        (face, paid) = (_undertakings[receivableId].faceValue(), standing.paid());
        if (standing.hasAttested()) {
            uint64 attested = _attested[receivableId];
            (face, paid) = (face - attested, paid - attested);
        }
    }

    /// @dev Freezes end by the clock, so what the lot's mark means is asked; a lot without one costs nothing.
    function _requireThawed(LotId lotId, LotWord subject) private view {
        if (!subject.isMarked()) return;
        uint40 until = encumbrances.frozenUntil(lotId);
        if (until != 0) revert LotFrozen(lotId, until);
    }

    function _requireHolder(LotId lotId, LotWord subject, uint32 organisation) private pure {
        if (subject.holder() != organisation) revert NotHolder(lotId, subject.holder(), organisation);
    }

    function _requireAsSigned(LotId lotId, LotWord subject, uint64 faceValue, uint64 paid) private pure {
        if (subject.faceValue() != faceValue || subject.paid() != paid) {
            revert LotChanged(lotId, subject.faceValue(), subject.paid());
        }
    }

    function _requireInTime(LotId lotId, uint64 expiresAt) private view {
        if (block.timestamp > expiresAt) revert OfferExpired(lotId, uint40(expiresAt));
    }

    function _requirePart(LotId lotId, LotWord subject, uint64 partFaceValue) private pure {
        if (partFaceValue == 0) revert AmountMissing();
        if (partFaceValue > subject.faceValue()) revert PartTooLarge(lotId, partFaceValue, subject.faceValue());
        if (subject.paid() != 0) revert LotPartlyPaid(lotId, subject.paid());
    }

    /// @dev Shares are by face, so nothing is divided once any of it was paid; and a claim against the seller is for
    /// the lot that was sold.
    function _requireUndivided(LotId lotId, LotWord subject, StandingWord standing) private view {
        if (standing.paid() != 0) {
            (, uint64 poolPaid) = _poolOf(lotId.receivableOf(), standing);
            if (poolPaid != 0) revert LotPartlyPaid(lotId, subject.paid());
        }
        if (subject.isIndivisible()) revert LotIndivisible(lotId);
    }

    function _obligorOf(StandingWord standing) private view returns (uint32) {
        return _programmes[standing.programmeId()].rules.anchor();
    }

    function _requireMinimum(uint64 faceValue, uint64 minimum) private pure {
        if (faceValue < minimum || faceValue == 0) revert LotTooSmall(faceValue, minimum);
    }

    function _requireCompanion(address companion) private view {
        if (msg.sender != companion) revert CompanionRequired(msg.sender);
    }

    function _requireActive(uint64 receivableId, StandingWord standing) private pure {
        ReceivableStatus status = standing.status();
        if (status == ReceivableStatus.ACTIVE) return;
        if (status == ReceivableStatus.NONE) revert ReceivableUnknown(receivableId);
        revert ReceivableNotActive(receivableId, status);
    }

    function _requireOffered(uint64 receivableId, StandingWord standing) private pure {
        ReceivableStatus status = standing.status();
        if (status == ReceivableStatus.NONE) revert ReceivableUnknown(receivableId);
        if (status != ReceivableStatus.OFFERED) revert ReceivableNotOffered(receivableId, status);
    }

    /// @param rules The programme's, read before.
    function _checkMovement(
        LotId lotId,
        ProgrammeRecord storage programme_,
        ProgrammeWord rules,
        uint32 from,
        uint32 to,
        uint256 tier
    ) private view {
        Movement memory movement = Movement({
            from: from,
            to: to,
            obligor: rules.anchor(),
            tier: uint16(tier),
            maximumTier: rules.maximumTier(),
            deposit: rules.deposit()
        });
        bytes4 reason = rules.hasOwnRules()
            ? ITransferRules(programme_.limits.transferRules()).check(movement)
            : StandardRules.refusal(registry, movement);
        if (reason != bytes4(0)) revert TransferRefused(lotId, to, reason);
    }

    /// @dev What is due to a lot now: its floored share of what was paid for all in the pool, less what it had.
    function _dueTo(LotWord subject, uint64 poolFace, uint64 poolPaid) private pure returns (uint64) {
        if (subject.holder() == 0 || subject.isSettled() || poolFace == 0) return 0;
        return uint64(uint256(subject.faceValue()) * poolPaid / poolFace) - subject.paid();
    }

    function _minimumLot(LotId lotId, StandingWord standing, ProgrammeRecord storage programme_)
        private
        view
        returns (uint64 minimum)
    {
        minimum = standing.minimumLot();
        if (minimum == LOOK_UP_MINIMUM) {
            minimum = programme_.limits.minimumLot(_undertakings[lotId.receivableOf()].faceValue());
        }
    }

    function _asAddress(uint32 organisation) private pure returns (address) {
        return address(uint160(organisation));
    }
}
