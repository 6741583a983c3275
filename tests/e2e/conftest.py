"""A fresh system for each test, on the database the test asks for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, running_world


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A system with the story's organisations, on SQLite and on PostgreSQL."""
    with running_world(tmp_path / "home", database_url) as world:
        world.populate()
        yield world
