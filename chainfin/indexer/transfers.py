"""Projections: a lot passes from holder to holder, or is offered."""

from chainfin.codec.hashing import NO_HASH
from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.receivable import Encumbrance, TransferStatus
from chainfin.indexer.lots import advance_receivable, close_offer, lot_of, new_hop, pass_on
from chainfin.indexer.rows import Rows


def transfer_proposed(rows: Rows, log: RawLog, event: said.TransferProposed) -> None:
    """A lot is offered, and locked."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    lot.encumbrance = Encumbrance.LOCKED_TRANSFER
    lot.pending_transfer_sequence = event.sequence
    hop = new_hop(log, event, lot, event.from_, event.to, TransferStatus.PROPOSED)
    hop.offer_hash = event.offer
    hop.expires_at = event.expires_at
    hop.remark_hash = _or_none(event.remark_hash)
    rows.add(hop)


def transfer_accepted(rows: Rows, log: RawLog, event: said.TransferAccepted) -> None:
    """A lot changes hands; where offer and acceptance came together, no offer went before."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    if lot.pending_transfer_sequence is None:
        rows.add(new_hop(log, event, lot, event.from_, event.to, TransferStatus.ACCEPTED))
    else:
        close_offer(rows, log, lot, TransferStatus.ACCEPTED, event.sequence)
    pass_on(lot, event.to)


def transfer_rejected(rows: Rows, log: RawLog, event: said.TransferRejected) -> None:
    """The receiver declines; the lot is free."""
    _end_offer(rows, log, event, TransferStatus.REJECTED)


def transfer_revoked(rows: Rows, log: RawLog, event: said.TransferRevoked) -> None:
    """The holder takes its offer back; the lot is free."""
    _end_offer(rows, log, event, TransferStatus.REVOKED)


def transfer_lapsed(rows: Rows, log: RawLog, event: said.TransferLapsed) -> None:
    """Nobody answered; the lot is free."""
    _end_offer(rows, log, event, TransferStatus.LAPSED)


def lot_transferred(rows: Rows, log: RawLog, event: said.LotTransferred) -> None:
    """A lot changes hands at once."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    hop = new_hop(log, event, lot, event.from_, event.to, TransferStatus.DIRECT)
    hop.remark_hash = _or_none(event.remark_hash)
    rows.add(hop)
    pass_on(lot, event.to)


def _end_offer(
    rows: Rows,
    log: RawLog,
    event: said.TransferRejected | said.TransferRevoked | said.TransferLapsed,
    status: TransferStatus,
) -> None:
    advance_receivable(rows, event)
    close_offer(rows, log, lot_of(rows, event, event.lot_sequence), status, event.sequence)


def _or_none(value: str) -> str | None:
    return None if value == NO_HASH else value
