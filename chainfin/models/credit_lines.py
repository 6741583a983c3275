"""The copy of credit lines: funders' limits, and what each lot uses of them."""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Index, case
from sqlmodel import Session, col, select

from chainfin.domain.credit import CreditLine
from chainfin.domain.receivable import LotId
from chainfin.models.columns import Currency, IndexTable, Int64, KeyCurrency, KeyInt64
from chainfin.models.receivables import LotRow


class CreditLineRow(IndexTable, table=True):
    """One funder's limit on one anchor, or on a group's parent, in one currency."""

    __tablename__: ClassVar[str] = "credit_line"
    __table_args__ = (Index("ix_credit_line_anchor", "anchor", "funder"),)

    funder: KeyInt64
    anchor: KeyInt64
    currency: KeyCurrency
    limit_minor: Int64
    utilised_minor: Int64
    expires_at: Int64
    sequence: Int64

    def to_domain(self) -> CreditLine:
        """As the contract has it."""
        return CreditLine(
            funder=self.funder,
            anchor=self.anchor,
            currency=self.currency,
            limit_minor=self.limit_minor,
            utilised_minor=self.utilised_minor,
            expires_at=self.expires_at,
        )


class CreditUtilisationRow(IndexTable, table=True):
    """What one lot uses of one line; 0 once it is given back."""

    __tablename__: ClassVar[str] = "credit_utilisation"
    __table_args__ = (Index("ix_credit_utilisation_line", "funder", "anchor", "currency"),)

    receivable_id: KeyInt64
    lot_sequence: KeyInt64
    funder: KeyInt64
    anchor: KeyInt64
    currency: Currency
    amount_minor: Int64


def credit_lines_of(
    session: Session, *, funder: int | None = None, anchor: int | None = None
) -> Sequence[CreditLineRow]:
    """A funder's lines, or those on an anchor, by their parties."""
    row = CreditLineRow
    wanted = select(row)
    if funder is not None:
        wanted = wanted.where(row.funder == funder)
    if anchor is not None:
        wanted = wanted.where(row.anchor == anchor)
    return session.exec(wanted.order_by(col(row.funder), col(row.anchor), col(row.currency))).all()


def utilisations_of(session: Session, funder: int) -> Sequence[CreditUtilisationRow]:
    """What a funder's lots use of its lines."""
    row = CreditUtilisationRow
    wanted = select(row).where(row.funder == funder, row.amount_minor > 0)
    return session.exec(
        wanted.order_by(col(row.receivable_id), col(row.lot_sequence), col(row.anchor))
    ).all()


def releasable_lots(session: Session, *, limit: int) -> list[tuple[LotId, int]]:
    """Lots that use more of a line than their funder is still owed on them, and what that is."""
    row, lot = CreditUtilisationRow, LotRow
    owed = case(
        (col(lot.holder) == col(row.funder), col(lot.face_value_minor) - col(lot.paid_minor)),
        else_=0,
    )
    wanted = select(row.receivable_id, row.lot_sequence, owed).join(
        lot,
        (col(lot.receivable_id) == col(row.receivable_id))
        & (col(lot.lot_sequence) == col(row.lot_sequence)),
    )
    wanted = wanted.where(row.amount_minor > 0, col(row.amount_minor) > owed)
    found = session.exec(wanted.distinct().limit(limit)).all()
    return [(LotId(receivable, sequence), left) for receivable, sequence, left in found]
