"""Projections: what anchors paid and what reached the holders."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.receivable import TransferStatus
from chainfin.indexer.lots import advance_receivable, close_offer, free, lot_of
from chainfin.indexer.rows import Rows, staged
from chainfin.models.settlements import LotPaymentRow, SettlementRow

# Rows in the making: see `rows.staged`.
_LotPayment = staged(LotPaymentRow)
_Settlement = staged(SettlementRow)


def receivable_settled(rows: Rows, log: RawLog, event: said.ReceivableSettled) -> None:
    """The anchor has paid, in full or in part."""
    receivable = advance_receivable(rows, event)
    receivable.paid_minor = event.paid
    receivable.status = event.status
    rows.add(
        _Settlement(
            receivable_id=event.receivable_id,
            sequence=event.sequence,
            amount_minor=event.amount,
            paid_minor=event.paid,
            status=event.status,
            settled_at=log.position.block_timestamp,
            transaction_hash=log.position.transaction_hash,
        )
    )


def lots_paid(rows: Rows, log: RawLog, event: said.LotsPaid) -> None:
    """Holders are paid; a lot that is paid in full is settled, whatever held it."""
    receivable = advance_receivable(rows, event)
    for payment in event.payments:
        lot = lot_of(rows, event, payment.lot_sequence)
        lot.paid_minor += payment.amount
        receivable.cleared_minor += payment.amount
        if lot.paid_minor == lot.face_value_minor:
            if lot.pending_transfer_sequence is not None:
                close_offer(rows, log, lot, TransferStatus.EXTINGUISHED, event.sequence)
            free(lot)
            lot.is_settled = True
        rows.add(
            _LotPayment(
                receivable_id=event.receivable_id,
                sequence=event.sequence,
                lot_sequence=payment.lot_sequence,
                holder=payment.holder,
                amount_minor=payment.amount,
                paid_at=log.position.block_timestamp,
                transaction_hash=log.position.transaction_hash,
            )
        )
