// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "../../../src/interfaces/ICreditLines.sol";
import {IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {FundQuote, Quote, RedeemDeposit} from "../../../src/types/Orders.sol";
import {Admission, Approval, KIND_FUNDER} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract FundQuoteTest is Base {
    uint64 private constant PRICE = FACE - 1_000;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        FundQuote memory order = _order();
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(funder, order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the organisation is no licensed funder
    function test_RevertWhen_TheOrganisationIsNoLicensedFunder() external {
        // it should revert with KindRequired or LicenceLapsed (R-06)
        Quote memory quote = _quoteFor(supplier, requestId, PRICE);
        _refused(supplier, _fundOrder(supplier, quote), IParticipantRegistry.KindRequired.selector);
        vm.prank(administration);
        registry.narrowParticipant(funder.organisation, KIND_FUNDER, uint40(block.timestamp));
        _refused(funder, _order(), IParticipantRegistry.LicenceLapsed.selector);
    }

    // given the funder owes the receivable itself
    function test_RevertGiven_TheFunderOwesTheReceivableItself() external {
        // it should revert with TransferRefused
        Quote memory quote = _quoteFor(anchor, requestId, PRICE);
        _refused(anchor, _fundOrder(anchor, quote), IReceivableLedger.TransferRefused.selector);
    }

    // when the funder has not signed
    function test_RevertWhen_TheFunderHasNotSigned() external {
        // it should revert, for the deposit asks the registry itself
        _refused(stranger, _order(), IParticipantRegistry.SignerUnknown.selector);
    }

    // given the request has ended
    function test_RevertGiven_TheRequestHasEnded() external {
        FundQuote memory order = _order();
        _award(supplier, funder, _quote());

        // it should revert with RequestNotOpen
        _refused(funder, order, IFinancingMarket.RequestNotOpen.selector);
    }

    // when the expiry is not in the future or later than the request's
    function test_RevertWhen_TheExpiryIsNotInTheFutureOrLaterThanTheRequests() external {
        FundQuote memory order = _order();

        // it should revert with InstantOutOfRange
        order.expiresAt += 1;
        _refused(funder, order, IReceivableLedger.InstantOutOfRange.selector);
        order.expiresAt = uint64(block.timestamp);
        _refused(funder, order, IReceivableLedger.InstantOutOfRange.selector);
    }

    // when nothing or more than the face is set aside
    function test_RevertWhen_NothingOrMoreThanTheFaceIsSetAside() external {
        FundQuote memory order = _order();

        // it should revert with AmountMissing or PriceAboveFaceValue
        order.amount = 0;
        _refused(funder, order, IReceivableLedger.AmountMissing.selector);
        order.amount = FACE + 1;
        _refused(funder, order, IFinancingMarket.PriceAboveFaceValue.selector);
    }

    // when the currency is another
    function test_RevertWhen_TheCurrencyIsAnother() external {
        FundQuote memory order = _order();
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(funder, order, ITokenisedDeposit.WrongCurrency.selector);
    }

    // given the programme asks for a filing and the funder has none
    function test_RevertGiven_TheProgrammeAsksForAFilingAndTheFunderHasNone() external {
        (, root) = _activeReceivable(_openProgramme(_strictProgrammeOrder()));
        requestId = _request(supplier, root, FACE);

        // it should revert with FilingMissing (R-07)
        _refused(funder, _order(), IFinancingMarket.FilingMissing.selector);
        _recordFiling(funder, requestId);
        _fund(funder, _quote());
    }

    // given the free deposit is too small
    function test_RevertGiven_TheFreeDepositIsTooSmall() external {
        uint64 rest = FACE - 1;
        RedeemDeposit memory redemption = RedeemDeposit({
            target: address(deposit),
            organisation: funder.organisation,
            nonce: _nonce(funder.maker),
            deadline: _deadline(),
            currency: CNY,
            amount: OPENING_BALANCE - rest,
            referenceHash: bytes32(0)
        });
        deposit.redeem(redemption, _approve(funder, Hash.order(redemption)));

        // it should revert with DepositTooSmall
        _refused(funder, _order(), ITokenisedDeposit.DepositTooSmall.selector);
    }

    // given the quote is funded already
    function test_RevertGiven_TheQuoteIsFundedAlready() external {
        Quote memory quote = _quote();
        _fund(funder, quote);

        // it should revert with QuoteAlreadyFunded (ONCE)
        _refused(funder, _fundOrder(funder, quote), IFinancingMarket.QuoteAlreadyFunded.selector);

        // it should let another funder's quote have the same hash
        Actor memory factor = _newActor("factor");
        Admission memory admission = _admission(factor, "factor", KIND_FUNDER);
        admission.licenceExpiresAt = uint40(block.timestamp + 365 days);
        factor.organisation = _admitOne(admission);
        skip(KEY_DELAY);
        uint32[] memory holders = new uint32[](1);
        holders[0] = factor.organisation;
        _openDepositAccounts(holders);
        _mint(factor.organisation, FACE);
        _fund(factor, quote);
        assertEq(deposit.reserved(factor.organisation, Hash.order(quote)), FACE);
    }

    // given the funder keeps lines without room
    function test_RevertGiven_TheFunderKeepsLinesWithoutRoom() external {
        _setLine(funder, anchor.organisation, FACE - 1);

        // it should revert with CreditLineExceeded, and set nothing aside
        _refused(funder, _order(), ICreditLines.CreditLineExceeded.selector);
        assertEq(deposit.account(funder.organisation).earmarked, 0);
    }

    // when a funder funds its quote
    function test_WhenAFunderFundsItsQuote() external {
        FundQuote memory order = _order();
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should emit QuoteFunded and DepositReserved
        vm.expectEmit(address(market));
        emit IFinancingMarket.QuoteFunded(
            requestId, receivableId, 4, funder.organisation, order.quote, FACE, uint40(order.expiresAt)
        );
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositReserved(funder.organisation, 3, FACE, order.quote);
        market.fundQuote(order, approvals);

        // it should set the money aside, out of the funder's reach
        assertEq(deposit.account(funder.organisation).earmarked, FACE);
        assertEq(_balance(funder), OPENING_BALANCE - FACE);
        assertEq(market.fundedQuote(funder.organisation, order.quote).expiresAt, order.expiresAt);
    }

    // given the funder keeps a line
    function test_GivenTheFunderKeepsALine() external {
        _setLine(funder, anchor.organisation, FACE + FACE / 4);
        FundQuote memory order = _order();
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should emit CreditLineReserved
        vm.expectEmit(address(creditLines));
        emit ICreditLines.CreditLineReserved(funder.organisation, anchor.organisation, CNY, 2, order.quote, FACE, FACE);
        market.fundQuote(order, approvals);

        // it should leave the line's rest only to other awards
        (, LotId other) = _activeReceivable(programmeId);
        Quote memory quote = _quoteFor(funder, _request(supplier, other, FACE / 2), FACE / 3);
        vm.expectPartialRevert(ICreditLines.CreditLineExceeded.selector);
        this.award(quote);
        assertEq(creditLines.reservation(funder.organisation, order.quote).amount, FACE);
    }

    function award(Quote calldata quote) external {
        _award(supplier, funder, quote);
    }

    function _quote() private returns (Quote memory) {
        return _quoteFor(funder, requestId, PRICE);
    }

    function _order() private returns (FundQuote memory) {
        return _fundOrder(funder, _quote());
    }

    function _refused(Actor memory by, FundQuote memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.fundQuote(order, approvals);
    }
}
