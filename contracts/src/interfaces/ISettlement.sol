// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "./IReceivableLedger.sol";
import {SettleReceivable} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @title Clearing at maturity: from the anchor's deposit straight to whoever holds each lot.
/// @notice Assumptions: those of the ledger and of the programme's deposit. No contract of ours holds the money: it is
/// the anchor's, earmarked, until it is the holder's.
interface ISettlement {
    error NotObligor(uint64 receivableId, uint32 obligor, uint32 organisation);

    /// @notice The anchor pays a receivable, in full or (from its due instant) in part; the lots named are paid at
    /// once.
    /// @dev Emits the ledger's {ReceivableSettled} and {LotsPaid}, the deposit's {DepositEarmarked} and
    /// {EarmarkPaid}, {OrderExecuted}.
    ///
    /// Notes:
    /// - `lotSequences` is chosen by whoever relays and is not signed: lots left out are paid by {payLots}.
    /// - Each lot is owed the floor of its share of what was paid; nothing else rounds.
    ///
    /// Requirements:
    /// - The receivable's obligor must have signed, naming its face value and what was paid before.
    /// - The obligor's free deposit must cover the amount.
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
    function ledger() external view returns (IReceivableLedger);
}
