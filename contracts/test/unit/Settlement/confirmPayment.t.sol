// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {ConfirmPayment} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Attesting} from "../../support/Attesting.sol";
import {Hash} from "../../support/Hash.sol";

contract ConfirmPaymentTest is Attesting {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        ConfirmPayment memory order = _confirmation(supplier);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(supplier, order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the payee has not signed
    function test_RevertWhen_ThePayeeHasNotSigned() external {
        // it should revert with SignerUnknown
        _refused(anchor, _confirmation(supplier), IParticipantRegistry.SignerUnknown.selector);
    }

    // when the organisation does not hold the lot
    function test_RevertWhen_TheOrganisationDoesNotHoldTheLot() external {
        // it should revert with NotHolder
        _refused(anchor, _confirmation(anchor), IReceivableLedger.NotHolder.selector);
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        ConfirmPayment memory otherFace = _confirmation(supplier);
        otherFace.faceValue -= 1;
        ConfirmPayment memory otherPaid = _confirmation(supplier);
        otherPaid.paid = 1;

        // it should revert with LotChanged
        _refused(supplier, otherFace, IReceivableLedger.LotChanged.selector);
        _refused(supplier, otherPaid, IReceivableLedger.LotChanged.selector);
    }

    // given the lot is settled
    function test_RevertGiven_TheLotIsSettled() external {
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(supplier, _confirmation(supplier), IReceivableLedger.LotAlreadySettled.selector);
    }

    // when the holder confirms
    function test_WhenTheHolderConfirms() external {
        ConfirmPayment memory order = _confirmation(supplier);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit PaymentConfirmed
        vm.expectEmit(address(settlement));
        emit ISettlement.PaymentConfirmed(receivableId, 3, 1, supplier.organisation, bank.organisation, FACE, 0, LINE);
        settlement.confirmPayment(order, approvals);

        // it should pay nothing
        assertEq(lens.lot(root).paid, 0);
        assertEq(settlement.statementLine(LINE).used, 0);
    }

    function _confirmation(Actor memory by) private returns (ConfirmPayment memory) {
        return _confirmOrder(by, _attestOrder(bank, root, LINE));
    }

    function _refused(Actor memory by, ConfirmPayment memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        settlement.confirmPayment(order, approvals);
    }
}
