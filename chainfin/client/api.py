"""The typed client participants use: paging, retries that cannot repeat an act, typed errors."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chainfin.codec.hashing import to_hex
from chainfin.domain.order import LIVE, Approval, OrderStatus

_RETRIES = 4
_PAUSE_SECONDS = 0.2
_AGAIN = {429, 502, 503, 504}
_CONFLICT = 409
_MOST_WAIT_SECONDS = 60
Json = dict[str, Any]


class ApiProblem(Exception):
    """The service refused: an RFC 9457 problem.

    Attributes:
        status: HTTP status; 0 if there was no answer.
        code: The broken rule, `lot-encumbered`.
        problem: The whole answer.
    """

    def __init__(self, status: int, problem: Json) -> None:
        """Take the answer."""
        self.status = status
        self.code: str = str(problem.get("code", "unknown"))
        self.problem = problem
        super().__init__(str(problem.get("detail") or problem.get("title") or self.code))


class OrderRefused(ApiProblem):
    """An order ended without running."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the service prepared for signing."""

    act: str
    order_hash: str
    typed_data: Json
    attachments: Json
    checker_required: bool
    currency: str | None
    notes: Json

    @classmethod
    def of(cls, answer: Json) -> "Draft":
        """Read the service's answer."""
        return cls(**{name: answer[name] for name in cls.__dataclass_fields__})


def _may_succeed_later(answer: httpx.Response) -> bool:
    """Whether the very same request may be answered otherwise in a moment."""
    is_running = answer.status_code == _CONFLICT and b'"retryable":true' in answer.content
    return is_running or answer.status_code in _AGAIN


def _asked_to_wait(answer: httpx.Response | None) -> int:
    """The seconds after which a service wants to be asked again, at most a minute."""
    seconds = "" if answer is None else answer.headers.get("retry-after", "")
    return min(int(seconds), _MOST_WAIT_SECONDS) if seconds.isdecimal() else 0


class Api:
    """One organisation's connection to a service."""

    def __init__(
        self,
        url: str,
        api_key: str = "",
        *,
        timeout_seconds: float = 120,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Name the service; nothing is sent yet. A transport stands in for the network."""
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/v1",
            headers=headers,
            timeout=timeout_seconds,
            transport=transport,
            # The authorities' certificates take 20 ms to load: only where one will be checked.
            verify=not url.startswith("http:"),
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def get(self, path: str, **query: Any) -> Json:
        """Read something.

        Raises:
            ApiProblem: The service refused or did not answer.
        """
        wanted = {name: value for name, value in query.items() if value is not None}
        return self._request("GET", path, params=wanted)

    def post(self, path: str, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Ask for something; repeated with the same key until there is an answer.

        Raises:
            ApiProblem: The service refused or did not answer.
        """
        headers = {"idempotency-key": idempotency_key or str(uuid.uuid4())}
        return self._request("POST", path, json=body, headers=headers)

    def delete(self, path: str) -> Json:
        """Take something back.

        Raises:
            ApiProblem: The service refused or did not answer.
        """
        return self._request("DELETE", path)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Every entry of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, **query, cursor=cursor)
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor = page["next_cursor"]

    def events(self, after: int = 0, *, limit: int = 500) -> Iterator[Json]:
        """The event feed from the entry after a number on, up to now."""
        while True:
            page = self.get("/events", after=after, limit=limit)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = page["next_after"]

    def download(self, path: str, **query: Any) -> bytes:
        """A file as the service gives it.

        Raises:
            ApiProblem: The service refused or did not answer.
        """
        try:
            wanted = {name: value for name, value in query.items() if value is not None}
            answer = self._http.get(path, params=wanted)
        except httpx.TransportError as error:
            raise ApiProblem(0, {"code": "service-unavailable", "detail": str(error)}) from error
        if not answer.is_success:
            self._read(answer)
        return answer.content

    def progress(self, path: str) -> Iterator[Json]:
        """What a stream of server-sent events tells, until the service ends it.

        Raises:
            ApiProblem: The service refused or did not answer.
        """
        try:
            with self._http.stream("GET", path) as answer:
                if not answer.is_success:
                    answer.read()
                    self._read(answer)
                for line in answer.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "data":
                        yield dict(json.loads(value))
        except httpx.TransportError as error:
            raise ApiProblem(0, {"code": "service-unavailable", "detail": str(error)}) from error

    def save(self, path: str, file: Path) -> None:
        """A file of any size as the service gives it.

        Raises:
            ApiProblem: The service refused or did not answer.
        """
        try:
            with self._http.stream("GET", path) as answer:
                if not answer.is_success:
                    answer.read()
                    self._read(answer)
                with file.open("wb") as content:
                    for some in answer.iter_bytes():
                        content.write(some)
        except httpx.TransportError as error:
            raise ApiProblem(0, {"code": "service-unavailable", "detail": str(error)}) from error

    def draft(self, act: str, fields: Mapping[str, Any], *, maker_key: str | None = None) -> Draft:
        """Have an order prepared; nothing is recorded."""
        body = {"act": act, "fields": dict(fields), "maker_key": maker_key}
        return Draft.of(self.post("/orders/draft", body))

    def submit(
        self,
        draft: Draft,
        approvals: Sequence[Approval],
        *,
        path: str = "/orders",
        idempotency_key: str | None = None,
    ) -> Json:
        """Hand in a signed order."""
        body = {
            "typed_data": draft.typed_data,
            "approvals": [
                {"key": approval.key, "signature": to_hex(approval.signature)}
                for approval in approvals
            ],
            "attachments": draft.attachments,
        }
        return self.post(path, body, idempotency_key=idempotency_key)

    def wait_for_order(
        self, order_hash: str, *, timeout_seconds: float = 60, pause_seconds: float = 0.05
    ) -> Json:
        """An order once it has run in a final block.

        Raises:
            OrderRefused: It ended, or was reverted, without running.
            ApiProblem: Not in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            order = self.get(f"/orders/{order_hash}")
            if order["status"] == OrderStatus.FINAL:
                return order
            if order["status"] not in LIVE:
                raise OrderRefused(409, order.get("reason") or {"code": order["status"]})
            if time.monotonic() > deadline:
                raise ApiProblem(0, {"code": "timed-out", "detail": f"{order_hash} still waits"})
            time.sleep(pause_seconds)

    def _request(self, method: str, path: str, **arguments: Any) -> Json:
        for attempt in range(_RETRIES + 1):
            answer = None
            try:
                answer = self._http.request(method, path, **arguments)
            except httpx.TransportError as error:
                if attempt == _RETRIES:
                    detail = f"{self._http.base_url} does not answer ({type(error).__name__})"
                    raise ApiProblem(
                        0, {"code": "service-unavailable", "detail": detail}
                    ) from error
            else:
                if attempt == _RETRIES or not _may_succeed_later(answer):
                    return self._read(answer)
            time.sleep(max(_PAUSE_SECONDS * 2**attempt, _asked_to_wait(answer)))
        raise AssertionError("the loop ends by return or raise")

    @staticmethod
    def _read(answer: httpx.Response) -> Json:
        try:
            document = answer.json() if answer.content else {}
        except ValueError:
            document = {"code": "not-json", "detail": answer.text[:200]}
        if answer.is_success:
            return dict(document)
        raise ApiProblem(answer.status_code, document)
