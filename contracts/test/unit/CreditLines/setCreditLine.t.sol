// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "../../../src/interfaces/ICreditLines.sol";
import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "../../../src/interfaces/IReceivableLedger.sol";
import {SetCreditLine} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract SetCreditLineTest is Base {
    uint64 private constant LIMIT = 400_000_00;

    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        SetCreditLine memory order = _lineOrder(funder, anchor.organisation, LIMIT);
        order.target = address(market);

        // it should revert with WrongTarget
        _refused(funder, order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the organisation is no funder
    function test_RevertWhen_TheOrganisationIsNoFunder() external {
        // it should revert with KindRequired (R-06)
        _refused(supplier, _lineOrder(supplier, anchor.organisation, LIMIT), IParticipantRegistry.KindRequired.selector);
    }

    // when only the maker has signed
    function test_RevertWhen_OnlyTheMakerHasSigned() external {
        SetCreditLine memory order = _lineOrder(funder, anchor.organisation, LIMIT);
        Approval[] memory alone = _approveAlone(funder, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        creditLines.setCreditLine(order, alone);
    }

    // when limit or expiry are out of range
    function test_RevertWhen_LimitOrExpiryAreOutOfRange() external {
        SetCreditLine memory large = _lineOrder(funder, anchor.organisation, uint64(type(int64).max) + 1);
        SetCreditLine memory late = _lineOrder(funder, anchor.organisation, LIMIT);
        late.expiresAt = uint64(type(uint40).max) + 1;

        // it should revert with LimitTooLarge or InstantOutOfRange
        _refused(funder, large, ICreditLines.LimitTooLarge.selector);
        _refused(funder, late, IReceivableLedger.InstantOutOfRange.selector);
    }

    // when a funder sets its first line
    function test_WhenAFunderSetsItsFirstLine() external {
        SetCreditLine memory order = _lineOrder(funder, anchor.organisation, LIMIT);
        Approval[] memory approvals = _approve(funder, Hash.order(order));

        // it should emit CreditLineSet
        vm.expectEmit(address(creditLines));
        emit ICreditLines.CreditLineSet(
            funder.organisation, anchor.organisation, CNY, 1, LIMIT, uint40(order.expiresAt)
        );
        creditLines.setCreditLine(order, approvals);

        // it should keep limit and expiry
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).limit, LIMIT);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).expiresAt, order.expiresAt);

        // it should make every later award to that funder need a line, and to no other
        assertTrue(market.needsCreditLine(funder.organisation));
        assertFalse(market.needsCreditLine(stranger.organisation));
    }

    // when a line is changed
    function test_WhenALineIsChanged() external {
        _setLine(funder, anchor.organisation, LIMIT);
        _setLine(funder, anchor.organisation, LIMIT / 2);

        // it should count the events of the line
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).limit, LIMIT / 2);
        assertEq(creditLines.creditLine(funder.organisation, anchor.organisation, CNY).sequence, 2);
    }

    // when anybody else tells the market that a funder keeps lines
    function test_RevertWhen_AnybodyElseTellsTheMarketThatAFunderKeepsLines() external {
        // it should revert with CompanionRequired
        vm.expectPartialRevert(IReceivableLedger.CompanionRequired.selector);
        market.requireCreditLines(funder.organisation);
    }

    function _refused(Actor memory by, SetCreditLine memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        creditLines.setCreditLine(order, approvals);
    }
}
