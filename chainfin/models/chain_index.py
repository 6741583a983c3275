"""The raw memory of the chain: blocks, logs, and how far they were read.

Logs are kept as the chain has them, those of a block in one value, so that every other table of the
index can be rebuilt here, without the chain. Beside them stands which of them names whom, where
somebody will ask. Block headers are kept where a log is, and for the newest blocks, among which the
place where a reorganised chain forked is looked for.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import DDL, Index, LargeBinary, delete, event, func, select, text
from sqlmodel import Field, Session, col

from chainfin.codec.log_packing import unpack_logs
from chainfin.domain.audit import AsOf
from chainfin.domain.events import BlockRef, RawLog
from chainfin.domain.service_errors import DatabaseNotBound, DatabaseOfAnotherChain
from chainfin.models.bulk import Values, insert_rows, table_of
from chainfin.models.columns import (
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
_BLOCKS_A_QUERY = 200


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
    log_count: Int64


class ChainLogsRow(IndexTable, table=True):
    """The logs of our contracts in one block, raw.

    Attributes:
        logs: As `codec.log_packing` has them.
    """

    __tablename__: ClassVar[str] = "chain_logs"

    block_number: KeyInt64
    logs: bytes = Field(sa_type=LargeBinary)


# What is written once and read whole is not worth PostgreSQL's time for compressing it.
event.listen(
    table_of(ChainLogsRow),
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        "ALTER TABLE chain_logs ALTER COLUMN logs SET STORAGE EXTERNAL"
    ).execute_if(dialect="postgresql"),
)


class ChainMentionRow(IndexTable, table=True):
    """A log by whom it names, where the logs that name somebody will be asked for.

    Attributes:
        event_name: What its first topic says.
        receivable_id: The receivable it names, if it does.
        organisation: The organisation it names, if it names one.
        sequence: Its number in that stream, if it has one.
    """

    __tablename__: ClassVar[str] = "chain_mention"
    __table_args__ = (
        Index(
            "ix_chain_mention_receivable",
            "receivable_id",
            "block_number",
            "log_index",
            sqlite_where=text("receivable_id IS NOT NULL"),
            postgresql_where=text("receivable_id IS NOT NULL"),
        ),
        Index(
            "ix_chain_mention_organisation",
            "organisation",
            "block_number",
            "log_index",
            sqlite_where=text("organisation IS NOT NULL"),
            postgresql_where=text("organisation IS NOT NULL"),
        ),
    )

    block_number: KeyInt64
    log_index: KeyInt64
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
        first = (start.number, start.block_hash, start.parent_hash, start.timestamp, 0)
        store_blocks(session, [first])
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


def store_blocks(session: Session, blocks: Sequence[tuple[int, str, str, int, int]]) -> None:
    """Remember blocks: number, hash, parent's hash, time, and how many logs of ours they have.

    A block with a log is kept for ever.
    """
    insert_rows(session, ChainBlockRow, blocks)


def forget_empty_blocks(session: Session, before_number: int) -> None:
    """Drop the headers of older blocks that have no log."""
    session.execute(
        delete(ChainBlockRow).where(
            col(ChainBlockRow.number) < before_number, col(ChainBlockRow.log_count) == 0
        )
    )


def newest_number(session: Session) -> int:
    """The highest block we remember; -1 for none."""
    highest = session.execute(select(func.max(ChainBlockRow.number))).scalar_one()
    return -1 if highest is None else int(highest)


def _block(row: ChainBlockRow) -> BlockRef:
    return BlockRef(row.number, row.block_hash, row.parent_hash, row.timestamp)


# --- logs ------------------------------------------------------------------------------------


def store_logs(session: Session, blocks: Sequence[tuple[int, bytes]]) -> None:
    """Remember the logs of blocks: each block's number, and its logs as `log_packing` has them."""
    insert_rows(session, ChainLogsRow, blocks)


def store_mentions(session: Session, mentions: Sequence[Values]) -> None:
    """Remember whom logs name; see `mention_of`."""
    insert_rows(session, ChainMentionRow, mentions)


def mention_of(
    log: RawLog,
    event_name: str,
    receivable_id: int | None = None,
    organisation: int | None = None,
    sequence: int | None = None,
) -> Values:
    """Whom a log names, as it is stored."""
    position = log.position
    return (
        position.block_number,
        position.log_index,
        event_name,
        receivable_id,
        organisation,
        sequence,
    )


def has_logs(session: Session) -> bool:
    """Whether any log was read."""
    return session.execute(select(ChainLogsRow.block_number).limit(1)).first() is not None  # type: ignore[call-overload]


def count_logs(session: Session) -> int:
    """How many logs we remember."""
    return int(session.execute(select(func.sum(ChainBlockRow.log_count))).scalar_one() or 0)


def logs_between(session: Session, from_block: int, to_block: int) -> list[RawLog]:
    """Logs of a closed range of blocks, in chain order."""
    wanted = _packed().where(col(ChainLogsRow.block_number).between(from_block, to_block))
    return [log for row in session.execute(wanted) for log in _unpacked(row)]


def logs_after(session: Session, after: tuple[int, int], limit: int) -> list[RawLog]:
    """The strictly ordered feed: logs after a (block number, log index), oldest first."""
    block = ChainBlockRow
    wanted = select(block.number, block.log_count).where(  # type: ignore[call-overload]
        col(block.number) >= after[0], col(block.log_count) > 0
    )
    last, found = after[0], 0
    for number, log_count in session.execute(wanted.order_by(block.number).limit(limit + 1)):
        last = number
        # How many of the first block's logs come after the place, nobody knows yet.
        found += log_count if number > after[0] else 0
        if found >= limit:
            break
    logs = logs_between(session, after[0], last)
    return [log for log in logs if place_of(log) > after][:limit]


def logs_of_receivables(session: Session, receivable_ids: Iterable[int]) -> list[RawLog]:
    """Every log that names one of these receivables, in chain order."""
    return _logs_naming(session, "receivable_id", receivable_ids)


def logs_of_organisations(
    session: Session, organisations: Iterable[int], event_names: Sequence[str]
) -> list[RawLog]:
    """Every log of these events that names one of these organisations, in chain order."""
    named = col(ChainMentionRow.event_name).in_(event_names)
    return _logs_naming(session, "organisation", organisations, named)


def logs_named(session: Session, event_names: Sequence[str]) -> list[RawLog]:
    """Every log of these events, in chain order; reads all mentions, so only for rare repairs."""
    return _mentioned(session, [col(ChainMentionRow.event_name).in_(event_names)])


def _logs_naming(
    session: Session, column: str, values: Iterable[int], *conditions: Any
) -> list[RawLog]:
    wanted, found = sorted(set(values)), []
    for start in range(0, len(wanted), _PAGE):
        chunk = col(getattr(ChainMentionRow, column)).in_(wanted[start : start + _PAGE])
        found += _mentioned(session, [chunk, *conditions])
    return sorted(found, key=place_of)


def _mentioned(session: Session, conditions: Sequence[Any]) -> list[RawLog]:
    """The logs of mentions, in chain order."""
    mention = ChainMentionRow
    places = select(mention.block_number, mention.log_index).where(*conditions)  # type: ignore[call-overload]
    indexes: dict[int, set[int]] = {}
    for number, index in session.execute(places):
        indexes.setdefault(number, set()).add(index)
    numbers = sorted(indexes)
    found: list[RawLog] = []
    for start in range(0, len(numbers), _BLOCKS_A_QUERY):
        chunk = col(ChainLogsRow.block_number).in_(numbers[start : start + _BLOCKS_A_QUERY])
        for row in session.execute(_packed().where(chunk)):
            found += _unpacked(row, indexes[row[0]])
    return found


def place_of(log: RawLog) -> tuple[int, int]:
    """A log's place in chain order."""
    return log.position.block_number, log.position.log_index


def _packed() -> Any:  # SQLAlchemy names no type for a select of columns of two tables
    logs, block = ChainLogsRow, ChainBlockRow
    return (
        select(logs.block_number, block.block_hash, block.timestamp, logs.logs)  # type: ignore[call-overload]
        .join(block, col(block.number) == col(logs.block_number))
        .order_by(col(logs.block_number))
    )


def _unpacked(row: Sequence[Any], wanted: Container[int] | None = None) -> Iterator[RawLog]:
    number, block_hash, timestamp, packed = row
    return unpack_logs(packed, number, block_hash, timestamp, wanted)
