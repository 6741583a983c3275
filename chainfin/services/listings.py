"""Transfers, financings, settlements and payments as lists, and every table that can be exported.

Each is read page by page. A cursor is the number of the last entry of a page, as its view has it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from chainfin.domain.financing import FinancingStatus
from chainfin.domain.money import money_json
from chainfin.domain.receivable import TransferHop
from chainfin.models.financings import FinancingRequestRow, list_financing_requests
from chainfin.models.receivables import receivables_by_number
from chainfin.models.settlements import list_lot_payments, list_settlements
from chainfin.models.transfers import list_transfers
from chainfin.services import audit
from chainfin.services.context import Caller, Context, lot_id_of, place_of
from chainfin.services.event_feed import read_feed

View: TypeAlias = dict[str, Any]
Read: TypeAlias = Callable[[Context, Caller, str | None, int], list[View]]


class TableName(StrEnum):
    """What can be exported."""

    RECEIVABLES = "receivables"
    LOTS = "lots"
    TRANSFERS = "transfers"
    FINANCINGS = "financings"
    SETTLEMENTS = "settlements"
    """What anchors paid on receivables."""
    PAYMENTS = "payments"
    """What reached the holders of lots."""
    TRAIL = "trail"
    """The event feed."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its columns in order, its entries' own number, and how a page is read."""

    columns: tuple[str, ...]
    cursor: str
    read: Read


# --- entries ----------------------------------------------------------------------------------


def transfer_views(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    """Transfers of or to the caller, by number."""
    party = None if caller.reads_all else caller.organisation
    place = place_of(after, 3)
    hops = list_transfers(context.session, party=party, after=place, limit=limit)
    return [_transfer(hop) for hop in hops]


def financing_views(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    """Financing requests that the caller made or funded, with their fate, by number."""
    return _financings(context, caller, after, limit, ())


def funding_views(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    """Fundings that the caller received or gave, by number of their request."""
    return _financings(context, caller, after, limit, [FinancingStatus.FUNDED])


def settlement_views(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    """What anchors paid on receivables the caller may read, by number."""
    party = None if caller.reads_all else caller.organisation
    place = place_of(after, 2)
    rows = list_settlements(context.session, party=party, after=place, limit=limit)
    return [
        {
            "settlement_id": f"{row.receivable_id}-{row.sequence}",
            "receivable_id": row.receivable_id,
            "obligor": receivable.obligor,
            "amount": money_json(row.amount_minor, receivable.currency),
            "paid": money_json(row.paid_minor, receivable.currency),
            "status": row.status.name.lower(),
            "settled_at": row.settled_at,
            "transaction_hash": row.transaction_hash,
        }
        for row, receivable in rows
    ]


def payment_views(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    """What was paid on lots: what the caller received, or owed; by number."""
    party = None if caller.reads_all else caller.organisation
    place = place_of(after, 3)
    rows = list_lot_payments(context.session, party=party, after=place, limit=limit)
    return [
        {
            "payment_id": f"{row.receivable_id}-{row.sequence}-{row.lot_sequence}",
            "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
            "obligor": receivable.obligor,
            "payee": row.payee,
            "amount": money_json(row.amount_minor, receivable.currency),
            "is_holdback": row.is_holdback,
            "paid_at": row.paid_at,
            "transaction_hash": row.transaction_hash,
        }
        for row, receivable in rows
    ]


def _financings(
    context: Context,
    caller: Caller,
    after: str | None,
    limit: int,
    statuses: Sequence[FinancingStatus],
) -> list[View]:
    rows = list_financing_requests(
        context.session,
        party=None if caller.reads_all else caller.organisation,
        statuses=statuses,
        after=_number(after),
        limit=limit,
    )
    receivables = receivables_by_number(context.session, [row.receivable_id for row in rows])
    return [_financing(row, receivables[row.receivable_id].currency) for row in rows]


def _transfer(hop: TransferHop) -> View:
    return {
        "transfer_id": f"{hop.receivable_id}-{hop.lot_sequence}-{hop.proposed_sequence}",
        "lot_id": f"{hop.receivable_id}-{hop.lot_sequence}",
        "from": hop.sender,
        "to": hop.receiver,
        "status": str(hop.status),
        "proposed_at": hop.proposed_at,
        "expires_at": hop.expires_at,
        "answered_at": hop.answered_at,
    }


def _financing(row: FinancingRequestRow, currency: str) -> View:
    delivered = row.delivered_lot_sequence
    proceeds = row.net_proceeds_minor
    return {
        "request_id": row.request_id,
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "delivered_lot_id": f"{row.receivable_id}-{delivered}" if delivered else None,
        "holder": row.holder,
        "funder": row.funder,
        "part_face_value": money_json(row.part_face_value_minor, currency),
        "net_proceeds": None if proceeds is None else money_json(proceeds, currency),
        "holdback": money_json(row.holdback_minor or 0, currency),
        "obligor_interest": money_json(row.obligor_interest_minor or 0, currency),
        "with_recourse": row.with_recourse,
        "status": row.status.name.lower(),
        "requested_at": row.requested_at,
        "ended_at": row.ended_at,
        "quote_hash": row.quote_hash,
        "pay_by": row.pay_by,
        "settlement_bank": row.settlement_bank,
    }


def _number(cursor: str | None) -> int:
    (number,) = place_of(cursor, 1) or (0,)
    return int(number)


# --- tables -----------------------------------------------------------------------------------


def _receivables(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    return audit.receivable_views(context, caller, after=_number(after), limit=limit)


def _lots(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    place = None if after is None else lot_id_of(after)
    views = audit.lot_views(context, caller, after=place, limit=limit)
    receivables = receivables_by_number(context.session, [view["receivable_id"] for view in views])
    return [view | {"currency": receivables[view["receivable_id"]].currency} for view in views]


def _trail(context: Context, caller: Caller, after: str | None, limit: int) -> list[View]:
    return read_feed(context, caller, after=_number(after), limit=limit)


LISTINGS: Mapping[TableName, Listing] = MappingProxyType(
    {
        TableName.RECEIVABLES: Listing(
            (
                "receivable_id", "obligor", "supplier", "programme_id", "face_value", "paid",
                "issued_at", "maturity_at", "grace_ends_at", "status", "state", "lot_count",
                "document_fingerprint", "document_commitment",
            ),
            "receivable_id",
            _receivables,
        ),
        TableName.LOTS: Listing(
            (
                "lot_id", "receivable_id", "parent", "holder", "original_face_value_minor",
                "face_value_minor", "paid_minor", "currency", "tier", "transfer_count",
                "encumbrance", "is_settled", "holdback_seller", "holdback_minor",
            ),
            "lot_id",
            _lots,
        ),
        TableName.TRANSFERS: Listing(
            (
                "transfer_id", "lot_id", "from", "to", "status", "proposed_at", "expires_at",
                "answered_at",
            ),
            "transfer_id",
            transfer_views,
        ),
        TableName.FINANCINGS: Listing(
            (
                "request_id", "lot_id", "delivered_lot_id", "holder", "funder", "part_face_value",
                "net_proceeds", "holdback", "obligor_interest", "with_recourse", "status",
                "requested_at", "ended_at", "quote_hash", "pay_by", "settlement_bank",
            ),
            "request_id",
            financing_views,
        ),
        TableName.SETTLEMENTS: Listing(
            (
                "settlement_id", "receivable_id", "obligor", "amount", "paid", "status",
                "settled_at", "transaction_hash",
            ),
            "settlement_id",
            settlement_views,
        ),
        TableName.PAYMENTS: Listing(
            (
                "payment_id", "lot_id", "obligor", "payee", "amount", "is_holdback", "paid_at",
                "transaction_hash",
            ),
            "payment_id",
            payment_views,
        ),
        TableName.TRAIL: Listing(
            (
                "sequence", "event", "receivable_id", "lot_ids", "order_hashes", "at",
                "block_number", "block_hash", "transaction_hash", "log_index", "taken_back_by",
                "facts",
            ),
            "sequence",
            _trail,
        ),
    }
)  # fmt: skip
"""Every table, its columns as files have them."""


def cursor_of(listing: Listing, views: Sequence[View]) -> str:
    """The cursor after a page."""
    return str(views[-1][listing.cursor])
