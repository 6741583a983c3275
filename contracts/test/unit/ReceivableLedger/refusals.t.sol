// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {ITransferRules, Movement} from "../../../src/interfaces/ITransferRules.sol";
import {DiscountLib} from "../../../src/libraries/DiscountLib.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    ProposeTransfer,
    REJECT_TRANSFER_TYPEHASH,
    RequestFinancing,
    SettleReceivable,
    SplitLot,
    TransferAnswer,
    UnsplitLot
} from "../../../src/types/Orders.sol";
import {ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev What a refusal says: services show its values, so two that changed places would mislead whoever reads them.
contract RefusalsTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when a lot is not as signed
    function test_WhenALotIsNotAsSigned() external {
        _pay(FACE / 2);
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        order.faceValue -= 1;

        // it should say the lot's face value, then what it was paid
        _expect(abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE, FACE / 2));
        ledger.proposeTransfer(order, _approve(supplier, Hash.order(order)));
    }

    // when an order is for another contract
    function test_WhenAnOrderIsForAnotherContract() external {
        SettleReceivable memory order = _settleOrder(receivableId, FACE);
        order.target = address(market);

        // it should say which, then this one
        _expect(abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(market), address(settlement)));
        settlement.settleReceivable(order, _approve(anchor, Hash.order(order)), new uint32[](0));
    }

    // when somebody else orders
    function test_WhenSomebodyElseOrders() external {
        ProposeTransfer memory transfer = _transferOrder(stranger, root, subSupplier.organisation);
        SettleReceivable memory payment = _settleOrder(receivableId, FACE);
        payment.organisation = stranger.organisation;
        payment.nonce = _nonce(stranger.maker);

        // it should say the holder, then who ordered
        _expect(
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, stranger.organisation
            )
        );
        ledger.proposeTransfer(transfer, _approve(stranger, Hash.order(transfer)));
        // it should say the obligor, then who ordered
        _expect(
            abi.encodeWithSelector(
                ISettlement.NotObligor.selector, receivableId, anchor.organisation, stranger.organisation
            )
        );
        settlement.settleReceivable(payment, _approve(stranger, Hash.order(payment)), new uint32[](0));
    }

    // when somebody else answers an offer
    function test_WhenSomebodyElseAnswersAnOffer() external {
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        bytes32 offer = Hash.order(order);
        TransferAnswer memory answer = _answerOrder(stranger, root, offer);
        bytes memory notReceiver = abi.encodeWithSelector(
            IReceivableLedger.NotReceiver.selector, root, subSupplier.organisation, stranger.organisation
        );
        bytes32 acceptance = Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer);

        // it should say the receiver, then who answered
        _expect(notReceiver);
        ledger.transferLot(order, _approve(supplier, offer), answer, _approve(stranger, acceptance));
        ledger.proposeTransfer(order, _approve(supplier, offer));
        _expect(notReceiver);
        ledger.acceptTransfer(answer, _approve(stranger, acceptance));
        _expect(notReceiver);
        ledger.rejectTransfer(answer, _approve(stranger, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer)));
    }

    // when a part is out of bounds
    function test_WhenAPartIsOutOfBounds() external {
        SplitLot memory whole = _splitOrder(supplier, root, _part(supplier.organisation, FACE));
        uint64 least = FACE / MAXIMUM_LOTS;
        SplitLot memory small = _splitOrder(supplier, root, _part(supplier.organisation, least - 1));
        RequestFinancing memory more = _requestOrder(supplier, root, FACE + 1);

        // it should say the part, then what there is
        _expect(abi.encodeWithSelector(IReceivableLedger.PartTooLarge.selector, root, FACE, FACE));
        ledger.splitLot(whole, _approve(supplier, Hash.order(whole)));
        _expect(abi.encodeWithSelector(IReceivableLedger.PartTooLarge.selector, root, FACE + 1, FACE));
        market.requestFinancing(more, _approve(supplier, Hash.order(more)));
        // it should say the part, then the least there may be
        _expect(abi.encodeWithSelector(IReceivableLedger.LotTooSmall.selector, least - 1, least));
        ledger.splitLot(small, _approve(supplier, Hash.order(small)));
    }

    // when two lots parted their ways
    function test_WhenTwoLotsPartedTheirWays() external {
        LotId child = _split(supplier, root, _part(supplier.organisation, FACE / 2));
        _acceptTransfer(subSupplier, child, _propose(supplier, child, subSupplier.organisation));
        _acceptTransfer(supplier, child, _propose(subSupplier, child, supplier.organisation));
        UnsplitLot memory order = UnsplitLot({
            target: address(ledger),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            lotId: child,
            faceValue: FACE / 2,
            paid: 0,
            parentFaceValue: FACE / 2
        });

        // it should say the child, then the parent
        _expect(abi.encodeWithSelector(IReceivableLedger.LotsApart.selector, child, root));
        ledger.unsplitLot(order, _approve(supplier, Hash.order(order)));
    }

    // when a payment is not as it may be
    function test_WhenAPaymentIsNotAsItMayBe() external {
        _pay(FACE / 4);
        SettleReceivable memory order = _settleOrder(receivableId, 1);

        // it should say the face value, then what was paid
        order.paid -= 1;
        _expect(abi.encodeWithSelector(IReceivableLedger.ReceivableChanged.selector, receivableId, FACE, FACE / 4));
        _settle(order);
        order.paid += 1;
        // it should say the payment, then what is outstanding
        order.amount = FACE;
        _expect(abi.encodeWithSelector(IReceivableLedger.PaymentTooLarge.selector, receivableId, FACE, FACE / 4 * 3));
        _settle(order);
        order.amount = 1_000_00;
        // it should say the order's currency, then the programme's
        order.currency = "EUR";
        _expect(abi.encodeWithSelector(ITokenisedDeposit.WrongCurrency.selector, bytes3("EUR"), CNY));
        _settle(order);
        order.currency = CNY;
        // it should say the late interest due, then the most that was signed
        vm.warp(lens.receivableTerms(receivableId).maturityAt + 100 days);
        order.deadline = _deadline();
        order.lateInterest = 3;
        uint64 due = DiscountLib.lateInterestAt(1_000_00, 1825, block.timestamp - 100 days, block.timestamp);
        _expect(abi.encodeWithSelector(ISettlement.LateInterestTooLow.selector, receivableId, due, uint64(3)));
        _settle(order);
    }

    // when a suspended organisation answers an offer
    function test_WhenASuspendedOrganisationAnswersAnOffer() external {
        bytes32 offer = _propose(supplier, root, subSupplier.organisation);
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        _setStatus(subSupplier.organisation, ParticipantStatus.SUSPENDED);

        // it should refuse an acceptance
        _expect(abi.encodeWithSelector(IParticipantRegistry.ParticipantSuspended.selector, subSupplier.organisation));
        ledger.acceptTransfer(answer, _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer)));
        // it should let it reject
        ledger.rejectTransfer(answer, _approve(subSupplier, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer)));
        assertEq(_holder(root), supplier.organisation);
    }

    // when a programme has rules of its own
    function test_WhenAProgrammeHasRulesOfItsOwn() external {
        bytes32 offer = _propose(supplier, root, subSupplier.organisation);
        address own = makeAddr("own rules");
        vm.mockCall(own, abi.encodeWithSelector(ITransferRules.check.selector), abi.encode(bytes4(0)));
        vm.prank(administration);
        ledger.replaceTransferRules(programmeId, own);
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);

        // it should show them the very movement: one tier down, nothing exchanged
        vm.expectCall(
            own,
            abi.encodeCall(
                ITransferRules.check,
                (Movement({
                        from: supplier.organisation,
                        to: subSupplier.organisation,
                        obligor: anchor.organisation,
                        tier: lens.lot(root).tier + 1,
                        maximumTier: MAXIMUM_TIER,
                        deposit: address(deposit)
                    }))
            )
        );
        ledger.acceptTransfer(answer, _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer)));
    }

    // --- Helpers

    function _expect(bytes memory refusal) private {
        vm.expectRevert(refusal);
    }

    function _pay(uint64 amount) private {
        _toMaturity(receivableId);
        _settle(receivableId, amount, _allLots(receivableId));
    }

    function _settle(SettleReceivable memory order) private {
        settlement.settleReceivable(order, _approve(anchor, Hash.order(order)), new uint32[](0));
    }
}
