// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AcceptReceivable, IssueRow} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract LapseReceivableTest is Base {
    IssueRow private row;
    uint64 private receivableId;

    function setUp() public override {
        super.setUp();
        row = _row(supplier.organisation, FACE);
        receivableId = _issue(_issueOrder(programmeId, row));
    }

    // given the receivable is not due
    function test_RevertGiven_TheReceivableIsNotDue() external {
        vm.warp(row.maturityAt - 1);

        // it should revert with OfferNotLapsed
        _refused(row.documentFingerprint, IIssuance.OfferNotLapsed.selector);
    }

    // given the receivable is accepted
    function test_RevertGiven_TheReceivableIsAccepted() external {
        _accept(supplier, receivableId);
        vm.warp(row.maturityAt);

        // it should revert with ReceivableNotOffered
        _refused(row.documentFingerprint, IReceivableLedger.ReceivableNotOffered.selector);
    }

    // when the fingerprint is not its document's
    function test_RevertWhen_TheFingerprintIsNotItsDocuments() external {
        vm.warp(row.maturityAt);

        // it should revert with OfferChanged
        _refused(keccak256("another document"), IReceivableLedger.OfferChanged.selector);
    }

    // given nobody accepted it before it was due
    function test_GivenNobodyAcceptedItBeforeItWasDue() external {
        vm.warp(row.maturityAt);
        AcceptReceivable memory late = _acceptanceOrder(supplier, receivableId);
        Approval[] memory approvals = _approve(supplier, Hash.order(late));

        // it should refuse the acceptance with OfferLapsed (CLOCK)
        vm.expectPartialRevert(IReceivableLedger.OfferLapsed.selector);
        issuance.acceptReceivable(late, approvals);

        // it should emit DocumentReleased and ReceivableLapsed, whoever calls
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentReleased(row.documentFingerprint, 2, 0, receivableId);
        vm.expectEmit(address(issuance));
        emit IIssuance.ReceivableLapsed(receivableId, 2);
        vm.prank(makeAddr("anyone"));
        issuance.lapseReceivable(receivableId, row.documentFingerprint);

        // it should void the receivable
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.VOID));
    }

    function _refused(bytes32 fingerprint, bytes4 expected) private {
        vm.expectPartialRevert(expected);
        issuance.lapseReceivable(receivableId, fingerprint);
    }
}
