// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {DecisionStatus, ICouncil} from "../../../src/interfaces/ICouncil.sol";
import {ParticipantStatus} from "../../../src/types/Participants.sol";
import {Government} from "../../support/Government.sol";

contract ExecuteTest is Government {
    bytes private reinstatement;

    function setUp() public override {
        super.setUp();
        reinstatement = _reinstatement(stranger.organisation);
        _decide(address(registry), _suspension(stranger.organisation));
    }

    // given the decision has not passed
    function test_RevertGiven_TheDecisionHasNotPassed() external {
        _vote(anchor, address(registry), reinstatement, true);

        // it should revert with DecisionNotScheduled
        _refused(ICouncil.DecisionNotScheduled.selector);
    }

    // given its delay is not over
    function test_RevertGiven_ItsDelayIsNotOver() external {
        _decide(address(registry), reinstatement);
        skip(COUNCIL_DELAY - 1);

        // it should revert with DecisionNotReady (NEW POWER WAITS)
        _refused(ICouncil.DecisionNotReady.selector);
    }

    // given it waited a week longer
    function test_RevertGiven_ItWaitedAWeekLonger() external {
        _decide(address(registry), reinstatement);
        skip(COUNCIL_DELAY + 1 weeks);

        // it should revert with AccessManagerExpired
        _refused(IAccessManager.AccessManagerExpired.selector);
    }

    // given it has been carried out
    function test_RevertGiven_ItHasBeenCarriedOut() external {
        _decide(address(registry), reinstatement);
        skip(COUNCIL_DELAY);
        council.execute(address(registry), reinstatement, bytes32(0));

        // it should revert with DecisionNotScheduled the second time (ONCE)
        _refused(ICouncil.DecisionNotScheduled.selector);
    }

    // given a new term has begun
    function test_RevertGiven_ANewTermHasBegun() external {
        bytes memory change = abi.encodeCall(council.changeCouncil, (_firstMembers(), 3));
        _decide(address(council), change);
        _decide(address(registry), reinstatement);
        skip(COUNCIL_DELAY);
        council.execute(address(council), change, bytes32(0));

        // it should revert with DecisionOfAnotherTerm
        _refused(ICouncil.DecisionOfAnotherTerm.selector);
    }

    // given its delay is over
    function test_GivenItsDelayIsOver() external {
        _decide(address(registry), reinstatement);
        skip(COUNCIL_DELAY);
        bytes32 id = _id(address(registry), reinstatement);
        uint32 sequence = council.sequence();

        // it should emit DecisionExecuted
        vm.expectEmit(address(council));
        emit ICouncil.DecisionExecuted(id, sequence + 1);
        vm.prank(makeAddr("anybody"));
        council.execute(address(registry), reinstatement, bytes32(0));

        // it should be done, whoever asked for it
        assertEq(uint8(registry.statusOf(stranger.organisation)), uint8(ParticipantStatus.ADMITTED));
        assertEq(uint8(council.decision(id).status), uint8(DecisionStatus.EXECUTED));
    }

    // given the same call is decided again under another salt
    function test_GivenTheSameCallIsDecidedAgainUnderAnotherSalt() external {
        _decide(address(registry), reinstatement);
        skip(COUNCIL_DELAY + 1 weeks);
        _decideSalted(bytes32(uint256(1)));
        skip(COUNCIL_DELAY);

        council.execute(address(registry), reinstatement, bytes32(uint256(1)));

        // it should be carried out
        assertEq(uint8(registry.statusOf(stranger.organisation)), uint8(ParticipantStatus.ADMITTED));
    }

    // given whoever deployed the network asks
    function test_RevertGiven_WhoeverDeployedTheNetworkAsks() external {
        vm.startPrank(administration);

        // it should revert: the Council alone administers (AUTHORITY)
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        registry.reinstateParticipant(stranger.organisation, ParticipantStatus.ADMITTED);
        vm.expectPartialRevert(IAccessManager.AccessManagerUnauthorizedAccount.selector);
        authority.grantRole(ADMIN_ROLE, administration, 0);
    }

    // when the Council hands its power to a successor
    function test_WhenTheCouncilHandsItsPowerToASuccessor() external {
        address successor = makeAddr("successor");
        bytes memory grant = abi.encodeCall(authority.grantRole, (ADMIN_ROLE, successor, 1 days));
        _decide(address(authority), grant);
        skip(COUNCIL_DELAY);
        council.execute(address(authority), grant, bytes32(0));

        // it should hold the role, with its delay
        (bool isMember, uint32 delay) = authority.hasRole(ADMIN_ROLE, successor);
        assertTrue(isMember);
        assertEq(delay, 1 days);
    }

    function _decideSalted(bytes32 salt) private {
        _voteSalted(anchor, address(registry), reinstatement, salt);
        _voteSalted(funder, address(registry), reinstatement, salt);
    }

    function _refused(bytes4 expected) private {
        vm.expectPartialRevert(expected);
        council.execute(address(registry), reinstatement, bytes32(0));
    }
}
