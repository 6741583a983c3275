// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {VetoKey} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Firm, Signer} from "../../support/Firm.sol";
import {Hash} from "../../support/Hash.sol";

contract VetoKeyTest is Firm {
    function setUp() public override {
        super.setUp();
        _register(_registerOrder());
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        VetoKey memory order = _vetoOrder(clerk);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, clerk, IParticipantRegistry.WrongTarget.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        VetoKey memory order = _vetoOrder(clerk);
        order.deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        _refused(order, clerk, IParticipantRegistry.OrderExpired.selector);
    }

    // when another organisation signs
    function test_RevertWhen_AnotherOrganisationSigns() external {
        Signer memory outsider = Signer({key: stranger.maker, privateKey: stranger.makerKey});

        // it should revert with SignerUnknown
        _refused(_vetoOrder(outsider), outsider, IParticipantRegistry.SignerUnknown.selector);
    }

    // when the waiting key vetoes itself
    function test_RevertWhen_TheWaitingKeyVetoesItself() external {
        // it should revert with KeyNotValid, for it cannot act yet
        _refused(_vetoOrder(successor), successor, IParticipantRegistry.KeyNotValid.selector);
    }

    // given the key to veto is another organisation's
    function test_RevertGiven_TheKeyToVetoIsAnotherOrganisations() external {
        VetoKey memory order = _vetoOrder(clerk);
        order.key = stranger.maker;

        // it should revert with SignerUnknown for the key
        _refused(order, clerk, IParticipantRegistry.SignerUnknown.selector);
    }

    // given the key does not wait any more
    function test_RevertGiven_TheKeyDoesNotWaitAnyMore() external {
        skip(KEY_DELAY);

        // it should revert with KeyNotWaiting
        _refused(_vetoOrder(clerk), clerk, IParticipantRegistry.KeyNotWaiting.selector);
    }

    // given the key is vetoed already
    function test_RevertGiven_TheKeyIsVetoedAlready() external {
        _veto(clerk);

        // it should revert with KeyNotValid, and the instant of the end stays
        _refused(_vetoOrder(director), director, IParticipantRegistry.KeyNotValid.selector);
    }

    // when any live key of the organisation signs
    function test_WhenAnyLiveKeyOfTheOrganisationSigns() external {
        VetoKey memory order = _vetoOrder(clerk);
        uint32 sequence = registry.participant(firm).sequence;
        Approval memory approval = _signed(clerk, Hash.order(order));

        // it should emit KeyVetoed, ParticipantStatusChanged and OrderExecuted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeyVetoed(firm, sequence + 1, successor.key, clerk.key);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.ParticipantStatusChanged(firm, sequence + 2, ParticipantStatus.SUSPENDED);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(Hash.order(order), firm, clerk.key, address(0), order.nonce);
        registry.vetoKey(order, approval);

        // it should end the key before it was ever valid
        assertEq(registry.key(successor.key).validUntil, block.timestamp);

        // it should suspend the organisation until the Council has decided
        assertEq(uint8(registry.statusOf(firm)), uint8(ParticipantStatus.SUSPENDED));
    }

    // given the organisation is suspended already
    function test_GivenTheOrganisationIsSuspendedAlready() external {
        _setStatus(firm, ParticipantStatus.BLOCKED);

        _veto(clerk);

        // it should leave the status as it is
        assertEq(uint8(registry.statusOf(firm)), uint8(ParticipantStatus.BLOCKED));
    }

    function _refused(VetoKey memory order, Signer memory by, bytes4 expected) private {
        Approval memory approval = _signed(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        registry.vetoKey(order, approval);
    }
}
