"""The operator's fees from a TOML file.

[[fees]]
effective_date = 2026-01-01
funding_fee_bps = 20        # of the net proceeds
tax_bps = 600               # on the fee
"""

import tomllib
from datetime import date
from typing import Annotated

import msgspec

from chainfin.domain.errors import FeesMalformed
from chainfin.domain.fees import FeeRow

_Bps = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    effective_date: date
    funding_fee_bps: _Bps
    tax_bps: _Bps


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fees: list[_Row]


def parse_fees(text: str) -> tuple[FeeRow, ...]:
    """Read a schedule of fees.

    Raises:
        FeesMalformed: not TOML, a key missing, unknown or out of range, or a day twice.
    """
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FeesMalformed(str(error)) from None
    days = [row.effective_date for row in file.fees]
    if len(set(days)) != len(days):
        raise FeesMalformed("one day has two rows")
    return tuple(FeeRow(row.effective_date, row.funding_fee_bps, row.tax_bps) for row in file.fees)
