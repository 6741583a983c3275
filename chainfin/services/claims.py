"""Competing claims in a lot: who comes first, by the facts the chain has (R-23).

Title and pledge are claims and are ranked by registration, then by first notice to the obligor, who
reads every transfer and pledge of its receivable when its block is there. A court's freeze is no
claim: it keeps the lot where it is and says where money goes meanwhile, so it stands beside the
ranks, before them all.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chainfin.domain.financing import FinancingStatus
from chainfin.domain.money import money_json
from chainfin.domain.pledges import Pledge, payment_of
from chainfin.domain.priority import ClaimKind, CompetingClaim, rank_claims, share_by_rank
from chainfin.domain.receivable import Lot, LotId, TransferStatus
from chainfin.domain.service_errors import NotFound
from chainfin.models.financings import filings_on, financings_of_receivable
from chainfin.models.freezes import FreezeRow, freezes_of_lot
from chainfin.models.pledges import pledge_of_lot
from chainfin.models.receivables import LotRow, ReceivableRow, find_lot, find_receivable
from chainfin.models.transfers import transfers_of_lot
from chainfin.services.context import Caller, Context
from chainfin.services.freezes import freeze_view

_TITLE, _PLEDGE, _HOLDBACK = "title", "pledge", "holdback"
_PASSED = (TransferStatus.ACCEPTED, TransferStatus.DIRECT)


def claims_view(context: Context, caller: Caller, lot_id: LotId) -> dict[str, Any]:
    """Who claims a lot in which order, what each would get of what is outstanding, what keeps it.

    For its holder, its pledgee, the seller something of it is held back for, the courts that froze
    it, its obligor, and those who read all.

    Raises:
        NotFound: It is not the caller's to read, or there is no such lot.
    """
    entry = find_lot(context.session, lot_id)
    receivable = find_receivable(context.session, lot_id.receivable_id)
    if entry is None or receivable is None:
        raise NotFound("lot", str(lot_id))
    lot = entry.to_domain()
    now_at = context.as_of().block_timestamp
    freezes = freezes_of_lot(context.session, lot_id)
    row = pledge_of_lot(context.session, lot_id)
    pledge = None if row is None or not row.to_domain().binds else row.to_domain()
    pledgees = [] if pledge is None else [pledge.pledgee]
    courts = [freeze.court for freeze in freezes]
    sellers = [] if entry.holdback_seller is None else [entry.holdback_seller]
    parties = (lot.holder, receivable.obligor, *pledgees, *sellers, *courts)
    caller.require_party("lot", lot_id, *parties)
    claims = _claims(context, entry, receivable, pledge)
    shares = share_by_rank(lot.outstanding_minor, claims)
    return {
        "lot_id": str(lot_id),
        "outstanding": money_json(lot.outstanding_minor, receivable.currency),
        "freezes": [freeze_view(freeze, now_at) for freeze in freezes],
        "ranks": [
            {
                "rank": rank.rank,
                "ground": rank.ground,
                "claims": [_claim(claim, shares[claim.claim_id]) for claim in rank.claims],
            }
            for rank in rank_claims(claims)
        ],
        "next_payee": _next_payee(entry, freezes, pledge, now_at),
    }


def _claims(
    context: Context, lot: LotRow, receivable: ReceivableRow, pledge: Pledge | None
) -> list[CompetingClaim]:
    """The claims in what is outstanding; none in a lot that is paid."""
    to_holder, to_seller = lot.owed_minor
    claims = []
    if to_holder:
        claims.append(_title(context, lot.to_domain(), receivable, to_holder))
        claims += _security(lot, pledge, to_holder)
    if to_seller:
        claims.append(
            CompetingClaim(
                _HOLDBACK,
                lot.holdback_seller or 0,
                ClaimKind.HOLDBACK,
                to_seller,
                is_subordinate=True,
            )
        )
    return claims


def _security(lot: LotRow, pledge: Pledge | None, to_holder: int) -> list[CompetingClaim]:
    """The pledgee's claim in what is the holder's, while it secures anything."""
    if pledge is None:
        return []
    collected = max(0, lot.paid_minor - pledge.paid_before_minor)
    secured = min(to_holder, pledge.secured_minor - collected)
    if secured <= 0:
        return []
    return [
        CompetingClaim(
            _PLEDGE,
            pledge.pledgee,
            ClaimKind.PLEDGE,
            secured,
            filing_hash=pledge.filing_hash,
            registered_at=pledge.filed_at,
            notified_at=pledge.accepted_at,
        )
    ]


def _title(context: Context, lot: Lot, receivable: ReceivableRow, to_holder: int) -> CompetingClaim:
    """By what right the holder has the lot, since when the obligor could read it, how filed."""
    session, lot_id = context.session, lot.lot_id
    issued = CompetingClaim(
        _TITLE,
        lot.holder,
        ClaimKind.ASSIGNMENT,
        to_holder,
        notified_at=receivable.issued_at,
    )
    passed = [issued]
    for hop in transfers_of_lot(session, lot_id):
        if hop.receiver == lot.holder and hop.status in _PASSED:
            passed.append(replace(issued, notified_at=hop.answered_at or hop.proposed_at))
    for row in financings_of_receivable(session, lot_id.receivable_id):
        bought = (row.delivered_lot_sequence, row.funder) == (lot_id.lot_sequence, lot.holder)
        if row.status is FinancingStatus.FUNDED and bought:
            title = replace(issued, kind=ClaimKind.FACTORING, notified_at=row.ended_at)
            for filing in filings_on(session, row.request_id):
                if filing.funder == row.funder:
                    filed_at = filing.filed_at
                    title = replace(title, filing_hash=filing.filing, registered_at=filed_at)
            passed.append(title)
    return max(passed, key=lambda claim: claim.notified_at or 0)


def _claim(claim: CompetingClaim, share_minor: int) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "claimant": claim.claimant,
        "kind": str(claim.kind),
        "amount_minor": claim.amount_minor,
        "share_minor": share_minor,
        "filing_hash": claim.filing_hash,
        "registered_at": claim.registered_at,
        "notified_at": claim.notified_at,
    }


def _next_payee(
    lot: LotRow, freezes: Sequence[FreezeRow], pledge: Pledge | None, now_at: int
) -> int | None:
    """Whom the next payment on the lot would reach now; None while it would wait."""
    payee, _ = payment_of(
        [row.to_domain() for row in freezes],
        pledge,
        lot.holdback,
        holder=lot.holder,
        face_value_minor=lot.face_value_minor,
        paid_minor=lot.paid_minor,
        due_minor=lot.face_value_minor - lot.paid_minor,
        instant=now_at,
    )
    return payee
