"""A process beside the indexer's own that asks the node and reads its answers, during a backfill.

Python computes on one processor at a time in a process, and half of a backfill is reading: HTTP,
JSON, headers, bloom filters, the words of events. So a second process does that and hands over what
is kept of each range (`examining`), which costs the first one a tenth.

```
indexer's process                              reading process
  contracts and their ABIs ──────────────────▶   once
  where the node is, first and last block ───▶
      ◀──────────── the blocks, or nothing       one such line for each range in flight
```

It only ever saves work. What it does not answer, because the node is silent or its answer unusual,
or because the process itself is gone, the indexer asks for again and reads itself, with the errors
that it then names.
"""

import gc
import marshal
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol

from chainfin.chain.bare_node import BareNode
from chainfin.codec.abi import Entry
from chainfin.codec.errors import CodecError
from chainfin.codec.events import EventDecoder
from chainfin.codec.logs import parse_headers, parse_logs
from chainfin.domain import events
from chainfin.domain.errors import ChainfinError
from chainfin.domain.events import BlockRef, Event, RawLog
from chainfin.indexer.examining import Examiner, ReadBlock

LINES = 2
"""Ranges in flight."""
_END_SECONDS = 5
_LENGTH_BYTES = 4


class EndpointReader(Protocol):
    """Knows which node is in use."""

    def endpoint(self) -> tuple[str, float, str]:
        """The node to ask now: its URL, how many seconds it may take, and the token it wants."""


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    lines: Sequence[socket.socket]
    free: "SimpleQueue[socket.socket]"


class ReadingProcess:
    """Started when it is first asked. Safe to use from as many threads as it has lines."""

    def __init__(
        self, reader: EndpointReader, decoder: EventDecoder, ignored: Collection[type[Event]]
    ) -> None:
        """Read what a node says of a decoder's contracts.

        Args:
            reader: Knows the node.
            decoder: The events of our contracts.
            ignored: Events nobody wants.
        """
        self._reader = reader
        self._decoder, self._ignored = decoder, ignored
        self._running: _Running | None = None
        self._starting = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._running.process.pid if self._running else None

    def read(self, from_block: int, to_block: int) -> bytes:
        """What is kept of a range, for `blocks_of`; nothing where others have to look at it."""
        running = self._started()
        try:
            line = running.free.get_nowait()
        except Empty:
            return b""
        try:
            question = (*self._reader.endpoint(), from_block, to_block)
            _send(line, marshal.dumps(question))
            answer = _receive(line)
        except (OSError, EOFError):
            self._end(running)
            return b""
        running.free.put(line)
        return answer

    def close(self) -> None:
        """End the process; asked again, it is started again."""
        if self._running is not None:
            self._end(self._running)

    def _started(self) -> _Running:
        with self._starting:
            if self._running is None:
                self._running = self._start()
            return self._running

    def _start(self) -> _Running:
        pairs = [socket.socketpair() for _ in range(LINES)]
        theirs = [their.fileno() for _, their in pairs]
        process = subprocess.Popen(  # noqa: S603 - this module
            [sys.executable, "-m", __name__, *map(str, theirs)],
            stdin=subprocess.DEVNULL,
            pass_fds=theirs,
            start_new_session=True,
        )
        for _, their in pairs:
            their.close()
        running = _Running(process, [our for our, _ in pairs], SimpleQueue())
        threading.Thread(target=self._open, args=(running,), name="opening").start()
        return running

    def _open(self, running: _Running) -> None:
        """Tell a new process whom to listen to; until it is ready, it has no line that is free."""
        names = [kind.__name__ for kind in self._ignored]
        opening = (dict(self._decoder.abis), dict(self._decoder.contracts), names)
        try:
            for line in running.lines:
                _send(line, marshal.dumps(opening))
                _receive(line)
                running.free.put(line)
        except (OSError, EOFError):
            self._end(running)

    def _end(self, running: _Running) -> None:
        with self._starting:
            if self._running is not running:
                return
            self._running = None
        # It ends when nobody speaks to it any more; who waits for an answer hears that at once.
        for line in running.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        try:
            running.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()
        for line in running.lines:
            line.close()


def blocks_of(answer: bytes) -> tuple[int, list[ReadBlock]]:
    """How many bytes the node's answers had, and the blocks in them.

    The answer is our own process's: nobody else can have written it.
    """
    size, blocks = marshal.loads(answer)  # noqa: S302
    return size, [ReadBlock(*block) for block in blocks]


# --- what they send each other ---------------------------------------------------------------


def _send(line: socket.socket, message: bytes) -> None:
    line.sendall(len(message).to_bytes(_LENGTH_BYTES, "big") + message)


def _receive(line: socket.socket) -> bytes:
    return _exactly(line, int.from_bytes(_exactly(line, _LENGTH_BYTES), "big"))


def _exactly(line: socket.socket, size: int) -> bytes:
    """So many bytes, in one piece.

    Raises:
        EOFError: There is nobody any more.
    """
    message = line.recv(size, socket.MSG_WAITALL)
    while len(message) < size:
        more = line.recv(size - len(message), socket.MSG_WAITALL)
        if not more:
            raise EOFError
        message += more
    return message


# --- in the other process --------------------------------------------------------------------


def main(descriptors: Sequence[int]) -> None:
    """Read what is asked for on each line, until nobody is there any more."""
    # Cycles are looked for after each range, when few objects are left, and never among those that
    # stay: otherwise that would take as long as the work.
    gc.freeze()
    gc.disable()
    for descriptor in descriptors:
        threading.Thread(target=_serve, args=(socket.socket(fileno=descriptor),)).start()


def _serve(line: socket.socket) -> None:
    node, asked = None, None
    try:
        examiner = _examiner(*marshal.loads(_receive(line)))  # noqa: S302 - our parent's
        _send(line, b"")
        while True:
            *endpoint, first, last = marshal.loads(_receive(line))  # noqa: S302 - our parent's
            if node is None or endpoint != asked:
                node, asked = BareNode(*endpoint), endpoint
            _send(line, _read(examiner, node, first, last))
            gc.collect()
    except (EOFError, ConnectionError):
        return


def _examiner(
    abis: Mapping[str, Sequence[Entry]], contracts: Mapping[str, str], ignored: Sequence[str]
) -> Examiner:
    kinds: list[Any] = [getattr(events, name) for name in ignored]
    return Examiner(EventDecoder(abis, contracts), frozenset(kinds))


def _read(examiner: Examiner, node: BareNode, first: int, last: int) -> bytes:
    """What is kept of a range, or nothing where there is more to it."""
    try:
        logs = node.logs(first, last, examiner.decoder.addresses)
        answers = node.headers(first, last)
        found = [header for answer in answers for header in parse_headers(answer)]
        there = [header for header in found if header is not None]
        if [header.number for header in there] != list(range(first, last + 1)):
            return b""
        blocks = examiner.fit(parse_logs(logs), there, _doubt)
        if blocks is None:
            return b""
        kept = [tuple(block) for block in examiner.keep(there, blocks)]
    except (CodecError, ChainfinError):
        return b""
    return marshal.dumps((len(logs) + sum(map(len, answers)), kept))


def _doubt(_header: BlockRef, _logs: Sequence[RawLog]) -> bool:
    """Receipts are for others to look at."""
    return False


if __name__ == "__main__":
    main([int(descriptor) for descriptor in sys.argv[1:]])
