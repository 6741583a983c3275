// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Document, IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {CarryDocuments, IssueRow, Succession} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract CarryDocumentsTest is Base {
    bytes32 private first;
    bytes32 private second;
    CarryDocuments private statement;

    function setUp() public override {
        super.setUp();
        first = _entered();
        second = _entered();
        CarryDocuments memory both = _carriage(first);
        statement.target = both.target;
        statement.organisation = both.organisation;
        statement.deadline = both.deadline;
        statement.epoch = both.epoch;
        statement.documents.push(both.documents[0]);
        statement.documents.push(Succession({fingerprint: second, successor: _nextOf(second)}));
    }

    // when the statement is for another contract
    function test_RevertWhen_TheStatementIsForAnotherContract() external {
        statement.target = address(issuance);

        // it should revert with WrongTarget
        _refused(IParticipantRegistry.WrongTarget.selector);
    }

    // when the signer is no keeper
    function test_RevertWhen_TheSignerIsNoKeeper() external {
        statement.organisation = anchor.organisation;

        // it should revert with KindRequired
        _refused(IParticipantRegistry.KindRequired.selector);
    }

    // when its deadline has passed
    function test_RevertWhen_ItsDeadlineHasPassed() external {
        skip(2 days);

        // it should revert with OrderExpired
        _refused(IParticipantRegistry.OrderExpired.selector);
    }

    // when any pair is not what was signed
    function test_RevertWhen_AnyPairIsNotWhatWasSigned() external {
        Approval memory approval = _carried(statement);
        statement.documents[1].successor = keccak256("somewhere else");

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        documents.carryDocuments(statement, approval);
    }

    // when the epoch is not the next
    function test_RevertWhen_TheEpochIsNotTheNext() external {
        // it should revert with EpochClosed
        statement.epoch = 1;
        _refused(IDocumentRegistry.EpochClosed.selector);
        statement.epoch = 3;
        _refused(IDocumentRegistry.EpochClosed.selector);
    }

    // when a document was never entered
    function test_RevertWhen_ADocumentWasNeverEntered() external {
        statement.documents[1].fingerprint = keccak256("no document");

        // it should revert with DocumentUnknown
        _refused(IDocumentRegistry.DocumentUnknown.selector);
    }

    // when a document was carried before
    function test_RevertWhen_ADocumentWasCarriedBefore() external {
        documents.carryDocuments(statement, _carried(statement));

        // it should revert with DocumentCarriedBefore
        _refused(IDocumentRegistry.DocumentCarriedBefore.selector);
        (statement.documents[0].fingerprint, statement.documents[0].successor) = (_nextOf(first), keccak256("third"));
        _refused(IDocumentRegistry.DocumentCarriedBefore.selector);
        _issue(freeProgrammeId, supplier, FACE);
        _refused(IDocumentRegistry.DocumentCarriedBefore.selector);
    }

    // when a successor is missing
    function test_RevertWhen_ASuccessorIsMissing() external {
        statement.documents[1].successor = bytes32(0);

        // it should revert with FingerprintMissing
        _refused(IDocumentRegistry.FingerprintMissing.selector);
    }

    // when a successor is a document's fingerprint
    function test_RevertWhen_ASuccessorIsADocumentsFingerprint() external {
        // it should revert with FingerprintTaken
        statement.documents[1].successor = second;
        _refused(IDocumentRegistry.FingerprintTaken.selector);
        statement.documents[1].successor = first;
        _refused(IDocumentRegistry.FingerprintTaken.selector);
        statement.documents[1].successor = _nextOf(first);
        _refused(IDocumentRegistry.FingerprintTaken.selector);
    }

    // when a keeper's key has signed
    function test_WhenAKeepersKeyHasSigned() external {
        Document memory before = documents.document(first);
        Approval memory approval = _carried(statement);

        // it should emit DocumentCarried with the document's next number
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentCarried(first, _nextOf(first), 2, 2);
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentCarried(second, _nextOf(second), 2, 2);
        vm.prank(stranger.maker);
        documents.carryDocuments(statement, approval);

        // it should leave the document as it was
        ++before.sequence;
        assertEq(abi.encode(documents.document(first)), abi.encode(before));
        assertEq(abi.encode(documents.document(_nextOf(first))), abi.encode(before));
        assertEq(documents.successor(first), _nextOf(first));
        assertEq(documents.successor(_nextOf(first)), bytes32(0));

        // it should count what is left
        assertEq(documents.uncarried(), 0);
        _entered();
        assertEq(documents.uncarried(), 1);
    }

    /// @dev A document with a receivable on it.
    function _entered() private returns (bytes32) {
        IssueRow memory row = _row(supplier.organisation, FACE);
        _issue(_issueOrder(freeProgrammeId, row));
        return row.documentFingerprint;
    }

    function _refused(bytes4 expected) private {
        Approval memory approval = _approveAlone(keeper, Hash.order(statement))[0];
        vm.expectPartialRevert(expected);
        documents.carryDocuments(statement, approval);
    }
}
