"""Projections: money that moved outside the chain, by payees' and their banks' word."""

from chainfin.domain import events as said
from chainfin.domain.events import LotPayment, RawLog
from chainfin.domain.receivable import TransferStatus
from chainfin.indexer.lots import advance_receivable, close_offer, free, lot_of
from chainfin.indexer.rows import Rows, line, staged
from chainfin.indexer.settlements import payment_line, settle
from chainfin.models.attestations import AttestationRow, ConfirmationRow

# Rows in the making: see `rows.staged`.
_Attestation = staged(AttestationRow)
_Confirmation = line(ConfirmationRow)


def payment_confirmed(rows: Rows, log: RawLog, event: said.PaymentConfirmed) -> None:
    """The payee says so; nothing is paid by it."""
    advance_receivable(rows, event)
    rows.append(
        _Confirmation(
            receivable_id=event.receivable_id,
            sequence=event.sequence,
            lot_sequence=event.lot_sequence,
            payee=event.payee,
            bank=event.bank,
            amount_minor=event.amount,
            late_interest_minor=event.late_interest,
            line_hash=event.line_hash,
            confirmed_at=log.position.block_timestamp,
        )
    )


def payment_attested(rows: Rows, log: RawLog, event: said.PaymentAttested) -> None:
    """A lot is paid, and shares no more in what is set aside for the others."""
    receivable = settle(rows, log, event, late_interest_minor=event.late_interest)
    lot = lot_of(rows, event, event.lot_sequence)
    receivable.attested_face_minor += lot.face_value_minor
    receivable.attested_interest_minor += lot.late_interest_minor
    receivable.cleared_minor += event.amount
    if lot.pending_transfer_sequence is not None:
        close_offer(rows, log, lot, TransferStatus.EXTINGUISHED, event.sequence)
    free(lot)
    lot.paid_minor = lot.face_value_minor
    lot.is_settled = lot.is_attested = True
    rows.add(
        _Attestation(
            receivable_id=event.receivable_id,
            sequence=event.sequence,
            lot_sequence=event.lot_sequence,
            payee=event.payee,
            bank=event.bank,
            amount_minor=event.amount,
            late_interest_minor=event.late_interest,
            value_at=event.value_at,
            line_hash=event.line_hash,
            attested_at=log.position.block_timestamp,
            transaction_hash=log.position.transaction_hash,
        )
    )
    payment = LotPayment(event.lot_sequence, event.payee, event.amount)
    rows.append(payment_line(log, event, payment, is_late_interest=False))
