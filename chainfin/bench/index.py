"""How fast the index reads the chain, as a part of the node's own speed; and how fresh it is.

The limit is what any reader has to wait for: the bytes of `eth_getLogs`, over two connections, no
byte looked at. The index reads the same logs from the same node with all checks and the full
projection. Limit and index take turns, and each ratio is of neighbours in time, so that a machine
that is busy with other things slows both.
"""

import gc
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from chainfin.bench.databases import stores
from chainfin.bench.load import GENESIS_AT, Load
from chainfin.bench.stories import Stories
from chainfin.chain.client import Node
from chainfin.chain.deployment import Deployment
from chainfin.chain.embedded import start_network
from chainfin.chain.network import Network
from chainfin.chain.reader import ChainReader
from chainfin.codec.events import EventDecoder
from chainfin.indexer.ranges import HELPED_BLOCKS, RangeReader, prefetching
from chainfin.indexer.sync import BLOCKS_A_RANGE, SyncResult, sync_once
from chainfin.models.chain_index import as_of
from chainfin.models.columns import IndexTable
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for, read_only, refillable
from chainfin.services.runtime import bind, event_decoder

LOGS = 500_000
GOALS: Mapping[str, float] = {"sqlite": 0.20, "postgresql": 0.15}
"""The least part of the node's own speed, by store."""
GOAL_LATENCY_MS = 25.0
GOAL_MEMORY_MB = 400
_LIMIT_BLOCKS = 8
_HEADS = 200
_POLL_SECONDS = 0.02
_KILOBYTES_A_MEGABYTE = 1024

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What was measured with one database.

    Attributes:
        events_per_s: Logs read, checked, projected and committed, a second.
        limit_events_per_s: Logs whose bytes the node gave, a second, just before and after.
        ratio: Of the two.
        memory_mb: The most that two processes held that read everything and did nothing else.
        head_latency_p50_ms: From a block's place on the chain to its rows' in the database.
    """

    store: str
    events_per_s: int
    limit_events_per_s: int
    ratio: float
    goal: float
    memory_mb: int
    head_latency_p50_ms: float

    @property
    def is_met(self) -> bool:
        """Whether every goal is."""
        return (
            self.ratio >= self.goal
            and self.memory_mb <= GOAL_MEMORY_MB
            and self.head_latency_p50_ms <= GOAL_LATENCY_MS
        )


@dataclass(frozen=True, slots=True)
class IndexFigures:
    """What was measured."""

    logs: int
    blocks: int
    events: Mapping[str, int]
    stores: Sequence[StoreFigures]

    @property
    def is_met(self) -> bool:
        """Whether every goal is."""
        return all(store.is_met for store in self.stores)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        stores = [asdict(store) | {"met": store.is_met} for store in self.stores]
        return {
            "logs": self.logs,
            "blocks": self.blocks,
            "stores": stores,
            "goal_memory_mb": GOAL_MEMORY_MB,
            "goal_head_latency_ms": GOAL_LATENCY_MS,
            "met": self.is_met,
            "events": dict(self.events),
        }


def measure_index(logs: int, rounds: int, progress: Progress) -> IndexFigures:
    """Make the load, then measure each store.

    Args:
        logs: The chain has at least so many logs of our contracts.
        rounds: How often limit and index take turns; the median round counts.
        progress: Told what is going on.
    """
    with tempfile.TemporaryDirectory(prefix="chainfin-bench-") as name:
        folder = Path(name)
        options = ["--prune-history", "--timestamp", str(GENESIS_AT)]
        network = start_network(None, log_file=folder / "network.log", options=options)
        try:
            return _measure(folder, Node(network.url, timeout_seconds=600), logs, rounds, progress)
        finally:
            network.stop()


def _measure(folder: Path, node: Node, logs: int, rounds: int, progress: Progress) -> IndexFigures:
    load = Load(node, folder)
    stories = Stories(load)
    decoder = event_decoder(load.deployment)
    events: dict[str, int] = {}
    while (total := sum(events.values())) < logs:
        progress(f"the load: {total:,} of {logs:,} logs")
        _count(node, decoder, events, stories.play)
    if events["OrderExecuted"] != load.orders:
        raise RuntimeError("an order of the load was refused")
    chain = _Chain(Network(node, load.deployment), decoder, sum(events.values()))
    blocks = node.head().number
    with stores(folder) as engines:
        speeds, memory = {}, {}
        for store, engine in engines.items():
            progress(f"reading into {store}")
            speeds[store] = _measure_speed(chain, engine, rounds)
            memory[store] = _measure_memory(chain, engine)
        progress("following the head")
        # After all speeds: this makes the chain longer.
        found = [
            _figures(chain, store, speeds[store], memory[store], _head_latency(chain, load, engine))
            for store, engine in engines.items()
        ]
    return IndexFigures(chain.logs, blocks, dict(sorted(events.items())), found)


def _count(
    node: Node, decoder: EventDecoder, events: dict[str, int], play: Callable[[], None]
) -> None:
    """Play a cohort and count what it said, by event."""
    first = 0 if not events else node.head().number + 1
    play()
    last = node.head().number
    for start in range(first, last + 1, _LIMIT_BLOCKS):
        for log in node.logs(start, min(last, start + _LIMIT_BLOCKS - 1), decoder.addresses):
            name = decoder.kind_of(log).__name__
            events[name] = events.get(name, 0) + 1


@dataclass(frozen=True, slots=True)
class _Chain:
    """The chain to read."""

    network: Network
    decoder: EventDecoder
    logs: int

    def read_bytes(self) -> float:
        """The limit: seconds for the bytes of all logs, over two connections."""
        node, last = self.network.node, self.network.node.head().number
        addresses = sorted(self.decoder.addresses)

        def ask(first: int) -> int:
            return len(node.logs_answer(first, min(last, first + _LIMIT_BLOCKS - 1), addresses))

        begun = time.perf_counter()
        with ThreadPoolExecutor(2) as connections:
            for _ in connections.map(ask, range(0, last + 1, _LIMIT_BLOCKS)):
                pass
        return time.perf_counter() - begun


def _measure_speed(chain: _Chain, engine: Engine, rounds: int) -> tuple[float, float]:
    """Seconds for everything and seconds of the limit, in the median round."""
    found = []
    before = chain.read_bytes()
    for _ in range(rounds):
        _empty(engine)
        seconds = _read_all(chain, engine)
        after = chain.read_bytes()
        found.append((seconds, (before + after) / 2))
        before = after
    return sorted(found, key=lambda pair: pair[1] / pair[0])[len(found) // 2]


def _figures(
    chain: _Chain, store: str, speed: tuple[float, float], memory_mb: int, latency: float
) -> StoreFigures:
    seconds, limit = speed
    return StoreFigures(
        store=store,
        events_per_s=round(chain.logs / seconds),
        limit_events_per_s=round(chain.logs / limit),
        ratio=round(limit / seconds, 3),
        goal=GOALS[store],
        memory_mb=memory_mb,
        head_latency_p50_ms=round(latency * 1_000, 1),
    )


def _measure_memory(chain: _Chain, engine: Engine) -> int:
    """Megabytes at most of a process of its own that reads everything into an empty database."""
    _empty(engine)
    engine.dispose()
    url = engine.url.render_as_string(hide_password=False)
    node_url, deployment = chain.network.node.url, chain.network.deployment
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_memory_read_with, url, node_url, deployment, chain.logs).result()


def _memory_read_with(url: str, node_url: str, deployment: Deployment, logs: int) -> int:
    held: dict[int, int] = {}

    def note(ranges: RangeReader) -> None:
        for process in (os.getpid(), ranges.helper.pid):
            if process is not None:
                held[process] = _most_held(process)

    network = Network(Node(node_url, timeout_seconds=600), deployment)
    engine = create_engine_for(url)
    _read_all(_Chain(network, event_decoder(deployment), logs), engine, note)
    engine.dispose()
    return sum(held.values()) // _KILOBYTES_A_MEGABYTE


def _most_held(process: int) -> int:
    """Kilobytes a process held at most.

    `ru_maxrss` begins with what its parent held before it became another program, which here is
    the whole load; elsewhere than on Linux nothing better is told.
    """
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return used // (_KILOBYTES_A_MEGABYTE if sys.platform == "darwin" else 1)
    found = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1])


def _empty(engine: Engine) -> None:
    IndexTable.metadata.drop_all(engine)
    create_tables(engine)


def _read_all(
    chain: _Chain, engine: Engine, note: Callable[[RangeReader], None] = lambda _: None
) -> float:
    """Seconds until everything is in an empty database, indexes included; `note` after a pass."""
    with Session(engine) as session:
        bind(session, chain.network)
        session.commit()
    gc.collect()
    begun, total = time.perf_counter(), 0
    with _reading(chain) as ranges:
        while True:
            result = _pass(chain, refillable(engine), ranges)
            total += result.logs
            note(ranges)
            if not result.has_more:
                break
    seconds = time.perf_counter() - begun
    if total != chain.logs:
        raise RuntimeError(f"{total} logs were read, not {chain.logs}")
    return seconds


@contextmanager
def _reading(chain: _Chain) -> Iterator[RangeReader]:
    with prefetching() as executor:
        ranges = RangeReader(
            ChainReader(chain.network),
            chain.decoder,
            limit_blocks=BLOCKS_A_RANGE,
            executor=executor,
            helped_blocks=HELPED_BLOCKS,
        )
        with closing(ranges):
            yield ranges


def _pass(chain: _Chain, engine: Engine, ranges: RangeReader) -> SyncResult:
    with Session(engine) as session:
        result = sync_once(session, ChainReader(chain.network), chain.decoder, ranges=ranges)
        session.commit()
    return result


def _head_latency(chain: _Chain, load: Load, engine: Engine) -> float:
    """Median seconds from a block's mining to its rows, read by another connection.

    A thread follows the chain as the worker does; blocks come at uneven moments, each with an
    order of the load.
    """
    stopping = threading.Event()

    def follow() -> None:
        with _reading(chain) as ranges:
            while not stopping.is_set():
                if not _pass(chain, engine, ranges).has_more:
                    stopping.wait(_POLL_SECONDS)

    # The load's own objects are none of an indexer's: nothing shall look through them meanwhile.
    gc.collect()
    gc.freeze()
    readings = read_only(engine)
    follower = threading.Thread(target=follow)
    follower.start()
    try:
        waits = []
        for turn in range(_HEADS):
            load.order(load.bank, "set_dual_control_limit", currency=b"CNY", limit=turn + 1)
            load.mine()
            begun, number = time.perf_counter(), chain.network.node.head().number
            while True:
                with Session(readings) as session:
                    if as_of(session).block_number >= number:
                        break
                time.sleep(0.001)
            waits.append(time.perf_counter() - begun)
            time.sleep(_POLL_SECONDS * (turn % 7) / 7)
    finally:
        stopping.set()
        follower.join()
    return statistics.median(waits)
