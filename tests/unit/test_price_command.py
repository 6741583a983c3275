"""`chainfin price` on the field's worked examples."""

import json

import pytest
from typer.testing import CliRunner

from chainfin.cli.prices import app

GUIDE = ["1000000.00", "--currency", "USD", "--from", "2026-01-01", "--to", "2026-03-02"]


def run(*arguments):
    return CliRunner().invoke(app, [*arguments, "--json"])


def figures(*arguments):
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("command", "rate", "price_minor"),
    [
        ("discount", "5.5", 99_083_333),
        ("yield", "5.5", 99_091_660),
        ("per-mille", "4.35", 99_130_000),
    ],
)
def test_price__of_the_guide__with_both_costs(command, rate, price_minor):
    found = figures(command, *GUIDE, "--rate", rate)

    assert found["price"] == {"amount_minor": price_minor, "currency": "USD"}
    assert found["discount"]["amount_minor"] + price_minor == 100_000_000
    assert found["days"] == 60
    assert found["cost_on_proceeds_bps"] >= found["cost_on_face_bps"] > 0


def test_price__of_an_interest_bearing_note__on_what_it_pays_at_maturity():
    note = ["note", *GUIDE, "--rate", "5.5", "--interest", "4", "--issued", "2025-09-03"]

    found = figures(*note)

    assert found["face"]["amount_minor"] == 102_000_000
    assert found["price"]["amount_minor"] == 101_065_000


def test_rates__of_the_price_of_the_guide():
    found = figures("rates", GUIDE[0], "990833.33", *GUIDE[1:])

    assert found == {"days": 60, "discount_rate_bps": 550, "yield_bps": 555}


@pytest.mark.parametrize(
    ("start", "end", "semiannual_yield_bps"),
    [("2026-01-01", "2026-12-31", 1_085), ("2027-06-01", "2028-05-30", 1_088)],
)
def test_rates__of_more_than_half_a_year__with_interest_added_after_it(
    start, end, semiannual_yield_bps
):
    found = figures("rates", "1000.00", "900.00", "--from", start, "--to", end)

    assert (found["discount_rate_bps"], found["days"]) == (989, 364)
    assert found["semiannual_yield_bps"] == semiannual_yield_bps


def test_rates__of_a_price_above_the_face__refused():
    done = run("rates", "100.00", "100.01", *GUIDE[3:])

    assert (done.exit_code, "PriceAboveFace" in done.output) == (2, True)


@pytest.mark.parametrize(("rate", "interest"), [([], 1_500_000), (["--rate", "7.3"], 600_000)])
def test_late__thirty_days__by_statute_or_as_agreed(rate, interest):
    found = figures("late", "1000000.00", "--from", "2026-01-01", "--to", "2026-01-31", *rate)

    assert found["days_late"] == 30
    assert found["late_interest"]["amount_minor"] == interest


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (["--rate", "5.555"], 2, "RateMalformed"),
        (["--rate", "much"], 2, "RateMalformed"),
        (["--rate", "-1"], 2, "RateMalformed"),
        (["--rate", "5", "--to", "2026-02-30"], 2, "DateMalformed"),
        (["--rate", "5", "--to", "2025-12-31"], 1, "DatesOutOfOrder"),
        (["--rate", "5", "--currency", "XYZ"], 1, "CurrencyUnknown"),
        (["--rate", "900", "--to", "2026-12-31"], 1, "DiscountExceedsFace"),
    ],
)
def test_price__of_something_wrong__says_what(change, code, words):
    done = run("discount", *GUIDE, *change)

    assert done.exit_code == code
    assert words in done.output
