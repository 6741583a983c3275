// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {REVOKE_TRANSFER_TYPEHASH, TransferAnswer} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RevokeTransferTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private offer;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
        offer = _propose(supplier, root, subSupplier.organisation);
    }

    // when it is not the holder
    function test_RevertWhen_ItIsNotTheHolder() external {
        // it should revert with NotHolder
        _revocationRefused(_answerOrder(subSupplier, root, offer), subSupplier, IReceivableLedger.NotHolder.selector);
    }

    // given the offer is accepted
    function test_RevertGiven_TheOfferIsAccepted() external {
        _acceptTransfer(subSupplier, root, offer);

        // it should revert with TransferNotPending
        _revocationRefused(_answerOrder(supplier, root, offer), supplier, IReceivableLedger.TransferNotPending.selector);
    }

    // given the offer is pending
    function test_GivenTheOfferIsPending() external {
        TransferAnswer memory answer = _answerOrder(supplier, root, offer);
        Approval[] memory approvals = _approve(supplier, Hash.answer(REVOKE_TRANSFER_TYPEHASH, answer));

        // it should emit TransferRevoked
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferRevoked(receivableId, 4, 1, supplier.organisation, subSupplier.organisation);
        ledger.revokeTransfer(answer, approvals);

        // it should free the lot at once
        _assertFree();
    }

    function _assertFree() private view {
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(lens.pendingTransfer(root).to, 0);
    }

    function _revocationRefused(TransferAnswer memory answer, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.answer(REVOKE_TRANSFER_TYPEHASH, answer));
        vm.expectPartialRevert(expected);
        ledger.revokeTransfer(answer, approvals);
    }
}
