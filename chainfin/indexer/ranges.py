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

A header commits to all blocks below it, so a run of headers that name each other as parents, the
first of them our cursor, is one chain; logs that carry these headers' hashes are of that chain.
That nothing of ours was left out, the header's bloom filter says: where it has one of our addresses
and no log of that contract came, the range is not believed.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeAlias

from chainfin.codec.hashing import from_address
from chainfin.codec.headers import bloom_mask
from chainfin.codec.logs import bloom_of_logs
from chainfin.domain.audit import AsOf, Finding
from chainfin.domain.events import BlockRef, ProvenBlock, RawLog
from chainfin.domain.service_errors import LogsRefused, NodeRefused

BYTES_A_RANGE = 750_000
LOGS_A_PASS = 16_000
_FIRST_RANGE = 16
_IN_FLIGHT = 2
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

    def proven_blocks(self, numbers: Sequence[int]) -> Sequence[ProvenBlock | Finding]:
        """Blocks with the logs of our contracts, proven by their receipts, or what is wrong."""


@dataclass(slots=True)
class Stretch:
    """Part of one chain, from the block after the cursor on.

    Attributes:
        headers: Every header, in order.
        logs: Every log of ours, in order.
    """

    headers: list[BlockRef]
    logs: list[RawLog]

    @property
    def last(self) -> BlockRef:
        """Its last block."""
        return self.headers[-1]


@dataclass(frozen=True, slots=True)
class Fork:
    """The block after the cursor does not follow it: the chain may have been reorganised."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """The node's answers do not fit together yet; asked again, they may."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a node said about a range."""

    first: int
    last: int
    logs: Sequence[RawLog]
    headers: Sequence[BlockRef | None]

    @property
    def size(self) -> int:
        """About the bytes it came in."""
        of_logs = _BYTES_A_LOG * len(self.logs) + sum([len(log.data) for log in self.logs])
        return of_logs + _BYTES_A_HEADER * len(self.headers)


_Asked: TypeAlias = "tuple[int, int, Future[_Answer]]"


class RangeReader:
    """Reads ranges one after the other, ahead where it may."""

    def __init__(
        self,
        reader: ChainReader,
        addresses: Callable[[], Sequence[str]],
        *,
        limit_blocks: int,
        logs_a_pass: int = LOGS_A_PASS,
        executor: Executor | None = None,
    ) -> None:
        """Read from a node.

        Args:
            reader: The node.
            addresses: Our contracts, now.
            limit_blocks: A range is never longer.
            logs_a_pass: A stretch ends with the range that reaches so many logs.
            executor: Where ranges are asked for ahead; None asks for each when it is its turn.
        """
        self._reader, self._addresses = reader, addresses
        self._limit_blocks, self._logs_a_pass = limit_blocks, logs_a_pass
        self._executor = executor
        self._size = min(_FIRST_RANGE, limit_blocks) if executor else limit_blocks
        self._refused_size = limit_blocks + 1
        self._asked: deque[_Asked] = deque()
        self._masks: dict[str, int] = {}
        self._doubted: tuple[int, int] = (-1, 0)

    def read(self, cursor: AsOf, last: int) -> Stretch | Fork | Unsettled:
        """The next stretch after the cursor, at most up to a block.

        Raises:
            LogsRefused: The node answered another question, or keeps leaving out logs.
            NodeRefused: It refuses even a single block.
        """
        stretch = Stretch([], [])
        number, block_hash = cursor.block_number, cursor.block_hash
        while number < last and len(stretch.logs) < self._logs_a_pass:
            answer = self._next(number + 1, last)
            if answer is None or not self._fits(answer):
                self.forget()
                break
            if answer.headers[0].parent_hash != block_hash:  # type: ignore[union-attr]
                self.forget()
                if not stretch.headers:
                    return Fork()
                break
            stretch.headers += answer.headers  # type: ignore[arg-type]
            stretch.logs += answer.logs
            number, block_hash = stretch.last.number, stretch.last.block_hash
            if self._executor is None:
                break
        if not stretch.headers:
            return Unsettled()
        stretch.logs = _timed(stretch)
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

    def follow(self, reader: ChainReader) -> None:
        """Ask another reader from now on: there are further contracts."""
        self._reader = reader
        self.forget()

    def forget(self) -> None:
        """Drop what was asked for ahead."""
        for _, _, future in self._asked:
            future.cancel()
        self._asked.clear()

    # --- asking

    def _next(self, first: int, last: int) -> _Answer | None:
        """The answer to the next range; None where the node does not have all of it."""
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
            return answer if all(answer.headers) else None

    def _ask_ahead(self, first: int, last: int) -> None:
        if self._asked:
            first = self._asked[-1][1] + 1
        most = _ANSWERS_AHEAD if self._executor else 1
        while first <= last and len(self._asked) < most:
            end = min(last, first + self._size - 1)
            self._asked.append((first, end, self._submit(first, end)))
            first = end + 1
            if self._executor is None:
                break

    def _submit(self, first: int, last: int) -> "Future[_Answer]":
        if self._executor is not None:
            return self._executor.submit(self._ask, first, last)
        future: Future[_Answer] = Future()
        try:
            future.set_result(self._ask(first, last))
        except NodeRefused as error:
            future.set_exception(error)
        return future

    def _ask(self, first: int, last: int) -> _Answer:
        logs = self._reader.logs(first, last)
        return _Answer(first, last, logs, self._reader.blocks(range(first, last + 1)))

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

    def _fits(self, answer: _Answer) -> bool:
        """Whether headers and logs are of one chain, and complete as far as blooms tell.

        Raises:
            LogsRefused: The logs are not the answer to what was asked.
        """
        headers = [header for header in answer.headers if header is not None]
        blocks = _by_block(answer.logs, headers)
        return (
            blocks is not None
            and _are_linked(headers)
            and all(
                self._is_complete(header, logs)
                for header, logs in zip(headers, blocks, strict=True)
            )
        )

    def _is_complete(self, header: BlockRef, logs: Sequence[RawLog]) -> bool:
        """Whether the header's bloom filter has our addresses as the logs do."""
        bloom, present = header.logs_bloom, {log.address for log in logs}
        masks = self._address_masks()
        is_doubtful = False
        for address, mask in masks.items():
            if bloom & mask == mask:
                is_doubtful |= address not in present
            elif address in present:
                raise LogsRefused(f"block {header.number} has no log of {address}")
        # Other items may have set the same bits; then the logs' own bloom explains the header's.
        if not is_doubtful or bloom_of_logs(logs) == bloom:
            return True
        return self._is_proven(header, logs)

    def _is_proven(self, header: BlockRef, logs: Sequence[RawLog]) -> bool:
        """Whether the block's receipts prove the logs; who leaves out logs again is refused."""
        (proven,) = self._reader.proven_blocks([header.number])
        if isinstance(proven, ProvenBlock) and _same(proven.logs, logs):
            return True
        number, tries = self._doubted
        tries = tries + 1 if number == header.number else 1
        self._doubted = (header.number, tries)
        if tries < _TRIES:
            return False
        raise LogsRefused(
            f"the bloom of block {header.number} has a contract of ours, and its logs are missing"
        )

    def _address_masks(self) -> Mapping[str, int]:
        addresses = self._addresses()
        if len(addresses) != len(self._masks):
            self._masks = {address: bloom_mask(from_address(address)) for address in addresses}
        return self._masks


def prefetching() -> ThreadPoolExecutor:
    """Threads for the ranges in flight.

    They hardly compute, but wait for the node a dozen times a range. Python would let them go on
    only every five milliseconds while a pass computes, and the pass would then wait for them.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    return ThreadPoolExecutor(_IN_FLIGHT, thread_name_prefix="ranges")


def _are_linked(headers: Sequence[BlockRef]) -> bool:
    """Whether each block names the one before as its parent."""
    return all(
        after.parent_hash == before.block_hash and after.number == before.number + 1
        for before, after in pairwise(headers)
    )


def _by_block(logs: Sequence[RawLog], headers: Sequence[BlockRef]) -> list[Sequence[RawLog]] | None:
    """The logs of each block; None where one carries the hash of another block.

    Raises:
        LogsRefused: They are not in order, or of a block that was not asked for.
    """
    blocks, start, total = [], 0, len(logs)
    for header in headers:
        number, block_hash, before, end = header.number, header.block_hash, -1, start
        while end < total:
            found, of_block, _, _, _, index = logs[end].position
            if found != number:
                break
            if index <= before:
                raise LogsRefused(f"block {number}, log {index} is not in order")
            if of_block != block_hash:
                return None
            before = index
            end += 1
        blocks.append(logs[start:end])
        start = end
    if start != total:
        number = logs[start].position.block_number
        raise LogsRefused(f"block {number} is out of order, or was not asked for")
    return blocks


def _same(ours: Sequence[RawLog], theirs: Sequence[RawLog]) -> bool:
    return [_content(log) for log in ours] == [_content(log) for log in theirs]


def _content(log: RawLog) -> tuple[object, ...]:
    return log.address, log.topics, log.data, log.position.log_index


def _timed(stretch: Stretch) -> list[RawLog]:
    """The logs with their blocks' times, which not every node tells with a log."""
    return list(
        _with_times(stretch.logs, {each.number: each.timestamp for each in stretch.headers})
    )


def _with_times(logs: Sequence[RawLog], times: Mapping[int, int]) -> Iterator[RawLog]:
    for log in logs:
        position = log.position
        timestamp = times[position.block_number]
        if position.block_timestamp == timestamp:
            yield log
        else:
            yield log._replace(position=position._replace(block_timestamp=timestamp))
