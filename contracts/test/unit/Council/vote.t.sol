// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Decision, DecisionStatus, ICouncil} from "../../../src/interfaces/ICouncil.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {CouncilVote} from "../../../src/types/Orders.sol";
import {ParticipantStatus} from "../../../src/types/Participants.sol";
import {Government} from "../../support/Government.sol";
import {Hash} from "../../support/Hash.sol";

contract VoteTest is Government {
    // when the organisation is no member
    function test_RevertWhen_TheOrganisationIsNoMember() external {
        CouncilVote memory order = _voteOrder(stranger, address(registry), _suspension(stranger.organisation), true);

        // it should revert with NotAMember
        vm.expectPartialRevert(ICouncil.NotAMember.selector);
        council.vote(order, _approve(stranger, Hash.order(order)));
    }

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        CouncilVote memory order = _voteOrder(anchor, address(registry), _suspension(stranger.organisation), true);

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        council.vote(order, _approveAlone(anchor, Hash.order(order)));
    }

    // when the call is not the one that was signed
    function test_RevertWhen_TheCallIsNotTheOneThatWasSigned() external {
        CouncilVote memory order = _voteOrder(anchor, address(registry), _suspension(stranger.organisation), true);
        bytes32 signed = Hash.order(order);
        order.data = _suspension(supplier.organisation);

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        council.vote(order, _approve(anchor, signed));
    }

    // given the member has voted so already
    function test_RevertGiven_TheMemberHasVotedSoAlready() external {
        bytes memory data = _suspension(stranger.organisation);
        _vote(anchor, address(registry), data, true);
        CouncilVote memory order = _voteOrder(anchor, address(registry), data, true);

        // it should revert with VoteUnchanged, so that nobody counts twice
        vm.expectPartialRevert(ICouncil.VoteUnchanged.selector);
        council.vote(order, _approve(anchor, Hash.order(order)));
    }

    // when it is the first vote
    function test_WhenItIsTheFirstVote() external {
        bytes memory data = _suspension(stranger.organisation);
        bytes32 id = _id(address(registry), data);
        CouncilVote memory order = _voteOrder(anchor, address(registry), data, true);

        // it should emit DecisionProposed and DecisionVoted
        vm.expectEmit(address(council));
        emit ICouncil.DecisionProposed(id, 2, address(registry), data, bytes32(0));
        vm.expectEmit(address(council));
        emit ICouncil.DecisionVoted(id, 3, anchor.organisation, true);
        council.vote(order, _approve(anchor, Hash.order(order)));

        // it should change nothing yet
        assertEq(uint8(registry.statusOf(stranger.organisation)), uint8(ParticipantStatus.ADMITTED));
    }

    // when enough are in favour > given the call only restricts
    function test_GivenTheCallOnlyRestricts() external {
        bytes memory data = _suspension(stranger.organisation);
        bytes32 id = _id(address(registry), data);
        _vote(anchor, address(registry), data, true);
        CouncilVote memory order = _voteOrder(funder, address(registry), data, true);

        // it should emit DecisionExecuted
        vm.expectEmit(address(council));
        emit ICouncil.DecisionVoted(id, 4, funder.organisation, true);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionExecuted(id, 5);
        council.vote(order, _approve(funder, Hash.order(order)));

        // it should be done at once (R-29)
        assertEq(uint8(registry.statusOf(stranger.organisation)), uint8(ParticipantStatus.SUSPENDED));
    }

    // when enough are in favour > given the call loosens
    function test_GivenTheCallLoosens() external {
        _decide(address(registry), _suspension(stranger.organisation));
        bytes memory data = _reinstatement(stranger.organisation);
        bytes32 id = _id(address(registry), data);
        _vote(anchor, address(registry), data, true);
        CouncilVote memory order = _voteOrder(funder, address(registry), data, true);

        // it should emit DecisionScheduled
        vm.expectEmit(address(council));
        emit ICouncil.DecisionVoted(id, 8, funder.organisation, true);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionScheduled(id, 9, uint40(block.timestamp) + COUNCIL_DELAY);
        council.vote(order, _approve(funder, Hash.order(order)));

        // it should wait
        assertEq(uint8(registry.statusOf(stranger.organisation)), uint8(ParticipantStatus.SUSPENDED));
        assertEq(council.decision(id).executableAt, block.timestamp + COUNCIL_DELAY);
    }

    // when enough are in favour > given the call reverts
    function test_RevertGiven_TheCallReverts() external {
        bytes memory data = _reinstatement(stranger.organisation);
        _decide(address(registry), data);
        skip(COUNCIL_DELAY);

        // it should revert with the call's own reason, and the decision stays open to be carried out
        vm.expectPartialRevert(IParticipantRegistry.StatusChangeRefused.selector);
        council.execute(address(registry), data, bytes32(0));
    }

    // when so many object that it cannot pass
    function test_WhenSoManyObjectThatItCannotPass() external {
        bytes memory data = _suspension(stranger.organisation);
        bytes32 id = _id(address(registry), data);
        _vote(anchor, address(registry), data, false);
        _vote(funder, address(registry), data, true);
        CouncilVote memory order = _voteOrder(bank, address(registry), data, false);

        // it should emit DecisionCancelled
        vm.expectEmit(address(council));
        emit ICouncil.DecisionVoted(id, 5, bank.organisation, false);
        vm.expectEmit(address(council));
        emit ICouncil.DecisionCancelled(id, 6);
        council.vote(order, _approve(bank, Hash.order(order)));

        // it should refuse any further vote
        CouncilVote memory late = _voteOrder(anchor, address(registry), data, true);
        vm.expectPartialRevert(ICouncil.DecisionClosed.selector);
        council.vote(late, _approve(anchor, Hash.order(late)));
    }

    // when a member changes its mind
    function test_WhenAMemberChangesItsMind() external {
        bytes memory data = _suspension(stranger.organisation);
        _vote(anchor, address(registry), data, false);

        _vote(anchor, address(registry), data, true);

        // it should count its last vote alone
        Decision memory found = council.decision(_id(address(registry), data));
        assertEq(found.inFavour, 1);
        assertEq(found.against, 0);
    }

    // given the decision waits > when enough object
    function test_WhenEnoughObject() external {
        _decide(address(registry), _suspension(stranger.organisation));
        bytes memory data = _reinstatement(stranger.organisation);
        _decide(address(registry), data);

        _vote(bank, address(registry), data, false);
        _vote(funder, address(registry), data, false);

        // it should be cancelled for good
        skip(COUNCIL_DELAY);
        assertEq(uint8(council.decision(_id(address(registry), data)).status), uint8(DecisionStatus.CANCELLED));
        vm.expectPartialRevert(ICouncil.DecisionNotScheduled.selector);
        council.execute(address(registry), data, bytes32(0));
    }

    // given the decision waits > when a member votes in favour
    function test_RevertWhen_AMemberVotesInFavour() external {
        bytes memory data = _reinstatement(stranger.organisation);
        _decide(address(registry), data);
        CouncilVote memory order = _voteOrder(bank, address(registry), data, true);

        // it should revert with DecisionClosed
        vm.expectPartialRevert(ICouncil.DecisionClosed.selector);
        council.vote(order, _approve(bank, Hash.order(order)));
    }

    // given the member is suspended
    function test_GivenTheMemberIsSuspended() external {
        _decide(address(registry), _suspension(anchor.organisation));
        _decide(address(registry), _suspension(funder.organisation));

        _decide(address(registry), _reinstatement(anchor.organisation));

        // it should count, or two suspensions would end the Council
        assertEq(
            uint8(council.decision(_id(address(registry), _reinstatement(anchor.organisation))).status),
            uint8(DecisionStatus.SCHEDULED)
        );
    }

    // when it would stop the Council itself
    function test_RevertWhen_ItWouldStopTheCouncilItself() external {
        bytes memory data = abi.encodeCall(registry.pauseVenue, (address(council)));
        _vote(anchor, address(registry), data, true);
        CouncilVote memory order = _voteOrder(funder, address(registry), data, true);

        // it should revert with VenueIsCaller
        vm.expectPartialRevert(IParticipantRegistry.VenueIsCaller.selector);
        council.vote(order, _approve(funder, Hash.order(order)));
    }
}
