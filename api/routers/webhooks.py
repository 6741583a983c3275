"""Webhook endpoints of an organisation, and what became of each delivery."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from api.dependencies import CallerDep, ContextDep, ReadContextDep, RulesDep
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.schemas import Body
from chainfin.services import webhooks
from chainfin.services.webhooks import DeliveryStatus

router = APIRouter(prefix="/webhook-endpoints", tags=["webhooks"], route_class=RecordingRoute)


class EndpointBody(Body):
    """Where events are sent, and which: all that the organisation reads unless some are named."""

    url: str = Field(max_length=2_000, examples=["https://bank.example/hooks/chainfin"])
    events: list[str] | None = Field(
        default=None, min_length=1, max_length=100, examples=[["LotFinanced", "LotsPaid"]]
    )


@router.post("", status_code=201)
def add_endpoint(
    body: EndpointBody,
    context: ContextDep,
    caller: CallerDep,
    rules: RulesDep,
    response: Response,
) -> dict[str, Any]:
    """Have events sent from now on. The secret that signs them is shown here and never again."""
    row, secret = webhooks.add_endpoint(context, caller, body.url, body.events, rules)
    response.headers["location"] = f"/v1/webhook-endpoints/{row.endpoint_id}"
    return webhooks.endpoint_view(row) | {"secret": secret}


@router.get("")
def list_endpoints(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """The caller's endpoints, by number."""
    data = webhooks.list_endpoints(context, caller, after=cursor or "", limit=limit)
    return page(data, limit, "endpoint_id")


@router.get("/{endpoint_id}")
def read_endpoint(endpoint_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """An endpoint of the caller."""
    return webhooks.endpoint_view(webhooks.find_endpoint(context, caller, endpoint_id))


@router.delete("/{endpoint_id}", status_code=204)
def remove_endpoint(endpoint_id: str, context: ContextDep, caller: CallerDep) -> None:
    """Send nothing more, and forget what was sent."""
    webhooks.remove_endpoint(context, caller, endpoint_id)


@router.post("/{endpoint_id}/secret", status_code=201)
def renew_secret(endpoint_id: str, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """A new secret, shown here and never again; the one before signs beside it for a day."""
    row, secret = webhooks.renew_secret(context, caller, endpoint_id)
    return webhooks.endpoint_view(row) | {"secret": secret}


@router.post("/{endpoint_id}/activation")
def enable_endpoint(endpoint_id: str, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Use an endpoint again that was disabled; it is told on from where it stopped."""
    return webhooks.endpoint_view(webhooks.enable_endpoint(context, caller, endpoint_id))


@router.post("/{endpoint_id}/test", status_code=202)
def send_test(endpoint_id: str, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Send something that is no event, to see whether it arrives."""
    return webhooks.send_test(context, caller, endpoint_id)


@router.get("/{endpoint_id}/deliveries")
def list_deliveries(
    endpoint_id: str,
    context: ReadContextDep,
    caller: CallerDep,
    status: DeliveryStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """What an endpoint was told, newest first."""
    data = webhooks.list_deliveries(
        context, caller, endpoint_id, status=status, before=cursor, limit=limit
    )
    return page(data, limit, "delivery_id")


@router.get("/{endpoint_id}/deliveries/{delivery_id}")
def read_delivery(
    endpoint_id: str, delivery_id: str, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """A delivery with its body and every attempt."""
    return webhooks.read_delivery(context, caller, endpoint_id, delivery_id)


@router.post("/{endpoint_id}/deliveries/{delivery_id}/replay", status_code=202)
def replay(
    endpoint_id: str, delivery_id: str, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Send a delivery again at once, with the number it has."""
    return webhooks.replay(context, caller, endpoint_id, delivery_id)
