"""The copy of settlement banks' deposits: accounts, and their statements line by line.

Lines are only ever added, and each carries the account's state after it. So the last line that is
left after a reorganisation says what the account is.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, ClassVar

from sqlalchemy import Index, delete, update
from sqlmodel import Field, Session, col, select

from chainfin.models.columns import (
    Hash,
    IndexTable,
    Int64,
    KeyAddress,
    KeyInt64,
    OptionalHash,
    OptionalInt64,
    Word,
)


class DepositEntryKind(StrEnum):
    """What a line of a statement records."""

    OPENED = "opened"
    """The account was opened."""
    MINTED = "minted"
    """The bank credited it."""
    REDEEMED = "redeemed"
    """The owner gave money back to the bank."""
    PRICE_PAID = "price_paid"
    """The price of an award went out."""
    PRICE_RECEIVED = "price_received"
    """The price of an award came in."""
    EARMARKED = "earmarked"
    """Money was set aside for a receivable; it is still the owner's."""
    RESERVED = "reserved"
    """Money was set aside for a quote; it is still the owner's."""
    RESERVE_RELEASED = "reserve_released"
    """Money set aside for a quote is free again, or paid as its price next."""
    EARMARK_PAID = "earmark_paid"
    """Money set aside went out to holders of lots."""
    LOT_PAYMENT_RECEIVED = "lot_payment_received"
    """Payment on a lot came in."""


class DepositAccountRow(IndexTable, table=True):
    """An organisation's account with one deposit contract.

    Attributes:
        balance_minor: What the owner may use.
        earmarked_minor: What is set aside beside it.
    """

    __tablename__: ClassVar[str] = "deposit_account"
    __table_args__ = (Index("ix_deposit_account_organisation", "organisation"),)

    deposit: KeyAddress
    organisation: KeyInt64
    balance_minor: Int64
    earmarked_minor: Int64
    sequence: Int64
    opened_at: Int64


class DepositEntryRow(IndexTable, table=True):
    """One line of an account's statement.

    Attributes:
        amount_minor: How the owner's money changed, earmarks included: negative for what went out,
            0 for what is set aside or free again.
        balance_minor: Free balance after it.
        earmarked_minor: Set aside after it.
        counterparty: Who paid or was paid, if one did.
        receivable_id: The receivable it was for, if any.
        reference_hash: The bank's reference, or the hash of the order that caused it.
    """

    __tablename__: ClassVar[str] = "deposit_entry"
    __table_args__ = (
        Index("ix_deposit_entry_place", "block_number", "log_index"),
        Index("ix_deposit_entry_receivable", "receivable_id"),
    )

    deposit: KeyAddress
    organisation: KeyInt64
    sequence: KeyInt64
    kind: Annotated[DepositEntryKind, Field(sa_type=Word(DepositEntryKind))]
    amount_minor: Int64
    balance_minor: Int64
    earmarked_minor: Int64
    counterparty: OptionalInt64
    receivable_id: OptionalInt64
    reference_hash: OptionalHash
    booked_at: Int64
    block_number: Int64
    log_index: Int64
    transaction_hash: Hash


def get_deposit_account(
    session: Session, deposit: str, organisation: int
) -> DepositAccountRow | None:
    """An organisation's account with a deposit contract."""
    return session.get(DepositAccountRow, (deposit, organisation))


def deposits_of(session: Session, organisation: int) -> Sequence[DepositAccountRow]:
    """Every account of an organisation."""
    wanted = select(DepositAccountRow).where(DepositAccountRow.organisation == organisation)
    return session.exec(wanted.order_by(col(DepositAccountRow.deposit))).all()


def accounts_of_deposit(session: Session, deposit: str) -> Sequence[DepositAccountRow]:
    """Every account with a deposit contract."""
    wanted = select(DepositAccountRow).where(DepositAccountRow.deposit == deposit)
    return session.exec(wanted.order_by(col(DepositAccountRow.organisation))).all()


def accounts_changed_above(session: Session, block_number: int) -> list[tuple[str, int]]:
    """The accounts, as (deposit, organisation), whose statements have lines above a block."""
    row = DepositEntryRow
    wanted = select(row.deposit, row.organisation).where(row.block_number > block_number)
    return list(session.exec(wanted.distinct()))


def restore_accounts(session: Session, accounts: Sequence[tuple[str, int]]) -> None:
    """Set accounts back to what the last line left of their statement says, if one is left."""
    table = DepositAccountRow
    for deposit, organisation in accounts:
        place = (col(table.deposit) == deposit) & (col(table.organisation) == organisation)
        line = _last_line(session, deposit, organisation)
        if line is None:
            session.execute(delete(table).where(place))
            continue
        session.execute(
            update(table)
            .where(place)
            .values(
                balance_minor=line.balance_minor,
                earmarked_minor=line.earmarked_minor,
                sequence=line.sequence,
            )
        )


def _last_line(session: Session, deposit: str, organisation: int) -> DepositEntryRow | None:
    row = DepositEntryRow
    wanted = select(row).where(row.deposit == deposit, row.organisation == organisation)
    return session.exec(wanted.order_by(col(row.sequence).desc()).limit(1)).first()
