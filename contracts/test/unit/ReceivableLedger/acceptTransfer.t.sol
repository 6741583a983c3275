// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance, Lot} from "../../../src/types/Ledger.sol";
import {ACCEPT_TRANSFER_TYPEHASH, REJECT_TRANSFER_TYPEHASH, TransferAnswer} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract AcceptTransferTest is Base {
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
        _refused(answer, subSupplier, IParticipantRegistry.WrongTarget.selector);
    }

    // when what was signed is a rejection
    function test_RevertWhen_WhatWasSignedIsARejection() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer));

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        ledger.acceptTransfer(answer, approvals);
    }

    // given the lot is not on offer
    function test_RevertGiven_TheLotIsNotOnOffer() external {
        (, LotId other) = _activeReceivable(programmeId);

        // it should revert with TransferNotPending
        _refused(_answerOrder(subSupplier, other, offer), subSupplier, IReceivableLedger.TransferNotPending.selector);
    }

    // when the answer is to another offer
    function test_RevertWhen_TheAnswerIsToAnotherOffer() external {
        // it should revert with WrongOffer
        _refused(
            _answerOrder(subSupplier, root, keccak256("other")), subSupplier, IReceivableLedger.WrongOffer.selector
        );
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        TransferAnswer memory otherFace = _answerOrder(subSupplier, root, offer);
        otherFace.faceValue += 1;
        TransferAnswer memory otherPaid = _answerOrder(subSupplier, root, offer);
        otherPaid.paid += 1;

        // it should revert with LotChanged
        _refused(otherFace, subSupplier, IReceivableLedger.LotChanged.selector);
        _refused(otherPaid, subSupplier, IReceivableLedger.LotChanged.selector);
    }

    // when somebody else accepts
    function test_RevertWhen_SomebodyElseAccepts() external {
        // it should revert with NotReceiver
        _refused(_answerOrder(stranger, root, offer), stranger, IReceivableLedger.NotReceiver.selector);
        _refused(_answerOrder(supplier, root, offer), supplier, IReceivableLedger.NotReceiver.selector);
    }

    // given the offer has expired
    function test_RevertGiven_TheOfferHasExpired() external {
        uint40 expiresAt = lens.pendingTransfer(root).expiresAt;
        vm.warp(expiresAt + 1);
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));

        // it should revert with OfferExpired
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.OfferExpired.selector, root, expiresAt));
        ledger.acceptTransfer(answer, approvals);
    }

    // given the anchor paid a part since, which the holder has not received
    function test_RevertGiven_TheAnchorPaidAPartSinceWhichTheHolderHasNotReceived() external {
        (uint64 due, LotId lotId, bytes32 lateOffer) = _offeredAtMaturity();
        _settle(due, FACE / 4, new uint32[](0));

        // it should revert with LotPartlyPaid: the payment is the sender's
        _refused(_answerOrder(subSupplier, lotId, lateOffer), subSupplier, IReceivableLedger.LotPartlyPaid.selector);
    }

    // given the receivable is paid in full
    function test_RevertGiven_TheReceivableIsPaidInFull() external {
        _settle(receivableId, FACE, new uint32[](0));

        // it should revert with ReceivableNotActive
        _refused(_answerOrder(subSupplier, root, offer), subSupplier, IReceivableLedger.ReceivableNotActive.selector);
    }

    // given the receiver is suspended since
    function test_RevertGiven_TheReceiverIsSuspendedSince() external {
        _setStatus(subSupplier.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with ParticipantSuspended
        _refused(
            _answerOrder(subSupplier, root, offer), subSupplier, IParticipantRegistry.ParticipantSuspended.selector
        );
    }

    // given the rules refuse the movement by now
    function test_RevertGiven_TheRulesRefuseTheMovementByNow() external {
        address closed = address(new ClosedRules());
        vm.prank(administration);
        ledger.replaceTransferRules(programmeId, closed);

        // it should revert with TransferRefused
        _refused(_answerOrder(subSupplier, root, offer), subSupplier, IReceivableLedger.TransferRefused.selector);
    }

    // given it is the last second of the offer
    function test_GivenItIsTheLastSecondOfTheOffer() external {
        vm.warp(lens.pendingTransfer(root).expiresAt);

        _acceptTransfer(subSupplier, root, offer);

        // it should hand the lot over
        assertEq(_holder(root), subSupplier.organisation);
    }

    // given the offer is open
    function test_GivenTheOfferIsOpen() external {
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        Approval[] memory approvals = _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));

        // it should emit ERC-3525's Transfer and TransferAccepted
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(uint160(subSupplier.organisation)), LotId.unwrap(root)
        );
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferAccepted(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        ledger.acceptTransfer(answer, approvals);

        // it should hand the lot over, free, one tier further
        Lot memory lot = lens.lot(root);
        assertEq(lot.holder, subSupplier.organisation);
        assertEq(lot.tier, 2);
        assertEq(uint8(lot.encumbrance), uint8(Encumbrance.NONE));

        // it should forget the offer
        assertEq(lens.pendingTransfer(root).to, 0);
    }

    function _offeredAtMaturity() private returns (uint64 due, LotId lotId, bytes32 lateOffer) {
        (due, lotId) = _activeReceivable(programmeId);
        vm.warp(lens.receivableTerms(due).maturityAt - 1 days);
        lateOffer = _propose(supplier, lotId, subSupplier.organisation);
        _toMaturity(due);
    }

    function _refused(TransferAnswer memory answer, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));
        vm.expectPartialRevert(expected);
        ledger.acceptTransfer(answer, approvals);
    }
}

/// @dev Refuses everything.
contract ClosedRules {
    fallback() external {
        assembly {
            mstore(0x00, shl(224, 0xdeadbeef))
            return(0x00, 0x20)
        }
    }
}
