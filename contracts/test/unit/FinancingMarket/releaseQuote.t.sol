// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "../../../src/interfaces/ICreditLines.sol";
import {IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Quote, WithdrawFinancingRequest} from "../../../src/types/Orders.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract ReleaseQuoteTest is Base {
    uint64 private constant PRICE = FACE - 1_000;

    uint64 private receivableId;
    uint64 private requestId;
    Quote private quote;
    bytes32 private quoteHash;

    function setUp() public override {
        super.setUp();
        LotId root;
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
        _setLine(funder, anchor.organisation, 2 * FACE);
        quote = _quoteFor(funder, requestId, PRICE);
        quoteHash = Hash.order(quote);
        _fund(funder, quote);
    }

    // given the quote was never funded
    function test_RevertGiven_TheQuoteWasNeverFunded() external {
        // it should revert with QuoteNotFunded
        vm.expectPartialRevert(IFinancingMarket.QuoteNotFunded.selector);
        market.releaseQuote(funder.organisation, keccak256("another"));
        vm.expectPartialRevert(IFinancingMarket.QuoteNotFunded.selector);
        market.releaseQuote(stranger.organisation, quoteHash);
    }

    // given the quote still binds
    function test_RevertGiven_TheQuoteStillBinds() external {
        vm.warp(market.fundedQuote(funder.organisation, quoteHash).expiresAt);

        // it should revert with FundedQuoteBinding, to its last second
        vm.expectPartialRevert(IFinancingMarket.FundedQuoteBinding.selector);
        market.releaseQuote(funder.organisation, quoteHash);
    }

    // given the quote has expired
    function test_GivenTheQuoteHasExpired() external {
        vm.warp(uint256(market.fundedQuote(funder.organisation, quoteHash).expiresAt) + 1);

        // it should emit FundedQuoteEnded, ReserveReleased and CreditReserveReleased, whoever calls
        vm.expectEmit(address(market));
        emit IFinancingMarket.FundedQuoteEnded(requestId, receivableId, 5, funder.organisation, quoteHash, false);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.ReserveReleased(funder.organisation, 4, FACE, quoteHash);
        vm.expectEmit(address(creditLines));
        emit ICreditLines.CreditReserveReleased(funder.organisation, anchor.organisation, CNY, 3, quoteHash, FACE, 0);
        vm.prank(stranger.maker);
        market.releaseQuote(funder.organisation, quoteHash);

        // it should give money and line back
        _requireFree();

        // it should release once
        vm.expectPartialRevert(IFinancingMarket.QuoteNotFunded.selector);
        market.releaseQuote(funder.organisation, quoteHash);
    }

    // given the request was awarded to another quote
    function test_GivenTheRequestWasAwardedToAnotherQuote() external {
        _award(supplier, funder, _quoteFor(funder, requestId, PRICE + 1));
        market.releaseQuote(funder.organisation, quoteHash);

        // it should give the money back before the expiry
        assertEq(deposit.account(funder.organisation).earmarked, 0);
        assertEq(_balance(funder), OPENING_BALANCE - PRICE - 1);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, FACE);
    }

    // given the request was withdrawn
    function test_GivenTheRequestWasWithdrawn() external {
        WithdrawFinancingRequest memory order = WithdrawFinancingRequest({
            target: address(market),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            requestId: requestId
        });
        market.withdrawFinancingRequest(order, _approve(supplier, Hash.order(order)));
        market.releaseQuote(funder.organisation, quoteHash);

        // it should give the money back before the expiry
        _requireFree();
    }

    function _requireFree() private view {
        assertEq(deposit.account(funder.organisation).earmarked, 0);
        assertEq(_balance(funder), OPENING_BALANCE);
        assertEq(deposit.reserved(funder.organisation, quoteHash), 0);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, 0);
        assertEq(creditLines.reservation(funder.organisation, quoteHash).amount, 0);
    }
}
