"""Hot reads of the API, beside what the same server does when there is nothing to look up.

The reads are those that pages and machines make again and again: a lot, a receivable, the line of a
lot down from its first; each with a member's credential, its rights checked, over HTTP. The limit
is a bare ASGI application that answers as many bytes, in the same server, on the same machine, in
turns with the reads. Requests go out a few at a time on each connection, so that the client, which
shares the machine, costs little.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from chainfin.bench.bare_asgi import BYTES
from chainfin.bench.orders import LOTS_A_RECEIVABLE, SUPPLIER, Load
from chainfin.bench.parties import System
from chainfin.chain.embedded import free_port
from chainfin.chain.processes import end_with_parent
from chainfin.domain.service_errors import NodeUnavailable

GOAL = 0.25
"""The least part of the bare application's requests a second."""
CONNECTIONS = 4
_AT_ONCE = 8
_START_SECONDS = 30
_POLL_SECONDS = 0.05
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """What was measured of one read.

    Attributes:
        requests_per_s: Answered a second.
        limit_requests_per_s: Answered by the bare application, just before and after.
        ratio: Of the two, the median round's.
        answer_bytes: How long an answer is.
    """

    read: str
    requests_per_s: int
    limit_requests_per_s: int
    ratio: float
    answer_bytes: int

    @property
    def is_met(self) -> bool:
        """Whether the goal is."""
        return self.ratio >= GOAL

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self) | {"goal": GOAL, "met": self.is_met}


def measure_api(system: System, rounds: int, requests: int) -> list[ReadFigures]:
    """Measure so many rounds of so many requests of each read."""
    token = Load(system, lots=1).parties.api_key(SUPPLIER)
    return [
        _measure(system.url, name, paths, token, rounds, requests)
        for name, paths in _reads().items()
    ]


def _reads() -> Mapping[str, Sequence[str]]:
    """Each kind of read with the addresses it is made of, one lot after the other."""
    lots = [f"1-{sequence}" for sequence in range(1, LOTS_A_RECEIVABLE + 1)]
    return {
        "lot": [f"/v1/lots/{lot}" for lot in lots],
        "receivable": ["/v1/receivables/1"],
        "trail": [f"/v1/lots/{lot}/lineage" for lot in lots],
    }


def _measure(
    url: str, name: str, paths: Sequence[str], token: str, rounds: int, requests: int
) -> ReadFigures:
    headers = {"authorization": f"Bearer {token}"}
    length = len(httpx.get(url + paths[-1], headers=headers).raise_for_status().content)
    found = []
    with _bare(length) as bare:
        before = _seconds(bare, ["/"], token, requests)
        for _ in range(rounds):
            seconds = _seconds(url, paths, token, requests)
            after = _seconds(bare, ["/"], token, requests)
            found.append((seconds, (before + after) / 2))
            before = after
    seconds, limit = sorted(found, key=lambda pair: pair[1] / pair[0])[len(found) // 2]
    ratio = statistics.median(limit / seconds for seconds, limit in found)
    return ReadFigures(
        name, round(requests / seconds), round(requests / limit), round(ratio, 3), length
    )


@contextmanager
def _bare(length: int) -> Iterator[str]:
    """The bare application in a server of its own; its address."""
    port = free_port()
    arguments = ["-m", "uvicorn", "chainfin.bench.bare_asgi:app", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, *arguments, "--no-access-log", "--log-level", "warning"],
        env=os.environ | {BYTES: str(length)},
        preexec_fn=end_with_parent,  # noqa: PLW1509 - it allocates nothing
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            httpx.get(url)
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise NodeUnavailable("the bare application does not start") from None
            time.sleep(_POLL_SECONDS)
        else:
            return


# --- the client ------------------------------------------------------------------------------


def _seconds(url: str, paths: Sequence[str], token: str, requests: int) -> float:
    """How long so many requests take over a few connections."""
    share = requests // CONNECTIONS
    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(lambda _: _read(url, paths, token, share), range(CONNECTIONS)):
            pass
    return time.perf_counter() - begun


def _read(url: str, paths: Sequence[str], token: str, requests: int) -> None:
    """Read addresses in turn over one connection, a few requests ahead of their answers.

    Raises:
        NodeUnavailable: An answer is no success.
    """
    host, port = urlsplit(url).hostname, urlsplit(url).port
    head = f" HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\r\n"
    texts = [f"GET {path}{head}".encode() for path in paths]
    with socket.create_connection((host, port)) as connection:
        answers = _Answers(connection)
        for start in range(0, requests, _AT_ONCE):
            some = range(start, min(start + _AT_ONCE, requests))
            connection.sendall(b"".join([texts[place % len(texts)] for place in some]))
            for _ in some:
                answers.next()


class _Answers:
    """The answers that come over a connection, one after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._held = connection, b""

    def next(self) -> bytes:
        """The body of the next answer."""
        while (end := self._held.find(_HEAD_END)) < 0:
            self._more()
        head = self._held[:end].lower()
        if not head.startswith(b"http/1.1 200"):
            raise NodeUnavailable(head[:80].decode("latin-1"))
        begin = end + len(_HEAD_END)
        last = begin + int(head.split(_LENGTH, 1)[1].split(b"\r\n", 1)[0])
        while len(self._held) < last:
            self._more()
        body, self._held = self._held[begin:last], self._held[last:]
        return body

    def _more(self) -> None:
        found = self._connection.recv(1 << 18)
        if not found:
            raise NodeUnavailable("the connection was closed")
        self._held += found
