"""Days: counting them for interest, moving a maturity to a working day, closing a day's business.

Nothing here knows what day it is. Year fractions are pairs of integers, so that a price is
computed exactly and rounded once. The start day counts and the end day does not.
"""

from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chainfin.domain.errors import (
    CalendarNotPublished,
    DatesOutOfOrder,
    TenorTooShort,
    TimeZoneUnknown,
)

_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SATURDAY_AND_SUNDAY = frozenset({5, 6})


class DayCount(StrEnum):
    """A convention for the fraction of a year between two dates.

    Sources: ISDA 2006 Definitions, section 4.16 (b) and (d) to (g); the French banking federation's
    master agreement (AFB); the US bond market's standard of 1994 (PSA). Beware the market's habit:
    USD, EUR and CNY discounts use 360, GBP and HKD use 365.
    """

    ACT_360 = "ACT_360"
    """Calendar days over 360."""
    ACT_365F = "ACT_365F"
    """Calendar days over 365, in leap years too."""
    NL_365 = "NL_365"
    """Calendar days but 29 February, over 365."""
    ACT_ACT_ISDA = "ACT_ACT_ISDA"
    """Days in leap years over 366 and the others over 365."""
    ACT_ACT_AFB = "ACT_ACT_AFB"
    """Whole years back from the end, then days over 366 if they span a 29 February, else 365."""
    THIRTY_360 = "30_360"
    """US bond basis: day 31 counts as 30 at the start, and at the end if the start is 30 or 31."""
    THIRTY_360_PSA = "30_360_PSA"
    """As the bond basis, and the last day of February at the start counts as 30 too."""
    THIRTY_E_360 = "30E_360"
    """Eurobond basis: day 31 counts as 30 on both sides."""
    THIRTY_EPLUS_360 = "30EPLUS_360"
    """Day 31 counts as 30 at the start and as the first of the next month at the end."""


def _actual_days(start_date: date, end_date: date) -> int:
    return (end_date - start_date).days


def _days_but_leap_days(start_date: date, end_date: date) -> int:
    return _actual_days(start_date, end_date) - _leap_days(start_date, end_date)


def _leap_days(after: date, through: date) -> int:
    """How many 29 February lie after one day and up to another."""
    years = range(after.year, through.year + 1)
    return sum(after < date(year, 2, 29) <= through for year in years if isleap(year))


def _bond_days(start_date: date, end_date: date) -> int:
    return _thirty_days(min(start_date.day, 30), start_date, end_date)


def _psa_days(start_date: date, end_date: date) -> int:
    is_end_of_february = start_date.month == 2 and (start_date + _ONE_DAY).day == 1  # noqa: PLR2004
    return _thirty_days(30 if is_end_of_february else min(start_date.day, 30), start_date, end_date)


def _thirty_days(start_day: int, start_date: date, end_date: date) -> int:
    end_day = min(end_date.day, 30) if start_day == 30 else end_date.day  # noqa: PLR2004
    return _months_of_30_days(start_date, end_date) + end_day - start_day


def _eurobond_days(start_date: date, end_date: date) -> int:
    days = min(end_date.day, 30) - min(start_date.day, 30)
    return _months_of_30_days(start_date, end_date) + days


def _eurobond_plus_days(start_date: date, end_date: date) -> int:
    if start_date == end_date:
        return 0
    # Day 31 is the first of the next month: 31 thirtieths into this one.
    return _months_of_30_days(start_date, end_date) + end_date.day - min(start_date.day, 30)


def _months_of_30_days(start_date: date, end_date: date) -> int:
    return 360 * (end_date.year - start_date.year) + 30 * (end_date.month - start_date.month)


def _isda_fraction(start_date: date, end_date: date) -> tuple[int, int]:
    leap = sum(
        _actual_days(max(start_date, date(year, 1, 1)), min(end_date, date(year + 1, 1, 1)))
        for year in range(start_date.year, end_date.year + 1)
        if isleap(year)
    )
    common = _actual_days(start_date, end_date) - leap
    if leap and common:
        return common * 366 + leap * 365, 365 * 366
    return (leap, 366) if leap else (common, 365)


def _afb_fraction(start_date: date, end_date: date) -> tuple[int, int]:
    years = end_date.year - start_date.year
    years -= _years_before(end_date, years) < start_date
    rest_ends = _years_before(end_date, years)
    basis_days = 366 if _leap_days(start_date - _ONE_DAY, rest_ends - _ONE_DAY) else 365
    return years * basis_days + _actual_days(start_date, rest_ends), basis_days


def _years_before(day: date, years: int) -> date:
    """The same day years earlier; from 28 or 29 February it is 29 February where there is one."""
    year = day.year - years
    if years and (day.month, day.day) in {(2, 28), (2, 29)}:
        return date(year, 2, 29 if isleap(year) else 28)
    return day.replace(year=year)


def _over(
    count_days: Callable[[date, date], int], basis_days: int
) -> Callable[[date, date], tuple[int, int]]:
    return lambda start_date, end_date: (count_days(start_date, end_date), basis_days)


_DAY_COUNTS: dict[DayCount, Callable[[date, date], tuple[int, int]]] = {
    DayCount.ACT_360: _over(_actual_days, 360),
    DayCount.ACT_365F: _over(_actual_days, 365),
    DayCount.NL_365: _over(_days_but_leap_days, 365),
    DayCount.ACT_ACT_ISDA: _isda_fraction,
    DayCount.ACT_ACT_AFB: _afb_fraction,
    DayCount.THIRTY_360: _over(_bond_days, 360),
    DayCount.THIRTY_360_PSA: _over(_psa_days, 360),
    DayCount.THIRTY_E_360: _over(_eurobond_days, 360),
    DayCount.THIRTY_EPLUS_360: _over(_eurobond_plus_days, 360),
}


def year_fraction(day_count: DayCount, *, start_date: date, end_date: date) -> tuple[int, int]:
    """Fraction of a year from `start_date` (counted) to `end_date` (not counted).

    Returns:
        `(days, basis_days)`, not reduced: 60 days under ACT_360 are (60, 360). A period that
        ACT_ACT_ISDA divides between common and leap years is counted in days of 1/133,590 year.

    Raises:
        DatesOutOfOrder: the end is before the start.
    """
    if end_date < start_date:
        raise DatesOutOfOrder(start_date.isoformat(), end_date.isoformat())
    return _DAY_COUNTS[day_count](start_date, end_date)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A working-day calendar as a value: the days on which a market settles.

    Attributes:
        name: What programmes call it, such as "CN".
        first_day: First day it covers.
        last_day: Last day it covers.
        holidays: Days off; those on a weekend do no harm.
        extra_working_days: Weekend days that are worked (China's make-up days).
        weekend: Days of the week off, Monday is 0.
    """

    name: str
    first_day: date
    last_day: date
    holidays: frozenset[date] = field(repr=False)
    extra_working_days: frozenset[date] = field(default=frozenset(), repr=False)
    weekend: frozenset[int] = _SATURDAY_AND_SUNDAY

    def is_working_day(self, day: date) -> bool:
        """Whether the market settles on this day.

        Raises:
            CalendarNotPublished: the calendar does not reach this day.
        """
        if not self.first_day <= day <= self.last_day:
            raise CalendarNotPublished(self.name, day.isoformat())
        if day in self.extra_working_days:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays


def utc_day(instant_at: int) -> date:
    """The day of an instant of UTC seconds, in UTC."""
    return datetime.fromtimestamp(instant_at, UTC).date()


def next_working_day(day: date, calendar: WorkingDays) -> date:
    """The day itself if it is a working day, else the first one after it ("following").

    Raises:
        CalendarNotPublished: the search leaves the calendar.
    """
    while not calendar.is_working_day(day):
        day += _ONE_DAY
    return day


def maturity_date(issue_date: date, tenor_days: int, calendar: WorkingDays) -> date:
    """Due date of a receivable: issue date plus tenor, moved to the next working day.

    Raises:
        TenorTooShort: less than one day.
        CalendarNotPublished: the maturity lies outside the calendar.
    """
    if tenor_days < 1:
        raise TenorTooShort(tenor_days, 1)
    return working_day_after(issue_date, tenor_days, calendar)


def working_day_after(day: date, days: int, calendar: WorkingDays) -> date:
    """The day so many calendar days later, moved to the next working day.

    Raises:
        CalendarNotPublished: it lies outside the calendar.
    """
    if not (calendar.first_day - day).days <= days <= (calendar.last_day - day).days:
        raise CalendarNotPublished(calendar.name, f"{day} + {days} days")
    return next_working_day(day + timedelta(days=days), calendar)


def cut_off_at(day: date, zone: str, cut_off_time: time) -> int:
    """The instant at which a day's business closes in a place, as contracts compare it.

    When clocks change, a local time may not exist or exist twice; then the later reading is
    taken, because nothing may fall due early.

    Args:
        day: The calendar day there.
        zone: IANA name, such as "Asia/Shanghai".
        cut_off_time: Local wall-clock time; seconds count, fractions of them do not.

    Returns:
        UTC seconds since 1970.

    Raises:
        TimeZoneUnknown: no such zone.
    """
    place = _zone(zone)
    readings = (
        datetime.combine(day, cut_off_time.replace(tzinfo=place, fold=fold)) for fold in (0, 1)
    )
    return max((reading - _EPOCH) // _ONE_SECOND for reading in readings)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; not a name; a folder of the database
        raise TimeZoneUnknown(name) from None
