// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance, Lot, LotPart, PendingTransfer} from "../../../src/types/Ledger.sol";
import {OpenProgramme, Part, SplitLot} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract SplitLotTest is Base {
    /// @dev The face over the largest number of lots: more than the programme's own minimum.
    uint64 private constant MINIMUM = FACE / MAXIMUM_LOTS;

    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        SplitLot memory order = _order(subSupplier.organisation, MINIMUM);
        order.target = address(market);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when somebody else signs
    function test_RevertWhen_SomebodyElseSigns() external {
        SplitLot memory order = _order(subSupplier.organisation, MINIMUM);
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        ledger.splitLot(order, approvals);
    }

    // when there are no parts
    function test_RevertWhen_ThereAreNoParts() external {
        // it should revert with PartsMissing
        _refused(_splitOrder(supplier, root, new Part[](0)), IReceivableLedger.PartsMissing.selector);
    }

    // given there is no such lot
    function test_RevertGiven_ThereIsNoSuchLot() external {
        SplitLot memory order = _order(subSupplier.organisation, MINIMUM);
        order.lotId = toLotId(receivableId, 9);

        // it should revert with LotUnknown
        _refused(order, IReceivableLedger.LotUnknown.selector);
    }

    // given another organisation holds the lot
    function test_RevertGiven_AnotherOrganisationHoldsTheLot() external {
        SplitLot memory order = _splitOrder(stranger, root, _part(stranger.organisation, MINIMUM));
        Approval[] memory approvals = _approve(stranger, Hash.order(order));

        // it should revert with NotHolder
        vm.expectPartialRevert(IReceivableLedger.NotHolder.selector);
        ledger.splitLot(order, approvals);
    }

    // given the receivable is not accepted
    function test_RevertGiven_TheReceivableIsNotAccepted() external {
        LotId offered = toLotId(_issue(programmeId, supplier, FACE), 1);

        // it should revert with ReceivableNotActive
        _refused(
            _splitOrder(supplier, offered, _part(subSupplier.organisation, MINIMUM)),
            IReceivableLedger.ReceivableNotActive.selector
        );
    }

    // given the lot is encumbered
    function test_RevertGiven_TheLotIsEncumbered() external {
        _request(supplier, root, FACE);

        // it should revert with LotEncumbered
        _refused(_order(subSupplier.organisation, MINIMUM), IReceivableLedger.LotEncumbered.selector);
    }

    // when face value or paid are not the lot's
    function test_RevertWhen_FaceValueOrPaidAreNotTheLots() external {
        SplitLot memory otherFace = _order(subSupplier.organisation, MINIMUM);
        otherFace.faceValue -= 1;
        SplitLot memory otherPaid = _order(subSupplier.organisation, MINIMUM);
        otherPaid.paid = 1;

        // it should revert with LotChanged
        _refused(otherFace, IReceivableLedger.LotChanged.selector);
        _refused(otherPaid, IReceivableLedger.LotChanged.selector);
    }

    // given something is paid on the lot, or due to it
    function test_RevertGiven_SomethingIsPaidOnTheLotOrDueToIt() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 4, new uint32[](0));

        // it should revert with LotPartlyPaid
        _refused(_order(subSupplier.organisation, MINIMUM), IReceivableLedger.LotPartlyPaid.selector);
        settlement.payLots(receivableId, _allLots(receivableId));
        _refused(_order(subSupplier.organisation, MINIMUM), IReceivableLedger.LotPartlyPaid.selector);
    }

    // given the lot is paid in full
    function test_RevertGiven_TheLotIsPaidInFull() external {
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(_order(subSupplier.organisation, MINIMUM), IReceivableLedger.LotAlreadySettled.selector);
    }

    // when a part is below the minimum lot
    function test_RevertWhen_APartIsBelowTheMinimumLot() external {
        // it should revert with LotTooSmall for the part (R-09)
        _refused(_order(supplier.organisation, MINIMUM - 1), IReceivableLedger.LotTooSmall.selector);
        _refused(_order(supplier.organisation, 0), IReceivableLedger.LotTooSmall.selector);
    }

    // given the minimum lot is larger than the receivable's state can hold
    function test_GivenTheMinimumLotIsLargerThanTheReceivablesStateCanHold() external {
        uint64 face = type(uint64).max >> 1;
        uint64 minimum = face / MAXIMUM_LOTS + 1;
        receivableId = _issue(freeProgrammeId, supplier, face);
        _accept(supplier, receivableId);
        root = toLotId(receivableId, 1);
        assertEq(lens.minimumLot(receivableId), minimum);

        // it should revert with LotTooSmall below it all the same
        _refused(_order(supplier.organisation, minimum - 1), IReceivableLedger.LotTooSmall.selector);

        // it should split off a part that is as large
        _split(supplier, root, _part(supplier.organisation, minimum));
        assertEq(lens.lot(toLotId(receivableId, 2)).faceValue, minimum);
    }

    // given the minimum lot is a single minor unit
    function test_GivenTheMinimumLotIsASingleMinorUnit() external {
        OpenProgramme memory order = _programmeOrder(true);
        order.minimumLotFaceValue = 1;
        receivableId = _issue(_openProgramme(order), supplier, 2);
        _accept(supplier, receivableId);
        assertEq(lens.minimumLot(receivableId), 1);

        LotId child = _split(supplier, toLotId(receivableId, 1), _part(supplier.organisation, 1));

        // it should split it off, and leave as much
        assertEq(lens.lot(child).faceValue, 1);
        assertEq(lens.lot(toLotId(receivableId, 1)).faceValue, 1);
    }

    // when what remains is below the minimum lot
    function test_RevertWhen_WhatRemainsIsBelowTheMinimumLot() external {
        // it should revert with LotTooSmall for the remainder
        _refused(_order(supplier.organisation, FACE - MINIMUM + 1), IReceivableLedger.LotTooSmall.selector);
    }

    // when the parts are the whole lot, or more
    function test_RevertWhen_ThePartsAreTheWholeLotOrMore() external {
        // it should revert with PartTooLarge
        _refused(_order(supplier.organisation, FACE), IReceivableLedger.PartTooLarge.selector);
        _refused(_order(supplier.organisation, type(uint64).max), IReceivableLedger.PartTooLarge.selector);
    }

    // when the rules refuse a part's receiver
    function test_RevertWhen_TheRulesRefuseAPartsReceiver() external {
        SplitLot memory order = _order(auditor.organisation, MINIMUM);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with TransferRefused, naming the rule
        vm.expectRevert(
            abi.encodeWithSelector(
                IReceivableLedger.TransferRefused.selector,
                root,
                auditor.organisation,
                ITransferRules.ReceiverHasNoAccount.selector
            )
        );
        ledger.splitLot(order, approvals);
    }

    // when a part is for another organisation > given receivers must accept > when the offer would have expired
    function test_RevertWhen_TheOfferWouldHaveExpired() external {
        SplitLot memory order = _order(subSupplier.organisation, MINIMUM);
        order.expiresAt = uint64(block.timestamp);

        // it should revert with InstantOutOfRange
        _refused(order, IReceivableLedger.InstantOutOfRange.selector);
    }

    // when a part is for another organisation > given receivers must accept > when the offer is open
    function test_WhenTheOfferIsOpen() external {
        SplitLot memory order = _order(subSupplier.organisation, MINIMUM);
        bytes32 offer = Hash.order(order);
        Approval[] memory approvals = _approve(supplier, offer);
        LotPart[] memory parts = new LotPart[](1);
        parts[0] = LotPart({lotSequence: 2, holder: supplier.organisation, faceValue: MINIMUM});

        // it should emit LotSplit, then TransferProposed
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.LotSplit(receivableId, 3, 1, FACE - MINIMUM, parts);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferProposed(
            receivableId,
            4,
            2,
            supplier.organisation,
            subSupplier.organisation,
            uint40(order.expiresAt),
            offer,
            bytes32(0)
        );
        ledger.splitLot(order, approvals);

        // it should lock the part in the holder's hands for its receiver
        Lot memory child = lens.lot(toLotId(receivableId, 2));
        assertEq(child.holder, supplier.organisation);
        assertEq(uint8(child.encumbrance), uint8(Encumbrance.LOCKED_TRANSFER));
        PendingTransfer memory pending = lens.pendingTransfer(toLotId(receivableId, 2));
        assertEq(pending.to, subSupplier.organisation);
        assertEq(pending.expiresAt, order.expiresAt);
        assertEq(pending.offer, bytes23(offer));
    }

    // when a part is for another organisation > given transfers are done when ordered
    /// @dev R-18: part of a claim can be assigned, and no anchor can forbid it.
    function test_GivenTransfersAreDoneWhenOrdered() external {
        (uint64 free, LotId freeRoot) = _activeReceivable(freeProgrammeId);

        LotId child = _split(supplier, freeRoot, _part(subSupplier.organisation, MINIMUM));

        // it should hand the part over, one tier further
        Lot memory lot = lens.lot(child);
        assertEq(lot.holder, subSupplier.organisation);
        assertEq(lot.tier, 2);
        assertEq(lot.transferCount, 1);
        assertEq(uint8(lot.encumbrance), uint8(Encumbrance.NONE));
        assertEq(lens.receivableProgress(free).sequence, 3);
    }

    // when parts are for the holder
    function test_WhenPartsAreForTheHolder() external {
        Part[] memory parts = new Part[](2);
        parts[0] = Part({to: supplier.organisation, faceValue: 2 * MINIMUM});
        parts[1] = Part({to: supplier.organisation, faceValue: 3 * MINIMUM});

        // it should emit ERC-3525's events for each child
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.Transfer(address(0), address(uint160(supplier.organisation)), LotId.unwrap(root) + 1);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.SlotChanged(LotId.unwrap(root) + 1, 0, receivableId);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.TransferValue(LotId.unwrap(root), LotId.unwrap(root) + 1, 2 * MINIMUM);
        _split(supplier, root, parts);

        // it should take the parts' faces from the parent (CONSERVATION)
        assertEq(lens.lot(root).faceValue, FACE - 5 * MINIMUM);
        assertEq(lens.lot(toLotId(receivableId, 2)).faceValue, 2 * MINIMUM);
        assertEq(lens.lot(toLotId(receivableId, 3)).faceValue, 3 * MINIMUM);

        // it should number the children by the receivable's counter and record their parent (LINEAGE)
        assertEq(lens.receivableProgress(receivableId).lotCount, 3);
        assertEq(lens.lot(toLotId(receivableId, 3)).parent, 1);
        assertEq(lens.lot(toLotId(receivableId, 3)).tier, 1);
        _split(supplier, toLotId(receivableId, 2), _part(supplier.organisation, MINIMUM));
        assertEq(lens.lot(toLotId(receivableId, 4)).parent, 2);
    }

    /// @dev CONSERVATION and the bound on the number of lots, for whatever parts.
    function testFuzz_WhateverIsSplitOffNothingIsLost(uint64[12] calldata wishes) external {
        uint64 sum;
        for (uint256 i; i < wishes.length; ++i) {
            uint64 available = lens.lot(root).faceValue;
            if (available < 2 * MINIMUM) break;
            _split(supplier, root, _part(supplier.organisation, uint64(bound(wishes[i], MINIMUM, available - MINIMUM))));
        }
        uint32 count = lens.receivableProgress(receivableId).lotCount;
        for (uint32 sequence = 1; sequence <= count; ++sequence) {
            sum += lens.lot(toLotId(receivableId, sequence)).faceValue;
        }

        assertEq(sum, FACE);
        assertLe(count, MAXIMUM_LOTS);
    }

    function _order(uint32 to, uint64 faceValue) private returns (SplitLot memory) {
        return _splitOrder(supplier, root, _part(to, faceValue));
    }

    function _refused(SplitLot memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectPartialRevert(expected);
        ledger.splitLot(order, approvals);
    }
}
