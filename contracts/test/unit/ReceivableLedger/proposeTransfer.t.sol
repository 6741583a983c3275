// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance, Lot} from "../../../src/types/Ledger.sol";
import {ProposeTransfer} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract ProposeTransferTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        ProposeTransfer memory order = _order(subSupplier);
        order.target = address(market);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when somebody else signs
    function test_RevertWhen_SomebodyElseSigns() external {
        ProposeTransfer memory order = _order(subSupplier);
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        ledger.proposeTransfer(order, approvals);
    }

    // given there is no such lot
    function test_RevertGiven_ThereIsNoSuchLot() external {
        ProposeTransfer memory order = _order(subSupplier);
        order.lotId = toLotId(99, 1);

        // it should revert with LotUnknown
        _refused(order, IReceivableLedger.LotUnknown.selector);
    }

    // given another organisation holds the lot
    function test_RevertGiven_AnotherOrganisationHoldsTheLot() external {
        ProposeTransfer memory order = _transferOrder(stranger, root, subSupplier.organisation);
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with NotHolder
        vm.expectPartialRevert(IReceivableLedger.NotHolder.selector);
        ledger.proposeTransfer(order, approvals);
    }

    // given the receivable is not accepted
    function test_RevertGiven_TheReceivableIsNotAccepted() external {
        LotId offered = toLotId(_issue(programmeId, supplier, FACE), 1);

        // it should revert with ReceivableNotActive
        _refused(
            _transferOrder(supplier, offered, subSupplier.organisation), IReceivableLedger.ReceivableNotActive.selector
        );
    }

    // given the lot is on offer to somebody
    function test_RevertGiven_TheLotIsOnOfferToSomebody() external {
        _propose(supplier, root, subSupplier.organisation);

        // it should revert with LotEncumbered
        _refused(_order(stranger), IReceivableLedger.LotEncumbered.selector);
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        ProposeTransfer memory otherFace = _order(subSupplier);
        otherFace.faceValue += 1;
        ProposeTransfer memory otherPaid = _order(subSupplier);
        otherPaid.paid = 1;

        // it should revert with LotChanged
        _refused(otherFace, IReceivableLedger.LotChanged.selector);
        _refused(otherPaid, IReceivableLedger.LotChanged.selector);
    }

    // given something is due to the lot
    function test_RevertGiven_SomethingIsDueToTheLot() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 4, new uint32[](0));

        // it should revert with LotPartlyPaid
        _refused(_order(subSupplier), IReceivableLedger.LotPartlyPaid.selector);
    }

    // given the lot is part-paid up to date
    function test_GivenTheLotIsPartPaidUpToDate() external {
        (uint64 free, LotId lotId) = _activeReceivable(freeProgrammeId);
        _toMaturity(free);
        _settle(free, FACE / 4, _allLots(free));

        _propose(supplier, lotId, subSupplier.organisation);

        // it should move with what was paid on it
        assertEq(_holder(lotId), subSupplier.organisation);
        assertEq(lens.lot(lotId).paid, FACE / 4);
    }

    // given the lot is paid in full
    function test_RevertGiven_TheLotIsPaidInFull() external {
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(_order(subSupplier), IReceivableLedger.LotAlreadySettled.selector);
    }

    // when the rules refuse the movement
    function test_RevertWhen_TheRulesRefuseTheMovement() external {
        ProposeTransfer memory order = _order(anchor);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with TransferRefused, naming the rule
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.TransferRefused.selector,
                root,
                anchor.organisation,
                ITransferRules.ReceiverIsObligor.selector
            )
        );
        ledger.proposeTransfer(order, approvals);
    }

    // given receivers must accept > when the offer would have expired, or never expire
    function test_RevertWhen_TheOfferWouldHaveExpiredOrNeverExpire() external {
        ProposeTransfer memory late = _order(subSupplier);
        late.expiresAt = uint64(block.timestamp);
        ProposeTransfer memory endless = _order(subSupplier);
        endless.expiresAt = uint64(type(uint40).max) + 1;

        // it should revert with InstantOutOfRange
        _refused(late, IReceivableLedger.InstantOutOfRange.selector);
        _refused(endless, IReceivableLedger.InstantOutOfRange.selector);
    }

    // given receivers must accept > when the offer is for as long as it may be
    function test_WhenTheOfferIsForAsLongAsItMayBe() external {
        ProposeTransfer memory order = _order(subSupplier);
        order.expiresAt = type(uint40).max;

        ledger.proposeTransfer(order, _approve(supplier, Hash.order(order)));

        // it should keep the instant
        assertEq(lens.pendingTransfer(root).expiresAt, type(uint40).max);
    }

    // given receivers must accept > when the offer is open
    function test_WhenTheOfferIsOpen() external {
        ProposeTransfer memory order = _order(subSupplier);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit TransferProposed
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferProposed(
            receivableId,
            3,
            1,
            supplier.organisation,
            subSupplier.organisation,
            uint40(order.expiresAt),
            Hash.order(order),
            order.remarkHash
        );
        ledger.proposeTransfer(order, approvals);

        // it should lock the lot and leave it where it is
        Lot memory lot = lens.lot(root);
        assertEq(lot.holder, supplier.organisation);
        assertEq(uint8(lot.encumbrance), uint8(Encumbrance.LOCKED_TRANSFER));
    }

    // given transfers are done when ordered
    function test_GivenTransfersAreDoneWhenOrdered() external {
        (uint64 free, LotId lotId) = _activeReceivable(freeProgrammeId);
        ProposeTransfer memory order = _transferOrder(supplier, lotId, subSupplier.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit ERC-3525's Transfer and LotTransferred
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(
            address(uint160(supplier.organisation)), address(uint160(subSupplier.organisation)), LotId.unwrap(lotId)
        );
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotTransferred(
            free, 3, 1, supplier.organisation, subSupplier.organisation, order.remarkHash
        );
        ledger.proposeTransfer(order, approvals);

        // it should hand the lot over, one tier further
        Lot memory lot = lens.lot(lotId);
        assertEq(lot.holder, subSupplier.organisation);
        assertEq(lot.tier, 2);
        assertEq(lot.transferCount, 1);
        assertEq(lot.faceValue, FACE);
    }

    function _order(Actor memory to) private returns (ProposeTransfer memory) {
        return _transferOrder(supplier, root, to.organisation);
    }

    function _refused(ProposeTransfer memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectPartialRevert(expected);
        ledger.proposeTransfer(order, approvals);
    }
}
