// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {LotPayment} from "../../../src/types/Ledger.sol";
import {OpenProgramme, Part, SettleReceivable} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @notice What a payment after the due instant costs the anchor beside the face, and whom it reaches.
contract LateInterestTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when it is paid less than a day late
    function test_WhenItIsPaidLessThanADayLate() external {
        vm.warp(lens.receivableTerms(receivableId).maturityAt + 1 days - 1);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should cost nothing
        assertEq(_balance(anchor), OPENING_BALANCE - FACE);
        assertEq(settlement.lateInterest(receivableId).paid, 0);
    }

    // when it is paid just a day late
    function test_WhenItIsPaidJustADayLate() external {
        _daysLate(1);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should cost a day's interest
        assertEq(_balance(anchor), OPENING_BALANCE - FACE - FACE / 10_000 * 5);
    }

    // when the interest is more than the anchor signed for
    function test_RevertWhen_TheInterestIsMoreThanTheAnchorSignedFor() external {
        _daysLate(10);
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.lateInterest = FACE / 10_000 * 50 - 1;
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with LateInterestTooLow
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.LateInterestTooLow.selector, receivableId, order.lateInterest + 1, order.lateInterest
            )
        );
        settlement.settleReceivable(order, approvals, new uint32[](0));
    }

    // when the interest is just what the anchor signed for
    function test_WhenTheInterestIsJustWhatTheAnchorSignedFor() external {
        _daysLate(10);
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.lateInterest = FACE / 10_000 * 50;

        settlement.settleReceivable(order, _approve(anchor, Hash.order(order)), _allLots(receivableId));

        // it should be paid
        assertEq(_balance(supplier), FACE + order.lateInterest);
    }

    // when it is paid in full, late
    function test_WhenItIsPaidInFullLate() external {
        _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _daysLate(10);
        LotPayment[] memory shares = new LotPayment[](2);
        shares[0] = LotPayment(1, supplier.organisation, FACE / 10_000 * 50 / 4 * 3);
        shares[1] = LotPayment(2, subSupplier.organisation, FACE / 10_000 * 50 / 4);

        // it should emit LateInterestCharged and LateInterestPaid
        vm.expectEmit(address(settlement));
        emit ISettlement.LateInterestCharged(receivableId, 5, FACE / 10_000 * 50, FACE / 10_000 * 50);
        vm.expectEmit(address(settlement));
        emit ISettlement.LateInterestPaid(receivableId, 7, shares);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should reach who holds, by the share of the face (R-17)
        assertEq(_balance(anchor), OPENING_BALANCE - FACE - FACE / 10_000 * 50);
        assertEq(_balance(subSupplier), FACE / 4 + FACE / 10_000 * 50 / 4);
    }

    // when it is paid in parts, late
    function test_WhenItIsPaidInPartsLate() external {
        _daysLate(10);
        _settle(receivableId, FACE / 2, _allLots(receivableId));
        skip(20 days);

        // it should emit LateInterestCharged with what is charged now, then the sum
        vm.expectEmit(address(settlement));
        emit ISettlement.LateInterestCharged(receivableId, 8, FACE / 2 / 10_000 * 150, FACE / 2 / 10_000 * 200);
        _settle(receivableId, FACE / 2, _allLots(receivableId));

        // it should be the interest on what was outstanding from day to day
        assertEq(settlement.lateInterest(receivableId).paid, FACE / 2 / 10_000 * (50 + 150));
        assertEq(settlement.lateInterest(receivableId).cleared, FACE / 2 / 10_000 * (50 + 150));
        assertEq(_balance(supplier), FACE + FACE / 2 / 10_000 * 200);
    }

    // given no rate was agreed
    function test_GivenNoRateWasAgreed() external {
        OpenProgramme memory order = _programmeOrder(false);
        order.lateInterestBps = 0;
        (receivableId,) = _activeReceivable(_openProgramme(order));
        _daysLate(30);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should be 0.05 % a day (R-17): one million for 30 days is 15,000
        assertEq(settlement.lateInterest(receivableId).paid, 15_000_00);
    }

    // given a holder is blocked
    function test_GivenAHolderIsBlocked() external {
        _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _daysLate(10);
        _status(subSupplier.organisation, ParticipantStatus.BLOCKED);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should keep its share set aside and pay the others
        assertEq(_balance(supplier), (FACE + FACE / 10_000 * 50) / 4 * 3);
        assertEq(deposit.account(anchor.organisation).earmarked, (FACE + FACE / 10_000 * 50) / 4);

        // it should pay it, once, when it is cleared
        _status(subSupplier.organisation, ParticipantStatus.ADMITTED);
        settlement.payLots(receivableId, _allLots(receivableId));
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(subSupplier), (FACE + FACE / 10_000 * 50) / 4);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    // given nothing of it is due to any lot
    function test_GivenNothingOfItIsDueToAnyLot() external {
        Part[] memory parts = new Part[](2);
        parts[0] = Part({to: subSupplier.organisation, faceValue: FACE / 3});
        parts[1] = Part({to: stranger.organisation, faceValue: FACE / 3});
        _split(supplier, root, parts);
        _daysLate(10);
        _settle(receivableId, 1000_00, _allLots(receivableId));

        // it should keep what the floors leave aside
        assertEq(settlement.lateInterest(receivableId).paid, 5_00);
        assertEq(settlement.lateInterest(receivableId).cleared, 3 * 1_66);

        // it should do nothing and emit nothing
        vm.recordLogs();
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(vm.getRecordedLogs().length, 0);
    }

    // given a court has a lot's payment
    function test_GivenACourtHasALotsPayment() external {
        _daysLate(10);
        _freeze(root);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should have the interest as well
        assertEq(_balance(court), FACE + FACE / 10_000 * 50);
    }

    // given a lot is held
    function test_GivenALotIsHeld() external {
        LotId child = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _daysLate(10);
        _hold(child);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should keep its share set aside and pay the others
        assertEq(_balance(supplier), (FACE + FACE / 10_000 * 50) / 4 * 3);
        assertEq(deposit.account(anchor.organisation).earmarked, (FACE + FACE / 10_000 * 50) / 4);
        assertEq(settlement.lateInterestPaid(child), 0);
    }

    // given the first organisation of the network holds the lot
    function test_GivenTheFirstOrganisationOfTheNetworkHoldsTheLot() external {
        assertEq(anchor.organisation, 1);
        vm.prank(address(market));
        ledger.reassign(root, FACE, 0, anchor.organisation, false);
        _daysLate(10);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should have face and interest like any other
        assertTrue(lens.lot(root).settled);
        assertEq(settlement.lateInterestPaid(root), FACE / 10_000 * 50);
        assertEq(_balance(anchor), OPENING_BALANCE);
    }

    // given lots are repeated and unknown
    function test_GivenLotsAreRepeatedAndUnknown() external {
        _daysLate(10);
        uint32[] memory lots = new uint32[](4);
        (lots[0], lots[1], lots[2], lots[3]) = (1, 1, 0, 7);
        _settle(receivableId, FACE, lots);

        // it should pay the interest once
        assertEq(_balance(supplier), FACE + FACE / 10_000 * 50);
    }

    // given any of it was paid
    function test_RevertGiven_AnyOfItWasPaid() external {
        _daysLate(10);
        _settle(receivableId, 1, _allLots(receivableId));

        // it should divide no lot any more: shares are by face
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.LotPartlyPaid.selector, root, 1));
        this.splitOff();
    }

    function splitOff() external {
        _split(supplier, toLotId(receivableId, 1), _part(subSupplier.organisation, FACE / 2));
    }

    function _daysLate(uint256 count) private {
        vm.warp(lens.receivableTerms(receivableId).maturityAt + count * 1 days);
    }

    function _status(uint32 organisation, ParticipantStatus status) private {
        vm.prank(administration);
        if (status == ParticipantStatus.ADMITTED) registry.reinstateParticipant(organisation, status);
        else registry.restrictParticipant(organisation, status);
    }
}
