"""What sellers of lots still get of them, out of the copy of the ledger."""

from collections.abc import Sequence

from sqlalchemy import or_, tuple_
from sqlmodel import Session, col, select

from chainfin.models.receivables import LotRow


def list_holdbacks(
    session: Session,
    *,
    party: int | None = None,
    seller: int | None = None,
    is_settled: bool | None = None,
    after: tuple[int, int] | None = None,
    limit: int,
) -> Sequence[LotRow]:
    """Lots of which something is held back, by number.

    Args:
        session: The database.
        party: Only where this is the seller or the holder.
        seller: Only where this is the seller.
        is_settled: Only those that are, or are not, paid in full.
        after: Only of lots behind this one.
        limit: At most so many.
    """
    row = LotRow
    wanted = select(row).where(col(row.holdback_seller).is_not(None))
    if party is not None:
        wanted = wanted.where(or_(col(row.holdback_seller) == party, col(row.holder) == party))
    if seller is not None:
        wanted = wanted.where(row.holdback_seller == seller)
    if is_settled is not None:
        wanted = wanted.where(col(row.is_settled).is_(is_settled))
    place = tuple_(col(row.receivable_id), col(row.lot_sequence))
    if after is not None:
        wanted = wanted.where(place > after)
    ordered = wanted.order_by(col(row.receivable_id), col(row.lot_sequence))
    return session.exec(ordered.limit(limit)).all()


def has_held_back(session: Session, receivable_id: int, organisation: int) -> bool:
    """Whether something of a lot of a receivable is held back for an organisation."""
    row = LotRow
    wanted = select(row.lot_sequence).where(
        row.receivable_id == receivable_id, row.holdback_seller == organisation
    )
    return session.exec(wanted.limit(1)).first() is not None
