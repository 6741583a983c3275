// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {MintDeposit} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract MintTest is Base {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        MintDeposit memory order = _mintOrder(supplier.organisation, 1);
        order.target = address(_deployDeposit(bank.organisation, CNY));

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when another organisation orders
    function test_RevertWhen_AnotherOrganisationOrders() external {
        MintDeposit memory order = _mintOrder(supplier.organisation, 1);
        order.organisation = supplier.organisation;

        // it should revert with NotTheBank
        _refused(order, ITokenisedDeposit.NotTheBank.selector);
    }

    // when the order is in another currency
    function test_RevertWhen_TheOrderIsInAnotherCurrency() external {
        MintDeposit memory order = _mintOrder(supplier.organisation, 1);
        order.currency = "USD";

        // it should revert with WrongCurrency
        _refused(order, ITokenisedDeposit.WrongCurrency.selector);
    }

    // when the bank has not signed
    function test_RevertWhen_TheBankHasNotSigned() external {
        MintDeposit memory order = _mintOrder(supplier.organisation, 1);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with SignerUnknown
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        deposit.mint(order, approvals);
    }

    // given the account is not open
    function test_RevertGiven_TheAccountIsNotOpen() external {
        // it should revert with AccountUnknown
        _refused(_mintOrder(auditor.organisation, 1), ITokenisedDeposit.AccountUnknown.selector);
    }

    // when the supply would exceed the largest amount
    function test_RevertWhen_TheSupplyWouldExceedTheLargestAmount() external {
        uint64 left = uint64(uint256(uint64(type(int64).max)) - deposit.totalSupply());

        // it should revert with DepositTooLarge, naming what is left
        _refused(_mintOrder(supplier.organisation, left + 1), ITokenisedDeposit.DepositTooLarge.selector);
        _mint(supplier.organisation, left);
        _refused(_mintOrder(supplier.organisation, 1), ITokenisedDeposit.DepositTooLarge.selector);
    }

    // when the bank mints
    function test_WhenTheBankMints() external {
        MintDeposit memory order = _mintOrder(supplier.organisation, 5);
        Approval[] memory approvals = _approve(bank, Hash.order(order));
        uint256 supply = deposit.totalSupply();

        // it should emit DepositMinted and ERC-20's Transfer
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositMinted(supplier.organisation, 2, 5, order.referenceHash);
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.Transfer(address(0), address(uint160(supplier.organisation)), 5);
        deposit.mint(order, approvals);

        // it should credit the account and count the supply
        assertEq(_balance(supplier), 5);
        assertEq(deposit.totalSupply(), supply + 5);
    }

    function _refused(MintDeposit memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(bank, Hash.order(order));
        vm.expectPartialRevert(expected);
        deposit.mint(order, approvals);
    }
}
