// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {toLotId} from "../../../src/types/Ids.sol";
import {ReceivableStatus} from "../../../src/types/Ledger.sol";
import {IssueRow, OfferEnd, REFUSE_RECEIVABLE_TYPEHASH} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RefuseReceivableTest is Base {
    IssueRow private row;
    uint64 private receivableId;

    function setUp() public override {
        super.setUp();
        row = _row(supplier.organisation, FACE);
        receivableId = _issue(_issueOrder(programmeId, row));
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        OfferEnd memory order = _order(supplier);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, supplier, IParticipantRegistry.WrongTarget.selector);
    }

    // when somebody else signs
    function test_RevertWhen_SomebodyElseSigns() external {
        // it should revert with SignerUnknown
        _refused(_order(supplier), anchor, IParticipantRegistry.SignerUnknown.selector);
    }

    // given the offer is to another supplier
    function test_RevertGiven_TheOfferIsToAnotherSupplier() external {
        // it should revert with OfferChanged for the other supplier
        _refused(_order(subSupplier), subSupplier, IReceivableLedger.OfferChanged.selector);
    }

    // when face value or fingerprint differ from what is on offer
    function test_RevertWhen_FaceValueOrFingerprintDifferFromWhatIsOnOffer() external {
        OfferEnd memory order = _order(supplier);
        order.faceValue -= 1;
        OfferEnd memory other = _order(supplier);
        other.documentFingerprint = keccak256("another document");

        // it should revert with OfferChanged
        _refused(order, supplier, IReceivableLedger.OfferChanged.selector);
        _refused(other, supplier, IReceivableLedger.OfferChanged.selector);
    }

    // given there is no such receivable
    function test_RevertGiven_ThereIsNoSuchReceivable() external {
        OfferEnd memory order = _order(supplier);
        order.receivableId = 99;

        // it should revert with ReceivableUnknown
        _refused(order, supplier, IReceivableLedger.ReceivableUnknown.selector);
    }

    // given the receivable is accepted
    /// @dev R-20: what is accepted is not undone by one side.
    function test_RevertGiven_TheReceivableIsAccepted() external {
        _accept(supplier, receivableId);

        // it should revert with ReceivableNotOffered
        _refused(_order(supplier), supplier, IReceivableLedger.ReceivableNotOffered.selector);
    }

    // given the receivable is on offer
    function test_GivenTheReceivableIsOnOffer() external {
        OfferEnd memory order = _order(supplier);
        Approval[] memory approvals = _approve(supplier, Hash.ending(REFUSE_RECEIVABLE_TYPEHASH, order));

        // it should emit ReceivableRefused and DocumentReleased
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentReleased(row.documentFingerprint, 2, 0, receivableId);
        vm.expectEmit(address(issuance));
        emit IIssuance.ReceivableRefused(receivableId, 2, order.reasonHash);
        issuance.refuseReceivable(order, approvals);

        // it should void the receivable and end its lot (R-14)
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.VOID));
        assertTrue(lens.lot(toLotId(receivableId, 1)).settled);

        // it should let the document be used again
        _issue(_issueOrder(programmeId, row));
        assertEq(documents.document(row.documentFingerprint).used, FACE);
    }

    function _order(Actor memory by) private returns (OfferEnd memory) {
        return OfferEnd({
            target: address(issuance),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: receivableId,
            faceValue: FACE,
            documentFingerprint: row.documentFingerprint,
            reasonHash: keccak256("goods not delivered")
        });
    }

    function _refused(OfferEnd memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.ending(REFUSE_RECEIVABLE_TYPEHASH, order));
        vm.expectPartialRevert(expected);
        issuance.refuseReceivable(order, approvals);
    }
}
