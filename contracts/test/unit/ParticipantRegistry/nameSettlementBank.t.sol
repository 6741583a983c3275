// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {NameSettlementBank} from "../../../src/types/Orders.sol";
import {Approval, KIND_SETTLEMENT_BANK, ParticipantStatus} from "../../../src/types/Participants.sol";
import {Attesting} from "../../support/Attesting.sol";
import {Hash} from "../../support/Hash.sol";

contract NameSettlementBankTest is Attesting {
    // when the order is for another contract
    function test_RevertWhen_TheOrderIsForAnotherContract() external {
        NameSettlementBank memory order = _nameBankOrder(supplier, bank.organisation);
        order.target = address(ledger);

        // it should revert with WrongTarget
        _refused(order, IParticipantRegistry.WrongTarget.selector);
    }

    // when the deadline has passed
    function test_RevertWhen_TheDeadlineHasPassed() external {
        NameSettlementBank memory order = _nameBankOrder(supplier, bank.organisation);
        order.deadline = uint64(block.timestamp - 1);

        // it should revert with OrderExpired
        _refused(order, IParticipantRegistry.OrderExpired.selector);
    }

    // when the maker signs alone
    function test_RevertWhen_TheMakerSignsAlone() external {
        NameSettlementBank memory order = _nameBankOrder(supplier, bank.organisation);
        Approval[] memory approvals = _approveAlone(supplier, Hash.order(order));

        // it should revert with CheckerRequired
        vm.expectPartialRevert(IParticipantRegistry.CheckerRequired.selector);
        registry.nameSettlementBank(order, approvals);
    }

    // when the currency is not three letters
    function test_RevertWhen_TheCurrencyIsNotThreeLetters() external {
        NameSettlementBank memory order = _nameBankOrder(supplier, bank.organisation);
        order.currency = "cny";

        // it should revert with CurrencyMalformed
        _refused(order, IParticipantRegistry.CurrencyMalformed.selector);
    }

    // when the bank is the organisation itself
    function test_RevertWhen_TheBankIsTheOrganisationItself() external {
        // it should revert with BankOfItself
        _refused(_nameBankOrder(supplier, supplier.organisation), IParticipantRegistry.BankOfItself.selector);
    }

    // when there is no such organisation
    function test_RevertWhen_ThereIsNoSuchOrganisation() external {
        // it should revert with ParticipantUnknown
        _refused(_nameBankOrder(supplier, 99), IParticipantRegistry.ParticipantUnknown.selector);
    }

    // when it is no settlement bank
    function test_RevertWhen_ItIsNoSettlementBank() external {
        NameSettlementBank memory order = _nameBankOrder(supplier, funder.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));

        // it should revert with KindRequired
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.KindRequired.selector, funder.organisation, KIND_SETTLEMENT_BANK
            )
        );
        registry.nameSettlementBank(order, approvals);
    }

    // given the organisation is suspended
    function test_RevertGiven_TheOrganisationIsSuspended() external {
        _setStatus(supplier.organisation, ParticipantStatus.SUSPENDED);

        // it should revert with ParticipantSuspended
        _refused(_nameBankOrder(supplier, bank.organisation), IParticipantRegistry.ParticipantSuspended.selector);
    }

    // when maker and checker name a bank
    function test_WhenMakerAndCheckerNameABank() external {
        NameSettlementBank memory order = _nameBankOrder(supplier, bank.organisation);
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        uint32 sequence = registry.participant(supplier.organisation).sequence;
        uint40 validFrom = uint40(block.timestamp) + KEY_DELAY;

        // it should emit SettlementBankNamed and OrderExecuted
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.SettlementBankNamed(
            supplier.organisation, sequence + 1, CNY, bank.organisation, validFrom
        );
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrderExecuted(
            Hash.order(order), supplier.organisation, supplier.maker, supplier.checker, order.nonce
        );
        registry.nameSettlementBank(order, approvals);

        // it should count after the delay, in that currency (NEW POWER WAITS)
        skip(KEY_DELAY - 1);
        assertEq(registry.settlementBankOf(supplier.organisation, CNY), 0);
        skip(1);
        assertEq(registry.settlementBankOf(supplier.organisation, CNY), bank.organisation);
        assertEq(registry.settlementBankOf(supplier.organisation, "USD"), 0);
    }

    // when they name none
    function test_WhenTheyNameNone() external {
        _nameBank(supplier, bank.organisation);
        skip(KEY_DELAY);

        _nameBank(supplier, 0);

        // it should count at once
        assertEq(registry.settlementBankOf(supplier.organisation, CNY), 0);
        skip(KEY_DELAY);
        assertEq(registry.settlementBankOf(supplier.organisation, CNY), 0);
    }

    function _refused(NameSettlementBank memory order, bytes4 expected) private {
        Approval[] memory approvals = _approve(supplier, Hash.order(order));
        vm.expectPartialRevert(expected);
        registry.nameSettlementBank(order, approvals);
    }
}
