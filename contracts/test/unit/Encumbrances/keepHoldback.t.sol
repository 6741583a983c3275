// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {
    AttestPayment,
    AwardQuote,
    ClaimRecourse,
    Quote,
    RepurchaseLot,
    RequestFinancing,
    SplitLot
} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Attesting} from "../../support/Attesting.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev What a seller holds back of a lot, from its sale to the last of its payment.
contract KeepHoldbackTest is Attesting {
    uint64 private constant PRICE = 870_000_00;
    uint64 private constant HOLDBACK = 100_000_00;
    uint64 private constant HOLDERS = FACE - HOLDBACK;

    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when the caller is not the market
    function test_RevertWhen_TheCallerIsNotTheMarket() external {
        bytes memory expected = abi.encodeWithSelector(IReceivableLedger.CompanionRequired.selector, address(this));

        // it should revert with CompanionRequired
        vm.expectRevert(expected);
        encumbrances.keepHoldback(root, supplier.organisation, 1);
        vm.expectRevert(expected);
        encumbrances.endHoldback(root, supplier.organisation);
    }

    // when a lot is sold with a holdback
    function test_WhenALotIsSoldWithAHoldback() external {
        _introduceBanks();
        Quote memory quote = _quote(supplier, funder);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit HoldbackKept after the award
        vm.expectEmit(address(market));
        emit IFinancingMarket.QuoteAwarded(
            quote.requestId,
            receivableId,
            next,
            funder.organisation,
            order.quote,
            PRICE,
            quote.terms,
            order.quoteCount,
            order.quoteHead
        );
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.HoldbackKept(receivableId, next + 1, 1, supplier.organisation, HOLDBACK);
        market.awardQuote(order, approvals, quote, quoted);
        _requireHeldBack(supplier.organisation, HOLDBACK);
        assertEq(_balance(supplier), PRICE);

        // it should keep the lot whole
        assertTrue(lens.lot(root).indivisible);
        SplitLot memory split = _splitOrder(funder, root, _part(funder.organisation, FACE / 2));
        RequestFinancing memory part = _requestOrder(funder, root, FACE / 2);
        Approval[] memory splitting = _approve(funder, Hash.order(split));
        Approval[] memory asking = _approve(funder, Hash.order(part));
        bytes memory indivisible = abi.encodeWithSelector(IReceivableLedger.LotIndivisible.selector, root);
        vm.expectRevert(indivisible);
        ledger.splitLot(split, splitting);
        vm.expectRevert(indivisible);
        market.requestFinancing(part, asking);

        // it should let neither the anchor pay early nor a bank attest a payment of all of it
        AttestPayment memory attested = _attestOrder(payeesBank, root, LINE);
        Approval[] memory attesting = _approve(payeesBank, Hash.order(attested));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.PaymentShared.selector, root, funder.organisation, HOLDERS));
        settlement.attestPayment(attested, attesting);
        Quote memory early = _quoteFor(anchor, _request(funder, root, FACE), PRICE);
        order = _awardOrder(funder, early);
        approvals = _approve(funder, Hash.order(order));
        quoted = _approve(anchor, Hash.order(early));
        vm.expectRevert(
            abi.encodeWithSelector(IEncumbrances.HoldbackStanding.selector, root, supplier.organisation, HOLDBACK)
        );
        market.awardQuote(order, approvals, early, quoted);
    }

    // when a part is sold with a holdback
    function test_WhenAPartIsSoldWithAHoldback() external {
        Quote memory quote = _quoteFor(funder, _request(supplier, root, FACE / 2), FACE / 4);
        quote.holdback = FACE / 4;
        _award(supplier, funder, quote);
        LotId sold = toLotId(receivableId, 2);

        // it should leave the rest divisible and whole in its holder's hands
        (uint32 seller, uint64 amount) = encumbrances.holdbackOf(sold);
        assertEq(seller, supplier.organisation);
        assertEq(amount, FACE / 4);
        assertTrue(lens.lot(sold).indivisible);
        _requireHeldBack(0, 0);
        _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
    }

    // when the lot is paid in parts
    function test_WhenTheLotIsPaidInParts() external {
        _sell();
        _toMaturity(receivableId);

        // it should pay the holder first and the seller the last of it
        _settle(receivableId, HOLDERS - 1, _allLots(receivableId));
        _requirePaid(HOLDERS - 1, 0);
        _settle(receivableId, 1, _allLots(receivableId));
        _requirePaid(HOLDERS, 0);
        _settle(receivableId, 1, _allLots(receivableId));
        _requirePaid(HOLDERS, 1);
        _settle(receivableId, HOLDBACK - 1, _allLots(receivableId));
        _requirePaid(HOLDERS, HOLDBACK);
        assertTrue(lens.lot(root).settled);
    }

    // when the lot is cranked once
    function test_WhenTheLotIsCrankedOnce() external {
        _sell();
        uint256 start = vm.snapshotState();
        uint32[] memory twice = new uint32[](2);
        (twice[0], twice[1]) = (1, 1);

        // it should pay both where it is named twice, and the seller later where it is named once
        _settle(receivableId, FACE, twice);
        _requirePaid(HOLDERS, HOLDBACK);
        vm.revertToState(start);
        _settle(receivableId, FACE, _allLots(receivableId));
        _requirePaid(HOLDERS, 0);
        settlement.payLots(receivableId, _allLots(receivableId));
        _requirePaid(HOLDERS, HOLDBACK);
    }

    // given the seller is blocked
    function test_GivenTheSellerIsBlocked() external {
        _sell();
        _setStatus(supplier.organisation, ParticipantStatus.BLOCKED);

        // it should pay the holder, and the seller once it is cleared
        _settle(receivableId, FACE, _allLots(receivableId));
        settlement.payLots(receivableId, _allLots(receivableId));
        _requirePaid(HOLDERS, 0);
        _setStatus(supplier.organisation, ParticipantStatus.ADMITTED);
        settlement.payLots(receivableId, _allLots(receivableId));
        _requirePaid(HOLDERS, HOLDBACK);
    }

    // given the lot is frozen
    function test_GivenTheLotIsFrozen() external {
        _sell();
        _freeze(root);

        _settle(receivableId, FACE, _allLots(receivableId));
        settlement.payLots(receivableId, _allLots(receivableId));

        // it should pay the court the holder's share only (R-26)
        _requirePaid(0, HOLDBACK);
        assertEq(_balance(court), HOLDERS);
    }

    // given the lot is pledged
    function test_GivenTheLotIsPledged() external {
        _sell();
        bytes32 pledge = _pledge(funder, root, stranger);
        _settle(receivableId, FACE, _allLots(receivableId));
        _requirePaid(0, 0);
        vm.warp(encumbrances.pledgeOf(root).dueAt + 1);
        uint256 start = vm.snapshotState();

        // it should pay the pledgee out of the holder's share only (R-24)
        _enforcePledge(stranger, root, pledge);
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(stranger), FACE / 4 * 3);
        settlement.payLots(receivableId, _allLots(receivableId));
        _requirePaid(HOLDERS - FACE / 4 * 3, 0);
        settlement.payLots(receivableId, _allLots(receivableId));
        _requirePaid(HOLDERS - FACE / 4 * 3, HOLDBACK);

        // it should let the seller have its part while the rest waits
        vm.revertToState(start);
        (uint32 payee, uint64 amount) = encumbrances.paymentOf(root, funder.organisation, HOLDERS, HOLDBACK);
        assertEq(payee, supplier.organisation);
        assertEq(amount, HOLDBACK);
        (payee, amount) = encumbrances.paymentOf(root, funder.organisation, 0, FACE);
        assertEq(payee, 0);
        assertEq(amount, HOLDERS);
    }

    // given an earlier seller's stands
    function test_RevertGiven_AnEarlierSellersStands() external {
        _sell();
        _mint(stranger.organisation, FACE);
        Quote memory quote = _quote(funder, stranger);
        AwardQuote memory order = _awardOrder(funder, quote);
        Approval[] memory approvals = _approve(funder, Hash.order(order));
        Approval[] memory quoted = _approve(stranger, Hash.order(quote));

        // it should revert with HoldbackStanding
        vm.expectRevert(
            abi.encodeWithSelector(IEncumbrances.HoldbackStanding.selector, root, supplier.organisation, HOLDBACK)
        );
        market.awardQuote(order, approvals, quote, quoted);
    }

    // given the seller has the lot again
    function test_GivenTheSellerHasTheLotAgain() external {
        _sell();
        _propose(funder, root, supplier.organisation);
        uint256 start = vm.snapshotState();

        // it should pay it, its court or its pledgee all of it
        _settle(receivableId, FACE, _allLots(receivableId));
        assertEq(_balance(supplier), PRICE + FACE);
        vm.revertToState(start);
        _freeze(root);
        _settle(receivableId, FACE, _allLots(receivableId));
        assertEq(_balance(court), FACE);
        vm.revertToState(start);
        (uint32 payee, uint64 amount) = encumbrances.paymentOf(root, supplier.organisation, 0, FACE);
        assertEq(payee, supplier.organisation);
        assertEq(amount, FACE);

        // it should hold back anew when it sells again
        Quote memory quote = _quote(supplier, funder);
        quote.holdback = 1;
        _award(supplier, funder, quote);
        _requireHeldBack(supplier.organisation, 1);
    }

    // when any part is held back and any payments come
    /// @custom:law HOLDBACK
    function testFuzz_WhenAnyPartIsHeldBackAndAnyPaymentsCome(uint64 holdback, uint64[4] memory payments) external {
        holdback = uint64(bound(holdback, 1, FACE - 1));
        Quote memory quote = _quote(supplier, funder);
        (quote.netProceeds, quote.holdback) = (1, holdback);
        _award(supplier, funder, quote);
        _toMaturity(receivableId);
        uint32[] memory twice = new uint32[](2);
        (twice[0], twice[1]) = (1, 1);
        uint64 total;

        // it should pay holder and seller their shares to the unit, and no more than the face together (HOLDBACK)
        for (uint256 i; i < payments.length && total < FACE; ++i) {
            uint64 amount = i == payments.length - 1 ? FACE - total : uint64(bound(payments[i], 1, FACE - total));
            _settle(receivableId, amount, twice);
            total += amount;
            uint64 holders = total < FACE - holdback ? total : FACE - holdback;
            assertEq(_balance(funder), OPENING_BALANCE - 1 + holders);
            assertEq(_balance(supplier), 1 + total - holders);
        }
    }

    // when holder claims or seller repurchases in default
    function test_WhenHolderClaimsOrSellerRepurchasesInDefault() external {
        _sellWithRecourse(supplier, funder, HOLDBACK);
        _toDefault(receivableId);
        uint64 interest = HOLDERS / 10_000 * 5 * 5;
        ClaimRecourse memory claim = _claimOrder(funder, root);
        Approval[] memory claimed = _approve(funder, Hash.order(claim));
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        order.amount = FACE;
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should ask for the holder's share only
        vm.expectEmit(address(market));
        emit IFinancingMarket.RecourseClaimed(
            receivableId, next, 1, funder.organisation, supplier.organisation, HOLDERS, interest
        );
        market.claimRecourse(claim, claimed);
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE, 0));
        market.repurchaseLot(order, approvals);

        // it should emit HoldbackEnded and leave the seller all of it
        _mint(supplier.organisation, FACE);
        order = _repurchaseOrder(supplier, root);
        assertEq(order.amount, HOLDERS);
        approvals = _approve(supplier, Hash.order(order));
        uint64 before = _balance(funder);
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.HoldbackEnded(receivableId, next + 1, 1, supplier.organisation, HOLDBACK);
        vm.expectEmit(address(market));
        emit IFinancingMarket.LotRepurchased(
            receivableId, next + 2, 1, supplier.organisation, funder.organisation, HOLDERS, interest
        );
        market.repurchaseLot(order, approvals);
        assertEq(_balance(funder), before + HOLDERS + interest);
        _requireHeldBack(0, 0);
        assertFalse(lens.lot(root).indivisible);
        _split(supplier, root, _part(supplier.organisation, FACE / 2));
    }

    // given another than the one who held back repurchases
    function test_GivenAnotherThanTheOneWhoHeldBackRepurchases() external {
        _sell();
        _mint(stranger.organisation, FACE);
        _sellWithRecourse(funder, stranger, 0);
        _toDefault(receivableId);
        uint64 before = _balance(stranger);

        _repurchase(funder, root);

        // it should leave the holdback as it is
        assertEq(_balance(stranger), before + HOLDERS + HOLDERS / 10_000 * 5 * 5);
        assertEq(_holder(root), funder.organisation);
        _requireHeldBack(supplier.organisation, HOLDBACK);
        assertTrue(lens.lot(root).indivisible);
    }

    function _quote(Actor memory by, Actor memory to) private returns (Quote memory quote) {
        quote = _quoteFor(to, _request(by, root, FACE), PRICE);
        quote.holdback = HOLDBACK;
    }

    function _sell() private {
        _award(supplier, funder, _quote(supplier, funder));
    }

    function _sellWithRecourse(Actor memory by, Actor memory to, uint64 holdback) private {
        RequestFinancing memory order = _requestOrder(by, root, FACE);
        order.withRecourse = true;
        market.requestFinancing(order, _approve(by, Hash.order(order)));
        Quote memory quote = _quoteFor(to, market.requestCount(), PRICE);
        (quote.withRecourse, quote.holdback) = (true, holdback);
        _award(by, to, quote);
    }

    function _requireHeldBack(uint32 expectedSeller, uint64 expectedAmount) private view {
        (uint32 seller, uint64 amount) = encumbrances.holdbackOf(root);
        assertEq(seller, expectedSeller);
        assertEq(amount, expectedAmount);
    }

    /// @dev What each of the two has had of the lot's payment.
    function _requirePaid(uint64 holders, uint64 sellers) private view {
        assertEq(_balance(funder), OPENING_BALANCE - PRICE + holders);
        assertEq(_balance(supplier), PRICE + sellers);
    }
}
