// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotPayment} from "./types/Ledger.sol";
import {SettleReceivable} from "./types/Orders.sol";
import {Act, Approval} from "./types/Participants.sol";

/// @notice Specified in ISettlement.
contract Settlement is ISettlement {
    IReceivableLedger public immutable ledger;

    constructor(IReceivableLedger ledger_) {
        ledger = ledger_;
    }

    /// @inheritdoc ISettlement
    function settleReceivable(
        SettleReceivable calldata order,
        Approval[] calldata approvals,
        uint32[] calldata lotSequences
    ) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        if (order.target != address(this)) revert IParticipantRegistry.WrongTarget(order.target, address(this));
        (uint32 obligor, address deposit, bytes3 currency) = ledger.moneyOf(order.receivableId);
        if (obligor != order.organisation || obligor == 0) {
            revert NotObligor(order.receivableId, obligor, order.organisation);
        }
        if (currency != order.currency) revert ITokenisedDeposit.WrongCurrency(order.currency, currency);
        // Effect: `paid` rises only in the call that sets as much aside; the deposit checks the anchor's signature.
        ledger.recordSettlement(order.receivableId, order.faceValue, order.paid, order.amount);
        bytes memory arguments =
            abi.encodeWithSelector(ITokenisedDeposit.earmark.selector, obligor, order.amount, order.receivableId);
        Authorisation.callSigned(deposit, arguments, orderHash, head, Act.SETTLE_RECEIVABLE, approvals);
        _payLots(deposit, obligor, order.receivableId, lotSequences);
    }

    /// @inheritdoc ISettlement
    function payLots(uint64 receivableId, uint32[] calldata lotSequences) external {
        (uint32 obligor, address deposit,) = ledger.moneyOf(receivableId);
        if (obligor == 0) revert IReceivableLedger.ReceivableUnknown(receivableId);
        _payLots(deposit, obligor, receivableId, lotSequences);
    }

    function _payLots(address deposit, uint32 obligor, uint64 receivableId, uint32[] calldata lotSequences) private {
        LotPayment[] memory payments = ledger.payLots(receivableId, lotSequences);
        if (payments.length != 0) ITokenisedDeposit(deposit).payEarmarked(obligor, receivableId, payments);
    }
}
