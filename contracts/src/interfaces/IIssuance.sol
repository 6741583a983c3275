// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "./IDocumentRegistry.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {
    AcceptReceivable,
    AttestDocuments,
    CancelReceivable,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    OfferEnd,
    OpenProgramme
} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @dev What is left of a signed batch: both only fall. One storage word.
struct BatchProgress {
    bool isOpen;
    uint32 remainingCount;
    uint64 remainingFaceValue;
}

/// @dev An aligned run of a batch's rows and its proof.
struct Run {
    uint8 level;
    uint32 index;
    bytes32[] proof;
}

/// @title Issue: programmes, receivables one by one or in batches, and the supplier's answer.
/// @notice Assumptions: those of the ledger, of the registry and of the document registry.
interface IIssuance {
    /// @dev `issued` has a bit for each row of the run, lowest first; their receivables are numbered from
    /// `firstReceivableId` in row order.
    event BatchRowsIssued(bytes32 indexed orderHash, uint32 firstRow, uint256 issued, uint64 firstReceivableId);
    event BatchRowRefused(bytes32 indexed orderHash, uint32 row, bytes4 reason);

    event ReceivableRefused(uint64 indexed receivableId, uint32 sequence, bytes32 reasonHash);
    event ReceivableWithdrawn(uint64 indexed receivableId, uint32 sequence, bytes32 reasonHash);
    event ReceivableLapsed(uint64 indexed receivableId, uint32 sequence);
    /// @dev One of the two parties would take `amount` off the receivable; the other may agree until `expiresAt`.
    event CancellationProposed(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 organisation,
        uint64 amount,
        uint40 expiresAt,
        bytes32 reasonHash
    );
    /// @dev Both agreed: the receivable is cancelled, or, by a credit note, smaller.
    event ReceivableCancelled(uint64 indexed receivableId, uint32 sequence, uint64 amount, bytes32 reasonHash);

    error NotParty(uint64 receivableId, uint32 organisation);
    error OfferNotLapsed(uint64 receivableId, uint40 maturityAt);
    error ProgrammeNotOwned(uint32 programmeId, uint32 organisation);
    error ProgrammeClosed(uint32 programmeId);
    error CurrencyMismatch(bytes3 currency, bytes3 expected);
    error DepositUnknown(address deposit);
    error ProgrammeMalformed(string field);
    error MaturityInThePast(uint64 maturityAt, uint64 blockTime);
    error GraceBeforeMaturity(uint64 graceEndsAt, uint64 maturityAt);
    error TenorReasonRequired(uint16 maximumTenorDays, uint16 usualDays);
    error TransitionEnded(uint32 legacyUntil);
    error TenorTooLong(uint64 maturityAt, uint64 latest);
    error FaceValueMissing();
    error AmountTooLarge(uint64 amount, uint64 limit);
    error FaceValueAboveDocument(uint64 faceValue, uint64 documentAmount);
    error SupplierNotAdmitted(uint32 supplier);
    error SupplierIsObligor(uint32 supplier);
    error AttestationMismatch(bytes32 root, uint32 count);
    error RunTooLarge(uint256 level);
    error RowNotInBatch(bytes32 root, bytes32 computed);
    error RowAlreadyUsed(bytes32 orderHash, uint256 row);
    error BatchCountExceeded(bytes32 orderHash, uint256 rows, uint32 remaining);
    error BatchTotalExceeded(bytes32 orderHash, uint64 faceValue, uint64 remaining);
    error OffersMissing();
    error TotalMismatch(uint64 total, uint64 signed);
    /// @dev A single receivable that a rule of the documents refuses.
    error IssueRefused(bytes4 reason);

    /// @notice Opens a version of an anchor's programme: the rules its receivables keep for life.
    ///
    /// @dev Emits the ledger's {ProgrammeOpened}, {OrderExecuted}.
    ///
    /// Notes:
    /// - A version that `replaces` another closes that one for new issue.
    ///
    /// Requirements:
    /// - The anchor's maker and checker must have signed.
    /// - The deposit must be an admitted contract in the same currency.
    /// - A tenor beyond the usual one needs a reason, unless the programme is marked as legacy, which ends some day.
    function openProgramme(OpenProgramme calldata order, Approval[] calldata approvals) external;

    /// @notice Issues one receivable, offered to its supplier.
    ///
    /// @dev Emits the ledger's {ReceivableIssued}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The document's occupancy is consumed in the same call.
    ///
    /// Requirements:
    /// - The anchor must have signed, within the dual-control limit or with a checker.
    /// - A keeper must have signed for the document: the same row, obligor and currency.
    /// - The programme must be the anchor's and open, the supplier admitted, the face at most the document's amount
    ///   left, the maturity in the future and within the programme's tenor.
    function issueReceivable(
        IssueReceivable calldata order,
        Approval[] calldata approvals,
        AttestDocuments calldata attestation,
        Approval calldata attestationApproval
    ) external;

    /// @notice Issues a run of a signed batch. Anyone who has rows and proof may relay it.
    ///
    /// @dev Emits {BatchRowsIssued}, {BatchRowRefused} for rows that a rule refuses, the ledger's
    /// {ReceivableIssued}; {OrderExecuted} with the first run.
    ///
    /// Notes:
    /// - A refused row uses up its place: the rest of the batch goes on.
    ///
    /// Requirements:
    /// - Those of {issueReceivable} for the whole batch; the signatures are checked with every run.
    /// - The run must be proved at its place; none of its rows may have been used.
    /// - Rows and their faces must stay within the signed count and total.
    function issueBatch(
        IssueBatch calldata order,
        Approval[] calldata approvals,
        AttestDocuments calldata attestation,
        Approval calldata attestationApproval,
        IssueRow[] calldata rows,
        Run calldata run
    ) external;

    /// @notice The supplier accepts one offered receivable, or a list.
    ///
    /// @dev Emits the ledger's {ReceivableAccepted} for each, {OrderExecuted}.
    ///
    /// Notes:
    /// - A list counts as its total for the dual-control limit.
    ///
    /// Requirements:
    /// - The supplier must have signed each offer in full; each must still be on offer, unchanged.
    /// - The supplier must have an account in the programme's deposit: money must be able to reach it.
    function acceptReceivable(AcceptReceivable calldata order, Approval[] calldata approvals) external;

    /// @notice The supplier refuses an offered receivable; the document's occupancy is given back.
    ///
    /// @dev Emits {ReceivableRefused}, the documents' {DocumentReleased}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The supplier must have signed; the receivable must still be on offer.
    function refuseReceivable(OfferEnd calldata order, Approval[] calldata approvals) external;

    /// @notice The anchor takes an offer back that its supplier has not answered.
    ///
    /// @dev Emits {ReceivableWithdrawn}, the documents' {DocumentReleased}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The anchor must have signed, naming face value and document; the receivable must be on offer.
    function withdrawReceivable(OfferEnd calldata order, Approval[] calldata approvals) external;

    /// @notice Voids an offer that nobody accepted before it was due. Anyone may call.
    ///
    /// @dev Emits {ReceivableLapsed}, the documents' {DocumentReleased}.
    ///
    /// Requirements:
    /// - The receivable must be on offer, its due instant past, and the fingerprint its document's.
    function lapseReceivable(uint64 receivableId, bytes32 documentFingerprint) external;

    /// @notice Takes an amount off a receivable: all of it, or a part by a credit note. The first order proposes, the
    /// other party's equal order does it.
    ///
    /// @dev Emits {CancellationProposed}; or {ReceivableCancelled} and the documents' {DocumentReleased};
    /// {OrderExecuted}.
    ///
    /// Notes:
    /// - A proposal ends with its order's deadline, or by another one in its place.
    ///
    /// Requirements:
    /// - Anchor and supplier must have signed the same face value, amount, document and reason.
    /// - The receivable must be active, and its only lot as it was issued (R-20).
    function cancelReceivable(CancelReceivable calldata order, Approval[] calldata approvals) external;

    /// @notice Whose agreement to a cancellation is awaited, and until when; zeros where none was proposed.
    function cancellation(uint64 receivableId) external view returns (uint32 awaited, uint40 expiresAt);

    function batch(bytes32 orderHash) external view returns (BatchProgress memory);
    function isRowUsed(bytes32 orderHash, uint256 row) external view returns (bool);
    function isProgrammeClosed(uint32 programmeId) external view returns (bool);
    function registry() external view returns (IParticipantRegistry);
    function documents() external view returns (IDocumentRegistry);
    function ledger() external view returns (IReceivableLedger);
}
