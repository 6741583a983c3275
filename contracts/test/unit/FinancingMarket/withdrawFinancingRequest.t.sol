// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket, FinancingStatus} from "../../../src/interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {WithdrawFinancingRequest} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract WithdrawFinancingRequestTest is Base {
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
        WithdrawFinancingRequest memory order = _order(supplier);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, supplier, IParticipantRegistry.WrongTarget.selector);
    }

    // given there is no such request
    function test_RevertGiven_ThereIsNoSuchRequest() external {
        WithdrawFinancingRequest memory order = _order(supplier);
        order.requestId = 99;

        // it should revert with RequestUnknown
        _refused(order, supplier, IFinancingMarket.RequestUnknown.selector);
    }

    // given the request is over
    function test_RevertGiven_TheRequestIsOver() external {
        _withdraw();

        // it should revert with RequestNotOpen
        _refused(_order(supplier), supplier, IFinancingMarket.RequestNotOpen.selector);
    }

    // when somebody else withdraws it
    function test_RevertWhen_SomebodyElseWithdrawsIt() external {
        // it should revert with NotHolder
        _refused(_order(stranger), stranger, IReceivableLedger.NotHolder.selector);
    }

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        WithdrawFinancingRequest memory order = _order(supplier);
        Approval[] memory approvals = _approveAlone(supplier, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        market.withdrawFinancingRequest(order, approvals);
    }

    // given the lot has been paid in full
    function test_GivenTheLotHasBeenPaidInFull() external {
        _settle(receivableId, FACE, _allLots(receivableId));

        _withdraw();

        // it should end the request and leave the settled lot as it is
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.WITHDRAWN));
        assertTrue(lens.lot(root).settled);
    }

    // when the holder withdraws an open request
    function test_WhenTheHolderWithdrawsAnOpenRequest() external {
        // it should emit FinancingRequestEnded with the receivable's next number
        vm.expectEmit(address(market));
        emit IFinancingMarket.FinancingRequestEnded(requestId, receivableId, 4, FinancingStatus.WITHDRAWN);
        _withdraw();

        // it should free the lot
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.WITHDRAWN));
    }

    function _withdraw() private {
        WithdrawFinancingRequest memory order = _order(supplier);
        market.withdrawFinancingRequest(order, _approve(supplier, Hash.order(order)));
    }

    function _order(Actor memory by) private returns (WithdrawFinancingRequest memory) {
        return WithdrawFinancingRequest({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: requestId
        });
    }

    function _refused(WithdrawFinancingRequest memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        market.withdrawFinancingRequest(order, approvals);
    }
}
