// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId, MAXIMUM_AMOUNT} from "../../../src/types/Ids.sol";
import {ConfirmPayment} from "../../../src/types/Orders.sol";
import {Act, Approval} from "../../../src/types/Participants.sol";
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
        _refused(
            supplier,
            order,
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(ledger), address(settlement))
        );
    }

    // when the payee has not signed
    function test_RevertWhen_ThePayeeHasNotSigned() external {
        ConfirmPayment memory order = _confirmation(supplier);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        settlement.confirmPayment(order, approvals);
    }

    // when the organisation does not hold the lot
    function test_RevertWhen_TheOrganisationDoesNotHoldTheLot() external {
        // it should revert with NotHolder: the holder, then the organisation
        _refused(
            anchor,
            _confirmation(anchor),
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, anchor.organisation
            )
        );
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        ConfirmPayment memory otherFace = _confirmation(supplier);
        otherFace.faceValue -= 1;
        ConfirmPayment memory otherPaid = _confirmation(supplier);
        otherPaid.paid = 1;

        // it should revert with LotChanged: the lot's face value, then what it was paid
        bytes memory changed = abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE, 0);
        _refused(supplier, otherFace, changed);
        _refused(supplier, otherPaid, changed);
    }

    // when the sum is more than any amount may be
    function test_RevertWhen_TheSumIsMoreThanAnyAmountMayBe() external {
        ConfirmPayment memory order = _confirmation(supplier);

        // it should revert with AmountTooLarge: the amount, or the interest, and the most there may be of it
        (order.amount, order.lateInterest) = (MAXIMUM_AMOUNT + 1, 5);
        _refused(
            supplier,
            order,
            abi.encodeWithSelector(ISettlement.AmountTooLarge.selector, MAXIMUM_AMOUNT + 1, MAXIMUM_AMOUNT)
        );
        (order.amount, order.lateInterest) = (MAXIMUM_AMOUNT - 3, 4);
        _refused(supplier, order, abi.encodeWithSelector(ISettlement.AmountTooLarge.selector, 4, 3));
    }

    // given the lot is settled
    function test_RevertGiven_TheLotIsSettled() external {
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(
            supplier,
            _confirmation(supplier),
            abi.encodeWithSelector(IReceivableLedger.LotAlreadySettled.selector, root)
        );
    }

    // when the holder confirms
    function test_WhenTheHolderConfirms() external {
        ConfirmPayment memory order = _confirmation(supplier);
        order.lateInterest = 7;
        bytes32 orderHash = Hash.order(order);

        // it should ask the registry for the act and the sum of amount and interest
        vm.expectCall(
            address(registry),
            abi.encodeWithSelector(
                IParticipantRegistry.authorise.selector,
                orderHash,
                order.organisation,
                order.nonce,
                order.deadline,
                Act.CONFIRM_PAYMENT,
                CNY,
                FACE + 7
            )
        );
        // it should emit PaymentConfirmed
        vm.expectEmit(address(settlement));
        emit ISettlement.PaymentConfirmed(receivableId, 3, 1, supplier.organisation, bank.organisation, FACE, 7, LINE);
        settlement.confirmPayment(order, _approve(supplier, orderHash));

        // it should pay nothing
        assertEq(lens.lot(root).paid, 0);
        assertEq(settlement.statementLine(LINE).used, 0);
    }

    function _confirmation(Actor memory by) private returns (ConfirmPayment memory) {
        return _confirmOrder(by, _attestOrder(bank, root, LINE));
    }

    function _refused(Actor memory by, ConfirmPayment memory order, bytes memory refusal) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectRevert(refusal);
        settlement.confirmPayment(order, approvals);
    }
}
