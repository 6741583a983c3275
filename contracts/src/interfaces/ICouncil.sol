// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CouncilVote} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

enum DecisionStatus {
    /// Nobody has voted on it.
    NONE,
    /// Votes are being given.
    OPEN,
    /// It has passed and waits for its delay.
    SCHEDULED,
    /// It is done.
    EXECUTED,
    /// It can no longer pass, or was stopped while it waited.
    CANCELLED
}

/// @dev A decision: one call of one contract. Votes are bits by the members' places.
struct Decision {
    DecisionStatus status;
    uint32 term;
    uint64 inFavour;
    uint64 against;
    uint40 executableAt;
}

/// @title The Council: m of n organisations, who decide by their signed orders and alone administer the network.
/// @notice It holds the administration's roles in OpenZeppelin's AccessManager; nobody else does after the hand-over.
/// What only restricts has no delay there and is done with the vote that decides it. What loosens waits, and while it
/// waits enough members can stop it.
///
/// Assumptions. It behaves as described while fewer than a threshold of members, each by two persons of its own, act
/// together against the others. If that breaks, they can admit and reinstate whom they like after the delay, but sign
/// for nobody.
interface ICouncil {
    event DecisionProposed(bytes32 indexed decision, uint32 sequence, address subject, bytes data, bytes32 salt);
    event DecisionVoted(bytes32 indexed decision, uint32 sequence, uint32 organisation, bool inFavour);
    event DecisionScheduled(bytes32 indexed decision, uint32 sequence, uint40 executableAt);
    event DecisionExecuted(bytes32 indexed decision, uint32 sequence);
    event DecisionCancelled(bytes32 indexed decision, uint32 sequence);
    event CouncilChanged(uint32 sequence, uint32 term, uint32[] members, uint8 threshold);

    error CouncilMalformed(uint256 members, uint8 threshold);
    error MemberRefused(uint32 organisation);
    error NotAMember(uint32 organisation);
    error VoteUnchanged(bytes32 decision, uint32 organisation);
    error DecisionClosed(bytes32 decision, DecisionStatus status);
    error DecisionOfAnotherTerm(bytes32 decision, uint32 term);
    error DecisionNotScheduled(bytes32 decision, DecisionStatus status);
    error DecisionNotReady(bytes32 decision, uint40 executableAt);
    error PowerMissing(address subject, bytes4 selector);

    /// @notice Records a member's vote on a decision; the first one puts it forward, the deciding one decides it.
    ///
    /// @dev Emits {DecisionProposed} for the first vote, {DecisionVoted}, and what follows from it: {DecisionExecuted},
    /// {DecisionScheduled} or {DecisionCancelled}.
    ///
    /// Notes:
    /// - A decision is its subject, its call and its salt; the same call can be decided again under another salt.
    /// - A member may change its vote while the decision is open, and still object while it waits.
    /// - It is cancelled once so many object that the others are fewer than the threshold.
    /// - With a change of members a new term begins: what is not done by then can only be put forward again.
    /// - A suspended member votes: who sits in the Council is a decision of its own, or a few suspensions could leave
    ///   nobody to end them.
    /// - If the decided call reverts, so does the deciding vote.
    ///
    /// Requirements:
    /// - A maker's and a checker's signature of a member; an unused nonce, a deadline that has not passed.
    /// - The decision must be open, or waiting where the member objects; the vote must change something.
    function vote(CouncilVote calldata order, Approval[] calldata approvals) external;

    /// @notice Carries out a decision whose delay is over. Anybody may.
    ///
    /// @dev Emits {DecisionExecuted}.
    ///
    /// Requirements:
    /// - The decision must have passed in this term, its delay be over, and the AccessManager's week after that not.
    function execute(address subject, bytes calldata data, bytes32 salt) external;

    /// @notice Changes the members; a new term begins.
    ///
    /// @dev Emits {CouncilChanged}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what loosens: the Council itself.
    /// - Between 1 and 64 members, each admitted and named once; the threshold must be reachable and not zero.
    function changeCouncil(uint32[] calldata members, uint8 threshold) external;

    function members() external view returns (uint32[] memory);
    function threshold() external view returns (uint8);
    function term() external view returns (uint32);
    function sequence() external view returns (uint32);
    function decision(bytes32 id) external view returns (Decision memory);
    function idOf(address subject, bytes calldata data, bytes32 salt) external pure returns (bytes32);
}
