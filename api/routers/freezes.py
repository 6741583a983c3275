"""Freezes and holds of courts and authorities."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep
from api.drafts import Fields, draft
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from chainfin.services import freezes
from chainfin.services.context import lot_id_of

router = APIRouter(tags=["freezes"], route_class=RecordingRoute)


@router.get("/freezes")
def list_freezes(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Freezes the caller ordered, or over lots it held."""
    data = freezes.freeze_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "cursor") | {"as_of": as_of(context)}


@router.get("/lots/{lot_id}/freezes")
def list_freezes_of_lot(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Every freeze of a lot, in the order they came."""
    data = freezes.freezes_of_lot_views(context, caller, lot_id_of(lot_id))
    return {"data": data, "has_more": False, "next_cursor": None, "as_of": as_of(context)}


@router.post("/freezes")
def freeze_lots(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft a court's freeze of lots of one holder in one receivable."""
    return draft(context, caller, "freeze_lots", fields)


@router.post("/holds")
def hold_lots(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft a hold of 48 hours at most against money laundering."""
    return draft(context, caller, "hold_lots", fields)


@router.post("/freezes/renewal")
def renew_freeze(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the renewal of a freeze before it lapses."""
    return draft(context, caller, "renew_freeze", fields)


@router.post("/freezes/lift")
def lift_freeze(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the end of a freeze or hold by whoever ordered it."""
    return draft(context, caller, "lift_freeze", fields)
