// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotId, MAXIMUM_AMOUNT, toLotId} from "../../../src/types/Ids.sol";
import {Arrears, Encumbrance, ReceivableProgress, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AttestPayment, OpenProgramme, SettleReceivable} from "../../../src/types/Orders.sol";
import {Act, Approval, KIND_SETTLEMENT_BANK, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor} from "../../Base.t.sol";
import {Attesting} from "../../support/Attesting.sol";
import {Hash} from "../../support/Hash.sol";

contract AttestPaymentTest is Attesting {
    uint64 private receivableId;
    LotId private root;
    /// @dev The sub-supplier's part, where a test made one.
    LotId private part;

    function setUp() public override {
        super.setUp();
        _introduceBanks();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(
            order,
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(ledger), address(settlement))
        );
    }

    // when the bank has not signed
    function test_RevertWhen_TheBankHasNotSigned() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        settlement.attestPayment(order, approvals);
    }

    // when the organisation is no settlement bank
    function test_RevertWhen_TheOrganisationIsNoSettlementBank() external {
        AttestPayment memory order = _attestOrder(anchor, root, LINE);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with KindRequired
        vm.expectPartialRevert(IParticipantRegistry.KindRequired.selector);
        settlement.attestPayment(order, approvals);
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        order.currency = "USD";

        // it should revert with WrongCurrency: the order's, then the programme's
        _refused(order, abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, bytes3("USD"), CNY));
    }

    // when the payee named another bank, or none
    function test_RevertWhen_ThePayeeNamedAnotherBankOrNone() external {
        AttestPayment memory order = _attestOrder(payersBank, root, LINE);
        Approval[] memory approvals = _approve(payersBank, Hash.order(order));

        // it should revert with NotPayeesBank: the payee, its bank, and the bank that says so
        vm.expectRevert(_notPayeesBank(payeesBank.organisation, payersBank.organisation));
        settlement.attestPayment(order, approvals);
        _nameBank(supplier, 0);
        _refused(_attestOrder(payeesBank, root, LINE), _notPayeesBank(0, payeesBank.organisation));
    }

    // given the bank is the payer's as well > given the payee has not confirmed the very same
    function test_RevertGiven_ThePayeeHasNotConfirmedTheVerySame() external {
        uint256 start = vm.snapshotState();

        // it should revert with ConfirmationMissing, in each way a bank can be the payer's
        _nameBank(anchor, payeesBank.organisation);
        skip(KEY_DELAY);
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        AttestPayment memory other = _attestOrder(payeesBank, root, keccak256("another line"));
        _confirm(supplier, other);
        _refused(order, _unconfirmed(payeesBank));

        vm.revertToState(start);
        vm.prank(administration);
        registry.changeParticipant(payeesBank.organisation, KIND_SETTLEMENT_BANK, 0, anchor.organisation);
        _refused(order, _unconfirmed(payeesBank));

        vm.revertToState(start);
        vm.prank(administration);
        registry.changeParticipant(payersBank.organisation, KIND_SETTLEMENT_BANK, 0, payeesBank.organisation);
        _refused(order, _unconfirmed(payeesBank));

        vm.revertToState(start);
        _nameBank(supplier, bank.organisation);
        skip(KEY_DELAY);
        order = _attestOrder(bank, root, LINE);
        Approval[] memory approvals = _approve(bank, Hash.order(order));
        vm.expectRevert(_unconfirmed(bank));
        settlement.attestPayment(order, approvals);
    }

    // given the bank is the payer's as well > given the payee has confirmed it
    function test_GivenThePayeeHasConfirmedIt() external {
        _nameBank(anchor, payeesBank.organisation);
        skip(KEY_DELAY);
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        _confirm(supplier, order);

        settlement.attestPayment(order, _approve(payeesBank, Hash.order(order)));

        // it should pay the lot
        assertTrue(lens.lot(root).settled);
    }

    // given the payer named no bank
    function test_RevertGiven_ThePayerNamedNoBank() external {
        _nameBank(anchor, 0);

        // it should revert with ConfirmationMissing
        _refused(_attestOrder(payeesBank, root, LINE), _unconfirmed(payeesBank));
    }

    // when the amount is not what is outstanding
    function test_RevertWhen_TheAmountIsNotWhatIsOutstanding() external {
        AttestPayment memory less = _attestOrder(payeesBank, root, LINE);
        less.amount -= 1;
        AttestPayment memory more = _attestOrder(payeesBank, root, LINE);
        (more.amount, more.lineAmount) = (more.amount + 1, more.lineAmount + 1);

        // it should revert with AttestedAmountDiffers: what is outstanding, then the interest
        _refused(less, _differs(FACE, 0));
        _refused(more, _differs(FACE, 0));
    }

    // when the late interest is not what had accrued
    function test_RevertWhen_TheLateInterestIsNotWhatHadAccrued() external {
        AttestPayment memory early = _attestOrder(payeesBank, root, LINE);
        (early.lateInterest, early.lineAmount) = (1, FACE + 1);
        _refused(early, _differs(FACE, 0));
        _toMaturity(receivableId);
        skip(10 days);
        AttestPayment memory late = _attestOrder(payeesBank, root, LINE);
        assertEq(late.lateInterest, 5_000_00);
        late.lateInterest -= 1;

        // it should revert with AttestedAmountDiffers
        _refused(late, _differs(FACE, 5_000_00));
    }

    // when the money is to come
    function test_RevertWhen_TheMoneyIsToCome() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        order.valueAt = uint64(block.timestamp + 1);

        // it should revert with InstantOutOfRange
        _refused(order, abi.encodeWithSelector(IReceivableLedger.InstantOutOfRange.selector, order.valueAt));
    }

    // when no line is named
    function test_RevertWhen_NoLineIsNamed() external {
        // it should revert with StatementLineMissing
        _refused(
            _attestOrder(payeesBank, root, bytes32(0)),
            abi.encodeWithSelector(ISettlement.StatementLineMissing.selector, root)
        );
    }

    // given the line is used
    function test_RevertGiven_TheLineIsUsed() external {
        _attest(payeesBank, root, LINE);
        (, LotId next) = _activeReceivable(freeProgrammeId);

        // it should revert with StatementLineUsed: what is left of it, then what was asked
        _refused(_attestOrder(payeesBank, next, LINE), _used(0, FACE));
    }

    // given the line is another bank's, or of another amount
    function test_RevertGiven_TheLineIsAnotherBanksOrOfAnotherAmount() external {
        _attest(payeesBank, root, LINE);
        (, LotId next) = _activeReceivable(freeProgrammeId);
        AttestPayment memory larger = _attestOrder(payeesBank, next, LINE);
        larger.lineAmount = 2 * FACE;

        // it should revert with StatementLineChanged
        _refused(larger, _lineChanged());
        _nameBank(supplier, payersBank.organisation);
        _nameBank(anchor, payeesBank.organisation);
        skip(KEY_DELAY);
        AttestPayment memory others = _attestOrder(payersBank, next, LINE);
        Approval[] memory approvals = _approve(payersBank, Hash.order(others));
        vm.expectRevert(_lineChanged());
        settlement.attestPayment(others, approvals);
    }

    // given the payee does not hold the lot
    function test_RevertGiven_ThePayeeDoesNotHoldTheLot() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        order.payee = subSupplier.organisation;

        // it should revert with NotHolder
        _refused(
            order,
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, subSupplier.organisation
            )
        );
    }

    // given there is no such lot
    function test_RevertGiven_ThereIsNoSuchLot() external {
        AttestPayment memory nowhere = _attestOrder(payeesBank, root, LINE);
        nowhere.lotId = toLotId(99, 1);
        AttestPayment memory unknown = _attestOrder(payeesBank, root, LINE);
        unknown.lotId = toLotId(receivableId, 99);

        // it should revert with WrongCurrency or LotUnknown
        _refused(nowhere, abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, CNY, bytes3(0)));
        _refused(unknown, abi.encodeWithSelector(IReceivableLedger.LotUnknown.selector, unknown.lotId));
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        order.paid = 1;
        (order.amount, order.lineAmount) = (FACE - 1, FACE - 1);

        // it should revert with LotChanged: the lot's face value, then what it was paid
        _refused(order, abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE, 0));
    }

    // given the lot is settled
    function test_RevertGiven_TheLotIsSettled() external {
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(_attestOrder(payeesBank, root, LINE), _settled(root));
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _attest(payeesBank, part, LINE);
        _refused(_attestOrder(payeesBank, part, "2"), _settled(part));
    }

    // given the receivable is not accepted
    function test_RevertGiven_TheReceivableIsNotAccepted() external {
        uint64 offered = _issue(programmeId, supplier, FACE);

        // it should revert with ReceivableNotActive
        _refused(
            _attestOrder(payeesBank, toLotId(offered, 1), LINE),
            abi.encodeWithSelector(IReceivableLedger.ReceivableNotActive.selector, offered, ReceivableStatus.OFFERED)
        );
    }

    // given something set aside is due to the lot
    function test_RevertGiven_SomethingSetAsideIsDueToTheLot() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 2, new uint32[](0));

        // it should revert with LotPartlyPaid
        _refused(
            _attestOrder(payeesBank, root, LINE),
            abi.encodeWithSelector(IReceivableLedger.LotPartlyPaid.selector, root, 0)
        );
    }

    // given late interest set aside is due to the lot
    function test_RevertGiven_LateInterestSetAsideIsDueToTheLot() external {
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _toMaturity(receivableId);
        skip(10 days);
        _settle(receivableId, 600, _allLots(receivableId));
        skip(670 days);
        // Three more: of the face, the quarter's share is as it was; of the interest, it is four quarters now.
        _settle(receivableId, 3, new uint32[](0));
        assertEq(settlement.lateInterest(receivableId).paid, 4);
        assertEq(lens.lot(part).paid, 150);

        // it should revert with LotPartlyPaid, though nothing of the face is due
        _refused(
            _attestOrder(payeesBank, part, LINE),
            abi.encodeWithSelector(IReceivableLedger.LotPartlyPaid.selector, part, 150)
        );

        // it should pass once it is paid out
        settlement.payLots(receivableId, _allLots(receivableId));
        _attest(payeesBank, part, LINE);
        assertTrue(lens.lot(part).settled);
    }

    // given the lot is frozen, or pledged
    function test_RevertGiven_TheLotIsFrozenOrPledged() external {
        (uint64 other, LotId pledged) = _activeReceivable(freeProgrammeId);
        _toMaturity(other);
        _settle(other, FACE / 4, _allLots(other));
        _pledge(supplier, pledged, funder);
        _freeze(root);

        // it should revert with LotFrozen, or PaymentShared: who has the payment, and what is outstanding
        _refused(
            _attestOrder(payeesBank, root, LINE),
            abi.encodeWithSelector(IReceivableLedger.LotFrozen.selector, root, uint40(block.timestamp + 300 days))
        );
        _refused(_attestOrder(payeesBank, pledged, LINE), _shared(pledged, 0, FACE / 4 * 3));
    }

    // given an earlier seller holds a part of it back
    function test_RevertGiven_AnEarlierSellerHoldsAPartOfItBack() external {
        vm.startPrank(address(market));
        ledger.reassign(root, FACE, 0, funder.organisation, true);
        encumbrances.keepHoldback(root, supplier.organisation, FACE / 10);
        vm.stopPrank();

        // it should revert with PaymentShared: the holder, and its own share
        _refused(_attestOrder(payeesBank, root, LINE), _shared(root, funder.organisation, FACE / 10 * 9));
    }

    // given a freeze of it has ended
    function test_GivenAFreezeOfItHasEnded() external {
        _freeze(root);
        _lift(root, keccak256("order of the court"));

        _attest(payeesBank, root, LINE);

        // it should pay the lot
        assertTrue(lens.lot(root).settled);
    }

    // when the sum is more than any amount may be
    function test_RevertWhen_TheSumIsMoreThanAnyAmountMayBe() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);

        // it should revert with AmountTooLarge: the amount, or the interest, and the most there may be of it
        (order.amount, order.lateInterest) = (MAXIMUM_AMOUNT + 1, 5);
        _refused(order, _tooLarge(MAXIMUM_AMOUNT + 1, MAXIMUM_AMOUNT));
        (order.amount, order.lateInterest) = (MAXIMUM_AMOUNT - 3, 4);
        _refused(order, _tooLarge(4, 3));

        // it should say that the largest differs from what is outstanding
        (order.amount, order.lateInterest) = (MAXIMUM_AMOUNT - 3, 3);
        _refused(order, _differs(FACE, 0));
        (order.amount, order.lateInterest) = (MAXIMUM_AMOUNT, 0);
        _refused(order, _differs(FACE, 0));
    }

    // given the payee is blocked
    function test_RevertGiven_ThePayeeIsBlocked() external {
        _setStatus(supplier.organisation, ParticipantStatus.BLOCKED);

        // it should revert with ParticipantBlocked
        _refused(
            _attestOrder(payeesBank, root, LINE),
            abi.encodeWithSelector(IParticipantRegistry.ParticipantBlocked.selector, supplier.organisation)
        );
    }

    // given the lot is the whole receivable
    function test_GivenTheLotIsTheWholeReceivable() external {
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        Approval[] memory approvals = _approve(payeesBank, Hash.order(order));

        // it should emit PaymentAttested
        vm.expectEmit(address(settlement));
        emit ISettlement.PaymentAttested(
            receivableId,
            3,
            1,
            supplier.organisation,
            payeesBank.organisation,
            FACE,
            0,
            uint40(block.timestamp),
            LINE,
            FACE,
            ReceivableStatus.SETTLED
        );
        settlement.attestPayment(order, approvals);

        // it should settle lot and receivable, and leave every deposit alone
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        assertEq(uint8(progress.status), uint8(ReceivableStatus.SETTLED));
        assertEq(progress.paid, FACE);
        assertEq(progress.cleared, FACE);
        assertTrue(lens.lot(root).settled);
        assertEq(lens.lot(root).paid, FACE);
        assertEq(settlement.attestedLine(root), LINE);
        assertEq(settlement.statementLine(LINE).used, FACE);
        assertEq(_balance(anchor), OPENING_BALANCE);
        assertEq(_balance(supplier), 0);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    // given the due instant has not come
    function test_GivenTheDueInstantHasNotCome() external {
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));

        _attest(payeesBank, part, LINE);

        // it should leave the others free to split (LIQUIDITY)
        LotId next = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        assertEq(_holder(next), subSupplier.organisation);
        assertEq(lens.lot(root).faceValue, FACE / 2);
    }

    // given others' money is set aside
    function test_GivenOthersMoneyIsSetAside() external {
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 3));
        LotId third = _split(supplier, root, _part(supplier.organisation, FACE / 7));
        _toMaturity(receivableId);
        _settle(receivableId, 200_000_01, _allLots(receivableId));
        uint64 aside = deposit.account(anchor.organisation).earmarked;

        _attest(payeesBank, part, LINE);

        // it should leave it to them, and them their whole share
        assertEq(deposit.account(anchor.organisation).earmarked, aside);
        settlement.payLots(receivableId, _allLots(receivableId));
        uint64 rest = FACE - lens.receivableProgress(receivableId).paid;
        assertEq(
            rest,
            lens.lot(root).faceValue + lens.lot(third).faceValue - _paidOn(root) - _paidOn(third)
                - deposit.account(anchor.organisation).earmarked
        );
        _settle(receivableId, rest, _allLots(receivableId));
        assertTrue(lens.lot(root).settled && lens.lot(third).settled);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.SETTLED));
    }

    // given others' late interest is set aside
    function test_GivenOthersLateInterestIsSetAside() external {
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _toMaturity(receivableId);
        skip(10 days);
        _settle(receivableId, FACE / 2, new uint32[](0));
        uint32[] memory itsOwn = new uint32[](1);
        itsOwn[0] = 2;
        settlement.payLots(receivableId, itsOwn);

        _attest(payeesBank, part, LINE);

        // it should leave it to them
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(settlement.lateInterestPaid(part), 625_00);
        assertEq(settlement.lateInterestPaid(root), 1_875_00);
        _settle(receivableId, FACE - lens.receivableProgress(receivableId).paid, _allLots(receivableId));
        assertEq(settlement.lateInterestPaid(part), 625_00);
        assertEq(settlement.lateInterestPaid(root), 3_750_00);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    // given two lots were paid so after late interest reached them
    function test_GivenTwoLotsWerePaidSoAfterLateInterestReachedThem() external {
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        LotId third = _split(supplier, root, _part(funder.organisation, FACE / 4));
        _toMaturity(receivableId);
        skip(10 days);
        _settle(receivableId, FACE / 2, _allLots(receivableId));

        _attest(payeesBank, part, LINE);
        _attest(payeesBank, third, "2");

        // it should remember what both had, and their faces
        assertEq(settlement.lateInterest(receivableId).left, 2 * 625_00);
        assertEq(settlement.lateInterest(receivableId).leftFace, FACE / 2);

        // it should leave all that comes after to the last
        _settle(receivableId, FACE / 4, _allLots(receivableId));
        assertEq(settlement.lateInterestPaid(root), 2_500_00);
        assertEq(lens.lot(root).paid, FACE / 2);
        assertEq(deposit.account(anchor.organisation).earmarked, 0);
    }

    // given the lot was paid so before there was late interest
    function test_GivenTheLotWasPaidSoBeforeThereWasLateInterest() external {
        part = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
        _attest(payeesBank, part, LINE);
        _toMaturity(receivableId);
        skip(10 days);

        _settle(receivableId, FACE / 4 * 3, _allLots(receivableId));

        // it should have none of it
        assertEq(settlement.lateInterestPaid(part), 0);
        assertEq(settlement.lateInterestPaid(root), 3_750_00);
        assertEq(_balance(subSupplier), 0);
    }

    // given lots of a single minor unit > when one is paid so before there was late interest
    function test_WhenOneIsPaidSoBeforeThereWasLateInterest() external {
        LotId third = _unitLots();
        _attest(payeesBank, part, LINE);
        _toMaturity(receivableId);
        skip(100 days);
        SettleReceivable memory order = _settleOrder(receivableId, 2);
        order.lateInterest = 4;

        settlement.settleReceivable(order, _approve(anchor, Hash.order(order)), _allLots(receivableId));

        // it should share the interest among the others
        assertEq(settlement.lateInterestPaid(part), 0);
        assertEq(settlement.lateInterestPaid(root), 2);
        assertEq(settlement.lateInterestPaid(third), 2);
    }

    // given lots of a single minor unit > when all but one are paid so
    function test_WhenAllButOneArePaidSo() external {
        LotId third = _unitLots();
        _attest(payeesBank, part, LINE);
        _attest(payeesBank, third, "2");

        _settle(receivableId, 1, _allLots(receivableId));

        // it should pay the last
        assertTrue(lens.lot(root).settled);
        assertEq(_balance(supplier), 1);
    }

    // given it was late
    function test_GivenItWasLate() external {
        _toMaturity(receivableId);
        skip(10 days);
        AttestPayment memory order = _attestOrder(payeesBank, root, LINE);
        bytes32 orderHash = Hash.order(order);

        // it should ask the registry for the act and the sum of both
        vm.expectCall(
            address(registry),
            abi.encodeWithSelector(
                IParticipantRegistry.authorise.selector,
                orderHash,
                order.organisation,
                order.nonce,
                order.deadline,
                Act.ATTEST_PAYMENT,
                CNY,
                FACE + 5_000_00
            )
        );
        settlement.attestPayment(order, _approve(payeesBank, orderHash));

        // it should use up the line by the sum of both
        assertEq(settlement.statementLine(LINE).used, FACE + 5_000_00);
    }

    // given the anchor is in arrears
    function test_GivenTheAnchorIsInArrears() external {
        _toDefault(receivableId);
        settlement.noteDefault(receivableId);

        _attest(payeesBank, root, LINE);

        // it should cure it
        assertEq(ledger.overdueCount(anchor.organisation), 0);
        assertEq(uint8(lens.receivableProgress(receivableId).arrears), uint8(Arrears.NONE));
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.SETTLED));
    }

    // given the lot is on offer
    function test_GivenTheLotIsOnOffer() external {
        (receivableId, root) = _activeReceivable(programmeId);
        _propose(supplier, root, subSupplier.organisation);

        _attest(payeesBank, root, LINE);

        // it should end the offer
        assertEq(lens.pendingTransfer(root).to, 0);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
    }

    // given the lot is written off
    function test_GivenTheLotIsWrittenOff() external {
        _toDefault(receivableId);
        settlement.noteDefault(receivableId);
        _writeOff(supplier, root);

        _attest(payeesBank, root, LINE);

        // it should settle it
        assertTrue(lens.lot(root).settled);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.SETTLED));
    }

    // given a line pays two lots
    function test_GivenALinePaysTwoLots() external {
        (, LotId next) = _activeReceivable(freeProgrammeId);
        (, LotId third) = _activeReceivable(freeProgrammeId);

        _attestOf(root);
        _attestOf(next);

        // it should pay both, and nothing else
        assertTrue(lens.lot(root).settled && lens.lot(next).settled);
        AttestPayment memory order = _attestOrder(payeesBank, third, LINE);
        order.lineAmount = 2 * FACE;
        _refused(order, _used(0, FACE));
    }

    /// @dev By a line of twice the face.
    function _attestOf(LotId lotId) private {
        AttestPayment memory order = _attestOrder(payeesBank, lotId, LINE);
        order.lineAmount = 2 * FACE;
        settlement.attestPayment(order, _approve(payeesBank, Hash.order(order)));
    }

    /// @dev Three of them: the supplier's, the sub-supplier's and the funder's; 1.8 % a day once they are late.
    function _unitLots() private returns (LotId third) {
        OpenProgramme memory order = _programmeOrder(false);
        order.minimumLotFaceValue = 1;
        order.lateInterestBps = type(uint16).max;
        receivableId = _issue(_openProgramme(order), supplier, 3);
        _accept(supplier, receivableId);
        root = toLotId(receivableId, 1);
        part = _split(supplier, root, _part(subSupplier.organisation, 1));
        third = _split(supplier, root, _part(funder.organisation, 1));
    }

    function _paidOn(LotId lotId) private view returns (uint64) {
        return lens.lot(lotId).paid;
    }

    function _refused(AttestPayment memory order, bytes memory refusal) private {
        Approval[] memory approvals = _approve(payeesBank, Hash.order(order));
        vm.expectRevert(refusal);
        settlement.attestPayment(order, approvals);
    }

    function _notPayeesBank(uint32 named, uint32 attesting) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.NotPayeesBank.selector, supplier.organisation, named, attesting);
    }

    function _unconfirmed(Actor memory by) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ISettlement.ConfirmationMissing.selector, root, supplier.organisation, by.organisation
            );
    }

    function _differs(uint64 outstanding, uint64 accrued) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.AttestedAmountDiffers.selector, root, outstanding, accrued);
    }

    function _lineChanged() private view returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.StatementLineChanged.selector, LINE, payeesBank.organisation, FACE);
    }

    function _used(uint64 available, uint64 amount) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.StatementLineUsed.selector, LINE, available, amount);
    }

    function _settled(LotId lotId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IReceivableLedger.LotAlreadySettled.selector, lotId);
    }

    function _shared(LotId lotId, uint32 payee, uint64 amount) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.PaymentShared.selector, lotId, payee, amount);
    }

    function _tooLarge(uint64 amount, uint64 limit) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISettlement.AmountTooLarge.selector, amount, limit);
    }
}
