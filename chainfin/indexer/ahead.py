"""Which rows a run of events will ask for, so that they are loaded together before.

Nothing depends on it but speed: a row that was not foreseen is loaded when it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeAlias, get_args

from chainfin.domain import events as said
from chainfin.domain.events import Event, RawLog
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId
from chainfin.indexer.rows import Need, Rows
from chainfin.models.credit_lines import CreditLineRow, CreditUtilisationRow
from chainfin.models.deposits import DepositAccountRow
from chainfin.models.documents import DocumentRow
from chainfin.models.financings import (
    BorneInterestRow,
    FilingRow,
    FinancingRequestRow,
    FundedQuoteRow,
)
from chainfin.models.participants import (
    DualControlLimitRow,
    ParticipantKeyRow,
    ParticipantRow,
    ProgrammeRow,
    SettlementBankRow,
)
from chainfin.models.receivables import LotRow, ReceivableRow
from chainfin.models.settlements import SettlementRow
from chainfin.models.transfers import TransferRow

Needs: TypeAlias = Callable[[RawLog, Any], Iterable[Need]]


def load_ahead(rows: Rows, entries: Iterable[tuple[RawLog, Event]]) -> None:
    """Load what events will ask for: first what they name, then what those rows are locked for."""
    wanted: list[Need] = []
    for log, event in entries:
        needs = _NEEDS.get(type(event))
        if needs is not None:
            wanted += needs(log, event)
    rows.load(wanted)
    rows.load(_linked(rows))


def _linked(rows: Rows) -> Iterator[Need]:
    for document in rows.staged(DocumentRow):
        if document.carried_to is not None:
            yield DocumentRow, (document.carried_to,)
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
    if isinstance(event, said.SettlementBankNamed):
        yield SettlementBankRow, (event.organisation, event.currency)


def _of_issue(_log: RawLog, event: said.ReceivableIssued) -> Iterator[Need]:
    yield ProgrammeRow, (event.programme_id,)
    if event.document_sequence > 1:
        yield DocumentRow, (event.document_fingerprint,)


def _of_document(
    _log: RawLog, event: said.DocumentReleased | said.DocumentCarried
) -> Iterator[Need]:
    yield DocumentRow, (event.fingerprint,)


def _of_receivable(kind: Any) -> Needs:
    """What an act asks for, worked out once from the fields of its class."""
    names = {entry.name for entry in fields(kind)}
    lots = [attrgetter("receivable_id", name) for name in _LOT_FIELDS if name in names]
    has_request, has_payments = "request_id" in names, "payments" in names
    is_end, is_late = kind in _ENDS, kind is said.LateInterestCharged
    of_request = _OF_REQUEST.get(kind)

    def needs(_log: RawLog, event: Any) -> list[Need]:
        number = event.receivable_id
        found: list[Need] = [(ReceivableRow, (number,))]
        found += [(LotRow, lot(event)) for lot in lots]
        if has_request:
            found.append((FinancingRequestRow, (event.request_id,)))
        if of_request is not None:
            found.append(of_request(event))
        if is_end:
            found.append((LotRow, (number, ROOT_SEQUENCE)))
        if is_late:
            found.append((SettlementRow, (number, event.sequence - 1)))
        if has_payments:
            found += [(LotRow, (number, payment.lot_sequence)) for payment in event.payments]
        return found

    return needs


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
    if isinstance(event, said.CreditLineUtilised | said.CreditLineReleased):
        lot = LotId.from_token(event.lot_id)
        place = (lot.receivable_id, lot.lot_sequence, event.funder, event.anchor)
        yield CreditUtilisationRow, place


_OF_REQUEST: Mapping[type, Callable[[Any], Need]] = {
    said.FilingRecorded: lambda event: (FilingRow, (event.request_id, event.funder)),
    **dict.fromkeys(
        (said.QuoteFunded, said.FundedQuoteEnded),
        lambda event: (FundedQuoteRow, (event.funder, event.quote)),
    ),
    **dict.fromkeys(
        (said.InterestBorne, said.InterestEnded),
        lambda event: (BorneInterestRow, (event.request_id,)),
    ),
}
"""What a fact of a request asks for beside it."""
_LOT_FIELDS = ("lot_sequence", "parent_sequence")
_ENDS = (
    said.ReceivableRefused,
    said.ReceivableWithdrawn,
    said.ReceivableLapsed,
    said.ReceivableCancelled,
)
"""What touches a receivable that has its first lot only."""

_NEEDS: Mapping[type, Needs] = {
    **dict.fromkeys(get_args(said.ParticipantEvent), _of_participant),
    **{kind: _of_receivable(kind) for kind in get_args(said.ReceivableAct)},
    **dict.fromkeys(get_args(said.DepositEvent), _of_account),
    **dict.fromkeys(get_args(said.CreditLineEvent), _of_credit_line),
    said.ReceivableIssued: _of_issue,
    said.DocumentReleased: _of_document,
    said.DocumentCarried: _of_document,
}
