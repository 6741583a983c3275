import dataclasses

import pytest

from chainfin.domain.audit import differences
from chainfin.domain.participant import (
    KeyKind,
    KeyRole,
    Participant,
    ParticipantKey,
    ParticipantKind,
    ParticipantStatus,
    may_order,
)
from chainfin.domain.receivable import (
    Encumbrance,
    Lot,
    LotId,
    Receivable,
    ReceivableState,
    ReceivableStatus,
    ReceivableTerms,
    conserves_value,
    state_at,
)

MATURITY, DAY = 1_900_000_000, 86_400
GRACE_ENDS = MATURITY + 5 * DAY


def receivable(**changes):
    terms = ReceivableTerms(1, 2, 1, MATURITY, changes.pop("grace_ends_at", GRACE_ENDS), 1_000)
    entry = Receivable(17, terms, ReceivableStatus.ACTIVE, 0, 0, 1, 2, "0x" + "ab" * 7)
    return dataclasses.replace(entry, **changes)


def lot(sequence=1, **changes):
    entry = Lot(17, sequence, 2, 1_000, 0, 0, 1, 0, Encumbrance.NONE, is_settled=False)
    return dataclasses.replace(entry, **changes)


# --- numbers


@pytest.mark.parametrize("text", ["17-3", "1-1", "9223372036854775807-4294967295"])
def test_lot_id__when_written_and_read__then_it_is_the_same(text):
    assert str(LotId.parse(text)) == text


def test_lot_id__when_made_a_token_and_back__then_it_is_the_same():
    lot_id = LotId(17, 3)

    assert lot_id.token_id == (17 << 32) + 3
    assert LotId.from_token(lot_id.token_id) == lot_id


@pytest.mark.parametrize(
    "text",
    ["", "17", "17-0", "0-3", "017-3", "17-03", "17-3 ", " 17-3", "+17-3", "17--3", "17-3-1",
     "17_3", "17-4294967296", "9223372036854775808-1", "\uff117-3", "17-3\n"],
)  # fmt: skip
def test_lot_id__when_it_is_not_written_as_one__then_it_is_refused(text):
    with pytest.raises(ValueError, match="lot number"):
        LotId.parse(text)


def test_lot_ids__when_sorted__then_they_go_by_receivable_and_then_by_number():
    assert sorted([LotId(2, 1), LotId(1, 10), LotId(1, 9)]) == [
        LotId(1, 9), LotId(1, 10), LotId(2, 1)
    ]  # fmt: skip


# --- the clock


@pytest.mark.parametrize(
    ("block_time", "state"),
    [
        (MATURITY - 1, ReceivableState.ACTIVE),
        (MATURITY, ReceivableState.DUE),
        (MATURITY + DAY - 1, ReceivableState.DUE),
        (MATURITY + DAY, ReceivableState.OVERDUE),
        (GRACE_ENDS, ReceivableState.OVERDUE),
        (GRACE_ENDS + 1, ReceivableState.DEFAULTED),
    ],
)
def test_state__when_nothing_is_paid__then_it_follows_from_the_clock(block_time, state):
    assert state_at(receivable(), block_time) is state


def test_state__when_there_is_no_grace__then_default_follows_maturity():
    entry = receivable(grace_ends_at=MATURITY)

    assert state_at(entry, MATURITY) is ReceivableState.DUE
    assert state_at(entry, MATURITY + 1) is ReceivableState.DEFAULTED


@pytest.mark.parametrize(
    "status", [status for status in ReceivableStatus if status is not ReceivableStatus.ACTIVE]
)
def test_state__when_it_is_not_active__then_the_clock_does_not_count(status):
    assert state_at(receivable(status=status), GRACE_ENDS * 2) == status.name.lower()


# --- conservation


def test_value__when_parts_are_owed_and_paid__then_it_is_conserved():
    entry = receivable(paid_minor=400, cleared_minor=300, lot_count=2)
    lots = [lot(1, face_value_minor=700, paid_minor=0), lot(2, face_value_minor=300, paid_minor=300,
            is_settled=True)]  # fmt: skip

    assert conserves_value(entry, lots)


@pytest.mark.parametrize(
    ("entry", "lots"),
    [
        (receivable(), [lot(face_value_minor=999)]),
        (receivable(), [lot(), lot(2, face_value_minor=1)]),
        (receivable(), [lot(is_settled=True)]),
        (receivable(paid_minor=100, cleared_minor=99), [lot(paid_minor=100)]),
        (receivable(paid_minor=99, cleared_minor=100), [lot(paid_minor=100)]),
        (receivable(status=ReceivableStatus.VOID), [lot()]),
    ],
)
def test_value__when_some_is_made_or_lost__then_it_is_not_conserved(entry, lots):
    assert not conserves_value(entry, lots)


def test_value__when_the_receivable_is_void__then_nothing_is_owed():
    assert conserves_value(receivable(status=ReceivableStatus.VOID), [lot(is_settled=True)])
    assert lot(is_settled=True).outstanding_minor == 0


# --- who may order


@pytest.mark.parametrize(
    ("kinds", "status", "act", "allowed"),
    [
        (ParticipantKind.ANCHOR, ParticipantStatus.ADMITTED, "issue_receivable", True),
        (ParticipantKind.SUPPLIER, ParticipantStatus.ADMITTED, "issue_receivable", False),
        (ParticipantKind.SUPPLIER, ParticipantStatus.ADMITTED, "split_lot", True),
        (ParticipantKind.SUPPLIER, ParticipantStatus.SUSPENDED, "split_lot", False),
        (ParticipantKind.ANCHOR, ParticipantStatus.SUSPENDED, "settle_receivable", True),
        (ParticipantKind.ANCHOR, ParticipantStatus.BLOCKED, "settle_receivable", False),
        (ParticipantKind.FUNDER, ParticipantStatus.ADMITTED, "submit_quote", True),
        (ParticipantKind.NONE, ParticipantStatus.NONE, "accept_transfer", False),
    ],
)
def test_may_order__when_asked__then_the_contracts_table_answers(kinds, status, act, allowed):
    assert may_order(Participant(3, kinds, status, 1, 100, 0, 1), act, 99) is allowed


def test_may_order__when_the_licence_has_lapsed__then_a_funder_may_not_quote__r06():
    funder = Participant(3, ParticipantKind.FUNDER, ParticipantStatus.ADMITTED, 1, 100, 0, 1)

    assert not may_order(funder, "submit_quote", 100)
    assert may_order(funder, "accept_transfer", 100)


def test_key__when_before_or_after_its_time__then_it_is_not_valid():
    key = ParticipantKey("0x", 3, KeyRole.MAKER, KeyKind.PLAIN, 10, 20, "0x")

    assert [key.is_valid(time) for time in (9, 10, 19, 20)] == [False, True, True, False]


# --- differences


def test_differences__when_nested_values_differ__then_each_field_is_named():
    other = receivable(paid_minor=5, grace_ends_at=GRACE_ENDS + 1)

    assert differences(receivable(), receivable()) == []
    assert [text.split()[0] for text in differences(receivable(), other)] == [
        "grace_ends_at", "paid_minor"
    ]  # fmt: skip
