"""Money that moved outside the chain: what statements prove, and what banks attested."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep
from api.drafts import Fields, draft
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from chainfin.services import attestations, proposals

router = APIRouter(tags=["attestations"], route_class=RecordingRoute)


@router.get("/attestations")
def list_attestations(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Payments outside the chain that the caller received, attested or owed, by lot."""
    data = attestations.attestation_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "lot_id") | {"as_of": as_of(context)}


@router.get("/attestations/proposals")
def list_proposals(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """Payments and prices that the caller's own statements show and nobody attested, by line."""
    data = proposals.proposal_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "cursor") | {"as_of": as_of(context)}


@router.post("/lots/{lot_id}/attestations")
def attest_payment(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the payee's bank's attestation that a lot was paid outside the chain."""
    return draft(context, caller, "attest_payment", fields | {"lot_id": lot_id})


@router.post("/lots/{lot_id}/confirmations")
def confirm_payment(
    lot_id: str, fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft the payee's own word that its lot was paid outside the chain."""
    return draft(context, caller, "confirm_payment", fields | {"lot_id": lot_id})


@router.get("/settlement-banks")
def list_settlement_banks(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """The banks the caller named, by currency."""
    data = attestations.settlement_bank_views(context, caller, after=cursor, limit=limit)
    return page(data, limit, "currency") | {"as_of": as_of(context)}


@router.post("/settlement-banks")
def name_settlement_bank(
    fields: Fields, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Draft which bank keeps the caller's account in a currency."""
    return draft(context, caller, "name_settlement_bank", fields)
