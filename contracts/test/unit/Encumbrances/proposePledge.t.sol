// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances, PledgeStatus} from "../../../src/interfaces/IEncumbrances.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId} from "../../../src/types/Ids.sol";
import {Encumbrance} from "../../../src/types/Ledger.sol";
import {ProposePledge} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract ProposePledgeTest is Base {
    uint64 private receivableId;
    LotId private root;

    function setUp() public override {
        super.setUp();
        (receivableId, root) = _activeReceivable(freeProgrammeId);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        ProposePledge memory order = _pledgeOrder(supplier, root, funder.organisation);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(supplier, order, IParticipantRegistry.WrongTarget.selector);
    }

    // when somebody else's, an unknown, a changed or a bound lot is offered
    function test_RevertWhen_SomebodyElsesAnUnknownAChangedOrABoundLotIsOffered() external {
        ProposePledge memory foreign = _pledgeOrder(stranger, root, funder.organisation);
        ProposePledge memory unknown = _pledgeOrder(supplier, root, funder.organisation);
        unknown.lotId = LotId.wrap(LotId.unwrap(root) + 8);
        ProposePledge memory changed = _pledgeOrder(supplier, root, funder.organisation);
        changed.paid = 1;

        // it should revert with NotHolder, LotUnknown, LotChanged or LotEncumbered
        _refused(stranger, foreign, IReceivableLedger.NotHolder.selector);
        _refused(supplier, unknown, IReceivableLedger.LotUnknown.selector);
        _refused(supplier, changed, IReceivableLedger.LotChanged.selector);
        _request(supplier, root, FACE);
        ProposePledge memory bound_ = _pledgeOrder(supplier, root, funder.organisation);
        _refused(supplier, bound_, IReceivableLedger.LotEncumbered.selector);
    }

    // when a settled lot is offered
    function test_RevertWhen_ASettledLotIsOffered() external {
        ProposePledge memory order = _pledgeOrder(supplier, root, funder.organisation);
        _settle(receivableId, FACE, _allLots(receivableId));

        // it should revert with LotAlreadySettled
        _refused(supplier, order, IReceivableLedger.LotAlreadySettled.selector);
    }

    // when the pledgee is holder, obligor, not admitted or without an account
    function test_RevertWhen_ThePledgeeIsHolderObligorNotAdmittedOrWithoutAnAccount() external {
        // it should revert with PledgeeRefused
        uint32[4] memory wrong = [supplier.organisation, anchor.organisation, 99, auditor.organisation];
        for (uint256 i; i < wrong.length; ++i) {
            _refused(supplier, _pledgeOrder(supplier, root, wrong[i]), IEncumbrances.PledgeeRefused.selector);
        }
        ProposePledge memory order = _pledgeOrder(supplier, root, funder.organisation);
        _setStatus(funder.organisation, ParticipantStatus.SUSPENDED);
        _refused(supplier, order, IEncumbrances.PledgeeRefused.selector);
    }

    // when nothing or too much is secured, or an instant is out of range
    function test_RevertWhen_NothingOrTooMuchIsSecuredOrAnInstantIsOutOfRange() external {
        ProposePledge memory nothing = _pledgeOrder(supplier, root, funder.organisation);
        nothing.securedAmount = 0;
        ProposePledge memory large = _pledgeOrder(supplier, root, funder.organisation);
        large.securedAmount = uint64(type(int64).max) + 1;
        ProposePledge memory ended = _pledgeOrder(supplier, root, funder.organisation);
        ended.expiresAt = uint64(block.timestamp);
        ProposePledge memory never = _pledgeOrder(supplier, root, funder.organisation);
        never.dueAt = uint64(type(uint40).max) + 1;

        // it should revert with AmountMissing, AmountTooLarge or InstantOutOfRange
        _refused(supplier, nothing, IReceivableLedger.AmountMissing.selector);
        _refused(supplier, large, IEncumbrances.AmountTooLarge.selector);
        _refused(supplier, ended, IReceivableLedger.InstantOutOfRange.selector);
        _refused(supplier, never, IReceivableLedger.InstantOutOfRange.selector);
    }

    // when a holder offers a pledge
    function test_WhenAHolderOffersAPledge() external {
        ProposePledge memory order = _pledgeOrder(supplier, root, funder.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint32 next = lens.receivableProgress(receivableId).sequence + 1;

        // it should emit PledgeProposed
        vm.expectEmit(address(encumbrances));
        emit IEncumbrances.PledgeProposed(
            receivableId,
            next,
            1,
            supplier.organisation,
            funder.organisation,
            order.securedAmount,
            uint40(order.dueAt),
            uint40(order.expiresAt),
            Hash.order(order),
            order.agreementHash
        );
        encumbrances.proposePledge(order, approvals);

        // it should encumber nothing
        assertEq(uint8(encumbrances.pledgeOf(root).status), uint8(PledgeStatus.PROPOSED));
        assertEq(uint8(lens.lot(root).encumbrance), uint8(Encumbrance.NONE));
        _propose(supplier, root, subSupplier.organisation);
        assertEq(_holder(root), subSupplier.organisation);
    }

    function _refused(Actor memory by, ProposePledge memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        encumbrances.proposePledge(order, approvals);
    }
}
