"""Four levels of recognising a payment; whatever could be two things is none of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.analysis.matching import (
    ExceptionReason,
    ExpectedPayment,
    MatchLevel,
    Tolerance,
    match_payments,
)
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import (
    Direction,
    LineStatus,
    StatementLine,
    payment_reference,
)

DUE = date(2026, 12, 2)
LATE = DUE + timedelta(days=6)
ANCHOR_ACCOUNT = "GB33BUKB20201555555555"
NOTHING = ExceptionReason.NOTHING_EXPECTED
pure = settings(database=None, deadline=None)


def expected(sequence, amount, *, due=DUE, account=ANCHOR_ACCOUNT, currency="CNY"):
    lot_id = LotId(17, sequence)
    money = Money(amount, currency)
    return ExpectedPayment(f"lot {lot_id}", lot_id, Direction.CREDIT, money, due, account)


def line(amount, *sequences, **changes):
    """A booked credit that names these lots of receivable 17."""
    references = tuple(payment_reference(LotId(17, sequence)) for sequence in sequences)
    known = {
        "position": (1, 0),
        "money": Money(amount, "CNY"),
        "direction": Direction.CREDIT,
        "status": LineStatus.BOOKED,
        "is_reversal": False,
        "booking_date": DUE,
        "value_date": None,
        "bank_reference": None,
        "end_to_end_id": None,
        "references": references,
        "counterparty_account": ANCHOR_ACCOUNT,
        "counterparty_name": None,
    }
    return StatementLine(**(known | changes))


def only_match(lines, payments, **options):
    matching = match_payments(lines, payments, **options)
    (match,) = matching.matches
    assert not matching.exceptions
    return match


# --- the levels ---------------------------------------------------------------------------------


def test_reference_and_amount__exact_whatever_the_day_and_account():
    payment = line(500, 1, booking_date=None, counterparty_account=None)

    match = only_match([payment], [expected(1, 500), expected(2, 500)])

    assert (match.level, match.expected, match.difference_minor) == (
        MatchLevel.EXACT,
        ("lot 17-1",),
        0,
    )


def test_no_reference__amount_account_and_day__exact():
    match = only_match([line(500)], [expected(1, 500), expected(2, 600)])

    assert (match.level, match.expected) == (MatchLevel.EXACT, ("lot 17-1",))


@pytest.mark.parametrize(("amount", "difference"), [(99_901, -99), (100_100, 100)])
def test_reference_and_an_amount_a_little_off__tolerance(amount, difference):
    match = only_match([line(amount, 1)], [expected(1, 100_000)])

    assert (match.level, match.difference_minor) == (MatchLevel.TOLERANCE, difference)


def test_no_reference_and_a_day_off__tolerance():
    late = line(500, booking_date=DUE + timedelta(days=5))

    assert only_match([late], [expected(1, 500)]).level is MatchLevel.TOLERANCE


def test_one_line_that_names_several__aggregate():
    match = only_match([line(1_100, 1, 2)], [expected(1, 500), expected(2, 600)])

    assert (match.level, match.expected) == (MatchLevel.AGGREGATE, ("lot 17-1", "lot 17-2"))


def test_several_lines_that_name_one__aggregate():
    match = only_match([line(400, 1), line(600, 1)], [expected(1, 1_000)])

    assert (match.level, match.lines) == (MatchLevel.AGGREGATE, (0, 1))


def test_one_line_without_reference_for_all_of_a_day__aggregate():
    others = [expected(3, 700, due=DUE + timedelta(days=1))]

    match = only_match([line(1_100)], [expected(1, 500), expected(2, 600), *others])

    assert (match.level, match.expected) == (MatchLevel.AGGREGATE, ("lot 17-1", "lot 17-2"))


def test_lines_of_many__the_surest_first():
    """A reference settles what amount and account alone would leave open."""
    payments = [expected(1, 500), expected(2, 500)]

    matching = match_payments([line(500), line(500, 2)], payments)

    assert {match.lines: match.expected for match in matching.matches} == {
        (1,): ("lot 17-2",),
        (0,): ("lot 17-1",),
    }


# --- exceptions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "payments", "reason"),
    [
        ([line(500, 9)], [expected(1, 500)], NOTHING),
        ([line(500, counterparty_account=None)], [expected(1, 500)], NOTHING),
        ([line(500, booking_date=LATE)], [expected(1, 500)], NOTHING),
        ([line(500, 1, direction=Direction.DEBIT)], [expected(1, 500)], NOTHING),
        ([line(500, 1, money=Money(500, "USD"))], [expected(1, 500)], NOTHING),
        ([line(400, 1)], [expected(1, 500)], ExceptionReason.AMOUNT_DIFFERS),
        ([line(99_899, 1)], [expected(1, 100_000)], ExceptionReason.AMOUNT_DIFFERS),
        ([line(500)], [expected(1, 500), expected(2, 500)], ExceptionReason.AMBIGUOUS),
        ([line(500, 1, 2)], [expected(1, 500), expected(2, 500)], ExceptionReason.AMBIGUOUS),
        ([line(500, 1, is_reversal=True)], [expected(1, 500)], ExceptionReason.REVERSAL),
    ],
)  # fmt: skip
def test_line__that_is_not_surely_anything__is_for_a_person(lines, payments, reason):
    matching = match_payments(lines, payments)

    assert not matching.matches
    assert matching.exceptions == dict.fromkeys(range(len(lines)), reason)
    assert matching.open == tuple(payment.key for payment in payments)


def test_two_lines_for_one_payment__neither_is_taken():
    matching = match_payments([line(500, 1), line(500, 1)], [expected(1, 500)])

    assert not matching.matches
    assert set(matching.exceptions.values()) == {ExceptionReason.AMBIGUOUS}


def test_a_line_after_its_payment_was_matched__already_matched():
    matching = match_payments([line(500, 1), line(3, 1)], [expected(1, 500)])

    assert [match.lines for match in matching.matches] == [(0,)]
    assert matching.exceptions == {1: ExceptionReason.ALREADY_MATCHED}


def test_pending_lines__are_passed_over():
    matching = match_payments([line(500, 1, status=LineStatus.PENDING)], [expected(1, 500)])

    assert (matching.matches, matching.exceptions) == ((), {})
    assert matching.open == ("lot 17-1",)


def test_no_tolerance__a_unit_off__is_for_a_person():
    strict = Tolerance(amount_bps=0, days=0)

    matching = match_payments([line(100_001, 1)], [expected(1, 100_000)], strict)

    assert matching.exceptions == {0: ExceptionReason.AMOUNT_DIFFERS}


# --- laws ---------------------------------------------------------------------------------------


@pure
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=8),
    st.lists(st.tuples(st.sets(st.integers(1, 5), max_size=3), st.integers(0, 8)), max_size=8),
)
def test_matching__anything__each_line_and_each_payment_once(payments, lines):
    wanted = [
        expected(number, amount * 100, due=DUE + timedelta(days=days))
        for number, (amount, days) in enumerate(payments, start=1)
    ]
    booked = [line(amount * 100, *sorted(lots)) for lots, amount in lines]

    matching = match_payments(booked, wanted)

    used = [index for match in matching.matches for index in match.lines]
    assert sorted(used + list(matching.exceptions)) == list(range(len(booked)))
    keys = [key for match in matching.matches for key in match.expected] + list(matching.open)
    assert sorted(keys) == sorted(payment.key for payment in wanted)
    by_key = {payment.key: payment.money.amount_minor for payment in wanted}
    for match in matching.matches:
        paid = sum(booked[index].money.amount_minor for index in match.lines)
        assert paid - sum(by_key[key] for key in match.expected) == match.difference_minor
        assert match.level is MatchLevel.TOLERANCE or match.difference_minor == 0


@pure
@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_matching__everything_paid_under_its_reference__all_exact(amounts):
    payments = [expected(number, amount) for number, amount in enumerate(amounts, start=1)]
    paid = [line(amount, number) for number, amount in enumerate(amounts, start=1)]

    matching = match_payments(paid, payments)

    assert {match.level for match in matching.matches} == {MatchLevel.EXACT}
    assert not matching.open
    assert not matching.exceptions
