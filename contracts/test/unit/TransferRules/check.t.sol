// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITransferRules, Movement} from "../../../src/interfaces/ITransferRules.sol";
import {ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

contract CheckTest is Base {
    // when the receiver is the sender
    function test_WhenTheReceiverIsTheSender() external view {
        Movement memory movement = _movement();
        movement.to = movement.from;

        // it should answer ReceiverIsSender
        assertEq(rules.check(movement), ITransferRules.ReceiverIsSender.selector);
    }

    // when the receiver is the obligor
    function test_WhenTheReceiverIsTheObligor() external view {
        Movement memory movement = _movement();
        movement.to = movement.obligor;

        // it should answer ReceiverIsObligor
        assertEq(rules.check(movement), ITransferRules.ReceiverIsObligor.selector);
    }

    // when the tier is beyond the programme's limit
    function test_WhenTheTierIsBeyondTheProgrammesLimit() external view {
        Movement memory movement = _movement();
        movement.tier = MAXIMUM_TIER + 1;

        // it should answer TierLimitReached (R-09)
        assertEq(rules.check(movement), ITransferRules.TierLimitReached.selector);
    }

    // given the receiver is not admitted
    function test_GivenTheReceiverIsNotAdmitted() external {
        Movement memory movement = _movement();
        movement.to = 99;

        // it should answer ReceiverNotAdmitted, for the suspended as well
        assertEq(rules.check(movement), ITransferRules.ReceiverNotAdmitted.selector);
        _setStatus(subSupplier.organisation, ParticipantStatus.SUSPENDED);
        assertEq(rules.check(_movement()), ITransferRules.ReceiverNotAdmitted.selector);
    }

    // given the receiver has no account
    function test_GivenTheReceiverHasNoAccount() external view {
        Movement memory movement = _movement();
        movement.to = auditor.organisation;

        // it should answer ReceiverHasNoAccount
        assertEq(rules.check(movement), ITransferRules.ReceiverHasNoAccount.selector);
    }

    // when nothing stands against it
    function test_WhenNothingStandsAgainstIt() external view {
        // it should answer zero
        assertEq(rules.check(_movement()), bytes4(0));
    }

    function _movement() private view returns (Movement memory) {
        return Movement({
            from: supplier.organisation,
            to: subSupplier.organisation,
            obligor: anchor.organisation,
            tier: MAXIMUM_TIER,
            maximumTier: MAXIMUM_TIER,
            deposit: address(deposit)
        });
    }
}
