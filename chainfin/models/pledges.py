"""The copy of pledges: the newest of each lot."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, TypeAlias

from sqlalchemy import Index, or_, tuple_
from sqlmodel import Field, Session, col, select

from chainfin.domain.pledges import Pledge, PledgeStatus
from chainfin.domain.receivable import LotId
from chainfin.models.columns import (
    Code,
    Hash,
    IndexTable,
    Int64,
    KeyInt64,
    OptionalHash,
    OptionalInt64,
)

StatusOfPledge: TypeAlias = Annotated[PledgeStatus, Field(sa_type=Code(PledgeStatus))]


class PledgeRow(IndexTable, table=True):
    """A lot as security for a debt: what was offered last, and what became of it.

    Attributes:
        agreement_hash: Of the agreement the debt stands in.
        proposed_sequence: Number of the receivable's event that offered it.
    """

    __tablename__: ClassVar[str] = "pledge"
    __table_args__ = (
        Index("ix_pledge_pledgee", "pledgee", "receivable_id"),
        Index("ix_pledge_holder", "holder", "receivable_id"),
    )

    receivable_id: KeyInt64
    lot_sequence: KeyInt64
    pledge_hash: Hash
    holder: Int64
    pledgee: Int64
    status: StatusOfPledge
    secured_minor: Int64
    due_at: Int64
    expires_at: Int64
    agreement_hash: Hash
    proposed_sequence: Int64
    paid_before_minor: Int64 = 0
    filing_hash: OptionalHash = None
    filed_at: OptionalInt64 = None
    accepted_at: OptionalInt64 = None

    def to_domain(self) -> Pledge:
        """As the contract has it."""
        return Pledge(
            lot_id=LotId(self.receivable_id, self.lot_sequence),
            pledge_hash=self.pledge_hash,
            holder=self.holder,
            pledgee=self.pledgee,
            status=self.status,
            secured_minor=self.secured_minor,
            due_at=self.due_at,
            expires_at=self.expires_at,
            paid_before_minor=self.paid_before_minor,
            filing_hash=self.filing_hash,
            filed_at=self.filed_at,
            accepted_at=self.accepted_at,
        )


def pledge_of_lot(session: Session, lot_id: LotId) -> PledgeRow | None:
    """The newest pledge of a lot."""
    return session.get(PledgeRow, (lot_id.receivable_id, lot_id.lot_sequence))


def pledges_of_receivable(session: Session, receivable_id: int) -> Sequence[PledgeRow]:
    """The newest pledge of each lot of a receivable."""
    wanted = select(PledgeRow).where(PledgeRow.receivable_id == receivable_id)
    return session.exec(wanted.order_by(col(PledgeRow.lot_sequence))).all()


def list_pledges(
    session: Session, *, party: int | None, after: tuple[int, int] | None = None, limit: int
) -> Sequence[PledgeRow]:
    """Pledges an organisation gave or was given, or all, by lot.

    Args:
        session: The database.
        party: The holder or the pledgee; None for all.
        after: Only of lots behind this one, by receivable and lot.
        limit: At most so many.
    """
    row = PledgeRow
    place = (col(row.receivable_id), col(row.lot_sequence))
    wanted = select(row)
    if party is not None:
        wanted = wanted.where(or_(col(row.holder) == party, col(row.pledgee) == party))
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return session.exec(wanted.order_by(*place).limit(limit)).all()


def is_pledgee(session: Session, receivable_id: int, organisation: int) -> bool:
    """Whether an organisation was offered or given a lot of a receivable as security."""
    row = PledgeRow
    wanted = select(row.lot_sequence).where(
        row.receivable_id == receivable_id, row.pledgee == organisation
    )
    return session.exec(wanted.limit(1)).first() is not None
