"""Clearing at maturity: the anchor's order, and the crank that pays what it left out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.domain.service_errors import NotFound
from chainfin.models.receivables import find_receivable, lots_of
from chainfin.services.context import Built, Context, read_fields

MOST_LOTS = 200
"""Lots one transaction pays: about a third of the gas it may use."""


class SettleReceivableFields(msgspec.Struct, forbid_unknown_fields=True):
    """What the anchor pays; everything outstanding unless it says less."""

    receivable_id: int
    amount_minor: int | None = None


def build_settle_receivable(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """The anchor's payment; the lots it reaches at once are named beside it, unsigned."""
    wanted = read_fields(SettleReceivableFields, fields)
    receivable = find_receivable(context.session, wanted.receivable_id)
    if receivable is None or receivable.obligor != organisation:
        raise NotFound("receivable", str(wanted.receivable_id))
    amount = wanted.amount_minor
    if amount is None:
        amount = receivable.face_value_minor - receivable.paid_minor
    waiting = [
        lot.lot_sequence
        for lot in lots_of(context.session, wanted.receivable_id)
        if not lot.is_settled
    ]
    lots = waiting[:MOST_LOTS]
    return Built(
        fields={
            "receivableId": wanted.receivable_id,
            "faceValue": receivable.face_value_minor,
            "paid": receivable.paid_minor,
            "currency": receivable.currency.encode(),
            "amount": amount,
        },
        attachments={"lotSequences": lots},
        currency=receivable.currency,
        amount_minor=amount,
        notes={"lots": len(lots)},
    )
