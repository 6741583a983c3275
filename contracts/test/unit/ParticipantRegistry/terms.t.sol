// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {KIND_FUNDER, KIND_SUPPLIER, Participant} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

/// @dev narrowParticipant, changeParticipant and groupOf.
contract TermsTest is Base {
    uint16 private constant BOTH = KIND_SUPPLIER | KIND_FUNDER;

    uint40 private licence;

    function setUp() public override {
        super.setUp();
        licence = registry.participant(stranger.organisation).licenceExpiresAt;
    }

    // when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.narrowParticipant(stranger.organisation, KIND_SUPPLIER, 0);
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.changeParticipant(stranger.organisation, BOTH, licence, 0);
    }

    // given nobody has the number
    function test_RevertGiven_NobodyHasTheNumber() external {
        vm.startPrank(administration);

        // it should revert with ParticipantUnknown
        vm.expectPartialRevert(IParticipantRegistry.ParticipantUnknown.selector);
        registry.narrowParticipant(99, 0, 0);
        vm.expectPartialRevert(IParticipantRegistry.ParticipantUnknown.selector);
        registry.changeParticipant(99, KIND_SUPPLIER, 0, 0);
    }

    // when they are narrowed > when a kind is new or the licence longer
    function test_RevertWhen_AKindIsNewOrTheLicenceLonger() external {
        vm.startPrank(administration);

        // it should revert with TermsNotNarrower
        vm.expectPartialRevert(IParticipantRegistry.TermsNotNarrower.selector);
        registry.narrowParticipant(supplier.organisation, BOTH, 0);
        vm.expectPartialRevert(IParticipantRegistry.TermsNotNarrower.selector);
        registry.narrowParticipant(stranger.organisation, BOTH, licence + 1);
    }

    // when they are narrowed > when nothing is added
    function test_WhenNothingIsAdded() external {
        uint32 sequence = registry.participant(stranger.organisation).sequence;
        uint40 now_ = uint40(block.timestamp);

        // it should emit ParticipantChanged
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.ParticipantChanged(stranger.organisation, sequence + 1, KIND_SUPPLIER, now_, 0);
        vm.prank(administration);
        registry.narrowParticipant(stranger.organisation, KIND_SUPPLIER, now_);

        // it should have lost the kind and the licence, and nothing else (R-06)
        Participant memory subject = registry.participant(stranger.organisation);
        assertEq(subject.kinds, KIND_SUPPLIER);
        assertEq(subject.licenceExpiresAt, now_);
        assertEq(uint8(subject.status), 1);
        assertEq(subject.admittedAt, START);
    }

    // when they are changed > when a kind is not known
    function test_RevertWhen_AKindIsNotKnown() external {
        // it should revert with KindsUnknown
        vm.prank(administration);
        vm.expectPartialRevert(IParticipantRegistry.KindsUnknown.selector);
        registry.changeParticipant(stranger.organisation, 128, licence, 0);
    }

    // when they are changed > when the parent does not exist
    function test_RevertWhen_TheParentDoesNotExist() external {
        // it should revert with ParticipantUnknown for the parent
        vm.prank(administration);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ParticipantUnknown.selector, 99));
        registry.changeParticipant(stranger.organisation, BOTH, licence, 99);
    }

    // when they are changed > when the parent is controlled by it
    function test_RevertWhen_TheParentIsControlledByIt() external {
        _setParent(supplier.organisation, stranger.organisation);
        _setParent(subSupplier.organisation, supplier.organisation);
        vm.startPrank(administration);

        // it should revert with ParentIsControlled, also for itself
        vm.expectPartialRevert(IParticipantRegistry.ParentIsControlled.selector);
        registry.changeParticipant(stranger.organisation, BOTH, licence, subSupplier.organisation);
        vm.expectPartialRevert(IParticipantRegistry.ParentIsControlled.selector);
        registry.changeParticipant(stranger.organisation, BOTH, licence, stranger.organisation);
    }

    // when they are changed > when everything is known
    function test_WhenEverythingIsKnown() external {
        _setParent(supplier.organisation, anchor.organisation);
        _setParent(subSupplier.organisation, supplier.organisation);

        // it should have the new terms
        assertEq(registry.participant(supplier.organisation).parent, anchor.organisation);
        assertEq(registry.participant(supplier.organisation).kinds, KIND_SUPPLIER);

        // it should be of the group at the head of its parents
        assertEq(registry.groupOf(subSupplier.organisation), anchor.organisation);
        assertEq(registry.groupOf(anchor.organisation), anchor.organisation);
    }

    function _setParent(uint32 organisation, uint32 parent) private {
        vm.prank(administration);
        registry.changeParticipant(organisation, KIND_SUPPLIER, 0, parent);
    }
}
