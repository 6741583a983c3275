// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AttestFunding,
    AwardQuote,
    BearInterest,
    ConfirmFunding,
    DENY_FUNDING_TYPEHASH,
    FundingEnd,
    Quote,
    RELEASE_FUNDING_TYPEHASH
} from "../../src/types/Orders.sol";
import {Actor} from "../Base.t.sol";
import {Attesting} from "./Attesting.sol";
import {Hash} from "./Hash.sol";

/// @dev Prices that come by bank transfer, and what an anchor pays beside them. The funder banks where the anchor does,
/// so the payee's bank is far from both.
abstract contract Awaiting is Attesting {
    uint40 internal constant LONG_STOP = 7 days;

    function _introduceFar() internal {
        _introduceBanks();
        _nameBank(funder, payersBank.organisation);
        skip(KEY_DELAY);
    }

    /// @dev To be paid within three days.
    function _quoteByTransfer(Actor memory by, uint64 requestId, uint64 price) internal returns (Quote memory quote) {
        quote = _quoteFor(by, requestId, price);
        quote.payBy = uint64(block.timestamp + 3 days);
    }

    /// @dev The award with the anchor's share of the discount.
    function _awardWithShare(Actor memory by, Actor memory to, Quote memory quote, uint64 obligorInterest) internal {
        AwardQuote memory order = _awardOrder(by, quote);
        order.obligorInterest = obligorInterest;
        market.awardQuote(order, _approve(by, Hash.order(order)), quote, _approve(to, Hash.order(quote)));
    }

    /// @dev The price of a quote, come in now, by a line of just that.
    function _attestFundingOrder(Actor memory by, Quote memory quote, bytes32 lineHash)
        internal
        returns (AttestFunding memory)
    {
        return AttestFunding({
            target: address(funding),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: quote.requestId,
            quote: Hash.order(quote),
            payee: quote.holder,
            currency: quote.currency,
            amount: quote.netProceeds,
            valueAt: uint64(block.timestamp),
            lineHash: lineHash,
            lineAmount: quote.netProceeds
        });
    }

    function _attestFunding(Actor memory by, Quote memory quote, bytes32 lineHash) internal {
        AttestFunding memory order = _attestFundingOrder(by, quote, lineHash);
        funding.attestFunding(order, _approve(by, Hash.order(order)));
    }

    /// @dev The payee's word for what a bank attests.
    function _confirmFundingOrder(Actor memory by, AttestFunding memory attested)
        internal
        returns (ConfirmFunding memory)
    {
        return ConfirmFunding({
            target: address(funding),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: attested.requestId,
            quote: attested.quote,
            bank: attested.organisation,
            currency: attested.currency,
            amount: attested.amount,
            valueAt: attested.valueAt,
            lineHash: attested.lineHash,
            lineAmount: attested.lineAmount
        });
    }

    function _confirmFunding(Actor memory by, AttestFunding memory attested) internal {
        ConfirmFunding memory order = _confirmFundingOrder(by, attested);
        funding.confirmFunding(order, _approve(by, Hash.order(order)));
    }

    function _fundingEndOrder(Actor memory by, Quote memory quote) internal returns (FundingEnd memory) {
        return FundingEnd({
            target: address(funding),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: quote.requestId,
            quote: Hash.order(quote)
        });
    }

    function _releaseFunding(Actor memory by, Quote memory quote) internal {
        FundingEnd memory order = _fundingEndOrder(by, quote);
        funding.releaseFunding(order, _approve(by, Hash.fundingEnd(RELEASE_FUNDING_TYPEHASH, order)));
    }

    function _denyFunding(Actor memory by, Quote memory quote) internal {
        FundingEnd memory order = _fundingEndOrder(by, quote);
        funding.denyFunding(order, _approve(by, Hash.fundingEnd(DENY_FUNDING_TYPEHASH, order)));
    }

    /// @dev Set aside for as long as the request is open.
    function _bearOrder(Actor memory by, uint64 requestId, uint64 amount, uint16 shareBps)
        internal
        returns (BearInterest memory)
    {
        return BearInterest({
            target: address(funding),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: requestId,
            lotId: market.financingRequest(requestId).lotId,
            currency: CNY,
            amount: amount,
            shareBps: shareBps,
            expiresAt: market.financingRequest(requestId).expiresAt
        });
    }

    function _bear(uint64 requestId, uint64 amount, uint16 shareBps) internal {
        BearInterest memory order = _bearOrder(anchor, requestId, amount, shareBps);
        funding.bearInterest(order, _approve(anchor, Hash.order(order)));
    }
}
