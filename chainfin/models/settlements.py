"""The copy of clearing: what anchors paid, and what reached the holders of lots."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Session, col, select

from chainfin.domain.receivable import LotId
from chainfin.models.columns import Hash, IndexTable, Int64, KeyInt64, StatusOfReceivable


class SettlementRow(IndexTable, table=True):
    """One payment of an anchor on one receivable.

    Attributes:
        amount_minor: This payment.
        paid_minor: The sum of all payments up to this one.
        status: The receivable's after it.
    """

    __tablename__: ClassVar[str] = "settlement"

    receivable_id: KeyInt64
    sequence: KeyInt64
    amount_minor: Int64
    paid_minor: Int64
    status: StatusOfReceivable
    settled_at: Int64
    transaction_hash: Hash


class LotPaymentRow(IndexTable, table=True):
    """One payment to the holder of one lot."""

    __tablename__: ClassVar[str] = "lot_payment"
    __table_args__ = (Index("ix_lot_payment_holder", "holder", "receivable_id"),)

    receivable_id: KeyInt64
    sequence: KeyInt64
    lot_sequence: KeyInt64
    holder: Int64
    amount_minor: Int64
    paid_at: Int64
    transaction_hash: Hash


def settlements_of(session: Session, receivable_id: int) -> Sequence[SettlementRow]:
    """Every payment of the anchor on a receivable, in order."""
    wanted = select(SettlementRow).where(SettlementRow.receivable_id == receivable_id)
    return session.exec(wanted.order_by(col(SettlementRow.sequence))).all()


def lot_payments_of(session: Session, receivable_id: int) -> Sequence[LotPaymentRow]:
    """Every payment to holders of a receivable's lots, in order."""
    wanted = select(LotPaymentRow).where(LotPaymentRow.receivable_id == receivable_id)
    ordered = wanted.order_by(col(LotPaymentRow.sequence), col(LotPaymentRow.lot_sequence))
    return session.exec(ordered).all()


def payments_of_lot(session: Session, lot_id: LotId) -> Sequence[LotPaymentRow]:
    """Every payment to holders of one lot, in order."""
    wanted = select(LotPaymentRow).where(
        LotPaymentRow.receivable_id == lot_id.receivable_id,
        LotPaymentRow.lot_sequence == lot_id.lot_sequence,
    )
    return session.exec(wanted.order_by(col(LotPaymentRow.sequence))).all()


def payments_to(session: Session, holder: int, *, limit: int = 100) -> Sequence[LotPaymentRow]:
    """The newest payments to a holder, newest first."""
    wanted = select(LotPaymentRow).where(LotPaymentRow.holder == holder)
    ordered = wanted.order_by(col(LotPaymentRow.paid_at).desc(), col(LotPaymentRow.receivable_id))
    return session.exec(ordered.limit(limit)).all()
