// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {Approval, KIND_KEEPER, ParticipantStatus, ROLE_KEEPER} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";

contract VerifyStatementTest is Base {
    bytes32 private constant STATEMENT = keccak256("some statement");

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        Approval memory approval = _approve(keeper, STATEMENT)[0];

        // it should revert with OrderExpired
        vm.expectPartialRevert(IParticipantRegistry.OrderExpired.selector);
        registry.verifyStatement(
            STATEMENT, keeper.organisation, KIND_KEEPER, ROLE_KEEPER, uint64(block.timestamp - 1), approval
        );
    }

    // given the organisation is unknown or suspended
    function test_RevertGiven_TheOrganisationIsUnknownOrSuspended() external {
        Actor memory nobody = keeper;
        nobody.organisation = 99;
        _setStatus(keeper.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with ParticipantUnknown or ParticipantSuspended
        _refused(nobody, _approve(keeper, STATEMENT)[0], IParticipantRegistry.ParticipantUnknown.selector);
        _refused(keeper, _approve(keeper, STATEMENT)[0], IParticipantRegistry.ParticipantSuspended.selector);
    }

    // given the organisation is of another kind
    function test_RevertGiven_TheOrganisationIsOfAnotherKind() external {
        // it should revert with KindRequired
        _refused(bank, _approve(bank, STATEMENT)[0], IParticipantRegistry.KindRequired.selector);
    }

    // given the key does not have the role
    function test_RevertGiven_TheKeyDoesNotHaveTheRole() external {
        // it should revert with RoleRequired
        _refused(keeper, _approve(keeper, STATEMENT)[1], IParticipantRegistry.RoleRequired.selector);
    }

    // when the signature is over something else
    function test_RevertWhen_TheSignatureIsOverSomethingElse() external {
        // it should revert with SignatureInvalid
        _refused(keeper, _approve(keeper, keccak256("other"))[0], IParticipantRegistry.SignatureInvalid.selector);
    }

    // when everything holds
    function test_WhenEverythingHolds() external view {
        Approval memory approval = _approve(keeper, STATEMENT)[0];

        // it should not revert, and again
        registry.verifyStatement(
            STATEMENT, keeper.organisation, KIND_KEEPER, ROLE_KEEPER, uint64(block.timestamp), approval
        );
        registry.verifyStatement(
            STATEMENT, keeper.organisation, KIND_KEEPER, ROLE_KEEPER, uint64(block.timestamp), approval
        );
    }

    function _refused(Actor memory by, Approval memory approval, bytes4 expected) private {
        vm.expectPartialRevert(expected);
        registry.verifyStatement(STATEMENT, by.organisation, KIND_KEEPER, ROLE_KEEPER, _deadline(), approval);
    }
}
