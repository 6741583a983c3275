// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {Act, Signed} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";

/// @dev What the ledger itself asks when the market locks a lot, whatever the market asked before.
contract LockForFinancingTest is Base {
    uint64 private constant MINIMUM = FACE / MAXIMUM_LOTS;

    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // given there is no such lot
    function test_RevertGiven_ThereIsNoSuchLot() external {
        LotId unknown = toLotId(receivableId, 9);

        // it should revert with LotUnknown
        _refused(
            supplier, unknown, FACE, 0, FACE, abi.encodeWithSelector(IReceivableLedger.LotUnknown.selector, unknown)
        );
    }

    // when the holder has not signed
    function test_RevertWhen_TheHolderHasNotSigned() external {
        Signed memory signed = _signed(stranger);

        // it should revert with SignerUnknown
        vm.prank(address(market));
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        ledger.lockForFinancing(root, FACE, 0, FACE, signed);
    }

    // when the part is nothing, too small or too large
    function test_RevertWhen_ThePartIsNothingTooSmallOrTooLarge() external {
        // it should revert with AmountMissing, LotTooSmall or PartTooLarge
        _refused(supplier, root, FACE, 0, 0, abi.encodeWithSelector(IReceivableLedger.AmountMissing.selector));
        _refused(supplier, root, FACE, 0, 1, _tooSmall(1));
        _refused(supplier, root, FACE, 0, MINIMUM - 1, _tooSmall(MINIMUM - 1));
        _refused(
            supplier,
            root,
            FACE,
            0,
            FACE + 1,
            abi.encodeWithSelector(IReceivableLedger.PartTooLarge.selector, root, FACE + 1, FACE)
        );
    }

    // when what remains is too small
    function test_RevertWhen_WhatRemainsIsTooSmall() external {
        // it should revert with LotTooSmall for the remainder
        _refused(supplier, root, FACE, 0, FACE - MINIMUM + 1, _tooSmall(MINIMUM - 1));
    }

    // given a part was paid on the lot
    function test_RevertGiven_APartWasPaidOnTheLot() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 4, _allLots(receivableId));

        // it should revert with LotPartlyPaid, for the whole as well
        _refused(supplier, root, FACE, FACE / 4, FACE / 2, _partlyPaid(root, FACE / 4));
        _refused(supplier, root, FACE, FACE / 4, FACE, _partlyPaid(root, FACE / 4));
    }

    // given so little was paid on the receivable that none is due to the lot
    function test_RevertGiven_SoLittleWasPaidOnTheReceivableThatNoneIsDueToTheLot() external {
        LotId child = _split(supplier, root, _part(supplier.organisation, FACE / 4));
        _toMaturity(receivableId);
        _settle(receivableId, 1, _allLots(receivableId));

        // it should revert with LotPartlyPaid for a part
        _refused(supplier, child, FACE / 4, 0, FACE / 8, _partlyPaid(child, 0));
    }

    // given the lot was sold with recourse
    function test_GivenTheLotWasSoldWithRecourse() external {
        vm.prank(address(market));
        ledger.reassign(root, FACE, 0, funder.organisation, true);

        // it should revert with LotIndivisible for a part
        _refused(
            funder, root, FACE, 0, FACE / 2, abi.encodeWithSelector(IReceivableLedger.LotIndivisible.selector, root)
        );
        // it should lock the whole
        Signed memory signed = _signed(funder);
        vm.prank(address(market));
        ledger.lockForFinancing(root, FACE, 0, FACE, signed);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.LOCKED_FINANCING));
    }

    // when the holder asks for a part
    function test_WhenTheHolderAsksForAPart() external {
        Signed memory signed = _signed(supplier);

        // it should ask the registry for the part
        vm.expectCall(
            address(registry),
            abi.encodeWithSelector(
                IParticipantRegistry.authorise.selector,
                signed.orderHash,
                supplier.organisation,
                signed.nonce,
                signed.deadline,
                Act.REQUEST_FINANCING,
                CNY,
                FACE / 2
            )
        );
        vm.prank(address(market));
        (uint32 holder, uint32 sequence) = ledger.lockForFinancing(root, FACE, 0, FACE / 2, signed);

        // it should lock the lot and answer its holder and the act's number
        assertEq(holder, supplier.organisation);
        assertEq(sequence, 3);
        assertEq(lens.receivableProgress(receivableId).sequence, 3);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.LOCKED_FINANCING));
    }

    function _signed(Actor memory by) private returns (Signed memory) {
        bytes32 orderHash = keccak256("a request");
        return Signed({
            orderHash: orderHash,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            act: Act.REQUEST_FINANCING,
            approvals: _approve(by, orderHash)
        });
    }

    function _refused(
        Actor memory by,
        LotId lotId,
        uint64 faceValue,
        uint64 paid,
        uint64 partFaceValue,
        bytes memory refusal
    ) private {
        Signed memory signed = _signed(by);
        vm.prank(address(market));
        vm.expectRevert(refusal);
        ledger.lockForFinancing(lotId, faceValue, paid, partFaceValue, signed);
    }

    function _tooSmall(uint64 faceValue) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IReceivableLedger.LotTooSmall.selector, faceValue, MINIMUM);
    }

    function _partlyPaid(LotId lotId, uint64 paid) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IReceivableLedger.LotPartlyPaid.selector, lotId, paid);
    }
}
