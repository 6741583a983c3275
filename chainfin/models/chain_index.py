"""The raw memory of the chain: blocks, logs, and how far they were read.

Logs are kept as the chain has them, so that every other table of the index can be rebuilt here,
without the chain. Block headers are kept where a log is, and for the newest blocks, among which the
place where a reorganised chain forked is looked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Index, Text, delete, func, select, text, tuple_
from sqlmodel import Field, Session, col

from chainfin.domain.audit import AsOf
from chainfin.domain.events import BlockRef, LogPosition, RawLog
from chainfin.domain.service_errors import DatabaseNotBound, DatabaseOfAnotherChain
from chainfin.models.bulk import Values, insert_rows
from chainfin.models.columns import (
    HASH_LENGTH,
    Address,
    Hash,
    IndexTable,
    Int64,
    KeyInt64,
    OptionalInt64,
    ShortText,
)

_CURSOR_ID = 1
_PAGE = 5_000


class ChainCursorRow(IndexTable, table=True):
    """The network this database belongs to, and the last block it has read.

    Attributes:
        has_indexes: Whether the secondary indexes are there; a first backfill drops them.
    """

    __tablename__: ClassVar[str] = "chain_cursor"

    id: KeyInt64
    chain_id: Int64
    genesis_hash: Hash
    registry_address: Address
    block_number: Int64
    block_hash: Hash
    block_timestamp: Int64
    has_indexes: bool = True


class ChainBlockRow(IndexTable, table=True):
    """A block that has logs of ours, or is among the newest."""

    __tablename__: ClassVar[str] = "chain_block"

    number: KeyInt64
    block_hash: Hash
    parent_hash: Hash
    timestamp: Int64
    has_logs: bool


class ChainLogRow(IndexTable, table=True):
    """A log of one of our contracts, raw.

    Attributes:
        topics: All topics, one after the other.
        event_name: What its first topic says.
        receivable_id: The receivable it names, if it does.
        organisation: The organisation it names, if it names one.
        sequence: Its number in that stream, if it has one.
    """

    __tablename__: ClassVar[str] = "chain_log"
    __table_args__ = (
        Index(
            "ix_chain_log_receivable",
            "receivable_id",
            "block_number",
            "log_index",
            sqlite_where=text("receivable_id IS NOT NULL"),
            postgresql_where=text("receivable_id IS NOT NULL"),
        ),
        Index(
            "ix_chain_log_organisation",
            "organisation",
            "block_number",
            "log_index",
            sqlite_where=text("organisation IS NOT NULL"),
            postgresql_where=text("organisation IS NOT NULL"),
        ),
    )

    block_number: KeyInt64
    log_index: KeyInt64
    transaction_hash: Hash
    transaction_index: Int64
    address: Address
    topics: str = Field(sa_type=Text)
    data: str = Field(sa_type=Text)
    event_name: ShortText
    receivable_id: OptionalInt64
    organisation: OptionalInt64
    sequence: OptionalInt64


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the chain was read, which chain, and whether the secondary indexes are there."""

    chain_id: int
    genesis_hash: str
    registry: str
    block: AsOf
    has_indexes: bool


# --- the cursor ------------------------------------------------------------------------------


def bind_chain(
    session: Session, *, chain_id: int, genesis_hash: str, registry: str, start: BlockRef
) -> Cursor:
    """Bind an empty database to its network, or check that it is bound to this one.

    Args:
        session: The database.
        chain_id: The network's EIP-155 id.
        genesis_hash: Hash of its first block.
        registry: Address of its ParticipantRegistry.
        start: The last block before our contracts; only a new database asks.

    Raises:
        DatabaseOfAnotherChain: It is bound to another network, or to other contracts.
    """
    row = session.get(ChainCursorRow, _CURSOR_ID)
    if row is None:
        row = ChainCursorRow(
            id=_CURSOR_ID,
            chain_id=chain_id,
            genesis_hash=genesis_hash,
            registry_address=registry,
            block_number=start.number,
            block_hash=start.block_hash,
            block_timestamp=start.timestamp,
        )
        session.add(row)
        session.flush()
        store_blocks(session, [start], with_logs=set())
    found, expected = (
        (row.chain_id, row.genesis_hash, row.registry_address),
        (
            chain_id,
            genesis_hash,
            registry,
        ),
    )
    if found != expected:
        raise DatabaseOfAnotherChain(_network(*found), _network(*expected))
    return _cursor(row)


def get_cursor(session: Session) -> Cursor:
    """How far the chain was read.

    Raises:
        DatabaseNotBound: `bind_chain` was never called.
    """
    row = session.get(ChainCursorRow, _CURSOR_ID, populate_existing=True)
    if row is None:
        raise DatabaseNotBound
    return _cursor(row)


def as_of(session: Session) -> AsOf:
    """The block every answer from these tables is true for.

    Raises:
        DatabaseNotBound: `bind_chain` was never called.
    """
    return get_cursor(session).block


def hold_cursor(session: Session) -> None:
    """Wait for whoever moves the cursor, and keep it until the end of the transaction."""
    session.execute(select(ChainCursorRow.id).with_for_update())  # type: ignore[call-overload]


def move_cursor(session: Session, block: AsOf) -> None:
    """Note the last block read."""
    row = session.get(ChainCursorRow, _CURSOR_ID, populate_existing=True)
    if row is None:
        raise DatabaseNotBound
    row.block_number = block.block_number
    row.block_hash = block.block_hash
    row.block_timestamp = block.block_timestamp
    session.flush()


def note_indexes(session: Session, *, are_there: bool) -> None:
    """Note whether the secondary indexes are there."""
    row = session.get(ChainCursorRow, _CURSOR_ID)
    if row is None:
        raise DatabaseNotBound
    row.has_indexes = are_there
    session.flush()


def _cursor(row: ChainCursorRow) -> Cursor:
    block = AsOf(row.block_number, row.block_hash, row.block_timestamp)
    return Cursor(row.chain_id, row.genesis_hash, row.registry_address, block, row.has_indexes)


def _network(chain_id: int, genesis_hash: str, registry: str) -> str:
    return f"chain {chain_id}, genesis {genesis_hash}, registry {registry}"


# --- blocks ----------------------------------------------------------------------------------


def get_block(session: Session, number: int) -> BlockRef | None:
    """A block we remember."""
    row = session.get(ChainBlockRow, number, populate_existing=True)
    return None if row is None else _block(row)


def blocks_down_from(session: Session, number: int, limit: int) -> list[BlockRef]:
    """The blocks we remember from a number down, highest first."""
    wanted = select(ChainBlockRow).where(col(ChainBlockRow.number) <= number)
    ordered = wanted.order_by(col(ChainBlockRow.number).desc()).limit(limit)
    return [_block(row) for row in session.scalars(ordered)]


def store_blocks(session: Session, blocks: Iterable[BlockRef], with_logs: set[int]) -> None:
    """Remember blocks.

    Args:
        session: The database.
        blocks: Headers, in order.
        with_logs: The numbers of those that have logs of ours, to be kept for ever.
    """
    insert_rows(
        session,
        ChainBlockRow,
        [
            (block.number, block.block_hash, block.parent_hash, block.timestamp,
             block.number in with_logs)
            for block in blocks
        ],
    )  # fmt: skip


def forget_empty_blocks(session: Session, before_number: int) -> None:
    """Drop the headers of older blocks that have no log."""
    session.execute(
        delete(ChainBlockRow).where(
            col(ChainBlockRow.number) < before_number, col(ChainBlockRow.has_logs).is_(other=False)
        )
    )


def newest_number(session: Session) -> int:
    """The highest block we remember; -1 for none."""
    highest = session.execute(select(func.max(ChainBlockRow.number))).scalar_one()
    return -1 if highest is None else int(highest)


def _block(row: ChainBlockRow) -> BlockRef:
    return BlockRef(row.number, row.block_hash, row.parent_hash, row.timestamp)


# --- logs ------------------------------------------------------------------------------------


def store_logs(session: Session, rows: Sequence[Values]) -> None:
    """Remember logs that are not yet remembered; see `log_values`."""
    insert_rows(session, ChainLogRow, rows)


def log_values(
    log: RawLog,
    event_name: str,
    receivable_id: int | None = None,
    organisation: int | None = None,
    sequence: int | None = None,
) -> Values:
    """A log as it is stored: raw, and what its event names."""
    position = log.position
    return (
        position.block_number,
        position.log_index,
        position.transaction_hash,
        position.transaction_index,
        log.address,
        "".join(log.topics),
        log.data,
        event_name,
        receivable_id,
        organisation,
        sequence,
    )


def has_logs(session: Session) -> bool:
    """Whether any log was read."""
    return session.execute(select(ChainLogRow.block_number).limit(1)).first() is not None  # type: ignore[call-overload]


def count_logs(session: Session) -> int:
    """How many logs we remember."""
    return int(session.execute(select(func.count()).select_from(ChainLogRow)).scalar_one())


def logs_between(session: Session, from_block: int, to_block: int) -> list[RawLog]:
    """Logs of a closed range of blocks, in chain order."""
    wanted = _logs().where(col(ChainLogRow.block_number).between(from_block, to_block))
    return [_raw_log(row) for row in session.execute(wanted)]


def iterate_logs(session: Session, *, page: int = _PAGE) -> Iterator[list[RawLog]]:
    """All logs in chain order, in pages: memory stays bounded."""
    after = (-1, -1)
    while logs := logs_after(session, after, page):
        yield logs
        after = place_of(logs[-1])


def logs_after(session: Session, after: tuple[int, int], limit: int) -> list[RawLog]:
    """The strictly ordered feed: logs after a (block number, log index), oldest first."""
    place = tuple_(col(ChainLogRow.block_number), col(ChainLogRow.log_index))
    wanted = _logs().where(place > after).limit(limit)
    return [_raw_log(row) for row in session.execute(wanted)]


def logs_of_receivables(session: Session, receivable_ids: Iterable[int]) -> list[RawLog]:
    """Every log that names one of these receivables, in chain order."""
    return _logs_with(session, "receivable_id", receivable_ids)


def logs_of_organisations(
    session: Session, organisations: Iterable[int], event_names: Sequence[str]
) -> list[RawLog]:
    """Every log of these events that names one of these organisations, in chain order."""
    named = col(ChainLogRow.event_name).in_(event_names)
    return _logs_with(session, "organisation", organisations, named)


def logs_named(session: Session, event_names: Sequence[str]) -> list[RawLog]:
    """Every log of these events, in chain order; reads all logs, so only for rare repairs."""
    wanted = _logs().where(col(ChainLogRow.event_name).in_(event_names))
    return [_raw_log(row) for row in session.execute(wanted)]


def logs_of_transaction(session: Session, block_number: int, transaction_hash: str) -> list[RawLog]:
    """The logs of one transaction in order."""
    wanted = _logs().where(
        col(ChainLogRow.block_number) == block_number,
        col(ChainLogRow.transaction_hash) == transaction_hash,
    )
    return [_raw_log(row) for row in session.execute(wanted)]


def _logs_with(
    session: Session, column: str, values: Iterable[int], *conditions: Any
) -> list[RawLog]:
    wanted, found = sorted(set(values)), []
    for start in range(0, len(wanted), _PAGE):
        chunk = col(getattr(ChainLogRow, column)).in_(wanted[start : start + _PAGE])
        rows = session.execute(_logs().where(chunk, *conditions))
        found += [_raw_log(row) for row in rows]
    return sorted(found, key=place_of)


def place_of(log: RawLog) -> tuple[int, int]:
    """A log's place in chain order."""
    return log.position.block_number, log.position.log_index


def _logs() -> Any:  # SQLAlchemy names no type for a select of nine columns
    log, block = ChainLogRow, ChainBlockRow
    return (
        select(  # type: ignore[call-overload]
            log.address,
            log.topics,
            log.data,
            log.block_number,
            block.block_hash,
            block.timestamp,
            log.transaction_hash,
            log.transaction_index,
            log.log_index,
        )
        .join(block, col(block.number) == col(log.block_number))
        .order_by(col(log.block_number), col(log.log_index))
    )


def _raw_log(row: Sequence[Any]) -> RawLog:
    address, topics, data, *position = row
    return RawLog(address, _split_topics(topics), data, LogPosition(*position))


def _split_topics(joined: str) -> tuple[str, ...]:
    return tuple(
        [joined[start : start + HASH_LENGTH] for start in range(0, len(joined), HASH_LENGTH)]
    )
