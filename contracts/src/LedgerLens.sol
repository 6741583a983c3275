// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILedgerLens, ReceivableState} from "./interfaces/ILedgerLens.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "./types/Ids.sol";
import {Lot, PendingTransfer, Programme, ReceivableProgress, ReceivableTerms} from "./types/Ledger.sol";
import {
    LOOK_UP_MINIMUM,
    LimitsWord,
    LotWord,
    ProgrammeWord,
    StandingWord,
    TermsWord,
    UndertakingWord
} from "./types/Words.sol";

/// @notice Specified in ILedgerLens.
contract LedgerLens is ILedgerLens {
    IReceivableLedger public immutable ledger;

    constructor(IReceivableLedger ledger_) {
        ledger = ledger_;
    }

    // --- Receivables and lots

    /// @inheritdoc ILedgerLens
    function lot(LotId lotId) external view returns (Lot memory) {
        return ledger.lotWord(lotId).toStruct();
    }

    /// @inheritdoc ILedgerLens
    function receivableTerms(uint64 receivableId) external view returns (ReceivableTerms memory) {
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(receivableId);
        return _terms(undertaking, standing);
    }

    /// @inheritdoc ILedgerLens
    function receivableProgress(uint64 receivableId) external view returns (ReceivableProgress memory) {
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(receivableId);
        return _progress(undertaking, standing);
    }

    /// @inheritdoc ILedgerLens
    function receivable(uint64 receivableId) public view returns (ReceivableState memory state) {
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(receivableId);
        state.terms = _terms(undertaking, standing);
        state.progress = _progress(undertaking, standing);
        state.lots = new Lot[](standing.lotCount());
        for (uint32 sequence = 1; sequence <= state.lots.length; ++sequence) {
            state.lots[sequence - 1] = ledger.lotWord(toLotId(receivableId, sequence)).toStruct();
        }
    }

    /// @inheritdoc ILedgerLens
    function receivables(uint64 firstReceivableId, uint64 count)
        external
        view
        returns (ReceivableState[] memory states)
    {
        states = new ReceivableState[](count);
        for (uint64 i; i < count; ++i) {
            states[i] = receivable(firstReceivableId + i);
        }
    }

    /// @inheritdoc ILedgerLens
    function pendingTransfer(LotId lotId) external view returns (PendingTransfer memory) {
        return ledger.pendingWord(lotId).toStruct();
    }

    // --- Programmes

    /// @inheritdoc ILedgerLens
    function programme(uint32 programmeId) external view returns (Programme memory subject) {
        (ProgrammeWord rules, LimitsWord limits, TermsWord terms) = ledger.programmeWords(programmeId);
        subject.anchor = rules.anchor();
        subject.currency = rules.currency();
        subject.technique = terms.technique();
        subject.withRecourse = terms.withRecourse();
        subject.acceptanceRequired = rules.acceptanceRequired();
        subject.maximumTier = rules.maximumTier();
        subject.maximumLots = limits.maximumLots();
        subject.minimumLotFaceValue = limits.minimumLotFaceValue();
        subject.maximumTenorDays = rules.maximumTenorDays();
        subject.hasTenorReason = rules.hasTenorReason();
        subject.legacy = rules.isLegacy();
        subject.minimumTenorDays = rules.minimumTenorDays();
        subject.filingRequired = rules.filingRequired();
        subject.lateInterestBps = terms.lateInterestBps();
        subject.replaces = terms.replaces();
        subject.deposit = rules.deposit();
        subject.transferRules = limits.transferRules();
    }

    /// @inheritdoc ILedgerLens
    function minimumLot(uint64 receivableId) external view returns (uint64) {
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(receivableId);
        // Set by the first act after issue, and no lower when the anchor pays lots early: else there could be more
        // lots.
        uint64 minimum = standing.minimumLot();
        if (minimum != 0 && minimum != LOOK_UP_MINIMUM) return minimum;
        (, LimitsWord limits,) = ledger.programmeWords(standing.programmeId());
        return limits.minimumLot(undertaking.faceValue());
    }

    // --- Token standards

    /// @inheritdoc ILedgerLens
    function slotOf(uint256 tokenId) external pure returns (uint256) {
        return LotId.wrap(uint96(tokenId)).receivableOf();
    }

    /// @inheritdoc ILedgerLens
    function balanceOf(uint256 tokenId) external view returns (uint256) {
        LotWord subject = ledger.lotWord(LotId.wrap(uint96(tokenId)));
        return subject.isSettled() ? 0 : subject.faceValue() - subject.paid();
    }

    /// @inheritdoc ILedgerLens
    function ownerOf(uint256 tokenId) external view returns (address) {
        return address(uint160(ledger.lotWord(LotId.wrap(uint96(tokenId))).holder()));
    }

    // --- Internals

    function _terms(UndertakingWord undertaking, StandingWord standing) private view returns (ReceivableTerms memory) {
        uint32 programmeId = standing.programmeId();
        (ProgrammeWord rules,,) = ledger.programmeWords(programmeId);
        return ReceivableTerms({
            obligor: rules.anchor(),
            supplier: undertaking.supplier(),
            programmeId: programmeId,
            maturityAt: undertaking.maturityAt(),
            graceEndsAt: undertaking.graceEndsAt(),
            faceValue: undertaking.faceValue()
        });
    }

    function _progress(UndertakingWord undertaking, StandingWord standing)
        private
        pure
        returns (ReceivableProgress memory)
    {
        return ReceivableProgress({
            status: standing.status(),
            paid: standing.paid(),
            cleared: standing.cleared(),
            lotCount: standing.lotCount(),
            sequence: standing.sequence(),
            arrears: standing.arrears(),
            documentTag: undertaking.documentTag()
        });
    }
}
