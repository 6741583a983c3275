// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFunding} from "../../../src/interfaces/IFunding.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {AttestFunding, ConfirmFunding, Quote} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Awaiting} from "../../support/Awaiting.sol";
import {Hash} from "../../support/Hash.sol";

contract ConfirmFundingTest is Awaiting {
    uint64 private constant PRICE = 970_000_00;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;
    Quote private quote;

    /// @dev The funder banks where the payee does.
    function setUp() public override {
        super.setUp();
        _introduceBanks();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
        quote = _quoteByTransfer(funder, requestId, PRICE);
        _award(supplier, funder, quote);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        ConfirmFunding memory order = _order(supplier);
        order.target = address(settlement);

        // it should revert with WrongTarget
        _refused(
            supplier,
            order,
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(settlement), address(funding))
        );
    }

    // when no award of the quote waits for its price
    function test_RevertWhen_NoAwardOfTheQuoteWaitsForItsPrice() external {
        ConfirmFunding memory other = _order(supplier);
        other.quote = keccak256("another quote");

        // it should revert with FundingNotAwaited
        _refused(supplier, other, abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, requestId, other.quote));
        ConfirmFunding memory late = _order(supplier);
        _releaseFunding(funder, quote);
        _refused(supplier, late, abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, requestId, late.quote));
    }

    // when the organisation does not hold the lot
    function test_RevertWhen_TheOrganisationDoesNotHoldTheLot() external {
        // it should revert with NotHolder
        _refused(
            funder,
            _order(funder),
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, funder.organisation
            )
        );
    }

    // when only the maker has signed
    function test_RevertWhen_OnlyTheMakerHasSigned() external {
        ConfirmFunding memory order = _order(supplier);
        Approval[] memory alone = _approveAlone(supplier, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.CheckerRequired.selector, supplier.organisation, PRICE, 0)
        );
        funding.confirmFunding(order, alone);
    }

    // when another field than the bank's is confirmed
    function test_RevertWhen_AnotherFieldThanTheBanksIsConfirmed() external {
        AttestFunding memory attested = _attestFundingOrder(payeesBank, quote, LINE);
        ConfirmFunding[6] memory others;
        for (uint256 i; i < others.length; ++i) {
            others[i] = _confirmFundingOrder(supplier, attested);
        }
        others[0].bank = payersBank.organisation;
        others[1].currency = "USD";
        others[2].amount -= 1;
        others[3].valueAt -= 1;
        others[4].lineHash = keccak256("another line");
        others[5].lineAmount += 1;

        // it should be no word for what the bank attests
        for (uint256 i; i < others.length; ++i) {
            funding.confirmFunding(others[i], _approve(supplier, Hash.order(others[i])));
            _refusedAttestation(attested);
        }
    }

    // when the payee confirms
    function test_WhenThePayeeConfirms() external {
        ConfirmFunding memory order = _order(supplier);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit FundingConfirmed
        vm.expectEmit(address(funding));
        emit IFunding.FundingConfirmed(
            requestId, receivableId, next, supplier.organisation, payeesBank.organisation, PRICE, LINE
        );
        funding.confirmFunding(order, approvals);
        assertEq(lens.receivableProgress(receivableId).sequence, next);

        // it should deliver nothing by itself
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.LOCKED_FINANCING));
        assertEq(settlement.statementLine(LINE).used, 0);
    }

    function _order(Actor memory by) private returns (ConfirmFunding memory) {
        return _confirmFundingOrder(by, _attestFundingOrder(payeesBank, quote, LINE));
    }

    function _refused(Actor memory by, ConfirmFunding memory order, bytes memory expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectRevert(expected);
        funding.confirmFunding(order, approvals);
    }

    function _refusedAttestation(AttestFunding memory order) private {
        Approval[] memory approvals = _approve(payeesBank, Hash.order(order));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.ConfirmationMissing.selector, root, supplier.organisation, payeesBank.organisation
            )
        );
        funding.attestFunding(order, approvals);
    }
}
