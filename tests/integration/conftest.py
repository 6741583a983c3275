"""A bare node of the test's own."""

from collections.abc import Iterator

import pytest

from chainfin.chain.client import Node
from chainfin.chain.embedded import start_network


@pytest.fixture
def node() -> Iterator[Node]:
    """A fresh anvil."""
    network = start_network(None)
    try:
        yield Node(network.url)
    finally:
        network.stop()
