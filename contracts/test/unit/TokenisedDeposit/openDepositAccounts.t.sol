// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {DepositAccount, ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {OpenDepositAccounts} from "../../../src/types/Orders.sol";
import {Approval} from "../../../src/types/Participants.sol";
import {Actor, Base} from "../../Base.t.sol";
import {Hash} from "../../support/Hash.sol";

contract OpenDepositAccountsTest is Base {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        OpenDepositAccounts memory order = _order(bank, auditor.organisation);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, bank, IParticipantRegistry.WrongTarget.selector);
    }

    // when another organisation orders
    function test_RevertWhen_AnotherOrganisationOrders() external {
        // it should revert with NotTheBank
        _refused(_order(anchor, auditor.organisation), anchor, ITokenisedDeposit.NotTheBank.selector);
    }

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        OpenDepositAccounts memory order = _order(bank, auditor.organisation);
        Approval[] memory approvals = _approveAlone(bank, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        deposit.openDepositAccounts(order, approvals);
    }

    // given the account is open, or asked for organisation 0
    function test_RevertGiven_TheAccountIsOpenOrAskedForOrganisation0() external {
        // it should revert with AccountAlreadyOpen or AccountUnknown
        _refused(_order(bank, supplier.organisation), bank, ITokenisedDeposit.AccountAlreadyOpen.selector);
        _refused(_order(bank, 0), bank, ITokenisedDeposit.AccountUnknown.selector);
    }

    // when the bank opens an account
    function test_WhenTheBankOpensAnAccount() external {
        OpenDepositAccounts memory order = _order(bank, auditor.organisation);
        Approval[] memory approvals = _approve(bank, Hash.order(order));

        // it should emit DepositAccountOpened
        vm.expectEmit(address(deposit));
        emit ITokenisedDeposit.DepositAccountOpened(auditor.organisation, 1);
        deposit.openDepositAccounts(order, approvals);

        // it should be open and empty
        assertTrue(deposit.hasAccount(auditor.organisation));
        DepositAccount memory account = deposit.account(auditor.organisation);
        assertEq(account.balance, 0);
        assertEq(account.earmarked, 0);
        assertEq(account.sequence, 1);
    }

    function _order(Actor memory by, uint32 holder) private returns (OpenDepositAccounts memory order) {
        order.target = address(deposit);
        order.organisation = by.organisation;
        order.nonce = _nonce(by.maker);
        order.deadline = _deadline();
        order.holders = new uint32[](1);
        order.holders[0] = holder;
    }

    function _refused(OpenDepositAccounts memory order, Actor memory by, bytes4 expected) private {
        Approval[] memory approvals = _approve(by, Hash.order(order));
        vm.expectPartialRevert(expected);
        deposit.openDepositAccounts(order, approvals);
    }
}
