// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {LotPayment} from "../types/Ledger.sol";
import {MintDeposit, OpenDepositAccounts, RedeemDeposit} from "../types/Orders.sol";
import {Approval, Signed} from "../types/Participants.sol";

/// @dev One organisation's account.
struct DepositAccount {
    bool isOpen;
    uint64 balance;
    /// Part of the owner's money set aside, for settlement orders that have run and for funded quotes; still the
    /// owner's deposit.
    uint64 earmarked;
    /// Running number of this account's events.
    uint32 sequence;
}

/// @dev One payment to one account, as its event shows it.
struct DepositPayment {
    uint32 payee;
    uint32 payeeSequence;
    uint64 amount;
}

/// @title A licensed settlement bank's deposit money in one currency, readable as ERC-20.
/// @notice Assumptions. (1) The bank mints only against money it owes the account's owner. (2) Market and settlement
/// given at construction are the reviewed ones. If (1) breaks, the bank is the debtor of what it minted; no other
/// contract of the network holds participants' money.
interface ITokenisedDeposit {
    event Transfer(address indexed from, address indexed to, uint256 value);

    event DepositAccountOpened(uint32 indexed organisation, uint32 sequence);
    event DepositMinted(uint32 indexed organisation, uint32 sequence, uint64 amount, bytes32 referenceHash);
    event DepositRedeemed(uint32 indexed organisation, uint32 sequence, uint64 amount, bytes32 referenceHash);
    event DepositPaid(
        uint32 indexed payer,
        uint32 payerSequence,
        uint32 indexed payee,
        uint32 payeeSequence,
        uint64 amount,
        bytes32 orderHash
    );
    event DepositEarmarked(uint32 indexed organisation, uint32 sequence, uint64 amount, uint64 receivableId);
    event EarmarkPaid(uint32 indexed payer, uint32 payerSequence, uint64 receivableId, DepositPayment[] payments);

    /// @dev Set aside for the price of a quote.
    event DepositReserved(uint32 indexed organisation, uint32 sequence, uint64 amount, bytes32 quote);
    /// @dev The quote has ended, or its price is paid next: what was set aside for it is free again.
    event ReserveReleased(uint32 indexed organisation, uint32 sequence, uint64 amount, bytes32 quote);

    error OnlyByOrder();
    error NotTheBank(uint32 organisation, uint32 bank);
    error AccountUnknown(uint32 organisation);
    error AccountAlreadyOpen(uint32 organisation);
    error DepositTooSmall(uint32 organisation, uint64 balance, uint64 amount);
    error DepositTooLarge(uint64 amount, uint64 available);
    error AlreadyReserved(uint32 organisation, bytes32 quote);
    error WrongCurrency(bytes3 currency, bytes3 expected);

    /// @notice The bank opens accounts for organisations it knows.
    ///
    /// @dev Emits {DepositAccountOpened} for each, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The bank's maker and checker must have signed.
    /// - None of the accounts may be open already.
    function openDepositAccounts(OpenDepositAccounts calldata order, Approval[] calldata approvals) external;

    /// @notice The bank credits an account.
    ///
    /// @dev Emits {DepositMinted}, ERC-20's Transfer, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The bank must have signed; the account must be open; the supply must stay within the largest amount.
    function mint(MintDeposit calldata order, Approval[] calldata approvals) external;

    /// @notice The owner gives deposit money back to the bank, which pays it out.
    ///
    /// @dev Emits {DepositRedeemed}, ERC-20's Transfer, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The account's owner must have signed; the free balance must cover the amount.
    function redeem(RedeemDeposit calldata order, Approval[] calldata approvals) external;

    /// @notice Pays the price of an award. The deposit itself checks the payer's signature.
    ///
    /// @dev Emits {DepositPaid}, ERC-20's Transfer, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The caller must be the market; both accounts open; the payer's free balance must cover the amount.
    function pay(uint32 payer, uint32 payee, uint64 amount, Signed calldata signed) external;

    /// @notice Sets money of the payer aside for a quote. The deposit itself checks the payer's signature.
    ///
    /// @dev Emits {DepositReserved}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The caller must be the market or Funding; the payer's free balance must cover the amount.
    /// - Nothing may be set aside for the quote already.
    function reserve(uint32 payer, uint64 amount, bytes32 quote, Signed calldata signed) external;

    /// @notice Pays the price of an award out of what the payer set aside for its quote; the rest is free again.
    ///
    /// @dev Emits {ReserveReleased}, {DepositPaid}, ERC-20's Transfer.
    ///
    /// Requirements:
    /// - The caller must be the market or Funding, which can spend no more for a quote than its payer signed to set
    /// aside.
    function payReserved(uint32 payer, uint32 payee, uint64 amount, bytes32 quote) external;

    /// @notice Frees what was set aside for a quote.
    ///
    /// @dev Emits {ReserveReleased}.
    ///
    /// Requirements:
    /// - The caller must be the market or Funding.
    function release(uint32 payer, bytes32 quote) external;

    /// @notice Sets money of the payer aside for a receivable. The deposit itself checks the payer's signature.
    ///
    /// @dev Emits {DepositEarmarked}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The caller must be settlement; the payer's free balance must cover the amount.
    function earmark(uint32 payer, uint64 amount, uint64 receivableId, Signed calldata signed) external;

    /// @notice Pays lots' holders out of what was set aside for their receivable.
    ///
    /// @dev Emits {EarmarkPaid}, ERC-20's Transfer for each.
    ///
    /// Requirements:
    /// - The caller must be settlement, which spends no more than the ledger recorded as paid.
    function payEarmarked(uint32 payer, uint64 receivableId, LotPayment[] calldata payments) external;

    function account(uint32 organisation) external view returns (DepositAccount memory);
    /// @notice What is set aside for a quote of its payer.
    function reserved(uint32 payer, bytes32 quote) external view returns (uint64);
    function hasAccount(uint32 organisation) external view returns (bool);
    function currency() external view returns (bytes3);
    function bank() external view returns (uint32);
    function registry() external view returns (IParticipantRegistry);
    function market() external view returns (address);
    function funding() external view returns (address);
    function settlement() external view returns (address);

    // --- ERC-20's readings; what would move money reverts, for only orders do

    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    /// @notice The currency's ISO 4217 exponent.
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    /// @notice An organisation appears as address(uint160(id)); what is set aside counts.
    function balanceOf(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function approve(address spender, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}
