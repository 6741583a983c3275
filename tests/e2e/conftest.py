"""A fresh system for each test, on the database the test asks for; one a file for faults."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faulty import Faulty, faulty_system
from tests.world import World, running_world


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A system with the story's organisations, on SQLite and on PostgreSQL."""
    with running_world(tmp_path / "home", database_url) as world:
        world.populate()
        yield world


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Faulty]:
    """One system for all tests of a file: a fault leaves nothing behind either."""
    home = tmp_path_factory.mktemp("faults")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'chainfin.db'}"
    else:
        url = request.getfixturevalue("postgresql_cluster").new_database()
    with faulty_system(home / "home", url) as system:
        yield system
