"""Credit lines: a funder's limits, and which lots use them."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep
from api.drafts import Fields, draft
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from chainfin.services import credit_lines

router = APIRouter(prefix="/credit-lines", tags=["credit-lines"], route_class=RecordingRoute)


@router.get("")
def list_credit_lines(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The calling funder's lines, with what is left of each."""
    data = credit_lines.credit_line_views(context, caller)
    return {"data": data, "has_more": False, "next_cursor": None, "as_of": as_of(context)}


@router.get("/utilisations")
def list_utilisations(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Which lots use the calling funder's lines."""
    data = credit_lines.utilisation_views(context, caller)
    return {"data": data, "has_more": False, "next_cursor": None, "as_of": as_of(context)}


@router.post("")
def set_credit_line(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft a limit on an anchor or a group's parent."""
    return draft(context, caller, "set_credit_line", fields)
