// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {toLotId} from "../../../src/types/Ids.sol";
import {Lot, ReceivableProgress, ReceivableStatus, ReceivableTerms} from "../../../src/types/Ledger.sol";
import {AttestDocuments, IssueReceivable, IssueRow, OpenProgramme} from "../../../src/types/Orders.sol";
import {Approval, KIND_ANCHOR, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract IssueReceivableTest is Base {
    Actor private rival;

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        IssueReceivable memory order = _order();
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the anchor has not signed
    /// @dev R-21: a claim is confirmed by nobody but its debtor.
    function test_RevertWhen_TheAnchorHasNotSigned() external {
        IssueReceivable memory order = _order();
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        issuance.issueReceivable(order, approvals, attestation, _attest(attestation));
    }

    // given nobody opened the programme
    function test_RevertGiven_NobodyOpenedTheProgramme() external {
        IssueReceivable memory order = _order();
        order.programmeId = 99;

        // it should revert with ProgrammeUnknown
        _refused(order, IReceivableLedger.ProgrammeUnknown.selector);
    }

    // given the programme is another anchor's
    function test_RevertGiven_TheProgrammeIsAnotherAnchors() external {
        _admit(rival, "rival", KIND_ANCHOR);
        skip(KEY_DELAY);
        IssueReceivable memory order = _order();
        order.organisation = rival.organisation;
        order.nonce = _nonce(rival.maker);
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        Approval[] memory approvals = _approve(rival, Hash.order(order));

        // it should revert with ProgrammeNotOwned
        vm.expectPartialRevert(IIssuance.ProgrammeNotOwned.selector);
        issuance.issueReceivable(order, approvals, attestation, _attest(attestation));
    }

    // given the programme is in another currency
    function test_RevertGiven_TheProgrammeIsInAnotherCurrency() external {
        IssueReceivable memory order = _order();
        order.currency = "USD";

        // it should revert with CurrencyMismatch
        _refused(order, IIssuance.CurrencyMismatch.selector);
    }

    // given a later version closed the programme
    function test_RevertGiven_ALaterVersionClosedTheProgramme() external {
        OpenProgramme memory next = _programmeOrder(true);
        next.replaces = programmeId;
        _openProgramme(next);

        // it should revert with ProgrammeClosed
        _refused(_order(), IIssuance.ProgrammeClosed.selector);
    }

    // when the keeper signed for another row, obligor, count or currency
    function test_RevertWhen_TheKeeperSignedForAnotherRowObligorCountOrCurrency() external {
        IssueReceivable memory order = _order();
        AttestDocuments[4] memory others;
        for (uint256 i; i < 4; ++i) {
            others[i] = _attestation(1, Hash.leaf(0, order.row));
        }
        others[0].root = Hash.leaf(1, order.row);
        others[1].obligor = stranger.organisation;
        others[2].count = 2;
        others[3].currency = "USD";
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with AttestationMismatch
        for (uint256 i; i < 4; ++i) {
            Approval memory attested = _attest(others[i]);
            vm.expectPartialRevert(IIssuance.AttestationMismatch.selector);
            issuance.issueReceivable(order, approvals, others[i], attested);
        }
    }

    // when the keeper has not signed
    function test_RevertWhen_TheKeeperHasNotSigned() external {
        IssueReceivable memory order = _order();
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with SignatureInvalid
        Approval memory forged = _attest(attestation);
        forged.signature = approvals[0].signature;
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        issuance.issueReceivable(order, approvals, attestation, forged);
    }

    // when a rule refuses the row
    function test_RevertWhen_ARuleRefusesTheRow() external {
        uint64 tooLarge = uint64(type(int64).max) + 1;
        IssueReceivable[10] memory orders;
        for (uint256 i; i < orders.length; ++i) {
            orders[i] = _order();
        }
        orders[0].row.faceValue = 0;
        (orders[1].row.faceValue, orders[1].row.documentAmount) = (tooLarge, tooLarge);
        orders[2].row.faceValue = orders[2].row.documentAmount + 1;
        orders[3].row.maturityAt = uint64(block.timestamp);
        orders[4].row.maturityAt = uint64(block.timestamp + 365 days + 1);
        orders[5].row.graceEndsAt = orders[5].row.maturityAt - 1;
        orders[6].row.graceEndsAt = uint64(type(uint40).max) + 1;
        orders[7].row.supplier = anchor.organisation;
        orders[8].row.supplier = 99;
        orders[9].row.documentFingerprint = bytes32(0);

        // it should revert with IssueRefused, naming the rule (R-01, R-02, R-04)
        _assertReason(orders[0], IIssuance.FaceValueMissing.selector);
        _assertReason(orders[1], IIssuance.AmountTooLarge.selector);
        _assertReason(orders[2], IIssuance.FaceValueAboveDocument.selector);
        _assertReason(orders[3], IIssuance.MaturityInThePast.selector);
        _assertReason(orders[4], IIssuance.TenorTooLong.selector);
        _assertReason(orders[5], IIssuance.GraceBeforeMaturity.selector);
        _assertReason(orders[6], IIssuance.GraceBeforeMaturity.selector);
        _assertReason(orders[7], IIssuance.SupplierIsObligor.selector);
        _assertReason(orders[8], IIssuance.SupplierNotAdmitted.selector);
        _assertReason(orders[9], IDocumentRegistry.FingerprintMissing.selector);
    }

    // given the Council has shortened the term
    function test_RevertGiven_TheCouncilHasShortenedTheTerm() external {
        vm.prank(administration);
        ledger.setTenorLimits(184, 184, uint40(block.timestamp + 10 days), 0);
        IssueReceivable memory order = _order();
        order.row.maturityAt = uint64(block.timestamp + 185 days);
        order.row.graceEndsAt = order.row.maturityAt;
        _issue(order);
        skip(10 days);
        order = _order();
        order.row.maturityAt = uint64(block.timestamp + 184 days + 1);
        order.row.graceEndsAt = order.row.maturityAt;

        // it should revert with IssueRefused for TenorTooLong from that day on (R-02)
        _assertReason(order, IIssuance.TenorTooLong.selector);
    }

    // given the programme has no reason and the usual term was shortened
    function test_RevertGiven_TheProgrammeHasNoReasonAndTheUsualTermWasShortened() external {
        OpenProgramme memory rules = _programmeOrder(true);
        rules.maximumTenorDays = 184;
        rules.tenorReasonHash = bytes32(0);
        uint32 short = _openProgramme(rules);
        vm.prank(administration);
        ledger.setTenorLimits(366, 90, uint40(block.timestamp), 0);
        IssueReceivable memory order = _issueOrder(short, _row(supplier.organisation, FACE));
        order.row.maturityAt = uint64(block.timestamp + 90 days + 1);

        // it should revert with IssueRefused for TenorTooLong (R-01)
        _assertReason(order, IIssuance.TenorTooLong.selector);
    }

    // given the programme carries receivables over
    function test_GivenTheProgrammeCarriesReceivablesOver() external {
        OpenProgramme memory rules = _programmeOrder(true);
        rules.legacy = true;
        rules.maximumTenorDays = 700;
        uint32 legacy = _openProgramme(rules);
        IssueReceivable memory order = _issueOrder(legacy, _row(supplier.organisation, FACE));
        order.row.maturityAt = uint64(block.timestamp + 700 days);
        order.row.graceEndsAt = order.row.maturityAt;

        // it should issue them as long as that programme allows (R-11)
        _issue(order);
        assertEq(ledger.receivableCount(), 1);

        // it should revert with TransitionEnded once the transition is over
        vm.warp(uint256(ledger.tenorLimits().legacyUntil()) + 1);
        order = _issueOrder(legacy, _row(supplier.organisation, FACE));
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        Approval memory attested = _attest(attestation);
        vm.expectPartialRevert(IIssuance.TransitionEnded.selector);
        issuance.issueReceivable(order, approvals, attestation, attested);
    }

    // given the supplier is suspended
    function test_RevertGiven_TheSupplierIsSuspended() external {
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with IssueRefused for SupplierNotAdmitted
        _assertReason(_order(), IIssuance.SupplierNotAdmitted.selector);
    }

    // given the document is used up
    function test_RevertGiven_TheDocumentIsUsedUp() external {
        IssueReceivable memory order = _order();
        _issue(order);
        order.nonce = _nonce(anchor.maker);

        // it should revert with IssueRefused for DocumentAlreadyUsed (R-04)
        _assertReason(order, IDocumentRegistry.DocumentAlreadyUsed.selector);
    }

    // when everything holds
    function test_WhenEverythingHolds() external {
        IssueReceivable memory order = _order();
        IssueRow memory row = order.row;

        // it should emit ReceivableIssued and ERC-3525's events for the first lot
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.ReceivableIssued(
            1,
            anchor.organisation,
            supplier.organisation,
            programmeId,
            FACE,
            uint40(row.maturityAt),
            uint40(row.graceEndsAt),
            INVOICE,
            FACE,
            1,
            row.documentFingerprint,
            row.documentCommitment
        );
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(address(0), address(uint160(supplier.organisation)), (1 << 32) | 1);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.SlotChanged((1 << 32) | 1, 0, 1);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferValue(0, (1 << 32) | 1, FACE);
        assertEq(_issue(order), 1);

        // it should record the undertaking, on offer
        ReceivableTerms memory terms = lens.receivableTerms(1);
        assertEq(terms.obligor, anchor.organisation);
        assertEq(terms.supplier, supplier.organisation);
        assertEq(terms.programmeId, programmeId);
        assertEq(terms.maturityAt, row.maturityAt);
        assertEq(terms.graceEndsAt, row.graceEndsAt);
        assertEq(terms.faceValue, FACE);
        ReceivableProgress memory progress = lens.receivableProgress(1);
        assertEq(uint8(progress.status), uint8(ReceivableStatus.OFFERED));
        assertEq(progress.lotCount, 1);
        assertEq(progress.sequence, 1);
        assertEq(progress.documentTag, bytes7(row.documentFingerprint));

        // it should give the whole face to the supplier in one lot
        Lot memory lot = lens.lot(toLotId(1, 1));
        assertEq(lot.holder, supplier.organisation);
        assertEq(lot.faceValue, FACE);
        assertEq(lot.parent, 0);
        assertEq(lot.tier, 1);

        // it should use the document
        assertEq(documents.document(row.documentFingerprint).used, FACE);
    }

    function _order() private returns (IssueReceivable memory) {
        return _issueOrder(programmeId, _row(supplier.organisation, FACE));
    }

    function _assertReason(IssueReceivable memory order, bytes4 reason) private {
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        vm.expectRevert(abi.encodeWithSelector(IIssuance.IssueRefused.selector, reason));
        issuance.issueReceivable(order, approvals, attestation, _attest(attestation));
    }

    function _refused(IssueReceivable memory order, bytes4 expected) private {
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        attestation.currency = order.currency;
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        vm.expectPartialRevert(expected);
        issuance.issueReceivable(order, approvals, attestation, _attest(attestation));
    }
}
