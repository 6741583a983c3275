"""Requests as they are answered: counted, timed, logged, traced; and `/metrics` for a collector.

The state of the system (orders, index, relayers, node) is read when a collector asks, so that
neither requests nor worker do anything for it.
"""

import hmac
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chainfin.services.health import Measured
from chainfin.telemetry import REQUEST, Tracer

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_UNKNOWN_ROUTE = "unknown"
_log = logging.getLogger(__name__)


class Observed:
    """The outermost middleware: sees every answer, refusals at the gate too."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, tracer: Tracer) -> None:
        """Register what is counted."""
        self._app = app
        self._tracer = tracer
        labels = ("method", "route")
        self._count = Counter(
            "chainfin_requests", "Requests answered", (*labels, "status"), registry=registry
        )
        self._seconds = Histogram(
            "chainfin_request_seconds",
            "Seconds from request to the end of its answer",
            labels,
            registry=registry,
            buckets=_BUCKETS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request and note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                REQUEST.set(_request_id(scope))
            await send(message)

        headers = Headers(scope=scope)
        carrier = {"traceparent": headers.get("traceparent", "")}
        with self._tracer.span(scope["method"], carrier) as span:
            try:
                await self._app(scope, receive, note)
            finally:
                self._note(scope, status, time.perf_counter() - started, span)

    def _note(self, scope: Scope, status: int, seconds: float, span: Any) -> None:
        method, route = scope["method"], _route(scope)
        self._count.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
        about = {
            "request_id": _request_id(scope),
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(1000 * seconds, 1),
        }
        _log.info("answered", extra=about)
        if span is not None:
            span.update_name(f"{method} {route}")
            span.set_attributes({name: value or "" for name, value in about.items()})


class State(Collector):
    """The state of the system, read when asked for."""

    def __init__(self, measure: Callable[[], Iterable[Measured]]) -> None:
        """Take what reads it."""
        self._measure = measure

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One gauge for each thing measured."""
        for measured in self._measure():
            gauge = GaugeMetricFamily(
                f"chainfin_{measured.name}", measured.help, labels=measured.labels
            )
            for labels, value in measured.values:
                gauge.add_metric(labels, value)
            yield gauge


def install(
    app: FastAPI, *, token: str, tracer: Tracer, measure: Callable[[], Iterable[Measured]]
) -> None:
    """Observe an application, and serve `/metrics` to whoever has the token; to nobody without one.

    Args:
        app: With its routes.
        token: A bearer token of the collector's.
        tracer: Where traces go.
        measure: Reads the state of the system.
    """
    registry = CollectorRegistry()
    registry.register(State(measure))
    app.add_middleware(Observed, registry=registry, tracer=tracer)

    @app.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(404)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _route(scope: Scope) -> str:
    """The path as the routes name it: numbers and hashes would make a series each."""
    if "route" not in scope:
        return _UNKNOWN_ROUTE
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(part, part) for part in scope["path"].split("/"))


def _request_id(scope: Scope) -> str | None:
    found = scope.get("state", {}).get("request_id")
    return None if found is None else str(found)
