"""The fault matrix, F37: everything fails at random, for a few seconds; more on demand."""

import random

import pytest

from chainfin.bench.soak import Outcome, soak
from chainfin.cli.soaking import stage_on

SECONDS = 10


@pytest.mark.fault("F37", "kill -9, lost and late answers at random, 4 writers")
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_soak__everything_fails_at_random__nothing_is_lost_or_doubled(database: str) -> None:
    with stage_on(database) as stage:
        found = soak(stage, SECONDS, random.Random(database))  # noqa: S311

    assert (list(found.lost), list(found.doubled), list(found.findings)) == ([], [], [])
    assert found.operations[Outcome.OK]
    assert sum(found.faults.values())
