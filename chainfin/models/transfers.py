"""The copy of the ledger's transfers: every hop of a lot, done or offered."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import Index, tuple_
from sqlmodel import Session, col, select

from chainfin.domain.receivable import LotId, TransferHop, TransferStatus
from chainfin.models.columns import (
    IndexTable,
    Int64,
    KeyInt64,
    OptionalHash,
    OptionalInt64,
    StatusOfTransfer,
)


class TransferRow(IndexTable, table=True):
    """A hop: the lot, and the receivable's event that began it, are its number."""

    __tablename__: ClassVar[str] = "transfer"
    __table_args__ = (
        Index("ix_transfer_sender", "sender", "status"),
        Index("ix_transfer_receiver", "receiver", "status"),
    )

    receivable_id: KeyInt64
    lot_sequence: KeyInt64
    proposed_sequence: KeyInt64
    sender: Int64
    receiver: Int64
    status: StatusOfTransfer
    offer_hash: OptionalHash
    expires_at: OptionalInt64
    remark_hash: OptionalHash
    proposed_at: Int64
    answered_sequence: OptionalInt64 = None
    answered_at: OptionalInt64 = None

    def to_domain(self) -> TransferHop:
        """As a value."""
        return TransferHop(
            receivable_id=self.receivable_id,
            lot_sequence=self.lot_sequence,
            proposed_sequence=self.proposed_sequence,
            sender=self.sender,
            receiver=self.receiver,
            status=self.status,
            offer_hash=self.offer_hash,
            expires_at=self.expires_at,
            remark_hash=self.remark_hash,
            proposed_at=self.proposed_at,
            answered_sequence=self.answered_sequence,
            answered_at=self.answered_at,
        )


def transfers_of_lot(session: Session, lot_id: LotId) -> list[TransferHop]:
    """Every hop of a lot in order."""
    wanted = select(TransferRow).where(
        TransferRow.receivable_id == lot_id.receivable_id,
        TransferRow.lot_sequence == lot_id.lot_sequence,
    )
    rows = session.exec(wanted.order_by(col(TransferRow.proposed_sequence)))
    return [row.to_domain() for row in rows]


def transfers_of_receivable(session: Session, receivable_id: int) -> list[TransferHop]:
    """Every hop of every lot of a receivable, in the order they began."""
    wanted = select(TransferRow).where(TransferRow.receivable_id == receivable_id)
    ordered = wanted.order_by(col(TransferRow.proposed_sequence), col(TransferRow.lot_sequence))
    return [row.to_domain() for row in session.exec(ordered)]


def list_transfers(
    session: Session,
    *,
    sender: int | None = None,
    receiver: int | None = None,
    party: int | None = None,
    statuses: Iterable[TransferStatus] = (),
    after: tuple[int, int, int] | None = None,
    limit: int = 100,
) -> list[TransferHop]:
    """Hops by number.

    Args:
        session: The database.
        sender: Only of this sender.
        receiver: Only to this receiver.
        party: Only of or to this organisation.
        statuses: Only in one of these, if there are any.
        after: Only with a higher (receivable, lot, event) number.
        limit: At most so many.
    """
    row = TransferRow
    wanted = select(row)
    if sender is not None:
        wanted = wanted.where(row.sender == sender)
    if receiver is not None:
        wanted = wanted.where(row.receiver == receiver)
    if party is not None:
        wanted = wanted.where((col(row.sender) == party) | (col(row.receiver) == party))
    if found := list(statuses):
        wanted = wanted.where(col(row.status).in_(found))
    place = (col(row.receivable_id), col(row.lot_sequence), col(row.proposed_sequence))
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return [hop.to_domain() for hop in session.exec(wanted.order_by(*place).limit(limit))]
