"""Leases: which process does a job that only one may do. Told apart by a token that only grows.

The database's clock decides, never a process's own: a process whose clock is wrong, or that slept,
finds that its token is no longer the newest and stops before it writes.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import BigInteger, ColumnElement, literal_column
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.domain.service_errors import LeaseLost

_CLOCK_MS = {
    "sqlite": "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
    "postgresql": "floor(extract(epoch from clock_timestamp()) * 1000)::bigint",
}


class LeaseRow(SQLModel, table=True):
    """Who does a job, and until when unless it says so again.

    Attributes:
        expires_at_ms: By the database's clock, UTC milliseconds.
    """

    __tablename__: ClassVar[str] = "lease"

    name: str = Field(primary_key=True)
    holder: str
    token: int = Field(sa_type=BigInteger)
    expires_at_ms: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that is this process's, by the token it was given."""

    name: str
    token: int


def take_lease(session: Session, name: str, holder: str, seconds: int) -> Lease | None:
    """Take or prolong a job; None while another process has it.

    On SQLite the newest asker always gets it: one machine, and what held it before is usually
    dead. If it is not, it notices by its token.
    """
    now = database_time_ms(session)
    expires_at_ms = now + seconds * 1_000
    row = _locked(session, name)
    if row is None:
        session.add(LeaseRow(name=name, holder=holder, token=1, expires_at_ms=expires_at_ms))
        session.flush()
        return Lease(name, 1)
    if row.holder != holder:
        if row.expires_at_ms > now and session.get_bind().dialect.name != "sqlite":
            return None
        row.holder, row.token = holder, row.token + 1
    row.expires_at_ms = expires_at_ms
    session.add(row)
    session.flush()
    return Lease(name, row.token)


def require_lease(session: Session, lease: Lease) -> None:
    """Refuse to go on with a job that another process has taken; holds it until the commit.

    Raises:
        LeaseLost: It has.
    """
    row = _locked(session, lease.name)
    if row is None or row.token != lease.token:
        raise LeaseLost(lease.name)


def give_back(session: Session, lease: Lease) -> None:
    """End a lease at once, so that the next process need not wait for its end."""
    row = _locked(session, lease.name)
    if row is not None and row.token == lease.token:
        row.expires_at_ms = 0
        session.add(row)


def leased_relayers(session: Session) -> list[str]:
    """The relayers that any process ever had, by address: their leases bear it as name."""
    names = session.exec(select(LeaseRow.name).where(col(LeaseRow.name).startswith("0x"))).all()
    return sorted(names)


def database_time_ms(session: Session) -> int:
    """The database's clock, UTC milliseconds."""
    clock: ColumnElement[int] = literal_column(_CLOCK_MS[session.get_bind().dialect.name])
    return int(session.exec(select(clock)).one())


def _locked(session: Session, name: str) -> LeaseRow | None:
    wanted = select(LeaseRow).where(col(LeaseRow.name) == name).with_for_update()
    return session.exec(wanted.execution_options(populate_existing=True)).first()
