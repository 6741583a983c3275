// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket, FinancingStatus} from "../../../src/interfaces/IFinancingMarket.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {Base} from "../../Base.t.sol";

contract LapseFinancingRequestTest is Base {
    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
    }

    // given there is no such request
    function test_RevertGiven_ThereIsNoSuchRequest() external {
        // it should revert with RequestUnknown
        vm.expectPartialRevert(IFinancingMarket.RequestUnknown.selector);
        market.lapseFinancingRequest(99);
    }

    // given the request has not expired
    function test_RevertGiven_TheRequestHasNotExpired() external {
        vm.warp(market.financingRequest(requestId).expiresAt);

        // it should revert with RequestNotExpired, to the second
        vm.expectPartialRevert(IFinancingMarket.RequestNotExpired.selector);
        market.lapseFinancingRequest(requestId);
    }

    // given the request is over
    function test_RevertGiven_TheRequestIsOver() external {
        vm.warp(market.financingRequest(requestId).expiresAt + 1);
        market.lapseFinancingRequest(requestId);

        // it should revert with RequestNotOpen
        vm.expectPartialRevert(IFinancingMarket.RequestNotOpen.selector);
        market.lapseFinancingRequest(requestId);
    }

    // given the lot has been paid in full
    function test_GivenTheLotHasBeenPaidInFull() external {
        _settle(receivableId, FACE, _allLots(receivableId));
        vm.warp(market.financingRequest(requestId).expiresAt + 1);

        market.lapseFinancingRequest(requestId);

        // it should end the request and leave the settled lot as it is
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.LAPSED));
        assertTrue(lens.lot(root).settled);
    }

    // given the request has expired
    function test_GivenTheRequestHasExpired() external {
        vm.warp(market.financingRequest(requestId).expiresAt + 1);

        // it should emit FinancingRequestEnded
        vm.expectEmit(address(market));
        emit IFinancingMarket.FinancingRequestEnded(requestId, receivableId, 4, FinancingStatus.LAPSED);
        vm.prank(stranger.maker);
        market.lapseFinancingRequest(requestId);

        // it should free the lot without anybody's signature
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
    }
}
