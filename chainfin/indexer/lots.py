"""What projections of one receivable share: its stream, its lots, their hops."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.receivable import Encumbrance, TransferStatus
from chainfin.indexer.rows import Rows, advance, staged
from chainfin.models.receivables import LotRow, ReceivableRow
from chainfin.models.transfers import TransferRow

# Rows in the making: see `rows.staged`.
_Lot = staged(LotRow)
_Transfer = staged(TransferRow)


def advance_receivable(rows: Rows, event: said.ReceivableAct) -> ReceivableRow:
    """The receivable of an event, which is counted in its stream."""
    return advance(rows, ReceivableRow, (event.receivable_id,), event.sequence)


def lot_of(rows: Rows, event: said.ReceivableAct, lot_sequence: int) -> LotRow:
    """A lot of the receivable of an event."""
    return rows.get(LotRow, event.receivable_id, lot_sequence)


def child_of(parent: LotRow, lot_sequence: int, face_value: int, sequence: int) -> LotRow:
    """A part of a lot, in the same hands. What somebody has a claim on is not divided."""
    return _Lot(
        receivable_id=parent.receivable_id,
        lot_sequence=lot_sequence,
        parent_sequence=parent.lot_sequence,
        depth=parent.depth + 1,
        holder=parent.holder,
        original_face_value_minor=face_value,
        face_value_minor=face_value,
        paid_minor=0,
        tier=parent.tier,
        transfer_count=parent.transfer_count,
        encumbrance=Encumbrance.NONE,
        is_settled=False,
        created_sequence=sequence,
        late_interest_minor=0,
        is_attested=False,
        holdback_minor=0,
    )


def pass_on(lot: LotRow, holder: int) -> None:
    """A lot handed to another organisation is one tier further down the chain."""
    lot.holder = holder
    lot.tier += 1
    lot.transfer_count += 1


def free(lot: LotRow) -> None:
    """End what holds a lot for financing."""
    lot.encumbrance = Encumbrance.NONE
    lot.financing_request_id = None


def new_hop(
    log: RawLog,
    event: said.ReceivableAct,
    lot: LotRow,
    sender: int,
    receiver: int,
    status: TransferStatus,
) -> TransferRow:
    """A hop that begins with this event, and, unless it is an offer, ends with it."""
    sequence, at = event.sequence, log.position.block_timestamp
    is_open = status is TransferStatus.PROPOSED
    return _Transfer(
        receivable_id=lot.receivable_id,
        lot_sequence=lot.lot_sequence,
        proposed_sequence=sequence,
        sender=sender,
        receiver=receiver,
        status=status,
        offer_hash=None,
        expires_at=None,
        remark_hash=None,
        proposed_at=at,
        answered_sequence=None if is_open else sequence,
        answered_at=None if is_open else at,
    )


def close_offer(
    rows: Rows, log: RawLog, lot: LotRow, status: TransferStatus, sequence: int
) -> None:
    """Answer the lot's open offer and free the lot."""
    hop = rows.get(TransferRow, lot.receivable_id, lot.lot_sequence, lot.pending_transfer_sequence)
    hop.status = status
    hop.answered_sequence = sequence
    hop.answered_at = log.position.block_timestamp
    lot.encumbrance = Encumbrance.NONE
    lot.pending_transfer_sequence = None
