// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "../../../src/interfaces/ICreditLines.sol";
import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {FinancingStatus, IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {Funding, IFunding} from "../../../src/interfaces/IFunding.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AwardQuote, FundQuote, Quote, WithdrawFinancingRequest} from "../../../src/types/Orders.sol";
import {
    Approval,
    KIND_ANCHOR,
    KIND_FUNDER,
    KIND_SETTLEMENT_BANK,
    ParticipantStatus
} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Awaiting} from "../../support/Awaiting.sol";
import {Hash} from "../../support/Hash.sol";

contract AwaitFundingTest is Awaiting {
    uint64 private constant PRICE = 970_000_00;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;
    Actor private newcomer;

    function setUp() public override {
        super.setUp();
        _introduceFar();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
    }

    // when the caller is not the market
    function test_RevertWhen_TheCallerIsNotTheMarket() external {
        Quote memory quote = _quote();
        AwardQuote memory order = _awardOrder(supplier, quote);

        // it should revert with CompanionRequired
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.CompanionRequired.selector, address(this)));
        funding.awaitFunding(order, quote, 1, false);
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.CompanionRequired.selector, address(this)));
        funding.payInterest(order, quote);
    }

    // when holder or funder has not signed
    function test_RevertWhen_HolderOrFunderHasNotSigned() external {
        Quote memory quote = _quote();
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory byHolder = _approve(supplier, Hash.order(order));
        Approval[] memory byFunder = _approve(funder, Hash.order(quote));
        Approval[] memory none = new Approval[](0);

        // it should revert with SignerUnknown, or with ApprovalsMalformed for no signature at all
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.SignerUnknown.selector, funder.maker, supplier.organisation)
        );
        market.awardQuote(order, byFunder, quote, byFunder);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.SignerUnknown.selector, supplier.maker, funder.organisation)
        );
        market.awardQuote(order, byHolder, quote, byHolder);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.ApprovalsMalformed.selector, 0));
        market.awardQuote(order, byHolder, quote, none);
    }

    // given the quoting organisation is no funder
    function test_RevertGiven_TheQuotingOrganisationIsNoFunder() external {
        // it should revert with KindRequired (R-06)
        _refused(
            subSupplier,
            _quoteByTransfer(subSupplier, requestId, PRICE),
            abi.encodeWithSelector(IParticipantRegistry.KindRequired.selector, subSupplier.organisation, KIND_FUNDER)
        );
    }

    // given the holder has named no bank
    function test_RevertGiven_TheHolderHasNamedNoBank() external {
        _nameBank(supplier, 0);

        // it should revert with SettlementBankMissing
        _refused(abi.encodeWithSelector(IFunding.SettlementBankMissing.selector, supplier.organisation, CNY));
    }

    // given the bank may not attest
    function test_RevertGiven_TheBankMayNotAttest() external {
        uint256 start = vm.snapshotState();

        // it should revert with ParticipantSuspended or KindRequired: nobody could ever say that the price came in
        _setStatus(payeesBank.organisation, ParticipantStatus.SUSPENDED);
        _refused(abi.encodeWithSelector(IParticipantRegistry.ParticipantSuspended.selector, payeesBank.organisation));
        vm.revertToState(start);
        vm.prank(administration);
        registry.narrowParticipant(payeesBank.organisation, 0, uint40(block.timestamp));
        _refused(
            abi.encodeWithSelector(
                IParticipantRegistry.KindRequired.selector, payeesBank.organisation, KIND_SETTLEMENT_BANK
            )
        );
    }

    // when only a part was asked for
    function test_RevertWhen_OnlyAPartWasAskedFor() external {
        (, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE / 4);

        // it should revert with PartByTransfer
        _refused(
            funder,
            _quoteByTransfer(funder, requestId, FACE / 5),
            abi.encodeWithSelector(IFunding.PartByTransfer.selector, requestId, FACE / 4, FACE)
        );
    }

    // when face, paid or holder are not the lot's
    function test_RevertWhen_FacePaidOrHolderAreNotTheLots() external {
        Quote memory otherFace = _quote();
        otherFace.faceValue += 1;
        Quote memory otherPaid = _quote();
        otherPaid.paid = 1;
        Quote memory others = _quote();
        others.holder = subSupplier.organisation;
        AwardQuote memory order = _awardOrder(subSupplier, others);
        Approval[] memory approvals = _approve(subSupplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(others));
        bytes memory changed = abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE, 0);

        // it should revert with LotChanged or NotHolder
        _refused(funder, otherFace, changed);
        _refused(funder, otherPaid, changed);
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, subSupplier.organisation
            )
        );
        market.awardQuote(order, approvals, others, quoted);
    }

    // given the lot is frozen
    function test_RevertGiven_TheLotIsFrozen() external {
        _hold(root);
        uint40 until = encumbrances.frozenUntil(root);

        // it should revert with LotFrozen
        _refused(abi.encodeWithSelector(IReceivableLedger.LotFrozen.selector, root, until));
        vm.warp(until + 1);
        _award(supplier, funder, _quote());
    }

    // given an earlier seller holds something back
    function test_GivenAnEarlierSellerHoldsSomethingBack() external {
        Quote memory first = _quoteFor(funder, requestId, FACE / 2);
        first.holdback = FACE / 10;
        _award(supplier, funder, first);
        requestId = _request(funder, root, FACE);
        Quote memory second = _quoteByTransfer(stranger, requestId, FACE / 2);
        second.holdback = 1;
        AwardQuote memory order = _awardOrder(funder, second);
        Approval[] memory approvals = _approve(funder, Hash.order(order));
        Approval[] memory quoted = _approve(stranger, Hash.order(second));

        // it should revert with HoldbackStanding where this one would as well
        vm.expectRevert(
            abi.encodeWithSelector(IEncumbrances.HoldbackStanding.selector, root, supplier.organisation, FACE / 10)
        );
        market.awardQuote(order, approvals, second, quoted);

        // it should await a price without a holdback
        _award(funder, stranger, _quoteByTransfer(stranger, requestId, FACE / 2));
        assertEq(funding.awaited(requestId).bank, payersBank.organisation);
    }

    // given the anchor has paid all of it
    function test_RevertGiven_TheAnchorHasPaidAllOfIt() external {
        _settle(receivableId, FACE, new uint32[](0));

        // it should revert with ReceivableNotActive: there is nothing to buy
        _refused(
            abi.encodeWithSelector(
                IReceivableLedger.ReceivableNotActive.selector, receivableId, ReceivableStatus.SETTLED
            )
        );
    }

    // when the instant to pay by is not ahead, or its long stop not before maturity
    function test_RevertWhen_TheInstantToPayByIsNotAheadOrItsLongStopNotBeforeMaturity() external {
        uint64 maturityAt = lens.receivableTerms(receivableId).maturityAt;
        uint64[3] memory refused = [uint64(block.timestamp), maturityAt - LONG_STOP, type(uint64).max];
        uint64[2] memory awaited = [uint64(block.timestamp) + 1, maturityAt - LONG_STOP - 1];
        Quote memory quote = _quote();

        // it should revert with InstantOutOfRange
        for (uint256 i; i < refused.length; ++i) {
            quote.payBy = refused[i];
            _refused(funder, quote, abi.encodeWithSelector(IReceivableLedger.InstantOutOfRange.selector, refused[i]));
        }
        uint256 start = vm.snapshotState();
        for (uint256 i; i < awaited.length; ++i) {
            quote.payBy = awaited[i];
            _award(supplier, funder, quote);
            assertEq(funding.awaited(requestId).payBy, awaited[i]);
            vm.revertToState(start);
        }
    }

    // when the funder may not have the lot
    function test_RevertWhen_TheFunderMayNotHaveTheLot() external {
        _admit(newcomer, "newcomer", KIND_FUNDER);
        skip(KEY_DELAY);

        // it should revert with TransferRefused
        _refused(
            newcomer,
            _quoteByTransfer(newcomer, requestId, PRICE),
            abi.encodeWithSelector(
                IReceivableLedger.TransferRefused.selector,
                root,
                newcomer.organisation,
                ITransferRules.ReceiverHasNoAccount.selector
            )
        );
    }

    // when the anchor quotes under rules that would let it
    function test_RevertWhen_TheAnchorQuotesUnderRulesThatWouldLetIt() external {
        address permissive = makeAddr("rules that allow everything");
        vm.mockCall(permissive, abi.encodePacked(ITransferRules.check.selector), abi.encode(bytes4(0)));
        vm.startPrank(administration);
        ledger.replaceTransferRules(programmeId, permissive);
        registry.changeParticipant(
            anchor.organisation, KIND_ANCHOR | KIND_FUNDER, uint40(block.timestamp + 700 days), 0
        );
        vm.stopPrank();

        // it should revert with TransferRefused: it pays early instead
        _refused(
            anchor,
            _quoteByTransfer(anchor, requestId, PRICE),
            abi.encodeWithSelector(
                IReceivableLedger.TransferRefused.selector,
                root,
                anchor.organisation,
                ITransferRules.ReceiverIsObligor.selector
            )
        );
    }

    // when the price is in another currency
    function test_RevertWhen_ThePriceIsInAnotherCurrency() external {
        Quote memory quote = _quote();
        quote.currency = "USD";

        // it should revert with WrongCurrency
        _refused(funder, quote, abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, bytes3("USD"), CNY));
    }

    // given the programme asks for a filing and the funder has recorded none
    function test_RevertGiven_TheProgrammeAsksForAFilingAndTheFunderHasRecordedNone() external {
        (, root) = _activeReceivable(_openProgramme(_strictProgrammeOrder()));
        requestId = _request(supplier, root, FACE);

        // it should revert with FilingMissing (R-07)
        _refused(abi.encodeWithSelector(IFinancingMarket.FilingMissing.selector, requestId, funder.organisation));
        _recordFiling(funder, requestId);
        _award(supplier, funder, _quote());
    }

    // given the funder's line is too small
    function test_RevertGiven_TheFundersLineIsTooSmall() external {
        _setLine(funder, anchor.organisation, FACE - 1);

        // it should revert with CreditLineExceeded
        _refused(
            abi.encodeWithSelector(
                ICreditLines.CreditLineExceeded.selector, funder.organisation, anchor.organisation, CNY, FACE - 1, FACE
            )
        );
    }

    // given the funder has set money aside for the quote as well
    function test_GivenTheFunderHasSetMoneyAsideForTheQuoteAsWell() external {
        uint256 start = vm.snapshotState();
        _setLine(funder, anchor.organisation, 2 * FACE);
        Quote memory quote = _quote();
        _fund(funder, quote);

        // it should revert with AlreadyReserved where it uses its line (CREDIT)
        _refused(
            funder,
            quote,
            abi.encodeWithSelector(ITokenisedDeposit.AlreadyReserved.selector, funder.organisation, Hash.order(quote))
        );

        // it should leave what was set aside to be released
        vm.revertToState(start);
        _fund(funder, quote);
        _award(supplier, funder, quote);
        assertEq(_balance(funder), OPENING_BALANCE - FACE);
        market.releaseQuote(funder.organisation, Hash.order(quote));
        assertEq(_balance(funder), OPENING_BALANCE);
        assertEq(funding.awaited(requestId).funder, funder.organisation);
    }

    // when it is awarded
    function test_WhenItIsAwarded() external {
        _setLine(funder, anchor.organisation, FACE);
        Quote memory quote = _quote();
        quote.holdback = FACE / 50;
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit FundingAwaited and QuoteAwarded with one number
        vm.expectEmit(address(funding));
        emit IFunding.FundingAwaited(
            requestId, receivableId, next, payeesBank.organisation, FACE / 50, 0, uint40(quote.payBy)
        );
        vm.expectEmit(address(market));
        emit IFinancingMarket.QuoteAwarded(
            requestId, receivableId, next, funder.organisation, order.quote, PRICE, quote.terms, 1, order.quoteHead
        );
        market.awardQuote(order, approvals, quote, quoted);
        assertEq(lens.receivableProgress(receivableId).sequence, next);

        // it should leave title and money where they are
        assertEq(_holder(root), supplier.organisation);
        assertEq(_balance(funder), OPENING_BALANCE);
        assertEq(_balance(supplier), 0);

        // it should keep the lot locked and let nobody withdraw, lapse, fund or award the request
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.LOCKED_FINANCING));
        _requireClosed(quote);

        // it should reserve the funder's line (CREDIT)
        assertEq(creditLines.reservation(funder.organisation, order.quote).amount, FACE);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, FACE);

        // it should await the price from the bank the holder had named
        Funding memory entry = funding.awaited(requestId);
        assertEq(
            abi.encode(entry),
            abi.encode(
                Funding({
                    quote: order.quote,
                    funder: funder.organisation,
                    bank: payeesBank.organisation,
                    payBy: uint40(quote.payBy),
                    netProceeds: PRICE,
                    usesLine: true,
                    holdback: FACE / 50,
                    obligorInterest: 0
                })
            )
        );
    }

    function _requireClosed(Quote memory quote) private {
        bytes memory closed =
            abi.encodeWithSelector(IFinancingMarket.RequestNotOpen.selector, requestId, FinancingStatus.AWARDED);
        WithdrawFinancingRequest memory withdrawal = WithdrawFinancingRequest({
            target: address(market),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            requestId: requestId
        });
        Approval[] memory withdrawn = _approve(supplier, Hash.order(withdrawal));
        vm.expectRevert(closed);
        market.withdrawFinancingRequest(withdrawal, withdrawn);
        FundQuote memory firm = _fundOrder(stranger, quote);
        Approval[] memory funded = _approve(stranger, Hash.order(firm));
        vm.expectRevert(closed);
        market.fundQuote(firm, funded);
        Quote memory another = _quoteFor(funder, requestId, PRICE);
        _refused(funder, another, closed);
        vm.expectRevert(closed);
        market.lapseFinancingRequest(requestId);
    }

    function _quote() private returns (Quote memory) {
        return _quoteByTransfer(funder, requestId, PRICE);
    }

    function _refused(bytes memory expected) private {
        _refused(funder, _quote(), expected);
    }

    function _refused(Actor memory to, Quote memory quote, bytes memory expected) private {
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(to, Hash.order(quote));
        vm.expectRevert(expected);
        market.awardQuote(order, approvals, quote, quoted);
    }
}
