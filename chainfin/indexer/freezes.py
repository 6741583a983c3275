"""Projections: what courts and authorities keep lots for."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.indexer.lots import advance_receivable
from chainfin.indexer.rows import Rows, staged
from chainfin.models.freezes import FreezeRow

# Rows in the making: see `rows.staged`.
_Freeze = staged(FreezeRow)


def lot_frozen(rows: Rows, log: RawLog, event: said.LotFrozen) -> None:
    """A court's order arrives."""
    _add(rows, log, event, is_hold=False, to_court=event.to_court)


def lot_held(rows: Rows, log: RawLog, event: said.LotHeld) -> None:
    """An authority's hold arrives; money waits."""
    _add(rows, log, event, is_hold=True, to_court=False)


def freeze_renewed(rows: Rows, _log: RawLog, event: said.FreezeRenewed) -> None:
    """It holds longer."""
    _freeze_of(rows, event).expires_at = event.expires_at


def freeze_lifted(rows: Rows, log: RawLog, event: said.FreezeLifted) -> None:
    """It holds no more."""
    _freeze_of(rows, event).lifted_at = log.position.block_timestamp


def _add(
    rows: Rows,
    log: RawLog,
    event: said.LotFrozen | said.LotHeld,
    *,
    is_hold: bool,
    to_court: bool,
) -> None:
    advance_receivable(rows, event)
    rows.add(
        _Freeze(
            receivable_id=event.receivable_id,
            lot_sequence=event.lot_sequence,
            reference_hash=event.reference_hash,
            sequence=event.sequence,
            holder=event.holder,
            court=event.court,
            is_hold=is_hold,
            to_court=to_court,
            started_at=log.position.block_timestamp,
            expires_at=event.expires_at,
        )
    )


def _freeze_of(rows: Rows, event: said.FreezeRenewed | said.FreezeLifted) -> FreezeRow:
    advance_receivable(rows, event)
    return rows.get(FreezeRow, event.receivable_id, event.lot_sequence, event.reference_hash)
