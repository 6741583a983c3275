// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Delivery, Encumbrance, Lot, ReceivableStatus} from "../../../src/types/Ledger.sol";
import {Part, SplitLot} from "../../../src/types/Orders.sol";
import {Act, Approval, Signed} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev What the ledger itself asks and does when the market hands a lot to a funder, whatever the market asked before.
contract DeliverTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when the quote names another holder
    function test_RevertWhen_TheQuoteNamesAnotherHolder() external {
        _request(supplier, root, FACE);
        Delivery memory delivery = _delivery(root, FACE);
        delivery.holder = subSupplier.organisation;

        // it should revert with NotHolder: the holder, then whom it names
        _refused(
            subSupplier,
            delivery,
            abi.encodeWithSelector(
                IReceivableLedger.NotHolder.selector, root, supplier.organisation, subSupplier.organisation
            )
        );
    }

    // when the holder has not signed
    function test_RevertWhen_TheHolderHasNotSigned() external {
        _request(supplier, root, FACE);
        Delivery memory delivery = _delivery(root, FACE);
        Signed memory signed = _signed(stranger);

        // it should revert with SignerUnknown
        vm.prank(address(market));
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        ledger.deliver(delivery, signed);
    }

    // given the lot is not locked for financing
    function test_RevertGiven_TheLotIsNotLockedForFinancing() external {
        // it should revert with LotEncumbered
        _refused(
            supplier,
            _delivery(root, FACE),
            abi.encodeWithSelector(IReceivableLedger.LotEncumbered.selector, root, Encumbrance.NONE)
        );
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        _request(supplier, root, FACE);
        Delivery memory otherFace = _delivery(root, FACE);
        otherFace.faceValue -= 1;
        Delivery memory otherPaid = _delivery(root, FACE);
        otherPaid.paid = 1;

        // it should revert with LotChanged: the lot's face value, then what it was paid
        bytes memory changed = abi.encodeWithSelector(IReceivableLedger.LotChanged.selector, root, FACE, 0);
        _refused(supplier, otherFace, changed);
        _refused(supplier, otherPaid, changed);
    }

    // when the part is nothing, or more than the lot
    function test_RevertWhen_ThePartIsNothingOrMoreThanTheLot() external {
        _request(supplier, root, FACE);

        // it should revert with AmountMissing or PartTooLarge
        _refused(supplier, _delivery(root, 0), abi.encodeWithSelector(IReceivableLedger.AmountMissing.selector));
        _refused(
            supplier,
            _delivery(root, FACE + 1),
            abi.encodeWithSelector(IReceivableLedger.PartTooLarge.selector, root, FACE + 1, FACE)
        );
    }

    // given the lot is frozen
    function test_RevertGiven_TheLotIsFrozen() external {
        _request(supplier, root, FACE);
        _freeze(root);

        // it should revert with LotFrozen
        _refused(
            supplier,
            _delivery(root, FACE),
            abi.encodeWithSelector(IReceivableLedger.LotFrozen.selector, root, uint40(block.timestamp + 300 days))
        );
    }

    // given so little was paid since that none is due to the lot
    function test_RevertGiven_SoLittleWasPaidSinceThatNoneIsDueToTheLot() external {
        LotId child = _split(supplier, root, _part(supplier.organisation, FACE / 4));
        _request(supplier, child, FACE / 8);
        _toMaturity(receivableId);
        _settle(receivableId, 1, _allLots(receivableId));

        // it should revert with LotPartlyPaid for a part
        _refused(
            supplier,
            _delivery(child, FACE / 8),
            abi.encodeWithSelector(IReceivableLedger.LotPartlyPaid.selector, child, 0)
        );
    }

    // when the rules refuse the funder
    function test_RevertWhen_TheRulesRefuseTheFunder() external {
        _request(supplier, root, FACE);
        Delivery memory delivery = _delivery(root, FACE);
        delivery.to = auditor.organisation;

        // it should revert with TransferRefused
        _refused(
            supplier,
            delivery,
            abi.encodeWithSelector(
                IReceivableLedger.TransferRefused.selector,
                root,
                auditor.organisation,
                ITransferRules.ReceiverHasNoAccount.selector
            )
        );
    }

    // when the whole lot is delivered
    function test_WhenTheWholeLotIsDelivered() external {
        _request(supplier, root, FACE);

        // it should emit ERC-3525's Transfer and LotFinanced
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(uint160(funder.organisation)), LotId.unwrap(root)
        );
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotFinanced(receivableId, 4, 1, 1, supplier.organisation, funder.organisation, FACE);
        (uint32 delivered, uint32 sequence) = _deliver(_delivery(root, FACE));
        assertEq(delivered, 1);
        assertEq(sequence, 4);

        // it should be another's, free, of the same tier, and as divisible as it is asked
        Lot memory lot = lens.lot(root);
        assertEq(lot.holder, funder.organisation);
        assertEq(uint8(lot.encumbrance), uint8(Encumbrance.NONE));
        assertEq(lot.tier, 1);
        assertEq(lot.transferCount, 1);
        assertFalse(lot.indivisible);
        assertEq(lens.receivableProgress(receivableId).sequence, 4);
        (, LotId other) = _activeReceivable(freeProgrammeId);
        _request(supplier, other, FACE);
        Delivery memory delivery = _delivery(other, FACE);
        delivery.indivisible = true;
        _deliver(delivery);
        assertTrue(lens.lot(other).indivisible);
    }

    // when a part is delivered
    function test_WhenAPartIsDelivered() external {
        Part[] memory parts = new Part[](2);
        parts[0] = Part({to: supplier.organisation, faceValue: FACE / 4});
        parts[1] = Part({to: supplier.organisation, faceValue: FACE / 4});
        _split(supplier, root, parts);
        LotId third = toLotId(receivableId, 3);
        _request(supplier, third, FACE / 8);
        Delivery memory delivery = _delivery(third, FACE / 8);
        delivery.indivisible = true;

        // it should emit LotFinanced with the parent, then the part
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotFinanced(receivableId, 5, 3, 4, supplier.organisation, funder.organisation, FACE / 8);
        _deliver(delivery);

        // it should keep whole the part that was sold with recourse, and nothing else
        assertTrue(lens.lot(toLotId(receivableId, 4)).indivisible);
        assertFalse(lens.lot(third).indivisible);
        assertEq(lens.lot(third).faceValue, FACE / 8);
        assertEq(uint8(lens.lot(third).encumbrance), uint8(Encumbrance.NONE));
    }

    // when the anchor takes the whole
    function test_WhenTheAnchorTakesTheWhole() external {
        _request(supplier, root, FACE);
        Delivery memory delivery = _delivery(root, FACE);
        delivery.to = anchor.organisation;

        // it should emit ERC-3525's TransferValue and Transfer
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferValue(LotId.unwrap(root), 0, FACE);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(address(uint160(supplier.organisation)), address(0), LotId.unwrap(root));
        (uint32 delivered, uint32 sequence) = _deliver(delivery);
        assertEq(delivered, 1);
        assertEq(sequence, 4);

        // it should end the lot and settle the receivable
        assertTrue(lens.lot(root).settled);
        assertEq(lens.lot(root).faceValue, 0);
        assertEq(lens.receivableTerms(receivableId).faceValue, 0);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.SETTLED));
    }

    // when the anchor takes a part
    function test_WhenTheAnchorTakesAPart() external {
        _request(supplier, root, FACE / 2);
        Delivery memory delivery = _delivery(root, FACE / 2);
        delivery.to = anchor.organisation;

        _deliver(delivery);

        // it should leave a smaller lot, free, of a smaller receivable
        assertEq(_holder(root), supplier.organisation);
        assertEq(lens.lot(root).faceValue, FACE / 2);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertFalse(lens.lot(root).settled);
        assertEq(lens.receivableTerms(receivableId).faceValue, FACE / 2);
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.ACTIVE));

        // it should allow no smaller parts than before
        uint64 least = FACE / MAXIMUM_LOTS;
        SplitLot memory order = _splitOrder(supplier, root, _part(supplier.organisation, least - 1));
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectRevert(abi.encodeWithSelector(IReceivableLedger.LotTooSmall.selector, least - 1, least));
        ledger.splitLot(order, approvals);
    }

    // when a lot is reassigned
    function test_WhenALotIsReassigned() external {
        // it should emit ERC-3525's Transfer and answer who held it, and the act's number
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(uint160(funder.organisation)), LotId.unwrap(root)
        );
        vm.prank(address(market));
        (uint32 holder, uint32 sequence) = ledger.reassign(root, FACE, 0, funder.organisation, true);
        assertEq(holder, supplier.organisation);
        assertEq(sequence, 3);
        assertEq(_holder(root), funder.organisation);
        assertTrue(lens.lot(root).indivisible);
    }

    function _delivery(LotId lotId, uint64 partFaceValue) private view returns (Delivery memory) {
        return Delivery({
            lotId: lotId,
            faceValue: lens.lot(lotId).faceValue,
            paid: 0,
            partFaceValue: partFaceValue,
            holder: supplier.organisation,
            to: funder.organisation,
            indivisible: false
        });
    }

    function _signed(Actor memory by) private returns (Signed memory) {
        bytes32 orderHash = keccak256("an award");
        return Signed({
            orderHash: orderHash,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            act: Act.AWARD_QUOTE,
            approvals: _approve(by, orderHash)
        });
    }

    function _deliver(Delivery memory delivery) private returns (uint32 delivered, uint32 sequence) {
        Signed memory signed = _signed(supplier);
        vm.prank(address(market));
        return ledger.deliver(delivery, signed);
    }

    function _refused(Actor memory by, Delivery memory delivery, bytes memory refusal) private {
        Signed memory signed = _signed(by);
        vm.prank(address(market));
        vm.expectRevert(refusal);
        ledger.deliver(delivery, signed);
    }
}
