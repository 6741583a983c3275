"""The reads that are made again and again, answered before the router looks at them.

A lot, a receivable, the line of a lot: where a member asks for its own with an API key that was
looked up a moment ago, nothing is left to do but one read. Whatever is not exactly that goes on to
the routes, which have the same answers and all refusals.
"""

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Response
from sqlalchemy import Connection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import Service, read_soon
from chainfin.domain.access import Scope as Right
from chainfin.domain.receivable import LotId
from chainfin.services import audit
from chainfin.services.audit import HotAnswer
from chainfin.services.context import Caller

LINE_LOTS = 1_000
"""Lots of a line's first page."""
_BEARER = b"Bearer "
_Read = Callable[[Connection, Caller, str], HotAnswer]


def _lot(connection: Connection, caller: Caller, lot_id: str) -> HotAnswer:
    return audit.lot_for_party(connection, caller, LotId.parse(lot_id))


def _receivable(connection: Connection, caller: Caller, receivable_id: str) -> HotAnswer:
    return audit.receivable_for_party(connection, caller, int(receivable_id))


def _line(connection: Connection, caller: Caller, lot_id: str) -> HotAnswer:
    return audit.line_for_party(connection, caller, LotId.parse(lot_id), LINE_LOTS)


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
        answer = await read_soon(service, _read, service, read, caller, value)
        if answer is None:
            return None
        block, body = answer
        service.runtime.network.node.at_least(block.block_number)
        scope["route"], scope["path_params"] = read, {name: value}
        return body


def _read(service: Service, read: _Read, caller: Caller, value: str) -> HotAnswer:
    with service.readings.connect() as connection:
        return read(connection, caller, value)


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
