"""The registry other platforms ask: financed, yes or no."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.dependencies import CallerDep, ContextDep, ReadContextDep, ServiceDep
from api.paging import Limit, page
from api.recording import RecordingRoute
from api.schemas import ContactBody, RegistryChecksBody
from chainfin.services import registry
from chainfin.services.fingerprints import use_views

router = APIRouter(prefix="/registry", tags=["registry"], route_class=RecordingRoute)


@router.post("/checks")
def check(
    body: RegistryChecksBody, context: ContextDep, caller: CallerDep, service: ServiceDep
) -> dict[str, Any]:
    """Whether each claim is financed here; for platforms admitted as registrars, counted."""
    keys = [entry.registry_key for entry in body.checks]
    limit = service.settings.registry_checks_a_minute
    answers = registry.check_financed(context, caller, keys, limit)
    return {
        "data": [
            {"registry_key": key, "financed": financed}
            for key, financed in zip(keys, answers, strict=True)
        ]
    }


@router.get("/uses")
def list_uses(
    context: ReadContextDep,
    caller: CallerDep,
    cursor: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Who had fingerprints computed or compared, how many and what for; one's own, by number."""
    return page(use_views(context, caller, cursor, limit), limit, "use_id")


@router.post("/contacts")
def contacts(body: ContactBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Whom to contact about a claim, on an order; for the operator alone, noted."""
    return registry.contacts_of(context, caller, body.registry_key, body.order_reference)
