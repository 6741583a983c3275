// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DocumentUse, IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {BatchProgress, IIssuance, Run} from "./interfaces/IIssuance.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {ITransferRules} from "./interfaces/ITransferRules.sol";
import {PositionalTree} from "./libraries/PositionalTree.sol";
import {MAXIMUM_AMOUNT} from "./types/Ids.sol";
import {NewReceivable, Programme} from "./types/Ledger.sol";
import {
    ACCEPT_RECEIVABLE_TYPEHASH,
    AcceptReceivable,
    AttestDocuments,
    ISSUE_BATCH_TYPEHASH,
    ISSUE_RECEIVABLE_TYPEHASH,
    ISSUE_ROW_TYPEHASH,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    OFFER_TYPEHASH,
    OPEN_PROGRAMME_TYPEHASH,
    Offer,
    OpenProgramme,
    REFUSE_RECEIVABLE_TYPEHASH,
    RefuseReceivable
} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";

/// @notice Specified in IIssuance.
contract Issuance is IIssuance {
    /// @dev Rows of one run: as many as fit a block with room to spare.
    uint256 private constant MAXIMUM_LEVEL = 7;

    IParticipantRegistry public immutable registry;
    IDocumentRegistry public immutable documents;
    IReceivableLedger public immutable ledger;
    ITransferRules public immutable transferRules;

    mapping(bytes32 orderHash => BatchProgress) private _batches;
    mapping(bytes32 orderHash => mapping(uint256 word => uint256 bits)) private _usedRows;
    mapping(uint32 programmeId => bool) public isProgrammeClosed;

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
        // Check
        _requireTarget(order.target);
        registry.authorise(
            keccak256(abi.encode(OPEN_PROGRAMME_TYPEHASH, order)),
            order.organisation,
            order.nonce,
            order.deadline,
            Act.OPEN_PROGRAMME,
            order.currency,
            0,
            approvals
        );
        if (order.maximumTier == 0) revert ProgrammeMalformed("maximumTier");
        if (order.maximumLots == 0) revert ProgrammeMalformed("maximumLots");
        if (order.maximumTenorDays == 0) revert ProgrammeMalformed("maximumTenorDays");
        if (!registry.isVenue(order.deposit)) revert DepositUnknown(order.deposit);
        bytes3 currency = ITokenisedDeposit(order.deposit).currency();
        if (currency != order.currency) revert CurrencyMismatch(order.currency, currency);
        // Effect
        if (order.replaces != 0) {
            if (ledger.programme(order.replaces).anchor != order.organisation) {
                revert ProgrammeNotOwned(order.replaces, order.organisation);
            }
            if (isProgrammeClosed[order.replaces]) revert ProgrammeClosed(order.replaces);
            isProgrammeClosed[order.replaces] = true;
        }
        ledger.recordProgramme(
            Programme({
                anchor: order.organisation,
                currency: order.currency,
                technique: order.technique,
                withRecourse: order.withRecourse,
                acceptanceRequired: order.acceptanceRequired,
                maximumTier: order.maximumTier,
                maximumLots: order.maximumLots,
                minimumLotFaceValue: order.minimumLotFaceValue,
                maximumTenorDays: order.maximumTenorDays,
                lateInterestBps: order.lateInterestBps,
                replaces: order.replaces,
                deposit: order.deposit,
                transferRules: address(transferRules)
            }),
            order.termsHash
        );
    }

    /// @inheritdoc IIssuance
    function issueReceivable(
        IssueReceivable calldata order,
        Approval[] calldata approvals,
        AttestDocuments calldata attestation,
        Approval calldata attestationApproval
    ) external {
        // Check
        _requireTarget(order.target);
        registry.authorise(
            _hashIssue(order),
            order.organisation,
            order.nonce,
            order.deadline,
            Act.ISSUE_RECEIVABLE,
            order.currency,
            order.row.faceValue,
            approvals
        );
        Programme memory rules = _openProgrammeOf(order.programmeId, order.organisation, order.currency);
        _requireAttested(attestation, attestationApproval, _leaf(0, order.row), 1, order.organisation, order.currency);
        bytes4 reason = _refusal(order.row, order.organisation, rules.maximumTenorDays);
        if (reason != bytes4(0)) revert IssueRefused(reason);
        // Effect
        DocumentUse[] memory uses = new DocumentUse[](1);
        uses[0] = _useOf(order.row);
        (bytes4[] memory reasons, uint32[] memory sequences) =
            documents.occupy(order.organisation, order.currency, uses);
        if (reasons[0] != bytes4(0)) revert IssueRefused(reasons[0]);
        NewReceivable[] memory receivables = new NewReceivable[](1);
        receivables[0] = _newReceivable(order.row, sequences[0]);
        ledger.open(order.organisation, order.programmeId, receivables);
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
        bytes32 orderHash = keccak256(abi.encode(ISSUE_BATCH_TYPEHASH, order));
        // Check
        _requireTarget(order.target);
        _authoriseRun(orderHash, order, approvals);
        Programme memory rules = _openProgrammeOf(order.programmeId, order.organisation, order.currency);
        _requireAttested(attestation, attestationApproval, order.root, order.count, order.organisation, order.currency);
        _requireProved(order, rows, run);
        // Effect
        uint256 first = uint256(run.index) << run.level;
        _useRows(orderHash, first, rows);
        _issueRows(orderHash, order, rows, first, rules.maximumTenorDays);
    }

    /// @inheritdoc IIssuance
    function acceptReceivable(AcceptReceivable calldata order, Approval[] calldata approvals) external {
        // Check
        _requireTarget(order.target);
        if (order.offers.length == 0) revert OffersMissing();
        uint64 total;
        for (uint256 i; i < order.offers.length; ++i) {
            total += order.offers[i].faceValue;
        }
        if (total != order.totalFaceValue) revert TotalMismatch(total, order.totalFaceValue);
        registry.authorise(
            _hashAcceptance(order),
            order.organisation,
            order.nonce,
            order.deadline,
            Act.ACCEPT_RECEIVABLE,
            order.currency,
            total,
            approvals
        );
        _requireReachable(order);
        // Effect
        ledger.accept(order.organisation, order.offers);
    }

    /// @inheritdoc IIssuance
    function refuseReceivable(RefuseReceivable calldata order, Approval[] calldata approvals) external {
        // Check
        _requireTarget(order.target);
        uint32 programmeId = ledger.receivableTerms(order.receivableId).programmeId;
        registry.authorise(
            keccak256(abi.encode(REFUSE_RECEIVABLE_TYPEHASH, order)),
            order.organisation,
            order.nonce,
            order.deadline,
            Act.REFUSE_RECEIVABLE,
            ledger.programme(programmeId).currency,
            order.faceValue,
            approvals
        );
        // Effect
        ledger.void(
            order.receivableId, order.organisation, order.faceValue, order.documentFingerprint, order.reasonHash
        );
        documents.release(order.documentFingerprint, order.faceValue, order.receivableId);
    }

    function batch(bytes32 orderHash) external view returns (BatchProgress memory) {
        return _batches[orderHash];
    }

    function isRowUsed(bytes32 orderHash, uint256 row) public view returns (bool) {
        return _usedRows[orderHash][row >> 8] & (1 << (row & 0xff)) != 0;
    }

    // --- Internals

    /// @dev The first run uses up the order; later runs ask whether its signers may still act.
    function _authoriseRun(bytes32 orderHash, IssueBatch calldata order, Approval[] calldata approvals) private {
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
        registry.authorise(
            orderHash,
            order.organisation,
            order.nonce,
            order.deadline,
            Act.ISSUE_RECEIVABLE,
            order.currency,
            order.totalFaceValue,
            approvals
        );
        _batches[orderHash] =
            BatchProgress({isOpen: true, remainingCount: order.count, remainingFaceValue: order.totalFaceValue});
    }

    function _requireProved(IssueBatch calldata order, IssueRow[] calldata rows, Run calldata run) private pure {
        if (run.level > MAXIMUM_LEVEL) revert RunTooLarge(run.level);
        bytes32[] memory leaves = new bytes32[](rows.length);
        uint256 first = uint256(run.index) << run.level;
        for (uint256 i; i < rows.length; ++i) {
            leaves[i] = _leaf(first + i, rows[i]);
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
        for (uint256 i; i < rows.length; ++i) {
            uint64 faceValue = rows[i].faceValue;
            if (faceValue > progress.remainingFaceValue) {
                revert BatchTotalExceeded(orderHash, faceValue, progress.remainingFaceValue);
            }
            progress.remainingFaceValue -= faceValue;
        }
        _batches[orderHash] = progress;
    }

    function _issueRows(
        bytes32 orderHash,
        IssueBatch calldata order,
        IssueRow[] calldata rows,
        uint256 first,
        uint16 maximumTenorDays
    ) private {
        // Rows that a rule of our own refuses are offered to the documents as nothing (fingerprint 0).
        DocumentUse[] memory uses = new DocumentUse[](rows.length);
        bytes4[] memory refusals = new bytes4[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            refusals[i] = _refusal(rows[i], order.organisation, maximumTenorDays);
            if (refusals[i] == bytes4(0)) uses[i] = _useOf(rows[i]);
        }
        (bytes4[] memory reasons, uint32[] memory sequences) =
            documents.occupy(order.organisation, order.currency, uses);
        NewReceivable[] memory receivables = new NewReceivable[](rows.length);
        uint256 count;
        uint256 issued;
        for (uint256 i; i < rows.length; ++i) {
            bytes4 reason = refusals[i] == bytes4(0) ? reasons[i] : refusals[i];
            if (reason != bytes4(0)) {
                emit BatchRowRefused(orderHash, uint32(first + i), reason);
                continue;
            }
            issued |= 1 << i;
            receivables[count++] = _newReceivable(rows[i], sequences[i]);
        }
        assembly ("memory-safe") {
            mstore(receivables, count)
        }
        uint64 firstReceivableId = ledger.open(order.organisation, order.programmeId, receivables);
        emit BatchRowsIssued(orderHash, uint32(first), issued, firstReceivableId);
    }

    function _openProgrammeOf(uint32 programmeId, uint32 organisation, bytes3 currency)
        private
        view
        returns (Programme memory rules)
    {
        rules = ledger.programme(programmeId);
        if (rules.anchor == 0) revert IReceivableLedger.ProgrammeUnknown(programmeId);
        if (rules.anchor != organisation) revert ProgrammeNotOwned(programmeId, organisation);
        if (rules.currency != currency) revert CurrencyMismatch(currency, rules.currency);
        if (isProgrammeClosed[programmeId]) revert ProgrammeClosed(programmeId);
    }

    /// @dev The keeper signed for these very rows, owed by this obligor in this currency.
    function _requireAttested(
        AttestDocuments calldata attestation,
        Approval calldata approval,
        bytes32 root,
        uint32 count,
        uint32 obligor,
        bytes3 currency
    ) private view {
        if (
            attestation.root != root || attestation.count != count || attestation.obligor != obligor
                || attestation.currency != currency
        ) revert AttestationMismatch(root, count);
        documents.checkAttestation(attestation, approval);
    }

    /// @dev Money must be able to reach the supplier in each programme's deposit.
    function _requireReachable(AcceptReceivable calldata order) private view {
        uint32 known;
        for (uint256 i; i < order.offers.length; ++i) {
            uint32 programmeId = order.offers[i].programmeId;
            if (programmeId == known) continue;
            Programme memory rules = ledger.programme(programmeId);
            if (rules.anchor == 0) revert IReceivableLedger.ProgrammeUnknown(programmeId);
            if (rules.currency != order.currency) revert CurrencyMismatch(order.currency, rules.currency);
            if (!ITokenisedDeposit(rules.deposit).hasAccount(order.organisation)) {
                revert ITransferRules.ReceiverHasNoAccount(order.organisation, rules.deposit);
            }
            known = programmeId;
        }
    }

    /// @dev Why this row may not be issued, or zero.
    function _refusal(IssueRow calldata row, uint32 obligor, uint16 maximumTenorDays) private view returns (bytes4) {
        if (row.faceValue == 0) return FaceValueMissing.selector;
        if (row.faceValue > MAXIMUM_AMOUNT || row.documentAmount > MAXIMUM_AMOUNT) return AmountTooLarge.selector;
        if (row.faceValue > row.documentAmount) return FaceValueAboveDocument.selector;
        if (row.maturityAt <= block.timestamp) return MaturityInThePast.selector;
        if (row.maturityAt > block.timestamp + uint256(maximumTenorDays) * 1 days) return TenorTooLong.selector;
        if (row.graceEndsAt < row.maturityAt || row.graceEndsAt > type(uint40).max) {
            return GraceBeforeMaturity.selector;
        }
        if (row.supplier == obligor) return SupplierIsObligor.selector;
        if (registry.statusOf(row.supplier) != ParticipantStatus.ADMITTED) return SupplierNotAdmitted.selector;
        return bytes4(0);
    }

    function _useOf(IssueRow calldata row) private pure returns (DocumentUse memory) {
        return DocumentUse({
            fingerprint: row.documentFingerprint,
            documentType: row.documentType,
            seller: row.supplier,
            documentAmount: row.documentAmount,
            usedAmount: row.faceValue
        });
    }

    function _newReceivable(IssueRow calldata row, uint32 documentSequence)
        private
        pure
        returns (NewReceivable memory)
    {
        return NewReceivable({
            supplier: row.supplier,
            faceValue: row.faceValue,
            maturityAt: uint40(row.maturityAt),
            graceEndsAt: uint40(row.graceEndsAt),
            documentType: row.documentType,
            documentAmount: row.documentAmount,
            documentSequence: documentSequence,
            documentFingerprint: row.documentFingerprint,
            documentCommitment: row.documentCommitment
        });
    }

    function _leaf(uint256 index, IssueRow calldata row) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(index, row))));
    }

    function _hashIssue(IssueReceivable calldata order) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ISSUE_RECEIVABLE_TYPEHASH,
                order.target,
                order.organisation,
                order.nonce,
                order.deadline,
                order.programmeId,
                order.currency,
                keccak256(abi.encode(ISSUE_ROW_TYPEHASH, order.row))
            )
        );
    }

    function _hashAcceptance(AcceptReceivable calldata order) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](order.offers.length);
        for (uint256 i; i < hashes.length; ++i) {
            hashes[i] = keccak256(abi.encode(OFFER_TYPEHASH, order.offers[i]));
        }
        return keccak256(
            abi.encode(
                ACCEPT_RECEIVABLE_TYPEHASH,
                order.target,
                order.organisation,
                order.nonce,
                order.deadline,
                order.currency,
                order.totalFaceValue,
                keccak256(abi.encodePacked(hashes))
            )
        );
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
    }
}
