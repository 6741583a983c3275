// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {DepositAccount, DepositPayment, ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {MAXIMUM_AMOUNT} from "./types/Ids.sol";
import {LotPayment} from "./types/Ledger.sol";
import {MintDeposit, OpenDepositAccounts, RedeemDeposit} from "./types/Orders.sol";
import {Act, Approval, Signed} from "./types/Participants.sol";
import {AccountWord, OPENED_ACCOUNT} from "./types/Words.sol";

/// @notice Specified in ITokenisedDeposit.
contract TokenisedDeposit is ITokenisedDeposit {
    using Authorisation for IParticipantRegistry;

    IParticipantRegistry public immutable registry;
    address public immutable market;
    address public immutable funding;
    address public immutable settlement;
    uint32 public immutable bank;
    bytes3 public immutable currency;
    uint8 public immutable decimals;
    string public name;
    string public symbol;

    uint256 public totalSupply;
    mapping(uint32 organisation => AccountWord) private _accounts;
    /// @inheritdoc ITokenisedDeposit
    mapping(uint32 payer => mapping(bytes32 quote => uint64)) public reserved;

    constructor(
        IParticipantRegistry registry_,
        address market_,
        address funding_,
        address settlement_,
        uint32 bank_,
        bytes3 currency_,
        uint8 decimals_,
        string memory name_,
        string memory symbol_
    ) {
        registry = registry_;
        market = market_;
        funding = funding_;
        settlement = settlement_;
        bank = bank_;
        currency = currency_;
        decimals = decimals_;
        name = name_;
        symbol = symbol_;
    }

    // --- The bank's and the owners' orders

    /// @inheritdoc ITokenisedDeposit
    function openDepositAccounts(OpenDepositAccounts calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireBank(order.organisation);
        registry.authorise(orderHash, head, Act.OPEN_DEPOSIT_ACCOUNTS, currency, 0, approvals);
        // Effect
        for (uint256 i; i < order.holders.length; ++i) {
            uint32 organisation = order.holders[i];
            if (organisation == 0) revert AccountUnknown(organisation);
            if (_accounts[organisation].isOpen()) revert AccountAlreadyOpen(organisation);
            _accounts[organisation] = OPENED_ACCOUNT;
            emit DepositAccountOpened(organisation, 1);
        }
    }

    /// @inheritdoc ITokenisedDeposit
    function mint(MintDeposit calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireBank(order.organisation);
        _requireCurrency(order.currency);
        registry.authorise(orderHash, head, Act.MINT_DEPOSIT, order.currency, order.amount, approvals);
        // The supply's limit is every account's: no payment to a holder can fail for its size.
        uint256 supply = totalSupply + order.amount;
        if (supply > MAXIMUM_AMOUNT) {
            revert DepositTooLarge(order.amount, uint64(MAXIMUM_AMOUNT - totalSupply));
        }
        // Effect
        totalSupply = supply;
        uint32 sequence = _credit(order.to, order.amount);
        emit DepositMinted(order.to, sequence, order.amount, order.referenceHash);
        emit Transfer(address(0), _asAddress(order.to), order.amount);
    }

    /// @inheritdoc ITokenisedDeposit
    function redeem(RedeemDeposit calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireCurrency(order.currency);
        registry.authorise(orderHash, head, Act.REDEEM_DEPOSIT, order.currency, order.amount, approvals);
        // Effect
        uint32 sequence = _debit(order.organisation, order.amount, 0);
        totalSupply -= order.amount;
        emit DepositRedeemed(order.organisation, sequence, order.amount, order.referenceHash);
        emit Transfer(_asAddress(order.organisation), address(0), order.amount);
    }

    // --- Market and settlement

    /// @inheritdoc ITokenisedDeposit
    function pay(uint32 payer, uint32 payee, uint64 amount, Signed calldata signed) external {
        // Check
        if (msg.sender != market) revert IParticipantRegistry.VenueUnknown(msg.sender);
        registry.authoriseSigned(signed, payer, currency, amount);
        // Effect
        _pay(payer, payee, amount, signed.orderHash);
    }

    /// @inheritdoc ITokenisedDeposit
    function reserve(uint32 payer, uint64 amount, bytes32 quote, Signed calldata signed) external {
        // Check
        _requireReserver();
        registry.authoriseSigned(signed, payer, currency, amount);
        if (reserved[payer][quote] != 0) revert AlreadyReserved(payer, quote);
        // Effect
        reserved[payer][quote] = amount;
        uint32 sequence = _debit(payer, amount, amount);
        emit DepositReserved(payer, sequence, amount, quote);
    }

    /// @inheritdoc ITokenisedDeposit
    function payReserved(uint32 payer, uint32 payee, uint64 amount, bytes32 quote) external {
        // Check
        _requireReserver();
        // Effect
        uint64 setAside = _release(payer, quote);
        if (amount > setAside) revert DepositTooSmall(payer, setAside, amount);
        _pay(payer, payee, amount, quote);
    }

    /// @inheritdoc ITokenisedDeposit
    function release(uint32 payer, bytes32 quote) external {
        // Check
        _requireReserver();
        // Effect
        _release(payer, quote);
    }

    /// @inheritdoc ITokenisedDeposit
    function earmark(uint32 payer, uint64 amount, uint64 receivableId, Signed calldata signed) external {
        // Check
        if (msg.sender != settlement) revert IParticipantRegistry.VenueUnknown(msg.sender);
        registry.authoriseSigned(signed, payer, currency, amount);
        // Effect
        uint32 sequence = _debit(payer, amount, amount);
        emit DepositEarmarked(payer, sequence, amount, receivableId);
    }

    /// @inheritdoc ITokenisedDeposit
    function payEarmarked(uint32 payer, uint64 receivableId, LotPayment[] calldata payments) external {
        // Check
        if (msg.sender != settlement) revert IParticipantRegistry.VenueUnknown(msg.sender);
        // Effect
        DepositPayment[] memory paid = new DepositPayment[](payments.length);
        uint64 total;
        for (uint256 i; i < payments.length; ++i) {
            LotPayment calldata payment = payments[i];
            total += payment.amount;
            paid[i] = DepositPayment({
                payee: payment.payee, payeeSequence: _credit(payment.payee, payment.amount), amount: payment.amount
            });
            emit Transfer(_asAddress(payer), _asAddress(payment.payee), payment.amount);
        }
        AccountWord entry = _accounts[payer];
        uint64 earmarked = entry.earmarked();
        if (total > earmarked) revert DepositTooSmall(payer, earmarked, total);
        entry = entry.changed(entry.balance(), earmarked - total);
        _accounts[payer] = entry;
        emit EarmarkPaid(payer, entry.sequence(), receivableId, paid);
    }

    // --- Views

    function account(uint32 organisation) external view returns (DepositAccount memory) {
        return _accounts[organisation].toStruct();
    }

    function hasAccount(uint32 organisation) external view returns (bool) {
        return _accounts[organisation].isOpen();
    }

    /// @inheritdoc ITokenisedDeposit
    function balanceOf(address owner) external view returns (uint256) {
        if (uint160(owner) > type(uint32).max) return 0;
        AccountWord entry = _accounts[uint32(uint160(owner))];
        return uint256(entry.balance()) + entry.earmarked();
    }

    function allowance(address, address) external pure returns (uint256) {
        return 0;
    }

    function transfer(address, uint256) external pure returns (bool) {
        revert OnlyByOrder();
    }

    function approve(address, uint256) external pure returns (bool) {
        revert OnlyByOrder();
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        revert OnlyByOrder();
    }

    // --- Internals

    function _credit(uint32 organisation, uint64 amount) private returns (uint32 sequence) {
        AccountWord entry = _accounts[organisation];
        if (!entry.isOpen()) revert AccountUnknown(organisation);
        entry = entry.changed(entry.balance() + amount, entry.earmarked());
        _accounts[organisation] = entry;
        return entry.sequence();
    }

    function _pay(uint32 payer, uint32 payee, uint64 amount, bytes32 orderHash) private {
        uint32 payerSequence = _debit(payer, amount, 0);
        uint32 payeeSequence = _credit(payee, amount);
        emit DepositPaid(payer, payerSequence, payee, payeeSequence, amount, orderHash);
        emit Transfer(_asAddress(payer), _asAddress(payee), amount);
    }

    function _release(uint32 payer, bytes32 quote) private returns (uint64 amount) {
        amount = reserved[payer][quote];
        delete reserved[payer][quote];
        AccountWord entry = _accounts[payer];
        entry = entry.changed(entry.balance() + amount, entry.earmarked() - amount);
        _accounts[payer] = entry;
        emit ReserveReleased(payer, entry.sequence(), amount, quote);
    }

    /// @param setAside How much of the amount stays with the owner, earmarked.
    function _debit(uint32 organisation, uint64 amount, uint64 setAside) private returns (uint32 sequence) {
        AccountWord entry = _accounts[organisation];
        if (!entry.isOpen()) revert AccountUnknown(organisation);
        uint64 balance = entry.balance();
        if (amount > balance) revert DepositTooSmall(organisation, balance, amount);
        entry = entry.changed(balance - amount, entry.earmarked() + setAside);
        _accounts[organisation] = entry;
        return entry.sequence();
    }

    /// @dev The market for a funder's quote; Funding for an anchor's share of a discount.
    function _requireReserver() private view {
        if (msg.sender != market && msg.sender != funding) revert IParticipantRegistry.VenueUnknown(msg.sender);
    }

    function _requireBank(uint32 organisation) private view {
        if (organisation != bank) revert NotTheBank(organisation, bank);
    }

    function _requireCurrency(bytes3 ordered) private view {
        if (ordered != currency) revert WrongCurrency(ordered, currency);
    }

    function _asAddress(uint32 organisation) private pure returns (address) {
        return address(uint160(organisation));
    }
}
