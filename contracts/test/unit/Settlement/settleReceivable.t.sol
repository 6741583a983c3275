// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {DepositPayment, ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {LotPayment, ReceivableProgress, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {SettleReceivable} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract SettleReceivableTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the organisation is not the obligor
    function test_RevertWhen_TheOrganisationIsNotTheObligor() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.organisation = supplier.organisation;

        // it should revert with NotObligor
        _refused(order, ISettlement.NotObligor.selector);
    }

    // given there is no such receivable
    function test_RevertGiven_ThereIsNoSuchReceivable() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.receivableId = 99;
        SettleReceivable memory byNobody = _settleOrder(receivableId, FACE);
        (byNobody.receivableId, byNobody.organisation) = (99, 0);

        // it should revert with NotObligor, for organisation 0 as well
        _refused(order, ISettlement.NotObligor.selector);
        _refused(byNobody, ISettlement.NotObligor.selector);
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(order, ITokenisedDeposit.WrongCurrency.selector);
    }

    // given the receivable is not accepted, or paid
    function test_RevertGiven_TheReceivableIsNotAcceptedOrPaid() external {
        uint64 offered = _issue(programmeId, supplier, FACE);
        _settle(receivableId, FACE, _allLots(receivableId));
        SettleReceivable memory again = _settleOrder(receivableId, 1);

        // it should revert with ReceivableNotActive
        _refused(_settleOrder(offered, FACE), IReceivableLedger.ReceivableNotActive.selector);
        _refused(again, IReceivableLedger.ReceivableNotActive.selector);
    }

    // when face value or paid are not the receivable's
    function test_RevertWhen_FaceValueOrPaidAreNotTheReceivables() external {
        SettleReceivable memory otherFace = _settleOrder(receivableId, FACE);
        otherFace.faceValue += 1;
        SettleReceivable memory otherPaid = _settleOrder(receivableId, FACE);
        otherPaid.paid = 1;

        // it should revert with ReceivableChanged
        _refused(otherFace, IReceivableLedger.ReceivableChanged.selector);
        _refused(otherPaid, IReceivableLedger.ReceivableChanged.selector);
    }

    // when the amount is nothing, or more than is owed
    function test_RevertWhen_TheAmountIsNothingOrMoreThanIsOwed() external {
        // it should revert with AmountMissing or PaymentTooLarge
        _refused(_settleOrder(receivableId, 0), IReceivableLedger.AmountMissing.selector);
        _refused(_settleOrder(receivableId, FACE + 1), IReceivableLedger.PaymentTooLarge.selector);
    }

    // given the due instant has not come > when the amount is a part
    function test_RevertWhen_TheAmountIsAPart() external {
        vm.warp(lens.receivableTerms(receivableId).maturityAt - 1);

        // it should revert with PaymentBeforeMaturity, to the second
        _refused(_settleOrder(receivableId, FACE - 1), IReceivableLedger.PaymentBeforeMaturity.selector);
    }

    // when the anchor has not signed
    function test_RevertWhen_TheAnchorHasNotSigned() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        settlement.settleReceivable(order, approvals, new uint32[](0));
    }

    // given the anchor's money does not cover the amount
    function test_RevertGiven_TheAnchorsMoneyDoesNotCoverTheAmount() external {
        uint64 large = _issue(programmeId, supplier, OPENING_BALANCE + 1);
        _accept(supplier, large);

        // it should revert with DepositTooSmall
        _refused(_settleOrder(large, OPENING_BALANCE + 1), ITokenisedDeposit.DepositTooSmall.selector);
    }

    // given the due instant has not come > when the amount is the whole
    function test_WhenTheAmountIsTheWhole() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        LotPayment[] memory payments = new LotPayment[](1);
        payments[0] = LotPayment({lotSequence: 1, payee: supplier.organisation, amount: FACE});
        DepositPayment[] memory paid = new DepositPayment[](1);
        paid[0] = DepositPayment({payee: supplier.organisation, payeeSequence: 2, amount: FACE});

        // it should emit ReceivableSettled, DepositEarmarked, LotsPaid and EarmarkPaid
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.ReceivableSettled(receivableId, 3, FACE, FACE, ReceivableStatus.SETTLED);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositEarmarked(anchor.organisation, 3, FACE, receivableId);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotsPaid(receivableId, 4, payments);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.Transfer(
            address(uint160(anchor.organisation)), address(uint160(supplier.organisation)), FACE
        );
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.EarmarkPaid(anchor.organisation, 4, receivableId, paid);
        settlement.settleReceivable(order, approvals, _allLots(receivableId));

        // it should settle the receivable and its lot, and leave nothing aside
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        assertEq(uint8(progress.status), uint8(ReceivableStatus.SETTLED));
        assertEq(progress.cleared, FACE);
        assertTrue(lens.lot(root).settled);
        assertEq(_balance(supplier), FACE);
        assertEq(_balance(anchor), OPENING_BALANCE - FACE);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    // given the due instant has come > when the amount is a part
    function test_WhenTheAmountIsAPart() external {
        _toMaturity(receivableId);

        _settle(receivableId, FACE / 3, new uint32[](0));

        // it should set the money aside for whoever holds, and leave the receivable open
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        assertEq(uint8(progress.status), uint8(ReceivableStatus.ACTIVE));
        assertEq(progress.paid, FACE / 3);
        assertEq(progress.cleared, 0);
        assertEq(deposit.account(anchor.organisation).earmarked, FACE / 3);
        assertEq(_balance(anchor), OPENING_BALANCE - FACE / 3);
    }

    // given the anchor is suspended
    function test_GivenTheAnchorIsSuspended() external {
        _setStatus(anchor.organisation, ParticipantStatus.SUSPENDED);

        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay all the same
        assertEq(_balance(supplier), FACE);
    }

    function _refused(SettleReceivable memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        vm.expectPartialRevert(expected);
        settlement.settleReceivable(order, approvals, new uint32[](0));
    }
}
