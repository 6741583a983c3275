// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {Base} from "../../Base.t.sol";

contract LapseTransferTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private offer;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        offer = _propose(supplier, root, subSupplier.organisation);
    }

    // given the lot is not on offer
    function test_RevertGiven_TheLotIsNotOnOffer() external {
        (, LotId other) = _activeReceivable(programmeId);

        // it should revert with TransferNotPending for the other lot
        vm.expectPartialRevert(IReceivableLedger.TransferNotPending.selector);
        ledger.lapseTransfer(other);
    }

    // given the offer has not expired
    function test_RevertGiven_TheOfferHasNotExpired() external {
        vm.warp(lens.pendingTransfer(root).expiresAt);

        // it should revert with OfferNotExpired, to the second
        vm.expectPartialRevert(IReceivableLedger.OfferNotExpired.selector);
        ledger.lapseTransfer(root);
    }

    // given the offer has expired
    function test_GivenTheOfferHasExpired() external {
        vm.warp(lens.pendingTransfer(root).expiresAt + 1);

        // it should emit TransferLapsed
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferLapsed(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        vm.prank(stranger.maker);
        ledger.lapseTransfer(root);

        // it should free the lot without anybody's signature
        _assertFree();
    }

    // when the lot is paid in full while on offer
    function test_WhenTheLotIsPaidInFullWhileOnOffer() external {
        _settle(receivableId, FACE, _allLots(receivableId));
        vm.warp(block.timestamp + 4 days);

        // it should be settled, and the offer forgotten
        assertTrue(lens.lot(root).settled);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        vm.expectPartialRevert(IReceivableLedger.TransferNotPending.selector);
        ledger.lapseTransfer(root);
    }

    function _assertFree() private view {
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(lens.pendingTransfer(root).to, 0);
    }
}
