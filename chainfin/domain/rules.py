"""Limits of law and practice that change by date: the rule in force on the day of the act.

A limit is a row with the day it took effect. When the law moves, a row is added and none is
changed, so an act of last year is still judged by last year's rule. A limit that was announced
without a date stands in the table and is not in force. Ids are those of docs/requirements.md.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from chainfin.domain.errors import MaturityInThePast, TenorReasonRequired, TenorTooLong
from chainfin.domain.receivable import SECONDS_A_DAY
from chainfin.domain.refusals import FreezeTooLong


class SourceStatus(StrEnum):
    """How well a parameter is known."""

    OFFICIAL = "official"
    """Read in the official text."""
    SECONDARY = "secondary"
    """Read in a guide to the rule."""
    ANNOUNCED = "announced"
    """Said by officials; no text and no date yet."""


class Limit(StrEnum):
    """What a parameter limits, with its unit."""

    CERTIFICATE_TENOR_MONTHS = "certificate_tenor_months"
    CERTIFICATE_TENOR_REASON_MONTHS = "certificate_tenor_reason_months"
    BILL_TENOR_MONTHS = "bill_tenor_months"
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
        effective_date: First day in force; None while only announced.
        status: How well it is known.
        jurisdiction: ISO 3166 code of the country whose rule it is.
        source: Where it stands.
    """

    rule_id: str
    limit: Limit
    value: int
    effective_date: date | None
    status: SourceStatus
    jurisdiction: str
    source: str


PARAMETERS = (
    DatedParameter(
        rule_id="R-01",
        limit=Limit.CERTIFICATE_TENOR_MONTHS,
        value=12,
        effective_date=date(2025, 6, 15),
        status=SourceStatus.SECONDARY,
        jurisdiction="CN",
        source="notice on supply-chain finance and receivables certificates (银发〔2025〕77号)",
    ),
    DatedParameter(
        rule_id="R-01",
        limit=Limit.CERTIFICATE_TENOR_REASON_MONTHS,
        value=6,
        effective_date=date(2025, 6, 15),
        status=SourceStatus.SECONDARY,
        jurisdiction="CN",
        source="notice on supply-chain finance and receivables certificates (银发〔2025〕77号)",
    ),
    DatedParameter(
        rule_id="R-02",
        limit=Limit.CERTIFICATE_TENOR_MONTHS,
        value=6,
        effective_date=None,
        status=SourceStatus.ANNOUNCED,
        jurisdiction="CN",
        source="officials' statement of 2026-09-14: the longest term will be cut",
    ),
    DatedParameter(
        rule_id="R-03",
        limit=Limit.BILL_TENOR_MONTHS,
        value=6,
        effective_date=date(2023, 1, 1),
        status=SourceStatus.SECONDARY,
        jurisdiction="CN",
        source="measures on acceptance, discount and rediscount of commercial bills (2022)",
    ),
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


class Instrument(StrEnum):
    """What is issued, as far as tenor rules tell it apart."""

    CERTIFICATE = "certificate"
    """Electronic receivables certificate 应收账款电子凭证."""
    BILL = "bill"
    """Supply-chain bill 供应链票据."""


_TENOR_CAP = {
    Instrument.CERTIFICATE: Limit.CERTIFICATE_TENOR_MONTHS,
    Instrument.BILL: Limit.BILL_TENOR_MONTHS,
}


def in_force(limit: Limit, *, act_date: date) -> DatedParameter | None:
    """The row that governs an act of this day: the latest that took effect on or before it.

    Returns:
        None before the first such rule.
    """
    rows = [
        row
        for row in PARAMETERS
        if row.limit is limit and row.effective_date is not None and row.effective_date <= act_date
    ]
    return max(rows, key=lambda row: row.effective_date or date.min, default=None)


def check_tenor(
    *, instrument: Instrument, issue_date: date, maturity_date: date, has_reason: bool
) -> None:
    """Tenor rules at issue (R-01, R-02, R-03), by those in force on the issue date.

    Months are calendar months from the issue date: six from 31 August end on 28 February.

    Args:
        instrument: What is issued.
        issue_date: Day of issue.
        maturity_date: Day it falls due, before it is moved to a working day: a holiday is no
            longer term.
        has_reason: Whether the issuer gave a reason for a long tenor.

    Raises:
        TenorTooLong: beyond the cap.
        TenorReasonRequired: beyond the threshold without a reason.
    """
    tenor_days = (maturity_date - issue_date).days
    cap_days = _days_allowed(_TENOR_CAP[instrument], issue_date)
    if cap_days is not None and tenor_days > cap_days:
        raise TenorTooLong(tenor_days, cap_days)
    if instrument is not Instrument.CERTIFICATE or has_reason:
        return
    usual_days = _days_allowed(Limit.CERTIFICATE_TENOR_REASON_MONTHS, issue_date)
    if usual_days is not None and tenor_days > usual_days:
        raise TenorReasonRequired(tenor_days, usual_days)


def check_maturity(*, maturity_at: int, now_at: int) -> None:
    """A receivable falls due after the act; both are UTC seconds.

    Raises:
        MaturityInThePast: it does not.
    """
    if maturity_at <= now_at:
        raise MaturityInThePast(maturity_at, now_at)


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


def _days_allowed(limit: Limit, issue_date: date) -> int | None:
    row = in_force(limit, act_date=issue_date)
    return None if row is None else (_add_months(issue_date, row.value) - issue_date).days


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
