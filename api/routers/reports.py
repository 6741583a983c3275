"""Reports over what the caller may see."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from api.dependencies import CallerDep, ReadContextDep
from api.files import answers_with
from api.recording import RecordingRoute
from chainfin.services.reports import ReportName, make_report, report_csv, report_view

router = APIRouter(prefix="/reports", tags=["reports"], route_class=RecordingRoute)


class TableForm(StrEnum):
    """What a table is handed out as."""

    JSON = "json"
    CSV = "csv"


@router.get(
    "/{name}",
    response_model=None,
    responses=answers_with("text/csv"),
)
def read_report(
    name: ReportName,
    context: ReadContextDep,
    caller: CallerDep,
    form: Annotated[TableForm, Query(alias="format")] = TableForm.JSON,
) -> Response:
    """Exposure, maturities, ageing, reconciliation or abnormal splits."""
    report = make_report(context, caller, name)
    if form is TableForm.JSON:
        return JSONResponse(report_view(report))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(report_csv(report), media_type="text/csv; charset=utf-8", headers=headers)
