"""An organisation's statement of a period: what it holds, was paid, paid, and was charged."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from chainfin.domain.calendar import utc_day
from chainfin.domain.errors import DatesOutOfOrder
from chainfin.domain.fees import FeeRow, funding_fee_half_up
from chainfin.domain.money import Money
from chainfin.domain.notices import (
    Instant,
    Notice,
    NoticeKind,
    Party,
    Table,
    Value,
)
from chainfin.domain.service_errors import PeriodTooLong
from chainfin.models.access import names_of
from chainfin.models.attestations import attestations_of
from chainfin.models.financings import FinancingRequestRow
from chainfin.models.holdbacks import list_holdbacks
from chainfin.models.movements import fundings_of, payments_made, payments_received
from chainfin.models.receivables import ReceivableRow, list_lots, receivables_by_number
from chainfin.models.settlements import LotPaymentRow, SettlementRow
from chainfin.services.context import Caller, Context

MOST_ROWS = 5_000
"""Rows of one kind that a statement has room for."""


@dataclass(frozen=True, slots=True)
class _Period:
    """An organisation's movements of a period, with the receivables they are about."""

    organisation: int
    received: Sequence[LotPaymentRow]
    made: Sequence[SettlementRow]
    fundings: Sequence[FinancingRequestRow]
    receivables: dict[int, ReceivableRow]
    names: dict[int, str]
    attested_interest: dict[tuple[int, int], int]

    def late_interest_minor(self, row: LotPaymentRow) -> int:
        """Late interest of a payment; outside the chain it came in together with the face."""
        if row.is_late_interest:
            return row.amount_minor
        return self.attested_interest.get((row.receivable_id, row.sequence), 0)

    def party(self, organisation: int) -> Party:
        return Party(organisation, self.names.get(organisation, ""))

    def money(self, receivable_id: int, amount_minor: int) -> Money:
        return Money(amount_minor, self.receivables[receivable_id].currency)


def participant_statement(
    context: Context,
    caller: Caller,
    organisation: int,
    *,
    from_date: date,
    to_date: date,
    fees: Iterable[FeeRow] = (),
) -> Notice:
    """The statement of an organisation, for itself and those who read all.

    Args:
        context: The unit of work.
        caller: Who asks.
        organisation: Whose statement.
        from_date: First day of the period, UTC.
        to_date: Last day of it.
        fees: What the operator charges.

    Raises:
        NotFound: The caller may not see it.
        DatesOutOfOrder: The period ends before it begins.
        PeriodTooLong: More moved than a statement has room for.
    """
    caller.require_party("participant", organisation, organisation)
    if to_date < from_date:
        raise DatesOutOfOrder(from_date.isoformat(), to_date.isoformat())
    from_at, to_at = _midnight(from_date), _midnight(to_date + timedelta(days=1))
    period = _period(context, organisation, from_at, to_at)
    charged = _fees(period, tuple(fees))
    return Notice(
        kind=NoticeKind.PARTICIPANT_STATEMENT,
        number=f"{NoticeKind.PARTICIPANT_STATEMENT}-{organisation}-{from_date}-{to_date}",
        facts={
            "participant": period.party(organisation),
            "from_at": Instant(from_at),
            "to_at": Instant(to_at),
        },
        tables={
            "holdings": _holdings(context, organisation, period.names),
            "holdbacks": _held_back(context, organisation, period.names),
            "payments_received": _received(period),
            "payments_made": _made(period),
            "fundings": _fundings(period),
            "fees": charged,
            "total": _totals(period, charged),
        },
        as_of=context.as_of(),
        chain_id=context.network.deployment.chain_id,
    )


def _period(context: Context, organisation: int, from_at: int, to_at: int) -> _Period:
    session = context.session
    within = {"from_at": from_at, "to_at": to_at, "limit": MOST_ROWS + 1}
    received = payments_received(session, organisation, **within)
    made = payments_made(session, organisation, **within)
    fundings = fundings_of(session, organisation, **within)
    if max(len(received), len(made), len(fundings)) > MOST_ROWS:
        raise PeriodTooLong(MOST_ROWS)
    numbers = {row.receivable_id for row in received} | {row.receivable_id for row in made}
    numbers |= {row.receivable_id for row in fundings}
    receivables = receivables_by_number(session, sorted(numbers))
    attested = attestations_of(session, organisation, after=from_at - 1, until=to_at - 1)
    interest = {(row.receivable_id, row.sequence): row.late_interest_minor for row in attested}
    return _Period(organisation, received, made, fundings, receivables, names_of(session), interest)


# --- tables ----------------------------------------------------------------------------------


def _holdings(context: Context, organisation: int, names: dict[int, str]) -> Table:
    lots = list_lots(context.session, holder=organisation, is_settled=False, limit=MOST_ROWS + 1)
    if len(lots) > MOST_ROWS:
        raise PeriodTooLong(MOST_ROWS)
    receivables = receivables_by_number(
        context.session, sorted({lot.receivable_id for lot in lots})
    )
    rows: list[tuple[Value, ...]] = []
    for lot in lots:
        receivable = receivables[lot.receivable_id]
        rows.append(
            (
                str(lot.lot_id),
                Party(receivable.obligor, names.get(receivable.obligor, "")),
                Instant(receivable.maturity_at),
                Money(lot.owed_minor[0], receivable.currency),
            )
        )
    return Table(("lot", "obligor", "maturity_at", "outstanding"), tuple(rows))


def _held_back(context: Context, organisation: int, names: dict[int, str]) -> Table:
    """What the organisation still gets of lots it sold."""
    lots = list_holdbacks(
        context.session, seller=organisation, is_settled=False, limit=MOST_ROWS + 1
    )
    if len(lots) > MOST_ROWS:
        raise PeriodTooLong(MOST_ROWS)
    mine = [lot for lot in lots if lot.owed_minor[1]]
    receivables = receivables_by_number(
        context.session, sorted({lot.receivable_id for lot in mine})
    )
    rows = []
    for lot in mine:
        receivable = receivables[lot.receivable_id]
        rows.append(
            (
                str(lot.lot_id),
                Party(lot.holder, names.get(lot.holder, "")),
                Party(receivable.obligor, names.get(receivable.obligor, "")),
                Instant(receivable.maturity_at),
                Money(lot.owed_minor[1], receivable.currency),
            )
        )
    return Table(("lot", "holder", "obligor", "maturity_at", "holdback"), tuple(rows))


def _received(period: _Period) -> Table:
    rows = tuple(
        (
            Instant(row.paid_at),
            f"{row.receivable_id}-{row.lot_sequence}",
            period.party(period.receivables[row.receivable_id].obligor),
            "holdback" if row.is_holdback else "lot_payment",
            period.money(row.receivable_id, 0 if row.is_late_interest else row.amount_minor),
            period.money(row.receivable_id, period.late_interest_minor(row)),
        )
        for row in period.received
    )
    return Table(("at", "lot", "obligor", "paid_for", "paid", "late_interest"), rows)


def _made(period: _Period) -> Table:
    rows = tuple(
        (
            Instant(row.settled_at),
            str(row.receivable_id),
            period.money(row.receivable_id, row.amount_minor),
            period.money(row.receivable_id, row.late_interest_minor),
        )
        for row in period.made
    )
    return Table(("at", "receivable", "paid", "late_interest"), rows)


def _fundings(period: _Period) -> Table:
    rows = []
    for row in period.fundings:
        is_seller = row.holder == period.organisation
        other = row.funder if is_seller else row.holder
        rows.append(
            (
                Instant(row.ended_at or 0),
                f"{row.receivable_id}-{row.delivered_lot_sequence}",
                "as_seller" if is_seller else "as_funder",
                period.party(other or 0),
                period.money(row.receivable_id, row.part_face_value_minor),
                period.money(row.receivable_id, row.net_proceeds_minor or 0),
                period.money(row.receivable_id, row.holdback_minor or 0),
                _discount(period, row),
                period.money(row.receivable_id, row.obligor_interest_minor or 0),
            )
        )
    terms = ("at", "lot", "role", "counterparty", "face_value", "net_proceeds", "holdback")
    return Table((*terms, "discount", "obligor_interest"), tuple(rows))


def _fees(period: _Period, schedule: tuple[FeeRow, ...]) -> Table:
    rows = []
    for row in period.fundings:
        if row.holder != period.organisation:
            continue
        proceeds = period.money(row.receivable_id, row.net_proceeds_minor or 0)
        charged = funding_fee_half_up(schedule, proceeds, utc_day(row.ended_at or 0))
        if charged is not None:
            lot = f"{row.receivable_id}-{row.delivered_lot_sequence}"
            total = charged.fee + charged.tax
            rows.append(
                (Instant(row.ended_at or 0), "funding_fee", lot, charged.fee, charged.tax, total)
            )
    return Table(("at", "fee_for", "lot", "fee", "tax", "total"), tuple(rows))


def _totals(period: _Period, charged: Table) -> Table:
    """One row a currency: received, discount either way, fees and tax.

    A seller's discount is what it bore itself: the anchor's share is not in it.
    """
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for row in period.received:
        beside = 0 if row.is_late_interest else period.late_interest_minor(row)
        sums[period.receivables[row.receivable_id].currency][0] += row.amount_minor + beside
    for funding in period.fundings:
        discount = _discount(period, funding)
        is_seller = funding.holder == period.organisation
        borne_minor = (funding.obligor_interest_minor or 0) if is_seller else 0
        sums[discount.currency][1 if is_seller else 2] += discount.amount_minor - borne_minor
    for line in charged.rows:
        for place, value in ((3, line[3]), (4, line[4])):
            if isinstance(value, Money):
                sums[value.currency][place] += value.amount_minor
    rows = tuple(
        tuple(Money(amount, currency) for amount in amounts)
        for currency, amounts in sorted(sums.items())
    )
    return Table(("payments_received", "discount_paid", "discount_earned", "fee", "tax"), rows)


def _discount(period: _Period, row: FinancingRequestRow) -> Money:
    advanced_minor = row.part_face_value_minor - (row.holdback_minor or 0)
    return period.money(row.receivable_id, advanced_minor - (row.net_proceeds_minor or 0))


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
