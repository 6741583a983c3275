"""Lots: read, split, pass on; their lineage and trail."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from api.answers import json_answer
from api.dependencies import CallerDep, ReadContextDep, ServiceDep, read_soon
from api.drafts import Fields, draft
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from api.schemas import Number
from chainfin.services import audit
from chainfin.services.context import lot_id_of

MOST_LOTS = 10_000
"""Lots of one page of a lineage."""
SHORT_PAGE = 1_000

router = APIRouter(tags=["lots"], route_class=RecordingRoute)


@router.get("/lots")
def list_lots(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Lots the caller holds, by number."""
    after = lot_id_of(cursor) if cursor else None
    data = audit.lot_views(context, caller, after=after, limit=limit)
    return page(data, limit, "lot_id") | {"as_of": as_of(context)}


@router.get("/lots/{lot_id}", response_model=dict[str, Any])
async def read_lot(
    lot_id: str, context: ReadContextDep, caller: CallerDep, service: ServiceDep
) -> Response:
    """A lot."""
    return json_answer(await read_soon(service, audit.lot_view, context, caller, lot_id_of(lot_id)))


@router.get("/lots/{lot_id}/lineage")
async def read_lineage(
    lot_id: str,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    direction: str = "ancestors",
    cursor: Number = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_LOTS)] = 1_000,
) -> Response:
    """What a lot was taken from, root first, or what was taken from it, a page at a time.

    `data` has an array of `columns` for each lot; a page that is full goes on after its last lot.
    """
    read = partial(audit.read_lot_lineage, after=cursor, limit=limit)
    asked = (context, caller, lot_id_of(lot_id), direction)
    # A short page is a few rows of SQLite's; a long one would keep others waiting.
    is_short = direction == "ancestors" and limit <= SHORT_PAGE
    reading = read_soon(service, read, *asked) if is_short else run_in_threadpool(read, *asked)
    return Response(await reading, media_type="application/json")


@router.get("/lots/{lot_id}/audit")
def read_trail(
    lot_id: str, context: ReadContextDep, caller: CallerDep, service: ServiceDep
) -> dict[str, Any]:
    """Everything that happened to a lot and its ancestors, with every signature."""
    trail = audit.read_trail(context, service.runtime.decoder, caller, lot_id_of(lot_id))
    return trail | {"as_of": as_of(context)}


@router.post("/lots/{lot_id}/split")
def split_lot(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a split."""
    return draft(context, caller, "split_lot", fields | {"lot_id": lot_id})


@router.post("/lots/{lot_id}/return")
def unsplit_lot(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the return of a lot into the one it was split from."""
    return draft(context, caller, "unsplit_lot", {"lot_id": lot_id})


@router.post("/lots/{lot_id}/transfers")
def propose_transfer(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a transfer."""
    return draft(context, caller, "propose_transfer", fields | {"lot_id": lot_id})


@router.post("/transfers/{lot_id}/acceptance")
def accept_transfer(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the acceptance of an offered lot."""
    return draft(context, caller, "accept_transfer", {"lot_id": lot_id})


@router.post("/transfers/{lot_id}/rejection")
def reject_transfer(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the rejection of an offered lot."""
    return draft(context, caller, "reject_transfer", {"lot_id": lot_id})


@router.post("/transfers/{lot_id}/revocation")
def revoke_transfer(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the sender's revocation of an offered lot."""
    return draft(context, caller, "revoke_transfer", {"lot_id": lot_id})


@router.post("/lots/{lot_id}/financing-requests")
def request_financing(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a financing request."""
    return draft(context, caller, "request_financing", fields | {"lot_id": lot_id})


@router.post("/lots/{lot_id}/recourse-claim")
def claim_recourse(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft a claim on the seller that sold the lot with recourse."""
    return draft(context, caller, "claim_recourse", {"lot_id": lot_id})


@router.post("/lots/{lot_id}/repurchase")
def repurchase_lot(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the repurchase of a lot in default by its seller."""
    return draft(context, caller, "repurchase_lot", {"lot_id": lot_id})


@router.post("/lots/{lot_id}/write-off")
def write_off_lot(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the write-off of a lot in default by its holder."""
    return draft(context, caller, "write_off_lot", {"lot_id": lot_id})
