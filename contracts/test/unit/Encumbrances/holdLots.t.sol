// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {HoldLots, ProposeTransfer, RenewFreeze} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract HoldLotsTest is Base {
    bytes32 private constant REFERENCE = keccak256("suspicion");

    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when the organisation is no authority
    function test_RevertWhen_TheOrganisationIsNoAuthority() external {
        // it should revert with KindRequired
        _refused(bank, _holdOrder(bank, root), IParticipantRegistry.KindRequired.selector);
    }

    // when it would last longer than 48 hours
    function test_RevertWhen_ItWouldLastLongerThan48Hours() external {
        HoldLots memory order = _holdOrder(court, root);
        order.expiresAt = uint64(block.timestamp + 48 hours + 1);

        // it should revert with FreezeTooLong (R-27)
        _refused(court, order, IEncumbrances.FreezeTooLong.selector);
    }

    // when the same reference holds the lot again
    function test_RevertWhen_TheSameReferenceHoldsTheLotAgain() external {
        _hold(root);
        skip(3 days);

        // it should revert with FreezeRepeated, though the first has ended
        _refused(court, _holdOrder(court, root), IEncumbrances.FreezeRepeated.selector);
    }

    // when it is renewed
    function test_RevertWhen_ItIsRenewed() external {
        _hold(root);
        RenewFreeze memory order = _renewOrder(court, root, REFERENCE);
        Approval[] memory approvals = _approve(court, Hash.order(order));

        // it should revert with HoldNotRenewable: only a court's freeze continues it
        vm.expectPartialRevert(IEncumbrances.HoldNotRenewable.selector);
        encumbrances.renewFreeze(order, approvals);
    }

    // when lots are held
    function test_WhenLotsAreHeld() external {
        HoldLots memory order = _holdOrder(court, root);
        Approval[] memory approvals = _approve(court, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit LotHeld
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.LotHeld(
            receivableId, next, 1, supplier.organisation, court.organisation, REFERENCE, uint40(order.expiresAt)
        );
        encumbrances.holdLots(order, approvals);

        // it should keep them where they are
        ProposeTransfer memory move = _transferOrder(supplier, root, subSupplier.organisation);
        approvals = _approve(supplier, Hash.order(move));
        vm.expectPartialRevert(IReceivableLedger.LotFrozen.selector);
        ledger.proposeTransfer(move, approvals);

        // it should let them go after 48 hours, by the clock (R-27)
        vm.warp(order.expiresAt + 1);
        _propose(supplier, root, subSupplier.organisation);
        assertEq(_holder(root), subSupplier.organisation);
    }

    // when the anchor pays while a lot is held
    function test_WhenTheAnchorPaysWhileALotIsHeld() external {
        vm.warp(lens.receivableTerms(receivableId).maturityAt);
        _hold(root);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should keep the money set aside, and pay the holder after the hold
        assertEq(_balance(supplier), 0);
        assertEq(deposit.account(anchor.organisation).earmarked, FACE);
        skip(48 hours + 1);
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(supplier), FACE);
    }

    function _refused(Actor memory by, HoldLots memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        encumbrances.holdLots(order, approvals);
    }
}
