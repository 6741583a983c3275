"""Limits of law and practice that change by date: the rule in force on the day of the act.

A limit is a row with the day it took effect. When the law moves, a row is added and none is
changed, so an act of last year is still judged by last year's rule. How long receivables may run
is not here: the contracts keep those limits by date. Ids are those of docs/requirements.md.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from chainfin.domain.receivable import SECONDS_A_DAY
from chainfin.domain.refusals import FreezeTooLong


class SourceStatus(StrEnum):
    """How well a parameter is known."""

    OFFICIAL = "official"
    """Read in the official text."""
    SECONDARY = "secondary"
    """Read in a guide to the rule."""


class Limit(StrEnum):
    """What a parameter limits, with its unit."""

    COURT_FREEZE_MONTHS = "court_freeze_months"
    HOLD_HOURS = "hold_hours"
    STATUTORY_LATE_RATE_BPS_PER_DAY = "statutory_late_rate_bps_per_day"


@dataclass(frozen=True, slots=True)
class DatedParameter:
    """One limit from one day on.

    Attributes:
        rule_id: Id in docs/requirements.md.
        limit: What is limited, with the unit in its name.
        value: The limit.
        effective_date: First day in force.
        status: How well it is known.
        jurisdiction: ISO 3166 code of the country whose rule it is.
        source: Where it stands.
    """

    rule_id: str
    limit: Limit
    value: int
    effective_date: date
    status: SourceStatus
    jurisdiction: str
    source: str


PARAMETERS = (
    DatedParameter(
        rule_id="R-17",
        limit=Limit.STATUTORY_LATE_RATE_BPS_PER_DAY,
        value=5,
        effective_date=date(2020, 9, 1),
        status=SourceStatus.SECONDARY,
        jurisdiction="CN",
        source="regulation on payments to small and medium enterprises, where no rate is agreed",
    ),
    DatedParameter(
        rule_id="R-25",
        limit=Limit.COURT_FREEZE_MONTHS,
        value=36,
        effective_date=date(2015, 2, 4),
        status=SourceStatus.OFFICIAL,
        jurisdiction="CN",
        source="interpretation of the Civil Procedure Law: other property rights, three years",
    ),
    DatedParameter(
        rule_id="R-27",
        limit=Limit.HOLD_HOURS,
        value=48,
        effective_date=date(2007, 1, 1),
        status=SourceStatus.OFFICIAL,
        jurisdiction="CN",
        source="Anti-Money-Laundering Law: temporary freeze",
    ),
)
"""The table. Rows are only ever added."""


USUAL_TENOR_DAYS = 184
"""Six months, counted generously: what the contracts let run without a reason at first (R-01)."""


USUAL_FREEZE_DAYS = 365
"""How long a court's freeze lasts where its order does not say."""


def in_force(limit: Limit, *, act_date: date) -> DatedParameter | None:
    """The row that governs an act of this day: the latest that took effect on or before it.

    Returns:
        None before the first such rule.
    """
    rows = [row for row in PARAMETERS if row.limit is limit and row.effective_date <= act_date]
    return max(rows, key=lambda row: row.effective_date, default=None)


def check_freeze(*, expires_at: int, now_at: int, is_hold: bool) -> None:
    """A court's freeze and an authority's hold end in time (R-25, R-27), by the rule of the day.

    Args:
        expires_at: Its last instant, UTC seconds.
        now_at: When it is ordered.
        is_hold: Whether it is a hold against money laundering.

    Raises:
        FreezeTooLong: It would last longer than the law allows.
    """
    latest_at = _latest_end_of_freeze(now_at, is_hold=is_hold)
    if latest_at is not None and expires_at > latest_at:
        raise FreezeTooLong(expires_at, latest_at)


def usual_end_of_freeze(now_at: int, *, is_hold: bool) -> int:
    """The last instant of a freeze whose order names none: a year, or the most the law allows."""
    usual_at = now_at + USUAL_FREEZE_DAYS * SECONDS_A_DAY
    latest_at = _latest_end_of_freeze(now_at, is_hold=is_hold)
    return usual_at if latest_at is None else min(usual_at, latest_at)


def _latest_end_of_freeze(now_at: int, *, is_hold: bool) -> int | None:
    now = datetime.fromtimestamp(now_at, UTC)
    limit = Limit.HOLD_HOURS if is_hold else Limit.COURT_FREEZE_MONTHS
    row = in_force(limit, act_date=now.date())
    if row is None:
        return None
    if is_hold:
        return now_at + row.value * 3_600
    last_day = _add_months(now.date(), row.value)
    return int(datetime.combine(last_day, now.timetz()).timestamp())


def _add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day if it is shorter."""
    month_index = day.month - 1 + months
    year, month = day.year + month_index // 12, month_index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# --- persistently overdue --------------------------------------------------------------

PERSISTENT_COUNT = 3
PERSISTENT_SECONDS = 184 * 86_400
"""Six months, counted generously."""


@dataclass(frozen=True, slots=True)
class ArrearsNote:
    """A receivable that was noted as overdue or in default."""

    receivable_id: int
    noted_at: int


def is_persistently_overdue(
    notes: Iterable[ArrearsNote], *, has_overdue_balance: bool, now_at: int
) -> bool:
    """R-12: three receivables overdue within six months, and one of them now or this month.

    Args:
        notes: What was ever noted of the anchor; one receivable counts once.
        has_overdue_balance: Whether anything is overdue now.
        now_at: UTC seconds.
    """
    recent = [note for note in notes if now_at - note.noted_at <= PERSISTENT_SECONDS]
    if len({note.receivable_id for note in recent}) < PERSISTENT_COUNT:
        return False
    return has_overdue_balance or any(_month(note.noted_at) == _month(now_at) for note in recent)


def _month(instant: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(instant, UTC)
    return moment.year, moment.month
