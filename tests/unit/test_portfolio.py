"""Sums over positions, and tables that no spreadsheet takes for formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.analysis.portfolio import Bucket, Position, ageing, bucket_of, exposure, maturities
from chainfin.domain.receivable import SECONDS_A_DAY, ReceivableState
from chainfin.interchange.table_csv import write_csv

NOW = 1_795_000_000


def position(receivable=1, obligor=1, amount=100, days=10, currency="CNY", **changes):
    state = ReceivableState.ACTIVE if days >= 0 else ReceivableState.OVERDUE
    known = {
        "receivable_id": receivable,
        "obligor": obligor,
        "holder": 9,
        "currency": currency,
        "outstanding_minor": amount,
        "maturity_at": NOW + days * SECONDS_A_DAY,
        "state": state,
    }
    return Position(**(known | changes))


def test_exposure__two_anchors_two_currencies__largest_first_never_added_across():
    rows = exposure(
        [
            position(1, obligor=1, amount=300),
            position(1, obligor=1, amount=100, days=-3),
            position(2, obligor=2, amount=800),
            position(3, obligor=1, amount=5, currency="USD"),
        ]
    )

    assert [(row.currency, row.obligor, row.outstanding_minor) for row in rows] == [
        ("CNY", 2, 800),
        ("CNY", 1, 400),
        ("USD", 1, 5),
    ]
    second = rows[1]
    assert (second.receivables, second.lots) == (1, 2)
    assert (second.unpaid_minor, second.largest_lot_minor, second.share_bps) == (100, 300, 3_333)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, Bucket.UP_TO_7),
        (7, Bucket.UP_TO_7),
        (8, Bucket.UP_TO_30),
        (31, Bucket.UP_TO_60),
        (90, Bucket.UP_TO_90),
        (180, Bucket.UP_TO_180),
        (365, Bucket.UP_TO_365),
        (366, Bucket.BEYOND),
    ],
)
def test_bucket__of_days__the_stretch_they_fall_into(days, bucket):
    assert bucket_of(days) is bucket


def test_maturities_and_ageing__each_lot_in_one_of_them_or_due_today():
    lots = [position(days=days) for days in (3, 40, 45, -40)]
    lots.append(position(days=-200, state=ReceivableState.WRITTEN_OFF))
    due = position(days=0, state=ReceivableState.DUE)

    coming, late = maturities([*lots, due], NOW), ageing([*lots, due], NOW)

    assert [(row.bucket, row.lots) for row in coming] == [
        (Bucket.UP_TO_7, 1),
        (Bucket.UP_TO_60, 2),
    ]
    assert [(row.bucket, row.outstanding_minor) for row in late] == [
        (Bucket.UP_TO_60, 100),
        (Bucket.UP_TO_365, 100),
    ]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 10**12)), max_size=30)
)
def test_exposure__anything__adds_up_to_what_is_owed(facts):
    lots = [position(number, obligor, amount) for number, obligor, amount in facts]

    rows = exposure(lots)

    assert sum(row.outstanding_minor for row in rows) == sum(amount for *_, amount in facts)
    assert sum(row.lots for row in rows) == len(facts)
    assert not rows or 10_000 - len(rows) < sum(row.share_bps for row in rows) <= 10_000


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+49 30",
        "-cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\uff1d1",
        "  =1",
        "-",
        "-5e3",
    ],
)
def test_csv__a_name_that_is_a_formula__is_text(name):
    (_, (cell, number)) = csv.reader(io.StringIO(write_csv(["name", "n"], [[name, "-5.00"]])))

    assert cell == f"'{name}"
    assert number == "-5.00"


@given(st.text(st.characters(exclude_characters="\x00"), min_size=1))
def test_csv__of_any_name__is_one_cell_that_begins_no_formula(name):
    text = write_csv(["name", "next"], [[name, "end"]])

    (_, (cell, after)) = csv.reader(io.StringIO(text, newline=""))

    assert cell in {name, f"'{name}"}
    assert after == "end"
    assert not cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r"))
