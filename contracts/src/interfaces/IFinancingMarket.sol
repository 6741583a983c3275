// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {LotId} from "../types/Ids.sol";
import {AwardQuote, Quote, RequestFinancing, WithdrawFinancingRequest} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

enum FinancingStatus {
    NONE,
    REQUESTED,
    FUNDED,
    WITHDRAWN,
    LAPSED
}

/// @dev One storage word (216 bits).
struct FinancingRequest {
    LotId lotId;
    uint64 partFaceValue;
    uint40 expiresAt;
    FinancingStatus status;
    bool withRecourse;
}

/// @title Financing: a holder asks, funders quote off chain, the award moves title and money in one call.
/// @notice Assumptions: those of the ledger and of the programme's deposit. Payer, payee and token always come from
/// the registry and the ledger, never from the quote.
interface IFinancingMarket {
    event FinancingRequested(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 holder,
        uint64 partFaceValue,
        bool withRecourse,
        uint40 expiresAt
    );
    event FinancingRequestEnded(
        uint64 indexed requestId, uint64 indexed receivableId, uint32 sequence, FinancingStatus status
    );
    /// @dev `sequence` is that of the ledger's {LotFinanced}: the two are one act.
    event QuoteAwarded(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 indexed funder,
        bytes32 quote,
        uint64 netProceeds,
        bytes32 terms,
        uint32 quoteCount,
        bytes32 quoteHead
    );

    error RequestUnknown(uint64 requestId);
    error RequestNotOpen(uint64 requestId, FinancingStatus status);
    error RequestExpired(uint64 requestId, uint40 expiresAt);
    error RequestNotExpired(uint64 requestId, uint40 expiresAt);
    error QuoteMismatch(uint64 requestId, bytes32 quote);
    error PriceAboveFaceValue(uint64 netProceeds, uint64 partFaceValue);

    /// @notice Asks for financing of a lot, or of part of it. The lot is locked while the request is open.
    ///
    /// @dev Emits {FinancingRequested}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The lot's holder must have signed, naming the lot's face value and what was paid on it.
    /// - The receivable must be active; the lot free, with nothing paid on it or due to it.
    /// - A part and its remainder must be at least the minimum lot.
    function requestFinancing(RequestFinancing calldata order, Approval[] calldata approvals) external;

    /// @notice The holder takes its request back; the lot is free again.
    ///
    /// @dev Emits {FinancingRequestEnded}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The request must be open; the lot's holder must have signed.
    function withdrawFinancingRequest(WithdrawFinancingRequest calldata order, Approval[] calldata approvals) external;

    /// @notice Frees the lot of a request that expired. Anyone may call.
    ///
    /// @dev Emits {FinancingRequestEnded}.
    ///
    /// Requirements:
    /// - The request must be open and past its expiry.
    function lapseFinancingRequest(uint64 requestId) external;

    /// @notice Awards a funder's signed quote: title goes to the funder and the price to the holder, in one call.
    ///
    /// @dev Emits {QuoteAwarded}, the ledger's {LotFinanced}, the deposit's {DepositPaid}, {OrderExecuted} twice.
    ///
    /// Notes:
    /// - The award signs the number and head of the quotes' receipts: a receipt outside that chain proves omission.
    ///
    /// Requirements:
    /// - The holder must have signed this quote and price; the funder must have signed the quote.
    /// - The request must be open; the lot must be as quoted; the quote must not have expired.
    /// - The funder must be licensed and its deposit cover the price.
    function awardQuote(
        AwardQuote calldata order,
        Approval[] calldata approvals,
        Quote calldata quote,
        Approval[] calldata quoteApprovals
    ) external;

    function financingRequest(uint64 requestId) external view returns (FinancingRequest memory);
    function requestCount() external view returns (uint64);
    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
}
