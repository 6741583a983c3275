// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditLine, ICreditLines, Utilisation} from "./interfaces/ICreditLines.sol";
import {IFinancingMarket} from "./interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotId, MAXIMUM_AMOUNT} from "./types/Ids.sol";
import {SetCreditLine} from "./types/Orders.sol";
import {Act, Approval} from "./types/Participants.sol";
import {LotWord} from "./types/Words.sol";

/// @notice Specified in ICreditLines.
contract CreditLines is ICreditLines {
    using Authorisation for IParticipantRegistry;

    /// @dev Parents above an anchor are looked through this far.
    uint256 private constant MOST_LEVELS = 8;

    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;
    address public immutable market;

    mapping(uint256 key => CreditLine) private _lines;
    mapping(LotId lotId => Utilisation) private _utilisations;
    mapping(uint32 funder => mapping(bytes32 quote => Utilisation)) private _reservations;

    constructor(IParticipantRegistry registry_, IReceivableLedger ledger_, address market_) {
        registry = registry_;
        ledger = ledger_;
        market = market_;
    }

    /// @inheritdoc ICreditLines
    function setCreditLine(SetCreditLine calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.SET_CREDIT_LINE, order.currency, 0, approvals);
        if (order.limit > MAXIMUM_AMOUNT) revert LimitTooLarge(order.limit, MAXIMUM_AMOUNT);
        if (order.expiresAt > type(uint40).max) revert IReceivableLedger.InstantOutOfRange(order.expiresAt);
        // Effect
        CreditLine storage line = _lines[_key(order.organisation, order.anchor, order.currency)];
        line.limit = order.limit;
        line.expiresAt = uint40(order.expiresAt);
        emit CreditLineSet(
            order.organisation, order.anchor, order.currency, ++line.sequence, order.limit, uint40(order.expiresAt)
        );
        // Interaction
        IFinancingMarket(market).requireCreditLines(order.organisation);
    }

    /// @inheritdoc ICreditLines
    function utilise(uint32 funder, uint32 obligor, bytes3 currency, uint64 amount, LotId lotId) external {
        // Check
        _requireMarket();
        // A lot that an earlier funder sold uses that funder's lines no more; nor this one's for the time before, if
        // it has bought the lot back before anybody released it.
        _keep(lotId, 0);
        // Effect
        Utilisation memory entry = _room(funder, obligor, currency, amount);
        _utilisations[lotId] = entry;
        _takeUp(entry, entry.anchor, lotId);
        _takeUp(entry, entry.group, lotId);
    }

    /// @inheritdoc ICreditLines
    function reserve(uint32 funder, uint32 obligor, bytes3 currency, uint64 amount, bytes32 quote) external {
        // Check
        _requireMarket();
        // A second would hide the first, which nobody could ever give back.
        if (_reservations[funder][quote].funder != 0) revert ITokenisedDeposit.AlreadyReserved(funder, quote);
        // Effect
        Utilisation memory entry = _room(funder, obligor, currency, amount);
        _reservations[funder][quote] = entry;
        _reserve(entry, entry.anchor, quote);
        _reserve(entry, entry.group, quote);
    }

    /// @inheritdoc ICreditLines
    function utiliseReserved(uint32 funder, bytes32 quote, LotId lotId) external {
        // Check
        _requireMarket();
        // Effect
        _keep(lotId, 0);
        Utilisation memory entry = _endReservation(funder, quote);
        _utilisations[lotId] = entry;
        _takeUp(entry, entry.anchor, lotId);
        _takeUp(entry, entry.group, lotId);
    }

    /// @inheritdoc ICreditLines
    function releaseReserved(uint32 funder, bytes32 quote) external {
        // Check
        _requireMarket();
        // Effect
        _endReservation(funder, quote);
    }

    /// @inheritdoc ICreditLines
    function release(LotId[] calldata lotIds) external {
        for (uint256 i; i < lotIds.length; ++i) {
            _release(lotIds[i]);
        }
    }

    // --- Views

    function creditLine(uint32 funder, uint32 anchor, bytes3 currency) external view returns (CreditLine memory) {
        return _lines[_key(funder, anchor, currency)];
    }

    function reservation(uint32 funder, bytes32 quote) external view returns (Utilisation memory) {
        return _reservations[funder][quote];
    }

    function utilisation(LotId lotId) external view returns (Utilisation memory) {
        return _utilisations[lotId];
    }

    // --- Internals

    /// @dev The lines that have room for an amount: the anchor's own and its group's, those there are.
    function _room(uint32 funder, uint32 obligor, bytes3 currency, uint64 amount)
        private
        view
        returns (Utilisation memory)
    {
        uint32 anchor = _hasRoom(funder, obligor, currency, amount) ? obligor : 0;
        uint32 group = _groupWithRoom(funder, obligor, currency, amount);
        if (anchor == 0 && group == 0) revert CreditLineMissing(funder, obligor, currency);
        return Utilisation({funder: funder, anchor: anchor, group: group, currency: currency, amount: amount});
    }

    /// @return group The nearest parent with a line; 0 where none has one.
    function _groupWithRoom(uint32 funder, uint32 obligor, bytes3 currency, uint64 amount)
        private
        view
        returns (uint32 group)
    {
        group = registry.participant(obligor).parent;
        for (uint256 level; level < MOST_LEVELS && group != 0; ++level) {
            if (_hasRoom(funder, group, currency, amount)) return group;
            group = registry.participant(group).parent;
        }
        return 0;
    }

    /// @return isThere Whether there is a line; one that is there and has no room refuses.
    function _hasRoom(uint32 funder, uint32 anchor, bytes3 currency, uint64 amount)
        private
        view
        returns (bool isThere)
    {
        CreditLine storage line = _lines[_key(funder, anchor, currency)];
        uint64 limit = line.limit;
        if (limit == 0) return false;
        if (line.expiresAt < block.timestamp) {
            revert CreditLineExpired(funder, anchor, currency, line.expiresAt);
        }
        uint64 utilised = line.utilised;
        uint64 available = utilised < limit ? limit - utilised : 0;
        if (amount > available) revert CreditLineExceeded(funder, anchor, currency, available, amount);
        return true;
    }

    function _takeUp(Utilisation memory entry, uint32 anchor, LotId lotId) private {
        if (anchor == 0) return;
        CreditLine storage line = _lines[_key(entry.funder, anchor, entry.currency)];
        uint64 utilised = line.utilised + entry.amount;
        line.utilised = utilised;
        emit CreditLineUtilised(entry.funder, anchor, entry.currency, ++line.sequence, lotId, entry.amount, utilised);
    }

    function _reserve(Utilisation memory entry, uint32 anchor, bytes32 quote) private {
        if (anchor == 0) return;
        CreditLine storage line = _lines[_key(entry.funder, anchor, entry.currency)];
        uint64 utilised = line.utilised + entry.amount;
        line.utilised = utilised;
        emit CreditLineReserved(entry.funder, anchor, entry.currency, ++line.sequence, quote, entry.amount, utilised);
    }

    function _endReservation(uint32 funder, bytes32 quote) private returns (Utilisation memory entry) {
        entry = _reservations[funder][quote];
        delete _reservations[funder][quote];
        _giveReserveBack(entry, entry.anchor, quote);
        _giveReserveBack(entry, entry.group, quote);
    }

    function _giveReserveBack(Utilisation memory entry, uint32 anchor, bytes32 quote) private {
        if (anchor == 0) return;
        CreditLine storage line = _lines[_key(entry.funder, anchor, entry.currency)];
        uint64 utilised = line.utilised - entry.amount;
        line.utilised = utilised;
        emit CreditReserveReleased(entry.funder, anchor, entry.currency, ++line.sequence, quote, entry.amount, utilised);
    }

    /// @dev What is still used is what the anchor owes on the lot while the funder holds it, and never more than was
    /// taken up: a part that was split off and sold is another's risk.
    function _release(LotId lotId) private {
        LotWord lot = ledger.lotWord(lotId);
        _keep(lotId, lot.holder() == _utilisations[lotId].funder ? lot.faceValue() - lot.paid() : 0);
    }

    /// @dev Gives the lines of a lot back what is used beyond `owed`.
    function _keep(LotId lotId, uint64 owed) private {
        Utilisation storage entry = _utilisations[lotId];
        uint64 used = entry.amount;
        if (owed >= used) return;
        entry.amount = owed;
        _giveBack(entry, entry.anchor, used - owed, lotId);
        _giveBack(entry, entry.group, used - owed, lotId);
    }

    function _giveBack(Utilisation storage entry, uint32 anchor, uint64 amount, LotId lotId) private {
        if (anchor == 0) return;
        uint32 funder = entry.funder;
        bytes3 currency = entry.currency;
        CreditLine storage line = _lines[_key(funder, anchor, currency)];
        uint64 utilised = line.utilised - amount;
        line.utilised = utilised;
        emit CreditLineReleased(funder, anchor, currency, ++line.sequence, lotId, amount, utilised);
    }

    function _requireMarket() private view {
        if (msg.sender != market) revert IReceivableLedger.CompanionRequired(msg.sender);
    }

    function _key(uint32 funder, uint32 anchor, bytes3 currency) private pure returns (uint256) {
        return uint256(funder) | uint256(anchor) << 32 | uint256(uint24(currency)) << 64;
    }
}
