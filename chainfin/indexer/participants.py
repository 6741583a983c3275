"""Projections: organisations, their keys and limits, the contracts they use, orders that ran."""

from chainfin.codec.hashing import NO_ADDRESS
from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.participant import ParticipantStatus
from chainfin.indexer.rows import Rows, advance, check_next, line, staged
from chainfin.models.participants import (
    DualControlLimitRow,
    ExecutedOrderRow,
    ParticipantKeyRow,
    ParticipantRow,
    SettlementBankRow,
    VenueRow,
)

# Rows in the making: see `rows.staged`.
_DualControlLimit = staged(DualControlLimitRow)
_ExecutedOrder = line(ExecutedOrderRow)
_Key = staged(ParticipantKeyRow)
_Participant = staged(ParticipantRow)
_SettlementBank = staged(SettlementBankRow)
_Venue = staged(VenueRow)


def dual_control_limit_set(rows: Rows, log: RawLog, event: said.DualControlLimitSet) -> None:
    """An organisation sets a limit; a higher one waits, and until then the one before counts."""
    _advance_participant(rows, event)
    row = rows.find(DualControlLimitRow, event.organisation, event.currency)
    if row is None:
        row = _DualControlLimit(
            organisation=event.organisation,
            currency=event.currency,
            limit_minor=0,
            next_limit_minor=0,
            next_from=0,
        )
        rows.add(row)
    if row.next_from <= log.position.block_timestamp:
        row.limit_minor = row.next_limit_minor
    row.next_limit_minor, row.next_from = event.limit, event.valid_from


def settlement_bank_named(rows: Rows, log: RawLog, event: said.SettlementBankNamed) -> None:
    """An organisation names its bank; until that counts, the one before does."""
    _advance_participant(rows, event)
    row = rows.find(SettlementBankRow, event.organisation, event.currency)
    if row is None:
        row = _SettlementBank(
            organisation=event.organisation,
            currency=event.currency,
            bank=0,
            next_bank=0,
            next_from=0,
        )
        rows.add(row)
    if row.next_from <= log.position.block_timestamp:
        row.bank = row.next_bank
    row.next_bank, row.next_from = event.bank, event.valid_from


def key_registered(rows: Rows, _log: RawLog, event: said.KeyRegistered) -> None:
    """An organisation has a key."""
    _advance_participant(rows, event)
    rows.add(
        _Key(
            key=event.key,
            organisation=event.organisation,
            roles=event.roles,
            kind=event.kind,
            valid_from=event.valid_from,
            valid_until=event.valid_until,
            person=event.person,
            registered_sequence=event.sequence,
        )
    )


def key_ended(rows: Rows, log: RawLog, event: said.KeyRevoked | said.KeyVetoed) -> None:
    """A key stops acting with this block, or will never have acted."""
    _advance_participant(rows, event)
    key = rows.get(ParticipantKeyRow, event.key)
    key.valid_until = log.position.block_timestamp
    key.revoked_sequence = event.sequence


def participant_admitted(rows: Rows, log: RawLog, event: said.ParticipantAdmitted) -> None:
    """An organisation joins."""
    check_next(ParticipantRow, (event.organisation,), 0, event.sequence)
    rows.add(
        _Participant(
            organisation=event.organisation,
            kinds=event.kinds,
            status=ParticipantStatus.ADMITTED,
            identity=event.identity,
            admitted_at=log.position.block_timestamp,
            licence_expires_at=event.licence_expires_at,
            parent=event.parent,
            sequence=event.sequence,
        )
    )


def participant_status_changed(
    rows: Rows, _log: RawLog, event: said.ParticipantStatusChanged
) -> None:
    """An organisation is suspended, blocked or readmitted."""
    _advance_participant(rows, event).status = event.status


def participant_changed(rows: Rows, _log: RawLog, event: said.ParticipantChanged) -> None:
    """An organisation is something else, is licensed for another time, or has another parent."""
    row = _advance_participant(rows, event)
    row.kinds = event.kinds
    row.licence_expires_at = event.licence_expires_at
    row.parent = event.parent


def _advance_participant(rows: Rows, event: said.ParticipantEvent) -> ParticipantRow:
    return advance(rows, ParticipantRow, (event.organisation,), event.sequence)


def order_executed(rows: Rows, log: RawLog, event: said.OrderExecuted) -> None:
    """A maker's nonce is used up by an order that ran."""
    _use_nonce(rows, log, event, checker_key=event.checker_key, is_cancelled=False)


def order_cancelled(rows: Rows, log: RawLog, event: said.OrderCancelled) -> None:
    """A maker's nonce is used up by a cancellation."""
    _use_nonce(rows, log, event, checker_key=NO_ADDRESS, is_cancelled=True)


def _use_nonce(
    rows: Rows, log: RawLog, event: said.OrderEvent, *, checker_key: str, is_cancelled: bool
) -> None:
    rows.append(
        _ExecutedOrder(
            maker_key=event.maker_key,
            nonce=event.nonce,
            order_hash=event.order_hash,
            organisation=event.organisation,
            checker_key=checker_key,
            is_cancelled=is_cancelled,
            transaction_hash=log.position.transaction_hash,
            block_number=log.position.block_number,
            log_index=log.position.log_index,
        )
    )


def venue_admitted(rows: Rows, _log: RawLog, event: said.VenueAdmitted) -> None:
    """A contract may ask for authorisation; admitting it again ends a pause."""
    _venue(rows, event.venue).is_paused = False


def venue_paused(rows: Rows, _log: RawLog, event: said.VenuePaused) -> None:
    """A contract is paused or restarted; the registry itself was never admitted by an event."""
    _venue(rows, event.venue).is_paused = event.is_paused


def _venue(rows: Rows, address: str) -> VenueRow:
    row = rows.find(VenueRow, address)
    if row is None:
        row = _Venue(address=address, is_paused=False)
        rows.add(row)
    return row
