// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {
    CancelOrder,
    DOMAIN_TYPEHASH,
    KEY_POSSESSION_TYPEHASH,
    RevokeKey,
    SetDualControlLimit
} from "./types/Orders.sol";
import {
    Act,
    Admission,
    Approval,
    CurrencyLimit,
    KEY_CONTRACT,
    KIND_ANCHOR,
    KIND_FUNDER,
    KIND_SETTLEMENT_BANK,
    Key,
    KeyGrant,
    Participant,
    ParticipantStatus,
    ROLE_ADMINISTRATOR,
    ROLE_CHECKER,
    ROLE_MAKER
} from "./types/Participants.sol";
import {KeyWord, newKey} from "./types/Words.sol";

/// @notice Specified in IParticipantRegistry.
contract ParticipantRegistry is IParticipantRegistry, AccessManaged {
    /// @dev Enough for a contract wallet of several signers, too little to burn a block.
    uint256 private constant ERC1271_GAS = 200_000;
    /// @dev Half the order of secp256k1: a signature with a higher s is its own malleable twin and refused.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    uint8 private constant VENUE_ADMITTED = 1;
    uint8 private constant VENUE_PAUSED = 2;

    struct Spending {
        uint32 day;
        uint64 amount;
    }

    uint40 public immutable keyDelay;
    bytes32 public immutable domainSalt;
    uint256 private immutable _chainId;
    bytes32 private immutable _domainSeparator;

    uint32 public participantCount;
    mapping(uint32 organisation => Participant) private _participants;
    mapping(address keyAddress => KeyWord) private _keys;
    mapping(bytes32 identity => uint32 organisation) public organisationOfIdentity;
    /// @dev By the upper 248 bits of the nonces: the maker's key and its lane.
    mapping(uint256 keyAndLane => uint256 bits) private _usedNonces;
    mapping(uint32 organisation => mapping(bytes3 currency => uint64)) public dualControlLimit;
    mapping(address keyAddress => mapping(bytes3 currency => Spending)) private _spending;
    mapping(address venue => uint8 state) private _venues;

    /// @param initialAuthority The AccessManager that holds the administration's roles.
    /// @param delay Seconds before a new key acts.
    constructor(address initialAuthority, uint40 delay) AccessManaged(initialAuthority) {
        keyDelay = delay;
        _chainId = block.chainid;
        // A twin network with the same chain id has another parent block, so its orders are refused here.
        domainSalt = blockhash(block.number - 1);
        _domainSeparator = _buildDomainSeparator();
        _venues[address(this)] = VENUE_ADMITTED;
    }

    // --- Administration: the only place where msg.sender decides

    /// @inheritdoc IParticipantRegistry
    function admitParticipants(Admission[] calldata admissions) external restricted returns (uint32 firstOrganisation) {
        uint32 organisation = participantCount;
        firstOrganisation = organisation + 1;
        for (uint256 i; i < admissions.length; ++i) {
            _admit(++organisation, admissions[i]);
        }
        participantCount = organisation;
    }

    /// @inheritdoc IParticipantRegistry
    function setParticipantStatus(uint32 organisation, ParticipantStatus status) external restricted {
        Participant storage subject = _participants[organisation];
        // Check: there is something to change, and no number is un-admitted again.
        if (subject.status == ParticipantStatus.NONE) revert ParticipantUnknown(organisation);
        if (subject.status == status || status == ParticipantStatus.NONE) revert StatusUnchanged(organisation, status);
        // Effect
        subject.status = status;
        emit ParticipantStatusChanged(organisation, ++subject.sequence, status);
    }

    /// @inheritdoc IParticipantRegistry
    function admitVenue(address venue) external restricted {
        _venues[venue] = VENUE_ADMITTED;
        emit VenueAdmitted(venue);
    }

    /// @inheritdoc IParticipantRegistry
    function pauseVenue(address venue, bool isPaused) external restricted {
        if (_venues[venue] == 0) revert VenueUnknown(venue);
        _venues[venue] = isPaused ? VENUE_PAUSED : VENUE_ADMITTED;
        emit VenuePaused(venue, isPaused);
    }

    // --- Orders about the organisation itself

    /// @inheritdoc IParticipantRegistry
    function setDualControlLimit(SetDualControlLimit calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _authorise(
            orderHash,
            head.organisation,
            head.nonce,
            head.deadline,
            Act.SET_DUAL_CONTROL_LIMIT,
            order.currency,
            0,
            approvals
        );
        // Effect
        _setLimit(order.organisation, order.currency, order.limit);
    }

    /// @inheritdoc IParticipantRegistry
    function revokeKey(RevokeKey calldata order, Approval calldata approval) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _requireBefore(orderHash, head.deadline);
        _checkKey(
            _digest(orderHash), orderHash, head.organisation, ROLE_ADMINISTRATOR, approval.key, approval.signature
        );
        KeyWord revoked = _keys[order.key];
        if (revoked.organisation() != head.organisation) revert SignerUnknown(order.key, head.organisation);
        // A key that has ended keeps the instant of its end.
        if (revoked.validUntil() <= block.timestamp) {
            revert KeyNotValid(order.key, revoked.validFrom(), revoked.validUntil());
        }
        // Effect
        _useNonce(approval.key, head.nonce);
        _keys[order.key] = revoked.endedAt(uint40(block.timestamp));
        emit KeyRevoked(head.organisation, ++_participants[head.organisation].sequence, order.key);
        emit OrderExecuted(orderHash, head.organisation, approval.key, address(0), head.nonce);
    }

    /// @inheritdoc IParticipantRegistry
    function cancelOrder(CancelOrder calldata order, Approval calldata approval) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _requireBefore(orderHash, head.deadline);
        _checkKey(_digest(orderHash), orderHash, head.organisation, 0, approval.key, approval.signature);
        if (_keys[order.makerKey].organisation() != head.organisation) {
            revert SignerUnknown(order.makerKey, head.organisation);
        }
        // Effect
        _useNonce(approval.key, head.nonce);
        _useNonce(order.makerKey, order.cancelledNonce);
        emit OrderCancelled(order.cancelledOrder, head.organisation, order.makerKey, order.cancelledNonce);
        emit OrderExecuted(orderHash, head.organisation, approval.key, address(0), head.nonce);
    }

    // --- The question every act asks

    /// @inheritdoc IParticipantRegistry
    function authorise(
        bytes32 orderHash,
        uint32 organisation,
        uint256 nonce,
        uint64 deadline,
        Act act,
        bytes3 currency,
        uint64 amount,
        Approval[] calldata approvals
    ) external {
        uint8 state = _venues[msg.sender];
        if (state != VENUE_ADMITTED) {
            if (state == VENUE_PAUSED) revert VenueIsPaused(msg.sender);
            revert VenueUnknown(msg.sender);
        }
        _authorise(orderHash, organisation, nonce, deadline, act, currency, amount, approvals);
    }

    /// @inheritdoc IParticipantRegistry
    function recheck(
        bytes32 orderHash,
        uint32 organisation,
        uint64 deadline,
        Act act,
        bytes3 currency,
        uint64 amount,
        Approval[] calldata approvals
    ) external view {
        // Check
        if (_venues[msg.sender] == VENUE_PAUSED) revert VenueIsPaused(msg.sender);
        _requireBefore(orderHash, deadline);
        _checkAct(organisation, act);
        (, address checker) = _checkApprovals(orderHash, organisation, approvals);
        // What the maker spent alone was counted when the order began; what it could never have, needs a checker.
        uint64 limit = dualControlLimit[organisation][currency];
        if (checker == address(0) && amount > limit) revert CheckerRequired(organisation, amount, limit);
    }

    /// @inheritdoc IParticipantRegistry
    function verifyStatement(
        bytes32 structHash,
        uint32 organisation,
        uint16 kinds,
        uint16 role,
        uint64 deadline,
        Approval calldata approval
    ) external view {
        _requireBefore(structHash, deadline);
        Participant storage subject = _participants[organisation];
        if (subject.status != ParticipantStatus.ADMITTED) _refuseStatus(organisation, subject.status);
        if (subject.kinds & kinds == 0) revert KindRequired(organisation, kinds);
        _checkKey(_digest(structHash), structHash, organisation, role, approval.key, approval.signature);
    }

    // --- Views

    function participant(uint32 organisation) external view returns (Participant memory) {
        return _participants[organisation];
    }

    function statusOf(uint32 organisation) external view returns (ParticipantStatus) {
        return _participants[organisation].status;
    }

    function key(address keyAddress) external view returns (Key memory) {
        return _keys[keyAddress].toStruct();
    }

    function isVenue(address venue) external view returns (bool) {
        return _venues[venue] != 0;
    }

    function isNonceUsed(address keyAddress, uint256 nonce) external view returns (bool) {
        return nonceWord(keyAddress, uint96(nonce) >> 8) & (1 << (nonce & 0xff)) != 0;
    }

    function nonceWord(address keyAddress, uint256 lane) public view returns (uint256) {
        return _usedNonces[uint256(uint160(keyAddress)) << 88 | lane];
    }

    function domainSeparator() public view returns (bytes32) {
        return block.chainid == _chainId ? _domainSeparator : _buildDomainSeparator();
    }

    // --- Internals

    function _authorise(
        bytes32 orderHash,
        uint32 organisation,
        uint256 nonce,
        uint64 deadline,
        Act act,
        bytes3 currency,
        uint64 amount,
        Approval[] calldata approvals
    ) internal {
        // Check
        _requireBefore(orderHash, deadline);
        _checkAct(organisation, act);
        (address maker, address checker) = _checkApprovals(orderHash, organisation, approvals);
        // Effect
        if (checker == address(0)) _spendAlone(organisation, maker, currency, amount);
        _useNonce(maker, nonce);
        emit OrderExecuted(orderHash, organisation, maker, checker, nonce);
    }

    /// @dev Signatures, roles, validity and the two persons. Virtual so that a draft can be simulated before anybody
    /// has signed; only the simulation contract, which is never deployed, overrides it.
    function _checkApprovals(bytes32 orderHash, uint32 organisation, Approval[] calldata approvals)
        internal
        view
        virtual
        returns (address maker, address checker)
    {
        uint256 count = approvals.length;
        if (count == 0 || count > 2) revert ApprovalsMalformed(count);
        bytes32 digest = _digest(orderHash);
        Approval calldata approval = approvals[0];
        maker = approval.key;
        bytes15 makerPerson = _checkKey(digest, orderHash, organisation, ROLE_MAKER, maker, approval.signature);
        if (count == 2) {
            approval = approvals[1];
            checker = approval.key;
            if (_checkKey(digest, orderHash, organisation, ROLE_CHECKER, checker, approval.signature) == makerPerson) {
                revert SamePerson(maker, checker);
            }
        }
    }

    /// @dev A maker alone acts within what is left of the day's limit.
    function _spendAlone(uint32 organisation, address maker, bytes3 currency, uint64 amount) internal virtual {
        uint64 limit = dualControlLimit[organisation][currency];
        Spending storage spending = _spending[maker][currency];
        uint32 day = uint32(block.timestamp / 1 days);
        uint64 spent = spending.day == day ? spending.amount : 0;
        if (amount == 0 || spent > limit || amount > limit - spent) {
            revert CheckerRequired(organisation, amount, spent > limit ? 0 : limit - spent);
        }
        spending.day = day;
        spending.amount = spent + amount;
    }

    function _checkAct(uint32 organisation, Act act) internal view {
        Participant storage subject = _participants[organisation];
        ParticipantStatus status = subject.status;
        if (status != ParticipantStatus.ADMITTED) {
            // The suspended may still pay what they owe.
            if (status != ParticipantStatus.SUSPENDED || (act != Act.SETTLE_RECEIVABLE && act != Act.REPURCHASE_LOT)) {
                _refuseStatus(organisation, status);
            }
        }
        uint16 wanted;
        if (act == Act.ISSUE_RECEIVABLE || act == Act.OPEN_PROGRAMME) wanted = KIND_ANCHOR;
        else if (act == Act.QUOTE || act == Act.SET_CREDIT_LINE) wanted = KIND_FUNDER;
        else if (act == Act.MINT_DEPOSIT || act == Act.OPEN_DEPOSIT_ACCOUNTS) wanted = KIND_SETTLEMENT_BANK;
        else return;
        if (subject.kinds & wanted == 0) revert KindRequired(organisation, wanted);
        if (wanted == KIND_FUNDER && subject.licenceExpiresAt <= block.timestamp) {
            revert LicenceLapsed(organisation, subject.licenceExpiresAt);
        }
    }

    function _refuseStatus(uint32 organisation, ParticipantStatus status) private pure {
        if (status == ParticipantStatus.NONE) revert ParticipantUnknown(organisation);
        revert ParticipantSuspended(organisation);
    }

    /// @dev A valid key of the organisation with the role (0: any) has signed; answers whose key it is.
    function _checkKey(
        bytes32 digest,
        bytes32 orderHash,
        uint32 organisation,
        uint16 role,
        address keyAddress,
        bytes calldata signature
    ) internal view returns (bytes15 person) {
        KeyWord entry = _keys[keyAddress];
        if (entry.organisation() != organisation || organisation == 0) revert SignerUnknown(keyAddress, organisation);
        if (role != 0 && entry.roles() & role == 0) revert RoleRequired(keyAddress, role);
        if (block.timestamp < entry.validFrom() || block.timestamp >= entry.validUntil()) {
            revert KeyNotValid(keyAddress, entry.validFrom(), entry.validUntil());
        }
        if (!_isSigned(keyAddress, entry.kind(), digest, signature)) {
            revert SignatureInvalid(keyAddress, orderHash);
        }
        return entry.person();
    }

    function _isSigned(address keyAddress, uint8 kind, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool)
    {
        if (kind == KEY_CONTRACT) return _isValidContractSignature(keyAddress, digest, signature);
        if (signature.length != 65) return false;
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
        }
        return uint256(s) <= HALF_ORDER && ecrecover(digest, v, r, s) == keyAddress;
    }

    function _isValidContractSignature(address keyAddress, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool)
    {
        (bool succeeded, bytes memory answer) =
            keyAddress.staticcall{gas: ERC1271_GAS}(abi.encodeCall(IERC1271.isValidSignature, (digest, signature)));
        return succeeded && answer.length == 32
            && abi.decode(answer, (bytes32)) == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @dev A nonce names the key that uses it: no other maker can run the same order a second time with the checker's
    /// old signature. Virtual for the simulation of drafts, which have no maker yet.
    function _useNonce(address keyAddress, uint256 nonce) internal virtual {
        if (nonce >> 96 != uint160(keyAddress)) revert NonceOfAnotherKey(keyAddress, nonce);
        uint256 bit = 1 << (nonce & 0xff);
        uint256 bits = _usedNonces[nonce >> 8];
        if (bits & bit != 0) revert OrderAlreadyUsed(keyAddress, nonce);
        _usedNonces[nonce >> 8] = bits | bit;
    }

    function _requireBefore(bytes32 orderHash, uint64 deadline) internal view {
        if (block.timestamp > deadline) revert OrderExpired(orderHash, deadline, uint64(block.timestamp));
    }

    function _requireTarget(OrderHead calldata head) private view {
        if (head.target != address(this)) revert WrongTarget(head.target, address(this));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32 digest) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), structHash);
    }

    function _buildDomainSeparator() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("chainfin"), keccak256("1"), block.chainid, address(this), domainSalt)
        );
    }

    function _admit(uint32 organisation, Admission calldata admission) private {
        // Check
        if (admission.identity == bytes32(0)) revert IdentityMissing();
        uint32 existing = organisationOfIdentity[admission.identity];
        if (existing != 0) revert IdentityAlreadyAdmitted(admission.identity, existing);
        // Effect
        organisationOfIdentity[admission.identity] = organisation;
        emit ParticipantAdmitted(
            organisation, 1, admission.kinds, admission.identity, admission.licenceExpiresAt, admission.parent
        );
        uint32 sequence = 1;
        for (uint256 i; i < admission.keys.length; ++i) {
            _registerKey(organisation, ++sequence, admission.identity, admission.keys[i]);
        }
        _participants[organisation] = Participant({
            kinds: admission.kinds,
            status: ParticipantStatus.ADMITTED,
            admittedAt: uint40(block.timestamp),
            licenceExpiresAt: admission.licenceExpiresAt,
            parent: admission.parent,
            sequence: sequence
        });
        for (uint256 i; i < admission.dualControlLimits.length; ++i) {
            CurrencyLimit calldata entry = admission.dualControlLimits[i];
            _setLimit(organisation, entry.currency, entry.limit);
        }
    }

    function _registerKey(uint32 organisation, uint32 sequence, bytes32 identity, KeyGrant calldata grant) private {
        // Check: an address is registered once, for ever, and its holder agreed.
        if (_keys[grant.key].organisation() != 0 || grant.key == address(0)) revert KeyAlreadyRegistered(grant.key);
        bytes32 possession = keccak256(
            abi.encode(KEY_POSSESSION_TYPEHASH, address(this), identity, grant.key, grant.roles, grant.person)
        );
        if (!_isSigned(grant.key, grant.kind, _digest(possession), grant.possession)) {
            revert SignatureInvalid(grant.key, possession);
        }
        // Effect
        uint40 validFrom = uint40(block.timestamp) + keyDelay;
        _keys[grant.key] = newKey(organisation, grant.roles, grant.kind, validFrom, grant.validUntil, grant.person);
        emit KeyRegistered(
            organisation, sequence, grant.key, grant.roles, grant.kind, validFrom, grant.validUntil, grant.person
        );
    }

    function _setLimit(uint32 organisation, bytes3 currency, uint64 limit) private {
        dualControlLimit[organisation][currency] = limit;
        emit DualControlLimitSet(organisation, ++_participants[organisation].sequence, currency, limit);
    }
}
