"""Many signed orders in one request: each recorded, or refused, by itself."""

import json
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from chainfin.domain.errors import ChainfinError
from chainfin.domain.identifier import uuid7
from chainfin.domain.order import OrderStatus
from chainfin.domain.service_errors import NotFound
from chainfin.models.bulk import add_rows
from chainfin.models.orders import (
    BulkRequestItemRow,
    BulkRequestRow,
    OrderRow,
    bulk_items,
    orders_by_hash,
)
from chainfin.services.context import Caller, Context
from chainfin.services.idempotency import record_answer, recorded_before
from chainfin.services.orders import (
    Checked,
    order_view,
    reason_text,
    record_orders,
)
from chainfin.services.signed_orders import SignedOrder, read_order

Entry = SignedOrder | ChainfinError


def read_entries(context: Context, entries: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Orders as they arrived; in the place of what is no order, why.

    Args:
        context: A unit of work.
        entries: Each with `typed_data`, `approvals`, `attachments`.
    """
    return [_read_entry(context, entry) for entry in entries]


def _read_entry(context: Context, entry: Mapping[str, Any]) -> Entry:
    try:
        return read_order(context, entry["typed_data"], entry["approvals"], entry["attachments"])
    except ChainfinError as refusal:
        return refusal


def accept_bulk(
    context: Context,
    caller: Caller,
    entries: Sequence[Entry],
    checked: Checked,
    request_hash: str,
    idempotency_key: str,
) -> BulkRequestRow:
    """Record many orders once; each stands or falls alone.

    In which order they run is not promised: several relayers may carry them. What needs another one
    done first is drafted after it.

    Raises:
        IdempotencyKeyReused: The key came before with another request.
    """
    before = recorded_before(context, caller, idempotency_key, request_hash)
    if before is not None:
        return _bulk_request(context, before)
    bulk_request_id = uuid7(context.now * 1000, secrets.token_bytes(10))
    orders = [entry for entry in entries if isinstance(entry, SignedOrder)]
    record_orders(context, caller, orders, checked)
    row = BulkRequestRow(
        bulk_request_id=bulk_request_id,
        caller=caller.organisation,
        received_at=context.now,
        count=len(entries),
    )
    context.session.add(row)
    items = [
        BulkRequestItemRow(
            bulk_request_id=bulk_request_id,
            position=position,
            order_hash=entry.order_hash if isinstance(entry, SignedOrder) else None,
            reason=None if isinstance(entry, SignedOrder) else reason_text(entry),
        )
        for position, entry in enumerate(entries)
    ]
    add_rows(context.session, items)
    record_answer(context, caller, idempotency_key, request_hash, bulk_request_id)
    return row


def request_hash_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """What tells a bulk request from another under the same Idempotency-Key."""
    return sha256(json.dumps(list(entries), sort_keys=True).encode()).hexdigest()


def read_bulk_view(
    context: Context, caller: Caller, bulk_request_id: str, *, after: int, limit: int
) -> dict[str, Any]:
    """Where each order of a bulk request stands, a page of them in the request's order.

    Raises:
        NotFound: There is none, or it is another caller's.
    """
    row = _bulk_request(context, bulk_request_id)
    caller.require_party("bulk request", bulk_request_id, row.caller)
    items = bulk_items(context.session, bulk_request_id, after=after, limit=limit + 1)
    orders = orders_by_hash(
        context.session, [item.order_hash for item in items if item.order_hash is not None]
    )
    shown = items[:limit]
    return {
        "bulk_request_id": bulk_request_id,
        "received_at": row.received_at,
        "count": row.count,
        "data": [_item_view(item, orders) for item in shown],
        "has_more": len(items) > limit,
        "next_cursor": shown[-1].position if len(items) > limit else None,
    }


def _item_view(item: BulkRequestItemRow, orders: Mapping[str, OrderRow]) -> dict[str, Any]:
    if item.order_hash is None:
        reason = json.loads(item.reason or "null")
        return {"position": item.position, "status": OrderStatus.REJECTED, "reason": reason}
    return {"position": item.position} | order_view(orders[item.order_hash])


def _bulk_request(context: Context, bulk_request_id: str) -> BulkRequestRow:
    row = context.session.get(BulkRequestRow, bulk_request_id)
    if row is None:
        raise NotFound("bulk request", bulk_request_id)
    return row
