// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

contract SetParticipantStatusTest is Base {
    // when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.setParticipantStatus(supplier.organisation, ParticipantStatus.BLOCKED);
    }

    // given nobody has the number
    function test_RevertGiven_NobodyHasTheNumber() external {
        // it should revert with ParticipantUnknown
        _refused(99, ParticipantStatus.BLOCKED, IParticipantRegistry.ParticipantUnknown.selector);
    }

    // when the organisation has the status already
    function test_RevertWhen_TheOrganisationHasTheStatusAlready() external {
        // it should revert with StatusUnchanged
        _refused(supplier.organisation, ParticipantStatus.ADMITTED, IParticipantRegistry.StatusUnchanged.selector);
    }

    // when the status is none
    function test_RevertWhen_TheStatusIsNone() external {
        // it should revert with StatusUnchanged, for no admission is undone
        _refused(supplier.organisation, ParticipantStatus.NONE, IParticipantRegistry.StatusUnchanged.selector);
    }

    // when the status is another
    function test_WhenTheStatusIsAnother() external {
        uint32 sequence = registry.participant(supplier.organisation).sequence;

        // it should emit ParticipantStatusChanged with the next number of the organisation's stream
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.ParticipantStatusChanged(
            supplier.organisation, sequence + 1, ParticipantStatus.SUSPENDED
        );
        vm.prank(administration);
        registry.setParticipantStatus(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should have the status at once (R-29)
        assertEq(uint8(registry.statusOf(supplier.organisation)), uint8(ParticipantStatus.SUSPENDED));
    }

    function _refused(uint32 organisation, ParticipantStatus status, bytes4 expected) private {
        vm.prank(administration);
        vm.expectPartialRevert(expected);
        registry.setParticipantStatus(organisation, status);
    }
}
