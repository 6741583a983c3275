// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFunding} from "../../../src/interfaces/IFunding.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {BearInterest, Quote, WithdrawFinancingRequest} from "../../../src/types/Orders.sol";
import {Awaiting} from "../../support/Awaiting.sol";
import {Hash} from "../../support/Hash.sol";

contract ReleaseInterestTest is Awaiting {
    uint64 private constant PRICE = 970_000_00;
    uint64 private constant DISCOUNT = FACE - PRICE;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;

    function setUp() public override {
        super.setUp();
        _introduceFar();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
    }

    // given nothing is set aside
    function test_RevertGiven_NothingIsSetAside() external {
        // it should revert with InterestNotBorne
        vm.expectRevert(abi.encodeWithSelector(IFunding.InterestNotBorne.selector, requestId));
        funding.releaseInterest(requestId);
    }

    // given the request is open and the anchor's word has not expired
    function test_RevertGiven_TheRequestIsOpenAndTheAnchorsWordHasNotExpired() external {
        BearInterest memory order = _bearOrder(anchor, requestId, DISCOUNT, 5_000);
        order.expiresAt -= 1 days;
        funding.bearInterest(order, _approve(anchor, Hash.order(order)));
        vm.warp(order.expiresAt);

        // it should revert with InterestBinding, to the last second (CLOCK)
        _refusedUntil(order.expiresAt);
        skip(1);
        funding.releaseInterest(requestId);
        _requireFree();
    }

    // given the price of an award with the share is on its way
    function test_GivenThePriceOfAnAwardWithTheShareIsOnItsWay() external {
        _bear(requestId, DISCOUNT, 5_000);
        uint40 expiresAt = funding.borneInterest(requestId).expiresAt;
        Quote memory quote = _quoteByTransfer(funder, requestId, PRICE);
        _awardWithShare(supplier, funder, quote, DISCOUNT / 2);

        // it should revert with InterestBinding, however long that takes
        _refusedUntil(expiresAt);
        vm.warp(quote.payBy + LONG_STOP + 1);
        _refusedUntil(expiresAt);

        // it should free it once the award has failed
        funding.lapseFunding(requestId);
        funding.releaseInterest(requestId);
        _requireFree();
    }

    // given the request was withdrawn, or awarded without the share
    function test_GivenTheRequestWasWithdrawnOrAwardedWithoutTheShare() external {
        _bear(requestId, DISCOUNT, 5_000);
        uint256 start = vm.snapshotState();

        // it should free it at once
        WithdrawFinancingRequest memory withdrawal = WithdrawFinancingRequest({
            target: address(market),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            requestId: requestId
        });
        market.withdrawFinancingRequest(withdrawal, _approve(supplier, Hash.order(withdrawal)));
        funding.releaseInterest(requestId);
        _requireFree();
        vm.revertToState(start);
        _award(supplier, funder, _quoteByTransfer(funder, requestId, PRICE));
        funding.releaseInterest(requestId);
        _requireFree();
        vm.revertToState(start);
        _award(supplier, funder, _quoteFor(funder, requestId, PRICE));
        funding.releaseInterest(requestId);
        _requireFree();
    }

    // when it is released
    function test_WhenItIsReleased() external {
        _bear(requestId, DISCOUNT, 5_000);
        vm.warp(funding.borneInterest(requestId).expiresAt + 1);
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;
        uint32 account = deposit.account(anchor.organisation).sequence;

        // it should emit InterestEnded for nothing and ReserveReleased
        vm.expectEmit(address(funding));
        emit IFunding.InterestEnded(requestId, receivableId, next, anchor.organisation, 0);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.ReserveReleased(anchor.organisation, account + 1, DISCOUNT, bytes32(uint256(requestId)));
        vm.prank(makeAddr("anybody"));
        funding.releaseInterest(requestId);

        // it should free all of it, whoever calls
        _requireFree();
        assertEq(lens.receivableProgress(receivableId).sequence, next);
    }

    function _refusedUntil(uint64 expiresAt) private {
        vm.expectRevert(abi.encodeWithSelector(IFunding.InterestBinding.selector, requestId, expiresAt));
        funding.releaseInterest(requestId);
    }

    function _requireFree() private view {
        assertEq(_balance(anchor), OPENING_BALANCE);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
        assertEq(funding.borneInterest(requestId).amount, 0);
    }
}
