"""Projections: what anchors paid, in time or late, and what reached the holders."""

from chainfin.domain import events as said
from chainfin.domain.events import LotPayment, RawLog
from chainfin.domain.receivable import Arrears, Encumbrance, ReceivableStatus, TransferStatus
from chainfin.indexer.lots import advance_receivable, close_offer, free, lot_of
from chainfin.indexer.rows import Rows, line, staged
from chainfin.models.receivables import LotRow, ReceivableRow
from chainfin.models.settlements import ArrearsRow, LotPaymentRow, SettlementRow

# Rows in the making: see `rows.staged`.
_Arrears = staged(ArrearsRow)
_LotPayment = line(LotPaymentRow)
_Settlement = staged(SettlementRow)


def receivable_settled(rows: Rows, log: RawLog, event: said.ReceivableSettled) -> None:
    """The anchor has paid, in full or in part."""
    settle(rows, log, event, late_interest_minor=0)


def settle(
    rows: Rows,
    log: RawLog,
    event: said.ReceivableSettled | said.PaymentAttested,
    *,
    late_interest_minor: int,
) -> ReceivableRow:
    """A receivable is paid, in full or in part: it, and the line that says so; the receivable."""
    receivable = advance_receivable(rows, event)
    receivable.paid_minor = event.paid
    receivable.status = event.status
    if event.status is ReceivableStatus.SETTLED:
        receivable.arrears = Arrears.NONE
    rows.add(
        _Settlement(
            receivable_id=event.receivable_id,
            sequence=event.sequence,
            amount_minor=event.amount,
            paid_minor=event.paid,
            status=event.status,
            settled_at=log.position.block_timestamp,
            transaction_hash=log.position.transaction_hash,
            late_interest_minor=late_interest_minor,
        )
    )
    return receivable


def lots_paid(rows: Rows, log: RawLog, event: said.LotsPaid) -> None:
    """Holders are paid; a lot that is paid in full is settled, whatever held it."""
    receivable = advance_receivable(rows, event)
    for payment in event.payments:
        lot = lot_of(rows, event, payment.lot_sequence)
        is_holdback = _is_holdback(lot, payment)
        lot.paid_minor += payment.amount
        receivable.cleared_minor += payment.amount
        if lot.paid_minor == lot.face_value_minor:
            if lot.pending_transfer_sequence is not None:
                close_offer(rows, log, lot, TransferStatus.EXTINGUISHED, event.sequence)
            free(lot)
            lot.is_settled = True
        rows.append(payment_line(log, event, payment, is_holdback=is_holdback))


def _is_holdback(lot: LotRow, payment: LotPayment) -> bool:
    """Whether a payment is the seller's: the holder's share comes first, whoever collects that."""
    seller = lot.holdback_seller
    if seller is None or seller != payment.payee or seller == lot.holder:
        return False
    return lot.paid_minor >= lot.face_value_minor - lot.holdback_minor


def late_interest_charged(rows: Rows, _log: RawLog, event: said.LateInterestCharged) -> None:
    """The payment before it was late: what was paid beside it."""
    receivable = advance_receivable(rows, event)
    receivable.late_interest_paid_minor = event.paid
    settlement = rows.get(SettlementRow, event.receivable_id, event.sequence - 1)
    settlement.late_interest_minor = event.amount


def late_interest_paid(rows: Rows, log: RawLog, event: said.LateInterestPaid) -> None:
    """Late interest reached the holders."""
    receivable = advance_receivable(rows, event)
    for payment in event.payments:
        receivable.late_interest_cleared_minor += payment.amount
        lot_of(rows, event, payment.lot_sequence).late_interest_minor += payment.amount
        rows.append(payment_line(log, event, payment, is_late_interest=True))


def receivable_overdue(rows: Rows, log: RawLog, event: said.ReceivableOverdue) -> None:
    """The day of payment ended without payment in full."""
    _note(rows, log, event, Arrears.OVERDUE)


def receivable_defaulted(rows: Rows, log: RawLog, event: said.ReceivableDefaulted) -> None:
    """The grace ended without payment in full."""
    _note(rows, log, event, Arrears.DEFAULTED)


def lot_written_off(rows: Rows, _log: RawLog, event: said.LotWrittenOff) -> None:
    """A holder gave its lot up; the last one takes the receivable with it."""
    advance_receivable(rows, event).status = event.status
    lot_of(rows, event, event.lot_sequence).encumbrance = Encumbrance.WRITTEN_OFF


def _note(
    rows: Rows,
    log: RawLog,
    event: said.ReceivableOverdue | said.ReceivableDefaulted,
    arrears: Arrears,
) -> None:
    receivable = advance_receivable(rows, event)
    receivable.arrears = arrears
    rows.add(
        _Arrears(
            receivable_id=event.receivable_id,
            sequence=event.sequence,
            obligor=receivable.obligor,
            arrears=arrears,
            outstanding_minor=event.outstanding,
            noted_at=log.position.block_timestamp,
            transaction_hash=log.position.transaction_hash,
        )
    )


def payment_line(
    log: RawLog,
    event: said.LotsPaid | said.LateInterestPaid | said.PaymentAttested,
    payment: LotPayment,
    *,
    is_late_interest: bool = False,
    is_holdback: bool = False,
) -> LotPaymentRow:
    """That something reached a lot's payee."""
    return _LotPayment(
        receivable_id=event.receivable_id,
        sequence=event.sequence,
        lot_sequence=payment.lot_sequence,
        payee=payment.payee,
        amount_minor=payment.amount,
        is_late_interest=is_late_interest,
        is_holdback=is_holdback,
        paid_at=log.position.block_timestamp,
        transaction_hash=log.position.transaction_hash,
    )
