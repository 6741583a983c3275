// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {BatchProgress, IIssuance, Run} from "../../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {PositionalTree} from "../../../src/libraries/PositionalTree.sol";
import {AttestDocuments, IssueBatch, IssueRow, OpenProgramme} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev A batch of six rows in runs of two: the third run of the tree's four is whole, the fourth is empty.
contract IssueBatchTest is Base {
    uint32 private constant ROWS = 6;
    uint64 private constant TOTAL = ROWS * FACE;

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, rows, 0, IParticipantRegistry.WrongTarget.selector);
    }

    // when the keeper signed for another batch
    function test_RevertWhen_TheKeeperSignedForAnotherBatch() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        AttestDocuments memory attestation = _attestation(ROWS, keccak256("another root"));
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        Approval memory attested = _attest(attestation);

        // it should revert with AttestationMismatch
        vm.expectPartialRevert(IIssuance.AttestationMismatch.selector);
        issuance.issueBatch(order, approvals, attestation, attested, _slice(rows, 0), _run(rows, 0));
    }

    // given the programme is closed since
    function test_RevertGiven_TheProgrammeIsClosedSince() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        _issueRun(order, rows, 0);
        OpenProgramme memory next = _programmeOrder(true);
        next.replaces = programmeId;
        _openProgramme(next);

        // it should revert with ProgrammeClosed
        _refused(order, rows, 1, IIssuance.ProgrammeClosed.selector);
    }

    // when the run is too large
    function test_RevertWhen_TheRunIsTooLarge() external {
        // it should revert with RunTooLarge
        Run memory run = _run(_rows(), 0);
        run.level = 8;
        _refusedWith(_rows(), run, IIssuance.RunTooLarge.selector);
    }

    // when the proof has another length
    function test_RevertWhen_TheProofHasAnotherLength() external {
        // it should revert with ProofMalformed
        Run memory run = _run(_rows(), 0);
        run.proof = new bytes32[](1);
        _refusedWith(_slice(_rows(), 0), run, PositionalTree.ProofMalformed.selector);
    }

    // when rows are left out of the run, or the run is beyond the batch
    function test_RevertWhen_RowsAreLeftOutOfTheRunOrTheRunIsBeyondTheBatch() external {
        IssueRow[] memory one = new IssueRow[](1);
        one[0] = _rows()[0];

        // it should revert with ChunkMalformed
        _refusedWith(one, _run(_rows(), 0), PositionalTree.ChunkMalformed.selector);
        Run memory beyond = _run(_rows(), 0);
        beyond.index = 3;
        _refusedWith(new IssueRow[](0), beyond, PositionalTree.ChunkMalformed.selector);
    }

    // when a row is not the one that was signed
    function test_RevertWhen_ARowIsNotTheOneThatWasSigned() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        Run memory run = _run(rows, 0);
        rows[1].faceValue += 1;

        // it should revert with RowNotInBatch
        _refusedRun(order, _slice(rows, 0), run, IIssuance.RowNotInBatch.selector);
    }

    // given the rows have been issued > when the same run comes again
    function test_RevertWhen_TheSameRunComesAgain() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        _issueRun(order, rows, 1);

        // it should revert with RowAlreadyUsed
        _refused(order, rows, 1, IIssuance.RowAlreadyUsed.selector);
    }

    // given the rows have been issued > when one of them comes in a run of another size
    function test_RevertWhen_OneOfThemComesInARunOfAnotherSize() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        _issueRun(order, rows, 1);
        IssueRow[] memory one = new IssueRow[](1);
        one[0] = rows[3];
        Run memory run = Run({level: 0, index: 3, proof: Hash.proof(Hash.leaves(rows), 0, 3)});

        // it should revert with RowAlreadyUsed for the single row
        _refusedRun(order, one, run, IIssuance.RowAlreadyUsed.selector);
    }

    // when the faces exceed the signed total
    function test_RevertWhen_TheFacesExceedTheSignedTotal() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        order.totalFaceValue = 2 * FACE - 1;

        // it should revert with BatchTotalExceeded
        _refused(order, rows, 0, IIssuance.BatchTotalExceeded.selector);
    }

    // given the first run has been issued > when the deadline passes
    function test_RevertWhen_TheDeadlinePasses() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        _issueRun(order, rows, 0);
        skip(2 days);

        // it should revert with OrderExpired
        _refused(order, rows, 1, IParticipantRegistry.OrderExpired.selector);
    }

    // given the first run has been issued > when the checker's signature is left out
    function test_RevertWhen_TheCheckersSignatureIsLeftOut() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);
        _issueRun(order, rows, 0);
        AttestDocuments memory attestation = _attestation(ROWS, order.root);
        Approval memory attested = _attest(attestation);
        Approval[] memory alone = _approveAlone(anchor, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        issuance.issueBatch(order, alone, attestation, attested, _slice(rows, 1), _run(rows, 1));
    }

    // given a rule refuses some rows
    function test_GivenARuleRefusesSomeRows() external {
        IssueRow[] memory rows = _rows();
        rows[0].documentFingerprint = rows[1].documentFingerprint;
        rows[2].supplier = anchor.organisation;
        IssueBatch memory order = _order(rows);

        // it should emit BatchRowRefused for each with its reason (R-04)
        vm.expectEmit(address(issuance));
        emit IIssuance.BatchRowRefused(Hash.order(order), 1, IDocumentRegistry.DocumentAlreadyUsed.selector);
        _issueRun(order, rows, 0);
        vm.expectEmit(address(issuance));
        emit IIssuance.BatchRowRefused(Hash.order(order), 2, IIssuance.SupplierIsObligor.selector);
        // it should issue the others and say which
        vm.expectEmit(address(issuance));
        emit IIssuance.BatchRowsIssued(Hash.order(order), 2, 2, 2);
        _issueRun(order, rows, 1);
        assertEq(ledger.receivableCount(), 2);
        assertEq(lens.receivableTerms(2).faceValue, rows[3].faceValue);

        // it should use up their places all the same
        assertTrue(issuance.isRowUsed(Hash.order(order), 2));
        assertEq(issuance.batch(Hash.order(order)).remainingCount, 2);
    }

    // given the supplier of a row is suspended
    function test_GivenTheSupplierOfARowIsSuspended() external {
        IssueRow[] memory rows = _rows();
        rows[1].supplier = subSupplier.organisation;
        IssueBatch memory order = _order(rows);
        _setStatus(subSupplier.organisation, ParticipantStatus.SUSPENDED);

        _issueRun(order, rows, 0);

        // it should refuse that row and no other
        assertEq(ledger.receivableCount(), 1);
        assertEq(lens.receivableTerms(1).supplier, supplier.organisation);
    }

    // given every rule allows every row
    function test_GivenEveryRuleAllowsEveryRow() external {
        IssueRow[] memory rows = _rows();
        IssueBatch memory order = _order(rows);

        // it should emit OrderExecuted with the first run only
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(
            Hash.order(order), anchor.organisation, anchor.maker, anchor.checker, order.nonce
        );
        _issueRun(order, rows, 2);
        vm.recordLogs();
        _issueRun(order, rows, 0);
        assertEq(vm.getRecordedLogs().length, 2 * 4 + 1);

        // it should issue each row as signed, in whatever order the runs come
        assertEq(lens.receivableTerms(1).maturityAt, rows[4].maturityAt);
        assertEq(lens.receivableTerms(4).faceValue, rows[1].faceValue);

        // it should keep what is left of count and total (BATCH)
        BatchProgress memory left = issuance.batch(Hash.order(order));
        assertEq(left.remainingCount, 2);
        assertEq(left.remainingFaceValue, 2 * FACE);
        _issueRun(order, rows, 1);
        left = issuance.batch(Hash.order(order));
        assertEq(left.remainingCount, 0);
        assertEq(left.remainingFaceValue, 0);
    }

    // --- Internals

    function _rows() private returns (IssueRow[] memory rows) {
        rows = new IssueRow[](ROWS);
        for (uint32 i; i < ROWS; ++i) {
            rows[i] = _row(supplier.organisation, FACE);
            rows[i].maturityAt -= i;
        }
    }

    function _order(IssueRow[] memory rows) private returns (IssueBatch memory) {
        return _batchOrder(programmeId, ROWS, TOTAL, Hash.root(rows));
    }

    function _run(IssueRow[] memory rows, uint32 index) private pure returns (Run memory) {
        return Run({level: 1, index: index, proof: Hash.proof(Hash.leaves(rows), 1, index)});
    }

    function _slice(IssueRow[] memory rows, uint32 index) private pure returns (IssueRow[] memory slice) {
        slice = new IssueRow[](2);
        (slice[0], slice[1]) = (rows[2 * index], rows[2 * index + 1]);
    }

    function _issueRun(IssueBatch memory order, IssueRow[] memory rows, uint32 index) private {
        AttestDocuments memory attestation = _attestation(order.count, order.root);
        issuance.issueBatch(
            order,
            _approve(anchor, Hash.order(order)),
            attestation,
            _attest(attestation),
            _slice(rows, index),
            _run(rows, index)
        );
    }

    function _refused(IssueBatch memory order, IssueRow[] memory rows, uint32 index, bytes4 expected) private {
        _refusedRun(order, _slice(rows, index), _run(rows, index), expected);
    }

    function _refusedWith(IssueRow[] memory slice, Run memory run, bytes4 expected) private {
        _refusedRun(_order(_rows()), slice, run, expected);
    }

    function _refusedRun(IssueBatch memory order, IssueRow[] memory slice, Run memory run, bytes4 expected) private {
        AttestDocuments memory attestation = _attestation(order.count, order.root);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        Approval memory attested = _attest(attestation);
        vm.expectPartialRevert(expected);
        issuance.issueBatch(order, approvals, attestation, attested, slice, run);
    }
}
