"""The embedded network keeps its state: whole, whenever it is killed."""

from pathlib import Path

import pytest

from chainfin.chain.client import Node
from chainfin.chain.embedded import EmbeddedNetwork, start_network
from chainfin.domain.service_errors import NodeUnavailable


def mine(network: EmbeddedNetwork, blocks: int) -> str:
    node = Node(network.url)
    for _ in range(blocks):
        node.request("evm_mine")
    return node.head().block_hash


def kill(network: EmbeddedNetwork) -> None:
    network.process.kill()
    network.process.wait()


def test_network__killed__comes_back_as_it_was_saved_last(tmp_path: Path) -> None:
    file = tmp_path / "chain.json"
    network = start_network(file)
    saved = mine(network, 3)
    network.save()
    mine(network, 2)
    kill(network)

    again = start_network(file)

    try:
        kept = Node(again.url).block(3)
        assert kept is not None
        assert kept.block_hash == saved
    finally:
        again.stop()


def test_network__killed_while_it_is_saved__keeps_the_state_before(tmp_path: Path) -> None:
    file = tmp_path / "chain.json"
    network = start_network(file)
    saved = mine(network, 1)
    network.save()
    mine(network, 1)
    kill(network)
    before = file.read_bytes()

    with pytest.raises(NodeUnavailable):
        network.save()

    assert file.read_bytes() == before
    again = start_network(file)
    try:
        kept = Node(again.url).block(1)
        assert kept is not None
        assert kept.block_hash == saved
    finally:
        again.stop()


def test_network__stopped__loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "chain.json"
    network = start_network(file)
    head = mine(network, 2)
    network.stop()

    again = start_network(file)

    try:
        assert Node(again.url).head().block_hash == head
    finally:
        again.stop()


def test_network__killed_again_and_again__is_the_same_chain(tmp_path: Path) -> None:
    file = tmp_path / "chain.json"
    network = start_network(file)
    genesis = Node(network.url).genesis_hash()
    for number in range(6):
        mine(network, 1)
        network.save()
        kill(network)
        network = start_network(file)
        assert Node(network.url).genesis_hash() == genesis, f"start {number}"
        assert Node(network.url).head().number > number

    network.stop()
