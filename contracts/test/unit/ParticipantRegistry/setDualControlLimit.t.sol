// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {SetDualControlLimit} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
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

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        SetDualControlLimit memory order = _order(100);

        // it should revert with CheckerRequired
        _refused(order, _approveAlone(supplier, Hash.order(order)), IParticipantRegistry.CheckerRequired.selector);
    }

    // when maker and checker sign
    function test_WhenMakerAndCheckerSign() external {
        SetDualControlLimit memory order = _order(100);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint32 sequence = registry.participant(supplier.organisation).sequence;

        // it should emit OrderExecuted and DualControlLimitSet
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(
            Hash.order(order), supplier.organisation, supplier.maker, supplier.checker, order.nonce
        );
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.DualControlLimitSet(supplier.organisation, sequence + 1, CNY, 100);
        registry.setDualControlLimit(order, approvals);

        // it should have the limit in that currency
        assertEq(registry.dualControlLimit(supplier.organisation, CNY), 100);
        assertEq(registry.dualControlLimit(supplier.organisation, "USD"), 0);
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
