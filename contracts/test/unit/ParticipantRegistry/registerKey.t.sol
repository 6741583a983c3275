// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {RegisterKey} from "../../../src/types/Orders.sol";
import {Act, Approval, Key, ParticipantStatus, ROLE_MAKER} from "../../../src/types/Participants.sol";
import {Firm} from "../../support/Firm.sol";
import {Hash} from "../../support/Hash.sol";

contract RegisterKeyTest is Firm {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        RegisterKey memory order = _registerOrder();
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        RegisterKey memory order = _registerOrder();
        order.deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        _refused(order, IParticipantRegistry.OrderExpired.selector);
    }

    // given the organisation is suspended
    function test_RevertGiven_TheOrganisationIsSuspended() external {
        _setStatus(firm, ParticipantStatus.SUSPENDED);

        // it should revert with ParticipantSuspended
        _refused(_registerOrder(), IParticipantRegistry.ParticipantSuspended.selector);
    }

    // when the identity is another organisation's
    function test_RevertWhen_TheIdentityIsAnotherOrganisations() external {
        RegisterKey memory order = _registerOrder();
        order.identity = keccak256("supplier");

        // it should revert with IdentityOfAnother
        _refused(order, IParticipantRegistry.IdentityOfAnother.selector);
    }

    // when one administrator signs alone
    function test_RevertWhen_OneAdministratorSignsAlone() external {
        RegisterKey memory order = _registerOrder();
        Approval[] memory alone = new Approval[](1);
        alone[0] = _signed(director, Hash.order(order));

        // it should revert with CheckerRequired
        _refusedWith(order, alone, _possession(order), IParticipantRegistry.CheckerRequired.selector);
    }

    // when a signer is no administrator
    function test_RevertWhen_ASignerIsNoAdministrator() external {
        RegisterKey memory order = _registerOrder();
        Approval[] memory approvals = _signedBy(director, clerk, Hash.order(order));

        // it should revert with RoleRequired
        _refusedWith(order, approvals, _possession(order), IParticipantRegistry.RoleRequired.selector);
    }

    // when one administrator signs twice
    function test_RevertWhen_OneAdministratorSignsTwice() external {
        RegisterKey memory order = _registerOrder();
        Approval[] memory approvals = _signedBy(director, director, Hash.order(order));

        // it should revert with SamePerson
        _refusedWith(order, approvals, _possession(order), IParticipantRegistry.SamePerson.selector);
    }

    // when the new key has not signed
    function test_RevertWhen_TheNewKeyHasNotSigned() external {
        RegisterKey memory order = _registerOrder();
        bytes memory forOtherRoles = _possession(order);
        order.roles = ROLE_MAKER << 1;

        // it should revert with SignatureInvalid, for a key agrees to its roles
        Approval[] memory approvals = _signedBy(director, secretary, Hash.order(order));
        _refusedWith(order, approvals, forOtherRoles, IParticipantRegistry.SignatureInvalid.selector);
    }

    // when the key would have no role, or one that nobody knows
    function test_RevertWhen_TheKeyWouldHaveNoRoleOrOneThatNobodyKnows() external {
        RegisterKey memory order = _registerOrder();

        // it should revert with RolesUnknown
        order.roles = 0;
        _refused(order, IParticipantRegistry.RolesUnknown.selector);
        order.roles = 16;
        _refused(order, IParticipantRegistry.RolesUnknown.selector);
    }

    // when the key would sign in a way that nobody knows
    function test_RevertWhen_TheKeyWouldSignInAWayThatNobodyKnows() external {
        RegisterKey memory order = _registerOrder();
        order.kind = 2;

        // it should revert with KeyKindUnknown
        _refused(order, IParticipantRegistry.KeyKindUnknown.selector);
    }

    // when the key would end before it begins
    function test_RevertWhen_TheKeyWouldEndBeforeItBegins() external {
        RegisterKey memory order = _registerOrder();
        order.validUntil = uint40(block.timestamp) + KEY_DELAY;

        // it should revert with KeyNotValid
        _refused(order, IParticipantRegistry.KeyNotValid.selector);
    }

    // given the key was registered before
    function test_RevertGiven_TheKeyWasRegisteredBefore() external {
        _register(_registerOrder());
        _veto(clerk);
        _setStatus(firm, ParticipantStatus.ADMITTED);

        // it should revert with KeyAlreadyRegistered, even after it has ended
        _refused(_registerOrder(), IParticipantRegistry.KeyAlreadyRegistered.selector);
    }

    // given the order has run
    function test_RevertGiven_TheOrderHasRun() external {
        RegisterKey memory order = _registerOrder();
        _register(order);

        // it should revert with OrderAlreadyUsed
        _refused(order, IParticipantRegistry.OrderAlreadyUsed.selector);
    }

    // when both administrators and the key sign
    function test_WhenBothAdministratorsAndTheKeySign() external {
        RegisterKey memory order = _registerOrder();
        uint32 sequence = registry.participant(firm).sequence;
        uint40 validFrom = uint40(block.timestamp) + KEY_DELAY;
        bytes memory possession = _possession(order);
        Approval[] memory approvals = _signedBy(director, secretary, Hash.order(order));

        // it should emit KeyRegistered and OrderExecuted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeyRegistered(
            firm, sequence + 1, successor.key, ROLE_MAKER, 0, validFrom, order.validUntil, order.person
        );
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(Hash.order(order), firm, director.key, secretary.key, order.nonce);
        registry.registerKey(order, approvals, possession);

        // it should let the key act after the delay, not before (NEW POWER WAITS)
        Key memory key = registry.key(successor.key);
        assertEq(key.organisation, firm);
        assertEq(key.validFrom, validFrom);
        skip(KEY_DELAY - 1);
        vm.expectPartialRevert(IParticipantRegistry.KeyNotValid.selector);
        this.actAsSuccessor();
        skip(1);
        this.actAsSuccessor();
    }

    /// @dev Anything a maker and a checker may order.
    function actAsSuccessor() external {
        uint256 nonce = _nonce(successor.key);
        bytes32 order = keccak256("order");
        Approval[] memory approvals = _signedBy(successor, secretary, order);
        vm.prank(address(ledger));
        registry.authorise(order, firm, nonce, _deadline(), Act.SPLIT_LOT, CNY, 1, approvals);
    }

    function _refused(RegisterKey memory order, bytes4 expected) private {
        Approval[] memory approvals = _signedBy(director, secretary, Hash.order(order));
        _refusedWith(order, approvals, _possession(order), expected);
    }

    function _refusedWith(
        RegisterKey memory order,
        Approval[] memory approvals,
        bytes memory possession,
        bytes4 expected
    ) private {
        vm.expectPartialRevert(expected);
        registry.registerKey(order, approvals, possession);
    }
}
