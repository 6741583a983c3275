// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDocumentRegistry} from "../../../src/interfaces/IDocumentRegistry.sol";
import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {toLotId} from "../../../src/types/Ids.sol";
import {ReceivableStatus} from "../../../src/types/Ledger.sol";
import {
    IssueRow,
    OfferEnd,
    REFUSE_RECEIVABLE_TYPEHASH,
    WITHDRAW_RECEIVABLE_TYPEHASH
} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract WithdrawReceivableTest is Base {
    IssueRow private row;
    uint64 private receivableId;

    function setUp() public override {
        super.setUp();
        row = _row(supplier.organisation, FACE);
        receivableId = _issue(_issueOrder(programmeId, row));
    }

    // when somebody else than the anchor orders it
    function test_RevertWhen_SomebodyElseThanTheAnchorOrdersIt() external {
        // it should revert with NotObligor
        _refused(_order(supplier), supplier, ISettlement.NotObligor.selector);
        _refused(_order(stranger), stranger, ISettlement.NotObligor.selector);
    }

    // when the refusal of the supplier is offered as the withdrawal
    function test_RevertWhen_TheRefusalOfTheSupplierIsOfferedAsTheWithdrawal() external {
        OfferEnd memory order = _order(anchor);
        Approval[] memory approvals = _approve(anchor, Hash.ending(REFUSE_RECEIVABLE_TYPEHASH, order));

        // it should revert with SignatureInvalid
        vm.expectPartialRevert(IParticipantRegistry.SignatureInvalid.selector);
        issuance.withdrawReceivable(order, approvals);
    }

    // when face value or fingerprint differ from what is on offer
    function test_RevertWhen_FaceValueOrFingerprintDifferFromWhatIsOnOffer() external {
        OfferEnd memory order = _order(anchor);
        order.faceValue -= 1;
        OfferEnd memory other = _order(anchor);
        other.documentFingerprint = keccak256("another document");

        // it should revert with OfferChanged
        _refused(order, anchor, IReceivableLedger.OfferChanged.selector);
        _refused(other, anchor, IReceivableLedger.OfferChanged.selector);
    }

    // given the receivable is accepted
    function test_RevertGiven_TheReceivableIsAccepted() external {
        _accept(supplier, receivableId);

        // it should revert with ReceivableNotOffered
        _refused(_order(anchor), anchor, IReceivableLedger.ReceivableNotOffered.selector);
    }

    // given the receivable is on offer
    function test_GivenTheReceivableIsOnOffer() external {
        OfferEnd memory order = _order(anchor);
        Approval[] memory approvals = _approve(anchor, Hash.ending(WITHDRAW_RECEIVABLE_TYPEHASH, order));

        // it should emit DocumentReleased and ReceivableWithdrawn
        vm.expectEmit(address(documents));
        emit IDocumentRegistry.DocumentReleased(row.documentFingerprint, 2, 0, receivableId);
        vm.expectEmit(address(issuance));
        emit IIssuance.ReceivableWithdrawn(receivableId, 2, order.reasonHash);
        issuance.withdrawReceivable(order, approvals);

        // it should void the receivable and end its lot
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
            reasonHash: keccak256("ordered twice")
        });
    }

    function _refused(OfferEnd memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.ending(WITHDRAW_RECEIVABLE_TYPEHASH, order));
        vm.expectPartialRevert(expected);
        issuance.withdrawReceivable(order, approvals);
    }
}
