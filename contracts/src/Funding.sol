// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FinancingRequest, FinancingStatus, IFinancingMarket} from "./interfaces/IFinancingMarket.sol";
import {BorneInterest, Funding as Awaited, IFunding} from "./interfaces/IFunding.sol";
import {IEncumbrances} from "./interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {ITransferRules, Movement} from "./interfaces/ITransferRules.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {StandardRules} from "./libraries/StandardRules.sol";
import {LotId} from "./types/Ids.sol";
import {ReceivableStatus} from "./types/Ledger.sol";
import {
    AttestFunding,
    AwardQuote,
    BearInterest,
    ConfirmFunding,
    DENY_FUNDING_TYPEHASH,
    FundingEnd,
    Quote,
    RELEASE_FUNDING_TYPEHASH
} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";
import {LimitsWord, LotWord, ProgrammeWord, StandingWord, UndertakingWord} from "./types/Words.sol";

/// @notice Specified in IFunding.
contract Funding is IFunding {
    using Authorisation for IParticipantRegistry;

    /// @dev How long after the instant to pay by an award still waits for its price to be attested.
    uint40 private constant LONG_STOP = 7 days;
    uint16 private constant WHOLE_BPS = 10_000;

    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;
    IFinancingMarket public immutable market;

    mapping(uint64 requestId => Awaited) private _awaited;
    mapping(uint64 requestId => BorneInterest) private _borneInterests;
    /// @dev What payees confirmed they were paid, by the hash of all of it.
    mapping(bytes32 payment => bool) private _confirmed;

    constructor(IParticipantRegistry registry_, IReceivableLedger ledger_, IFinancingMarket market_) {
        registry = registry_;
        ledger = ledger_;
        market = market_;
    }

    // --- Market

    /// @inheritdoc IFunding
    function awaitFunding(AwardQuote calldata order, Quote calldata quote, uint32 sequence, bool usesLine) external {
        // Check
        _requireMarket();
        _requireFundable(quote);
        uint32 bank = registry.settlementBankOf(quote.holder, quote.currency);
        if (bank == 0) revert SettlementBankMissing(quote.holder, quote.currency);
        registry.checkAct(bank, Act.ATTEST_FUNDING);
        if (order.obligorInterest != 0) _requireShare(order, quote);
        // Effect
        _awaited[order.requestId] = Awaited({
            quote: order.quote,
            funder: quote.organisation,
            bank: bank,
            payBy: uint40(quote.payBy),
            netProceeds: quote.netProceeds,
            usesLine: usesLine,
            holdback: quote.holdback,
            obligorInterest: order.obligorInterest
        });
        emit FundingAwaited(
            order.requestId,
            quote.lotId.receivableOf(),
            sequence,
            bank,
            quote.holdback,
            order.obligorInterest,
            uint40(quote.payBy)
        );
    }

    /// @inheritdoc IFunding
    function payInterest(AwardQuote calldata order, Quote calldata quote) external {
        // Check
        _requireMarket();
        _requireShare(order, quote);
        // Effect
        _payInterest(order.requestId, quote.lotId.receivableOf(), quote.holder, order.obligorInterest);
    }

    // --- Participants' orders

    /// @inheritdoc IFunding
    function confirmFunding(ConfirmFunding calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.CONFIRM_FUNDING, order.currency, order.amount, approvals);
        _awaitedOf(order.requestId, order.quote);
        LotId lotId = market.financingRequest(order.requestId).lotId;
        _requireHolder(lotId, ledger.lotWord(lotId), order.organisation);
        // Effect
        _confirmed[_confirmation(order)] = true;
        uint64 receivableId = lotId.receivableOf();
        emit FundingConfirmed(
            order.requestId,
            receivableId,
            market.advance(receivableId),
            order.organisation,
            order.bank,
            order.amount,
            order.lineHash
        );
    }

    /// @inheritdoc IFunding
    function attestFunding(AttestFunding calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.ATTEST_FUNDING, order.currency, order.amount, approvals);
        Awaited memory entry = _awaitedOf(order.requestId, order.quote);
        LotId lotId = market.financingRequest(order.requestId).lotId;
        ISettlement settlement = ISettlement(ledger.settlement());
        _requireAttested(order, entry, lotId, settlement);
        // Effect
        delete _awaited[order.requestId];
        settlement.useLine(lotId, order.organisation, order.lineHash, order.lineAmount, order.amount);
        uint32 sequence = market.completeFunding(order.requestId, entry);
        _emitAttested(order, entry.funder, lotId, sequence);
        if (entry.obligorInterest != 0) {
            _payInterest(order.requestId, lotId.receivableOf(), order.payee, entry.obligorInterest);
        }
    }

    /// @inheritdoc IFunding
    function releaseFunding(FundingEnd calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(RELEASE_FUNDING_TYPEHASH, order);
        // Check
        registry.authorise(orderHash, head, Act.RELEASE_FUNDING, bytes3(0), 0, approvals);
        Awaited memory entry = _awaitedOf(order.requestId, order.quote);
        if (order.organisation != entry.funder) {
            revert NotFunder(order.requestId, entry.funder, order.organisation);
        }
        // Effect
        _fail(order.requestId, entry);
    }

    /// @inheritdoc IFunding
    function denyFunding(FundingEnd calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(DENY_FUNDING_TYPEHASH, order);
        // Check
        registry.authorise(orderHash, head, Act.DENY_FUNDING, bytes3(0), 0, approvals);
        Awaited memory entry = _awaitedOf(order.requestId, order.quote);
        if (order.organisation != entry.bank) {
            uint32 payee = ledger.lotWord(market.financingRequest(order.requestId).lotId).holder();
            revert ISettlement.NotPayeesBank(payee, entry.bank, order.organisation);
        }
        if (block.timestamp <= entry.payBy) revert FundingAwaitedUntil(order.requestId, entry.payBy);
        // Effect
        _fail(order.requestId, entry);
    }

    /// @inheritdoc IFunding
    function lapseFunding(uint64 requestId) external {
        // Check
        Awaited memory entry = _awaitedOf(requestId, _awaited[requestId].quote);
        uint40 longStopAt = entry.payBy + LONG_STOP;
        if (block.timestamp <= longStopAt) revert FundingAwaitedUntil(requestId, longStopAt);
        // Effect
        _fail(requestId, entry);
    }

    /// @inheritdoc IFunding
    function bearInterest(BearInterest calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        if (order.target != address(this)) revert IParticipantRegistry.WrongTarget(order.target, address(this));
        uint64 receivableId = _requireBearable(order);
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        if (order.organisation != rules.anchor()) {
            revert ISettlement.NotObligor(receivableId, rules.anchor(), order.organisation);
        }
        _requireCurrency(order.currency, rules);
        // Effect
        _borneInterests[order.requestId] =
            BorneInterest({amount: order.amount, expiresAt: uint40(order.expiresAt), shareBps: order.shareBps});
        emit InterestBorne(
            order.requestId,
            receivableId,
            market.advance(receivableId),
            order.organisation,
            order.shareBps,
            order.amount,
            uint40(order.expiresAt)
        );
        // Interaction: the deposit checks the anchor's signature.
        bytes memory arguments = abi.encodeWithSelector(
            ITokenisedDeposit.reserve.selector, order.organisation, order.amount, _reserveOf(order.requestId)
        );
        Authorisation.callSigned(rules.deposit(), arguments, orderHash, head, Act.BEAR_INTEREST, approvals);
    }

    /// @inheritdoc IFunding
    function releaseInterest(uint64 requestId) external {
        // Check
        BorneInterest memory entry = _borneInterests[requestId];
        if (entry.amount == 0) revert InterestNotBorne(requestId);
        FinancingRequest memory request = market.financingRequest(requestId);
        bool isOpen = request.status == FinancingStatus.REQUESTED && block.timestamp <= entry.expiresAt;
        if (isOpen || _awaited[requestId].obligorInterest != 0) revert InterestBinding(requestId, entry.expiresAt);
        // Effect
        ProgrammeWord rules = _endInterest(requestId, request.lotId.receivableOf(), 0);
        ITokenisedDeposit(rules.deposit()).release(rules.anchor(), _reserveOf(requestId));
    }

    // --- Views

    function awaited(uint64 requestId) external view returns (Awaited memory) {
        return _awaited[requestId];
    }

    function borneInterest(uint64 requestId) external view returns (BorneInterest memory) {
        return _borneInterests[requestId];
    }

    // --- Internals

    function _requireMarket() private view {
        if (msg.sender != address(market)) revert IReceivableLedger.CompanionRequired(msg.sender);
    }

    /// @dev The award of this very quote, which waits for its price.
    function _awaitedOf(uint64 requestId, bytes32 quote) private view returns (Awaited memory entry) {
        entry = _awaited[requestId];
        if (entry.funder == 0 || entry.quote != quote) revert FundingNotAwaited(requestId, quote);
    }

    /// @dev The whole lot as quoted, neither frozen nor paid, for a funder that may have it, and in time: nothing that
    /// is so now may keep title from a funder that has paid. The ledger asks again when the price has come in.
    function _requireFundable(Quote calldata quote) private view {
        LotId lotId = quote.lotId;
        LotWord lot = ledger.lotWord(lotId);
        _requireHolder(lotId, lot, quote.holder);
        if (lot.faceValue() != quote.faceValue || lot.paid() != quote.paid) {
            revert IReceivableLedger.LotChanged(lotId, lot.faceValue(), lot.paid());
        }
        if (lot.paid() != 0) revert IReceivableLedger.LotPartlyPaid(lotId, lot.paid());
        if (lot.faceValue() != quote.partFaceValue) {
            revert PartByTransfer(quote.requestId, quote.partFaceValue, lot.faceValue());
        }
        if (lot.isMarked()) _requireUnclaimed(quote);
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(lotId.receivableOf());
        ReceivableStatus status = standing.status();
        if (status != ReceivableStatus.ACTIVE) {
            revert IReceivableLedger.ReceivableNotActive(lotId.receivableOf(), status);
        }
        if (quote.payBy <= block.timestamp || uint256(quote.payBy) + LONG_STOP >= undertaking.maturityAt()) {
            revert IReceivableLedger.InstantOutOfRange(quote.payBy);
        }
        bytes4 reason = _refusal(quote, lot, standing);
        if (reason != bytes4(0)) revert IReceivableLedger.TransferRefused(lotId, quote.organisation, reason);
    }

    /// @dev Not frozen; and with a holdback, nothing held back for an earlier seller.
    function _requireUnclaimed(Quote calldata quote) private view {
        IEncumbrances encumbrances = ledger.encumbrances();
        uint40 until = encumbrances.frozenUntil(quote.lotId);
        if (until != 0) revert IReceivableLedger.LotFrozen(quote.lotId, until);
        if (quote.holdback == 0) return;
        (uint32 seller, uint64 amount) = encumbrances.holdbackOf(quote.lotId);
        if (seller != 0 && seller != quote.holder) {
            revert IEncumbrances.HoldbackStanding(quote.lotId, seller, amount);
        }
    }

    /// @dev As the ledger asks when it delivers; and whatever rules a programme has, its anchor pays early instead.
    function _refusal(Quote calldata quote, LotWord lot, StandingWord standing) private view returns (bytes4) {
        (ProgrammeWord rules, LimitsWord limits,) = ledger.programmeWords(standing.programmeId());
        if (quote.organisation == rules.anchor()) return ITransferRules.ReceiverIsObligor.selector;
        Movement memory movement = Movement({
            from: quote.holder,
            to: quote.organisation,
            obligor: rules.anchor(),
            tier: lot.tier(),
            maximumTier: rules.maximumTier(),
            deposit: rules.deposit()
        });
        return rules.hasOwnRules()
            ? ITransferRules(limits.transferRules()).check(movement)
            : StandardRules.refusal(registry, movement);
    }

    /// @dev The payee's bank says what both sides signed; where it is the funder's as well, or the funder's is not
    /// known, the payee says it too.
    function _requireAttested(AttestFunding calldata order, Awaited memory entry, LotId lotId, ISettlement settlement)
        private
        view
    {
        ProgrammeWord rules = ledger.programmeRulesOf(lotId.receivableOf());
        _requireCurrency(order.currency, rules);
        if (order.organisation != entry.bank) {
            revert ISettlement.NotPayeesBank(order.payee, entry.bank, order.organisation);
        }
        _requireHolder(lotId, ledger.lotWord(lotId), order.payee);
        if (order.amount != entry.netProceeds) {
            revert FundedAmountDiffers(order.requestId, entry.netProceeds, order.amount);
        }
        _requireNotBlocked(order.payee);
        _requireNotBlocked(entry.funder);
        if (order.valueAt > block.timestamp) revert IReceivableLedger.InstantOutOfRange(order.valueAt);
        if (!settlement.isFarFrom(entry.bank, entry.funder, rules) && !_confirmed[_confirmationOf(order)]) {
            revert ISettlement.ConfirmationMissing(lotId, order.payee, order.organisation);
        }
    }

    function _fail(uint64 requestId, Awaited memory entry) private {
        delete _awaited[requestId];
        market.failFunding(requestId, entry);
    }

    /// @return receivableId That of the request, which is open and whose discount nobody bears a share of yet.
    function _requireBearable(BearInterest calldata order) private view returns (uint64 receivableId) {
        FinancingRequest memory request = market.financingRequest(order.requestId);
        if (request.status == FinancingStatus.NONE) revert IFinancingMarket.RequestUnknown(order.requestId);
        if (request.status != FinancingStatus.REQUESTED) {
            revert IFinancingMarket.RequestNotOpen(order.requestId, request.status);
        }
        if (LotId.unwrap(request.lotId) != LotId.unwrap(order.lotId)) {
            revert IFinancingMarket.RequestChanged(order.requestId, request.lotId);
        }
        if (_borneInterests[order.requestId].amount != 0) revert InterestAlreadyBorne(order.requestId);
        if (order.shareBps == 0 || order.shareBps > WHOLE_BPS) revert InterestShareMalformed(order.shareBps);
        if (order.amount == 0) revert IReceivableLedger.AmountMissing();
        if (order.expiresAt <= block.timestamp || order.expiresAt > request.expiresAt) {
            revert IReceivableLedger.InstantOutOfRange(order.expiresAt);
        }
        return order.lotId.receivableOf();
    }

    /// @dev The anchor's share of the discount, half-up, of what it set aside and only while that binds.
    function _requireShare(AwardQuote calldata order, Quote calldata quote) private view {
        BorneInterest memory entry = _borneInterests[order.requestId];
        uint256 interest;
        if (block.timestamp <= entry.expiresAt) {
            uint256 discount = quote.partFaceValue - quote.holdback - quote.netProceeds;
            interest = (discount * entry.shareBps + WHOLE_BPS / 2) / WHOLE_BPS;
            if (interest > entry.amount) interest = entry.amount;
        }
        if (interest != order.obligorInterest) {
            revert InterestChanged(order.requestId, uint64(interest), order.obligorInterest);
        }
    }

    function _payInterest(uint64 requestId, uint64 receivableId, uint32 payee, uint64 interest) private {
        ProgrammeWord rules = _endInterest(requestId, receivableId, interest);
        ITokenisedDeposit(rules.deposit()).payReserved(rules.anchor(), payee, interest, _reserveOf(requestId));
    }

    function _endInterest(uint64 requestId, uint64 receivableId, uint64 amount) private returns (ProgrammeWord rules) {
        delete _borneInterests[requestId];
        rules = ledger.programmeRulesOf(receivableId);
        emit InterestEnded(requestId, receivableId, market.advance(receivableId), rules.anchor(), amount);
    }

    /// @dev Under which the deposit keeps what an anchor set aside; no quote's hash is that small.
    function _reserveOf(uint64 requestId) private pure returns (bytes32) {
        return bytes32(uint256(requestId));
    }

    function _emitAttested(AttestFunding calldata order, uint32 funder, LotId lotId, uint32 sequence) private {
        emit FundingAttested(
            order.requestId,
            lotId.receivableOf(),
            sequence,
            lotId.sequenceOf(),
            order.payee,
            funder,
            order.organisation,
            order.amount,
            uint40(order.valueAt),
            order.lineHash
        );
    }

    /// @dev The same for order and confirmation: who was paid, by whose word, and every field they share.
    function _confirmationOf(AttestFunding calldata order) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                order.payee,
                order.organisation,
                order.requestId,
                order.quote,
                order.currency,
                order.amount,
                order.valueAt,
                order.lineHash,
                order.lineAmount
            )
        );
    }

    function _confirmation(ConfirmFunding calldata order) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                order.organisation,
                order.bank,
                order.requestId,
                order.quote,
                order.currency,
                order.amount,
                order.valueAt,
                order.lineHash,
                order.lineAmount
            )
        );
    }

    function _requireHolder(LotId lotId, LotWord lot, uint32 organisation) private pure {
        if (lot.holder() != organisation) revert IReceivableLedger.NotHolder(lotId, lot.holder(), organisation);
    }

    function _requireNotBlocked(uint32 organisation) private view {
        if (registry.statusOf(organisation) == ParticipantStatus.BLOCKED) {
            revert IParticipantRegistry.ParticipantBlocked(organisation);
        }
    }

    function _requireCurrency(bytes3 currency, ProgrammeWord rules) private pure {
        if (rules.currency() != currency) revert ITokenisedDeposit.WrongCurrency(currency, rules.currency());
    }
}
