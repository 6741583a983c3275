"""The copy of what banks attested and payees confirmed of money that moved outside the chain."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Index, or_, tuple_
from sqlmodel import Session, col, select

from chainfin.domain.receivable import LotId
from chainfin.models.columns import Hash, IndexTable, Int64, KeyInt64
from chainfin.models.financings import FundingAttestationRow
from chainfin.models.receivables import ReceivableRow


class AttestationRow(IndexTable, table=True):
    """A lot that was paid in full outside the chain, by the word of its payee's bank.

    Attributes:
        sequence: Number of the receivable's event.
        amount_minor: All that was outstanding on the lot.
        late_interest_minor: What had accrued on it at `value_at`, and came in beside it.
        line_hash: The line of the bank's statement.
    """

    __tablename__: ClassVar[str] = "attestation"
    __table_args__ = (
        Index("ix_attestation_payee", "payee", "receivable_id"),
        Index("ix_attestation_bank", "bank", "receivable_id"),
        Index("ix_attestation_line", "line_hash"),
    )

    receivable_id: KeyInt64
    lot_sequence: KeyInt64
    sequence: Int64
    payee: Int64
    bank: Int64
    amount_minor: Int64
    late_interest_minor: Int64
    value_at: Int64
    line_hash: Hash
    attested_at: Int64
    transaction_hash: Hash


class ConfirmationRow(IndexTable, table=True):
    """A payee's own word that it was paid outside the chain; nothing is paid by it."""

    __tablename__: ClassVar[str] = "confirmation"

    receivable_id: KeyInt64
    sequence: KeyInt64
    lot_sequence: Int64
    payee: Int64
    bank: Int64
    amount_minor: Int64
    late_interest_minor: Int64
    line_hash: Hash
    confirmed_at: Int64


def list_attestations(
    session: Session, *, party: int | None, after: tuple[int, int] | None, limit: int
) -> Sequence[tuple[AttestationRow, ReceivableRow]]:
    """Attested payments by lot, each with its receivable.

    Args:
        session: The database.
        party: Only those this organisation received, attested, or owed.
        after: Only of lots after this one, by receivable and lot.
        limit: At most so many.
    """
    row, receivable = AttestationRow, ReceivableRow
    wanted = select(row, receivable).join(
        receivable, col(receivable.receivable_id) == row.receivable_id
    )
    if party is not None:
        wanted = wanted.where(
            or_(col(row.payee) == party, col(row.bank) == party, col(receivable.obligor) == party)
        )
    place = (col(row.receivable_id), col(row.lot_sequence))
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return session.exec(wanted.order_by(*place).limit(limit)).all()


def amounts_attested_by(session: Session, line_hashes: Iterable[str]) -> dict[str, int]:
    """How much of each line was attested, as payment of a lot or as the price of one."""
    paid, funded, wanted = AttestationRow, FundingAttestationRow, set(line_hashes)
    used: Counter[str] = Counter()
    for payment in session.exec(select(paid).where(col(paid.line_hash).in_(wanted))):
        used[payment.line_hash] += payment.amount_minor + payment.late_interest_minor
    for funding in session.exec(select(funded).where(col(funded.line_hash).in_(wanted))):
        used[funding.line_hash] += funding.amount_minor
    return dict(used)


def attestations_of(
    session: Session, payee: int, *, after: int, until: int
) -> Sequence[AttestationRow]:
    """What a payee was paid outside the chain, by attestations after one instant up to another."""
    row = AttestationRow
    wanted = select(row).where(
        row.payee == payee, row.attested_at > after, row.attested_at <= until
    )
    return session.exec(wanted.order_by(col(row.attested_at), col(row.receivable_id))).all()


def confirmations_of(
    session: Session, receivable_ids: Iterable[int]
) -> set[tuple[LotId, int, str]]:
    """What the payees of these receivables' lots confirmed: lot, bank and the bank's line."""
    row, wanted = ConfirmationRow, set(receivable_ids)
    return {
        (LotId(found.receivable_id, found.lot_sequence), found.bank, found.line_hash)
        for found in session.exec(select(row).where(col(row.receivable_id).in_(wanted)))
    }
