// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ICouncil} from "../../../src/interfaces/ICouncil.sol";
import {CouncilVote} from "../../../src/types/Orders.sol";
import {Government} from "../../support/Government.sol";
import {Hash} from "../../support/Hash.sol";

contract ChangeCouncilTest is Government {
    // when anybody but the Council asks
    function test_RevertWhen_AnybodyButTheCouncilAsks() external {
        // it should revert with AccessManagedUnauthorized
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        council.changeCouncil(_firstMembers(), 2);
    }

    // when there are no members, too many, or a threshold out of reach
    function test_RevertWhen_ThereAreNoMembersTooManyOrAThresholdOutOfReach() external {
        // it should revert with CouncilMalformed
        _refused(new uint32[](0), 0, ICouncil.CouncilMalformed.selector);
        _refused(new uint32[](65), 1, ICouncil.CouncilMalformed.selector);
        _refused(_firstMembers(), 4, ICouncil.CouncilMalformed.selector);
        _refused(_firstMembers(), 0, ICouncil.CouncilMalformed.selector);
    }

    // when a member is named twice, or is not admitted
    function test_RevertWhen_AMemberIsNamedTwiceOrIsNotAdmitted() external {
        uint32[] memory wrong = _firstMembers();

        // it should revert with MemberRefused
        wrong[2] = wrong[0];
        _refused(wrong, 2, ICouncil.MemberRefused.selector);
        wrong[2] = 99;
        _refused(wrong, 2, ICouncil.MemberRefused.selector);
    }

    // when the Council has decided it
    function test_WhenTheCouncilHasDecidedIt() external {
        uint32[] memory others = new uint32[](1);
        others[0] = stranger.organisation;
        bytes memory open = _suspension(supplier.organisation);
        _vote(anchor, address(registry), open, true);
        bytes memory change = abi.encodeCall(council.changeCouncil, (others, 1));
        _decide(address(council), change);
        skip(COUNCIL_DELAY);
        uint32 sequence = council.sequence();

        // it should emit CouncilChanged
        vm.expectEmit(address(council));
        emit ICouncil.CouncilChanged(sequence + 2, 2, others, 1);
        council.execute(address(council), change, bytes32(0));

        // it should have the new members and no others
        assertEq(keccak256(abi.encode(council.members())), keccak256(abi.encode(others)));
        CouncilVote memory old = _voteOrder(funder, address(registry), open, true);
        vm.expectPartialRevert(ICouncil.NotAMember.selector);
        council.vote(old, _approve(funder, Hash.order(old)));

        // it should leave what was open to be put forward again
        CouncilVote memory late = _voteOrder(stranger, address(registry), open, true);
        vm.expectPartialRevert(ICouncil.DecisionOfAnotherTerm.selector);
        council.vote(late, _approve(stranger, Hash.order(late)));
    }

    /// @dev The constructor asks the same of the first members.
    function _refused(uint32[] memory members, uint8 threshold, bytes4 expected) private {
        bytes memory code =
            abi.encodePacked(vm.getCode("Council.sol:Council"), abi.encode(authority, registry, members, threshold));
        vm.expectPartialRevert(expected);
        assembly ("memory-safe") {
            pop(create(0, add(code, 0x20), mload(code)))
        }
    }
}
