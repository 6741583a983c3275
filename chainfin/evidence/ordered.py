"""Whether each fact is what its signed order asked for: what moved is what was signed.

One small function per fact and act. Each is given the call, the fact, and the record of the facts
before it, and refuses where order and fact differ, or where somebody else than the one entitled
signed. Acts that anybody may start carry no order: there the rule itself is checked.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chainfin.codec import merkle
from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import row_leaf
from chainfin.domain.events import (
    BatchRowsIssued,
    CancellationProposed,
    DepositEarmarked,
    DepositPaid,
    DepositReserved,
    EarmarkPaid,
    FilingRecorded,
    FinancingRequested,
    FinancingRequestEnded,
    FreezeLifted,
    FreezeRenewed,
    FundedQuoteEnded,
    FundingAttested,
    FundingAwaited,
    FundingConfirmed,
    HoldbackEnded,
    HoldbackKept,
    InterestBorne,
    InterestEnded,
    LateInterestCharged,
    LateInterestPaid,
    LotFinanced,
    LotFrozen,
    LotHeld,
    LotPaidEarly,
    LotPledged,
    LotRepurchased,
    LotsPaid,
    LotSplit,
    LotTransferred,
    LotUnsplit,
    LotWrittenOff,
    PaymentAttested,
    PaymentConfirmed,
    PledgeEnforced,
    PledgeProposed,
    PledgeReleased,
    QuoteAwarded,
    QuoteFunded,
    ReceivableAccepted,
    ReceivableCancelled,
    ReceivableDefaulted,
    ReceivableEvent,
    ReceivableIssued,
    ReceivableLapsed,
    ReceivableOverdue,
    ReceivableRefused,
    ReceivableSettled,
    ReceivableWithdrawn,
    RecourseClaimed,
    TransferAccepted,
    TransferLapsed,
    TransferProposed,
    TransferRejected,
    TransferRevoked,
)
from chainfin.domain.financing import FUNDING_LONG_STOP_SECONDS, FinancingStatus
from chainfin.domain.freezes import Freeze, frozen_until
from chainfin.domain.pledges import payee_of, payment_of
from chainfin.domain.pricing import fraction_half_up
from chainfin.domain.receivable import SECONDS_A_DAY, LotId
from chainfin.evidence.calls import Call, SignedOrder
from chainfin.evidence.errors import FactNotOrdered, PaymentMissing
from chainfin.evidence.record import Record

_NO_REMARK = bytes(32)
_LAST_INSTANT = 2**40 - 1
"""The latest second the contracts keep."""
_LONGEST_FREEZE = 1_096 * SECONDS_A_DAY
_LONGEST_HOLD = 2 * SECONDS_A_DAY
_MOVES = (
    LotSplit,
    LotUnsplit,
    TransferProposed,
    TransferAccepted,
    LotTransferred,
    LotFinanced,
    LotPaidEarly,
    FinancingRequested,
    LotRepurchased,
    LotWrittenOff,
    LotPledged,
    ReceivableCancelled,
    FundingAttested,
)
"""Facts that move or bind a lot: none of a frozen one."""

Check: TypeAlias = Callable[[Call, Any, Record], None]


def check_ordered(call: Call, event: ReceivableEvent, record: Record | None) -> None:
    """Refuse a fact that its transaction's orders did not ask for.

    Args:
        call: The transaction.
        event: The fact.
        record: The facts before it; None before the first.

    Raises:
        FactNotOrdered: Order and fact differ, or the act cannot make such a fact.
        PaymentMissing: The money that belongs to the fact did not move.
        FactImpossible: The fact names what the facts before it did not make.
    """
    if isinstance(event, ReceivableIssued) and call.function in _ISSUES:
        _ISSUES[call.function](call, event)
        return
    check = _CHECKS.get((type(event), call.function))
    if check is None:
        raise FactNotOrdered(f"{call.function} makes no {type(event).__name__}")
    if record is None:
        raise FactNotOrdered("the first fact is no issue")
    if isinstance(event, _MOVES):
        _require_thawed(call, event, record)
    check(call, event, record)


# --- issue ------------------------------------------------------------------------------------


def _issued(call: Call, event: ReceivableIssued) -> None:
    order = call.order("IssueReceivable")
    row = order.message["row"]
    _same_row(order, row, event)
    _attested(call, order, row_leaf(0, row), 1)


def _issued_in_batch(call: Call, event: ReceivableIssued) -> None:
    order = call.order("IssueBatch")
    message, run, rows = order.message, call.arguments["run"], call.arguments["rows"]
    first = run["index"] << run["level"]
    leaves = [row_leaf(first + offset, row) for offset, row in enumerate(rows)]
    is_signed = merkle.verify_subtree(
        leaves, run["level"], run["index"], run["proof"], message["root"], message["count"]
    )
    if not is_signed:
        raise FactNotOrdered("the rows are not those under the signed root")
    _same_row(order, rows[_row_of(call, order, event)], event)
    _attested(call, order, message["root"], message["count"])


def _row_of(call: Call, order: SignedOrder, event: ReceivableIssued) -> int:
    """Which row of the run became this receivable: the n-th bit set stands for the n-th one."""
    for run in call.said(BatchRowsIssued):
        places = [place for place in range(run.issued.bit_length()) if run.issued >> place & 1]
        offset = event.receivable_id - run.first_receivable_id
        named = run.order_hash == to_hex(order.order_hash)
        if named and 0 <= offset < len(places) and places[offset] < len(call.arguments["rows"]):
            return places[offset]
    raise FactNotOrdered(f"no row of the batch became receivable {event.receivable_id}")


def _same_row(order: SignedOrder, row: Mapping[str, Any], event: ReceivableIssued) -> None:
    _same(
        "the issue",
        {
            "organisation": (order.message["organisation"], event.obligor),
            "programmeId": (order.message["programmeId"], event.programme_id),
            "supplier": (row["supplier"], event.supplier),
            "faceValue": (row["faceValue"], event.face_value),
            "maturityAt": (row["maturityAt"], event.maturity_at),
            "graceEndsAt": (row["graceEndsAt"], event.grace_ends_at),
            "documentType": (row["documentType"], event.document_type),
            "documentAmount": (row["documentAmount"], event.document_amount),
            "documentFingerprint": (
                to_hex(row["documentFingerprint"]),
                event.document_fingerprint,
            ),
            "documentCommitment": (to_hex(row["documentCommitment"]), event.document_commitment),
        },
    )


def _attested(call: Call, order: SignedOrder, root: bytes, count: int) -> None:
    """The keeper of fingerprints signed for these very rows."""
    attestation = call.order("AttestDocuments").message
    _same(
        "the attestation",
        {
            "root": (attestation["root"], root),
            "count": (attestation["count"], count),
            "obligor": (attestation["obligor"], order.message["organisation"]),
            "currency": (attestation["currency"], order.message["currency"]),
        },
    )


def _accepted(call: Call, event: ReceivableAccepted, record: Record) -> None:
    order, terms = call.order("AcceptReceivable"), record.receivable.terms
    expected = {
        "receivableId": event.receivable_id,
        "obligor": terms.obligor,
        "programmeId": terms.programme_id,
        "faceValue": terms.face_value_minor,
        "maturityAt": terms.maturity_at,
        "graceEndsAt": terms.grace_ends_at,
    }
    _same("the acceptance", {"organisation": (order.message["organisation"], terms.supplier)})
    if expected not in list(order.message["offers"]):
        raise FactNotOrdered(f"the acceptance does not name receivable {event.receivable_id}")


def _refused(call: Call, event: ReceivableRefused, record: Record) -> None:
    supplier = record.receivable.terms.supplier
    _offer_ended(call.order("RefuseReceivable"), supplier, event, record)


def _offer_withdrawn(call: Call, event: ReceivableWithdrawn, record: Record) -> None:
    obligor = record.receivable.terms.obligor
    _offer_ended(call.order("WithdrawReceivable"), obligor, event, record)


def _offer_ended(
    order: SignedOrder,
    organisation: int,
    event: ReceivableRefused | ReceivableWithdrawn,
    record: Record,
) -> None:
    _as_issued(order, event, record)
    _same(
        f"the {order.primary_type}",
        {"organisation": (order.message["organisation"], organisation)},
    )


def _offer_lapsed(call: Call, _: ReceivableLapsed, record: Record) -> None:
    maturity_at = record.receivable.terms.maturity_at
    if call.timestamp < maturity_at:
        raise FactNotOrdered(f"at {call.timestamp} an offer due at {maturity_at} had not lapsed")


def _cancellation_proposed(call: Call, event: CancellationProposed, record: Record) -> None:
    message = _cancellation(call, event, record)
    _same(
        "the cancellation",
        {
            "organisation": (message["organisation"], event.organisation),
            "deadline": (min(message["deadline"], _LAST_INSTANT), event.expires_at),
        },
    )


def _cancelled(call: Call, event: ReceivableCancelled, record: Record) -> None:
    message = _cancellation(call, event, record)
    asked = record.cancellation
    if asked is None:
        raise FactNotOrdered("nobody had proposed the cancellation")
    _in_time(call, asked.expires_at)
    terms = record.receivable.terms
    other = terms.obligor + terms.supplier - asked.organisation
    _same("the cancellation", {"organisation": (message["organisation"], other)})


def _cancellation(
    call: Call, event: CancellationProposed | ReceivableCancelled, record: Record
) -> Mapping[str, Any]:
    order = call.order("CancelReceivable")
    _as_issued(order, event, record)
    _same("the cancellation", {"amount": (order.message["amount"], event.amount)})
    return order.message


def _as_issued(
    order: SignedOrder,
    event: ReceivableRefused | ReceivableWithdrawn | CancellationProposed | ReceivableCancelled,
    record: Record,
) -> None:
    """The order names the receivable with its face and its document, and gives the reason."""
    message, receivable = order.message, record.receivable
    tag = to_hex(message["documentFingerprint"])[: len(receivable.document_tag)]
    _same(
        f"the {order.primary_type}",
        {
            "receivableId": (message["receivableId"], event.receivable_id),
            "faceValue": (message["faceValue"], receivable.terms.face_value_minor),
            "documentFingerprint": (tag, receivable.document_tag),
            "reasonHash": (to_hex(message["reasonHash"]), event.reason_hash),
        },
    )


# --- splits and transfers ---------------------------------------------------------------------


def _split(call: Call, event: LotSplit, record: Record) -> None:
    order = call.order("SplitLot")
    _as_signed(order, event.parent_sequence, record)
    holder = record.lot(event.parent_sequence).holder
    parts = order.message["parts"]
    _same(
        "the split",
        {
            "organisation": (order.message["organisation"], holder),
            "parts": (len(parts), len(event.parts)),
        },
    )
    for wanted, part in zip(parts, event.parts, strict=True):
        _same("a part", {"faceValue": (wanted["faceValue"], part.face_value)})
        # A part for another stays with the holder while it is offered.
        if part.holder not in {wanted["to"], holder}:
            raise FactNotOrdered(f"a part went to {part.holder}, not to {wanted['to']}")
        if part.holder == holder != wanted["to"] and not _is_offered(call, part.lot_sequence):
            raise FactNotOrdered(f"a part for {wanted['to']} was neither handed over nor offered")


def _unsplit(call: Call, event: LotUnsplit, record: Record) -> None:
    order = call.order("UnsplitLot")
    _as_signed(order, event.lot_sequence, record)
    parent = record.lot(event.parent_sequence)
    _same(
        "the return of the lot",
        {
            "organisation": (order.message["organisation"], parent.holder),
            "parentFaceValue": (order.message["parentFaceValue"], parent.face_value_minor),
        },
    )


def _is_offered(call: Call, lot_sequence: int) -> bool:
    return any(offer.lot_sequence == lot_sequence for offer in _facts(call, TransferProposed))


def _offered_part(call: Call, event: TransferProposed, record: Record) -> None:
    order = call.order("SplitLot")
    parts = [part.lot_sequence for split in _facts(call, LotSplit) for part in split.parts]
    if event.lot_sequence not in parts:
        raise FactNotOrdered(f"lot {event.lot_sequence} is no part of the split")
    wanted = order.message["parts"][parts.index(event.lot_sequence)]["to"]
    _same_offer(order, event, wanted, _NO_REMARK)
    _same("the offer", {"from": (record.lot(event.lot_sequence).holder, event.from_)})


def _proposed(call: Call, event: TransferProposed, record: Record) -> None:
    order = call.order("ProposeTransfer")
    _as_signed(order, event.lot_sequence, record)
    _same_offer(order, event, order.message["to"], order.message["remarkHash"])


def _same_offer(order: SignedOrder, event: TransferProposed, to: int, remark: bytes) -> None:
    _same(
        "the offer",
        {
            "organisation": (order.message["organisation"], event.from_),
            "to": (to, event.to),
            "expiresAt": (order.message["expiresAt"], event.expires_at),
            "offer": (to_hex(order.order_hash), event.offer),
            "remarkHash": (to_hex(remark), event.remark_hash),
        },
    )


def _transferred(call: Call, event: LotTransferred, record: Record) -> None:
    order = call.order("ProposeTransfer")
    _as_signed(order, event.lot_sequence, record)
    _same(
        "the transfer",
        {
            "organisation": (order.message["organisation"], event.from_),
            "to": (order.message["to"], event.to),
            "remarkHash": (to_hex(order.message["remarkHash"]), event.remark_hash),
        },
    )


def _transfer_accepted(call: Call, event: TransferAccepted, record: Record) -> None:
    _answered(call.order("AcceptTransfer"), event, event.to, record)
    _in_time(call, record.offer(event.lot_sequence).expires_at)


def _transfer_rejected(call: Call, event: TransferRejected, record: Record) -> None:
    _answered(call.order("RejectTransfer"), event, event.to, record)


def _transfer_revoked(call: Call, event: TransferRevoked, record: Record) -> None:
    _answered(call.order("RevokeTransfer"), event, event.from_, record)


def _answered(
    order: SignedOrder,
    event: TransferAccepted | TransferRejected | TransferRevoked,
    organisation: int,
    record: Record,
) -> None:
    _as_signed(order, event.lot_sequence, record)
    offer = record.offer(event.lot_sequence)
    _same(
        "the answer",
        {
            "organisation": (order.message["organisation"], organisation),
            "offer": (to_hex(order.message["offer"]), offer.offer),
        },
    )


def _transferred_at_once(call: Call, event: TransferAccepted, record: Record) -> None:
    offer, answer = call.order("ProposeTransfer"), call.order("AcceptTransfer")
    _as_signed(offer, event.lot_sequence, record)
    _as_signed(answer, event.lot_sequence, record)
    _in_time(call, offer.message["expiresAt"])
    _same(
        "the transfer",
        {
            "organisation": (offer.message["organisation"], event.from_),
            "to": (offer.message["to"], event.to),
            "receiver": (answer.message["organisation"], event.to),
            "offer": (answer.message["offer"], offer.order_hash),
        },
    )


def _transfer_lapsed(call: Call, event: TransferLapsed, record: Record) -> None:
    _after(call, record.offer(event.lot_sequence).expires_at)


# --- financing --------------------------------------------------------------------------------


def _requested(call: Call, event: FinancingRequested, record: Record) -> None:
    order = call.order("RequestFinancing")
    _as_signed(order, event.lot_sequence, record)
    _same(
        "the request",
        {
            "organisation": (order.message["organisation"], event.holder),
            "partFaceValue": (order.message["partFaceValue"], event.part_face_value),
            "withRecourse": (order.message["withRecourse"], event.with_recourse),
            "expiresAt": (order.message["expiresAt"], event.expires_at),
        },
    )


def _withdrawn(call: Call, event: FinancingRequestEnded, record: Record) -> None:
    message = call.order("WithdrawFinancingRequest").message
    holder = record.lot(record.request(event.request_id).lot_sequence).holder
    _same(
        "the withdrawal",
        {
            "organisation": (message["organisation"], holder),
            "requestId": (message["requestId"], event.request_id),
            "status": (FinancingStatus.WITHDRAWN, event.status),
        },
    )


def _request_lapsed(call: Call, event: FinancingRequestEnded, record: Record) -> None:
    _after(call, record.request(event.request_id).expires_at)
    _same("the request's end", {"status": (FinancingStatus.LAPSED, event.status)})


def _quote(call: Call) -> SignedOrder:
    """The quote of an award: signed, or funded by an order that named its hash."""
    quote = call.order("Quote")
    drawn = [(e.funder, e.quote) for e in call.said(FundedQuoteEnded) if e.is_drawn]
    funded = (quote.message["organisation"], to_hex(quote.order_hash))
    if not quote.approvals and funded not in drawn:
        raise FactNotOrdered(f"quote {funded[1]} is neither signed nor funded")
    return quote


def _funded(call: Call, event: QuoteFunded, record: Record) -> None:
    message = call.order("FundQuote").message
    _in_time(call, record.request(event.request_id).expires_at)
    _same(
        "the funding",
        {
            "organisation": (message["organisation"], event.funder),
            "requestId": (message["requestId"], event.request_id),
            "quote": (to_hex(message["quote"]), event.quote),
            "amount": (message["amount"], event.amount),
            "expiresAt": (message["expiresAt"], event.expires_at),
        },
    )
    reserved = [(e.organisation, e.amount, e.quote) for e in call.said(DepositReserved)]
    if (event.funder, event.amount, event.quote) not in reserved:
        raise PaymentMissing(f"{event.amount} was not set aside for quote {event.quote}")


def _drawn(call: Call, event: FundedQuoteEnded, record: Record) -> None:
    """By the award of this very quote, before it expired; no more than was set aside."""
    quote, before = call.order("Quote"), record.funded_quote(event.funder, event.quote)
    _in_time(call, before.expires_at)
    _in_time(call, quote.message["deadline"])
    _same(
        "the draw",
        {
            "isDrawn": (True, event.is_drawn),
            "funder": (quote.message["organisation"], event.funder),
            "quote": (to_hex(quote.order_hash), event.quote),
            "requestId": (quote.message["requestId"], before.request_id),
        },
    )
    if quote.message["netProceeds"] > before.amount:
        raise PaymentMissing(f"{before.amount} was set aside for quote {event.quote}")


def _quote_released(call: Call, event: FundedQuoteEnded, record: Record) -> None:
    """Once it has expired, or its request has ended."""
    before = record.funded_quote(event.funder, event.quote)
    _same("the release", {"isDrawn": (False, event.is_drawn)})
    if record.is_open(before.request_id):
        _after(call, before.expires_at)


def _financed(call: Call, event: LotFinanced, record: Record) -> None:
    award, quote = call.order("AwardQuote"), _quote(call)
    _as_signed(quote, event.parent_sequence, record)
    _same(
        "the award",
        {
            "organisation": (award.message["organisation"], event.from_),
            "holder": (quote.message["holder"], event.from_),
            "funder": (quote.message["organisation"], event.to),
            "partFaceValue": (quote.message["partFaceValue"], event.face_value),
            "quote": (award.message["quote"], quote.order_hash),
        },
    )


def _paid_early(call: Call, event: LotPaidEarly, record: Record) -> None:
    award, quote = call.order("AwardQuote"), _quote(call)
    terms = record.receivable.terms
    _as_signed(quote, event.lot_sequence, record)
    if call.timestamp >= terms.maturity_at:
        raise FactNotOrdered(f"at {call.timestamp} it was due, since {terms.maturity_at}")
    _same(
        "the early payment",
        {
            "organisation": (award.message["organisation"], event.holder),
            "holder": (quote.message["holder"], event.holder),
            "obligor": (quote.message["organisation"], terms.obligor),
            "partFaceValue": (quote.message["partFaceValue"], event.face_value),
            "quote": (award.message["quote"], quote.order_hash),
        },
    )


def _awarded(call: Call, event: QuoteAwarded, record: Record) -> None:
    award, quote = call.order("AwardQuote"), _quote(call)
    request = record.request(event.request_id)
    _in_time(call, request.expires_at)
    _same(
        "the award",
        {
            "requestId": (award.message["requestId"], event.request_id),
            "quote": (to_hex(quote.order_hash), event.quote),
            "quoted request": (quote.message["requestId"], event.request_id),
            "quoted lot": (
                LotId.from_token(quote.message["lotId"]),
                LotId(event.receivable_id, request.lot_sequence),
            ),
            "partFaceValue": (quote.message["partFaceValue"], request.part_face_value),
            "withRecourse": (quote.message["withRecourse"], request.with_recourse),
            "funder": (quote.message["organisation"], event.funder),
            "netProceeds": (award.message["netProceeds"], event.net_proceeds),
            "price": (quote.message["netProceeds"], event.net_proceeds),
            "holdback": (award.message["holdback"], quote.message["holdback"]),
            "payBy": (award.message["payBy"], quote.message["payBy"]),
            "currency": (award.message["currency"], quote.message["currency"]),
            "terms": (to_hex(quote.message["terms"]), event.terms),
            "quoteCount": (award.message["quoteCount"], event.quote_count),
            "quoteHead": (to_hex(award.message["quoteHead"]), event.quote_head),
        },
    )
    if quote.message["payBy"]:
        record.awaiting(event.request_id)
        return
    _require_kept(call, quote, request.lot_sequence)
    seller = award.message["organisation"]
    _require_price(call, event.funder, seller, event.net_proceeds, event.quote)


def _require_kept(call: Call, quote: SignedOrder, asked: int) -> None:
    """What the quote holds back is kept, of what its award delivered; and nothing else."""
    delivered = [fact.lot_sequence for fact in _facts(call, LotFinanced)] or [asked]
    kept = [(fact.lot_sequence, fact.amount) for fact in _facts(call, HoldbackKept)]
    held_back = quote.message["holdback"]
    _same("the holdback", {"kept": (kept, [(delivered[0], held_back)] if held_back else [])})


# --- funding ----------------------------------------------------------------------------------


def _funding_awaited(call: Call, event: FundingAwaited, record: Record) -> None:
    award, quote = call.order("AwardQuote"), call.order("Quote")
    request = record.request(event.request_id)
    _as_signed(quote, request.lot_sequence, record)
    _same(
        "the award",
        {
            "organisation": (award.message["organisation"], request.holder),
            "requestId": (award.message["requestId"], event.request_id),
            "quote": (award.message["quote"], quote.order_hash),
            "holdback": (quote.message["holdback"], event.holdback),
            "obligorInterest": (award.message["obligorInterest"], event.obligor_interest),
            "payBy": (quote.message["payBy"], event.pay_by),
            "signed quote": (bool(quote.approvals), True),
        },
    )
    _in_time(call, event.pay_by)


def _funding_confirmed(call: Call, event: FundingConfirmed, _: Record) -> None:
    _same_funding(call.order("ConfirmFunding"), event, payee="organisation", bank="bank")


def _funding_attested(call: Call, event: FundingAttested, record: Record) -> None:
    """As the bank signed; that it is far from the funder, the contract asked."""
    order = call.order("AttestFunding")
    _same_funding(order, event, payee="payee", bank="organisation")
    if not event.value_at == order.message["valueAt"] <= call.timestamp:
        raise FactNotOrdered(f"the money came in at {order.message['valueAt']}")
    if event.amount > order.message["lineAmount"]:
        raise FactNotOrdered("the line is less than what was paid by it")
    award = record.award(event.request_id)
    _same(
        "the funding",
        {
            "quote": (to_hex(order.message["quote"]), award.quote),
            "funder": (event.funder, award.funder),
            "price": (event.amount, award.net_proceeds),
        },
    )


def _same_funding(
    order: SignedOrder, event: FundingConfirmed | FundingAttested, *, payee: str, bank: str
) -> None:
    message = order.message
    _same(
        "the funding",
        {
            "requestId": (message["requestId"], event.request_id),
            "payee": (message[payee], event.payee),
            "bank": (message[bank], event.bank),
            "amount": (message["amount"], event.amount),
            "lineHash": (to_hex(message["lineHash"]), event.line_hash),
        },
    )


def _awarded_funded(call: Call, event: FinancingRequestEnded, _: Record) -> None:
    message = call.order("AttestFunding").message
    _same(
        "the end of the request",
        {
            "requestId": (message["requestId"], event.request_id),
            "status": (FinancingStatus.FUNDED, event.status),
        },
    )


def _funding_released(call: Call, event: FinancingRequestEnded, record: Record) -> None:
    order, award = call.order("ReleaseFunding"), record.award(event.request_id)
    _same("the release", {"organisation": (order.message["organisation"], award.funder)})
    _funding_ended(order, event, record)


def _funding_denied(call: Call, event: FinancingRequestEnded, record: Record) -> None:
    order, awaited = call.order("DenyFunding"), record.awaiting(event.request_id)
    _same("the denial", {"organisation": (order.message["organisation"], awaited.bank)})
    _after(call, awaited.pay_by)
    _funding_ended(order, event, record)


def _funding_ended(order: SignedOrder, event: FinancingRequestEnded, record: Record) -> None:
    award = record.award(event.request_id)
    _same(
        "the end of the award",
        {
            "requestId": (order.message["requestId"], event.request_id),
            "quote": (to_hex(order.message["quote"]), award.quote),
            "status": (FinancingStatus.FUNDING_FAILED, event.status),
        },
    )


def _funding_lapsed(call: Call, event: FinancingRequestEnded, record: Record) -> None:
    awaited = record.awaiting(event.request_id)
    _after(call, awaited.pay_by + FUNDING_LONG_STOP_SECONDS)
    _same("the request's end", {"status": (FinancingStatus.FUNDING_FAILED, event.status)})


def _interest_borne(call: Call, event: InterestBorne, record: Record) -> None:
    message = call.order("BearInterest").message
    _in_time(call, record.request(event.request_id).expires_at)
    _same(
        "the anchor's share",
        {
            "organisation": (message["organisation"], event.obligor),
            "requestId": (message["requestId"], event.request_id),
            "lotId": (
                LotId.from_token(message["lotId"]),
                LotId(event.receivable_id, record.request(event.request_id).lot_sequence),
            ),
            "shareBps": (message["shareBps"], event.share_bps),
            "amount": (message["amount"], event.amount),
            "expiresAt": (message["expiresAt"], event.expires_at),
        },
    )
    reserved = [(e.organisation, e.amount) for e in call.said(DepositReserved)]
    if (event.obligor, event.amount) not in reserved:
        raise PaymentMissing(f"{event.amount} was not set aside for request {event.request_id}")


def _interest_shared(call: Call, event: InterestEnded, record: Record) -> None:
    """With the award, of the discount it is at; and the money moved."""
    award, quote = call.order("AwardQuote").message, call.order("Quote").message
    borne = record.share_borne(event.request_id)
    _in_time(call, borne.expires_at)
    discount = quote["partFaceValue"] - quote["holdback"] - quote["netProceeds"]
    share = min(fraction_half_up(discount, borne.share_bps), borne.amount)
    signed = award["obligorInterest"]
    _same("the share", {"amount": (share, event.amount), "signed": (signed, share)})
    _require_interest_paid(call, event, award["organisation"])


def _interest_shared_later(call: Call, event: InterestEnded, record: Record) -> None:
    """With the price, as the award said."""
    signed = record.interest_awarded.get(event.request_id)
    _same("the share", {"amount": (signed, event.amount)})
    _require_interest_paid(call, event, call.order("AttestFunding").message["payee"])


def _require_interest_paid(call: Call, event: InterestEnded, payee: int) -> None:
    paid = [(p.payer, p.payee, p.amount) for p in call.said(DepositPaid)]
    if (event.obligor, payee, event.amount) not in paid:
        raise PaymentMissing(f"{event.obligor} did not pay {event.amount} of the discount")


def _interest_released(call: Call, event: InterestEnded, record: Record) -> None:
    """Once it has expired, or its request has ended."""
    _same("the release", {"amount": (0, event.amount)})
    if record.is_open(event.request_id):
        _after(call, record.share_borne(event.request_id).expires_at)


def _held_back(call: Call, event: HoldbackKept, _: Record) -> None:
    """Of the lot that the same award delivered."""
    quote = call.order("Quote").message
    delivered = [fact.lot_sequence for fact in _facts(call, LotFinanced)]
    _same(
        "the holdback",
        {
            "lot": (delivered, [event.lot_sequence]),
            "amount": (quote["holdback"], event.amount),
            "seller": (quote["holder"], event.seller),
        },
    )


def _held_back_later(call: Call, event: HoldbackKept, record: Record) -> None:
    """With the price, as the award said."""
    message = call.order("AttestFunding").message
    awaited = record.awaiting(message["requestId"])
    request = record.requests[message["requestId"]].event
    _same(
        "the holdback",
        {
            "lot": (request.lot_sequence, event.lot_sequence),
            "amount": (awaited.holdback, event.amount),
            "seller": (message["payee"], event.seller),
        },
    )


def _holdback_ended(call: Call, event: HoldbackEnded, _: Record) -> None:
    message = call.order("RepurchaseLot").message
    ended = LotId(event.receivable_id, event.lot_sequence)
    _same(
        "the holdback",
        {
            "lot": (LotId.from_token(message["lotId"]), ended),
            "seller": (message["organisation"], event.seller),
        },
    )


# --- settlement -------------------------------------------------------------------------------


def _settled(call: Call, event: ReceivableSettled, record: Record) -> None:
    message, receivable = call.order("SettleReceivable").message, record.receivable
    _same(
        "the settlement",
        {
            "organisation": (message["organisation"], receivable.terms.obligor),
            "receivableId": (message["receivableId"], event.receivable_id),
            "faceValue": (message["faceValue"], receivable.terms.face_value_minor),
            "paid": (message["paid"], receivable.paid_minor),
            "amount": (message["amount"], event.amount),
        },
    )
    if (
        call.timestamp < receivable.terms.maturity_at
        and event.amount != receivable.outstanding_minor
    ):
        raise FactNotOrdered("before maturity only payment in full is possible")
    interest = sum(charged.amount for charged in _facts(call, LateInterestCharged))
    earmarked = [(e.organisation, e.amount, e.receivable_id) for e in call.said(DepositEarmarked)]
    if (receivable.terms.obligor, event.amount + interest, event.receivable_id) not in earmarked:
        raise PaymentMissing(f"{event.amount} was not set aside for {event.receivable_id}")


def _interest_charged(call: Call, event: LateInterestCharged, record: Record) -> None:
    """Within what the anchor signed; that it was set aside, the settlement before it shows."""
    message, terms = call.order("SettleReceivable").message, record.receivable.terms
    _after(call, terms.maturity_at)
    if event.amount > message["lateInterest"]:
        raise FactNotOrdered(
            f"{event.amount} of late interest, {message['lateInterest']} was signed"
        )


def _noted_overdue(call: Call, _: ReceivableOverdue, record: Record) -> None:
    """Anybody may say so; the clock must agree."""
    _after(call, record.receivable.terms.maturity_at + SECONDS_A_DAY - 1)


def _noted_default(call: Call, _: ReceivableDefaulted, record: Record) -> None:
    """Likewise, once grace has ended."""
    _after(call, record.receivable.terms.grace_ends_at)


def _written_off(call: Call, event: LotWrittenOff, record: Record) -> None:
    order = call.order("WriteOffLot")
    _as_signed(order, event.lot_sequence, record)
    _same("the write-off", {"organisation": (order.message["organisation"], event.holder)})


def _payment_confirmed(call: Call, event: PaymentConfirmed, record: Record) -> None:
    order = call.order("ConfirmPayment")
    _as_signed(order, event.lot_sequence, record)
    _same_payment(order, event, payee="organisation", bank="bank")


def _payment_attested(call: Call, event: PaymentAttested, record: Record) -> None:
    """As the bank signed; that it is the payee's, and far from the payer, the contract asked."""
    order, terms = call.order("AttestPayment"), record.receivable.terms
    _as_signed(order, event.lot_sequence, record)
    _same_payment(order, event, payee="payee", bank="organisation")
    if not event.value_at == order.message["valueAt"] <= call.timestamp:
        raise FactNotOrdered(f"the money came in at {order.message['valueAt']}")
    if event.late_interest and event.value_at < terms.maturity_at + SECONDS_A_DAY:
        raise FactNotOrdered("late interest on what was not late")
    if event.amount + event.late_interest > order.message["lineAmount"]:
        raise FactNotOrdered("the line is less than what was paid by it")


def _same_payment(
    order: SignedOrder, event: PaymentConfirmed | PaymentAttested, *, payee: str, bank: str
) -> None:
    message = order.message
    _same(
        "the payment",
        {
            "payee": (message[payee], event.payee),
            "bank": (message[bank], event.bank),
            "amount": (message["amount"], event.amount),
            "lateInterest": (message["lateInterest"], event.late_interest),
            "lineHash": (to_hex(message["lineHash"]), event.line_hash),
        },
    )


def _filed(call: Call, event: FilingRecorded, record: Record) -> None:
    message = call.order("RecordFiling").message
    lot = LotId(event.receivable_id, record.request(event.request_id).lot_sequence)
    _same(
        "the filing",
        {
            "organisation": (message["organisation"], event.funder),
            "requestId": (message["requestId"], event.request_id),
            "lotId": (message["lotId"], lot.token_id),
            "filedAt": (message["filedAt"], event.filed_at),
            "filing": (to_hex(message["filing"]), event.filing),
        },
    )


def _recourse_claimed(call: Call, event: RecourseClaimed, record: Record) -> None:
    order = call.order("ClaimRecourse")
    _as_signed(order, event.lot_sequence, record)
    _after(call, record.receivable.terms.grace_ends_at)
    _same("the claim", {"organisation": (order.message["organisation"], event.holder)})


def _repurchased(call: Call, event: LotRepurchased, record: Record) -> None:
    order = call.order("RepurchaseLot")
    _as_signed(order, event.lot_sequence, record)
    _after(call, record.receivable.terms.grace_ends_at)
    _same(
        "the repurchase",
        {
            "organisation": (order.message["organisation"], event.seller),
            "holder": (order.message["holder"], event.holder),
            "amount": (order.message["amount"], event.amount),
        },
    )
    if event.late_interest > order.message["lateInterest"]:
        raise FactNotOrdered(f"{event.late_interest} of late interest was not signed")
    price = event.amount + event.late_interest
    _require_price(call, event.seller, event.holder, price, to_hex(order.order_hash))


def _lots_paid(call: Call, event: LotsPaid | LateInterestPaid, record: Record) -> None:
    """No order is needed: the record checks each share, and here that the money moved."""
    obligor = record.receivable.terms.obligor
    _require_payees(call, event, record)
    wanted = [(payment.payee, payment.amount) for payment in event.payments]
    for paid in call.said(EarmarkPaid):
        moved = [(payment.payee, payment.amount) for payment in paid.payments]
        if (paid.payer, paid.receivable_id, moved) == (obligor, event.receivable_id, wanted):
            return
    raise PaymentMissing(f"the payments of receivable {event.receivable_id} did not reach holders")


def _require_payees(call: Call, event: LotsPaid | LateInterestPaid, record: Record) -> None:
    """Each payment goes to whom the lot's freezes and its pledge leave it at this instant."""
    before: dict[int, int] = {}
    for payment in event.payments:
        lot = record.lot(payment.lot_sequence)
        freezes, pledge = record.freezes_of(lot.lot_sequence), record.pledges.get(lot.lot_sequence)
        if isinstance(event, LateInterestPaid):
            payee = payee_of(freezes, pledge, lot.holder, call.timestamp)
            wanted = payee, payment.amount
        else:
            paid = before.get(lot.lot_sequence, lot.paid_minor)
            wanted = payment_of(
                freezes,
                pledge,
                record.holdbacks.get(lot.lot_sequence),
                holder=lot.holder,
                face_value_minor=lot.face_value_minor,
                paid_minor=paid,
                due_minor=record.share_of(lot) - paid,
                instant=call.timestamp,
            )
            before[lot.lot_sequence] = paid + payment.amount
        if (payment.payee, payment.amount) != wanted:
            raise FactNotOrdered(f"of lot {lot.lot_id} {payment} was paid, {wanted} is due")


# --- pledges ----------------------------------------------------------------------------------


def _pledge_proposed(call: Call, event: PledgeProposed, record: Record) -> None:
    order = call.order("ProposePledge")
    _as_signed(order, event.lot_sequence, record)
    message = order.message
    _same(
        "the pledge",
        {
            "organisation": (message["organisation"], event.holder),
            "pledgee": (message["pledgee"], event.pledgee),
            "securedAmount": (message["securedAmount"], event.secured_amount),
            "dueAt": (message["dueAt"], event.due_at),
            "expiresAt": (message["expiresAt"], event.expires_at),
            "agreementHash": (to_hex(message["agreementHash"]), event.agreement_hash),
            "pledge": (to_hex(order.order_hash), event.pledge),
        },
    )


def _pledged(call: Call, event: LotPledged, record: Record) -> None:
    order = call.order("AcceptPledge")
    _as_signed(order, event.lot_sequence, record)
    message = order.message
    _same(
        "the acceptance",
        {
            "organisation": (message["organisation"], event.pledgee),
            "pledge": (to_hex(message["pledge"]), event.pledge),
            "filingHash": (to_hex(message["filingHash"]), event.filing_hash),
            "filedAt": (message["filedAt"], event.filed_at),
        },
    )
    _in_time(call, record.pledge(event.lot_sequence, event.pledge).expires_at)


def _pledge_released(call: Call, event: PledgeReleased, record: Record) -> None:
    _pledge_ended(call, "ReleasePledge", event, record)


def _pledge_enforced(call: Call, event: PledgeEnforced, record: Record) -> None:
    _pledge_ended(call, "EnforcePledge", event, record)
    _after(call, record.pledge(event.lot_sequence, event.pledge).due_at)


def _pledge_ended(
    call: Call, primary_type: str, event: PledgeReleased | PledgeEnforced, record: Record
) -> None:
    order = call.order(primary_type)
    _as_signed(order, event.lot_sequence, record)
    pledge = record.pledge(event.lot_sequence, event.pledge)
    _same(
        "the end of the pledge",
        {
            "organisation": (order.message["organisation"], pledge.pledgee),
            "pledge": (to_hex(order.message["pledge"]), event.pledge),
            "pledgee": (pledge.pledgee, event.pledgee),
        },
    )


# --- freezes ----------------------------------------------------------------------------------


def _frozen(call: Call, event: LotFrozen | LotHeld, record: Record) -> None:
    """By a court or authority, over lots of the holder it names."""
    message = _freezing(call, event)
    pairs = {
        "holder": (message["holder"], event.holder),
        "organisation": (message["organisation"], event.court),
        "expiresAt": (message["expiresAt"], event.expires_at),
    }
    if isinstance(event, LotFrozen):
        pairs["toCourt"] = (message["toCourt"], event.to_court)
    _same("the freeze", pairs)
    longest = _LONGEST_HOLD if isinstance(event, LotHeld) else _LONGEST_FREEZE
    if not call.timestamp < event.expires_at <= call.timestamp + longest:
        raise FactNotOrdered(f"a freeze from {call.timestamp} ends at {event.expires_at}")
    record.lot(event.lot_sequence)


def _renewed(call: Call, event: FreezeRenewed, record: Record) -> None:
    """By the court that froze it, while the freeze held."""
    message, before = _freezing(call, event), _standing_freeze(call, event, record)
    pairs = {
        "organisation": (message["organisation"], before.court),
        "expiresAt": (message["expiresAt"], event.expires_at),
    }
    _same("the renewal", pairs)
    latest = call.timestamp + _LONGEST_FREEZE
    if before.is_hold or not before.expires_at < event.expires_at <= latest:
        raise FactNotOrdered(f"the freeze until {before.expires_at} is not renewed")


def _lifted(call: Call, event: FreezeLifted, record: Record) -> None:
    """Likewise."""
    before = _standing_freeze(call, event, record)
    _same("the end", {"organisation": (_freezing(call, event)["organisation"], before.court)})


def _freezing(
    call: Call, event: LotFrozen | LotHeld | FreezeRenewed | FreezeLifted
) -> Mapping[str, Any]:
    """The order behind a fact of a freeze, which names its receivable, reference and lots."""
    message: Mapping[str, Any] = call.orders[0].message
    _same(
        "the freeze",
        {
            "receivableId": (message["receivableId"], event.receivable_id),
            "referenceHash": (to_hex(message["referenceHash"]), event.reference_hash),
        },
    )
    named = message["lotSequences"]
    if named and event.lot_sequence not in named:
        raise FactNotOrdered(f"lot {event.lot_sequence} is not among {named}")
    return message


def _standing_freeze(call: Call, event: FreezeRenewed | FreezeLifted, record: Record) -> Freeze:
    freeze = record.freeze(event.lot_sequence, event.reference_hash)
    if not freeze.holds_at(call.timestamp):
        raise FactNotOrdered(f"the freeze of {freeze.lot_id} had ended")
    return freeze


def _require_thawed(call: Call, event: Any, record: Record) -> None:
    """A frozen lot does not move, from the block the freeze arrives."""
    lots = {getattr(event, name, 0) for name in ("lot_sequence", "parent_sequence")} - {0}
    if isinstance(event, ReceivableCancelled):
        lots = {1}
    for lot in lots & record.lots.keys():
        until = frozen_until(record.freezes_of(lot), call.timestamp)
        if until is not None:
            raise FactNotOrdered(f"lot {record.lot(lot).lot_id} moved while frozen until {until}")


# --- what they share --------------------------------------------------------------------------


def _as_signed(order: SignedOrder, lot_sequence: int, record: Record) -> None:
    """The order names the lot with the face it had and what was paid on it."""
    lot = record.lot(lot_sequence)
    _same(
        f"the {order.primary_type}",
        {
            "lotId": (order.message["lotId"], lot.lot_id.token_id),
            "faceValue": (order.message["faceValue"], lot.face_value_minor),
            "paid": (order.message["paid"], lot.paid_minor),
        },
    )


def _require_price(call: Call, payer: int, payee: int, amount: int, order_hash: str) -> None:
    """A lot's price was paid from deposit to deposit, under the order or quote that names it."""
    paid = [(p.payer, p.payee, p.amount, p.order_hash) for p in call.said(DepositPaid)]
    if (payer, payee, amount, order_hash) not in paid:
        raise PaymentMissing(f"{payer} did not pay {amount} for the lot")


def _same(what: str, pairs: Mapping[str, tuple[object, object]]) -> None:
    for name, (ordered, happened) in pairs.items():
        if ordered != happened:
            raise FactNotOrdered(f"{what}: {name} was ordered {ordered!r}, it is {happened!r}")


def _in_time(call: Call, expires_at: int) -> None:
    if call.timestamp > expires_at:
        raise FactNotOrdered(f"at {call.timestamp} what expired at {expires_at} was used")


def _after(call: Call, expires_at: int) -> None:
    if call.timestamp <= expires_at:
        raise FactNotOrdered(f"at {call.timestamp} what expires at {expires_at} had not lapsed")


def _facts(call: Call, kind: type[Any]) -> list[Any]:
    return [event for event in call.facts if isinstance(event, kind)]


_ISSUES: Mapping[str, Callable[[Call, ReceivableIssued], None]] = {
    "issueReceivable": _issued,
    "issueBatch": _issued_in_batch,
}
"""How a first fact is checked, by the act that made it."""
_CHECKS: Mapping[tuple[type, str], Check] = {
    (ReceivableAccepted, "acceptReceivable"): _accepted,
    (ReceivableRefused, "refuseReceivable"): _refused,
    (ReceivableWithdrawn, "withdrawReceivable"): _offer_withdrawn,
    (ReceivableLapsed, "lapseReceivable"): _offer_lapsed,
    (CancellationProposed, "cancelReceivable"): _cancellation_proposed,
    (ReceivableCancelled, "cancelReceivable"): _cancelled,
    (LotUnsplit, "unsplitLot"): _unsplit,
    (LotSplit, "splitLot"): _split,
    (TransferProposed, "splitLot"): _offered_part,
    (TransferProposed, "proposeTransfer"): _proposed,
    (LotTransferred, "proposeTransfer"): _transferred,
    (TransferAccepted, "acceptTransfer"): _transfer_accepted,
    (TransferAccepted, "transferLot"): _transferred_at_once,
    (TransferRejected, "rejectTransfer"): _transfer_rejected,
    (TransferRevoked, "revokeTransfer"): _transfer_revoked,
    (TransferLapsed, "lapseTransfer"): _transfer_lapsed,
    (FinancingRequested, "requestFinancing"): _requested,
    (FinancingRequestEnded, "withdrawFinancingRequest"): _withdrawn,
    (FinancingRequestEnded, "lapseFinancingRequest"): _request_lapsed,
    (LotPaidEarly, "awardQuote"): _paid_early,
    (LotFinanced, "awardQuote"): _financed,
    (QuoteAwarded, "awardQuote"): _awarded,
    (FundingAwaited, "awardQuote"): _funding_awaited,
    (HoldbackKept, "awardQuote"): _held_back,
    (InterestEnded, "awardQuote"): _interest_shared,
    (FundingConfirmed, "confirmFunding"): _funding_confirmed,
    (FinancingRequestEnded, "attestFunding"): _awarded_funded,
    (HoldbackKept, "attestFunding"): _held_back_later,
    (FundingAttested, "attestFunding"): _funding_attested,
    (InterestEnded, "attestFunding"): _interest_shared_later,
    (FinancingRequestEnded, "releaseFunding"): _funding_released,
    (FinancingRequestEnded, "denyFunding"): _funding_denied,
    (FinancingRequestEnded, "lapseFunding"): _funding_lapsed,
    (InterestBorne, "bearInterest"): _interest_borne,
    (InterestEnded, "releaseInterest"): _interest_released,
    (HoldbackEnded, "repurchaseLot"): _holdback_ended,
    (ReceivableSettled, "settleReceivable"): _settled,
    (LotsPaid, "settleReceivable"): _lots_paid,
    (LotsPaid, "payLots"): _lots_paid,
    (LateInterestCharged, "settleReceivable"): _interest_charged,
    (LateInterestPaid, "settleReceivable"): _lots_paid,
    (LateInterestPaid, "payLots"): _lots_paid,
    (ReceivableOverdue, "noteOverdue"): _noted_overdue,
    (ReceivableDefaulted, "noteDefault"): _noted_default,
    (LotFrozen, "freezeLots"): _frozen,
    (LotHeld, "holdLots"): _frozen,
    (FreezeRenewed, "renewFreeze"): _renewed,
    (FreezeLifted, "liftFreeze"): _lifted,
    (PledgeProposed, "proposePledge"): _pledge_proposed,
    (LotPledged, "acceptPledge"): _pledged,
    (PledgeReleased, "releasePledge"): _pledge_released,
    (PledgeEnforced, "enforcePledge"): _pledge_enforced,
    (LotWrittenOff, "writeOffLot"): _written_off,
    (PaymentConfirmed, "confirmPayment"): _payment_confirmed,
    (PaymentAttested, "attestPayment"): _payment_attested,
    (FilingRecorded, "recordFiling"): _filed,
    (QuoteFunded, "fundQuote"): _funded,
    (FundedQuoteEnded, "awardQuote"): _drawn,
    (FundedQuoteEnded, "releaseQuote"): _quote_released,
    (RecourseClaimed, "claimRecourse"): _recourse_claimed,
    (LotRepurchased, "repurchaseLot"): _repurchased,
}
"""How each later fact is checked, by the act that made it."""
