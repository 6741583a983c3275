"""Bank accounts, banks' statements, what their lines are, and payment files."""

import base64
from datetime import date
from typing import Any

from fastapi import APIRouter, Response

from api.dependencies import CallerDep, ContextDep, ReadContextDep, ServiceDep
from api.files import answers_with
from api.paging import Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from api.schemas import BankAccountBody, FileBody, MatchBody, Number, ResolutionBody
from chainfin.analysis.matching import Tolerance
from chainfin.domain.service_errors import FieldMalformed
from chainfin.services import bank_statements, matching

router = APIRouter(tags=["statements"], route_class=RecordingRoute)


@router.post("/bank-accounts", status_code=201)
def record_bank_account(
    body: BankAccountBody, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Name an account whose statements the caller will import."""
    row = bank_statements.record_account(context, caller, **body.model_dump())
    return bank_statements.account_view(row)


@router.get("/bank-accounts")
def list_bank_accounts(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The caller's accounts."""
    data = bank_statements.account_views(context, caller)
    return {"data": data, "has_more": False, "next_cursor": None}


@router.post("/statements", status_code=201)
def import_statements(
    body: FileBody, context: ContextDep, caller: CallerDep, service: ServiceDep
) -> dict[str, Any]:
    """Import a camt.053 or camt.054 file. The same file again changes nothing."""
    limits = service.reading.limits.xml
    imported = bank_statements.import_statements(context, caller, file_of(body), limits)
    return {
        "data": [
            bank_statements.statement_view(entry.row)
            | {"is_new": entry.is_new, "new_lines": entry.new_lines}
            for entry in imported
        ]
    }


@router.get("/statements")
def list_statements(
    context: ReadContextDep, caller: CallerDep, cursor: Number = 0, limit: Limit = 100
) -> dict[str, Any]:
    """The caller's statements, by number."""
    data = bank_statements.statement_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "number")


@router.get("/statements/{number}")
def read_statement(number: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """One of the caller's statements with its lines."""
    return bank_statements.read_statement(context, caller, number)


@router.get("/statement-lines/{line_hash}")
def read_line(line_hash: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """One of the caller's lines by its hash: what a settlement bank attests."""
    return bank_statements.read_line(context, caller, line_hash)


@router.get("/reconciliation")
def read_reconciliation(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """How far the caller's statements are recognised, and what is expected and not there yet."""
    return matching.reconciliation_view(context, caller) | {"as_of": as_of(context)}


@router.post("/reconciliation/matches")
def match_statements(body: MatchBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Match the caller's statements with what was expected; a rerun adds only."""
    tolerance = Tolerance(amount_bps=body.amount_bps, days=body.days)
    return matching.match_statements(context, caller, tolerance)


@router.get("/reconciliation/exceptions")
def list_exceptions(
    context: ReadContextDep, caller: CallerDep, cursor: Number = 0, limit: Limit = 100
) -> dict[str, Any]:
    """The work list: lines a person has to look at."""
    data = matching.exception_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "line_number")


@router.post("/reconciliation/exceptions/{line_hash}/resolution")
def resolve_exception(
    line_hash: str, body: ResolutionBody, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Take a line off the work list with what a person found."""
    return matching.resolve_exception(context, caller, line_hash, body.resolution)


@router.get("/receivables/{receivable_id}/payment-file", responses=answers_with("application/xml"))
def read_payment_file(
    receivable_id: Number,
    account: str,
    context: ReadContextDep,
    caller: CallerDep,
    execution_date: date | None = None,
) -> Response:
    """The anchor's payments to the holders of a receivable's lots, as pain.001."""
    content = matching.payment_file(
        context, caller, receivable_id, account=account, execution_date=execution_date
    )
    return Response(content, media_type="application/xml")


def file_of(body: FileBody) -> bytes:
    """The file of a body."""
    try:
        return base64.b64decode(body.file, validate=True)
    except ValueError as error:
        raise FieldMalformed("file", body.file[:20], f"base64 ({error})") from None
