// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    REJECT_TRANSFER_TYPEHASH,
    REVOKE_TRANSFER_TYPEHASH,
    TransferAnswer
} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev rejectTransfer, revokeTransfer and lapseTransfer: the three ways an offered lot gets free again.
contract AnswersTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private offer;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        offer = _propose(supplier, root, subSupplier.organisation);
    }

    // when the receiver rejects > when the answer is for another contract
    function test_RevertWhen_TheRejectionIsForAnotherContract() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        answer.target = address(market);

        // it should revert with WrongTarget
        _rejectionRefused(answer, subSupplier, IParticipantRegistry.WrongTarget.selector);
    }

    // when the receiver rejects > when what was signed is an acceptance
    function test_RevertWhen_WhatWasSignedIsAnAcceptance() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        ledger.rejectTransfer(answer, approvals);
    }

    // when the receiver rejects > when it is not the receiver
    function test_RevertWhen_ItIsNotTheReceiver() external {
        // it should revert with NotReceiver
        _rejectionRefused(_answerOrder(stranger, root, offer), stranger, IReceivableLedger.NotReceiver.selector);
    }

    // when the receiver rejects > when it answers another offer
    function test_RevertWhen_ItAnswersAnotherOffer() external {
        // it should revert with WrongOffer
        _rejectionRefused(
            _answerOrder(subSupplier, root, keccak256("other")), subSupplier, IReceivableLedger.WrongOffer.selector
        );
    }

    // when the receiver rejects > given the offer is pending
    function test_GivenTheReceiverRejectsAPendingOffer() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer));

        // it should emit TransferRejected
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferRejected(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        ledger.rejectTransfer(answer, approvals);

        // it should free the lot for its holder
        _assertFree();
    }

    // when the sender revokes > when it is not the holder
    function test_RevertWhen_ItIsNotTheHolder() external {
        // it should revert with NotHolder
        _revocationRefused(_answerOrder(subSupplier, root, offer), subSupplier, IReceivableLedger.NotHolder.selector);
    }

    // when the sender revokes > given the offer is accepted
    function test_RevertGiven_TheOfferIsAccepted() external {
        _acceptTransfer(subSupplier, root, offer);

        // it should revert with TransferNotPending
        _revocationRefused(_answerOrder(supplier, root, offer), supplier, IReceivableLedger.TransferNotPending.selector);
    }

    // when the sender revokes > given the offer is pending
    function test_GivenTheSenderRevokesAPendingOffer() external {
        TransferAnswer memory answer = _answerOrder(supplier, root, offer);
        Approval[] memory approvals = _approve(supplier, Hash.answer(REVOKE_TRANSFER_TYPEHASH, answer));

        // it should emit TransferRevoked
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferRevoked(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        ledger.revokeTransfer(answer, approvals);

        // it should free the lot at once
        _assertFree();
    }

    // when anyone lapses it > given the lot is not on offer
    function test_RevertGiven_TheLotIsNotOnOffer() external {
        (, LotId other) = _activeReceivable(programmeId);

        // it should revert with TransferNotPending for the other lot
        vm.expectPartialRevert(IReceivableLedger.TransferNotPending.selector);
        ledger.lapseTransfer(other);
    }

    // when anyone lapses it > given the offer has not expired
    function test_RevertGiven_TheOfferHasNotExpired() external {
        vm.warp(ledger.pendingTransfer(root).expiresAt);

        // it should revert with OfferNotExpired, to the second
        vm.expectPartialRevert(IReceivableLedger.OfferNotExpired.selector);
        ledger.lapseTransfer(root);
    }

    // when anyone lapses it > given the offer has expired
    function test_GivenTheOfferHasExpired() external {
        vm.warp(ledger.pendingTransfer(root).expiresAt + 1);

        // it should emit TransferLapsed
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferLapsed(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        vm.prank(stranger.maker);
        ledger.lapseTransfer(root);

        // it should free the lot without anybody's signature
        _assertFree();
    }

    // when the lot is paid in full while on offer
    function test_WhenTheLotIsPaidInFullWhileOnOffer() external {
        _settle(receivableId, FACE, _allLots(receivableId));
        vm.warp(block.timestamp + 4 days);

        // it should be settled, and the offer forgotten
        assertTrue(ledger.lot(root).settled);
        assertEq(uint8(ledger.lot(root).encumbrance), uint8(Encumbrance.NONE));
        vm.expectPartialRevert(IReceivableLedger.TransferNotPending.selector);
        ledger.lapseTransfer(root);
    }

    function _assertFree() private view {
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(ledger.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(ledger.pendingTransfer(root).to, 0);
    }

    function _rejectionRefused(TransferAnswer memory answer, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer));
        vm.expectPartialRevert(expected);
        ledger.rejectTransfer(answer, approvals);
    }

    function _revocationRefused(TransferAnswer memory answer, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.answer(REVOKE_TRANSFER_TYPEHASH, answer));
        vm.expectPartialRevert(expected);
        ledger.revokeTransfer(answer, approvals);
    }
}
