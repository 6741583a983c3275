// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev An organisation may be of several kinds: the values are bits of one mask.
uint16 constant KIND_ANCHOR = 1;
uint16 constant KIND_SUPPLIER = 2;
uint16 constant KIND_FUNDER = 4;
uint16 constant KIND_SETTLEMENT_BANK = 8;
uint16 constant KIND_AUDITOR = 16;
/// @dev A court, or an authority that may order what a court may: freezes, holds, their end.
uint16 constant KIND_REGISTRAR = 32;
/// @dev Holds the key that fingerprints trade documents and signs for what it computed.
uint16 constant KIND_KEEPER = 64;
uint16 constant ALL_KINDS = 127;

/// @dev What a key may do for its organisation: bits of one mask.
uint16 constant ROLE_MAKER = 1;
uint16 constant ROLE_CHECKER = 2;
uint16 constant ROLE_ADMINISTRATOR = 4;
uint16 constant ROLE_KEEPER = 8;
uint16 constant ALL_ROLES = 15;

/// @dev How a key signs; fixed when it is registered.
uint8 constant KEY_PLAIN = 0;
uint8 constant KEY_CONTRACT = 1;

enum ParticipantStatus {
    /// Nobody has this number.
    NONE,
    /// May act within its kinds.
    ADMITTED,
    /// May only pay, repay, release and be paid.
    SUSPENDED,
    /// Listed: may do nothing and is paid nothing until cleared.
    BLOCKED
}

/// @dev The acts an order can ask for; the registry decides per act which kind of organisation may order it.
enum Act {
    NONE,
    SET_DUAL_CONTROL_LIMIT,
    OPEN_PROGRAMME,
    ISSUE_RECEIVABLE,
    ACCEPT_RECEIVABLE,
    SPLIT_LOT,
    PROPOSE_TRANSFER,
    ACCEPT_TRANSFER,
    REJECT_TRANSFER,
    REVOKE_TRANSFER,
    REQUEST_FINANCING,
    WITHDRAW_FINANCING_REQUEST,
    QUOTE,
    AWARD_QUOTE,
    SETTLE_RECEIVABLE,
    OPEN_DEPOSIT_ACCOUNTS,
    MINT_DEPOSIT,
    REDEEM_DEPOSIT,
    REFUSE_RECEIVABLE,
    WITHDRAW_RECEIVABLE,
    CANCEL_RECEIVABLE,
    UNSPLIT_LOT,
    SET_CREDIT_LINE,
    CLAIM_RECOURSE,
    REPURCHASE_LOT,
    WRITE_OFF_LOT,
    REGISTER_KEY,
    VOTE,
    RECORD_FILING,
    FREEZE_LOTS,
    HOLD_LOTS,
    RENEW_FREEZE,
    LIFT_FREEZE,
    PROPOSE_PLEDGE,
    ACCEPT_PLEDGE,
    RELEASE_PLEDGE,
    ENFORCE_PLEDGE,
    NAME_SETTLEMENT_BANK,
    ATTEST_PAYMENT,
    CONFIRM_PAYMENT,
    /// An anchor's quote for its own debt: no financing, so no licence is asked.
    PAY_EARLY,
    FUND_QUOTE,
    BEAR_INTEREST,
    ATTEST_FUNDING,
    CONFIRM_FUNDING,
    RELEASE_FUNDING,
    DENY_FUNDING
}

/// @dev Which acts ask for a kind of organisation, and which the suspended may still order: a bit for each act, so that
/// an act nobody restricts costs one comparison.
uint256 constant ANCHOR_ACTS = 1 << uint8(Act.OPEN_PROGRAMME) | 1 << uint8(Act.ISSUE_RECEIVABLE);
uint256 constant FUNDER_ACTS = 1 << uint8(Act.QUOTE) | 1 << uint8(Act.SET_CREDIT_LINE) | 1 << uint8(Act.RECORD_FILING)
    | 1 << uint8(Act.FUND_QUOTE);
uint256 constant BANK_ACTS = 1 << uint8(Act.OPEN_DEPOSIT_ACCOUNTS) | 1 << uint8(Act.MINT_DEPOSIT) | 1
    << uint8(Act.ATTEST_PAYMENT) | 1 << uint8(Act.ATTEST_FUNDING) | 1 << uint8(Act.DENY_FUNDING);
uint256 constant REGISTRAR_ACTS = 1 << uint8(Act.FREEZE_LOTS) | 1 << uint8(Act.HOLD_LOTS) | 1 << uint8(Act.RENEW_FREEZE)
    | 1 << uint8(Act.LIFT_FREEZE);
/// @dev What pays, repays or releases; and a vote in the Council, lest suspensions leave nobody who can end them.
uint256 constant ACTS_OF_THE_SUSPENDED = 1 << uint8(Act.SETTLE_RECEIVABLE) | 1 << uint8(Act.REPURCHASE_LOT) | 1
    << uint8(Act.REJECT_TRANSFER) | 1 << uint8(Act.VOTE) | 1 << uint8(Act.LIFT_FREEZE) | 1 << uint8(Act.RELEASE_PLEDGE)
    | 1 << uint8(Act.PAY_EARLY) | 1 << uint8(Act.RELEASE_FUNDING);

struct Participant {
    uint16 kinds;
    ParticipantStatus status;
    uint40 admittedAt;
    uint40 licenceExpiresAt;
    uint32 parent;
    /// Running number of this organisation's own events.
    uint32 sequence;
}

struct Key {
    uint32 organisation;
    uint16 roles;
    uint8 kind;
    uint40 validFrom;
    uint40 validUntil;
    /// First 15 bytes of a salted hash of the person who holds the key: the chain must know two people apart.
    bytes15 person;
}

struct KeyGrant {
    address key;
    uint16 roles;
    uint8 kind;
    uint40 validUntil;
    bytes15 person;
    /// Signature of the key itself over KeyPossession.
    bytes possession;
}

struct CurrencyLimit {
    bytes3 currency;
    uint64 limit;
}

struct Admission {
    uint16 kinds;
    /// Commitment to the LEI or unified social credit code: never the code itself.
    bytes32 identity;
    uint40 licenceExpiresAt;
    uint32 parent;
    KeyGrant[] keys;
    CurrencyLimit[] dualControlLimits;
}

/// @notice One signature under an order: which key, and its signature (65 bytes r, s, v; or what an ERC-1271 key
/// wants).
struct Approval {
    address key;
    bytes signature;
}

/// @notice What a contract hands on when another contract must check the signature of the owner it knows.
struct Signed {
    bytes32 orderHash;
    uint256 nonce;
    uint64 deadline;
    Act act;
    Approval[] approvals;
}
