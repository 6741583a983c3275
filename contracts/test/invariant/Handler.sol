// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Vm} from "forge-std/Vm.sol";
import {CreditLine, ICreditLines} from "../../src/interfaces/ICreditLines.sol";
import {IDocumentRegistry} from "../../src/interfaces/IDocumentRegistry.sol";
import {Freeze, IEncumbrances, Pledge, PledgeStatus} from "../../src/interfaces/IEncumbrances.sol";
import {
    FinancingRequest,
    FinancingStatus,
    FundedQuote,
    IFinancingMarket
} from "../../src/interfaces/IFinancingMarket.sol";
import {BorneInterest, Funding, IFunding} from "../../src/interfaces/IFunding.sol";
import {IIssuance, Run} from "../../src/interfaces/IIssuance.sol";
import {IParticipantRegistry} from "../../src/interfaces/IParticipantRegistry.sol";
import {ILedgerLens} from "../../src/interfaces/ILedgerLens.sol";
import {IReceivableLedger} from "../../src/interfaces/IReceivableLedger.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {DepositPayment, ITokenisedDeposit} from "../../src/interfaces/ITokenisedDeposit.sol";
import {LotId, toLotId} from "../../src/types/Ids.sol";
import {Arrears, Encumbrance, Lot, LotPayment, ReceivableStatus} from "../../src/types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    AcceptPledge,
    AcceptReceivable,
    AttestDocuments,
    AttestFunding,
    AttestPayment,
    AwardQuote,
    BearInterest,
    CancelReceivable,
    CarryDocuments,
    ClaimRecourse,
    ConfirmFunding,
    DENY_FUNDING_TYPEHASH,
    ENFORCE_PLEDGE_TYPEHASH,
    FreezeLots,
    FundQuote,
    FundingEnd,
    HoldLots,
    IssueBatch,
    IssueReceivable,
    IssueRow,
    LiftFreeze,
    MintDeposit,
    OfferEnd,
    Part,
    PledgeEnd,
    ProposePledge,
    ProposeTransfer,
    Quote,
    REFUSE_RECEIVABLE_TYPEHASH,
    REJECT_TRANSFER_TYPEHASH,
    RELEASE_FUNDING_TYPEHASH,
    RELEASE_PLEDGE_TYPEHASH,
    REVOKE_TRANSFER_TYPEHASH,
    RedeemDeposit,
    RenewFreeze,
    RepurchaseLot,
    RequestFinancing,
    SetCreditLine,
    SettleReceivable,
    SplitLot,
    TransferAnswer,
    UnsplitLot,
    WITHDRAW_RECEIVABLE_TYPEHASH,
    WithdrawFinancingRequest,
    WriteOffLot
} from "../../src/types/Orders.sol";
import {Approval, KIND_FUNDER, KIND_SUPPLIER, ParticipantStatus} from "../../src/types/Participants.sol";
import {Actor} from "../Base.t.sol";
import {Awaiting} from "../support/Awaiting.sol";
import {Hash} from "../support/Hash.sol";

/// @notice Thirteen organisations that do whatever the rules allow. Every act bounds its input so that it succeeds;
/// what cannot be done now is passed over. What is executed is read back from the events and remembered, so that the
/// laws can be checked against what happened.
contract Handler is Awaiting {
    uint64 private constant MAXIMUM_RECEIVABLES = 8;
    uint32 private constant MAXIMUM_LOTS_WALKED = 14;
    uint256 private constant CALLS_REMEMBERED = 16;

    struct Call {
        address target;
        bytes data;
    }

    /// @dev Those who may hold lots.
    uint32[] public holders;
    mapping(uint32 organisation => Actor) private _actors;
    Actor private _factor;
    Actor private _carrier;
    Actor private _foundry;
    /// @dev Orders that ran, to be tried again.
    Call[] internal _ran;
    /// @dev The order that offered a lot.
    mapping(LotId lotId => bytes32) internal _offers;
    uint256 private _freezeCount;
    /// @dev Quotes that were funded; some have ended.
    Quote[] internal _funded;
    /// @dev Quotes that were awarded for a bank transfer; of some the price has come in, or never will.
    Quote[] internal _awaited;

    // --- What the events told

    bytes32[] public fingerprints;
    mapping(uint64 receivableId => bytes32) public fingerprintOf;
    mapping(bytes32 orderHash => uint256) public executions;
    uint256 public executedTwice;
    uint256 public gaps;
    mapping(uint64 receivableId => uint32) public receivableSequence;
    mapping(bytes32 fingerprint => uint32) public documentSequence;
    /// @dev The fingerprint a document was entered under, by those it was carried to.
    mapping(bytes32 fingerprint => bytes32) private _origins;
    mapping(bytes32 fingerprint => uint32) public carriedTo;
    /// @dev Epochs that opened while a document was left behind.
    uint256 public leftBehind;
    mapping(uint32 organisation => uint32) public accountSequence;
    mapping(LotId lotId => uint64) public bornWith;
    mapping(LotId lotId => uint64) public takenOff;
    mapping(LotId lotId => uint32) public holderByEvents;
    mapping(uint64 receivableId => uint64) public paidOut;
    mapping(uint64 receivableId => uint64) public paidEarly;
    mapping(LotId lotId => bytes32) public settledAs;
    uint256 public settledChanged;
    mapping(bytes32 line => uint32) public lineSequence;
    /// @dev Events by which a lot moved, or its holder was paid, while it was frozen.
    uint256 public movedFrozen;
    /// @dev Awards after which a line was used beyond its limit.
    uint256 public overLimit;
    uint256 public linesUsedTwice;
    mapping(LotId lotId => uint64) private _paidByEvents;
    /// @dev Payments of a lot that took from its holder's share and its seller's holdback at once, or gave one to the
    /// other.
    uint256 public sharesMixed;

    bytes32[] public batches;
    mapping(bytes32 orderHash => uint32) public batchCount;
    mapping(bytes32 orderHash => uint64) public batchTotal;
    mapping(bytes32 orderHash => uint32) public rowsTried;
    mapping(bytes32 orderHash => uint64) public facesTried;

    mapping(string act => uint256) public done;

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
        _admit(_factor, "factor", KIND_FUNDER);
        _admit(_carrier, "carrier", KIND_SUPPLIER);
        _admit(_foundry, "foundry", KIND_SUPPLIER);
        skip(KEY_DELAY);
        uint32[] memory newcomers = new uint32[](3);
        (newcomers[0], newcomers[1], newcomers[2]) =
        (_factor.organisation, _carrier.organisation, _foundry.organisation);
        _openDepositAccounts(newcomers);
        _mint(_factor.organisation, OPENING_BALANCE);
        // The funder banks far from the payee's bank, the factor with it.
        _introduceFar();
        _nameBank(stranger, payeesBank.organisation);
        _nameBank(_factor, payeesBank.organisation);
        _nameBank(_carrier, payeesBank.organisation);
        _nameBank(_foundry, payeesBank.organisation);
        skip(KEY_DELAY);
        _introduce(supplier);
        _introduce(subSupplier);
        _introduce(stranger);
        _introduce(funder);
        _introduce(_factor);
        _introduce(_carrier);
        _introduce(_foundry);
        _actors[anchor.organisation] = anchor;
        _read();
        _begin();
    }

    /// @dev The walk begins where there is something to do: two accepted receivables, one of them in parts.
    function _begin() private {
        for (uint256 i; i < 2; ++i) {
            issue(i, i, 900_000_00 + i, 20 days);
            acceptReceivable(i);
        }
        split(1, 2, 300_000_00, 100_000_00);
        split(1 << 128, 3, 60_000_00, 1);
    }

    // --- Acts: issue

    function issue(uint256 programme, uint256 to, uint256 faceValue, uint256 document) public {
        if (ledger.receivableCount() >= MAXIMUM_RECEIVABLES || _isInArrears()) return;
        IssueRow memory row = _row(_holderBy(to), uint64(bound(faceValue, 10_000_00, 3_000_000_00)));
        row.documentAmount += uint64(bound(document, 0, row.faceValue));
        row.maturityAt = uint64(block.timestamp + 1 days + document % 60 days);
        row.graceEndsAt = row.maturityAt + 5 days;
        IssueReceivable memory order = _issueOrder(_programmeBy(programme), row);
        _send("issue", address(issuance), _issueCall(order));
    }

    /// @dev A second receivable over what is left of an invoice.
    function issueOverTheRest(uint256 which, uint256 faceValue) external {
        if (ledger.receivableCount() >= MAXIMUM_RECEIVABLES || fingerprints.length == 0 || _isInArrears()) return;
        bytes32 fingerprint = fingerprints[which % fingerprints.length];
        // Under any fingerprint it ever went by.
        if (faceValue % 2 == 0) fingerprint = _currentOf(fingerprint);
        uint64 amount = documents.document(fingerprint).amount;
        uint64 rest = amount - documents.document(fingerprint).used;
        if (rest == 0) return;
        IssueRow memory row = _row(documents.document(fingerprint).seller, uint64(bound(faceValue, 1, rest)));
        (row.documentFingerprint, row.documentAmount) = (fingerprint, amount);
        _send("issueOverTheRest", address(issuance), _issueCall(_issueOrder(programmeId, row)));
    }

    /// @dev Four rows in two runs, in either order, one of them perhaps refused.
    function issueBatch(uint256 to, uint256 faceValue, bool secondRunFirst, uint8 bad) external {
        if (ledger.receivableCount() + 4 > MAXIMUM_RECEIVABLES || _isInArrears()) return;
        IssueRow[] memory rows = new IssueRow[](4);
        uint64 total;
        for (uint256 i; i < 4; ++i) {
            rows[i] = _row(_holderBy(to), uint64(bound(faceValue >> i, 10_000_00, 500_000_00)));
            total += rows[i].faceValue;
        }
        if (bad < 4) rows[bad].supplier = anchor.organisation;
        IssueBatch memory order = _batchOrder(freeProgrammeId, 4, total, Hash.root(rows));
        bytes32 orderHash = Hash.order(order);
        batches.push(orderHash);
        (batchCount[orderHash], batchTotal[orderHash]) = (4, total);
        for (uint32 i; i < 2; ++i) {
            _issueRun(order, rows, secondRunFirst ? 1 - i : i);
        }
    }

    // --- Acts: epochs of the fingerprint key

    /// @dev One document goes on to the next epoch.
    function carry(uint256 which) external {
        if (fingerprints.length == 0) return;
        bytes32 fingerprint = fingerprints[which % fingerprints.length];
        if (carriedTo[fingerprint] <= documents.liveEpoch()) _carry(fingerprint);
    }

    /// @dev Whatever is left is carried, and the next epoch opens; not before.
    function openEpoch() external {
        uint32 next = documents.liveEpoch() + 1;
        for (uint256 i; i < fingerprints.length; ++i) {
            if (carriedTo[fingerprints[i]] == next) continue;
            vm.prank(administration);
            (bool opened,) = address(documents).call(abi.encodeCall(documents.openEpoch, (next)));
            if (opened) ++leftBehind;
            _carry(fingerprints[i]);
        }
        vm.prank(administration);
        documents.openEpoch(next);
        _read();
        ++done["openEpoch"];
    }

    function originOf(bytes32 fingerprint) public view returns (bytes32) {
        return _origins[fingerprint] == bytes32(0) ? fingerprint : _origins[fingerprint];
    }

    function _currentOf(bytes32 fingerprint) internal view returns (bytes32 current) {
        current = fingerprint;
        while (documents.successor(current) != bytes32(0)) {
            current = documents.successor(current);
        }
    }

    function _carry(bytes32 fingerprint) private {
        CarryDocuments memory statement = _carriage(_currentOf(fingerprint));
        bytes memory data = abi.encodeCall(documents.carryDocuments, (statement, _carried(statement)));
        _send("carryDocuments", address(documents), data);
    }

    function acceptReceivable(uint256 which) public {
        (bool found, uint64 receivableId) = _receivableBy(which, ReceivableStatus.OFFERED);
        if (!found || block.timestamp >= lens.receivableTerms(receivableId).maturityAt) return;
        Actor memory by = _actors[lens.receivableTerms(receivableId).supplier];
        AcceptReceivable memory order = _acceptanceOrder(by, receivableId);
        bytes memory data = abi.encodeCall(issuance.acceptReceivable, (order, _approve(by, Hash.order(order))));
        _send("acceptReceivable", address(issuance), data);
    }

    /// @dev An offer is refused, taken back, or lapses.
    function endOffer(uint256 which, uint8 mood) external {
        (bool found, uint64 receivableId) = _receivableBy(which, ReceivableStatus.OFFERED);
        if (!found || _isFrozen(toLotId(receivableId, 1))) return;
        if (block.timestamp >= lens.receivableTerms(receivableId).maturityAt) {
            bytes memory lapse = abi.encodeCall(issuance.lapseReceivable, (receivableId, fingerprintOf[receivableId]));
            _send("lapseReceivable", address(issuance), lapse);
        } else if (mood % 4 == 0) {
            Actor memory by = _actors[lens.receivableTerms(receivableId).supplier];
            (OfferEnd memory order, Approval[] memory approvals) = _ending(by, receivableId, REFUSE_RECEIVABLE_TYPEHASH);
            _send("refuseReceivable", address(issuance), abi.encodeCall(issuance.refuseReceivable, (order, approvals)));
        } else if (mood % 4 == 1) {
            (OfferEnd memory order, Approval[] memory approvals) =
                _ending(anchor, receivableId, WITHDRAW_RECEIVABLE_TYPEHASH);
            _send(
                "withdrawReceivable", address(issuance), abi.encodeCall(issuance.withdrawReceivable, (order, approvals))
            );
        }
    }

    /// @dev One party asks for a cancellation or a credit note, or the other agrees to what was asked.
    function cancelReceivable(uint256 which, uint256 amount, bool byAnchor) external {
        (bool found, uint64 receivableId) = _receivableBy(which, ReceivableStatus.ACTIVE);
        if (!found) return;
        uint64 faceValue = lens.receivableTerms(receivableId).faceValue;
        if (!_isAsIssued(receivableId)) return;
        Actor memory by = byAnchor ? anchor : _actors[lens.receivableTerms(receivableId).supplier];
        CancelReceivable memory order = CancelReceivable({
            target: address(issuance),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: receivableId,
            faceValue: faceValue,
            amount: amount % 3 == 0 ? faceValue : faceValue / 8 + 1,
            documentFingerprint: fingerprintOf[receivableId],
            reasonHash: bytes32(0)
        });
        bytes memory data = abi.encodeCall(issuance.cancelReceivable, (order, _approve(by, Hash.order(order))));
        _send("cancelReceivable", address(issuance), data);
    }

    // --- Acts: lots

    function split(uint256 which, uint256 to, uint256 faceValue, uint256 secondFaceValue) public {
        (bool found, LotId lotId) = _lotBy(which, _isDivisible);
        if (!found) return;
        Lot memory lot = lens.lot(lotId);
        uint64 minimum = lens.minimumLot(lotId.receivableOf());
        uint64 first = uint64(bound(faceValue, minimum, lot.faceValue - minimum));
        uint64 rest = lot.faceValue - first;
        bool isTwo = rest >= 2 * minimum && secondFaceValue % 2 == 0;
        Part[] memory parts = new Part[](isTwo ? 2 : 1);
        parts[0] = Part({to: lot.tier < MAXIMUM_TIER ? _holderBy(to) : lot.holder, faceValue: first});
        if (isTwo) {
            parts[1] = Part({to: lot.holder, faceValue: uint64(bound(secondFaceValue, minimum, rest - minimum))});
        }
        Actor memory by = _actors[lot.holder];
        SplitLot memory order = _splitOrder(by, lotId, parts);
        uint32 before = lens.receivableProgress(lotId.receivableOf()).lotCount;
        _send("split", address(ledger), abi.encodeCall(ledger.splitLot, (order, _approve(by, Hash.order(order)))));
        for (uint32 i = 1; i <= parts.length; ++i) {
            _offers[toLotId(lotId.receivableOf(), before + i)] = Hash.order(order);
        }
    }

    /// @dev The youngest child that can goes back.
    function unsplit(uint256 which) external {
        (bool found, LotId lotId) = _lotBy(which, _isReturnable);
        if (!found) return;
        Lot memory lot = lens.lot(lotId);
        Actor memory by = _actors[lot.holder];
        UnsplitLot memory order = UnsplitLot({
            target: address(ledger),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            lotId: lotId,
            faceValue: lot.faceValue,
            paid: 0,
            parentFaceValue: lens.lot(toLotId(lotId.receivableOf(), lot.parent)).faceValue
        });
        _send("unsplit", address(ledger), abi.encodeCall(ledger.unsplitLot, (order, _approve(by, Hash.order(order)))));
    }

    function propose(uint256 which, uint256 to) external {
        (bool found, LotId lotId) = _lotBy(which, _isTransferable);
        if (!found) return;
        Actor memory by = _actors[_holder(lotId)];
        ProposeTransfer memory order = _transferOrder(by, lotId, _otherThan(by.organisation, to));
        bytes memory data = abi.encodeCall(ledger.proposeTransfer, (order, _approve(by, Hash.order(order))));
        _send("propose", address(ledger), data);
        _offers[lotId] = Hash.order(order);
    }

    function transferTogether(uint256 which, uint256 to) external {
        (bool found, LotId lotId) = _lotBy(which, _isTransferable);
        if (!found) return;
        Actor memory by = _actors[_holder(lotId)];
        Actor memory receiver = _actors[_otherThan(by.organisation, to)];
        ProposeTransfer memory order = _transferOrder(by, lotId, receiver.organisation);
        TransferAnswer memory answer = _answerOrder(receiver, lotId, Hash.order(order));
        bytes memory data = abi.encodeCall(
            ledger.transferLot,
            (
                order,
                _approve(by, Hash.order(order)),
                answer,
                _approve(receiver, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, answer))
            )
        );
        _send("transferTogether", address(ledger), data);
    }

    /// @dev An offered lot is accepted, rejected, taken back, or lapses, as its time and state allow.
    function answerOffer(uint256 which, uint8 mood) external {
        (bool found, LotId lotId) = _lotBy(which, _isOffered);
        if (!found) return;
        bool isExpired = block.timestamp > lens.pendingTransfer(lotId).expiresAt;
        if (isExpired && mood % 2 == 0) {
            _send("lapse", address(ledger), abi.encodeCall(ledger.lapseTransfer, (lotId)));
        } else if (mood % 5 == 1) {
            Actor memory holder = _actors[_holder(lotId)];
            TransferAnswer memory revocation = _answerOrder(holder, lotId, _offers[lotId]);
            Approval[] memory revoked = _approve(holder, Hash.answer(REVOKE_TRANSFER_TYPEHASH, revocation));
            _send("revoke", address(ledger), abi.encodeCall(ledger.revokeTransfer, (revocation, revoked)));
        } else {
            Actor memory receiver = _actors[lens.pendingTransfer(lotId).to];
            TransferAnswer memory order = _answerOrder(receiver, lotId, _offers[lotId]);
            if (mood % 5 == 3 || isExpired || !_isMovable(lotId)) {
                Approval[] memory rejected = _approve(receiver, Hash.answer(REJECT_TRANSFER_TYPEHASH, order));
                _send("reject", address(ledger), abi.encodeCall(ledger.rejectTransfer, (order, rejected)));
            } else {
                Approval[] memory accepted = _approve(receiver, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, order));
                _send("accept", address(ledger), abi.encodeCall(ledger.acceptTransfer, (order, accepted)));
            }
        }
    }

    // --- Acts: financing

    function request(uint256 which, uint256 part) external {
        (bool found, LotId lotId) = _lotBy(which, _isUnpaidAndFree);
        if (!found) return;
        Lot memory lot = lens.lot(lotId);
        uint64 minimum = lens.minimumLot(lotId.receivableOf());
        uint64 partFaceValue = lot.faceValue;
        if (part % 2 == 0 && lot.faceValue >= 2 * minimum && _isDivisible(lotId)) {
            partFaceValue = uint64(bound(part, minimum, lot.faceValue - minimum));
        }
        Actor memory by = _actors[lot.holder];
        RequestFinancing memory order = _requestOrder(by, lotId, partFaceValue);
        order.withRecourse = part % 3 != 0;
        bytes memory data = abi.encodeCall(market.requestFinancing, (order, _approve(by, Hash.order(order))));
        _send("request", address(market), data);
    }

    function award(uint256 which, uint256 by, uint256 price) external {
        (bool found, uint64 requestId) = _requestBy(which);
        if (!found) return;
        // The anchor buys its own debt back now and then.
        bool isEarly = by % 5 == 0;
        Actor memory quoting = isEarly ? anchor : _funderBy(by);
        uint64 most = _min(market.financingRequest(requestId).partFaceValue, _balance(quoting));
        if (most == 0 || !_isAwardable(requestId, quoting) || (isEarly && !_isPayableEarly(requestId))) return;
        Quote memory quote = _quoteAsAsked(quoting, requestId, uint64(bound(price, 1, most)));
        if (!isEarly) quote.holdback = _heldBack(quote, by);
        _sendAward("award", quote, isEarly ? 0 : _share(quote, price), _approve(quoting, Hash.order(quote)));
        _noteOverLimit(quoting);
    }

    function fund(uint256 which, uint256 by, uint256 price) external {
        (bool found, uint64 requestId) = _requestBy(which);
        if (!found) return;
        FinancingRequest memory asked = market.financingRequest(requestId);
        Actor memory quoting = _funderBy(by);
        uint64 most = _min(asked.partFaceValue, _balance(quoting));
        if (block.timestamp >= asked.expiresAt || most == 0 || !_lineBears(quoting, asked.partFaceValue)) return;
        Quote memory quote = _quoteAsAsked(quoting, requestId, uint64(bound(price, 1, most)));
        quote.holdback = _heldBack(quote, by);
        quote.deadline = asked.expiresAt;
        FundQuote memory order = _fundOrder(quoting, quote);
        order.amount = uint64(bound(by, quote.netProceeds, most));
        order.expiresAt = uint64(bound(price, block.timestamp + 1, asked.expiresAt));
        bytes memory data = abi.encodeCall(market.fundQuote, (order, _approve(quoting, Hash.order(order))));
        _send("fund", address(market), data);
        _funded.push(quote);
        _noteOverLimit(quoting);
    }

    /// @dev A funded quote that still binds is awarded, as its lot allows; one that does not is released.
    function endFunded(uint256 which) external {
        (bool found, Quote memory quote) = _fundedBy(which);
        if (!found) return;
        FundedQuote memory entry = market.fundedQuote(quote.organisation, Hash.order(quote));
        FinancingRequest memory asked = market.financingRequest(entry.requestId);
        if (asked.status != FinancingStatus.REQUESTED || block.timestamp > entry.expiresAt) {
            market.releaseQuote(quote.organisation, Hash.order(quote));
            _read();
            ++done["releaseQuote"];
            return;
        }
        if (_isDeliverable(entry.requestId, quote.organisation)) {
            _sendAward("awardFunded", quote, _share(quote, which), new Approval[](0));
        }
    }

    // --- Acts: prices that come by bank transfer, and the anchor's share

    function awardByTransfer(uint256 which, uint256 by, uint256 price) external {
        (bool found, uint64 requestId) = _requestBy(which);
        if (!found) return;
        FinancingRequest memory asked = market.financingRequest(requestId);
        Actor memory quoting = _funderBy(by);
        uint256 latest = lens.receivableTerms(asked.lotId.receivableOf()).maturityAt - LONG_STOP - 1;
        if (
            latest <= block.timestamp || asked.partFaceValue != lens.lot(asked.lotId).faceValue
                || !_isAwardable(requestId, quoting)
        ) return;
        Quote memory quote = _quoteAsAsked(quoting, requestId, uint64(bound(price, 1, asked.partFaceValue)));
        quote.holdback = _heldBack(quote, by);
        quote.payBy = uint64(bound(price, block.timestamp + 1, latest));
        _sendAward("awardByTransfer", quote, _share(quote, price), _approve(quoting, Hash.order(quote)));
        _awaited.push(quote);
        _noteOverLimit(quoting);
    }

    /// @dev The price comes in, or the award ends as its time allows.
    function endAwaited(uint256 which, uint256 mood) external {
        (bool found, Quote memory quote) = _awaitedBy(which);
        if (!found) return;
        Funding memory entry = funding.awaited(quote.requestId);
        if (mood % 2 == 0 && _isDeliverable(quote.requestId, entry.funder)) {
            _attestAwaited(quote, entry);
        } else if (mood % 5 == 1) {
            FundingEnd memory order = _fundingEndOrder(_actors[entry.funder], quote);
            Approval[] memory released =
                _approve(_actors[entry.funder], Hash.fundingEnd(RELEASE_FUNDING_TYPEHASH, order));
            _send("releaseFunding", address(funding), abi.encodeCall(funding.releaseFunding, (order, released)));
        } else if (block.timestamp > entry.payBy + LONG_STOP) {
            _send("lapseFunding", address(funding), abi.encodeCall(funding.lapseFunding, (quote.requestId)));
        } else if (block.timestamp > entry.payBy) {
            FundingEnd memory order = _fundingEndOrder(_bankBy(entry.bank), quote);
            Approval[] memory denied = _approve(_bankBy(entry.bank), Hash.fundingEnd(DENY_FUNDING_TYPEHASH, order));
            _send("denyFunding", address(funding), abi.encodeCall(funding.denyFunding, (order, denied)));
        }
    }

    function bearInterest(uint256 which, uint256 amount, uint256 share) external {
        (bool found, uint64 requestId) = _requestBy(which);
        if (!found || _balance(anchor) == 0 || funding.borneInterest(requestId).amount != 0) return;
        uint40 expiresAt = market.financingRequest(requestId).expiresAt;
        if (block.timestamp >= expiresAt) return;
        uint64 most = _min(_balance(anchor), 50_000_00);
        BearInterest memory order =
            _bearOrder(anchor, requestId, uint64(bound(amount, 1, most)), uint16(bound(share, 1, 10_000)));
        order.expiresAt = uint64(bound(share, block.timestamp + 1, expiresAt));
        bytes memory data = abi.encodeCall(funding.bearInterest, (order, _approve(anchor, Hash.order(order))));
        _send("bearInterest", address(funding), data);
    }

    /// @dev The first share of the discount that no longer binds.
    function releaseInterest(uint256 which) external {
        uint64 count = market.requestCount();
        for (uint64 i; i < count; ++i) {
            uint64 requestId = uint64(1 + (which % count + i) % count);
            if (funding.borneInterest(requestId).amount == 0 || _isBorneInterestBinding(requestId)) continue;
            funding.releaseInterest(requestId);
            _read();
            ++done["releaseInterest"];
            return;
        }
    }

    function _attestAwaited(Quote memory quote, Funding memory entry) private {
        Actor memory by = _bankBy(entry.bank);
        AttestFunding memory order = _attestFundingOrder(by, quote, _fundingLineOf(quote.requestId));
        if (!_isFar(entry, quote.lotId)) {
            Actor memory payee = _actors[quote.holder];
            ConfirmFunding memory word = _confirmFundingOrder(payee, order);
            bytes memory confirmed = abi.encodeCall(funding.confirmFunding, (word, _approve(payee, Hash.order(word))));
            _send("confirmFunding", address(funding), confirmed);
        }
        bytes memory data = abi.encodeCall(funding.attestFunding, (order, _approve(by, Hash.order(order))));
        _send("attestFunding", address(funding), data);
        if (settlement.statementLine(order.lineHash).used != order.amount) ++linesUsedTwice;
    }

    function _quoteAsAsked(Actor memory quoting, uint64 requestId, uint64 price) private returns (Quote memory quote) {
        quote = _quoteFor(quoting, requestId, price);
        quote.withRecourse = market.financingRequest(requestId).withRecourse;
    }

    function _sendAward(string memory act, Quote memory quote, uint64 obligorInterest, Approval[] memory quoted)
        private
    {
        Actor memory holder = _actors[quote.holder];
        AwardQuote memory order = _awardOrder(holder, quote);
        order.obligorInterest = obligorInterest;
        bytes memory data =
            abi.encodeCall(market.awardQuote, (order, _approve(holder, Hash.order(order)), quote, quoted));
        _send(act, address(market), data);
    }

    function setLine(uint256 by, uint256 limit) external {
        Actor memory keeping = by % 2 == 0 ? funder : _factor;
        SetCreditLine memory order = _lineOrder(keeping, anchor.organisation, uint64(bound(limit, 0, 3_000_000_00)));
        bytes memory data = abi.encodeCall(creditLines.setCreditLine, (order, _approve(keeping, Hash.order(order))));
        _send("setLine", address(creditLines), data);
    }

    function releaseLines(uint256 which) external {
        uint64 count = ledger.receivableCount();
        if (count == 0) return;
        uint64 receivableId = uint64(1 + which % count);
        LotId[] memory lotIds = new LotId[](lens.receivableProgress(receivableId).lotCount);
        for (uint32 i; i < lotIds.length; ++i) {
            lotIds[i] = toLotId(receivableId, i + 1);
        }
        creditLines.release(lotIds);
        _read();
        ++done["releaseLines"];
    }

    // --- Acts: default

    /// @dev What the clock says is noted; then a holder claims, a seller repurchases, or a holder writes off.
    function noteArrears(uint256 which) external {
        (bool found, uint64 receivableId) = _receivableBy(which, ReceivableStatus.ACTIVE);
        if (!found) return;
        Arrears noted = lens.receivableProgress(receivableId).arrears;
        if (block.timestamp > lens.receivableTerms(receivableId).graceEndsAt && noted != Arrears.DEFAULTED) {
            settlement.noteDefault(receivableId);
        } else if (noted == Arrears.NONE && block.timestamp >= lens.receivableTerms(receivableId).maturityAt + 1 days) {
            settlement.noteOverdue(receivableId);
        }
        _read();
        ++done["noteArrears"];
    }

    function claim(uint256 which) external {
        (bool found, LotId lotId) = _lotBy(which, _isClaimable);
        if (!found) return;
        Actor memory by = _actors[_holder(lotId)];
        ClaimRecourse memory order = _claimOrder(by, lotId);
        _send("claim", address(market), abi.encodeCall(market.claimRecourse, (order, _approve(by, Hash.order(order)))));
    }

    function repurchase(uint256 which) external {
        (bool found, LotId lotId) = _lotBy(which, _isRepurchasable);
        if (!found) return;
        (uint32 seller,) = market.recourseOf(lotId);
        Actor memory by = _actors[seller];
        RepurchaseLot memory order = _repurchaseOrder(by, lotId);
        if (_balance(by) < 2 * uint256(order.amount)) return;
        bytes memory data = abi.encodeCall(market.repurchaseLot, (order, _approve(by, Hash.order(order))));
        _send("repurchase", address(market), data);
    }

    function writeOff(uint256 which) external {
        (bool found, LotId lotId) = _lotBy(which, _isInDefaultAndFree);
        if (!found) return;
        Actor memory by = _actors[_holder(lotId)];
        WriteOffLot memory order = _writeOffOrder(by, lotId);
        bytes memory data = abi.encodeCall(settlement.writeOffLot, (order, _approve(by, Hash.order(order))));
        _send("writeOff", address(settlement), data);
    }

    function endRequest(uint256 which) external {
        (bool found, uint64 requestId) = _requestBy(which);
        if (!found) return;
        FinancingRequest memory asked = market.financingRequest(requestId);
        if (block.timestamp > asked.expiresAt) {
            _send("lapseRequest", address(market), abi.encodeCall(market.lapseFinancingRequest, (requestId)));
            return;
        }
        Actor memory by = _actors[_holder(asked.lotId)];
        WithdrawFinancingRequest memory order = WithdrawFinancingRequest({
            target: address(market),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            requestId: requestId
        });
        bytes memory data = abi.encodeCall(market.withdrawFinancingRequest, (order, _approve(by, Hash.order(order))));
        _send("withdrawRequest", address(market), data);
    }

    // --- Acts: freezes

    /// @dev Frozen for the court or for nobody, or held; one lot, or all of its holder's in the receivable.
    function freeze(uint256 which, uint256 mood, uint256 time) external {
        (bool found, LotId lotId) = _lotBy(which, _isFreezable);
        if (!found) return;
        bytes32 referenceHash = keccak256(abi.encode("order", ++_freezeCount));
        uint32[] memory lotSequences = mood % 4 == 0 ? new uint32[](0) : _sequences(lotId);
        if (mood % 3 == 0) {
            HoldLots memory hold = _holdOrder(court, lotId);
            (hold.referenceHash, hold.lotSequences) = (referenceHash, lotSequences);
            bytes memory held = abi.encodeCall(encumbrances.holdLots, (hold, _approve(court, Hash.order(hold))));
            _send("hold", address(encumbrances), held);
            return;
        }
        FreezeLots memory order = _freezeOrder(court, lotId);
        (order.referenceHash, order.lotSequences, order.toCourt) = (referenceHash, lotSequences, mood % 3 == 1);
        order.expiresAt = uint64(block.timestamp + bound(time, 1 hours, 60 days));
        bytes memory data = abi.encodeCall(encumbrances.freezeLots, (order, _approve(court, Hash.order(order))));
        _send("freeze", address(encumbrances), data);
    }

    /// @dev The court renews what holds, or lets it go.
    function endFreeze(uint256 which, uint256 mood) external {
        (bool found, LotId lotId) = _lotBy(which, _isFrozen);
        if (!found) return;
        Freeze memory first = encumbrances.freezesOf(lotId)[0];
        if (mood % 3 == 0 && !first.isHold) {
            RenewFreeze memory order = _renewOrder(court, lotId, first.referenceHash);
            order.expiresAt = first.expiresAt + 10 days;
            bytes memory data = abi.encodeCall(encumbrances.renewFreeze, (order, _approve(court, Hash.order(order))));
            _send("renew", address(encumbrances), data);
        } else {
            LiftFreeze memory order = _liftOrder(court, lotId, first.referenceHash);
            if (mood % 3 == 1) order.lotSequences = new uint32[](0);
            bytes memory data = abi.encodeCall(encumbrances.liftFreeze, (order, _approve(court, Hash.order(order))));
            _send("lift", address(encumbrances), data);
        }
    }

    // --- Acts: pledges

    /// @dev Offered, and accepted at once or left to lapse.
    function pledge(uint256 which, uint256 to, bool isAccepted) external {
        (bool found, LotId lotId) = _lotBy(which, _isFree);
        if (!found) return;
        Actor memory by = _actors[_holder(lotId)];
        Actor memory pledgee = _actors[_otherThan(by.organisation, to)];
        ProposePledge memory order = _pledgeOrder(by, lotId, pledgee.organisation);
        order.securedAmount = uint64(bound(to, 1, 2 * uint256(order.faceValue)));
        order.dueAt = uint64(block.timestamp + to % 30 days);
        bytes32 offered = Hash.order(order);
        bytes memory data = abi.encodeCall(encumbrances.proposePledge, (order, _approve(by, offered)));
        _send("proposePledge", address(encumbrances), data);
        if (!isAccepted) return;
        AcceptPledge memory answer = _pledgeAcceptance(pledgee, lotId, offered);
        data = abi.encodeCall(encumbrances.acceptPledge, (answer, _approve(pledgee, Hash.order(answer))));
        _send("acceptPledge", address(encumbrances), data);
    }

    /// @dev The pledgee enforces once the debt was due, or releases.
    function endPledge(uint256 which, bool isEnforced) external {
        (bool found, LotId lotId) = _lotBy(which, _isPledged);
        if (!found) return;
        Pledge memory entry = encumbrances.pledgeOf(lotId);
        Actor memory by = _actors[entry.pledgee];
        PledgeEnd memory order = _pledgeEndOrder(by, lotId, entry.pledge);
        if (isEnforced && entry.status == PledgeStatus.HELD) {
            if (block.timestamp <= entry.dueAt) return;
            Approval[] memory enforced = _approve(by, Hash.pledgeEnd(ENFORCE_PLEDGE_TYPEHASH, order));
            bytes memory enforcing = abi.encodeCall(encumbrances.enforcePledge, (order, enforced));
            _send("enforcePledge", address(encumbrances), enforcing);
        } else {
            Approval[] memory released = _approve(by, Hash.pledgeEnd(RELEASE_PLEDGE_TYPEHASH, order));
            bytes memory releasing = abi.encodeCall(encumbrances.releasePledge, (order, released));
            _send("releasePledge", address(encumbrances), releasing);
        }
    }

    // --- Acts: money and time

    function settle(uint256 which, uint256 amount, uint256 lots) external {
        (bool found, uint64 receivableId) = _receivableBy(which, ReceivableStatus.ACTIVE);
        if (!found) (found, receivableId) = _receivableBy(which, ReceivableStatus.WRITTEN_OFF);
        if (!found) return;
        uint64 outstanding = lens.receivableTerms(receivableId).faceValue - lens.receivableProgress(receivableId).paid;
        // Late interest never is as much as the amount it is on: not within the walks' 600 days.
        uint64 most = _min(outstanding, _balance(anchor) / 2);
        bool isDue = block.timestamp >= lens.receivableTerms(receivableId).maturityAt;
        if (most == 0 || (!isDue && (most < outstanding || lots % 8 != 0))) return;
        SettleReceivable memory order =
            _settleOrder(receivableId, isDue && lots % 4 != 0 ? uint64(bound(amount, 1, most)) : most);
        bytes memory data = abi.encodeCall(
            settlement.settleReceivable, (order, _approve(anchor, Hash.order(order)), _someLots(receivableId, lots))
        );
        _send("settle", address(settlement), data);
    }

    /// @dev Unknown and repeated lots among them, and perhaps a blocked holder.
    function crank(uint256 which, uint256 lots, uint256 blocked) external {
        uint64 count = ledger.receivableCount();
        if (count == 0) return;
        uint64 receivableId = uint64(1 + which % count);
        uint32 unlucky = _holderBy(blocked);
        if (blocked % 3 == 0) _setStatus(unlucky, ParticipantStatus.BLOCKED);
        bytes memory data = abi.encodeCall(settlement.payLots, (receivableId, _someLots(receivableId, lots)));
        _send("crank", address(settlement), data);
        if (blocked % 3 == 0) _setStatus(unlucky, ParticipantStatus.ADMITTED);
    }

    /// @dev Paid what is due to it from what was set aside, and then the rest outside the chain.
    function attest(uint256 which) external {
        (bool found, LotId lotId) = _lotBy(which, _isPayableOutside);
        if (!found || registry.settlementBankOf(_holder(lotId), CNY) != payeesBank.organisation) return;
        uint32[] memory only = new uint32[](1);
        only[0] = lotId.sequenceOf();
        _send("crank", address(settlement), abi.encodeCall(settlement.payLots, (lotId.receivableOf(), only)));
        if (lens.lot(lotId).settled) return;
        AttestPayment memory order = _attestOrder(payeesBank, lotId, _lineOf(lotId));
        bytes memory data = abi.encodeCall(settlement.attestPayment, (order, _approve(payeesBank, Hash.order(order))));
        _send("attest", address(settlement), data);
        (bytes32 line, uint64 total) = (order.lineHash, order.amount + order.lateInterest);
        if (settlement.statementLine(line).used != total) ++linesUsedTwice;
    }

    function mint(uint256 to, uint256 amount) external {
        MintDeposit memory order =
            _mintOrder(to % 2 == 0 ? anchor.organisation : _holderBy(to), uint64(bound(amount, 1, 1_000_000_00)));
        bytes memory data = abi.encodeCall(deposit.mint, (order, _approve(bank, Hash.order(order))));
        _send("mint", address(deposit), data);
    }

    function redeem(uint256 which, uint256 amount) external {
        Actor memory by = _actors[_holderBy(which)];
        if (_balance(by) == 0) return;
        RedeemDeposit memory order = RedeemDeposit({
            target: address(deposit),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            currency: CNY,
            amount: uint64(bound(amount, 1, _balance(by))),
            referenceHash: bytes32(0)
        });
        bytes memory data = abi.encodeCall(deposit.redeem, (order, _approve(by, Hash.order(order))));
        _send("redeem", address(deposit), data);
    }

    function wait(uint256 time) external {
        // Within the validity of keys and licences.
        if (block.timestamp < START + 600 days) skip(bound(time, 1 hours, 40 days));
    }

    // --- For the laws

    function network()
        external
        view
        returns (
            IReceivableLedger ledger_,
            IFinancingMarket market_,
            ITokenisedDeposit deposit_,
            IDocumentRegistry documents_,
            ILedgerLens lens_,
            address[7] memory ours
        )
    {
        ours = [
            address(ledger),
            address(issuance),
            address(market),
            address(settlement),
            address(deposit),
            address(encumbrances),
            address(funding)
        ];
        return (ledger, market, deposit, documents, lens, ours);
    }

    function batch(bytes32 orderHash) external view returns (uint32 remainingCount, uint64 remainingFaceValue) {
        return (issuance.batch(orderHash).remainingCount, issuance.batch(orderHash).remainingFaceValue);
    }

    function numbers() external view returns (uint256 holderCount, uint256 documentCount, uint256 batchCount_) {
        return (holders.length, fingerprints.length, batches.length);
    }

    function late() external view returns (ISettlement, ICreditLines, uint32[2] memory funders) {
        return (settlement, creditLines, [funder.organisation, _factor.organisation]);
    }

    /// @notice What a funder has set aside and reserved for its quotes.
    function fundedBy(uint32 organisation) external view returns (uint64 setAside, uint64 ofLine) {
        for (uint256 i; i < _funded.length; ++i) {
            if (_funded[i].organisation != organisation) continue;
            bytes32 quote = Hash.order(_funded[i]);
            setAside += deposit.reserved(organisation, quote);
            ofLine += creditLines.reservation(organisation, quote).amount;
        }
        for (uint256 i; i < _awaited.length; ++i) {
            ofLine += creditLines.reservation(organisation, Hash.order(_awaited[i])).amount;
        }
    }

    /// @notice What the anchor has set aside for its share of a request's discount, by Funding and by the deposit.
    function borneFor(uint64 requestId) external view returns (uint64 borne, uint64 setAside) {
        return
            (
                funding.borneInterest(requestId).amount,
                deposit.reserved(anchor.organisation, bytes32(uint256(requestId)))
            );
    }

    function isAwaited(uint64 requestId) external view returns (bool) {
        return funding.awaited(requestId).funder != 0;
    }

    /// @notice Who gets how much of a lot's payment once its holder has had its share, and to whom that was promised.
    function heldBack(LotId lotId) external view returns (uint32 seller, uint64 amount, uint32 payee, uint64 paid) {
        (seller, amount) = encumbrances.holdbackOf(lotId);
        if (seller == 0) return (0, 0, 0, 0);
        Lot memory lot = lens.lot(lotId);
        if (seller == lot.holder) return (seller, amount, seller, amount);
        (payee, paid) = encumbrances.paymentOf(lotId, lot.holder, lot.faceValue - amount, amount);
    }

    function pledgeStatus(LotId lotId) external view returns (PledgeStatus) {
        return encumbrances.pledgeOf(lotId).status;
    }

    function courtId() external view returns (uint32) {
        return court.organisation;
    }

    function pool(uint64 receivableId) external view returns (uint64 face, uint64 paid) {
        return _pool(receivableId);
    }

    function isAttested(LotId lotId) external view returns (bool) {
        return settlement.attestedLine(lotId) != bytes32(0);
    }

    function anchorId() external view returns (uint32) {
        return anchor.organisation;
    }

    // --- Sending, and reading what it did

    function _send(string memory act, address target, bytes memory data) internal {
        (bool succeeded, bytes memory answered) = target.call(data);
        if (!succeeded) {
            assembly {
                revert(add(answered, 0x20), mload(answered))
            }
        }
        ++done[act];
        _read();
        _checkSettled();
        bool isOrder = target != address(settlement) || bytes4(data) != settlement.payLots.selector;
        if (!isOrder) return;
        if (_ran.length < CALLS_REMEMBERED) _ran.push(Call({target: target, data: data}));
        else _ran[uint256(keccak256(data)) % CALLS_REMEMBERED] = Call({target: target, data: data});
    }

    function _issueRun(IssueBatch memory order, IssueRow[] memory rows, uint32 index) private {
        IssueRow[] memory slice = new IssueRow[](2);
        (slice[0], slice[1]) = (rows[2 * index], rows[2 * index + 1]);
        Run memory run = Run({level: 1, index: index, proof: Hash.proof(Hash.leaves(rows), 1, index)});
        AttestDocuments memory attestation = _attestation(4, order.root);
        bytes32 orderHash = Hash.order(order);
        bytes memory data = abi.encodeCall(
            issuance.issueBatch, (order, _approve(anchor, orderHash), attestation, _attest(attestation), slice, run)
        );
        _send("issueRun", address(issuance), data);
        rowsTried[orderHash] += 2;
        facesTried[orderHash] += slice[0].faceValue + slice[1].faceValue;
    }

    function _issueCall(IssueReceivable memory order) private view returns (bytes memory) {
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, order.row));
        return abi.encodeCall(
            issuance.issueReceivable, (order, _approve(anchor, Hash.order(order)), attestation, _attest(attestation))
        );
    }

    /// @dev Every event of every stream must have the next number of that stream.
    function _read() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            address emitter = logs[i].emitter;
            if (emitter == address(registry)) {
                _readRegistry(topic, logs[i]);
            } else if (emitter == address(deposit)) {
                _readDeposit(topic, logs[i]);
            } else if (emitter == address(ledger)) {
                _readLedger(topic, logs[i]);
            } else if (emitter == address(issuance)) {
                _readIssuance(topic, logs[i]);
            } else if (emitter == address(documents)) {
                _readDocuments(topic, logs[i]);
            } else if (emitter == address(market)) {
                _readMarket(topic, logs[i]);
            } else if (emitter == address(funding)) {
                _count(receivableSequence[uint64(uint256(logs[i].topics[2]))]++, logs[i].data);
            } else if (emitter == address(settlement)) {
                _readSettlement(topic, uint64(uint256(logs[i].topics[1])), logs[i].data);
            } else if (emitter == address(encumbrances)) {
                _count(receivableSequence[uint64(uint256(logs[i].topics[1]))]++, logs[i].data);
            } else if (emitter == address(creditLines)) {
                _count(lineSequence[keccak256(abi.encode(logs[i].topics[1], logs[i].topics[2]))]++, logs[i].data);
            }
        }
    }

    function _readDocuments(bytes32 topic, Vm.Log memory log) private {
        if (topic == IDocumentRegistry.DocumentReleased.selector) {
            _count(documentSequence[originOf(log.topics[1])]++, log.data);
        } else if (topic == IDocumentRegistry.DocumentCarried.selector) {
            (uint32 epoch, uint32 sequence) = abi.decode(log.data, (uint32, uint32));
            bytes32 origin = originOf(log.topics[1]);
            if (++documentSequence[origin] != sequence) ++gaps;
            _origins[log.topics[2]] = origin;
            carriedTo[origin] = epoch;
        }
    }

    function _readSettlement(bytes32 topic, uint64 receivableId, bytes memory data) private {
        _count(receivableSequence[receivableId]++, data);
        if (topic == ISettlement.PaymentAttested.selector) {
            (,, uint64 amount) = abi.decode(data, (uint32, uint32, uint64));
            paidOut[receivableId] += amount;
        }
    }

    function _readIssuance(bytes32 topic, Vm.Log memory log) private {
        if (topic == IIssuance.BatchRowsIssued.selector || topic == IIssuance.BatchRowRefused.selector) return;
        _count(receivableSequence[uint64(uint256(log.topics[1]))]++, log.data);
    }

    function _readMarket(bytes32 topic, Vm.Log memory log) private {
        if (topic == IFinancingMarket.QuoteAwarded.selector) {
            // One act with the ledger's LotFinanced or Funding's FundingAwaited, and so its number.
            if (receivableSequence[uint64(uint256(log.topics[2]))] != _first(log.data)) ++gaps;
            return;
        }
        bool isEarly = topic == IFinancingMarket.LotPaidEarly.selector;
        bool isOfNoRequest = isEarly || topic == IFinancingMarket.RecourseClaimed.selector
            || topic == IFinancingMarket.LotRepurchased.selector;
        uint64 receivableId = uint64(uint256(log.topics[isOfNoRequest ? 1 : 2]));
        _count(receivableSequence[receivableId]++, log.data);
        if (isEarly) {
            (,, uint64 faceValue) = abi.decode(log.data, (uint32, uint32, uint64));
            paidEarly[receivableId] += faceValue;
        }
    }

    function _readRegistry(bytes32 topic, Vm.Log memory log) private {
        if (topic != IParticipantRegistry.OrderExecuted.selector) return;
        if (++executions[log.topics[1]] > 1) ++executedTwice;
    }

    function _readDeposit(bytes32 topic, Vm.Log memory log) private {
        if (topic == ITokenisedDeposit.Transfer.selector) return;
        if (topic == ITokenisedDeposit.EarmarkPaid.selector) {
            (uint32 payerSequence,, DepositPayment[] memory payments) =
                abi.decode(log.data, (uint32, uint64, DepositPayment[]));
            for (uint256 i; i < payments.length; ++i) {
                if (++accountSequence[payments[i].payee] != payments[i].payeeSequence) ++gaps;
            }
            if (++accountSequence[uint32(uint256(log.topics[1]))] != payerSequence) ++gaps;
            return;
        }
        _count(accountSequence[uint32(uint256(log.topics[1]))]++, log.data);
        if (topic == ITokenisedDeposit.DepositPaid.selector) {
            (, uint32 payeeSequence) = abi.decode(log.data, (uint32, uint32));
            if (++accountSequence[uint32(uint256(log.topics[2]))] != payeeSequence) ++gaps;
        }
    }

    function _readLedger(bytes32 topic, Vm.Log memory log) private {
        if (topic == IReceivableLedger.Transfer.selector) {
            LotId moved = LotId.wrap(uint96(uint256(log.topics[3])));
            holderByEvents[moved] = uint32(uint256(log.topics[2]));
            if (_isFrozen(moved)) ++movedFrozen;
        } else if (topic == IReceivableLedger.TransferValue.selector) {
            uint64 value = uint64(_first(log.data));
            LotId to = LotId.wrap(uint96(uint256(log.topics[2])));
            // To a lot there is already, it goes back; to none, it is gone (a credit note).
            if (_isFrozen(to) || _isFrozen(LotId.wrap(uint96(uint256(log.topics[1]))))) ++movedFrozen;
            if (bornWith[to] != 0) takenOff[to] -= value;
            else if (LotId.unwrap(to) != 0) bornWith[to] = value;
            takenOff[LotId.wrap(uint96(uint256(log.topics[1])))] += value;
        } else if (topic == IReceivableLedger.ReceivableIssued.selector) {
            _readIssued(uint64(uint256(log.topics[1])), log.data);
        } else if (
            topic != IReceivableLedger.SlotChanged.selector && topic != IReceivableLedger.ProgrammeOpened.selector
                && topic != IAccessManaged.AuthorityUpdated.selector
        ) {
            uint64 receivableId = uint64(uint256(log.topics[1]));
            _count(receivableSequence[receivableId]++, log.data);
            if (topic == IReceivableLedger.LotsPaid.selector) {
                (, LotPayment[] memory payments) = abi.decode(log.data, (uint32, LotPayment[]));
                for (uint256 i; i < payments.length; ++i) {
                    paidOut[receivableId] += payments[i].amount;
                    LotId paid = toLotId(receivableId, payments[i].lotSequence);
                    if (_isFrozen(paid) && payments[i].payee == _holder(paid)) ++movedFrozen;
                    _readPayment(paid, payments[i]);
                }
            }
        }
    }

    /// @dev Of the holder's share, whoever has it for the holder; or of the holdback, and to its seller.
    function _readPayment(LotId lotId, LotPayment memory payment) private {
        uint64 before = _paidByEvents[lotId];
        _paidByEvents[lotId] = before + payment.amount;
        (uint32 seller, uint64 amount) = encumbrances.holdbackOf(lotId);
        if (seller == 0 || seller == _holder(lotId)) return;
        uint64 holdersShare = lens.lot(lotId).faceValue - amount;
        bool isSellers = before >= holdersShare && payment.payee == seller;
        if (!isSellers && before + payment.amount > holdersShare) ++sharesMixed;
    }

    function _readIssued(uint64 receivableId, bytes memory data) private {
        (,,,,,, uint32 sequence, bytes32 fingerprint,) =
            abi.decode(data, (uint32, uint64, uint40, uint40, uint8, uint64, uint32, bytes32, bytes32));
        if (++receivableSequence[receivableId] != 1) ++gaps;
        if (sequence == 1) {
            fingerprints.push(fingerprint);
            carriedTo[fingerprint] = documents.liveEpoch();
        }
        if (++documentSequence[originOf(fingerprint)] != sequence) ++gaps;
        fingerprintOf[receivableId] = fingerprint;
    }

    function _count(uint32 before, bytes memory data) private {
        if (before + 1 != _first(data)) ++gaps;
    }

    function _first(bytes memory data) private pure returns (uint256) {
        return abi.decode(data, (uint256));
    }

    function _checkSettled() private {
        for (uint64 receivableId = 1; receivableId <= ledger.receivableCount(); ++receivableId) {
            uint32 count = lens.receivableProgress(receivableId).lotCount;
            for (uint32 sequence = 1; sequence <= count; ++sequence) {
                LotId lotId = toLotId(receivableId, sequence);
                Lot memory lot = lens.lot(lotId);
                if (!lot.settled) continue;
                bytes32 now_ = keccak256(abi.encode(lot));
                if (settledAs[lotId] == bytes32(0)) settledAs[lotId] = now_;
                else if (settledAs[lotId] != now_) ++settledChanged;
            }
        }
    }

    // --- Choosing

    function _introduce(Actor memory actor) private {
        holders.push(actor.organisation);
        _actors[actor.organisation] = actor;
    }

    function _actorOf(uint32 organisation) internal view returns (Actor memory) {
        return _actors[organisation];
    }

    function _holderBy(uint256 seed) internal view returns (uint32) {
        return holders[seed % holders.length];
    }

    function _otherThan(uint32 organisation, uint256 seed) internal view returns (uint32 other) {
        other = _holderBy(seed);
        if (other == organisation) other = _holderBy(seed % holders.length + 1);
    }

    function _programmeBy(uint256 seed) private view returns (uint32) {
        return seed % 2 == 0 ? programmeId : freeProgrammeId;
    }

    /// @dev The first receivable with the status, from a place the seed chooses.
    function _receivableBy(uint256 seed, ReceivableStatus status) internal view returns (bool, uint64) {
        uint64 count = ledger.receivableCount();
        for (uint64 i; i < count; ++i) {
            uint64 receivableId = uint64(1 + (seed % count + i) % count);
            if (lens.receivableProgress(receivableId).status == status) return (true, receivableId);
        }
        return (false, 0);
    }

    /// @dev The first lot that suits, from a place the seed chooses.
    function _lotBy(uint256 seed, function(LotId) view returns (bool) suits) internal view returns (bool, LotId lotId) {
        uint64 receivables = ledger.receivableCount();
        for (uint64 i; i < receivables; ++i) {
            uint64 receivableId = uint64(1 + (seed % receivables + i) % receivables);
            uint32 count = lens.receivableProgress(receivableId).lotCount;
            for (uint32 j; j < count; ++j) {
                lotId = toLotId(receivableId, uint32(1 + ((seed >> 128) % count + j) % count));
                if (suits(lotId)) return (true, lotId);
            }
        }
        return (false, lotId);
    }

    function _requestBy(uint256 seed) internal view returns (bool, uint64) {
        uint64 count = market.requestCount();
        for (uint64 i; i < count; ++i) {
            uint64 requestId = uint64(1 + (seed % count + i) % count);
            if (market.financingRequest(requestId).status == FinancingStatus.REQUESTED) return (true, requestId);
        }
        return (false, 0);
    }

    function _funderBy(uint256 seed) internal view returns (Actor memory) {
        return seed % 2 == 0 ? funder : _factor;
    }

    function _bankBy(uint32 organisation) internal view returns (Actor memory) {
        return organisation == payeesBank.organisation ? payeesBank : payersBank;
    }

    /// @dev From one place on, the first award whose price is on its way.
    function _awaitedBy(uint256 which) internal view returns (bool, Quote memory quote) {
        for (uint256 i; i < _awaited.length; ++i) {
            quote = _awaited[addmod(which, i, _awaited.length)];
            if (funding.awaited(quote.requestId).funder != 0) return (true, quote);
        }
        return (false, quote);
    }

    /// @dev Some lots in some order: left out, repeated and unknown ones among them.
    function _someLots(uint64 receivableId, uint256 seed) internal view returns (uint32[] memory lotSequences) {
        uint32 count = lens.receivableProgress(receivableId).lotCount;
        if (seed % 3 == 0) return _allLots(receivableId);
        lotSequences = new uint32[](seed % 5);
        for (uint256 i; i < lotSequences.length; ++i) {
            lotSequences[i] = uint32((seed >> (16 * i)) % (count + 2));
        }
    }

    function _hasRoom(uint64 receivableId) internal view returns (bool) {
        return lens.receivableProgress(receivableId).lotCount < MAXIMUM_LOTS_WALKED;
    }

    /// @dev Of an active receivable and paid what is due to it.
    function _isMovable(LotId lotId) internal view returns (bool) {
        uint64 receivableId = lotId.receivableOf();
        if (lens.receivableProgress(receivableId).status != ReceivableStatus.ACTIVE) return false;
        Lot memory lot = lens.lot(lotId);
        (uint64 face, uint64 paid) = _pool(receivableId);
        return face != 0 && uint256(lot.faceValue) * paid / face == lot.paid && !_isFrozen(lotId);
    }

    function _isFree(LotId lotId) internal view returns (bool) {
        Lot memory lot = lens.lot(lotId);
        return !lot.settled && lot.encumbrance == Encumbrance.NONE && _isMovable(lotId);
    }

    function _isUnpaidAndFree(LotId lotId) internal view returns (bool) {
        return lens.lot(lotId).paid == 0 && _isFree(lotId);
    }

    function _isDivisible(LotId lotId) internal view returns (bool) {
        uint64 receivableId = lotId.receivableOf();
        return _isUnpaidAndFree(lotId) && _hasRoom(receivableId) && _isUndivided(receivableId)
            && !lens.lot(lotId).indivisible && lens.lot(lotId).faceValue >= 2 * lens.minimumLot(receivableId);
    }

    /// @dev Open, deliverable, and within the funder's line.
    function _isAwardable(uint64 requestId, Actor memory to) internal view returns (bool) {
        FinancingRequest memory asked = market.financingRequest(requestId);
        return block.timestamp <= asked.expiresAt && _lineBears(to, asked.partFaceValue)
            && _isDeliverable(requestId, to.organisation);
    }

    /// @dev The lot, or part, of a request can change hands now.
    function _isDeliverable(uint64 requestId, uint32 to) internal view returns (bool) {
        FinancingRequest memory asked = market.financingRequest(requestId);
        Lot memory lot = lens.lot(asked.lotId);
        return !lot.settled && lot.paid == 0 && lot.holder != to && _isMovable(asked.lotId)
            && (asked.partFaceValue == lot.faceValue || _isUndivided(asked.lotId.receivableOf()));
    }

    /// @dev Before it is due, with nothing held back of it.
    function _isPayableEarly(uint64 requestId) internal view returns (bool) {
        LotId lotId = market.financingRequest(requestId).lotId;
        (uint32 seller,) = encumbrances.holdbackOf(lotId);
        return seller == 0 && block.timestamp < lens.receivableTerms(lotId.receivableOf()).maturityAt;
    }

    /// @dev What the seller holds back: now and then something, if no earlier seller does.
    function _heldBack(Quote memory quote, uint256 seed) internal view returns (uint64) {
        (uint32 seller,) = encumbrances.holdbackOf(quote.lotId);
        if (seed % 3 == 0 || (seller != 0 && seller != quote.holder)) return 0;
        return uint64(bound(seed, 0, quote.partFaceValue - quote.netProceeds));
    }

    /// @dev The anchor's share of the discount, which the holder forgoes now and then.
    function _share(Quote memory quote, uint256 seed) internal view returns (uint64) {
        BorneInterest memory entry = funding.borneInterest(quote.requestId);
        if (seed % 4 == 0 || block.timestamp > entry.expiresAt) return 0;
        uint256 discount = quote.partFaceValue - quote.holdback - quote.netProceeds;
        return _min(uint64((discount * entry.shareBps + 5_000) / 10_000), entry.amount);
    }

    function _isBorneInterestBinding(uint64 requestId) internal view returns (bool) {
        bool isOpen = market.financingRequest(requestId).status == FinancingStatus.REQUESTED;
        return (isOpen && block.timestamp <= funding.borneInterest(requestId).expiresAt)
            || funding.awaited(requestId).obligorInterest != 0;
    }

    function _isFar(Funding memory entry, LotId lotId) internal view returns (bool) {
        return settlement.isFarFrom(entry.bank, entry.funder, ledger.programmeRulesOf(lotId.receivableOf()));
    }

    function _isTransferable(LotId lotId) internal view returns (bool) {
        return _isFree(lotId) && lens.lot(lotId).tier < MAXIMUM_TIER;
    }

    /// @dev Free, under its parent's holder, and neither was handed on since they were parted.
    function _isReturnable(LotId lotId) internal view returns (bool) {
        Lot memory lot = lens.lot(lotId);
        if (lot.parent == 0 || !_isUnpaidAndFree(lotId)) return false;
        LotId parentId = toLotId(lotId.receivableOf(), lot.parent);
        Lot memory parent = lens.lot(parentId);
        return _isUnpaidAndFree(parentId) && parent.holder == lot.holder && parent.tier == lot.tier
            && parent.transferCount == lot.transferCount && !lot.indivisible && !parent.indivisible;
    }

    function _isAsIssued(uint64 receivableId) private view returns (bool) {
        Lot memory root = lens.lot(toLotId(receivableId, 1));
        return lens.receivableProgress(receivableId).lotCount == 1 && _isUnpaidAndFree(toLotId(receivableId, 1))
            && root.transferCount == 0;
    }

    function _ending(Actor memory by, uint64 receivableId, bytes32 typeHash)
        private
        returns (OfferEnd memory order, Approval[] memory approvals)
    {
        order = OfferEnd({
            target: address(issuance),
            organisation: by.organisation,
            nonce: _nonce(by.maker),
            deadline: _deadline(),
            receivableId: receivableId,
            faceValue: lens.receivableTerms(receivableId).faceValue,
            documentFingerprint: fingerprintOf[receivableId],
            reasonHash: bytes32(0)
        });
        approvals = _approve(by, Hash.ending(typeHash, order));
    }

    function _isUndivided(uint64 receivableId) internal view returns (bool) {
        (, uint64 paid) = _pool(receivableId);
        return paid == 0;
    }

    function _isOwedByAnchor(LotId lotId) internal view returns (bool) {
        ReceivableStatus status = lens.receivableProgress(lotId.receivableOf()).status;
        return !lens.lot(lotId).settled && (status == ReceivableStatus.ACTIVE || status == ReceivableStatus.WRITTEN_OFF);
    }

    /// @dev Whose payment is its holder's alone.
    function _isPayableOutside(LotId lotId) internal view returns (bool) {
        if (!_isOwedByAnchor(lotId) || _isFrozen(lotId)) return false;
        Lot memory lot = lens.lot(lotId);
        uint64 outstanding = lot.faceValue - lot.paid;
        (uint32 payee, uint64 amount) = encumbrances.paymentOf(lotId, lot.holder, lot.paid, outstanding);
        return payee == lot.holder && amount == outstanding;
    }

    /// @dev The line by which a lot is paid outside the chain, if it is.
    function _lineOf(LotId lotId) internal pure returns (bytes32) {
        return keccak256(abi.encode("line", lotId));
    }

    /// @dev The line by which the price of an award comes in, if it does.
    function _fundingLineOf(uint64 requestId) internal pure returns (bytes32) {
        return keccak256(abi.encode("funding", requestId));
    }

    function _isInArrears() internal view returns (bool) {
        return ledger.overdueCount(anchor.organisation) != 0;
    }

    function _isInDefault(LotId lotId) internal view returns (bool) {
        return block.timestamp > lens.receivableTerms(lotId.receivableOf()).graceEndsAt;
    }

    function _isClaimable(LotId lotId) internal view returns (bool) {
        (uint32 seller, bool isClaimed) = market.recourseOf(lotId);
        return seller != 0 && !isClaimed && !lens.lot(lotId).settled && _isInDefault(lotId);
    }

    function _isRepurchasable(LotId lotId) internal view returns (bool) {
        (uint32 seller,) = market.recourseOf(lotId);
        return seller != 0 && _isFree(lotId) && _isInDefault(lotId);
    }

    function _isInDefaultAndFree(LotId lotId) internal view returns (bool) {
        return lens.receivableProgress(lotId.receivableOf()).arrears == Arrears.DEFAULTED && _isFree(lotId);
    }

    function _lineBears(Actor memory by, uint64 amount) internal view returns (bool) {
        if (!market.needsCreditLine(by.organisation)) return true;
        CreditLine memory line = creditLines.creditLine(by.organisation, anchor.organisation, CNY);
        return line.expiresAt >= block.timestamp && uint256(line.utilised) + amount <= line.limit;
    }

    function _noteOverLimit(Actor memory by) private {
        CreditLine memory line = creditLines.creditLine(by.organisation, anchor.organisation, CNY);
        if (market.needsCreditLine(by.organisation) && line.utilised > line.limit) ++overLimit;
    }

    /// @dev From one place on, the first funded quote that has not ended.
    function _fundedBy(uint256 which) private view returns (bool, Quote memory quote) {
        for (uint256 i; i < _funded.length; ++i) {
            quote = _funded[addmod(which, i, _funded.length)];
            if (market.fundedQuote(quote.organisation, Hash.order(quote)).requestId != 0) return (true, quote);
        }
        return (false, quote);
    }

    function _isFrozen(LotId lotId) internal view returns (bool) {
        return encumbrances.frozenUntil(lotId) != 0;
    }

    function _isPledged(LotId lotId) internal view returns (bool) {
        return lens.lot(lotId).encumbrance == Encumbrance.PLEDGED;
    }

    function _isFreezable(LotId lotId) internal view returns (bool) {
        return !lens.lot(lotId).settled && encumbrances.freezesOf(lotId).length < 3;
    }

    function _isOffered(LotId lotId) internal view returns (bool) {
        return lens.pendingTransfer(lotId).to != 0;
    }

    function _min(uint64 a, uint64 b) internal pure returns (uint64) {
        return a < b ? a : b;
    }
}
