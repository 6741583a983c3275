// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket, FinancingStatus} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance, Lot, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AwardQuote, FundQuote, Quote, RedeemDeposit, SplitLot} from "../../../src/types/Orders.sol";
import {Approval, KIND_FUNDER, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract AwardQuoteTest is Base {
    uint64 private constant PRICE = 970_000_00;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
    }

    // when award or quote is for another contract
    function test_RevertWhen_AwardOrQuoteIsForAnotherContract() external {
        Quote memory quote = _quote();
        AwardQuote memory order = _awardOrder(supplier, quote);
        order.target = address(ledger);
        Quote memory elsewhere = _quote();
        elsewhere.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, quote, IParticipantRegistry.WrongTarget.selector);
        _refused(_awardOrder(supplier, elsewhere), elsewhere, IParticipantRegistry.WrongTarget.selector);
    }

    // when the award names another quote, request, price, currency, holder, holdback or instant to pay by
    function test_RevertWhen_TheAwardNamesAnotherQuoteRequestPriceCurrencyHolderHoldbackOrInstantToPayBy() external {
        Quote memory quote = _quote();
        AwardQuote[7] memory orders;
        for (uint256 i; i < orders.length; ++i) {
            orders[i] = _awardOrder(supplier, quote);
        }
        orders[0].quote = keccak256("another quote");
        orders[1].requestId += 1;
        orders[2].netProceeds += 1;
        orders[3].currency = "USD";
        orders[4].organisation = stranger.organisation;
        orders[5].holdback = 1;
        orders[6].payBy = 1;

        // it should revert with QuoteMismatch
        for (uint256 i; i < orders.length; ++i) {
            _refused(orders[i], quote, IFinancingMarket.QuoteMismatch.selector);
        }
    }

    // given there is no such request
    function test_RevertGiven_ThereIsNoSuchRequest() external {
        Quote memory quote = _quote();
        quote.requestId = 99;

        // it should revert with RequestUnknown
        _refused(_awardOrder(supplier, quote), quote, IFinancingMarket.RequestUnknown.selector);
    }

    // given the request has expired
    function test_RevertGiven_TheRequestHasExpired() external {
        vm.warp(market.financingRequest(requestId).expiresAt + 1);
        Quote memory quote = _quote();

        // it should revert with RequestExpired
        _refused(_awardOrder(supplier, quote), quote, IFinancingMarket.RequestExpired.selector);
    }

    // given the quote has expired
    function test_RevertGiven_TheQuoteHasExpired() external {
        Quote memory quote = _quote();
        vm.warp(quote.deadline + 1);

        // it should revert with OrderExpired
        _refused(_awardOrder(supplier, quote), quote, IParticipantRegistry.OrderExpired.selector);
    }

    // given the request is funded
    function test_RevertGiven_TheRequestIsFunded() external {
        _award(supplier, funder, _quote());
        Quote memory late = _quote();
        late.holder = supplier.organisation;

        // it should revert with RequestNotOpen
        _refused(_awardOrder(supplier, late), late, IFinancingMarket.RequestNotOpen.selector);
    }

    // when the quote is for another lot, part or recourse than was asked for
    function test_RevertWhen_TheQuoteIsForAnotherLotPartOrRecourseThanWasAskedFor() external {
        Quote[3] memory quotes = [_quote(), _quote(), _quote()];
        quotes[0].lotId = toLotId(receivableId, 2);
        quotes[1].partFaceValue -= 1;
        quotes[2].withRecourse = true;

        // it should revert with QuoteMismatch for the request
        for (uint256 i; i < 3; ++i) {
            _refused(_awardOrder(supplier, quotes[i]), quotes[i], IFinancingMarket.QuoteMismatch.selector);
        }
    }

    // when the price is above the face, or nothing
    function test_RevertWhen_ThePriceIsAboveTheFaceOrNothing() external {
        Quote memory dear = _quoteFor(funder, requestId, FACE + 1);
        Quote memory free = _quoteFor(funder, requestId, 0);

        // it should revert with PriceAboveFaceValue or AmountMissing
        _refused(_awardOrder(supplier, dear), dear, IFinancingMarket.PriceAboveFaceValue.selector);
        _refused(_awardOrder(supplier, free), free, IReceivableLedger.AmountMissing.selector);
    }

    // when price and holdback together are above the face
    function test_WhenPriceAndHoldbackTogetherAreAboveTheFace() external {
        Quote memory quote = _quote();
        quote.holdback = FACE - PRICE + 1;
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));

        // it should revert with PriceAboveFaceValue
        vm.expectRevert(
            abi.encodeWithSelector(IFinancingMarket.PriceAboveFaceValue.selector, PRICE, FACE - PRICE + 1, FACE)
        );
        market.awardQuote(order, approvals, quote, quoted);

        // it should deliver when they are all of it
        quote = _quote();
        quote.holdback = FACE - PRICE;
        _award(supplier, funder, quote);
        assertEq(_holder(root), funder.organisation);
    }

    // when the anchor pays early and holds something back
    function test_RevertWhen_TheAnchorPaysEarlyAndHoldsSomethingBack() external {
        Quote memory quote = _quoteFor(anchor, requestId, PRICE);
        quote.holdback = 1;
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(anchor, Hash.order(quote));

        // it should revert with EarlyPaymentWithTerms
        vm.expectRevert(abi.encodeWithSelector(IFinancingMarket.EarlyPaymentWithTerms.selector, requestId));
        market.awardQuote(order, approvals, quote, quoted);
    }

    // when the quote names another face or something paid
    function test_RevertWhen_TheQuoteNamesAnotherFaceOrSomethingPaid() external {
        Quote memory otherFace = _quote();
        otherFace.faceValue += 1;
        Quote memory otherPaid = _quote();
        otherPaid.paid = 1;

        // it should revert with LotChanged
        _refused(_awardOrder(supplier, otherFace), otherFace, IReceivableLedger.LotChanged.selector);
        _refused(_awardOrder(supplier, otherPaid), otherPaid, IReceivableLedger.LotChanged.selector);
    }

    // given the anchor has paid a part since
    function test_RevertGiven_TheAnchorHasPaidAPartSince() external {
        (uint64 due, LotId lotId) = _activeReceivable(programmeId);
        vm.warp(lens.receivableTerms(due).maturityAt - 1 days);
        requestId = _request(supplier, lotId, FACE);
        _toMaturity(due);
        _settle(due, FACE / 4, new uint32[](0));
        Quote memory quote = _quote();

        // it should revert with LotPartlyPaid, before and after the holder has received it
        _refused(_awardOrder(supplier, quote), quote, IReceivableLedger.LotPartlyPaid.selector);
        settlement.payLots(due, _allLots(due));
        quote.paid = FACE / 4;
        _refused(_awardOrder(supplier, quote), quote, IReceivableLedger.LotPartlyPaid.selector);
    }

    // when the holder has not signed
    function test_RevertWhen_TheHolderHasNotSigned() external {
        Quote memory quote = _quote();
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory byFunder = _approve(funder, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        market.awardQuote(order, byFunder, quote, quoted);
    }

    // when the funder has not signed
    function test_RevertWhen_TheFunderHasNotSigned() external {
        Quote memory quote = _quote();
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with SignerUnknown: nobody spends another's money
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        market.awardQuote(order, approvals, quote, approvals);
    }

    // given the quoting organisation is no funder
    function test_RevertGiven_TheQuotingOrganisationIsNoFunder() external {
        Quote memory quote = _quoteFor(subSupplier, requestId, PRICE);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(subSupplier, Hash.order(quote));

        // it should revert with KindRequired (R-06)
        vm.expectPartialRevert(IParticipantRegistry.KindRequired.selector);
        market.awardQuote(order, approvals, quote, quoted);
    }

    // given the funder's money does not cover the price
    function test_RevertGiven_TheFundersMoneyDoesNotCoverThePrice() external {
        Quote memory quote = _quoteFor(stranger, requestId, PRICE);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(stranger, Hash.order(quote));

        // it should revert with DepositTooSmall, and title stays
        vm.expectPartialRevert(ITokenisedDeposit.DepositTooSmall.selector);
        market.awardQuote(order, approvals, quote, quoted);
        assertEq(_holder(root), supplier.organisation);
    }

    // when the price is in another currency
    function test_RevertWhen_ThePriceIsInAnotherCurrency() external {
        Quote memory quote = _quote();
        quote.currency = "USD";

        // it should revert with WrongCurrency
        _refused(_awardOrder(supplier, quote), quote, ITokenisedDeposit.WrongCurrency.selector);
    }

    // when the holder quotes for its own lot
    function test_RevertWhen_TheHolderQuotesForItsOwnLot() external {
        Quote memory quote = _quoteFor(supplier, requestId, PRICE);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(supplier, Hash.order(quote));

        // it should revert with TransferRefused
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.TransferRefused.selector,
                root,
                supplier.organisation,
                ITransferRules.ReceiverIsSender.selector
            )
        );
        market.awardQuote(order, approvals, quote, quoted);
    }

    // given the receivable runs shorter than its programme asks
    function test_RevertGiven_TheReceivableRunsShorterThanItsProgrammeAsks() external {
        uint64 other = _requestUnderStrictRules();
        vm.warp(lens.receivableTerms(other).maturityAt - 15 days);
        requestId = _request(supplier, root, FACE);
        skip(1);
        Quote memory quote = _quote();

        // it should revert with RemainingTenorTooShort
        _refused(_awardOrder(supplier, quote), quote, IFinancingMarket.RemainingTenorTooShort.selector);
    }

    // given the programme asks for a filing and the funder has recorded none
    function test_RevertGiven_TheProgrammeAsksForAFilingAndTheFunderHasRecordedNone() external {
        _requestUnderStrictRules();
        requestId = _request(supplier, root, FACE);
        _recordFiling(stranger, requestId);
        Quote memory quote = _quote();

        // it should revert with FilingMissing, whoever else has filed (R-07)
        _refused(_awardOrder(supplier, quote), quote, IFinancingMarket.FilingMissing.selector);
    }

    // given the programme asks for a filing and the funder has recorded one
    function test_GivenTheProgrammeAsksForAFilingAndTheFunderHasRecordedOne() external {
        _requestUnderStrictRules();
        requestId = _request(supplier, root, FACE);
        _recordFiling(funder, requestId);

        _award(supplier, funder, _quote());

        // it should fund the request (R-07)
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.FUNDED));
        assertEq(lens.lot(root).holder, funder.organisation);
    }

    // given the anchor quotes for its own debt once it is due
    function test_RevertGiven_TheAnchorQuotesForItsOwnDebtOnceItIsDue() external {
        (uint64 other, LotId lotId) = _activeReceivable(programmeId);
        vm.warp(lens.receivableTerms(other).maturityAt - 1);
        requestId = _request(supplier, lotId, FACE);
        skip(1);
        Quote memory quote = _quoteFor(anchor, requestId, PRICE);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(anchor, Hash.order(quote));

        // it should revert with ReceivableDue
        vm.expectRevert(
            abi.encodeWithSelector(
                IFinancingMarket.ReceivableDue.selector, other, lens.receivableTerms(other).maturityAt
            )
        );
        market.awardQuote(order, approvals, quote, quoted);
    }

    // when the anchor quotes for its own debt before it is due
    function test_WhenTheAnchorQuotesForItsOwnDebtBeforeItIsDue() external {
        uint64 other = _requestUnderStrictRules();
        _splitTo(subSupplier, FACE / 4);
        vm.warp(lens.receivableTerms(other).maturityAt - 15 days);
        uint64 face = FACE - FACE / 4;
        requestId = _request(supplier, root, face);
        skip(1);
        Quote memory quote = _quoteFor(anchor, requestId, face - 100);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(anchor, Hash.order(quote));
        uint32 next = lens.receivableProgress(other).sequence + 1;

        // it should emit LotPaidEarly, DepositPaid and QuoteAwarded
        vm.expectEmit(true, true, false, false, address(deposit));
        emit ITokenisedDeposit.DepositPaid(anchor.organisation, 0, supplier.organisation, 0, 0, bytes32(0));
        vm.expectEmit(address(market));
        emit IFinancingMarket.LotPaidEarly(other, next, 1, supplier.organisation, face);
        vm.expectEmit(true, true, true, false, address(market));
        emit IFinancingMarket.QuoteAwarded(
            requestId, other, 0, anchor.organisation, bytes32(0), 0, bytes32(0), 0, bytes32(0)
        );
        market.awardQuote(order, approvals, quote, quoted);

        // it should extinguish the title and take it off the receivable
        Lot memory lot = lens.lot(root);
        assertTrue(lot.settled);
        assertEq(lot.faceValue, 0);
        assertEq(lens.receivableTerms(other).faceValue, FACE / 4);
        assertEq(_balance(supplier), face - 100);

        // it should leave every other lot's share as it was
        _toMaturity(other);
        _settle(other, FACE / 4, _allLots(other));
        assertEq(_balance(subSupplier), FACE / 4);

        // it should ask for no licence, filing, remaining term or credit line
        assertEq(market.filing(requestId, anchor.organisation), bytes32(0));
    }

    // when the anchor quotes for part of its debt
    function test_WhenTheAnchorQuotesForPartOfItsDebt() external {
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE / 4);
        uint64 smallest = lens.minimumLot(receivableId);

        _award(supplier, anchor, _quoteFor(anchor, requestId, FACE / 4));

        // it should leave the holder the rest, free
        Lot memory rest = lens.lot(root);
        assertEq(rest.holder, supplier.organisation);
        assertEq(rest.faceValue, FACE - FACE / 4);
        assertEq(uint8(rest.encumbrance), uint8(Encumbrance.NONE));
        assertEq(lens.receivableTerms(receivableId).faceValue, FACE - FACE / 4);
        assertEq(lens.receivableProgress(receivableId).lotCount, 1);

        // it should leave the smallest lot as it was, lest there be more lots
        assertEq(lens.minimumLot(receivableId), smallest);
        SplitLot memory order = _splitOrder(supplier, root, _part(supplier.organisation, smallest - 1));
        bytes memory tooSmall = abi.encodeWithSelector(IReceivableLedger.LotTooSmall.selector, smallest - 1, smallest);
        vm.expectRevert(tooSmall);
        ledger.splitLot(order, _approve(supplier, Hash.order(order)));
    }

    // when the anchor quotes for all that is left
    function test_WhenTheAnchorQuotesForAllThatIsLeft() external {
        _setStatus(anchor.organisation, ParticipantStatus.SUSPENDED);
        _award(supplier, anchor, _quoteFor(anchor, requestId, PRICE));

        // it should settle the receivable
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.SETTLED));
        assertEq(lens.receivableTerms(receivableId).faceValue, 0);
        assertEq(_balance(anchor), OPENING_BALANCE - PRICE);
    }

    // when nobody has signed or funded the quote
    function test_RevertWhen_NobodyHasSignedOrFundedTheQuote() external {
        // it should revert with QuoteNotFunded
        _refusedUnsigned(_quote(), IFinancingMarket.QuoteNotFunded.selector);
    }

    // given the quote was funded for another request
    function test_RevertGiven_TheQuoteWasFundedForAnotherRequest() external {
        (, LotId other) = _activeReceivable(programmeId);
        Quote memory quote = _quote();
        FundQuote memory order = _fundOrder(funder, quote);
        order.requestId = _request(supplier, other, FACE);
        market.fundQuote(order, _approve(funder, Hash.order(order)));

        // it should revert with QuoteMismatch
        _refusedUnsigned(quote, IFinancingMarket.QuoteMismatch.selector);
    }

    // given the funded quote has expired
    function test_RevertGiven_TheFundedQuoteHasExpired() external {
        Quote memory quote = _quote();
        FundQuote memory order = _fundOrder(funder, quote);
        order.expiresAt = quote.deadline - 1;
        market.fundQuote(order, _approve(funder, Hash.order(order)));
        Quote memory other = _quote();
        other.deadline -= 2;
        _fund(funder, other);
        vm.warp(order.expiresAt);

        // it should revert with FundedQuoteExpired, by the earlier of its two instants (CLOCK)
        _refusedUnsigned(other, IFinancingMarket.FundedQuoteExpired.selector);
        skip(1);
        _refusedUnsigned(quote, IFinancingMarket.FundedQuoteExpired.selector);
    }

    // given less was set aside than the price
    function test_RevertGiven_LessWasSetAsideThanThePrice() external {
        Quote memory quote = _quote();
        FundQuote memory order = _fundOrder(funder, quote);
        order.amount = quote.netProceeds - 1;
        market.fundQuote(order, _approve(funder, Hash.order(order)));

        // it should revert with DepositTooSmall
        _refusedUnsigned(quote, ITokenisedDeposit.DepositTooSmall.selector);
    }

    // given the licence of the quote's funder has lapsed
    function test_RevertGiven_TheLicenceOfTheQuotesFunderHasLapsed() external {
        Quote memory quote = _quote();
        _fund(funder, quote);
        vm.prank(administration);
        registry.narrowParticipant(funder.organisation, KIND_FUNDER, uint40(block.timestamp));

        // it should revert with LicenceLapsed (R-06)
        _refusedUnsigned(quote, IParticipantRegistry.LicenceLapsed.selector);
    }

    // given the quote was funded
    function test_GivenTheQuoteWasFunded() external {
        Quote memory quote = _quote();
        bytes32 quoteHash = Hash.order(quote);
        _fund(funder, quote);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit FundedQuoteEnded, ReserveReleased, DepositPaid and QuoteAwarded
        vm.expectEmit(address(market));
        emit IFinancingMarket.FundedQuoteEnded(requestId, receivableId, 5, funder.organisation, quoteHash, true);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.ReserveReleased(funder.organisation, 4, FACE, quoteHash);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositPaid(funder.organisation, 5, supplier.organisation, 2, PRICE, quoteHash);
        vm.expectEmit(address(market));
        emit IFinancingMarket.QuoteAwarded(
            requestId, receivableId, 6, funder.organisation, quoteHash, PRICE, quote.terms, 1, keccak256("receipts")
        );
        market.awardQuote(order, approvals, quote, new Approval[](0));

        // it should pay out of what was set aside and free the rest
        assertEq(lens.lot(root).holder, funder.organisation);
        assertEq(_balance(supplier), PRICE);
        assertEq(_balance(funder), OPENING_BALANCE - PRICE);
        assertEq(deposit.account(funder.organisation).earmarked, 0);

        // it should be drawn once
        assertEq(market.fundedQuote(funder.organisation, quoteHash).requestId, 0);
        assertEq(deposit.reserved(funder.organisation, quoteHash), 0);
    }

    // given the quote was funded and its funder has since spent all it could, closed its line and revoked its key
    function test_GivenTheQuoteWasFundedAndItsFunderHasSinceSpentAllItCouldClosedItsLineAndRevokedItsKey() external {
        _setLine(funder, anchor.organisation, FACE);
        Quote memory quote = _quote();
        _fund(funder, quote);
        RedeemDeposit memory redemption = RedeemDeposit({
            target: address(deposit),
            organisation: funder.organisation,
            nonce: _nonce(funder.maker),
            deadline: _deadline(),
            currency: CNY,
            amount: OPENING_BALANCE - FACE,
            referenceHash: bytes32(0)
        });
        deposit.redeem(redemption, _approve(funder, Hash.order(redemption)));
        _setLine(funder, anchor.organisation, 0);
        vm.prank(administration);
        registry.endKey(funder.maker);

        // it should deliver all the same, and use the line as reserved (CREDIT)
        _awardFunded(supplier, quote);
        assertEq(lens.lot(root).holder, funder.organisation);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, FACE);
        assertEq(creditLines.utilisation(root).amount, FACE);
        assertEq(creditLines.reservation(funder.organisation, Hash.order(quote)).amount, 0);
    }

    // given a funded quote holds something back
    function test_GivenAFundedQuoteHoldsSomethingBack() external {
        Quote memory quote = _quote();
        quote.holdback = FACE - PRICE;
        _fund(funder, quote);

        _awardFunded(supplier, quote);

        // it should pay the price only and keep the rest for the seller
        assertEq(_balance(funder), OPENING_BALANCE - PRICE);
        (uint32 seller, uint64 amount) = encumbrances.holdbackOf(root);
        assertEq(seller, supplier.organisation);
        assertEq(amount, FACE - PRICE);
    }

    // given a funded quote is awarded with its own signatures
    function test_GivenAFundedQuoteIsAwardedWithItsOwnSignatures() external {
        Quote memory quote = _quote();
        _fund(funder, quote);

        // it should pay from the free balance and leave the reserve to be released
        _award(supplier, funder, quote);
        assertEq(deposit.account(funder.organisation).earmarked, FACE);
        assertEq(_balance(funder), OPENING_BALANCE - FACE - PRICE);
        market.releaseQuote(funder.organisation, Hash.order(quote));
        assertEq(_balance(funder), OPENING_BALANCE - PRICE);
    }

    // when the whole lot is awarded
    function test_WhenTheWholeLotIsAwarded() external {
        Quote memory quote = _quote();
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));

        // it should emit LotFinanced, DepositPaid and QuoteAwarded
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotFinanced(receivableId, 4, 1, 1, supplier.organisation, funder.organisation, FACE);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositPaid(funder.organisation, 3, supplier.organisation, 2, PRICE, Hash.order(quote));
        vm.expectEmit(address(market));
        emit IFinancingMarket.QuoteAwarded(
            requestId,
            receivableId,
            4,
            funder.organisation,
            Hash.order(quote),
            PRICE,
            quote.terms,
            order.quoteCount,
            order.quoteHead
        );
        market.awardQuote(order, approvals, quote, quoted);

        // it should move title and money together
        Lot memory lot = lens.lot(root);
        assertEq(lot.holder, funder.organisation);
        assertEq(_balance(supplier), PRICE);
        assertEq(_balance(funder), OPENING_BALANCE - PRICE);

        // it should free the lot, counted but no tier further
        assertEq(uint8(lot.encumbrance), uint8(Encumbrance.NONE));
        assertEq(lot.transferCount, 1);
        assertEq(lot.tier, 1);
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.FUNDED));

        // it should use up award and quote
        assertTrue(registry.isNonceUsed(supplier.maker, order.nonce));
        assertTrue(registry.isNonceUsed(funder.maker, quote.nonce));
    }

    // when a part is awarded
    function test_WhenAPartIsAwarded() external {
        (uint64 other, LotId lotId) = _activeReceivable(programmeId);
        requestId = _request(supplier, lotId, FACE / 4);

        _award(supplier, funder, _quoteFor(funder, requestId, FACE / 4));

        // it should give the funder a new lot taken from the holder's
        Lot memory child = lens.lot(toLotId(other, 2));
        assertEq(child.holder, funder.organisation);
        assertEq(child.faceValue, FACE / 4);
        assertEq(child.parent, 1);

        // it should leave the holder the rest, free
        Lot memory rest = lens.lot(lotId);
        assertEq(rest.holder, supplier.organisation);
        assertEq(rest.faceValue, FACE - FACE / 4);
        assertEq(uint8(rest.encumbrance), uint8(Encumbrance.NONE));
    }

    function _refusedUnsigned(Quote memory quote, bytes4 expected) private {
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.awardQuote(order, approvals, quote, new Approval[](0));
    }

    /// @dev A receivable of a programme that asks for a filing and 15 days, in place of the other.
    function _requestUnderStrictRules() private returns (uint64 other) {
        (other, root) = _activeReceivable(_openProgramme(_strictProgrammeOrder()));
    }

    /// @dev Part of the lot for another holder, who has accepted it.
    function _splitTo(Actor memory to, uint64 faceValue) private {
        SplitLot memory order = _splitOrder(supplier, root, _part(to.organisation, faceValue));
        ledger.splitLot(order, _approve(supplier, Hash.order(order)));
        _acceptTransfer(to, toLotId(root.receivableOf(), 2), Hash.order(order));
    }

    function _quote() private returns (Quote memory) {
        return _quoteFor(funder, requestId, PRICE);
    }

    function _refused(AwardQuote memory order, Quote memory quote, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        vm.expectPartialRevert(expected);
        market.awardQuote(order, approvals, quote, quoted);
    }
}
