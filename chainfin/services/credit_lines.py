"""Credit lines: a funder's limits on anchors, as orders and as views."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.domain.credit import lines_used
from chainfin.domain.money import money_json
from chainfin.domain.refusals import CreditLineExceeded, CreditLineExpired, CreditLineMissing
from chainfin.models.credit_lines import CreditLineRow, credit_lines_of, utilisations_of
from chainfin.models.participants import parents_of
from chainfin.services.context import Built, Caller, Context, read_fields

LINE_SECONDS = 365 * 86_400
"""How long a line is open unless its funder says otherwise."""


class SetCreditLineFields(msgspec.Struct, forbid_unknown_fields=True):
    """The anchor, or a group's parent, and how much of its debt the funder takes on."""

    anchor: int
    currency: str
    limit_minor: int
    expires_at: int | None = None


def build_set_credit_line(
    context: Context,
    organisation: int,  # noqa: ARG001
    fields: Mapping[str, Any],
) -> Built:
    """A funder's limit; 0 closes it."""
    wanted = read_fields(SetCreditLineFields, fields)
    expires_at = wanted.expires_at
    if expires_at is None:
        expires_at = context.as_of().block_timestamp + LINE_SECONDS
    return Built(
        fields={
            "anchor": wanted.anchor,
            "currency": wanted.currency.encode(),
            "limit": wanted.limit_minor,
            "expiresAt": expires_at,
        },
        attachments={},
    )


def require_room(
    context: Context, funder: int, obligor: int, currency: str, amount_minor: int
) -> None:
    """Refuse what a funder's lines would not bear, before it quotes (R-36).

    Raises:
        CreditLineMissing: It keeps lines, but none here.
        CreditLineExpired, CreditLineExceeded: One there is does not bear it.
    """
    known = [row.to_domain() for row in credit_lines_of(context.session, funder=funder)]
    if not known:
        return
    lines = [line for line in known if line.currency == currency]
    used = lines_used(obligor, parents_of(context.session), lines)
    if not used:
        raise CreditLineMissing(funder, obligor, currency)
    now_at = context.as_of().block_timestamp
    for line in used:
        if line.expires_at < now_at:
            raise CreditLineExpired(funder, line.anchor, currency, line.expires_at)
        if amount_minor > line.available_minor:
            raise CreditLineExceeded(
                funder, line.anchor, currency, line.available_minor, amount_minor
            )


def credit_line_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """A funder's own lines; all of them for those who read all. Anchors are not shown limits."""
    funder = None if caller.reads_all else caller.organisation
    return [_line(row) for row in credit_lines_of(context.session, funder=funder)]


def utilisation_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """Which lots use the caller's lines, and how much."""
    return [
        {
            "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
            "anchor": row.anchor,
            "amount": money_json(row.amount_minor, row.currency),
        }
        for row in utilisations_of(context.session, caller.organisation)
    ]


def _line(row: CreditLineRow) -> dict[str, Any]:
    line = row.to_domain()
    return {
        "funder": line.funder,
        "anchor": line.anchor,
        "currency": line.currency,
        "limit_minor": line.limit_minor,
        "utilised_minor": line.utilised_minor,
        "available_minor": line.available_minor,
        "expires_at": line.expires_at,
    }
