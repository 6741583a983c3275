"""Projections: requests for financing and their end."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.receivable import Encumbrance, ReceivableStatus
from chainfin.indexer.lots import advance_receivable, child_of, free, lot_of
from chainfin.indexer.rows import Rows, check_next, line, staged
from chainfin.models.financings import (
    BorneInterestRow,
    FilingRow,
    FinancingRequestRow,
    FundedQuoteRow,
    FundingAttestationRow,
    FundingConfirmationRow,
)
from chainfin.models.receivables import LotRow, ReceivableRow

# Rows in the making: see `rows.staged`.
_Filing = staged(FilingRow)
_FundedQuote = staged(FundedQuoteRow)
_FinancingRequest = staged(FinancingRequestRow)
_FundingAttestation = staged(FundingAttestationRow)
_FundingConfirmation = line(FundingConfirmationRow)
_BorneInterest = staged(BorneInterestRow)


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
    """A request is withdrawn or lapses, or its awarded price came in or did not."""
    advance_receivable(rows, event)
    request = rows.get(FinancingRequestRow, event.request_id)
    request.status = event.status
    request.ended_sequence = event.sequence
    request.ended_at = log.position.block_timestamp
    lot = lot_of(rows, event, request.lot_sequence)
    free(lot)
    if event.status is FinancingStatus.FUNDED:
        lot.sold_request_id = request.request_id


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
    _sell(request, delivered, event.to)


def _sell(request: FinancingRequestRow, lot: LotRow, funder: int) -> None:
    """Title to a funder, and its claim against the seller where it has one."""
    lot.holder = funder
    lot.transfer_count += 1
    lot.sold_request_id = request.request_id
    if request.with_recourse:
        request.earlier_recourse_request_id = lot.recourse_request_id
        lot.recourse_request_id = request.request_id


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
    is_awaited = request.pay_by is not None
    request.status = FinancingStatus.AWARDED if is_awaited else FinancingStatus.FUNDED
    request.funder = event.funder
    request.net_proceeds_minor = event.net_proceeds
    request.quote_hash = event.quote
    request.terms_hash = event.terms
    request.quote_count = event.quote_count
    request.quote_head = event.quote_head


def funding_awaited(rows: Rows, _log: RawLog, event: said.FundingAwaited) -> None:
    """The price is on its way by bank transfer; the lot stays locked."""
    advance_receivable(rows, event)
    request = rows.get(FinancingRequestRow, event.request_id)
    request.pay_by = event.pay_by
    request.settlement_bank = event.bank
    request.holdback_minor = event.holdback
    request.obligor_interest_minor = event.obligor_interest


def funding_confirmed(rows: Rows, log: RawLog, event: said.FundingConfirmed) -> None:
    """The payee says so; nothing is funded by it."""
    advance_receivable(rows, event)
    rows.append(
        _FundingConfirmation(
            request_id=event.request_id,
            sequence=event.sequence,
            receivable_id=event.receivable_id,
            payee=event.payee,
            bank=event.bank,
            amount_minor=event.amount,
            line_hash=event.line_hash,
            confirmed_at=log.position.block_timestamp,
        )
    )


def funding_attested(rows: Rows, log: RawLog, event: said.FundingAttested) -> None:
    """The price came in, and title passes."""
    advance_receivable(rows, event)
    request = rows.get(FinancingRequestRow, event.request_id)
    request.delivered_lot_sequence = event.lot_sequence
    _sell(request, lot_of(rows, event, event.lot_sequence), event.funder)
    rows.add(
        _FundingAttestation(
            request_id=event.request_id,
            receivable_id=event.receivable_id,
            lot_sequence=event.lot_sequence,
            sequence=event.sequence,
            payee=event.payee,
            funder=event.funder,
            bank=event.bank,
            amount_minor=event.amount,
            value_at=event.value_at,
            line_hash=event.line_hash,
            attested_at=log.position.block_timestamp,
            transaction_hash=log.position.transaction_hash,
        )
    )


def holdback_kept(rows: Rows, _log: RawLog, event: said.HoldbackKept) -> None:
    """The last that is paid on a lot is its seller's."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    lot.holdback_seller = event.seller
    lot.holdback_minor = event.amount
    rows.get(FinancingRequestRow, lot.sold_request_id).holdback_minor = event.amount


def holdback_ended(rows: Rows, _log: RawLog, event: said.HoldbackEnded) -> None:
    """The seller has the lot again."""
    advance_receivable(rows, event)
    lot = lot_of(rows, event, event.lot_sequence)
    lot.holdback_seller = None
    lot.holdback_minor = 0


def interest_borne(rows: Rows, _log: RawLog, event: said.InterestBorne) -> None:
    """The anchor bears a share of a discount; once released, it may do so again."""
    advance_receivable(rows, event)
    borne = rows.find(BorneInterestRow, event.request_id)
    if borne is None:
        borne = _BorneInterest(
            request_id=event.request_id,
            receivable_id=event.receivable_id,
            obligor=event.obligor,
            share_bps=event.share_bps,
            amount_minor=event.amount,
            expires_at=event.expires_at,
            borne_sequence=event.sequence,
            paid_minor=0,
        )
        rows.add(borne)
        return
    borne.share_bps = event.share_bps
    borne.amount_minor = event.amount
    borne.expires_at = event.expires_at
    borne.borne_sequence = event.sequence
    borne.ended_sequence = None


def interest_ended(rows: Rows, _log: RawLog, event: said.InterestEnded) -> None:
    """The anchor's share is paid, or what it set aside is free again."""
    advance_receivable(rows, event)
    borne = rows.get(BorneInterestRow, event.request_id)
    borne.ended_sequence = event.sequence
    borne.paid_minor = event.amount
    if event.amount:
        request = rows.get(FinancingRequestRow, event.request_id)
        request.obligor_interest_minor = event.amount


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
