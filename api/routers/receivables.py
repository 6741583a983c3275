"""Receivables: read, and the URLs of their acts, which answer a draft to sign."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool

from api.answers import json_answer
from api.dependencies import CallerDep, ReadContextDep, ServiceDep, read_soon
from api.drafts import Fields, draft
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.schemas import Number
from chainfin.domain.receivable import ReceivableStatus
from chainfin.domain.service_errors import FieldMalformed
from chainfin.services import audit, settlement
from chainfin.services.audit import ReceivableFilter

router = APIRouter(tags=["receivables"], route_class=RecordingRoute)


_DAY_SECONDS = 86_400
_STATUSES = {status.name.lower(): status for status in ReceivableStatus}


def get_filter(
    status_in: Annotated[
        str | None, Query(alias="status.in", max_length=200, examples=["active,settled"])
    ] = None,
    maturity_from: Annotated[date | None, Query(alias="maturity_date.gte")] = None,
    maturity_to: Annotated[date | None, Query(alias="maturity_date.lte")] = None,
    participant: Number | None = None,
) -> ReceivableFilter:
    """Which receivables are wanted; days are UTC.

    Raises:
        FieldMalformed: There is no such status.
    """
    names = [] if status_in is None else status_in.split(",")
    for name in names:
        if name not in _STATUSES:
            raise FieldMalformed("status.in", name, ", ".join(_STATUSES))
    return ReceivableFilter(
        statuses=tuple(_STATUSES[name] for name in names),
        maturity_from=None if maturity_from is None else _begin_of(maturity_from),
        maturity_to=None if maturity_to is None else _begin_of(maturity_to) + _DAY_SECONDS,
        participant=participant,
    )


def _begin_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@router.get("/receivables")
def list_receivables(
    context: ReadContextDep,
    caller: CallerDep,
    wanted: Annotated[ReceivableFilter, Depends(get_filter)],
    cursor: Number = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Receivables the caller is party to, by number."""
    data = audit.receivable_views(context, caller, after=cursor, limit=limit, wanted=wanted)
    return page(data, limit, "receivable_id") | {"as_of": as_of(context)}


@router.get("/receivables/{receivable_id}", response_model=dict[str, Any])
async def read_receivable(
    receivable_id: Number,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    as_of_block: Number | None = None,
) -> Response:
    """A receivable with its terms and state; with its lots as they were after an earlier block."""
    if as_of_block is None:
        view = await read_soon(service, audit.receivable_view, context, caller, receivable_id)
    else:
        asked = (context, service.runtime.decoder, caller, receivable_id, as_of_block)
        view = await run_in_threadpool(audit.receivable_at, *asked)
    return json_answer(view)


@router.get("/receivables/{receivable_id}/lineage")
def read_lineage(
    receivable_id: Number, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Every lot of a receivable, with its parent, and every hop."""
    return audit.read_lineage(context, caller, receivable_id) | {"as_of": as_of(context)}


@router.get("/receivables/{receivable_id}/reconciliation")
def reconcile(receivable_id: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The receivable's rows against the contracts at the same block."""
    audit.require_reader(context, caller, receivable_id)
    return audit.reconcile(context, receivable_id)


@router.post("/receivables")
def issue_receivable(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft an issue."""
    return draft(context, caller, "issue_receivable", fields)


@router.post("/receivables/{receivable_id}/acceptance")
def accept_receivable(
    receivable_id: Number, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft an acceptance."""
    return draft(context, caller, "accept_receivable", {"receivable_ids": [receivable_id]})


@router.post("/receivables/{receivable_id}/refusal")
def refuse_receivable(
    receivable_id: Number, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a refusal."""
    return draft(context, caller, "refuse_receivable", {"receivable_id": receivable_id})


@router.post("/receivables/{receivable_id}/withdrawal")
def withdraw_receivable(
    receivable_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the withdrawal of an offer."""
    return draft(context, caller, "withdraw_receivable", fields | {"receivable_id": receivable_id})


@router.post("/receivables/{receivable_id}/cancellation")
def cancel_receivable(
    receivable_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a cancellation or credit note, or the agreement to the other party's."""
    return draft(context, caller, "cancel_receivable", fields | {"receivable_id": receivable_id})


@router.post("/receivables/{receivable_id}/settlement")
def settle_receivable(
    receivable_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a settlement."""
    return draft(context, caller, "settle_receivable", fields | {"receivable_id": receivable_id})


@router.get("/maturities")
def list_maturities(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """What the calling anchor has to pay, soonest first, with interest on what is late."""
    data = settlement.maturity_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "cursor") | {"as_of": as_of(context)}


@router.get("/dishonour-notices")
def list_dishonour_notices(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Defaults of receivables the caller is or was a party to."""
    data = settlement.dishonour_notice_views(context, caller)
    return {"data": data, "has_more": False, "next_cursor": None, "as_of": as_of(context)}


@router.get("/reports/arrears/{anchor}")
def report_arrears(anchor: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """What was noted of an anchor, and whether it is persistently overdue (R-12)."""
    return settlement.arrears_report(context, caller, anchor) | {"as_of": as_of(context)}


@router.post("/programmes")
def open_programme(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the opening of a programme."""
    return draft(context, caller, "open_programme", fields)


@router.get("/programmes")
def list_programmes(
    context: ReadContextDep,
    caller: CallerDep,  # noqa: ARG001 - a programme's rules are every member's to know
) -> dict[str, Any]:
    """Every programme version."""
    return {"data": audit.programme_views(context), "has_more": False, "next_cursor": None}


def as_of(context: ReadContextDep) -> dict[str, Any]:
    """The block an answer is true for."""
    return audit.block_view(context.as_of())
