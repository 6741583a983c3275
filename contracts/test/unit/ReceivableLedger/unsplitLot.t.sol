// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Part, UnsplitLot} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract UnsplitLotTest is Base {
    uint64 private constant PART = FACE / 5;

    uint64 private receivableId;
    LotId private root;
    LotId private child;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        _split(supplier, root, _part(supplier.organisation, PART));
        child = toLotId(receivableId, 2);
    }

    // when the lot is the root
    function test_RevertWhen_TheLotIsTheRoot() external {
        // it should revert with LotIsRoot
        _refused(_order(supplier, root, FACE - PART, 0), supplier, IReceivableLedger.LotIsRoot.selector);
    }

    // when either face value is not as signed
    function test_RevertWhen_EitherFaceValueIsNotAsSigned() external {
        // it should revert with LotChanged (AS SIGNED)
        bytes4 changed = IReceivableLedger.LotChanged.selector;
        _refused(_order(supplier, child, PART + 1, FACE - PART), supplier, changed);
        _refused(_order(supplier, child, PART, FACE), supplier, changed);
    }

    // given another organisation holds the child
    function test_RevertGiven_AnotherOrganisationHoldsTheChild() external {
        _propose(supplier, child, subSupplier.organisation);

        // it should revert with NotHolder
        _refused(_order(supplier, child, PART, FACE - PART), supplier, IReceivableLedger.NotHolder.selector);
    }

    // given another organisation holds the parent
    function test_RevertGiven_AnotherOrganisationHoldsTheParent() external {
        _propose(supplier, root, subSupplier.organisation);

        // it should revert with NotHolder
        _refused(_order(supplier, child, PART, FACE - PART), supplier, IReceivableLedger.NotHolder.selector);
    }

    // given the child is offered to somebody
    function test_RevertGiven_TheChildIsOfferedToSomebody() external {
        (uint64 other, LotId otherRoot) = _activeReceivable(programmeId);
        _split(supplier, otherRoot, _part(supplier.organisation, PART));
        LotId offered = toLotId(other, 2);
        _propose(supplier, offered, subSupplier.organisation);

        // it should revert with LotEncumbered
        _refused(_order(supplier, offered, PART, FACE - PART), supplier, IReceivableLedger.LotEncumbered.selector);
    }

    // given the child came back after it was handed on
    function test_RevertGiven_TheChildCameBackAfterItWasHandedOn() external {
        _propose(supplier, child, subSupplier.organisation);
        _propose(subSupplier, child, supplier.organisation);

        // it should revert with LotsApart
        _refused(_order(supplier, child, PART, FACE - PART), supplier, IReceivableLedger.LotsApart.selector);
    }

    // given something was paid
    function test_RevertGiven_SomethingWasPaid() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 2, _allLots(receivableId));
        UnsplitLot memory order = _order(supplier, child, PART, FACE - PART);
        order.paid = PART / 2;

        // it should revert with LotPartlyPaid
        _refused(order, supplier, IReceivableLedger.LotPartlyPaid.selector);
    }

    // given both are free under one holder
    function test_GivenBothAreFreeUnderOneHolder() external {
        UnsplitLot memory order = _order(supplier, child, PART, FACE - PART);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit LotUnsplit
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotUnsplit(receivableId, 4, 1, 2, PART);
        ledger.unsplitLot(order, approvals);

        // it should give the child's face value back to its parent (CONSERVATION)
        assertEq(lens.lot(root).faceValue, FACE);

        // it should end the child (FINALITY)
        assertEq(lens.lot(child).faceValue, 0);
        assertTrue(lens.lot(child).settled);
        _refused(_order(supplier, child, 0, FACE), supplier, IReceivableLedger.LotAlreadySettled.selector);

        // it should keep the child's number for good (LINEAGE)
        _split(supplier, root, _part(supplier.organisation, PART));
        assertEq(lens.lot(toLotId(receivableId, 3)).parent, 1);
        assertEq(lens.lot(child).faceValue, 0);
    }

    function _order(Actor memory by, LotId lotId, uint64 faceValue, uint64 parentFaceValue)
        private
        returns (UnsplitLot memory)
    {
        return UnsplitLot({
            target: address(ledger),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: faceValue,
            paid: 0,
            parentFaceValue: parentFaceValue
        });
    }

    function _refused(UnsplitLot memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        ledger.unsplitLot(order, approvals);
    }
}
