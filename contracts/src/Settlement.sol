// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {LotPayment, ReceivableTerms} from "./types/Ledger.sol";
import {SETTLE_RECEIVABLE_TYPEHASH, SettleReceivable} from "./types/Orders.sol";
import {Act, Approval, Signed} from "./types/Participants.sol";

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
        // Check
        if (order.target != address(this)) revert IParticipantRegistry.WrongTarget(order.target, address(this));
        ReceivableTerms memory terms = ledger.receivableTerms(order.receivableId);
        if (terms.obligor != order.organisation || terms.obligor == 0) {
            revert NotObligor(order.receivableId, terms.obligor, order.organisation);
        }
        ITokenisedDeposit deposit = ITokenisedDeposit(ledger.programme(terms.programmeId).deposit);
        if (deposit.currency() != order.currency) {
            revert ITokenisedDeposit.WrongCurrency(order.currency, deposit.currency());
        }
        // Effect: `paid` rises only in the call that sets as much aside; the deposit checks the anchor's signature.
        ledger.recordSettlement(order.receivableId, order.faceValue, order.paid, order.amount);
        deposit.earmark(
            terms.obligor,
            order.amount,
            order.receivableId,
            Signed({
                orderHash: keccak256(abi.encode(SETTLE_RECEIVABLE_TYPEHASH, order)),
                nonce: order.nonce,
                deadline: order.deadline,
                act: Act.SETTLE_RECEIVABLE,
                approvals: approvals
            })
        );
        _payLots(deposit, terms.obligor, order.receivableId, lotSequences);
    }

    /// @inheritdoc ISettlement
    function payLots(uint64 receivableId, uint32[] calldata lotSequences) external {
        ReceivableTerms memory terms = ledger.receivableTerms(receivableId);
        if (terms.obligor == 0) revert IReceivableLedger.ReceivableUnknown(receivableId);
        ITokenisedDeposit deposit = ITokenisedDeposit(ledger.programme(terms.programmeId).deposit);
        _payLots(deposit, terms.obligor, receivableId, lotSequences);
    }

    function _payLots(ITokenisedDeposit deposit, uint32 obligor, uint64 receivableId, uint32[] calldata lotSequences)
        private
    {
        LotPayment[] memory payments = ledger.payLots(receivableId, lotSequences);
        if (payments.length != 0) deposit.payEarmarked(obligor, receivableId, payments);
    }
}
