// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {CreditLine, ICreditLines, Utilisation} from "../../src/interfaces/ICreditLines.sol";
import {IDocumentRegistry} from "../../src/interfaces/IDocumentRegistry.sol";
import {FinancingRequest, FinancingStatus, IFinancingMarket} from "../../src/interfaces/IFinancingMarket.sol";
import {PledgeStatus} from "../../src/interfaces/IEncumbrances.sol";
import {ILedgerLens} from "../../src/interfaces/ILedgerLens.sol";
import {IReceivableLedger} from "../../src/interfaces/IReceivableLedger.sol";
import {ISettlement, LateInterest} from "../../src/interfaces/ISettlement.sol";
import {DepositAccount, ITokenisedDeposit} from "../../src/interfaces/ITokenisedDeposit.sol";
import {LotId, toLotId} from "../../src/types/Ids.sol";
import {Encumbrance, Lot, ReceivableProgress, ReceivableStatus} from "../../src/types/Ledger.sol";
import {Handler} from "./Handler.sol";
import {Invariants} from "./Invariants.sol";
import {Trespasser} from "./Trespasser.sol";

interface IErc20 {
    function balanceOf(address owner) external view returns (uint256);
    function totalSupply() external view returns (uint256);
}

/// @notice Random walks over the life of receivables. After every act, every law.
contract LifecycleTest is Test, Invariants {
    Trespasser private handler;
    IReceivableLedger private ledger;
    ILedgerLens private lens;
    IFinancingMarket private market;
    ITokenisedDeposit private deposit;
    IDocumentRegistry private documents;
    address[7] private ours;

    function setUp() public {
        handler = Trespasser(deployCode("Trespasser.sol:Trespasser"));
        handler.setUp();
        (ledger, market, deposit, documents, lens, ours) = handler.network();
        targetContract(address(handler));
        targetSelector(FuzzSelector({addr: address(handler), selectors: _acts()}));
    }

    function invariant_EveryLawHolds() external view {
        assertEq(handler.executedTwice(), 0, ONCE);
        assertEq(handler.linesUsedTwice(), 0, ONCE);
        assertEq(handler.gaps(), 0, SEQUENCE);
        assertEq(handler.settledChanged(), 0, FINALITY);
        assertEq(handler.movedFrozen(), 0, FREEZE);
        assertEq(handler.sharesMixed(), 0, HOLDBACK);
        uint64 setAside = _checkBorneInterest();
        for (uint64 receivableId = 1; receivableId <= ledger.receivableCount(); ++receivableId) {
            setAside += _checkReceivable(receivableId);
        }
        assertEq(deposit.account(handler.anchorId()).earmarked, setAside, EARMARK);
        _checkRequests();
        _checkDocuments();
        _checkBatches();
        _checkMoney();
        _checkCredit();
    }

    /// @return setAside What is still earmarked for it.
    function _checkReceivable(uint64 receivableId) private view returns (uint64 setAside) {
        ReceivableProgress memory progress = lens.receivableProgress(receivableId);
        uint64 faceValue = lens.receivableTerms(receivableId).faceValue;
        (uint64 poolFace, uint64 poolPaid) = handler.pool(receivableId);
        uint64 owed;
        uint64 received;
        uint64 due;
        for (uint32 sequence = 1; sequence <= progress.lotCount; ++sequence) {
            LotId lotId = toLotId(receivableId, sequence);
            Lot memory lot = lens.lot(lotId);
            owed += lot.settled ? 0 : lot.faceValue - lot.paid;
            received += lot.paid;
            if (lot.faceValue != 0 && !handler.isAttested(lotId)) {
                uint64 share = uint64(uint256(lot.faceValue) * poolPaid / poolFace);
                assertLe(lot.paid, share, ROUNDING);
                due += share - lot.paid;
            }
            _checkLot(lotId, lot, sequence);
        }
        if (_isGone(progress.status)) assertEq(owed + received, 0, CONSERVATION);
        else assertEq(owed + received, faceValue, CONSERVATION);
        setAside = progress.paid - progress.cleared;
        assertEq(received, progress.cleared, EARMARK);
        assertEq(received, handler.paidOut(receivableId), EARMARK);
        assertLe(due, setAside, ROUNDING);
        assertLt(setAside - due, progress.lotCount, ROUNDING);
        if (progress.paid == faceValue) assertEq(setAside, due, ROUNDING);
        setAside += _checkLateInterest(receivableId, progress.lotCount);
        assertEq(handler.receivableSequence(receivableId), progress.sequence, SEQUENCE);
    }

    function _checkLot(LotId lotId, Lot memory lot, uint32 sequence) private view {
        assertTrue(sequence == 1 ? lot.parent == 0 : lot.parent > 0 && lot.parent < sequence, LINEAGE);
        assertEq(lot.faceValue, handler.bornWith(lotId) - handler.takenOff(lotId), LINEAGE);
        if (!_isGone(lens.receivableProgress(lotId.receivableOf()).status)) {
            // A lot that went back into its parent has no value and, for explorers, no holder.
            assertEq(lot.faceValue == 0 ? 0 : lot.holder, handler.holderByEvents(lotId), TITLE);
            assertEq(lot.settled, lot.paid == lot.faceValue, FINALITY);
        }
        assertNotEq(lot.holder, 0, TITLE);
        _checkHoldback(lotId, lot);
        bool isOffered = lens.pendingTransfer(lotId).to != 0;
        assertEq(lot.encumbrance == Encumbrance.LOCKED_TRANSFER, isOffered, TITLE);
        if (!lot.settled) {
            PledgeStatus status = handler.pledgeStatus(lotId);
            bool isPledged = status == PledgeStatus.HELD || status == PledgeStatus.ENFORCED;
            assertEq(lot.encumbrance == Encumbrance.PLEDGED, isPledged, TITLE);
        }
        if (lot.settled) assertEq(uint8(lot.encumbrance), uint8(Encumbrance.NONE), FINALITY);
    }

    /// @dev A lot stays whole while somebody has a claim on it as it was sold; what the holder is not paid, the seller
    /// is, to the unit.
    function _checkHoldback(LotId lotId, Lot memory lot) private view {
        (uint32 seller, uint64 amount, uint32 payee, uint64 paid) = handler.heldBack(lotId);
        (uint32 answerable,) = market.recourseOf(lotId);
        assertEq(lot.indivisible, seller != 0 || answerable != 0, HOLDBACK);
        assertEq(payee, seller, HOLDBACK);
        assertEq(paid, amount, HOLDBACK);
    }

    /// @return setAside What the anchor has set aside for its shares of discounts.
    function _checkBorneInterest() private view returns (uint64 setAside) {
        for (uint64 requestId = 1; requestId <= market.requestCount(); ++requestId) {
            (uint64 borne, uint64 reserved) = handler.borneFor(requestId);
            assertEq(reserved, borne, EARMARK);
            setAside += reserved;
        }
    }

    /// @dev A lot locked for financing has just one open or awarded request; such a request's lot is locked, unless it
    /// is paid.
    function _checkRequests() private view {
        uint256 locked;
        for (uint64 requestId = 1; requestId <= market.requestCount(); ++requestId) {
            FinancingRequest memory request = market.financingRequest(requestId);
            assertEq(handler.isAwaited(requestId), request.status == FinancingStatus.AWARDED, TITLE);
            if (request.status != FinancingStatus.REQUESTED && request.status != FinancingStatus.AWARDED) continue;
            Lot memory lot = lens.lot(request.lotId);
            if (lot.settled) continue;
            assertEq(uint8(lot.encumbrance), uint8(Encumbrance.LOCKED_FINANCING), TITLE);
            ++locked;
        }
        for (uint64 receivableId = 1; receivableId <= ledger.receivableCount(); ++receivableId) {
            uint32 count = lens.receivableProgress(receivableId).lotCount;
            for (uint32 sequence = 1; sequence <= count; ++sequence) {
                Encumbrance encumbrance = lens.lot(toLotId(receivableId, sequence)).encumbrance;
                if (encumbrance == Encumbrance.LOCKED_FINANCING) --locked;
            }
        }
        assertEq(locked, 0, TITLE);
    }

    /// @dev What is used of a line is what its funder's lots, funded quotes and awards by transfer use, and was never
    /// more than the limit after an award.
    function _checkCredit() private view {
        assertEq(handler.overLimit(), 0, CREDIT);
        (, ICreditLines creditLines, uint32[2] memory funders) = handler.late();
        uint32 anchor = handler.anchorId();
        for (uint256 i; i < funders.length; ++i) {
            uint64 used;
            for (uint64 receivableId = 1; receivableId <= ledger.receivableCount(); ++receivableId) {
                uint32 count = lens.receivableProgress(receivableId).lotCount;
                for (uint32 sequence = 1; sequence <= count; ++sequence) {
                    Utilisation memory entry = creditLines.utilisation(toLotId(receivableId, sequence));
                    if (entry.funder == funders[i]) used += entry.amount;
                }
            }
            (uint64 setAside, uint64 ofLine) = handler.fundedBy(funders[i]);
            assertEq(deposit.account(funders[i]).earmarked, setAside, EARMARK);
            used += ofLine;
            CreditLine memory line = creditLines.creditLine(funders[i], anchor, "CNY");
            assertEq(line.utilised, used, CREDIT);
            bytes32 key = keccak256(abi.encode(uint256(funders[i]), uint256(anchor)));
            assertEq(line.sequence, handler.lineSequence(key), SEQUENCE);
        }
    }

    /// @return setAside Late interest that is still earmarked for a receivable.
    function _checkLateInterest(uint64 receivableId, uint32 lotCount) private view returns (uint64 setAside) {
        (ISettlement settlement,,) = handler.late();
        LateInterest memory entry = settlement.lateInterest(receivableId);
        uint64 received;
        for (uint32 sequence = 1; sequence <= lotCount; ++sequence) {
            received += settlement.lateInterestPaid(toLotId(receivableId, sequence));
        }
        assertEq(received, entry.cleared, EARMARK);
        assertLe(entry.cleared, entry.paid, ROUNDING);
        return entry.paid - entry.cleared;
    }

    function _checkDocuments() private view {
        (, uint256 count,) = handler.numbers();
        uint32 live = documents.liveEpoch();
        uint256 uncarried;
        for (uint256 i; i < count; ++i) {
            bytes32 fingerprint = handler.fingerprints(i);
            if (handler.carriedTo(fingerprint) == live) ++uncarried;
            uint64 used;
            for (uint64 receivableId = 1; receivableId <= ledger.receivableCount(); ++receivableId) {
                if (
                    handler.originOf(handler.fingerprintOf(receivableId)) == fingerprint
                        && !_isGone(lens.receivableProgress(receivableId).status)
                ) used += lens.receivableTerms(receivableId).faceValue + handler.paidEarly(receivableId);
            }
            assertEq(documents.document(fingerprint).used, used, OCCUPANCY);
            assertLe(used, documents.document(fingerprint).amount, OCCUPANCY);
            assertEq(documents.document(fingerprint).sequence, handler.documentSequence(fingerprint), SEQUENCE);
        }
        assertEq(documents.uncarried(), uncarried, OCCUPANCY);
        assertEq(handler.leftBehind(), 0, OCCUPANCY);
    }

    function _checkBatches() private view {
        (,, uint256 count) = handler.numbers();
        for (uint256 i; i < count; ++i) {
            bytes32 orderHash = handler.batches(i);
            (uint32 remainingCount, uint64 remainingFaceValue) = handler.batch(orderHash);
            assertEq(handler.rowsTried(orderHash) + remainingCount, handler.batchCount(orderHash), BATCH);
            assertEq(handler.facesTried(orderHash) + remainingFaceValue, handler.batchTotal(orderHash), BATCH);
        }
    }

    function _checkMoney() private view {
        (uint256 count,,) = handler.numbers();
        uint256 held = _checkAccount(handler.anchorId()) + _checkAccount(handler.courtId());
        for (uint256 i; i < count; ++i) {
            held += _checkAccount(handler.holders(i));
        }
        assertEq(held, IErc20(address(deposit)).totalSupply(), NO_CUSTODY);
        for (uint256 i; i < ours.length; ++i) {
            assertEq(IErc20(address(deposit)).balanceOf(ours[i]), 0, NO_CUSTODY);
            assertEq(ours[i].balance, 0, NO_CUSTODY);
        }
    }

    function _checkAccount(uint32 organisation) private view returns (uint256) {
        DepositAccount memory account = deposit.account(organisation);
        assertEq(account.sequence, handler.accountSequence(organisation), SEQUENCE);
        return uint256(account.balance) + account.earmarked;
    }

    function _isGone(ReceivableStatus status) private pure returns (bool) {
        return status == ReceivableStatus.VOID || status == ReceivableStatus.CANCELLED;
    }

    function _acts() private pure returns (bytes4[] memory acts) {
        bytes4[51] memory all = [
            Handler.issue.selector,
            Handler.issueOverTheRest.selector,
            Handler.issueBatch.selector,
            Handler.carry.selector,
            Handler.openEpoch.selector,
            Handler.acceptReceivable.selector,
            Handler.acceptReceivable.selector,
            Handler.endOffer.selector,
            Handler.cancelReceivable.selector,
            Handler.cancelReceivable.selector,
            Handler.split.selector,
            Handler.unsplit.selector,
            Handler.propose.selector,
            Handler.propose.selector,
            Handler.transferTogether.selector,
            Handler.answerOffer.selector,
            Handler.answerOffer.selector,
            Handler.request.selector,
            Handler.award.selector,
            Handler.award.selector,
            Handler.fund.selector,
            Handler.endFunded.selector,
            Handler.endFunded.selector,
            Handler.request.selector,
            Handler.awardByTransfer.selector,
            Handler.awardByTransfer.selector,
            Handler.endAwaited.selector,
            Handler.endAwaited.selector,
            Handler.bearInterest.selector,
            Handler.bearInterest.selector,
            Handler.releaseInterest.selector,
            Handler.endRequest.selector,
            Handler.setLine.selector,
            Handler.releaseLines.selector,
            Handler.noteArrears.selector,
            Handler.claim.selector,
            Handler.repurchase.selector,
            Handler.writeOff.selector,
            Handler.pledge.selector,
            Handler.pledge.selector,
            Handler.endPledge.selector,
            Handler.freeze.selector,
            Handler.endFreeze.selector,
            Handler.settle.selector,
            Handler.settle.selector,
            Handler.crank.selector,
            Handler.attest.selector,
            Handler.mint.selector,
            Handler.redeem.selector,
            Handler.wait.selector,
            Trespasser.trespass.selector
        ];
        acts = new bytes4[](all.length + 1);
        for (uint256 i; i < all.length; ++i) {
            acts[i] = all[i];
        }
        acts[all.length] = Trespasser.trespass.selector;
    }
}
