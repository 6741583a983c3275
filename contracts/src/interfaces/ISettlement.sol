// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {LotId} from "../types/Ids.sol";
import {LotPayment, ReceivableStatus} from "../types/Ledger.sol";
import {AttestPayment, ConfirmPayment, SettleReceivable, WriteOffLot} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";
import {ProgrammeWord} from "../types/Words.sol";

/// @dev Late interest of one receivable. One storage word.
struct LateInterest {
    /// What the anchor has paid beside the face.
    uint64 paid;
    /// What of it has reached holders; the rest stays earmarked in the anchor's deposit.
    uint64 cleared;
    /// What of it lots had that were then paid outside the chain, and their faces: they share in it no more.
    uint64 left;
    uint64 leftFace;
}

/// @dev A line of a bank's statement, and how much of it was attested as payment. One storage word.
struct StatementLine {
    uint32 bank;
    uint64 amount;
    uint64 used;
}

/// @title Clearing at maturity: from the anchor's deposit straight to whoever holds each lot, or on a bank's
/// attestation.
/// @notice Assumptions: those of the ledger and of the programme's deposit. No contract of ours holds the money: it is
/// the anchor's, earmarked, until it is the holder's. Money that moved outside the chain is as true as the word of the
/// bank that its payee named; if that is false, the bank answers to the payee, and its signature proves it.
interface ISettlement {
    /// @dev Anyone may have it noted, by the clock alone: the anchor's undertaking speaks for itself.
    event ReceivableOverdue(uint64 indexed receivableId, uint32 sequence, uint64 outstanding);
    /// @dev The dishonour notice to every earlier party: holders, those before them, and the supplier.
    event ReceivableDefaulted(uint64 indexed receivableId, uint32 sequence, uint64 outstanding);
    event LateInterestCharged(uint64 indexed receivableId, uint32 sequence, uint64 amount, uint64 paid);
    event LateInterestPaid(uint64 indexed receivableId, uint32 sequence, LotPayment[] payments);
    event LotWrittenOff(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 indexed holder,
        uint64 amount,
        ReceivableStatus status
    );

    /// @dev The payee's own word, of its own statement; nothing is paid by it alone.
    event PaymentConfirmed(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 indexed payee,
        uint32 bank,
        uint64 amount,
        uint64 lateInterest,
        bytes32 lineHash
    );
    /// @dev A lot was paid in full outside the chain; `paid` and `status` are the receivable's after it.
    event PaymentAttested(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 indexed payee,
        uint32 indexed bank,
        uint64 amount,
        uint64 lateInterest,
        uint40 valueAt,
        bytes32 lineHash,
        uint64 paid,
        ReceivableStatus status
    );

    error NotPayeesBank(uint32 payee, uint32 bank, uint32 organisation);
    error ConfirmationMissing(LotId lotId, uint32 payee, uint32 bank);
    error AttestedAmountDiffers(LotId lotId, uint64 outstanding, uint64 lateInterest);
    error PaymentShared(LotId lotId, uint32 payee, uint64 amount);
    error AmountTooLarge(uint64 amount, uint64 limit);
    error StatementLineMissing(LotId lotId);
    error StatementLineChanged(bytes32 lineHash, uint32 bank, uint64 amount);
    error StatementLineUsed(bytes32 lineHash, uint64 available, uint64 amount);
    error NotObligor(uint64 receivableId, uint32 obligor, uint32 organisation);
    error LateInterestTooLow(uint64 receivableId, uint64 lateInterest, uint64 signed);

    /// @notice The anchor pays a receivable, in full or (from its due instant) in part; the lots named are paid at
    /// once.
    /// @dev Emits the ledger's {ReceivableSettled} and {LotsPaid}, the deposit's {DepositEarmarked} and
    /// {EarmarkPaid}, {OrderExecuted}; a day or more late, also {LateInterestCharged} and {LateInterestPaid}.
    ///
    /// Notes:
    /// - `lotSequences` is chosen by whoever relays and is not signed: lots left out are paid by {payLots}.
    /// - Each lot is owed the floor of its share of what was paid; nothing else rounds.
    ///
    /// Requirements:
    /// - The receivable's obligor must have signed, naming its face value and what was paid before.
    /// - The obligor's free deposit must cover the amount and the late interest on it (R-17), which the obligor must
    ///   have signed for.
    function settleReceivable(
        SettleReceivable calldata order,
        Approval[] calldata approvals,
        uint32[] calldata lotSequences
    ) external;

    /// @notice Pays lots what is due to them out of what the anchor has paid. Anyone may call.
    ///
    /// @dev Emits the ledger's {LotsPaid} and the deposit's {EarmarkPaid}, unless nothing was due.
    ///
    /// Notes:
    /// - Lots that are paid up, unknown, repeated or whose holder is blocked are passed over.
    function payLots(uint64 receivableId, uint32[] calldata lotSequences) external;

    /// @notice Notes that a receivable was not paid in full when it was due. Anyone may call.
    ///
    /// @dev Emits {ReceivableOverdue}.
    ///
    /// Notes:
    /// - Its anchor issues nothing more until it has paid it (R-08).
    ///
    /// Requirements:
    /// - The receivable must be active, a day must have passed since it was due, and nothing be noted yet.
    function noteOverdue(uint64 receivableId) external;

    /// @notice Notes that a receivable is in default: the dishonour notice. Anyone may call.
    ///
    /// @dev Emits {ReceivableDefaulted}.
    ///
    /// Requirements:
    /// - The receivable must be active, its grace past, and its default not noted yet.
    function noteDefault(uint64 receivableId) external;

    /// @notice The holder of a lot in default gives it up in its books.
    ///
    /// @dev Emits {LotWrittenOff}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The anchor still owes it: what it pays later reaches the holder.
    /// - Once every lot is written off, so is the receivable.
    ///
    /// Requirements:
    /// - The holder must have signed, naming the lot's face value and what was paid on it.
    /// - The lot must be free and paid up to date; the default must have been noted.
    function writeOffLot(WriteOffLot calldata order, Approval[] calldata approvals) external;

    /// @notice The payee says that it was paid outside the chain, by a line of its own statement.
    ///
    /// @dev Emits {PaymentConfirmed}, {OrderExecuted}.
    ///
    /// Notes:
    /// - Nothing is paid by it: the payee's bank has to attest the very same.
    ///
    /// Requirements:
    /// - The lot's holder must have signed, naming its face value and what was paid on it; it must not be settled.
    function confirmPayment(ConfirmPayment calldata order, Approval[] calldata approvals) external;

    /// @notice The payee's settlement bank attests that all that was outstanding on a lot came in outside the chain.
    ///
    /// @dev Emits {PaymentAttested}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The lot is paid; what is set aside for the other lots, or is paid for them later, is shared without it.
    /// - It counts before the due instant too: it is the whole of the lot, and nobody else's title is touched.
    ///
    /// Requirements:
    /// - The bank that the payee named in the registry must have signed; the payee must hold the lot.
    /// - Where that bank is of the payer's group, or of the group of the bank the payer named, or keeps the payer's
    ///   deposit, or the payer named none, the payee must have confirmed the very same.
    /// - The amount must be what is outstanding, and the late interest what had accrued at the value date, which must
    ///   not lie ahead.
    /// - The statement's line must bear it: its parts together are never more than it, and it is one bank's.
    /// - All of it must be the holder's: no pledgee's and no earlier seller's; and the lot must have had what is due
    ///   to it from what was set aside.
    function attestPayment(AttestPayment calldata order, Approval[] calldata approvals) external;

    /// @notice Uses a part of a line of a bank's statement for what was paid for a lot. For Funding only.
    ///
    /// Requirements:
    /// - The line's parts together are never more than it, whatever they pay for, and it is one bank's.
    function useLine(LotId lotId, uint32 bank, bytes32 lineHash, uint64 lineAmount, uint64 amount) external;

    /// @notice Whether a bank's word on what a payer paid needs no second: it is not of the payer's group, nor of that
    /// of the bank the payer named, and keeps no deposit of the payer's. A payer that named no bank may bank with any.
    function isFarFrom(uint32 bank, uint32 payer, ProgrammeWord rules) external view returns (bool);

    /// @notice A line of a bank's statement, and how much of it was attested; all zero for one nobody used.
    function statementLine(bytes32 lineHash) external view returns (StatementLine memory);
    function attestedLine(LotId lotId) external view returns (bytes32);
    function lateInterest(uint64 receivableId) external view returns (LateInterest memory);
    function lateInterestPaid(LotId lotId) external view returns (uint64);
    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
}
