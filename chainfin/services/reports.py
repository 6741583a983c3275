"""Reports over what the caller may see: exposure, maturities, ageing, agreement, splitting.

An organisation's report is about what it owes, and what it is owed: as a lot's holder, or of what
was held back for it; auditors' and the operator's about all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from chainfin.analysis.portfolio import BucketRow, Position, ageing, exposure, maturities
from chainfin.analysis.splits import abnormal_splits
from chainfin.domain.audit import AsOf
from chainfin.domain.money import Money, money_json
from chainfin.domain.receivable import state_at
from chainfin.interchange.table_csv import write_csv
from chainfin.models.access import names_of
from chainfin.models.positions import anchor_sums, lots_of_splits, open_lots
from chainfin.services.context import Caller, Context

Cell: TypeAlias = "str | int | Money"
Row: TypeAlias = Mapping[str, Cell]


class ReportName(StrEnum):
    """Which report."""

    EXPOSURE = "exposure"
    """Who owes how much, and its share of everything owed."""
    MATURITIES = "maturities"
    """What falls due when."""
    AGEING = "ageing"
    """What is late, and for how long."""
    RECONCILIATION = "reconciliation"
    """Whether what anchors owe is what their lots are owed."""
    SPLITS = "splits"
    """Splitting that looks unlike trade (R-09)."""


@dataclass(frozen=True, slots=True)
class Report:
    """Rows that all have the same columns, true at one block."""

    name: ReportName
    columns: tuple[str, ...]
    rows: Sequence[Row]
    as_of: AsOf


def make_report(context: Context, caller: Caller, name: ReportName) -> Report:
    """A report over what the caller may see."""
    columns, make = _MAKERS[name]
    return Report(name, columns, list(make(context, caller)), context.as_of())


def report_view(report: Report) -> dict[str, Any]:
    """A report for machines."""
    return {
        "report": str(report.name),
        "data": [{name: _plain(row[name]) for name in report.columns} for row in report.rows],
        "as_of": {
            "block_number": report.as_of.block_number,
            "block_hash": report.as_of.block_hash,
        },
    }


def report_csv(report: Report) -> str:
    """A report for a spreadsheet: amounts as exact decimals."""
    rows = ([_text(row[name]) for name in report.columns] for row in report.rows)
    return write_csv(report.columns, rows)


# --- each report -----------------------------------------------------------------------------


def _exposure(context: Context, caller: Caller) -> Iterator[Row]:
    names = names_of(context.session)
    for row in exposure(_positions(context, caller)):
        yield {
            "obligor": row.obligor,
            "obligor_name": names.get(row.obligor, ""),
            "currency": row.currency,
            "receivables": row.receivables,
            "lots": row.lots,
            "outstanding": Money(row.outstanding_minor, row.currency),
            "unpaid": Money(row.unpaid_minor, row.currency),
            "largest_lot": Money(row.largest_lot_minor, row.currency),
            "share_bps": row.share_bps,
        }


def _maturities(context: Context, caller: Caller) -> Iterator[Row]:
    now_at = context.as_of().block_timestamp
    return _buckets(maturities(_positions(context, caller), now_at))


def _ageing(context: Context, caller: Caller) -> Iterator[Row]:
    now_at = context.as_of().block_timestamp
    return _buckets(ageing(_positions(context, caller), now_at))


def _buckets(rows: Sequence[BucketRow]) -> Iterator[Row]:
    for row in rows:
        yield {
            "currency": row.currency,
            "days": str(row.bucket),
            "lots": row.lots,
            "outstanding": Money(row.outstanding_minor, row.currency),
        }


def _reconciliation(context: Context, caller: Caller) -> Iterator[Row]:
    names = names_of(context.session)
    obligor = None if caller.reads_all else caller.organisation
    for row in anchor_sums(context.session, obligor=obligor):
        difference = row.face_value_minor - row.outstanding_in_lots_minor - row.paid_to_lots_minor
        yield {
            "obligor": row.obligor,
            "obligor_name": names.get(row.obligor, ""),
            "currency": row.currency,
            "receivables": row.receivables,
            "lots": row.lots,
            "face_value": Money(row.face_value_minor, row.currency),
            "paid": Money(row.paid_minor, row.currency),
            "cleared": Money(row.cleared_minor, row.currency),
            "outstanding_in_lots": Money(row.outstanding_in_lots_minor, row.currency),
            "paid_to_lots": Money(row.paid_to_lots_minor, row.currency),
            "difference": Money(difference, row.currency),
        }


def _splits(context: Context, caller: Caller) -> Iterator[Row]:
    obligor = None if caller.reads_all else caller.organisation
    lots = lots_of_splits(context.session, obligor=obligor)
    for finding in abnormal_splits(lots):
        yield {
            "pattern": str(finding.pattern),
            "receivable_id": finding.receivable_id,
            "lot": f"{finding.receivable_id}-{finding.lot_sequence}",
            "lots": finding.count,
            "limit": finding.limit,
        }


def _positions(context: Context, caller: Caller) -> Iterator[Position]:
    now_at = context.as_of().block_timestamp
    party = None if caller.reads_all else caller.organisation
    for lot in open_lots(context.session, party=party):
        yield Position(
            receivable_id=lot.receivable_id,
            obligor=lot.obligor,
            holder=lot.holder,
            currency=lot.currency,
            outstanding_minor=lot.outstanding_minor,
            maturity_at=lot.maturity_at,
            state=state_at(lot, now_at),
        )


_BUCKET_COLUMNS = ("currency", "days", "lots", "outstanding")
_MAKERS: Mapping[ReportName, tuple[tuple[str, ...], Callable[[Context, Caller], Iterator[Row]]]] = (
    MappingProxyType(
        {
            ReportName.EXPOSURE: (
                (
                    "obligor",
                    "obligor_name",
                    "currency",
                    "receivables",
                    "lots",
                    "outstanding",
                    "unpaid",
                    "largest_lot",
                    "share_bps",
                ),
                _exposure,
            ),
            ReportName.MATURITIES: (_BUCKET_COLUMNS, _maturities),
            ReportName.AGEING: (_BUCKET_COLUMNS, _ageing),
            ReportName.RECONCILIATION: (
                (
                    "obligor",
                    "obligor_name",
                    "currency",
                    "receivables",
                    "lots",
                    "face_value",
                    "paid",
                    "cleared",
                    "outstanding_in_lots",
                    "paid_to_lots",
                    "difference",
                ),
                _reconciliation,
            ),
            ReportName.SPLITS: (("pattern", "receivable_id", "lot", "lots", "limit"), _splits),
        }
    )
)


def _plain(value: Cell) -> Any:
    if isinstance(value, Money):
        return money_json(value.amount_minor, value.currency)
    return value


def _text(value: Cell) -> str | int:
    """Amounts without their currency, which has a column of its own."""
    return value.decimal_text() if isinstance(value, Money) else value
