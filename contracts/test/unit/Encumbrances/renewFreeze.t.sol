// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {RenewFreeze} from "../../../src/types/Orders.sol";
import {Approval, KIND_REGISTRAR} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RenewFreezeTest is Base {
    bytes32 private constant REFERENCE = keccak256("order of the court");

    uint64 private receivableId;
    LotId private root;
    LotId private child;
    Actor private otherCourt;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        child = _split(supplier, root, _part(supplier.organisation, FACE / 2));
        _admit(otherCourt, "other court", KIND_REGISTRAR);
        skip(KEY_DELAY);
        _freeze(root);
        _freeze(child);
    }

    // when the organisation is no court
    function test_RevertWhen_TheOrganisationIsNoCourt() external {
        // it should revert with KindRequired
        _refused(supplier, _renewOrder(supplier, root, REFERENCE), IParticipantRegistry.KindRequired.selector);
    }

    // when another court renews it
    function test_RevertWhen_AnotherCourtRenewsIt() external {
        // it should revert with NotFreezer
        _refused(otherCourt, _renewOrder(otherCourt, root, REFERENCE), IEncumbrances.NotFreezer.selector);
    }

    // when it has lapsed or never was
    function test_RevertWhen_ItHasLapsedOrNeverWas() external {
        // it should revert with FreezeUnknown: renewal comes before the lapse (R-25)
        _refused(court, _renewOrder(court, root, keccak256("another")), IEncumbrances.FreezeUnknown.selector);
        vm.warp(encumbrances.frozenUntil(root) + 1);
        RenewFreeze memory late = _renewOrder(court, root, REFERENCE);
        _refused(court, late, IEncumbrances.FreezeUnknown.selector);
        late.lotSequences = new uint32[](0);
        _refused(court, late, IEncumbrances.FreezeUnknown.selector);
    }

    // when it would end earlier or after more than three years
    function test_RevertWhen_ItWouldEndEarlierOrAfterMoreThanThreeYears() external {
        RenewFreeze memory earlier = _renewOrder(court, root, REFERENCE);
        earlier.expiresAt = encumbrances.frozenUntil(root);
        RenewFreeze memory longer = _renewOrder(court, root, REFERENCE);
        longer.expiresAt = uint64(block.timestamp + 1096 days + 1);

        // it should revert with InstantOutOfRange or FreezeTooLong
        _refused(court, earlier, IReceivableLedger.InstantOutOfRange.selector);
        _refused(court, longer, IEncumbrances.FreezeTooLong.selector);
    }

    // when it names a lot
    function test_WhenItNamesALot() external {
        RenewFreeze memory order = _renewOrder(court, root, REFERENCE);
        Approval[] memory approvals = _approve(court, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit FreezeRenewed and keep that lot longer
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.FreezeRenewed(receivableId, next, 1, REFERENCE, uint40(order.expiresAt));
        encumbrances.renewFreeze(order, approvals);
        assertEq(encumbrances.frozenUntil(root), order.expiresAt);
        assertLt(encumbrances.frozenUntil(child), order.expiresAt);
    }

    // when it names no lot
    function test_WhenItNamesNoLot() external {
        RenewFreeze memory order = _renewOrder(court, root, REFERENCE);
        order.lotSequences = new uint32[](0);
        encumbrances.renewFreeze(order, _approve(court, Hash.order(order)));

        // it should renew every lot under the reference
        assertEq(encumbrances.frozenUntil(root), order.expiresAt);
        assertEq(encumbrances.frozenUntil(child), order.expiresAt);
    }

    function _refused(Actor memory by, RenewFreeze memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        encumbrances.renewFreeze(order, approvals);
    }
}
