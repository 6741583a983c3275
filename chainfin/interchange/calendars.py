"""Working-day calendars of the markets a programme settles in, from the `holidays` library.

| name   | market                          | days off                                     |
|--------|---------------------------------|----------------------------------------------|
| GB     | sterling, England and Wales     | bank holidays                                |
| TARGET | euro, the ECB's T2              | TARGET closing days                          |
| US     | dollar, Fedwire                 | Federal Reserve holidays; a Saturday's is not |
|        |                                 | moved to Friday                              |
| CN     | renminbi, interbank             | State Council holidays, make-up weekends are |
|        |                                 | worked                                       |

China's holidays are announced each autumn for the next year. Later years follow the general rule
of the law and are marked provisional: an announcement may move a due day later, never earlier.
"""

from collections.abc import Callable
from datetime import date
from functools import cache

from holidays import HolidayBase, country_holidays, financial_holidays

from chainfin.domain.calendar import WorkingDays
from chainfin.domain.errors import CalendarUnknown

FIRST_YEAR = 2015
LAST_YEAR = 2045

_SOURCES: dict[str, Callable[[range], HolidayBase]] = {
    "GB": lambda years: country_holidays("GB", subdiv="ENG", years=years),
    "TARGET": lambda years: financial_holidays("ECB", years=years),
    "US": lambda years: financial_holidays("FED", years=years),
    "CN": lambda years: country_holidays("CN", years=years),
}

CALENDARS = tuple(_SOURCES)
"""Names of the calendars there are."""


_OF_CURRENCY = {"GBP": "GB", "EUR": "TARGET", "USD": "US", "CNY": "CN"}


def calendar_of_currency(currency: str) -> WorkingDays | None:
    """The calendar of the market a currency settles in; None where none is known here."""
    name = _OF_CURRENCY.get(currency)
    return None if name is None else working_days(name)


@cache
def working_days(name: str) -> WorkingDays:
    """The calendar of a market, from 2015 to 2045.

    Raises:
        CalendarUnknown: no such calendar.
    """
    if name not in _SOURCES:
        raise CalendarUnknown(name, ", ".join(CALENDARS))
    days_off = _SOURCES[name](range(FIRST_YEAR, LAST_YEAR + 1))
    first_day, last_day = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    worked = frozenset(day for day in days_off.weekend_workdays if first_day <= day <= last_day)
    return WorkingDays(
        name=name,
        first_day=first_day,
        last_day=last_day,
        holidays=frozenset(days_off),
        extra_working_days=worked,
    )
