"""Clearing at maturity and after it: payment, late interest, arrears, write-off."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.domain.money import money_json
from chainfin.domain.pricing import late_interest_at
from chainfin.domain.receivable import UNPAID_STATES, state_at
from chainfin.domain.rules import ArrearsNote, is_persistently_overdue
from chainfin.domain.service_errors import NotFound
from chainfin.models.receivables import ReceivableRow, find_receivable, lots_of
from chainfin.models.settlements import (
    ArrearsRow,
    arrears_of,
    defaults_of_party,
    unpaid_receivables,
)
from chainfin.services.context import Built, Caller, Context, place_of, read_fields
from chainfin.services.programmes import programme_of
from chainfin.services.transfers import as_signed, currency_of, held_lot

MOST_REPORTED = 1_000
"""Overdue receivables that a report names."""
MOST_LOTS = 200
"""Lots one transaction pays: about a third of the gas it may use."""
ORDER_SECONDS = 86_400
"""How long an order may run unless its drafter says otherwise; late interest is signed for up to
then."""


class SettleReceivableFields(msgspec.Struct, forbid_unknown_fields=True):
    """What the anchor pays; everything outstanding unless it says less."""

    receivable_id: int
    amount_minor: int | None = None


class WriteOffLotFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot its holder gives up."""

    lot_id: str


def build_settle_receivable(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """The anchor's payment; the lots it reaches at once are named beside it, unsigned.

    A late payment carries interest up to the block it runs in; the order signs for the most.
    """
    wanted = read_fields(SettleReceivableFields, fields)
    receivable = find_receivable(context.session, wanted.receivable_id)
    if receivable is None or receivable.obligor != organisation:
        raise NotFound("receivable", str(wanted.receivable_id))
    amount = wanted.amount_minor
    if amount is None:
        amount = receivable.face_value_minor - receivable.paid_minor
    now_at = context.as_of().block_timestamp
    most = late_interest_on(context, receivable, amount, now_at + ORDER_SECONDS)
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
            "lateInterest": most,
        },
        attachments={"lotSequences": lots},
        currency=receivable.currency,
        amount_minor=amount + most,
        notes={
            "lots": len(lots),
            "late_interest_minor": late_interest_on(context, receivable, amount, now_at),
            "most_late_interest_minor": most,
        },
    )


def build_write_off_lot(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A holder gives a lot in default up in its books."""
    wanted = read_fields(WriteOffLotFields, fields)
    lot = held_lot(context, organisation, wanted.lot_id)
    return Built(
        fields=as_signed(lot),
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        amount_minor=lot.outstanding_minor,
    )


def late_interest_on(
    context: Context, receivable: ReceivableRow, amount_minor: int, paid_at: int
) -> int:
    """What an amount paid at an instant costs beside it, by the receivable's programme."""
    return late_interest_at(
        amount_minor=amount_minor,
        agreed_bps=agreed_late_interest_bps(context, receivable),
        maturity_at=receivable.maturity_at,
        paid_at=paid_at,
    )


def agreed_late_interest_bps(context: Context, receivable: ReceivableRow) -> int:
    """What a receivable's programme charges a year for late payment; 0 where it agreed nothing."""
    programme = programme_of(context, receivable.programme_id)
    return 0 if programme is None else programme.late_interest_bps


# --- reads -----------------------------------------------------------------------------------


def maturity_views(
    context: Context, caller: Caller, *, after: str | None = None, limit: int
) -> list[dict[str, Any]]:
    """What an anchor has to pay, soonest first, with the interest on what is late.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    now_at = context.as_of().block_timestamp
    anchor = None if caller.reads_all else caller.organisation
    rows = unpaid_receivables(context.session, anchor, after=place_of(after, 2), limit=limit)
    return [_maturity(context, row, now_at) for row in rows]


def _maturity(context: Context, row: ReceivableRow, now_at: int) -> dict[str, Any]:
    outstanding = row.face_value_minor - row.paid_minor
    return {
        "receivable_id": row.receivable_id,
        "obligor": row.obligor,
        "maturity_at": row.maturity_at,
        "grace_ends_at": row.grace_ends_at,
        "state": str(state_at(row, now_at)),
        "arrears": row.arrears.name.lower(),
        "outstanding": money_json(outstanding, row.currency),
        "late_interest_minor": late_interest_on(context, row, outstanding, now_at),
        "cursor": f"{row.maturity_at}-{row.receivable_id}",
    }


def dishonour_notice_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """Defaults of which the caller has notice: as an earlier party, the anchor, or an auditor."""
    party = None if caller.reads_all else caller.organisation
    return [_notice(row) for row in defaults_of_party(context.session, party)]


def arrears_report(context: Context, caller: Caller, anchor: int) -> dict[str, Any]:
    """What was noted of an anchor, and whether it is persistently overdue (R-12).

    Every member reads it: a public list is what the rule asks for.
    """
    del caller
    now_at = context.as_of().block_timestamp
    notes = arrears_of(context.session, obligor=anchor)
    events = [ArrearsNote(row.receivable_id, row.noted_at) for row in notes]
    owed = [
        row
        for row in unpaid_receivables(
            context.session, anchor, due_before=now_at, limit=MOST_REPORTED
        )
        if state_at(row, now_at) in UNPAID_STATES
    ]
    return {
        "anchor": anchor,
        "overdue_now": [row.receivable_id for row in owed],
        "is_persistently_overdue": is_persistently_overdue(
            events, has_overdue_balance=bool(owed), now_at=now_at
        ),
        "notes": [_notice(row) for row in notes],
    }


def _notice(row: ArrearsRow) -> dict[str, Any]:
    return {
        "receivable_id": row.receivable_id,
        "sequence": row.sequence,
        "obligor": row.obligor,
        "arrears": row.arrears.name.lower(),
        "outstanding_minor": row.outstanding_minor,
        "noted_at": row.noted_at,
        "transaction_hash": row.transaction_hash,
    }
