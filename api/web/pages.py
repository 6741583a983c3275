"""The console's pages: read-only views over the same services as the API."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Form, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from api.dependencies import CONSOLE_COOKIE, ContextDep, ReadContextDep, ServiceDep
from api.errors import STATUS
from api.web.lineage import lineage_of
from api.web.names import Names
from api.web.rendering import (
    HEADERS,
    LANGUAGE_COOKIE,
    STATIC,
    STATIC_URL,
    chosen_language,
    language_for,
    local_address,
    render,
)
from api.web.timeline import acts_of
from api.web.viewing import Visit, VisitDep, is_same_site
from chainfin.domain import access
from chainfin.domain.errors import ChainfinError
from chainfin.domain.receivable import LotId, ReceivableState
from chainfin.domain.service_errors import (
    NodeBehind,
    NodeRefused,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
)
from chainfin.interchange.invoices import inspect_invoice
from chainfin.services import (
    audit,
    claims,
    credit_lines,
    documents,
    funding,
    holdbacks,
    imports,
    interest,
    notices,
    settlement,
)
from chainfin.services.context import lot_id_of
from chainfin.services.credentials import caller_of
from chainfin.services.freezes import freezes_of_lot_views
from chainfin.services.onboarding import names_by_number

RECEIVABLES_A_PAGE = 25
LOTS_A_PAGE = 100
MATURITIES_SHOWN = 200
FUNDINGS_SHOWN = 100
REQUESTS_SHOWN = 100
FACTS_SHOWN = 400
NOTICES_SHOWN = 60

_COOKIE_SECONDS = 12 * 3_600
_LANGUAGE_SECONDS = 365 * 86_400
_KEY_LENGTH = 200

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose refusals are pages, and whose pages carry the console's headers."""

    def get_route_handler(self) -> _Handler:
        """The handler, with refusals as pages."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except NotAuthenticated:
                response = _ask_for_key(request)
            except ChainfinError as error:
                response = _refuse(request, error)
            except RequestValidationError:
                response = _refuse_path(request)
            response.headers.update(HEADERS)
            _keep_language(request, response)
            return response

        return answer


router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
def show_overview(visit: VisitDep, before: int | None = None) -> HTMLResponse:
    """The receivables the viewer may read, the newest first; one of them as a graph."""
    context, caller = visit.context, visit.viewer.caller
    views = audit.newest_receivable_views(
        context, caller, before=before, limit=RECEIVABLES_A_PAGE + 1
    )
    shown = views[:RECEIVABLES_A_PAGE]
    counts = audit.count_by_state(context, caller)
    featured = _featured(visit) if before is None else None
    named = shown if featured is None else [*shown, featured["receivable"]]
    parties = {view[role] for view in named for role in ("obligor", "supplier")}
    return page(
        visit,
        "overview.html",
        receivables=shown,
        next_before=shown[-1]["receivable_id"] if len(views) > len(shown) else None,
        is_first=before is None,
        counts={state: counts[state] for state in map(str, ReceivableState) if state in counts},
        names=Names(names_by_number(context, parties), visit.words),
        featured=featured,
    )


@router.get("/receivables/{receivable_id}")
def show_receivable(receivable_id: int, visit: VisitDep, after: int = 0) -> HTMLResponse:
    """A receivable: its terms, its lots as a graph and a table, its history, its verdict."""
    context, caller = visit.context, visit.viewer.caller
    view = audit.read_lineage(context, caller, receivable_id)
    names = Names(view["names"], visit.words)
    lineage = lineage_of(view, visit.words)
    history = audit.read_history(context, visit.decoder, caller, receivable_id, limit=FACTS_SHOWN)
    rows = lineage.lots[max(after, 0) : max(after, 0) + LOTS_A_PAGE]
    is_more = bool(rows) and rows[-1] != lineage.lots[-1]
    return page(
        visit,
        "receivable.html",
        receivable=view["receivable"],
        lineage=lineage,
        rows=rows,
        next_after=after + len(rows) if is_more else None,
        names=names,
        verdict=_verdict(visit, receivable_id),
        notices=_notices(visit, receivable_id),
        acts=acts_of(history["entries"], view["receivable"], names),
        is_complete=history["is_complete"],
    )


@router.get("/maturities")
def show_desk(visit: VisitDep) -> HTMLResponse:
    """What an anchor has to pay, prices on their way, defaults with notice, a funder's limits."""
    context, caller = visit.context, visit.viewer.caller
    maturities = settlement.maturity_views(context, caller, limit=MATURITIES_SHOWN)
    notices = settlement.dishonour_notice_views(context, caller)
    lines = credit_lines.credit_line_views(context, caller)
    awaited = funding.awaited_funding_views(context, caller, after=0, limit=FUNDINGS_SHOWN)
    fundings = [entry | {"to_do": _to_do(visit, entry)} for entry in awaited]
    requests = interest.requests_on_own_debt(context, caller, limit=REQUESTS_SHOWN)
    held_back = holdbacks.holdback_views(context, caller, after=None, limit=REQUESTS_SHOWN)
    parties = {entry["obligor"] for entry in (*maturities, *notices)}
    parties |= {line[role] for line in lines for role in ("funder", "anchor")}
    parties |= {entry["holder"] for entry in requests}
    parties |= {entry[role] for entry in held_back for role in ("seller", "holder")}
    parties |= {entry[role] for entry in fundings for role in ("funder", "holder")}
    return page(
        visit,
        "desk.html",
        maturities=maturities,
        fundings=fundings,
        notices=notices,
        lines=lines,
        requests=requests,
        holdbacks=held_back,
        names=Names(names_by_number(context, parties), visit.words),
    )


def _to_do(visit: Visit, entry: Mapping[str, Any]) -> str:
    """What the viewer does next about a price that is on its way."""
    caller = visit.viewer.caller.organisation
    is_late = visit.context.as_of().block_timestamp > entry["pay_by"]
    waits_for_holder = entry["needs_confirmation"] and not entry["confirmed_lines"]
    if caller == entry["funder"]:
        return "pay_to" if entry["account"] else "pay"
    if caller == entry["settlement_bank"]:
        if is_late:
            return "attest_or_deny"
        return "attest_after" if waits_for_holder else "attest"
    if caller == entry["holder"]:
        return "confirm" if waits_for_holder else "wait"
    return "nothing"


@router.get("/lots/{lot_id}")
def show_lot(lot_id: str, visit: VisitDep) -> HTMLResponse:
    """A lot and its trail."""
    context, caller = visit.context, visit.viewer.caller
    wanted = lot_id_in(lot_id)
    trail = audit.read_lot_history(context, visit.decoder, caller, wanted)
    view = audit.read_lineage(context, caller, wanted.receivable_id)
    names = Names(view["names"], visit.words)
    lineage = lineage_of(view, visit.words)
    lot = lineage.find(trail["lot_id"])
    if lot is None:
        raise NotFound("lot", lot_id)
    return page(
        visit,
        "lot.html",
        lot=lot,
        ancestors=lineage.ancestors(lot),
        receivable=view["receivable"],
        names=names,
        verdict=_verdict(visit, wanted.receivable_id),
        freezes=[each for each in freezes_of_lot_views(context, caller, wanted) if each["holds"]],
        claims=_claims(visit, wanted),
        held_back=holdbacks.holdback_of(context, wanted),
        acts=acts_of(trail["entries"], view["receivable"], names, frozenset(trail["lineage"])),
    )


def _claims(visit: Visit, lot_id: LotId) -> dict[str, Any] | None:
    """The ranks of claims in a lot, where the viewer is one of those they concern."""
    try:
        return claims.claims_view(visit.context, visit.viewer.caller, lot_id)
    except NotFound:
        return None


@router.get("/documents")
def show_documents(visit: VisitDep) -> HTMLResponse:
    """The viewer's documents, and a form to hand in an invoice."""
    return _documents_page(visit)


@router.post("/documents")
def hand_in_document(
    visit: VisitDep,
    context: ContextDep,
    service: ServiceDep,
    file: UploadFile,
    record: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Read an invoice, say everything that is wrong with it, and record it where that is wanted."""
    if not is_same_site(visit.request):
        return _session_page(visit.request, "/", HTTPStatus.FORBIDDEN, problem="session.foreign")
    reading, caller = service.reading, visit.viewer.caller
    caller.require_scope(access.Scope.WRITE)
    content = file.file.read(reading.limits.file_bytes + 1)
    if not record:
        inspected = inspect_invoice(content, reading.limits, reading.rules)
        return _documents_page(visit, {**inspected.to_json(), "document": None})
    assessed = imports.assess_invoice(visit.context, caller, content, reading, peers=service.peers)
    imported = imports.record_invoice(context, caller, content, assessed)
    return _documents_page(visit, imported.to_json())


@router.get("/session")
def show_session(request: Request) -> HTMLResponse:
    """The form to sign in with."""
    return _session_page(request, "/")


@router.post("/session")
def begin_session(
    request: Request,
    service: ServiceDep,
    context: ReadContextDep,
    api_key: Annotated[str, Form(max_length=_KEY_LENGTH)] = "",
    next_page: Annotated[str, Form()] = "/",
) -> Response:
    """Keep an API key in a cookie that no script reads and no other site sends."""
    if not is_same_site(request):
        return _session_page(request, "/", HTTPStatus.FORBIDDEN, problem="session.foreign")
    credential, place = api_key.strip(), _local(next_page)
    try:
        caller_of(context, credential)
    except NotAuthenticated:
        status = HTTPStatus.UNAUTHORIZED
        return _session_page(request, place, status, problem="session.refused")
    response = RedirectResponse(place, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        CONSOLE_COOKIE,
        credential,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
        secure=not service.settings.is_embedded,
    )
    return response


@router.post("/session/end")
def end_session(request: Request) -> Response:
    """Forget the API key."""
    if not is_same_site(request):
        return _session_page(request, "/", HTTPStatus.FORBIDDEN, problem="session.foreign")
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    response.delete_cookie(CONSOLE_COOKIE, httponly=True, samesite="strict")
    return response


def mount_static(app: FastAPI) -> None:
    """Serve the console's own files; their addresses change with their content."""
    app.mount(STATIC_URL, _Files(directory=STATIC), name="static")


class _Files(StaticFiles):
    """Files that a browser may keep and must not reinterpret."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _documents_page(visit: Visit, answer: dict[str, Any] | None = None) -> HTMLResponse:
    views = documents.list_documents(visit.context, visit.viewer.caller)
    sellers = {view["seller"] for view in views}
    return page(
        visit,
        "documents.html",
        answer=answer,
        documents=views,
        names=Names(names_by_number(visit.context, sellers), visit.words),
    )


# --- what pages are made of -------------------------------------------------------------------


def page(
    visit: Visit, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> HTMLResponse:
    """A page with what every page shows of its visit."""
    return render(
        visit.request,
        template,
        status,
        viewer=visit.viewer,
        as_of=visit.context.as_of(),
        chain_id=visit.context.network.deployment.chain_id,
        **values,
    )


def _featured(visit: Visit) -> dict[str, Any] | None:
    """The receivable to begin with, its lots and its verdict."""
    number = audit.featured_receivable(visit.context, visit.viewer.caller)
    if number is None:
        return None
    view = audit.read_lineage(visit.context, visit.viewer.caller, number)
    return {
        "receivable": view["receivable"],
        "lineage": lineage_of(view, visit.words),
        "verdict": _verdict(visit, number),
    }


def _verdict(visit: Visit, receivable_id: int) -> dict[str, Any] | None:
    """The index against the contracts; None while the node cannot be asked."""
    try:
        return audit.reconcile(visit.context, receivable_id)
    except (NodeUnavailable, NodeBehind, NodeRefused):
        return None


def _notices(visit: Visit, receivable_id: int) -> list[dict[str, str]]:
    """What documents there are about a receivable, titled in the reader's language."""
    language = language_for(visit.request)
    found = notices.list_notices(visit.context, visit.decoder, visit.viewer.caller, receivable_id)
    shown = found[:NOTICES_SHOWN]
    return [{"number": entry["number"], "title": entry["title"][language]} for entry in shown]


def lot_id_in(text: str) -> LotId:
    """A lot's number out of an address: what is none is not found."""
    try:
        return lot_id_of(text)
    except ChainfinError:
        raise NotFound("lot", text[:_KEY_LENGTH]) from None


# --- refusals ---------------------------------------------------------------------------------


def _ask_for_key(request: Request) -> Response:
    """The form to sign in with, in place of the page; a key that opens nothing is forgotten."""
    is_refused = CONSOLE_COOKIE in request.cookies
    place = local_address(request) if request.method == "GET" else "/"
    response = _session_page(
        request,
        place,
        HTTPStatus.UNAUTHORIZED,
        problem="session.refused" if is_refused else None,
    )
    response.headers["WWW-Authenticate"] = "Bearer"
    if is_refused:
        response.delete_cookie(CONSOLE_COOKIE, httponly=True, samesite="strict")
    return response


def _session_page(
    request: Request,
    next_page: str,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    problem: str | None = None,
) -> HTMLResponse:
    return render(
        request,
        "session.html",
        status,
        next_page=next_page,
        problem=problem,
        has_provider=request.app.state.service.provider is not None,
    )


def _refuse(request: Request, error: ChainfinError) -> HTMLResponse:
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    titles = {HTTPStatus.NOT_FOUND: "absent", HTTPStatus.SERVICE_UNAVAILABLE: "away"}
    return render(
        request,
        "refusal.html",
        status,
        title=f"refusal.{titles.get(status, 'other')}",
        message=error.message(language_for(request)),
        remedy=error.remedy(language_for(request)),
    )


def _refuse_path(request: Request) -> HTMLResponse:
    return render(
        request,
        "refusal.html",
        HTTPStatus.NOT_FOUND,
        title="refusal.absent",
        message=None,
        remedy=None,
    )


def _local(place: str) -> str:
    """A place within this site; anything else is its first page."""
    is_local = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if is_local and place.isprintable() else "/"


def _keep_language(request: Request, response: Response) -> None:
    if language := chosen_language(request):
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_LANGUAGE_SECONDS, httponly=True, samesite="lax"
        )
