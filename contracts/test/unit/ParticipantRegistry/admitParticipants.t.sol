// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {
    Admission,
    Key,
    KIND_SUPPLIER,
    Participant,
    ParticipantStatus,
    ROLE_CHECKER,
    ROLE_MAKER
} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";

contract AdmitParticipantsTest is Base {
    Actor private newcomer;

    function setUp() public override {
        super.setUp();
        newcomer = _newActor("newcomer");
    }

    // when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.admitParticipants(new Admission[](1));
    }

    // when the identity is missing
    function test_RevertWhen_TheIdentityIsMissing() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        admission.identity = bytes32(0);

        // it should revert with IdentityMissing
        _refused(admission, IParticipantRegistry.IdentityMissing.selector);
    }

    // given the identity is admitted already
    function test_RevertGiven_TheIdentityIsAdmittedAlready() external {
        Admission memory admission = _admission(newcomer, "supplier", KIND_SUPPLIER);

        // it should revert with IdentityAlreadyAdmitted
        _refused(admission, IParticipantRegistry.IdentityAlreadyAdmitted.selector);
    }

    // given a key is registered already
    function test_RevertGiven_AKeyIsRegisteredAlready() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        admission.keys[1] = _grant(admission.identity, supplier.makerKey, ROLE_MAKER, _person("newcomer", "checker"));

        // it should revert with KeyAlreadyRegistered
        _refused(admission, IParticipantRegistry.KeyAlreadyRegistered.selector);
    }

    // given one key twice
    function test_RevertGiven_OneKeyTwice() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        admission.keys[1] = admission.keys[0];

        // it should revert with KeyAlreadyRegistered for the second
        _refused(admission, IParticipantRegistry.KeyAlreadyRegistered.selector);
    }

    // when a kind is not known
    function test_RevertWhen_AKindIsNotKnown() external {
        // it should revert with KindsUnknown
        _refused(_admission(newcomer, "newcomer", 128), IParticipantRegistry.KindsUnknown.selector);
    }

    // when the parent does not exist
    function test_RevertWhen_TheParentDoesNotExist() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);

        // it should revert with ParticipantUnknown, also for a later number
        admission.parent = registry.participantCount() + 2;
        _refused(admission, IParticipantRegistry.ParticipantUnknown.selector);
    }

    // when its parent would be itself
    function test_RevertWhen_ItsParentWouldBeItself() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        admission.parent = registry.participantCount() + 1;

        // it should revert with ParentIsControlled
        _refused(admission, IParticipantRegistry.ParentIsControlled.selector);
    }

    // when the key has not signed for this identity
    function test_RevertWhen_TheKeyHasNotSignedForThisIdentity() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        admission.identity = keccak256("somebody else");

        // it should revert with SignatureInvalid
        _refused(admission, IParticipantRegistry.SignatureInvalid.selector);
    }

    // when the key has signed for other roles
    function test_RevertWhen_TheKeyHasSignedForOtherRoles() external {
        Admission memory admission = _admission(newcomer, "newcomer", KIND_SUPPLIER);
        admission.keys[0].roles = ROLE_CHECKER;

        // it should revert with SignatureInvalid for the roles
        _refused(admission, IParticipantRegistry.SignatureInvalid.selector);
    }

    // when everything holds
    function test_WhenEverythingHolds() external {
        Admission memory admission = _withLimit(_admission(newcomer, "newcomer", KIND_SUPPLIER), 7);
        uint32 id = registry.participantCount() + 1;
        uint40 validFrom = uint40(block.timestamp) + KEY_DELAY;

        // it should emit ParticipantAdmitted, KeyRegistered and DualControlLimitSet, numbered from 1
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.ParticipantAdmitted(
            id, 1, KIND_SUPPLIER, admission.identity, admission.licenceExpiresAt, 0
        );
        for (uint32 i; i < 2; ++i) {
            vm.expectEmit(address(registry));
            emit IParticipantRegistry.KeyRegistered(
                id,
                i + 2,
                admission.keys[i].key,
                admission.keys[i].roles,
                0,
                validFrom,
                admission.keys[i].validUntil,
                admission.keys[i].person
            );
        }
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.DualControlLimitSet(id, 4, CNY, 7, uint40(block.timestamp));
        assertEq(_admitOne(admission), id);

        // it should admit the organisation
        Participant memory admitted = registry.participant(id);
        assertEq(uint8(admitted.status), uint8(ParticipantStatus.ADMITTED));
        assertEq(admitted.kinds, KIND_SUPPLIER);
        assertEq(admitted.sequence, 4);
        assertEq(registry.organisationOfIdentity(admission.identity), id);

        // it should let its keys act after the delay
        Key memory key = registry.key(newcomer.maker);
        assertEq(key.organisation, id);
        assertEq(key.validFrom, validFrom);
        assertEq(key.person, admission.keys[0].person);
    }

    function _refused(Admission memory admission, bytes4 expected) private {
        Admission[] memory admissions = new Admission[](1);
        admissions[0] = admission;
        vm.prank(administration);
        vm.expectPartialRevert(expected);
        registry.admitParticipants(admissions);
    }
}
