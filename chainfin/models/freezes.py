"""The copy of freezes: what courts and authorities keep lots for."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Index, or_, tuple_
from sqlmodel import Session, col, select

from chainfin.domain.freezes import Freeze
from chainfin.domain.receivable import LotId
from chainfin.models.columns import IndexTable, Int64, KeyHash, KeyInt64, OptionalInt64


class FreezeRow(IndexTable, table=True):
    """One order over one lot; a lot is never frozen twice under one reference.

    Attributes:
        sequence: Number of the receivable's event it began with.
    """

    __tablename__: ClassVar[str] = "lot_freeze"  # FREEZE is a word of PostgreSQL
    __table_args__ = (
        Index("ix_lot_freeze_court", "court", "receivable_id"),
        Index("ix_lot_freeze_holder", "holder", "receivable_id"),
    )

    receivable_id: KeyInt64
    lot_sequence: KeyInt64
    reference_hash: KeyHash
    sequence: Int64
    holder: Int64
    court: Int64
    is_hold: bool
    to_court: bool
    started_at: Int64
    expires_at: Int64
    lifted_at: OptionalInt64 = None

    def to_domain(self) -> Freeze:
        """As the contract has it."""
        return Freeze(
            lot_id=LotId(self.receivable_id, self.lot_sequence),
            reference_hash=self.reference_hash,
            holder=self.holder,
            court=self.court,
            is_hold=self.is_hold,
            to_court=self.to_court,
            started_at=self.started_at,
            expires_at=self.expires_at,
            lifted_at=self.lifted_at,
        )


def freezes_of_receivable(session: Session, receivable_id: int) -> Sequence[FreezeRow]:
    """Every freeze of a receivable's lots, in the order they came."""
    row = FreezeRow
    wanted = select(row).where(row.receivable_id == receivable_id)
    return session.exec(wanted.order_by(col(row.sequence))).all()


def freezes_of_lot(session: Session, lot_id: LotId) -> Sequence[FreezeRow]:
    """Every freeze of a lot, in the order they came."""
    row = FreezeRow
    wanted = select(row).where(
        row.receivable_id == lot_id.receivable_id, row.lot_sequence == lot_id.lot_sequence
    )
    return session.exec(wanted.order_by(col(row.sequence))).all()


def list_freezes(
    session: Session, *, party: int | None, after: tuple[int, int] | None = None, limit: int
) -> Sequence[FreezeRow]:
    """Freezes that an organisation ordered or whose lots it held, or all, by receivable and event.

    Args:
        session: The database.
        party: The court or the holder; None for all.
        after: Only those behind this one, by receivable and event.
        limit: At most so many.
    """
    row = FreezeRow
    place = (col(row.receivable_id), col(row.sequence))
    wanted = select(row)
    if party is not None:
        wanted = wanted.where(or_(col(row.court) == party, col(row.holder) == party))
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return session.exec(wanted.order_by(*place).limit(limit)).all()


def has_frozen(session: Session, receivable_id: int, court: int) -> bool:
    """Whether a court ever froze a lot of a receivable."""
    row = FreezeRow
    wanted = select(row.sequence).where(row.receivable_id == receivable_id, row.court == court)
    return session.exec(wanted.limit(1)).first() is not None
