// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {LotId} from "../types/Ids.sol";
import {LotPayment, ReceivableStatus} from "../types/Ledger.sol";
import {SettleReceivable, WriteOffLot} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @dev Late interest of one receivable. One storage word.
struct LateInterest {
    /// What the anchor has paid beside the face.
    uint64 paid;
    /// What of it has reached holders; the rest stays earmarked in the anchor's deposit.
    uint64 cleared;
}

/// @title Clearing at maturity: from the anchor's deposit straight to whoever holds each lot.
/// @notice Assumptions: those of the ledger and of the programme's deposit. No contract of ours holds the money: it is
/// the anchor's, earmarked, until it is the holder's.
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

    function lateInterest(uint64 receivableId) external view returns (LateInterest memory);
    function lateInterestPaid(LotId lotId) external view returns (uint64);
    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
}
