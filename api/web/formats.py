"""How values are shown: amounts with their currency's decimals, instants in UTC, hashes short."""

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from chainfin.domain.errors import CurrencyUnknown
from chainfin.domain.money import Money

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT_HEAD, _SHORT_TAIL = 6, 4
_NO_BREAK = "\N{NO-BREAK SPACE}"


def money_text(amount_minor: int, currency: str, minor_units: str) -> str:
    """An amount with its currency, never broken in two lines: "CNY 1,270,120.00".

    A currency that is no ISO 4217 code, which the chain allows, has no decimals to show:
    `minor_units` is the template for it.
    """
    try:
        return f"{currency}{_NO_BREAK}{amount_text(amount_minor, currency)}"
    except CurrencyUnknown:
        return minor_units.format(amount=f"{amount_minor:,}", currency=currency)


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount without its currency: "1,270,120.00".

    Raises:
        CurrencyUnknown: Not an active ISO 4217 code.
    """
    whole, point, decimals = Money(abs(amount_minor), currency).decimal_text().partition(".")
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{int(whole):,}{point}{decimals}"


def date_text(instant_at: int) -> str:
    """The UTC date of an instant; a number that no calendar reaches stays a number."""
    return _written(instant_at, "%Y-%m-%d")


def instant_text(instant_at: int) -> str:
    """An instant to the minute: "2026-11-22 05:13 UTC"."""
    return _written(instant_at, "%Y-%m-%d %H:%M UTC")


def time_element(instant_at: int, *, is_date: bool = False) -> Markup:
    """An instant, or its date, as HTML that machines can read too."""
    shown = date_text(instant_at) if is_date else instant_text(instant_at)
    machine = _written(instant_at, "%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}">{}</time>').format(machine, shown)


def percentage_text(bps: int) -> str:
    """A share or a rate in basis points: "12.50 %"."""
    return f"{bps // 100}.{bps % 100:02}{_NO_BREAK}%"


def short_hash(value: str) -> str:
    """A hash or address by its ends: "0x12ab…89cd"."""
    if len(value) <= _SHORT_HEAD + _SHORT_TAIL + 1:
        return value
    return f"{value[:_SHORT_HEAD]}…{value[-_SHORT_TAIL:]}"


def hash_element(value: str) -> Markup:
    """A shortened hash or address that shows itself whole when pointed at."""
    return Markup('<code class="hash" title="{}">{}</code>').format(value, short_hash(value))


def _written(instant_at: int, pattern: str) -> str:
    try:
        return format(_EPOCH + timedelta(seconds=instant_at), pattern)
    except OverflowError:
        return str(instant_at)
