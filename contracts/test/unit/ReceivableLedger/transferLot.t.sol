// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Lot} from "../../../src/types/Ledger.sol";
import {ACCEPT_TRANSFER_TYPEHASH, ProposeTransfer, TransferAnswer} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract TransferLotTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the answer is for another contract
    function test_RevertWhen_TheAnswerIsForAnotherContract() external {
        (ProposeTransfer memory order, TransferAnswer memory answer) = _orders();
        answer.target = address(market);

        // it should revert with WrongTarget
        _refused(order, answer, IParticipantRegistry.WrongTarget.selector);
    }

    // when the sender has not signed
    function test_RevertWhen_TheSenderHasNotSigned() external {
        (ProposeTransfer memory order, TransferAnswer memory answer) = _orders();
        Approval[] memory approvals = _approve(stranger, Hash.order(order));
        Approval[] memory answered = _answered(answer);

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        ledger.transferLot(order, approvals, answer, answered);
    }

    // when the receiver has not signed
    function test_RevertWhen_TheReceiverHasNotSigned() external {
        (ProposeTransfer memory order, TransferAnswer memory answer) = _orders();
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory answered = _approve(subSupplier, Hash.order(order));

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        ledger.transferLot(order, approvals, answer, answered);
    }

    // when the answer is to another offer, or about another lot
    function test_RevertWhen_TheAnswerIsToAnotherOfferOrAboutAnotherLot() external {
        (ProposeTransfer memory order, TransferAnswer memory otherOffer) = _orders();
        otherOffer.offer = keccak256("another offer");
        TransferAnswer memory otherLot = _answerOrder(subSupplier, root, Hash.order(order));
        otherLot.lotId = toLotId(receivableId, 2);

        // it should revert with WrongOffer
        _refused(order, otherOffer, IReceivableLedger.WrongOffer.selector);
        _refused(order, otherLot, IReceivableLedger.WrongOffer.selector);
    }

    // when somebody else answers
    function test_RevertWhen_SomebodyElseAnswers() external {
        (ProposeTransfer memory order,) = _orders();
        TransferAnswer memory answer = _answerOrder(stranger, root, Hash.order(order));
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory answered = _approve(stranger, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));

        // it should revert with NotReceiver
        vm.expectPartialRevert(IReceivableLedger.NotReceiver.selector);
        ledger.transferLot(order, approvals, answer, answered);
    }

    // when the answer names another face value
    function test_RevertWhen_TheAnswerNamesAnotherFaceValue() external {
        (ProposeTransfer memory order, TransferAnswer memory answer) = _orders();
        answer.faceValue += 1;

        // it should revert with LotChanged
        _refused(order, answer, IReceivableLedger.LotChanged.selector);
    }

    // given the offer has expired
    function test_RevertGiven_TheOfferHasExpired() external {
        (ProposeTransfer memory order, TransferAnswer memory answer) = _orders();
        order.deadline = order.expiresAt + 1 days;
        answer.deadline = order.deadline;
        answer.offer = Hash.order(order);
        vm.warp(order.expiresAt + 1);

        // it should revert with OfferExpired, though the order may still run
        _refused(order, answer, IReceivableLedger.OfferExpired.selector);
    }

    // when both have signed
    function test_WhenBothHaveSigned() external {
        (ProposeTransfer memory order, TransferAnswer memory answer) = _orders();
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory answered = _answered(answer);

        // it should emit ERC-3525's Transfer and TransferAccepted
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(uint160(subSupplier.organisation)), LotId.unwrap(root)
        );
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferAccepted(receivableId, 3, 1, supplier.organisation, subSupplier.organisation);
        ledger.transferLot(order, approvals, answer, answered);

        // it should hand the lot over in one transaction
        Lot memory lot = lens.lot(root);
        assertEq(lot.holder, subSupplier.organisation);
        assertEq(lot.tier, 2);
        assertEq(lens.pendingTransfer(root).to, 0);
        assertEq(lens.receivableProgress(receivableId).sequence, 3);
    }

    function _orders() private returns (ProposeTransfer memory order, TransferAnswer memory answer) {
        order = _transferOrder(supplier, root, subSupplier.organisation);
        answer = _answerOrder(subSupplier, root, Hash.order(order));
    }

    function _answered(TransferAnswer memory answer) private view returns (Approval[] memory) {
        return _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));
    }

    function _refused(ProposeTransfer memory order, TransferAnswer memory answer, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory answered = _answered(answer);
        vm.expectPartialRevert(expected);
        ledger.transferLot(order, approvals, answer, answered);
    }
}
