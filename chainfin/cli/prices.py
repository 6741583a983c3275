"""`chainfin price`: what a discount, a yield or a late payment comes to, computed on this machine.

The same arithmetic as in quotes and contracts, so that anybody can check a figure without asking.
"""

from calendar import isleap
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from chainfin.cli.options import AsJson
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.domain.calendar import DayCount, year_fraction
from chainfin.domain.money import Money, money_json
from chainfin.domain.pricing import (
    BPS_PER_ONE,
    STATUTORY_DAILY_BPS,
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

app = typer.Typer(help="Prices and interest, computed here.", no_args_is_help=True)

Amount = Annotated[str, typer.Argument(help="Decimal amount, such as 1000000.00.")]
Currency = Annotated[str, typer.Option(help="ISO 4217 code.")]
Rate = Annotated[str, typer.Option(help="Percent a year, such as 5.5.")]
From = Annotated[str, typer.Option("--from", help="Value date, such as 2026-11-23.")]
To = Annotated[str, typer.Option("--to", help="Maturity date.")]
Count = Annotated[DayCount, typer.Option("--day-count", help="Convention.")]

_BPS_A_PERCENT = 100
_LARGEST_RATE = 1_000_000
_DAYS_A_YEAR = 365


@app.command()
@command
def discount(
    face: Amount,
    rate: Rate,
    start: From,
    end: To,
    currency: Currency = "CNY",
    day_count: Count = DayCount.ACT_360,
    as_json: AsJson = False,
) -> None:
    """Straight discount: the rate on the face."""
    money, (days, basis) = Money.parse(face, currency), _fraction(day_count, start, end)
    found = straight_discount_half_up(
        face_minor=money.amount_minor,
        discount_rate_bps=_units(rate),
        days=days,
        basis_days=basis,
    )
    _show_price(money, money.amount_minor - found, start, end, as_json=as_json)


@app.command(name="yield")
@command
def price_to_yield(
    face: Amount,
    rate: Rate,
    start: From,
    end: To,
    currency: Currency = "CNY",
    day_count: Count = DayCount.ACT_360,
    as_json: AsJson = False,
) -> None:
    """Discount to yield: the rate on what is paid out."""
    money, (days, basis) = Money.parse(face, currency), _fraction(day_count, start, end)
    price = discount_to_yield_price_half_up(
        face_minor=money.amount_minor, yield_rate_bps=_units(rate), days=days, basis_days=basis
    )
    _show_price(money, price, start, end, as_json=as_json)


@app.command(name="per-mille")
@command
def per_mille(
    face: Amount,
    rate: Annotated[str, typer.Option(help="Per mille a month, such as 4.35.")],
    start: From,
    end: To,
    currency: Currency = "CNY",
    as_json: AsJson = False,
) -> None:
    """Quote by the month, in per mille, as Chinese banks give it."""
    money = Money.parse(face, currency)
    found = per_mille_discount_half_up(
        face_minor=money.amount_minor,
        hundredths_per_mille_a_month=_units(rate),
        days=_calendar_days(start, end),
    )
    _show_price(money, money.amount_minor - found, start, end, as_json=as_json)


@app.command()
@command
def note(
    principal: Amount,
    interest: Annotated[str, typer.Option(help="The note's rate, percent a year.")],
    issued: Annotated[str, typer.Option(help="Day of issue.")],
    rate: Rate,
    start: From,
    end: To,
    currency: Currency = "CNY",
    day_count: Count = DayCount.ACT_360,
    as_json: AsJson = False,
) -> None:
    """Interest-bearing note, discounted."""
    money, whole = Money.parse(principal, currency), _fraction(day_count, issued, end)
    terms = {"principal_minor": money.amount_minor, "interest_rate_bps": _units(interest)}
    value = note_maturity_value_half_up(**terms, days=whole[0], basis_days=whole[1])
    price = note_price_half_up(
        **terms,
        note_fraction=whole,
        discount_rate_bps=_units(rate),
        fraction=_fraction(day_count, start, end),
    )
    _show_price(Money(value, currency), price, start, end, as_json=as_json)


@app.command()
@command
def rates(
    face: Amount,
    price: Annotated[str, typer.Argument(help="Decimal amount that is paid for it.")],
    start: From,
    end: To,
    currency: Currency = "CNY",
    day_count: Count = DayCount.ACT_360,
    as_json: AsJson = False,
) -> None:
    """The rates a price amounts to: discount on the face, yield on what is paid."""
    money, (days, basis) = Money.parse(face, currency), _fraction(day_count, start, end)
    deal = {
        "face_minor": money.amount_minor,
        "price_minor": Money.parse(price, currency).amount_minor,
        "days": days,
    }
    if deal["price_minor"] > deal["face_minor"]:
        raise refuse("PriceAboveFace", f"{price} is more than {face}", ExitCode.WRONG_USE)
    figures: dict[str, Any] = {
        "days": days,
        "discount_rate_bps": discount_rate_of_price_half_up(**deal, basis_days=basis),
        "yield_bps": yield_of_price_half_up(**deal, basis_days=basis),
    }
    year_days = _days_of_the_year_from(_day(start))
    if 2 * days > year_days:
        figures["semiannual_yield_bps"] = semiannual_yield_of_price_half_up(
            **deal, year_days=year_days, units_per_one=BPS_PER_ONE
        )
    _show(figures, as_json=as_json)


@app.command()
@command
def late(
    unpaid: Amount,
    start: Annotated[str, typer.Option("--from", help="Day it was due.")],
    end: Annotated[str, typer.Option("--to", help="Day of payment.")],
    rate: Annotated[
        str | None, typer.Option(help="Agreed percent a year; 0.05 % a day if none (R-17).")
    ] = None,
    currency: Currency = "CNY",
    as_json: AsJson = False,
) -> None:
    """Late interest, simple, by days."""
    money, days = Money.parse(unpaid, currency), _calendar_days(start, end)
    statutory = {"late_rate_bps": STATUTORY_DAILY_BPS, "basis_days": 1}
    agreed = statutory if rate is None else {"late_rate_bps": _units(rate)}
    interest = late_interest_half_up(unpaid_minor=money.amount_minor, days_late=days, **agreed)
    _show(
        {"days_late": days, "late_interest": Money(interest, currency)},
        as_json=as_json,
    )


def _show_price(face: Money, price_minor: int, start: str, end: str, *, as_json: bool) -> None:
    deal = {
        "face_minor": face.amount_minor,
        "net_proceeds_minor": price_minor,
        "days": _calendar_days(start, end),
    }
    _show(
        {
            "face": face,
            "discount": Money(face.amount_minor - price_minor, face.currency),
            "price": Money(price_minor, face.currency),
            "days": deal["days"],
            "cost_on_proceeds_bps": cost_on_proceeds_bps_up(**deal),
            "cost_on_face_bps": cost_on_face_bps_up(**deal),
        },
        as_json=as_json,
    )


def _show(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json({name: _plain(value) for name, value in figures.items()})
        return
    for name, value in figures.items():
        console.print(f"{name.replace('_', ' ')}: {value}")


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return money_json(value.amount_minor, value.currency)
    return value


def _units(text: str) -> int:
    """A rate of at most two decimals as hundredths: 5.5 percent are 550 basis points."""
    try:
        units = Decimal(text) * _BPS_A_PERCENT
    except InvalidOperation:
        units = Decimal(-1)
    if units != units.to_integral_value() or not 0 <= units <= _LARGEST_RATE:
        raise refuse("RateMalformed", f"“{text}” has not at most two decimals", ExitCode.WRONG_USE)
    return int(units)


def _fraction(day_count: DayCount, start: str, end: str) -> tuple[int, int]:
    return year_fraction(day_count, start_date=_day(start), end_date=_day(end))


def _days_of_the_year_from(day: date) -> int:
    """366 where a 29 February comes within a year of a day."""
    leap_days = (date(year, 2, 29) for year in (day.year, day.year + 1) if isleap(year))
    return 366 if any(0 < (leap - day).days <= _DAYS_A_YEAR for leap in leap_days) else _DAYS_A_YEAR


def _calendar_days(start: str, end: str) -> int:
    return year_fraction(DayCount.ACT_365F, start_date=_day(start), end_date=_day(end))[0]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("DateMalformed", f"“{text}” is no day", ExitCode.WRONG_USE) from None
