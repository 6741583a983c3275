import csv
from datetime import UTC, date, datetime, time, timedelta

import pytest
import QuantLib as ql  # noqa: N813
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.domain.calendar import (
    DayCount,
    WorkingDays,
    cut_off_at,
    maturity_date,
    next_working_day,
    year_fraction,
)
from chainfin.domain.errors import (
    CalendarNotPublished,
    CalendarUnknown,
    DatesOutOfOrder,
    TenorTooShort,
    TimeZoneUnknown,
)
from chainfin.interchange.calendars import CALENDARS, working_days

pure = settings(database=None, deadline=None)
VECTOR_NAMES = {"THIRTY_360_ISDA": DayCount.THIRTY_360} | {kind.name: kind for kind in DayCount}
# Counted back from 28 February, a full year ends on 29 February where there is one; this source
# does not do so. The two others are printed with fewer digits than they have.
CONTRADICTS_THE_AGREEMENT = ("ACT_ACT_AFB", "2011-12-28", "2016-02-28")
ROUNDED = {
    ("ACT_ACT_ISDA", "1999-07-01", "2000-07-01"),
    ("ACT_ACT_AFB", "2000-01-30", "2000-06-30"),
}
ORACLES = {
    DayCount.ACT_360: ql.Actual360(),
    DayCount.ACT_365F: ql.Actual365Fixed(),
    DayCount.NL_365: ql.Actual365Fixed(ql.Actual365Fixed.NoLeap),
    DayCount.ACT_ACT_ISDA: ql.ActualActual(ql.ActualActual.ISDA),
    DayCount.ACT_ACT_AFB: ql.ActualActual(ql.ActualActual.AFB),
    DayCount.THIRTY_360: ql.Thirty360(ql.Thirty360.BondBasis),
    DayCount.THIRTY_E_360: ql.Thirty360(ql.Thirty360.EurobondBasis),
}
MARKETS = {
    "GB": ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
    "TARGET": ql.TARGET(),
    "US": ql.UnitedStates(ql.UnitedStates.FederalReserve),
    "CN": ql.China(ql.China.IB),
}
NARROW = WorkingDays(
    name="TEST",
    first_day=date(2026, 1, 1),
    last_day=date(2026, 1, 31),
    holidays=frozenset({date(2026, 1, 1), date(2026, 1, 5)}),
    extra_working_days=frozenset({date(2026, 1, 4)}),
)


# --- day counts ------------------------------------------------------------------------------


def test_year_fraction__published_vectors__equal(test_data):
    with (test_data / "daycount" / "daycount_vectors.csv").open(newline="") as file:
        vectors = list(csv.DictReader(file))

    contradicting = []
    for row in vectors:
        name = (row["convention"], row["start"], row["end"])
        days, basis_days = year_fraction(
            VECTOR_NAMES[row["convention"]],
            start_date=date.fromisoformat(row["start"]),
            end_date=date.fromisoformat(row["end"]),
        )
        tolerance = 1e-11 if name in ROUNDED else 1e-12
        if days / basis_days != pytest.approx(float(row["year_fraction"]), abs=tolerance):
            contradicting.append(name)

    assert contradicting == [CONTRADICTS_THE_AGREEMENT]
    assert len(vectors) == 137


@pure
@given(
    st.sampled_from(sorted(ORACLES)),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.integers(0, 4_000),
    st.booleans(),
)
def test_year_fraction__any_period__as_the_oracle(day_count, start_date, days, is_near_leap_day):
    end_date = start_date + timedelta(days=days)
    if is_near_leap_day:
        end_date = date(end_date.year + 1, 3, 1) - timedelta(days=days % 4)

    counted, basis_days = year_fraction(day_count, start_date=start_date, end_date=end_date)

    expected = ORACLES[day_count].yearFraction(ql_date(start_date), ql_date(end_date))
    assert counted / basis_days == pytest.approx(expected, abs=1e-12)


def ql_date(day):
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize(
    ("day_count", "start_date", "end_date", "fraction"),
    [
        (DayCount.ACT_360, date(2024, 2, 1), date(2024, 3, 1), (29, 360)),
        (DayCount.ACT_365F, date(2023, 3, 1), date(2024, 3, 1), (366, 365)),
        (DayCount.THIRTY_360, date(2026, 1, 31), date(2026, 3, 31), (60, 360)),
        (DayCount.THIRTY_360, date(2026, 1, 29), date(2026, 3, 31), (62, 360)),
        (DayCount.THIRTY_E_360, date(2026, 1, 29), date(2026, 3, 31), (61, 360)),
        (DayCount.THIRTY_360, date(2026, 2, 28), date(2026, 3, 31), (33, 360)),
    ],
)
def test_year_fraction__convention__days_over_basis(day_count, start_date, end_date, fraction):
    assert year_fraction(day_count, start_date=start_date, end_date=end_date) == fraction


@pytest.mark.parametrize("day_count", list(DayCount))
def test_year_fraction__same_day__zero(day_count):
    assert (
        year_fraction(day_count, start_date=date(2026, 8, 31), end_date=date(2026, 8, 31))[0] == 0
    )


def test_year_fraction__end_before_start__refused():
    with pytest.raises(DatesOutOfOrder):
        year_fraction(DayCount.ACT_360, start_date=date(2026, 1, 2), end_date=date(2026, 1, 1))


@pure
@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 800), st.sampled_from(DayCount))
def test_year_fraction__one_day_later__never_less(start_date, days, day_count):
    ends = [start_date + timedelta(days=days), start_date + timedelta(days=days + 1)]

    counted = [year_fraction(day_count, start_date=start_date, end_date=end)[0] for end in ends]

    assert 0 <= counted[0] <= counted[1]


# --- working days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 2), date(2026, 1, 2)),
        (date(2026, 1, 1), date(2026, 1, 2)),
        (date(2026, 1, 3), date(2026, 1, 4)),
        (date(2026, 1, 5), date(2026, 1, 6)),
    ],
)
def test_next_working_day__weekend_holiday_and_make_up_day(day, expected):
    assert next_working_day(day, NARROW) == expected


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 1)])
def test_next_working_day__outside_the_calendar__refused(day):
    with pytest.raises(CalendarNotPublished):
        next_working_day(day, NARROW)


def test_maturity__tenor_ends_on_a_holiday__moved():
    assert maturity_date(date(2026, 1, 1), 4, NARROW) == date(2026, 1, 6)


def test_maturity__no_day__refused():
    with pytest.raises(TenorTooShort):
        maturity_date(date(2026, 1, 1), 0, NARROW)


@pytest.mark.parametrize("tenor_days", [31, 10**12])
def test_maturity__beyond_the_calendar__refused(tenor_days):
    with pytest.raises(CalendarNotPublished):
        maturity_date(date(2026, 1, 1), tenor_days, NARROW)


@pytest.mark.parametrize(
    ("name", "off", "worked"),
    [
        # Coronation and Easter Monday; the day after Boxing Day.
        ("GB", [date(2023, 5, 8), date(2026, 4, 6)], [date(2025, 12, 29)]),
        # Labour Day, on which London works; the British bank holiday, on which T2 works.
        ("TARGET", [date(2026, 5, 1)], [date(2026, 5, 25)]),
        # Independence Day on a Saturday: the Reserve Banks work on the Friday.
        ("US", [date(2026, 7, 4), date(2027, 7, 5)], [date(2026, 7, 3)]),
        # Spring Festival and National Day weeks; three make-up weekend days.
        (
            "CN",
            [date(2026, 2, 16), date(2026, 2, 23), date(2026, 10, 7)],
            [date(2026, 1, 4), date(2026, 2, 14), date(2026, 10, 10)],
        ),
    ],
)
def test_market__announced_days__known(name, off, worked):
    calendar = working_days(name)

    assert not any(calendar.is_working_day(day) for day in off)
    assert all(calendar.is_working_day(day) for day in worked)


@pytest.mark.parametrize("name", CALENDARS)
def test_market__every_announced_day__as_the_oracle(name):
    calendar, first_day = working_days(name), date(2015, 1, 1)
    days = [first_day + timedelta(days=n) for n in range((date(2027, 1, 1) - first_day).days)]

    differing = [
        day
        for day in days
        if calendar.is_working_day(day) != MARKETS[name].isBusinessDay(ql_date(day))
    ]

    assert not differing


def test_market__unknown__named_with_the_known():
    with pytest.raises(CalendarUnknown, match="GB, TARGET, US, CN"):
        working_days("XX")
    assert CALENDARS == ("GB", "TARGET", "US", "CN")


@pure
@given(
    st.sampled_from(CALENDARS), st.dates(date(2015, 1, 1), date(2044, 1, 1)), st.integers(1, 365)
)
def test_maturity__any_market__a_working_day_within_two_weeks(name, issue_date, tenor_days):
    calendar = working_days(name)

    moved = maturity_date(issue_date, tenor_days, calendar) - issue_date

    assert tenor_days <= moved.days <= tenor_days + 14
    assert calendar.is_working_day(issue_date + moved)


# --- instants --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "cut_off_time", "instant"),
    [
        (date(2026, 11, 22), "UTC", time(4, 25, 55), "2026-11-22T04:25:55"),
        (date(2026, 7, 1), "Europe/London", time(16), "2026-07-01T15:00:00"),
        (date(2026, 12, 1), "Europe/London", time(16), "2026-12-01T16:00:00"),
        (date(2026, 12, 1), "Asia/Shanghai", time(16, 30), "2026-12-01T08:30:00"),
        # 01:30 happens twice: the later one. 01:30 never happens: an hour later.
        (date(2026, 10, 25), "Europe/London", time(1, 30), "2026-10-25T01:30:00"),
        (date(2026, 3, 29), "Europe/London", time(1, 30), "2026-03-29T01:30:00"),
        (date(2026, 12, 1), "Asia/Shanghai", time(16, 30, 0, 999_999), "2026-12-01T08:30:00"),
    ],
)
def test_cut_off__local_time__utc_seconds(day, zone, cut_off_time, instant):
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    assert cut_off_at(day, zone, cut_off_time) == int(expected.timestamp())


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_cut_off__no_such_zone__refused(zone):
    with pytest.raises(TimeZoneUnknown):
        cut_off_at(date(2026, 1, 1), zone, time(16))
