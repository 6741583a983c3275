// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {RepurchaseLot} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RepurchaseLotTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        _financeWithRecourse(supplier, root, funder);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        _toDefault(receivableId);
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(supplier, order, IParticipantRegistry.WrongTarget.selector);
    }

    // given the lot was sold without recourse
    function test_RevertGiven_TheLotWasSoldWithoutRecourse() external {
        (uint64 other, LotId lotId) = _activeReceivable(programmeId);
        _award(supplier, funder, _quoteFor(funder, _request(supplier, lotId, FACE), FACE / 2));
        _toDefault(other);

        // it should revert with RecourseMissing
        _refused(supplier, _repurchaseOrder(supplier, lotId), IFinancingMarket.RecourseMissing.selector);
    }

    // when the organisation is not the seller
    function test_RevertWhen_TheOrganisationIsNotTheSeller() external {
        _toDefault(receivableId);

        // it should revert with NotSeller
        _refused(stranger, _repurchaseOrder(stranger, root), IFinancingMarket.NotSeller.selector);
    }

    // given the grace has not ended
    function test_RevertGiven_TheGraceHasNotEnded() external {
        vm.warp(lens.receivableTerms(receivableId).graceEndsAt);

        // it should revert with NotInDefault
        _refused(supplier, _repurchaseOrder(supplier, root), IReceivableLedger.NotInDefault.selector);
    }

    // when face, paid, amount or holder are not the lot's
    function test_RevertWhen_FacePaidAmountOrHolderAreNotTheLots() external {
        _toDefault(receivableId);
        RepurchaseLot[4] memory orders;
        for (uint256 i; i < 4; ++i) {
            orders[i] = _repurchaseOrder(supplier, root);
        }
        (orders[0].faceValue, orders[0].amount) = (FACE + 1, FACE + 1);
        (orders[1].paid, orders[1].amount) = (1, FACE - 1);
        orders[2].amount -= 1;
        orders[3].holder = stranger.organisation;

        // it should revert with LotChanged or NotHolder
        for (uint256 i; i < 3; ++i) {
            _refused(supplier, orders[i], IReceivableLedger.LotChanged.selector);
        }
        _refused(supplier, orders[3], IReceivableLedger.NotHolder.selector);
    }

    // given the anchor has paid a part that has not reached the lot
    function test_RevertGiven_TheAnchorHasPaidAPartThatHasNotReachedTheLot() external {
        _toDefault(receivableId);
        _settle(receivableId, FACE / 4, new uint32[](0));

        // it should revert with LotPartlyPaid: no payment moves with a title
        _refused(supplier, _repurchaseOrder(supplier, root), IReceivableLedger.LotPartlyPaid.selector);
    }

    // when the late interest is more than was signed
    function test_RevertWhen_TheLateInterestIsMoreThanWasSigned() external {
        _toDefault(receivableId);
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        order.lateInterest = _fiveDaysOf(FACE) - 1;

        // it should revert with LateInterestTooLow
        _refused(supplier, order, IFinancingMarket.LateInterestTooLow.selector);
    }

    // when the price is in another currency
    function test_RevertWhen_ThePriceIsInAnotherCurrency() external {
        _toDefault(receivableId);
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(supplier, order, ITokenisedDeposit.WrongCurrency.selector);
    }

    // given the seller's money does not cover it
    function test_RevertGiven_TheSellersMoneyDoesNotCoverIt() external {
        _toDefault(receivableId);

        // it should revert with DepositTooSmall, and title stays: 97 in a hundred is all it has
        _refused(supplier, _repurchaseOrder(supplier, root), ITokenisedDeposit.DepositTooSmall.selector);
        assertEq(_holder(root), funder.organisation);
    }

    // when the seller has not signed
    function test_RevertWhen_TheSellerHasNotSigned() external {
        _toDefault(receivableId);
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        Approval[] memory byHolder = _approve(funder, Hash.order(order));

        // it should revert with SignerUnknown: nobody spends another's money
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        market.repurchaseLot(order, byHolder);
    }

    // when the seller repurchases
    function test_WhenTheSellerRepurchases() external {
        _mint(supplier.organisation, FACE / 10);
        _toDefault(receivableId);
        RepurchaseLot memory order = _repurchaseOrder(supplier, root);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint64 interest = _fiveDaysOf(FACE);
        uint64 before = _balance(funder);

        // it should emit LotRepurchased
        vm.expectEmit(address(market));
        emit IFinancingMarket.LotRepurchased(
            receivableId, 5, 1, supplier.organisation, funder.organisation, FACE, interest
        );
        market.repurchaseLot(order, approvals);

        // it should give the seller the lot, and the holder what is outstanding with its late interest
        assertEq(_holder(root), supplier.organisation);
        assertEq(_balance(funder), before + FACE + interest);

        // it should end the recourse
        (uint32 seller,) = market.recourseOf(root);
        assertEq(seller, 0);

        // it should leave the surplus to the seller: what the anchor pays later is the seller's alone (R-22)
        uint64 sellerBefore = _balance(supplier);
        before = _balance(funder);
        _settle(receivableId, FACE, _allLots(receivableId));
        assertEq(_balance(supplier), sellerBefore + FACE + interest);
        assertEq(_balance(funder), before);
    }

    // given the seller is suspended
    function test_GivenTheSellerIsSuspended() external {
        _mint(supplier.organisation, FACE / 10);
        _toDefault(receivableId);
        vm.prank(administration);
        registry.restrictParticipant(supplier.organisation, ParticipantStatus.SUSPENDED);
        _repurchase(supplier, root);

        // it should still let it repay
        assertEq(_holder(root), supplier.organisation);
    }

    // given the funder has sold the lot on with recourse
    function test_GivenTheFunderHasSoldTheLotOnWithRecourse() external {
        _mint(supplier.organisation, FACE / 10);
        _mint(stranger.organisation, FACE);
        _financeWithRecourse(funder, root, stranger);
        _toDefault(receivableId);

        // it should refuse the first seller while the second is answerable
        _refused(supplier, _repurchaseOrder(supplier, root), IFinancingMarket.NotSeller.selector);

        // it should go back up the chain of sellers, one after the other
        _repurchase(funder, root);
        assertEq(_holder(root), funder.organisation);
        _repurchase(supplier, root);
        assertEq(_holder(root), supplier.organisation);
    }

    // given the holder has had its share, and the rest is held back
    function test_GivenTheHolderHasHadItsShareAndTheRestIsHeldBack() external {
        _sellWithHoldback();
        uint64 holders = _balance(funder);
        uint64 sellers = _balance(supplier);

        _repurchase(supplier, root);

        // it should give the seller the lot for nothing more
        assertEq(_holder(root), supplier.organisation);
        assertEq(_balance(funder), holders);
        assertEq(_balance(supplier), sellers);
        (uint32 seller,) = encumbrances.holdbackOf(root);
        assertEq(seller, 0);
        assertFalse(lens.lot(root).indivisible);
    }

    // when a lot under recourse is to be divided
    function test_RevertWhen_ALotUnderRecourseIsToBeDivided() external {
        // it should revert with LotIndivisible
        vm.expectPartialRevert(IReceivableLedger.LotIndivisible.selector);
        this.splitOff(root);
    }

    /// @dev Sold for 870,000 with recourse, and the last 100,000 held back; then paid all but 50,000 of it, in default.
    function _sellWithHoldback() private {
        (receivableId, root) = _activeReceivable(programmeId);
        _financeWithRecourse(supplier, root, funder, 870_000_00, 100_000_00);
        _toDefault(receivableId);
        _settle(receivableId, 950_000_00, _rootTwice());
    }

    function splitOff(LotId lotId) external {
        _split(funder, lotId, _part(subSupplier.organisation, FACE / 2));
    }

    /// @dev The programme's late interest is 1825 bps: 0.05 % a day.
    function _fiveDaysOf(uint64 amount) private pure returns (uint64) {
        return amount / 10_000 * 5 * 5;
    }

    function _refused(Actor memory by, RepurchaseLot memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.repurchaseLot(order, approvals);
    }
}
