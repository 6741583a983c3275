"""The registry other platforms ask: financed, yes or no."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ContextDep, ServiceDep
from api.recording import RecordingRoute
from api.schemas import ContactBody, RegistryChecksBody
from chainfin.services import registry

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


@router.post("/contacts")
def contacts(body: ContactBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Whom to contact about a claim, on an order; for the operator alone, noted."""
    return registry.contacts_of(context, caller, body.registry_key, body.order_reference)
