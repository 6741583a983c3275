// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Funding} from "../../src/interfaces/IFunding.sol";
import {LotId, toLotId} from "../../src/types/Ids.sol";
import {Encumbrance, Lot, LotPayment, ReceivableStatus} from "../../src/types/Ledger.sol";
import {
    ACCEPT_TRANSFER_TYPEHASH,
    AttestDocuments,
    AttestFunding,
    AttestPayment,
    DENY_FUNDING_TYPEHASH,
    FundingEnd,
    IssueReceivable,
    IssueRow,
    Part,
    ProposeTransfer,
    Quote,
    RELEASE_FUNDING_TYPEHASH,
    RequestFinancing,
    SettleReceivable,
    SplitLot,
    TransferAnswer
} from "../../src/types/Orders.sol";
import {Act, Approval, Signed} from "../../src/types/Participants.sol";
import {Actor} from "../Base.t.sol";
import {Hash} from "../support/Hash.sol";
import {Handler} from "./Handler.sol";

/// @notice Tries, in every state the walk reaches, what must never succeed. Each attempt asserts that it reverts.
contract Trespasser is Handler {
    uint256 public attempts;

    /// @dev One of the attempts below.
    function trespass(uint256 how, uint256 which, uint256 value) external {
        how %= 12;
        if (how == 0) _tryAgain(which);
        else if (how == 1) _trySomebodyElsesLot(which, value);
        else if (how == 2) _tryEncumberedLot(which, value);
        else if (how == 3) _tryAnswerOfAnother(which, value);
        else if (how == 4) _tryTooSmallPart(which, uint64(value));
        else if (how == 5) _tryPaymentInTransit(which, value);
        else if (how == 6) _tryPartBeforeMaturityOrTooMuch(which, uint64(value));
        else if (how == 7) _tryUsedUpInvoice(which, uint64(value));
        else if (how == 8) _tryChangedOrder(which, value, uint8(value >> 8));
        else if (how == 9) _tryAttestation(which, value);
        else if (how == 10) _tryFunding(which, value);
        else _tryTheBackDoors(which, value);
    }

    function _tryAgain(uint256 which) private {
        if (_ran.length == 0) return;
        Call memory old = _ran[which % _ran.length];
        _mustFail(old.target, old.data, "an order ran twice");
    }

    function _trySomebodyElsesLot(uint256 which, uint256 by) private {
        (bool found, LotId lotId) = _lotBy(which, _isFree);
        if (!found) return;
        Actor memory thief = _actorOf(_otherThan(_holder(lotId), by));
        ProposeTransfer memory asThief = _transferOrder(thief, lotId, thief.organisation);
        _mustFail(
            address(ledger),
            abi.encodeCall(ledger.proposeTransfer, (asThief, _approve(thief, Hash.order(asThief)))),
            "a lot moved without its holder"
        );
        ProposeTransfer memory asHolder = asThief;
        asHolder.organisation = _holder(lotId);
        _mustFail(
            address(ledger),
            abi.encodeCall(ledger.proposeTransfer, (asHolder, _approve(thief, Hash.order(asHolder)))),
            "a lot moved on another's signature"
        );
    }

    function _tryEncumberedLot(uint256 which, uint256 to) private {
        (bool found, LotId lotId) = _lotBy(which, _isEncumbered);
        if (!found) return;
        Actor memory by = _actorOf(_holder(lotId));
        ProposeTransfer memory order = _transferOrder(by, lotId, _otherThan(by.organisation, to));
        _mustFail(
            address(ledger),
            abi.encodeCall(ledger.proposeTransfer, (order, _approve(by, Hash.order(order)))),
            "an encumbered lot was offered"
        );
        RequestFinancing memory request_ = _requestOrder(by, lotId, lens.lot(lotId).faceValue);
        _mustFail(
            address(market),
            abi.encodeCall(market.requestFinancing, (request_, _approve(by, Hash.order(request_)))),
            "an encumbered lot was locked again"
        );
    }

    function _tryAnswerOfAnother(uint256 which, uint256 by) private {
        (bool found, LotId lotId) = _lotBy(which, _isOffered);
        if (!found) return;
        Actor memory other = _actorOf(_otherThan(lens.pendingTransfer(lotId).to, by));
        TransferAnswer memory order = _answerOrder(other, lotId, _offers[lotId]);
        Approval[] memory approvals = _approve(other, Hash.answer(ACCEPT_TRANSFER_TYPEHASH, order));
        _mustFail(
            address(ledger),
            abi.encodeCall(ledger.acceptTransfer, (order, approvals)),
            "somebody else accepted an offered lot"
        );
    }

    function _tryTooSmallPart(uint256 which, uint64 faceValue) private {
        (bool found, LotId lotId) = _lotBy(which, _isUnpaidAndFree);
        if (!found) return;
        Lot memory lot = lens.lot(lotId);
        uint64 minimum = lens.minimumLot(lotId.receivableOf());
        uint64 small = uint64(bound(faceValue, 0, _min(minimum, lot.faceValue) - 1));
        Actor memory by = _actorOf(lot.holder);
        Part[2] memory wishes = [
            Part({to: by.organisation, faceValue: small}), Part({to: by.organisation, faceValue: lot.faceValue - small})
        ];
        for (uint256 i; i < 2; ++i) {
            SplitLot memory order = _splitOrder(by, lotId, _part(wishes[i].to, wishes[i].faceValue));
            _mustFail(
                address(ledger),
                abi.encodeCall(ledger.splitLot, (order, _approve(by, Hash.order(order)))),
                "a lot below the minimum was made"
            );
        }
    }

    function _tryPaymentInTransit(uint256 which, uint256 to) private {
        (bool found, LotId lotId) = _lotBy(which, _isOwed);
        if (!found) return;
        Actor memory by = _actorOf(_holder(lotId));
        ProposeTransfer memory order = _transferOrder(by, lotId, _otherThan(by.organisation, to));
        _mustFail(
            address(ledger),
            abi.encodeCall(ledger.proposeTransfer, (order, _approve(by, Hash.order(order)))),
            "a lot moved with a payment due to it"
        );
    }

    function _tryPartBeforeMaturityOrTooMuch(uint256 which, uint64 amount) private {
        (bool found, uint64 receivableId) = _receivableBy(which, ReceivableStatus.ACTIVE);
        if (!found) return;
        uint64 outstanding = lens.receivableTerms(receivableId).faceValue - lens.receivableProgress(receivableId).paid;
        bool isDue = block.timestamp >= lens.receivableTerms(receivableId).maturityAt;
        amount = isDue ? outstanding + uint64(bound(amount, 1, 1000)) : uint64(bound(amount, 0, outstanding - 1));
        SettleReceivable memory order = _settleOrder(receivableId, amount);
        _mustFail(
            address(settlement),
            abi.encodeCall(
                settlement.settleReceivable, (order, _approve(anchor, Hash.order(order)), _allLots(receivableId))
            ),
            "a part was paid early, or more than was owed"
        );
    }

    function _tryUsedUpInvoice(uint256 which, uint64 excess) private {
        (, uint256 count,) = this.numbers();
        if (count == 0) return;
        bytes32 fingerprint = fingerprints[which % count];
        uint64 amount = documents.document(fingerprint).amount;
        uint64 rest = amount - documents.document(fingerprint).used;
        IssueRow memory row =
            _row(documents.document(fingerprint).seller, rest + uint64(bound(excess, 1, type(uint32).max)));
        (row.documentFingerprint, row.documentAmount) = (fingerprint, amount);
        IssueReceivable memory order = _issueOrder(programmeId, row);
        AttestDocuments memory attestation = _attestation(1, Hash.leaf(0, row));
        _mustFail(
            address(issuance),
            abi.encodeCall(
                issuance.issueReceivable,
                (order, _approve(anchor, Hash.order(order)), attestation, _attest(attestation))
            ),
            "more than an invoice was issued"
        );
    }

    function _tryChangedOrder(uint256 which, uint256 to, uint8 field) private {
        (bool found, LotId lotId) = _lotBy(which, _isTransferable);
        if (!found) return;
        Actor memory by = _actorOf(_holder(lotId));
        ProposeTransfer memory order = _transferOrder(by, lotId, _otherThan(by.organisation, to));
        Approval[] memory approvals = _approve(by, Hash.order(order));
        if (field % 5 == 0) order.to = _otherThan(order.to, uint256(field) + 1);
        else if (field % 5 == 1) order.deadline += 1;
        else if (field % 5 == 2) order.nonce += 1;
        else if (field % 5 == 3) order.remarkHash = ~order.remarkHash;
        else (approvals[0], approvals[1]) = (approvals[1], approvals[0]);
        _mustFail(
            address(ledger),
            abi.encodeCall(ledger.proposeTransfer, (order, approvals)),
            "what was not signed was executed"
        );
    }

    /// @dev By the payer's bank; by a line that paid another lot; of another amount.
    function _tryAttestation(uint256 which, uint256 how) private {
        (bool found, LotId lotId) = _lotBy(which, _isOwedByAnchor);
        if (!found) return;
        Actor memory by = how % 3 == 0 ? payersBank : payeesBank;
        AttestPayment memory order = _attestOrder(by, lotId, _lineOf(lotId));
        if (how % 3 == 1) {
            LotId other;
            (found, other) = _lotBy(how, _isPaidOutside);
            if (!found) return;
            order.lineHash = _lineOf(other);
        } else if (how % 3 == 2) {
            order.amount += 1;
        }
        _mustFail(
            address(settlement),
            abi.encodeCall(settlement.attestPayment, (order, _approve(by, Hash.order(order)))),
            "a payment was attested by the payer's bank, twice by one line, or of another amount"
        );
    }

    /// @dev By another bank; without the payee's word, where that is needed; of another amount; by a line that is used.
    function _tryFunding(uint256 which, uint256 how) private {
        (bool found, Quote memory quote) = _awaitedBy(which);
        if (!found) return;
        Funding memory entry = funding.awaited(quote.requestId);
        _tryEndings(quote, entry);
        Actor memory by = _bankBy(entry.bank);
        if (how % 4 == 0) by = entry.bank == payeesBank.organisation ? payersBank : payeesBank;
        AttestFunding memory order = _attestFundingOrder(by, quote, keccak256("an unconfirmed line"));
        if (how % 4 == 1 && _isFar(entry, quote.lotId)) return;
        if (how % 4 == 2) order.amount -= 1;
        if (how % 4 == 3) {
            LotId other;
            (found, other) = _lotBy(how, _isPaidOutside);
            if (!found) return;
            order.lineHash = _lineOf(other);
            order.lineAmount = settlement.statementLine(order.lineHash).amount;
        }
        _mustFail(
            address(funding),
            abi.encodeCall(funding.attestFunding, (order, _approve(by, Hash.order(order)))),
            "a price was attested by the wrong bank, unconfirmed, of another amount, or twice by one line"
        );
    }

    /// @dev By the wrong party, or too early.
    function _tryEndings(Quote memory quote, Funding memory entry) private {
        Actor memory holder = _actorOf(quote.holder);
        FundingEnd memory order = _fundingEndOrder(holder, quote);
        Approval[] memory approvals = _approve(holder, Hash.fundingEnd(RELEASE_FUNDING_TYPEHASH, order));
        _mustFail(address(funding), abi.encodeCall(funding.releaseFunding, (order, approvals)), "not the funder");
        if (entry.obligorInterest != 0) {
            bytes memory release = abi.encodeCall(funding.releaseInterest, (quote.requestId));
            _mustFail(address(funding), release, "a share was freed that an award counts on");
        }
        if (block.timestamp <= entry.payBy + LONG_STOP) {
            bytes memory lapse = abi.encodeCall(funding.lapseFunding, (quote.requestId));
            _mustFail(address(funding), lapse, "an award lapsed before its long stop");
        }
        Actor memory bank_ = _bankBy(entry.bank);
        if (block.timestamp > entry.payBy) {
            bank_ = bank_.organisation == payeesBank.organisation ? payersBank : payeesBank;
        }
        order = _fundingEndOrder(bank_, quote);
        approvals = _approve(bank_, Hash.fundingEnd(DENY_FUNDING_TYPEHASH, order));
        _mustFail(
            address(funding), abi.encodeCall(funding.denyFunding, (order, approvals)), "denied too early, or by another"
        );
    }

    function _isPaidOutside(LotId lotId) private view returns (bool) {
        return settlement.attestedLine(lotId) != bytes32(0);
    }

    function _tryTheBackDoors(uint256 which, uint256 to) private {
        uint32 victim = _holderBy(which);
        Signed memory signed = Signed({
            orderHash: bytes32(which), nonce: to, deadline: _deadline(), act: Act.QUOTE, approvals: new Approval[](2)
        });
        LotPayment[] memory payments = new LotPayment[](1);
        payments[0] = LotPayment({lotSequence: 1, payee: _holderBy(to), amount: 1});
        _mustFail(address(deposit), abi.encodeCall(deposit.pay, (victim, _holderBy(to), 1, signed)), "back door");
        _mustFail(
            address(deposit),
            abi.encodeCall(deposit.payReserved, (victim, _holderBy(to), 1, bytes32(which))),
            "back door"
        );
        _mustFail(address(deposit), abi.encodeCall(deposit.release, (victim, bytes32(which))), "back door");
        _mustFail(address(deposit), abi.encodeCall(deposit.payEarmarked, (victim, 1, payments)), "back door");
        _mustFail(address(ledger), abi.encodeCall(ledger.recordSettlement, (1, 1, 0, 1)), "back door");
        _mustFail(address(ledger), abi.encodeCall(ledger.payLots, (1, new uint32[](1))), "back door");
        _mustFail(address(ledger), abi.encodeCall(ledger.mark, (LotId.wrap(1 << 32 | 1))), "back door");
        _mustFail(address(ledger), abi.encodeCall(ledger.endPledge, (LotId.wrap(1 << 32 | 1))), "back door");
        _mustFail(address(ledger), abi.encodeCall(ledger.recordAttestation, (toLotId(1, 1))), "back door");
        _tryTheCompanionsDoors(toLotId(1, 1), victim, _holderBy(to));
    }

    function _tryTheCompanionsDoors(LotId lotId, uint32 victim, uint32 thief) private {
        Funding memory claimed;
        (claimed.funder, claimed.holdback) = (thief, 1);
        _mustFail(address(market), abi.encodeCall(market.completeFunding, (1, claimed)), "back door");
        _mustFail(address(market), abi.encodeCall(market.failFunding, (1, claimed)), "back door");
        _mustFail(address(market), abi.encodeCall(market.advance, (1)), "back door");
        _mustFail(address(encumbrances), abi.encodeCall(encumbrances.keepHoldback, (lotId, thief, 1)), "back door");
        _mustFail(address(encumbrances), abi.encodeCall(encumbrances.endHoldback, (lotId, victim)), "back door");
        bytes32 line = keccak256("a line");
        _mustFail(address(settlement), abi.encodeCall(settlement.useLine, (lotId, victim, line, 1, 1)), "back door");
        _mustFail(address(ledger), abi.encodeCall(ledger.reassign, (lotId, 1, 0, thief, false)), "back door");
    }

    function _isEncumbered(LotId lotId) private view returns (bool) {
        return lens.lot(lotId).encumbrance != Encumbrance.NONE || _isFrozen(lotId);
    }

    function _isOwed(LotId lotId) private view returns (bool) {
        return !lens.lot(lotId).settled && !_isMovable(lotId)
            && lens.receivableProgress(lotId.receivableOf()).status == ReceivableStatus.ACTIVE;
    }

    function _mustFail(address target, bytes memory data, string memory reason) private {
        (bool succeeded,) = target.call(data);
        assertFalse(succeeded, reason);
        // What a reverted call logged is recorded all the same.
        vm.getRecordedLogs();
        ++attempts;
    }
}
