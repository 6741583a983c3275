"""What a process tells about itself: log lines as JSON, and traces where a collector is named.

A line says when, how grave, who speaks and what, and which request, order, transaction and block it
is about. Credentials never reach it: known secrets, bearer tokens, API keys and the passwords of
URLs are struck out of whatever is logged, by whomever.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The number of the request that is being answered."""
FIELDS = (
    "request_id",
    "order_hash",
    "act",
    "status",
    "transaction_hash",
    "block_number",
    "method",
    "route",
    "milliseconds",
)
"""What a line may carry beside its message."""
STRUCK = "***"
_SHORTEST_SECRET = 8
_SECRETS = re.compile(
    r"(?i:bearer\s+)\S+|scf_[0-9a-f]{8,}_[0-9a-f]{16,}|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
_QUIET = ("httpx", "httpcore", "uvicorn.access")
"""They would log every request again, with its whole URL."""


class JsonLines(logging.Formatter):
    """One JSON object a line, without secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Take what must never be seen."""
        super().__init__()
        known = sorted({word for word in secrets if len(word) >= _SHORTEST_SECRET}, key=len)
        self._known = list(reversed(known))

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := REQUEST.get():
            line["request_id"] = request
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return self.strike(json.dumps(line, ensure_ascii=False, default=str))

    def strike(self, text: str) -> str:
        """A text without secrets."""
        for word in self._known:
            text = text.replace(word, STRUCK)
        return _SECRETS.sub(STRUCK, text)


def log_json(level: str, secrets: Iterable[str]) -> None:
    """From now on, everything this process logs is JSON lines on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", *_QUIET):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


# --- traces ----------------------------------------------------------------------------------


class Tracer:
    """Spans to an OpenTelemetry collector; does nothing where none is named."""

    def __init__(self, url: str, service: str) -> None:
        """Name the collector (OTLP over HTTP, `…/v1/traces`), or nothing."""
        self._provider: Any = None
        if not url:
            return
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - slow to load
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))

    @contextmanager
    def span(self, name: str, carrier: Mapping[str, str] | None = None) -> Iterator[Any]:
        """A piece of work; `carrier` holds the caller's `traceparent`. Yields the span, or None."""
        if self._provider is None:
            yield None
            return
        from opentelemetry.propagate import extract  # noqa: PLC0415 - slow to load

        tracer = self._provider.get_tracer("chainfin")
        with tracer.start_as_current_span(name, context=extract(carrier or {})) as span:
            yield span

    def note(self, name: str, started_at_ns: int) -> None:
        """A piece of work that has just ended, begun at an instant (UTC nanoseconds)."""
        if self._provider is not None:
            tracer = self._provider.get_tracer("chainfin")
            tracer.start_span(name, start_time=started_at_ns).end()

    def close(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()
