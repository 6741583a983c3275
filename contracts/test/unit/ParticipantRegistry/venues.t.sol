// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {Base} from "../../Base.t.sol";

/// @dev admitVenue, pauseVenue and resumeVenue.
contract VenuesTest is Base {
    address private venue = makeAddr("venue");

    // when a venue is admitted or paused > when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.admitVenue(venue);
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.pauseVenue(address(ledger));
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.resumeVenue(address(ledger));
    }

    // when a venue is admitted > when the administration asks
    function test_WhenTheAdministrationAsks() external {
        // it should emit VenueAdmitted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.VenueAdmitted(venue);
        vm.prank(administration);
        registry.admitVenue(venue);

        // it should be a venue
        assertTrue(registry.isVenue(venue));
    }

    // when a venue is paused > given it is no venue
    function test_RevertGiven_ItIsNoVenue() external {
        // it should revert with VenueUnknown
        vm.startPrank(administration);
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        registry.pauseVenue(venue);
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        registry.resumeVenue(venue);
    }

    // when a venue is paused > given it is the caller itself
    function test_RevertGiven_ItIsTheCallerItself() external {
        vm.startPrank(administration);
        registry.admitVenue(administration);

        // it should revert with VenueIsCaller, or nobody could ask for the restart
        vm.expectPartialRevert(IParticipantRegistry.VenueIsCaller.selector);
        registry.pauseVenue(administration);
    }

    // when a venue is paused > given it is a venue
    function test_GivenItIsAVenue() external {
        uint64 receivableId = _issue(programmeId, supplier, FACE);

        // it should emit VenuePaused
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.VenuePaused(address(issuance), true);
        _pause(true);

        // it should stop every order of that contract until it is restarted
        vm.expectPartialRevert(IParticipantRegistry.VenueIsPaused.selector);
        this.accept(receivableId);
        _pause(false);
        this.accept(receivableId);
    }

    function accept(uint64 receivableId) external {
        _accept(supplier, receivableId);
    }

    function _pause(bool isPaused) private {
        vm.prank(administration);
        if (isPaused) registry.pauseVenue(address(issuance));
        else registry.resumeVenue(address(issuance));
    }
}
