"""What an organisation has and what the market offers it."""

from collections.abc import Sequence
from typing import Any

from chainfin.domain.money import money_json
from chainfin.models.deposits import accounts_of_deposit, deposits_of
from chainfin.models.financings import (
    FinancingRequestRow,
    filings_on,
    financing_requests_concerning,
    open_financing_requests,
)
from chainfin.models.receivables import find_receivable
from chainfin.services.audit import is_funder
from chainfin.services.context import Caller, Context
from chainfin.services.interest import interest_terms
from chainfin.services.programmes import bank_of_deposit, deposit_for


def financing_request_views(
    context: Context, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Open requests for funders and those who read all; for others, on lots they hold or owe."""
    session = context.session
    if caller.reads_all or is_funder(context, caller.organisation):
        now_at = context.as_of().block_timestamp
        rows = open_financing_requests(session, now_at, after=after, limit=limit)
    else:
        rows = financing_requests_concerning(session, caller.organisation, after=after, limit=limit)
    return [financing_request_view(context, row) for row in rows]


def deposit_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """An organisation's accounts, with what is set aside in each."""
    return [
        {
            "deposit": row.deposit,
            "balance_minor": row.balance_minor,
            "earmarked_minor": row.earmarked_minor,
        }
        for row in deposits_of(context.session, caller.organisation)
    ]


def missing_accounts(
    context: Context,
    caller: Caller,
    currency: str,
    deposit: str | None,
    organisations: Sequence[int],
) -> list[int]:
    """Which organisations have no account in a bank's deposit, for that bank alone.

    Raises:
        NotFound: The caller is not the bank of that deposit.
    """
    address = deposit_for(context, currency, deposit)
    caller.require_party("deposit", address, bank_of_deposit(context, address))
    known = {row.organisation for row in accounts_of_deposit(context.session, address)}
    return sorted(set(organisations) - known)


def financing_request_view(context: Context, row: FinancingRequestRow) -> dict[str, Any]:
    """A request as everybody sees it who may see it."""
    receivable = find_receivable(context.session, row.receivable_id)
    assert receivable is not None  # noqa: S101 - a request is on a receivable
    return {
        "request_id": row.request_id,
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "obligor": receivable.obligor,
        "holder": row.holder,
        "part_face_value": money_json(row.part_face_value_minor, receivable.currency),
        "with_recourse": row.with_recourse,
        **interest_terms(context, row),
        "filed_by": [filing.funder for filing in filings_on(context.session, row.request_id)],
        "maturity_at": receivable.maturity_at,
        "expires_at": row.expires_at,
        "status": row.status.name.lower(),
    }
