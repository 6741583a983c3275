// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEncumbrances} from "./interfaces/IEncumbrances.sol";
import {IFinancingMarket} from "./interfaces/IFinancingMarket.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IReceivableLedger} from "./interfaces/IReceivableLedger.sol";
import {ISettlement, LateInterest, StatementLine} from "./interfaces/ISettlement.sol";
import {ITokenisedDeposit} from "./interfaces/ITokenisedDeposit.sol";
import {Authorisation} from "./libraries/Authorisation.sol";
import {DiscountLib} from "./libraries/DiscountLib.sol";
import {OrderHead, OrderReader} from "./libraries/OrderReader.sol";
import {LotId, MAXIMUM_AMOUNT, toLotId} from "./types/Ids.sol";
import {Arrears, LotPayment, ReceivableStatus} from "./types/Ledger.sol";
import {AttestPayment, ConfirmPayment, SettleReceivable, WriteOffLot} from "./types/Orders.sol";
import {Act, Approval, ParticipantStatus} from "./types/Participants.sol";
import {LotWord, ProgrammeWord, StandingWord, TermsWord, UndertakingWord} from "./types/Words.sol";

/// @notice Specified in ISettlement.
contract Settlement is ISettlement {
    using Authorisation for IParticipantRegistry;

    IParticipantRegistry public immutable registry;
    IReceivableLedger public immutable ledger;

    mapping(uint64 receivableId => LateInterest) private _lateInterest;
    /// @notice Late interest that has reached the holders of a lot.
    mapping(LotId lotId => uint64) public lateInterestPaid;
    /// @notice The line of a bank's statement by which a lot was paid outside the chain; 0 for none.
    mapping(LotId lotId => bytes32) public attestedLine;
    mapping(bytes32 lineHash => StatementLine) private _statementLines;
    /// @dev What payees confirmed they were paid, by the hash of all of it.
    mapping(bytes32 payment => bool) private _confirmed;

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

    /// @inheritdoc ISettlement
    function confirmPayment(ConfirmPayment calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        // Check
        uint64 total = _totalOf(order.amount, order.lateInterest);
        registry.authorise(orderHash, head, Act.CONFIRM_PAYMENT, order.currency, total, approvals);
        _lotOf(lotId, order.organisation, order.faceValue, order.paid);
        // Effect
        _confirmed[_confirmation(order)] = true;
        uint64 receivableId = lotId.receivableOf();
        emit PaymentConfirmed(
            receivableId,
            ledger.advance(receivableId),
            lotId.sequenceOf(),
            order.organisation,
            order.bank,
            order.amount,
            order.lateInterest,
            order.lineHash
        );
    }

    /// @inheritdoc ISettlement
    function attestPayment(AttestPayment calldata order, Approval[] calldata approvals) external {
        (bytes32 orderHash, OrderHead calldata head) = OrderReader.read(order);
        LotId lotId = order.lotId;
        uint64 receivableId = lotId.receivableOf();
        ProgrammeWord rules = ledger.programmeRulesOf(receivableId);
        // Check: the payee's bank says so; where it is the payer's as well, or the payer's is not known, the payee too.
        uint64 total = _totalOf(order.amount, order.lateInterest);
        registry.authorise(orderHash, head, Act.ATTEST_PAYMENT, order.currency, total, approvals);
        if (rules.currency() != order.currency) {
            revert ITokenisedDeposit.WrongCurrency(order.currency, rules.currency());
        }
        uint32 payeesBank = registry.settlementBankOf(order.payee, order.currency);
        if (payeesBank != order.organisation) revert NotPayeesBank(order.payee, payeesBank, order.organisation);
        if (!isFarFrom(order.organisation, rules.anchor(), rules) && !_confirmed[_confirmationOf(order)]) {
            revert ConfirmationMissing(lotId, order.payee, order.organisation);
        }
        _requirePayable(order);
        _requireWhole(order);
        // Effect
        _useLine(lotId, order.organisation, order.lineHash, order.lineAmount, total);
        _leaveInterest(receivableId, order);
        attestedLine[lotId] = order.lineHash;
        _emitAttested(order, ledger.recordAttestation(lotId));
    }

    /// @inheritdoc ISettlement
    function useLine(LotId lotId, uint32 bank, bytes32 lineHash, uint64 lineAmount, uint64 amount) external {
        if (msg.sender != address(IFinancingMarket(ledger.market()).funding())) {
            revert IReceivableLedger.CompanionRequired(msg.sender);
        }
        _useLine(lotId, bank, lineHash, lineAmount, amount);
    }

    /// @inheritdoc ISettlement
    function isFarFrom(uint32 bank, uint32 payer, ProgrammeWord rules) public view returns (bool) {
        uint32 payersBank = registry.settlementBankOf(payer, rules.currency());
        if (payersBank == 0) return false;
        uint32 group = registry.groupOf(bank);
        if (group == registry.groupOf(payer) || group == registry.groupOf(payersBank)) return false;
        ITokenisedDeposit deposit = ITokenisedDeposit(rules.deposit());
        return deposit.bank() != bank || !deposit.hasAccount(payer);
    }

    function statementLine(bytes32 lineHash) external view returns (StatementLine memory) {
        return _statementLines[lineHash];
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
            uint64 share = _interestShare(lotId, lot.faceValue(), undertaking.faceValue(), entry);
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

    /// @dev A lot paid outside the chain had its interest there, beside what the pool had paid it before.
    function _interestShare(LotId lotId, uint64 lotFace, uint64 receivableFace, LateInterest memory entry)
        private
        view
        returns (uint64)
    {
        if (lotFace == 0 || (entry.leftFace != 0 && attestedLine[lotId] != bytes32(0))) return 0;
        return uint64(uint256(lotFace) * (entry.paid - entry.left) / (receivableFace - entry.leftFace));
    }

    /// @dev Owed to the payee as signed, and to nobody else by another right.
    function _requirePayable(AttestPayment calldata order) private view {
        LotId lotId = order.lotId;
        LotWord lot = _lotOf(lotId, order.payee, order.faceValue, order.paid);
        ReceivableStatus status = _statusOf(lotId.receivableOf());
        if (status != ReceivableStatus.ACTIVE && status != ReceivableStatus.WRITTEN_OFF) {
            revert IReceivableLedger.ReceivableNotActive(lotId.receivableOf(), status);
        }
        if (lot.isMarked()) _requireUnbound(order);
        if (registry.statusOf(order.payee) == ParticipantStatus.BLOCKED) {
            revert IParticipantRegistry.ParticipantBlocked(order.payee);
        }
    }

    /// @dev No court, no pledgee and no earlier seller has the payment, or a part of it, in the holder's place.
    function _requireUnbound(AttestPayment calldata order) private view {
        IEncumbrances encumbrances = ledger.encumbrances();
        uint40 until = encumbrances.frozenUntil(order.lotId);
        if (until != 0) revert IReceivableLedger.LotFrozen(order.lotId, until);
        uint64 outstanding = order.faceValue - order.paid;
        (uint32 payee, uint64 amount) = encumbrances.paymentOf(order.lotId, order.payee, order.paid, outstanding);
        if (payee != order.payee || amount != outstanding) revert PaymentShared(order.lotId, payee, amount);
    }

    /// @dev A lot that is owed, its holder's and as signed.
    function _lotOf(LotId lotId, uint32 holder, uint64 faceValue, uint64 paid) private view returns (LotWord lot) {
        lot = ledger.lotWord(lotId);
        if (lot.holder() == 0) revert IReceivableLedger.LotUnknown(lotId);
        if (lot.holder() != holder) revert IReceivableLedger.NotHolder(lotId, lot.holder(), holder);
        if (lot.isSettled()) revert IReceivableLedger.LotAlreadySettled(lotId);
        if (lot.faceValue() != faceValue || lot.paid() != paid) {
            revert IReceivableLedger.LotChanged(lotId, lot.faceValue(), lot.paid());
        }
    }

    /// @dev All that is outstanding on the lot, and the interest accrued on it when the money came in; no cent else.
    function _requireWhole(AttestPayment calldata order) private view {
        uint64 receivableId = order.lotId.receivableOf();
        if (order.valueAt > block.timestamp) revert IReceivableLedger.InstantOutOfRange(order.valueAt);
        (UndertakingWord undertaking, StandingWord standing) = ledger.receivableWords(receivableId);
        (,, TermsWord terms) = ledger.programmeWords(standing.programmeId());
        uint64 outstanding = order.faceValue - order.paid;
        uint64 accrued =
            DiscountLib.lateInterestAt(outstanding, terms.lateInterestBps(), undertaking.maturityAt(), order.valueAt);
        if (order.amount != outstanding || order.lateInterest != accrued) {
            revert AttestedAmountDiffers(order.lotId, outstanding, accrued);
        }
    }

    /// @dev A line counts once (ONCE): its parts are never more than it.
    function _useLine(LotId lotId, uint32 bank, bytes32 lineHash, uint64 lineAmount, uint64 amount) private {
        if (lineHash == bytes32(0)) revert StatementLineMissing(lotId);
        StatementLine memory line = _statementLines[lineHash];
        if (line.bank == 0) (line.bank, line.amount) = (bank, lineAmount);
        if (line.bank != bank || line.amount != lineAmount) {
            revert StatementLineChanged(lineHash, line.bank, line.amount);
        }
        if (amount > line.amount - line.used) revert StatementLineUsed(lineHash, line.amount - line.used, amount);
        line.used += amount;
        _statementLines[lineHash] = line;
    }

    function _totalOf(uint64 amount, uint64 interest) private pure returns (uint64) {
        if (amount > MAXIMUM_AMOUNT) revert AmountTooLarge(amount, MAXIMUM_AMOUNT);
        if (interest > MAXIMUM_AMOUNT - amount) revert AmountTooLarge(interest, MAXIMUM_AMOUNT - amount);
        return amount + interest;
    }

    /// @dev The lot shares no more in the interest set aside for the others; what it was due of it, it has had.
    function _leaveInterest(uint64 receivableId, AttestPayment calldata order) private {
        LateInterest memory entry = _lateInterest[receivableId];
        uint64 had = lateInterestPaid[order.lotId];
        if (entry.paid != 0) {
            (UndertakingWord undertaking,) = ledger.receivableWords(receivableId);
            if (_interestShare(order.lotId, order.faceValue, undertaking.faceValue(), entry) > had) {
                revert IReceivableLedger.LotPartlyPaid(order.lotId, order.paid);
            }
        }
        entry.left += had;
        entry.leftFace += order.faceValue;
        _lateInterest[receivableId] = entry;
    }

    function _emitAttested(AttestPayment calldata order, StandingWord standing) private {
        emit PaymentAttested(
            order.lotId.receivableOf(),
            standing.sequence(),
            order.lotId.sequenceOf(),
            order.payee,
            order.organisation,
            order.amount,
            order.lateInterest,
            uint40(order.valueAt),
            order.lineHash,
            standing.paid(),
            standing.status()
        );
    }

    /// @dev The same for order and confirmation: who was paid, by whose word, and every field they share.
    function _confirmationOf(AttestPayment calldata order) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                order.payee,
                order.organisation,
                order.lotId,
                order.faceValue,
                order.paid,
                order.currency,
                order.amount,
                order.lateInterest,
                order.valueAt,
                order.lineHash,
                order.lineAmount
            )
        );
    }

    function _confirmation(ConfirmPayment calldata order) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                order.organisation,
                order.bank,
                order.lotId,
                order.faceValue,
                order.paid,
                order.currency,
                order.amount,
                order.lateInterest,
                order.valueAt,
                order.lineHash,
                order.lineAmount
            )
        );
    }

    function _statusOf(uint64 receivableId) private view returns (ReceivableStatus) {
        (, StandingWord standing) = ledger.receivableWords(receivableId);
        return standing.status();
    }

    function _requireTarget(address target) private view {
        if (target != address(this)) revert IParticipantRegistry.WrongTarget(target, address(this));
    }
}
