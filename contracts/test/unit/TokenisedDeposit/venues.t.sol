// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../src/interfaces/IParticipantRegistry.sol";
import {ITokenisedDeposit} from "../../../src/interfaces/ITokenisedDeposit.sol";
import {LotPayment} from "../../../src/types/Ledger.sol";
import {Act, Approval, Signed} from "../../../src/types/Participants.sol";
import {Base} from "../../Base.t.sol";

/// @dev pay, earmark, payEarmarked, and the surface of ERC-20.
contract DepositVenuesTest is Base {
    // when money is paid or set aside > when the caller is not the market or settlement
    function test_RevertWhen_TheCallerIsNotTheMarketOrSettlement() external {
        // it should revert with VenueUnknown
        vm.startPrank(address(ledger));
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        deposit.pay(1, 2, 1, _unsigned());
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        deposit.earmark(1, 1, 1, _unsigned());
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        deposit.payEarmarked(1, 1, new LotPayment[](0));
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        deposit.reserve(1, 1, bytes32(0), _unsigned());
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        deposit.payReserved(1, 2, 1, bytes32(0));
        vm.expectPartialRevert(IParticipantRegistry.VenueUnknown.selector);
        deposit.release(1, bytes32(0));
    }

    // when money is paid or set aside > when the caller is Funding
    function test_RevertWhen_TheCallerIsFunding() external {
        // it should revert with VenueUnknown but where it sets aside, pays from that and releases
        bytes memory expected = abi.encodeWithSelector(IParticipantRegistry.VenueUnknown.selector, address(funding));
        vm.startPrank(address(funding));
        vm.expectRevert(expected);
        deposit.pay(1, 2, 1, _unsigned());
        vm.expectRevert(expected);
        deposit.earmark(1, 1, 1, _unsigned());
        vm.expectRevert(expected);
        deposit.payEarmarked(1, 1, new LotPayment[](0));
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        deposit.reserve(funder.organisation, 1, bytes32(0), _unsigned());
        deposit.release(funder.organisation, bytes32(0));
    }

    // when money is paid or set aside > when the payer has not signed
    function test_RevertWhen_ThePayerHasNotSigned() external {
        // it should revert, for the deposit asks the registry itself
        vm.prank(address(market));
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        deposit.pay(anchor.organisation, supplier.organisation, 1, _unsigned());
        vm.prank(address(settlement));
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        deposit.earmark(anchor.organisation, 1, 1, _unsigned());
        vm.prank(address(market));
        vm.expectPartialRevert(IParticipantRegistry.SignerUnknown.selector);
        deposit.reserve(anchor.organisation, 1, bytes32(0), _unsigned());
    }

    // when the market sets aside for a quote twice
    function test_RevertWhen_TheMarketSetsAsideForAQuoteTwice() external {
        bytes32 quote = keccak256("quote");
        Signed memory first = _signed(keccak256("first"));
        Signed memory second = _signed(keccak256("second"));
        vm.startPrank(address(market));
        deposit.reserve(funder.organisation, 1, quote, first);

        // it should revert with AlreadyReserved
        vm.expectPartialRevert(ITokenisedDeposit.AlreadyReserved.selector);
        deposit.reserve(funder.organisation, 1, quote, second);
    }

    // when Funding sets aside for a share and pays from it
    function test_WhenFundingSetsAsideForAShareAndPaysFromIt() external {
        bytes32 share = bytes32(uint256(1));
        Signed memory signed = _signed(keccak256("share"));
        vm.startPrank(address(funding));
        deposit.reserve(funder.organisation, 10, share, signed);

        // it should revert with DepositTooSmall for more than was set aside
        vm.expectRevert(abi.encodeWithSelector(ITokenisedDeposit.DepositTooSmall.selector, funder.organisation, 10, 11));
        deposit.payReserved(funder.organisation, supplier.organisation, 11, share);

        // it should pay the payee and free the rest (EARMARK)
        deposit.payReserved(funder.organisation, supplier.organisation, 9, share);
        assertEq(_balance(supplier), 9);
        assertEq(_balance(funder), OPENING_BALANCE - 9);
        assertEq(deposit.account(funder.organisation).earmarked, 0);
    }

    // when settlement pays out more than was set aside
    function test_RevertWhen_SettlementPaysOutMoreThanWasSetAside() external {
        LotPayment[] memory payments = new LotPayment[](1);
        payments[0] = LotPayment({lotSequence: 1, payee: supplier.organisation, amount: 1});

        // it should revert with DepositTooSmall
        vm.prank(address(settlement));
        vm.expectPartialRevert(ITokenisedDeposit.DepositTooSmall.selector);
        deposit.payEarmarked(anchor.organisation, 1, payments);
    }

    // when anybody uses it as an ERC-20
    function test_RevertWhen_AnybodyUsesItAsAnErc20() external {
        // it should revert with OnlyByOrder
        vm.startPrank(address(uint160(anchor.organisation)));
        vm.expectRevert(ITokenisedDeposit.OnlyByOrder.selector);
        deposit.transfer(address(1), 1);
        vm.expectRevert(ITokenisedDeposit.OnlyByOrder.selector);
        deposit.approve(address(1), 1);
        vm.expectRevert(ITokenisedDeposit.OnlyByOrder.selector);
        deposit.transferFrom(address(1), address(2), 1);
    }

    // when anybody reads it as an ERC-20
    function test_WhenAnybodyReadsItAsAnErc20() external view {
        // it should show an organisation as address(uint160(id))
        assertEq(deposit.balanceOf(address(uint160(anchor.organisation))), OPENING_BALANCE);
        assertEq(deposit.balanceOf(anchor.maker), 0);
        assertEq(deposit.allowance(anchor.maker, address(this)), 0);
        assertEq(deposit.decimals(), 2);
        assertEq(deposit.totalSupply(), 2 * OPENING_BALANCE);
    }

    function _signed(bytes32 orderHash) private returns (Signed memory) {
        return Signed({
            orderHash: orderHash,
            nonce: _nonce(funder.maker),
            deadline: _deadline(),
            act: Act.FUND_QUOTE,
            approvals: _approve(funder, orderHash)
        });
    }

    function _unsigned() private view returns (Signed memory) {
        Approval[] memory approvals = new Approval[](1);
        return Signed({
            orderHash: bytes32(0), nonce: 0, deadline: _deadline(), act: Act.PROPOSE_TRANSFER, approvals: approvals
        });
    }
}
