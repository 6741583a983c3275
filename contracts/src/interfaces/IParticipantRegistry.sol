// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CancelOrder,
    NameSettlementBank,
    RegisterKey,
    RevokeKey,
    SetDualControlLimit,
    VetoKey
} from "../types/Orders.sol";
import {Act, Admission, Approval, Key, KeyGrant, Participant, ParticipantStatus} from "../types/Participants.sol";

/// @title The organisations of the network, their keys and people, and the one place that says: this order is signed.
/// @notice New power waits: a key acts, and a higher limit counts, only after a delay in which the organisation's own
/// keys can stop it. Less power works at once, and one key suffices for it.
///
/// Assumptions. It behaves as described while (1) the administration (OpenZeppelin AccessManager) admits
/// only organisations whose identity it checked out of band, (2) a person holds the keys registered under that
/// person's hash, (3) block time is within seconds of real time. If (1) breaks, a fictitious organisation can act in
/// its own name; if (2) breaks, one person can be maker and checker; no one can act in another organisation's name.
interface IParticipantRegistry {
    event ParticipantAdmitted(
        uint32 indexed organisation,
        uint32 sequence,
        uint16 kinds,
        bytes32 identity,
        uint40 licenceExpiresAt,
        uint32 parent
    );
    event ParticipantStatusChanged(uint32 indexed organisation, uint32 sequence, ParticipantStatus status);
    event ParticipantChanged(
        uint32 indexed organisation, uint32 sequence, uint16 kinds, uint40 licenceExpiresAt, uint32 parent
    );
    event KeyRegistered(
        uint32 indexed organisation,
        uint32 sequence,
        address key,
        uint16 roles,
        uint8 kind,
        uint40 validFrom,
        uint40 validUntil,
        bytes15 person
    );
    event KeyRevoked(uint32 indexed organisation, uint32 sequence, address key);
    event KeyVetoed(uint32 indexed organisation, uint32 sequence, address key, address vetoingKey);
    event DualControlLimitSet(
        uint32 indexed organisation, uint32 sequence, bytes3 currency, uint64 limit, uint40 validFrom
    );
    /// @dev 0 for none.
    event SettlementBankNamed(
        uint32 indexed organisation, uint32 sequence, bytes3 currency, uint32 bank, uint40 validFrom
    );
    event OrderExecuted(
        bytes32 indexed orderHash, uint32 indexed organisation, address makerKey, address checkerKey, uint256 nonce
    );
    event OrderCancelled(bytes32 indexed orderHash, uint32 indexed organisation, address makerKey, uint256 nonce);
    event VenueAdmitted(address venue);
    event VenuePaused(address venue, bool isPaused);

    error VenueUnknown(address venue);
    error VenueIsPaused(address venue);
    error VenueIsCaller(address venue);
    error WrongTarget(address target, address expected);
    error OrderExpired(bytes32 orderHash, uint64 deadline, uint64 blockTime);
    error OrderAlreadyUsed(address key, uint256 nonce);
    error NonceOfAnotherKey(address key, uint256 nonce);
    error ApprovalsMalformed(uint256 count);
    error SignerUnknown(address key, uint32 organisation);
    error SignatureInvalid(address key, bytes32 orderHash);
    error KeyNotValid(address key, uint40 validFrom, uint40 validUntil);
    error RoleRequired(address key, uint16 role);
    error SamePerson(address makerKey, address checkerKey);
    error CheckerRequired(uint32 organisation, uint64 amount, uint64 available);
    error ParticipantUnknown(uint32 organisation);
    error ParticipantSuspended(uint32 organisation);
    error ParticipantBlocked(uint32 organisation);
    error KindRequired(uint32 organisation, uint16 kinds);
    error LicenceLapsed(uint32 organisation, uint40 licenceExpiresAt);
    error IdentityAlreadyAdmitted(bytes32 identity, uint32 organisation);
    error IdentityMissing();
    error IdentityOfAnother(bytes32 identity, uint32 organisation);
    error KeyAlreadyRegistered(address key);
    error KeyNotWaiting(address key, uint40 validFrom);
    error KeyKindUnknown(address key, uint8 kind);
    error RolesUnknown(address key, uint16 roles);
    error KindsUnknown(uint16 kinds);
    error ParentIsControlled(uint32 organisation, uint32 parent);
    error StatusChangeRefused(uint32 organisation, ParticipantStatus before, ParticipantStatus status);
    error TermsNotNarrower(uint32 organisation, uint16 kinds, uint40 licenceExpiresAt);
    error LimitTooLarge(uint64 limit, uint64 largest);
    error CurrencyMalformed(bytes3 currency);
    /// @dev What an organisation is paid, another than itself attests.
    error BankOfItself(uint32 organisation);

    /// @notice Admits organisations with their first keys.
    ///
    /// @dev Emits {ParticipantAdmitted}, then {KeyRegistered} and {DualControlLimitSet} for what it names.
    ///
    /// Notes:
    /// - Ids are given in order of the list, from 1; organisation 0 does not exist.
    /// - The first keys become valid after `keyDelay` seconds.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for it.
    /// - `identity` must not be zero nor already admitted; kinds must be known, and the parent (0 for none) exist.
    /// - Each key must be new to the network for ever, and must have signed KeyPossession for this identity.
    function admitParticipants(Admission[] calldata admissions) external returns (uint32 firstOrganisation);

    /// @notice Suspends or blocks an organisation.
    ///
    /// @dev Emits {ParticipantStatusChanged}.
    ///
    /// Notes:
    /// - A suspended organisation still pays, repays, releases and is paid; a blocked one is not paid.
    /// - Organisations that a blocked one controls, through any number of parents, are blocked with it.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what restricts.
    /// - The organisation must exist, and the status be stricter than the one it has.
    function restrictParticipant(uint32 organisation, ParticipantStatus status) external;

    /// @notice Lifts a suspension or a block.
    ///
    /// @dev Emits {ParticipantStatusChanged}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what loosens.
    /// - The organisation must exist, and the status be milder than the one it has, but not none.
    function reinstateParticipant(uint32 organisation, ParticipantStatus status) external;

    /// @notice Takes kinds from an organisation or shortens its licence.
    ///
    /// @dev Emits {ParticipantChanged}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what restricts.
    /// - The organisation must exist; it must have the kinds already, and the licence must not end later.
    function narrowParticipant(uint32 organisation, uint16 kinds, uint40 licenceExpiresAt) external;

    /// @notice Changes what an organisation is, how long it is licensed, and who controls it.
    ///
    /// @dev Emits {ParticipantChanged}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what loosens.
    /// - The organisation must exist, the kinds be known, and the parent (0 for none) exist and not be controlled by
    /// it.
    function changeParticipant(uint32 organisation, uint16 kinds, uint40 licenceExpiresAt, uint32 parent) external;

    /// @notice Ends a key at once, without its organisation.
    ///
    /// @dev Emits {KeyRevoked}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what restricts.
    /// - The key must be registered and not have ended before.
    function endKey(address keyAddress) external;

    /// @notice Registers a key for an organisation that has lost its own.
    ///
    /// @dev Emits {KeyRegistered}.
    ///
    /// Notes:
    /// - It waits three times as long as a key that two administrators register; any live key can veto it meanwhile, so
    ///   keys in wrong hands are ended first.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what loosens.
    /// - As for {registerKey}, without the administrators.
    function recoverKey(uint32 organisation, bytes32 identity, KeyGrant calldata grant) external;

    /// @notice Lets a contract of the network ask {authorise}; ends a pause.
    ///
    /// @dev Emits {VenueAdmitted}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what loosens.
    function admitVenue(address venue) external;

    /// @notice Stops everything one contract authorises.
    ///
    /// @dev Emits {VenuePaused}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what restricts, and be another contract than the one.
    function pauseVenue(address venue) external;

    /// @notice Ends a pause.
    ///
    /// @dev Emits {VenuePaused}.
    ///
    /// Requirements:
    /// - The caller must hold the administration's role for what loosens.
    function resumeVenue(address venue) external;

    /// @notice Sets how much one maker's key may order a day without a checker, in one currency.
    ///
    /// @dev Emits {DualControlLimitSet}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The limit starts at zero: everything needs a checker until the organisation decides otherwise.
    /// - A lower limit counts at once, a higher one after the delay of a new key; setting the limit again replaces what
    ///   still waits.
    ///
    /// Requirements:
    /// - A maker must have signed; for more than counts now, another person's checker too.
    /// - The limit must be an amount, the currency three letters from A to Z.
    function setDualControlLimit(SetDualControlLimit calldata order, Approval[] calldata approvals) external;

    /// @notice Names the settlement bank that keeps the organisation's account in a currency; 0 for none.
    ///
    /// @dev Emits {SettlementBankNamed}, {OrderExecuted}.
    ///
    /// Notes:
    /// - That bank attests what the organisation was paid outside the chain.
    /// - Another bank counts after the delay of a new key, no bank at once.
    ///
    /// Requirements:
    /// - A maker and another person's checker must have signed.
    /// - The bank must be a settlement bank of the network, and not the organisation itself.
    function nameSettlementBank(NameSettlementBank calldata order, Approval[] calldata approvals) external;

    /// @notice Gives the organisation a further key.
    ///
    /// @dev Emits {KeyRegistered}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The key becomes valid after `keyDelay` seconds; until then every live key of the organisation can veto it.
    /// - A key is rotated by registering its successor and revoking it.
    ///
    /// Requirements:
    /// - Two administrators' keys of two persons must have signed; the organisation must not be suspended.
    /// - The key must be new to the network for ever, have known roles, end after it begins, and have signed
    ///   KeyPossession for the organisation's identity.
    function registerKey(RegisterKey calldata order, Approval[] calldata approvals, bytes calldata possession) external;

    /// @notice Ends a key that is not valid yet, and suspends the organisation until the Council has decided.
    ///
    /// @dev Emits {KeyVetoed}, {OrderExecuted}, and {ParticipantStatusChanged} if the organisation was not suspended.
    ///
    /// Requirements:
    /// - Any one valid key of the organisation must have signed; that key's nonce must be unused.
    /// - The key to veto must be the organisation's and still wait.
    function vetoKey(VetoKey calldata order, Approval calldata approval) external;

    /// @notice Ends a key at once.
    ///
    /// @dev Emits {KeyRevoked}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The key's address can never be registered again.
    ///
    /// Requirements:
    /// - One valid administrator's key of the same organisation must have signed; that key's nonce must be unused.
    /// - The key to end must be the organisation's and not have ended before.
    function revokeKey(RevokeKey calldata order, Approval calldata approval) external;

    /// @notice Uses up the nonce of an order that must not run any more.
    ///
    /// @dev Emits {OrderCancelled}.
    ///
    /// Notes:
    /// - Whatever else was signed under that nonce is dead as well.
    ///
    /// Requirements:
    /// - Any one valid key of the organisation must have signed; the maker's key must be of the same organisation.
    /// - The nonce must be unused.
    function cancelOrder(CancelOrder calldata order, Approval calldata approval) external;

    /// @notice Checks the signatures under an order and uses up its nonce. Reverts unless everything holds.
    ///
    /// @dev Emits {OrderExecuted}.
    ///
    /// Notes:
    /// - `amount` is the face or money at stake; zero means the act has none and always needs a checker.
    /// - ERC-1271 keys are asked once, by a static call with bounded gas.
    /// - A nonce is the maker's key (upper 160 bits), a lane (88 bits) and a place in the lane (8 bits). The order
    ///   thereby names its maker, and nobody else's signature runs it a second time.
    ///
    /// Requirements:
    /// - The caller must be an admitted, unpaused contract of the network.
    /// - The deadline must not have passed; the nonce must name the maker's key and be unused.
    /// - The organisation must be of the kind the act asks for, licensed where asked, and not suspended (unless the act
    ///   pays, repays, releases).
    /// - One maker's approval within the dual-control limit, or a maker's and a checker's of two persons.
    function authorise(
        bytes32 orderHash,
        uint32 organisation,
        uint256 nonce,
        uint64 deadline,
        Act act,
        bytes3 currency,
        uint64 amount,
        Approval[] calldata approvals
    ) external;

    /// @notice Checks the signatures of an order that has already run once and goes on in parts (a batch).
    ///
    /// @dev Notes:
    /// - A maker alone goes on only where the whole amount is within the organisation's limit.
    function recheck(
        bytes32 orderHash,
        uint32 organisation,
        uint64 deadline,
        Act act,
        bytes3 currency,
        uint64 amount,
        Approval[] calldata approvals
    ) external view;

    /// @notice Checks one signature of one key with one role, for a statement that uses up no nonce.
    function verifyStatement(
        bytes32 structHash,
        uint32 organisation,
        uint16 kinds,
        uint16 role,
        uint64 deadline,
        Approval calldata approval
    ) external view;

    function participant(uint32 organisation) external view returns (Participant memory);

    /// @notice Reverts where {authorise} would for the organisation's status, kind or licence, whoever signs.
    function checkAct(uint32 organisation, Act act) external view;
    /// @notice The status that counts: blocked for everybody whom a blocked organisation controls.
    function statusOf(uint32 organisation) external view returns (ParticipantStatus);

    /// @notice The organisation at the head of the group: itself, if nobody controls it.
    function groupOf(uint32 organisation) external view returns (uint32);
    function key(address keyAddress) external view returns (Key memory);
    function organisationOfIdentity(bytes32 identity) external view returns (uint32);
    function isVenue(address venue) external view returns (bool);
    function isNonceUsed(address keyAddress, uint256 nonce) external view returns (bool);
    function nonceWord(address keyAddress, uint256 lane) external view returns (uint256);
    function dualControlLimit(uint32 organisation, bytes3 currency) external view returns (uint64);

    /// @notice The limit that was set last, and from when on it counts.
    function nextDualControlLimit(uint32 organisation, bytes3 currency)
        external
        view
        returns (uint64 limit, uint40 validFrom);

    /// @notice The bank that keeps the organisation's account in a currency, by its own word; 0 where it named none.
    function settlementBankOf(uint32 organisation, bytes3 currency) external view returns (uint32);
    function participantCount() external view returns (uint32);
    function keyDelay() external view returns (uint40);
    function recoveryDelay() external view returns (uint40);
    function domainSeparator() external view returns (bytes32);
    function domainSalt() external view returns (bytes32);
}
