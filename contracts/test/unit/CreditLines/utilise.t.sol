// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditLine, ICreditLines, Utilisation} from "../../../src/interfaces/ICreditLines.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {LotId, toLotId} from "../../../src/types/Ids.sol";
import {AwardQuote, Quote} from "../../../src/types/Orders.sol";
import {Admission, Approval, KIND_ANCHOR} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

/// @notice Lines as awards take them up and payments give them back.
contract UtiliseTest is Base {
    uint64 private receivableId;
    LotId private root;
    uint32 private group;

    function setUp() public override {
        super.setUp();
        // The tests' anchor becomes a subsidiary: another anchor is admitted as its parent's child and takes its place.
        group = anchor.organisation;
        Actor memory subsidiary = _newActor("subsidiary");
        Admission memory admission = _admission(subsidiary, "subsidiary", KIND_ANCHOR);
        admission.parent = group;
        subsidiary.organisation = _admitOne(admission);
        anchor = subsidiary;
        skip(KEY_DELAY);
        uint32[] memory holders = new uint32[](1);
        holders[0] = subsidiary.organisation;
        _openDepositAccounts(holders);
        _mint(subsidiary.organisation, OPENING_BALANCE);
        programmeId = _openProgramme(_programmeOrder(true));
        (receivableId, root) = _activeReceivable(programmeId);
    }

    // when the caller is not the market
    function test_RevertWhen_TheCallerIsNotTheMarket() external {
        // it should revert with CompanionRequired
        vm.expectPartialRevert(IReceivableLedger.CompanionRequired.selector);
        creditLines.utilise(funder.organisation, anchor.organisation, CNY, 1, root);
        vm.expectPartialRevert(IReceivableLedger.CompanionRequired.selector);
        creditLines.reserve(funder.organisation, anchor.organisation, CNY, 1, bytes32(0));
        vm.expectPartialRevert(IReceivableLedger.CompanionRequired.selector);
        creditLines.utiliseReserved(funder.organisation, bytes32(0), root);
        vm.expectPartialRevert(IReceivableLedger.CompanionRequired.selector);
        creditLines.releaseReserved(funder.organisation, bytes32(0));
    }

    // given the funder keeps lines, but none on the anchor or its group
    function test_RevertGiven_TheFunderKeepsLinesButNoneOnTheAnchorOrItsGroup() external {
        _setLine(funder, supplier.organisation, FACE);

        // it should revert with CreditLineMissing, and title and money stay
        _refused(FACE, ICreditLines.CreditLineMissing.selector);
        assertEq(_holder(root), supplier.organisation);
        assertEq(_balance(funder), OPENING_BALANCE);
    }

    // given the line has too little left
    function test_RevertGiven_TheLineHasTooLittleLeft() external {
        _setLine(funder, anchor.organisation, FACE - 1);

        // it should revert with CreditLineExceeded (R-36), however small the price
        _refused(FACE, ICreditLines.CreditLineExceeded.selector);
    }

    // given the group's line has too little left
    function test_RevertGiven_TheGroupsLineHasTooLittleLeft() external {
        _setLine(funder, anchor.organisation, FACE);
        _setLine(funder, group, FACE / 2);

        // it should revert with CreditLineExceeded, and use nothing of the anchor's
        _refused(FACE, ICreditLines.CreditLineExceeded.selector);
        assertEq(_line(anchor.organisation).utilised, 0);
    }

    // given the line has expired
    function test_RevertGiven_TheLineHasExpired() external {
        _setLine(funder, anchor.organisation, FACE);
        vm.warp(_line(anchor.organisation).expiresAt + 1);
        receivableId = _issue(programmeId, supplier, FACE);
        _accept(supplier, receivableId);
        root = toLotId(receivableId, 1);

        // it should revert with CreditLineExpired
        _refused(FACE, ICreditLines.CreditLineExpired.selector);
    }

    // given the funder keeps no lines
    function test_GivenTheFunderKeepsNoLines() external {
        _finance(FACE);

        // it should use none
        assertEq(creditLines.utilisation(root).amount, 0);
        assertEq(_holder(root), funder.organisation);
    }

    // given the anchor has a line of its own
    function test_GivenTheAnchorHasALineOfItsOwn() external {
        _setLine(funder, anchor.organisation, FACE);
        Quote memory quote = _quoteFor(funder, _request(supplier, root, FACE / 4), FACE / 5);

        // it should emit CreditLineUtilised
        vm.expectEmit(address(creditLines));
        emit ICreditLines.CreditLineUtilised(
            funder.organisation, anchor.organisation, CNY, 2, toLotId(receivableId, 2), FACE / 4, FACE / 4
        );
        _award(supplier, funder, quote);

        // it should use the face bought, not the price
        assertEq(_line(anchor.organisation).utilised, FACE / 4);
        Utilisation memory used = creditLines.utilisation(toLotId(receivableId, 2));
        assertEq(used.amount, FACE / 4);
        assertEq(used.anchor, anchor.organisation);
        assertEq(used.group, 0);
    }

    // given only the group has a line
    function test_GivenOnlyTheGroupHasALine() external {
        _setLine(funder, group, FACE);
        _finance(FACE);

        // it should use the group's
        assertEq(_line(group).utilised, FACE);
        assertEq(creditLines.utilisation(root).anchor, 0);
        assertEq(creditLines.utilisation(root).group, group);
    }

    // given both have one and a quote is funded
    function test_GivenBothHaveOneAndAQuoteIsFunded() external {
        _setLine(funder, anchor.organisation, FACE);
        _setLine(funder, group, FACE * 2);
        Quote memory quote = _quoteFor(funder, _request(supplier, root, FACE), FACE / 2);
        _fund(funder, quote);

        // it should reserve both, and use both once awarded
        assertEq(_line(anchor.organisation).utilised, FACE);
        assertEq(_line(group).utilised, FACE);
        _awardFunded(supplier, quote);
        assertEq(_line(anchor.organisation).utilised, FACE);
        assertEq(_line(group).utilised, FACE);
        assertEq(creditLines.utilisation(root).group, group);
    }

    // given both have one
    function test_GivenBothHaveOne() external {
        _setLine(funder, anchor.organisation, FACE);
        _setLine(funder, group, FACE * 2);
        _finance(FACE);

        // it should use both
        assertEq(_line(anchor.organisation).utilised, FACE);
        assertEq(_line(group).utilised, FACE);
    }

    // when the limit is lowered below what is used
    function test_RevertWhen_TheLimitIsLoweredBelowWhatIsUsed() external {
        _setLine(funder, anchor.organisation, FACE);
        _finance(FACE / 2);
        _setLine(funder, anchor.organisation, FACE / 4);

        // it should stop new awards with nothing left
        _refused(FACE / 4, ICreditLines.CreditLineExceeded.selector);
        assertEq(_line(anchor.organisation).utilised, FACE / 2);
    }

    // when the lot is paid in part, then in full
    function test_WhenTheLotIsPaidInPartThenInFull() external {
        _setLine(funder, anchor.organisation, FACE);
        _setLine(funder, group, FACE);
        _finance(FACE);
        _toMaturity(receivableId);
        _settle(receivableId, FACE / 4, _allLots(receivableId));

        // it should give back what was paid, to both lines, whoever calls
        vm.prank(makeAddr("anybody"));
        creditLines.release(_one(root));
        assertEq(_line(anchor.organisation).utilised, FACE - FACE / 4);
        assertEq(_line(group).utilised, FACE - FACE / 4);

        // it should give back the rest once, however often it is asked
        _settle(receivableId, FACE - FACE / 4, _allLots(receivableId));
        creditLines.release(_one(root));
        creditLines.release(_one(root));
        assertEq(_line(anchor.organisation).utilised, 0);
        assertEq(_line(group).utilised, 0);
    }

    // when nothing was paid
    function test_WhenNothingWasPaid() external {
        _setLine(funder, anchor.organisation, FACE);
        _finance(FACE);
        creditLines.release(_one(root));
        creditLines.release(_one(toLotId(receivableId, 9)));

        // it should give back nothing
        assertEq(_line(anchor.organisation).utilised, FACE);
    }

    // when the funder sells the lot on
    function test_WhenTheFunderSellsTheLotOn() external {
        _setLine(funder, anchor.organisation, FACE);
        _finance(FACE);
        _mint(stranger.organisation, FACE);
        _award(funder, stranger, _quoteFor(stranger, _request(funder, root, FACE), FACE - 1));
        creditLines.release(_one(root));

        // it should give back all of it
        assertEq(_line(anchor.organisation).utilised, 0);
    }

    // when the funder buys back what it sold before anybody released it
    function test_WhenTheFunderBuysBackWhatItSoldBeforeAnybodyReleasedIt() external {
        _setLine(funder, anchor.organisation, FACE);
        _finance(FACE);
        _mint(stranger.organisation, FACE);
        _mint(funder.organisation, FACE);
        _award(funder, stranger, _quoteFor(stranger, _request(funder, root, FACE), FACE - 1));
        _award(stranger, funder, _quoteFor(funder, _request(stranger, root, FACE), FACE - 1));

        // it should use the line once
        assertEq(_line(anchor.organisation).utilised, FACE);
    }

    // when a line is closed while it is used
    function test_WhenALineIsClosedWhileItIsUsed() external {
        _setLine(funder, anchor.organisation, FACE);
        _finance(FACE);
        _setLine(funder, anchor.organisation, 0);
        _toMaturity(receivableId);
        _settle(receivableId, FACE, _allLots(receivableId));
        creditLines.release(_one(root));

        // it should still give back what was used
        assertEq(_line(anchor.organisation).utilised, 0);
    }

    function _line(uint32 on) private view returns (CreditLine memory) {
        return creditLines.creditLine(funder.organisation, on, CNY);
    }

    function _finance(uint64 partFaceValue) private {
        _award(supplier, funder, _quoteFor(funder, _request(supplier, root, partFaceValue), partFaceValue - 1));
    }

    function _refused(uint64 partFaceValue, bytes4 expected) private {
        Quote memory quote = _quoteFor(funder, _request(supplier, root, partFaceValue), 1);
        AwardQuote memory order = _awardOrder(supplier, quote);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        Approval[] memory quoted = _approve(funder, Hash.order(quote));
        vm.expectPartialRevert(expected);
        market.awardQuote(order, approvals, quote, quoted);
    }

    function _one(LotId lotId) private pure returns (LotId[] memory lotIds) {
        lotIds = new LotId[](1);
        lotIds[0] = lotId;
    }
}
