// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FinancingRequest, FinancingStatus, IFinancingMarket} from "./interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotId} from "./types/Ids.sol";
import {AwardQuote, Quote, RequestFinancing, WithdrawFinancingRequest} from "./types/Orders.sol";
import {Act, Approval} from "./types/Participants.sol";

/// @notice Specified in IFinancingMarket.
contract FinancingMarket is IFinancingMarket {
    using Authorisation for IParticipantRegistry;

    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;

    uint64 public requestCount;
    mapping(uint64 requestId => FinancingRequest) private _requests;

    constructor(IParticipantRegistry registry_, IReceivableLedger ledger_) {
        registry = registry_;
        ledger = ledger_;
    }

    /// @inheritdoc IFinancingMarket
    function requestFinancing(RequestFinancing calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(order.target);
        if (order.expiresAt <= block.timestamp || order.expiresAt > type(uint40).max) {
            revert IReceivableLedger.InstantOutOfRange(order.expiresAt);
        }
        (uint32 holder, uint32 sequence) = _lock(order, orderHash, head, approvals);
        if (holder != order.organisation) {
            revert IReceivableLedger.NotHolder(order.lotId, holder, order.organisation);
        }
        // Effect
        uint64 requestId = ++requestCount;
        _requests[requestId] = FinancingRequest({
            lotId: order.lotId,
            partFaceValue: order.partFaceValue,
            expiresAt: uint40(order.expiresAt),
            status: FinancingStatus.REQUESTED,
            withRecourse: order.withRecourse
        });
        emit FinancingRequested(
            requestId,
            order.lotId.receivableOf(),
            sequence,
            order.lotId.sequenceOf(),
            holder,
            order.partFaceValue,
            order.withRecourse,
            uint40(order.expiresAt)
        );
    }

    /// @inheritdoc IFinancingMarket
    function withdrawFinancingRequest(WithdrawFinancingRequest calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        registry.authorise(orderHash, head, Act.WITHDRAW_FINANCING_REQUEST, bytes3(0), 0, approvals);
        FinancingRequest memory request = _openRequest(order.requestId);
        uint32 holder = _end(order.requestId, request, FinancingStatus.WITHDRAWN);
        if (holder != order.organisation) {
            revert IReceivableLedger.NotHolder(request.lotId, holder, order.organisation);
        }
    }

    /// @inheritdoc IFinancingMarket
    function lapseFinancingRequest(uint64 requestId) external {
        FinancingRequest memory request = _openRequest(requestId);
        if (block.timestamp <= request.expiresAt) revert RequestNotExpired(requestId, request.expiresAt);
        _end(requestId, request, FinancingStatus.LAPSED);
    }

    /// @inheritdoc IFinancingMarket
    function awardQuote(
        AwardQuote calldata order,
        Approval[] calldata approvals,
        Quote calldata quote,
        Approval[] calldata quoteApprovals
    ) external {
        (bytes32 quoteHash, OrderHead calldata quoteHead) = OrderReader.read(quote);
        // Check: the holder awards this very quote, and the quote is for this request as it stands.
        _requireTarget(order.target);
        _requireTarget(quote.target);
        _requireMatch(order, quote, quoteHash);
        FinancingRequest memory request = _openRequest(order.requestId);
        if (block.timestamp > request.expiresAt) revert RequestExpired(order.requestId, request.expiresAt);
        _requireQuoted(request, quote, quoteHash);
        // Effect
        request.status = FinancingStatus.FUNDED;
        _requests[order.requestId] = request;
        // Interaction: title and money, both or neither; each owner's contract checks its owner's signature.
        uint32 sequence = _deliver(order, approvals, quote);
        _pay(quote, quoteHash, quoteHead, quoteApprovals);
        _emitAwarded(order, quote, quoteHash, sequence);
    }

    function financingRequest(uint64 requestId) external view returns (FinancingRequest memory) {
        return _requests[requestId];
    }

    // --- Internals

    function _requireMatch(AwardQuote calldata order, Quote calldata quote, bytes32 quoteHash) private pure {
        if (
            order.quote != quoteHash || order.requestId != quote.requestId || order.netProceeds != quote.netProceeds
                || order.currency != quote.currency || order.organisation != quote.holder
        ) revert QuoteMismatch(order.requestId, quoteHash);
    }

    function _requireQuoted(FinancingRequest memory request, Quote calldata quote, bytes32 quoteHash) private pure {
        if (
            LotId.unwrap(request.lotId) != LotId.unwrap(quote.lotId) || request.partFaceValue != quote.partFaceValue
                || request.withRecourse != quote.withRecourse
        ) revert QuoteMismatch(quote.requestId, quoteHash);
        if (quote.netProceeds > quote.partFaceValue) {
            revert PriceAboveFaceValue(quote.netProceeds, quote.partFaceValue);
        }
        if (quote.netProceeds == 0) revert IReceivableLedger.AmountMissing();
    }

    function _lock(
        RequestFinancing calldata order,
        bytes32 orderHash,
        OrderHead calldata head,
        Approval[] calldata approvals
    ) private returns (uint32 holder, uint32 sequence) {
        bytes memory arguments = abi.encodeWithSelector(
            IReceivableLedger.lockForFinancing.selector, order.lotId, order.faceValue, order.paid, order.partFaceValue
        );
        (uint256 first, uint256 second) =
            Authorisation.callSigned(address(ledger), arguments, orderHash, head, Act.REQUEST_FINANCING, approvals);
        return (uint32(first), uint32(second));
    }

    function _deliver(AwardQuote calldata order, Approval[] calldata approvals, Quote calldata quote)
        private
        returns (uint32 sequence)
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        bytes memory arguments = abi.encodeWithSelector(
            IReceivableLedger.deliver.selector,
            quote.lotId,
            quote.faceValue,
            quote.paid,
            quote.partFaceValue,
            quote.holder,
            quote.organisation
        );
        (, uint256 second) =
            Authorisation.callSigned(address(ledger), arguments, orderHash, head, Act.AWARD_QUOTE, approvals);
        return uint32(second);
    }

    function _pay(
        Quote calldata quote,
        bytes32 quoteHash,
        OrderHead calldata quoteHead,
        Approval[] calldata quoteApprovals
    ) private {
        (, address deposit, bytes3 currency) = ledger.moneyOf(quote.lotId.receivableOf());
        if (currency != quote.currency) revert ITokenisedDeposit.WrongCurrency(quote.currency, currency);
        bytes memory arguments =
            abi.encodeWithSelector(ITokenisedDeposit.pay.selector, quote.organisation, quote.holder, quote.netProceeds);
        Authorisation.callSigned(deposit, arguments, quoteHash, quoteHead, Act.QUOTE, quoteApprovals);
    }

    function _emitAwarded(AwardQuote calldata order, Quote calldata quote, bytes32 quoteHash, uint32 sequence) private {
        emit QuoteAwarded(
            order.requestId,
            quote.lotId.receivableOf(),
            sequence,
            quote.organisation,
            quoteHash,
            quote.netProceeds,
            quote.terms,
            order.quoteCount,
            order.quoteHead
        );
    }

    function _openRequest(uint64 requestId) private view returns (FinancingRequest memory request) {
        request = _requests[requestId];
        if (request.status == FinancingStatus.NONE) revert RequestUnknown(requestId);
        if (request.status != FinancingStatus.REQUESTED) revert RequestNotOpen(requestId, request.status);
    }

    function _end(uint64 requestId, FinancingRequest memory request, FinancingStatus status)
        private
        returns (uint32 holder)
    {
        uint32 sequence;
        request.status = status;
        _requests[requestId] = request;
        (holder, sequence) = ledger.unlock(request.lotId);
        emit FinancingRequestEnded(requestId, request.lotId.receivableOf(), sequence, status);
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
    }
}
