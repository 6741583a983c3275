// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {KeyGrant, ParticipantStatus, ROLE_ADMINISTRATOR, ROLE_MAKER} from "../../../src/types/Participants.sol";
import {Firm} from "../../support/Firm.sol";

/// @dev endKey and recoverKey.
contract RecoveryTest is Firm {
    // when the caller does not hold the administration's role
    function test_RevertWhen_TheCallerDoesNotHoldTheAdministrationsRole() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.endKey(clerk.key);
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.recoverKey(firm, IDENTITY, _newKey());
    }

    // when a key is ended > given nobody has it
    function test_RevertGiven_NobodyHasIt() external {
        // it should revert with SignerUnknown
        vm.prank(administration);
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        registry.endKey(successor.key);
    }

    // when a key is ended > given it has ended before
    function test_RevertGiven_ItHasEndedBefore() external {
        vm.startPrank(administration);
        registry.endKey(clerk.key);

        // it should revert with KeyNotValid
        vm.expectPartialRevert(IParticipantRegistry.KeyNotValid.selector);
        registry.endKey(clerk.key);
    }

    // when a key is ended > given it is valid
    function test_GivenItIsValid() external {
        uint32 sequence = registry.participant(firm).sequence;

        // it should emit KeyRevoked
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeyRevoked(firm, sequence + 1, clerk.key);
        vm.prank(administration);
        registry.endKey(clerk.key);

        // it should have ended at once
        assertEq(registry.key(clerk.key).validUntil, block.timestamp);
    }

    // when a key is recovered > when the identity is another organisation's
    function test_RevertWhen_TheIdentityIsAnotherOrganisations() external {
        KeyGrant memory grant = _newKey();

        // it should revert with IdentityOfAnother
        vm.startPrank(administration);
        vm.expectPartialRevert(IParticipantRegistry.IdentityOfAnother.selector);
        registry.recoverKey(firm, keccak256("supplier"), grant);
        vm.expectPartialRevert(IParticipantRegistry.IdentityOfAnother.selector);
        registry.recoverKey(0, keccak256("nobody"), grant);
    }

    // when a key is recovered > when the identity is the organisation's
    function test_WhenTheIdentityIsTheOrganisations() external {
        KeyGrant memory grant = _newKey();
        vm.prank(administration);
        registry.recoverKey(firm, IDENTITY, grant);

        // it should wait longer than a key that administrators register (NEW POWER WAITS)
        assertEq(registry.key(successor.key).validFrom, block.timestamp + registry.recoveryDelay());
        assertEq(registry.recoveryDelay(), 3 * KEY_DELAY);

        // it should be open to a veto by a live key until then
        skip(registry.recoveryDelay() - 1);
        _veto(director);
        assertEq(uint8(registry.statusOf(firm)), uint8(ParticipantStatus.SUSPENDED));
    }

    function _newKey() private view returns (KeyGrant memory) {
        return _firmGrant(successor, ROLE_MAKER | ROLE_ADMINISTRATOR, "successor");
    }
}
