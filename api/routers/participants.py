"""Organisations of the network."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ContextDep, ReadContextDep
from api.paging import Limit, page
from api.recording import RecordingRoute
from api.schemas import AdmissionsBody, NamesBody, Number
from chainfin.services import onboarding

router = APIRouter(prefix="/participants", tags=["participants"], route_class=RecordingRoute)


@router.get("")
def list_participants(
    context: ReadContextDep,
    caller: CallerDep,  # noqa: ARG001 - every member may know every other
    cursor: Number = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Organisations by number."""
    data = onboarding.participant_views(context, after=cursor, limit=limit)
    return page(data, limit, "organisation")


@router.get("/{organisation}")
def show_participant(
    organisation: Number,
    context: ReadContextDep,
    caller: CallerDep,  # noqa: ARG001 - every member may know every other
) -> dict[str, Any]:
    """One organisation, with the commitment to its identity that its keys sign for."""
    return onboarding.participant_view(context, organisation)


@router.get("/{organisation}/limits")
def list_limits(organisation: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """How much one maker's key may order a day without a checker."""
    caller.require_party("participant", organisation, organisation)
    return {"data": onboarding.limit_views(context, organisation)}


@router.get("/{organisation}/keys")
def list_keys(organisation: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """An organisation's own keys."""
    caller.require_party("participant", organisation, organisation)
    return {"data": onboarding.key_views(context, organisation)}


@router.post("/lookup")
def find_participants(
    body: NamesBody,
    context: ReadContextDep,
    caller: CallerDep,  # noqa: ARG001 - every member may know every other
) -> dict[str, Any]:
    """Organisation numbers by name, however it is spelled."""
    return {"found": onboarding.find_organisations(context, body.names)}


@router.post("", status_code=202)
def admit_participants(
    body: AdmissionsBody, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Admit organisations (operator). Repeating it changes nothing: identities are unique."""
    return {"queued_calls": onboarding.admit_participants(context, caller, body.admissions)}
