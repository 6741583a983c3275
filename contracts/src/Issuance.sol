// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {BatchProgress, IIssuance, Run} from "./interfaces/IIssuance.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {ITransferRules} from "./interfaces/ITransferRules.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {PositionalTree} from "./libraries/PositionalTree.sol";
import {RowWriter} from "./libraries/RowWriter.sol";
import {MAXIMUM_AMOUNT} from "./types/Ids.sol";
import {Programme, ReceivableStatus} from "./types/Ledger.sol";
import {
    AcceptReceivable,
    AttestDocuments,
    CancelReceivable,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    OfferEnd,
    OpenProgramme,
    REFUSE_RECEIVABLE_TYPEHASH,
    WITHDRAW_RECEIVABLE_TYPEHASH
} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";
import {PendingWord, ProgrammeWord, StandingWord, TenorWord, UndertakingWord, newPending} from "./types/Words.sol";

/// @notice Specified in IIssuance.
contract Issuance is IIssuance {
    using Authorisation for IDocumentRegistry;
    using Authorisation for IParticipantRegistry;

    /// @dev Rows of one run: as many as fit a block with room to spare.
    uint256 private constant MAXIMUM_LEVEL = 7;

    IParticipantRegistry public immutable registry;
    IDocumentRegistry public immutable documents;
    IReceivableLedger public immutable ledger;
    ITransferRules public immutable transferRules;

    mapping(bytes32 orderHash => BatchProgress) private _batches;
    mapping(bytes32 orderHash => mapping(uint256 word => uint256 bits)) private _usedRows;
    mapping(uint32 programmeId => bool) public isProgrammeClosed;
    /// @dev Whose agreement is awaited, until when, to which terms.
    mapping(uint64 receivableId => PendingWord) private _cancellations;

    constructor(
        IParticipantRegistry registry_,
        IDocumentRegistry documents_,
        IReceivableLedger ledger_,
        ITransferRules transferRules_
    ) {
        registry = registry_;
        documents = documents_;
        ledger = ledger_;
        transferRules = transferRules_;
    }

    /// @inheritdoc IIssuance
    function openProgramme(OpenProgramme calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.OPEN_PROGRAMME, order.currency, 0, approvals);
        if (order.maximumTier == 0) revert ProgrammeMalformed("maximumTier");
        if (order.maximumLots == 0) revert ProgrammeMalformed("maximumLots");
        if (order.maximumTenorDays == 0) revert ProgrammeMalformed("maximumTenorDays");
        if (!registry.isVenue(order.deposit)) revert DepositUnknown(order.deposit);
        bytes3 currency = ITokenisedDeposit(order.deposit).currency();
        if (currency != order.currency) revert CurrencyMismatch(order.currency, currency);
        _requireTenor(order);
        // Effect
        if (order.replaces != 0) {
            (ProgrammeWord replaced,) = ledger.issueRules(order.replaces);
            if (replaced.anchor() != order.organisation) revert ProgrammeNotOwned(order.replaces, order.organisation);
            if (isProgrammeClosed[order.replaces]) revert ProgrammeClosed(order.replaces);
            isProgrammeClosed[order.replaces] = true;
        }
        ledger.recordProgramme(_rulesOf(order), order.tenorReasonHash, order.termsHash);
    }

    /// @inheritdoc IIssuance
    function issueReceivable(
        IssueReceivable calldata order,
        Approval[] calldata approvals,
        AttestDocuments calldata attestation,
        Approval calldata attestationApproval
    ) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        IssueRow calldata row = order.row;
        // Check
        registry.authorise(orderHash, head, Act.ISSUE_RECEIVABLE, order.currency, row.faceValue, approvals);
        uint16 longestDays = _openProgrammeOf(order.programmeId, order.organisation, order.currency);
        _requireAttested(attestation, OrderReader.leaf(0, row), 1, order.organisation, order.currency);
        documents.requireAttestation(attestation, attestationApproval);
        bytes4[] memory reasons = new bytes4[](1);
        reasons[0] = _refusal(row, order.organisation, longestDays, 0);
        // Effect: one row is written as a run of one.
        uint256 place = RowWriter.placeOf(row);
        uint32[] memory sequences =
            RowWriter.occupy(address(documents), order.organisation, order.currency, place, reasons);
        if (reasons[0] != bytes4(0)) revert IssueRefused(reasons[0]);
        RowWriter.open(address(ledger), order.organisation, order.programmeId, place, reasons, sequences);
    }

    /// @inheritdoc IIssuance
    function issueBatch(
        IssueBatch calldata order,
        Approval[] calldata approvals,
        AttestDocuments calldata attestation,
        Approval calldata attestationApproval,
        IssueRow[] calldata rows,
        Run calldata run
    ) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _authoriseRun(orderHash, head, order, approvals);
        _requireAttested(attestation, order.root, order.count, order.organisation, order.currency);
        documents.requireAttestation(attestation, attestationApproval);
        _requireProved(order, rows, run);
        // Effect
        uint256 first = uint256(run.index) << run.level;
        _useRows(orderHash, first, rows);
        _issueRows(orderHash, order, rows, first);
    }

    /// @inheritdoc IIssuance
    function acceptReceivable(AcceptReceivable calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        if (order.offers.length == 0) revert OffersMissing();
        uint64 total;
        for (uint256 i; i < order.offers.length; ++i) {
            total += order.offers[i].faceValue;
        }
        if (total != order.totalFaceValue) revert TotalMismatch(total, order.totalFaceValue);
        registry.authorise(orderHash, head, Act.ACCEPT_RECEIVABLE, order.currency, total, approvals);
        _requireReachable(order);
        // Effect
        ledger.accept(order.organisation, order.offers);
    }

    /// @inheritdoc IIssuance
    function refuseReceivable(OfferEnd calldata order, Approval[] calldata approvals) external {
        _authoriseEnd(REFUSE_RECEIVABLE_TYPEHASH, Act.REFUSE_RECEIVABLE, order, approvals);
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(order.receivableId);
        if (standing.status() != ReceivableStatus.NONE && undertaking.supplier() != order.organisation) {
            revert IReceivableLedger.OfferChanged(order.receivableId);
        }
        uint32 sequence = _endOffer(order.receivableId, order.faceValue, order.documentFingerprint);
        emit ReceivableRefused(order.receivableId, sequence, order.reasonHash);
    }

    /// @inheritdoc IIssuance
    function withdrawReceivable(OfferEnd calldata order, Approval[] calldata approvals) external {
        uint32 obligor = _authoriseEnd(WITHDRAW_RECEIVABLE_TYPEHASH, Act.WITHDRAW_RECEIVABLE, order, approvals);
        if (obligor != order.organisation) {
            revert ISettlement.NotObligor(order.receivableId, obligor, order.organisation);
        }
        uint32 sequence = _endOffer(order.receivableId, order.faceValue, order.documentFingerprint);
        emit ReceivableWithdrawn(order.receivableId, sequence, order.reasonHash);
    }

    /// @inheritdoc IIssuance
    function lapseReceivable(uint64 receivableId, bytes32 documentFingerprint) external {
        (UndertakingWord undertaking,) = ledger.receivableWords(receivableId);
        uint40 maturityAt = undertaking.maturityAt();
        if (block.timestamp < maturityAt) revert OfferNotLapsed(receivableId, maturityAt);
        emit ReceivableLapsed(receivableId, _endOffer(receivableId, undertaking.faceValue(), documentFingerprint));
    }

    /// @inheritdoc IIssuance
    function cancelReceivable(CancelReceivable calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        uint64 receivableId = order.receivableId;
        // Check
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        uint32 obligor = rules.anchor();
        registry.authorise(orderHash, head, Act.CANCEL_RECEIVABLE, rules.currency(), order.amount, approvals);
        uint32 other = _otherParty(receivableId, obligor, order.organisation);
        if (order.amount == 0) revert IReceivableLedger.AmountMissing();
        bytes32 terms =
            keccak256(abi.encode(order.faceValue, order.amount, order.documentFingerprint, order.reasonHash));
        PendingWord proposal = _cancellations[receivableId];
        // Effect: the second of two equal orders, in the first one's time, does it.
        if (proposal.to() == order.organisation && proposal.isOf(terms) && block.timestamp <= proposal.expiresAt()) {
            _cancellations[receivableId] = PendingWord.wrap(0);
            uint32 sequence = _take(order, order.amount);
            documents.release(order.documentFingerprint, order.amount, receivableId);
            emit ReceivableCancelled(receivableId, sequence, order.amount, order.reasonHash);
        } else {
            uint40 expiresAt = order.deadline > type(uint40).max ? type(uint40).max : uint40(order.deadline);
            _cancellations[receivableId] = newPending(other, expiresAt, terms);
            emit CancellationProposed(
                receivableId, _take(order, 0), order.organisation, order.amount, expiresAt, order.reasonHash
            );
        }
    }

    /// @inheritdoc IIssuance
    function cancellation(uint64 receivableId) external view returns (uint32 awaited, uint40 expiresAt) {
        PendingWord proposal = _cancellations[receivableId];
        return (proposal.to(), proposal.expiresAt());
    }

    function batch(bytes32 orderHash) external view returns (BatchProgress memory) {
        return _batches[orderHash];
    }

    function isRowUsed(bytes32 orderHash, uint256 row) public view returns (bool) {
        return _usedRows[orderHash][row >> 8] & (1 << (row & 0xff)) != 0;
    }

    // --- Internals

    function _authoriseEnd(bytes32 typeHash, Act act, OfferEnd calldata order, Approval[] calldata approvals)
        private
        returns (uint32 obligor)
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(typeHash, order);
        ProgrammeWord rules = ledger.programmeRulesOf(order.receivableId);
        obligor = rules.anchor();
        registry.authorise(orderHash, head, act, rules.currency(), order.faceValue, approvals);
    }

    /// @dev Voids an offer and gives its document's use back.
    function _endOffer(uint64 receivableId, uint64 faceValue, bytes32 fingerprint) private returns (uint32 sequence) {
        sequence = ledger.take(
            receivableId, faceValue, faceValue, fingerprint, ReceivableStatus.OFFERED, ReceivableStatus.VOID
        );
        documents.release(fingerprint, faceValue, receivableId);
    }

    function _take(CancelReceivable calldata order, uint64 amount) private returns (uint32 sequence) {
        return ledger.take(
            order.receivableId,
            order.faceValue,
            amount,
            order.documentFingerprint,
            ReceivableStatus.ACTIVE,
            ReceivableStatus.CANCELLED
        );
    }

    /// @dev Who else must agree: the supplier with the anchor, the anchor with the supplier.
    function _otherParty(uint64 receivableId, uint32 obligor, uint32 organisation) private view returns (uint32) {
        (UndertakingWord undertaking,) = ledger.receivableWords(receivableId);
        if (organisation == obligor) return undertaking.supplier();
        if (organisation != undertaking.supplier()) revert NotParty(receivableId, organisation);
        return obligor;
    }

    /// @dev The first run uses up the order; later runs ask whether its signers may still act.
    function _authoriseRun(
        bytes32 orderHash,
        OrderHead calldata head,
        IssueBatch calldata order,
        Approval[] calldata approvals
    ) private {
        if (_batches[orderHash].isOpen) {
            registry.recheck(
                orderHash,
                order.organisation,
                order.deadline,
                Act.ISSUE_RECEIVABLE,
                order.currency,
                order.totalFaceValue,
                approvals
            );
            return;
        }
        registry.authorise(orderHash, head, Act.ISSUE_RECEIVABLE, order.currency, order.totalFaceValue, approvals);
        _batches[orderHash] =
            BatchProgress({isOpen: true, remainingCount: order.count, remainingFaceValue: order.totalFaceValue});
    }

    function _requireProved(IssueBatch calldata order, IssueRow[] calldata rows, Run calldata run) private pure {
        if (run.level > MAXIMUM_LEVEL) revert RunTooLarge(run.level);
        bytes32[] memory leaves = new bytes32[](rows.length);
        uint256 first = uint256(run.index) << run.level;
        for (uint256 i; i < leaves.length; ++i) {
            leaves[i] = OrderReader.leaf(first + i, rows[i]);
        }
        bytes32 computed = PositionalTree.rootOfRun(leaves, run.level, run.index, run.proof, order.count);
        if (computed != order.root) revert RowNotInBatch(order.root, computed);
    }

    /// @dev Marks the run's rows and takes them from what the signature still covers. A run of at most 128 aligned
    /// rows never straddles a word of 256 bits.
    function _useRows(bytes32 orderHash, uint256 first, IssueRow[] calldata rows) private {
        uint256 mask = ((1 << rows.length) - 1) << (first & 0xff);
        uint256 bits = _usedRows[orderHash][first >> 8];
        if (bits & mask != 0) revert RowAlreadyUsed(orderHash, first);
        _usedRows[orderHash][first >> 8] = bits | mask;
        BatchProgress memory progress = _batches[orderHash];
        if (rows.length > progress.remainingCount) {
            revert BatchCountExceeded(orderHash, rows.length, progress.remainingCount);
        }
        progress.remainingCount -= uint32(rows.length);
        uint64 remaining = progress.remainingFaceValue;
        for (uint256 i; i < rows.length; ++i) {
            uint64 faceValue = rows[i].faceValue;
            if (faceValue > remaining) revert BatchTotalExceeded(orderHash, faceValue, remaining);
            remaining -= faceValue;
        }
        progress.remainingFaceValue = remaining;
        _batches[orderHash] = progress;
    }

    function _issueRows(bytes32 orderHash, IssueBatch calldata order, IssueRow[] calldata rows, uint256 first) private {
        uint16 longestDays = _openProgrammeOf(order.programmeId, order.organisation, order.currency);
        bytes4[] memory reasons = new bytes4[](rows.length);
        uint32 admitted;
        for (uint256 i; i < reasons.length; ++i) {
            reasons[i] = _refusal(rows[i], order.organisation, longestDays, admitted);
            if (reasons[i] == bytes4(0)) admitted = rows[i].supplier;
        }
        uint256 place = RowWriter.placeOf(rows);
        uint32[] memory sequences =
            RowWriter.occupy(address(documents), order.organisation, order.currency, place, reasons);
        for (uint256 i; i < reasons.length; ++i) {
            if (reasons[i] != bytes4(0)) emit BatchRowRefused(orderHash, uint32(first + i), reasons[i]);
        }
        (uint64 firstReceivableId, uint256 issued) =
            RowWriter.open(address(ledger), order.organisation, order.programmeId, place, reasons, sequences);
        emit BatchRowsIssued(orderHash, uint32(first), issued, firstReceivableId);
    }

    /// @return longestDays How long its receivables may run; it is this anchor's, in this currency, and open.
    function _openProgrammeOf(uint32 programmeId, uint32 organisation, bytes3 currency)
        private
        view
        returns (uint16 longestDays)
    {
        ProgrammeWord rules;
        (rules, longestDays) = ledger.issueRules(programmeId);
        if (rules.anchor() != organisation) {
            if (rules.anchor() == 0) revert IReceivableLedger.ProgrammeUnknown(programmeId);
            revert ProgrammeNotOwned(programmeId, organisation);
        }
        if (rules.currency() != currency) revert CurrencyMismatch(currency, rules.currency());
        if (isProgrammeClosed[programmeId]) revert ProgrammeClosed(programmeId);
        if (longestDays == 0) revert TransitionEnded(ledger.tenorLimits().legacyUntil());
    }

    function _rulesOf(OpenProgramme calldata order) private view returns (Programme memory rules) {
        rules.anchor = order.organisation;
        rules.currency = order.currency;
        rules.technique = order.technique;
        rules.withRecourse = order.withRecourse;
        rules.acceptanceRequired = order.acceptanceRequired;
        rules.maximumTier = order.maximumTier;
        rules.maximumLots = order.maximumLots;
        rules.minimumLotFaceValue = order.minimumLotFaceValue;
        rules.maximumTenorDays = order.maximumTenorDays;
        rules.hasTenorReason = order.tenorReasonHash != bytes32(0);
        rules.legacy = order.legacy;
        rules.minimumTenorDays = order.minimumTenorDays;
        rules.filingRequired = order.filingRequired;
        rules.lateInterestBps = order.lateInterestBps;
        rules.replaces = order.replaces;
        rules.deposit = order.deposit;
        rules.transferRules = address(transferRules);
    }

    /// @dev Longer than is usual only with a reason (R-01); legacy only while the transition lasts (R-11).
    function _requireTenor(OpenProgramme calldata order) private view {
        TenorWord limits = ledger.tenorLimits();
        (, uint16 usualDays) = limits.limitsAt(block.timestamp);
        if (order.legacy) {
            if (block.timestamp > limits.legacyUntil()) revert TransitionEnded(limits.legacyUntil());
        } else if (order.maximumTenorDays > usualDays && order.tenorReasonHash == bytes32(0)) {
            revert TenorReasonRequired(order.maximumTenorDays, usualDays);
        }
    }

    /// @dev The keeper's statement is about these very rows, owed by this obligor in this currency.
    function _requireAttested(
        AttestDocuments calldata attestation,
        bytes32 root,
        uint32 count,
        uint32 obligor,
        bytes3 currency
    ) private pure {
        if (
            attestation.root != root || attestation.count != count || attestation.obligor != obligor
                || attestation.currency != currency
        ) revert AttestationMismatch(root, count);
    }

    /// @dev Money must be able to reach the supplier in each programme's deposit.
    function _requireReachable(AcceptReceivable calldata order) private view {
        uint32 known;
        for (uint256 i; i < order.offers.length; ++i) {
            uint32 programmeId = order.offers[i].programmeId;
            if (programmeId == known) continue;
            (ProgrammeWord rules,) = ledger.issueRules(programmeId);
            if (rules.anchor() == 0) revert IReceivableLedger.ProgrammeUnknown(programmeId);
            if (rules.currency() != order.currency) revert CurrencyMismatch(order.currency, rules.currency());
            if (!ITokenisedDeposit(rules.deposit()).hasAccount(order.organisation)) {
                revert ITransferRules.ReceiverHasNoAccount(order.organisation, rules.deposit());
            }
            known = programmeId;
        }
    }

    /// @dev Why this row may not be issued, or zero.
    /// @param admitted A supplier known to be admitted: a batch has its rows by supplier.
    function _refusal(IssueRow calldata row, uint32 obligor, uint16 longestDays, uint32 admitted)
        private
        view
        returns (bytes4)
    {
        uint64 faceValue = row.faceValue;
        uint64 documentAmount = row.documentAmount;
        uint64 maturityAt = row.maturityAt;
        uint64 graceEndsAt = row.graceEndsAt;
        uint32 supplier = row.supplier;
        if (faceValue == 0) return FaceValueMissing.selector;
        if (faceValue > MAXIMUM_AMOUNT || documentAmount > MAXIMUM_AMOUNT) return AmountTooLarge.selector;
        if (faceValue > documentAmount) return FaceValueAboveDocument.selector;
        if (maturityAt <= block.timestamp) return MaturityInThePast.selector;
        if (maturityAt > block.timestamp + uint256(longestDays) * 1 days) return TenorTooLong.selector;
        if (graceEndsAt < maturityAt || graceEndsAt > type(uint40).max) return GraceBeforeMaturity.selector;
        if (supplier == obligor) return SupplierIsObligor.selector;
        if (supplier != admitted && registry.statusOf(supplier) != ParticipantStatus.ADMITTED) {
            return SupplierNotAdmitted.selector;
        }
        return bytes4(0);
    }
}
