// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Part, UnsplitLot} from "../../../src/types/Orders.sol";
import {Act, Approval} from "../../../src/types/Participants.sol";
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

    // when somebody else signs
    function test_RevertWhen_SomebodyElseSigns() external {
        UnsplitLot memory order = _order(supplier, child, PART, FACE - PART);
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        ledger.unsplitLot(order, approvals);
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

    // given only one of them was sold and came back
    function test_RevertGiven_OnlyOneOfThemWasSoldAndCameBack() external {
        _financeWithRecourse(supplier, child, funder);
        _reassign(child, supplier.organisation, false);

        // it should revert with LotsApart, though it is of the same tier
        assertEq(lens.lot(child).tier, lens.lot(root).tier);
        _expect(abi.encodeWithSelector(IReceivableLedger.LotsApart.selector, child, root));
        _unsplit(supplier);
    }

    // given one of them was sold with recourse
    function test_RevertGiven_OneOfThemWasSoldWithRecourse() external {
        _reassign(child, funder.organisation, false);
        _reassign(root, funder.organisation, true);
        // it should revert with LotIndivisible for the parent
        _expect(abi.encodeWithSelector(IReceivableLedger.LotIndivisible.selector, root));
        _unsplit(funder);

        _reassign(root, funder.organisation, false);
        _reassign(child, funder.organisation, true);
        // it should revert with LotIndivisible for the child
        _expect(abi.encodeWithSelector(IReceivableLedger.LotIndivisible.selector, child));
        _unsplit(funder);

        // it should put together what was sold without
        _reassign(root, funder.organisation, false);
        _reassign(child, funder.organisation, false);
        _unsplit(funder);
        assertEq(lens.lot(root).faceValue, FACE);
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
        bytes32 orderHash = Hash.order(order);

        // it should ask the registry for the act
        vm.expectCall(
            address(registry),
            abi.encodeWithSelector(
                IParticipantRegistry.authorise.selector,
                orderHash,
                supplier.organisation,
                order.nonce,
                order.deadline,
                Act.UNSPLIT_LOT,
                CNY,
                PART
            )
        );
        // it should emit LotUnsplit and ERC-3525's events
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotUnsplit(receivableId, 4, 1, 2, PART);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferValue(LotId.unwrap(child), LotId.unwrap(root), PART);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(address(uint160(supplier.organisation)), address(0), LotId.unwrap(child));
        ledger.unsplitLot(order, _approve(supplier, orderHash));
        assertEq(lens.receivableProgress(receivableId).sequence, 4);

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

    /// @dev As the market does when a lot is sold, or bought back.
    function _reassign(LotId lotId, uint32 to, bool indivisible) private {
        uint64 faceValue = lens.lot(lotId).faceValue;
        vm.prank(address(market));
        ledger.reassign(lotId, faceValue, 0, to, indivisible);
    }

    function _expect(bytes memory refusal) private {
        vm.expectRevert(refusal);
    }

    function _unsplit(Actor memory by) private {
        UnsplitLot memory order = _order(by, child, PART, FACE - PART);
        ledger.unsplitLot(order, _approve(by, Hash.order(order)));
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
