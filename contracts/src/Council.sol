// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Decision, DecisionStatus, ICouncil} from "./interfaces/ICouncil.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {CouncilVote} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";

/// @notice Specified in ICouncil.
contract Council is ICouncil, AccessManaged {
    using Authorisation for IParticipantRegistry;

    /// @dev One bit a member.
    uint256 private constant MOST_MEMBERS = 64;

    IParticipantRegistry public immutable registry;

    uint32[] private _members;
    uint8 public threshold;
    uint32 public term;
    uint32 public sequence;
    /// @dev By term and organisation: the member's place, from 1.
    mapping(uint256 termAndOrganisation => uint8) private _places;
    mapping(bytes32 id => Decision) private _decisions;

    constructor(
        address initialAuthority,
        IParticipantRegistry registry_,
        uint32[] memory firstMembers,
        uint8 firstThreshold
    ) AccessManaged(initialAuthority) {
        registry = registry_;
        _change(firstMembers, firstThreshold);
    }

    /// @inheritdoc ICouncil
    function vote(CouncilVote calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.VOTE, bytes3(0), 0, approvals);
        uint64 bit = _bitOf(head.organisation);
        bytes32 id = idOf(order.subject, order.data, order.salt);
        Decision memory subject = _decisions[id];
        if (subject.status == DecisionStatus.NONE) {
            subject = _propose(id, order);
        } else {
            _requireOpenFor(id, subject, order.inFavour);
        }
        if ((order.inFavour ? subject.inFavour : subject.against) & bit != 0) {
            revert VoteUnchanged(id, head.organisation);
        }
        // Effect
        (subject.inFavour, subject.against) = order.inFavour
            ? (subject.inFavour | bit, subject.against & ~bit)
            : (subject.inFavour & ~bit, subject.against | bit);
        _decisions[id] = subject;
        emit DecisionVoted(id, ++sequence, head.organisation, order.inFavour);
        if (order.inFavour) {
            if (_count(subject.inFavour) >= threshold) _pass(id, order.subject, order.data);
        } else if (_members.length - _count(subject.against) < threshold) {
            _cancel(id, order.subject, order.data);
        }
    }

    /// @inheritdoc ICouncil
    function execute(address subject, bytes calldata data, bytes32 salt) external {
        bytes32 id = idOf(subject, data, salt);
        Decision storage decided = _decisions[id];
        // Check
        if (decided.status != DecisionStatus.SCHEDULED) revert DecisionNotScheduled(id, decided.status);
        if (decided.term != term) revert DecisionOfAnotherTerm(id, decided.term);
        if (block.timestamp < decided.executableAt) revert DecisionNotReady(id, decided.executableAt);
        // Effect, Interaction
        _execute(id, subject, data);
    }

    /// @inheritdoc ICouncil
    function changeCouncil(uint32[] calldata newMembers, uint8 newThreshold) external restricted {
        _change(newMembers, newThreshold);
    }

    // --- Views

    function members() external view returns (uint32[] memory) {
        return _members;
    }

    function decision(bytes32 id) external view returns (Decision memory) {
        return _decisions[id];
    }

    function idOf(address subject, bytes calldata data, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(subject, keccak256(data), salt));
    }

    // --- Internals

    function _propose(bytes32 id, CouncilVote calldata order) private returns (Decision memory) {
        emit DecisionProposed(id, ++sequence, order.subject, order.data, order.salt);
        return Decision({status: DecisionStatus.OPEN, term: term, inFavour: 0, against: 0, executableAt: 0});
    }

    /// @dev What waits can still be objected to.
    function _requireOpenFor(bytes32 id, Decision memory subject, bool inFavour) private view {
        bool isObjection = subject.status == DecisionStatus.SCHEDULED && !inFavour;
        if (subject.status != DecisionStatus.OPEN && !isObjection) revert DecisionClosed(id, subject.status);
        if (subject.term != term) revert DecisionOfAnotherTerm(id, subject.term);
    }

    function _pass(bytes32 id, address subject, bytes calldata data) private {
        IAccessManager manager = IAccessManager(authority());
        (bool isImmediate, uint32 delay) = manager.canCall(address(this), subject, bytes4(data));
        if (isImmediate) {
            _execute(id, subject, data);
        } else if (delay != 0) {
            uint40 executableAt = uint40(block.timestamp) + delay;
            _decisions[id].status = DecisionStatus.SCHEDULED;
            _decisions[id].executableAt = executableAt;
            emit DecisionScheduled(id, ++sequence, executableAt);
            // The same call may wait already, under another salt or from a term that is over: it waits anew.
            _unschedule(manager, subject, data);
            manager.schedule(subject, data, executableAt);
        } else {
            revert PowerMissing(subject, bytes4(data));
        }
    }

    function _cancel(bytes32 id, address subject, bytes calldata data) private {
        bool isScheduled = _decisions[id].status == DecisionStatus.SCHEDULED;
        _decisions[id].status = DecisionStatus.CANCELLED;
        emit DecisionCancelled(id, ++sequence);
        if (isScheduled) _unschedule(IAccessManager(authority()), subject, data);
    }

    function _unschedule(IAccessManager manager, address subject, bytes calldata data) private {
        if (manager.getSchedule(manager.hashOperation(address(this), subject, data)) != 0) {
            manager.cancel(address(this), subject, data);
        }
    }

    /// @dev A call that needs a delay uses up its schedule in the AccessManager by itself.
    function _execute(bytes32 id, address subject, bytes calldata data) private {
        _decisions[id].status = DecisionStatus.EXECUTED;
        emit DecisionExecuted(id, ++sequence);
        (bool succeeded, bytes memory answer) = subject.call(data);
        if (!succeeded) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    function _change(uint32[] memory newMembers, uint8 newThreshold) private {
        // Check
        uint256 count = newMembers.length;
        if (count == 0 || count > MOST_MEMBERS || newThreshold == 0 || newThreshold > count) {
            revert CouncilMalformed(count, newThreshold);
        }
        // Effect
        uint32 newTerm = ++term;
        for (uint256 i; i < count; ++i) {
            uint32 member = newMembers[i];
            uint256 place = uint256(newTerm) << 32 | member;
            if (_places[place] != 0 || registry.statusOf(member) != ParticipantStatus.ADMITTED) {
                revert MemberRefused(member);
            }
            _places[place] = uint8(i + 1);
        }
        _members = newMembers;
        threshold = newThreshold;
        emit CouncilChanged(++sequence, newTerm, newMembers, newThreshold);
    }

    function _bitOf(uint32 organisation) private view returns (uint64) {
        uint8 place = _places[uint256(term) << 32 | organisation];
        if (place == 0) revert NotAMember(organisation);
        return uint64(1) << (place - 1);
    }

    function _count(uint64 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) {
            ++count;
        }
    }
}
