// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ISettlement, LateInterest} from "./interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {DiscountLib} from "./libraries/DiscountLib.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotId, toLotId} from "./types/Ids.sol";
import {Arrears, LotPayment, ReceivableStatus} from "./types/Ledger.sol";
import {SettleReceivable, WriteOffLot} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";
import {LotWord, ProgrammeWord, StandingWord, TermsWord, UndertakingWord} from "./types/Words.sol";

/// @notice Specified in ISettlement.
contract Settlement is ISettlement {
    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;

    mapping(uint64 receivableId => LateInterest) private _lateInterest;
    /// @notice Late interest that has reached the holders of a lot.
    mapping(LotId lotId => uint64) public lateInterestPaid;

    constructor(IParticipantRegistry registry_, IReceivableLedger ledger_) {
        registry = registry_;
        ledger = ledger_;
    }

    /// @inheritdoc ISettlement
    function settleReceivable(
        SettleReceivable calldata order,
        Approval[] calldata approvals,
        uint32[] calldata lotSequences
    ) external {
        // Check
        _requireTarget(order.target);
        ProgrammeWord rules = ledger.programmeRulesOf(order.receivableId);
        uint32 obligor = rules.anchor();
        if (obligor != order.organisation || obligor == 0) {
            revert NotObligor(order.receivableId, obligor, order.organisation);
        }
        if (rules.currency() != order.currency) {
            revert ITokenisedDeposit.WrongCurrency(order.currency, rules.currency());
        }
        // Effect: `paid` rises only in the call that sets as much aside; the deposit checks the anchor's signature.
        uint40 maturityAt = ledger.recordSettlement(order.receivableId, order.faceValue, order.paid, order.amount);
        uint64 total = order.amount;
        if (block.timestamp >= uint256(maturityAt) + 1 days) total += _chargeLateInterest(order);
        _setAside(rules.deposit(), order, approvals, total);
        _payLots(rules.deposit(), obligor, order.receivableId, lotSequences);
    }

    /// @inheritdoc ISettlement
    function payLots(uint64 receivableId, uint32[] calldata lotSequences) external {
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        if (rules.anchor() == 0) revert IReceivableLedger.ReceivableUnknown(receivableId);
        _payLots(rules.deposit(), rules.anchor(), receivableId, lotSequences);
    }

    /// @inheritdoc ISettlement
    function noteOverdue(uint64 receivableId) external {
        (uint32 sequence, uint64 outstanding) = ledger.noteArrears(receivableId, Arrears.OVERDUE);
        emit ReceivableOverdue(receivableId, sequence, outstanding);
    }

    /// @inheritdoc ISettlement
    function noteDefault(uint64 receivableId) external {
        (uint32 sequence, uint64 outstanding) = ledger.noteArrears(receivableId, Arrears.DEFAULTED);
        emit ReceivableDefaulted(receivableId, sequence, outstanding);
    }

    /// @inheritdoc ISettlement
    function writeOffLot(WriteOffLot calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        // Check
        _requireTarget(order.target);
        // Effect
        bytes memory arguments =
            abi.encodeWithSelector(IReceivableLedger.writeOff.selector, order.lotId, order.faceValue, order.paid);
        (uint256 holder, uint256 sequence) =
            Authorisation.callSigned(address(ledger), arguments, orderHash, head, Act.WRITE_OFF_LOT, approvals);
        if (holder != order.organisation) {
            revert IReceivableLedger.NotHolder(order.lotId, uint32(holder), order.organisation);
        }
        uint64 receivableId = order.lotId.receivableOf();
        emit LotWrittenOff(
            receivableId,
            uint32(sequence),
            order.lotId.sequenceOf(),
            uint32(holder),
            order.faceValue - order.paid,
            _statusOf(receivableId)
        );
    }

    function lateInterest(uint64 receivableId) external view returns (LateInterest memory) {
        return _lateInterest[receivableId];
    }

    // --- Internals

    function _setAside(address deposit, SettleReceivable calldata order, Approval[] calldata approvals, uint64 total)
        private
    {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        bytes memory arguments =
            abi.encodeWithSelector(ITokenisedDeposit.earmark.selector, order.organisation, total, order.receivableId);
        Authorisation.callSigned(deposit, arguments, orderHash, head, Act.SETTLE_RECEIVABLE, approvals);
    }

    /// @dev Each amount paid late carries the interest it accrued from the due instant to this block, so the interest
    /// on all of them is the simple interest on what was outstanding from day to day.
    function _chargeLateInterest(SettleReceivable calldata order) private returns (uint64 charged) {
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(order.receivableId);
        (,, TermsWord terms) = ledger.programmeWords(standing.programmeId());
        charged = DiscountLib.lateInterestAt(
            order.amount, terms.lateInterestBps(), undertaking.maturityAt(), block.timestamp
        );
        if (charged > order.lateInterest) {
            revert LateInterestTooLow(order.receivableId, charged, order.lateInterest);
        }
        LateInterest storage entry = _lateInterest[order.receivableId];
        uint64 paid = entry.paid + charged;
        entry.paid = paid;
        emit LateInterestCharged(order.receivableId, ledger.advance(order.receivableId), charged, paid);
    }

    function _payLots(address deposit, uint32 obligor, uint64 receivableId, uint32[] calldata lotSequences) private {
        LotPayment[] memory payments = ledger.payLots(receivableId, lotSequences);
        if (payments.length != 0) ITokenisedDeposit(deposit).payEarmarked(obligor, receivableId, payments);
        LateInterest memory entry = _lateInterest[receivableId];
        if (entry.paid == entry.cleared) return;
        payments = _shareLateInterest(receivableId, lotSequences, entry);
        if (payments.length != 0) ITokenisedDeposit(deposit).payEarmarked(obligor, receivableId, payments);
    }

    /// @dev By the same floor share as the face. What the floors leave over stays set aside in the anchor's account.
    function _shareLateInterest(uint64 receivableId, uint32[] calldata lotSequences, LateInterest memory entry)
        private
        returns (LotPayment[] memory payments)
    {
        (UndertakingWord undertaking,) = ledger.receivableWords(receivableId);
        payments = new LotPayment[](lotSequences.length);
        uint256 count;
        for (uint256 i; i < lotSequences.length; ++i) {
            LotId lotId = toLotId(receivableId, lotSequences[i]);
            LotWord lot = ledger.lotWord(lotId);
            uint64 before = lateInterestPaid[lotId];
            uint64 share = uint64(uint256(lot.faceValue()) * entry.paid / undertaking.faceValue());
            if (share <= before) continue;
            // One lot must not spoil the others, as with the face.
            uint32 payee = lot.isMarked() ? ledger.encumbrances().payeeOf(lotId, lot.holder()) : lot.holder();
            if (payee == 0 || registry.statusOf(payee) == ParticipantStatus.BLOCKED) continue;
            lateInterestPaid[lotId] = share;
            entry.cleared += share - before;
            payments[count++] = LotPayment({lotSequence: lotSequences[i], payee: payee, amount: share - before});
        }
        assembly ("memory-safe") {
            mstore(payments, count)
        }
        if (count == 0) return payments;
        _lateInterest[receivableId].cleared = entry.cleared;
        emit LateInterestPaid(receivableId, ledger.advance(receivableId), payments);
    }

    function _statusOf(uint64 receivableId) private view returns (ReceivableStatus) {
        (, StandingWord standing) = ledger.receivableWords(receivableId);
        return standing.status();
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
    }
}
