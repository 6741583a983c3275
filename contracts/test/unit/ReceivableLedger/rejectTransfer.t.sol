// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {ACCEPT_TRANSFER_TYPEHASH, REJECT_TRANSFER_TYPEHASH, TransferAnswer} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RejectTransferTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private offer;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        offer = _propose(supplier, root, subSupplier.organisation);
    }

    // when the answer is for another contract
    function test_RevertWhen_TheAnswerIsForAnotherContract() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        answer.target = address(market);

        // it should revert with WrongTarget
        _rejectionRefused(answer, subSupplier, IParticipantRegistry.WrongTarget.selector);
    }

    // when what was signed is an acceptance
    function test_RevertWhen_WhatWasSignedIsAnAcceptance() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        ledger.rejectTransfer(answer, approvals);
    }

    // when it is not the receiver
    function test_RevertWhen_ItIsNotTheReceiver() external {
        // it should revert with NotReceiver
        _rejectionRefused(_answerOrder(stranger, root, offer), stranger, IReceivableLedger.NotReceiver.selector);
    }

    // when it answers another offer
    function test_RevertWhen_ItAnswersAnotherOffer() external {
        // it should revert with WrongOffer
        _rejectionRefused(
            _answerOrder(subSupplier, root, keccak256("other")), subSupplier, IReceivableLedger.WrongOffer.selector
        );
    }

    // given the offer is pending
    function test_GivenTheOfferIsPending() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer));

        // it should emit TransferRejected
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferRejected(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        ledger.rejectTransfer(answer, approvals);

        // it should free the lot for its holder
        _assertFree();
    }

    function _assertFree() private view {
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(lens.pendingTransfer(root).to, 0);
    }

    function _rejectionRefused(TransferAnswer memory answer, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer));
        vm.expectPartialRevert(expected);
        ledger.rejectTransfer(answer, approvals);
    }
}
