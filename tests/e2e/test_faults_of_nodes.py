"""The fault matrix, the rows of the network's nodes: never back in time, never another network."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from chainfin.bench.node_proxy import proxied
from chainfin.chain.embedded import start_network
from chainfin.cli.runtime import runtime_of
from chainfin.client import api
from chainfin.client.api import ApiProblem
from chainfin.domain.service_errors import NodeUnavailable, WrongGenesis
from tests.faulty import Faulty
from tests.world import ANCHOR, ROOT, World


@contextmanager
def endpoint(url: str) -> Iterator["tuple[subprocess.Popen[str], str]"]:
    """A member's RPC node, as a process that can be frozen and killed."""
    command = [sys.executable, "-m", "chainfin.bench.node_proxy", url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


@contextmanager
def through(system: Faulty, *urls: str) -> Iterator[Faulty]:
    """The same system over other endpoints."""
    settings = system.world.settings.model_copy(
        update={"rpc_url": urls[0], "rpc_urls": " ".join(urls[1:]), "rpc_timeout_seconds": 1}
    )
    system.world.worker.stop()
    world = World(settings, system.world.network)
    try:
        for name, actor in system.world.actors.items():
            world.actors[name] = world.actor(name, actor.number)
        yield replace(system, world=world)
        world.worker.stop()
    finally:
        world.close()


def keep_asking(system: Faulty, until: threading.Event) -> list[int]:
    """Read, draft and hand in, without a second try; the blocks the answers were true for."""
    blocks = []
    while not until.is_set():
        system.accepted()
        system.world.worker.step()
        ready = system.world[ANCHOR].api.get("/about/indexing")
        blocks.append(ready["as_of"]["block_number"])
    return blocks


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(signal.SIGKILL, marks=pytest.mark.fault("F22", "kill -9 of the node in use")),
        pytest.param(signal.SIGSTOP, marks=pytest.mark.fault("F18", "SIGSTOP of the node in use")),
    ],
)
def test_f18_f22__node_in_use_dies_or_freezes__no_client_notices(
    system: Faulty, ending: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_RETRIES", 0)
    upstream = system.world.network.url
    with (
        endpoint(upstream) as (first, first_url),
        endpoint(upstream) as (_, second_url),
        through(system, first_url, second_url) as doubled,
    ):
        until = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(keep_asking, doubled, until)
            threading.Timer(1.0, first.send_signal, [ending]).start()
            threading.Timer(5.0, until.set).start()
            blocks = asking.result()

        assert blocks == sorted(blocks)
        assert doubled.world.runtime.network.node.url == second_url
        doubled.check_done_once(*doubled.issued)


@pytest.mark.fault("F18", "node in use stuck at a block")
def test_f18__node_in_use_falls_behind__the_other_one_is_asked(system: Faulty) -> None:
    upstream = system.world.network.url
    with (
        proxied(upstream) as stuck,
        proxied(upstream) as fresh,
        through(system, stuck.url, fresh.url) as doubled,
    ):
        node = doubled.world.runtime.network.node
        stuck.stuck_at = node.head().number
        orders = [doubled.accepted() for _ in range(3)]
        doubled.world.work()
        assert node.url == stuck.url

        system.node.request("anvil_mine", [hex(10)])
        node.compare()  # type: ignore[attr-defined]

        doubled.check_done_once(*orders)
        assert node.url == fresh.url


@pytest.mark.fault("F18", "only a node behind what was read is left")
def test_f18__only_a_node_that_lags_is_left__waits_instead_of_going_back(system: Faulty) -> None:
    upstream = system.world.network.url
    with (
        proxied(upstream) as good,
        proxied(upstream) as lagging,
        through(system, good.url, lagging.url) as doubled,
    ):
        node = doubled.world.runtime.network.node
        before = doubled.world[ANCHOR].api.get("/about/indexing")["as_of"]
        lagging.stuck_at = node.head().number - 2
        good.is_down = True

        with pytest.raises(NodeUnavailable):
            doubled.world.worker.step()

        good.is_down = False
        doubled.world.work()
        assert doubled.world[ANCHOR].api.get("/about/indexing")["as_of"] == before


@pytest.mark.fault("F19", "another network behind the node's address")
def test_f19__network_swapped_while_running__nothing_is_accepted_or_signed(system: Faulty) -> None:
    twin = start_network(None)
    try:
        with proxied(system.world.network.url) as proxy, through(system, proxy.url) as single:
            waiting = single.accepted()
            draft = single.drafted()
            ours, proxy.upstream = proxy.upstream, twin.url
            single.world.runtime.network.node.compare()  # type: ignore[attr-defined]
            single.world.app.state.service.runtime.network.node.compare()

            with pytest.raises(ApiProblem, match="network") as refused:
                single.world.submit(ANCHOR, draft)
            with pytest.raises(WrongGenesis):
                single.world.worker.step()
            assert refused.value.code == "wrong-genesis"
            assert single.carried(waiting) == []

            proxy.upstream = ours
            single.check_done_once(waiting)
    finally:
        twin.stop()


@pytest.mark.fault("F19", "one of several nodes of another network")
def test_f19__one_of_several_nodes_is_of_a_twin__service_does_not_start(system: Faulty) -> None:
    twin = start_network(None)
    try:
        urls = {"rpc_url": system.world.network.url, "rpc_urls": twin.url}
        with pytest.raises(WrongGenesis):
            runtime_of(system.world.settings.model_copy(update=urls))
    finally:
        twin.stop()
