"""Which rows a run of events will ask for, so that they are loaded together before.

Nothing depends on it but speed: a row that was not foreseen is loaded when it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

from chainfin.domain import events as said
from chainfin.domain.events import Event, RawLog
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId
from chainfin.indexer.rows import Need, Rows
from chainfin.models.credit_lines import CreditLineRow, CreditUtilisationRow
from chainfin.models.deposits import DepositAccountRow
from chainfin.models.documents import DocumentRow
from chainfin.models.financings import FinancingRequestRow
from chainfin.models.participants import (
    DualControlLimitRow,
    ParticipantKeyRow,
    ParticipantRow,
    ProgrammeRow,
)
from chainfin.models.receivables import LotRow, ReceivableRow
from chainfin.models.settlements import SettlementRow
from chainfin.models.transfers import TransferRow

Needs: TypeAlias = Callable[[RawLog, Any], Iterator[Need]]


def load_ahead(rows: Rows, entries: Iterable[tuple[RawLog, Event]]) -> None:
    """Load what events will ask for: first what they name, then what those rows are locked for."""
    rows.load(
        need
        for log, event in entries
        if type(event) in _NEEDS
        for need in _NEEDS[type(event)](log, event)
    )
    rows.load(_linked(rows))


def _linked(rows: Rows) -> Iterator[Need]:
    for request in rows.staged(FinancingRequestRow):
        yield LotRow, (request.receivable_id, request.lot_sequence)
    for lot in rows.staged(LotRow):
        if lot.pending_transfer_sequence is not None:
            key = (lot.receivable_id, lot.lot_sequence, lot.pending_transfer_sequence)
            yield TransferRow, key
        if lot.financing_request_id is not None:
            yield FinancingRequestRow, (lot.financing_request_id,)
        if lot.recourse_request_id is not None:
            yield FinancingRequestRow, (lot.recourse_request_id,)


def _of_participant(_log: RawLog, event: said.ParticipantEvent) -> Iterator[Need]:
    yield ParticipantRow, (event.organisation,)
    if isinstance(event, said.KeyRevoked | said.KeyVetoed):
        yield ParticipantKeyRow, (event.key,)
    if isinstance(event, said.DualControlLimitSet):
        yield DualControlLimitRow, (event.organisation, event.currency)


def _of_issue(_log: RawLog, event: said.ReceivableIssued) -> Iterator[Need]:
    yield ProgrammeRow, (event.programme_id,)
    if event.document_sequence > 1:
        yield DocumentRow, (event.document_fingerprint,)


def _of_release(_log: RawLog, event: said.DocumentReleased) -> Iterator[Need]:
    yield DocumentRow, (event.fingerprint,)


def _of_receivable(_log: RawLog, event: Any) -> Iterator[Need]:
    yield ReceivableRow, (event.receivable_id,)
    if isinstance(event, said.LateInterestCharged):
        yield SettlementRow, (event.receivable_id, event.sequence - 1)
    if hasattr(event, "request_id"):
        yield FinancingRequestRow, (event.request_id,)
    for sequence in _lots_named(event):
        yield LotRow, (event.receivable_id, sequence)


def _lots_named(event: Any) -> list[int]:
    if isinstance(event, said.LotsPaid | said.LateInterestPaid):
        return [payment.lot_sequence for payment in event.payments]
    if isinstance(event, _ENDS):
        return [ROOT_SEQUENCE]
    fields = ("lot_sequence", "parent_sequence")
    return [getattr(event, field) for field in fields if hasattr(event, field)]


def _of_account(log: RawLog, event: said.DepositEvent) -> Iterator[Need]:
    match event:
        case said.DepositPaid():
            holders = [event.payer, event.payee]
        case said.EarmarkPaid():
            holders = [event.payer, *(payment.payee for payment in event.payments)]
        case _:
            holders = [event.organisation]
    for organisation in holders:
        yield DepositAccountRow, (log.address, organisation)


def _of_credit_line(_log: RawLog, event: said.CreditLineEvent) -> Iterator[Need]:
    yield CreditLineRow, (event.funder, event.anchor, event.currency)
    if not isinstance(event, said.CreditLineSet):
        lot = LotId.from_token(event.lot_id)
        place = (lot.receivable_id, lot.lot_sequence, event.funder, event.anchor)
        yield CreditUtilisationRow, place


_ENDS = (
    said.ReceivableRefused,
    said.ReceivableWithdrawn,
    said.ReceivableLapsed,
    said.ReceivableCancelled,
)
"""What touches a receivable that has its first lot only."""

_NEEDS: Mapping[type, Needs] = {
    **dict.fromkeys(get_args(said.ParticipantEvent), _of_participant),
    **dict.fromkeys(get_args(said.ReceivableAct), _of_receivable),
    **dict.fromkeys(get_args(said.DepositEvent), _of_account),
    **dict.fromkeys(get_args(said.CreditLineEvent), _of_credit_line),
    said.ReceivableIssued: _of_issue,
    said.DocumentReleased: _of_release,
}
