"""Holdbacks: what sellers of lots still get of them, and what that keeps others from."""

from typing import Any

from chainfin.domain.holdbacks import Holdback
from chainfin.domain.money import money_json
from chainfin.domain.pledges import payment_of
from chainfin.domain.receivable import LotId
from chainfin.domain.refusals import PaymentShared
from chainfin.models.holdbacks import list_holdbacks
from chainfin.models.pledges import pledge_of_lot
from chainfin.models.receivables import LotRow, ReceivableRow, find_lot, receivables_by_number
from chainfin.services.context import Caller, Context, place_of


def holdback_views(
    context: Context, caller: Caller, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """What is held back for the caller or of its lots; all of it for those who read all.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    party = None if caller.reads_all else caller.organisation
    rows = list_holdbacks(context.session, party=party, after=place_of(after, 2), limit=limit)
    receivables = receivables_by_number(context.session, [row.receivable_id for row in rows])
    return [_view(row, receivables[row.receivable_id]) for row in rows]


def holdback_of(context: Context, lot_id: LotId) -> Holdback | None:
    """What is held back of a lot whose reader the caller is known to be."""
    row = find_lot(context.session, lot_id)
    return None if row is None else row.holdback


def _view(row: LotRow, receivable: ReceivableRow) -> dict[str, Any]:
    to_holder, to_seller = row.owed_minor
    return {
        "lot_id": str(row.lot_id),
        "seller": row.holdback_seller,
        "holder": row.holder,
        "obligor": receivable.obligor,
        "holdback": money_json(row.holdback_minor, receivable.currency),
        "owed_to_seller": money_json(to_seller, receivable.currency),
        "owed_to_holder": money_json(to_holder, receivable.currency),
        "maturity_at": receivable.maturity_at,
        "is_settled": row.is_settled,
    }


def require_holders_alone(context: Context, row: LotRow) -> None:
    """Refuse a payment outside the chain where not all of it is the holder's.

    Raises:
        PaymentShared: A pledgee collects it or keeps it waiting, or a part is an earlier seller's.
    """
    pledge = pledge_of_lot(context.session, row.lot_id)
    outstanding = row.to_domain().outstanding_minor
    payee, amount = payment_of(
        [],
        None if pledge is None else pledge.to_domain(),
        row.holdback,
        holder=row.holder,
        face_value_minor=row.face_value_minor,
        paid_minor=row.paid_minor,
        due_minor=outstanding,
        instant=context.as_of().block_timestamp,
    )
    if (payee, amount) != (row.holder, outstanding):
        raise PaymentShared(str(row.lot_id), payee or 0, amount)
