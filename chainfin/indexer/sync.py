"""Chain to index: one pass reads a stretch and leaves rows, raw logs and cursor together.

There is one loop for history and for what happens now: `[cursor + 1, head]`, a bounded stretch at a
time. Nothing is committed here; the worker commits after each pass, so all of a pass is there or
none of it.

```
             cursor                target              head
   ──────────┴──┬───────────────────┴────────────────────┴──▶ blocks
                first … the stretch of this pass … last
```

A node may change its mind between two questions; `ranges` believes it only where its headers hang
together from the cursor on. Otherwise the pass ends with nothing done, or finds out where the chain
forked.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

from sqlmodel import Session

from chainfin.codec.events import EventDecoder
from chainfin.domain.audit import AsOf
from chainfin.domain.events import BatchEvent, BlockRef, Event, LogPosition, OrderEvent, RawLog
from chainfin.domain.finality import Finality, FinalityKind
from chainfin.domain.service_errors import ReorganisationTooDeep
from chainfin.indexer.projection import project_all
from chainfin.indexer.ranges import ChainReader, Fork, RangeReader, Stretch
from chainfin.indexer.reorg import (
    REBUILT_BY_NAME,
    Rollback,
    batch_news,
    ended_orders,
    find_fork,
    rollback,
)
from chainfin.indexer.rows import Rows
from chainfin.models.bulk import create_indexes, drop_indexes
from chainfin.models.chain_index import (
    Cursor,
    as_of,
    blocks_down_from,
    forget_empty_blocks,
    get_block,
    get_cursor,
    has_logs,
    hold_cursor,
    mention_of,
    move_cursor,
    newest_number,
    note_indexes,
    store_blocks,
    store_logs,
    store_mentions,
)
from chainfin.models.columns import IndexTable

HEADERS_KEPT = 256
"""How many of the newest headers are remembered to find a fork among."""
LONGEST_FORK = Finality(FinalityKind.DEPTH, HEADERS_KEPT)
BLOCKS_A_RANGE = 2_000
BACKFILL_BLOCKS = 1_000
"""A first backfill of more blocks goes without secondary indexes, which are created after it."""


class SyncState(StrEnum):
    """How a pass ended."""

    ADVANCED = "advanced"
    """A range was read."""
    UP_TO_DATE = "up_to_date"
    """There is nothing final to read."""
    LAGGING = "lagging"
    """The node is behind us: no reorganisation, only a node to wait for."""
    UNSETTLED = "unsettled"
    """The chain, or the node's view of it, changed meanwhile; nothing was done."""
    REORGANISED = "reorganised"
    """The chain took blocks back, and so did we; the next pass reads on."""


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a pass did.

    Attributes:
        state: How it ended.
        as_of: The last block read, now.
        head: The node's newest block.
        logs: How many logs were stored.
        orders: The ends of orders it read, for whoever keeps the orders.
        batches: What it read of rows of batches.
        removed_orders: The ends of orders that are no longer on the chain.
        removed_batches: What is no longer known of batches.
    """

    state: SyncState
    as_of: AsOf
    head: BlockRef
    logs: int = 0
    orders: tuple[tuple[LogPosition, OrderEvent], ...] = ()
    batches: tuple[tuple[LogPosition, BatchEvent], ...] = ()
    removed_orders: tuple[tuple[LogPosition, OrderEvent], ...] = ()
    removed_batches: tuple[tuple[LogPosition, BatchEvent], ...] = ()

    @property
    def has_more(self) -> bool:
        """Whether the next pass will have something to do at once."""
        behind = self.as_of.block_number < self.head.number
        return self.state is SyncState.REORGANISED or (self.state is SyncState.ADVANCED and behind)


def sync_once(
    session: Session,
    reader: ChainReader,
    decoder: EventDecoder,
    *,
    limit_blocks: int = BLOCKS_A_RANGE,
    confirmations: int = 0,
    finality: Finality = LONGEST_FORK,
    ranges: RangeReader | None = None,
    head: BlockRef | None = None,
) -> SyncResult:
    """Read the next stretch of the chain into the index.

    Args:
        session: The database, bound to its chain; its transaction is the caller's.
        reader: The node.
        decoder: The events of our contracts.
        limit_blocks: At most so many blocks, where no `ranges` are given.
        confirmations: How many blocks below the head are not read yet; 0 where blocks are final.
        finality: What the chain cannot take back; where it does, the reader stops.
        ranges: What reads ahead from one pass to the next; None reads one range, when asked.
        head: The node's newest block, by who has asked for it already.

    Raises:
        EventUnknown: One of our contracts said something we do not know.
        LogNotCanonical: A log is not the one encoding of its event.
        LogGap: A log is missing.
        RowMissing: A log is missing.
        LogsRefused: The node answered another question, or keeps leaving out logs.
        ReorganisationTooDeep: More blocks were taken back than may be.
    """
    session.flush()
    cursor = _without_leftovers(session, decoder)
    if head is None:
        head = reader.head()
    target = head.number - confirmations
    if finality.kind is FinalityKind.FINALIZED:
        target = min(target, reader.final_head().number)
    if target > cursor.block.block_number:
        if ranges is None:
            ranges = RangeReader(reader, decoder, limit_blocks=limit_blocks)
        with _without_collector():
            result = _advance(session, ranges, cursor, target, head)
    else:
        result = _stand(session, reader, cursor.block, head)
    if result is None:
        result = _reorganise(session, reader, decoder, head, finality.depth)
    session.expire_all()
    return result


def _advance(
    session: Session,
    ranges: RangeReader,
    cursor: Cursor,
    target: int,
    head: BlockRef,
) -> SyncResult | None:
    """Read on from the cursor; None where the chain does not go on from it."""
    found = ranges.read(cursor.block, target)
    if isinstance(found, Fork):
        return None
    if not isinstance(found, Stretch):
        return SyncResult(SyncState.UNSETTLED, cursor.block, head)
    has_indexes = cursor.has_indexes
    if has_indexes and target - cursor.block.block_number > BACKFILL_BLOCKS:
        has_indexes = not _drop_indexes(session)
    result = _apply(session, found, head)
    if not has_indexes and found.last.number == target:
        create_indexes(session, IndexTable.__subclasses__())
        note_indexes(session, are_there=True)
    return result


def _stand(
    session: Session, reader: ChainReader, cursor: AsOf, head: BlockRef
) -> SyncResult | None:
    """There is nothing to read; None where the chain no longer has our last block."""
    is_on_chain = _is_on_chain(session, reader, cursor, head)
    if is_on_chain is None:
        return SyncResult(SyncState.LAGGING, cursor, head)
    return SyncResult(SyncState.UP_TO_DATE, cursor, head) if is_on_chain else None


def _drop_indexes(session: Session) -> bool:
    """Drop the secondary indexes before a first backfill; whether this is one."""
    is_first = not has_logs(session)
    if is_first:
        drop_indexes(session, IndexTable.__subclasses__())
        note_indexes(session, are_there=False)
    return is_first


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the search for reference cycles: a pass makes none, and would take twice as long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _is_on_chain(
    session: Session, reader: ChainReader, cursor: AsOf, head: BlockRef
) -> bool | None:
    """Whether the node still has the last block we read; None where it has not come so far.

    A lower head alone says nothing. A lower head that we remember otherwise does.
    """
    if head.number < cursor.block_number:
        remembered = get_block(session, head.number)
        differs = remembered is not None and remembered.block_hash != head.block_hash
        return False if differs else None
    known = head if head.number == cursor.block_number else reader.block(cursor.block_number)
    return None if known is None else known.block_hash == cursor.block_hash


# --- writing ---------------------------------------------------------------------------------


def _apply(session: Session, found: Stretch, head: BlockRef) -> SyncResult:
    rows = Rows(session)
    project_all(rows, found.entries)
    rows.flush()
    with_logs = [block for block in found.blocks if block.log_count]
    store_logs(session, [(block.number, block.packed) for block in with_logs])
    store_mentions(session, list(_mentions(found.entries)))
    newest = found.last.number - HEADERS_KEPT + 1
    kept = [block for block in found.blocks if block.number >= newest or block.log_count]
    store_blocks(
        session,
        [
            (block.number, block.block_hash, block.parent_hash, block.timestamp, block.log_count)
            for block in kept
        ],
    )
    forget_empty_blocks(session, newest)
    block = AsOf(found.last.number, found.last.block_hash, found.last.timestamp)
    move_cursor(session, block)
    return SyncResult(
        state=SyncState.ADVANCED,
        as_of=block,
        head=head,
        logs=found.log_count,
        orders=ended_orders(found.entries),
        batches=batch_news(found.entries),
    )


def _mentions(entries: Sequence[tuple[RawLog, Event]]) -> Iterator[tuple[Any, ...]]:
    for log, event in entries:
        kind: Any = type(event)
        names = _names_of(kind)
        if names is not None:
            yield mention_of(log, kind.__name__, *names(event))


@cache
def _names_of(kind: Any) -> Callable[[Event], tuple[Any, Any, Any]] | None:
    """What an event names: its receivable, its organisation, its number in its stream, or None.

    None in place of it all where nobody will ask for the logs that name somebody: of the ends of
    orders and the lines of statements, which are rows of their own.
    """
    known = {entry.name for entry in fields(kind)}
    if "receivable_id" not in known and kind not in REBUILT_BY_NAME:
        return None
    getters = [
        attrgetter(name) if name in known else _nothing
        for name in ("receivable_id", "organisation", "sequence")
    ]
    receivable, organisation, sequence = getters
    return lambda event: (receivable(event), organisation(event), sequence(event))


def _nothing(_event: Event) -> None:
    return None


def _without_leftovers(session: Session, decoder: EventDecoder) -> Cursor:
    """The cursor, once nothing above it is left: who moved it back wants that read again."""
    hold_cursor(session)
    cursor = get_cursor(session)
    last = cursor.block
    if newest_number(session) > last.block_number:
        block = BlockRef(last.block_number, last.block_hash, "", last.block_timestamp)
        rollback(session, decoder, block)
    return cursor


def _reorganise(
    session: Session,
    reader: ChainReader,
    decoder: EventDecoder,
    head: BlockRef,
    finality_depth: int,
) -> SyncResult:
    cursor = as_of(session)
    fork = find_fork(session, reader.blocks, cursor.block_number, finality_depth)
    if fork.block_hash == cursor.block_hash:
        # The node has our block after all: two of its answers were of two forks.
        return SyncResult(SyncState.UNSETTLED, cursor, head)
    return _undone(rollback(session, decoder, fork), head)


def _undone(undone: Rollback, head: BlockRef) -> SyncResult:
    return SyncResult(
        state=SyncState.REORGANISED,
        as_of=undone.fork,
        head=head,
        removed_orders=undone.orders,
        removed_batches=undone.batches,
    )


# --- by hand ---------------------------------------------------------------------------------


def rewind(session: Session, decoder: EventDecoder, block_number: int) -> Rollback:
    """Go back by hand to the highest block we remember at or below a number, and read on there.

    Raises:
        ReorganisationTooDeep: We remember none.
    """
    remembered = blocks_down_from(session, block_number, 1)
    if not remembered:
        raise ReorganisationTooDeep(block_number, 0)
    undone = rollback(session, decoder, remembered[0])
    session.expire_all()
    return undone
