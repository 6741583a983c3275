// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../../src/interfaces/ISettlement.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {WriteOffLot} from "../../../src/types/Orders.sol";
import {Act, Approval} from "../../../src/types/Participants.sol";
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
        _refused(
            supplier,
            order,
            abi.encodeWithSelector(IParticipantRegistry.WrongTarget.selector, address(ledger), address(settlement))
        );
    }

    // given the default was not noted
    function test_RevertGiven_TheDefaultWasNotNoted() external {
        _toDefault(receivableId);
        settlement.noteOverdue(receivableId);

        // it should revert with NotInDefault
        uint40 graceEndsAt = uint40(lens.receivableTerms(receivableId).graceEndsAt);
        _refused(
            supplier,
            _writeOffOrder(supplier, root),
            abi.encodeWithSelector(IReceivableLedger.NotInDefault.selector, receivableId, graceEndsAt)
        );
    }

    // when the organisation is not the holder
    function test_RevertWhen_TheOrganisationIsNotTheHolder() external {
        _default();
        WriteOffLot memory others = _writeOffOrder(supplier, child);
        Approval[] memory approvals = _approve(supplier, Hash.order(others));

        // it should revert with SignerUnknown: only its own lots
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        settlement.writeOffLot(others, approvals);
    }

    // when the holder signs for another organisation
    function test_RevertWhen_TheHolderSignsForAnotherOrganisation() external {
        _default();
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        order.organisation = stranger.organisation;

        // it should revert with NotHolder: the holder, then the organisation
        _refused(
            supplier,
            order,
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, stranger.organisation
            )
        );
    }

    // given there is no such lot
    function test_RevertGiven_ThereIsNoSuchLot() external {
        _default();
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        order.lotId = toLotId(receivableId, 9);

        // it should revert with LotUnknown
        _refused(supplier, order, abi.encodeWithSelector(IReceivableLedger.LotUnknown.selector, order.lotId));
    }

    // when face or paid are not the lot's
    function test_RevertWhen_FaceOrPaidAreNotTheLots() external {
        _default();
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        order.faceValue += 1;
        WriteOffLot memory backwards = _writeOffOrder(supplier, root);
        backwards.paid = backwards.faceValue + 1;

        // it should revert with LotChanged: the lot's face value, then what it was paid
        bytes memory changed = abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE / 4 * 3, 0);
        _refused(supplier, order, changed);
        _refused(supplier, backwards, changed);
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
        _refused(
            supplier,
            _writeOffOrder(supplier, root),
            abi.encodeWithSelector(IReceivableLedger.LotEncumbered.selector, root, Encumbrance.WRITTEN_OFF)
        );
    }

    // given a part was paid on the lot
    function test_GivenAPartWasPaidOnTheLot() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 5, _allLots(receivableId));
        _default();
        WriteOffLot memory order = _writeOffOrder(supplier, root);
        bytes32 orderHash = Hash.order(order);

        // it should ask the registry for the act and what is outstanding, and emit it
        vm.expectCall(
            address(registry),
            abi.encodeWithSelector(
                IParticipantRegistry.authorise.selector,
                orderHash,
                supplier.organisation,
                order.nonce,
                order.deadline,
                Act.WRITE_OFF_LOT,
                CNY,
                FACE / 5 * 3
            )
        );
        vm.expectEmit(address(settlement));
        emit ISettlement.LotWrittenOff(receivableId, 7, 1, supplier.organisation, FACE / 5 * 3, ReceivableStatus.ACTIVE);
        settlement.writeOffLot(order, _approve(supplier, orderHash));
    }

    // given the first organisation of the network holds the lot
    function test_GivenTheFirstOrganisationOfTheNetworkHoldsTheLot() external {
        assertEq(anchor.organisation, 1);
        vm.prank(address(market));
        ledger.reassign(child, FACE / 4, 0, anchor.organisation, false);
        _default();

        _writeOff(anchor, child);

        // it should write it off like any other
        assertEq(uint8(lens.lot(child).encumbrance), uint8(Encumbrance.WRITTEN_OFF));
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

    function _refused(Actor memory by, WriteOffLot memory order, bytes memory refusal) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectRevert(refusal);
        settlement.writeOffLot(order, approvals);
    }
}
