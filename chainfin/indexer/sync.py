"""Chain to index: one pass reads a range of blocks and leaves rows, raw logs and cursor together.

There is one loop for history and for what happens now: `[cursor + 1, head]`, a bounded range at a
time. Nothing is committed here; the worker commits after each pass, so all of a pass is there or
none of it.

```
             cursor                target              head
   ──────────┴──┬───────────────────┴────────────────────┴──▶ blocks
                from … the range read in this pass … to
```

A node may change its mind between two questions. So a pass asks for its target block before and
after the logs: a hash commits to all blocks below it, hence if the target's hash is the same and
the cursor's block is where it was, the logs between them are of one chain. Otherwise the pass ends
with nothing done and the next one finds out why.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeAlias

from sqlmodel import Session

from chainfin.codec.events import EventDecoder
from chainfin.domain.audit import AsOf, Finding, Reconciliation, differences
from chainfin.domain.events import BatchEvent, BlockRef, Event, LogPosition, OrderEvent, RawLog
from chainfin.domain.receivable import Lot, Receivable, ReceivableStatus, conserves_value
from chainfin.domain.service_errors import LogsRefused, ReorganisationTooDeep
from chainfin.indexer.projection import is_ignored, project_all, read_events
from chainfin.indexer.reorg import Rollback, batch_news, ended_orders, find_fork, rollback
from chainfin.indexer.rows import Rows
from chainfin.models.bulk import clear
from chainfin.models.chain_index import (
    LogEntry,
    as_of,
    blocks_down_from,
    count_logs,
    forget_empty_blocks,
    get_block,
    get_cursor,
    iterate_logs,
    move_cursor,
    newest_number,
    place_of,
    store_blocks,
    store_logs,
)
from chainfin.models.receivables import lots_of_receivables, receivables_by_number
from chainfin.models.session import projection_kinds

Progress: TypeAlias = Callable[[int, int], None]
State: TypeAlias = tuple[Receivable, Sequence[Lot]]
States: TypeAlias = Callable[[AsOf, Sequence[int]], Sequence[State]]

HEADERS_KEPT = 256
"""How many of the newest headers are remembered to find a fork among."""
BLOCKS_A_PASS = 2_000
RECEIVABLES_A_PAGE = 500


class ChainReader(Protocol):
    """What a pass asks of a node."""

    def head(self) -> BlockRef:
        """The newest block."""

    def block(self, number: int) -> BlockRef | None:
        """A block by number; None if the node has none."""

    def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """Several blocks, in the order asked for; a client answers with one batch."""

    def logs(self, from_block: int, to_block: int) -> Sequence[RawLog]:
        """The logs of our contracts in a closed range, in chain order."""


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
    limit_blocks: int = BLOCKS_A_PASS,
    confirmations: int = 0,
    finality_depth: int = HEADERS_KEPT,
) -> SyncResult:
    """Read the next range of the chain into the index.

    Args:
        session: The database, bound to its chain; its transaction is the caller's.
        reader: The node.
        decoder: The events of our contracts.
        limit_blocks: At most so many blocks; the caller makes it smaller if a node refuses.
        confirmations: How many blocks below the head are not read yet; 0 where blocks are final.
        finality_depth: How many blocks the chain may take back; more stops the reader.

    Raises:
        EventUnknown: One of our contracts said something we do not know.
        LogNotCanonical: A log is not the one encoding of its event.
        LogGap: A log is missing.
        RowMissing: A log is missing.
        LogsRefused: The node answered another question.
        ReorganisationTooDeep: More blocks were taken back than may be.
    """
    session.flush()
    cursor = _without_leftovers(session, decoder)
    # In this order: the target first, then the cursor's block, then the logs, then the target.
    head = reader.head()
    to_block = min(head.number - confirmations, cursor.block_number + limit_blocks)
    target = head if to_block == head.number else _block_above(reader, cursor, to_block)
    is_on_chain = _is_on_chain(session, reader, cursor, head)
    if is_on_chain is None:
        return SyncResult(SyncState.LAGGING, cursor, head)
    if not is_on_chain:
        return _reorganise(session, reader, decoder, head, finality_depth)
    if to_block <= cursor.block_number:
        return SyncResult(SyncState.UP_TO_DATE, cursor, head)
    found = None if target is None else _read_range(reader, cursor, target)
    if found is None:
        return SyncResult(SyncState.UNSETTLED, cursor, head)
    result = _apply(session, decoder, found, head)
    session.expire_all()
    return result


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Range:
    """Logs of a range, and the headers of its blocks that are to be remembered."""

    target: BlockRef
    logs: list[RawLog]
    headers: list[BlockRef]


def _block_above(reader: ChainReader, cursor: AsOf, number: int) -> BlockRef | None:
    return reader.block(number) if number > cursor.block_number else None


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


def _read_range(reader: ChainReader, cursor: AsOf, target: BlockRef) -> _Range | None:
    """The range after the cursor up to the target; None if not all of it is of one chain."""
    from_block = cursor.block_number + 1
    logs = list(reader.logs(from_block, target.number))
    _check_answer(logs, from_block, target.number)
    numbers = set(range(max(from_block, target.number - HEADERS_KEPT + 1), target.number + 1))
    numbers.update(log.position.block_number for log in logs)
    answers = reader.blocks(sorted(numbers))
    headers = [header for header in answers if header is not None]
    if len(headers) != len(numbers) or headers[-1].block_hash != target.block_hash:
        return None
    if not _are_linked(cursor, headers) or not _are_of(logs, headers):
        return None
    times = {header.number: header.timestamp for header in headers}
    return _Range(target, [_timed(log, times) for log in logs], headers)


def _check_answer(logs: Sequence[RawLog], from_block: int, to_block: int) -> None:
    before = (from_block, -1)
    for log in logs:
        place = place_of(log)
        if not from_block <= place[0] <= to_block:
            raise LogsRefused(f"block {place[0]} is not between {from_block} and {to_block}")
        if place <= before:
            raise LogsRefused(f"block {place[0]}, log {place[1]} is not in order")
        before = place


def _are_linked(cursor: AsOf, headers: Iterable[BlockRef]) -> bool:
    """Whether each block that follows another names it as its parent."""
    number, block_hash = cursor.block_number, cursor.block_hash
    for header in headers:
        if header.number == number + 1 and header.parent_hash != block_hash:
            return False
        number, block_hash = header.number, header.block_hash
    return True


def _are_of(logs: Iterable[RawLog], headers: Iterable[BlockRef]) -> bool:
    """Whether each log is of the block that the chain has at its number."""
    hashes = {header.number: header.block_hash for header in headers}
    return all(hashes[log.position.block_number] == log.position.block_hash for log in logs)


def _timed(log: RawLog, times: dict[int, int]) -> RawLog:
    """The log with its block's time, which not every node tells with a log."""
    timestamp = times[log.position.block_number]
    if log.position.block_timestamp == timestamp:
        return log
    return replace(log, position=replace(log.position, block_timestamp=timestamp))


# --- writing ---------------------------------------------------------------------------------


def _apply(session: Session, decoder: EventDecoder, found: _Range, head: BlockRef) -> SyncResult:
    entries = list(read_events(decoder, found.logs))
    rows = Rows(session)
    project_all(rows, entries)
    rows.flush()
    store_logs(session, _log_entries(decoder, found.logs, entries))
    with_logs = {log.position.block_number for log in found.logs}
    store_blocks(session, found.headers, with_logs)
    forget_empty_blocks(session, found.target.number - HEADERS_KEPT + 1)
    block = AsOf(found.target.number, found.target.block_hash, found.target.timestamp)
    move_cursor(session, block)
    return SyncResult(
        state=SyncState.ADVANCED,
        as_of=block,
        head=head,
        logs=len(found.logs),
        orders=ended_orders(entries),
        batches=batch_news(entries),
    )


def _log_entries(
    decoder: EventDecoder, logs: Iterable[RawLog], entries: Iterable[tuple[RawLog, Event]]
) -> Iterator[LogEntry]:
    """Every log as it is stored; what an ignored one names is not asked."""
    read = iter(entries)
    for log in logs:
        kind = decoder.kind_of(log)
        event = None if is_ignored(kind) else next(read)[1]
        yield LogEntry(
            log,
            kind.__name__,
            getattr(event, "receivable_id", None),
            getattr(event, "organisation", None),
            getattr(event, "sequence", None),
        )


def _without_leftovers(session: Session, decoder: EventDecoder) -> AsOf:
    """The cursor, once nothing above it is left: who moved it back wants that read again."""
    cursor = get_cursor(session).block
    if newest_number(session) > cursor.block_number:
        block = BlockRef(cursor.block_number, cursor.block_hash, "", cursor.block_timestamp)
        rollback(session, decoder, block)
    return cursor


def _reorganise(
    session: Session,
    reader: ChainReader,
    decoder: EventDecoder,
    head: BlockRef,
    finality_depth: int,
) -> SyncResult:
    cursor_number = as_of(session).block_number
    fork = find_fork(session, reader.blocks, cursor_number, finality_depth)
    undone = rollback(session, decoder, fork)
    session.expire_all()
    return _undone(undone, head)


def _undone(undone: Rollback, head: BlockRef) -> SyncResult:
    return SyncResult(
        state=SyncState.REORGANISED,
        as_of=undone.fork,
        head=head,
        removed_orders=undone.orders,
        removed_batches=undone.batches,
    )


# --- rebuilding and checking -----------------------------------------------------------------


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


def rebuild(session: Session, decoder: EventDecoder, progress: Progress | None = None) -> int:
    """Delete every projection and make it again from the stored logs; the chain is not asked.

    Args:
        session: The database; its transaction is the caller's, so readers see the old rows or the
            new ones.
        decoder: The events of our contracts.
        progress: Told how many logs are done, and of how many, after each page.

    Returns:
        How many logs there were.

    Raises:
        LogGap: A log is missing from the store.
        RowMissing: A log is missing from the store.
    """
    session.flush()
    total, done = count_logs(session), 0
    clear(session, projection_kinds())
    for logs in iterate_logs(session):
        rows = Rows(session)
        project_all(rows, list(read_events(decoder, logs)))
        rows.flush()
        done += len(logs)
        if progress is not None:
            progress(done, total)
    session.expire_all()
    return total


def verify(session: Session, read_states: States) -> Reconciliation:
    """Compare every receivable and lot with the contracts, at the block the index is true for.

    Args:
        session: The database.
        read_states: Reads the ledger: given a block and receivables' numbers, each receivable with
            all its lots, in that order; a number nobody has gives status NONE and no lots.
    """
    block = as_of(session)
    findings: list[Finding] = []
    receivables = lots = 0
    first = 1
    while page := _page(session, read_states, block, first):
        for ours, theirs in page:
            findings += _compare(ours, theirs)
            receivables += 1
            lots += len(theirs[1])
        first += RECEIVABLES_A_PAGE
    return Reconciliation(block, receivables, lots, tuple(findings))


def _page(
    session: Session, read_states: States, block: AsOf, first: int
) -> list[tuple[State | None, State]]:
    """A run of receivables as indexed and as on the chain; empty after the last of both."""
    numbers = range(first, first + RECEIVABLES_A_PAGE)
    on_chain = read_states(block, numbers)
    lots = lots_of_receivables(session, numbers)
    indexed: dict[int, State] = {
        number: (row.to_domain(), [lot.to_domain() for lot in lots[number]])
        for number, row in receivables_by_number(session, numbers).items()
    }
    session.expunge_all()
    pairs = zip((indexed.get(number) for number in numbers), on_chain, strict=True)
    return [
        (ours, theirs)
        for ours, theirs in pairs
        if ours is not None or theirs[0].status is not ReceivableStatus.NONE
    ]


def _compare(ours: State | None, theirs: State) -> Iterator[Finding]:
    receivable, lots = theirs
    place = f"receivable {receivable.receivable_id}"
    if ours is None:
        yield Finding(place, "is on the chain and not in the tables")
        return
    if receivable.status is ReceivableStatus.NONE:
        yield Finding(place, "is in the tables and not on the chain")
        return
    for difference in differences(ours[0], receivable):
        yield Finding(place, difference)
    yield from _compare_lots(ours[1], lots)
    if not conserves_value(receivable, lots):
        yield Finding(place, "what its lots are owed and were paid is not its face value")


def _compare_lots(ours: Sequence[Lot], theirs: Sequence[Lot]) -> Iterator[Finding]:
    indexed = {lot.lot_id: lot for lot in ours}
    on_chain = {lot.lot_id: lot for lot in theirs}
    for lot_id in sorted(indexed.keys() | on_chain.keys()):
        place = f"lot {lot_id}"
        if lot_id not in indexed:
            yield Finding(place, "is on the chain and not in the tables")
        elif lot_id not in on_chain:
            yield Finding(place, "is in the tables and not on the chain")
        else:
            for difference in differences(indexed[lot_id], on_chain[lot_id]):
                yield Finding(place, difference)
