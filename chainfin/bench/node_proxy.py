"""A proxy before a node that loses, delays and invents answers, as told. JSON-RPC over HTTP."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Forward = Callable[[], bytes]
Action = Callable[[Forward], bytes | None]
"""Given a way to ask the node, the answer's bytes; None closes the connection without one."""


Refusal = Callable[[list[Any]], tuple[int, str] | None]
"""Given a call's parameters, code and text of the error a node answers; None lets it pass."""


Rewrite = Callable[[str, dict[str, Any]], None]
"""Given a method and the node's answer, changes the answer to what another node would say."""


def lose_answer(forward: Forward) -> None:
    """The node acts, and nobody hears of it."""
    forward()


def lose_request(_forward: Forward) -> None:
    """The node never hears of it."""


def hang(seconds: float) -> Action:
    """The node acts at once; its answer is late."""

    def act(forward: Forward) -> bytes:
        answer = forward()
        time.sleep(seconds)
        return answer

    return act


_AFTER_ANOTHER = {"code": -32603, "message": "refused with another call"}


class NodeProxy:
    """Forwards to a node; an action can be put in the way of a method, some number of times."""

    def __init__(self, upstream: str) -> None:
        """Listen on a free port."""
        self.upstream = upstream
        self._http = httpx.Client(timeout=60)
        self._planned: list[tuple[str, Action]] = []
        self._lock = threading.Lock()
        self.is_down = False
        self.stuck_at: int | None = None
        self.refusals: dict[str, Refusal] = {}
        self.rewrite: Rewrite | None = None
        self.token = ""
        self.methods: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # Else each answer waits 40 ms between head and body.

            def do_POST(self) -> None:
                """Everything a node is asked."""
                proxy.answer(self)

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def plan(self, method: str, action: Action, times: int = 1) -> None:
        """Put an action in the way of the next requests with a method."""
        with self._lock:
            self._planned += [(method, action)] * times

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request as planned, or as the node does."""
        if self.token and handler.headers.get("authorization") != f"Bearer {self.token}":
            handler.send_error(HTTPStatus.UNAUTHORIZED)
            return
        body = handler.rfile.read(int(handler.headers["content-length"]))
        document = json.loads(body)
        calls = document if isinstance(document, list) else [document]
        methods = [call["method"] for call in calls]
        self.methods += methods

        def forward() -> bytes:
            return self.ask(body if self.stuck_at is None else self._of_stuck_node(calls, document))

        action = self._take(methods)
        answer = self._refused(document)
        if answer is None and not self.is_down:
            try:
                answer = forward() if action is None else action(forward)
            except httpx.HTTPError:
                answer = None  # The node is away, and so is this one.
        if answer is None:
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(answer)))
        handler.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # Whoever asked did not wait.
            handler.wfile.write(answer)

    def ask(self, body: bytes) -> bytes:
        """The node's own answer."""
        headers = {"content-type": "application/json"}
        answer = self._http.post(self.upstream, content=body, headers=headers).content
        return answer if self.rewrite is None else self._rewritten(body, answer)

    def _rewritten(self, body: bytes, answer: bytes) -> bytes:
        asked, said = json.loads(body), json.loads(answer)
        is_batch = isinstance(asked, list)
        methods = {call["id"]: call["method"] for call in (asked if is_batch else [asked])}
        for entry in said if is_batch else [said]:
            self.rewrite(methods[entry["id"]], entry)  # type: ignore[misc]
        return json.dumps(said).encode()

    def _of_stuck_node(self, calls: list[dict[str, Any]], document: Any) -> bytes:
        """The question as a node understands it that stopped at a block."""
        for call in calls:
            if call["params"][:1] == ["latest"]:
                call["params"][0] = hex(self.stuck_at or 0)
        return json.dumps(document).encode()

    def _refused(self, document: Any) -> bytes | None:
        """The errors of a node that refuses one of the calls; None if it refuses none."""
        calls = document if isinstance(document, list) else [document]
        found = [self._refusal(call) for call in calls]
        if not any(found):
            return None
        answers = [
            {"jsonrpc": "2.0", "id": call["id"], "error": error or _AFTER_ANOTHER}
            for call, error in zip(calls, found, strict=True)
        ]
        return json.dumps(answers if isinstance(document, list) else answers[0]).encode()

    def _refusal(self, call: dict[str, Any]) -> dict[str, Any] | None:
        refuse = self.refusals.get(call["method"])
        said = refuse(call["params"]) if refuse else None
        return None if said is None else {"code": said[0], "message": said[1]}

    def _take(self, methods: list[str]) -> Action | None:
        with self._lock:
            for place, (method, action) in enumerate(self._planned):
                if method in methods:
                    del self._planned[place]
                    return action
        return None

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._http.close()


@contextmanager
def proxied(upstream: str) -> Iterator[NodeProxy]:
    """A proxy before a node, for as long as the block runs."""
    proxy = NodeProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()


def main(upstream: str) -> None:
    """Stand before a node, with nothing in the way, until the process is stopped or killed."""
    with proxied(upstream) as proxy:
        sys.stdout.write(proxy.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
