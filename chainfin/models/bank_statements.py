"""Private tables of banks' statements: accounts, statements, and their lines with what they are.

Each organisation sees only what it imported itself. Nothing here goes on chain but, in a bank's
attestation, the hash of a line.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, ClassVar

from sqlalchemy import Column, Index, Text, func
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.domain.statements import Direction, LineStatus
from chainfin.models.columns import (
    Currency,
    Hash,
    Int64,
    KeyCurrency,
    KeyHash,
    KeyInt64,
    OptionalInt64,
    OptionalShortText,
    ShortText,
    Word,
)

_HASHES_A_QUERY = 500


class BankAccountRow(SQLModel, table=True):
    """An account whose statements an organisation imports.

    Attributes:
        organisation: Who imports; itself, or a settlement bank for its customer.
        account: As `account_key` writes it.
        owner: Whose money it is.
        holder_name: The holder as the bank has it.
        bic: The bank's code, if known.
    """

    __tablename__: ClassVar[str] = "bank_account"
    __table_args__ = (Index("ix_bank_account_owner", "owner", "currency"),)

    organisation: KeyInt64
    account: str = Field(primary_key=True)
    currency: KeyCurrency
    owner: Int64
    holder_name: str
    bic: str | None = None
    recorded_at: Int64


class BankStatementRow(SQLModel, table=True):
    """A statement as it was imported.

    Attributes:
        number: Running number of the organisation's imports, from 1.
        content_hash: Over lines and balances: tells a repeated statement from a changed one.
        findings: What is odd, comma between.
    """

    __tablename__: ClassVar[str] = "bank_statement"
    __table_args__ = (
        Index(
            "ux_bank_statement_id", "organisation", "account", "kind", "statement_id", unique=True
        ),
    )

    organisation: KeyInt64
    number: KeyInt64
    account: str
    currency: Currency
    kind: ShortText
    version: int
    message_id: str
    statement_id: str
    sequence: str | None = None
    opening_minor: OptionalInt64 = None
    closing_minor: OptionalInt64 = None
    line_count: int
    findings: str
    content_hash: Hash
    file_hash: Hash
    imported_at: Int64


class StatementLineRow(SQLModel, table=True):
    """One booking; and what it was recognised as.

    Attributes:
        line_hash: Its name outside (`statement_line_hash`).
        line_number: Place among all lines of the organisation.
        statement_number: The statement it came in first.
        level: How surely it was recognised; None while it is not.
        expected: Keys of the payments it is, comma between.
        difference_minor: What all lines of the match come to, less what was expected.
        exception: Why a person has to look; None if none has to.
        resolution: What that person found, once they did.
    """

    __tablename__: ClassVar[str] = "bank_statement_line"
    __table_args__ = (
        Index("ux_bank_statement_line_number", "organisation", "line_number", unique=True),
        Index("ix_bank_statement_line_account", "organisation", "account", "level"),
    )

    organisation: KeyInt64
    line_hash: KeyHash
    line_number: Int64
    statement_number: Int64
    account: str
    currency: Currency
    entry: int
    part: int
    ordinal: int
    amount_minor: Int64
    direction: Annotated[Direction, Field(sa_type=Word(Direction))]
    status: Annotated[LineStatus, Field(sa_type=Word(LineStatus))]
    is_reversal: bool
    booking_date: date | None = None
    value_date: date | None = None
    bank_reference: str | None = None
    end_to_end_id: str | None = None
    references: str = Field(sa_column=Column("remittance", Text, nullable=False))
    counterparty_account: str | None = None
    counterparty_name: str | None = None
    level: OptionalShortText = None
    expected: str = Field(default="", sa_column=Column(Text, nullable=False))
    difference_minor: OptionalInt64 = None
    matched_at: OptionalInt64 = None
    exception: OptionalShortText = None
    resolution: str | None = None
    resolved_at: OptionalInt64 = None


# --- accounts --------------------------------------------------------------------------------


def bank_accounts(session: Session, organisation: int) -> Sequence[BankAccountRow]:
    """The accounts whose statements an organisation imports."""
    row = BankAccountRow
    wanted = select(row).where(row.organisation == organisation)
    return session.exec(wanted.order_by(col(row.account), col(row.currency))).all()


def accounts_of_owners(
    session: Session, owners: Iterable[int], currency: str
) -> Sequence[BankAccountRow]:
    """The accounts that these organisations gave as their own."""
    row = BankAccountRow
    wanted = select(row).where(
        col(row.owner).in_(set(owners)), row.currency == currency, row.organisation == row.owner
    )
    return session.exec(wanted.order_by(col(row.owner), col(row.recorded_at))).all()


def lock_account(
    session: Session, organisation: int, account: str, currency: str
) -> BankAccountRow | None:
    """An account, kept from others that import or match until this transaction ends."""
    return session.get(
        BankAccountRow,
        (organisation, account, currency),
        with_for_update=True,
        populate_existing=True,
    )


# --- statements ------------------------------------------------------------------------------


def find_statement(
    session: Session, organisation: int, *, account: str, kind: str, statement_id: str
) -> BankStatementRow | None:
    """A statement by the bank's number of it."""
    row = BankStatementRow
    wanted = select(row).where(
        row.organisation == organisation,
        row.account == account,
        row.kind == kind,
        row.statement_id == statement_id,
    )
    return session.exec(wanted).first()


def highest_statement_number(session: Session, organisation: int) -> int:
    """The number of an organisation's newest import; 0 if there is none."""
    row = BankStatementRow
    wanted = select(func.max(row.number)).where(row.organisation == organisation)
    return session.exec(wanted).one() or 0


def list_statements(
    session: Session, organisation: int, *, after: int, limit: int
) -> Sequence[BankStatementRow]:
    """An organisation's statements by number, from the one after a number on."""
    row = BankStatementRow
    wanted = select(row).where(row.organisation == organisation, row.number > after)
    return session.exec(wanted.order_by(col(row.number)).limit(limit)).all()


# --- lines -----------------------------------------------------------------------------------


def lines_by_hash(
    session: Session, organisation: int, hashes: Sequence[str]
) -> dict[str, StatementLineRow]:
    """Lines by hash, those an organisation has."""
    row = StatementLineRow
    found: dict[str, StatementLineRow] = {}
    for start in range(0, len(hashes), _HASHES_A_QUERY):
        some = hashes[start : start + _HASHES_A_QUERY]
        wanted = select(row).where(row.organisation == organisation, col(row.line_hash).in_(some))
        found |= {line.line_hash: line for line in session.exec(wanted)}
    return found


def lines_of_statement(
    session: Session, organisation: int, number: int
) -> Sequence[StatementLineRow]:
    """The lines that came first in a statement."""
    row = StatementLineRow
    wanted = select(row).where(row.organisation == organisation, row.statement_number == number)
    return session.exec(wanted.order_by(col(row.line_number))).all()


def unmatched_lines(
    session: Session, organisation: int, account: str, currency: str
) -> Sequence[StatementLineRow]:
    """Booked lines of an account that are not recognised and nobody has dealt with."""
    row = StatementLineRow
    wanted = select(row).where(
        row.organisation == organisation,
        row.account == account,
        row.currency == currency,
        row.status == LineStatus.BOOKED,
        col(row.level).is_(None),
        col(row.resolution).is_(None),
    )
    return session.exec(wanted.order_by(col(row.line_number))).all()


def attestable_lines(
    session: Session, organisation: int, levels: Sequence[str], *, first: int, limit: int
) -> Sequence[StatementLineRow]:
    """Booked credits of an organisation that were recognised at one of these levels, in order.

    Args:
        session: The database.
        organisation: Who imported them.
        levels: How surely they were recognised.
        first: Only from the line of this number on.
        limit: At most so many.
    """
    row = StatementLineRow
    wanted = select(row).where(
        row.organisation == organisation,
        col(row.level).in_(levels),
        row.direction == Direction.CREDIT,
        row.status == LineStatus.BOOKED,
        row.line_number >= first,
    )
    return session.exec(wanted.order_by(col(row.line_number)).limit(limit)).all()


def matched_keys(session: Session, organisation: int) -> set[str]:
    """The keys of every expected payment that lines of an organisation were recognised as."""
    row = StatementLineRow
    wanted = select(row.expected).where(
        row.organisation == organisation, col(row.level).is_not(None)
    )
    return {key for keys in session.exec(wanted) for key in keys.split(",") if key}


def exception_lines(
    session: Session, organisation: int, *, after: int, limit: int
) -> Sequence[StatementLineRow]:
    """The work list: lines a person has to look at, the oldest first."""
    row = StatementLineRow
    wanted = select(row).where(
        row.organisation == organisation,
        col(row.exception).is_not(None),
        col(row.resolution).is_(None),
        row.line_number > after,
    )
    return session.exec(wanted.order_by(col(row.line_number)).limit(limit)).all()


def count_lines(session: Session, organisation: int) -> dict[str, int]:
    """How many booked lines are of each level, exceptions, resolved, or not looked at."""
    row = StatementLineRow
    counts: dict[str, int] = {}
    group = (col(row.level), col(row.exception), col(row.resolution).is_(None))
    wanted = select(*group, func.count()).where(
        row.organisation == organisation, row.status == LineStatus.BOOKED
    )
    for level, exception, is_open, count in session.exec(wanted.group_by(*group)):
        unmatched = ("exception" if exception else "new") if is_open else "resolved"
        name = level or unmatched
        counts[name] = counts.get(name, 0) + count
    return counts
