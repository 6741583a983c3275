"""Private tables of the relayers: every transaction they sign, stored before it leaves.

A transaction is told apart by its relayer and nonce. Its bytes may be signed anew with a higher
fee; the earlier ones stay, because any of them may be the one that a block holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary, func
from sqlmodel import Field, Session, SQLModel, col, select, update

_HASHES_A_QUERY = 500


class RelayStatus(StrEnum):
    """Where a relayed transaction stands."""

    STORED = "stored"
    """Its bytes are stored; they may or may not have been sent."""
    SENT = "sent"
    """A node took it."""
    INCLUDED = "included"
    """It is in a block and did what it was for."""
    REVERTED = "reverted"
    """It is in a block and was refused."""
    LOST = "lost"
    """Its nonce was used by a transaction that is not ours; what it carried goes out again."""


class RelayTransactionRow(SQLModel, table=True):
    """A transaction of a relayer.

    Attributes:
        is_empty: It carries nothing any more: no node would ever take what it carried, and its
            nonce must be used for the next ones to run.
        hash, raw: The newest bytes; earlier ones are `RelayReplacedRow`s.
        fee_per_gas: The most these bytes offer, wei.
    """

    __tablename__: ClassVar[str] = "relay_transaction"
    __table_args__ = (
        Index("ux_relay_nonce", "relayer", "nonce", unique=True),
        Index("ix_relay_status", "status", "relayer", "nonce"),
    )

    id: int | None = Field(default=None, primary_key=True)
    order_hash: str | None = Field(default=None, index=True)
    run_index: int | None = None
    administration_id: int | None = None
    is_empty: bool = False
    relayer: str
    nonce: int = Field(sa_type=BigInteger)
    hash: str = Field(unique=True)
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    fee_per_gas: int = Field(default=0, sa_type=BigInteger)
    status: str
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    sent_at: int | None = Field(default=None, sa_type=BigInteger)


class RelayReplacedRow(SQLModel, table=True):
    """Earlier bytes of a transaction, signed before its fee was raised."""

    __tablename__: ClassVar[str] = "relay_replaced"

    hash: str = Field(primary_key=True)
    transaction_id: int = Field(index=True)


def relayed_with_status(
    session: Session, status: RelayStatus, limit: int, relayers: Iterable[str] | None = None
) -> Sequence[RelayTransactionRow]:
    """Transactions in a status, lowest nonce first; of these relayers only, if any are named."""
    wanted = select(RelayTransactionRow).where(RelayTransactionRow.status == status)
    if relayers is not None:
        wanted = wanted.where(col(RelayTransactionRow.relayer).in_(list(relayers)))
    return session.exec(wanted.order_by(col(RelayTransactionRow.nonce)).limit(limit)).all()


def relayed_by_id(session: Session, ids: Iterable[int]) -> dict[int, RelayTransactionRow]:
    """Transactions by id, those that exist."""
    wanted = select(RelayTransactionRow).where(col(RelayTransactionRow.id).in_(list(ids)))
    return {row.id or 0: row for row in session.exec(wanted)}


def relayed_for(session: Session, order_hash: str) -> Sequence[RelayTransactionRow]:
    """Every transaction that carried an order, oldest first."""
    wanted = select(RelayTransactionRow).where(RelayTransactionRow.order_hash == order_hash)
    return session.exec(wanted.order_by(col(RelayTransactionRow.id))).all()


def highest_relayed_nonce(session: Session, relayer: str) -> int:
    """The highest nonce allotted to a relayer; -1 for none."""
    wanted = select(func.coalesce(func.max(RelayTransactionRow.nonce), -1))
    return int(session.exec(wanted.where(RelayTransactionRow.relayer == relayer)).one())


def ended_from(
    session: Session, relayer: str, nonce: int, *, limit: int
) -> Sequence[RelayTransactionRow]:
    """Transactions of a relayer that had ended, from a nonce on, lowest first."""
    ended = [RelayStatus.INCLUDED, RelayStatus.REVERTED, RelayStatus.LOST]
    wanted = select(RelayTransactionRow).where(
        RelayTransactionRow.relayer == relayer,
        RelayTransactionRow.nonce >= nonce,
        col(RelayTransactionRow.status).in_(ended),
    )
    return session.exec(wanted.order_by(col(RelayTransactionRow.nonce)).limit(limit)).all()


def under_way(session: Session, relayers: Iterable[str]) -> dict[str, int]:
    """How many transactions of each relayer no block holds yet."""
    wanted = (
        select(RelayTransactionRow.relayer, func.count())
        .where(
            col(RelayTransactionRow.relayer).in_(list(relayers)),
            col(RelayTransactionRow.status).in_([RelayStatus.STORED, RelayStatus.SENT]),
        )
        .group_by(RelayTransactionRow.relayer)
    )
    return {relayer: int(count) for relayer, count in session.exec(wanted).all()}


def oldest_under_way(session: Session) -> int | None:
    """When the oldest transaction that no block holds yet was stored, UTC seconds."""
    waiting = col(RelayTransactionRow.status).in_([RelayStatus.STORED, RelayStatus.SENT])
    oldest: int | None = session.exec(
        select(func.min(RelayTransactionRow.created_at)).where(waiting)
    ).one()
    return oldest


def earlier_hashes(session: Session, ids: Iterable[int]) -> Mapping[int, list[str]]:
    """The hashes of replaced bytes, by transaction, oldest first."""
    found: dict[int, list[str]] = {}
    wanted = select(RelayReplacedRow).where(col(RelayReplacedRow.transaction_id).in_(list(ids)))
    for row in session.exec(wanted).all():
        found.setdefault(row.transaction_id, []).append(row.hash)
    return found


def note_included(session: Session, hashes: Iterable[str]) -> None:
    """Note that transactions ran: the index read their events. Unknown hashes are passed over."""
    wanted = list(hashes)
    for start in range(0, len(wanted), _HASHES_A_QUERY):
        session.exec(
            update(RelayTransactionRow)
            .where(
                col(RelayTransactionRow.hash).in_(wanted[start : start + _HASHES_A_QUERY]),
                col(RelayTransactionRow.status).in_([RelayStatus.STORED, RelayStatus.SENT]),
            )
            .values(status=RelayStatus.INCLUDED)
        )
