"""Projections: programmes, issue one by one and in batches, the supplier's answer, splits."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.money import AMOUNT_LIMIT_MINOR
from chainfin.domain.receivable import (
    ROOT_SEQUENCE,
    Arrears,
    Encumbrance,
    ReceivableStatus,
    TransferStatus,
)
from chainfin.indexer.documents import occupy
from chainfin.indexer.lots import advance_receivable, child_of, lot_of, new_hop, pass_on
from chainfin.indexer.rows import Rows, line, staged
from chainfin.models.documents import DocumentRow
from chainfin.models.participants import ProgrammeRow
from chainfin.models.receivables import BatchRowResultRow, LotRow, ReceivableRow

# Rows in the making: see `rows.staged`.
_BatchRowResult = line(BatchRowResultRow)
_Lot = staged(LotRow)
_Programme = staged(ProgrammeRow)
_Receivable = staged(ReceivableRow)


def programme_opened(rows: Rows, log: RawLog, event: said.ProgrammeOpened) -> None:
    """An anchor opens a version of its programme, which closes the one it replaces."""
    rules = event.programme
    if rules.replaces:
        rows.get(ProgrammeRow, rules.replaces).replaced_by = event.programme_id
    rows.add(
        _Programme(
            programme_id=event.programme_id,
            anchor=event.anchor,
            currency=rules.currency,
            technique=rules.technique,
            with_recourse=rules.with_recourse,
            acceptance_required=rules.acceptance_required,
            maximum_tier=rules.maximum_tier,
            maximum_lots=rules.maximum_lots,
            # The chain does not bound it, but no face exceeds ours.
            minimum_lot_face_value_minor=min(rules.minimum_lot_face_value, AMOUNT_LIMIT_MINOR),
            maximum_tenor_days=rules.maximum_tenor_days,
            tenor_reason_hash=event.tenor_reason_hash if rules.has_tenor_reason else None,
            is_legacy=rules.legacy,
            minimum_tenor_days=rules.minimum_tenor_days,
            is_filing_required=rules.filing_required,
            late_interest_bps=rules.late_interest_bps,
            replaces=rules.replaces,
            deposit=rules.deposit,
            transfer_rules=rules.transfer_rules,
            terms_hash=event.terms_hash,
            opened_at=log.position.block_timestamp,
        )
    )


def transfer_rules_replaced(rows: Rows, _log: RawLog, event: said.TransferRulesReplaced) -> None:
    """A programme asks another contract."""
    rows.get(ProgrammeRow, event.programme_id).transfer_rules = event.transfer_rules


def batch_rows_issued(rows: Rows, log: RawLog, event: said.BatchRowsIssued) -> None:
    """Rows of a batch became receivables, numbered in row order."""
    receivable_id = event.first_receivable_id
    for offset in range(event.issued.bit_length()):
        if event.issued >> offset & 1:
            rows.append(
                _BatchRowResult(
                    order_hash=event.order_hash,
                    row=event.first_row + offset,
                    receivable_id=receivable_id,
                    refusal=None,
                    block_number=log.position.block_number,
                )
            )
            receivable_id += 1


def batch_row_refused(rows: Rows, log: RawLog, event: said.BatchRowRefused) -> None:
    """A row of a batch broke a rule."""
    rows.append(
        _BatchRowResult(
            order_hash=event.order_hash,
            row=event.row,
            receivable_id=None,
            refusal=event.reason,
            block_number=log.position.block_number,
        )
    )


def receivable_issued(rows: Rows, log: RawLog, event: said.ReceivableIssued) -> None:
    """A receivable exists, all of it in its first lot; its document is used by as much."""
    currency = rows.get(ProgrammeRow, event.programme_id).currency
    if rows.covers(ReceivableRow, event.receivable_id):
        _open_receivable(rows, log, event, currency)
    if rows.covers(DocumentRow, event.document_fingerprint):
        occupy(rows, event, currency)


def _open_receivable(rows: Rows, log: RawLog, event: said.ReceivableIssued, currency: str) -> None:
    rows.add(
        _Receivable(
            receivable_id=event.receivable_id,
            obligor=event.obligor,
            supplier=event.supplier,
            programme_id=event.programme_id,
            currency=currency,
            face_value_minor=event.face_value,
            maturity_at=event.maturity_at,
            grace_ends_at=event.grace_ends_at,
            status=ReceivableStatus.OFFERED,
            paid_minor=0,
            cleared_minor=0,
            lot_count=ROOT_SEQUENCE,
            sequence=1,
            document_type=event.document_type,
            document_amount_minor=event.document_amount,
            document_sequence=event.document_sequence,
            document_fingerprint=event.document_fingerprint,
            document_commitment=event.document_commitment,
            issued_at=log.position.block_timestamp,
            issued_block_number=log.position.block_number,
            issued_transaction_hash=log.position.transaction_hash,
            arrears=Arrears.NONE,
            late_interest_paid_minor=0,
            late_interest_cleared_minor=0,
            attested_face_minor=0,
            attested_interest_minor=0,
        )
    )
    rows.add(
        _Lot(
            receivable_id=event.receivable_id,
            lot_sequence=ROOT_SEQUENCE,
            parent_sequence=0,
            depth=0,
            holder=event.supplier,
            original_face_value_minor=event.face_value,
            face_value_minor=event.face_value,
            paid_minor=0,
            tier=1,
            transfer_count=0,
            encumbrance=Encumbrance.NONE,
            is_settled=False,
            created_sequence=1,
            late_interest_minor=0,
            is_attested=False,
            holdback_minor=0,
        )
    )


def receivable_accepted(rows: Rows, _log: RawLog, event: said.ReceivableAccepted) -> None:
    """The lots may move."""
    advance_receivable(rows, event).status = ReceivableStatus.ACTIVE


def receivable_refused(rows: Rows, _log: RawLog, event: said.ReceivableRefused) -> None:
    """The undertaking is gone, and with it the only lot."""
    _void(rows, event).reason_hash = event.reason_hash


def receivable_withdrawn(rows: Rows, _log: RawLog, event: said.ReceivableWithdrawn) -> None:
    """The anchor took its offer back."""
    _void(rows, event).reason_hash = event.reason_hash


def receivable_lapsed(rows: Rows, _log: RawLog, event: said.ReceivableLapsed) -> None:
    """The offer fell due unanswered."""
    _void(rows, event)


def _void(
    rows: Rows, event: said.ReceivableRefused | said.ReceivableWithdrawn | said.ReceivableLapsed
) -> ReceivableRow:
    receivable = advance_receivable(rows, event)
    receivable.status = ReceivableStatus.VOID
    lot_of(rows, event, ROOT_SEQUENCE).is_settled = True
    return receivable


def cancellation_proposed(rows: Rows, _log: RawLog, event: said.CancellationProposed) -> None:
    """One party waits for the other; the next proposal takes its place."""
    receivable = advance_receivable(rows, event)
    receivable.cancellation_proposed_by = event.organisation
    receivable.cancellation_amount_minor = event.amount
    receivable.cancellation_expires_at = event.expires_at
    receivable.cancellation_reason_hash = event.reason_hash


def receivable_cancelled(rows: Rows, _log: RawLog, event: said.ReceivableCancelled) -> None:
    """Both agreed: the receivable is cancelled, or smaller by a credit note."""
    receivable = advance_receivable(rows, event)
    root = lot_of(rows, event, ROOT_SEQUENCE)
    if event.amount == receivable.face_value_minor:
        receivable.status = ReceivableStatus.CANCELLED
        root.is_settled = True
    else:
        receivable.face_value_minor -= event.amount
        root.face_value_minor -= event.amount
    receivable.reason_hash = event.reason_hash
    receivable.cancellation_proposed_by = None
    receivable.cancellation_amount_minor = None
    receivable.cancellation_expires_at = None
    receivable.cancellation_reason_hash = None


def lot_unsplit(rows: Rows, _log: RawLog, event: said.LotUnsplit) -> None:
    """A lot's face goes back to its parent; its number is not used again."""
    advance_receivable(rows, event)
    lot_of(rows, event, event.parent_sequence).face_value_minor += event.face_value
    child = lot_of(rows, event, event.lot_sequence)
    child.face_value_minor = 0
    child.is_settled = True


def lot_split(rows: Rows, log: RawLog, event: said.LotSplit) -> None:
    """Parts leave a lot; a part for another holder has changed hands, or is offered next."""
    receivable = advance_receivable(rows, event)
    parent = lot_of(rows, event, event.parent_sequence)
    parent.face_value_minor = event.remaining_face_value
    for part in event.parts:
        child = child_of(parent, part.lot_sequence, part.face_value, event.sequence)
        rows.add(child)
        receivable.lot_count = part.lot_sequence
        if part.holder != parent.holder:
            pass_on(child, part.holder)
            rows.add(new_hop(log, event, child, parent.holder, part.holder, TransferStatus.DIRECT))
