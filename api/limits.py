"""What every request meets first: its number, how large it may be, how often it may come.

Plain ASGI, outside everything else: a body that is too large is not read, and a caller who asks too
often costs neither a thread nor a connection to the database.
"""

import re
import time
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from uuid import uuid4

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import refused_early
from chainfin.domain.errors import ChainfinError
from chainfin.domain.service_errors import RequestTooLarge, TooManyRequests

REQUEST_ID = "x-request-id"
SMALL_BODY_BYTES = 1_048_576
"""Of requests that carry no file and no batch."""
UNKNOWN_BODY_BYTES = 65_536
"""Of requests to the API that name no credential."""

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LARGE = re.compile(
    r"/(v1/)?(documents|statements|evidence)(/|$)|/v1/(orders|bulk-requests|participants|quotes)(/|$)"
)
_FREE = re.compile(r"/v1/health/|/static/|/metrics$|/v1/metrics$")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be.

    Attributes:
        requests_a_minute: Of one credential; 0 for any number.
        unknown_a_minute: Of one address, without a credential or with nobody's; 0 likewise.
        request_bytes: Of a body that carries files or orders.
    """

    requests_a_minute: int
    unknown_a_minute: int
    request_bytes: int


class Gate:
    """The middleware."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        """Take what requests may be."""
        self._app = app
        self._limits = limits
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it as a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        visit = _Visit(self, scope, receive, send, headers, request_id)
        try:
            visit.check()
        except ChainfinError as error:
            await refused_early(Request(scope), error)(scope, receive, visit.send)
            return
        await self._app(scope, visit.receive, visit.send)

    def count(self, kind: str, name: str, limit: int) -> None:
        """Count one request.

        Raises:
            TooManyRequests: There were as many as may be.
        """
        if limit and not self._counter.hit(RateLimitItemPerMinute(limit), kind, name):
            raise self._too_many(kind, name, limit)

    def check(self, kind: str, name: str, limit: int) -> None:
        """Refuse whoever has no request left, counting nothing.

        Raises:
            TooManyRequests: There were as many as may be.
        """
        if limit and not self._counter.test(RateLimitItemPerMinute(limit), kind, name):
            raise self._too_many(kind, name, limit)

    def note(self, kind: str, name: str, limit: int) -> None:
        """Count one request that has been answered."""
        if limit:
            self._counter.hit(RateLimitItemPerMinute(limit), kind, name)

    def _too_many(self, kind: str, name: str, limit: int) -> TooManyRequests:
        stats = self._counter.get_window_stats(RateLimitItemPerMinute(limit), kind, name)
        return TooManyRequests(limit, max(1, round(stats.reset_time - time.time() + 0.5)))

    @property
    def limits(self) -> Limits:
        """What requests may be."""
        return self._limits


class _Visit:
    """One request on its way in and out."""

    def __init__(
        self,
        gate: Gate,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Headers,
        request_id: str,
    ) -> None:
        self._gate = gate
        self._receive = receive
        self._send = send
        self._request_id = request_id
        self._path: str = scope["path"]
        self._credential = _credential(headers)
        self._address = (scope.get("client") or ("",))[0]
        self._length = headers.get("content-length", "")
        self._most_bytes = self._body_limit()
        self._read_bytes = 0

    def check(self) -> None:
        """Refuse what asks too often, or says that it is too large."""
        if not _FREE.match(self._path):
            limits = self._gate.limits
            if self._credential is None:
                self._gate.count("address", self._address, limits.unknown_a_minute)
            else:
                self._gate.check("address", self._address, limits.unknown_a_minute)
                self._gate.count("credential", self._credential, limits.requests_a_minute)
        if self._length.isdecimal() and int(self._length[:20]) > self._most_bytes:
            raise RequestTooLarge(self._most_bytes)

    async def receive(self) -> Message:
        """The next piece of the body, as far as it may go."""
        message = await self._receive()
        self._read_bytes += len(message.get("body", b""))
        if self._read_bytes > self._most_bytes:
            # What reads bodies lets only these through; api.errors makes the problem of it.
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=str(self._most_bytes))
        return message

    async def send(self, message: Message) -> None:
        """An answer, with the request's number; a credential that opens nothing is counted."""
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[REQUEST_ID] = self._request_id
            if message["status"] == HTTPStatus.UNAUTHORIZED and self._credential is not None:
                limit = self._gate.limits.unknown_a_minute
                self._gate.note("address", self._address, limit)
        await self._send(message)

    def _body_limit(self) -> int:
        if self._path.startswith("/v1/") and self._credential is None:
            return UNKNOWN_BODY_BYTES
        return self._gate.limits.request_bytes if _LARGE.match(self._path) else SMALL_BODY_BYTES


def _credential(headers: Headers) -> str | None:
    """What tells callers apart, without keeping a secret: a hash of what they show."""
    shown = headers.get("authorization") or headers.get("cookie")
    return None if not shown else sha256(shown.encode()).hexdigest()[:32]
