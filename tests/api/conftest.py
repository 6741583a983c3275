"""One system for all API tests of a session: they read it, or act on receivables of their own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests import world as worlds
from tests.api.examples import recording
from tests.world import World, running_world

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A system with the story's organisations, on SQLite."""
    folder: Path = tmp_path_factory.mktemp("api")
    with (
        recording(worlds),
        running_world(folder / "home", f"sqlite:///{folder / 'chainfin.db'}") as world,
    ):
        world.populate()
        yield world


@pytest.fixture
def receivable_id(world: World) -> int:
    """An accepted receivable of CNY 1,000.00 of this test's own."""
    return world.issue(f"API-{next(_NUMBERS)}", 1_000_00)
