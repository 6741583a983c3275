"""How long files of the trade take: read, checked, recognised. No node, no database."""

from collections.abc import Callable, Iterator
from typing import Any

from chainfin.bench.statements import measure_statement

MEASUREMENTS: tuple[Callable[[], dict[str, Any]], ...] = (measure_statement,)
"""Each gives `operation`, its figure beside its limit, and `met`."""


def measure_documents() -> Iterator[dict[str, Any]]:
    """Every measurement, one after the other."""
    for measure in MEASUREMENTS:
        yield measure()
