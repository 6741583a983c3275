// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFinancingMarket} from "./IFinancingMarket.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {IReceivableLedger} from "./IReceivableLedger.sol";
import {AttestFunding, AwardQuote, BearInterest, ConfirmFunding, FundingEnd, Quote} from "../types/Orders.sol";
import {Approval} from "../types/Participants.sol";

/// @dev An award whose price is on its way by bank transfer. Three storage words.
struct Funding {
    bytes32 quote;
    uint32 funder;
    /// The holder's settlement bank at the award, whose word counts.
    uint32 bank;
    uint40 payBy;
    uint64 netProceeds;
    /// Whether room in the funder's credit lines is reserved for it.
    bool usesLine;
    uint64 holdback;
    /// What the anchor pays beside the price, of what it set aside.
    uint64 obligorInterest;
}

/// @dev What an anchor set aside for its share of a discount. One storage word.
struct BorneInterest {
    uint64 amount;
    uint40 expiresAt;
    uint16 shareBps;
}

/// @title Funding: what pays for title beside the funder's deposit: a bank transfer, or the anchor's share.
/// @notice Assumptions: those of the market, whose companion it is, and of Settlement, which keeps the lines of
/// statements. Money that moved outside the chain is as true as the word of the bank its payee named; if that is false,
/// the bank answers to the payee, and its signature proves it. Until that word comes the lot is the holder's, locked.
interface IFunding {
    /// @dev The price is on its way by bank transfer; one act with the {QuoteAwarded} that follows.
    event FundingAwaited(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 bank,
        uint64 holdback,
        uint64 obligorInterest,
        uint40 payBy
    );
    /// @dev The payee's own word, of its own statement; nothing is funded by it alone.
    event FundingConfirmed(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 indexed payee,
        uint32 bank,
        uint64 amount,
        bytes32 lineHash
    );
    /// @dev The price came in, and title is the funder's.
    event FundingAttested(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 lotSequence,
        uint32 payee,
        uint32 indexed funder,
        uint32 bank,
        uint64 amount,
        uint40 valueAt,
        bytes32 lineHash
    );
    /// @dev The anchor set money aside for its share of the discount.
    event InterestBorne(
        uint64 indexed requestId,
        uint64 indexed receivableId,
        uint32 sequence,
        uint32 indexed obligor,
        uint16 shareBps,
        uint64 amount,
        uint40 expiresAt
    );
    /// @dev `amount` is paid to the holder, and the rest of what was set aside is free again.
    event InterestEnded(
        uint64 indexed requestId, uint64 indexed receivableId, uint32 sequence, uint32 indexed obligor, uint64 amount
    );

    error PartByTransfer(uint64 requestId, uint64 partFaceValue, uint64 faceValue);
    error SettlementBankMissing(uint32 organisation, bytes3 currency);
    error FundingNotAwaited(uint64 requestId, bytes32 quote);
    error NotFunder(uint64 requestId, uint32 funder, uint32 organisation);
    error FundingAwaitedUntil(uint64 requestId, uint40 instant);
    error FundedAmountDiffers(uint64 requestId, uint64 netProceeds, uint64 amount);
    error InterestShareMalformed(uint16 shareBps);
    error InterestAlreadyBorne(uint64 requestId);
    error InterestNotBorne(uint64 requestId);
    error InterestBinding(uint64 requestId, uint40 expiresAt);
    error InterestChanged(uint64 requestId, uint64 obligorInterest, uint64 signed);

    // --- Market

    /// @notice Keeps an award until its price is attested. For the market only, which has checked both orders.
    ///
    /// @dev Emits {FundingAwaited}.
    ///
    /// Requirements:
    /// - The lot must be as quoted, wholly asked for, neither paid nor frozen, of an active receivable; the funder one
    /// that may have it. With a holdback, no earlier seller may have anything held back of the lot.
    /// - The holder must have named its settlement bank, which may attest.
    /// - The instant to pay by must lie ahead, and the long stop a week after it before the due instant.
    /// - The anchor's share must be as the holder signed it.
    function awaitFunding(AwardQuote calldata order, Quote calldata quote, uint32 sequence, bool usesLine) external;

    /// @notice Pays the holder the anchor's share of the discount. For the market only.
    ///
    /// @dev Emits {InterestEnded}, the deposit's {ReserveReleased} and {DepositPaid}.
    ///
    /// Requirements:
    /// - The share must be as the holder signed it.
    function payInterest(AwardQuote calldata order, Quote calldata quote) external;

    // --- Participants' orders

    /// @notice The payee says that it was paid the price of an awarded quote, by a line of its own statement.
    ///
    /// @dev Emits {FundingConfirmed}, {OrderExecuted}.
    ///
    /// Notes:
    /// - Nothing is funded by it: the payee's bank has to attest the very same.
    ///
    /// Requirements:
    /// - The award must be waiting for its price; the lot's holder must have signed.
    function confirmFunding(ConfirmFunding calldata order, Approval[] calldata approvals) external;

    /// @notice The payee's settlement bank attests that the price of an awarded quote came in: title is the funder's.
    ///
    /// @dev Emits {FundingAttested}, the market's {FinancingRequestEnded}, ERC-3525's Transfer, {OrderExecuted}; with a
    /// holdback {HoldbackKept}, with the anchor's share {InterestEnded} and the deposit's {DepositPaid}.
    ///
    /// Notes:
    /// - It counts until somebody ends the award, however late: money that came in late is money.
    ///
    /// Requirements:
    /// - The award must be waiting for its price; the bank that the holder had named by then must have signed.
    /// - Where that bank is of the funder's group, or of the group of the bank the funder named, or keeps the funder's
    ///   deposit, or the funder named none, the payee must have confirmed the very same.
    /// - The amount must be the price; the value date must not lie ahead; the statement's line must bear it.
    /// - The lot must not be frozen, nor paid since; neither payee nor funder be blocked.
    function attestFunding(AttestFunding calldata order, Approval[] calldata approvals) external;

    /// @notice The funder gives up an award whose price it has not paid: the lot is its holder's, and free.
    ///
    /// @dev Emits the market's {FinancingRequestEnded}, {CreditReserveReleased} for each line, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The award must be waiting for its price; the funder must have signed. A suspended funder still releases.
    function releaseFunding(FundingEnd calldata order, Approval[] calldata approvals) external;

    /// @notice The payee's bank says that the price was not received in time: the lot is its holder's, and free.
    ///
    /// @dev Emits the market's {FinancingRequestEnded}, {CreditReserveReleased} for each line, {OrderExecuted}.
    ///
    /// Requirements:
    /// - The award must be waiting for its price, and the instant to pay by be past; the bank must have signed.
    function denyFunding(FundingEnd calldata order, Approval[] calldata approvals) external;

    /// @notice Ends an award whose price nobody attested by its long stop. Anyone may call.
    ///
    /// @dev Emits the market's {FinancingRequestEnded}, {CreditReserveReleased} for each line.
    ///
    /// Requirements:
    /// - The award must be waiting for its price, and the week after the instant to pay by be past.
    function lapseFunding(uint64 requestId) external;

    /// @notice The anchor bears a share of the discount at which a request is financed.
    ///
    /// @dev Emits {InterestBorne}, the deposit's {DepositReserved}, {OrderExecuted}.
    ///
    /// Notes:
    /// - The share is rounded half-up to the minor unit, and is at most what was set aside. It reaches the holder with
    ///   the price: the funder's quote stays what it was.
    /// - The anchor cannot take it back before it expires.
    ///
    /// Requirements:
    /// - The obligor's maker and checker must have signed; its free deposit must cover the amount.
    /// - The request must be open and for the lot named, and nobody bear a share of it yet; the expiry be no later than
    /// the request's.
    function bearInterest(BearInterest calldata order, Approval[] calldata approvals) external;

    /// @notice Frees what an anchor set aside for a request that has ended, or whose time is over. Anyone may call.
    ///
    /// @dev Emits {InterestEnded}, the deposit's {ReserveReleased}.
    ///
    /// Requirements:
    /// - Something must be set aside; it must have expired, or its request have ended, and await no price.
    function releaseInterest(uint64 requestId) external;

    // --- Views

    /// @notice What an award waits for; all zero where none does.
    function awaited(uint64 requestId) external view returns (Funding memory);
    /// @notice What is set aside for the anchor's share; all zero where nothing is.
    function borneInterest(uint64 requestId) external view returns (BorneInterest memory);
    function market() external view returns (IFinancingMarket);
    function registry() external view returns (IParticipantRegistry);
    function ledger() external view returns (IReceivableLedger);
}
