"""Bulk requests: many signed orders at once, each recorded or refused by itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.dependencies import (
    CallerDep,
    CommitDep,
    ContextDep,
    IdempotencyKeyDep,
    ReadContextDep,
    ServiceDep,
)
from api.recording import RecordingRoute
from api.schemas import BulkBody
from chainfin.services import bulk, orders
from chainfin.services.signed_orders import SignedOrder

router = APIRouter(prefix="/bulk-requests", tags=["orders"], route_class=RecordingRoute)
MOST_SHOWN = 500


@router.post("", status_code=202)
def submit_bulk(
    body: BulkBody,
    reading: ReadContextDep,
    context: ContextDep,
    caller: CallerDep,
    idempotency_key: IdempotencyKeyDep,
    service: ServiceDep,
    commit: CommitDep,
    response: Response,
) -> dict[str, Any]:
    """Record many signed orders; the answer says of each how it stands."""
    orders.require_room(reading, service.settings.outbox_limit)
    given = body.as_given()
    entries = bulk.read_entries(reading, given)
    checked = orders.check_orders(
        reading, [entry for entry in entries if isinstance(entry, SignedOrder)]
    )
    row = bulk.accept_bulk(
        context, caller, entries, checked, bulk.request_hash_of(given), idempotency_key
    )
    number = row.bulk_request_id
    view = bulk.read_bulk_view(context, caller, number, after=-1, limit=MOST_SHOWN)
    commit()
    response.headers["location"] = f"/v1/bulk-requests/{number}"
    return view


@router.get("/{bulk_request_id}")
def read_bulk(
    bulk_request_id: str,
    context: ReadContextDep,
    caller: CallerDep,
    cursor: Annotated[int, Query(ge=-1, le=2**63 - 1)] = -1,
    limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = 100,
) -> dict[str, Any]:
    """How each order of a bulk request stands now."""
    return bulk.read_bulk_view(context, caller, bulk_request_id, after=cursor, limit=limit)
