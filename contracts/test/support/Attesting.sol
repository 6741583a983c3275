// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DiscountLib} from "../../src/libraries/DiscountLib.sol";
import {LotId} from "../../src/types/Ids.sol";
import {Lot, Programme} from "../../src/types/Ledger.sol";
import {AttestPayment, ConfirmPayment, NameSettlementBank} from "../../src/types/Orders.sol";
import {KIND_SETTLEMENT_BANK} from "../../src/types/Participants.sol";
import {Actor, Base} from "../Base.t.sol";
import {Hash} from "./Hash.sol";

/// @dev Money that moves outside the chain: the bank of those who are paid, and another of the anchor's.
abstract contract Attesting is Base {
    bytes32 internal constant LINE = keccak256("a statement's line");

    Actor internal payeesBank;
    Actor internal payersBank;

    /// @dev Admitted, and named by everybody whom they bank.
    function _introduceBanks() internal {
        _admit(payeesBank, "payee's bank", KIND_SETTLEMENT_BANK);
        _admit(payersBank, "payer's bank", KIND_SETTLEMENT_BANK);
        skip(KEY_DELAY);
        _nameBank(anchor, payersBank.organisation);
        _nameBank(supplier, payeesBank.organisation);
        _nameBank(subSupplier, payeesBank.organisation);
        _nameBank(funder, payeesBank.organisation);
        skip(KEY_DELAY);
    }

    function _nameBankOrder(Actor memory by, uint32 named) internal returns (NameSettlementBank memory) {
        return NameSettlementBank({
            target: address(registry),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            currency: CNY,
            bank: named
        });
    }

    function _nameBank(Actor memory by, uint32 named) internal {
        NameSettlementBank memory order = _nameBankOrder(by, named);
        registry.nameSettlementBank(order, _approve(by, Hash.order(order)));
    }

    /// @dev All that is outstanding on a lot, come in now, by a line of just that.
    function _attestOrder(Actor memory by, LotId lotId, bytes32 lineHash)
        internal
        returns (AttestPayment memory order)
    {
        Lot memory lot = lens.lot(lotId);
        order.target = address(settlement);
        order.organisation = by.organisation;
        order.nonce = _nonce(by.maker);
        order.deadline = _deadline();
        order.lotId = lotId;
        order.faceValue = lot.faceValue;
        order.paid = lot.paid;
        order.payee = lot.holder;
        order.currency = CNY;
        order.amount = lot.faceValue - lot.paid;
        order.valueAt = uint64(block.timestamp);
        order.lateInterest = _accrued(lotId, order.amount, order.valueAt);
        order.lineHash = lineHash;
        order.lineAmount = order.amount + order.lateInterest;
    }

    function _attest(Actor memory by, LotId lotId, bytes32 lineHash) internal {
        AttestPayment memory order = _attestOrder(by, lotId, lineHash);
        settlement.attestPayment(order, _approve(by, Hash.order(order)));
    }

    /// @dev The payee's word for what a bank attests.
    function _confirmOrder(Actor memory by, AttestPayment memory attested) internal returns (ConfirmPayment memory) {
        return ConfirmPayment({
            target: address(settlement),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: attested.lotId,
            faceValue: attested.faceValue,
            paid: attested.paid,
            bank: attested.organisation,
            currency: attested.currency,
            amount: attested.amount,
            lateInterest: attested.lateInterest,
            valueAt: attested.valueAt,
            lineHash: attested.lineHash,
            lineAmount: attested.lineAmount
        });
    }

    function _confirm(Actor memory by, AttestPayment memory attested) internal {
        ConfirmPayment memory order = _confirmOrder(by, attested);
        settlement.confirmPayment(order, _approve(by, Hash.order(order)));
    }

    /// @dev What is shared of what the anchor paid from its deposit, and among which faces.
    function _pool(uint64 receivableId) internal view returns (uint64 face, uint64 paid) {
        uint64 leftFace = settlement.lateInterest(receivableId).leftFace;
        face = lens.receivableTerms(receivableId).faceValue - leftFace;
        paid = lens.receivableProgress(receivableId).paid - leftFace;
    }

    function _accrued(LotId lotId, uint64 amount, uint64 valueAt) private view returns (uint64) {
        uint64 receivableId = lotId.receivableOf();
        Programme memory terms = lens.programme(lens.receivableTerms(receivableId).programmeId);
        return DiscountLib.lateInterestAt(
            amount, terms.lateInterestBps, lens.receivableTerms(receivableId).maturityAt, valueAt
        );
    }
}
