// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICreditLines} from "./ICreditLines.sol";
import {Funding, IFunding} from "./IFunding.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {LotId} from "../types/Ids.sol";
import {
    AwardQuote,
    ClaimRecourse,
    FundQuote,
    Quote,
    RecordFiling,
    RepurchaseLot,
    RequestFinancing,
    WithdrawFinancingRequest
} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

enum FinancingStatus {
    NONE,
    REQUESTED,
    FUNDED,
    WITHDRAWN,
    LAPSED,
    /// A quote was awarded whose price is on its way outside the chain: the lot stays locked until its bank attests it.
    AWARDED,
    /// That price did not come in: the lot is its holder's, and free.
    FUNDING_FAILED
}

/// @dev One storage word (216 bits).
struct FinancingRequest {
    LotId lotId;
    uint64 partFaceValue;
    uint40 expiresAt;
    FinancingStatus status;
    bool withRecourse;
}

/// @dev A quote that is firm in fact. One storage word.
struct FundedQuote {
    uint64 requestId;
    uint40 expiresAt;
    /// Whether room in the funder's credit lines is reserved for it.
    bool usesLine;
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
    /// @dev The anchor bought its own debt back before it was due: `faceValue` of the lot is extinguished, and owed no
    /// more by the receivable.
    event LotPaidEarly(
        uint64 indexed receivableId, uint32 sequence, uint32 lotSequence, uint32 indexed holder, uint64 faceValue
    );
    /// @dev `sequence` is that of the ledger's {LotFinanced}, of {LotPaidEarly} or of {FundingAwaited}: both are one
    /// act.
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

    /// @dev A funder filed the lot of a request with the national registry, before it buys.
    event FilingRecorded(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 indexed funder,
        uint40 filedAt,
        bytes32 filing
    );
    /// @dev A funder set money aside for its quote, and reserved its credit line where it keeps one.
    event QuoteFunded(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 indexed funder,
        bytes32 quote,
        uint64 amount,
        uint40 expiresAt
    );
    /// @dev What was set aside is drawn by the award that follows, or free again.
    event FundedQuoteEnded(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 indexed funder,
        bytes32 quote,
        bool isDrawn
    );
    /// @dev A holder in default of the anchor turned to the seller that sold it the lot with recourse.
    event RecourseClaimed(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 indexed holder,
        uint32 indexed seller,
        uint64 amount,
        uint64 lateInterest
    );
    /// @dev The seller paid the holder what was outstanding, and has the lot again.
    event LotRepurchased(
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 indexed seller,
        uint32 indexed holder,
        uint64 amount,
        uint64 lateInterest
    );

    error RequestUnknown(uint64 requestId);
    error RequestNotOpen(uint64 requestId, FinancingStatus status);
    error RequestExpired(uint64 requestId, uint40 expiresAt);
    error RequestNotExpired(uint64 requestId, uint40 expiresAt);
    error QuoteMismatch(uint64 requestId, bytes32 quote);
    error PriceAboveFaceValue(uint64 netProceeds, uint64 holdback, uint64 partFaceValue);
    error EarlyPaymentWithTerms(uint64 requestId);
    error RequestChanged(uint64 requestId, LotId lotId);
    error RemainingTenorTooShort(uint64 receivableId, uint40 maturityAt, uint8 minimumDays);
    error FilingMissing(uint64 requestId, uint32 funder);
    error ReceivableDue(uint64 receivableId, uint40 maturityAt);
    error QuoteAlreadyFunded(uint32 funder, bytes32 quote);
    error QuoteNotFunded(uint32 funder, bytes32 quote);
    error FundedQuoteExpired(bytes32 quote, uint64 expiresAt);
    error FundedQuoteBinding(bytes32 quote, uint40 expiresAt);
    error RecourseMissing(LotId lotId);
    error RecourseAlreadyClaimed(LotId lotId, uint32 seller);
    error NotSeller(LotId lotId, uint32 seller, uint32 organisation);
    error LateInterestTooLow(uint64 receivableId, uint64 lateInterest, uint64 signed);

    /// @notice Asks for financing of a lot, or of part of it. The lot is locked while the request is open.
    ///
    /// @dev Emits {FinancingRequested}, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The lot's holder must have signed, naming the lot's face value and what was paid on it.
    /// - The receivable must be active; the lot free, with nothing paid on it or due to it.
    /// - A part and its remainder must be at least the minimum lot.
    /// - The receivable must still run as long as its programme asks.
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
    /// @dev Emits {QuoteAwarded}, the ledger's {LotFinanced} or {LotPaidEarly}, the deposit's {DepositPaid},
    /// {OrderExecuted} twice.
    /// Notes:
    /// - The anchor may quote for its own debt: the award then extinguishes the title before it is due, at the price
    /// both signed. No filing, licence or credit line is asked.
    /// - The award signs the number and head of the quotes' receipts: a receipt outside that chain proves omission.
    /// - Without approvals of the quote the price comes from what its funder set aside for it ({fundQuote}): the order
    /// that funded it names its hash, so nothing the funder does since can take it back.
    /// - A quote with a holdback leaves the holder the last of what is paid on the lot's face; the lot stays whole.
    /// Emits {HoldbackKept}.
    /// - A quote with an instant to pay by moves no money here, and no title: the lot stays locked, and is the funder's
    /// once its bank attests the price ({IFunding}). Emits {FundingAwaited} then, and neither of the ledger's.
    /// - Where the anchor bears a share of the discount, the holder signs for it, and is paid it too.
    ///
    /// Requirements:
    /// - The holder must have signed this quote and price; the funder must have signed the quote, or funded it.
    /// - The request must be open; the lot must be as quoted; the quote must not have expired.
    /// - The funder must be licensed, unless it is the anchor before the due instant; its deposit must cover the price.
    /// - The receivable must still run as long as its programme asks, and the funder have recorded its filing where the
    ///   programme asks for one (R-07).
    /// - Where the funder keeps credit lines, they must have room for the face it buys.
    /// - Price and holdback together must be no more than the part; early payment has neither holdback nor share.
    function awardQuote(
        AwardQuote calldata order,
        Approval[] calldata approvals,
        Quote calldata quote,
        Approval[] calldata quoteApprovals
    ) external;

    /// @notice A funder makes its sealed quote firm in fact: money is set aside for its price and room in its credit
    /// lines reserved, until the award, the end of the request, or expiry.
    ///
    /// @dev Emits {QuoteFunded}, the deposit's {DepositReserved}, {CreditLineReserved} for each line, {OrderExecuted}.
    ///
    /// Notes:
    /// - The amount is what at most is drawn; the quote's hash shows nothing, for its terms are salted. A funder that
    /// sets the face aside shows nobody its price.
    /// - The funder cannot take it back: cancelling the quote's own order changes nothing.
    ///
    /// Requirements:
    /// - The funder's maker and checker must have signed; its licence must not have lapsed.
    /// - The request must be open; the expiry in the future, and no later than the request's.
    /// - What an award asks of programme, filing and credit lines must be there already.
    /// - The funder's free deposit must cover the amount; the same quote is funded once.
    function fundQuote(FundQuote calldata order, Approval[] calldata approvals) external;

    /// @notice Frees what a funder set aside for a quote that has expired or lost. Anyone may call.
    ///
    /// @dev Emits {FundedQuoteEnded}, the deposit's {ReserveReleased}, {CreditReserveReleased} for each line.
    ///
    /// Requirements:
    /// - The quote must be funded; it must have expired, or its request have ended.
    function releaseQuote(uint32 funder, bytes32 quote) external;

    /// @notice A funder records that it has filed a request's lot with the national registry (R-07).
    ///
    /// @dev Emits {FilingRecorded}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The chain has a commitment to the number; the number itself is the parties'.
    /// - A later record of the same funder takes the place of the earlier one.
    ///
    /// Requirements:
    /// - A licensed funder must have signed; the request must be open, for this lot.
    /// - The filing must be named, and not be of the future.
    function recordFiling(RecordFiling calldata order, Approval[] calldata approvals) external;

    /// @notice The holder of a lot in default claims from the seller that sold it with recourse.
    ///
    /// @dev Emits {RecourseClaimed}, {OrderExecuted}.
    ///
    /// Notes:
    /// - A claim is evidence; the seller may repurchase without one.
    ///
    /// Requirements:
    /// - The holder must have signed, naming the lot's face value and what was paid on it.
    /// - The lot must have been sold with recourse, not be settled, and the receivable's grace must have ended.
    function claimRecourse(ClaimRecourse calldata order, Approval[] calldata approvals) external;

    /// @notice The seller takes a lot in default back, against what is outstanding on it and the late interest.
    ///
    /// @dev Emits {LotRepurchased}, ERC-3525's Transfer, the deposit's {DepositPaid}, {OrderExecuted}.
    ///
    /// Notes:
    /// - What the anchor pays from then on is the seller's (R-22): the holder keeps no surplus.
    /// - A suspended seller may repurchase. The holder's signature is not asked: it is paid in full.
    ///
    /// Requirements:
    /// - The latest seller with recourse must have signed, naming lot, holder and amount, and the most late interest.
    /// - The lot must be free and paid up to date; the receivable's grace must have ended.
    /// - The seller's free deposit must cover both.
    function repurchaseLot(RepurchaseLot calldata order, Approval[] calldata approvals) external;

    /// @notice Title to the funder whose price came in, and what binds it and the seller. For Funding only.
    ///
    /// @dev Emits {FinancingRequestEnded}, ERC-3525's Transfer; with a holdback {HoldbackKept}.
    ///
    /// @return sequence The receivable's event in which Funding says so.
    function completeFunding(uint64 requestId, Funding calldata awaited) external returns (uint32 sequence);

    /// @notice The lot is its holder's again, and free. For Funding only.
    ///
    /// @dev Emits {FinancingRequestEnded}, {CreditReserveReleased} for each line.
    function failFunding(uint64 requestId, Funding calldata awaited) external;

    /// @notice The number of the receivable's next event. For Funding only.
    function advance(uint64 receivableId) external returns (uint32);

    /// @notice From now on every award to the funder needs a credit line. For CreditLines only.
    function requireCreditLines(uint32 funder) external;

    /// @notice The latest seller of a lot with recourse; 0 where there is none.
    function recourseOf(LotId lotId) external view returns (uint32 seller, bool isClaimed);
    function fundedQuote(uint32 funder, bytes32 quote) external view returns (FundedQuote memory);
    function filing(uint64 requestId, uint32 funder) external view returns (bytes32);
    function creditLines() external view returns (ICreditLines);
    function funding() external view returns (IFunding);
    function needsCreditLine(uint32 funder) external view returns (bool);
    function financingRequest(uint64 requestId) external view returns (FinancingRequest memory);
    function requestCount() external view returns (uint64);
    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
}
