"""Who is told of an event: every number in it is an organisation's, or known to be none."""

from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

from chainfin.domain import events as said
from chainfin.domain.events import Event, LotPart, LotPayment
from chainfin.domain.feed import (
    ORGANISATIONS,
    Audience,
    audience_of,
    is_told,
    lots_in,
    organisations_in,
)

NO_ORGANISATIONS = {
    "acceptance_required",
    "due_at",
    "filed_at",
    "secured_amount",
    "amount",
    "document_amount",
    "document_sequence",
    "document_type",
    "epoch",
    "executable_at",
    "expires_at",
    "face_value",
    "first_receivable_id",
    "first_row",
    "grace_ends_at",
    "holdback",
    "issued",
    "late_interest",
    "late_interest_bps",
    "licence_expires_at",
    "limit",
    "lot_id",
    "lot_sequence",
    "maturity_at",
    "maximum_lots",
    "legacy_until",
    "maximum_days",
    "maximum_tenor_days",
    "minimum_tenor_days",
    "next_from",
    "next_maximum_days",
    "next_usual_days",
    "usual_days",
    "maximum_tier",
    "minimum_lot_face_value",
    "net_proceeds",
    "nonce",
    "obligor_interest",
    "outstanding",
    "paid",
    "parent",
    "parent_sequence",
    "part_face_value",
    "pay_by",
    "payee_sequence",
    "payer_sequence",
    "programme_id",
    "quote_count",
    "receivable_id",
    "remaining_face_value",
    "replaces",
    "request_id",
    "row",
    "sequence",
    "share_bps",
    "technique",
    "term",
    "threshold",
    "used",
    "utilised",
    "valid_from",
    "valid_until",
    "value_at",
}
"""Numbers that name nobody. `parent`, an organisation's group, is every member's to know."""


def numbers_of(kind: type) -> set[str]:
    """The plain numbers an event has, in itself and in its parts."""
    found = set()
    for entry in fields(kind):
        hint = get_type_hints(kind)[entry.name]
        inner = next((arg for arg in get_args(hint) if is_dataclass(arg)), None)
        if is_dataclass(hint):
            found |= numbers_of(hint)
        elif inner is not None:
            found |= numbers_of(inner)
        elif hint is int:
            found.add(entry.name)
    return found


def test_every_number_of_an_event_is_known_to_name_an_organisation_or_nobody() -> None:
    """A further event says here who may read it, or nobody reads it."""
    told = [kind for kind in get_args(Event) if is_told(kind)]

    unknown = {
        f"{kind.__name__}.{name}"
        for kind in told
        for name in numbers_of(kind) - ORGANISATIONS - NO_ORGANISATIONS
    }

    assert not unknown


def test_split__is_told_to_whoever_its_parts_are_for_about_parent_and_parts() -> None:
    split = said.LotSplit(7, 3, 1, 600, (LotPart(2, 12, 300), LotPart(3, 13, 100)))

    assert organisations_in(split) == {12, 13}
    assert lots_in(split) == {1, 2, 3}


def test_payments__are_told_to_their_payees() -> None:
    paid = said.LotsPaid(7, 9, (LotPayment(2, 12, 300), LotPayment(3, 13, 100)))

    assert organisations_in(paid) == {12, 13}


def test_nobody__is_no_organisation() -> None:
    admitted = said.TransferRevoked(7, 3, 1, 0, 12)

    assert organisations_in(admitted) == {12}


def test_audience__of_facts_about_the_network__is_every_member() -> None:
    assert audience_of(said.ParticipantAdmitted) is Audience.EVERYONE
    assert audience_of(said.ProgrammeOpened) is Audience.EVERYONE
    assert audience_of(said.FinancingRequested) is Audience.FUNDERS
    assert audience_of(said.CreditLineUtilised) is Audience.ITS_FUNDER_ALONE
    assert audience_of(said.KeyRegistered) is Audience.NOBODY_ELSE


def test_standards_events__which_repeat_others__are_not_told() -> None:
    assert not is_told(said.Transfer)
    assert not is_told(said.RoleGranted)
    assert is_told(said.OrderExecuted)
