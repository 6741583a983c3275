"""Projections: funders' limits, and what lots use of them."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.receivable import LotId
from chainfin.indexer.rows import Rows, advance, check_next, staged
from chainfin.models.credit_lines import CreditLineRow, CreditUtilisationRow

# Rows in the making: see `rows.staged`.
_CreditLine = staged(CreditLineRow)
_CreditUtilisation = staged(CreditUtilisationRow)


def credit_line_set(rows: Rows, _log: RawLog, event: said.CreditLineSet) -> None:
    """A limit is set, changed or closed."""
    key = (event.funder, event.anchor, event.currency)
    if event.sequence == 1:
        check_next(CreditLineRow, key, 0, event.sequence)
        rows.add(
            _CreditLine(
                funder=event.funder,
                anchor=event.anchor,
                currency=event.currency,
                limit_minor=event.limit,
                utilised_minor=0,
                expires_at=event.expires_at,
                sequence=event.sequence,
            )
        )
        return
    line = advance(rows, CreditLineRow, key, event.sequence)
    line.limit_minor = event.limit
    line.expires_at = event.expires_at


def credit_line_utilised(rows: Rows, _log: RawLog, event: said.CreditLineUtilised) -> None:
    """A lot that was bought uses the line."""
    _use(rows, event, event.amount)


def credit_line_released(rows: Rows, _log: RawLog, event: said.CreditLineReleased) -> None:
    """A lot gives the line back what it does not use any more."""
    _use(rows, event, -event.amount)


def credit_line_reserved(rows: Rows, _log: RawLog, event: said.CreditLineReserved) -> None:
    """A funded quote uses the line."""
    _reserve(rows, event)


def credit_reserve_released(rows: Rows, _log: RawLog, event: said.CreditReserveReleased) -> None:
    """A funded quote uses it no more; its lot does next, where it was awarded."""
    _reserve(rows, event)


def _reserve(rows: Rows, event: said.CreditLineReserved | said.CreditReserveReleased) -> None:
    key = (event.funder, event.anchor, event.currency)
    advance(rows, CreditLineRow, key, event.sequence).utilised_minor = event.utilised


def _use(rows: Rows, event: said.CreditLineUtilised | said.CreditLineReleased, change: int) -> None:
    key = (event.funder, event.anchor, event.currency)
    advance(rows, CreditLineRow, key, event.sequence).utilised_minor = event.utilised
    lot = LotId.from_token(event.lot_id)
    place = (lot.receivable_id, lot.lot_sequence, event.funder, event.anchor)
    used = rows.find(CreditUtilisationRow, *place)
    if used is None:
        rows.add(
            _CreditUtilisation(
                receivable_id=lot.receivable_id,
                lot_sequence=lot.lot_sequence,
                funder=event.funder,
                anchor=event.anchor,
                currency=event.currency,
                amount_minor=change,
            )
        )
    else:
        used.amount_minor += change
