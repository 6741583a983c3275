"""The operator's fees: by date, rounded once."""

from datetime import date

import pytest

from chainfin.domain.errors import FeesMalformed
from chainfin.domain.fees import funding_fee_half_up
from chainfin.domain.money import Money
from chainfin.interchange.fees import parse_fees

SCHEDULE = parse_fees(
    """
    [[fees]]
    effective_date = 2026-01-01
    funding_fee_bps = 20
    tax_bps = 600
    [[fees]]
    effective_date = 2026-07-01
    funding_fee_bps = 0
    tax_bps = 600
    """
)


@pytest.mark.parametrize(
    ("day", "proceeds", "fee", "tax"),
    [
        (date(2026, 1, 1), 1_000_000_00, 2_000_00, 120_00),
        (date(2026, 6, 30), 250, 1, 0),
        (date(2026, 6, 30), 1_125_00, 2_25, 14),
    ],
)
def test_fee__of_the_row_in_force__with_its_tax(day, proceeds, fee, tax):
    charged = funding_fee_half_up(SCHEDULE, Money(proceeds, "CNY"), day)

    assert charged is not None
    assert (charged.fee, charged.tax) == (Money(fee, "CNY"), Money(tax, "CNY"))


@pytest.mark.parametrize(
    ("day", "proceeds"),
    [(date(2025, 12, 31), 10**9), (date(2026, 7, 1), 10**9), (date(2026, 1, 1), 249)],
)
def test_fee__before_any_row_or_of_nothing__none(day, proceeds):
    assert funding_fee_half_up(SCHEDULE, Money(proceeds, "CNY"), day) is None


@pytest.mark.parametrize(
    "text",
    [
        "fees = 1",
        "[[fees]]\nfunding_fee_bps = 1\ntax_bps = 1",
        "[[fees]]\neffective_date = 2026-01-01\nfunding_fee_bps = -1\ntax_bps = 1",
        "[[fees]]\neffective_date = 2026-01-01\nfunding_fee_bps = 0.5\ntax_bps = 1",
        "[[fees]]\neffective_date = 2026-01-01\nfunding_fee_bps = 1\ntax_bps = 1\n" * 2,
        "not toml",
    ],
)
def test_schedule__that_is_none__refused(text):
    with pytest.raises(FeesMalformed):
        parse_fees(text)
