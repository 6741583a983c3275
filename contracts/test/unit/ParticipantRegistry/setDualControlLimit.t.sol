// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {MAXIMUM_AMOUNT} from "../../../src/types/Ids.sol";
import {SetDualControlLimit} from "../../../src/types/Orders.sol";
import {Approval, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract SetDualControlLimitTest is Base {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        SetDualControlLimit memory order = _order(100);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, _approve(supplier, Hash.order(order)), IParticipantRegistry.WrongTarget.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        SetDualControlLimit memory order = _order(100);
        order.deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        _refused(order, _approve(supplier, Hash.order(order)), IParticipantRegistry.OrderExpired.selector);
    }

    // when the maker raises it alone
    function test_RevertWhen_TheMakerRaisesItAlone() external {
        SetDualControlLimit memory order = _order(100);

        // it should revert with CheckerRequired
        _refused(order, _approveAlone(supplier, Hash.order(order)), IParticipantRegistry.CheckerRequired.selector);
    }

    // when it is more than an amount can be
    function test_RevertWhen_ItIsMoreThanAnAmountCanBe() external {
        SetDualControlLimit memory order = _order(MAXIMUM_AMOUNT + 1);

        // it should revert with LimitTooLarge
        _refused(order, _approve(supplier, Hash.order(order)), IParticipantRegistry.LimitTooLarge.selector);
    }

    // when the currency is not three letters
    function test_RevertWhen_TheCurrencyIsNotThreeLetters() external {
        bytes3[4] memory malformed = [bytes3("CN"), "cny", "C1Y", "[NY"];
        for (uint256 i; i < 4; ++i) {
            SetDualControlLimit memory order = _order(100);
            order.currency = malformed[i];

            // it should revert with CurrencyMalformed
            _refused(order, _approve(supplier, Hash.order(order)), IParticipantRegistry.CurrencyMalformed.selector);
        }
    }

    // given the organisation is suspended
    function test_RevertGiven_TheOrganisationIsSuspended() external {
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);
        SetDualControlLimit memory order = _order(100);

        // it should revert with ParticipantSuspended
        _refused(order, _approve(supplier, Hash.order(order)), IParticipantRegistry.ParticipantSuspended.selector);
    }

    // when maker and checker raise it
    function test_WhenMakerAndCheckerRaiseIt() external {
        SetDualControlLimit memory order = _order(100);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint32 sequence = registry.participant(supplier.organisation).sequence;
        uint40 validFrom = uint40(block.timestamp) + KEY_DELAY;

        // it should emit DualControlLimitSet and OrderExecuted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.DualControlLimitSet(supplier.organisation, sequence + 1, CNY, 100, validFrom);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(
            Hash.order(order), supplier.organisation, supplier.maker, supplier.checker, order.nonce
        );
        registry.setDualControlLimit(order, approvals);

        // it should count after the delay, in that currency (NEW POWER WAITS)
        skip(KEY_DELAY - 1);
        assertEq(registry.dualControlLimit(supplier.organisation, CNY), 0);
        skip(1);
        assertEq(registry.dualControlLimit(supplier.organisation, CNY), 100);
        assertEq(registry.dualControlLimit(supplier.organisation, "USD"), 0);
    }

    // when the maker lowers it alone
    function test_WhenTheMakerLowersItAlone() external {
        _set(100);
        skip(KEY_DELAY);
        _set(500);
        SetDualControlLimit memory order = _order(60);

        registry.setDualControlLimit(order, _approveAlone(supplier, Hash.order(order)));

        // it should count at once
        assertEq(registry.dualControlLimit(supplier.organisation, CNY), 60);

        // it should take back what still waits
        skip(KEY_DELAY);
        assertEq(registry.dualControlLimit(supplier.organisation, CNY), 60);
    }

    function _set(uint64 limit) private {
        SetDualControlLimit memory order = _order(limit);
        registry.setDualControlLimit(order, _approve(supplier, Hash.order(order)));
    }

    function _order(uint64 limit) private returns (SetDualControlLimit memory) {
        return SetDualControlLimit({
            target: address(registry),
            organisation: supplier.organisation,
            nonce: _nonce(supplier.maker),
            deadline: _deadline(),
            currency: CNY,
            limit: limit
        });
    }

    function _refused(SetDualControlLimit memory order, Approval[] memory approvals, bytes4 expected) private {
        vm.expectPartialRevert(expected);
        registry.setDualControlLimit(order, approvals);
    }
}
