// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotId} from "./Ids.sol";

// The typed order of every act (EIP-712). This file is the one place both sides read: the type strings below are
// extracted into the Python codec when the contracts are compiled. Every order names the contract it is for
// (`target`), the organisation that acts, its nonce and its deadline, then what is ordered. An order that names a lot
// also names its face value and what was paid on it, so that what moves is what was signed.

bytes32 constant DOMAIN_TYPEHASH =
    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");

// --- ParticipantRegistry

bytes32 constant KEY_POSSESSION_TYPEHASH =
    keccak256("KeyPossession(address target,bytes32 identity,address key,uint16 roles,bytes15 person)");

struct SetDualControlLimit {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    bytes3 currency;
    uint64 limit;
}

bytes32 constant SET_DUAL_CONTROL_LIMIT_TYPEHASH = keccak256(
    "SetDualControlLimit(address target,uint32 organisation,uint256 nonce,uint64 deadline,bytes3 currency,uint64 limit)"
);

/// @dev The bank that keeps the organisation's account in a currency, and so attests what is paid to it; 0 for none.
struct NameSettlementBank {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    bytes3 currency;
    uint32 bank;
}

bytes32 constant NAME_SETTLEMENT_BANK_TYPEHASH = keccak256(
    "NameSettlementBank(address target,uint32 organisation,uint256 nonce,uint64 deadline,bytes3 currency,uint32 bank)"
);

struct RegisterKey {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    bytes32 identity;
    address key;
    uint16 roles;
    uint8 kind;
    uint40 validUntil;
    bytes15 person;
}

bytes32 constant REGISTER_KEY_TYPEHASH = keccak256(
    "RegisterKey(address target,uint32 organisation,uint256 nonce,uint64 deadline,bytes32 identity,address key,uint16 roles,uint8 kind,uint40 validUntil,bytes15 person)"
);

struct VetoKey {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    address key;
}

bytes32 constant VETO_KEY_TYPEHASH =
    keccak256("VetoKey(address target,uint32 organisation,uint256 nonce,uint64 deadline,address key)");

struct RevokeKey {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    address key;
}

bytes32 constant REVOKE_KEY_TYPEHASH =
    keccak256("RevokeKey(address target,uint32 organisation,uint256 nonce,uint64 deadline,address key)");

struct CancelOrder {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    address makerKey;
    uint256 cancelledNonce;
    bytes32 cancelledOrder;
}

bytes32 constant CANCEL_ORDER_TYPEHASH = keccak256(
    "CancelOrder(address target,uint32 organisation,uint256 nonce,uint64 deadline,address makerKey,uint256 cancelledNonce,bytes32 cancelledOrder)"
);

// --- Council

/// @dev One member's vote on a decision: the call `data` of contract `subject`, told apart from its like by the salt.
struct CouncilVote {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    address subject;
    bytes32 salt;
    bool inFavour;
    bytes data;
}

bytes32 constant COUNCIL_VOTE_TYPEHASH = keccak256(
    "CouncilVote(address target,uint32 organisation,uint256 nonce,uint64 deadline,address subject,bytes32 salt,bool inFavour,bytes data)"
);

// --- DocumentRegistry

struct AttestDocuments {
    address target;
    uint32 organisation;
    uint64 deadline;
    uint32 epoch;
    uint32 obligor;
    bytes3 currency;
    uint32 count;
    bytes32 root;
}

bytes32 constant ATTEST_DOCUMENTS_TYPEHASH = keccak256(
    "AttestDocuments(address target,uint32 organisation,uint64 deadline,uint32 epoch,uint32 obligor,bytes3 currency,uint32 count,bytes32 root)"
);

/// @dev One document's fingerprint under the live epoch, and under the next.
struct Succession {
    bytes32 fingerprint;
    bytes32 successor;
}

bytes32 constant SUCCESSION_TYPEHASH = keccak256("Succession(bytes32 fingerprint,bytes32 successor)");

/// @dev The keeper's word that these documents go by these fingerprints in the epoch named, the next one.
struct CarryDocuments {
    address target;
    uint32 organisation;
    uint64 deadline;
    uint32 epoch;
    Succession[] documents;
}

bytes32 constant CARRY_DOCUMENTS_TYPEHASH = keccak256(
    "CarryDocuments(address target,uint32 organisation,uint64 deadline,uint32 epoch,Succession[] documents)Succession(bytes32 fingerprint,bytes32 successor)"
);

// --- Issuance

/// @dev `maximumTenorDays` is of its receivables at issue, and beyond the usual needs a reason; `legacy` marks
/// receivables carried over from before the rules. `minimumTenorDays` is what a lot must still have to run when it is
/// financed; `filingRequired`, that its funder has filed with the national registry before.
struct OpenProgramme {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint8 technique;
    bytes3 currency;
    address deposit;
    bool withRecourse;
    bool acceptanceRequired;
    uint8 maximumTier;
    uint32 maximumLots;
    uint64 minimumLotFaceValue;
    uint16 maximumTenorDays;
    bytes32 tenorReasonHash;
    bool legacy;
    uint8 minimumTenorDays;
    bool filingRequired;
    uint16 lateInterestBps;
    uint32 replaces;
    bytes32 termsHash;
}

bytes32 constant OPEN_PROGRAMME_TYPEHASH = keccak256(
    "OpenProgramme(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint8 technique,bytes3 currency,address deposit,bool withRecourse,bool acceptanceRequired,uint8 maximumTier,uint32 maximumLots,uint64 minimumLotFaceValue,uint16 maximumTenorDays,bytes32 tenorReasonHash,bool legacy,uint8 minimumTenorDays,bool filingRequired,uint16 lateInterestBps,uint32 replaces,bytes32 termsHash)"
);

/// @dev One receivable of a batch. Its leaf is keccak256(keccak256(abi.encode(index, row))).
struct IssueRow {
    uint32 supplier;
    uint64 faceValue;
    uint64 maturityAt;
    uint64 graceEndsAt;
    uint8 documentType;
    uint64 documentAmount;
    bytes32 documentFingerprint;
    bytes32 documentCommitment;
}

struct IssueReceivable {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint32 programmeId;
    bytes3 currency;
    IssueRow row;
}

bytes32 constant ISSUE_ROW_TYPEHASH = keccak256(
    "IssueRow(uint32 supplier,uint64 faceValue,uint64 maturityAt,uint64 graceEndsAt,uint8 documentType,uint64 documentAmount,bytes32 documentFingerprint,bytes32 documentCommitment)"
);

bytes32 constant ISSUE_RECEIVABLE_TYPEHASH = keccak256(
    "IssueReceivable(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint32 programmeId,bytes3 currency,IssueRow row)IssueRow(uint32 supplier,uint64 faceValue,uint64 maturityAt,uint64 graceEndsAt,uint8 documentType,uint64 documentAmount,bytes32 documentFingerprint,bytes32 documentCommitment)"
);

struct IssueBatch {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint32 programmeId;
    bytes3 currency;
    uint32 count;
    uint64 totalFaceValue;
    bytes32 fileHash;
    bytes32 root;
}

bytes32 constant ISSUE_BATCH_TYPEHASH = keccak256(
    "IssueBatch(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint32 programmeId,bytes3 currency,uint32 count,uint64 totalFaceValue,bytes32 fileHash,bytes32 root)"
);

/// @dev What a supplier accepts, in full, so that an id that a reorganised chain gave to another offer is refused.
struct Offer {
    uint64 receivableId;
    uint32 obligor;
    uint32 programmeId;
    uint64 faceValue;
    uint64 maturityAt;
    uint64 graceEndsAt;
}

bytes32 constant OFFER_TYPEHASH = keccak256(
    "Offer(uint64 receivableId,uint32 obligor,uint32 programmeId,uint64 faceValue,uint64 maturityAt,uint64 graceEndsAt)"
);

struct AcceptReceivable {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    bytes3 currency;
    uint64 totalFaceValue;
    Offer[] offers;
}

bytes32 constant ACCEPT_RECEIVABLE_TYPEHASH = keccak256(
    "AcceptReceivable(address target,uint32 organisation,uint256 nonce,uint64 deadline,bytes3 currency,uint64 totalFaceValue,Offer[] offers)Offer(uint64 receivableId,uint32 obligor,uint32 programmeId,uint64 faceValue,uint64 maturityAt,uint64 graceEndsAt)"
);

/// @dev What ends an offer; the same fields serve the supplier's refusal and the anchor's withdrawal.
struct OfferEnd {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    uint64 faceValue;
    bytes32 documentFingerprint;
    bytes32 reasonHash;
}

bytes32 constant REFUSE_RECEIVABLE_TYPEHASH = keccak256(
    "RefuseReceivable(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,uint64 faceValue,bytes32 documentFingerprint,bytes32 reasonHash)"
);

bytes32 constant WITHDRAW_RECEIVABLE_TYPEHASH = keccak256(
    "WithdrawReceivable(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,uint64 faceValue,bytes32 documentFingerprint,bytes32 reasonHash)"
);

/// @dev Takes `amount` off a receivable nobody has touched: all of it, or a part by a credit note. Anchor and supplier
/// each order the same.
struct CancelReceivable {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    uint64 faceValue;
    uint64 amount;
    bytes32 documentFingerprint;
    bytes32 reasonHash;
}

bytes32 constant CANCEL_RECEIVABLE_TYPEHASH = keccak256(
    "CancelReceivable(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,uint64 faceValue,uint64 amount,bytes32 documentFingerprint,bytes32 reasonHash)"
);

// --- ReceivableLedger

struct Part {
    uint32 to;
    uint64 faceValue;
}

struct SplitLot {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint64 expiresAt;
    Part[] parts;
}

bytes32 constant PART_TYPEHASH = keccak256("Part(uint32 to,uint64 faceValue)");

bytes32 constant SPLIT_LOT_TYPEHASH = keccak256(
    "SplitLot(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint64 expiresAt,Part[] parts)Part(uint32 to,uint64 faceValue)"
);

/// @dev Gives a free lot back to the one it was split from.
struct UnsplitLot {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint64 parentFaceValue;
}

bytes32 constant UNSPLIT_LOT_TYPEHASH = keccak256(
    "UnsplitLot(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint64 parentFaceValue)"
);

struct ProposeTransfer {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint32 to;
    uint64 expiresAt;
    bytes32 remarkHash;
}

bytes32 constant PROPOSE_TRANSFER_TYPEHASH = keccak256(
    "ProposeTransfer(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint32 to,uint64 expiresAt,bytes32 remarkHash)"
);

/// @dev The answer to an offered lot; the same fields serve acceptance, rejection and the sender's revocation.
struct TransferAnswer {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    bytes32 offer;
}

bytes32 constant ACCEPT_TRANSFER_TYPEHASH = keccak256(
    "AcceptTransfer(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,bytes32 offer)"
);
bytes32 constant REJECT_TRANSFER_TYPEHASH = keccak256(
    "RejectTransfer(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,bytes32 offer)"
);
bytes32 constant REVOKE_TRANSFER_TYPEHASH = keccak256(
    "RevokeTransfer(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,bytes32 offer)"
);

// --- FinancingMarket

struct RequestFinancing {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint64 partFaceValue;
    bool withRecourse;
    uint64 expiresAt;
}

bytes32 constant REQUEST_FINANCING_TYPEHASH = keccak256(
    "RequestFinancing(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint64 partFaceValue,bool withRecourse,uint64 expiresAt)"
);

struct WithdrawFinancingRequest {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
}

bytes32 constant WITHDRAW_FINANCING_REQUEST_TYPEHASH = keccak256(
    "WithdrawFinancingRequest(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId)"
);

/// @dev A funder's firm quote as the chain sees it: `terms` is the EIP-712 hash of QuoteTerms, whose rate, day count
/// and salt the funder signs in the open and the chain never shows. `deadline` is the quote's expiry. `holdback` is
/// what the holder gets of the part's face only once the rest is collected. `payBy` is 0 where the price comes from the
/// funder's deposit at the award; else the funder pays it by bank transfer until then.
struct Quote {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint64 partFaceValue;
    uint32 holder;
    bytes3 currency;
    uint64 netProceeds;
    uint64 holdback;
    uint64 payBy;
    bool withRecourse;
    bytes32 terms;
}

bytes32 constant QUOTE_TERMS_TYPEHASH =
    keccak256("QuoteTerms(uint32 discountRateBps,string dayCount,uint32 tenorDays,uint64 valueAt,bytes32 salt)");

bytes32 constant QUOTE_TYPEHASH = keccak256(
    "Quote(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,uint96 lotId,uint64 faceValue,uint64 paid,uint64 partFaceValue,uint32 holder,bytes3 currency,uint64 netProceeds,uint64 holdback,uint64 payBy,bool withRecourse,QuoteTerms terms)QuoteTerms(uint32 discountRateBps,string dayCount,uint32 tenorDays,uint64 valueAt,bytes32 salt)"
);

/// @dev `obligorInterest` is what the anchor pays the holder beside the price, as its share of the discount.
struct AwardQuote {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    bytes32 quote;
    bytes3 currency;
    uint64 netProceeds;
    uint64 holdback;
    uint64 obligorInterest;
    uint64 payBy;
    uint32 quoteCount;
    bytes32 quoteHead;
}

bytes32 constant AWARD_QUOTE_TYPEHASH = keccak256(
    "AwardQuote(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,bytes32 quote,bytes3 currency,uint64 netProceeds,uint64 holdback,uint64 obligorInterest,uint64 payBy,uint32 quoteCount,bytes32 quoteHead)"
);

/// @dev A funder makes its quote firm in fact: up to `amount` of its deposit is set aside, and its credit line
/// reserved, until `expiresAt`. `quote` is the hash of the quote, which stays sealed: its terms carry a salt.
struct FundQuote {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    bytes32 quote;
    bytes3 currency;
    uint64 amount;
    uint64 expiresAt;
}

bytes32 constant FUND_QUOTE_TYPEHASH = keccak256(
    "FundQuote(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,bytes32 quote,bytes3 currency,uint64 amount,uint64 expiresAt)"
);

/// @dev The anchor pays the holder `shareBps` of the discount at which the request is financed, from its deposit at the
/// award: at most `amount`, which is set aside until `expiresAt`.
struct BearInterest {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    LotId lotId;
    bytes3 currency;
    uint64 amount;
    uint16 shareBps;
    uint64 expiresAt;
}

bytes32 constant BEAR_INTEREST_TYPEHASH = keccak256(
    "BearInterest(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,uint96 lotId,bytes3 currency,uint64 amount,uint16 shareBps,uint64 expiresAt)"
);

/// @dev The holder's settlement bank vouches that the price of an awarded quote came in: `amount` of the statement's
/// line of `lineAmount` that `lineHash` names.
struct AttestFunding {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    bytes32 quote;
    uint32 payee;
    bytes3 currency;
    uint64 amount;
    uint64 valueAt;
    bytes32 lineHash;
    uint64 lineAmount;
}

bytes32 constant ATTEST_FUNDING_TYPEHASH = keccak256(
    "AttestFunding(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,bytes32 quote,uint32 payee,bytes3 currency,uint64 amount,uint64 valueAt,bytes32 lineHash,uint64 lineAmount)"
);

/// @dev The holder says the same of its own statement, where its bank is not far enough from the funder.
struct ConfirmFunding {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    bytes32 quote;
    uint32 bank;
    bytes3 currency;
    uint64 amount;
    uint64 valueAt;
    bytes32 lineHash;
    uint64 lineAmount;
}

bytes32 constant CONFIRM_FUNDING_TYPEHASH = keccak256(
    "ConfirmFunding(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,bytes32 quote,uint32 bank,bytes3 currency,uint64 amount,uint64 valueAt,bytes32 lineHash,uint64 lineAmount)"
);

/// @dev What ends an award whose price did not come in; the same fields serve the funder's release and the bank's word
/// that nothing was received.
struct FundingEnd {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    bytes32 quote;
}

bytes32 constant RELEASE_FUNDING_TYPEHASH = keccak256(
    "ReleaseFunding(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,bytes32 quote)"
);
bytes32 constant DENY_FUNDING_TYPEHASH = keccak256(
    "DenyFunding(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,bytes32 quote)"
);

/// @dev A funder has filed what it will buy with the national registry: `filing` commits to the number it was given.
struct RecordFiling {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 requestId;
    LotId lotId;
    uint64 filedAt;
    bytes32 filing;
}

bytes32 constant RECORD_FILING_TYPEHASH = keccak256(
    "RecordFiling(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 requestId,uint96 lotId,uint64 filedAt,bytes32 filing)"
);

struct ClaimRecourse {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
}

bytes32 constant CLAIM_RECOURSE_TYPEHASH = keccak256(
    "ClaimRecourse(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid)"
);

/// @dev `amount` is what is outstanding on the lot; `lateInterest` the most that is paid beside it.
struct RepurchaseLot {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint32 holder;
    bytes3 currency;
    uint64 amount;
    uint64 lateInterest;
}

bytes32 constant REPURCHASE_LOT_TYPEHASH = keccak256(
    "RepurchaseLot(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint32 holder,bytes3 currency,uint64 amount,uint64 lateInterest)"
);

// --- Settlement

/// @dev `amount` is face; `lateInterest` is the most that is paid beside it.
struct SettleReceivable {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    uint64 faceValue;
    uint64 paid;
    bytes3 currency;
    uint64 amount;
    uint64 lateInterest;
}

bytes32 constant SETTLE_RECEIVABLE_TYPEHASH = keccak256(
    "SettleReceivable(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,uint64 faceValue,uint64 paid,bytes3 currency,uint64 amount,uint64 lateInterest)"
);

struct WriteOffLot {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
}

bytes32 constant WRITE_OFF_LOT_TYPEHASH = keccak256(
    "WriteOffLot(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid)"
);

/// @dev The payee's settlement bank vouches for money that came in outside the chain: `amount` is all that was
/// outstanding on the lot, `lateInterest` what had accrued on it at `valueAt`, and both are a part of the statement's
/// line of `lineAmount` that `lineHash` names.
struct AttestPayment {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint32 payee;
    bytes3 currency;
    uint64 amount;
    uint64 lateInterest;
    uint64 valueAt;
    bytes32 lineHash;
    uint64 lineAmount;
}

bytes32 constant ATTEST_PAYMENT_TYPEHASH = keccak256(
    "AttestPayment(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint32 payee,bytes3 currency,uint64 amount,uint64 lateInterest,uint64 valueAt,bytes32 lineHash,uint64 lineAmount)"
);

/// @dev The payee says the same of its own statement, where its bank is not far enough from the payer.
struct ConfirmPayment {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint32 bank;
    bytes3 currency;
    uint64 amount;
    uint64 lateInterest;
    uint64 valueAt;
    bytes32 lineHash;
    uint64 lineAmount;
}

bytes32 constant CONFIRM_PAYMENT_TYPEHASH = keccak256(
    "ConfirmPayment(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint32 bank,bytes3 currency,uint64 amount,uint64 lateInterest,uint64 valueAt,bytes32 lineHash,uint64 lineAmount)"
);

// --- TokenisedDeposit

struct OpenDepositAccounts {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint32[] holders;
}

bytes32 constant OPEN_DEPOSIT_ACCOUNTS_TYPEHASH =
    keccak256("OpenDepositAccounts(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint32[] holders)");

struct MintDeposit {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint32 to;
    bytes3 currency;
    uint64 amount;
    bytes32 referenceHash;
}

bytes32 constant MINT_DEPOSIT_TYPEHASH = keccak256(
    "MintDeposit(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint32 to,bytes3 currency,uint64 amount,bytes32 referenceHash)"
);

struct RedeemDeposit {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    bytes3 currency;
    uint64 amount;
    bytes32 referenceHash;
}

bytes32 constant REDEEM_DEPOSIT_TYPEHASH = keccak256(
    "RedeemDeposit(address target,uint32 organisation,uint256 nonce,uint64 deadline,bytes3 currency,uint64 amount,bytes32 referenceHash)"
);

// --- CreditLines

struct SetCreditLine {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint32 anchor;
    bytes3 currency;
    uint64 limit;
    uint64 expiresAt;
}

bytes32 constant SET_CREDIT_LINE_TYPEHASH = keccak256(
    "SetCreditLine(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint32 anchor,bytes3 currency,uint64 limit,uint64 expiresAt)"
);

// --- Encumbrances

/// @dev No lots named: every lot `holder` has in the receivable.
struct FreezeLots {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    uint32 holder;
    bytes32 referenceHash;
    uint64 expiresAt;
    bool toCourt;
    uint32[] lotSequences;
}

bytes32 constant FREEZE_LOTS_TYPEHASH = keccak256(
    "FreezeLots(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,uint32 holder,bytes32 referenceHash,uint64 expiresAt,bool toCourt,uint32[] lotSequences)"
);

struct HoldLots {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    uint32 holder;
    bytes32 referenceHash;
    uint64 expiresAt;
    uint32[] lotSequences;
}

bytes32 constant HOLD_LOTS_TYPEHASH = keccak256(
    "HoldLots(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,uint32 holder,bytes32 referenceHash,uint64 expiresAt,uint32[] lotSequences)"
);

/// @dev No lots named: every lot of the receivable under the reference.
struct RenewFreeze {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    bytes32 referenceHash;
    uint64 expiresAt;
    uint32[] lotSequences;
}

bytes32 constant RENEW_FREEZE_TYPEHASH = keccak256(
    "RenewFreeze(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,bytes32 referenceHash,uint64 expiresAt,uint32[] lotSequences)"
);

/// @dev No lots named: every lot of the receivable under the reference.
struct LiftFreeze {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    uint64 receivableId;
    bytes32 referenceHash;
    uint32[] lotSequences;
}

bytes32 constant LIFT_FREEZE_TYPEHASH = keccak256(
    "LiftFreeze(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint64 receivableId,bytes32 referenceHash,uint32[] lotSequences)"
);

struct ProposePledge {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint32 pledgee;
    uint64 securedAmount;
    uint64 dueAt;
    uint64 expiresAt;
    bytes32 agreementHash;
}

bytes32 constant PROPOSE_PLEDGE_TYPEHASH = keccak256(
    "ProposePledge(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,uint32 pledgee,uint64 securedAmount,uint64 dueAt,uint64 expiresAt,bytes32 agreementHash)"
);

/// @dev `pledge` is the hash of the order that proposed it.
struct AcceptPledge {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    bytes32 pledge;
    bytes32 filingHash;
    uint64 filedAt;
}

bytes32 constant ACCEPT_PLEDGE_TYPEHASH = keccak256(
    "AcceptPledge(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,bytes32 pledge,bytes32 filingHash,uint64 filedAt)"
);

/// @dev The pledgee releases the lot, or enforces its right.
struct PledgeEnd {
    address target;
    uint32 organisation;
    uint256 nonce;
    uint64 deadline;
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    bytes32 pledge;
}

bytes32 constant RELEASE_PLEDGE_TYPEHASH = keccak256(
    "ReleasePledge(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,bytes32 pledge)"
);
bytes32 constant ENFORCE_PLEDGE_TYPEHASH = keccak256(
    "EnforcePledge(address target,uint32 organisation,uint256 nonce,uint64 deadline,uint96 lotId,uint64 faceValue,uint64 paid,bytes32 pledge)"
);
