// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "./interfaces/ICreditLines.sol";
import {IEncumbrances} from "./interfaces/IEncumbrances.sol";
import {FinancingRequest, FinancingStatus, FundedQuote, IFinancingMarket} from "./interfaces/IFinancingMarket.sol";
import {Funding, IFunding} from "./interfaces/IFunding.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {ITransferRules} from "./interfaces/ITransferRules.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {DiscountLib} from "./libraries/DiscountLib.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotId, toLotId} from "./types/Ids.sol";
import {
    AwardQuote,
    ClaimRecourse,
    FundQuote,
    Quote,
    RecordFiling,
    RepurchaseLot,
    RequestFinancing,
    WithdrawFinancingRequest
} from "./types/Orders.sol";
import {Act, Approval} from "./types/Participants.sol";
import {LotWord, ProgrammeWord, StandingWord, TermsWord, UndertakingWord} from "./types/Words.sol";

/// @notice Specified in IFinancingMarket.
contract FinancingMarket is IFinancingMarket {
    using Authorisation for IParticipantRegistry;

    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;
    ICreditLines public immutable creditLines;
    IFunding public immutable funding;

    /// @dev Who sold a lot with recourse, and whether the claim was made.
    struct Recourse {
        uint32 seller;
        bool isClaimed;
    }

    uint64 public requestCount;
    mapping(uint64 requestId => FinancingRequest) private _requests;
    /// @notice Funders that have set a credit line, and so buy nothing without one.
    mapping(uint32 funder => bool) public needsCreditLine;
    /// @dev The sellers with recourse of a lot, the latest last.
    mapping(LotId lotId => Recourse[]) private _recourse;

    /// @notice What a funder filed with the national registry for a request: a commitment to the number it was given.
    mapping(uint64 requestId => mapping(uint32 funder => bytes32)) public filing;

    /// @dev By funder as well, so that nobody can fund another's quote before it.
    mapping(uint32 funder => mapping(bytes32 quote => FundedQuote)) private _fundedQuotes;

    constructor(
        IParticipantRegistry registry_,
        IReceivableLedger ledger_,
        ICreditLines creditLines_,
        IFunding funding_
    ) {
        registry = registry_;
        ledger = ledger_;
        creditLines = creditLines_;
        funding = funding_;
    }

    /// @inheritdoc IFinancingMarket
    function requestFinancing(RequestFinancing calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(order.target);
        if (order.expiresAt <= block.timestamp || order.expiresAt > type(uint40).max) {
            revert IReceivableLedger.InstantOutOfRange(order.expiresAt);
        }
        (uint32 holder, uint32 sequence) = _lock(order, orderHash, head, approvals);
        if (holder != order.organisation) {
            revert IReceivableLedger.NotHolder(order.lotId, holder, order.organisation);
        }
        _requireTenor(order.lotId.receivableOf(), ledger.programmeRulesOf(order.lotId.receivableOf()));
        // Effect
        uint64 requestId = ++requestCount;
        _requests[requestId] = FinancingRequest({
            lotId: order.lotId,
            partFaceValue: order.partFaceValue,
            expiresAt: uint40(order.expiresAt),
            status: FinancingStatus.REQUESTED,
            withRecourse: order.withRecourse
        });
        emit FinancingRequested(
            requestId,
            order.lotId.receivableOf(),
            sequence,
            order.lotId.sequenceOf(),
            holder,
            order.partFaceValue,
            order.withRecourse,
            uint40(order.expiresAt)
        );
    }

    /// @inheritdoc IFinancingMarket
    function withdrawFinancingRequest(WithdrawFinancingRequest calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.WITHDRAW_FINANCING_REQUEST, bytes3(0), 0, approvals);
        FinancingRequest memory request = _openRequest(order.requestId);
        uint32 holder = _end(order.requestId, request, FinancingStatus.WITHDRAWN);
        if (holder != order.organisation) {
            revert IReceivableLedger.NotHolder(request.lotId, holder, order.organisation);
        }
    }

    /// @inheritdoc IFinancingMarket
    function lapseFinancingRequest(uint64 requestId) external {
        FinancingRequest memory request = _openRequest(requestId);
        if (block.timestamp <= request.expiresAt) revert RequestNotExpired(requestId, request.expiresAt);
        _end(requestId, request, FinancingStatus.LAPSED);
    }

    /// @inheritdoc IFinancingMarket
    function awardQuote(
        AwardQuote calldata order,
        Approval[] calldata approvals,
        Quote calldata quote,
        Approval[] calldata quoteApprovals
    ) external {
        (bytes32 quoteHash, OrderHead calldata quoteHead) = OrderReader.read(quote);
        // Check: the holder awards this very quote, and the quote is for this request as it stands.
        _requireTarget(order.target);
        _requireTarget(quote.target);
        _requireMatch(order, quote, quoteHash);
        FinancingRequest memory request = _openRequest(order.requestId);
        if (block.timestamp > request.expiresAt) revert RequestExpired(order.requestId, request.expiresAt);
        _requireQuoted(request, quote, quoteHash);
        if (quote.payBy != 0) {
            _awardByTransfer(order, approvals, quote, quoteApprovals, request);
            return;
        }
        // Effect
        request.status = FinancingStatus.FUNDED;
        _requests[order.requestId] = request;
        // Interaction: title and money, both or neither; each owner's contract checks its owner's signature.
        bool isFunded = quoteApprovals.length == 0;
        bool usesLine = isFunded && _draw(quote, quoteHash);
        (LotId delivered, uint32 sequence) = _deliver(order, approvals, quote);
        if (!isFunded) {
            uint32 obligor = _pay(quote, quoteHash, quoteHead, quoteApprovals);
            if (quote.organisation == obligor) _endEarly(order, quote, sequence);
            else _bind(quote, delivered, obligor);
        } else {
            _noteRecourse(quote, delivered);
            if (usesLine) creditLines.utiliseReserved(quote.organisation, quoteHash, delivered);
        }
        _emitAwarded(order, quote, quoteHash, sequence);
        if (quote.holdback != 0) ledger.encumbrances().keepHoldback(delivered, quote.holder, quote.holdback);
        if (order.obligorInterest != 0) funding.payInterest(order, quote);
    }

    /// @inheritdoc IFinancingMarket
    function fundQuote(FundQuote calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(order.target);
        FinancingRequest memory request = _openRequest(order.requestId);
        if (order.expiresAt <= block.timestamp || order.expiresAt > request.expiresAt) {
            revert IReceivableLedger.InstantOutOfRange(order.expiresAt);
        }
        if (order.amount == 0) revert IReceivableLedger.AmountMissing();
        if (order.amount > request.partFaceValue) revert PriceAboveFaceValue(order.amount, 0, request.partFaceValue);
        FundedQuote storage entry = _fundedQuotes[order.organisation][order.quote];
        if (entry.requestId != 0) revert QuoteAlreadyFunded(order.organisation, order.quote);
        uint64 receivableId = request.lotId.receivableOf();
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        // The anchor's money is for its own debt: it pays early, and finances nothing.
        if (order.organisation == rules.anchor()) {
            revert IReceivableLedger.TransferRefused(
                request.lotId, order.organisation, ITransferRules.ReceiverIsObligor.selector
            );
        }
        _requireCurrency(order.currency, rules);
        _requireEligible(order.requestId, receivableId, order.organisation, rules);
        // Effect
        bool usesLine = needsCreditLine[order.organisation];
        entry.requestId = order.requestId;
        entry.expiresAt = uint40(order.expiresAt);
        entry.usesLine = usesLine;
        emit QuoteFunded(
            order.requestId,
            receivableId,
            ledger.advance(receivableId),
            order.organisation,
            order.quote,
            order.amount,
            uint40(order.expiresAt)
        );
        // Interaction: the deposit checks the funder's signature.
        bytes memory arguments =
            abi.encodeWithSelector(ITokenisedDeposit.reserve.selector, order.organisation, order.amount, order.quote);
        Authorisation.callSigned(rules.deposit(), arguments, orderHash, head, Act.FUND_QUOTE, approvals);
        if (usesLine) {
            creditLines.reserve(order.organisation, rules.anchor(), order.currency, request.partFaceValue, order.quote);
        }
    }

    /// @inheritdoc IFinancingMarket
    function releaseQuote(uint32 funder, bytes32 quote) external {
        // Check
        FundedQuote memory entry = _fundedQuotes[funder][quote];
        if (entry.requestId == 0) revert QuoteNotFunded(funder, quote);
        FinancingRequest memory request = _requests[entry.requestId];
        // A request's expiry is no earlier than that of its funded quotes.
        if (request.status == FinancingStatus.REQUESTED && block.timestamp <= entry.expiresAt) {
            revert FundedQuoteBinding(quote, entry.expiresAt);
        }
        // Effect
        uint64 receivableId = request.lotId.receivableOf();
        _endFunded(entry, receivableId, funder, quote, false);
        ITokenisedDeposit(ledger.programmeRulesOf(receivableId).deposit()).release(funder, quote);
        if (entry.usesLine) creditLines.releaseReserved(funder, quote);
    }

    /// @inheritdoc IFinancingMarket
    function recordFiling(RecordFiling calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.RECORD_FILING, bytes3(0), 0, approvals);
        LotId lotId = _openRequest(order.requestId).lotId;
        if (LotId.unwrap(lotId) != LotId.unwrap(order.lotId)) revert RequestChanged(order.requestId, lotId);
        if (order.filing == bytes32(0)) revert FilingMissing(order.requestId, order.organisation);
        if (order.filedAt > block.timestamp) revert IReceivableLedger.InstantOutOfRange(order.filedAt);
        // Effect
        filing[order.requestId][order.organisation] = order.filing;
        emit FilingRecorded(
            order.requestId,
            lotId.receivableOf(),
            ledger.advance(lotId.receivableOf()),
            order.organisation,
            uint40(order.filedAt),
            order.filing
        );
    }

    /// @inheritdoc IFinancingMarket
    function claimRecourse(ClaimRecourse calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        // Check
        registry.authorise(orderHash, head, Act.CLAIM_RECOURSE, bytes3(0), 0, approvals);
        Recourse storage recourse = _recourseOn(lotId);
        if (recourse.isClaimed) revert RecourseAlreadyClaimed(lotId, recourse.seller);
        LotWord lot = ledger.lotWord(lotId);
        if (lot.holder() != order.organisation) {
            revert IReceivableLedger.NotHolder(lotId, lot.holder(), order.organisation);
        }
        if (lot.faceValue() != order.faceValue || lot.paid() != order.paid) {
            revert IReceivableLedger.LotChanged(lotId, lot.faceValue(), lot.paid());
        }
        if (lot.isSettled()) revert IReceivableLedger.LotAlreadySettled(lotId);
        uint64 outstanding = _owedToHolder(lotId, order.faceValue, order.paid);
        uint64 lateInterest = _lateInterestInDefault(lotId, outstanding);
        // Effect
        recourse.isClaimed = true;
        emit RecourseClaimed(
            lotId.receivableOf(),
            ledger.advance(lotId.receivableOf()),
            lotId.sequenceOf(),
            order.organisation,
            recourse.seller,
            outstanding,
            lateInterest
        );
    }

    /// @inheritdoc IFinancingMarket
    function repurchaseLot(RepurchaseLot calldata order, Approval[] calldata approvals) external {
        LotId lotId = order.lotId;
        // Check
        _requireTarget(order.target);
        uint32 seller = _recourseOn(lotId).seller;
        if (seller != order.organisation) revert NotSeller(lotId, seller, order.organisation);
        if (order.paid > order.faceValue || order.amount != _owedToHolder(lotId, order.faceValue, order.paid)) {
            revert IReceivableLedger.LotChanged(lotId, order.faceValue, order.paid);
        }
        uint64 lateInterest = _lateInterestInDefault(lotId, order.amount);
        if (lateInterest > order.lateInterest) {
            revert LateInterestTooLow(lotId.receivableOf(), lateInterest, order.lateInterest);
        }
        // Effect: title goes back against what is outstanding; earlier sellers stay answerable for the lot.
        _recourse[lotId].pop();
        ledger.encumbrances().endHoldback(lotId, seller);
        (uint32 holder, uint32 sequence) =
            ledger.reassign(lotId, order.faceValue, order.paid, seller, _isIndivisible(lotId));
        if (holder != order.holder) revert IReceivableLedger.NotHolder(lotId, holder, order.holder);
        emit LotRepurchased(
            lotId.receivableOf(), sequence, lotId.sequenceOf(), seller, holder, order.amount, lateInterest
        );
        // Interaction
        _payRepurchase(order, approvals, order.amount + lateInterest);
    }

    /// @inheritdoc IFinancingMarket
    function completeFunding(uint64 requestId, Funding calldata awaited) external returns (uint32 sequence) {
        // Check
        _requireFunding();
        FinancingRequest memory request = _requests[requestId];
        LotId lotId = request.lotId;
        // Effect
        uint32 seller = _end(requestId, request, FinancingStatus.FUNDED);
        if (request.withRecourse) _recourse[lotId].push(Recourse({seller: seller, isClaimed: false}));
        if (awaited.usesLine) creditLines.utiliseReserved(awaited.funder, awaited.quote, lotId);
        if (awaited.holdback != 0) ledger.encumbrances().keepHoldback(lotId, seller, awaited.holdback);
        (, sequence) = ledger.reassign(lotId, request.partFaceValue, 0, awaited.funder, _isIndivisible(lotId));
    }

    /// @inheritdoc IFinancingMarket
    function failFunding(uint64 requestId, Funding calldata awaited) external {
        // Check
        _requireFunding();
        // Effect
        _end(requestId, _requests[requestId], FinancingStatus.FUNDING_FAILED);
        if (awaited.usesLine) creditLines.releaseReserved(awaited.funder, awaited.quote);
    }

    /// @inheritdoc IFinancingMarket
    function advance(uint64 receivableId) external returns (uint32) {
        _requireFunding();
        return ledger.advance(receivableId);
    }

    /// @inheritdoc IFinancingMarket
    function requireCreditLines(uint32 funder) external {
        if (msg.sender != address(creditLines)) revert IReceivableLedger.CompanionRequired(msg.sender);
        needsCreditLine[funder] = true;
    }

    /// @inheritdoc IFinancingMarket
    function recourseOf(LotId lotId) external view returns (uint32 seller, bool isClaimed) {
        uint256 count = _recourse[lotId].length;
        if (count == 0) return (0, false);
        Recourse storage recourse = _recourse[lotId][count - 1];
        return (recourse.seller, recourse.isClaimed);
    }

    function fundedQuote(uint32 funder, bytes32 quote) external view returns (FundedQuote memory) {
        return _fundedQuotes[funder][quote];
    }

    function financingRequest(uint64 requestId) external view returns (FinancingRequest memory) {
        return _requests[requestId];
    }

    // --- Internals

    function _requireMatch(AwardQuote calldata order, Quote calldata quote, bytes32 quoteHash) private pure {
        if (
            order.quote != quoteHash || order.requestId != quote.requestId || order.netProceeds != quote.netProceeds
                || order.currency != quote.currency || order.organisation != quote.holder
                || order.holdback != quote.holdback || order.payBy != quote.payBy
        ) revert QuoteMismatch(order.requestId, quoteHash);
    }

    function _requireQuoted(FinancingRequest memory request, Quote calldata quote, bytes32 quoteHash) private pure {
        if (
            LotId.unwrap(request.lotId) != LotId.unwrap(quote.lotId) || request.partFaceValue != quote.partFaceValue
                || request.withRecourse != quote.withRecourse
        ) revert QuoteMismatch(quote.requestId, quoteHash);
        if (uint256(quote.netProceeds) + quote.holdback > quote.partFaceValue) {
            revert PriceAboveFaceValue(quote.netProceeds, quote.holdback, quote.partFaceValue);
        }
        if (quote.netProceeds == 0) revert IReceivableLedger.AmountMissing();
    }

    function _lock(
        RequestFinancing calldata order,
        bytes32 orderHash,
        OrderHead calldata head,
        Approval[] calldata approvals
    ) private returns (uint32 holder, uint32 sequence) {
        bytes memory arguments = abi.encodeWithSelector(
            IReceivableLedger.lockForFinancing.selector, order.lotId, order.faceValue, order.paid, order.partFaceValue
        );
        (uint256 first, uint256 second) =
            Authorisation.callSigned(address(ledger), arguments, orderHash, head, Act.REQUEST_FINANCING, approvals);
        return (uint32(first), uint32(second));
    }

    /// @dev What binds seller and funder from then on: recourse, and the funder's credit line.
    function _bind(Quote calldata quote, LotId delivered, uint32 obligor) private {
        uint32 funder = quote.organisation;
        _noteRecourse(quote, delivered);
        if (needsCreditLine[funder]) {
            creditLines.utilise(funder, obligor, quote.currency, quote.partFaceValue, delivered);
        }
    }

    /// @dev Who pays its own debt early takes no risk on itself, and has nobody to claim from. Once it is due, all of
    /// it is, and nothing is early.
    function _endEarly(AwardQuote calldata order, Quote calldata quote, uint32 sequence) private {
        uint64 receivableId = quote.lotId.receivableOf();
        (UndertakingWord undertaking,) = ledger.receivableWords(receivableId);
        if (block.timestamp >= undertaking.maturityAt()) revert ReceivableDue(receivableId, undertaking.maturityAt());
        if (quote.holdback != 0 || order.obligorInterest != 0) revert EarlyPaymentWithTerms(quote.requestId);
        // What an earlier seller has in the lot is not the holder's to sell.
        (uint32 seller, uint64 amount) = ledger.encumbrances().holdbackOf(quote.lotId);
        if (seller != 0) revert IEncumbrances.HoldbackStanding(quote.lotId, seller, amount);
        emit LotPaidEarly(receivableId, sequence, quote.lotId.sequenceOf(), quote.holder, quote.partFaceValue);
    }

    function _noteRecourse(Quote calldata quote, LotId delivered) private {
        if (quote.withRecourse) _recourse[delivered].push(Recourse({seller: quote.holder, isClaimed: false}));
    }

    /// @dev Two promises instead of title and money: the lot stays locked for the funder, its line reserved, until the
    /// price has come in. Both orders are for this contract, which asks the registry itself.
    function _awardByTransfer(
        AwardQuote calldata order,
        Approval[] calldata approvals,
        Quote calldata quote,
        Approval[] calldata quoteApprovals,
        FinancingRequest memory request
    ) private {
        uint64 receivableId = quote.lotId.receivableOf();
        uint32 funder = quote.organisation;
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        // Check
        _authoriseAward(order, approvals, quote, quoteApprovals);
        _requireCurrency(quote.currency, rules);
        _requireEligible(order.requestId, receivableId, funder, rules);
        // Effect
        request.status = FinancingStatus.AWARDED;
        _requests[order.requestId] = request;
        uint32 sequence = ledger.advance(receivableId);
        bool usesLine = needsCreditLine[funder];
        funding.awaitFunding(order, quote, sequence, usesLine);
        _emitAwarded(order, quote, order.quote, sequence);
        if (usesLine) creditLines.reserve(funder, rules.anchor(), quote.currency, quote.partFaceValue, order.quote);
    }

    function _authoriseAward(
        AwardQuote calldata order,
        Approval[] calldata approvals,
        Quote calldata quote,
        Approval[] calldata quoteApprovals
    ) private {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        registry.authorise(orderHash, head, Act.AWARD_QUOTE, quote.currency, quote.partFaceValue, approvals);
        (orderHash, head) = OrderReader.read(quote);
        registry.authorise(orderHash, head, Act.QUOTE, quote.currency, quote.netProceeds, quoteApprovals);
    }

    /// @dev Whether somebody has a claim on the lot as it was sold.
    function _isIndivisible(LotId lotId) private view returns (bool) {
        if (_recourse[lotId].length != 0) return true;
        (uint32 seller,) = ledger.encumbrances().holdbackOf(lotId);
        return seller != 0;
    }

    /// @dev What is outstanding on a lot, less what of it is an earlier seller's.
    function _owedToHolder(LotId lotId, uint64 faceValue, uint64 paid) private view returns (uint64) {
        (, uint64 holdback) = ledger.encumbrances().holdbackOf(lotId);
        uint64 outstanding = faceValue - paid;
        return outstanding > holdback ? outstanding - holdback : 0;
    }

    function _requireFunding() private view {
        if (msg.sender != address(funding)) revert IReceivableLedger.CompanionRequired(msg.sender);
    }

    /// @dev Pays the price out of what the funder set aside. It signed the quote's hash then; what the rules ask of it
    /// is asked again, for a lapsed licence is no promise's to mend.
    function _draw(Quote calldata quote, bytes32 quoteHash) private returns (bool usesLine) {
        uint32 funder = quote.organisation;
        FundedQuote memory entry = _fundedQuotes[funder][quoteHash];
        // Check
        if (entry.requestId == 0) revert QuoteNotFunded(funder, quoteHash);
        if (entry.requestId != quote.requestId) revert QuoteMismatch(quote.requestId, quoteHash);
        if (block.timestamp > entry.expiresAt) revert FundedQuoteExpired(quoteHash, entry.expiresAt);
        if (block.timestamp > quote.deadline) revert FundedQuoteExpired(quoteHash, quote.deadline);
        uint64 receivableId = quote.lotId.receivableOf();
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        _requireCurrency(quote.currency, rules);
        _requireEligible(entry.requestId, receivableId, funder, rules);
        registry.checkAct(funder, Act.FUND_QUOTE);
        // Effect
        _endFunded(entry, receivableId, funder, quoteHash, true);
        ITokenisedDeposit(rules.deposit()).payReserved(funder, quote.holder, quote.netProceeds, quoteHash);
        return entry.usesLine;
    }

    function _endFunded(FundedQuote memory entry, uint64 receivableId, uint32 funder, bytes32 quote, bool isDrawn)
        private
    {
        delete _fundedQuotes[funder][quote];
        emit FundedQuoteEnded(entry.requestId, receivableId, ledger.advance(receivableId), funder, quote, isDrawn);
    }

    function _deliver(AwardQuote calldata order, Approval[] calldata approvals, Quote calldata quote)
        private
        returns (LotId delivered, uint32 sequence)
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        bytes memory arguments = abi.encodeWithSelector(
            IReceivableLedger.deliver.selector,
            quote.lotId,
            quote.faceValue,
            quote.paid,
            quote.partFaceValue,
            quote.holder,
            quote.organisation,
            quote.withRecourse || quote.holdback != 0
        );
        (uint256 first, uint256 second) =
            Authorisation.callSigned(address(ledger), arguments, orderHash, head, Act.AWARD_QUOTE, approvals);
        return (toLotId(quote.lotId.receivableOf(), uint32(first)), uint32(second));
    }

    /// @dev The anchor that pays its own debt early finances nothing: what is asked of a financing is not asked of it.
    function _pay(
        Quote calldata quote,
        bytes32 quoteHash,
        OrderHead calldata quoteHead,
        Approval[] calldata quoteApprovals
    ) private returns (uint32 obligor) {
        uint64 receivableId = quote.lotId.receivableOf();
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        obligor = rules.anchor();
        uint32 payer = quote.organisation;
        _requireCurrency(quote.currency, rules);
        if (payer != obligor) _requireEligible(quote.requestId, receivableId, payer, rules);
        bytes memory arguments =
            abi.encodeWithSelector(ITokenisedDeposit.pay.selector, payer, quote.holder, quote.netProceeds);
        Act act = payer == obligor ? Act.PAY_EARLY : Act.QUOTE;
        Authorisation.callSigned(rules.deposit(), arguments, quoteHash, quoteHead, act, quoteApprovals);
    }

    function _requireCurrency(bytes3 currency, ProgrammeWord rules) private pure {
        if (rules.currency() != currency) revert ITokenisedDeposit.WrongCurrency(currency, rules.currency());
    }

    /// @dev What the programme asks of every financing, at the award as at the request.
    function _requireEligible(uint64 requestId, uint64 receivableId, uint32 funder, ProgrammeWord rules) private view {
        _requireTenor(receivableId, rules);
        if (rules.filingRequired() && filing[requestId][funder] == bytes32(0)) {
            revert FilingMissing(requestId, funder);
        }
    }

    function _requireTenor(uint64 receivableId, ProgrammeWord rules) private view {
        uint8 minimum = rules.minimumTenorDays();
        if (minimum == 0) return;
        (UndertakingWord undertaking,) = ledger.receivableWords(receivableId);
        if (undertaking.maturityAt() < block.timestamp + uint256(minimum) * 1 days) {
            revert RemainingTenorTooShort(receivableId, undertaking.maturityAt(), minimum);
        }
    }

    function _emitAwarded(AwardQuote calldata order, Quote calldata quote, bytes32 quoteHash, uint32 sequence) private {
        emit QuoteAwarded(
            order.requestId,
            quote.lotId.receivableOf(),
            sequence,
            quote.organisation,
            quoteHash,
            quote.netProceeds,
            quote.terms,
            order.quoteCount,
            order.quoteHead
        );
    }

    function _openRequest(uint64 requestId) private view returns (FinancingRequest memory request) {
        request = _requests[requestId];
        if (request.status == FinancingStatus.NONE) revert RequestUnknown(requestId);
        if (request.status != FinancingStatus.REQUESTED) revert RequestNotOpen(requestId, request.status);
    }

    function _end(uint64 requestId, FinancingRequest memory request, FinancingStatus status)
        private
        returns (uint32 holder)
    {
        uint32 sequence;
        request.status = status;
        _requests[requestId] = request;
        (holder, sequence) = ledger.unlock(request.lotId);
        emit FinancingRequestEnded(requestId, request.lotId.receivableOf(), sequence, status);
    }

    function _payRepurchase(RepurchaseLot calldata order, Approval[] calldata approvals, uint64 total) private {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        ProgrammeWord rules = ledger.programmeRulesOf(order.lotId.receivableOf());
        if (rules.currency() != order.currency) {
            revert ITokenisedDeposit.WrongCurrency(order.currency, rules.currency());
        }
        bytes memory arguments =
            abi.encodeWithSelector(ITokenisedDeposit.pay.selector, order.organisation, order.holder, total);
        Authorisation.callSigned(rules.deposit(), arguments, orderHash, head, Act.REPURCHASE_LOT, approvals);
    }

    function _recourseOn(LotId lotId) private view returns (Recourse storage) {
        uint256 count = _recourse[lotId].length;
        if (count == 0) revert RecourseMissing(lotId);
        return _recourse[lotId][count - 1];
    }

    /// @dev What has accrued on an unpaid amount of a lot in default.
    function _lateInterestInDefault(LotId lotId, uint64 amount) private view returns (uint64) {
        uint64 receivableId = lotId.receivableOf();
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(receivableId);
        if (block.timestamp <= undertaking.graceEndsAt()) {
            revert IReceivableLedger.NotInDefault(receivableId, undertaking.graceEndsAt());
        }
        (,, TermsWord terms) = ledger.programmeWords(standing.programmeId());
        return DiscountLib.lateInterestAt(amount, terms.lateInterestBps(), undertaking.maturityAt(), block.timestamp);
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
    }
}
