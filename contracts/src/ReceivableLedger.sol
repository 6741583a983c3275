// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITransferRules, Movement} from "./interfaces/ITransferRules.sol";
import {LotId, ROOT_SEQUENCE, toLotId} from "./types/Ids.sol";
import {
    Delivery,
    Encumbrance,
    Lot,
    LotPart,
    LotPayment,
    NewReceivable,
    PendingTransfer,
    Programme,
    ReceivableProgress,
    ReceivableStatus,
    ReceivableTerms
} from "./types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    Offer,
    PART_TYPEHASH,
    PROPOSE_TRANSFER_TYPEHASH,
    Part,
    ProposeTransfer,
    REJECT_TRANSFER_TYPEHASH,
    REVOKE_TRANSFER_TYPEHASH,
    SPLIT_LOT_TYPEHASH,
    SplitLot,
    TransferAnswer
} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus, Signed} from "./types/Participants.sol";

/// @notice Specified in IReceivableLedger.
contract ReceivableLedger is IReceivableLedger, AccessManaged {
    IParticipantRegistry public immutable registry;
    address public immutable issuance;
    address public immutable market;
    address public immutable settlement;

    uint64 public receivableCount;
    uint32 public programmeCount;
    mapping(uint64 receivableId => ReceivableTerms) private _terms;
    mapping(uint64 receivableId => ReceivableProgress) private _progress;
    mapping(LotId lotId => Lot) private _lots;
    mapping(LotId lotId => PendingTransfer) private _pending;
    mapping(uint32 programmeId => Programme) private _programmes;

    constructor(
        address initialAuthority,
        IParticipantRegistry registry_,
        address issuance_,
        address market_,
        address settlement_
    ) AccessManaged(initialAuthority) {
        registry = registry_;
        issuance = issuance_;
        market = market_;
        settlement = settlement_;
    }

    modifier only(address companion) {
        _requireCompanion(companion);
        _;
    }

    /// @notice Replaces the rules of a programme: the only part that can be.
    function replaceTransferRules(uint32 programmeId, address transferRules) external restricted {
        if (_programmes[programmeId].anchor == 0) revert ProgrammeUnknown(programmeId);
        _programmes[programmeId].transferRules = transferRules;
        emit TransferRulesReplaced(programmeId, transferRules);
    }

    // --- Holders' orders

    /// @inheritdoc IReceivableLedger
    function splitLot(SplitLot calldata order, Approval[] calldata approvals) external {
        bytes32 orderHash = _hashSplit(order);
        // Check
        _requireTarget(order.target);
        if (order.parts.length == 0) revert PartsMissing();
        _authorise(
            orderHash,
            order.organisation,
            order.nonce,
            order.deadline,
            Act.SPLIT_LOT,
            order.lotId,
            order.faceValue,
            approvals
        );
        uint64 receivableId = order.lotId.receivableOf();
        ReceivableTerms memory terms = _loadTerms(receivableId);
        Lot memory parent = _freeLot(order.lotId, order.organisation, order.faceValue, order.paid);
        if (parent.paid != 0) revert LotPartlyPaid(order.lotId, parent.paid);
        // Effect
        ReceivableProgress memory progress = _activeProgress(receivableId);
        LotPart[] memory parts = _splitOff(order, terms, parent, progress);
        _storeLot(order.lotId, parent);
        progress.sequence += 1;
        emit LotSplit(receivableId, progress.sequence, order.lotId.sequenceOf(), parent.faceValue, parts);
        if (_programmes[terms.programmeId].acceptanceRequired) _offerParts(order, progress, parts, orderHash);
        _storeProgress(receivableId, progress);
    }

    /// @inheritdoc IReceivableLedger
    function proposeTransfer(ProposeTransfer calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, Lot memory subject, bool acceptanceRequired) = _checkTransfer(order, approvals);
        // Effect
        uint64 receivableId = order.lotId.receivableOf();
        ReceivableProgress memory progress = _activeProgress(receivableId);
        if (acceptanceRequired) {
            subject.encumbrance = Encumbrance.LOCKED_TRANSFER;
            _storeLot(order.lotId, subject);
            _offer(order.lotId, progress, order.organisation, order.to, order.expiresAt, orderHash, order.remarkHash);
        } else {
            _move(order.lotId, subject, order.to);
            progress.sequence += 1;
            emit LotTransferred(
                receivableId,
                progress.sequence,
                order.lotId.sequenceOf(),
                order.organisation,
                order.to,
                order.remarkHash
            );
        }
        _storeProgress(receivableId, progress);
    }

    /// @inheritdoc IReceivableLedger
    function transferLot(
        ProposeTransfer calldata order,
        Approval[] calldata approvals,
        TransferAnswer calldata answer,
        Approval[] calldata answerApprovals
    ) external {
        (bytes32 orderHash, Lot memory subject,) = _checkTransfer(order, approvals);
        // Check: the receiver answers this very offer.
        _authoriseAnswer(ACCEPT_TRANSFER_TYPEHASH, Act.ACCEPT_TRANSFER, answer, answerApprovals);
        if (LotId.unwrap(answer.lotId) != LotId.unwrap(order.lotId) || answer.offer != orderHash) {
            revert WrongOffer(order.lotId, answer.offer);
        }
        if (answer.organisation != order.to) revert NotReceiver(order.lotId, order.to, answer.organisation);
        _requireAsSigned(order.lotId, subject, answer.faceValue, answer.paid);
        // Effect
        uint64 receivableId = order.lotId.receivableOf();
        uint32 sequence = _advance(receivableId);
        _move(order.lotId, subject, order.to);
        emit TransferAccepted(receivableId, sequence, order.lotId.sequenceOf(), order.organisation, order.to);
    }

    /// @inheritdoc IReceivableLedger
    function acceptTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external {
        // Check
        _authoriseAnswer(ACCEPT_TRANSFER_TYPEHASH, Act.ACCEPT_TRANSFER, answer, approvals);
        (Lot memory subject, PendingTransfer memory pending) = _pendingOf(answer);
        if (answer.organisation != pending.to) revert NotReceiver(answer.lotId, pending.to, answer.organisation);
        if (block.timestamp > pending.expiresAt) revert OfferExpired(answer.lotId, pending.expiresAt);
        uint64 receivableId = answer.lotId.receivableOf();
        ReceivableTerms memory terms = _loadTerms(receivableId);
        uint32 from = subject.holder;
        _checkMovement(answer.lotId, terms, _programmes[terms.programmeId], from, pending.to, subject.tier + 1);
        // Effect
        uint32 sequence = _advance(receivableId);
        delete _pending[answer.lotId];
        subject.encumbrance = Encumbrance.NONE;
        _move(answer.lotId, subject, pending.to);
        emit TransferAccepted(receivableId, sequence, answer.lotId.sequenceOf(), from, pending.to);
    }

    /// @inheritdoc IReceivableLedger
    function rejectTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external {
        _authoriseAnswer(REJECT_TRANSFER_TYPEHASH, Act.REJECT_TRANSFER, answer, approvals);
        (Lot memory subject, PendingTransfer memory pending) = _pendingOf(answer);
        if (answer.organisation != pending.to) revert NotReceiver(answer.lotId, pending.to, answer.organisation);
        uint32 sequence = _withdrawOffer(answer.lotId, subject);
        emit TransferRejected(
            answer.lotId.receivableOf(), sequence, answer.lotId.sequenceOf(), subject.holder, pending.to
        );
    }

    /// @inheritdoc IReceivableLedger
    function revokeTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external {
        _authoriseAnswer(REVOKE_TRANSFER_TYPEHASH, Act.REVOKE_TRANSFER, answer, approvals);
        (Lot memory subject, PendingTransfer memory pending) = _pendingOf(answer);
        if (answer.organisation != subject.holder) {
            revert NotHolder(answer.lotId, subject.holder, answer.organisation);
        }
        uint32 sequence = _withdrawOffer(answer.lotId, subject);
        emit TransferRevoked(
            answer.lotId.receivableOf(), sequence, answer.lotId.sequenceOf(), subject.holder, pending.to
        );
    }

    /// @inheritdoc IReceivableLedger
    function lapseTransfer(LotId lotId) external {
        PendingTransfer memory pending = _pending[lotId];
        if (pending.to == 0) revert TransferNotPending(lotId);
        if (block.timestamp <= pending.expiresAt) revert OfferNotExpired(lotId, pending.expiresAt);
        Lot memory subject = _loadLot(lotId);
        uint32 sequence = _withdrawOffer(lotId, subject);
        emit TransferLapsed(lotId.receivableOf(), sequence, lotId.sequenceOf(), subject.holder, pending.to);
    }

    // --- Issuance

    /// @inheritdoc IReceivableLedger
    function recordProgramme(Programme calldata programme_, bytes32 termsHash)
        external
        only(issuance)
        returns (uint32 programmeId)
    {
        programmeId = ++programmeCount;
        _programmes[programmeId] = programme_;
        emit ProgrammeOpened(programmeId, programme_.anchor, programme_, termsHash);
    }

    /// @inheritdoc IReceivableLedger
    function open(uint32 obligor, uint32 programmeId, NewReceivable[] calldata receivables)
        external
        only(issuance)
        returns (uint64 firstReceivableId)
    {
        uint64 receivableId = receivableCount;
        firstReceivableId = receivableId + 1;
        for (uint256 i; i < receivables.length; ++i) {
            _open(++receivableId, obligor, programmeId, receivables[i]);
        }
        receivableCount = receivableId;
    }

    /// @inheritdoc IReceivableLedger
    function accept(uint32 supplier, Offer[] calldata offers) external only(issuance) {
        for (uint256 i; i < offers.length; ++i) {
            Offer calldata offer = offers[i];
            ReceivableProgress memory progress = _offered(offer.receivableId);
            ReceivableTerms memory terms = _loadTerms(offer.receivableId);
            // Check: what was signed is what is on offer, to this supplier.
            if (
                terms.supplier != supplier || terms.obligor != offer.obligor || terms.programmeId != offer.programmeId
                    || terms.faceValue != offer.faceValue || terms.maturityAt != offer.maturityAt
                    || terms.graceEndsAt != offer.graceEndsAt
            ) revert OfferChanged(offer.receivableId);
            // Effect
            progress.status = ReceivableStatus.ACTIVE;
            progress.sequence += 1;
            _storeProgress(offer.receivableId, progress);
            emit ReceivableAccepted(offer.receivableId, progress.sequence);
        }
    }

    /// @inheritdoc IReceivableLedger
    function void(uint64 receivableId, uint32 supplier, uint64 faceValue, bytes32 fingerprint, bytes32 reasonHash)
        external
        only(issuance)
    {
        ReceivableProgress memory progress = _offered(receivableId);
        ReceivableTerms memory terms = _loadTerms(receivableId);
        if (terms.supplier != supplier || terms.faceValue != faceValue || progress.documentTag != bytes7(fingerprint)) {
            revert OfferChanged(receivableId);
        }
        // Effect: the undertaking is gone, and with it the only lot.
        LotId root = toLotId(receivableId, ROOT_SEQUENCE);
        Lot memory subject = _loadLot(root);
        subject.settled = true;
        _storeLot(root, subject);
        progress.status = ReceivableStatus.VOID;
        progress.sequence += 1;
        _storeProgress(receivableId, progress);
        emit ReceivableRefused(receivableId, progress.sequence, reasonHash);
        emit Transfer(_asAddress(supplier), address(0), LotId.unwrap(root));
    }

    // --- Market

    /// @inheritdoc IReceivableLedger
    function lockForFinancing(LotId lotId, uint64 faceValue, uint64 paid, uint64 partFaceValue, Signed calldata signed)
        external
        only(market)
        returns (uint32 holder, uint32 sequence)
    {
        // Check
        holder = _lots[lotId].holder;
        _authoriseSigned(lotId, holder, partFaceValue, signed);
        Lot memory subject = _freeLot(lotId, holder, faceValue, paid);
        _requirePart(lotId, subject, partFaceValue);
        // Effect
        sequence = _advance(lotId.receivableOf());
        subject.encumbrance = Encumbrance.LOCKED_FINANCING;
        _storeLot(lotId, subject);
    }

    /// @inheritdoc IReceivableLedger
    function unlock(LotId lotId) external only(market) returns (uint32 holder, uint32 sequence) {
        Lot memory subject = _loadLot(lotId);
        if (subject.encumbrance != Encumbrance.LOCKED_FINANCING) revert LotEncumbered(lotId, subject.encumbrance);
        return (subject.holder, _free(lotId, subject));
    }

    /// @inheritdoc IReceivableLedger
    function deliver(Delivery calldata delivery, Signed calldata signed)
        external
        only(market)
        returns (uint32 deliveredSequence, uint32 sequence)
    {
        // Check: the holder the quote names still holds the lot as quoted, and has signed.
        LotId lotId = delivery.lotId;
        Lot memory subject = _loadLot(lotId);
        if (subject.holder != delivery.holder) revert NotHolder(lotId, subject.holder, delivery.holder);
        _authoriseSigned(lotId, delivery.holder, delivery.partFaceValue, signed);
        if (subject.encumbrance != Encumbrance.LOCKED_FINANCING) revert LotEncumbered(lotId, subject.encumbrance);
        _requireAsSigned(lotId, subject, delivery.faceValue, delivery.paid);
        _requirePart(lotId, subject, delivery.partFaceValue);
        ReceivableTerms memory terms = _loadTerms(lotId.receivableOf());
        // A funder is not a further tier of the supply chain.
        _checkMovement(lotId, terms, _programmes[terms.programmeId], delivery.holder, delivery.to, subject.tier);
        // Effect
        ReceivableProgress memory progress = _activeProgress(lotId.receivableOf());
        subject.encumbrance = Encumbrance.NONE;
        if (delivery.partFaceValue == subject.faceValue) {
            deliveredSequence = lotId.sequenceOf();
            subject.holder = delivery.to;
            subject.transferCount += 1;
            emit Transfer(_asAddress(delivery.holder), _asAddress(delivery.to), LotId.unwrap(lotId));
        } else {
            deliveredSequence = _deliverPart(delivery, subject, progress, terms);
        }
        progress.sequence += 1;
        sequence = progress.sequence;
        _storeLot(lotId, subject);
        _storeProgress(lotId.receivableOf(), progress);
        _emitFinanced(delivery, deliveredSequence, sequence);
    }

    // --- Settlement

    /// @inheritdoc IReceivableLedger
    function recordSettlement(uint64 receivableId, uint64 faceValue, uint64 paid, uint64 amount)
        external
        only(settlement)
    {
        ReceivableTerms memory terms = _loadTerms(receivableId);
        ReceivableProgress memory progress = _activeProgress(receivableId);
        // Check: as signed; in full before the due instant, or a cent would close everybody's title.
        if (terms.faceValue != faceValue || progress.paid != paid) {
            revert ReceivableChanged(receivableId, terms.faceValue, progress.paid);
        }
        uint64 outstanding = terms.faceValue - progress.paid;
        if (amount == 0) revert AmountMissing();
        if (amount > outstanding) revert PaymentTooLarge(receivableId, amount, outstanding);
        if (block.timestamp < terms.maturityAt && amount != outstanding) {
            revert PaymentBeforeMaturity(receivableId, terms.maturityAt, amount, outstanding);
        }
        // Effect
        progress.paid += amount;
        progress.sequence += 1;
        if (progress.paid == terms.faceValue) progress.status = ReceivableStatus.SETTLED;
        _storeProgress(receivableId, progress);
        emit ReceivableSettled(receivableId, progress.sequence, amount, progress.paid, progress.status);
    }

    /// @inheritdoc IReceivableLedger
    function payLots(uint64 receivableId, uint32[] calldata lotSequences)
        external
        only(settlement)
        returns (LotPayment[] memory payments)
    {
        uint64 receivableFace = _terms[receivableId].faceValue;
        ReceivableProgress memory progress = _loadProgress(receivableId);
        payments = new LotPayment[](lotSequences.length);
        uint256 count;
        for (uint256 i; i < lotSequences.length; ++i) {
            LotId lotId = toLotId(receivableId, lotSequences[i]);
            Lot memory subject = _loadLot(lotId);
            uint64 amount = _entitlement(subject, receivableFace, progress.paid);
            // One lot must not spoil the others: what cannot be paid now is passed over.
            if (amount == 0 || registry.statusOf(subject.holder) == ParticipantStatus.BLOCKED) continue;
            subject.paid += amount;
            if (subject.paid == subject.faceValue) {
                subject.settled = true;
                if (subject.encumbrance == Encumbrance.LOCKED_TRANSFER) delete _pending[lotId];
                subject.encumbrance = Encumbrance.NONE;
            }
            _storeLot(lotId, subject);
            progress.cleared += amount;
            payments[count++] = LotPayment(lotSequences[i], subject.holder, amount);
        }
        assembly ("memory-safe") {
            mstore(payments, count)
        }
        if (count == 0) return payments;
        progress.sequence += 1;
        _storeProgress(receivableId, progress);
        emit LotsPaid(receivableId, progress.sequence, payments);
    }

    // --- Views

    function lot(LotId lotId) external view returns (Lot memory) {
        return _loadLot(lotId);
    }

    function receivableTerms(uint64 receivableId) external view returns (ReceivableTerms memory) {
        return _loadTerms(receivableId);
    }

    function receivableProgress(uint64 receivableId) external view returns (ReceivableProgress memory) {
        return _loadProgress(receivableId);
    }

    function programme(uint32 programmeId) external view returns (Programme memory) {
        return _programmes[programmeId];
    }

    function pendingTransfer(LotId lotId) external view returns (PendingTransfer memory) {
        return _pending[lotId];
    }

    function minimumLot(uint64 receivableId) external view returns (uint64) {
        ReceivableTerms memory terms = _loadTerms(receivableId);
        return _minimumLot(_programmes[terms.programmeId], terms.faceValue);
    }

    // --- Internals

    function _open(uint64 receivableId, uint32 obligor, uint32 programmeId, NewReceivable calldata entry) private {
        _terms[receivableId] = ReceivableTerms({
            obligor: obligor,
            supplier: entry.supplier,
            programmeId: programmeId,
            maturityAt: entry.maturityAt,
            graceEndsAt: entry.graceEndsAt,
            faceValue: entry.faceValue
        });
        _storeProgress(
            receivableId,
            ReceivableProgress({
                status: ReceivableStatus.OFFERED,
                paid: 0,
                cleared: 0,
                lotCount: ROOT_SEQUENCE,
                sequence: 1,
                documentTag: bytes7(entry.documentFingerprint)
            })
        );
        LotId root = toLotId(receivableId, ROOT_SEQUENCE);
        _storeLot(
            root,
            Lot({
                holder: entry.supplier,
                faceValue: entry.faceValue,
                paid: 0,
                parent: 0,
                tier: 1,
                transferCount: 0,
                encumbrance: Encumbrance.NONE,
                settled: false
            })
        );
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
        _emitMinted(root, receivableId, entry.supplier, 0, entry.faceValue);
    }

    /// @dev A part of `parent` in the hands of the same holder.
    function _childOf(LotId parentId, Lot memory parent, uint64 faceValue) private pure returns (Lot memory) {
        return Lot({
            holder: parent.holder,
            faceValue: faceValue,
            paid: 0,
            parent: parentId.sequenceOf(),
            tier: parent.tier,
            transferCount: parent.transferCount,
            encumbrance: Encumbrance.NONE,
            settled: false
        });
    }

    /// @dev Takes a child's face from its parent and numbers it. Parent and progress are changed in memory only: the
    /// caller stores them.
    function _takeOff(
        LotId parentId,
        Lot memory parent,
        ReceivableProgress memory progress,
        Lot memory child,
        uint64 minimum
    ) private returns (LotPart memory) {
        _requireMinimum(child.faceValue, minimum);
        if (child.faceValue >= parent.faceValue) revert PartTooLarge(parentId, child.faceValue, parent.faceValue);
        parent.faceValue -= child.faceValue;
        progress.lotCount += 1;
        uint64 receivableId = parentId.receivableOf();
        LotId childId = toLotId(receivableId, progress.lotCount);
        _storeLot(childId, child);
        _emitMinted(childId, receivableId, child.holder, LotId.unwrap(parentId), child.faceValue);
        return LotPart({lotSequence: progress.lotCount, holder: child.holder, faceValue: child.faceValue});
    }

    /// @dev Takes every part of a split off its lot. A part for another organisation is handed over, or locked for it
    /// where the programme requires its acceptance.
    function _splitOff(
        SplitLot calldata order,
        ReceivableTerms memory terms,
        Lot memory parent,
        ReceivableProgress memory progress
    ) private returns (LotPart[] memory parts) {
        Programme storage rules = _programmes[terms.programmeId];
        uint64 minimum = _minimumLot(rules, terms.faceValue);
        parts = new LotPart[](order.parts.length);
        for (uint256 i; i < parts.length; ++i) {
            uint32 to = order.parts[i].to;
            Lot memory child = _childOf(order.lotId, parent, order.parts[i].faceValue);
            if (to != parent.holder) {
                _checkMovement(order.lotId, terms, rules, parent.holder, to, parent.tier + 1);
                if (rules.acceptanceRequired) child.encumbrance = Encumbrance.LOCKED_TRANSFER;
                else _passOn(child, to);
            }
            parts[i] = _takeOff(order.lotId, parent, progress, child, minimum);
        }
        _requireMinimum(parent.faceValue, minimum);
    }

    function _deliverPart(
        Delivery calldata delivery,
        Lot memory subject,
        ReceivableProgress memory progress,
        ReceivableTerms memory terms
    ) private returns (uint32) {
        uint64 minimum = _minimumLot(_programmes[terms.programmeId], terms.faceValue);
        Lot memory child = _childOf(delivery.lotId, subject, delivery.partFaceValue);
        child.holder = delivery.to;
        child.transferCount += 1;
        LotPart memory part = _takeOff(delivery.lotId, subject, progress, child, minimum);
        _requireMinimum(subject.faceValue, minimum);
        return part.lotSequence;
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
    function _offerParts(
        SplitLot calldata order,
        ReceivableProgress memory progress,
        LotPart[] memory parts,
        bytes32 orderHash
    ) private {
        for (uint256 i; i < parts.length; ++i) {
            uint32 to = order.parts[i].to;
            if (to == order.organisation) continue;
            LotId child = toLotId(order.lotId.receivableOf(), parts[i].lotSequence);
            _offer(child, progress, order.organisation, to, order.expiresAt, orderHash, bytes32(0));
        }
    }

    function _emitMinted(LotId lotId, uint64 receivableId, uint32 holder, uint256 fromToken, uint64 faceValue) private {
        emit Transfer(address(0), _asAddress(holder), LotId.unwrap(lotId));
        emit SlotChanged(LotId.unwrap(lotId), 0, receivableId);
        emit TransferValue(fromToken, LotId.unwrap(lotId), faceValue);
    }

    function _move(LotId lotId, Lot memory subject, uint32 to) private {
        emit Transfer(_asAddress(subject.holder), _asAddress(to), LotId.unwrap(lotId));
        _passOn(subject, to);
        _storeLot(lotId, subject);
    }

    /// @dev A lot handed to another organisation is one tier further down the chain.
    function _passOn(Lot memory subject, uint32 to) private pure {
        subject.holder = to;
        subject.tier += 1;
        subject.transferCount += 1;
    }

    function _offer(
        LotId lotId,
        ReceivableProgress memory progress,
        uint32 from,
        uint32 to,
        uint64 expiresAt,
        bytes32 offer,
        bytes32 remarkHash
    ) private {
        if (expiresAt <= block.timestamp || expiresAt > type(uint40).max) {
            revert InstantOutOfRange(expiresAt);
        }
        _pending[lotId] = PendingTransfer({to: to, expiresAt: uint40(expiresAt), offer: bytes23(offer)});
        progress.sequence += 1;
        emit TransferProposed(
            lotId.receivableOf(), progress.sequence, lotId.sequenceOf(), from, to, uint40(expiresAt), offer, remarkHash
        );
    }

    function _withdrawOffer(LotId lotId, Lot memory subject) private returns (uint32 sequence) {
        delete _pending[lotId];
        return _free(lotId, subject);
    }

    /// @dev Frees a lot of its encumbrance and counts the act in its receivable's stream, whatever its status.
    function _free(LotId lotId, Lot memory subject) private returns (uint32 sequence) {
        subject.encumbrance = Encumbrance.NONE;
        _storeLot(lotId, subject);
        return ++_progress[lotId.receivableOf()].sequence;
    }

    function _checkTransfer(ProposeTransfer calldata order, Approval[] calldata approvals)
        private
        returns (bytes32 orderHash, Lot memory subject, bool acceptanceRequired)
    {
        orderHash = keccak256(abi.encode(PROPOSE_TRANSFER_TYPEHASH, order));
        _requireTarget(order.target);
        _authorise(
            orderHash,
            order.organisation,
            order.nonce,
            order.deadline,
            Act.PROPOSE_TRANSFER,
            order.lotId,
            order.faceValue,
            approvals
        );
        subject = _freeLot(order.lotId, order.organisation, order.faceValue, order.paid);
        uint64 receivableId = order.lotId.receivableOf();
        ReceivableTerms memory terms = _loadTerms(receivableId);
        _requireUpToDate(order.lotId, subject, terms.faceValue, receivableId);
        Programme storage rules = _programmes[terms.programmeId];
        _checkMovement(order.lotId, terms, rules, order.organisation, order.to, subject.tier + 1);
        acceptanceRequired = rules.acceptanceRequired;
    }

    function _authorise(
        bytes32 orderHash,
        uint32 organisation,
        uint256 nonce,
        uint64 deadline,
        Act act,
        LotId lotId,
        uint64 amount,
        Approval[] calldata approvals
    ) private {
        bytes3 currency = _programmes[_terms[lotId.receivableOf()].programmeId].currency;
        registry.authorise(orderHash, organisation, nonce, deadline, act, currency, amount, approvals);
    }

    /// @dev The signature of the holder the ledger itself knows, whatever a companion says.
    function _authoriseSigned(LotId lotId, uint32 holder, uint64 amount, Signed calldata signed) private {
        if (holder == 0) revert LotUnknown(lotId);
        _authorise(signed.orderHash, holder, signed.nonce, signed.deadline, signed.act, lotId, amount, signed.approvals);
    }

    function _authoriseAnswer(bytes32 typeHash, Act act, TransferAnswer calldata answer, Approval[] calldata approvals)
        private
    {
        _requireTarget(answer.target);
        _authorise(
            keccak256(abi.encode(typeHash, answer)),
            answer.organisation,
            answer.nonce,
            answer.deadline,
            act,
            answer.lotId,
            answer.faceValue,
            approvals
        );
    }

    function _pendingOf(TransferAnswer calldata answer)
        private
        view
        returns (Lot memory subject, PendingTransfer memory pending)
    {
        pending = _pending[answer.lotId];
        if (pending.to == 0) revert TransferNotPending(answer.lotId);
        if (pending.offer != bytes23(answer.offer)) revert WrongOffer(answer.lotId, answer.offer);
        subject = _loadLot(answer.lotId);
        _requireAsSigned(answer.lotId, subject, answer.faceValue, answer.paid);
    }

    /// @dev A live, unencumbered lot of an active receivable, held by `organisation`, as signed.
    function _freeLot(LotId lotId, uint32 organisation, uint64 faceValue, uint64 paid)
        private
        view
        returns (Lot memory subject)
    {
        subject = _loadLot(lotId);
        if (subject.holder == 0) revert LotUnknown(lotId);
        if (subject.holder != organisation) revert NotHolder(lotId, subject.holder, organisation);
        if (subject.settled) revert LotAlreadySettled(lotId);
        if (subject.encumbrance != Encumbrance.NONE) revert LotEncumbered(lotId, subject.encumbrance);
        _requireAsSigned(lotId, subject, faceValue, paid);
    }

    function _requireAsSigned(LotId lotId, Lot memory subject, uint64 faceValue, uint64 paid) private pure {
        if (subject.faceValue != faceValue || subject.paid != paid) {
            revert LotChanged(lotId, subject.faceValue, subject.paid);
        }
    }

    /// @dev A part-paid lot moves only once it has received what is due to it.
    function _requireUpToDate(LotId lotId, Lot memory subject, uint64 receivableFace, uint64 receivableId)
        private
        view
    {
        uint64 paid = _progress[receivableId].paid;
        if (paid != 0 && _entitlement(subject, receivableFace, paid) != 0) revert LotPartlyPaid(lotId, subject.paid);
    }

    function _requirePart(LotId lotId, Lot memory subject, uint64 partFaceValue) private pure {
        if (partFaceValue == 0) revert AmountMissing();
        if (partFaceValue > subject.faceValue) revert PartTooLarge(lotId, partFaceValue, subject.faceValue);
        if (subject.paid != 0) revert LotPartlyPaid(lotId, subject.paid);
    }

    function _requireMinimum(uint64 faceValue, uint64 minimum) private pure {
        if (faceValue < minimum || faceValue == 0) revert LotTooSmall(faceValue, minimum);
    }

    function _requireCompanion(address companion) private view {
        if (msg.sender != companion) revert CompanionRequired(msg.sender);
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
    }

    function _checkMovement(
        LotId lotId,
        ReceivableTerms memory terms,
        Programme storage rules,
        uint32 from,
        uint32 to,
        uint8 tier
    ) private view {
        bytes4 reason = ITransferRules(rules.transferRules)
            .check(
                Movement({
                from: from,
                to: to,
                obligor: terms.obligor,
                tier: tier,
                maximumTier: rules.maximumTier,
                deposit: rules.deposit
            })
            );
        if (reason != bytes4(0)) revert TransferRefused(lotId, to, reason);
    }

    function _offered(uint64 receivableId) private view returns (ReceivableProgress memory progress) {
        progress = _loadProgress(receivableId);
        if (progress.status == ReceivableStatus.NONE) revert ReceivableUnknown(receivableId);
        if (progress.status != ReceivableStatus.OFFERED) revert ReceivableNotOffered(receivableId, progress.status);
    }

    function _activeProgress(uint64 receivableId) private view returns (ReceivableProgress memory progress) {
        progress = _loadProgress(receivableId);
        if (progress.status == ReceivableStatus.NONE) revert ReceivableUnknown(receivableId);
        if (progress.status != ReceivableStatus.ACTIVE) revert ReceivableNotActive(receivableId, progress.status);
    }

    /// @dev The next number of the receivable's stream of events; the receivable must be active.
    function _advance(uint64 receivableId) private returns (uint32 sequence) {
        ReceivableProgress memory progress = _activeProgress(receivableId);
        sequence = progress.sequence + 1;
        _progress[receivableId].sequence = sequence;
    }

    // One place each to load and store a word: the compiler repeats the packing at every use otherwise.

    function _loadLot(LotId lotId) private view returns (Lot memory) {
        return _lots[lotId];
    }

    function _storeLot(LotId lotId, Lot memory subject) private {
        _lots[lotId] = subject;
    }

    function _loadTerms(uint64 receivableId) private view returns (ReceivableTerms memory) {
        return _terms[receivableId];
    }

    function _loadProgress(uint64 receivableId) private view returns (ReceivableProgress memory) {
        return _progress[receivableId];
    }

    function _storeProgress(uint64 receivableId, ReceivableProgress memory progress) private {
        _progress[receivableId] = progress;
    }

    /// @dev What is due to a lot now: its floored share of what was paid on the receivable, less what it had.
    function _entitlement(Lot memory subject, uint64 receivableFace, uint64 paid) private pure returns (uint64) {
        if (subject.holder == 0 || subject.settled || receivableFace == 0) return 0;
        return uint64(uint256(subject.faceValue) * paid / receivableFace) - subject.paid;
    }

    /// @dev The larger of the programme's minimum and the face over the largest number of lots, rounded up: the number
    /// of lots is bounded without a counter that one holder could exhaust.
    function _minimumLot(Programme storage rules, uint64 receivableFace) private view returns (uint64) {
        uint64 minimum = rules.minimumLotFaceValue;
        uint32 maximumLots = rules.maximumLots;
        uint64 share = maximumLots == 0 ? 1 : (receivableFace + maximumLots - 1) / maximumLots;
        return share > minimum ? share : minimum;
    }

    function _hashSplit(SplitLot calldata order) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](order.parts.length);
        for (uint256 i; i < hashes.length; ++i) {
            hashes[i] = keccak256(abi.encode(PART_TYPEHASH, order.parts[i]));
        }
        return keccak256(
            abi.encode(
                SPLIT_LOT_TYPEHASH,
                order.target,
                order.organisation,
                order.nonce,
                order.deadline,
                order.lotId,
                order.faceValue,
                order.paid,
                order.expiresAt,
                keccak256(abi.encodePacked(hashes))
            )
        );
    }

    function _asAddress(uint32 organisation) private pure returns (address) {
        return address(uint160(organisation));
    }
}
