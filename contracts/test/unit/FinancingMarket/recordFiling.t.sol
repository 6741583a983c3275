// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {RecordFiling} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RecordFilingTest is Base {
    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(_openProgramme(_strictProgrammeOrder()));
        requestId = _request(supplier, root, FACE);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(funder, order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the organisation is no funder
    function test_RevertWhen_TheOrganisationIsNoFunder() external {
        // it should revert with KindRequired
        _refused(supplier, _filingOrder(supplier, requestId), IParticipantRegistry.KindRequired.selector);
    }

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        Approval[] memory approvals = _approveAlone(funder, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        market.recordFiling(order, approvals);
    }

    // given there is no such request
    function test_RevertGiven_ThereIsNoSuchRequest() external {
        // it should revert with RequestUnknown
        _refused(funder, _filingOrder(funder, requestId + 1), IFinancingMarket.RequestUnknown.selector);
    }

    // given the request has ended
    function test_RevertGiven_TheRequestHasEnded() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        vm.warp(uint256(market.financingRequest(requestId).expiresAt) + 1);
        market.lapseFinancingRequest(requestId);
        order.deadline = _deadline();

        // it should revert with RequestNotOpen
        _refused(funder, order, IFinancingMarket.RequestNotOpen.selector);
    }

    // when the order names another lot
    function test_RevertWhen_TheOrderNamesAnotherLot() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        order.lotId = toLotId(receivableId, 2);

        // it should revert with RequestChanged
        _refused(funder, order, IFinancingMarket.RequestChanged.selector);
    }

    // when nothing was filed
    function test_RevertWhen_NothingWasFiled() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        order.filing = bytes32(0);

        // it should revert with FilingMissing
        _refused(funder, order, IFinancingMarket.FilingMissing.selector);
    }

    // when it is filed in the future
    function test_RevertWhen_ItIsFiledInTheFuture() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        order.filedAt += 1;

        // it should revert with InstantOutOfRange
        _refused(funder, order, IReceivableLedger.InstantOutOfRange.selector);
    }

    // when a funder has filed
    function test_WhenAFunderHasFiled() external {
        RecordFiling memory order = _filingOrder(funder, requestId);
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should emit FilingRecorded with the receivable's next number
        vm.expectEmit(address(market));
        emit IFinancingMarket.FilingRecorded(
            requestId, receivableId, 4, funder.organisation, uint40(block.timestamp), order.filing
        );
        market.recordFiling(order, approvals);

        // it should keep what was filed, for this funder only
        assertEq(market.filing(requestId, funder.organisation), order.filing);
        assertEq(market.filing(requestId, stranger.organisation), bytes32(0));
    }

    function _refused(Actor memory by, RecordFiling memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.recordFiling(order, approvals);
    }
}
