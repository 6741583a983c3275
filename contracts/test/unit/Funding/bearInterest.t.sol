// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FinancingStatus, IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {BorneInterest, IFunding} from "../../../src/interfaces/IFunding.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {AwardQuote, BearInterest, Quote} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Awaiting} from "../../support/Awaiting.sol";
import {Hash} from "../../support/Hash.sol";

contract BearInterestTest is Awaiting {
    /// @dev The discount is 30,000.
    uint64 private constant PRICE = 970_000_00;
    uint64 private constant DISCOUNT = FACE - PRICE;

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
        BearInterest memory order = _order();
        order.target = address(market);

        // it should revert with WrongTarget
        _refused(
            order, abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(market), address(funding))
        );
    }

    // given there is no such request, or it has ended
    function test_RevertGiven_ThereIsNoSuchRequestOrItHasEnded() external {
        BearInterest memory unknown = _order();
        unknown.requestId = 99;
        BearInterest memory late = _order();
        _award(supplier, funder, _quoteFor(funder, requestId, PRICE));

        // it should revert with RequestUnknown or RequestNotOpen
        _refused(unknown, abi.encodeWithSelector(IFinancingMarket.RequestUnknown.selector, 99));
        _refused(
            late, abi.encodeWithSelector(IFinancingMarket.RequestNotOpen.selector, requestId, FinancingStatus.FUNDED)
        );
    }

    // when the request is for another lot than was signed
    function test_RevertWhen_TheRequestIsForAnotherLotThanWasSigned() external {
        (, LotId other) = _activeReceivable(programmeId);
        BearInterest memory order = _order();
        order.lotId = other;

        // it should revert with RequestChanged: after a reorganisation a number may name another's request (AS_SIGNED)
        _refused(order, abi.encodeWithSelector(IFinancingMarket.RequestChanged.selector, requestId, root));
    }

    // given a share is borne already
    function test_GivenAShareIsBorneAlready() external {
        BearInterest memory first = _order();
        first.expiresAt = uint64(block.timestamp + 1);
        funding.bearInterest(first, _approve(anchor, Hash.order(first)));

        // it should revert with InterestAlreadyBorne
        _refused(_order(), abi.encodeWithSelector(IFunding.InterestAlreadyBorne.selector, requestId));
        skip(2);
        _refused(_order(), abi.encodeWithSelector(IFunding.InterestAlreadyBorne.selector, requestId));

        // it should let the anchor bear again what has been released
        funding.releaseInterest(requestId);
        _bear(requestId, DISCOUNT, 10_000);
        assertEq(funding.borneInterest(requestId).shareBps, 10_000);
    }

    // when the share is none, or more than all
    function test_RevertWhen_TheShareIsNoneOrMoreThanAll() external {
        uint16[3] memory shares = [0, 10_001, type(uint16).max];

        // it should revert with InterestShareMalformed
        for (uint256 i; i < shares.length; ++i) {
            BearInterest memory order = _order();
            order.shareBps = shares[i];
            _refused(order, abi.encodeWithSelector(IFunding.InterestShareMalformed.selector, shares[i]));
        }
        _bear(requestId, DISCOUNT, 1);
    }

    // when nothing is set aside
    function test_RevertWhen_NothingIsSetAside() external {
        BearInterest memory order = _order();
        order.amount = 0;

        // it should revert with AmountMissing
        _refused(order, abi.encodeWithSelector(IReceivableLedger.AmountMissing.selector));
    }

    // when it expires at once, or after the request
    function test_RevertWhen_ItExpiresAtOnceOrAfterTheRequest() external {
        uint64[3] memory instants =
            [uint64(block.timestamp), market.financingRequest(requestId).expiresAt + 1, type(uint64).max];

        // it should revert with InstantOutOfRange
        for (uint256 i; i < instants.length; ++i) {
            BearInterest memory order = _order();
            order.expiresAt = instants[i];
            _refused(order, abi.encodeWithSelector(IReceivableLedger.InstantOutOfRange.selector, instants[i]));
        }
        _bear(requestId, 1, 1);
    }

    // when the organisation is not the obligor
    function test_RevertWhen_TheOrganisationIsNotTheObligor() external {
        BearInterest memory order = _bearOrder(funder, requestId, DISCOUNT, 5_000);
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should revert with NotObligor
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.NotObligor.selector, receivableId, anchor.organisation, funder.organisation
            )
        );
        funding.bearInterest(order, approvals);
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        BearInterest memory order = _order();
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(order, abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, bytes3("USD"), CNY));
    }

    // given the anchor's money does not cover it
    function test_RevertGiven_TheAnchorsMoneyDoesNotCoverIt() external {
        BearInterest memory order = _order();
        order.amount = OPENING_BALANCE + 1;

        // it should revert with DepositTooSmall
        _refused(
            order,
            abi.encodeWithSelector(
                ITokenisedDeposit.DepositTooSmall.selector, anchor.organisation, OPENING_BALANCE, OPENING_BALANCE + 1
            )
        );
        _bear(requestId, OPENING_BALANCE, 5_000);
    }

    // when anchor or checker has not signed
    function test_RevertWhen_AnchorOrCheckerHasNotSigned() external {
        BearInterest memory order = _order();
        Approval[] memory byHolder = _approve(supplier, Hash.order(order));
        Approval[] memory alone = _approveAlone(anchor, Hash.order(order));

        // it should revert with SignerUnknown or CheckerRequired
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.SignerUnknown.selector, supplier.maker, anchor.organisation)
        );
        funding.bearInterest(order, byHolder);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.CheckerRequired.selector, anchor.organisation, DISCOUNT, 0)
        );
        funding.bearInterest(order, alone);
    }

    // when the anchor bears a share
    function test_WhenTheAnchorBearsAShare() external {
        BearInterest memory order = _order();
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;
        uint32 account = deposit.account(anchor.organisation).sequence;

        // it should emit DepositReserved and InterestBorne
        vm.expectEmit(address(funding));
        emit IFunding.InterestBorne(
            requestId, receivableId, next, anchor.organisation, 5_000, DISCOUNT, uint40(order.expiresAt)
        );
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositReserved(anchor.organisation, account + 1, DISCOUNT, bytes32(uint256(requestId)));
        funding.bearInterest(order, approvals);
        assertEq(lens.receivableProgress(receivableId).sequence, next);

        // it should set the amount aside
        assertEq(_balance(anchor), OPENING_BALANCE - DISCOUNT);
        assertEq(deposit.account(anchor.organisation).earmarked, DISCOUNT);
        assertEq(deposit.reserved(anchor.organisation, bytes32(uint256(requestId))), DISCOUNT);
        BorneInterest memory entry = funding.borneInterest(requestId);
        assertEq(entry.amount, DISCOUNT);
        assertEq(entry.shareBps, 5_000);
        assertEq(entry.expiresAt, order.expiresAt);
    }

    // when the award signs another share than is due
    function test_RevertWhen_TheAwardSignsAnotherShareThanIsDue() external {
        _introduceFar();
        requestId = _requestAnew();
        uint256 start = vm.snapshotState();
        uint64[2] memory signed = [DISCOUNT / 2 - 1, DISCOUNT / 2 + 1];

        // it should revert with InterestChanged, with a transfer or without
        _refusedAward(_quoteFor(funder, requestId, PRICE), 1, 0);
        _refusedAward(_quoteByTransfer(funder, requestId, PRICE), 1, 0);
        vm.revertToState(start);
        _bear(requestId, DISCOUNT, 5_000);
        for (uint256 i; i < signed.length; ++i) {
            _refusedAward(_quoteFor(funder, requestId, PRICE), signed[i], DISCOUNT / 2);
            _refusedAward(_quoteByTransfer(funder, requestId, PRICE), signed[i], DISCOUNT / 2);
        }
    }

    // when the award signs the share
    function test_WhenTheAwardSignsTheShare() external {
        // A discount of 30,000.01, of which 12.5 in a hundred is 3,750.00125: 3,750.00.
        _bear(requestId, DISCOUNT, 1_250);
        Quote memory quote = _quoteFor(funder, requestId, PRICE - 1);
        AwardQuote memory order = _awardOrder(supplier, quote);
        order.obligorInterest = 3_750_00;
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should pay the holder beside the price, half-up
        vm.expectEmit(true, true, true, false, address(market));
        emit IFinancingMarket.QuoteAwarded(
            requestId, receivableId, next, funder.organisation, bytes32(0), 0, bytes32(0), 0, bytes32(0)
        );
        vm.expectEmit(address(funding));
        emit IFunding.InterestEnded(requestId, receivableId, next + 1, anchor.organisation, 3_750_00);
        market.awardQuote(order, approvals, quote, quoted);
        assertEq(_balance(supplier), PRICE - 1 + 3_750_00);

        // it should free the rest (EARMARK)
        assertEq(_balance(anchor), OPENING_BALANCE - 3_750_00);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
        assertEq(funding.borneInterest(requestId).amount, 0);
    }

    // when the share is more than was set aside
    function test_WhenTheShareIsMoreThanWasSetAside() external {
        _bear(requestId, 1_00, 5_000);

        _awardWithShare(supplier, funder, _quoteFor(funder, requestId, PRICE), 1_00);

        // it should pay what was set aside
        assertEq(_balance(supplier), PRICE + 1_00);
        assertEq(_balance(anchor), OPENING_BALANCE - 1_00);
    }

    // given the anchor bears all of it
    function test_GivenTheAnchorBearsAllOfIt() external {
        _bear(requestId, FACE, 10_000);
        Quote memory quote = _quoteFor(funder, requestId, PRICE);
        quote.holdback = DISCOUNT / 3;

        _awardWithShare(supplier, funder, quote, DISCOUNT - DISCOUNT / 3);

        // it should pay the holder the part's face less the holdback
        assertEq(_balance(supplier), FACE - DISCOUNT / 3);
    }

    // given the anchor's word has expired
    function test_GivenTheAnchorsWordHasExpired() external {
        BearInterest memory order = _order();
        order.expiresAt = uint64(block.timestamp + 1 hours);
        funding.bearInterest(order, _approve(anchor, Hash.order(order)));
        uint256 start = vm.snapshotState();
        vm.warp(order.expiresAt);
        _awardWithShare(supplier, funder, _quoteFor(funder, requestId, PRICE), DISCOUNT / 2);
        vm.revertToState(start);
        vm.warp(order.expiresAt + 1);

        // it should let the holder award for no share only
        _refusedAward(_quoteFor(funder, requestId, PRICE), DISCOUNT / 2, 0);
        _award(supplier, funder, _quoteFor(funder, requestId, PRICE));
        assertEq(_balance(supplier), PRICE);
    }

    // when the anchor pays early
    function test_RevertWhen_TheAnchorPaysEarly() external {
        _bear(requestId, DISCOUNT, 5_000);
        Quote memory quote = _quoteFor(anchor, requestId, PRICE);
        AwardQuote memory order = _awardOrder(supplier, quote);
        order.obligorInterest = DISCOUNT / 2;
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(anchor, Hash.order(quote));

        // it should revert with EarlyPaymentWithTerms for a share
        vm.expectRevert(abi.encodeWithSelector(IFinancingMarket.EarlyPaymentWithTerms.selector, requestId));
        market.awardQuote(order, approvals, quote, quoted);
        _award(supplier, anchor, quote);
        funding.releaseInterest(requestId);
        assertEq(_balance(anchor), OPENING_BALANCE - PRICE);
    }

    // when any share is borne
    function testFuzz_WhenAnyShareIsBorne(uint64 price, uint64 holdback, uint16 shareBps, uint64 amount) external {
        price = uint64(bound(price, 1, FACE));
        holdback = uint64(bound(holdback, 0, FACE - price));
        shareBps = uint16(bound(shareBps, 1, 10_000));
        amount = uint64(bound(amount, 1, OPENING_BALANCE));
        _bear(requestId, amount, shareBps);
        Quote memory quote = _quoteFor(funder, requestId, price);
        quote.holdback = holdback;
        uint256 tenThousandths = uint256(FACE - price - holdback) * shareBps;
        uint256 share = tenThousandths / 10_000 + (tenThousandths % 10_000 >= 5_000 ? 1 : 0);
        if (share > amount) share = amount;

        _awardWithShare(supplier, funder, quote, uint64(share));

        // it should pay half-up of the discount, and never more than was set aside
        assertEq(_balance(supplier), price + share);
        if (share == 0) funding.releaseInterest(requestId);
        assertEq(_balance(anchor), OPENING_BALANCE - share);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    function _requestAnew() private returns (uint64) {
        (receivableId, root) = _activeReceivable(programmeId);
        return _request(supplier, root, FACE);
    }

    function _order() private returns (BearInterest memory) {
        return _bearOrder(anchor, requestId, DISCOUNT, 5_000);
    }

    function _refused(BearInterest memory order, bytes memory expected) private {
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        vm.expectRevert(expected);
        funding.bearInterest(order, approvals);
    }

    function _refusedAward(Quote memory quote, uint64 signed, uint64 due) private {
        AwardQuote memory order = _awardOrder(supplier, quote);
        order.obligorInterest = signed;
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        vm.expectRevert(abi.encodeWithSelector(IFunding.InterestChanged.selector, requestId, due, signed));
        market.awardQuote(order, approvals, quote, quoted);
    }
}
