// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {Act, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

/// @dev restrictParticipant and reinstateParticipant.
contract StatusTest is Base {
    // when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.restrictParticipant(supplier.organisation, ParticipantStatus.BLOCKED);
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.reinstateParticipant(supplier.organisation, ParticipantStatus.ADMITTED);
    }

    // given nobody has the number
    function test_RevertGiven_NobodyHasTheNumber() external {
        // it should revert with ParticipantUnknown
        _restrictionRefused(99, ParticipantStatus.BLOCKED, IParticipantRegistry.ParticipantUnknown.selector);
        _reinstatementRefused(99, ParticipantStatus.ADMITTED, IParticipantRegistry.ParticipantUnknown.selector);
    }

    // when it is restricted > when the status is not stricter
    function test_RevertWhen_TheStatusIsNotStricter() external {
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with StatusChangeRefused
        bytes4 expected = IParticipantRegistry.StatusChangeRefused.selector;
        _restrictionRefused(supplier.organisation, ParticipantStatus.SUSPENDED, expected);
        _restrictionRefused(supplier.organisation, ParticipantStatus.ADMITTED, expected);
    }

    // when it is restricted > when the status is stricter
    function test_WhenTheStatusIsStricter() external {
        uint32 sequence = registry.participant(supplier.organisation).sequence;

        // it should emit ParticipantStatusChanged with the next number of the organisation's stream
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.ParticipantStatusChanged(
            supplier.organisation, sequence + 1, ParticipantStatus.SUSPENDED
        );
        vm.prank(administration);
        registry.restrictParticipant(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should have the status at once (R-29)
        assertEq(uint8(registry.statusOf(supplier.organisation)), uint8(ParticipantStatus.SUSPENDED));
    }

    // when it is reinstated > when the status is not milder, or none
    function test_RevertWhen_TheStatusIsNotMilderOrNone() external {
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with StatusChangeRefused, for no admission is undone
        bytes4 expected = IParticipantRegistry.StatusChangeRefused.selector;
        _reinstatementRefused(supplier.organisation, ParticipantStatus.SUSPENDED, expected);
        _reinstatementRefused(supplier.organisation, ParticipantStatus.BLOCKED, expected);
        _reinstatementRefused(supplier.organisation, ParticipantStatus.NONE, expected);
    }

    // when it is reinstated > when the status is milder
    function test_WhenTheStatusIsMilder() external {
        _setStatus(supplier.organisation, ParticipantStatus.BLOCKED);

        // it should emit ParticipantStatusChanged
        vm.expectEmit(true, false, false, false, address(registry));
        emit IParticipantRegistry.ParticipantStatusChanged(supplier.organisation, 0, ParticipantStatus.SUSPENDED);
        vm.prank(administration);
        registry.reinstateParticipant(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should have the milder status
        assertEq(uint8(registry.statusOf(supplier.organisation)), uint8(ParticipantStatus.SUSPENDED));
    }

    // given a parent of a parent is blocked
    function test_GivenAParentOfAParentIsBlocked() external {
        _setParent(subSupplier.organisation, supplier.organisation);
        _setParent(stranger.organisation, subSupplier.organisation);
        _setStatus(supplier.organisation, ParticipantStatus.BLOCKED);

        // it should block whom they control (R-29)
        assertEq(uint8(registry.statusOf(stranger.organisation)), uint8(ParticipantStatus.BLOCKED));
        bytes32 order = keccak256("order");
        uint256 nonce = _nonce(stranger.maker);
        vm.prank(address(ledger));
        vm.expectPartialRevert(IParticipantRegistry.ParticipantBlocked.selector);
        registry.authorise(
            order, stranger.organisation, nonce, _deadline(), Act.SPLIT_LOT, CNY, 1, _approve(stranger, order)
        );
    }

    // given a parent is suspended
    function test_GivenAParentIsSuspended() external {
        _setParent(subSupplier.organisation, supplier.organisation);
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should leave those it controls admitted
        assertEq(uint8(registry.statusOf(subSupplier.organisation)), uint8(ParticipantStatus.ADMITTED));
    }

    function _setParent(uint32 organisation, uint32 parent) private {
        uint16 kinds = registry.participant(organisation).kinds;
        vm.prank(administration);
        registry.changeParticipant(organisation, kinds, 0, parent);
    }

    function _restrictionRefused(uint32 organisation, ParticipantStatus status, bytes4 expected) private {
        vm.prank(administration);
        vm.expectPartialRevert(expected);
        registry.restrictParticipant(organisation, status);
    }

    function _reinstatementRefused(uint32 organisation, ParticipantStatus status, bytes4 expected) private {
        vm.prank(administration);
        vm.expectPartialRevert(expected);
        registry.reinstateParticipant(organisation, status);
    }
}
