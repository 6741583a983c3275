// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    AwardQuote,
    IssueReceivable,
    OfferEnd,
    OpenProgramme,
    ProposeTransfer,
    Quote,
    REFUSE_RECEIVABLE_TYPEHASH,
    REJECT_TRANSFER_TYPEHASH,
    REVOKE_TRANSFER_TYPEHASH,
    SettleReceivable,
    SplitLot,
    TransferAnswer
} from "../../../src/types/Orders.sol";
import {Act, Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @notice What the ledger says when it refuses or tells: the values beside the name.
contract ToldTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    function test_WhenARefusalIsTold() external {
        ProposeTransfer memory stolen = _transferOrder(stranger, root, subSupplier.organisation);
        Approval[] memory approvals = _approve(stranger, Hash.order(stolen));
        // it should tell who holds a lot and who ordered
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, stranger.organisation
            )
        );
        ledger.proposeTransfer(stolen, approvals);

        SplitLot memory small = _splitOrder(supplier, root, _part(supplier.organisation, 1));
        approvals = _approve(supplier, Hash.order(small));
        // it should tell the part that is too small and the smallest there may be
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.LotTooSmall.selector, 1, lens.minimumLot(receivableId))
        );
        ledger.splitLot(small, approvals);

        _refusedAnswers();
        _refusedPayments();
    }

    function test_WhenTheRegistryIsAsked() external {
        // it should hear which act is ordered
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        _expectAct(Hash.order(order), order.organisation, order.nonce, order.deadline, Act.PROPOSE_TRANSFER);
        ledger.proposeTransfer(order, _approve(supplier, Hash.order(order)));
        bytes32 offer = Hash.order(order);
        TransferAnswer memory answer = _answerOrder(subSupplier, root, offer);
        _expectAnswer(REJECT_TRANSFER_TYPEHASH, answer, Act.REJECT_TRANSFER);
        ledger.rejectTransfer(answer, _approve(subSupplier, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer)));
        answer = _answerOrder(supplier, root, _propose(supplier, root, subSupplier.organisation));
        _expectAnswer(REVOKE_TRANSFER_TYPEHASH, answer, Act.REVOKE_TRANSFER);
        ledger.revokeTransfer(answer, _approve(supplier, Hash.answer(REVOKE_TRANSFER_TYPEHASH, answer)));
        SplitLot memory split = _splitOrder(supplier, root, _part(supplier.organisation, FACE / 2));
        _expectAct(Hash.order(split), split.organisation, split.nonce, split.deadline, Act.SPLIT_LOT);
        ledger.splitLot(split, _approve(supplier, Hash.order(split)));
        answer = _answerOrder(subSupplier, root, _propose(supplier, root, subSupplier.organisation));
        _expectAnswer(ACCEPT_TRANSFER_TYPEHASH, answer, Act.ACCEPT_TRANSFER);
        ledger.acceptTransfer(answer, _approve(subSupplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer)));
        order = _transferOrder(subSupplier, root, supplier.organisation);
        answer = _answerOrder(supplier, root, Hash.order(order));
        _expectAct(Hash.order(order), order.organisation, order.nonce, order.deadline, Act.PROPOSE_TRANSFER);
        _expectAnswer(ACCEPT_TRANSFER_TYPEHASH, answer, Act.ACCEPT_TRANSFER);
        ledger.transferLot(
            order,
            _approve(subSupplier, Hash.order(order)),
            answer,
            _approve(supplier, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer))
        );
    }

    function test_WhenAReceivableIsIssued() external {
        IssueReceivable memory order = _issueOrder(programmeId, _row(supplier.organisation, FACE));
        uint256 lot = LotId.unwrap(toLotId(receivableId + 1, 1));

        // it should emit ERC-3525's events for its only lot
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(address(0), address(uint160(supplier.organisation)), lot);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.SlotChanged(lot, 0, receivableId + 1);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferValue(0, lot, FACE);
        _issue(order);
    }

    function test_WhenAPartIsFinanced() external {
        Quote memory quote = _quoteFor(funder, _request(supplier, root, FACE / 4), FACE / 5);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));

        // it should emit LotFinanced with parent and child, seller and funder
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotFinanced(
            receivableId,
            lens.receivableProgress(receivableId).sequence + 1,
            1,
            2,
            supplier.organisation,
            funder.organisation,
            FACE / 4
        );
        market.awardQuote(order, approvals, quote, quoted);
    }

    function test_WhenAnOfferIsRefused() external {
        IssueReceivable memory issue = _issueOrder(programmeId, _row(supplier.organisation, FACE));
        uint64 offered = _issue(issue);
        OfferEnd memory order = _refusalOrder(offered, issue.row.documentFingerprint);
        Approval[] memory approvals = _approve(supplier, Hash.ending(REFUSE_RECEIVABLE_TYPEHASH, order));

        // it should emit ERC-721's Transfer of the lot to nobody
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(0), LotId.unwrap(toLotId(offered, 1))
        );
        issuance.refuseReceivable(order, approvals);
    }

    function test_GivenTheTierIsTheLastThereMayBe() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.maximumTier = 2;
        (, LotId lotId) = _activeReceivable(_openProgramme(order));

        // it should accept the transfer
        LotId child = _split(supplier, lotId, _part(subSupplier.organisation, FACE / 2));
        _acceptTransfer(subSupplier, lotId, _propose(supplier, lotId, subSupplier.organisation));
        assertEq(lens.lot(lotId).tier, 2);
        assertEq(lens.pendingTransfer(child).to, subSupplier.organisation);

        bytes memory refusal = abi.encodeWithSelector(
            IReceivableLedger.TransferRefused.selector,
            lotId,
            stranger.organisation,
            ITransferRules.TierLimitReached.selector
        );
        ProposeTransfer memory further = _transferOrder(subSupplier, lotId, stranger.organisation);
        SplitLot memory part = _splitOrder(subSupplier, lotId, _part(stranger.organisation, FACE / 4));
        // it should refuse the next, of the lot or of a part of it
        vm.expectRevert(refusal);
        ledger.proposeTransfer(further, _approve(subSupplier, Hash.order(further)));
        vm.expectRevert(refusal);
        ledger.splitLot(part, _approve(subSupplier, Hash.order(part)));
    }

    function test_GivenASingleMinorUnitIsDueToALot() external {
        _toMaturity(receivableId);
        _settle(receivableId, 1, new uint32[](0));
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with LotPartlyPaid
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.LotPartlyPaid.selector, root, 0));
        ledger.proposeTransfer(order, approvals);
    }

    // --- Internals

    function _refusedAnswers() private {
        ProposeTransfer memory order = _transferOrder(supplier, root, subSupplier.organisation);
        bytes32 offer = Hash.order(order);
        Approval[] memory approvals = _approve(supplier, offer);
        TransferAnswer memory answer = _answerOrder(stranger, root, offer);
        Approval[] memory answered = _approve(stranger, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer));
        bytes memory refusal = abi.encodeWithSelector(
            IReceivableLedger.NotReceiver.selector, root, subSupplier.organisation, stranger.organisation
        );
        // it should tell whom an offer is to and who answered
        vm.expectRevert(refusal);
        ledger.transferLot(order, approvals, answer, answered);
        ledger.proposeTransfer(order, approvals);
        vm.expectRevert(refusal);
        ledger.acceptTransfer(answer, answered);
        answered = _approve(stranger, Hash.answer(REJECT_TRANSFER_TYPEHASH, answer));
        vm.expectRevert(refusal);
        ledger.rejectTransfer(answer, answered);
    }

    function _refusedPayments() private {
        SettleReceivable memory order = _settleOrder(receivableId, 1);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        uint64 maturityAt = lens.receivableTerms(receivableId).maturityAt;
        // it should tell what was paid early and what is outstanding
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.PaymentBeforeMaturity.selector, receivableId, maturityAt, 1, FACE)
        );
        settlement.settleReceivable(order, approvals, new uint32[](0));

        order = _settleOrder(receivableId, FACE + 1);
        approvals = _approve(anchor, Hash.order(order));
        // it should tell what was paid too much and what is outstanding
        vm.expectRevert(
            abi.encodeWithSelector(IReceivableLedger.PaymentTooLarge.selector, receivableId, FACE + 1, FACE)
        );
        settlement.settleReceivable(order, approvals, new uint32[](0));
    }

    function _refusalOrder(uint64 offered, bytes32 fingerprint) private returns (OfferEnd memory) {
        return OfferEnd({
            target: address(issuance),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            receivableId: offered,
            faceValue: FACE,
            documentFingerprint: fingerprint,
            reasonHash: keccak256("reason")
        });
    }

    function _expectAnswer(bytes32 typeHash, TransferAnswer memory answer, Act act) private {
        _expectAct(Hash.answer(typeHash, answer), answer.organisation, answer.nonce, answer.deadline, act);
    }

    /// @dev The call's beginning: what follows the act is currency, amount and approvals.
    function _expectAct(bytes32 orderHash, uint32 organisation, uint256 nonce, uint64 deadline, Act act) private {
        vm.expectCall(
            address(registry),
            abi.encodeWithSelector(
                IParticipantRegistry.authorise.selector, orderHash, organisation, nonce, deadline, act
            )
        );
    }
}
