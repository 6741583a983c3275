"""How fast the lineage of lots is read as JSON, from a table of a million.

The rows are put into the table directly: what is measured is the reading, and where a row came from
does not matter to it. One receivable has 10,000 lots, each taken from the one at half its number;
the others have 20, in a line.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from chainfin.bench.databases import stores
from chainfin.domain.receivable import Encumbrance, LotId
from chainfin.models.bulk import Values, insert_rows
from chainfin.models.lineage import ancestors_json, lots_json
from chainfin.models.receivables import LotRow
from chainfin.models.schema import create_tables
from chainfin.models.session import read_only

LOTS = 1_000_000
GOALS: Mapping[str, tuple[float, float]] = {"sqlite": (0.1, 5.0), "postgresql": (0.3, 15.0)}
"""The most milliseconds for a trail of 20 lots and a lineage of 10,000, by store."""
_LINE, _TREE, _WIDE = 20, 10_000, 1
_ROWS_A_PAGE = 50_000
_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class LineageFigures:
    """What was measured with one database: medians, in milliseconds."""

    store: str
    trail_20_ms: float
    goal_trail_20_ms: float
    lineage_10000_ms: float
    goal_lineage_10000_ms: float
    lineage_10000_bytes: int

    @property
    def is_met(self) -> bool:
        """Whether both goals are."""
        is_trail = self.trail_20_ms <= self.goal_trail_20_ms
        return is_trail and self.lineage_10000_ms <= self.goal_lineage_10000_ms

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self) | {"met": self.is_met}


def measure_lineage(lots: int, progress: Callable[[str], None]) -> list[LineageFigures]:
    """Fill each store with so many lots and read from it."""
    with (
        tempfile.TemporaryDirectory(prefix="chainfin-bench-") as name,
        stores(Path(name)) as engines,
    ):
        found = []
        for store, engine in engines.items():
            progress(f"{lots:,} lots into {store}")
            _fill(engine, lots)
            found.append(_measure(store, engine, lots))
        return found


def _fill(engine: Engine, lots: int) -> None:
    create_tables(engine)
    with Session(engine) as session:
        page: list[Values] = []
        for row in _rows(lots):
            page.append(row)
            if len(page) == _ROWS_A_PAGE:
                insert_rows(session, LotRow, page)
                page.clear()
        insert_rows(session, LotRow, page)
        session.commit()
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _rows(lots: int) -> Iterator[Values]:
    for sequence in range(1, _TREE + 1):
        yield _row(_WIDE, sequence, sequence // 2, sequence.bit_length() - 1)
    for place in range(lots - _TREE):
        receivable_id, sequence = 2 + place // _LINE, 1 + place % _LINE
        yield _row(receivable_id, sequence, sequence - 1, sequence - 1)


def _row(receivable_id: int, sequence: int, parent: int, depth: int) -> Values:
    face = 1_000_000 + sequence
    return (
        receivable_id, sequence, parent, depth, 3 + sequence % 50, face, face, 0, 1 + depth % 6,
        depth, Encumbrance.NONE, False, sequence, 0, False, 0, None, None, None, None, None,
    )  # fmt: skip


def _measure(store: str, engine: Engine, lots: int) -> LineageFigures:
    last = 1 + (lots - _TREE) // _LINE
    goal_trail, goal_lineage = GOALS[store]
    with Session(read_only(engine)) as session:
        numbers = [2 + place * 7_919 % (last - 1) for place in range(_ROUNDS)]
        lines = [LotId(number, _LINE) for number in numbers]
        trails = _times([partial(ancestors_json, session, line) for line in lines])
        size = len(lots_json(session, _WIDE))
        lineages = _times([partial(lots_json, session, _WIDE)] * (_ROUNDS // 4))
    return LineageFigures(
        store=store,
        trail_20_ms=round(trails, 3),
        goal_trail_20_ms=goal_trail,
        lineage_10000_ms=round(lineages, 2),
        goal_lineage_10000_ms=goal_lineage,
        lineage_10000_bytes=size,
    )


def _times(reads: Sequence[Callable[[], bytes]]) -> float:
    """The median milliseconds of a read."""
    found = []
    for read in reads:
        begun = time.perf_counter()
        read()
        found.append((time.perf_counter() - begun) * 1_000)
    return statistics.median(found)
