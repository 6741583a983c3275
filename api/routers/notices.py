"""Documents about receivables, and participants' statements: JSON for machines, PDF for people."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from api.dependencies import CallerDep, ReadContextDep, Service, ServiceDep
from api.files import answers_with
from api.recording import RecordingRoute
from api.schemas import Number
from chainfin.domain.errors import Language
from chainfin.domain.notices import Notice
from chainfin.services import notices
from chainfin.services.participant_statements import participant_statement

router = APIRouter(tags=["notices"], route_class=RecordingRoute)


class Form(StrEnum):
    """What a document is handed out as."""

    JSON = "json"
    """Facts, and the words in both languages."""
    PDF = "pdf"
    """Signed by this service, in one language."""


FormQuery = Annotated[Form, Query(alias="format")]


@router.get("/receivables/{receivable_id}/notices")
def list_notices(
    receivable_id: Number, context: ReadContextDep, caller: CallerDep, service: ServiceDep
) -> dict[str, Any]:
    """What documents there are about a receivable."""
    data = notices.list_notices(context, service.runtime.decoder, caller, receivable_id)
    return {"data": data, "has_more": False, "next_cursor": None}


@router.get("/notices/{number}", response_model=None, responses=answers_with("application/pdf"))
def read_notice(
    number: str,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    form: FormQuery = Form.JSON,
    language: Language = "en",
) -> Response:
    """One document by its number."""
    notice = notices.find_notice(context, service.runtime.decoder, caller, number)
    return hand_out(service, notice, form, language)


@router.get(
    "/participants/{organisation}/statement",
    response_model=None,
    responses=answers_with("application/pdf"),
)
def read_participant_statement(
    organisation: Number,
    from_date: date,
    to_date: date,
    context: ReadContextDep,
    caller: CallerDep,
    service: ServiceDep,
    form: FormQuery = Form.JSON,
    language: Language = "en",
) -> Response:
    """What an organisation holds, was paid, paid, and was charged in a period."""
    statement = participant_statement(
        context,
        caller,
        organisation,
        from_date=from_date,
        to_date=to_date,
        fees=service.fees,
    )
    return hand_out(service, statement, form, language)


def hand_out(service: Service, notice: Notice, form: Form, language: Language) -> Response:
    """A document as it was asked for."""
    if form is Form.JSON:
        return JSONResponse(notices.notice_view(notice))
    content = service.print_notice(notice, language)
    headers = {"Content-Disposition": f'inline; filename="{notice.number}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
