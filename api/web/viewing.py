"""Who looks at the console: by cookie, or, on the embedded network's own machine, the operator."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.dependencies import CONSOLE_COOKIE, ReadContextDep, ServiceDep, note_reading
from api.web.rendering import language_for
from api.web.texts import Words
from chainfin.codec.events import EventDecoder
from chainfin.domain.access import Scope
from chainfin.domain.service_errors import NotAuthenticated
from chainfin.services.context import Caller, Context
from chainfin.services.credentials import caller_of
from chainfin.services.onboarding import names_by_number

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks.

    Attributes:
        caller: What they may read.
        name: Their organisation's name; None for the operator.
        is_automatic: Nobody signed in: the embedded network shows its own operator everything.
    """

    caller: Caller
    name: str | None
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is made from."""

    request: Request
    context: Context
    decoder: EventDecoder
    viewer: Viewer
    words: Words


def get_visit(request: Request, service: ServiceDep, context: ReadContextDep) -> Visit:
    """The visit a request is.

    Raises:
        NotAuthenticated: Nobody's key, or none where one is needed.
    """
    is_own_machine = service.settings.is_embedded and _is_loopback(request)
    viewer = _viewer(context, request.cookies.get(CONSOLE_COOKIE), is_own_machine=is_own_machine)
    if not viewer.is_automatic:
        note_reading(request, service, viewer.caller)
        request.state.caller = viewer.caller
    return Visit(request, context, service.runtime.decoder, viewer, Words(language_for(request)))


VisitDep = Annotated[Visit, Depends(get_visit, scope="function")]


def _viewer(context: Context, credential: str | None, *, is_own_machine: bool) -> Viewer:
    if credential is None and is_own_machine:
        return Viewer(Caller(organisation=0, reads_all=True), None, is_automatic=True)
    if not credential:
        raise NotAuthenticated
    caller = caller_of(context, credential)
    caller.require_scope(Scope.READ)
    name = names_by_number(context, [caller.organisation]).get(caller.organisation)
    return Viewer(caller, name, is_automatic=False)


def _is_loopback(request: Request) -> bool:
    """Whether somebody on this machine asks, under a name that only this machine has.

    A page of another site whose name was made to lead here (DNS rebinding) has another Host; what
    a proxy passes on may come from anywhere.
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    asker = request.client.host if request.client else ""
    return asker in _LOOPBACK and _host(request) in _LOOPBACK


def _host(request: Request) -> str | None:
    try:
        return urlsplit("//" + request.headers.get("host", "")).hostname
    except ValueError:
        return None


def require_own_form(request: Request) -> None:
    """Refuse a form that another site sent with the reader's cookie.

    Raises:
        NotAuthenticated: Another site sent it.
    """
    if not is_same_site(request):
        raise NotAuthenticated


def is_same_site(request: Request) -> bool:
    """Whether a form was sent from a page of ours, as far as the browser tells."""
    if site := request.headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
