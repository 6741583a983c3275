// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {Act, Approval, KIND_ANCHOR, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";

contract RecheckTest is Base {
    bytes32 private constant ORDER = keccak256("some batch");
    uint64 private constant LIMIT = 5_000_00;

    // given the venue is paused
    function test_RevertGiven_TheVenueIsPaused() external {
        vm.startPrank(administration);
        registry.admitVenue(address(this));
        registry.pauseVenue(address(this));
        vm.stopPrank();

        // it should revert with VenueIsPaused
        _refused(_deadline(), LIMIT, _approve(anchor, ORDER), IParticipantRegistry.VenueIsPaused.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        // it should revert with OrderExpired
        _refused(
            uint64(block.timestamp - 1), LIMIT, _approve(anchor, ORDER), IParticipantRegistry.OrderExpired.selector
        );
    }

    // given the organisation is suspended since
    function test_RevertGiven_TheOrganisationIsSuspendedSince() external {
        _setStatus(anchor.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with ParticipantSuspended
        _refused(_deadline(), LIMIT, _approve(anchor, ORDER), IParticipantRegistry.ParticipantSuspended.selector);
    }

    // given a key has ended since
    function test_RevertGiven_AKeyHasEndedSince() external {
        skip(1000 days);

        // it should revert with KeyNotValid
        _refused(_deadline(), LIMIT, _approve(anchor, ORDER), IParticipantRegistry.KeyNotValid.selector);
    }

    // when the maker goes on alone > given the whole amount is above the limit
    function test_RevertGiven_TheWholeAmountIsAboveTheLimit() external {
        // it should revert with CheckerRequired
        _refused(_deadline(), LIMIT, _approveAlone(anchor, ORDER), IParticipantRegistry.CheckerRequired.selector);
    }

    // when the maker goes on alone > given the whole amount is within the limit
    function test_GivenTheWholeAmountIsWithinTheLimit() external {
        Actor memory limited = _newActor("limited");
        limited.organisation = _admitOne(_withLimit(_admission(limited, "limited", KIND_ANCHOR), LIMIT));
        skip(KEY_DELAY);

        // it should not revert for the maker alone
        registry.recheck(
            ORDER, limited.organisation, _deadline(), Act.ISSUE_RECEIVABLE, CNY, LIMIT, _approveAlone(limited, ORDER)
        );
    }

    // when maker and checker sign
    function test_WhenMakerAndCheckerSign() external view {
        // it should not revert, and use up nothing
        registry.recheck(
            ORDER, anchor.organisation, _deadline(), Act.ISSUE_RECEIVABLE, CNY, LIMIT, _approve(anchor, ORDER)
        );
    }

    function _refused(uint64 deadline, uint64 amount, Approval[] memory approvals, bytes4 expected) private {
        vm.expectPartialRevert(expected);
        registry.recheck(ORDER, anchor.organisation, deadline, Act.ISSUE_RECEIVABLE, CNY, amount, approvals);
    }
}
