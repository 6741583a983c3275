// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "../../../src/interfaces/ICreditLines.sol";
import {FinancingStatus, IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IFunding} from "../../../src/interfaces/IFunding.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {
    AttestFunding,
    DENY_FUNDING_TYPEHASH,
    FundingEnd,
    Quote,
    RELEASE_FUNDING_TYPEHASH
} from "../../../src/types/Orders.sol";
import {Approval, KIND_SETTLEMENT_BANK, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Awaiting} from "../../support/Awaiting.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev releaseFunding, denyFunding and lapseFunding.
contract EndFundingTest is Awaiting {
    uint64 private constant PRICE = 970_000_00;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;
    Quote private quote;

    function setUp() public override {
        super.setUp();
        _introduceFar();
        _setLine(funder, anchor.organisation, FACE);
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
        quote = _quoteByTransfer(funder, requestId, PRICE);
        _award(supplier, funder, quote);
    }

    // when a release or a denial is for another contract
    function test_RevertWhen_AReleaseOrADenialIsForAnotherContract() external {
        FundingEnd memory release = _fundingEndOrder(funder, quote);
        FundingEnd memory denial = _fundingEndOrder(payeesBank, quote);
        (release.target, denial.target) = (address(market), address(market));
        bytes memory expected =
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(market), address(funding));

        // it should revert with WrongTarget
        _refusedRelease(funder, release, expected);
        _refusedDenial(payeesBank, denial, expected);
    }

    // when no award of the quote waits for its price
    function test_RevertWhen_NoAwardOfTheQuoteWaitsForItsPrice() external {
        FundingEnd memory release = _fundingEndOrder(funder, quote);
        release.quote = keccak256("another quote");
        FundingEnd memory denial = _fundingEndOrder(payeesBank, quote);
        denial.requestId = 99;

        // it should revert with FundingNotAwaited
        _refusedRelease(
            funder, release, abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, requestId, release.quote)
        );
        _refusedDenial(
            payeesBank, denial, abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, 99, denial.quote)
        );
        vm.expectRevert(abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, 99, bytes32(0)));
        funding.lapseFunding(99);
    }

    // when the funder releases > when somebody else does
    function test_RevertWhen_SomebodyElseDoes() external {
        // it should revert with NotFunder
        _refusedRelease(
            supplier,
            _fundingEndOrder(supplier, quote),
            abi.encodeWithSelector(IFunding.NotFunder.selector, requestId, funder.organisation, supplier.organisation)
        );
    }

    // when the funder releases > given the funder is suspended
    function test_GivenTheFunderIsSuspended() external {
        _setStatus(funder.organisation, ParticipantStatus.SUSPENDED);

        // it should still release
        _releaseFunding(funder, quote);
        _requireFree();
    }

    // when the funder releases > when it is the funder
    function test_WhenItIsTheFunder() external {
        FundingEnd memory order = _fundingEndOrder(funder, quote);
        Approval[] memory approvals = _approve(funder, Hash.fundingEnd(RELEASE_FUNDING_TYPEHASH, order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit FinancingRequestEnded and CreditReserveReleased
        vm.expectEmit(address(market));
        emit IFinancingMarket.FinancingRequestEnded(requestId, receivableId, next, FinancingStatus.FUNDING_FAILED);
        vm.expectEmit(address(creditLines));
        emit ICreditLines.CreditReserveReleased(funder.organisation, anchor.organisation, CNY, 3, order.quote, FACE, 0);
        funding.releaseFunding(order, approvals);

        // it should free the lot for its holder to ask again
        _requireFree();
        assertGt(_request(supplier, root, FACE), requestId);

        // it should take no late word for the price
        AttestFunding memory late = _attestFundingOrder(payeesBank, quote, LINE);
        Approval[] memory attested = _approve(payeesBank, Hash.order(late));
        vm.expectRevert(abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, requestId, order.quote));
        funding.attestFunding(late, attested);
    }

    // when the bank denies > when it is another bank, or no bank
    function test_RevertWhen_ItIsAnotherBankOrNoBank() external {
        vm.warp(quote.payBy + 1);

        // it should revert with NotPayeesBank or KindRequired
        _refusedDenial(
            payersBank,
            _fundingEndOrder(payersBank, quote),
            abi.encodeWithSelector(
                ISettlement.NotPayeesBank.selector,
                supplier.organisation,
                payeesBank.organisation,
                payersBank.organisation
            )
        );
        _refusedDenial(
            supplier,
            _fundingEndOrder(supplier, quote),
            abi.encodeWithSelector(
                IParticipantRegistry.KindRequired.selector, supplier.organisation, KIND_SETTLEMENT_BANK
            )
        );
    }

    // when the bank denies > given the instant to pay by is not past
    function test_RevertGiven_TheInstantToPayByIsNotPast() external {
        vm.warp(quote.payBy);

        // it should revert with FundingAwaitedUntil (CLOCK)
        _refusedDenial(
            payeesBank,
            _fundingEndOrder(payeesBank, quote),
            abi.encodeWithSelector(IFunding.FundingAwaitedUntil.selector, requestId, quote.payBy)
        );
    }

    // when the bank denies > given the instant to pay by is past
    function test_GivenTheInstantToPayByIsPast() external {
        vm.warp(quote.payBy + 1);

        _denyFunding(payeesBank, quote);

        // it should free the lot
        _requireFree();
    }

    // when anybody lets it lapse > given the long stop is not past
    function test_RevertGiven_TheLongStopIsNotPast() external {
        vm.warp(quote.payBy + LONG_STOP);

        // it should revert with FundingAwaitedUntil (CLOCK)
        vm.expectRevert(
            abi.encodeWithSelector(IFunding.FundingAwaitedUntil.selector, requestId, quote.payBy + LONG_STOP)
        );
        funding.lapseFunding(requestId);
    }

    // when anybody lets it lapse > given the long stop is past
    function test_GivenTheLongStopIsPast() external {
        vm.warp(quote.payBy + LONG_STOP + 1);
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should free the lot, whoever calls
        vm.expectEmit(address(market));
        emit IFinancingMarket.FinancingRequestEnded(requestId, receivableId, next, FinancingStatus.FUNDING_FAILED);
        vm.prank(makeAddr("anybody"));
        funding.lapseFunding(requestId);
        _requireFree();
    }

    // when anybody lets it lapse > given the anchor has paid the lot in full since
    function test_GivenTheAnchorHasPaidTheLotInFullSince() external {
        _settle(receivableId, FACE, _allLots(receivableId));
        vm.warp(quote.payBy + LONG_STOP + 1);

        funding.lapseFunding(requestId);

        // it should end the request all the same
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.FUNDING_FAILED));
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, 0);
        assertEq(_balance(supplier), FACE);
    }

    function _requireFree() private view {
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.FUNDING_FAILED));
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, 0);
        assertEq(funding.awaited(requestId).funder, 0);
    }

    function _refusedRelease(Actor memory by, FundingEnd memory order, bytes memory expected) private {
        Approval[] memory approvals = _approve(by, Hash.fundingEnd(RELEASE_FUNDING_TYPEHASH, order));
        vm.expectRevert(expected);
        funding.releaseFunding(order, approvals);
    }

    function _refusedDenial(Actor memory by, FundingEnd memory order, bytes memory expected) private {
        Approval[] memory approvals = _approve(by, Hash.fundingEnd(DENY_FUNDING_TYPEHASH, order));
        vm.expectRevert(expected);
        funding.denyFunding(order, approvals);
    }
}
