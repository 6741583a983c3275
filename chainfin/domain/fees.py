"""What the operator charges for its service, by date, and the tax on it.

A fee is charged on what the service brought about: funding that a seller received. Rows are dated
like the law's: a fee follows the row in force on the day of the funding, and no row means no fee.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chainfin.domain.money import Money
from chainfin.domain.pricing import fraction_half_up


@dataclass(frozen=True, slots=True)
class FeeRow:
    """Fees from one day on.

    Attributes:
        effective_date: First day in force.
        funding_fee_bps: Of the net proceeds, charged to whoever received them.
        tax_bps: Tax on the fee, beside it.
    """

    effective_date: date
    funding_fee_bps: int
    tax_bps: int


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee with its tax."""

    fee: Money
    tax: Money


def funding_fee_half_up(
    schedule: Iterable[FeeRow], net_proceeds: Money, funded_date: date
) -> Fee | None:
    """What a funding costs its receiver; fee and tax are rounded once each, halves up.

    Returns:
        None where no row is in force, or the fee rounds to nothing.
    """
    rows = [row for row in schedule if row.effective_date <= funded_date]
    if not rows:
        return None
    row = max(rows, key=lambda candidate: candidate.effective_date)
    fee = Money(
        fraction_half_up(net_proceeds.amount_minor, row.funding_fee_bps), net_proceeds.currency
    )
    if fee.amount_minor == 0:
        return None
    return Fee(fee, Money(fraction_half_up(fee.amount_minor, row.tax_bps), fee.currency))
