// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Arrears, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AttestDocuments, IssueReceivable, OpenProgramme} from "../../../src/types/Orders.sol";
import {KIND_ANCHOR} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @notice {noteOverdue} and {noteDefault}: what the clock says, and what follows for the anchor.
contract NoteOverdueTest is Base {
    Actor private another;
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // given the day of payment has not ended
    function test_RevertGiven_TheDayOfPaymentHasNotEnded() external {
        uint40 endOfDay = uint40(lens.receivableTerms(receivableId).maturityAt + 1 days - 1);
        vm.warp(endOfDay);

        // it should revert with NotYetOverdue: nothing due is early
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.NotYetOverdue.selector, receivableId, endOfDay));
        settlement.noteOverdue(receivableId);
    }

    // given the grace has not ended
    function test_RevertGiven_TheGraceHasNotEnded() external {
        uint40 graceEndsAt = uint40(lens.receivableTerms(receivableId).graceEndsAt);
        vm.warp(graceEndsAt);

        // it should refuse the default with NotYetOverdue
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.NotYetOverdue.selector, receivableId, graceEndsAt));
        settlement.noteDefault(receivableId);
    }

    // given the receivable is unknown, on offer or paid
    function test_RevertGiven_TheReceivableIsUnknownOnOfferOrPaid() external {
        uint64 offered = _issue(programmeId, supplier, FACE);
        _toDefault(offered);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with ReceivableUnknown or ReceivableNotActive
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.ReceivableUnknown.selector, 99));
        settlement.noteOverdue(99);
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.ReceivableNotActive.selector, offered, ReceivableStatus.OFFERED)
        );
        settlement.noteOverdue(offered);
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.ReceivableNotActive.selector, receivableId, ReceivableStatus.SETTLED
            )
        );
        settlement.noteDefault(receivableId);
    }

    // given it was noted before
    function test_RevertGiven_ItWasNotedBefore() external {
        _toDefault(receivableId);
        settlement.noteOverdue(receivableId);

        // it should revert with ArrearsAlreadyNoted
        _expectNoted(Arrears.OVERDUE);
        settlement.noteOverdue(receivableId);
        settlement.noteDefault(receivableId);
        _expectNoted(Arrears.DEFAULTED);
        settlement.noteDefault(receivableId);
        _expectNoted(Arrears.DEFAULTED);
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
        _expectBarred(anchor, 1);
        this.issue(programmeId);
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
        // it should say the anchor, then how many it has not paid
        _expectBarred(anchor, 2);
        this.issue(programmeId);
        _settle(other, FACE / 2, _allLots(other));
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should still count what it has not paid in full
        assertEq(ledger.overdueCount(anchor.organisation), 1);
        _expectBarred(anchor, 1);
        this.issue(programmeId);

        // it should let it issue again once all is paid (R-08)
        _settle(other, FACE - FACE / 2, _allLots(other));
        assertEq(ledger.overdueCount(anchor.organisation), 0);
        _issue(programmeId, supplier, FACE);
    }

    // given another anchor is in arrears
    function test_GivenAnotherAnchorIsInArrears() external {
        _admit(another, "another anchor", KIND_ANCHOR);
        skip(KEY_DELAY);
        uint32 itsProgramme = _openAnother();
        uint64 its = _issueAnother(itsProgramme);
        _accept(supplier, its);
        _toDefault(its);
        settlement.noteDefault(its);

        // it should let this one issue
        _issue(programmeId, supplier, FACE);

        // it should bar the other still, when this one pays what it owed as well
        settlement.noteDefault(receivableId);
        _settle(receivableId, FACE, _allLots(receivableId));
        _issue(programmeId, supplier, FACE);
        _expectBarred(another, 1);
        this.issueAnother(itsProgramme);
    }

    function issue(uint32 programme) external {
        _issue(programme, supplier, FACE);
    }

    function issueAnother(uint32 programme) external {
        _issueAnother(programme);
    }

    function _openAnother() private returns (uint32) {
        OpenProgramme memory order = _programmeOrder(true);
        order.organisation = another.organisation;
        order.nonce = _nonce(another.maker);
        issuance.openProgramme(order, _approve(another, Hash.order(order)));
        return ledger.programmeCount();
    }

    function _issueAnother(uint32 programme) private returns (uint64) {
        IssueReceivable memory order = _issueOrder(programme, _row(supplier.organisation, FACE));
        order.organisation = another.organisation;
        order.nonce = _nonce(another.maker);
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        attestation.obligor = another.organisation;
        issuance.issueReceivable(order, _approve(another, Hash.order(order)), attestation, _attest(attestation));
        return ledger.receivableCount();
    }

    function _expectBarred(Actor memory barred, uint32 count) private {
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.AnchorOverdue.selector, barred.organisation, count));
    }

    function _expectNoted(Arrears noted) private {
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.ArrearsAlreadyNoted.selector, receivableId, noted));
    }
}
