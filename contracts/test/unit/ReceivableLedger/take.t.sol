// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {ReceivableStatus} from "../../../src/types/Ledger.sol";
import {IssueReceivable, UnsplitLot} from "../../../src/types/Orders.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev What the issuance takes back of a receivable: all of an offer, or what a credit note says.
contract TakeTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private fingerprint;

    function setUp() public override {
        super.setUp();
        IssueReceivable memory order = _issueOrder(freeProgrammeId, _row(supplier.organisation, FACE));
        fingerprint = order.row.documentFingerprint;
        receivableId = _issue(order);
        root = toLotId(receivableId, 1);
        _accept(supplier, receivableId);
    }

    // given there is no such receivable
    function test_RevertGiven_ThereIsNoSuchReceivable() external {
        bytes memory unknown = abi.encodeWithSelector(IReceivableLedger.ReceivableUnknown.selector, 99);
        vm.startPrank(address(issuance));

        // it should revert with ReceivableUnknown
        vm.expectRevert(unknown);
        ledger.take(99, FACE, FACE, fingerprint, ReceivableStatus.OFFERED, ReceivableStatus.VOID);
        vm.expectRevert(unknown);
        ledger.take(99, FACE, FACE, fingerprint, ReceivableStatus.ACTIVE, ReceivableStatus.CANCELLED);
    }

    // given it is no longer, or not yet, as it is expected
    function test_RevertGiven_ItIsNoLongerOrNotYetAsItIsExpected() external {
        uint64 offered = _issue(programmeId, supplier, FACE);
        vm.startPrank(address(issuance));

        // it should revert with ReceivableNotOffered or ReceivableNotActive
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.ReceivableNotOffered.selector, receivableId, ReceivableStatus.ACTIVE
            )
        );
        ledger.take(receivableId, FACE, FACE, fingerprint, ReceivableStatus.OFFERED, ReceivableStatus.VOID);
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.ReceivableNotActive.selector, offered, ReceivableStatus.OFFERED)
        );
        ledger.take(offered, FACE, FACE, fingerprint, ReceivableStatus.ACTIVE, ReceivableStatus.CANCELLED);
    }

    // when face value or document are not the receivable's
    function test_RevertWhen_FaceValueOrDocumentAreNotTheReceivables() external {
        bytes memory changed = abi.encodeWithSelector(IReceivableLedger.OfferChanged.selector, receivableId);
        vm.startPrank(address(issuance));

        // it should revert with OfferChanged
        vm.expectRevert(changed);
        ledger.take(receivableId, FACE - 1, 1, fingerprint, ReceivableStatus.ACTIVE, ReceivableStatus.CANCELLED);
        vm.expectRevert(changed);
        ledger.take(receivableId, FACE, 1, ~fingerprint, ReceivableStatus.ACTIVE, ReceivableStatus.CANCELLED);
    }

    // given the lot is frozen
    function test_RevertGiven_TheLotIsFrozen() external {
        _freeze(root);

        // it should revert with LotFrozen
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.LotFrozen.selector, root, uint40(block.timestamp + 300 days))
        );
        _take(FACE);
    }

    // given it was split, handed on or paid
    function test_RevertGiven_ItWasSplitHandedOnOrPaid() external {
        bytes memory touched = abi.encodeWithSelector(IReceivableLedger.ReceivableTouched.selector, receivableId);
        uint256 start = vm.snapshotState();

        // it should revert with ReceivableTouched
        LotId child = _split(supplier, root, _part(supplier.organisation, FACE / 2));
        vm.expectRevert(touched);
        _take(FACE);
        _unsplit(child);
        assertEq(lens.lot(root).faceValue, FACE);
        vm.expectRevert(touched);
        _take(FACE);

        vm.revertToState(start);
        _propose(supplier, root, subSupplier.organisation);
        vm.expectRevert(touched);
        _take(FACE);

        vm.revertToState(start);
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 2, new uint32[](0));
        vm.expectRevert(touched);
        _take(FACE);
        settlement.payLots(receivableId, _allLots(receivableId));
        vm.expectRevert(touched);
        _take(FACE);
    }

    // when more is taken than there is
    function test_RevertWhen_MoreIsTakenThanThereIs() external {
        // it should revert with PartTooLarge: the amount, then the face value
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.PartTooLarge.selector, root, FACE + 1, FACE));
        _take(FACE + 1);
    }

    // when nothing is taken
    function test_WhenNothingIsTaken() external {
        vm.recordLogs();

        // it should change nothing but the sequence
        assertEq(_take(0), 3);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(lens.receivableTerms(receivableId).faceValue, FACE);
        assertEq(lens.lot(root).faceValue, FACE);
        assertEq(lens.receivableProgress(receivableId).sequence, 3);
    }

    // when a single minor unit is taken
    function test_WhenASingleMinorUnitIsTaken() external {
        // it should emit ERC-3525's TransferValue and take it from receivable and lot
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferValue(LotId.unwrap(root), 0, 1);
        _take(1);
        assertEq(lens.receivableTerms(receivableId).faceValue, FACE - 1);
        assertEq(lens.lot(root).faceValue, FACE - 1);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.ACTIVE));
    }

    // when half is taken
    function test_WhenHalfIsTaken() external {
        _take(FACE / 2);

        // it should halve the smallest part there may be
        assertEq(lens.minimumLot(receivableId), FACE / 2 / MAXIMUM_LOTS);
        LotId child = _split(supplier, root, _part(supplier.organisation, FACE / 2 / MAXIMUM_LOTS));
        assertEq(lens.lot(child).faceValue, FACE / 2 / MAXIMUM_LOTS);
    }

    // when the whole is taken
    function test_WhenTheWholeIsTaken() external {
        // it should emit ERC-3525's Transfer and end the lot
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(address(uint160(supplier.organisation)), address(0), LotId.unwrap(root));
        assertEq(_take(FACE), 3);
        assertTrue(lens.lot(root).settled);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.CANCELLED));
    }

    function _take(uint64 amount) private returns (uint32) {
        vm.prank(address(issuance));
        return ledger.take(receivableId, FACE, amount, fingerprint, ReceivableStatus.ACTIVE, ReceivableStatus.CANCELLED);
    }

    function _unsplit(LotId child) private {
        UnsplitLot memory order = UnsplitLot({
            target: address(ledger),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            lotId: child,
            faceValue: FACE / 2,
            paid: 0,
            parentFaceValue: FACE / 2
        });
        ledger.unsplitLot(order, _approve(supplier, Hash.order(order)));
    }
}
