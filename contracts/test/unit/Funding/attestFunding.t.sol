// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {FinancingStatus, IFinancingMarket} from "../../../src/interfaces/IFinancingMarket.sol";
import {IFunding} from "../../../src/interfaces/IFunding.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AttestFunding, Quote, RequestFinancing} from "../../../src/types/Orders.sol";
import {Approval, KIND_SETTLEMENT_BANK, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Awaiting} from "../../support/Awaiting.sol";
import {Hash} from "../../support/Hash.sol";

contract AttestFundingTest is Awaiting {
    uint64 private constant PRICE = 970_000_00;

    uint64 private receivableId;
    LotId private root;
    uint64 private requestId;
    Quote private quote;

    function setUp() public override {
        super.setUp();
        _introduceFar();
        (receivableId, root) = _activeReceivable(programmeId);
        requestId = _request(supplier, root, FACE);
        quote = _quoteByTransfer(funder, requestId, PRICE);
        _award(supplier, funder, quote);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        AttestFunding memory order = _order();
        order.target = address(settlement);

        // it should revert with WrongTarget
        _refused(
            order,
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(settlement), address(funding))
        );
    }

    // when the bank has not signed
    function test_RevertWhen_TheBankHasNotSigned() external {
        AttestFunding memory order = _order();
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.SignerUnknown.selector, funder.maker, payeesBank.organisation)
        );
        funding.attestFunding(order, approvals);
    }

    // when no award of the quote waits for its price
    function test_RevertWhen_NoAwardOfTheQuoteWaitsForItsPrice() external {
        AttestFunding memory unknown = _order();
        unknown.requestId = 99;
        AttestFunding memory other = _order();
        other.quote = keccak256("another quote");

        // it should revert with FundingNotAwaited
        _refused(unknown, abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, 99, unknown.quote));
        _refused(other, abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, requestId, other.quote));
    }

    // when it is not the bank the holder had named
    function test_WhenItIsNotTheBankTheHolderHadNamed() external {
        _nameBank(supplier, payersBank.organisation);
        skip(KEY_DELAY);
        AttestFunding memory order = _attestFundingOrder(payersBank, quote, LINE);
        Approval[] memory approvals = _approve(payersBank, Hash.order(order));

        // it should revert with NotPayeesBank
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.NotPayeesBank.selector,
                supplier.organisation,
                payeesBank.organisation,
                payersBank.organisation
            )
        );
        funding.attestFunding(order, approvals);

        // it should take the word of the bank named at the award, whomever the holder names since
        _attestFunding(payeesBank, quote, LINE);
        assertEq(_holder(root), funder.organisation);
    }

    // when the payee is not the holder
    function test_RevertWhen_ThePayeeIsNotTheHolder() external {
        AttestFunding memory order = _order();
        order.payee = subSupplier.organisation;

        // it should revert with NotHolder
        _refused(
            order,
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, subSupplier.organisation
            )
        );
    }

    // when the amount is not the price
    function test_RevertWhen_TheAmountIsNotThePrice() external {
        uint64[2] memory amounts = [PRICE - 1, PRICE + 1];

        // it should revert with FundedAmountDiffers
        for (uint256 i; i < 2; ++i) {
            AttestFunding memory order = _order();
            (order.amount, order.lineAmount) = (amounts[i], amounts[i]);
            _refused(order, abi.encodeWithSelector(IFunding.FundedAmountDiffers.selector, requestId, PRICE, amounts[i]));
        }
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        AttestFunding memory order = _order();
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(order, abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, bytes3("USD"), CNY));
    }

    // when the money is to come
    function test_RevertWhen_TheMoneyIsToCome() external {
        AttestFunding memory order = _order();
        order.valueAt = uint64(block.timestamp + 1);

        // it should revert with InstantOutOfRange
        _refused(order, abi.encodeWithSelector(IReceivableLedger.InstantOutOfRange.selector, order.valueAt));
    }

    // when the line does not bear it
    function test_RevertWhen_TheLineDoesNotBearIt() external {
        AttestFunding memory unnamed = _attestFundingOrder(payeesBank, quote, bytes32(0));
        AttestFunding memory small = _order();
        small.lineAmount = PRICE - 1;
        (, LotId other) = _activeReceivable(programmeId);
        _attest(payeesBank, other, keccak256("a line that paid another lot"));
        AttestFunding memory used = _attestFundingOrder(payeesBank, quote, keccak256("a line that paid another lot"));
        used.lineAmount = FACE;
        AttestFunding memory changed = _attestFundingOrder(payeesBank, quote, used.lineHash);
        changed.lineAmount = FACE + PRICE;

        // it should revert with StatementLineMissing, StatementLineUsed or StatementLineChanged (ONCE)
        _refused(unnamed, abi.encodeWithSelector(ISettlement.StatementLineMissing.selector, root));
        _refused(small, abi.encodeWithSelector(ISettlement.StatementLineUsed.selector, LINE, PRICE - 1, PRICE));
        _refused(used, abi.encodeWithSelector(ISettlement.StatementLineUsed.selector, used.lineHash, 0, PRICE));
        _refused(
            changed,
            abi.encodeWithSelector(
                ISettlement.StatementLineChanged.selector, used.lineHash, payeesBank.organisation, FACE
            )
        );
    }

    // given the bank is the funder's as well
    function test_GivenTheBankIsTheFundersAsWell() external {
        uint256 start = vm.snapshotState();

        // it should revert with ConfirmationMissing until the payee has confirmed the very same
        _nameBank(funder, 0);
        _requireConfirmation();
        vm.revertToState(start);
        _nameBank(funder, payeesBank.organisation);
        skip(KEY_DELAY);
        _requireConfirmation();
        vm.revertToState(start);
        vm.prank(administration);
        registry.changeParticipant(payeesBank.organisation, KIND_SETTLEMENT_BANK, 0, funder.organisation);
        _requireConfirmation();
        vm.revertToState(start);
        vm.prank(administration);
        registry.changeParticipant(payersBank.organisation, KIND_SETTLEMENT_BANK, 0, payeesBank.organisation);
        _requireConfirmation();

        // it should deliver title once the payee has
        AttestFunding memory order = _order();
        _confirmFunding(supplier, order);
        funding.attestFunding(order, _approve(payeesBank, Hash.order(order)));
        assertEq(_holder(root), funder.organisation);
    }

    // given the lot is frozen since
    function test_RevertGiven_TheLotIsFrozenSince() external {
        _hold(root);
        uint40 until = encumbrances.frozenUntil(root);

        // it should revert with LotFrozen until the freeze has ended (FREEZE)
        _refused(_order(), abi.encodeWithSelector(IReceivableLedger.LotFrozen.selector, root, until));
        vm.warp(until + 1);
        _attestFunding(payeesBank, quote, LINE);
        assertEq(_holder(root), funder.organisation);
    }

    // given the anchor has paid since
    function test_RevertGiven_TheAnchorHasPaidSince() external {
        _settle(receivableId, FACE, new uint32[](0));

        // it should revert with ReceivableNotActive or LotAlreadySettled
        _refused(
            _order(),
            abi.encodeWithSelector(
                IReceivableLedger.ReceivableNotActive.selector, receivableId, ReceivableStatus.SETTLED
            )
        );
        settlement.payLots(receivableId, _allLots(receivableId));
        _refused(_order(), abi.encodeWithSelector(IReceivableLedger.LotAlreadySettled.selector, root));
    }

    // given payee or funder is blocked
    function test_RevertGiven_PayeeOrFunderIsBlocked() external {
        uint256 start = vm.snapshotState();
        uint32[2] memory parties = [supplier.organisation, funder.organisation];

        // it should revert with ParticipantBlocked (R-29)
        for (uint256 i; i < 2; ++i) {
            _setStatus(parties[i], ParticipantStatus.BLOCKED);
            _refused(_order(), abi.encodeWithSelector(IParticipantRegistry.ParticipantBlocked.selector, parties[i]));
            vm.revertToState(start);
        }
    }

    // given the funder is suspended and its licence has lapsed
    function test_GivenTheFunderIsSuspendedAndItsLicenceHasLapsed() external {
        _setStatus(funder.organisation, ParticipantStatus.SUSPENDED);
        vm.prank(administration);
        registry.narrowParticipant(funder.organisation, 0, uint40(block.timestamp));

        _attestFunding(payeesBank, quote, LINE);

        // it should deliver title all the same: the price was paid
        assertEq(_holder(root), funder.organisation);
    }

    // given it comes late
    function test_GivenItComesLate() external {
        vm.warp(quote.payBy + LONG_STOP + 30 days);

        _attestFunding(payeesBank, quote, LINE);

        // it should deliver title as long as nobody has ended the award
        assertEq(_holder(root), funder.organisation);
    }

    // given the lot was sold with recourse, a holdback, a line and the anchor's share
    function test_GivenTheLotWasSoldWithRecourseAHoldbackALineAndTheAnchorsShare() external {
        _awardEverything();
        AttestFunding memory order = _order();
        Approval[] memory approvals = _approve(payeesBank, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit every event with its number, in order
        vm.expectEmit(address(market));
        emit IFinancingMarket.FinancingRequestEnded(requestId, receivableId, next, FinancingStatus.FUNDED);
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.HoldbackKept(receivableId, next + 1, 1, supplier.organisation, FACE / 100);
        vm.expectEmit(address(funding));
        emit IFunding.FundingAttested(
            requestId,
            receivableId,
            next + 2,
            1,
            supplier.organisation,
            funder.organisation,
            payeesBank.organisation,
            PRICE,
            uint40(block.timestamp),
            LINE
        );
        vm.expectEmit(address(funding));
        emit IFunding.InterestEnded(requestId, receivableId, next + 3, anchor.organisation, 10_000_00);
        funding.attestFunding(order, approvals);
        assertEq(lens.receivableProgress(receivableId).sequence, next + 3);

        // it should give the funder title to a lot that stays whole
        assertEq(_holder(root), funder.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertTrue(lens.lot(root).indivisible);

        // it should bind the seller, keep its holdback and pay it the anchor's share
        (uint32 answerable,) = market.recourseOf(root);
        assertEq(answerable, supplier.organisation);
        (uint32 seller, uint64 amount) = encumbrances.holdbackOf(root);
        assertEq(seller, supplier.organisation);
        assertEq(amount, FACE / 100);
        assertEq(_balance(supplier), 10_000_00);
        assertEq(_balance(anchor), OPENING_BALANCE - 10_000_00);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);

        // it should use the funder's line as reserved (CREDIT)
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, FACE);
        assertEq(creditLines.utilisation(root).amount, FACE);
        assertEq(creditLines.reservation(funder.organisation, order.quote).amount, 0);
    }

    // given an earlier funder's line was used for the lot
    function test_GivenAnEarlierFundersLineWasUsedForTheLot() external {
        _attestFunding(payeesBank, quote, LINE);
        (, root) = _activeReceivable(programmeId);
        _setLine(stranger, anchor.organisation, FACE);
        _mint(stranger.organisation, FACE);
        _award(supplier, stranger, _quoteFor(stranger, _request(supplier, root, FACE), PRICE));
        assertEq(creditLines.creditLine(stranger.organisation, anchor.organisation, CNY).utilised, FACE);
        _setLine(funder, anchor.organisation, FACE);
        _nameBank(stranger, payeesBank.organisation);
        skip(KEY_DELAY);
        requestId = _request(stranger, root, FACE);
        quote = _quoteByTransfer(funder, requestId, PRICE);
        _award(stranger, funder, quote);

        _attestFunding(payeesBank, quote, keccak256("the next line"));

        // it should give that line back (CREDIT)
        assertEq(creditLines.creditLine(stranger.organisation, anchor.organisation, CNY).utilised, 0);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).utilised, FACE);
    }

    // when the price has come in
    function test_WhenThePriceHasComeIn() external {
        AttestFunding memory order = _order();
        order.lineAmount = PRICE + 1;
        Approval[] memory approvals = _approve(payeesBank, Hash.order(order));

        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(uint160(funder.organisation)), LotId.unwrap(root)
        );
        funding.attestFunding(order, approvals);

        // it should give the funder title and move no deposit
        assertEq(_holder(root), funder.organisation);
        assertEq(lens.lot(root).transferCount, 1);
        assertEq(lens.lot(root).tier, 1);
        assertFalse(lens.lot(root).indivisible);
        assertEq(uint8(market.financingRequest(requestId).status), uint8(FinancingStatus.FUNDED));
        assertEq(_balance(funder), OPENING_BALANCE);
        assertEq(_balance(supplier), 0);

        // it should use up the line (ONCE)
        assertEq(settlement.statementLine(LINE).bank, payeesBank.organisation);
        assertEq(settlement.statementLine(LINE).amount, PRICE + 1);
        assertEq(settlement.statementLine(LINE).used, PRICE);

        // it should count once
        assertEq(funding.awaited(requestId).funder, 0);
        _refused(_order(), abi.encodeWithSelector(IFunding.FundingNotAwaited.selector, requestId, order.quote));
    }

    /// @dev The payee's word for another line is none for this one.
    function _requireConfirmation() private {
        AttestFunding memory order = _order();
        _confirmFunding(supplier, _attestFundingOrder(payeesBank, quote, keccak256("another line")));
        _refused(
            order,
            abi.encodeWithSelector(
                ISettlement.ConfirmationMissing.selector, root, supplier.organisation, payeesBank.organisation
            )
        );
    }

    /// @dev A second receivable, asked for with recourse; half of the discount of 20,000 is the anchor's.
    function _awardEverything() private {
        _setLine(funder, anchor.organisation, FACE);
        (receivableId, root) = _activeReceivable(programmeId);
        RequestFinancing memory asked = _requestOrder(supplier, root, FACE);
        asked.withRecourse = true;
        market.requestFinancing(asked, _approve(supplier, Hash.order(asked)));
        requestId = market.requestCount();
        _bear(requestId, FACE, 5_000);
        quote = _quoteByTransfer(funder, requestId, PRICE);
        (quote.withRecourse, quote.holdback) = (true, FACE / 100);
        _awardWithShare(supplier, funder, quote, 10_000_00);
    }

    function _order() private returns (AttestFunding memory) {
        return _attestFundingOrder(payeesBank, quote, LINE);
    }

    function _refused(AttestFunding memory order, bytes memory expected) private {
        Approval[] memory approvals = _approve(payeesBank, Hash.order(order));
        vm.expectRevert(expected);
        funding.attestFunding(order, approvals);
    }
}
