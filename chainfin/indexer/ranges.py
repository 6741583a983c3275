"""Ranges of the chain, read ahead of the pass that applies them, and checked before they are.

```
  cursor
  ─┴─┬───────────┬───────────┬──────────┬────────▶ blocks
     │  applied  │  answered … in flight│
     └───────────┴───────────┴──────────┘
```

Ranges are asked for two at a time, each its logs and every header, while others are applied; about
as many answers as a pass takes may wait for it. A range is as long as its answer is about
`BYTES_A_RANGE`; one that the node refuses is halved, and ranges grow again where the chain is
sparse.

A range that does not fit together is not believed: see `examining`. While much is left to read, a
process beside this one examines them (`reading_process`).
"""

import sys
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chainfin.codec.events import EventDecoder
from chainfin.domain.audit import AsOf, Finding
from chainfin.domain.events import BlockRef, ProvenBlock, RawLog
from chainfin.domain.service_errors import LogsRefused, NodeRefused
from chainfin.indexer.examining import Entry, Examiner, ReadBlock
from chainfin.indexer.projection import IGNORED
from chainfin.indexer.reading_process import LINES, ReadingProcess, blocks_of

BYTES_A_RANGE = 750_000
LOGS_A_PASS = 16_000
HELPED_BLOCKS = 256
"""With more left to read, another process is worth starting."""
_FIRST_RANGE = 16
_ANSWERS_AHEAD = 16
_SWITCH_SECONDS = 0.001
_BYTES_A_LOG, _BYTES_A_HEADER = 520, 1_900
_FASTEST_GROWTH = 2
_TRIES = 3


class ChainReader(Protocol):
    """What a pass asks of a node. Answers come from several threads at once."""

    def head(self) -> BlockRef:
        """The newest block."""

    def final_head(self) -> BlockRef:
        """The newest block the node calls final."""

    def block(self, number: int) -> BlockRef | None:
        """A block by number; None if the node has none."""

    def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """Several blocks, in the order asked for; a client answers with one batch."""

    def logs(self, from_block: int, to_block: int) -> Sequence[RawLog]:
        """The logs of our contracts in a closed range, in chain order."""

    def endpoint(self) -> tuple[str, float, str]:
        """The node in use, for another process: see `reading_process`."""

    def proven_blocks(self, numbers: Sequence[int]) -> Sequence[ProvenBlock | Finding]:
        """Blocks with the logs of our contracts, proven by their receipts, or what is wrong."""


@dataclass(slots=True)
class Stretch:
    """Part of one chain, from the block after the cursor on.

    Attributes:
        blocks: Every block, in order.
        entries: Every event that changes a row, in order.
        log_count: How many logs of ours there are.
    """

    blocks: list[ReadBlock]
    entries: list[Entry]
    log_count: int = 0

    @property
    def last(self) -> ReadBlock:
        """Its last block."""
        return self.blocks[-1]


@dataclass(frozen=True, slots=True)
class Fork:
    """The block after the cursor does not follow it: the chain may have been reorganised."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """The node's answers do not fit together yet; asked again, they may."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a node said about a range.

    Attributes:
        size: About the bytes it came in.
        logs: Of our contracts.
        headers: Every one, None where the node has none.
        blocks: What another process kept of it in place of both, if one did.
    """

    first: int
    last: int
    size: int
    blocks: list[ReadBlock] | None = None
    logs: Sequence[RawLog] = ()
    headers: Sequence[BlockRef | None] = ()


_Asked: TypeAlias = "tuple[int, int, Future[_Answer]]"


class RangeReader:
    """Reads ranges one after the other, ahead where it may.

    Attributes:
        helper: The process that reads while much is left.
    """

    def __init__(
        self,
        reader: ChainReader,
        decoder: EventDecoder,
        *,
        limit_blocks: int,
        logs_a_pass: int = LOGS_A_PASS,
        executor: Executor | None = None,
        helped_blocks: int | None = None,
    ) -> None:
        """Read from a node.

        Args:
            reader: The node.
            decoder: The events of our contracts.
            limit_blocks: A range is never longer.
            logs_a_pass: A stretch ends with the range that reaches so many logs.
            executor: Where ranges are asked for ahead; None asks for each when it is its turn.
            helped_blocks: With more left to read, another process examines answers; None for never.
        """
        self._limit_blocks, self._logs_a_pass = limit_blocks, logs_a_pass
        self._executor, self._helped_blocks = executor, helped_blocks
        self._size = min(_FIRST_RANGE, limit_blocks) if executor else limit_blocks
        self._refused_size = limit_blocks + 1
        self._asked: deque[_Asked] = deque()
        self._doubts: Counter[int] = Counter()
        self._listen(reader, decoder)

    def _listen(self, reader: ChainReader, decoder: EventDecoder) -> None:
        self._reader, self._examiner = reader, Examiner(decoder, IGNORED)
        self.helper = ReadingProcess(reader, decoder, IGNORED)

    def read(self, cursor: AsOf, last: int) -> Stretch | Fork | Unsettled:
        """The next stretch after the cursor, at most up to a block.

        Raises:
            LogsRefused: The node answered another question, or keeps leaving out logs.
            NodeRefused: It refuses even a single block.
            EventUnknown: One of our contracts said something we do not know.
            LogNotCanonical: A log is not the one encoding of its event.
        """
        stretch = Stretch([], [])
        number, block_hash = cursor.block_number, cursor.block_hash
        while number < last and stretch.log_count < self._logs_a_pass:
            found = self._examined(self._next(number + 1, last), block_hash)
            if not isinstance(found, list):
                self.forget()
                if isinstance(found, Fork) and not stretch.blocks:
                    return found
                break
            for block in found:
                stretch.entries += self._examiner.entries_of(block)
                stretch.log_count += block.log_count
            stretch.blocks += found
            number, block_hash = stretch.last.number, stretch.last.block_hash
            if self._executor is None:
                break
        if number == last:
            self.helper.close()
        if not stretch.blocks:
            return Unsettled()
        self._doubts.clear()
        return stretch

    def prepare(self, cursor: AsOf, last: int) -> None:
        """Have the first answer after a cursor there, so that nobody waits who writes."""
        first = cursor.block_number + 1
        if first > last:
            return
        if self._asked and self._asked[0][0] != first:
            self.forget()
        self._ask_ahead(first, last)
        wait([self._asked[0][2]])

    def follow(self, reader: ChainReader, decoder: EventDecoder) -> None:
        """Ask another reader from now on: there are further contracts."""
        self.forget()
        self.helper.close()
        self._listen(reader, decoder)

    def close(self) -> None:
        """End the process that helps, if there is one."""
        self.helper.close()

    def forget(self) -> None:
        """Drop what was asked for ahead."""
        for _, _, future in self._asked:
            future.cancel()
        self._asked.clear()

    # --- asking

    def _next(self, first: int, last: int) -> _Answer:
        """The answer to the next range."""
        if self._asked and self._asked[0][0] != first:
            self.forget()
        while True:
            self._ask_ahead(first, last)
            begin, end, future = self._asked.popleft()
            try:
                answer = future.result()
            except NodeRefused:
                self.forget()
                if begin == end:
                    raise
                self._size = max(1, (end - begin + 1) // 2)
                self._refused_size = end - begin + 1
                continue
            self._resize(answer)
            self._ask_ahead(answer.last + 1, last)
            return answer

    def _ask_ahead(self, first: int, last: int) -> None:
        if self._asked:
            first = self._asked[-1][1] + 1
        most = _ANSWERS_AHEAD if self._executor else 1
        while first <= last and len(self._asked) < most:
            end = min(last, first + self._size - 1)
            self._asked.append((first, end, self._submit(first, end, last - end)))
            first = end + 1
            if self._executor is None:
                break

    def _submit(self, first: int, last: int, left: int) -> "Future[_Answer]":
        if self._executor is not None:
            return self._executor.submit(self._ask, first, last, left)
        future: Future[_Answer] = Future()
        try:
            future.set_result(self._ask(first, last, left))
        except NodeRefused as error:
            future.set_exception(error)
        return future

    def _ask(self, first: int, last: int, left: int) -> _Answer:
        enough = self._helped_blocks
        if enough is not None and (left >= enough or self.helper.pid is not None):
            answer = self.helper.read(first, last)
            if answer:
                return _Answer(first, last, *blocks_of(answer))
        logs = self._reader.logs(first, last)
        headers = self._reader.blocks(range(first, last + 1))
        of_logs = _BYTES_A_LOG * len(logs) + sum([len(log.data) for log in logs])
        size = of_logs + _BYTES_A_HEADER * len(headers)
        return _Answer(first, last, size, logs=logs, headers=headers)

    def _resize(self, answer: _Answer) -> None:
        """Towards `BYTES_A_RANGE`: at once where an answer was longer, by steps where shorter."""
        if self._executor is None:
            return
        length = answer.last - answer.first + 1
        wanted = length * BYTES_A_RANGE // max(1, answer.size)
        most = min(self._limit_blocks, self._size * _FASTEST_GROWTH)
        if most >= self._refused_size:
            # Just below what was refused; the bound itself loosens with every good answer.
            most = max(1, self._refused_size - 1)
            self._refused_size += 1 + self._refused_size // 16
        self._size = max(1, min(wanted, most))

    # --- checking

    def _examined(self, answer: _Answer, parent_hash: str) -> list[ReadBlock] | Fork | Unsettled:
        """What is kept of an answer, if it fits together and goes on from a block.

        Raises:
            LogsRefused, EventUnknown, LogNotCanonical: See `read`.
        """
        if answer.blocks is not None:
            return answer.blocks if answer.blocks[0].parent_hash == parent_hash else Fork()
        logs = self._examiner.fit(answer.logs, answer.headers, self._is_proven)
        if logs is None:
            return Unsettled()
        headers = [header for header in answer.headers if header is not None]
        if headers[0].parent_hash != parent_hash:
            return Fork()
        return self._examiner.keep(headers, logs)

    def _is_proven(self, header: BlockRef, logs: Sequence[RawLog]) -> bool:
        """Whether the block's receipts prove the logs; who leaves out logs again is refused."""
        (proven,) = self._reader.proven_blocks([header.number])
        if isinstance(proven, ProvenBlock) and _same(proven.logs, logs):
            return True
        self._doubts[header.number] += 1
        if self._doubts[header.number] < _TRIES:
            return False
        raise LogsRefused(
            f"the bloom of block {header.number} has a contract of ours, and its logs are missing"
        )


def prefetching() -> ThreadPoolExecutor:
    """Threads for the ranges in flight.

    They hardly compute, but wait for the node a dozen times a range. Python would let them go on
    only every five milliseconds while a pass computes, and the pass would then wait for them.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    return ThreadPoolExecutor(LINES, thread_name_prefix="ranges")


def _same(ours: Sequence[RawLog], theirs: Sequence[RawLog]) -> bool:
    return [_content(log) for log in ours] == [_content(log) for log in theirs]


def _content(log: RawLog) -> tuple[object, ...]:
    return log.address, log.topics, log.data, log.position.log_index
