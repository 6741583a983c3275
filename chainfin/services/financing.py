"""Financing: requests and awards as orders; quotes sealed off chain, numbered and chained.

A quote is firm in law: the funder signs price, lot, holder and expiry; and firm in fact once its
funder has set money aside for it on chain. Its rate and day count are signed
in the open between the parties, must reproduce the price, and reach the chain only as a salted
hash. Every quote gets a numbered receipt whose head chains the ones before; the award signs number
and head, so a quote the service withheld is provable.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from chainfin.codec.hashing import from_hex, keccak, to_hex
from chainfin.codec.orders import TYPES, order_hash
from chainfin.codec.typed_data import from_json
from chainfin.domain.calendar import DayCount, utc_day, year_fraction
from chainfin.domain.financing import FUNDING_LONG_STOP_SECONDS, FinancingRequest
from chainfin.domain.order import Approval, number_of
from chainfin.domain.pricing import (
    advance_rate_bps_floor,
    cost_on_proceeds_bps_up,
    straight_discount_half_up,
)
from chainfin.domain.receivable import Lot, LotId, Receivable
from chainfin.domain.refusals import (
    EarlyPaymentWithTerms,
    NotObligor,
    PartByTransfer,
    QuoteMismatch,
    ReceivableDue,
    RequestUnknown,
)
from chainfin.domain.service_errors import (
    AttachmentMismatch,
    FieldMalformed,
    NotFound,
    OrderMalformed,
)
from chainfin.models.financings import (
    FilingRow,
    FundedQuoteRow,
    filings_on,
    find_financing_request,
    find_funded_quote,
    get_financing_request,
)
from chainfin.models.orders import orders_in_transaction
from chainfin.models.quotes import QuoteRow, quotes_on
from chainfin.models.receivables import (
    LotRow,
    find_lot,
    find_receivable,
    get_lot,
    get_receivable,
)
from chainfin.services.audit import require_reader
from chainfin.services.context import Built, Caller, Context, lot_id_of, read_fields
from chainfin.services.credit_lines import require_room
from chainfin.services.interest import obligor_interest
from chainfin.services.settlement import ORDER_SECONDS, late_interest_on
from chainfin.services.transfers import as_signed, currency_of, held_lot

REQUEST_SECONDS = 7 * 86_400
NO_RECEIPT = "0x" + "00" * 32
_SALT_BYTES = 32
_FILING_DOMAIN = keccak(b"chainfin filing")
_LONGEST_FILING_NUMBER = 64


class RequestFinancingFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot, how much of it, and until when quotes may be awarded."""

    lot_id: str
    part_face_value_minor: int | None = None
    with_recourse: bool = False
    expires_at: int | None = None


class WithdrawFinancingRequestFields(msgspec.Struct, forbid_unknown_fields=True):
    """The request to take back."""

    request_id: int


class SubmitQuoteFields(msgspec.Struct, forbid_unknown_fields=True):
    """A funder's price, as a discount rate by the market's day count.

    Attributes:
        holdback_minor: What the holder gets of the face only once the rest is collected; the
            discount is on the rest.
        pay_by: Where the price comes by bank transfer, until when, UTC seconds; without it the
            price is paid from the funder's deposit at the award.
    """

    request_id: int
    discount_rate_bps: int
    day_count: DayCount = DayCount.ACT_360
    expires_at: int | None = None
    holdback_minor: int = 0
    pay_by: int | None = None


class FundQuoteFields(msgspec.Struct, forbid_unknown_fields=True):
    """The quote, how much is set aside for it, and until when."""

    quote_hash: str
    amount_minor: int | None = None
    funded_until: int | None = None


class AwardQuoteFields(msgspec.Struct, forbid_unknown_fields=True):
    """The quote the holder takes."""

    quote_hash: str


class RecordFilingFields(msgspec.Struct, forbid_unknown_fields=True):
    """The number that the registry gave a funder's filing, and when."""

    request_id: int
    number: str
    filed_at: int | None = None


class LotFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot in question."""

    lot_id: str


@dataclass(frozen=True, slots=True)
class _Price:
    tenor_days: int
    discount_minor: int
    net_proceeds_minor: int


def build_request_financing(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """A holder's request; the lot is locked while it is open."""
    wanted = read_fields(RequestFinancingFields, fields)
    lot = held_lot(context, organisation, wanted.lot_id)
    part = wanted.part_face_value_minor
    part = lot.face_value_minor if part is None else part
    expires_at = wanted.expires_at
    if expires_at is None:
        expires_at = context.as_of().block_timestamp + REQUEST_SECONDS
    return Built(
        fields=as_signed(lot)
        | {
            "partFaceValue": part,
            "withRecourse": wanted.with_recourse,
            "expiresAt": expires_at,
        },
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        amount_minor=part,
    )


def build_withdraw_financing_request(
    context: Context,
    organisation: int,  # noqa: ARG001
    fields: Mapping[str, Any],
) -> Built:
    """The holder's request taken back."""
    wanted = read_fields(WithdrawFinancingRequestFields, fields)
    return Built(
        fields={"requestId": _request(context, wanted.request_id).request_id}, attachments={}
    )


def build_submit_quote(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A funder's firm quote, priced from its rate; never sent to the chain before award.

    A funder that keeps credit lines quotes within them (R-36).
    """
    wanted = read_fields(SubmitQuoteFields, fields)
    request = _request(context, wanted.request_id)
    receivable = get_receivable(context.session, request.receivable_id)
    if receivable is not None:
        currency = currency_of(context, request.receivable_id)
        amount = request.part_face_value_minor
        require_room(context, organisation, receivable.terms.obligor, currency, amount)
    return _priced(context, request, wanted)


def build_offer_early_payment(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """The anchor's price for its own debt, before it is due, by the rate it asks for the days.

    Raises:
        NotObligor: Somebody else owes it.
        ReceivableDue: It is due: from then on it is paid in full.
        EarlyPaymentWithTerms: It would hold something back, or pay by bank transfer.
    """
    wanted = read_fields(SubmitQuoteFields, fields)
    request = _request(context, wanted.request_id)
    if wanted.holdback_minor or wanted.pay_by is not None:
        raise EarlyPaymentWithTerms(wanted.request_id)
    receivable = find_receivable(context.session, request.receivable_id)
    if receivable is None or receivable.obligor != organisation:
        obligor = 0 if receivable is None else receivable.obligor
        raise NotObligor(request.receivable_id, obligor, organisation)
    if context.as_of().block_timestamp >= receivable.maturity_at:
        raise ReceivableDue(receivable.receivable_id, receivable.maturity_at)
    return _priced(context, request, wanted)


def _priced(context: Context, request: FinancingRequest, wanted: SubmitQuoteFields) -> Built:
    """A quote at the price its rate gives today, with what it costs the holder all in."""
    lot = get_lot(context.session, request.lot_id)
    receivable = get_receivable(context.session, request.receivable_id)
    if lot is None or receivable is None:
        raise RequestUnknown(wanted.request_id)
    part, held_back = request.part_face_value_minor, wanted.holdback_minor
    if not 0 <= held_back < part:
        raise FieldMalformed(
            "holdback_minor", str(held_back), f"0 to {part - 1}, less than the part"
        )
    value_at = context.as_of().block_timestamp
    if wanted.pay_by is not None:
        _require_transferable(request, lot, receivable, wanted.pay_by, value_at)
    advanced = part - held_back
    price = _price(advanced, receivable, value_at, wanted.discount_rate_bps, wanted.day_count)
    currency = currency_of(context, request.receivable_id)
    cost = cost_on_proceeds_bps_up(
        face_minor=advanced,
        net_proceeds_minor=price.net_proceeds_minor,
        days=price.tenor_days,
    )
    return Built(
        fields={
            "requestId": wanted.request_id,
            **as_signed(lot),
            "partFaceValue": part,
            "holder": lot.holder,
            "currency": currency.encode(),
            "netProceeds": price.net_proceeds_minor,
            "holdback": held_back,
            "payBy": wanted.pay_by or 0,
            "withRecourse": request.with_recourse,
            "terms": {
                "discountRateBps": wanted.discount_rate_bps,
                "dayCount": str(wanted.day_count),
                "tenorDays": price.tenor_days,
                "valueAt": value_at,
                "salt": secrets.token_bytes(_SALT_BYTES),
            },
        },
        attachments={},
        currency=currency,
        amount_minor=price.net_proceeds_minor,
        notes={
            "discount_minor": price.discount_minor,
            "net_proceeds_minor": price.net_proceeds_minor,
            "holdback_minor": held_back,
            "advance_rate_bps": advance_rate_bps_floor(face_minor=part, holdback_minor=held_back),
            "tenor_days": price.tenor_days,
            "annual_cost_on_proceeds_bps": cost,
        },
    )


def accept_quote(
    context: Context,
    message: Mapping[str, Any],
    typed_data: Mapping[str, Any],
    approvals: Sequence[Approval],
) -> QuoteRow:
    """Record a signed quote and give it a receipt. Its signatures have been checked.

    The same quote again gets its first receipt again.

    Raises:
        QuoteMismatch: It is not for the request as it stands.
        OrderMalformed: Its rate does not give its price.
    """
    hash_ = to_hex(order_hash("Quote", message))
    known = context.session.get(QuoteRow, hash_)
    if known is not None:
        return known
    request = _request(context, message["requestId"])
    _check_quote(context, request, message, hash_)
    before = quotes_on(context.session, request.request_id)
    head = before[-1].receipt_head if before else NO_RECEIPT
    number = len(before) + 1
    row = QuoteRow(
        quote_hash=hash_,
        request_id=request.request_id,
        funder=message["organisation"],
        maker_key=approvals[0].key,
        nonce=number_of(message["nonce"]),
        net_proceeds_minor=message["netProceeds"],
        holdback_minor=message["holdback"],
        pay_by=message["payBy"] or None,
        discount_rate_bps=message["terms"]["discountRateBps"],
        day_count=message["terms"]["dayCount"],
        tenor_days=message["terms"]["tenorDays"],
        expires_at=message["deadline"],
        typed_data=json.dumps(typed_data),
        approvals=json.dumps(
            [{"key": entry.key, "signature": to_hex(entry.signature)} for entry in approvals]
        ),
        receipt_number=number,
        receipt_head=receipt_head(head, number, hash_),
        received_at=context.now,
    )
    context.session.add(row)
    context.session.flush()
    return row


def receipt_head(previous: str, number: int, quote_hash: str) -> str:
    """The head of the receipts after one more: keccak256(previous ‖ number (32 bytes) ‖ quote)."""
    return to_hex(keccak(from_hex(previous) + number.to_bytes(32, "big") + from_hex(quote_hash)))


def build_fund_quote(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A funder makes its quote firm in fact; unless it says otherwise it sets the face aside.

    The amount is on the chain, where every node reads it: of the face it tells nobody the price.
    """
    wanted = read_fields(FundQuoteFields, fields)
    row = context.session.get(QuoteRow, wanted.quote_hash)
    if row is None or row.funder != organisation:
        raise NotFound("quote", wanted.quote_hash)
    if row.pay_by is not None:
        raise FieldMalformed("quote_hash", row.quote_hash, "a quote paid from the deposit")
    request = _request(context, row.request_id)
    amount, until = wanted.amount_minor, wanted.funded_until
    amount = request.part_face_value_minor if amount is None else amount
    until = min(row.expires_at, request.expires_at) if until is None else until
    currency = currency_of(context, request.receivable_id)
    return Built(
        fields={
            "requestId": request.request_id,
            "quote": from_hex(row.quote_hash, 32),
            "currency": currency.encode(),
            "amount": amount,
            "expiresAt": until,
        },
        attachments={},
        currency=currency,
        amount_minor=amount,
        notes={"net_proceeds_minor": row.net_proceeds_minor, "set_aside_minor": amount},
    )


def build_award_quote(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The holder's award of one quote, with the number and head of all receipts."""
    wanted = read_fields(AwardQuoteFields, fields)
    row = context.session.get(QuoteRow, wanted.quote_hash)
    if row is None:
        raise NotFound("quote", wanted.quote_hash)
    _, quote = from_json(json.loads(row.typed_data), TYPES, context.network.deployment.domain)
    if quote["holder"] != organisation:
        raise NotFound("quote", wanted.quote_hash)
    receipts = quotes_on(context.session, row.request_id)
    discount = quote["partFaceValue"] - row.holdback_minor - row.net_proceeds_minor
    interest = obligor_interest(context, row, discount)
    funded = _funded(context, row)
    is_funded = funded is not None and funded.amount_minor >= row.net_proceeds_minor
    return Built(
        fields={
            "requestId": row.request_id,
            "quote": from_hex(row.quote_hash, 32),
            "currency": quote["currency"],
            "netProceeds": row.net_proceeds_minor,
            "holdback": row.holdback_minor,
            "obligorInterest": interest,
            "payBy": row.pay_by or 0,
            "quoteCount": len(receipts),
            "quoteHead": from_hex(receipts[-1].receipt_head, 32),
        },
        attachments={
            "quote": json.loads(row.typed_data),
            # A funded quote is paid out of what was set aside, without its funder's signature.
            "quoteApprovals": [] if is_funded else json.loads(row.approvals),
        },
        currency=quote["currency"].decode(),
        amount_minor=quote["partFaceValue"],
        notes={
            "funder": row.funder,
            "is_funded": is_funded,
            "net_proceeds_minor": row.net_proceeds_minor,
            "discount_minor": discount,
            "holdback_minor": row.holdback_minor,
            "advance_rate_bps": advance_rate_bps_floor(
                face_minor=quote["partFaceValue"], holdback_minor=row.holdback_minor
            ),
            "obligor_interest_minor": interest,
            "pay_by": row.pay_by,
            "annual_cost_on_proceeds_bps": cost_on_proceeds_bps_up(
                face_minor=quote["partFaceValue"] - row.holdback_minor,
                net_proceeds_minor=row.net_proceeds_minor + interest,
                days=row.tenor_days,
            ),
        },
    )


def build_record_filing(
    context: Context,
    organisation: int,  # noqa: ARG001
    fields: Mapping[str, Any],
) -> Built:
    """A funder's filing for a request: a commitment for the chain, its number here (R-07)."""
    wanted = read_fields(RecordFilingFields, fields)
    if not wanted.number.strip() or len(wanted.number) > _LONGEST_FILING_NUMBER:
        raise FieldMalformed(
            "number", wanted.number, f"1 to {_LONGEST_FILING_NUMBER} characters, as registered"
        )
    request = _request(context, wanted.request_id)
    filed_at = wanted.filed_at
    salt = secrets.token_bytes(_SALT_BYTES)
    return Built(
        fields={
            "requestId": request.request_id,
            "lotId": request.lot_id.token_id,
            "filedAt": context.as_of().block_timestamp if filed_at is None else filed_at,
            "filing": filing_commitment(wanted.number, salt),
        },
        attachments={"number": wanted.number, "salt": to_hex(salt)},
    )


def check_filing(message: Mapping[str, Any], attached: Mapping[str, Any]) -> None:
    """Refuse a filing whose number is not the one that was signed for.

    Raises:
        AttachmentMismatch: It is another, or missing.
    """
    salt = from_hex(attached["salt"], _SALT_BYTES)
    if message["filing"] != filing_commitment(attached["number"], salt):
        raise AttachmentMismatch("the filing's number is not the one that was signed for")


def filing_commitment(number: str, salt: bytes) -> bytes:
    """What the chain keeps of a filing's number: keccak256(domain ‖ salt (32 bytes) ‖ number)."""
    return keccak(_FILING_DOMAIN + salt + number.encode())


def read_filings(context: Context, caller: Caller, request_id: int) -> list[dict[str, Any]]:
    """What was filed for a request, with the numbers: for its holder, each funder, auditors."""
    request = find_financing_request(context.session, request_id)
    if request is None:
        raise RequestUnknown(request_id)
    require_reader(context, caller, request.receivable_id)
    return [
        {
            "funder": row.funder,
            "filed_at": row.filed_at,
            "filing": row.filing,
            "number": _filing_number(context, row),
            "recorded_at": row.recorded_at,
        }
        for row in filings_on(context.session, request_id)
        if caller.reads_all or caller.organisation in {request.holder, row.funder}
    ]


def _filing_number(context: Context, row: FilingRow) -> str | None:
    """The number behind a commitment; None where another service relayed it."""
    for order in orders_in_transaction(
        context.session, row.funder, "record_filing", row.recorded_transaction_hash
    ):
        attached = json.loads(order.attachments)
        salt = from_hex(attached["salt"], _SALT_BYTES)
        if to_hex(filing_commitment(attached["number"], salt)) == row.filing:
            return str(attached["number"])
    return None


def build_claim_recourse(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The holder of a lot in default turns to the seller that sold it with recourse."""
    wanted = read_fields(LotFields, fields)
    return Built(fields=as_signed(held_lot(context, organisation, wanted.lot_id)), attachments={})


def build_repurchase_lot(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The seller takes a lot in default back; it signs for the late interest up to a day on."""
    wanted = read_fields(LotFields, fields)
    entry = find_lot(context.session, lot_id_of(wanted.lot_id))
    receivable = None if entry is None else find_receivable(context.session, entry.receivable_id)
    if entry is None or receivable is None or seller_of(context, entry.lot_id) != organisation:
        raise NotFound("lot", wanted.lot_id)
    lot = entry.to_domain()
    now_at = context.as_of().block_timestamp
    owed = max(lot.outstanding_minor - entry.holdback_minor, 0)
    most = late_interest_on(context, receivable, owed, now_at + ORDER_SECONDS)
    return Built(
        fields=as_signed(lot)
        | {
            "holder": lot.holder,
            "currency": receivable.currency.encode(),
            "amount": owed,
            "lateInterest": most,
        },
        attachments={},
        currency=receivable.currency,
        amount_minor=owed + most,
        notes={
            "late_interest_minor": late_interest_on(context, receivable, owed, now_at),
            "most_late_interest_minor": most,
        },
    )


def seller_of(context: Context, lot_id: LotId) -> int | None:
    """Who last sold a lot with recourse and has not repurchased it; None where nobody has."""
    row = context.session.get(LotRow, (lot_id.receivable_id, lot_id.lot_sequence))
    if row is None or row.recourse_request_id is None:
        return None
    sale = find_financing_request(context.session, row.recourse_request_id)
    return None if sale is None else sale.holder


def read_quotes(context: Context, caller: Caller, request_id: int) -> list[dict[str, Any]]:
    """The quotes on a request: all for its holder, a funder's own for that funder.

    Nobody else is shown prices, auditors included: losing quotes belong to those two alone.
    """
    request = _request(context, request_id)
    require_reader(context, caller, request.lot_id.receivable_id)
    lot = get_lot(context.session, request.lot_id)
    is_holder = lot is not None and caller.organisation == lot.holder
    return [
        quote_view(context, row, request)
        for row in quotes_on(context.session, request_id)
        if is_holder or row.funder == caller.organisation
    ]


def quote_view(context: Context, row: QuoteRow, request: FinancingRequest) -> dict[str, Any]:
    """A quote as its readers see it: its all-in cost, its receipt, and whether it is funded."""
    part = request.part_face_value_minor
    advanced = part - row.holdback_minor
    discount = advanced - row.net_proceeds_minor
    interest = obligor_interest(context, row, discount)
    funded = _funded(context, row)
    return {
        "quote_hash": row.quote_hash,
        "request_id": row.request_id,
        "funder": row.funder,
        "net_proceeds_minor": row.net_proceeds_minor,
        "holdback_minor": row.holdback_minor,
        "advance_rate_bps": advance_rate_bps_floor(
            face_minor=part, holdback_minor=row.holdback_minor
        ),
        "pay_by": row.pay_by,
        "discount_minor": discount,
        "obligor_interest_minor": interest,
        "discount_rate_bps": row.discount_rate_bps,
        "day_count": row.day_count,
        "tenor_days": row.tenor_days,
        "annual_cost_on_proceeds_bps": cost_on_proceeds_bps_up(
            face_minor=advanced,
            net_proceeds_minor=row.net_proceeds_minor + interest,
            days=row.tenor_days,
        ),
        "expires_at": row.expires_at,
        "funded_until": None if funded is None else funded.expires_at,
        "receipt": {"number": row.receipt_number, "head": row.receipt_head},
    }


def _funded(context: Context, row: QuoteRow) -> FundedQuoteRow | None:
    """What is set aside for a quote and still binds."""
    funded = find_funded_quote(context.session, row.funder, row.quote_hash)
    now_at = context.as_of().block_timestamp
    binds = funded is not None and funded.ended_sequence is None and funded.expires_at >= now_at
    return funded if binds else None


def award_arguments(context: Context, attachments: Mapping[str, Any]) -> dict[str, Any]:
    """The quote of an award as the contract's arguments; see `orders`."""
    primary_type, quote = from_json(attachments["quote"], TYPES, context.network.deployment.domain)
    if primary_type != "Quote":
        raise OrderMalformed(f"the attached quote is a {primary_type}")
    return quote


def _request(context: Context, request_id: int) -> FinancingRequest:
    request = get_financing_request(context.session, request_id)
    if request is None:
        raise RequestUnknown(request_id)
    return request


def _check_quote(
    context: Context, request: FinancingRequest, message: Mapping[str, Any], hash_: str
) -> None:
    lot = get_lot(context.session, request.lot_id)
    receivable = get_receivable(context.session, request.receivable_id)
    if lot is None or receivable is None:
        raise RequestUnknown(request.request_id)
    expected = as_signed(lot) | {
        "partFaceValue": request.part_face_value_minor,
        "holder": lot.holder,
        "withRecourse": request.with_recourse,
        "currency": currency_of(context, lot.receivable_id).encode(),
    }
    if any(message[name] != value for name, value in expected.items()):
        raise QuoteMismatch(request.request_id, hash_)
    if pay_by := message["payBy"]:
        now_at = context.as_of().block_timestamp
        _require_transferable(request, lot, receivable, pay_by, now_at)
    terms = message["terms"]
    day_count = DayCount(terms["dayCount"])
    advanced = request.part_face_value_minor - message["holdback"]
    if advanced <= 0:
        raise QuoteMismatch(request.request_id, hash_)
    price = _price(advanced, receivable, terms["valueAt"], terms["discountRateBps"], day_count)
    if (price.net_proceeds_minor, price.tenor_days) != (message["netProceeds"], terms["tenorDays"]):
        raise OrderMalformed(
            f"the quote's rate gives {price.net_proceeds_minor}, not {message['netProceeds']}"
        )


def _require_transferable(
    request: FinancingRequest, lot: Lot, receivable: Receivable, pay_by: int, now_at: int
) -> None:
    """A price by bank transfer is for a whole lot, and its long stop comes before the lot is due.

    Raises:
        PartByTransfer: Only part of the lot is asked for.
        FieldMalformed: The instant to pay by is past, or too late.
    """
    part = request.part_face_value_minor
    if part != lot.face_value_minor:
        raise PartByTransfer(request.request_id, part, lot.face_value_minor)
    latest = receivable.terms.maturity_at - FUNDING_LONG_STOP_SECONDS - 1
    if not now_at < pay_by <= latest:
        raise FieldMalformed("pay_by", str(pay_by), f"{now_at + 1} to {latest}, in UTC seconds")


def _price(
    advanced_minor: int,
    receivable: Receivable,
    value_at: int,
    discount_rate_bps: int,
    day_count: DayCount,
) -> _Price:
    start, end = utc_day(value_at), utc_day(receivable.terms.maturity_at)
    days, basis = year_fraction(day_count, start_date=start, end_date=end)
    discount = straight_discount_half_up(
        face_minor=advanced_minor,
        discount_rate_bps=discount_rate_bps,
        days=days,
        basis_days=basis,
    )
    return _Price((end - start).days, discount, advanced_minor - discount)
