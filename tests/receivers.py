"""Receivers of webhooks on this machine, friendly and hostile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """What arrived, and what is answered to it."""

    answer: Answer
    url: str = ""
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


def status(code: int, **headers: str) -> Answer:
    """Answer a status without a body."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", "0")
        request.end_headers()

    return answer


def hang(request: BaseHTTPRequestHandler) -> None:
    """Never answer."""
    time.sleep(30)
    request.close_connection = True


def drip(request: BaseHTTPRequestHandler) -> None:
    """Answer one byte at a time, for ever."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"x-a: b\r\n" * 10_000:
            request.wfile.write(bytes([byte]))
            request.wfile.flush()
            time.sleep(0.05)
    except OSError:
        request.close_connection = True


class Flood:
    """Answer 200 and ten gigabytes; counts what the other side took."""

    def __init__(self) -> None:
        self.sent = 0
        self.ended = threading.Event()

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("content-length", str(10 * 2**30))
        request.end_headers()
        some = b"\0" * 65_536
        try:
            while self.sent < 10 * 2**30:
                self.sent += request.connection.send(some)
        except OSError:
            request.close_connection = True
        finally:
            self.ended.set()


def flood_headers(request: BaseHTTPRequestHandler) -> None:
    """Answer headers without end."""
    try:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1_000_000):
            request.wfile.write(b"x-%d: %s\r\n" % (number, b"a" * 1_000))
    except OSError:
        request.close_connection = True


@contextmanager
def receiving(answer: Answer) -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append((headers, self.rfile.read(length)))
            receiver.answer(self)

        def do_GET(self) -> None:
            receiver.received.append(({}, b"GET"))
            receiver.answer(self)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
