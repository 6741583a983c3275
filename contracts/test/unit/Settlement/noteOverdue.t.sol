// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Arrears} from "../../../src/types/Ledger.sol";
import {IssueReceivable} from "../../../src/types/Orders.sol";
import {Base} from "../../Base.t.sol";

/// @notice {noteOverdue} and {noteDefault}: what the clock says, and what follows for the anchor.
contract NoteOverdueTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // given the day of payment has not ended
    function test_RevertGiven_TheDayOfPaymentHasNotEnded() external {
        vm.warp(lens.receivableTerms(receivableId).maturityAt + 1 days - 1);

        // it should revert with NotYetOverdue: nothing due is early
        vm.expectPartialRevert(IReceivableLedger.NotYetOverdue.selector);
        settlement.noteOverdue(receivableId);
    }

    // given the grace has not ended
    function test_RevertGiven_TheGraceHasNotEnded() external {
        vm.warp(lens.receivableTerms(receivableId).graceEndsAt);

        // it should refuse the default with NotYetOverdue
        vm.expectPartialRevert(IReceivableLedger.NotYetOverdue.selector);
        settlement.noteDefault(receivableId);
    }

    // given the receivable is unknown, on offer or paid
    function test_RevertGiven_TheReceivableIsUnknownOnOfferOrPaid() external {
        uint64 offered = _issue(programmeId, supplier, FACE);
        _toDefault(offered);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with ReceivableUnknown or ReceivableNotActive
        vm.expectPartialRevert(IReceivableLedger.ReceivableUnknown.selector);
        settlement.noteOverdue(99);
        vm.expectPartialRevert(IReceivableLedger.ReceivableNotActive.selector);
        settlement.noteOverdue(offered);
        vm.expectPartialRevert(IReceivableLedger.ReceivableNotActive.selector);
        settlement.noteDefault(receivableId);
    }

    // given it was noted before
    function test_RevertGiven_ItWasNotedBefore() external {
        _toDefault(receivableId);
        settlement.noteOverdue(receivableId);

        // it should revert with ArrearsAlreadyNoted
        vm.expectPartialRevert(IReceivableLedger.ArrearsAlreadyNoted.selector);
        settlement.noteOverdue(receivableId);
        settlement.noteDefault(receivableId);
        vm.expectPartialRevert(IReceivableLedger.ArrearsAlreadyNoted.selector);
        settlement.noteDefault(receivableId);
        vm.expectPartialRevert(IReceivableLedger.ArrearsAlreadyNoted.selector);
        settlement.noteOverdue(receivableId);
    }

    // when anybody notes that it is overdue
    function test_WhenAnybodyNotesThatItIsOverdue() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 4, _allLots(receivableId));
        skip(1 days);

        // it should emit ReceivableOverdue with what is outstanding
        vm.expectEmit(address(settlement));
        emit ISettlement.ReceivableOverdue(receivableId, 5, FACE - FACE / 4);
        vm.prank(makeAddr("anybody"));
        settlement.noteOverdue(receivableId);
        assertEq(uint8(lens.receivableProgress(receivableId).arrears), uint8(Arrears.OVERDUE));

        // it should stop the anchor's issue (R-08)
        IssueReceivable memory order = _issueOrder(programmeId, _row(supplier.organisation, FACE));
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.AnchorOverdue.selector, anchor.organisation, uint32(1))
        );
        this.issue(order);
    }

    // when anybody notes its default
    function test_WhenAnybodyNotesItsDefault() external {
        _toDefault(receivableId);

        // it should emit ReceivableDefaulted, whether it was noted as overdue or not
        vm.expectEmit(address(settlement));
        emit ISettlement.ReceivableDefaulted(receivableId, 3, FACE);
        settlement.noteDefault(receivableId);

        // it should count against the anchor once
        assertEq(ledger.overdueCount(anchor.organisation), 1);
    }

    // when the anchor pays what it owes
    function test_WhenTheAnchorPaysWhatItOwes() external {
        (uint64 other,) = _activeReceivable(programmeId);
        _toDefault(other);
        settlement.noteOverdue(receivableId);
        settlement.noteDefault(other);
        _settle(other, FACE / 2, _allLots(other));
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should still count what it has not paid in full
        assertEq(ledger.overdueCount(anchor.organisation), 1);

        // it should let it issue again once all is paid (R-08)
        _settle(other, FACE - FACE / 2, _allLots(other));
        assertEq(ledger.overdueCount(anchor.organisation), 0);
        _issue(programmeId, supplier, FACE);
    }

    function issue(IssueReceivable calldata order) external {
        _issue(order);
    }
}
