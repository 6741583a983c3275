"""Splitting that looks unlike trade: what R-09 asks to be reported.

A receivable is split because its holders pay their own suppliers. Three things do not look like
that: nearly as many lots as its programme allows, lots at the last tier it allows, and one lot cut
into many equal parts for one receiver, as who stays under a threshold does. Each is a finding for
a person to judge; none is proof, and nothing is refused for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from chainfin.domain.receivable import SplitLot

NEAR_THE_LIMIT_BPS = 8_000
"""Lots, as a share of the number a programme allows, from which their number is reported."""
EQUAL_PARTS = 5
"""Equal parts of one lot for one receiver that are reported."""
_BPS_PER_ONE = 10_000


class SplitPattern(StrEnum):
    """What is reported."""

    NEAR_LOT_LIMIT = "near_lot_limit"
    """The receivable has nearly as many lots as its programme allows."""
    AT_TIER_LIMIT = "at_tier_limit"
    """A lot stands at the last tier that the programme allows."""
    EQUAL_PARTS = "equal_parts"
    """One lot was cut into many equal parts for one receiver."""


@dataclass(frozen=True, slots=True)
class SplitFinding:
    """One pattern in one receivable.

    Attributes:
        receivable_id: The receivable.
        pattern: What was found.
        lot_sequence: The lot it is about: the parent of equal parts, the first lot at the last
            tier; the root where it is the number of lots.
        count: How many lots.
        limit: What the count is held against.
    """

    receivable_id: int
    pattern: SplitPattern
    lot_sequence: int
    count: int
    limit: int


def abnormal_splits(lots: Iterable[SplitLot]) -> Iterator[SplitFinding]:
    """What to report, by receivable.

    Args:
        lots: Every lot of each receivable, together and in the order of their numbers.
    """
    for _, group in groupby(lots, key=lambda lot: lot.receivable_id):
        yield from _of_receivable(list(group))


def _of_receivable(lots: list[SplitLot]) -> Iterator[SplitFinding]:
    first = lots[0]
    number = first.receivable_id
    if len(lots) * _BPS_PER_ONE >= first.maximum_lots * NEAR_THE_LIMIT_BPS:
        yield SplitFinding(
            number, SplitPattern.NEAR_LOT_LIMIT, first.lot_sequence, len(lots), first.maximum_lots
        )
    deepest = [lot for lot in lots if lot.tier >= lot.maximum_tier]
    if deepest:
        yield SplitFinding(
            number,
            SplitPattern.AT_TIER_LIMIT,
            deepest[0].lot_sequence,
            len(deepest),
            first.maximum_tier,
        )
    parts = Counter(
        (lot.parent_sequence, lot.holder, lot.original_face_value_minor)
        for lot in lots
        if lot.parent_sequence
    )
    for (parent, _, _), count in sorted(parts.items()):
        if count >= EQUAL_PARTS:
            yield SplitFinding(number, SplitPattern.EQUAL_PARTS, parent, count, EQUAL_PARTS)
