// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Part} from "../../../src/types/Orders.sol";
import {ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

/// @dev Three lots: the supplier's, the sub-supplier's and the stranger's, in thirds that do not divide evenly.
contract PayLotsTest is Base {
    uint64 private receivableId;

    function setUp() public override {
        super.setUp();
        LotId root;
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        Part[] memory parts = new Part[](2);
        parts[0] = Part({to: subSupplier.organisation, faceValue: FACE / 3});
        parts[1] = Part({to: stranger.organisation, faceValue: FACE / 3});
        _split(supplier, root, parts);
        _toMaturity(receivableId);
    }

    // given there is no such receivable
    function test_RevertGiven_ThereIsNoSuchReceivable() external {
        // it should revert with ReceivableUnknown
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.ReceivableUnknown.selector, 99));
        settlement.payLots(99, new uint32[](0));
    }

    // given nothing is due
    function test_GivenNothingIsDue() external {
        vm.recordLogs();

        settlement.payLots(receivableId, _allLots(receivableId));

        // it should do nothing and emit nothing
        assertEq(vm.getRecordedLogs().length, 0);
    }

    // given a part is paid > when all lots are named
    function test_WhenAllLotsAreNamed() external {
        uint64 paid = 1000_01;
        _settle(receivableId, paid, new uint32[](0));

        vm.prank(stranger.maker);
        settlement.payLots(receivableId, _allLots(receivableId));

        // it should pay each lot the floor of its share (ROUNDING)
        uint64 third = uint64(uint256(FACE / 3) * paid / FACE);
        assertEq(_balance(subSupplier), third);
        assertEq(_balance(stranger), third);
        assertEq(_balance(supplier), uint64(uint256(FACE - 2 * (FACE / 3)) * paid / FACE));

        // it should keep what the floors leave aside (EARMARK)
        uint64 cleared = lens.receivableProgress(receivableId).cleared;
        assertEq(deposit.account(anchor.organisation).earmarked, paid - cleared);
        assertLt(paid - cleared, 3);
    }

    // given a part is paid > when a lot is named twice, unknown or paid up
    function test_WhenALotIsNamedTwiceUnknownOrPaidUp() external {
        _settle(receivableId, FACE / 2, new uint32[](0));
        uint32[] memory named = new uint32[](5);
        (named[0], named[1], named[2], named[3], named[4]) = (2, 2, 0, 99, 2);

        settlement.payLots(receivableId, named);

        // it should pay it once and pass over the rest
        assertEq(_balance(subSupplier), uint64(uint256(FACE / 3) * (FACE / 2) / FACE));
        assertEq(lens.receivableProgress(receivableId).cleared, _balance(subSupplier));
    }

    // given a part is paid > given a holder is blocked
    function test_GivenAHolderIsBlocked() external {
        _settle(receivableId, FACE / 2, new uint32[](0));
        _setStatus(ParticipantStatus.BLOCKED);

        settlement.payLots(receivableId, _allLots(receivableId));

        // it should pay the others, and the blocked one once it is cleared
        assertEq(_balance(subSupplier), 0);
        assertGt(_balance(stranger), 0);
        _setStatus(ParticipantStatus.ADMITTED);
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(subSupplier), _balance(stranger));
    }

    // given a part is paid > given a holder is suspended
    function test_GivenAHolderIsSuspended() external {
        _settle(receivableId, FACE / 2, new uint32[](0));
        _setStatus(ParticipantStatus.SUSPENDED);

        settlement.payLots(receivableId, _allLots(receivableId));

        // it should pay the suspended holder
        assertEq(_balance(subSupplier), _balance(stranger));
    }

    // given an earlier seller holds a part of a lot back
    function test_GivenAnEarlierSellerHoldsAPartOfALotBack() external {
        uint64 holdersShare = FACE / 3 - FACE / 30;
        vm.prank(address(market));
        encumbrances.keepHoldback(toLotId(receivableId, 2), stranger.organisation, FACE / 30);

        _settle(receivableId, FACE / 2, _allLots(receivableId));
        // it should pay the holder first
        assertEq(_balance(subSupplier), uint64(uint256(FACE / 3) * (FACE / 2) / FACE));

        _settle(receivableId, FACE / 2, _allLots(receivableId));
        // it should pay it no more than its own share
        assertEq(_balance(subSupplier), holdersShare);
        assertEq(lens.lot(toLotId(receivableId, 2)).paid, holdersShare);

        // it should pay the earlier seller the rest
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(stranger), FACE / 3 + FACE / 30);
        assertTrue(lens.lot(toLotId(receivableId, 2)).settled);
    }

    // given the whole is paid in parts
    function test_GivenTheWholeIsPaidInParts() external {
        uint32[] memory all = _allLots(receivableId);
        _settle(receivableId, 1, all);
        _settle(receivableId, FACE / 7, all);
        _settle(receivableId, FACE - FACE / 7 - 1, all);

        // it should have paid every lot its face to the cent (ROUNDING)
        assertEq(_balance(subSupplier), FACE / 3);
        assertEq(_balance(stranger), FACE / 3);
        assertEq(_balance(supplier), FACE - 2 * (FACE / 3));
        assertEq(deposit.account(anchor.organisation).earmarked, 0);

        // it should have settled every lot
        for (uint32 sequence = 1; sequence <= 3; ++sequence) {
            assertTrue(lens.lot(toLotId(receivableId, sequence)).settled);
        }
    }

    function _setStatus(ParticipantStatus status) private {
        _setStatus(subSupplier.organisation, status);
    }
}
