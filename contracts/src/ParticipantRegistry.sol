// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {MAXIMUM_AMOUNT} from "./types/Ids.sol";
import {
    CancelOrder,
    DOMAIN_TYPEHASH,
    KEY_POSSESSION_TYPEHASH,
    NameSettlementBank,
    RegisterKey,
    RevokeKey,
    SetDualControlLimit,
    VetoKey
} from "./types/Orders.sol";
import {
    ACTS_OF_THE_SUSPENDED,
    ALL_KINDS,
    ALL_ROLES,
    ANCHOR_ACTS,
    Act,
    Admission,
    Approval,
    BANK_ACTS,
    CurrencyLimit,
    FUNDER_ACTS,
    KEY_CONTRACT,
    KIND_ANCHOR,
    KIND_FUNDER,
    KIND_REGISTRAR,
    KIND_SETTLEMENT_BANK,
    Key,
    KeyGrant,
    Participant,
    ParticipantStatus,
    REGISTRAR_ACTS,
    ROLE_ADMINISTRATOR,
    ROLE_CHECKER,
    ROLE_MAKER
} from "./types/Participants.sol";
import {
    DualControlWord,
    KeyWord,
    ParticipantWord,
    SettlementBankWord,
    newDualControl,
    newKey,
    newParticipant,
    newSettlementBank
} from "./types/Words.sol";

/// @notice Specified in IParticipantRegistry.
contract ParticipantRegistry is IParticipantRegistry, AccessManaged {
    /// @dev Enough for a contract wallet of several signers, too little to burn a block.
    uint256 private constant ERC1271_GAS = 200_000;
    /// @dev Half the order of secp256k1: a signature with a higher s is its own malleable twin and refused.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev How much longer than a key of its own makers an organisation's recovered key waits.
    uint40 private constant RECOVERY_FACTOR = 3;

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
    mapping(uint32 organisation => ParticipantWord) private _participants;
    mapping(address keyAddress => KeyWord) private _keys;
    mapping(bytes32 identity => uint32 organisation) public organisationOfIdentity;
    /// @dev By the upper 248 bits of the nonces: the maker's key and its lane.
    mapping(uint256 keyAndLane => uint256 bits) private _usedNonces;
    mapping(uint32 organisation => mapping(bytes3 currency => DualControlWord)) private _dualControlLimits;
    mapping(address keyAddress => mapping(bytes3 currency => Spending)) private _spending;
    mapping(address venue => uint8 state) private _venues;
    mapping(uint32 organisation => mapping(bytes3 currency => SettlementBankWord)) private _settlementBanks;

    /// @param initialAuthority The AccessManager that holds the administration's roles.
    /// @param delay Seconds before new power acts: a new key, a higher limit.
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
    function restrictParticipant(uint32 organisation, ParticipantStatus status) external restricted {
        ParticipantStatus before = _existing(organisation).status();
        if (status <= before) revert StatusChangeRefused(organisation, before, status);
        _setStatus(organisation, status);
    }

    /// @inheritdoc IParticipantRegistry
    function reinstateParticipant(uint32 organisation, ParticipantStatus status) external restricted {
        ParticipantStatus before = _existing(organisation).status();
        if (status >= before || status == ParticipantStatus.NONE) {
            revert StatusChangeRefused(organisation, before, status);
        }
        _setStatus(organisation, status);
    }

    /// @inheritdoc IParticipantRegistry
    function narrowParticipant(uint32 organisation, uint16 kinds, uint40 licenceExpiresAt) external restricted {
        ParticipantWord subject = _existing(organisation);
        if (kinds & ~subject.kinds() != 0 || licenceExpiresAt > subject.licenceExpiresAt()) {
            revert TermsNotNarrower(organisation, subject.kinds(), subject.licenceExpiresAt());
        }
        _setTerms(organisation, subject, kinds, licenceExpiresAt, subject.parent());
    }

    /// @inheritdoc IParticipantRegistry
    function changeParticipant(uint32 organisation, uint16 kinds, uint40 licenceExpiresAt, uint32 parent)
        external
        restricted
    {
        ParticipantWord subject = _existing(organisation);
        _requireKinds(kinds);
        _requireParent(organisation, parent);
        _setTerms(organisation, subject, kinds, licenceExpiresAt, parent);
    }

    /// @inheritdoc IParticipantRegistry
    function endKey(address keyAddress) external restricted {
        KeyWord ended = _keys[keyAddress];
        if (ended.organisation() == 0) revert SignerUnknown(keyAddress, 0);
        _endKey(keyAddress, ended);
        emit KeyRevoked(ended.organisation(), _nextSequence(ended.organisation()), keyAddress);
    }

    /// @inheritdoc IParticipantRegistry
    function recoverKey(uint32 organisation, bytes32 identity, KeyGrant calldata grant) external restricted {
        _requireIdentity(organisation, identity);
        _registerGrant(organisation, identity, grant, recoveryDelay());
    }

    /// @inheritdoc IParticipantRegistry
    function admitVenue(address venue) external restricted {
        _venues[venue] = VENUE_ADMITTED;
        emit VenueAdmitted(venue);
    }

    /// @inheritdoc IParticipantRegistry
    function pauseVenue(address venue) external restricted {
        if (_venues[venue] == 0) revert VenueUnknown(venue);
        // Whoever pauses must be able to ask for the restart.
        if (venue == msg.sender) revert VenueIsCaller(venue);
        _venues[venue] = VENUE_PAUSED;
        emit VenuePaused(venue, true);
    }

    /// @inheritdoc IParticipantRegistry
    function resumeVenue(address venue) external restricted {
        if (_venues[venue] == 0) revert VenueUnknown(venue);
        _venues[venue] = VENUE_ADMITTED;
        emit VenuePaused(venue, false);
    }

    // --- Orders about the organisation itself

    /// @inheritdoc IParticipantRegistry
    function setDualControlLimit(SetDualControlLimit calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _requireBefore(orderHash, head.deadline);
        _checkAct(head.organisation, Act.SET_DUAL_CONTROL_LIMIT);
        (address maker, address checker) =
            _checkApprovals(orderHash, head.organisation, ROLE_MAKER, ROLE_CHECKER, approvals);
        uint64 limit = dualControlLimit(head.organisation, order.currency);
        bool isRaise = order.limit > limit;
        if (isRaise && checker == address(0)) revert CheckerRequired(head.organisation, order.limit, limit);
        // Effect: less power at once, new power later.
        _useNonce(maker, head.nonce);
        uint40 validFrom = uint40(block.timestamp) + (isRaise ? keyDelay : 0);
        _setLimit(head.organisation, order.currency, order.limit, validFrom);
        emit OrderExecuted(orderHash, head.organisation, maker, checker, head.nonce);
    }

    /// @inheritdoc IParticipantRegistry
    function nameSettlementBank(NameSettlementBank calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _requireBefore(orderHash, head.deadline);
        _checkAct(head.organisation, Act.NAME_SETTLEMENT_BANK);
        if (!_isCurrency(order.currency)) revert CurrencyMalformed(order.currency);
        if (order.bank != 0) _requireBank(head.organisation, order.bank);
        (address maker, address checker) =
            _checkApprovals(orderHash, head.organisation, ROLE_MAKER, ROLE_CHECKER, approvals);
        if (checker == address(0)) revert CheckerRequired(head.organisation, 0, 0);
        // Effect: no bank's word counts at once, another bank's only later.
        _useNonce(maker, head.nonce);
        uint40 validFrom = uint40(block.timestamp) + (order.bank == 0 ? 0 : keyDelay);
        uint32 current = settlementBankOf(head.organisation, order.currency);
        _settlementBanks[head.organisation][order.currency] = newSettlementBank(current, order.bank, validFrom);
        emit SettlementBankNamed(
            head.organisation, _nextSequence(head.organisation), order.currency, order.bank, validFrom
        );
        emit OrderExecuted(orderHash, head.organisation, maker, checker, head.nonce);
    }

    /// @inheritdoc IParticipantRegistry
    function registerKey(RegisterKey calldata order, Approval[] calldata approvals, bytes calldata possession)
        external
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _requireBefore(orderHash, head.deadline);
        _checkAct(head.organisation, Act.REGISTER_KEY);
        _requireIdentity(head.organisation, order.identity);
        (address first, address second) =
            _checkApprovals(orderHash, head.organisation, ROLE_ADMINISTRATOR, ROLE_ADMINISTRATOR, approvals);
        if (second == address(0)) revert CheckerRequired(head.organisation, 0, 0);
        // Effect
        _useNonce(first, head.nonce);
        _registerKey(order.identity, order.key, _newKey(order), possession);
        emit OrderExecuted(orderHash, head.organisation, first, second, head.nonce);
    }

    /// @inheritdoc IParticipantRegistry
    function vetoKey(VetoKey calldata order, Approval calldata approval) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(head);
        _requireBefore(orderHash, head.deadline);
        _checkKey(_digest(orderHash), orderHash, head.organisation, 0, approval.key, approval.signature);
        KeyWord vetoed = _keys[order.key];
        if (vetoed.organisation() != head.organisation) revert SignerUnknown(order.key, head.organisation);
        if (block.timestamp >= vetoed.validFrom()) revert KeyNotWaiting(order.key, vetoed.validFrom());
        // Effect: one of the organisation's keys is in wrong hands, so it only pays and is paid until the Council knows
        // which.
        _useNonce(approval.key, head.nonce);
        _endKey(order.key, vetoed);
        emit KeyVetoed(head.organisation, _nextSequence(head.organisation), order.key, approval.key);
        if (_participants[head.organisation].status() == ParticipantStatus.ADMITTED) {
            _setStatus(head.organisation, ParticipantStatus.SUSPENDED);
        }
        emit OrderExecuted(orderHash, head.organisation, approval.key, address(0), head.nonce);
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
        // Effect
        _useNonce(approval.key, head.nonce);
        _endKey(order.key, revoked);
        emit KeyRevoked(head.organisation, _nextSequence(head.organisation), order.key);
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
        // Check
        if (_venues[msg.sender] != VENUE_ADMITTED) _refuseVenue();
        _requireBefore(orderHash, deadline);
        _checkAct(organisation, act);
        (address maker, address checker) = _checkApprovals(orderHash, organisation, ROLE_MAKER, ROLE_CHECKER, approvals);
        // Effect
        if (checker == address(0)) _spendAlone(organisation, maker, currency, amount);
        _useNonce(maker, nonce);
        emit OrderExecuted(orderHash, organisation, maker, checker, nonce);
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
        (, address checker) = _checkApprovals(orderHash, organisation, ROLE_MAKER, ROLE_CHECKER, approvals);
        // What the maker spent alone was counted when the order began; what it could never have, needs a checker.
        uint64 limit = dualControlLimit(organisation, currency);
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
        ParticipantWord subject = _participants[organisation];
        ParticipantStatus status = _effectiveStatus(subject);
        if (status != ParticipantStatus.ADMITTED) _refuseStatus(organisation, status);
        if (subject.kinds() & kinds == 0) revert KindRequired(organisation, kinds);
        _checkKey(_digest(structHash), structHash, organisation, role, approval.key, approval.signature);
    }

    // --- Views

    /// @inheritdoc IParticipantRegistry
    function checkAct(uint32 organisation, Act act) external view {
        _checkAct(organisation, act);
    }

    function participant(uint32 organisation) external view returns (Participant memory) {
        return _participants[organisation].toStruct();
    }

    function statusOf(uint32 organisation) external view returns (ParticipantStatus) {
        return _effectiveStatus(_participants[organisation]);
    }

    function groupOf(uint32 organisation) external view returns (uint32 head) {
        head = organisation;
        for (uint32 parent = _participants[head].parent(); parent != 0; parent = _participants[head].parent()) {
            head = parent;
        }
    }

    function dualControlLimit(uint32 organisation, bytes3 currency) public view returns (uint64) {
        return _dualControlLimits[organisation][currency].atTime(block.timestamp);
    }

    function nextDualControlLimit(uint32 organisation, bytes3 currency) external view returns (uint64, uint40) {
        DualControlWord word = _dualControlLimits[organisation][currency];
        return (word.next(), word.nextFrom());
    }

    function settlementBankOf(uint32 organisation, bytes3 currency) public view returns (uint32) {
        return _settlementBanks[organisation][currency].atTime(block.timestamp);
    }

    function recoveryDelay() public view returns (uint40) {
        return RECOVERY_FACTOR * keyDelay;
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

    function _refuseVenue() private view {
        if (_venues[msg.sender] == VENUE_PAUSED) revert VenueIsPaused(msg.sender);
        revert VenueUnknown(msg.sender);
    }

    /// @dev Signatures, roles, validity and the two persons. Virtual so that a draft can be simulated before anybody
    /// has signed; only the simulation contract, which is never deployed, overrides it.
    function _checkApprovals(
        bytes32 orderHash,
        uint32 organisation,
        uint16 firstRole,
        uint16 secondRole,
        Approval[] calldata approvals
    ) internal view virtual returns (address first, address second) {
        uint256 count = approvals.length;
        if (count == 0 || count > 2) revert ApprovalsMalformed(count);
        bytes32 digest = _digest(orderHash);
        Approval calldata approval = approvals[0];
        first = approval.key;
        bytes15 firstPerson = _checkKey(digest, orderHash, organisation, firstRole, first, approval.signature);
        if (count == 2) {
            approval = approvals[1];
            second = approval.key;
            if (_checkKey(digest, orderHash, organisation, secondRole, second, approval.signature) == firstPerson) {
                revert SamePerson(first, second);
            }
        }
    }

    /// @dev A maker alone acts within what is left of the day's limit.
    function _spendAlone(uint32 organisation, address maker, bytes3 currency, uint64 amount) internal virtual {
        uint64 limit = dualControlLimit(organisation, currency);
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
        ParticipantWord subject = _participants[organisation];
        ParticipantStatus status = _effectiveStatus(subject);
        uint256 bit = 1 << uint8(act);
        if (status != ParticipantStatus.ADMITTED) {
            if (status != ParticipantStatus.SUSPENDED || bit & ACTS_OF_THE_SUSPENDED == 0) {
                _refuseStatus(organisation, status);
            }
        }
        if (bit & (ANCHOR_ACTS | FUNDER_ACTS | BANK_ACTS | REGISTRAR_ACTS) != 0) {
            _checkKind(organisation, subject, bit);
        }
    }

    function _checkKind(uint32 organisation, ParticipantWord subject, uint256 bit) private view {
        uint16 wanted = bit & ANCHOR_ACTS != 0
            ? KIND_ANCHOR
            : bit & FUNDER_ACTS != 0 ? KIND_FUNDER : bit & BANK_ACTS != 0 ? KIND_SETTLEMENT_BANK : KIND_REGISTRAR;
        if (subject.kinds() & wanted == 0) revert KindRequired(organisation, wanted);
        if (wanted == KIND_FUNDER && subject.licenceExpiresAt() <= block.timestamp) {
            revert LicenceLapsed(organisation, subject.licenceExpiresAt());
        }
    }

    function _nextSequence(uint32 organisation) private returns (uint32) {
        ParticipantWord subject = _participants[organisation].advanced();
        _participants[organisation] = subject;
        return subject.sequence();
    }

    function _refuseStatus(uint32 organisation, ParticipantStatus status) private pure {
        if (status == ParticipantStatus.NONE) revert ParticipantUnknown(organisation);
        if (status == ParticipantStatus.BLOCKED) revert ParticipantBlocked(organisation);
        revert ParticipantSuspended(organisation);
    }

    /// @dev Who is controlled by a blocked organisation is blocked (R-29). Nobody has many parents above it, and most
    /// have none.
    function _effectiveStatus(ParticipantWord subject) internal view returns (ParticipantStatus status) {
        status = subject.status();
        for (uint32 parent = subject.parent(); parent != 0; parent = subject.parent()) {
            subject = _participants[parent];
            if (subject.status() == ParticipantStatus.BLOCKED) return ParticipantStatus.BLOCKED;
        }
    }

    function _existing(uint32 organisation) private view returns (ParticipantWord subject) {
        subject = _participants[organisation];
        if (subject.status() == ParticipantStatus.NONE) revert ParticipantUnknown(organisation);
    }

    function _setStatus(uint32 organisation, ParticipantStatus status) private {
        _participants[organisation] = _participants[organisation].withStatus(status);
        emit ParticipantStatusChanged(organisation, _nextSequence(organisation), status);
    }

    function _setTerms(
        uint32 organisation,
        ParticipantWord subject,
        uint16 kinds,
        uint40 licenceExpiresAt,
        uint32 parent
    ) private {
        _participants[organisation] = subject.withTerms(kinds, licenceExpiresAt, parent);
        emit ParticipantChanged(organisation, _nextSequence(organisation), kinds, licenceExpiresAt, parent);
    }

    function _requireBank(uint32 organisation, uint32 bank) private view {
        if (bank == organisation) revert BankOfItself(organisation);
        if (_existing(bank).kinds() & KIND_SETTLEMENT_BANK == 0) revert KindRequired(bank, KIND_SETTLEMENT_BANK);
    }

    function _requireKinds(uint16 kinds) private pure {
        if (kinds & ~ALL_KINDS != 0) revert KindsUnknown(kinds);
    }

    /// @dev The parent exists, and no line of parents leads back to where it began.
    function _requireParent(uint32 organisation, uint32 parent) private view {
        for (uint32 next = parent; next != 0; next = _existing(next).parent()) {
            if (next == organisation) revert ParentIsControlled(organisation, parent);
        }
    }

    function _requireIdentity(uint32 organisation, bytes32 identity) private view {
        if (organisationOfIdentity[identity] != organisation || organisation == 0) {
            revert IdentityOfAnother(identity, organisation);
        }
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
        return signature.length == 65 && _recover(digest, signature) == keyAddress;
    }

    /// @dev Who signed, with 65 bytes r, s, v; nobody, if s is the higher of the two that would do. In assembly because
    /// it is half of what every act pays for its signatures.
    function _recover(bytes32 digest, bytes calldata signature) private view returns (address signer) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, digest)
            mstore(add(input, 0x20), byte(0, calldataload(add(signature.offset, 0x40))))
            calldatacopy(add(input, 0x40), signature.offset, 0x40)
            if iszero(gt(mload(add(input, 0x60)), HALF_ORDER)) {
                // Where nobody signed, the precompile answers nothing and the word stays zero.
                mstore(0x00, 0)
                pop(staticcall(gas(), 1, input, 0x80, 0x00, 0x20))
                signer := mload(0x00)
            }
        }
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
        _requireKinds(admission.kinds);
        _requireParent(organisation, admission.parent);
        // Effect
        organisationOfIdentity[admission.identity] = organisation;
        emit ParticipantAdmitted(
            organisation, 1, admission.kinds, admission.identity, admission.licenceExpiresAt, admission.parent
        );
        _participants[organisation] =
            newParticipant(admission.kinds, admission.licenceExpiresAt, admission.parent, uint40(block.timestamp));
        for (uint256 i; i < admission.keys.length; ++i) {
            _registerGrant(organisation, admission.identity, admission.keys[i], keyDelay);
        }
        for (uint256 i; i < admission.dualControlLimits.length; ++i) {
            CurrencyLimit calldata entry = admission.dualControlLimits[i];
            _setLimit(organisation, entry.currency, entry.limit, uint40(block.timestamp));
        }
    }

    function _newKey(RegisterKey calldata order) private view returns (KeyWord) {
        uint40 validFrom = uint40(block.timestamp) + keyDelay;
        return newKey(order.organisation, order.roles, order.kind, validFrom, order.validUntil, order.person);
    }

    function _registerGrant(uint32 organisation, bytes32 identity, KeyGrant calldata grant, uint40 delay) private {
        KeyWord entry = newKey(
            organisation, grant.roles, grant.kind, uint40(block.timestamp) + delay, grant.validUntil, grant.person
        );
        _registerKey(identity, grant.key, entry, grant.possession);
    }

    function _registerKey(bytes32 identity, address keyAddress, KeyWord entry, bytes calldata possession) private {
        // Check: an address is registered once, for ever, and its holder agreed.
        if (_keys[keyAddress].organisation() != 0 || keyAddress == address(0)) revert KeyAlreadyRegistered(keyAddress);
        Key memory terms = entry.toStruct();
        if (terms.roles == 0 || terms.roles & ~ALL_ROLES != 0) revert RolesUnknown(keyAddress, terms.roles);
        if (terms.kind > KEY_CONTRACT) revert KeyKindUnknown(keyAddress, terms.kind);
        if (terms.validUntil <= terms.validFrom) revert KeyNotValid(keyAddress, terms.validFrom, terms.validUntil);
        bytes32 possessed = keccak256(
            abi.encode(KEY_POSSESSION_TYPEHASH, address(this), identity, keyAddress, terms.roles, terms.person)
        );
        if (!_isSigned(keyAddress, terms.kind, _digest(possessed), possession)) {
            revert SignatureInvalid(keyAddress, possessed);
        }
        // Effect
        _keys[keyAddress] = entry;
        emit KeyRegistered(
            terms.organisation,
            _nextSequence(terms.organisation),
            keyAddress,
            terms.roles,
            terms.kind,
            terms.validFrom,
            terms.validUntil,
            terms.person
        );
    }

    /// @dev A key that has ended keeps the instant of its end.
    function _endKey(address keyAddress, KeyWord entry) private {
        if (entry.validUntil() <= block.timestamp) {
            revert KeyNotValid(keyAddress, entry.validFrom(), entry.validUntil());
        }
        _keys[keyAddress] = entry.endedAt(uint40(block.timestamp));
    }

    function _setLimit(uint32 organisation, bytes3 currency, uint64 limit, uint40 validFrom) private {
        // Check
        if (limit > MAXIMUM_AMOUNT) revert LimitTooLarge(limit, MAXIMUM_AMOUNT);
        if (!_isCurrency(currency)) revert CurrencyMalformed(currency);
        // Effect
        uint64 current = dualControlLimit(organisation, currency);
        _dualControlLimits[organisation][currency] = newDualControl(current, limit, validFrom);
        emit DualControlLimitSet(organisation, _nextSequence(organisation), currency, limit, validFrom);
    }

    /// @dev Three letters from A to Z (ISO 4217).
    function _isCurrency(bytes3 currency) private pure returns (bool) {
        for (uint256 i; i < 3; ++i) {
            if (currency[i] < "A" || currency[i] > "Z") return false;
        }
        return true;
    }
}
