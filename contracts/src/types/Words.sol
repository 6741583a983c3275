// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Document} from "../interfaces/IDocumentRegistry.sol";
import {DepositAccount} from "../interfaces/ITokenisedDeposit.sol";
import {Arrears, Encumbrance, Lot, PendingTransfer, Programme, ReceivableStatus, TenorLimits} from "./Ledger.sol";
import {Key, Participant, ParticipantStatus} from "./Participants.sol";

// What the contracts keep, one storage word each. The compiler reads and writes a struct in storage field by field and
// copies it through memory; a word is read once, changed on the stack and written once, which is a tenth of the gas of
// a transfer. A field is read by its name; a change gives a new word.

/// @dev One lot: holder 32, faceValue 64, paid 64, parent 32, tier 8, transferCount 16, encumbrance 8, isSettled 8,
/// isIndivisible 8, isMarked 8.
type LotWord is uint256;

/// @dev What an anchor undertook, which changes only by a credit note: supplier 32, maturityAt 40, graceEndsAt 40,
/// faceValue 64, documentTag 56, programmeId 24. The obligor is the programme's anchor.
type UndertakingWord is uint256;

/// @dev How a receivable stands, and what every act on its lots asks of it: status 4, arrears 3, hasAttested 1,
/// paid 63, cleared 63, lotCount 24, programmeId 24, sequence 32, minimumLot 42. Issue does not write it: until the
/// first act after it the word is zero and follows from the undertaking (`standingAfterIssue`), a fresh word less for
/// each row of a batch. A minimum above the field's largest is looked up (`LOOK_UP_MINIMUM`).
type StandingWord is uint256;

/// @dev What every act asks of a programme: deposit 160, anchor 32, currency 24, acceptanceRequired 1, hasOwnRules 1,
/// filingRequired 1, hasTenorReason 1, isLegacy 1, unused 3, maximumTier 8, maximumTenorDays 16, minimumTenorDays 8.
type ProgrammeWord is uint256;

/// @dev How small and how many a programme's lots may be, and its own rules where it has any: transferRules 160,
/// minimumLotFaceValue 64, maximumLots 32.
type LimitsWord is uint256;

/// @dev What a programme agrees that no hot act asks: technique 8, withRecourse 8, lateInterestBps 16, replaces 32.
type TermsWord is uint256;

/// @dev How long receivables may run: maximumDays 16, usualDays 16, nextMaximumDays 16, nextUsualDays 16, nextFrom 40,
/// legacyUntil 32. Narrow enough to share the slot that every issue reads.
type TenorWord is uint136;

/// @dev A proposed transfer that waits for its receiver: to 32, expiresAt 40, and the first 23 bytes of the offer's
/// order hash: offer 184.
type PendingWord is uint256;

/// @dev One organisation: kinds 16, status 8, admittedAt 40, licenceExpiresAt 40, parent 32, sequence 32.
type ParticipantWord is uint256;

/// @dev One key: organisation 32, roles 16, kind 8, validFrom 40, validUntil 40, person 120.
type KeyWord is uint256;

/// @dev One dual-control limit: limit 64, nextLimit 64, nextFrom 40.
type DualControlWord is uint256;

/// @dev The bank an organisation named for a currency: bank 32, nextBank 32, nextFrom 40.
type SettlementBankWord is uint256;

/// @dev One deposit account: isOpen 8, balance 64, earmarked 64, sequence 32.
type AccountWord is uint256;

/// @dev One trade document: amount 64, obligor 32, seller 32, currency 24, documentType 8, used 64, sequence 31, and
/// whether its epoch is odd: isOfOddEpoch 1.
type DocumentWord is uint256;

using LotWords for LotWord global;
using UndertakingWords for UndertakingWord global;
using StandingWords for StandingWord global;
using ProgrammeWords for ProgrammeWord global;
using LimitsWords for LimitsWord global;
using TermsWords for TermsWord global;
using TenorWords for TenorWord global;
using PendingWords for PendingWord global;
using ParticipantWords for ParticipantWord global;
using KeyWords for KeyWord global;
using DualControlWords for DualControlWord global;
using SettlementBankWords for SettlementBankWord global;
using AccountWords for AccountWord global;
using DocumentWords for DocumentWord global;

/// @dev In the standing: a minimum too large for its field.
uint64 constant LOOK_UP_MINIMUM = 2 ** 42 - 1;

/// @dev A year at most, half a year without a reason (R-01); legacy until the end of 15 June 2027 in China (R-11).
TenorWord constant FIRST_TENOR_LIMITS = TenorWord.wrap(366 | 184 << 16 | 366 << 32 | 184 << 48 | 1_813_075_199 << 104);

/// @dev In place of a document that goes by another fingerprint now. None is like it: it has no such currency.
DocumentWord constant CARRIED_DOCUMENT = DocumentWord.wrap(type(uint256).max);

/// @dev A lot's highest bit in use, so that asking for it is one comparison.
uint256 constant MARK = 1 << 240;

/// @dev Open, empty, after its first event.
AccountWord constant OPENED_ACCOUNT = AccountWord.wrap(1 | 1 << 136);

function newLot(uint32 holder, uint64 faceValue, uint32 parent, uint8 tier, uint16 transferCount)
    pure
    returns (LotWord)
{
    return LotWord.wrap(
        uint256(holder) | uint256(faceValue) << 32 | uint256(parent) << 160 | uint256(tier) << 192
            | uint256(transferCount) << 200
    );
}

function newUndertaking(
    uint32 supplier,
    uint40 maturityAt,
    uint40 graceEndsAt,
    uint64 faceValue,
    bytes32 documentFingerprint,
    uint24 programmeId
) pure returns (UndertakingWord) {
    return UndertakingWord.wrap(
        uint256(supplier) | uint256(maturityAt) << 32 | uint256(graceEndsAt) << 72 | uint256(faceValue) << 112
            | uint256(documentFingerprint) >> 200 << 176 | uint256(programmeId) << 232
    );
}

/// @dev On offer, with one lot and its first event; nothing where nothing was undertaken.
function standingAfterIssue(UndertakingWord undertaking) pure returns (StandingWord) {
    if (UndertakingWord.unwrap(undertaking) == 0) return StandingWord.wrap(0);
    return StandingWord.wrap(
        uint256(ReceivableStatus.OFFERED) | 1 << 134 | uint256(undertaking.programmeId()) << 158 | 1 << 182
    );
}

function newProgramme(Programme calldata programme) pure returns (ProgrammeWord) {
    uint256 flags = (programme.acceptanceRequired ? 1 << 216 : 0) | (programme.filingRequired ? 1 << 218 : 0)
        | (programme.hasTenorReason ? 1 << 219 : 0) | (programme.legacy ? 1 << 220 : 0);
    return ProgrammeWord.wrap(
        uint256(uint160(programme.deposit)) | uint256(programme.anchor) << 160 | uint256(uint24(programme.currency))
            << 192 | flags | uint256(programme.maximumTier) << 224 | uint256(programme.maximumTenorDays) << 232
            | uint256(programme.minimumTenorDays) << 248
    );
}

function newLimits(address transferRules, uint64 minimumLotFaceValue, uint32 maximumLots) pure returns (LimitsWord) {
    return LimitsWord.wrap(
        uint256(uint160(transferRules)) | uint256(minimumLotFaceValue) << 160 | uint256(maximumLots) << 224
    );
}

function newTerms(uint8 technique, bool withRecourse, uint16 lateInterestBps, uint32 replaces)
    pure
    returns (TermsWord)
{
    return TermsWord.wrap(
        uint256(technique) | (withRecourse ? 1 << 8 : 0) | uint256(lateInterestBps) << 16 | uint256(replaces) << 32
    );
}

function newTenor(TenorLimits memory limits) pure returns (TenorWord) {
    return TenorWord.wrap(
        uint136(limits.maximumDays) | uint136(limits.usualDays) << 16 | uint136(limits.nextMaximumDays) << 32
            | uint136(limits.nextUsualDays) << 48 | uint136(limits.nextFrom) << 64 | uint136(limits.legacyUntil) << 104
    );
}

function newPending(uint32 to, uint40 expiresAt, bytes32 offer) pure returns (PendingWord) {
    return PendingWord.wrap(uint256(to) | uint256(expiresAt) << 32 | uint256(offer) >> 72 << 72);
}

/// @dev Admitted now, with its first event.
function newParticipant(uint16 kinds, uint40 licenceExpiresAt, uint32 parent, uint40 admittedAt)
    pure
    returns (ParticipantWord)
{
    return ParticipantWord.wrap(
        uint256(kinds) | uint256(ParticipantStatus.ADMITTED) << 16 | uint256(admittedAt) << 24
            | uint256(licenceExpiresAt) << 64 | uint256(parent) << 104 | 1 << 136
    );
}

function newKey(uint32 organisation, uint16 roles, uint8 kind, uint40 validFrom, uint40 validUntil, bytes15 person)
    pure
    returns (KeyWord)
{
    return KeyWord.wrap(
        uint256(organisation) | uint256(roles) << 32 | uint256(kind) << 48 | uint256(validFrom) << 56
            | uint256(validUntil) << 96 | uint256(uint120(person)) << 136
    );
}

/// @dev A limit until an instant, and another from then on.
function newDualControl(uint64 limit, uint64 nextLimit, uint40 nextFrom) pure returns (DualControlWord) {
    return DualControlWord.wrap(uint256(limit) | uint256(nextLimit) << 64 | uint256(nextFrom) << 128);
}

/// @dev A bank until an instant, and another from then on.
function newSettlementBank(uint32 bank, uint32 nextBank, uint40 nextFrom) pure returns (SettlementBankWord) {
    return SettlementBankWord.wrap(uint256(bank) | uint256(nextBank) << 32 | uint256(nextFrom) << 64);
}

/// @dev Entered, with nothing used and no event.
function newDocument(uint64 amount, uint32 obligor, uint32 seller, bytes3 currency, uint8 documentType, uint32 epoch)
    pure
    returns (DocumentWord)
{
    return DocumentWord.wrap(
        uint256(amount) | uint256(obligor) << 64 | uint256(seller) << 96 | uint256(uint24(currency)) << 128
            | uint256(documentType) << 152 | uint256(epoch & 1) << 255
    );
}

/// @dev `word` with `value` in the field that `mask` covers once moved up by `shift`.
function replaced(uint256 word, uint256 shift, uint256 mask, uint256 value) pure returns (uint256) {
    return word & ~(mask << shift) | value << shift;
}

library LotWords {
    function holder(LotWord lot) internal pure returns (uint32) {
        return uint32(LotWord.unwrap(lot));
    }

    function faceValue(LotWord lot) internal pure returns (uint64) {
        return uint64(LotWord.unwrap(lot) >> 32);
    }

    function paid(LotWord lot) internal pure returns (uint64) {
        return uint64(LotWord.unwrap(lot) >> 96);
    }

    function tier(LotWord lot) internal pure returns (uint8) {
        return uint8(LotWord.unwrap(lot) >> 192);
    }

    function transferCount(LotWord lot) internal pure returns (uint16) {
        return uint16(LotWord.unwrap(lot) >> 200);
    }

    function encumbrance(LotWord lot) internal pure returns (Encumbrance) {
        return Encumbrance(uint8(LotWord.unwrap(lot) >> 216));
    }

    function isSettled(LotWord lot) internal pure returns (bool) {
        return uint8(LotWord.unwrap(lot) >> 224) != 0;
    }

    /// @dev Whether somebody has a claim on the lot as it was sold, which no part of it could answer for.
    function isIndivisible(LotWord lot) internal pure returns (bool) {
        return uint8(LotWord.unwrap(lot) >> 232) != 0;
    }

    /// @dev Whether Encumbrances keeps anything about it, or once did: what holds now is asked there.
    function isMarked(LotWord lot) internal pure returns (bool) {
        return LotWord.unwrap(lot) >= MARK;
    }

    function marked(LotWord lot) internal pure returns (LotWord) {
        return LotWord.wrap(LotWord.unwrap(lot) | MARK);
    }

    /// @dev Settled or encumbered: not its holder's to dispose of.
    function isBound(LotWord lot) internal pure returns (bool) {
        return uint16(LotWord.unwrap(lot) >> 216) != 0;
    }

    function parent(LotWord lot) internal pure returns (uint32) {
        return uint32(LotWord.unwrap(lot) >> 160);
    }

    function withFaceValue(LotWord lot, uint64 value) internal pure returns (LotWord) {
        return LotWord.wrap(replaced(LotWord.unwrap(lot), 32, type(uint64).max, value));
    }

    function withPaid(LotWord lot, uint64 value) internal pure returns (LotWord) {
        return LotWord.wrap(replaced(LotWord.unwrap(lot), 96, type(uint64).max, value));
    }

    function withEncumbrance(LotWord lot, Encumbrance value) internal pure returns (LotWord) {
        return LotWord.wrap(replaced(LotWord.unwrap(lot), 216, type(uint8).max, uint8(value)));
    }

    function withIndivisible(LotWord lot, bool value) internal pure returns (LotWord) {
        return LotWord.wrap(replaced(LotWord.unwrap(lot), 232, type(uint8).max, value ? 1 : 0));
    }

    /// @dev In other hands; counted, but no further tier of the supply chain.
    function handedTo(LotWord lot, uint32 to) internal pure returns (LotWord) {
        uint16 count = lot.transferCount() + 1;
        uint256 word = replaced(LotWord.unwrap(lot), 0, type(uint32).max, to);
        return LotWord.wrap(replaced(word, 200, type(uint16).max, count));
    }

    /// @dev In the hands of the next tier of the supply chain.
    function passedOnTo(LotWord lot, uint32 to) internal pure returns (LotWord) {
        uint8 next = lot.tier() + 1;
        return LotWord.wrap(replaced(LotWord.unwrap(lot.handedTo(to)), 192, type(uint8).max, next));
    }

    /// @dev The whole receivable, still with its supplier: never split, moved, encumbered or paid. A freeze that has
    /// ended leaves nothing but its mark.
    function isAsIssued(LotWord lot, uint32 supplier, uint64 receivableFace) internal pure returns (bool) {
        LotWord issued = newLot({holder: supplier, faceValue: receivableFace, parent: 0, tier: 1, transferCount: 0});
        return LotWord.unwrap(lot) & ~MARK == LotWord.unwrap(issued);
    }

    /// @dev Free of any encumbrance, for ever.
    function settled(LotWord lot) internal pure returns (LotWord) {
        return LotWord.wrap(LotWord.unwrap(lot.withEncumbrance(Encumbrance.NONE)) | 1 << 224);
    }

    function toStruct(LotWord lot) internal pure returns (Lot memory) {
        return Lot({
            holder: lot.holder(),
            faceValue: lot.faceValue(),
            paid: lot.paid(),
            parent: lot.parent(),
            tier: lot.tier(),
            transferCount: lot.transferCount(),
            encumbrance: lot.encumbrance(),
            settled: lot.isSettled(),
            indivisible: lot.isIndivisible()
        });
    }
}

library UndertakingWords {
    function supplier(UndertakingWord undertaking) internal pure returns (uint32) {
        return uint32(UndertakingWord.unwrap(undertaking));
    }

    function maturityAt(UndertakingWord undertaking) internal pure returns (uint40) {
        return uint40(UndertakingWord.unwrap(undertaking) >> 32);
    }

    function graceEndsAt(UndertakingWord undertaking) internal pure returns (uint40) {
        return uint40(UndertakingWord.unwrap(undertaking) >> 72);
    }

    function faceValue(UndertakingWord undertaking) internal pure returns (uint64) {
        return uint64(UndertakingWord.unwrap(undertaking) >> 112);
    }

    function withFaceValue(UndertakingWord undertaking, uint64 value) internal pure returns (UndertakingWord) {
        return UndertakingWord.wrap(replaced(UndertakingWord.unwrap(undertaking), 112, type(uint64).max, value));
    }

    function documentTag(UndertakingWord undertaking) internal pure returns (bytes7) {
        return bytes7(uint56(UndertakingWord.unwrap(undertaking) >> 176));
    }

    function programmeId(UndertakingWord undertaking) internal pure returns (uint24) {
        return uint24(UndertakingWord.unwrap(undertaking) >> 232);
    }
}

library StandingWords {
    uint256 private constant AMOUNT = type(uint64).max >> 1;

    function status(StandingWord standing) internal pure returns (ReceivableStatus) {
        return ReceivableStatus(StandingWord.unwrap(standing) & 0xf);
    }

    function arrears(StandingWord standing) internal pure returns (Arrears) {
        return Arrears(StandingWord.unwrap(standing) >> 4 & 0x7);
    }

    /// @dev Whether any of its lots was paid outside the chain, on a bank's attestation.
    function hasAttested(StandingWord standing) internal pure returns (bool) {
        return StandingWord.unwrap(standing) & 0x80 != 0;
    }

    function paid(StandingWord standing) internal pure returns (uint64) {
        return uint64(StandingWord.unwrap(standing) >> 8 & AMOUNT);
    }

    function cleared(StandingWord standing) internal pure returns (uint64) {
        return uint64(StandingWord.unwrap(standing) >> 71 & AMOUNT);
    }

    function lotCount(StandingWord standing) internal pure returns (uint24) {
        return uint24(StandingWord.unwrap(standing) >> 134);
    }

    function programmeId(StandingWord standing) internal pure returns (uint24) {
        return uint24(StandingWord.unwrap(standing) >> 158);
    }

    function sequence(StandingWord standing) internal pure returns (uint32) {
        return uint32(StandingWord.unwrap(standing) >> 182);
    }

    /// @dev The smallest face of a part, or `LOOK_UP_MINIMUM`.
    function minimumLot(StandingWord standing) internal pure returns (uint64) {
        return uint64(StandingWord.unwrap(standing) >> 214);
    }

    function withStatus(StandingWord standing, ReceivableStatus value) internal pure returns (StandingWord) {
        return StandingWord.wrap(replaced(StandingWord.unwrap(standing), 0, 0xf, uint8(value)));
    }

    function withArrears(StandingWord standing, Arrears value) internal pure returns (StandingWord) {
        return StandingWord.wrap(replaced(StandingWord.unwrap(standing), 4, 0x7, uint8(value)));
    }

    function withAttested(StandingWord standing) internal pure returns (StandingWord) {
        return StandingWord.wrap(StandingWord.unwrap(standing) | 0x80);
    }

    function withPaid(StandingWord standing, uint64 value) internal pure returns (StandingWord) {
        return StandingWord.wrap(replaced(StandingWord.unwrap(standing), 8, AMOUNT, value));
    }

    function withCleared(StandingWord standing, uint64 value) internal pure returns (StandingWord) {
        return StandingWord.wrap(replaced(StandingWord.unwrap(standing), 71, AMOUNT, value));
    }

    function withLotCount(StandingWord standing, uint24 value) internal pure returns (StandingWord) {
        return StandingWord.wrap(replaced(StandingWord.unwrap(standing), 134, type(uint24).max, value));
    }

    function withMinimumLot(StandingWord standing, uint64 value) internal pure returns (StandingWord) {
        if (value > LOOK_UP_MINIMUM) value = LOOK_UP_MINIMUM;
        return StandingWord.wrap(replaced(StandingWord.unwrap(standing), 214, LOOK_UP_MINIMUM, value));
    }

    /// @dev One event further in the receivable's stream.
    function advanced(StandingWord standing) internal pure returns (StandingWord) {
        return StandingWord.wrap(StandingWord.unwrap(standing) + (1 << 182));
    }
}

library ProgrammeWords {
    function deposit(ProgrammeWord programme) internal pure returns (address) {
        return address(uint160(ProgrammeWord.unwrap(programme)));
    }

    function anchor(ProgrammeWord programme) internal pure returns (uint32) {
        return uint32(ProgrammeWord.unwrap(programme) >> 160);
    }

    function currency(ProgrammeWord programme) internal pure returns (bytes3) {
        return bytes3(uint24(ProgrammeWord.unwrap(programme) >> 192));
    }

    function acceptanceRequired(ProgrammeWord programme) internal pure returns (bool) {
        return ProgrammeWord.unwrap(programme) & 1 << 216 != 0;
    }

    /// @dev Whether its rules were replaced: else the standard ones hold (libraries/StandardRules.sol).
    function hasOwnRules(ProgrammeWord programme) internal pure returns (bool) {
        return ProgrammeWord.unwrap(programme) & 1 << 217 != 0;
    }

    function withOwnRules(ProgrammeWord programme) internal pure returns (ProgrammeWord) {
        return ProgrammeWord.wrap(ProgrammeWord.unwrap(programme) | 1 << 217);
    }

    function filingRequired(ProgrammeWord programme) internal pure returns (bool) {
        return ProgrammeWord.unwrap(programme) & 1 << 218 != 0;
    }

    function hasTenorReason(ProgrammeWord programme) internal pure returns (bool) {
        return ProgrammeWord.unwrap(programme) & 1 << 219 != 0;
    }

    function isLegacy(ProgrammeWord programme) internal pure returns (bool) {
        return ProgrammeWord.unwrap(programme) & 1 << 220 != 0;
    }

    function minimumTenorDays(ProgrammeWord programme) internal pure returns (uint8) {
        return uint8(ProgrammeWord.unwrap(programme) >> 248);
    }

    function maximumTier(ProgrammeWord programme) internal pure returns (uint8) {
        return uint8(ProgrammeWord.unwrap(programme) >> 224);
    }

    function maximumTenorDays(ProgrammeWord programme) internal pure returns (uint16) {
        return uint16(ProgrammeWord.unwrap(programme) >> 232);
    }
}

library LimitsWords {
    function transferRules(LimitsWord limits) internal pure returns (address) {
        return address(uint160(LimitsWord.unwrap(limits)));
    }

    function minimumLotFaceValue(LimitsWord limits) internal pure returns (uint64) {
        return uint64(LimitsWord.unwrap(limits) >> 160);
    }

    function maximumLots(LimitsWord limits) internal pure returns (uint32) {
        return uint32(LimitsWord.unwrap(limits) >> 224);
    }

    function withTransferRules(LimitsWord limits, address value) internal pure returns (LimitsWord) {
        return LimitsWord.wrap(replaced(LimitsWord.unwrap(limits), 0, type(uint160).max, uint160(value)));
    }

    /// @dev The larger of the programme's minimum and the face over the largest number of lots, rounded up: the number
    /// of lots is bounded without a counter that one holder could exhaust.
    function minimumLot(LimitsWord limits, uint64 receivableFace) internal pure returns (uint64) {
        uint256 minimum = limits.minimumLotFaceValue();
        uint256 lots = limits.maximumLots();
        uint256 share = lots == 0 ? 1 : (uint256(receivableFace) + lots - 1) / lots;
        // Neither is larger than a face value.
        return uint64(share > minimum ? share : minimum);
    }
}

library TermsWords {
    function technique(TermsWord terms) internal pure returns (uint8) {
        return uint8(TermsWord.unwrap(terms));
    }

    function withRecourse(TermsWord terms) internal pure returns (bool) {
        return uint8(TermsWord.unwrap(terms) >> 8) != 0;
    }

    function lateInterestBps(TermsWord terms) internal pure returns (uint16) {
        return uint16(TermsWord.unwrap(terms) >> 16);
    }

    function replaces(TermsWord terms) internal pure returns (uint32) {
        return uint32(TermsWord.unwrap(terms) >> 32);
    }
}

library TenorWords {
    /// @dev The limits at an instant: at most, and without a reason.
    function limitsAt(TenorWord limits, uint256 instant) internal pure returns (uint16 maximumDays, uint16 usualDays) {
        uint256 word = TenorWord.unwrap(limits);
        if (instant >= uint40(word >> 64)) word >>= 32;
        return (uint16(word), uint16(word >> 16));
    }

    function legacyUntil(TenorWord limits) internal pure returns (uint32) {
        return uint32(TenorWord.unwrap(limits) >> 104);
    }

    /// @dev How many days a receivable issued at this instant may run; 0 where its programme's time is over.
    function longest(TenorWord limits, ProgrammeWord programme, uint256 instant) internal pure returns (uint16) {
        uint16 own = programme.maximumTenorDays();
        if (programme.isLegacy()) return instant > limits.legacyUntil() ? 0 : own;
        (uint16 maximumDays, uint16 usualDays) = limits.limitsAt(instant);
        uint16 common = programme.hasTenorReason() ? maximumDays : usualDays;
        return own < common ? own : common;
    }

    function toStruct(TenorWord limits) internal pure returns (TenorLimits memory) {
        uint256 word = TenorWord.unwrap(limits);
        return TenorLimits({
            maximumDays: uint16(word),
            usualDays: uint16(word >> 16),
            nextMaximumDays: uint16(word >> 32),
            nextUsualDays: uint16(word >> 48),
            nextFrom: uint40(word >> 64),
            legacyUntil: uint32(word >> 104)
        });
    }
}

library PendingWords {
    /// @dev The receiver; 0 where nothing is pending.
    function to(PendingWord pending) internal pure returns (uint32) {
        return uint32(PendingWord.unwrap(pending));
    }

    function expiresAt(PendingWord pending) internal pure returns (uint40) {
        return uint40(PendingWord.unwrap(pending) >> 32);
    }

    function isOf(PendingWord pending, bytes32 offer) internal pure returns (bool) {
        return PendingWord.unwrap(pending) >> 72 == uint256(offer) >> 72;
    }

    function toStruct(PendingWord pending) internal pure returns (PendingTransfer memory) {
        return PendingTransfer({
            to: pending.to(),
            expiresAt: pending.expiresAt(),
            offer: bytes23(bytes32(PendingWord.unwrap(pending) >> 72 << 72))
        });
    }
}

library ParticipantWords {
    function kinds(ParticipantWord subject) internal pure returns (uint16) {
        return uint16(ParticipantWord.unwrap(subject));
    }

    function status(ParticipantWord subject) internal pure returns (ParticipantStatus) {
        return ParticipantStatus(uint8(ParticipantWord.unwrap(subject) >> 16));
    }

    function admittedAt(ParticipantWord subject) internal pure returns (uint40) {
        return uint40(ParticipantWord.unwrap(subject) >> 24);
    }

    function licenceExpiresAt(ParticipantWord subject) internal pure returns (uint40) {
        return uint40(ParticipantWord.unwrap(subject) >> 64);
    }

    function parent(ParticipantWord subject) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(subject) >> 104);
    }

    function sequence(ParticipantWord subject) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(subject) >> 136);
    }

    function withStatus(ParticipantWord subject, ParticipantStatus value) internal pure returns (ParticipantWord) {
        return ParticipantWord.wrap(replaced(ParticipantWord.unwrap(subject), 16, type(uint8).max, uint256(value)));
    }

    function withTerms(ParticipantWord subject, uint16 kinds_, uint40 licenceExpiresAt_, uint32 parent_)
        internal
        pure
        returns (ParticipantWord)
    {
        uint256 word = replaced(ParticipantWord.unwrap(subject), 0, type(uint16).max, kinds_);
        word = replaced(word, 64, type(uint40).max, licenceExpiresAt_);
        return ParticipantWord.wrap(replaced(word, 104, type(uint32).max, parent_));
    }

    /// @dev One event further in the organisation's stream.
    function advanced(ParticipantWord subject) internal pure returns (ParticipantWord) {
        return ParticipantWord.wrap(ParticipantWord.unwrap(subject) + (1 << 136));
    }

    function toStruct(ParticipantWord subject) internal pure returns (Participant memory) {
        return Participant({
            kinds: subject.kinds(),
            status: subject.status(),
            admittedAt: subject.admittedAt(),
            licenceExpiresAt: subject.licenceExpiresAt(),
            parent: subject.parent(),
            sequence: subject.sequence()
        });
    }
}

library KeyWords {
    function organisation(KeyWord key) internal pure returns (uint32) {
        return uint32(KeyWord.unwrap(key));
    }

    function roles(KeyWord key) internal pure returns (uint16) {
        return uint16(KeyWord.unwrap(key) >> 32);
    }

    function kind(KeyWord key) internal pure returns (uint8) {
        return uint8(KeyWord.unwrap(key) >> 48);
    }

    function validFrom(KeyWord key) internal pure returns (uint40) {
        return uint40(KeyWord.unwrap(key) >> 56);
    }

    function validUntil(KeyWord key) internal pure returns (uint40) {
        return uint40(KeyWord.unwrap(key) >> 96);
    }

    function person(KeyWord key) internal pure returns (bytes15) {
        return bytes15(uint120(KeyWord.unwrap(key) >> 136));
    }

    function endedAt(KeyWord key, uint40 instant) internal pure returns (KeyWord) {
        return KeyWord.wrap(replaced(KeyWord.unwrap(key), 96, type(uint40).max, instant));
    }

    function toStruct(KeyWord key) internal pure returns (Key memory) {
        return Key({
            organisation: key.organisation(),
            roles: key.roles(),
            kind: key.kind(),
            validFrom: key.validFrom(),
            validUntil: key.validUntil(),
            person: key.person()
        });
    }
}

library DualControlWords {
    function atTime(DualControlWord word, uint256 instant) internal pure returns (uint64) {
        uint256 value = DualControlWord.unwrap(word);
        return instant < uint40(value >> 128) ? uint64(value) : uint64(value >> 64);
    }

    function next(DualControlWord word) internal pure returns (uint64) {
        return uint64(DualControlWord.unwrap(word) >> 64);
    }

    function nextFrom(DualControlWord word) internal pure returns (uint40) {
        return uint40(DualControlWord.unwrap(word) >> 128);
    }
}

library SettlementBankWords {
    function atTime(SettlementBankWord word, uint256 instant) internal pure returns (uint32) {
        uint256 value = SettlementBankWord.unwrap(word);
        return instant < uint40(value >> 64) ? uint32(value) : uint32(value >> 32);
    }
}

library AccountWords {
    function isOpen(AccountWord account) internal pure returns (bool) {
        return AccountWord.unwrap(account) != 0;
    }

    function balance(AccountWord account) internal pure returns (uint64) {
        return uint64(AccountWord.unwrap(account) >> 8);
    }

    function earmarked(AccountWord account) internal pure returns (uint64) {
        return uint64(AccountWord.unwrap(account) >> 72);
    }

    function sequence(AccountWord account) internal pure returns (uint32) {
        return uint32(AccountWord.unwrap(account) >> 136);
    }

    /// @dev With these amounts, one event further in the account's stream.
    function changed(AccountWord account, uint64 balance_, uint64 earmarked_) internal pure returns (AccountWord) {
        uint256 next = (AccountWord.unwrap(account) >> 136) + 1;
        return AccountWord.wrap(1 | uint256(balance_) << 8 | uint256(earmarked_) << 72 | next << 136);
    }

    function toStruct(AccountWord account) internal pure returns (DepositAccount memory) {
        return DepositAccount({
            isOpen: account.isOpen(),
            balance: account.balance(),
            earmarked: account.earmarked(),
            sequence: account.sequence()
        });
    }
}

library DocumentWords {
    function amount(DocumentWord document) internal pure returns (uint64) {
        return uint64(DocumentWord.unwrap(document));
    }

    function used(DocumentWord document) internal pure returns (uint64) {
        return uint64(DocumentWord.unwrap(document) >> 160);
    }

    function sequence(DocumentWord document) internal pure returns (uint32) {
        return uint32(DocumentWord.unwrap(document) >> 224) & type(uint32).max >> 1;
    }

    function isCarried(DocumentWord document) internal pure returns (bool) {
        return DocumentWord.unwrap(document) == DocumentWord.unwrap(CARRIED_DOCUMENT);
    }

    function isOfEpoch(DocumentWord document, uint32 epoch) internal pure returns (bool) {
        return DocumentWord.unwrap(document) >> 255 == epoch & 1;
    }

    /// @dev The same in the next epoch, one event further in the document's stream.
    function inNextEpoch(DocumentWord document) internal pure returns (DocumentWord) {
        return DocumentWord.wrap((DocumentWord.unwrap(document) ^ 1 << 255) + (1 << 224));
    }

    /// @dev Whether both are the same document, however much of it is used.
    function isSameAs(DocumentWord document, DocumentWord other) internal pure returns (bool) {
        return uint160(DocumentWord.unwrap(document)) == uint160(DocumentWord.unwrap(other));
    }

    /// @dev With this much used, one event further in the document's stream.
    function withUsed(DocumentWord document, uint64 value) internal pure returns (DocumentWord) {
        uint256 word = replaced(DocumentWord.unwrap(document), 160, type(uint64).max, value);
        return DocumentWord.wrap(word + (1 << 224));
    }

    function toStruct(DocumentWord document) internal pure returns (Document memory) {
        uint256 word = DocumentWord.unwrap(document);
        return Document({
            amount: document.amount(),
            used: document.used(),
            obligor: uint32(word >> 64),
            seller: uint32(word >> 96),
            currency: bytes3(uint24(word >> 128)),
            documentType: uint8(word >> 152),
            sequence: document.sequence()
        });
    }
}
