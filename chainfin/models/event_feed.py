"""The feed as it was told: entries that never change, and who reads each.

These tables are private and never rebuilt: they say what was told, also of blocks that the chain
took back later. Such entries stay, marked with the entry that told of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import BigInteger, Text, update
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.domain.feed import EVERYONE, REORGANISED
from chainfin.domain.participant import ParticipantKind
from chainfin.models.chain_index import ChainBlockRow
from chainfin.models.columns import HASH_LENGTH
from chainfin.models.financings import FinancingRequestRow
from chainfin.models.participants import ParticipantRow
from chainfin.models.receivables import LotRow, ReceivableRow

_PLACE_ID = 1
_KEYS_A_QUERY = 500
_BEFORE_ALL = -1


class FeedEntryRow(SQLModel, table=True):
    """One entry.

    Attributes:
        sequence: Its number in the feed, without gaps.
        facts: JSON: what the event says.
        lot_ids: JSON: the lots it names.
        order_hashes: JSON: the orders that ran in its transaction.
        taken_back_by: The entry that told that its block is gone.
    """

    __tablename__: ClassVar[str] = "feed_entry"

    sequence: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    event: str
    facts: str = Field(sa_type=Text)
    receivable_id: int | None = Field(default=None, sa_type=BigInteger)
    lot_ids: str = Field(sa_type=Text)
    order_hashes: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    block_number: int = Field(sa_type=BigInteger, index=True)
    block_hash: str = Field(max_length=HASH_LENGTH)
    transaction_hash: str | None = None
    log_index: int = Field(sa_type=BigInteger)
    taken_back_by: int | None = Field(default=None, sa_type=BigInteger)


class FeedReaderRow(SQLModel, table=True):
    """An organisation that reads an entry; `EVERYONE` stands for all."""

    __tablename__: ClassVar[str] = "feed_reader"

    organisation: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    sequence: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )


class FeedPlaceRow(SQLModel, table=True):
    """The last log that was looked at, and the last number given."""

    __tablename__: ClassVar[str] = "feed_place"

    id: int = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    block_number: int = Field(sa_type=BigInteger)
    block_hash: str
    log_index: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who else reads what is said of receivables, as the index has it.

    Attributes:
        owing: Obligor and supplier, by receivable.
        holding: Everybody who holds one of its open lots, by receivable.
        of_lots: Holders by (receivable, lot).
        of_requests: Holders by financing request.
        funders: Whoever is admitted as a funder.
    """

    owing: dict[int, frozenset[int]]
    holding: dict[int, frozenset[int]]
    of_lots: dict[tuple[int, int], int]
    of_requests: dict[int, int]
    funders: frozenset[int]


def find_place(session: Session) -> FeedPlaceRow | None:
    """How far the feed was told; None before its first entry."""
    return session.get(FeedPlaceRow, _PLACE_ID)


def feed_place(session: Session) -> FeedPlaceRow:
    """How far the feed was told; a new one begins before everything."""
    row = find_place(session)
    if row is None:
        row = FeedPlaceRow(
            id=_PLACE_ID,
            sequence=0,
            block_number=_BEFORE_ALL,
            block_hash="",
            log_index=_BEFORE_ALL,
        )
        session.add(row)
    return row


def last_standing(session: Session) -> FeedEntryRow | None:
    """The last entry whose block the index still has."""
    row, block = FeedEntryRow, ChainBlockRow
    wanted = (
        select(row)
        .join(
            block,
            (col(block.number) == row.block_number) & (col(block.block_hash) == row.block_hash),
        )
        .where(col(row.taken_back_by).is_(None), row.event != REORGANISED)
    )
    return session.exec(wanted.order_by(col(row.sequence).desc()).limit(1)).first()


def take_back(session: Session, after: int, told_by: int) -> tuple[int, int] | None:
    """Mark the entries after a number as taken back; answers the first and last, if any."""
    row = FeedEntryRow
    gone = (
        col(row.sequence) > after,
        col(row.taken_back_by).is_(None),
        col(row.event) != REORGANISED,
    )
    found = select(col(row.sequence)).where(*gone).order_by(col(row.sequence))
    sequences = session.exec(found).all()
    if not sequences:
        return None
    session.execute(update(row).where(*gone).values(taken_back_by=told_by))
    return sequences[0], sequences[-1]


def entries_for(
    session: Session, organisation: int | None, *, after: int, limit: int
) -> Sequence[FeedEntryRow]:
    """Entries after a number, in order: those an organisation reads, or all (None)."""
    row, reader = FeedEntryRow, FeedReaderRow
    wanted = select(row).where(row.sequence > after)
    if organisation is not None:
        wanted = wanted.join(reader, col(reader.sequence) == row.sequence).where(
            col(reader.organisation).in_((organisation, EVERYONE)), reader.sequence > after
        )
    return session.exec(wanted.order_by(col(row.sequence)).limit(limit)).all()


def read_parties(
    session: Session,
    receivable_ids: Iterable[int],
    whole: Iterable[int],
    lots: Iterable[tuple[int, int]],
    requests: Iterable[int],
) -> Parties:
    """The parties that a page of events asks for.

    Args:
        session: The database.
        receivable_ids: Receivables that events are about.
        whole: Those of them all of whose holders are wanted.
        lots: (receivable, lot) whose holder is wanted.
        requests: Financing requests whose holder is wanted.
    """
    row, lot, request = ReceivableRow, LotRow, FinancingRequestRow
    owing: dict[int, frozenset[int]] = {}
    for some in _portions(receivable_ids):
        found = select(row.receivable_id, row.obligor, row.supplier)
        for number, obligor, supplier in session.exec(
            found.where(col(row.receivable_id).in_(some))
        ):
            owing[number] = frozenset((obligor, supplier))
    holding: dict[int, set[int]] = {}
    for some in _portions(whole):
        holders = select(lot.receivable_id, lot.holder).where(
            col(lot.receivable_id).in_(some), col(lot.is_settled).is_(other=False)
        )
        for number, holder in session.exec(holders.distinct()):
            holding.setdefault(number, set()).add(holder)
    named = set(lots)
    of_lots: dict[tuple[int, int], int] = {}
    for some in _portions({number for number, _ in named}):
        sequences = {sequence for number, sequence in named if number in some}
        held = select(lot.receivable_id, lot.lot_sequence, lot.holder).where(
            col(lot.receivable_id).in_(some), col(lot.lot_sequence).in_(sequences)
        )
        of_lots |= {(number, sequence): holder for number, sequence, holder in session.exec(held)}
    of_requests: dict[int, int] = {}
    for some in _portions(requests):
        asked = select(request.request_id, request.holder)
        of_requests |= dict(session.exec(asked.where(col(request.request_id).in_(some))).all())
    return Parties(
        owing,
        {number: frozenset(found) for number, found in holding.items()},
        of_lots,
        of_requests,
        _funders(session),
    )


def _funders(session: Session) -> frozenset[int]:
    rows = session.exec(select(ParticipantRow))
    return frozenset(row.organisation for row in rows if ParticipantKind.FUNDER in row.kinds)


def _portions(values: Iterable[int]) -> list[list[int]]:
    wanted = sorted(set(values))
    return [wanted[start : start + _KEYS_A_QUERY] for start in range(0, len(wanted), _KEYS_A_QUERY)]
