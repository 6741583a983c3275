"""Lists over all receivables: transfers, fundings, settlements, payments on lots."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from chainfin.services import listings

router = APIRouter(route_class=RecordingRoute)


@router.get("/transfers", tags=["lots"])
def list_transfers(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Transfers of or to the caller, by number."""
    data = listings.transfer_views(context, caller, cursor, limit)
    return page(data, limit, "transfer_id") | {"as_of": as_of(context)}


@router.get("/fundings", tags=["financing"])
def list_fundings(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Fundings that the caller received or gave, by number of their request."""
    data = listings.funding_views(context, caller, cursor, limit)
    return page(data, limit, "request_id") | {"as_of": as_of(context)}


@router.get("/settlements", tags=["receivables"])
def list_settlements(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """What anchors paid on receivables the caller may read, by number."""
    data = listings.settlement_views(context, caller, cursor, limit)
    return page(data, limit, "settlement_id") | {"as_of": as_of(context)}


@router.get("/payments", tags=["lots"])
def list_payments(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """What reached the holders of lots: what the caller received, or owed; by number."""
    data = listings.payment_views(context, caller, cursor, limit)
    return page(data, limit, "payment_id") | {"as_of": as_of(context)}
