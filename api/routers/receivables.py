"""Receivables: read, and the URLs of their acts, which answer a draft to sign."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep, ServiceDep
from api.drafts import Fields, draft
from api.recording import RecordingRoute
from chainfin.services import audit, settlement

router = APIRouter(tags=["receivables"], route_class=RecordingRoute)


@router.get("/receivables")
def list_receivables(
    context: ReadContextDep, caller: CallerDep, cursor: int = 0, limit: int = 100
) -> dict[str, Any]:
    """Receivables the caller is party to, by number."""
    data = audit.receivable_views(context, caller, after=cursor, limit=min(limit, 500))
    return {
        "data": data,
        "has_more": len(data) == min(limit, 500),
        "next_cursor": data[-1]["receivable_id"] if data else None,
        "as_of": as_of(context),
    }


@router.get("/receivables/{receivable_id}")
def read_receivable(
    receivable_id: int,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    as_of_block: int | None = None,
) -> dict[str, Any]:
    """A receivable with its terms and state; with its lots as they were after an earlier block."""
    if as_of_block is not None:
        decoder = service.runtime.decoder
        return audit.receivable_at(context, decoder, caller, receivable_id, as_of_block)
    return audit.receivable_view(context, caller, receivable_id) | {"as_of": as_of(context)}


@router.get("/receivables/{receivable_id}/lineage")
def read_lineage(receivable_id: int, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Every lot of a receivable, with its parent, and every hop."""
    return audit.read_lineage(context, caller, receivable_id) | {"as_of": as_of(context)}


@router.get("/receivables/{receivable_id}/reconciliation")
def reconcile(receivable_id: int, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The receivable's rows against the contracts at the same block."""
    audit.require_reader(context, caller, receivable_id)
    return audit.reconcile(context, receivable_id)


@router.post("/receivables")
def issue_receivable(fields: Fields, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft an issue."""
    return draft(context, caller, "issue_receivable", fields)


@router.post("/receivables/{receivable_id}/acceptance")
def accept_receivable(
    receivable_id: int, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft an acceptance."""
    return draft(context, caller, "accept_receivable", {"receivable_ids": [receivable_id]})


@router.post("/receivables/{receivable_id}/refusal")
def refuse_receivable(
    receivable_id: int, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a refusal."""
    return draft(context, caller, "refuse_receivable", {"receivable_id": receivable_id})


@router.post("/receivables/{receivable_id}/withdrawal")
def withdraw_receivable(
    receivable_id: int, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the withdrawal of an offer."""
    return draft(context, caller, "withdraw_receivable", fields | {"receivable_id": receivable_id})


@router.post("/receivables/{receivable_id}/cancellation")
def cancel_receivable(
    receivable_id: int, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a cancellation or credit note, or the agreement to the other party's."""
    return draft(context, caller, "cancel_receivable", fields | {"receivable_id": receivable_id})


@router.post("/receivables/{receivable_id}/settlement")
def settle_receivable(
    receivable_id: int, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a settlement."""
    return draft(context, caller, "settle_receivable", fields | {"receivable_id": receivable_id})


@router.get("/maturities")
def list_maturities(
    context: ReadContextDep, caller: CallerDep, cursor: str | None = None, limit: int = 100
) -> dict[str, Any]:
    """What the calling anchor has to pay, soonest first, with interest on what is late."""
    data = settlement.maturity_views(context, caller, after=cursor, limit=min(limit, 500))
    return {
        "data": data,
        "has_more": len(data) == min(limit, 500),
        "next_cursor": data[-1]["cursor"] if data else None,
        "as_of": as_of(context),
    }


@router.get("/dishonour-notices")
def list_dishonour_notices(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Defaults of receivables the caller is or was a party to."""
    data = settlement.dishonour_notice_views(context, caller)
    return {"data": data, "has_more": False, "next_cursor": None, "as_of": as_of(context)}


@router.get("/reports/arrears/{anchor}")
def report_arrears(anchor: int, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
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
    block = context.as_of()
    return {"block_number": block.block_number, "block_hash": block.block_hash}
