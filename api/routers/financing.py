"""Financing: the market's requests, sealed quotes, awards, prices by bank transfer; deposits."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ContextDep, ReadContextDep
from api.drafts import Fields, draft
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from api.schemas import AccountsBody, Number, OrderBody
from chainfin.services import (
    financing,
    funding,
    holdbacks,
    interest,
    orders,
    portfolio,
    signed_orders,
)

router = APIRouter(tags=["financing"], route_class=RecordingRoute)


@router.get("/financing-requests")
def list_financing_requests(
    context: ReadContextDep, caller: CallerDep, cursor: Number = 0, limit: Limit = 100
) -> dict[str, Any]:
    """Requests the caller may see: funders the open market, holders and anchors their own."""
    data = portfolio.financing_request_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "request_id") | {"as_of": as_of(context)}


@router.get("/financing-requests/{request_id}")
def get_financing_request(
    request_id: Number, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """A request; to the parties of its award, that award and what its price waits for."""
    return funding.request_view(context, caller, request_id) | {"as_of": as_of(context)}


@router.post("/financing-requests/{request_id}/attestations")
def attest_funding(
    request_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the holder's bank's attestation that the price of an award came in."""
    return draft(context, caller, "attest_funding", fields | {"request_id": request_id})


@router.post("/financing-requests/{request_id}/confirmations")
def confirm_funding(
    request_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the holder's own word that the price of an award came in."""
    return draft(context, caller, "confirm_funding", fields | {"request_id": request_id})


@router.post("/financing-requests/{request_id}/release")
def release_funding(
    request_id: Number, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the funder's giving up of an award whose price it has not paid."""
    return draft(context, caller, "release_funding", {"request_id": request_id})


@router.post("/financing-requests/{request_id}/denial")
def deny_funding(request_id: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the holder's bank's word that the price of an award did not come in in time."""
    return draft(context, caller, "deny_funding", {"request_id": request_id})


@router.get("/fundings/awaited")
def list_awaited_fundings(
    context: ReadContextDep, caller: CallerDep, cursor: Number = 0, limit: Limit = 100
) -> dict[str, Any]:
    """Awards whose price is on its way to the caller, from it, or through it as its bank."""
    data = funding.awaited_funding_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "request_id") | {"as_of": as_of(context)}


@router.get("/fundings/attestations")
def list_funding_attestations(
    context: ReadContextDep, caller: CallerDep, cursor: Number = 0, limit: Limit = 100
) -> dict[str, Any]:
    """Prices by bank transfer that the caller received, paid or attested."""
    data = funding.funding_attestation_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "request_id") | {"as_of": as_of(context)}


@router.get("/financing-requests/{request_id}/quotes")
def list_quotes(request_id: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Quotes on a request: all for its holder, a funder's own for that funder."""
    data = financing.read_quotes(context, caller, request_id)
    return {"data": data, "has_more": False, "next_cursor": None}


@router.post("/financing-requests/{request_id}/quotes")
def draft_quote(
    request_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft a quote."""
    return draft(context, caller, "submit_quote", fields | {"request_id": request_id})


@router.get("/financing-requests/{request_id}/filings")
def list_filings(request_id: int, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Filings for a request, with their numbers: all for its holder, a funder's own for it."""
    data = financing.read_filings(context, caller, request_id)
    return {"data": data, "has_more": False, "next_cursor": None}


@router.post("/financing-requests/{request_id}/filings")
def draft_filing(
    request_id: int, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the record of a filing with the national registry."""
    return draft(context, caller, "record_filing", fields | {"request_id": request_id})


@router.post("/financing-requests/{request_id}/early-payment")
def draft_early_payment(
    request_id: int, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the anchor's offer to pay its own debt early; handed in and awarded like a quote."""
    return draft(context, caller, "offer_early_payment", fields | {"request_id": request_id})


@router.get("/financing-requests/{request_id}/interest")
def read_interest(request_id: Number, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Who bears the discount of a request, and what its anchor has set aside for its share."""
    view = interest.interest_view(context, caller, request_id)
    return view | {"as_of": as_of(context)}


@router.post("/financing-requests/{request_id}/interest")
def draft_interest(
    request_id: Number, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the anchor's promise to bear a share of a request's discount."""
    return draft(context, caller, "bear_interest", fields | {"request_id": request_id})


@router.get("/holdbacks")
def list_holdbacks(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """What is held back for the caller, and of the lots it holds, by lot."""
    data = holdbacks.holdback_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "lot_id") | {"as_of": as_of(context)}


@router.post("/quotes", status_code=201)
def submit_quote(body: OrderBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Record a signed quote; answers its numbered, chained receipt. Repeating it is safe."""
    order = signed_orders.read_order(
        context, body.typed_data, body.approvals_as_given(), body.attachments
    )
    row = orders.submit_quote(context, caller, order)
    return {
        "quote_hash": row.quote_hash,
        "receipt": {"number": row.receipt_number, "head": row.receipt_head},
    }


@router.post("/quotes/{quote_hash}/funding")
def fund_quote(
    quote_hash: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the setting aside of a quote's price, which makes it firm in fact."""
    return draft(context, caller, "fund_quote", fields | {"quote_hash": quote_hash})


@router.post("/quotes/{quote_hash}/award")
def award_quote(quote_hash: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Draft the award of a quote."""
    return draft(context, caller, "award_quote", {"quote_hash": quote_hash})


@router.post("/deposits/missing-accounts")
def list_missing_accounts(
    body: AccountsBody,
    context: ReadContextDep,
    caller: CallerDep,
) -> dict[str, Any]:
    """Which of these organisations have no account in a deposit of the calling bank."""
    missing = portfolio.missing_accounts(
        context, caller, body.currency, body.deposit, body.organisations
    )
    return {"organisations": missing}


@router.get("/deposits")
def list_deposits(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The caller's deposit accounts."""
    data = portfolio.deposit_views(context, caller)
    return {"data": data, "has_more": False, "next_cursor": None, "as_of": as_of(context)}
