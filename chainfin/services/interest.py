"""Interest borne by the anchor: a share of the discount at which its supplier is financed.

The anchor orders it for one request, up to an amount that it sets aside; whoever's quote is then
awarded, the holder is paid the share beside the price. What is not used is free again.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.domain.calendar import DayCount, utc_day, year_fraction
from chainfin.domain.financing import FinancingStatus, InterestPayer
from chainfin.domain.money import money_json
from chainfin.domain.pricing import (
    BPS_PER_ONE,
    COST_BASIS_DAYS,
    STATUTORY_DAILY_BPS,
    fraction_half_up,
    straight_discount_half_up,
)
from chainfin.domain.refusals import InterestShareMalformed, NotObligor, RequestUnknown
from chainfin.models.financings import (
    BorneInterestRow,
    FinancingRequestRow,
    find_borne_interest,
    find_financing_request,
    open_requests_on_debt_of,
)
from chainfin.models.quotes import QuoteRow
from chainfin.models.receivables import ReceivableRow, find_receivable
from chainfin.services.audit import require_reader
from chainfin.services.context import Built, Caller, Context, read_fields

CAP_RATE_BPS = STATUTORY_DAILY_BPS * COST_BASIS_DAYS
"""The discount rate a year up to which an anchor bears its share unless it says otherwise.

It is what late money costs by statute (R-17): dearer than that, the anchor would rather owe the
supplier than pay a funder's discount.
"""


class BearInterestFields(msgspec.Struct, forbid_unknown_fields=True):
    """The request, and the share of its discount.

    Attributes:
        share_bps: 1 to 10,000.
        amount_minor: At most so much; else the share of the discount at the rate below.
        cap_rate_bps: Straight discount a year of 360 days, from now to maturity, on all that is
            asked for.
        expires_at: Until when it binds; else as long as the request is open.
    """

    request_id: int
    share_bps: int
    amount_minor: int | None = None
    cap_rate_bps: int = CAP_RATE_BPS
    expires_at: int | None = None


def build_bear_interest(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The anchor sets its share aside, and cannot take it back while it binds.

    Raises:
        RequestUnknown: There is no such request.
        NotObligor: Somebody else owes what is to be financed.
        InterestShareMalformed: It is no share, or more than all of it.
    """
    wanted = read_fields(BearInterestFields, fields)
    request, receivable = _asked(context, wanted.request_id)
    if receivable.obligor != organisation:
        raise NotObligor(receivable.receivable_id, receivable.obligor, organisation)
    if not 0 < wanted.share_bps <= BPS_PER_ONE:
        raise InterestShareMalformed(wanted.share_bps)
    amount, until = wanted.amount_minor, wanted.expires_at
    if amount is None:
        amount = fraction_half_up(
            _discount(context, request, receivable, wanted.cap_rate_bps), wanted.share_bps
        )
    return Built(
        fields={
            "requestId": request.request_id,
            "lotId": request.to_domain().lot_id.token_id,
            "currency": receivable.currency.encode(),
            "amount": amount,
            "shareBps": wanted.share_bps,
            "expiresAt": request.expires_at if until is None else until,
        },
        attachments={},
        currency=receivable.currency,
        amount_minor=amount,
        notes={
            "interest_payer": str(InterestPayer.of_share(wanted.share_bps)),
            "set_aside_minor": amount,
            "cap_rate_bps": wanted.cap_rate_bps if wanted.amount_minor is None else None,
        },
    )


def _discount(
    context: Context, request: FinancingRequestRow, receivable: ReceivableRow, rate_bps: int
) -> int:
    start = utc_day(context.as_of().block_timestamp)
    end = utc_day(receivable.maturity_at)
    days, basis = year_fraction(DayCount.ACT_360, start_date=start, end_date=end)
    return straight_discount_half_up(
        face_minor=request.part_face_value_minor,
        discount_rate_bps=rate_bps,
        days=days,
        basis_days=basis,
    )


# --- what it comes to -------------------------------------------------------------------------


def obligor_interest(context: Context, row: QuoteRow, discount_minor: int) -> int:
    """What the anchor pays the holder beside a quote's price, awarded or if it were awarded now.

    Half-up, and at most what it set aside; nothing where that has expired, or where the quote is
    its own: who pays early bears its own discount.
    """
    request = find_financing_request(context.session, row.request_id)
    if request is not None and request.quote_hash == row.quote_hash:
        return request.obligor_interest_minor or 0
    borne = find_borne_interest(context.session, row.request_id)
    if borne is None or not _binds(context, borne) or borne.obligor == row.funder:
        return 0
    return min(fraction_half_up(discount_minor, borne.share_bps), borne.amount_minor)


def _binds(context: Context, borne: BorneInterestRow) -> bool:
    return borne.ended_sequence is None and borne.expires_at >= context.as_of().block_timestamp


# --- reads -----------------------------------------------------------------------------------


def interest_terms(context: Context, request: FinancingRequestRow) -> dict[str, Any]:
    """Who bears the discount of a request, or bore it: the seller, the obligor, or both."""
    return _terms(request, find_borne_interest(context.session, request.request_id), context)


def requests_on_own_debt(context: Context, caller: Caller, *, limit: int) -> list[dict[str, Any]]:
    """Open requests on what the caller owes, the newest first, with what it bears of each."""
    rows = open_requests_on_debt_of(
        context.session, caller.organisation, context.as_of().block_timestamp, limit=limit
    )
    return [_on_own_debt(context, row) for row in rows]


def _on_own_debt(context: Context, row: FinancingRequestRow) -> dict[str, Any]:
    _, receivable = _asked(context, row.request_id)
    borne = find_borne_interest(context.session, row.request_id)
    terms = _terms(row, borne, context)
    set_aside = None
    if borne is not None and terms["interest_share_bps"]:
        set_aside = money_json(borne.amount_minor, receivable.currency)
    return {
        "request_id": row.request_id,
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "holder": row.holder,
        "part_face_value": money_json(row.part_face_value_minor, receivable.currency),
        "expires_at": row.expires_at,
        "set_aside": set_aside,
        **terms,
    }


def interest_view(context: Context, caller: Caller, request_id: int) -> dict[str, Any]:
    """What the anchor bears of a request's discount, for the request's readers.

    Raises:
        RequestUnknown: There is no such request.
        NotFound: It is not the caller's to read.
    """
    request, receivable = _asked(context, request_id)
    require_reader(context, caller, request.receivable_id)
    borne = find_borne_interest(context.session, request_id)
    view = {"request_id": request_id, "obligor": receivable.obligor}
    view |= _terms(request, borne, context)
    if borne is None:
        return view | {"state": "none", "set_aside": None, "paid": None, "expires_at": None}
    return view | {
        "state": _state(context, request, borne),
        "set_aside": money_json(borne.amount_minor, receivable.currency),
        "paid": money_json(borne.paid_minor, receivable.currency),
        "expires_at": borne.expires_at,
    }


def _terms(
    request: FinancingRequestRow, borne: BorneInterestRow | None, context: Context
) -> dict[str, Any]:
    counts = borne is not None and _state(context, request, borne) in _COUNTS
    share = borne.share_bps if borne is not None and counts else 0
    return {"interest_payer": str(InterestPayer.of_share(share)), "interest_share_bps": share}


def _state(context: Context, request: FinancingRequestRow, borne: BorneInterestRow) -> str:
    """What became of it; an awarded price that is on its way keeps what the award counts on."""
    if borne.ended_sequence is not None:
        return "paid" if borne.paid_minor else "released"
    if request.status is FinancingStatus.AWARDED and request.obligor_interest_minor:
        return "awarded"
    is_open = request.status is FinancingStatus.REQUESTED
    return "binding" if is_open and _binds(context, borne) else "expired"


_COUNTS = frozenset({"binding", "awarded", "paid"})
"""States in which the anchor bears its share, or bore it."""


def _asked(context: Context, request_id: int) -> tuple[FinancingRequestRow, ReceivableRow]:
    request = find_financing_request(context.session, request_id)
    receivable = (
        None if request is None else find_receivable(context.session, request.receivable_id)
    )
    if request is None or receivable is None:
        raise RequestUnknown(request_id)
    return request, receivable
