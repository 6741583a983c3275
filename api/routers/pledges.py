"""Pledges: lots as security for their holders' debts."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep
from api.drafts import Fields, draft
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from chainfin.services import claims, pledges
from chainfin.services.context import lot_id_of

router = APIRouter(tags=["pledges"], route_class=RecordingRoute)


@router.get("/pledges")
def list_pledges(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Pledges the caller gave or was given, by lot."""
    data = pledges.pledge_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "lot_id") | {"as_of": as_of(context)}


@router.get("/lots/{lot_id}/claims")
def read_claims(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Who claims a lot, in which order, what each would get, and what freezes it."""
    return claims.claims_view(context, caller, lot_id_of(lot_id)) | {"as_of": as_of(context)}


@router.post("/lots/{lot_id}/pledge")
def propose_pledge(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the offer of a lot as security."""
    return draft(context, caller, "propose_pledge", fields | {"lot_id": lot_id})


@router.post("/lots/{lot_id}/pledge/acceptance")
def accept_pledge(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the pledgee's acceptance, with the filing that registers the pledge."""
    return draft(context, caller, "accept_pledge", fields | {"lot_id": lot_id})


@router.post("/lots/{lot_id}/pledge/release")
def release_pledge(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the pledgee's release."""
    return draft(context, caller, "release_pledge", {"lot_id": lot_id})


@router.post("/lots/{lot_id}/pledge/enforcement")
def enforce_pledge(lot_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the collection of what is paid on the lot, after the debt was due."""
    return draft(context, caller, "enforce_pledge", {"lot_id": lot_id})
