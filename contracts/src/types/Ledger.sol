// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LotId} from "./Ids.sol";

enum ReceivableStatus {
    NONE,
    /// The anchor has signed its undertaking; the supplier has not answered.
    OFFERED,
    /// Refused, lapsed or withdrawn before acceptance.
    VOID,
    /// Accepted: its lots may move.
    ACTIVE,
    /// Cancelled by both while untouched.
    CANCELLED,
    /// Paid in full.
    SETTLED,
    WRITTEN_OFF
}

enum Encumbrance {
    NONE,
    /// Offered to a receiver that has not answered.
    LOCKED_TRANSFER,
    /// Under an open financing request.
    LOCKED_FINANCING,
    PLEDGED,
    POOLED,
    /// Given up by its holder after the anchor's default; it is still owed, and is free again once it is paid.
    WRITTEN_OFF
}

/// @dev What was noted of an anchor that has not paid.
enum Arrears {
    NONE,
    /// Unpaid after the due instant.
    OVERDUE,
    /// Unpaid after the end of grace.
    DEFAULTED
}

/// @dev What never changes after issue, as the ledger shows it (it keeps words: types/Words.sol).
struct ReceivableTerms {
    uint32 obligor;
    uint32 supplier;
    uint32 programmeId;
    uint40 maturityAt;
    uint40 graceEndsAt;
    uint64 faceValue;
}

/// @dev What changes, as the ledger shows it.
struct ReceivableProgress {
    ReceivableStatus status;
    uint64 paid;
    /// Sum paid out to lots; paid − cleared stays earmarked in the anchor's deposit.
    uint64 cleared;
    uint32 lotCount;
    /// Running number of this receivable's events.
    uint32 sequence;
    Arrears arrears;
    /// First 7 bytes of the fingerprint whose occupancy a void or cancelled receivable gives back.
    bytes7 documentTag;
}

/// @dev A lot, as the ledger shows it.
struct Lot {
    uint32 holder;
    uint64 faceValue;
    uint64 paid;
    uint32 parent;
    uint8 tier;
    uint16 transferCount;
    Encumbrance encumbrance;
    bool settled;
    /// Whether it stays whole: its holder has recourse to its seller, or a seller a claim to what is collected.
    bool indivisible;
}

/// @dev One version of one set of rules an anchor runs under; immutable but for `transferRules`.
struct Programme {
    uint32 anchor;
    bytes3 currency;
    uint8 technique;
    bool withRecourse;
    bool acceptanceRequired;
    uint8 maximumTier;
    uint32 maximumLots;
    uint64 minimumLotFaceValue;
    uint16 maximumTenorDays;
    /// Whether it gave a reason for running longer than is usual.
    bool hasTenorReason;
    /// Whether its receivables were carried over from before the rules, and are marked so.
    bool legacy;
    /// How long a lot must still run when it is financed.
    uint8 minimumTenorDays;
    /// Whether a funder files with the national registry before it buys.
    bool filingRequired;
    uint16 lateInterestBps;
    /// The version this one replaces; 0 for the first.
    uint32 replaces;
    address deposit;
    address transferRules;
}

/// @dev How long receivables may run at issue, in days: at most, and without a reason; from an instant on, otherwise.
/// Legacy receivables are issued until an instant.
struct TenorLimits {
    uint16 maximumDays;
    uint16 usualDays;
    uint16 nextMaximumDays;
    uint16 nextUsualDays;
    uint40 nextFrom;
    uint32 legacyUntil;
}

/// @dev A proposed transfer that waits for its receiver. One storage word.
struct PendingTransfer {
    uint32 to;
    uint40 expiresAt;
    /// First 23 bytes of the offer's order hash.
    bytes23 offer;
}

/// @dev A receivable as Issuance hands it to the ledger.
struct NewReceivable {
    uint32 supplier;
    uint64 faceValue;
    uint40 maturityAt;
    uint40 graceEndsAt;
    uint8 documentType;
    uint64 documentAmount;
    uint32 documentSequence;
    bytes32 documentFingerprint;
    bytes32 documentCommitment;
}

/// @dev One child of a split, as its event shows it.
struct LotPart {
    uint32 lotSequence;
    uint32 holder;
    uint64 faceValue;
}

/// @dev One payment of the crank, as its event shows it: to the lot's holder, or to the court that froze it.
struct LotPayment {
    uint32 lotSequence;
    uint32 payee;
    uint64 amount;
}

/// @dev What the market asks the ledger to hand to a funder: the lot as quoted, its holder, the part and the funder,
/// and whether what is handed over stays whole from then on.
struct Delivery {
    LotId lotId;
    uint64 faceValue;
    uint64 paid;
    uint64 partFaceValue;
    uint32 holder;
    uint32 to;
    bool indivisible;
}
