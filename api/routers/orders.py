"""Orders: draft, submit, follow. The only door through which an act is recorded."""

from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import (
    CallerDep,
    CommitDep,
    ContextDep,
    IdempotencyKeyDep,
    ReadContextDep,
    ServiceDep,
)
from api.errors import recorded_refusal
from api.paging import Limit
from api.recording import RecordingRoute
from api.schemas import DraftBody, Number, OrderBody
from chainfin.domain.order import OrderStatus
from chainfin.services import drafts, orders, signed_orders, submission

router = APIRouter(prefix="/orders", tags=["orders"], route_class=RecordingRoute)


@router.post("/draft")
def draft_order(body: DraftBody, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Prepare an order for signing. Writes nothing."""
    return drafts.draft_order(
        context,
        caller,
        body.act,
        body.fields,
        maker_key=body.maker_key,
        deadline_at=body.deadline_at,
    )


@router.post("", status_code=202)
def submit_order(
    body: OrderBody,
    reading: ReadContextDep,
    context: ContextDep,
    caller: CallerDep,
    idempotency_key: IdempotencyKeyDep,
    service: ServiceDep,
    commit: CommitDep,
    request: Request,
    response: Response,
) -> Any:
    """Record a signed order, or its refusal."""
    orders.require_room(reading, service.settings.outbox_limit)
    order = signed_orders.read_order(
        reading, body.typed_data, body.approvals_as_given(), body.attachments
    )
    checked = orders.check_orders(reading, [order])
    row = orders.accept_order(context, caller, order, checked, idempotency_key)
    view = orders.order_view(row)
    commit()
    if view["status"] == OrderStatus.REJECTED:
        return recorded_refusal(request, view["reason"], view)
    response.headers["location"] = f"/v1/orders/{view['order_hash']}"
    return view


@router.get("")
def list_orders(
    context: ReadContextDep, caller: CallerDep, cursor: Number | None = None, limit: Limit = 50
) -> dict[str, Any]:
    """The caller's orders, newest first."""
    rows = orders.list_orders(context, caller, before_id=cursor, limit=limit)
    return {
        "data": [orders.order_view(row) for row in rows],
        "has_more": len(rows) == limit,
        "next_cursor": rows[-1].id if len(rows) == limit else None,
    }


@router.get("/{order_hash}")
def read_order(order_hash: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """An order with its history; of a batch, how far it is."""
    view = orders.read_order_view(context, caller, order_hash)
    if view["act"] == "issue_batch":
        view["progress"] = submission.batch_progress(context, order_hash)
    return view
