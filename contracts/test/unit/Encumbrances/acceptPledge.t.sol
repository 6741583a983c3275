// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances, PledgeStatus} from "../../../src/interfaces/IEncumbrances.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {AcceptPledge, ProposePledge} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract AcceptPledgeTest is Base {
    uint64 private receivableId;
    LotId private root;
    bytes32 private pledge;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
        pledge = _proposePledge(supplier, root, funder.organisation);
    }

    // when the pledge is unknown, replaced or held already
    function test_RevertWhen_ThePledgeIsUnknownReplacedOrHeldAlready() external {
        bytes32 replaced = pledge;
        pledge = _proposePledge(supplier, root, funder.organisation);

        // it should revert with PledgeUnknown
        _refused(funder, _pledgeAcceptance(funder, root, bytes32(0)), IEncumbrances.PledgeUnknown.selector);
        _refused(funder, _pledgeAcceptance(funder, root, replaced), IEncumbrances.PledgeUnknown.selector);
        _acceptPledge(funder, root, pledge);
        _refused(funder, _pledgeAcceptance(funder, root, pledge), IEncumbrances.PledgeUnknown.selector);
    }

    // when the organisation is not the pledgee
    function test_RevertWhen_TheOrganisationIsNotThePledgee() external {
        // it should revert with NotPledgee
        _refused(stranger, _pledgeAcceptance(stranger, root, pledge), IEncumbrances.NotPledgee.selector);
    }

    // when the offer has expired
    function test_RevertWhen_TheOfferHasExpired() external {
        skip(3 days + 1);

        // it should revert with PledgeExpired
        _refused(funder, _pledgeAcceptance(funder, root, pledge), IEncumbrances.PledgeExpired.selector);
    }

    // when there is no filing, or it is of the future
    function test_RevertWhen_ThereIsNoFilingOrItIsOfTheFuture() external {
        AcceptPledge memory unfiled = _pledgeAcceptance(funder, root, pledge);
        unfiled.filingHash = bytes32(0);
        AcceptPledge memory timeless = _pledgeAcceptance(funder, root, pledge);
        timeless.filedAt = 0;
        AcceptPledge memory early = _pledgeAcceptance(funder, root, pledge);
        early.filedAt = uint64(block.timestamp + 1);

        // it should revert with PledgeNotFiled or InstantOutOfRange: no pledge before its registration (R-24)
        _refused(funder, unfiled, IEncumbrances.PledgeNotFiled.selector);
        _refused(funder, timeless, IEncumbrances.PledgeNotFiled.selector);
        _refused(funder, early, IReceivableLedger.InstantOutOfRange.selector);
    }

    // when the lot has moved, changed or been frozen since
    function test_RevertWhen_TheLotHasMovedChangedOrBeenFrozenSince() external {
        AcceptPledge memory order = _pledgeAcceptance(funder, root, pledge);

        // it should revert with NotHolder, LotChanged or LotFrozen
        uint256 before = vm.snapshotState();
        _propose(supplier, root, subSupplier.organisation);
        _refused(funder, order, IReceivableLedger.NotHolder.selector);
        vm.revertToState(before);
        _split(supplier, root, _part(supplier.organisation, FACE / 2));
        _refused(funder, order, IReceivableLedger.LotChanged.selector);
        vm.revertToState(before);
        _freeze(root);
        _refused(funder, order, IReceivableLedger.LotFrozen.selector);
    }

    // when the pledgee accepts
    function test_WhenThePledgeeAccepts() external {
        AcceptPledge memory order = _pledgeAcceptance(funder, root, pledge);
        Approval[] memory approvals = _approve(funder, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit LotPledged with the filing
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.LotPledged(
            receivableId,
            next,
            1,
            supplier.organisation,
            funder.organisation,
            FACE / 4 * 3,
            uint40(block.timestamp + 100 days),
            pledge,
            order.filingHash,
            uint40(order.filedAt)
        );
        encumbrances.acceptPledge(order, approvals);

        // it should pledge the lot, which stays its holder's
        assertEq(uint8(encumbrances.pledgeOf(root).status), uint8(PledgeStatus.HELD));
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.PLEDGED));
        assertEq(_holder(root), supplier.organisation);
    }

    // when the anchor pays while it is pledged
    function test_WhenTheAnchorPaysWhileItIsPledged() external {
        _acceptPledge(funder, root, pledge);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should keep the money set aside (R-24)
        assertEq(_balance(supplier), 0);
        assertEq(deposit.account(anchor.organisation).earmarked, FACE);
    }

    // when it is frozen for a court beside
    function test_WhenItIsFrozenForACourtBeside() external {
        _acceptPledge(funder, root, pledge);
        _freeze(root);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should pay the court: a freeze lies over a pledge
        assertEq(_balance(court), FACE);
    }

    function _refused(Actor memory by, AcceptPledge memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        encumbrances.acceptPledge(order, approvals);
    }
}
