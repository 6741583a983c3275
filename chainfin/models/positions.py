"""Queries for reports: lots still owed on, what anchors owe counted twice, split receivables."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session, col

from chainfin.domain.receivable import ReceivableStatus, SplitLot
from chainfin.models.participants import ProgrammeRow
from chainfin.models.receivables import LotRow, ReceivableRow

_ROWS_A_TIME = 5_000
_LIVE = (ReceivableStatus.ACTIVE, ReceivableStatus.WRITTEN_OFF)


class OpenLot(NamedTuple):
    """A lot that is not settled, with what its receivable says.

    Attributes:
        outstanding_minor: What is owed on it to those who asked, or to all.
    """

    receivable_id: int
    obligor: int
    holder: int
    currency: str
    outstanding_minor: int
    maturity_at: int
    grace_ends_at: int
    status: ReceivableStatus


class AnchorSums(NamedTuple):
    """An anchor's accepted receivables in one currency, from both sides."""

    obligor: int
    currency: str
    receivables: int
    face_value_minor: int
    paid_minor: int
    cleared_minor: int
    lots: int
    outstanding_in_lots_minor: int
    paid_to_lots_minor: int


def open_lots(session: Session, *, party: int | None = None) -> Iterator[OpenLot]:
    """Lots still owed something, in no order.

    Args:
        session: The database.
        party: Only those this organisation owes, and what of others is its own: as their holder,
            or held back for it.
    """
    lot, row = LotRow, ReceivableRow
    outstanding: Any = col(lot.face_value_minor) - col(lot.paid_minor)
    wanted = (
        select(
            col(row.receivable_id),
            col(row.obligor),
            col(lot.holder),
            col(row.currency),
            outstanding if party is None else _owed_to(party, outstanding),
            col(row.maturity_at),
            col(row.grace_ends_at),
            col(row.status),
        )
        .join(row, col(row.receivable_id) == col(lot.receivable_id))
        .where(col(lot.is_settled).is_(False), col(row.status).in_(_LIVE))
    )
    if party is not None:
        is_concerned = or_(
            col(lot.holder) == party,
            col(row.obligor) == party,
            col(lot.holdback_seller) == party,
        )
        wanted = wanted.where(is_concerned, _owed_to(party, outstanding) > 0)
    found = session.execute(wanted.execution_options(yield_per=_ROWS_A_TIME))
    return (OpenLot(*values) for values in found)


def _owed_to(party: int, outstanding: Any) -> Any:
    """What of a lot's outstanding amount concerns a party: `holdbacks.owed` in SQL."""
    lot, held_back = LotRow, col(LotRow.holdback_minor)
    to_seller = case((outstanding < held_back, outstanding), else_=held_back)
    is_alone = or_(
        col(lot.holdback_seller).is_(None),
        col(ReceivableRow.obligor) == party,
        col(lot.holdback_seller) == col(lot.holder),
    )
    return case(
        (is_alone, outstanding),
        (col(lot.holder) == party, outstanding - to_seller),
        else_=to_seller,
    )


def anchor_sums(session: Session, *, obligor: int | None = None) -> list[AnchorSums]:
    """What anchors owe by their receivables and by their lots, by anchor and currency."""
    row, lot = ReceivableRow, LotRow
    accepted = (ReceivableStatus.ACTIVE, ReceivableStatus.SETTLED, ReceivableStatus.WRITTEN_OFF)
    is_wanted: list[ColumnElement[bool]] = [col(row.status).in_(accepted)]
    if obligor is not None:
        is_wanted.append(col(row.obligor) == obligor)
    key = (col(row.obligor), col(row.currency))
    by_receivable = select(
        *key,
        func.count(),
        func.sum(row.face_value_minor),
        func.sum(row.paid_minor),
        func.sum(row.cleared_minor),
    )
    owed = case((col(lot.is_settled), 0), else_=col(lot.face_value_minor) - col(lot.paid_minor))
    by_lot = select(*key, func.count(), func.sum(owed), func.sum(lot.paid_minor)).join(
        lot, col(lot.receivable_id) == col(row.receivable_id)
    )
    sums = {
        (owner, currency): tuple(map(int, values))
        for owner, currency, *values in session.execute(by_lot.where(*is_wanted).group_by(*key))
    }
    return [
        AnchorSums(owner, currency, *map(int, values), *sums.get((owner, currency), (0, 0, 0)))
        for owner, currency, *values in session.execute(
            by_receivable.where(*is_wanted).group_by(*key).order_by(*key)
        )
    ]


def lots_of_splits(session: Session, *, obligor: int | None = None) -> Iterator[SplitLot]:
    """Lots of unsettled receivables that were split, by number; one anchor's, if it is given."""
    lot, row, programme = LotRow, ReceivableRow, ProgrammeRow
    wanted = (
        select(
            col(lot.receivable_id),
            col(lot.lot_sequence),
            col(lot.parent_sequence),
            col(lot.holder),
            col(lot.original_face_value_minor),
            col(lot.tier),
            col(programme.maximum_lots),
            col(programme.maximum_tier),
        )
        .join(row, col(row.receivable_id) == col(lot.receivable_id))
        .join(programme, col(programme.programme_id) == col(row.programme_id))
        .where(col(row.lot_count) > 1, col(row.status).in_(_LIVE))
        .order_by(col(lot.receivable_id), col(lot.lot_sequence))
    )
    if obligor is not None:
        wanted = wanted.where(col(row.obligor) == obligor)
    found = session.execute(wanted.execution_options(yield_per=_ROWS_A_TIME))
    return (SplitLot(*values) for values in found)
