"""The copy of clearing: what anchors paid, and what reached the holders of lots."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import Index, or_, tuple_
from sqlmodel import Session, col, select

from chainfin.domain.receivable import Arrears, ReceivableStatus, TransferStatus
from chainfin.models.columns import (
    ArrearsOfReceivable,
    Hash,
    IndexTable,
    Int64,
    KeyInt64,
    StatusOfReceivable,
)
from chainfin.models.financings import FinancingRequestRow
from chainfin.models.receivables import LotRow, ReceivableRow, has_party
from chainfin.models.transfers import TransferRow

_TITLE_PASSED = (TransferStatus.ACCEPTED, TransferStatus.DIRECT)


class SettlementRow(IndexTable, table=True):
    """One payment of an anchor on one receivable.

    Attributes:
        amount_minor: This payment.
        paid_minor: The sum of all payments up to this one.
        status: The receivable's after it.
        late_interest_minor: What was paid beside it for being late.
    """

    __tablename__: ClassVar[str] = "settlement"

    receivable_id: KeyInt64
    sequence: KeyInt64
    amount_minor: Int64
    paid_minor: Int64
    status: StatusOfReceivable
    settled_at: Int64
    transaction_hash: Hash
    late_interest_minor: Int64 = 0


class ArrearsRow(IndexTable, table=True):
    """A receivable that was noted as overdue or in default.

    Attributes:
        outstanding_minor: What the anchor still owed then.
    """

    __tablename__: ClassVar[str] = "arrears"
    __table_args__ = (Index("ix_arrears_obligor", "obligor", "noted_at"),)

    receivable_id: KeyInt64
    sequence: KeyInt64
    obligor: Int64
    arrears: ArrearsOfReceivable
    outstanding_minor: Int64
    noted_at: Int64
    transaction_hash: Hash


class LotPaymentRow(IndexTable, table=True):
    """One payment on one lot, of its face or of late interest: to its holder, or to its court.

    Attributes:
        is_holdback: Whether it is the seller's, of what was held back.
    """

    __tablename__: ClassVar[str] = "lot_payment"
    __table_args__ = (Index("ix_lot_payment_payee", "payee", "receivable_id"),)

    receivable_id: KeyInt64
    sequence: KeyInt64
    lot_sequence: KeyInt64
    payee: Int64
    amount_minor: Int64
    is_late_interest: bool
    is_holdback: bool
    paid_at: Int64
    transaction_hash: Hash


def arrears_of(
    session: Session, *, obligor: int | None = None, after: int = 0
) -> Sequence[ArrearsRow]:
    """What was noted of an anchor, or of all, after an instant, in the order it was noted."""
    wanted = select(ArrearsRow).where(ArrearsRow.noted_at > after)
    if obligor is not None:
        wanted = wanted.where(ArrearsRow.obligor == obligor)
    ordered = wanted.order_by(col(ArrearsRow.noted_at), col(ArrearsRow.receivable_id))
    return session.exec(ordered.order_by(col(ArrearsRow.sequence))).all()


def arrears_of_receivable(session: Session, receivable_id: int) -> Sequence[ArrearsRow]:
    """What was noted of a receivable, in order."""
    wanted = select(ArrearsRow).where(ArrearsRow.receivable_id == receivable_id)
    return session.exec(wanted.order_by(col(ArrearsRow.sequence))).all()


def defaults_of_party(
    session: Session, party: int | None, *, limit: int = 500
) -> Sequence[ArrearsRow]:
    """The newest defaults of receivables an organisation owed, was issued, held, or passed on.

    Args:
        session: The database.
        party: The organisation; None for all defaults.
        limit: At most so many.
    """
    wanted = select(ArrearsRow).where(ArrearsRow.arrears == Arrears.DEFAULTED)
    if party is not None:
        number = col(ArrearsRow.receivable_id)
        wanted = wanted.where(
            or_(
                col(ArrearsRow.obligor) == party,
                number.in_(_numbers(ReceivableRow, ReceivableRow.supplier == party)),
                number.in_(_numbers(LotRow, LotRow.holder == party)),
                number.in_(
                    _numbers(
                        TransferRow,
                        or_(
                            TransferRow.sender == party,  # type: ignore[arg-type]
                            (col(TransferRow.receiver) == party)
                            & col(TransferRow.status).in_(_TITLE_PASSED),
                        ),
                    )
                ),
                number.in_(
                    _numbers(
                        FinancingRequestRow,
                        or_(
                            FinancingRequestRow.holder == party,  # type: ignore[arg-type]
                            FinancingRequestRow.funder == party,  # type: ignore[arg-type]
                        ),
                    )
                ),
            )
        )
    ordered = wanted.order_by(col(ArrearsRow.noted_at).desc(), col(ArrearsRow.receivable_id))
    return session.exec(ordered.limit(limit)).all()


def unpaid_receivables(
    session: Session,
    obligor: int | None,
    *,
    due_before: int | None = None,
    after: tuple[int, int] | None = None,
    limit: int,
) -> Sequence[ReceivableRow]:
    """Receivables an anchor, or any, still owes on, soonest due first.

    Args:
        session: The database.
        obligor: The anchor; None for all.
        due_before: Only those due before this instant.
        after: Only those behind this one, by due instant and number.
        limit: At most so many.
    """
    row = ReceivableRow
    owed = (ReceivableStatus.ACTIVE, ReceivableStatus.WRITTEN_OFF)
    wanted = select(row).where(col(row.status).in_(owed))
    if obligor is not None:
        wanted = wanted.where(row.obligor == obligor)
    if due_before is not None:
        wanted = wanted.where(row.maturity_at < due_before)
    if after is not None:
        wanted = wanted.where(tuple_(col(row.maturity_at), col(row.receivable_id)) > after)
    ordered = wanted.order_by(col(row.maturity_at), col(row.receivable_id))
    return session.exec(ordered.limit(limit)).all()


def unnoted_arrears(
    session: Session, *, due_before: int, grace_before: int, limit: int
) -> tuple[Sequence[int], Sequence[int]]:
    """Receivables that are overdue, and those in default, that nobody has noted as such.

    Args:
        session: The database.
        due_before: Due before this instant they are overdue.
        grace_before: With grace ended before this instant they are in default.
        limit: At most so many of each.
    """
    row = ReceivableRow
    active = select(row.receivable_id).where(row.status == ReceivableStatus.ACTIVE)
    active = active.order_by(col(row.maturity_at)).limit(limit)
    overdue = active.where(
        row.arrears == Arrears.NONE,
        row.maturity_at < due_before,
        row.grace_ends_at >= grace_before,
    )
    defaulted = active.where(
        row.arrears != Arrears.DEFAULTED,
        row.maturity_at < grace_before,
        row.grace_ends_at < grace_before,
    )
    return session.exec(overdue).all(), session.exec(defaulted).all()


def _numbers(kind: Any, condition: Any) -> Any:
    return select(kind.receivable_id).where(condition)


def list_settlements(
    session: Session, *, party: int | None, after: tuple[int, int] | None, limit: int
) -> Sequence[tuple[SettlementRow, ReceivableRow]]:
    """Payments of anchors by (receivable, event) number, each with its receivable.

    Args:
        session: The database.
        party: Only on receivables this organisation owes, was issued, or holds a lot of.
        after: Only with a higher number.
        limit: At most so many.
    """
    row, receivable = SettlementRow, ReceivableRow
    wanted = select(row, receivable).join(
        receivable, col(receivable.receivable_id) == row.receivable_id
    )
    if party is not None:
        wanted = wanted.where(has_party(party))
    place = (col(row.receivable_id), col(row.sequence))
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return session.exec(wanted.order_by(*place).limit(limit)).all()


def list_lot_payments(
    session: Session, *, party: int | None, after: tuple[int, int, int] | None, limit: int
) -> Sequence[tuple[LotPaymentRow, ReceivableRow]]:
    """Payments to holders by (receivable, event, lot) number, each with its receivable.

    Args:
        session: The database.
        party: Only those this organisation received, or owed.
        after: Only with a higher number.
        limit: At most so many.
    """
    row, receivable = LotPaymentRow, ReceivableRow
    wanted = select(row, receivable).join(
        receivable, col(receivable.receivable_id) == row.receivable_id
    )
    if party is not None:
        wanted = wanted.where((col(row.payee) == party) | (col(receivable.obligor) == party))
    place = (col(row.receivable_id), col(row.sequence), col(row.lot_sequence))
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return session.exec(wanted.order_by(*place).limit(limit)).all()
