"""When the chain takes blocks back: find where it forked, forget what is above, rebuild.

```
remembered   … ── 7 ── 8 ── 9 ── 10      cursor: 10
the chain    … ── 7 ── 8 ── 9'── 10'── 11'
                       └ fork: the highest block both have
```

Only what the removed logs touched is rebuilt, from the logs that are left: the receivables, the
documents and the organisations they name. Statements of deposits are cut, since each line says what
the account is after it. The cost follows the reorganisation, not the history. Afterwards the cursor
stands on the fork, and the ordinary pass reads on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, get_args

from sqlmodel import Session

from chainfin.codec.events import EventDecoder
from chainfin.domain import events as said
from chainfin.domain.audit import AsOf
from chainfin.domain.events import BatchEvent, BlockRef, Event, LogPosition, OrderEvent, RawLog
from chainfin.domain.service_errors import ReorganisationTooDeep
from chainfin.indexer.projection import project_all, read_events
from chainfin.indexer.rows import Rows, Scope
from chainfin.models.attestations import AttestationRow, ConfirmationRow
from chainfin.models.bulk import clear, delete_beyond, delete_rows
from chainfin.models.chain_index import (
    ChainBlockRow,
    ChainLogsRow,
    ChainMentionRow,
    blocks_down_from,
    logs_between,
    logs_named,
    logs_of_organisations,
    logs_of_receivables,
    move_cursor,
    newest_number,
)
from chainfin.models.columns import IndexTable
from chainfin.models.council import (
    CouncilMemberRow,
    CouncilRow,
    DecisionRow,
    DecisionVoteRow,
)
from chainfin.models.credit_lines import CreditLineRow, CreditUtilisationRow
from chainfin.models.deposits import DepositEntryRow, accounts_changed_above, restore_accounts
from chainfin.models.documents import (
    DocumentEpochRow,
    DocumentRow,
    fingerprints_of,
    is_any_carried,
)
from chainfin.models.financings import (
    BorneInterestRow,
    FilingRow,
    FinancingRequestRow,
    FundedQuoteRow,
    FundingAttestationRow,
    FundingConfirmationRow,
)
from chainfin.models.freezes import FreezeRow
from chainfin.models.participants import (
    DualControlLimitRow,
    ExecutedOrderRow,
    ParticipantKeyRow,
    ParticipantRow,
    ProgrammeRow,
    SettlementBankRow,
    VenueRow,
)
from chainfin.models.pledges import PledgeRow
from chainfin.models.receivables import (
    BatchRowResultRow,
    LotRow,
    ReceivableRow,
    receivable_ids_on_documents,
)
from chainfin.models.settlements import ArrearsRow, LotPaymentRow, SettlementRow
from chainfin.models.transfers import TransferRow

Entry: TypeAlias = tuple[RawLog, Event]
Blocks: TypeAlias = Callable[[Sequence[int]], Sequence[BlockRef | None]]

_BLOCKS_A_QUESTION = 32
_OF_A_RECEIVABLE: tuple[type[IndexTable], ...] = (
    ReceivableRow,
    LotRow,
    TransferRow,
    FinancingRequestRow,
    FilingRow,
    FundedQuoteRow,
    FundingAttestationRow,
    FundingConfirmationRow,
    BorneInterestRow,
    SettlementRow,
    ArrearsRow,
    LotPaymentRow,
    AttestationRow,
    ConfirmationRow,
    FreezeRow,
    PledgeRow,
)
_OF_AN_ORGANISATION: tuple[type[IndexTable], ...] = (
    ParticipantRow,
    ParticipantKeyRow,
    DualControlLimitRow,
    SettlementBankRow,
)
_OF_CREDIT_LINES: tuple[type[IndexTable], ...] = (CreditLineRow, CreditUtilisationRow)
_OF_THE_NETWORK: tuple[type[IndexTable], ...] = (
    ProgrammeRow,
    VenueRow,
    DocumentEpochRow,
    CouncilRow,
    CouncilMemberRow,
    DecisionRow,
    DecisionVoteRow,
)
_WITH_THEIR_BLOCK: tuple[type[IndexTable], ...] = (
    ExecutedOrderRow,
    BatchRowResultRow,
    DepositEntryRow,
    ChainLogsRow,
    ChainMentionRow,
)
TAKEN_BACK = frozenset(
    (
        *_OF_A_RECEIVABLE,
        *_OF_AN_ORGANISATION,
        *_OF_CREDIT_LINES,
        *_OF_THE_NETWORK,
        *_WITH_THEIR_BLOCK,
    )
)
"""Tables whose rows are deleted with the logs they follow from, and made again from the others."""

_ENDS_OF_ORDERS = get_args(said.OrderEvent)
_NEWS_OF_BATCHES = get_args(said.BatchEvent)
REBUILT_BY_NAME = frozenset(
    (*get_args(said.ParticipantEvent), *get_args(said.NetworkEvent), said.DocumentCarried)
)
"""What is looked for by organisation or by event, besides what names a receivable."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """What going back took away.

    Attributes:
        fork: The block that is now the last one read.
        logs: How many logs were forgotten.
        orders: The orders whose end is no longer on the chain.
        batches: What is no longer known of batches.
    """

    fork: AsOf
    logs: int
    orders: tuple[tuple[LogPosition, OrderEvent], ...]
    batches: tuple[tuple[LogPosition, BatchEvent], ...]


@dataclass(frozen=True, slots=True)
class _Touched:
    """The streams that logs name.

    Attributes:
        is_carried: Whether any of the documents went by more than one fingerprint.
        sharing: Receivables on the touched documents: their uses are part of the documents'.
        network: Whether a fact of the network as a whole is among them.
        credit_lines: Whether a fact of credit lines is; they are few, and rebuilt together.
    """

    receivables: frozenset[int]
    documents: frozenset[str]
    is_carried: bool
    sharing: frozenset[int]
    organisations: frozenset[int]
    accounts: tuple[tuple[str, int], ...]
    network: bool
    credit_lines: bool


def find_fork(
    session: Session, blocks: Blocks, cursor_number: int, finality_depth: int
) -> BlockRef:
    """The highest block that both the chain and we have.

    Args:
        session: The database.
        blocks: Asks the node for blocks by number.
        cursor_number: The last block read.
        finality_depth: How far below it the chain may have forked.

    Raises:
        ReorganisationTooDeep: It forked deeper, or before anything we remember.
    """
    remembered = [
        block
        for block in blocks_down_from(session, cursor_number, finality_depth + 1)
        if block.number >= cursor_number - finality_depth
    ]
    for start in range(0, len(remembered), _BLOCKS_A_QUESTION):
        page = remembered[start : start + _BLOCKS_A_QUESTION]
        for ours, theirs in zip(page, blocks([block.number for block in page]), strict=True):
            if theirs is not None and theirs.block_hash == ours.block_hash:
                return ours
    raise ReorganisationTooDeep(cursor_number, finality_depth)


def rollback(session: Session, decoder: EventDecoder, fork: BlockRef) -> Rollback:
    """Forget everything above a block, and rebuild what it touched from the logs that are left."""
    logs = logs_between(session, fork.number + 1, max(newest_number(session), fork.number + 1))
    removed = read_events(decoder, logs)
    touched = _touched(session, removed, fork.number)
    _delete(session, touched, fork.number)
    restore_accounts(session, touched.accounts)
    _rebuild(session, decoder, touched)
    block = AsOf(fork.number, fork.block_hash, fork.timestamp)
    move_cursor(session, block)
    return Rollback(block, len(logs), ended_orders(removed), batch_news(removed))


def ended_orders(entries: Sequence[Entry]) -> tuple[tuple[LogPosition, OrderEvent], ...]:
    """The ends of orders among events, with their places."""
    return tuple(
        (log.position, event) for log, event in entries if isinstance(event, _ENDS_OF_ORDERS)
    )


def batch_news(entries: Sequence[Entry]) -> tuple[tuple[LogPosition, BatchEvent], ...]:
    """What events say of rows of batches, with their places."""
    return tuple(
        (log.position, event) for log, event in entries if isinstance(event, _NEWS_OF_BATCHES)
    )


def _touched(session: Session, removed: Sequence[Entry], block_number: int) -> _Touched:
    events = [event for _, event in removed]
    named = {e.document_fingerprint for e in events if isinstance(e, said.ReceivableIssued)}
    named |= {
        e.fingerprint for e in events if isinstance(e, said.DocumentReleased | said.DocumentCarried)
    }
    documents = fingerprints_of(session, named)
    return _Touched(
        receivables=frozenset(
            e.receivable_id for e in events if isinstance(e, said.ReceivableEvent)
        ),
        documents=frozenset(documents),
        is_carried=is_any_carried(session, documents),
        sharing=frozenset(receivable_ids_on_documents(session, sorted(documents))),
        organisations=frozenset(
            e.organisation for e in events if isinstance(e, said.ParticipantEvent)
        ),
        accounts=tuple(accounts_changed_above(session, block_number)),
        network=any(isinstance(e, said.NetworkEvent) for e in events),
        credit_lines=any(isinstance(e, said.CreditLineEvent) for e in events),
    )


def _delete(session: Session, touched: _Touched, block_number: int) -> None:
    for kind in _OF_A_RECEIVABLE:
        delete_rows(session, kind, "receivable_id", touched.receivables)
    for kind in _OF_AN_ORGANISATION:
        delete_rows(session, kind, "organisation", touched.organisations)
    delete_rows(session, DocumentRow, "fingerprint", touched.documents)
    if touched.network:
        clear(session, _OF_THE_NETWORK)
    if touched.credit_lines:
        clear(session, _OF_CREDIT_LINES)
    for kind in _WITH_THEIR_BLOCK:
        delete_beyond(session, kind, "block_number", block_number)
    delete_beyond(session, ChainBlockRow, "number", block_number)


def _rebuild(session: Session, decoder: EventDecoder, touched: _Touched) -> None:
    logs = logs_named(session, _names(said.NetworkEvent)) if touched.network else []
    if touched.credit_lines:
        logs += logs_named(session, _names(said.CreditLineEvent))
    logs += logs_of_organisations(session, touched.organisations, _names(said.ParticipantEvent))
    logs += logs_of_receivables(session, touched.receivables | touched.sharing)
    if touched.is_carried:
        # A document's stream goes on over its fingerprints, between its receivables' acts.
        logs += logs_named(session, [said.DocumentCarried.__name__])
        logs.sort(key=lambda log: (log.position.block_number, log.position.log_index))
    scope: Scope = {
        ReceivableRow: frozenset((number,) for number in touched.receivables),
        DocumentRow: frozenset((fingerprint,) for fingerprint in touched.documents),
    }
    rows = Rows(session, scope)
    entries = [
        (log, event)
        for log, event in read_events(decoder, logs)
        if not isinstance(event, said.ReceivableAct) or event.receivable_id in touched.receivables
    ]
    project_all(rows, entries)
    rows.flush()


def _names(union: object) -> list[str]:
    return [kind.__name__ for kind in get_args(union)]
