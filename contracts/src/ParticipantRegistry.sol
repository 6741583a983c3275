// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {
    CANCEL_ORDER_TYPEHASH,
    CancelOrder,
    DOMAIN_TYPEHASH,
    KEY_POSSESSION_TYPEHASH,
    REVOKE_KEY_TYPEHASH,
    RevokeKey,
    SET_DUAL_CONTROL_LIMIT_TYPEHASH,
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
    mapping(address keyAddress => Key) private _keys;
    mapping(bytes32 identity => uint32 organisation) public organisationOfIdentity;
    mapping(address keyAddress => mapping(uint256 lane => uint256 bits)) public nonceWord;
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

    /// @notice Lets a contract of the network ask {authorise}.
    function admitVenue(address venue) external restricted {
        _venues[venue] = VENUE_ADMITTED;
        emit VenueAdmitted(venue);
    }

    /// @notice Stops or restarts everything one contract authorises.
    function pauseVenue(address venue, bool isPaused) external restricted {
        if (_venues[venue] == 0) revert VenueUnknown(venue);
        _venues[venue] = isPaused ? VENUE_PAUSED : VENUE_ADMITTED;
        emit VenuePaused(venue, isPaused);
    }

    // --- Orders about the organisation itself

    /// @inheritdoc IParticipantRegistry
    function setDualControlLimit(SetDualControlLimit calldata order, Approval[] calldata approvals) external {
        _requireTarget(order.target);
        _authorise(
            keccak256(abi.encode(SET_DUAL_CONTROL_LIMIT_TYPEHASH, order)),
            order.organisation,
            order.nonce,
            order.deadline,
            Act.SET_DUAL_CONTROL_LIMIT,
            order.currency,
            0,
            approvals
        );
        _setLimit(order.organisation, order.currency, order.limit);
    }

    /// @inheritdoc IParticipantRegistry
    function revokeKey(RevokeKey calldata order, Approval calldata approval) external {
        // Check
        _requireTarget(order.target);
        bytes32 orderHash = keccak256(abi.encode(REVOKE_KEY_TYPEHASH, order));
        _requireBefore(orderHash, order.deadline);
        _checkKey(approval.key, order.organisation, ROLE_ADMINISTRATOR);
        Key storage revoked = _keys[order.key];
        if (revoked.organisation != order.organisation) revert SignerUnknown(order.key, order.organisation);
        _checkSignature(_digest(orderHash), orderHash, approval);
        // Effect
        _useNonce(approval.key, order.nonce);
        revoked.validUntil = uint40(block.timestamp);
        emit KeyRevoked(order.organisation, ++_participants[order.organisation].sequence, order.key);
        emit OrderExecuted(orderHash, order.organisation, approval.key, address(0), order.nonce);
    }

    /// @inheritdoc IParticipantRegistry
    function cancelOrder(CancelOrder calldata order, Approval calldata approval) external {
        // Check
        _requireTarget(order.target);
        bytes32 orderHash = keccak256(abi.encode(CANCEL_ORDER_TYPEHASH, order));
        _requireBefore(orderHash, order.deadline);
        _checkKey(approval.key, order.organisation, 0);
        if (_keys[order.makerKey].organisation != order.organisation) {
            revert SignerUnknown(order.makerKey, order.organisation);
        }
        _checkSignature(_digest(orderHash), orderHash, approval);
        // Effect
        _useNonce(approval.key, order.nonce);
        _useNonce(order.makerKey, order.cancelledNonce);
        emit OrderCancelled(order.cancelledOrder, order.organisation, order.makerKey, order.cancelledNonce);
        emit OrderExecuted(orderHash, order.organisation, approval.key, address(0), order.nonce);
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
    function recheck(bytes32 orderHash, uint32 organisation, uint64 deadline, Act act, Approval[] calldata approvals)
        external
        view
    {
        if (_venues[msg.sender] == VENUE_PAUSED) revert VenueIsPaused(msg.sender);
        _requireBefore(orderHash, deadline);
        _checkAct(organisation, act);
        _checkApprovals(orderHash, organisation, approvals);
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
        _checkKey(approval.key, organisation, role);
        _checkSignature(_digest(structHash), structHash, approval);
    }

    // --- Views

    function participant(uint32 organisation) external view returns (Participant memory) {
        return _participants[organisation];
    }

    function statusOf(uint32 organisation) external view returns (ParticipantStatus) {
        return _participants[organisation].status;
    }

    function key(address keyAddress) external view returns (Key memory) {
        return _keys[keyAddress];
    }

    function isVenue(address venue) external view returns (bool) {
        return _venues[venue] != 0;
    }

    function isNonceUsed(address keyAddress, uint256 nonce) external view returns (bool) {
        return nonceWord[keyAddress][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
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
        maker = approvals[0].key;
        bytes15 makerPerson = _checkKey(maker, organisation, ROLE_MAKER);
        _checkSignature(digest, orderHash, approvals[0]);
        if (count == 2) {
            checker = approvals[1].key;
            bytes15 checkerPerson = _checkKey(checker, organisation, ROLE_CHECKER);
            if (checkerPerson == makerPerson) revert SamePerson(maker, checker);
            _checkSignature(digest, orderHash, approvals[1]);
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
            if (status != ParticipantStatus.SUSPENDED || act != Act.SETTLE_RECEIVABLE) {
                _refuseStatus(organisation, status);
            }
        }
        uint16 wanted;
        if (act == Act.ISSUE_RECEIVABLE || act == Act.OPEN_PROGRAMME) wanted = KIND_ANCHOR;
        else if (act == Act.QUOTE) wanted = KIND_FUNDER;
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

    /// @dev `role` 0 asks for any role.
    function _checkKey(address keyAddress, uint32 organisation, uint16 role) internal view returns (bytes15 person) {
        Key storage entry = _keys[keyAddress];
        if (entry.organisation != organisation || organisation == 0) revert SignerUnknown(keyAddress, organisation);
        if (role != 0 && entry.roles & role == 0) revert RoleRequired(keyAddress, role);
        uint40 validFrom = entry.validFrom;
        uint40 validUntil = entry.validUntil;
        if (block.timestamp < validFrom || block.timestamp >= validUntil) {
            revert KeyNotValid(keyAddress, validFrom, validUntil);
        }
        return entry.person;
    }

    function _checkSignature(bytes32 digest, bytes32 orderHash, Approval calldata approval) internal view {
        bool isValid = _keys[approval.key].kind == KEY_CONTRACT
            ? _isValidContractSignature(approval.key, digest, approval.signature)
            : _recover(digest, approval.signature) == approval.key;
        if (!isValid) revert SignatureInvalid(approval.key, orderHash);
    }

    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address) {
        if (signature.length != 65) return address(0);
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > HALF_ORDER) return address(0);
        return ecrecover(digest, uint8(signature[64]), r, s);
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

    function _useNonce(address keyAddress, uint256 nonce) internal {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 bits = nonceWord[keyAddress][nonce >> 8];
        if (bits & bit != 0) revert OrderAlreadyUsed(keyAddress, nonce);
        nonceWord[keyAddress][nonce >> 8] = bits | bit;
    }

    function _requireBefore(bytes32 orderHash, uint64 deadline) internal view {
        if (block.timestamp > deadline) revert OrderExpired(orderHash, deadline, uint64(block.timestamp));
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert WrongTarget(target, address(this));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
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
        if (_keys[grant.key].organisation != 0 || grant.key == address(0)) revert KeyAlreadyRegistered(grant.key);
        uint40 validFrom = uint40(block.timestamp) + keyDelay;
        _keys[grant.key] = Key({
            organisation: organisation,
            roles: grant.roles,
            kind: grant.kind,
            validFrom: validFrom,
            validUntil: grant.validUntil,
            person: grant.person
        });
        bytes32 possession = keccak256(
            abi.encode(KEY_POSSESSION_TYPEHASH, address(this), identity, grant.key, grant.roles, grant.person)
        );
        _checkPossession(_digest(possession), possession, grant);
        // Effect
        emit KeyRegistered(
            organisation, sequence, grant.key, grant.roles, grant.kind, validFrom, grant.validUntil, grant.person
        );
    }

    function _checkPossession(bytes32 digest, bytes32 structHash, KeyGrant calldata grant) private view {
        bool isValid = grant.kind == KEY_CONTRACT
            ? _isValidContractSignature(grant.key, digest, grant.possession)
            : _recover(digest, grant.possession) == grant.key;
        if (!isValid) revert SignatureInvalid(grant.key, structHash);
    }

    function _setLimit(uint32 organisation, bytes3 currency, uint64 limit) private {
        dualControlLimit[organisation][currency] = limit;
        emit DualControlLimitSet(organisation, ++_participants[organisation].sequence, currency, limit);
    }
}
