"""What a set of lots amounts to: who owes how much, when it falls due, how late it is.

Pure functions over positions; amounts are added within one currency and never across.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from chainfin.domain.pricing import BPS_PER_ONE
from chainfin.domain.receivable import SECONDS_A_DAY, UNPAID_STATES, ReceivableState

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Position:
    """A lot that is still owed something, with what its receivable says.

    Attributes:
        receivable_id: The receivable.
        obligor: Who owes.
        holder: Who is owed.
        currency: ISO 4217 code.
        outstanding_minor: How much, above zero.
        maturity_at: When it falls or fell due, UTC seconds.
        state: Of the receivable at the report's block.
    """

    receivable_id: int
    obligor: int
    holder: int
    currency: str
    outstanding_minor: int
    maturity_at: int
    state: ReceivableState

    @property
    def unpaid_minor(self) -> int:
        """What of it is late."""
        return self.outstanding_minor if self.state in UNPAID_STATES else 0


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one anchor owes in one currency.

    Attributes:
        obligor: The anchor.
        currency: ISO 4217 code.
        receivables: How many.
        lots: How many.
        outstanding_minor: Still owed.
        unpaid_minor: Of it late.
        largest_lot_minor: The largest lot of it.
        share_bps: Of everything owed in the currency, rounded down.
    """

    obligor: int
    currency: str
    receivables: int
    lots: int
    outstanding_minor: int
    unpaid_minor: int
    largest_lot_minor: int
    share_bps: int


def exposure(positions: Iterable[Position]) -> list[Exposure]:
    """By anchor and currency, the largest first."""
    known = list(positions)
    whole = {
        currency: sum(position.outstanding_minor for position in some)
        for currency, some in _grouped(known, lambda position: position.currency).items()
    }
    rows = [
        Exposure(
            obligor=obligor,
            currency=currency,
            receivables=len({position.receivable_id for position in some}),
            lots=len(some),
            outstanding_minor=(owed := sum(position.outstanding_minor for position in some)),
            unpaid_minor=sum(position.unpaid_minor for position in some),
            largest_lot_minor=max(position.outstanding_minor for position in some),
            share_bps=owed * BPS_PER_ONE // whole[currency],
        )
        for (obligor, currency), some in _grouped(
            known, lambda position: (position.obligor, position.currency)
        ).items()
    ]
    return sorted(rows, key=lambda row: (row.currency, -row.outstanding_minor, row.obligor))


class Bucket(StrEnum):
    """A stretch of days, of a ladder of maturities or of lateness."""

    UP_TO_7 = "0-7"
    UP_TO_30 = "8-30"
    UP_TO_60 = "31-60"
    UP_TO_90 = "61-90"
    UP_TO_180 = "91-180"
    UP_TO_365 = "181-365"
    BEYOND = "366+"


_LAST_DAYS = ((7, Bucket.UP_TO_7), (30, Bucket.UP_TO_30), (60, Bucket.UP_TO_60),
              (90, Bucket.UP_TO_90), (180, Bucket.UP_TO_180), (365, Bucket.UP_TO_365))  # fmt: skip


def bucket_of(days: int) -> Bucket:
    """The stretch that a number of days, 0 or more, falls into."""
    return next((bucket for last, bucket in _LAST_DAYS if days <= last), Bucket.BEYOND)


@dataclass(frozen=True, slots=True)
class BucketRow:
    """What falls into one stretch of days, in one currency.

    Attributes:
        currency: ISO 4217 code.
        bucket: The stretch.
        lots: How many.
        outstanding_minor: Still owed.
    """

    currency: str
    bucket: Bucket
    lots: int
    outstanding_minor: int


def maturities(positions: Iterable[Position], now_at: int) -> list[BucketRow]:
    """What falls due when, in days from now; what is due or late is not in it."""
    coming = [position for position in positions if position.maturity_at > now_at]
    return _in_buckets(coming, lambda position: position.maturity_at - now_at)


def ageing(positions: Iterable[Position], now_at: int) -> list[BucketRow]:
    """What is overdue or in default, by days since it was due."""
    late = [position for position in positions if position.state in UNPAID_STATES]
    return _in_buckets(late, lambda position: now_at - position.maturity_at)


def _in_buckets(
    positions: Sequence[Position], seconds_of: Callable[[Position], int]
) -> list[BucketRow]:
    order = {bucket: place for place, bucket in enumerate(Bucket)}
    groups = _grouped(
        positions,
        lambda position: (position.currency, bucket_of(seconds_of(position) // SECONDS_A_DAY)),
    )
    rows = [
        BucketRow(currency, bucket, len(some), sum(found.outstanding_minor for found in some))
        for (currency, bucket), some in groups.items()
    ]
    return sorted(rows, key=lambda row: (row.currency, order[row.bucket]))


def _grouped(
    positions: Iterable[Position], key: Callable[[Position], _Key]
) -> dict[_Key, list[Position]]:
    groups: dict[_Key, list[Position]] = {}
    for position in positions:
        groups.setdefault(key(position), []).append(position)
    return groups
