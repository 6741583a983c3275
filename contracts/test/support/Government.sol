// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICouncil} from "../../src/interfaces/ICouncil.sol";
import {IParticipantRegistry} from "../../src/interfaces/IParticipantRegistry.sol";
import {CouncilVote} from "../../src/types/Orders.sol";
import {ParticipantStatus} from "../../src/types/Participants.sol";
import {Actor, Base} from "../Base.t.sol";
import {Hash} from "./Hash.sol";

/// @dev The network handed over as in production: a Council of three, two of whom decide, holds every role; whoever
/// deployed it holds none.
abstract contract Government is Base {
    uint64 internal constant ADMIN_ROLE = 0;
    /// @dev May restrict, at once.
    uint64 internal constant GUARD_ROLE = 1;
    uint32 internal constant COUNCIL_DELAY = 3 days;

    ICouncil internal council;

    function setUp() public virtual override {
        super.setUp();
        council =
            ICouncil(deployCode("Council.sol:Council", abi.encode(authority, registry, _firstMembers(), uint8(2))));
        vm.startPrank(administration);
        registry.admitVenue(address(council));
        authority.setTargetFunctionRole(address(registry), _restrictions(), GUARD_ROLE);
        authority.grantRole(GUARD_ROLE, address(council), 0);
        authority.grantRole(ADMIN_ROLE, address(council), COUNCIL_DELAY);
        authority.renounceRole(ADMIN_ROLE, administration);
        vm.stopPrank();
    }

    function _firstMembers() internal view returns (uint32[] memory members) {
        members = new uint32[](3);
        (members[0], members[1], members[2]) = (anchor.organisation, funder.organisation, bank.organisation);
    }

    function _restrictions() private pure returns (bytes4[] memory functions) {
        functions = new bytes4[](4);
        functions[0] = IParticipantRegistry.restrictParticipant.selector;
        functions[1] = IParticipantRegistry.narrowParticipant.selector;
        functions[2] = IParticipantRegistry.endKey.selector;
        functions[3] = IParticipantRegistry.pauseVenue.selector;
    }

    function _voteOrder(Actor memory by, address subject, bytes memory data, bool inFavour)
        internal
        returns (CouncilVote memory)
    {
        return CouncilVote({
            target: address(council),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            subject: subject,
            salt: bytes32(0),
            inFavour: inFavour,
            data: data
        });
    }

    function _vote(Actor memory by, address subject, bytes memory data, bool inFavour) internal {
        CouncilVote memory order = _voteOrder(by, subject, data, inFavour);
        council.vote(order, _approve(by, Hash.order(order)));
    }

    function _voteSalted(Actor memory by, address subject, bytes memory data, bytes32 salt) internal {
        CouncilVote memory order = _voteOrder(by, subject, data, true);
        order.salt = salt;
        council.vote(order, _approve(by, Hash.order(order)));
    }

    /// @dev Two of three in favour.
    function _decide(address subject, bytes memory data) internal {
        _vote(anchor, subject, data, true);
        _vote(funder, subject, data, true);
    }

    function _suspension(uint32 organisation) internal view returns (bytes memory) {
        return abi.encodeCall(registry.restrictParticipant, (organisation, ParticipantStatus.SUSPENDED));
    }

    function _reinstatement(uint32 organisation) internal view returns (bytes memory) {
        return abi.encodeCall(registry.reinstateParticipant, (organisation, ParticipantStatus.ADMITTED));
    }

    function _id(address subject, bytes memory data) internal view returns (bytes32) {
        return council.idOf(subject, data, bytes32(0));
    }
}
