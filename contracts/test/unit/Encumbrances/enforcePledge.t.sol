// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "../../../src/interfaces/IEncumbrances.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {ENFORCE_PLEDGE_TYPEHASH, PledgeEnd} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract EnforcePledgeTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private pledge;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        pledge = _pledge(supplier, root, funder);
    }

    // when the secured debt was not due yet
    function test_RevertWhen_TheSecuredDebtWasNotDueYet() external {
        vm.warp(encumbrances.pledgeOf(root).dueAt);

        // it should revert with PledgeNotDue
        _refused(funder, _pledgeEndOrder(funder, root, pledge), IEncumbrances.PledgeNotDue.selector);
    }

    // when somebody else enforces it, or it is enforced twice
    function test_RevertWhen_SomebodyElseEnforcesItOrItIsEnforcedTwice() external {
        skip(101 days);

        // it should revert with NotPledgee or PledgeUnknown
        _refused(stranger, _pledgeEndOrder(stranger, root, pledge), IEncumbrances.NotPledgee.selector);
        _enforcePledge(funder, root, pledge);
        _refused(funder, _pledgeEndOrder(funder, root, pledge), IEncumbrances.PledgeUnknown.selector);
    }

    // when it is enforced
    function test_WhenItIsEnforced() external {
        skip(101 days);
        PledgeEnd memory order = _pledgeEndOrder(funder, root, pledge);
        Approval[] memory approvals = _approve(funder, Hash.pledgeEnd(ENFORCE_PLEDGE_TYPEHASH, order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit PledgeEnforced
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.PledgeEnforced(receivableId, next, 1, funder.organisation, pledge);
        encumbrances.enforcePledge(order, approvals);

        // it should leave the holder its title, and the lot pledged
        assertEq(_holder(root), supplier.organisation);
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.PLEDGED));

        // it should pay the pledgee what is secured and the holder the rest (R-24)
        _settle(receivableId, FACE, _allLots(receivableId));
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(funder), OPENING_BALANCE + FACE / 4 * 3);
        assertEq(_balance(supplier), FACE / 4);
        assertTrue(lens.lot(root).settled);
    }

    // when the anchor pays in parts
    function test_WhenTheAnchorPaysInParts() external {
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 2, _allLots(receivableId));
        _enforcePledge(funder, root, pledge);
        settlement.payLots(receivableId, _allLots(receivableId));
        assertEq(_balance(funder), OPENING_BALANCE + FACE / 2);
        _settle(receivableId, FACE / 2, _allLots(receivableId));
        settlement.payLots(receivableId, _allLots(receivableId));

        // it should count every part, and not one unit more than is secured
        assertEq(_balance(funder), OPENING_BALANCE + FACE / 4 * 3);
        assertEq(_balance(supplier), FACE / 4);
    }

    // when it is released after it was enforced
    function test_WhenItIsReleasedAfterItWasEnforced() external {
        skip(101 days);
        _enforcePledge(funder, root, pledge);
        _releasePledge(funder, root, pledge);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay the holder
        assertEq(_balance(supplier), FACE);
    }

    function _refused(Actor memory by, PledgeEnd memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.pledgeEnd(ENFORCE_PLEDGE_TYPEHASH, order));
        vm.expectPartialRevert(expected);
        encumbrances.enforcePledge(order, approvals);
    }
}
