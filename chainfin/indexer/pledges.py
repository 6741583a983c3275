"""Projections: lots as security for their holders' debts."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.pledges import PledgeStatus
from chainfin.domain.receivable import Encumbrance
from chainfin.indexer.lots import advance_receivable, lot_of
from chainfin.indexer.rows import Rows, staged
from chainfin.models.pledges import PledgeRow

# Rows in the making: see `rows.staged`.
_Pledge = staged(PledgeRow)


def pledge_proposed(rows: Rows, _log: RawLog, event: said.PledgeProposed) -> None:
    """A holder offers its lot; what it offered before is void."""
    advance_receivable(rows, event)
    # Known rows are loaded, so that the new one takes the place of the old.
    rows.find(PledgeRow, event.receivable_id, event.lot_sequence)
    rows.add(
        _Pledge(
            receivable_id=event.receivable_id,
            lot_sequence=event.lot_sequence,
            pledge_hash=event.pledge,
            holder=event.holder,
            pledgee=event.pledgee,
            status=PledgeStatus.PROPOSED,
            secured_minor=event.secured_amount,
            due_at=event.due_at,
            expires_at=event.expires_at,
            agreement_hash=event.agreement_hash,
            proposed_sequence=event.sequence,
            paid_before_minor=0,
        )
    )


def lot_pledged(rows: Rows, log: RawLog, event: said.LotPledged) -> None:
    """Its pledgee accepted and registered it."""
    pledge = _pledge_of(rows, event)
    pledge.status = PledgeStatus.HELD
    pledge.filing_hash = event.filing_hash
    pledge.filed_at = event.filed_at
    pledge.accepted_at = log.position.block_timestamp
    lot_of(rows, event, event.lot_sequence).encumbrance = Encumbrance.PLEDGED


def pledge_released(rows: Rows, _log: RawLog, event: said.PledgeReleased) -> None:
    """Its pledgee lets the lot go."""
    _pledge_of(rows, event).status = PledgeStatus.RELEASED
    lot = lot_of(rows, event, event.lot_sequence)
    if lot.encumbrance is Encumbrance.PLEDGED:
        lot.encumbrance = Encumbrance.NONE


def pledge_enforced(rows: Rows, _log: RawLog, event: said.PledgeEnforced) -> None:
    """Its pledgee collects from now on."""
    pledge = _pledge_of(rows, event)
    pledge.status = PledgeStatus.ENFORCED
    pledge.paid_before_minor = lot_of(rows, event, event.lot_sequence).paid_minor


def _pledge_of(
    rows: Rows, event: said.LotPledged | said.PledgeReleased | said.PledgeEnforced
) -> PledgeRow:
    advance_receivable(rows, event)
    return rows.get(PledgeRow, event.receivable_id, event.lot_sequence)
