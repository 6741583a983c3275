// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances, PledgeStatus} from "../../../src/interfaces/IEncumbrances.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {PledgeEnd, ProposeTransfer, RELEASE_PLEDGE_TYPEHASH} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract ReleasePledgeTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private pledge;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        pledge = _pledge(supplier, root, funder);
    }

    // when the holder releases it
    function test_RevertWhen_TheHolderReleasesIt() external {
        // it should revert with NotPledgee
        _refused(supplier, _pledgeEndOrder(supplier, root, pledge), IEncumbrances.NotPledgee.selector);
    }

    // when it was only offered, or the lot is not as signed
    function test_RevertWhen_ItWasOnlyOfferedOrTheLotIsNotAsSigned() external {
        (, LotId other) = _activeReceivable(freeProgrammeId);
        bytes32 offered = _proposePledge(supplier, other, funder.organisation);
        PledgeEnd memory changed = _pledgeEndOrder(funder, root, pledge);
        changed.faceValue -= 1;

        // it should revert with PledgeUnknown or LotChanged
        _refused(funder, _pledgeEndOrder(funder, other, offered), IEncumbrances.PledgeUnknown.selector);
        _refused(funder, changed, IReceivableLedger.LotChanged.selector);
    }

    // given it is pledged
    /// @custom:law TITLE
    function test_RevertGiven_ItIsPledged() external {
        ProposeTransfer memory move = _transferOrder(supplier, root, subSupplier.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(move));

        // it should not move without its pledgee's release (R-24)
        vm.expectPartialRevert(IReceivableLedger.LotEncumbered.selector);
        ledger.proposeTransfer(move, approvals);
    }

    // when the pledgee releases it
    function test_WhenThePledgeeReleasesIt() external {
        PledgeEnd memory order = _pledgeEndOrder(funder, root, pledge);
        Approval[] memory approvals = _approve(funder, Hash.pledgeEnd(RELEASE_PLEDGE_TYPEHASH, order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit PledgeReleased
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.PledgeReleased(receivableId, next, 1, funder.organisation, pledge);
        encumbrances.releasePledge(order, approvals);

        // it should be free to move
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        assertEq(uint8(encumbrances.pledgeOf(root).status), uint8(PledgeStatus.NONE));
        _propose(supplier, root, subSupplier.organisation);
        assertEq(_holder(root), subSupplier.organisation);
    }

    // when it is released after the anchor has paid
    function test_WhenItIsReleasedAfterTheAnchorHasPaid() external {
        _settle(receivableId, FACE, _allLots(receivableId));
        _releasePledge(funder, root, pledge);
        settlement.payLots(receivableId, _allLots(receivableId));

        // it should pay the holder what waited
        assertEq(_balance(supplier), FACE);
        assertEq(_balance(funder), OPENING_BALANCE);
    }

    // given the pledgee is suspended
    function test_GivenThePledgeeIsSuspended() external {
        _setStatus(funder.organisation, ParticipantStatus.SUSPENDED);
        _releasePledge(funder, root, pledge);

        // it should still release
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
    }

    function _refused(Actor memory by, PledgeEnd memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.pledgeEnd(RELEASE_PLEDGE_TYPEHASH, order));
        vm.expectPartialRevert(expected);
        encumbrances.releasePledge(order, approvals);
    }
}
