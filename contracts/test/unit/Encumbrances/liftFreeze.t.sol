// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {LiftFreeze} from "../../../src/types/Orders.sol";
import {Approval, KIND_REGISTRAR, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract LiftFreezeTest is Base {
    bytes32 private constant REFERENCE = keccak256("order of the court");

    uint64 private receivableId;
    LotId private root;
    LotId private child;
    Actor private otherCourt;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        child = _split(supplier, root, _part(supplier.organisation, FACE / 2));
        _admit(otherCourt, "other court", KIND_REGISTRAR);
        skip(KEY_DELAY);
        _freeze(root);
        _freeze(child);
    }

    // when the holder or another court lifts it
    function test_RevertWhen_TheHolderOrAnotherCourtLiftsIt() external {
        // it should revert with KindRequired or NotFreezer
        _refused(supplier, _liftOrder(supplier, root, REFERENCE), IParticipantRegistry.KindRequired.selector);
        _refused(otherCourt, _liftOrder(otherCourt, root, REFERENCE), IEncumbrances.NotFreezer.selector);
    }

    // when it does not hold
    function test_RevertWhen_ItDoesNotHold() external {
        // it should revert with FreezeUnknown
        _refused(court, _liftOrder(court, root, keccak256("another")), IEncumbrances.FreezeUnknown.selector);
        _lift(root, REFERENCE);
        _refused(court, _liftOrder(court, root, REFERENCE), IEncumbrances.FreezeUnknown.selector);
    }

    // when it names a lot
    function test_WhenItNamesALot() external {
        LiftFreeze memory order = _liftOrder(court, root, REFERENCE);
        Approval[] memory approvals = _approve(court, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit FreezeLifted and let that lot go
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.FreezeLifted(receivableId, next, 1, REFERENCE);
        encumbrances.liftFreeze(order, approvals);
        _propose(supplier, root, subSupplier.organisation);
        assertEq(_holder(root), subSupplier.organisation);
        assertNotEq(encumbrances.frozenUntil(child), 0);
    }

    // when it names no lot
    function test_WhenItNamesNoLot() external {
        LiftFreeze memory order = _liftOrder(court, root, REFERENCE);
        order.lotSequences = new uint32[](0);
        encumbrances.liftFreeze(order, _approve(court, Hash.order(order)));

        // it should let every lot under the reference go
        assertEq(encumbrances.frozenUntil(root), 0);
        assertEq(encumbrances.frozenUntil(child), 0);
    }

    // given another freeze lies over the lot
    function test_GivenAnotherFreezeLiesOverTheLot() external {
        _hold(root);
        _lift(root, REFERENCE);

        // it should leave the other
        assertEq(encumbrances.freezesOf(root).length, 1);
        assertEq(encumbrances.frozenUntil(root), block.timestamp + 48 hours);
    }

    // given the court is suspended
    function test_GivenTheCourtIsSuspended() external {
        _setStatus(court.organisation, ParticipantStatus.SUSPENDED);

        // it should still lift what it froze, and freeze nothing more
        _lift(root, REFERENCE);
        assertEq(encumbrances.frozenUntil(root), 0);
        _refusedToHold();
    }

    function _refusedToHold() private {
        vm.expectPartialRevert(IParticipantRegistry.ParticipantSuspended.selector);
        this.hold(root);
    }

    function hold(LotId lotId) external {
        _hold(lotId);
    }

    function _refused(Actor memory by, LiftFreeze memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        encumbrances.liftFreeze(order, approvals);
    }
}
