// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {RevokeKey} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RevokeKeyTest is Base {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        RevokeKey memory order = _order(supplier.maker);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        RevokeKey memory order = _order(supplier.maker);
        order.deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        _refused(order, IParticipantRegistry.OrderExpired.selector);
    }

    // when the signer is no administrator
    function test_RevertWhen_TheSignerIsNoAdministrator() external {
        RevokeKey memory order = _order(supplier.checker);
        Approval memory byMaker = _approve(supplier, Hash.order(order))[0];

        // it should revert with RoleRequired
        vm.expectPartialRevert(IParticipantRegistry.RoleRequired.selector);
        registry.revokeKey(order, byMaker);
    }

    // given the key is another organisation's
    function test_RevertGiven_TheKeyIsAnotherOrganisations() external {
        // it should revert with SignerUnknown
        _refused(_order(stranger.maker), IParticipantRegistry.SignerUnknown.selector);
    }

    // given the key has ended before
    function test_RevertGiven_TheKeyHasEndedBefore() external {
        _revoke(_order(supplier.maker));
        skip(1 hours);

        // it should revert with KeyNotValid, and the instant of the end stays
        _refused(_order(supplier.maker), IParticipantRegistry.KeyNotValid.selector);
        assertEq(registry.key(supplier.maker).validUntil, block.timestamp - 1 hours);
    }

    // given the order has run
    function test_RevertGiven_TheOrderHasRun() external {
        RevokeKey memory order = _order(supplier.maker);
        _revoke(order);
        order.key = supplier.checker;

        // it should revert with OrderAlreadyUsed
        _refused(order, IParticipantRegistry.OrderAlreadyUsed.selector);
    }

    // when one administrator signs
    function test_WhenOneAdministratorSigns() external {
        RevokeKey memory order = _order(supplier.maker);
        uint32 sequence = registry.participant(supplier.organisation).sequence;
        Approval memory approval = _approve(supplier, Hash.order(order))[1];

        // it should emit KeyRevoked and OrderExecuted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeyRevoked(supplier.organisation, sequence + 1, supplier.maker);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(
            Hash.order(order), supplier.organisation, supplier.checker, address(0), order.nonce
        );
        registry.revokeKey(order, approval);

        // it should end the key in the same block
        uint64 receivableId = _issue(programmeId, supplier, FACE);
        vm.expectPartialRevert(IParticipantRegistry.KeyNotValid.selector);
        this.acceptAsSupplier(receivableId);
    }

    function acceptAsSupplier(uint64 receivableId) external {
        _accept(supplier, receivableId);
    }

    function _order(address key) private returns (RevokeKey memory) {
        return RevokeKey({
            target: address(registry),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.checker),
            deadline: _deadline(),
            key: key
        });
    }

    function _revoke(RevokeKey memory order) private {
        registry.revokeKey(order, _approve(supplier, Hash.order(order))[1]);
    }

    function _refused(RevokeKey memory order, bytes4 expected) private {
        Approval memory approval = _approve(supplier, Hash.order(order))[1];
        vm.expectPartialRevert(expected);
        registry.revokeKey(order, approval);
    }
}
