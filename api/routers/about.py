"""What this service is, whether it is well, and how far it has read the chain."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.dependencies import CallerDep, ContextDep, ReadContextDep, ServiceDep
from api.recording import RecordingRoute
from api.schemas import InstantBody
from chainfin import __version__
from chainfin.services import health, operations

router = APIRouter(tags=["about"], route_class=RecordingRoute)


@router.get("/about")
def about(service: ServiceDep) -> dict[str, Any]:
    """The network this service is for; wallets pin it."""
    return operations.network_view(service.runtime.network.deployment) | {
        "version": __version__,
        "mode": service.settings.mode,
    }


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/health/ready", responses={503: {"description": "Orders are refused for now."}})
def ready(context: ReadContextDep, service: ServiceDep) -> JSONResponse:
    """Whether orders are accepted and reach the chain; 503 while they are refused."""
    view = health.health(context, service.settings.outbox_limit)
    is_unavailable = view["status"] == health.Readiness.UNAVAILABLE
    return JSONResponse(view, status_code=503 if is_unavailable else 200)


@router.get("/about/indexing")
def indexing(context: ReadContextDep) -> dict[str, Any]:
    """The block answers are true for, and the node's head."""
    return operations.readiness(context)


@router.post("/simulations/clock")
def move_clock(
    body: InstantBody, context: ContextDep, caller: CallerDep, service: ServiceDep
) -> dict[str, Any]:
    """Move the embedded network's clock forward (nowhere else)."""
    return operations.move_network_clock(
        context, caller, body.instant_at, is_embedded=service.settings.is_embedded
    )
