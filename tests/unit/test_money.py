import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.domain.errors import (
    AmountTooLarge,
    CurrencyMismatch,
    CurrencyUnknown,
    WrongDecimal,
)
from chainfin.domain.money import (
    AMOUNT_LIMIT_MINOR,
    EXPONENTS,
    ExactDecimal,
    Money,
    entitlement_floor,
    split_largest_remainder,
)

pure = settings(database=None, deadline=None)
amounts = st.integers(-AMOUNT_LIMIT_MINOR, AMOUNT_LIMIT_MINOR)
faces = st.integers(1, AMOUNT_LIMIT_MINOR)


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("48607.68", "GBP", 4_860_768),
        ("48607.6", "GBP", 4_860_760),
        ("48607", "GBP", 4_860_700),
        ("0.01", "CNY", 1),
        ("-64120.00", "CNY", -6_412_000),
        ("1000", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("92233720368547758.07", "GBP", AMOUNT_LIMIT_MINOR),
    ],
)
def test_parse__exact_text__minor_units(text, currency, amount_minor):
    assert Money.parse(text, currency) == Money(amount_minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *((text, "GBP") for text in ("1,000.00", "1e3", "12.345", "12.340", "", " 1.00", "1.00 ")),
        *((text, "GBP") for text in ("+1.00", "1.", ".5", "007.00", "--1", "1.0.0", "£5", "NaN")),
        *((text, "GBP") for text in ("\u0661.00", "1\n", "0x10", "1_000", "(5.00)", "9" * 61)),
        ("100.00", "JPY"),
    ],
)
def test_parse__anything_else__wrong_decimal(text, currency):
    with pytest.raises(WrongDecimal) as refusal:
        Money.parse(text, currency)

    assert refusal.value.currency == currency
    assert refusal.value.decimals == EXPONENTS[currency]


def test_parse__one_unit_over_the_limit__too_large():
    with pytest.raises(AmountTooLarge) as refusal:
        Money.parse("92233720368547758.08", "GBP")

    assert refusal.value.fields == {"amount": 2**63, "limit": 2**63 - 1}


@pytest.mark.parametrize("currency", ["gbp", "XYZ", "", "GB", "EURO"])
def test_currency__not_iso_4217__unknown(currency):
    with pytest.raises(CurrencyUnknown):
        Money(1, currency)


@pytest.mark.parametrize("amount", [True, 1.0, "1", None])
def test_amount__not_an_integer__type_error(amount):
    with pytest.raises(TypeError):
        Money(amount, "GBP")


def test_exponents__spot_checks_of_iso_4217():
    decimals = {"CNY": 2, "GBP": 2, "USD": 2, "EUR": 2, "HKD": 2, "JPY": 0, "VND": 0, "BHD": 3}

    assert {currency: EXPONENTS[currency] for currency in decimals} == decimals
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)


@pure
@given(amounts, st.sampled_from(sorted(EXPONENTS)))
def test_text__there_and_back__unchanged(amount_minor, currency):
    money = Money(amount_minor, currency)

    assert Money.parse(money.decimal_text(), currency) == money
    assert str(money) == f"{currency} {money.decimal_text()}"


def test_sum_and_difference__one_currency__exact():
    assert Money(1, "GBP") + Money(2, "GBP") == Money(3, "GBP")
    assert Money(1, "GBP") - Money(2, "GBP") == Money(-1, "GBP")


def test_sum_and_difference__two_currencies__mismatch():
    with pytest.raises(CurrencyMismatch):
        Money(1, "GBP") + Money(1, "EUR")
    with pytest.raises(CurrencyMismatch):
        Money(1, "GBP") - Money(1, "EUR")


def test_sum__beyond_the_limit__too_large():
    with pytest.raises(AmountTooLarge):
        Money(AMOUNT_LIMIT_MINOR, "GBP") + Money(1, "GBP")


@pytest.mark.parametrize(
    ("left", "right", "amount_minor"),
    [
        ("2", "0.005", 1),
        ("1", "0.005", 1),
        ("1", "0.0049999", 0),
        ("-1", "0.005", -1),
        ("1", "-0.0049", 0),
        ("19.2", "1380.00", 2_649_600),
        ("120", "420.8333", 5_050_000),
    ],
)
def test_product__rounded_once__half_away_from_zero(left, right, amount_minor):
    product = ExactDecimal.parse(left).times_half_up(ExactDecimal.parse(right), "CNY")

    assert product == Money(amount_minor, "CNY")


def test_share__ties__earlier_first():
    assert split_largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert split_largest_remainder(2, [1, 1, 1]) == [1, 1, 0]


def test_share__zero_weight__gets_nothing():
    assert split_largest_remainder(7, [0, 1, 0, 1]) == [0, 4, 0, 3]


@pure
@given(
    st.integers(0, AMOUNT_LIMIT_MINOR),
    st.lists(st.integers(0, AMOUNT_LIMIT_MINOR), min_size=1, max_size=30).filter(any),
)
def test_share__any_weights__nothing_lost_and_within_one_unit(total, weights):
    shares = split_largest_remainder(total, weights)

    whole = sum(weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert -whole < share * whole - total * weight < whole


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_share__impossible__value_error(total, weights):
    with pytest.raises(ValueError, match="shared by weights"):
        split_largest_remainder(total, weights)


@pure
@given(faces.flatmap(lambda f: st.tuples(st.just(f), st.integers(0, f))), st.data())
def test_entitlement__any_division_into_lots__short_by_less_than_one_unit_a_lot(face_paid, data):
    face, paid = face_paid
    first = data.draw(st.integers(0, face))
    second = data.draw(st.integers(0, face - first))
    lots = [first, second, face - first - second]

    owed = [entitlement_floor(lot, paid, face) for lot in lots]

    assert paid - len(lots) < sum(owed) <= paid
    assert [entitlement_floor(lot, face, face) for lot in lots] == lots


@pytest.mark.parametrize(("lot", "paid", "face"), [(2, 1, 1), (1, -1, 1), (-1, 0, 1), (0, 0, 0)])
def test_entitlement__out_of_bounds__value_error(lot, paid, face):
    with pytest.raises(ValueError, match="between 0 and the face of all"):
        entitlement_floor(lot, paid, face)
