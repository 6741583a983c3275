"""What is kept of a range once a node's answers about it were examined.

A header commits to all blocks below it, so a run of headers that name each other as parents is one
chain; logs that carry these headers' hashes are of that chain. That nothing of ours was left out,
the header's bloom filter says: where it has one of our addresses and no log of that contract came,
the range is not believed.

What is kept is plain: numbers, texts, bytes and tuples of them, which `reading_process` hands from
one process to another.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from chainfin.codec.events import EventDecoder, Taken
from chainfin.codec.hashing import from_address
from chainfin.codec.headers import bloom_mask
from chainfin.codec.log_packing import pack_logs
from chainfin.codec.logs import bloom_of_logs
from chainfin.domain.events import BlockRef, Event, LogPosition, RawLog
from chainfin.domain.service_errors import LogsRefused

Prove: TypeAlias = Callable[[BlockRef, Sequence[RawLog]], bool]
"""Whether a block's receipts prove that these are its logs of our contracts."""
Entry: TypeAlias = tuple[RawLog, Event]


class ReadBlock(NamedTuple):
    """A block that was examined.

    Attributes:
        log_count: How many logs of ours it has.
        packed: All of them, as they are stored; empty where there is none.
        taken: What they say, but for events nobody wants.
    """

    number: int
    block_hash: str
    parent_hash: str
    timestamp: int
    log_count: int
    packed: bytes
    taken: Sequence[Taken]


class Examiner:
    """Examines answers about ranges; the contracts may become more while it does."""

    def __init__(self, decoder: EventDecoder, ignored: Collection[type[Event]]) -> None:
        """Examine logs of a decoder's contracts.

        Args:
            decoder: The events of our contracts.
            ignored: Events nobody wants; they are stored, and not decoded.
        """
        self.decoder, self.ignored = decoder, ignored
        self._masks = {address: bloom_mask(from_address(address)) for address in decoder.addresses}

    def fit(
        self, logs: Sequence[RawLog], headers: Sequence[BlockRef | None], prove: Prove
    ) -> list[Sequence[RawLog]] | None:
        """The logs of each block of a range; None where the answers do not fit together.

        Args:
            logs: What the node said are our logs of these blocks.
            headers: Every header in order, None where the node has none.
            prove: Asked where a header's bloom filter leaves a doubt.

        Raises:
            LogsRefused: The logs are not the answer to what was asked.
        """
        there = [header for header in headers if header is not None]
        if len(there) != len(headers) or not _are_linked(there):
            return None
        blocks = _by_block(logs, there)
        if blocks is None:
            return None
        pairs = zip(there, blocks, strict=True)
        is_complete = all(self._is_complete(header, found, prove) for header, found in pairs)
        return blocks if is_complete else None

    def keep(
        self, headers: Sequence[BlockRef], blocks: Sequence[Sequence[RawLog]]
    ) -> list[ReadBlock]:
        """What is kept of blocks that fit together.

        Raises:
            EventUnknown: One of our contracts said something we do not know.
            LogNotCanonical: A log is not the one encoding of its event.
        """
        return [
            ReadBlock(
                header.number,
                header.block_hash,
                header.parent_hash,
                header.timestamp,
                len(logs),
                pack_logs(logs) if logs else b"",
                self.decoder.take(logs, self.ignored),
            )
            for header, logs in zip(headers, blocks, strict=True)
        ]

    def entries_of(self, block: ReadBlock) -> list[Entry]:
        """The events of a block's logs, each with where it was said; see `RawLog`.

        Raises:
            LogNotCanonical: A value is none of its field.
        """
        number, block_hash, _, timestamp, _, _, taken = block
        sources, found = self.decoder.sources, []
        new: Any = tuple.__new__  # A third of the time of the classes' own ways.
        for source, transaction_hash, transaction_index, log_index, values in taken:
            address, build = sources[source]
            place = (number, block_hash, timestamp, transaction_hash, transaction_index, log_index)
            log = new(RawLog, (address, (), "", new(LogPosition, place)))
            found.append((log, build(values)))
        return found

    def _is_complete(self, header: BlockRef, logs: Sequence[RawLog], prove: Prove) -> bool:
        """Whether the header's bloom filter has our addresses as the logs do."""
        bloom, present = header.logs_bloom, {log.address for log in logs}
        is_doubtful = False
        for address, mask in self._masks.items():
            if bloom & mask == mask:
                is_doubtful |= address not in present
            elif address in present:
                raise LogsRefused(f"block {header.number} has no log of {address}")
        # Other items may have set the same bits; then the logs' own bloom explains the header's.
        return not is_doubtful or bloom_of_logs(logs) == bloom or prove(header, logs)


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
