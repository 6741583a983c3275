"""Pledges: offered by holders, accepted, released and enforced by pledgees."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.codec.hashing import NO_HASH, from_hash
from chainfin.domain.money import money_json
from chainfin.domain.pledges import Pledge
from chainfin.domain.receivable import Lot
from chainfin.domain.refusals import PledgeUnknown
from chainfin.models.pledges import PledgeRow, list_pledges, pledge_of_lot
from chainfin.models.receivables import get_lot, receivables_by_number
from chainfin.services.context import Built, Caller, Context, lot_id_of, place_of, read_fields
from chainfin.services.transfers import as_signed, currency_of, held_lot

OFFER_SECONDS = 7 * 86_400
"""How long a pledge can be accepted unless its holder says otherwise."""


class ProposePledgeFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot, for whose debt, up to how much, due when."""

    lot_id: str
    pledgee: int
    secured_minor: int
    due_at: int
    agreement_hash: str = NO_HASH
    expires_at: int | None = None


class AcceptPledgeFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot, and the filing that registers its pledge."""

    lot_id: str
    filing_hash: str
    filed_at: int


class PledgeEndFields(msgspec.Struct, forbid_unknown_fields=True):
    """The pledged lot."""

    lot_id: str


def build_propose_pledge(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A lot as security for what its holder owes."""
    wanted = read_fields(ProposePledgeFields, fields)
    lot = held_lot(context, organisation, wanted.lot_id)
    until = wanted.expires_at
    if until is None:
        until = context.as_of().block_timestamp + OFFER_SECONDS
    return Built(
        fields={
            **as_signed(lot),
            "pledgee": wanted.pledgee,
            "securedAmount": wanted.secured_minor,
            "dueAt": wanted.due_at,
            "expiresAt": until,
            "agreementHash": from_hash(wanted.agreement_hash),
        },
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        checker_required=True,
    )


def build_accept_pledge(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The pledgee's acceptance, with the filing."""
    wanted = read_fields(AcceptPledgeFields, fields)
    lot, pledge = _pledged(context, organisation, wanted.lot_id)
    return Built(
        fields={
            **as_signed(lot),
            "pledge": from_hash(pledge.pledge_hash),
            "filingHash": from_hash(wanted.filing_hash),
            "filedAt": wanted.filed_at,
        },
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        checker_required=True,
    )


def build_pledge_end(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The pledgee lets the lot go, or collects."""
    lot, pledge = _pledged(context, organisation, read_fields(PledgeEndFields, fields).lot_id)
    return Built(
        fields={**as_signed(lot), "pledge": from_hash(pledge.pledge_hash)},
        attachments={},
        currency=currency_of(context, lot.receivable_id),
        checker_required=True,
    )


# --- reads -----------------------------------------------------------------------------------


def pledge_views(
    context: Context, caller: Caller, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Pledges a caller gave or was given; all of them for those who read all.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    party = None if caller.reads_all else caller.organisation
    rows = list_pledges(context.session, party=party, after=place_of(after, 2), limit=limit)
    receivables = receivables_by_number(context.session, [row.receivable_id for row in rows])
    return [_view(row, receivables[row.receivable_id].currency) for row in rows]


def _view(row: PledgeRow, currency: str) -> dict[str, Any]:
    return {
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "pledge_hash": row.pledge_hash,
        "holder": row.holder,
        "pledgee": row.pledgee,
        "status": row.status.name.lower(),
        "secured": money_json(row.secured_minor, currency),
        "due_at": row.due_at,
        "expires_at": row.expires_at,
        "agreement_hash": row.agreement_hash,
        "filing_hash": row.filing_hash,
        "filed_at": row.filed_at,
        "accepted_at": row.accepted_at,
    }


def _pledged(context: Context, organisation: int, text: str) -> tuple[Lot, Pledge]:
    """A lot and its pledge, for its parties alone.

    Raises:
        PledgeUnknown: There is none that concerns the organisation.
    """
    lot_id = lot_id_of(text)
    lot, row = get_lot(context.session, lot_id), pledge_of_lot(context.session, lot_id)
    if lot is None or row is None or organisation not in {row.holder, row.pledgee}:
        raise PledgeUnknown(text, NO_HASH)
    return lot, row.to_domain()
