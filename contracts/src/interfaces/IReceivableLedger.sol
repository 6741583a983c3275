// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "./IEncumbrances.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {LotId} from "../types/Ids.sol";
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
} from "../types/Ledger.sol";
import {Offer, ProposeTransfer, SplitLot, TransferAnswer, UnsplitLot} from "../types/Orders.sol";
import {Approval, Signed} from "../types/Participants.sol";
import {
    LimitsWord,
    LotWord,
    PendingWord,
    ProgrammeWord,
    StandingWord,
    TenorWord,
    TermsWord,
    UndertakingWord
} from "../types/Words.sol";

/// @title Receivables and their lots: the core that conserves value.
/// @notice Assumptions. (1) The companions given at construction are the reviewed ones: they are constants, not
/// modules. (2) Amounts are minor units of the programme's currency. (3) A programme's deposit is an accredited
/// settlement bank's contract. If (3) breaks, money may not reach holders; title is still conserved.
interface IReceivableLedger {
    /// @dev ERC-3525's events, so that explorers show lots; an organisation appears as address(uint160(id)).
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event TransferValue(uint256 indexed fromTokenId, uint256 indexed toTokenId, uint256 value);
    event SlotChanged(uint256 indexed tokenId, uint256 indexed oldSlot, uint256 indexed newSlot);

    event ProgrammeOpened(
        uint32 indexed programmeId,
        uint32 indexed anchor,
        Programme programme,
        bytes32 tenorReasonHash,
        bytes32 termsHash
    );
    event TenorLimitsSet(TenorLimits limits);
    event TransferRulesReplaced(uint32 indexed programmeId, address transferRules);
    /// @dev Sequence 1 of the receivable's stream.
    event ReceivableIssued(
        uint64 indexed receivableId,
        uint32 indexed obligor,
        uint32 indexed supplier,
        uint32 programmeId,
        uint64 faceValue,
        uint40 maturityAt,
        uint40 graceEndsAt,
        uint8 documentType,
        uint64 documentAmount,
        uint32 documentSequence,
        bytes32 documentFingerprint,
        bytes32 documentCommitment
    );
    event ReceivableAccepted(uint64 indexed receivableId, uint32 sequence);
    event LotSplit(
        uint64 indexed receivableId, uint32 sequence, uint32 parentSequence, uint64 remainingFaceValue, LotPart[] parts
    );
    /// @dev A lot went back into the one it was split from; it has no value any more.
    event LotUnsplit(
        uint64 indexed receivableId, uint32 sequence, uint32 parentSequence, uint32 lotSequence, uint64 faceValue
    );
    event TransferProposed(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 from,
        uint32 to,
        uint40 expiresAt,
        bytes32 offer,
        bytes32 remarkHash
    );
    event TransferAccepted(uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 from, uint32 to);
    event TransferRejected(uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 from, uint32 to);
    event TransferRevoked(uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 from, uint32 to);
    event TransferLapsed(uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 from, uint32 to);
    /// @dev A transfer in a programme whose receivers need not accept.
    event LotTransferred(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 from, uint32 to, bytes32 remarkHash
    );
    /// @dev Title passed to a funder; `lotSequence` is the lot delivered, `parentSequence` the one it was taken from
    /// (the same where the whole lot was financed).
    event LotFinanced(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 parentSequence,
        uint32 lotSequence,
        uint32 from,
        uint32 to,
        uint64 faceValue
    );
    event ReceivableSettled(
        uint64 indexed receivableId, uint32 sequence, uint64 amount, uint64 paid, ReceivableStatus status
    );
    event LotsPaid(uint64 indexed receivableId, uint32 sequence, LotPayment[] payments);

    error CompanionRequired(address caller);
    error TenorLimitsMalformed(uint16 maximumDays, uint16 usualDays);
    error ProgrammeUnknown(uint32 programmeId);
    error ReceivableUnknown(uint64 receivableId);
    error ReceivableNotActive(uint64 receivableId, ReceivableStatus status);
    error ReceivableNotOffered(uint64 receivableId, ReceivableStatus status);
    error OfferChanged(uint64 receivableId);
    error OfferLapsed(uint64 receivableId, uint40 maturityAt);
    /// @dev It was split, moved, encumbered or paid: what happened since issue binds others.
    error ReceivableTouched(uint64 receivableId);
    error LotIsRoot(LotId lotId);
    /// @dev One of them was handed on since they were parted.
    error LotsApart(LotId lotId, LotId parentId);
    error LotUnknown(LotId lotId);
    error LotChanged(LotId lotId, uint64 faceValue, uint64 paid);
    error LotEncumbered(LotId lotId, Encumbrance encumbrance);
    error LotAlreadySettled(LotId lotId);
    error LotPartlyPaid(LotId lotId, uint64 paid);
    error NotHolder(LotId lotId, uint32 holder, uint32 organisation);
    error PartsMissing();
    error PartTooLarge(LotId lotId, uint64 partFaceValue, uint64 available);
    error LotTooSmall(uint64 faceValue, uint64 minimum);
    error TransferRefused(LotId lotId, uint32 to, bytes4 reason);
    error TransferNotPending(LotId lotId);
    error WrongOffer(LotId lotId, bytes32 offer);
    error OfferExpired(LotId lotId, uint40 expiresAt);
    error OfferNotExpired(LotId lotId, uint40 expiresAt);
    error NotReceiver(LotId lotId, uint32 to, uint32 organisation);
    error InstantOutOfRange(uint64 instant);
    error ReceivableChanged(uint64 receivableId, uint64 faceValue, uint64 paid);
    error PaymentBeforeMaturity(uint64 receivableId, uint40 maturityAt, uint64 amount, uint64 outstanding);
    error PaymentTooLarge(uint64 receivableId, uint64 amount, uint64 outstanding);
    error AmountMissing();
    error AnchorOverdue(uint32 anchor, uint32 count);
    error NotYetOverdue(uint64 receivableId, uint40 until);
    error ArrearsAlreadyNoted(uint64 receivableId, Arrears arrears);
    error NotInDefault(uint64 receivableId, uint40 graceEndsAt);
    error LotIndivisible(LotId lotId);
    error LotFrozen(LotId lotId, uint40 until);

    /// @notice Splits parts off a lot; a part for another organisation changes hands, or is offered to it.
    ///
    /// @dev Emits {LotSplit}, then {TransferProposed} for each part whose receiver must accept, ERC-3525's events,
    /// {OrderExecuted}.
    ///
    /// Notes:
    /// - Children are numbered by the receivable's own counter; nobody chooses or foresees a number.
    /// - Parts for others wait for acceptance until `expiresAt` where the programme requires acceptance.
    ///
    /// Requirements:
    /// - The lot's holder must have signed, naming the lot's face value and what was paid on it.
    /// - The receivable must be active; the lot unencumbered, with nothing paid on it or due to it.
    /// - Every part and the remainder must be at least the minimum lot.
    /// - TransferRules must allow each part's movement.
    function splitLot(SplitLot calldata order, Approval[] calldata approvals) external;

    /// @notice Gives a lot back to the one it was split from.
    ///
    /// @dev Emits {LotUnsplit}, ERC-3525's events, {OrderExecuted}.
    ///
    /// Notes:
    /// - The number is not used again; lots that were split off the child still name it as their parent.
    ///
    /// Requirements:
    /// - The holder of both must have signed, naming both face values.
    /// - Both must be free and unpaid, and neither handed on since they were parted.
    function unsplitLot(UnsplitLot calldata order, Approval[] calldata approvals) external;

    /// @notice Transfers a whole lot, or offers it where the programme requires the receiver's acceptance.
    ///
    /// @dev Emits {TransferProposed} or {LotTransferred}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The lot's holder must have signed, naming the lot's face value and what was paid on it.
    /// - The receivable must be active; the lot unencumbered, not settled, and paid up to date.
    /// - TransferRules must allow the movement.
    function proposeTransfer(ProposeTransfer calldata order, Approval[] calldata approvals) external;

    /// @notice Offer and acceptance in one transaction, with both signatures in hand.
    ///
    /// @dev Emits {TransferAccepted}, {OrderExecuted} twice.
    ///
    /// Requirements:
    /// - Those of {proposeTransfer} and {acceptTransfer}; also here the offer must not have expired.
    function transferLot(
        ProposeTransfer calldata order,
        Approval[] calldata approvals,
        TransferAnswer calldata answer,
        Approval[] calldata answerApprovals
    ) external;

    /// @notice The receiver accepts a lot offered to it.
    ///
    /// @dev Emits {TransferAccepted}, ERC-3525's Transfer, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The receiver must have signed this very offer, with the lot's face value and what was paid on it.
    /// - The offer must be pending and not expired; the lot paid what is due to it; TransferRules must still allow the
    ///   movement.
    function acceptTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external;

    /// @notice The receiver declines; the lot is free again.
    ///
    /// @dev Emits {TransferRejected}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The receiver must have signed this very offer; it must be pending.
    function rejectTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external;

    /// @notice The sender takes its offer back; the lot is free again.
    ///
    /// @dev Emits {TransferRevoked}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The holder must have signed this very offer; it must be pending.
    function revokeTransfer(TransferAnswer calldata answer, Approval[] calldata approvals) external;

    /// @notice Frees a lot whose offer expired. Anyone may call.
    ///
    /// @dev Emits {TransferLapsed}.
    ///
    /// Requirements:
    /// - The offer must be pending and past its expiry.
    function lapseTransfer(LotId lotId) external;

    // --- For the companions

    function recordProgramme(Programme calldata programme_, bytes32 tenorReasonHash, bytes32 termsHash)
        external
        returns (uint32 programmeId);
    function open(uint32 obligor, uint32 programmeId, NewReceivable[] calldata receivables)
        external
        returns (uint64 firstReceivableId);
    function accept(uint32 supplier, Offer[] calldata offers) external;

    /// @notice Takes `amount` off a receivable that is as it was issued; all of it ends it. 0 takes nothing and only
    /// counts an act about it.
    ///
    /// Requirements:
    /// - The receivable must have the expected status (offered or active), face value and document.
    /// - It must not have been split, moved, encumbered or paid.
    function take(
        uint64 receivableId,
        uint64 faceValue,
        uint64 amount,
        bytes32 fingerprint,
        ReceivableStatus expected,
        ReceivableStatus ending
    ) external returns (uint32 sequence);
    function lockForFinancing(LotId lotId, uint64 faceValue, uint64 paid, uint64 partFaceValue, Signed calldata signed)
        external
        returns (uint32 holder, uint32 sequence);
    function unlock(LotId lotId) external returns (uint32 holder, uint32 sequence);
    /// @notice Hands a lot, or part of it, to its buyer. What reaches the anchor that owes it is owed no more.
    function deliver(Delivery calldata delivery, Signed calldata signed)
        external
        returns (uint32 deliveredSequence, uint32 sequence);
    function recordSettlement(uint64 receivableId, uint64 faceValue, uint64 paid, uint64 amount)
        external
        returns (uint40 maturityAt);
    function payLots(uint64 receivableId, uint32[] calldata lotSequences)
        external
        returns (LotPayment[] memory payments);
    /// @notice Marks a lot as paid in full outside the chain; it shares no more in what is set aside for the others.
    ///
    /// Requirements:
    /// - Settlement has checked that it is owed, whose it is, and that no other right binds its payment.
    /// - It must have been paid what is due to it by then.
    function recordAttestation(LotId lotId) external returns (StandingWord standing);

    /// @notice Marks a receivable as unpaid after its due instant, or after its grace; counts against its anchor.
    function noteArrears(uint64 receivableId, Arrears arrears) external returns (uint32 sequence, uint64 outstanding);
    /// @notice Marks a lot in default as given up by its holder, who has signed.
    function writeOff(LotId lotId, uint64 faceValue, uint64 paid, Signed calldata signed)
        external
        returns (uint32 holder, uint32 sequence, ReceivableStatus status);
    /// @notice Hands a free lot to who paid its holder outside this call: back to the seller that repurchases it, or to
    /// the funder whose bank transfer was attested. The market has the orders that say so.
    function reassign(LotId lotId, uint64 faceValue, uint64 paid, uint32 to, bool indivisible)
        external
        returns (uint32 holder, uint32 sequence);
    /// @notice Marks a lot for good: whether it may move and who is paid is asked of Encumbrances from now on.
    function mark(LotId lotId) external returns (uint32 sequence);
    /// @notice Pledges a free lot of its holder, as signed, and marks it.
    function pledge(LotId lotId, uint32 holder, uint64 faceValue, uint64 paid) external returns (uint32 sequence);
    /// @notice Frees a pledged lot; one that is paid in full is free already.
    function endPledge(LotId lotId) external returns (uint32 sequence);
    /// @notice Counts an act of another companion in a receivable's stream.
    function advance(uint64 receivableId) external returns (uint32 sequence);

    // --- Views

    // As kept; {ILedgerLens} reads them field by field.
    function lotWord(LotId lotId) external view returns (LotWord);
    function receivableWords(uint64 receivableId) external view returns (UndertakingWord, StandingWord);
    function programmeWords(uint32 programmeId) external view returns (ProgrammeWord, LimitsWord, TermsWord);
    function pendingWord(LotId lotId) external view returns (PendingWord);
    /// @notice How many receivables an anchor was noted not to have paid in time, and still has not.
    function overdueCount(uint32 anchor) external view returns (uint32);
    /// @notice What issue asks of a programme, in one word of storage, zero for an unknown one; and how many days a
    /// receivable issued now may run: the programme's own limit or the law's, 0 where its time is over.
    function issueRules(uint32 programmeId) external view returns (ProgrammeWord rules, uint16 longestDays);
    /// @notice What every act asks of a receivable's programme, in one word: who pays it, out of which deposit, in
    /// which currency; zero for an unknown one.
    function programmeRulesOf(uint64 receivableId) external view returns (ProgrammeWord);
    /// @notice How long receivables may run at issue.
    function tenorLimits() external view returns (TenorWord);
    function receivableCount() external view returns (uint64);
    function programmeCount() external view returns (uint24);
    function registry() external view returns (IParticipantRegistry);
    function issuance() external view returns (address);
    function market() external view returns (address);
    function settlement() external view returns (address);
    function encumbrances() external view returns (IEncumbrances);

    // --- Administration

    /// @notice Replaces the rules of a programme: the only part that can be.
    function replaceTransferRules(uint32 programmeId, address transferRules) external;

    /// @notice Sets how long receivables issued from an instant on may run (R-01, R-02), and until when legacy ones are
    /// issued (R-11). What was issued before stays as it is.
    ///
    /// @dev Emits {TenorLimitsSet}.
    ///
    /// Requirements:
    /// - The longest must be a day or more, and the usual at most the longest.
    function setTenorLimits(uint16 maximumDays, uint16 usualDays, uint40 from, uint32 legacyUntil) external;
}
