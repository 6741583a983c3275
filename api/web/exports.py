"""The console's page of exports: ask for a file, see how far it is, take it."""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.dependencies import ContextDep, ServiceDep
from api.routers.exports import file_of
from api.web.pages import PageRoute, page
from api.web.viewing import VisitDep, require_own_form
from chainfin.services import exports
from chainfin.services.exports import ENDED, FileFormat
from chainfin.services.listings import TableName

LISTED = 50

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/exports")
def show_exports(visit: VisitDep) -> HTMLResponse:
    """The viewer's exports, newest first, and a form to ask for another."""
    found = exports.list_exports(visit.context, visit.viewer.caller, before=None, limit=LISTED)
    response = page(
        visit,
        "exports.html",
        exports=found,
        tables=list(TableName),
        formats=list(FileFormat),
    )
    if any(entry["status"] not in ENDED for entry in found):
        # The pages' policy lets no script speak to the service: the page asks again by itself.
        response.headers["Refresh"] = "1"
    return response


@router.post("/exports")
def request_export(
    visit: VisitDep,
    context: ContextDep,
    table: Annotated[TableName, Form()],
    file_format: Annotated[FileFormat, Form()],
) -> Response:
    """Ask for a file."""
    require_own_form(visit.request)
    exports.request_export(context, visit.viewer.caller, table, file_format)
    return RedirectResponse("/exports", 303)


@router.get("/exports/{export_id}/file")
def download_export(export_id: str, visit: VisitDep, service: ServiceDep) -> Response:
    """The file of an export that is done."""
    return file_of(service, visit.context, visit.viewer.caller, export_id)
