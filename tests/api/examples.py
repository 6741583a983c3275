"""Records the examples of the OpenAPI document from what the API's tests ask and are answered.

    CHAINFIN_RECORD_EXAMPLES=1 pytest tests/api

writes `api/examples.json`: of each operation the smallest request that succeeded, and its
answer; what the tests that ran do not ask keeps the example it has.
Lists are cut to two entries, long texts shortened, and what is shown once is replaced.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.openapi import EXAMPLES, operations

WANTED = os.environ.get("CHAINFIN_RECORD_EXAMPLES") == "1"
MOST_ENTRIES = 2
MOST_TEXT = 200
SHOWN_ONCE = {"api_key": "scf_<id>_<secret>", "secret": "whsec_<secret>"}


@contextmanager
def recording(worlds: ModuleType) -> Iterator[None]:
    """Record the session's worlds, where that is asked for."""
    if not WANTED:
        yield
        return
    create_app, recorder = worlds.create_app, Recorder()

    def recorded(*arguments: Any) -> FastAPI:
        app: FastAPI = create_app(*arguments)
        recorder.templates = templates_of(app.openapi())
        app.add_middleware(recorder.over)
        return app

    worlds.create_app = recorded
    try:
        yield
    finally:
        worlds.create_app = create_app
        recorder.save()


class Recorder:
    """The smallest exchange of each operation."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, dict[str, Any]]] = {}
        self.templates: list[tuple[str, str, re.Pattern[str]]] = []

    def over(self, app: ASGIApp) -> ASGIApp:
        async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            asked, answered = bytearray(), bytearray()
            status = 0

            async def receiving() -> Message:
                message = await receive()
                asked.extend(message.get("body", b""))
                return message

            async def sending(message: Message) -> None:
                nonlocal status
                status = message.get("status", status)
                answered.extend(message.get("body", b""))
                await send(message)

            await app(scope, receiving, sending)
            self.note(scope["method"], scope["path"], status, bytes(asked), bytes(answered))

        return recorded

    def note(self, method: str, path: str, status: int, asked: bytes, answered: bytes) -> None:
        name = next(
            (
                f"{method} {template}"
                for verb, template, pattern in self.templates
                if verb == method and pattern.fullmatch(path)
            ),
            None,
        )
        size = len(asked) + len(answered)
        if name is None or not 200 <= status < 300 or is_empty(answered):
            return
        if name in self.found and self.found[name][0] <= size:
            return
        exchange: dict[str, Any] = {"status": status}
        for part, text in (("request", asked), ("answer", answered)):
            try:
                exchange[part] = shortened(json.loads(text))
            except ValueError:
                continue
        self.found[name] = size, exchange

    def save(self) -> None:
        known = json.loads(EXAMPLES.read_text("utf-8"))
        kept = known | {name: exchange for name, (_, exchange) in self.found.items()}
        text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
        EXAMPLES.write_text(text + "\n", "utf-8")


def is_empty(answered: bytes) -> bool:
    """Whether a list has nothing in it: no example."""
    return answered.startswith(b'{"data":[]')


def templates_of(document: dict[str, Any]) -> list[tuple[str, str, re.Pattern[str]]]:
    """Every operation with what its path looks like; those without a parameter first."""
    found = [
        (method.upper(), path, re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))))
        for path, method, _ in operations(document)
    ]
    return sorted(found, key=lambda entry: entry[1].count("{"))


def shortened(value: Any) -> Any:
    """Enough of an answer to see what it is."""
    if isinstance(value, dict):
        return {name: SHOWN_ONCE.get(name) or shortened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shortened(member) for member in value[:MOST_ENTRIES]]
    if isinstance(value, str) and len(value) > MOST_TEXT:
        return value[:40] + "…"
    return value
