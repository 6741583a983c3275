// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {RedeemDeposit} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract RedeemTest is Base {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        RedeemDeposit memory order = _order(anchor, 1);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, anchor, IParticipantRegistry.WrongTarget.selector);
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        RedeemDeposit memory order = _order(anchor, 1);
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(order, anchor, ITokenisedDeposit.WrongCurrency.selector);
    }

    // when the owner has not signed
    function test_RevertWhen_TheOwnerHasNotSigned() external {
        // it should revert with SignerUnknown
        _refused(_order(anchor, 1), bank, IParticipantRegistry.SignerUnknown.selector);
    }

    // given there is no account
    function test_RevertGiven_ThereIsNoAccount() external {
        // it should revert with AccountUnknown
        _refused(_order(auditor, 1), auditor, ITokenisedDeposit.AccountUnknown.selector);
    }

    // given the free balance does not cover the amount
    function test_RevertGiven_TheFreeBalanceDoesNotCoverTheAmount() external {
        (uint64 receivableId,) = _activeReceivable(programmeId);
        _settle(receivableId, FACE, new uint32[](0));

        // it should revert with DepositTooSmall: what is set aside is not free
        _refused(_order(anchor, OPENING_BALANCE - FACE + 1), anchor, ITokenisedDeposit.DepositTooSmall.selector);
    }

    // when the owner redeems
    function test_WhenTheOwnerRedeems() external {
        RedeemDeposit memory order = _order(anchor, 5);
        Approval[] memory approvals = _approve(anchor, Hash.order(order));
        uint256 supply = deposit.totalSupply();

        // it should emit DepositRedeemed and ERC-20's Transfer
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositRedeemed(anchor.organisation, 3, 5, order.referenceHash);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.Transfer(address(uint160(anchor.organisation)), address(0), 5);
        deposit.redeem(order, approvals);

        // it should debit the account and count the supply
        assertEq(_balance(anchor), OPENING_BALANCE - 5);
        assertEq(deposit.totalSupply(), supply - 5);
    }

    function _order(Actor memory by, uint64 amount) private returns (RedeemDeposit memory) {
        return RedeemDeposit({
            target: address(deposit),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            currency: CNY,
            amount: amount,
            referenceHash: keccak256("payout")
        });
    }

    function _refused(RedeemDeposit memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        deposit.redeem(order, approvals);
    }
}
