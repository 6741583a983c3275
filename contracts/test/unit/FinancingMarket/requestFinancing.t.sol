// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket, FinancingRequest, FinancingStatus} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {RequestFinancing} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RequestFinancingTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        RequestFinancing memory order = _requestOrder(supplier, root, FACE);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the request would have expired, or never expire
    function test_RevertWhen_TheRequestWouldHaveExpiredOrNeverExpire() external {
        RequestFinancing memory late = _requestOrder(supplier, root, FACE);
        late.expiresAt = uint64(block.timestamp);
        RequestFinancing memory endless = _requestOrder(supplier, root, FACE);
        endless.expiresAt = uint64(type(uint40).max) + 1;

        // it should revert with InstantOutOfRange
        _refused(late, IReceivableLedger.InstantOutOfRange.selector);
        _refused(endless, IReceivableLedger.InstantOutOfRange.selector);
    }

    // given there is no such lot
    function test_RevertGiven_ThereIsNoSuchLot() external {
        RequestFinancing memory order = _requestOrder(supplier, root, FACE);
        order.lotId = toLotId(receivableId, 9);

        // it should revert with LotUnknown
        _refused(order, IReceivableLedger.LotUnknown.selector);
    }

    // when somebody else than the holder signs
    function test_RevertWhen_SomebodyElseThanTheHolderSigns() external {
        RequestFinancing memory order = _requestOrder(stranger, root, FACE);
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with SignerUnknown: the ledger knows whose signature it wants
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        market.requestFinancing(order, approvals);
    }

    // when the holder signs in another organisation's name
    function test_RevertWhen_TheHolderSignsInAnotherOrganisationsName() external {
        RequestFinancing memory order = _requestOrder(supplier, root, FACE);
        order.organisation = stranger.organisation;

        // it should revert with NotHolder
        _refused(order, IReceivableLedger.NotHolder.selector);
    }

    // given the receivable is not accepted
    function test_RevertGiven_TheReceivableIsNotAccepted() external {
        LotId offered = toLotId(_issue(programmeId, supplier, FACE), 1);

        // it should revert with ReceivableNotActive
        _refused(_requestOrder(supplier, offered, FACE), IReceivableLedger.ReceivableNotActive.selector);
    }

    // given the lot is encumbered
    function test_RevertGiven_TheLotIsEncumbered() external {
        _request(supplier, root, FACE);

        // it should revert with LotEncumbered
        _refused(_requestOrder(supplier, root, FACE), IReceivableLedger.LotEncumbered.selector);
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        RequestFinancing memory otherFace = _requestOrder(supplier, root, FACE);
        otherFace.faceValue += 1;
        RequestFinancing memory otherPaid = _requestOrder(supplier, root, FACE);
        otherPaid.paid = 1;

        // it should revert with LotChanged
        _refused(otherFace, IReceivableLedger.LotChanged.selector);
        _refused(otherPaid, IReceivableLedger.LotChanged.selector);
    }

    // given something is paid on the lot, or due to it
    function test_RevertGiven_SomethingIsPaidOnTheLotOrDueToIt() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 4, new uint32[](0));

        // it should revert with LotPartlyPaid
        _refused(_requestOrder(supplier, root, FACE), IReceivableLedger.LotPartlyPaid.selector);
        settlement.payLots(receivableId, _allLots(receivableId));
        _refused(_requestOrder(supplier, root, FACE), IReceivableLedger.LotPartlyPaid.selector);
    }

    // when the part is nothing, or more than the lot
    function test_RevertWhen_ThePartIsNothingOrMoreThanTheLot() external {
        // it should revert with AmountMissing or PartTooLarge
        _refused(_requestOrder(supplier, root, 0), IReceivableLedger.AmountMissing.selector);
        _refused(_requestOrder(supplier, root, FACE + 1), IReceivableLedger.PartTooLarge.selector);
    }

    // when the part or what remains is below the minimum lot
    function test_RevertWhen_ThePartOrWhatRemainsIsBelowTheMinimumLot() external {
        // it should revert with LotTooSmall
        _refused(_requestOrder(supplier, root, 1), IReceivableLedger.LotTooSmall.selector);
        _refused(_requestOrder(supplier, root, FACE - 1), IReceivableLedger.LotTooSmall.selector);
    }

    // given the receivable runs shorter than its programme asks
    function test_RevertGiven_TheReceivableRunsShorterThanItsProgrammeAsks() external {
        (uint64 other, LotId lotId) = _activeReceivable(_openProgramme(_strictProgrammeOrder()));
        vm.warp(lens.receivableTerms(other).maturityAt - 15 days + 1);

        // it should revert with RemainingTenorTooShort (R-36)
        _refused(_requestOrder(supplier, lotId, FACE), IFinancingMarket.RemainingTenorTooShort.selector);
        rewind(1);
        _request(supplier, lotId, FACE);
    }

    // when the holder asks for part of a free lot
    function test_WhenTheHolderAsksForPartOfAFreeLot() external {
        RequestFinancing memory order = _requestOrder(supplier, root, FACE / 2);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit FinancingRequested with the receivable's next number
        vm.expectEmit(address(market));
        emit IFinancingMarket.FinancingRequested(
            1, receivableId, 3, 1, supplier.organisation, FACE / 2, false, uint40(order.expiresAt)
        );
        market.requestFinancing(order, approvals);

        // it should lock the whole lot
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.LOCKED_FINANCING));

        // it should keep the request
        FinancingRequest memory request = market.financingRequest(1);
        assertEq(LotId.unwrap(request.lotId), LotId.unwrap(root));
        assertEq(request.partFaceValue, FACE / 2);
        assertEq(request.expiresAt, order.expiresAt);
        assertEq(uint8(request.status), uint8(FinancingStatus.REQUESTED));
    }

    function _refused(RequestFinancing memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.requestFinancing(order, approvals);
    }
}
