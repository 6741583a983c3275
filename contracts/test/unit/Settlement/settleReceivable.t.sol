// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {DepositPayment, ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Arrears, LotPayment, ReceivableProgress, ReceivableStatus} from "../../../src/types/Ledger.sol";
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
        _refused(
            order,
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(ledger), address(settlement))
        );
    }

    // when the organisation is not the obligor
    function test_RevertWhen_TheOrganisationIsNotTheObligor() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.organisation = supplier.organisation;

        // it should revert with NotObligor: the obligor, then who ordered
        _refused(order, _notObligor(receivableId, anchor.organisation, supplier.organisation));
    }

    // given there is no such receivable
    function test_RevertGiven_ThereIsNoSuchReceivable() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.receivableId = 99;
        SettleReceivable memory byNobody = _settleOrder(receivableId, FACE);
        (byNobody.receivableId, byNobody.organisation) = (99, 0);

        // it should revert with NotObligor, for organisation 0 as well
        _refused(order, _notObligor(99, 0, anchor.organisation));
        _refused(byNobody, _notObligor(99, 0, 0));
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(order, abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, bytes3("USD"), CNY));
    }

    // given the receivable is not accepted, or paid
    function test_RevertGiven_TheReceivableIsNotAcceptedOrPaid() external {
        uint64 offered = _issue(programmeId, supplier, FACE);
        _settle(receivableId, FACE, _allLots(receivableId));
        SettleReceivable memory again = _settleOrder(receivableId, 1);

        // it should revert with ReceivableNotActive
        _refused(_settleOrder(offered, FACE), _notActive(offered, ReceivableStatus.OFFERED));
        _refused(again, _notActive(receivableId, ReceivableStatus.SETTLED));
    }

    // when face value or paid are not the receivable's
    function test_RevertWhen_FaceValueOrPaidAreNotTheReceivables() external {
        SettleReceivable memory otherFace = _settleOrder(receivableId, FACE);
        otherFace.faceValue += 1;
        SettleReceivable memory otherPaid = _settleOrder(receivableId, FACE);
        otherPaid.paid = 1;

        // it should revert with ReceivableChanged: the face value, then what was paid
        bytes memory changed =
            abi.encodeWithSelector(IReceivableLedger.ReceivableChanged.selector, receivableId, FACE, 0);
        _refused(otherFace, changed);
        _refused(otherPaid, changed);
    }

    // when the amount is nothing, or more than is owed
    function test_RevertWhen_TheAmountIsNothingOrMoreThanIsOwed() external {
        // it should revert with AmountMissing or PaymentTooLarge
        _refused(_settleOrder(receivableId, 0), abi.encodeWithSelector(IReceivableLedger.AmountMissing.selector));
        _refused(
            _settleOrder(receivableId, FACE + 1),
            abi.encodeWithSelector(IReceivableLedger.PaymentTooLarge.selector, receivableId, FACE + 1, FACE)
        );
    }

    // given the due instant has not come > when the amount is a part
    function test_RevertWhen_TheAmountIsAPart() external {
        uint40 maturityAt = uint40(lens.receivableTerms(receivableId).maturityAt);
        vm.warp(maturityAt - 1);

        // it should revert with PaymentBeforeMaturity, to the second
        _refused(
            _settleOrder(receivableId, FACE - 1),
            abi.encodeWithSelector(
                IReceivableLedger.PaymentBeforeMaturity.selector, receivableId, maturityAt, FACE - 1, FACE
            )
        );
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
        _refused(
            _settleOrder(large, OPENING_BALANCE + 1),
            abi.encodeWithSelector(
                ITokenisedDeposit.DepositTooSmall.selector, anchor.organisation, OPENING_BALANCE, OPENING_BALANCE + 1
            )
        );
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
        assertEq(uint8(progress.arrears), uint8(Arrears.NONE));
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

    // given the due instant has come > when another part follows
    function test_WhenAnotherPartFollows() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 3, new uint32[](0));

        // it should emit ReceivableSettled with the part, then the sum of both
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.ReceivableSettled(
            receivableId, 4, FACE / 4, FACE / 3 + FACE / 4, ReceivableStatus.ACTIVE
        );
        _settle(receivableId, FACE / 4, new uint32[](0));
    }

    // given the anchor is suspended
    function test_GivenTheAnchorIsSuspended() external {
        _setStatus(anchor.organisation, ParticipantStatus.SUSPENDED);

        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay all the same
        assertEq(_balance(supplier), FACE);
    }

    function _refused(SettleReceivable memory order, bytes memory refusal) private {
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        vm.expectRevert(refusal);
        settlement.settleReceivable(order, approvals, new uint32[](0));
    }

    function _notObligor(uint64 unpaid, uint32 obligor, uint32 organisation) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.NotObligor.selector, unpaid, obligor, organisation);
    }

    function _notActive(uint64 ended, ReceivableStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IReceivableLedger.ReceivableNotActive.selector, ended, status);
    }
}
