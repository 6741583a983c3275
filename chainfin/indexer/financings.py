"""Projections: requests for financing and their end."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.receivable import Encumbrance, ReceivableStatus
from chainfin.indexer.lots import advance_receivable, child_of, free, lot_of
from chainfin.indexer.rows import Rows, check_next, staged
from chainfin.models.financings import FilingRow, FinancingRequestRow, FundedQuoteRow
from chainfin.models.receivables import ReceivableRow

# Rows in the making: see `rows.staged`.
_Filing = staged(FilingRow)
_FundedQuote = staged(FundedQuoteRow)
_FinancingRequest = staged(FinancingRequestRow)


def financing_requested(rows: Rows, log: RawLog, event: said.FinancingRequested) -> None:
    """A lot is offered to funders, and locked."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    lot.encumbrance = Encumbrance.LOCKED_FINANCING
    lot.financing_request_id = event.request_id
    rows.add(
        _FinancingRequest(
            request_id=event.request_id,
            receivable_id=event.receivable_id,
            lot_sequence=event.lot_sequence,
            holder=event.holder,
            part_face_value_minor=event.part_face_value,
            with_recourse=event.with_recourse,
            expires_at=event.expires_at,
            status=FinancingStatus.REQUESTED,
            requested_sequence=event.sequence,
            requested_at=log.position.block_timestamp,
        )
    )


def financing_request_ended(rows: Rows, log: RawLog, event: said.FinancingRequestEnded) -> None:
    """A request is withdrawn or lapses; the lot is free."""
    advance_receivable(rows, event)
    request = rows.get(FinancingRequestRow, event.request_id)
    request.status = event.status
    request.ended_sequence = event.sequence
    request.ended_at = log.position.block_timestamp
    free(lot_of(rows, event, request.lot_sequence))


def lot_financed(rows: Rows, log: RawLog, event: said.LotFinanced) -> None:
    """Title passes to a funder, who is no further tier of the supply chain."""
    receivable = advance_receivable(rows, event)
    lot = lot_of(rows, event, event.parent_sequence)
    request = rows.get(FinancingRequestRow, lot.financing_request_id)
    request.delivered_lot_sequence = event.lot_sequence
    request.ended_sequence = event.sequence
    request.ended_at = log.position.block_timestamp
    free(lot)
    delivered = lot
    if event.lot_sequence != event.parent_sequence:
        lot.face_value_minor -= event.face_value
        delivered = child_of(lot, event.lot_sequence, event.face_value, event.sequence)
        rows.add(delivered)
        receivable.lot_count = event.lot_sequence
    delivered.holder = event.to
    delivered.transfer_count += 1
    if request.with_recourse:
        request.earlier_recourse_request_id = delivered.recourse_request_id
        delivered.recourse_request_id = request.request_id


def lot_paid_early(rows: Rows, log: RawLog, event: said.LotPaidEarly) -> None:
    """The anchor bought its own debt back: lot and receivable are smaller by it."""
    receivable = advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    request = rows.get(FinancingRequestRow, lot.financing_request_id)
    request.ended_sequence = event.sequence
    request.ended_at = log.position.block_timestamp
    free(lot)
    lot.face_value_minor -= event.face_value
    lot.is_settled = lot.face_value_minor == 0
    receivable.face_value_minor -= event.face_value
    if receivable.face_value_minor == receivable.paid_minor:
        receivable.status = ReceivableStatus.SETTLED


def quote_awarded(rows: Rows, _log: RawLog, event: said.QuoteAwarded) -> None:
    """What was paid for title: one act with the fact before it, whose number it repeats."""
    receivable = rows.get(ReceivableRow, event.receivable_id)
    check_next(ReceivableRow, (event.receivable_id,), receivable.sequence - 1, event.sequence)
    request = rows.get(FinancingRequestRow, event.request_id)
    request.status = FinancingStatus.FUNDED
    request.funder = event.funder
    request.net_proceeds_minor = event.net_proceeds
    request.quote_hash = event.quote
    request.terms_hash = event.terms
    request.quote_count = event.quote_count
    request.quote_head = event.quote_head


def filing_recorded(rows: Rows, log: RawLog, event: said.FilingRecorded) -> None:
    """A funder filed a request's lot; a later record takes the place of an earlier one."""
    advance_receivable(rows, event)
    place = log.position
    known = rows.find(FilingRow, event.request_id, event.funder)
    if known is None:
        rows.add(
            _Filing(
                request_id=event.request_id,
                funder=event.funder,
                receivable_id=event.receivable_id,
                filed_at=event.filed_at,
                filing=event.filing,
                recorded_sequence=event.sequence,
                recorded_at=place.block_timestamp,
                recorded_transaction_hash=place.transaction_hash,
            )
        )
        return
    known.filed_at = event.filed_at
    known.filing = event.filing
    known.recorded_sequence = event.sequence
    known.recorded_at = place.block_timestamp
    known.recorded_transaction_hash = place.transaction_hash


def quote_funded(rows: Rows, _log: RawLog, event: said.QuoteFunded) -> None:
    """A funder set money aside for its quote; once released, it may do so again."""
    advance_receivable(rows, event)
    known = rows.find(FundedQuoteRow, event.funder, event.quote)
    if known is None:
        rows.add(
            _FundedQuote(
                funder=event.funder,
                quote_hash=event.quote,
                request_id=event.request_id,
                receivable_id=event.receivable_id,
                amount_minor=event.amount,
                expires_at=event.expires_at,
                funded_sequence=event.sequence,
                ended_sequence=None,
                is_drawn=False,
            )
        )
        return
    known.request_id = event.request_id
    known.receivable_id = event.receivable_id
    known.amount_minor = event.amount
    known.expires_at = event.expires_at
    known.funded_sequence = event.sequence
    known.ended_sequence = None


def funded_quote_ended(rows: Rows, _log: RawLog, event: said.FundedQuoteEnded) -> None:
    """What was set aside for a quote is drawn by its award, or free again."""
    advance_receivable(rows, event)
    quote = rows.get(FundedQuoteRow, event.funder, event.quote)
    quote.ended_sequence = event.sequence
    quote.is_drawn = event.is_drawn


def recourse_claimed(rows: Rows, log: RawLog, event: said.RecourseClaimed) -> None:
    """A holder turned to the seller of its lot."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    request = rows.get(FinancingRequestRow, lot.recourse_request_id)
    request.recourse_claimed_at = log.position.block_timestamp


def lot_repurchased(rows: Rows, log: RawLog, event: said.LotRepurchased) -> None:
    """The seller has its lot again; whoever sold it before with recourse stays answerable."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    request = rows.get(FinancingRequestRow, lot.recourse_request_id)
    request.repurchased_sequence = event.sequence
    request.repurchased_at = log.position.block_timestamp
    lot.recourse_request_id = request.earlier_recourse_request_id
    lot.holder = event.seller
    lot.transfer_count += 1
