"""The Council: who sits in it, what it decides."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ContextDep, ReadContextDep
from api.recording import RecordingRoute
from api.schemas import DecisionBody
from chainfin.services import council

router = APIRouter(prefix="/council", tags=["council"], route_class=RecordingRoute)


@router.get("")
def show_council(
    context: ReadContextDep,
    caller: CallerDep,  # noqa: ARG001 - every member of the network may know who governs it
) -> dict[str, Any]:
    """Who sits in the Council, and how many of them decide."""
    return council.council_view(context)


@router.get("/decisions")
def list_decisions(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Decisions and their votes, newest first; members also see what nobody has voted on."""
    return {"data": council.decision_views(context, caller)}


@router.post("/decisions", status_code=201)
def prepare_decision(body: DecisionBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Prepare a decision for the members to vote on (members and operator)."""
    return council.prepare_decision(context, caller, body.action, body.fields)


@router.get("/decisions/{decision}")
def show_decision(decision: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """One decision with its votes."""
    return council.decision_view(context, caller, decision)


@router.post("/decisions/{decision}/execution", status_code=202)
def execute_decision(decision: str, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Carry out a decision whose delay is over (members and operator)."""
    council.execute_decision(context, caller, decision)
    return {"decision": decision}
