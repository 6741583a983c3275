// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {LotId} from "../types/Ids.sol";
import {SetCreditLine} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @dev One funder's limit on one anchor in one currency. One storage word.
struct CreditLine {
    uint64 limit;
    uint64 utilised;
    uint40 expiresAt;
    /// Running number of this line's events.
    uint32 sequence;
}

/// @dev What one financed lot uses of its funder's lines. One storage word.
struct Utilisation {
    uint32 funder;
    /// The anchor whose own line is used; 0 where it has none.
    uint32 anchor;
    /// The nearest parent of the anchor whose line is used; 0 where none has one.
    uint32 group;
    bytes3 currency;
    uint64 amount;
}

/// @title Credit lines: how much of an anchor's debt a funder takes on, kept on chain by funders who want it kept.
/// @notice A line on a parent is a group limit: receivables of its subsidiaries use it beside the subsidiary's own
/// line, the nearest parent's where several have one. Once a funder has set a line, it buys nothing without one.
/// Exposure is face value: what the anchor still owes on the lot.
interface ICreditLines {
    event CreditLineSet(
        uint32 indexed funder,
        uint32 indexed anchor,
        bytes3 indexed currency,
        uint32 sequence,
        uint64 limit,
        uint40 expiresAt
    );
    event CreditLineUtilised(
        uint32 indexed funder,
        uint32 indexed anchor,
        bytes3 indexed currency,
        uint32 sequence,
        LotId lotId,
        uint64 amount,
        uint64 utilised
    );
    event CreditLineReleased(
        uint32 indexed funder,
        uint32 indexed anchor,
        bytes3 indexed currency,
        uint32 sequence,
        LotId lotId,
        uint64 amount,
        uint64 utilised
    );

    /// @dev Taken up for a quote, until it is awarded or ends.
    event CreditLineReserved(
        uint32 indexed funder,
        uint32 indexed anchor,
        bytes3 indexed currency,
        uint32 sequence,
        bytes32 quote,
        uint64 amount,
        uint64 utilised
    );
    /// @dev The quote has ended; where it was awarded, its lot takes up as much next.
    event CreditReserveReleased(
        uint32 indexed funder,
        uint32 indexed anchor,
        bytes3 indexed currency,
        uint32 sequence,
        bytes32 quote,
        uint64 amount,
        uint64 utilised
    );

    error CreditLineMissing(uint32 funder, uint32 anchor, bytes3 currency);
    error CreditLineExceeded(uint32 funder, uint32 anchor, bytes3 currency, uint64 available, uint64 amount);
    error CreditLineExpired(uint32 funder, uint32 anchor, bytes3 currency, uint40 expiresAt);
    error LimitTooLarge(uint64 limit, uint64 largest);

    /// @notice A funder sets, changes or (with limit 0) closes its limit on an anchor or on a group's parent.
    ///
    /// @dev Emits {CreditLineSet}, {OrderExecuted}.
    ///
    /// Notes:
    /// - A limit below what is utilised only stops new awards.
    /// - The first line a funder sets makes every later award of its quotes need one.
    ///
    /// Requirements:
    /// - The funder's maker and checker must have signed; its licence must not have lapsed.
    function setCreditLine(SetCreditLine calldata order, Approval[] calldata approvals) external;

    /// @notice Takes up the lines of a funder for a lot it buys: the anchor's own and its group's, those there are.
    ///
    /// @dev Emits {CreditLineUtilised} for each.
    ///
    /// Requirements:
    /// - The caller must be the market. There must be at least one line; none may be expired or have too little left.
    function utilise(uint32 funder, uint32 obligor, bytes3 currency, uint64 amount, LotId lotId) external;

    /// @notice Takes up the lines of a funder for a quote, so that its award finds room whatever comes between.
    ///
    /// @dev Emits {CreditLineReserved} for each.
    ///
    /// Requirements:
    /// - As for {utilise}; a quote of a funder reserves once.
    function reserve(uint32 funder, uint32 obligor, bytes3 currency, uint64 amount, bytes32 quote) external;

    /// @notice The lot that an award delivered takes up what was reserved for its quote, also where the line was
    /// lowered or has expired since.
    ///
    /// @dev Emits {CreditReserveReleased} and {CreditLineUtilised} for each line.
    ///
    /// Requirements:
    /// - The caller must be the market.
    function utiliseReserved(uint32 funder, bytes32 quote, LotId lotId) external;

    /// @notice Gives back what was reserved for a quote.
    ///
    /// @dev Emits {CreditReserveReleased} for each line.
    ///
    /// Requirements:
    /// - The caller must be the market.
    function releaseReserved(uint32 funder, bytes32 quote) external;

    /// @notice Gives back what a lot does not use any more: what was paid on it, or all once the funder has no title.
    /// Anyone may call.
    ///
    /// @dev Emits {CreditLineReleased} for each line; nothing where nothing is to be given back.
    function release(LotId[] calldata lotIds) external;

    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
    function market() external view returns (address);
    function creditLine(uint32 funder, uint32 anchor, bytes3 currency) external view returns (CreditLine memory);
    function reservation(uint32 funder, bytes32 quote) external view returns (Utilisation memory);
    function utilisation(LotId lotId) external view returns (Utilisation memory);
}
