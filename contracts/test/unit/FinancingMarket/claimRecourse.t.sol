// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {ClaimRecourse} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract ClaimRecourseTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        _financeWithRecourse(supplier, root, funder);
    }

    // given the lot was sold without recourse
    function test_RevertGiven_TheLotWasSoldWithoutRecourse() external {
        (uint64 other, LotId lotId) = _activeReceivable(programmeId);
        _toDefault(other);

        // it should revert with RecourseMissing
        _refused(supplier, _claimOrder(supplier, lotId), IFinancingMarket.RecourseMissing.selector);
    }

    // when the organisation is not the holder
    function test_RevertWhen_TheOrganisationIsNotTheHolder() external {
        _toDefault(receivableId);

        // it should revert with NotHolder
        _refused(stranger, _claimOrder(stranger, root), IReceivableLedger.NotHolder.selector);
    }

    // when face or paid are not the lot's
    function test_RevertWhen_FaceOrPaidAreNotTheLots() external {
        _toDefault(receivableId);
        ClaimRecourse memory otherFace = _claimOrder(funder, root);
        otherFace.faceValue += 1;
        ClaimRecourse memory otherPaid = _claimOrder(funder, root);
        otherPaid.paid = 1;

        // it should revert with LotChanged
        _refused(funder, otherFace, IReceivableLedger.LotChanged.selector);
        _refused(funder, otherPaid, IReceivableLedger.LotChanged.selector);
    }

    // given the grace has not ended
    function test_RevertGiven_TheGraceHasNotEnded() external {
        _toMaturity(receivableId);

        // it should revert with NotInDefault
        _refused(funder, _claimOrder(funder, root), IReceivableLedger.NotInDefault.selector);
    }

    // given the lot is paid
    function test_RevertGiven_TheLotIsPaid() external {
        _toDefault(receivableId);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(funder, _claimOrder(funder, root), IReceivableLedger.LotAlreadySettled.selector);
    }

    // when the holder claims
    function test_WhenTheHolderClaims() external {
        _toDefault(receivableId);
        ClaimRecourse memory order = _claimOrder(funder, root);
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should emit RecourseClaimed with what is outstanding and its late interest
        vm.expectEmit(address(market));
        emit IFinancingMarket.RecourseClaimed(
            receivableId, 5, 1, funder.organisation, supplier.organisation, FACE, FACE / 10_000 * 25
        );
        market.claimRecourse(order, approvals);

        // it should remember the claim
        (uint32 seller, bool isClaimed) = market.recourseOf(root);
        assertEq(seller, supplier.organisation);
        assertTrue(isClaimed);

        // it should refuse a second claim
        _refused(funder, _claimOrder(funder, root), IFinancingMarket.RecourseAlreadyClaimed.selector);
    }

    // given the holder has had its share, and the rest is held back
    function test_GivenTheHolderHasHadItsShareAndTheRestIsHeldBack() external {
        _sellWithHoldback();
        ClaimRecourse memory order = _claimOrder(funder, root);
        Approval[] memory approvals = _approve(funder, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should claim nothing of what is the seller's
        vm.expectEmit(address(market));
        emit IFinancingMarket.RecourseClaimed(receivableId, next, 1, funder.organisation, supplier.organisation, 0, 0);
        market.claimRecourse(order, approvals);
    }

    // when only the maker has signed
    function test_RevertWhen_OnlyTheMakerHasSigned() external {
        _toDefault(receivableId);
        ClaimRecourse memory order = _claimOrder(funder, root);
        Approval[] memory alone = _approveAlone(funder, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        market.claimRecourse(order, alone);
    }

    /// @dev Sold for 870,000 with recourse, and the last 100,000 held back; then paid all but 50,000 of it, in default.
    function _sellWithHoldback() private {
        (receivableId, root) = _activeReceivable(programmeId);
        _financeWithRecourse(supplier, root, funder, 870_000_00, 100_000_00);
        _toDefault(receivableId);
        _settle(receivableId, 950_000_00, _rootTwice());
    }

    function _refused(Actor memory by, ClaimRecourse memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.claimRecourse(order, approvals);
    }
}
