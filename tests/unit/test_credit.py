"""Which credit lines a purchase takes up, and when an anchor is persistently overdue."""

from chainfin.domain.credit import CreditLine, lines_used
from chainfin.domain.pricing import late_interest_at
from chainfin.domain.rules import ArrearsNote, is_persistently_overdue

FUNDER, ANCHOR, PARENT, HEAD = 4, 1, 2, 3
PARENTS = {ANCHOR: PARENT, PARENT: HEAD}
DAY = 86_400
NOW = 1_795_321_555


def line(anchor: int, limit: int = 100) -> CreditLine:
    return CreditLine(FUNDER, anchor, "CNY", limit, 40, NOW)


def test_lines_used__anchor_and_group__are_both_taken_up():
    assert lines_used(ANCHOR, PARENTS, [line(ANCHOR), line(PARENT)]) == [
        line(ANCHOR),
        line(PARENT),
    ]


def test_lines_used__several_parents__only_the_nearest_with_a_line():
    assert lines_used(ANCHOR, PARENTS, [line(HEAD)]) == [line(HEAD)]
    assert lines_used(ANCHOR, PARENTS, [line(HEAD), line(PARENT)]) == [line(PARENT)]


def test_lines_used__closed_or_elsewhere__none():
    assert lines_used(ANCHOR, PARENTS, [line(ANCHOR, limit=0), line(9)]) == []


def test_lines_used__parents_in_a_circle__end():
    assert lines_used(ANCHOR, {ANCHOR: PARENT, PARENT: ANCHOR}, []) == []


def test_available__limit_lowered_below_what_is_used__is_nothing():
    assert line(ANCHOR).available_minor == 60
    assert line(ANCHOR, limit=30).available_minor == 0


def test_late_interest__no_agreed_rate__is_the_statutory_one_by_the_day():
    """R-17: one million for 30 days is 15,000."""
    fields = {"amount_minor": 100_000_000, "maturity_at": NOW, "paid_at": NOW + 30 * DAY}

    assert late_interest_at(**fields, agreed_bps=0) == 1_500_000
    assert late_interest_at(**fields, agreed_bps=365) == 300_000


def test_late_interest__runs_by_whole_days():
    fields = {"amount_minor": 100_000_000, "agreed_bps": 0, "maturity_at": NOW}

    assert late_interest_at(**fields, paid_at=NOW - 1) == 0
    assert late_interest_at(**fields, paid_at=NOW + DAY - 1) == 0
    assert late_interest_at(**fields, paid_at=NOW + DAY) == 50_000


def test_persistently_overdue__three_within_six_months_and_one_now__r12():
    notes = [ArrearsNote(number, NOW - number * 40 * DAY) for number in (1, 2, 3)]

    assert is_persistently_overdue(notes, has_overdue_balance=True, now_at=NOW)
    assert not is_persistently_overdue(notes, has_overdue_balance=False, now_at=NOW)
    assert not is_persistently_overdue(notes[:2], has_overdue_balance=True, now_at=NOW)


def test_persistently_overdue__one_receivable_noted_twice__counts_once__r12():
    notes = [ArrearsNote(1, NOW), ArrearsNote(1, NOW), ArrearsNote(2, NOW)]

    assert not is_persistently_overdue(notes, has_overdue_balance=True, now_at=NOW)


def test_persistently_overdue__longer_ago_than_six_months__is_past__r12():
    notes = [ArrearsNote(number, NOW - 200 * DAY) for number in (1, 2, 3)]

    assert not is_persistently_overdue(notes, has_overdue_balance=True, now_at=NOW)


def test_persistently_overdue__in_this_month_and_paid_since__r12():
    notes = [ArrearsNote(number, NOW - DAY) for number in (1, 2, 3)]

    assert is_persistently_overdue(notes, has_overdue_balance=False, now_at=NOW)
