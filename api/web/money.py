"""The console's pages about money: reports, bank statements with their work list, and notices."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.dependencies import ContextDep, Service, ServiceDep
from api.web.names import Names
from api.web.pages import PageRoute, page
from api.web.rendering import language_for
from api.web.viewing import Visit, VisitDep, require_own_form
from chainfin.domain.notices import Notice
from chainfin.services import bank_statements, matching, notices
from chainfin.services.participant_statements import participant_statement
from chainfin.services.reports import ReportName, make_report, report_csv

LISTED = 100

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/reports")
def show_reports(visit: VisitDep) -> HTMLResponse:
    """Every report the viewer may see, as tables."""
    reports = [make_report(visit.context, visit.viewer.caller, name) for name in ReportName]
    return page(visit, "reports.html", reports=reports, names=Names({}, visit.words))


@router.get("/reports/{name}.csv")
def download_report(name: ReportName, visit: VisitDep) -> Response:
    """A report for a spreadsheet."""
    report = make_report(visit.context, visit.viewer.caller, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(report_csv(report), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/notices/{number}.pdf")
def download_notice(number: str, visit: VisitDep, service: ServiceDep) -> Response:
    """A document of a receivable, signed, in the reader's language."""
    notice = notices.find_notice(visit.context, visit.decoder, visit.viewer.caller, number)
    return _pdf(visit, service, notice)


@router.get("/statement.pdf")
def download_statement(
    from_date: date, to_date: date, visit: VisitDep, service: ServiceDep
) -> Response:
    """The viewer's own statement of a period, signed, in the reader's language."""
    caller = visit.viewer.caller
    statement = participant_statement(
        visit.context,
        caller,
        caller.organisation,
        from_date=from_date,
        to_date=to_date,
        fees=service.fees,
    )
    return _pdf(visit, service, statement)


@router.get("/statements")
def show_statements(visit: VisitDep, after: int = 0) -> HTMLResponse:
    """The viewer's bank statements, how far they are recognised, and what a person must look at."""
    context, caller = visit.context, visit.viewer.caller
    return page(
        visit,
        "statements.html",
        accounts=bank_statements.account_views(context, caller),
        statements=bank_statements.statement_views(context, caller, after=after, limit=LISTED),
        found=matching.reconciliation_view(context, caller),
        exceptions=matching.exception_views(context, caller, after=0, limit=LISTED),
        names=Names({}, visit.words),
        listed=LISTED,
    )


@router.post("/statements")
def import_statement(
    visit: VisitDep,
    context: ContextDep,
    service: ServiceDep,
    file: Annotated[bytes, File()],
) -> Response:
    """Import a file and match it at once."""
    require_own_form(visit.request)
    caller = visit.viewer.caller
    bank_statements.import_statements(context, caller, file, service.reading.limits.xml)
    matching.match_statements(context, caller)
    return RedirectResponse("/statements", 303)


@router.post("/statements/exceptions/{line_hash}")
def resolve_exception(
    line_hash: str,
    visit: VisitDep,
    context: ContextDep,
    resolution: Annotated[str, Form(max_length=500)],
) -> Response:
    """Take a line off the work list."""
    require_own_form(visit.request)
    matching.resolve_exception(context, visit.viewer.caller, line_hash, resolution)
    return RedirectResponse("/statements", 303)


def _pdf(visit: Visit, service: Service, notice: Notice) -> Response:
    content = service.print_notice(notice, language_for(visit.request))
    headers = {"Content-Disposition": f'inline; filename="{notice.number}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
