import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.domain.errors import (
    DiscountExceedsFace,
    ProceedsNotPositive,
    TenorTooShort,
)
from chainfin.domain.money import AMOUNT_LIMIT_MINOR, ExactDecimal, Money
from chainfin.domain.pricing import (
    cost_on_face_bps_up,
    cost_on_proceeds_bps_up,
    discount_rate_of_price_half_up,
    discount_to_yield_price_half_up,
    late_interest_half_up,
    note_maturity_value_half_up,
    note_price_half_up,
    per_mille_discount_half_up,
    semiannual_yield_of_price_half_up,
    straight_discount_half_up,
    yield_of_price_half_up,
)
from chainfin.domain.rules import (
    PARAMETERS,
    Limit,
    in_force,
)

pure = settings(database=None, deadline=None)
faces = st.integers(1, AMOUNT_LIMIT_MINOR)
rates_bps = st.integers(0, 5000)
tenors = st.integers(1, 366)
bases = st.sampled_from([360, 365])

MILLION = 100_000_000
"""1,000,000.00 in minor units."""


# --- worked examples -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("face_minor", "discount_rate_bps", "days", "discount_minor"),
    [
        (1_000_000, 1800, 7, 3_500),
        (1_000_000, 2400, 7, 4_667),
        (100_000, 600, 20, 333),
        (MILLION, 550, 60, 916_667),
    ],
)
def test_straight_discount__published_examples(face_minor, discount_rate_bps, days, discount_minor):
    discount = straight_discount_half_up(
        face_minor=face_minor, discount_rate_bps=discount_rate_bps, days=days, basis_days=360
    )

    assert discount == discount_minor


def test_guide__one_million_at_5_5_percent_for_60_days__every_figure():
    price = {"face_minor": MILLION, "days": 60, "basis_days": 360}

    assert MILLION - straight_discount_half_up(**price, discount_rate_bps=550) == 99_083_333
    assert discount_to_yield_price_half_up(**price, yield_rate_bps=550) == 99_091_660
    assert yield_of_price_half_up(**price, price_minor=99_083_333) == 555


def test_yield__of_a_price__with_as_many_digits_as_are_asked_for():
    price = {"face_minor": MILLION, "price_minor": 99_083_333, "days": 60, "basis_days": 360}

    assert yield_of_price_half_up(**price, units_per_one=10**8) == 5_550_885


def test_costs__guide_with_a_fee__on_proceeds_above_on_face():
    deal = {"face_minor": MILLION, "net_proceeds_minor": 99_083_333 - 50_000, "days": 60}

    # 966,667 given up: x 365 / 60 over the proceeds 99,033,333 and over the face.
    assert cost_on_proceeds_bps_up(**deal) == 594  # 593.79...
    assert cost_on_face_bps_up(**deal) == 589  # 588.05...


def test_costs__flat_discount_of_two_percent_for_30_days__p_over_k_times_365():
    deal = {"face_minor": 10_000, "net_proceeds_minor": 9_800, "days": 30}

    assert cost_on_face_bps_up(**deal) == 2434  # 2 / 30 x 365 = 24.333... %
    assert cost_on_proceeds_bps_up(**deal) == 2483


def test_late_interest__statute_30_days__r_17():
    row = in_force(Limit.STATUTORY_LATE_RATE_BPS_PER_DAY, act_date=date(2026, 11, 22))

    interest = late_interest_half_up(
        unpaid_minor=MILLION, late_rate_bps=row.value, days_late=30, basis_days=1
    )

    assert row.rule_id == "R-17"
    assert interest == 1_500_000


def test_late_interest__agreed_annual_rate__act_365():
    assert late_interest_half_up(unpaid_minor=MILLION, late_rate_bps=730, days_late=10) == 200_000


def per_100(text):
    """A price per 100, with six decimals."""
    return int(Decimal(text) * 1_000_000)


def cfr_discount(row):
    discount = straight_discount_half_up(
        face_minor=MILLION,  # 100 with six decimals
        discount_rate_bps=int(Decimal(row["rate"]) * 10_000),
        days=int(row["days"]),
        basis_days=int(row["basis"]),
    )
    assert MILLION - discount == per_100(row["expected_price_per_100"])


def cfr_price_given(row):
    face = ExactDecimal.parse(row["face"])
    price = ExactDecimal.parse(row["expected_price_per_100"])
    price = ExactDecimal(price.digits, price.places + 2)
    assert face.times_half_up(price, "USD") == Money.parse(row["expected_proceeds"], "USD")


def cfr_rate_of_price(rate_of_price, days_name="basis_days", tolerance=0):
    def check(row):
        places = len(row["expected_rate"].partition(".")[2])
        rate = rate_of_price(
            face_minor=MILLION,
            price_minor=per_100(row["expected_price_per_100"]),
            days=int(row["days"]),
            units_per_one=10**places,
            **{days_name: int(row["basis"])},
        )
        assert abs(Decimal(rate).scaleb(-places) - Decimal(row["expected_rate"])) <= tolerance

    return check


CFR_CHECKS = {
    "cfr-VI-A": cfr_discount,
    "cfr-VI-B-1": cfr_price_given,
    "cfr-VI-B-2": cfr_price_given,
    "cfr-VI-C": cfr_rate_of_price(discount_rate_of_price_half_up),
    "cfr-VI-D-1p": cfr_discount,
    # The regulation rounds an intermediate factor to six decimals; unrounded it is .08075725.
    "cfr-VI-D-1i": cfr_rate_of_price(yield_of_price_half_up, tolerance=Decimal("0.0000015")),
    "cfr-VI-D-2": cfr_rate_of_price(semiannual_yield_of_price_half_up, "year_days"),
}


def test_discount__government_examples__all_equal(test_data):
    with (test_data / "discount" / "discount_vectors.csv").open(newline="") as file:
        examples = {row["id"]: row for row in csv.DictReader(file)}

    for name, row in examples.items():
        CFR_CHECKS[name](row)
    assert examples.keys() == CFR_CHECKS.keys()


@pytest.mark.parametrize(
    ("quote", "days", "discount_minor"),
    [(435, 30, 435_000), (435, 91, 1_319_500), (0, 30, 0), (1, 1, 33)],
)
def test_per_mille_discount__by_the_month_of_30_days(quote, days, discount_minor):
    discount = per_mille_discount_half_up(
        face_minor=MILLION, hundredths_per_mille_a_month=quote, days=days
    )

    assert discount == discount_minor


def test_note__six_months_at_4_percent__value_and_price():
    note = {"principal_minor": MILLION, "interest_rate_bps": 400}

    value = note_maturity_value_half_up(**note, days=180, basis_days=360)
    price = note_price_half_up(
        **note, note_fraction=(180, 360), discount_rate_bps=550, fraction=(60, 360)
    )

    assert value == 102_000_000
    assert price == 101_065_000  # 102,000,000 less 5.5 % for 60 days of it


def test_note__discount_takes_everything__refused():
    with pytest.raises(ProceedsNotPositive):
        note_price_half_up(
            principal_minor=100,
            interest_rate_bps=0,
            note_fraction=(0, 360),
            discount_rate_bps=10_000,
            fraction=(361, 360),
        )


def test_semiannual_yield__half_a_year_or_less__refused():
    with pytest.raises(TenorTooShort):
        semiannual_yield_of_price_half_up(
            face_minor=100, price_minor=99, days=182, year_days=365, units_per_one=10_000
        )


# --- properties ------------------------------------------------------------------------------


@pure
@given(faces, rates_bps, tenors, bases)
def test_straight_discount__any_deal__nearest_half_up(face, rate, days, basis):
    exact_numerator, denominator = face * rate * days, 10_000 * basis
    try:
        discount = straight_discount_half_up(
            face_minor=face, discount_rate_bps=rate, days=days, basis_days=basis
        )
    except DiscountExceedsFace:
        assert 2 * exact_numerator >= (2 * face - 1) * denominator
        return

    assert 0 <= discount < face
    error = 2 * (discount * denominator - exact_numerator)
    assert -denominator < error <= denominator


@pure
@given(st.integers(10**6, AMOUNT_LIMIT_MINOR), st.integers(0, 3_000), tenors, bases)
def test_straight_discount__a_basis_point_more__never_less(face, rate, days, basis):
    deal = {"face_minor": face, "days": days, "basis_days": basis}

    lower = straight_discount_half_up(**deal, discount_rate_bps=rate)

    assert lower <= straight_discount_half_up(**deal, discount_rate_bps=rate + 1)


@pure
@given(st.integers(10**6, AMOUNT_LIMIT_MINOR), st.integers(0, 3_000), tenors, bases)
def test_yield_price__a_day_or_a_basis_point_more__never_more(face, rate, days, basis):
    deal = {"face_minor": face, "basis_days": basis}

    price = discount_to_yield_price_half_up(**deal, yield_rate_bps=rate, days=days)

    assert price >= discount_to_yield_price_half_up(**deal, yield_rate_bps=rate + 1, days=days)
    assert price >= discount_to_yield_price_half_up(**deal, yield_rate_bps=rate, days=days + 1)


@pure
@given(
    st.lists(st.integers(10**6, 10**14), min_size=1, max_size=20),
    st.integers(0, 3_000),
    tenors,
    bases,
)
def test_straight_discount__split_then_priced__within_half_a_unit_a_part(parts, rate, days, basis):
    deal = {"discount_rate_bps": rate, "days": days, "basis_days": basis}

    whole = straight_discount_half_up(face_minor=sum(parts), **deal)
    apart = [straight_discount_half_up(face_minor=part, **deal) for part in parts]

    assert 2 * abs(sum(apart) - whole) <= len(parts) + 1
    prices = [part - discount for part, discount in zip(parts, apart, strict=True)]
    assert sum(prices) + sum(apart) == sum(parts)


@pure
@given(st.integers(1, 10**9), st.integers(0, 2_000), st.integers(0, 366), bases)
def test_per_mille_discount__twelve_months_of_a_year__as_the_annual_rate(face, bps, days, basis):
    """A per mille a month is 1.2 % a year of 360 days."""
    try:
        monthly = per_mille_discount_half_up(
            face_minor=face, hundredths_per_mille_a_month=bps, days=days
        )
    except DiscountExceedsFace:
        return

    annual = (2 * face * bps * 12 * days + 100_000 * 360) // (2 * 100_000 * 360)
    assert monthly == annual


@pure
@given(
    faces.flatmap(lambda f: st.tuples(st.just(f), st.integers((f + 1) // 2, f))),
    st.integers(184, 366),
)
def test_semiannual_yield__any_price__nearest_half_up(face_and_price, days):
    face, price = face_and_price
    one = 10_000

    rate = semiannual_yield_of_price_half_up(
        face_minor=face, price_minor=price, days=days, year_days=366, units_per_one=one
    )

    def excess(doubled):
        """Over zero where `doubled / 2` basis points are more than the yield."""
        half, year = 2 * one * 2, 366
        first = half * year * price + (2 * days - year) * doubled * price
        return first * (half + doubled) - face * half * half * year

    assert excess(2 * rate - 1) <= 0 < excess(2 * rate + 1)


@pure
@given(st.integers(10**6, AMOUNT_LIMIT_MINOR), rates_bps, tenors, bases)
def test_straight_discount__one_day_longer__never_less(face, rate, days, basis):
    deal = {"face_minor": face, "discount_rate_bps": rate, "basis_days": basis}

    if rate * (days + 1) < 9_000 * basis:
        shorter = straight_discount_half_up(**deal, days=days)
        assert shorter <= straight_discount_half_up(**deal, days=days + 1)


@pure
@given(st.integers(10**8, AMOUNT_LIMIT_MINOR), st.integers(0, 2000), tenors, bases)
def test_yield_price__its_own_yield__comes_back(face, rate, days, basis):
    deal = {"face_minor": face, "days": days, "basis_days": basis}
    price = discount_to_yield_price_half_up(**deal, yield_rate_bps=rate)

    if days >= 30:  # below, a hundredth of a currency unit weighs more than a basis point
        assert yield_of_price_half_up(**deal, price_minor=price) == rate
    assert price <= face


@pure
@given(st.integers(10**6, AMOUNT_LIMIT_MINOR), st.integers(1, 2000), tenors, bases)
def test_discount_and_yield__same_rate__discount_pays_out_less(face, rate, days, basis):
    deal = {"face_minor": face, "days": days, "basis_days": basis}

    discounted = face - straight_discount_half_up(**deal, discount_rate_bps=rate)

    assert discounted <= discount_to_yield_price_half_up(**deal, yield_rate_bps=rate)


@pure
@given(faces.flatmap(lambda f: st.tuples(st.just(f), st.integers(1, f))), tenors)
def test_costs__any_deal__stated_never_below_true(face_and_net, days):
    face, net = face_and_net
    deal = {"face_minor": face, "net_proceeds_minor": net, "days": days}

    on_proceeds, on_face = cost_on_proceeds_bps_up(**deal), cost_on_face_bps_up(**deal)

    given_up = (face - net) * 365 * 10_000
    assert on_proceeds * net * days >= given_up > (on_proceeds - 1) * net * days
    assert on_proceeds >= on_face


# --- refusals --------------------------------------------------------------------------------


def test_straight_discount__nothing_left__refused():
    with pytest.raises(DiscountExceedsFace):
        straight_discount_half_up(
            face_minor=100, discount_rate_bps=10_000, days=360, basis_days=360
        )
    with pytest.raises(DiscountExceedsFace):
        straight_discount_half_up(face_minor=0, discount_rate_bps=1, days=1, basis_days=360)


def test_yield_price__rounds_to_nothing__refused():
    with pytest.raises(ProceedsNotPositive):
        discount_to_yield_price_half_up(
            face_minor=1, yield_rate_bps=30_000, days=360, basis_days=360
        )


@pytest.mark.parametrize(
    "rate_of_price", [cost_on_face_bps_up, cost_on_proceeds_bps_up], ids=lambda f: f.__name__
)
def test_costs__no_money_or_no_time__refused(rate_of_price):
    with pytest.raises(ProceedsNotPositive):
        rate_of_price(face_minor=100, net_proceeds_minor=0, days=1)
    with pytest.raises(TenorTooShort):
        rate_of_price(face_minor=100, net_proceeds_minor=99, days=0)
    with pytest.raises(ValueError, match="at most the face"):
        rate_of_price(face_minor=100, net_proceeds_minor=101, days=1)


@pytest.mark.parametrize("wrong", [{"unpaid_minor": -1}, {"days_late": -1}, {"basis_days": 0}])
def test_late_interest__impossible_arguments__value_error(wrong):
    arguments = {"unpaid_minor": 1, "late_rate_bps": 1, "days_late": 1} | wrong

    with pytest.raises(ValueError, match="0 or more"):
        late_interest_half_up(**arguments)


# --- dated rules -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act_date", "value"),
    [(date(2015, 2, 3), None), (date(2015, 2, 4), 36), (date(2027, 1, 1), 36)],
)
def test_in_force__day_of_the_act_decides__r_25(act_date, value):
    row = in_force(Limit.COURT_FREEZE_MONTHS, act_date=act_date)

    assert (row and row.value) == value


def test_parameters__one_row_a_limit_and_day():
    keys = [(row.limit, row.effective_date) for row in PARAMETERS]

    assert len(set(keys)) == len(keys)
    assert {row.rule_id for row in PARAMETERS} == {"R-17", "R-25", "R-27"}


# --- what the contracts compute as well ------------------------------------------------------

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "discount.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["straight_discount"])
def test_straight_discount__vectors_shared_with_the_contracts(case):
    discount = straight_discount_half_up(
        face_minor=int(case["amount"]),
        discount_rate_bps=case["rate_bps"],
        days=case["days"],
        basis_days=case["basis_days"],
    )

    assert discount == int(case["result"])


@pytest.mark.parametrize("case", VECTORS["late_interest"])
def test_late_interest__vectors_shared_with_the_contracts(case):
    interest = late_interest_half_up(
        unpaid_minor=int(case["amount"]),
        late_rate_bps=case["rate_bps"],
        days_late=case["days"],
        basis_days=case["basis_days"],
    )

    assert interest == int(case["result"])
