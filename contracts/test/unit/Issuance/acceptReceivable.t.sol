// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuance} from "../../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {ITransferRules} from "../../../src/interfaces/ITransferRules.sol";
import {ReceivableStatus} from "../../../src/types/Ledger.sol";
import {AcceptReceivable, Offer} from "../../../src/types/Orders.sol";
import {Approval, KIND_SUPPLIER} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract AcceptReceivableTest is Base {
    uint64 private receivableId;
    Actor private unbanked;

    function setUp() public override {
        super.setUp();
        receivableId = _issue(programmeId, supplier, FACE);
    }

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the list is empty
    function test_RevertWhen_TheListIsEmpty() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        order.offers = new Offer[](0);

        // it should revert with OffersMissing
        _refused(order, IIssuance.OffersMissing.selector);
    }

    // when the total is not the sum of the list
    function test_RevertWhen_TheTotalIsNotTheSumOfTheList() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        order.totalFaceValue -= 1;

        // it should revert with TotalMismatch
        _refused(order, IIssuance.TotalMismatch.selector);
    }

    // when somebody else signs
    function test_RevertWhen_SomebodyElseSigns() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));

        // it should revert with SignerUnknown (R-14)
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        issuance.acceptReceivable(order, approvals);
    }

    // given the supplier has no account in the programme's deposit
    function test_RevertGiven_TheSupplierHasNoAccountInTheProgrammesDeposit() external {
        _admit(unbanked, "unbanked", KIND_SUPPLIER);
        skip(KEY_DELAY);
        AcceptReceivable memory order = _acceptanceOrder(unbanked, _issue(programmeId, unbanked, FACE));
        Approval[] memory approvals = _approve(unbanked, Hash.order(order));

        // it should revert with ReceiverHasNoAccount
        vm.expectPartialRevert(ITransferRules.ReceiverHasNoAccount.selector);
        issuance.acceptReceivable(order, approvals);
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        order.currency = "USD";

        // it should revert with CurrencyMismatch
        _refused(order, IIssuance.CurrencyMismatch.selector);
    }

    // when the programme is not the offer's
    function test_RevertWhen_TheProgrammeIsNotTheOffers() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        order.offers[0].programmeId = 99;

        // it should revert with ProgrammeUnknown
        _refused(order, IReceivableLedger.ProgrammeUnknown.selector);
    }

    // when any field differs from what is on offer
    function test_RevertWhen_AnyFieldDiffersFromWhatIsOnOffer() external {
        AcceptReceivable[6] memory orders;
        for (uint256 i; i < orders.length; ++i) {
            orders[i] = _acceptanceOrder(supplier, receivableId);
        }
        orders[0].offers[0].obligor = stranger.organisation;
        orders[1].offers[0].programmeId = freeProgrammeId;
        (orders[2].offers[0].faceValue, orders[2].totalFaceValue) = (FACE - 1, FACE - 1);
        orders[3].offers[0].maturityAt += 1;
        orders[4].offers[0].graceEndsAt += 1;
        orders[5].offers[0].programmeId = 0;

        // it should revert with OfferChanged
        for (uint256 i; i < orders.length; ++i) {
            _refused(orders[i], IReceivableLedger.OfferChanged.selector);
        }
    }

    // given the offer is to another supplier
    function test_RevertGiven_TheOfferIsToAnotherSupplier() external {
        AcceptReceivable memory order = _acceptanceOrder(subSupplier, receivableId);
        Approval[] memory approvals = _approve(subSupplier, Hash.order(order));

        // it should revert with OfferChanged for the other supplier
        vm.expectPartialRevert(IReceivableLedger.OfferChanged.selector);
        issuance.acceptReceivable(order, approvals);
    }

    // given the receivable is accepted already
    function test_RevertGiven_TheReceivableIsAcceptedAlready() external {
        _accept(supplier, receivableId);

        // it should revert with ReceivableNotOffered
        _refused(_acceptanceOrder(supplier, receivableId), IReceivableLedger.ReceivableNotOffered.selector);
    }

    // given there is no such receivable
    function test_RevertGiven_ThereIsNoSuchReceivable() external {
        AcceptReceivable memory order = _acceptanceOrder(supplier, receivableId);
        order.offers[0].receivableId = 99;

        // it should revert with ReceivableUnknown
        _refused(order, IReceivableLedger.ReceivableUnknown.selector);
    }

    // when a list names one receivable twice
    function test_RevertWhen_AListNamesOneReceivableTwice() external {
        AcceptReceivable memory order = _listOf(receivableId, receivableId);

        // it should revert with ReceivableNotOffered for the second
        _refused(order, IReceivableLedger.ReceivableNotOffered.selector);
    }

    // when a list is accepted
    function test_WhenAListIsAccepted() external {
        uint64 other = _issue(freeProgrammeId, supplier, FACE);
        AcceptReceivable memory order = _listOf(receivableId, other);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should emit ReceivableAccepted for each
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.ReceivableAccepted(receivableId, 2);
        vm.expectEmit(address(ledger));
        emit IReceivableLedger.ReceivableAccepted(other, 2);
        issuance.acceptReceivable(order, approvals);

        // it should make each active
        assertEq(uint8(lens.receivableProgress(receivableId).status), uint8(ReceivableStatus.ACTIVE));
        assertEq(uint8(lens.receivableProgress(other).status), uint8(ReceivableStatus.ACTIVE));
    }

    function _listOf(uint64 first, uint64 second) private returns (AcceptReceivable memory order) {
        order = _acceptanceOrder(supplier, first);
        order.offers = new Offer[](2);
        (order.offers[0], order.offers[1]) = (_offerOf(first), _offerOf(second));
        order.totalFaceValue = order.offers[0].faceValue + order.offers[1].faceValue;
    }

    function _refused(AcceptReceivable memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectPartialRevert(expected);
        issuance.acceptReceivable(order, approvals);
    }
}
