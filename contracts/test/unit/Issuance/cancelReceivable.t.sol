// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {ReceivableStatus} from "../../../src/types/Ledger.sol";
import {CancelReceivable, IssueRow} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract CancelReceivableTest is Base {
    uint64 private constant CREDIT = FACE / 4;

    IssueRow private row;
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        row = _row(supplier.organisation, FACE);
        receivableId = _issue(_issueOrder(freeProgrammeId, row));
        root = toLotId(receivableId, 1);
    }

    // when a stranger orders it
    function test_RevertWhen_AStrangerOrdersIt() external {
        _accept(supplier, receivableId);

        // it should revert with NotParty
        _refused(_order(stranger, FACE), stranger, IIssuance.NotParty.selector);
    }

    // when the amount is zero or above the face value
    function test_RevertWhen_TheAmountIsZeroOrAboveTheFaceValue() external {
        _accept(supplier, receivableId);
        _cancel(anchor, FACE + 1);

        // it should revert with AmountMissing and PartTooLarge
        _refused(_order(anchor, 0), anchor, IReceivableLedger.AmountMissing.selector);
        _refused(_order(supplier, FACE + 1), supplier, IReceivableLedger.PartTooLarge.selector);
    }

    // given the receivable is only offered
    function test_RevertGiven_TheReceivableIsOnlyOffered() external {
        // it should revert with ReceivableNotActive
        _refused(_order(anchor, FACE), anchor, IReceivableLedger.ReceivableNotActive.selector);
    }

    // given a part was split off
    function test_RevertGiven_APartWasSplitOff() external {
        _accept(supplier, receivableId);
        _split(supplier, root, _part(supplier.organisation, CREDIT));
        CancelReceivable memory order = _order(anchor, CREDIT);
        order.faceValue = FACE;

        // it should revert with ReceivableTouched (R-20)
        _refused(order, anchor, IReceivableLedger.ReceivableTouched.selector);
    }

    // given the lot is under a financing request
    function test_RevertGiven_TheLotIsUnderAFinancingRequest() external {
        _accept(supplier, receivableId);
        _request(supplier, root, FACE);

        // it should revert with ReceivableTouched (R-20)
        _refused(_order(anchor, FACE), anchor, IReceivableLedger.ReceivableTouched.selector);
    }

    // given it was transferred between the two orders
    function test_RevertGiven_ItWasTransferredBetweenTheTwoOrders() external {
        _accept(supplier, receivableId);
        _cancel(supplier, FACE);
        _propose(supplier, root, subSupplier.organisation);

        // it should revert with ReceivableTouched (R-20)
        _refused(_order(anchor, FACE), anchor, IReceivableLedger.ReceivableTouched.selector);
    }

    // given one party has ordered it
    function test_GivenOnePartyHasOrderedIt() external {
        _accept(supplier, receivableId);
        CancelReceivable memory order = _order(anchor, CREDIT);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should emit CancellationProposed and change nothing
        vm.expectEmit(address(issuance));
        emit IIssuance.CancellationProposed(
            receivableId, 3, anchor.organisation, CREDIT, uint40(order.deadline), order.reasonHash
        );
        issuance.cancelReceivable(order, approvals);
        assertEq(lens.receivableTerms(receivableId).faceValue, FACE);
        (uint32 awaited, uint40 expiresAt) = issuance.cancellation(receivableId);
        assertEq(awaited, supplier.organisation);
        assertEq(expiresAt, order.deadline);

        // it should not be done by the same party's second order
        _cancel(anchor, CREDIT);
        assertEq(lens.lot(root).faceValue, FACE);
    }

    // given the other party orders other terms
    function test_GivenTheOtherPartyOrdersOtherTerms() external {
        _accept(supplier, receivableId);
        _cancel(anchor, CREDIT);
        _cancel(supplier, CREDIT - 1);

        // it should take them for a new proposal
        assertEq(lens.lot(root).faceValue, FACE);
        (uint32 awaited,) = issuance.cancellation(receivableId);
        assertEq(awaited, anchor.organisation);
    }

    // given the first order's deadline is past
    function test_GivenTheFirstOrdersDeadlineIsPast() external {
        _accept(supplier, receivableId);
        CancelReceivable memory first = _order(anchor, CREDIT);
        issuance.cancelReceivable(first, _approve(anchor, Hash.order(first)));
        vm.warp(first.deadline + 1);
        _cancel(supplier, CREDIT);

        // it should take the second for a new proposal (CLOCK)
        assertEq(lens.lot(root).faceValue, FACE);
        _cancel(anchor, CREDIT);
        assertEq(lens.lot(root).faceValue, FACE - CREDIT);
    }

    // given both ordered the whole face value
    function test_GivenBothOrderedTheWholeFaceValue() external {
        _accept(supplier, receivableId);
        _cancel(supplier, FACE);
        CancelReceivable memory order = _order(anchor, FACE);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should emit DocumentReleased and ReceivableCancelled
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentReleased(row.documentFingerprint, 2, 0, receivableId);
        vm.expectEmit(address(issuance));
        emit IIssuance.ReceivableCancelled(receivableId, 4, FACE, order.reasonHash);
        issuance.cancelReceivable(order, approvals);

        // it should end the receivable and its lot
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.CANCELLED));
        assertTrue(lens.lot(root).settled);

        // it should let the document be used again (OCCUPANCY)
        _issue(_issueOrder(programmeId, row));
        assertEq(documents.document(row.documentFingerprint).used, FACE);
    }

    // given both ordered a credit note
    function test_GivenBothOrderedACreditNote() external {
        _accept(supplier, receivableId);
        _cancel(anchor, CREDIT);
        _cancel(supplier, CREDIT);

        // it should make receivable and lot smaller
        assertEq(lens.receivableTerms(receivableId).faceValue, FACE - CREDIT);
        assertEq(lens.lot(root).faceValue, FACE - CREDIT);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.ACTIVE));

        // it should give back that much of the document (OCCUPANCY)
        assertEq(documents.document(row.documentFingerprint).used, FACE - CREDIT);

        // it should leave a receivable that is paid at its new face value
        _toMaturity(receivableId);
        _settle(receivableId, FACE - CREDIT, _allLots(receivableId));
        assertTrue(lens.lot(root).settled);
    }

    function _order(Actor memory by, uint64 amount) private returns (CancelReceivable memory) {
        return CancelReceivable({
            target: address(issuance),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: receivableId,
            faceValue: lens.receivableTerms(receivableId).faceValue,
            amount: amount,
            documentFingerprint: row.documentFingerprint,
            reasonHash: keccak256("short delivery")
        });
    }

    function _cancel(Actor memory by, uint64 amount) private {
        CancelReceivable memory order = _order(by, amount);
        issuance.cancelReceivable(order, _approve(by, Hash.order(order)));
    }

    function _refused(CancelReceivable memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        issuance.cancelReceivable(order, approvals);
    }
}
