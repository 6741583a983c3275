"""The reads that are made again and again, answered before the router looks at them.

A lot, a receivable, the line of a lot: where a member asks for its own with an API key that was
looked up a moment ago, nothing is left to do but one read. Whatever is not exactly that goes on to
the routes, which have the same answers and all refusals.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import Service, read_soon, reading
from chainfin.domain.access import Scope as Right
from chainfin.domain.errors import ChainfinError
from chainfin.services import audit
from chainfin.services.context import Caller, Context, lot_id_of

LINE_LOTS = 1_000
"""Lots of a line's first page."""
_BEARER = b"Bearer "
_Read = Callable[[Context, Caller, str], bytes]


def _lot(context: Context, caller: Caller, lot_id: str) -> bytes:
    return msgspec.json.encode(audit.lot_view(context, caller, lot_id_of(lot_id)))


def _receivable(context: Context, caller: Caller, receivable_id: str) -> bytes:
    return msgspec.json.encode(audit.receivable_view(context, caller, int(receivable_id)))


def _line(context: Context, caller: Caller, lot_id: str) -> bytes:
    asked = (context, caller, lot_id_of(lot_id), "ancestors")
    return audit.read_lot_lineage(*asked, after=0, limit=LINE_LOTS)


_READS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (re.compile(r"/v1/lots/(?P<lot_id>[0-9]{1,18}-[0-9]{1,9})"), _lot),
    (re.compile(r"/v1/receivables/(?P<receivable_id>[0-9]{1,18})"), _receivable),
    (re.compile(r"/v1/lots/(?P<lot_id>[0-9]{1,18}-[0-9]{1,9})/lineage"), _line),
)


class HotReads:
    """The innermost middleware: requests were counted, and will be logged, like all others."""

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        """Take the routes, and the application whose service is asked."""
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hot read; pass on everything else."""
        body = await self._body(scope) if _may_be_hot(scope) else None
        if body is None:
            await self._app(scope, receive, send)
        else:
            await Response(body, media_type="application/json")(scope, receive, send)

    async def _body(self, scope: Scope) -> bytes | None:
        found = _found(scope["path"])
        if found is None:
            return None
        read, (name, value) = found
        service: Service = self._api.state.service
        caller = service.callers.known(_token(scope))
        # What who may read all reads is noted first, and that is the routes' business.
        if caller is None or caller.reads_all or Right.READ not in caller.scopes:
            return None
        try:
            body = await read_soon(service, _read, service, read, caller, value)
        except ChainfinError:
            return None  # The route says it again, in its own words.
        scope["route"], scope["path_params"] = read, {name: value}
        return body


def _read(service: Service, read: _Read, caller: Caller, value: str) -> bytes:
    with reading(service) as context:
        return read(context, caller, value)


def _found(path: str) -> tuple[_Read, tuple[str, str]] | None:
    """The read that a path asks for, and its parameter."""
    for pattern, read in _READS:
        if matched := pattern.fullmatch(path):
            return read, next(iter(matched.groupdict().items()))
    return None


def _may_be_hot(scope: Scope) -> bool:
    is_read = scope["type"] == "http" and scope["method"] == "GET"
    return is_read and not scope["query_string"] and scope["path"].startswith(("/v1/l", "/v1/r"))


def _token(scope: Scope) -> str:
    headers: list[tuple[bytes, Any]] = scope["headers"]
    shown = next((value for name, value in headers if name == b"authorization"), b"")
    return shown[len(_BEARER) :].decode("latin-1") if shown.startswith(_BEARER) else ""
