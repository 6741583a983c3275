"""Private tables of the audit log: who read or did what, chained. Rows are only ever added.

An entry is added in the transaction of what it tells of, without waiting for others; the worker
seals entries in the order it finds them. So neither readers nor writers queue for the chain's head.
"""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, func
from sqlmodel import Field, Session, SQLModel, col, select

_STRAGGLERS = 10_000


class AuditEntryRow(SQLModel, table=True):
    """One thing that somebody read or did.

    Attributes:
        actor: The credential or person.
        action: Method and route, `GET /v1/lots/{lot_id}`.
        subject: The path itself.
    """

    __tablename__: ClassVar[str] = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    organisation: int = Field(sa_type=BigInteger)
    actor: str
    action: str
    subject: str
    request_id: str


class AuditSealRow(SQLModel, table=True):
    """An entry's place in the chain, and the hash over it and all before."""

    __tablename__: ClassVar[str] = "audit_seal"

    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    entry_id: int = Field(unique=True)
    hash: str = Field(max_length=66)


class AuditAnchorRow(SQLModel, table=True):
    """A seal whose hash went into a block."""

    __tablename__: ClassVar[str] = "audit_anchor"

    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    hash: str = Field(max_length=66)
    administration_id: int
    at: int = Field(sa_type=BigInteger)


def unsealed(session: Session, limit: int) -> Sequence[AuditEntryRow]:
    """Entries that are not in the chain yet, oldest first.

    Entries are committed in about their order; only so far back is looked for stragglers.
    """
    newest = session.exec(select(func.max(AuditSealRow.entry_id))).one() or 0
    sealed = col(AuditSealRow.entry_id) == col(AuditEntryRow.id)
    query = (
        select(AuditEntryRow)
        .join(AuditSealRow, sealed, isouter=True)
        .where(
            col(AuditEntryRow.id) > newest - _STRAGGLERS,
            col(AuditSealRow.sequence).is_(None),
        )
        .order_by(col(AuditEntryRow.id))
        .limit(limit)
    )
    return session.exec(query).all()


def newest_seal(session: Session) -> AuditSealRow | None:
    """The head of the chain."""
    return session.exec(
        select(AuditSealRow).order_by(col(AuditSealRow.sequence).desc()).limit(1)
    ).first()


def newest_anchor(session: Session) -> AuditAnchorRow | None:
    """The last seal that was put on chain."""
    return session.exec(
        select(AuditAnchorRow).order_by(col(AuditAnchorRow.sequence).desc()).limit(1)
    ).first()


def first_entry_at(session: Session) -> int | None:
    """When the log begins, UTC seconds."""
    query = select(AuditEntryRow.at).order_by(col(AuditEntryRow.id)).limit(1)
    return session.exec(query).first()


def anchors(session: Session) -> Sequence[AuditAnchorRow]:
    """Every seal that was put on chain, in order."""
    return session.exec(select(AuditAnchorRow).order_by(col(AuditAnchorRow.sequence))).all()


def sealed_after(
    session: Session, sequence: int, limit: int
) -> Sequence[tuple[AuditSealRow, AuditEntryRow | None]]:
    """Sealed entries in the chain's order; None where an entry is gone."""
    query = (
        select(AuditSealRow, AuditEntryRow)
        .join(AuditEntryRow, col(AuditEntryRow.id) == AuditSealRow.entry_id, isouter=True)
        .where(col(AuditSealRow.sequence) > sequence)
        .order_by(col(AuditSealRow.sequence))
        .limit(limit)
    )
    return session.exec(query).all()
