// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {WriteOffLot} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract WriteOffLotTest is Base {
    uint64 private receivableId;
    LotId private root;
    LotId private child;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        child = _split(supplier, root, _part(subSupplier.organisation, FACE / 4));
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(supplier, order, IParticipantRegistry.WrongTarget.selector);
    }

    // given the default was not noted
    function test_RevertGiven_TheDefaultWasNotNoted() external {
        _toDefault(receivableId);
        settlement.noteOverdue(receivableId);

        // it should revert with NotInDefault
        _refused(supplier, _writeOffOrder(supplier, root), IReceivableLedger.NotInDefault.selector);
    }

    // when the organisation is not the holder
    function test_RevertWhen_TheOrganisationIsNotTheHolder() external {
        _default();

        // it should revert with SignerUnknown: only its own lots
        _refused(supplier, _writeOffOrder(supplier, child), IParticipantRegistry.SignerUnknown.selector);
    }

    // when face or paid are not the lot's
    function test_RevertWhen_FaceOrPaidAreNotTheLots() external {
        _default();
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        order.faceValue += 1;
        WriteOffLot memory backwards = _writeOffOrder(supplier, root);
        backwards.paid = backwards.faceValue + 1;

        // it should revert with LotChanged
        _refused(supplier, order, IReceivableLedger.LotChanged.selector);
        _refused(supplier, backwards, IReceivableLedger.LotChanged.selector);
    }

    // when one of two lots is written off
    function test_WhenOneOfTwoLotsIsWrittenOff() external {
        _default();
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit LotWrittenOff
        vm.expectEmit(address(settlement));
        emit ISettlement.LotWrittenOff(receivableId, 5, 1, supplier.organisation, FACE / 4 * 3, ReceivableStatus.ACTIVE);
        settlement.writeOffLot(order, approvals);

        // it should hold the lot where it is
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.WRITTEN_OFF));
        _refused(supplier, _writeOffOrder(supplier, root), IReceivableLedger.LotEncumbered.selector);
    }

    // when the last lot is written off
    function test_WhenTheLastLotIsWrittenOff() external {
        _default();
        _writeOff(supplier, root);
        _writeOff(subSupplier, child);

        // it should write off the receivable
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.WRITTEN_OFF));

        // it should leave the anchor owing it, and barred from issue (R-08)
        assertEq(ledger.overdueCount(anchor.organisation), 1);
        uint64 interest = FACE / 10_000 * 25;
        _settle(receivableId, FACE, _allLots(receivableId));
        assertEq(_balance(supplier) + _balance(subSupplier), FACE + interest);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.SETTLED));
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(ledger.overdueCount(anchor.organisation), 0);
    }

    function _default() private {
        _toDefault(receivableId);
        settlement.noteDefault(receivableId);
    }

    function _refused(Actor memory by, WriteOffLot memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        settlement.writeOffLot(order, approvals);
    }
}
