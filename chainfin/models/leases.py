"""Leases: which process does a job that only one may do. Told apart by a token that only grows.

The database's clock decides, never a process's own: a process whose clock is wrong, or that slept,
finds that its token is no longer the newest and stops before it writes.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import BigInteger, ColumnElement, func, literal_column
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.domain.service_errors import LeaseLost


class LeaseRow(SQLModel, table=True):
    """Who does a job, and until when unless it says so again."""

    __tablename__: ClassVar[str] = "lease"

    name: str = Field(primary_key=True)
    holder: str
    token: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)


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
    now = database_time(session)
    row = _locked(session, name)
    if row is None:
        session.add(LeaseRow(name=name, holder=holder, token=1, expires_at=now + seconds))
        session.flush()
        return Lease(name, 1)
    if row.holder != holder:
        if row.expires_at > now and session.get_bind().dialect.name != "sqlite":
            return None
        row.holder, row.token = holder, row.token + 1
    row.expires_at = now + seconds
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
        row.expires_at = 0
        session.add(row)


def database_time(session: Session) -> int:
    """The database's clock, UTC seconds."""
    if session.get_bind().dialect.name == "sqlite":
        return int(session.exec(select(func.strftime("%s", "now"))).one())
    clock: ColumnElement[int] = literal_column(
        "floor(extract(epoch from clock_timestamp()))::bigint"
    )
    return int(session.exec(select(clock)).one())


def _locked(session: Session, name: str) -> LeaseRow | None:
    wanted = select(LeaseRow).where(col(LeaseRow.name) == name).with_for_update()
    return session.exec(wanted.execution_options(populate_existing=True)).first()
