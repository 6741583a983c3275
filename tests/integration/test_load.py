"""The benchmark's load is a real chain: the index of it must be what the contracts have."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias, get_args

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from chainfin.bench.load import GENESIS_AT, Load
from chainfin.bench.node_proxy import Action, Forward, NodeProxy, proxied
from chainfin.bench.stories import COHORT, Stories
from chainfin.chain.client import Node
from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.chain.embedded import start_network
from chainfin.chain.network import Network
from chainfin.chain.reader import ChainReader
from chainfin.codec.errors import CodecError
from chainfin.codec.events import EventDecoder
from chainfin.domain.errors import ChainfinError
from chainfin.domain.events import (
    OrderExecuted,
    ReceivableAct,
)
from chainfin.indexer.checking import verify, verify_logs
from chainfin.indexer.examining import Examiner
from chainfin.indexer.projection import IGNORED
from chainfin.indexer.ranges import RangeReader, prefetching
from chainfin.indexer.reading_process import ReadingProcess, blocks_of
from chainfin.indexer.sync import SyncState, sync_once
from chainfin.models.bulk import table_of
from chainfin.models.chain_index import count_logs
from chainfin.models.columns import IndexTable
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.runtime import bind, event_decoder
from tests.integration.killed_pass import STEPS
from tests.integration.slow_lineage import parents_told, require_lineage
from tests.rows import stored_logs

Log: TypeAlias = dict[str, Any]
"""A log as a node tells it."""

SAMPLE = 5
"""One receivable in so many is recomputed."""


@dataclass(frozen=True)
class Loaded:
    network: Network
    decoder: EventDecoder
    orders: int
    home: Path


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Two cohorts of stories, on a chain of their own."""
    network = start_network(None, options=["--timestamp", str(GENESIS_AT)])
    try:
        node = Node(network.url)
        home = tmp_path_factory.mktemp("load")
        load = Load(node, home)
        stories = Stories(load)
        stories.play()
        stories.play()
        decoder = event_decoder(load.deployment)
        yield Loaded(Network(node, load.deployment), decoder, load.orders, home)
    finally:
        network.stop()


@pytest.fixture
def session(loaded: Loaded, database_url: str) -> Iterator[Session]:
    """The whole chain in a database."""
    engine = create_engine_for(database_url)
    create_tables(engine)
    reader, decoder = ChainReader(loaded.network), loaded.decoder
    with Session(engine) as opened, prefetching() as executor:
        bind(opened, loaded.network)
        ranges = RangeReader(
            reader,
            decoder,
            limit_blocks=2_000,
            logs_a_pass=3_000,
            executor=executor,
            helped_blocks=0,
        )
        while sync_once(opened, reader, decoder, ranges=ranges).has_more:
            opened.commit()
        opened.commit()
        yield opened
    engine.dispose()


def test_load__when_it_is_read__then_every_order_ran_and_rows_are_what_the_contracts_have(
    session: Session, loaded: Loaded
) -> None:
    names = [loaded.decoder.kind_of(log).__name__ for log in stored_logs(session)]

    checked = verify(
        session,
        lambda block, numbers: read_receivables(loaded.network, numbers, block.block_number),
    )

    assert names.count("OrderExecuted") == loaded.orders
    assert count_logs(session) == len(names)
    assert checked.findings == ()
    assert checked.receivables == 2 * (COHORT - COHORT // 64)
    assert {
        "BatchRowRefused", "DocumentReleased", "FinancingRequestEnded", "KeyRevoked", "LotSplit",
        "LotTransferred", "LotsPaid", "OrderCancelled", "QuoteAwarded", "TransferLapsed",
        "TransferRejected", "TransferRevoked",
    } <= set(names)  # fmt: skip


def test_sync__when_it_is_killed_at_each_step__then_no_row_is_lost_and_none_is_there_twice(
    session: Session, loaded: Loaded, database_url: str, tmp_path: Path
) -> None:
    """kill -9 in the second pass, at one step after the other, on one database."""
    whole = contents(session)
    with anew(session, database_url, tmp_path) as engine:
        url = engine.url.render_as_string(hide_password=False)
        with Session(engine) as fresh:
            bind(fresh, loaded.network)
            fresh.commit()

        ends = [run_killed(loaded, url, step, 2) for step in STEPS]
        assert run_killed(loaded, url, "", 0) == 0

        assert ends == [-signal.SIGKILL] * len(STEPS)
        with Session(engine) as after:
            assert contents(after) == whole


def test_reading_process__when_it_reads_a_range__then_it_keeps_what_the_indexer_would(
    loaded: Loaded,
) -> None:
    reader, last = ChainReader(loaded.network), loaded.network.node.head().number
    examiner = Examiner(loaded.decoder, IGNORED)
    headers = [header for header in reader.blocks(range(last + 1)) if header is not None]
    blocks = examiner.fit(reader.logs(0, last), headers, lambda _header, _logs: False)
    assert blocks is not None

    with closing(ReadingProcess(reader, loaded.decoder, IGNORED)) as process:
        size, kept = blocks_of(answer_of(process, 0, last))

    assert kept == examiner.keep(headers, blocks)
    assert size > sum(len(block.packed) for block in kept) > 0


def test_reading_process__when_answers_are_unusual__then_it_leaves_them_to_the_indexer(
    loaded: Loaded,
) -> None:
    last = loaded.network.node.head().number

    def hide(logs: list[Log]) -> list[Log]:
        return [log for log in logs if log["address"] != logs[0]["address"]]

    with proxied(loaded.network.node.url) as proxy:
        proxy.token = f"{proxy.url} opens"
        node = Node(proxy.url, token=proxy.token)
        reader = ChainReader(Network(node, loaded.network.deployment))
        with closing(ReadingProcess(reader, loaded.decoder, IGNORED)) as process:
            assert answer_of(process, 0, last)
            node.token = node.token[1:]
            assert process.read(0, last) == b""
            node.token = proxy.token
            assert process.read(last, last + 1) == b""
            proxy.plan("eth_getLogs", changed(hide), times=1)
            assert process.read(0, last) == b""
            proxy.plan("eth_getLogs", changed(lambda logs: logs[::-1]), times=1)
            assert process.read(0, last) == b""
            assert process.read(0, last)
        process_of_nobody = ReadingProcess(
            ChainReader(Network(Node("http://127.0.0.1:9"), loaded.network.deployment)),
            loaded.decoder,
            IGNORED,
        )
        with closing(process_of_nobody):
            assert process_of_nobody.read(0, last) == b""


def test_sync__when_the_reading_process_is_killed__then_the_pass_goes_on_and_another_is_started(
    session: Session, loaded: Loaded, database_url: str, tmp_path: Path
) -> None:
    whole, pids = contents(session), set()
    reader = ChainReader(loaded.network)
    with anew(session, database_url, tmp_path) as engine, prefetching() as executor:
        with Session(engine) as fresh:
            bind(fresh, loaded.network)
            fresh.commit()
        ranges = RangeReader(
            reader,
            loaded.decoder,
            limit_blocks=4,
            logs_a_pass=600,
            executor=executor,
            helped_blocks=0,
        )
        has_more = True
        while has_more:
            answer_of(ranges.helper, 0, 1)
            pid = ranges.helper.pid
            assert pid is not None
            pids.add(pid)
            os.kill(pid, signal.SIGKILL)
            with Session(engine) as passing:
                has_more = sync_once(passing, reader, loaded.decoder, ranges=ranges).has_more
                passing.commit()

        with Session(engine) as after:
            assert contents(after) == whole
    assert len(pids) > 1
    assert ranges.helper.pid is None


def answer_of(process: ReadingProcess, first: int, last: int) -> bytes:
    """The answer of a process, once it is ready to give one."""
    deadline = time.monotonic() + 20
    while not (answer := process.read(first, last)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def run_killed(loaded: Loaded, database_url: str, step: str, turn: int) -> int:
    script = Path(__file__).parent / "killed_pass.py"
    command = [sys.executable, str(script), loaded.network.node.url, str(loaded.home)]
    done = subprocess.run([*command, database_url, step, str(turn)], timeout=120, check=False)
    return done.returncode


def contents(session: Session) -> dict[str, list[Any]]:
    tables = [table_of(kind) for kind in IndexTable.__subclasses__()]
    return {table.name: sorted(map(repr, session.execute(table.select()))) for table in tables}


def test_lineage__of_every_lot__is_what_the_raw_logs_tell(session: Session, loaded: Loaded) -> None:
    """Both ways, against a slow recomputation: parents by the events, one after the other."""
    for number, tree in list(parents_told(session, loaded.decoder).items())[::SAMPLE]:
        require_lineage(session, number, tree)


def test_deep_verification__of_a_real_chain__finds_nothing(
    session: Session, loaded: Loaded
) -> None:
    reader, start = ChainReader(loaded.network), loaded.network.deployment.start_block

    checked = verify_logs(session, reader.proven_blocks, start)

    assert checked.findings == ()
    assert checked.logs == count_logs(session)


# --- a node that lies, over HTTP


def left_out(logs: list[Log], acts: set[str]) -> list[Log]:
    """Without one act of a receivable that goes on in this answer."""
    told = [log for log in logs if log["topics"][0] in acts]
    for place, log in enumerate(told):
        if any(later["topics"][1] == log["topics"][1] for later in told[place + 1 :]):
            return [entry for entry in logs if entry is not log]
    return logs


def invented(logs: list[Log], acts: set[str]) -> list[Log]:
    """With an act told once more, as a log of its own at the end of its block."""
    for place, log in enumerate(logs):
        is_last = logs[place + 1 : place + 2] == [] or (
            logs[place + 1]["blockNumber"] != log["blockNumber"]
        )
        if is_last:
            before = next((act for act in logs[place::-1] if act["topics"][0] in acts), None)
            if before is not None and before["blockNumber"] == log["blockNumber"]:
                again = before | {"logIndex": hex(int(log["logIndex"], 16) + 1)}
                return [*logs[: place + 1], again, *logs[place + 1 :]]
    return logs


LIES: dict[str, Callable[[list[Log], set[str]], list[Log]]] = {
    "leaves out a log of a receivable": left_out,
    "answers nothing": lambda _logs, _acts: [],
    "shuffles": lambda logs, _acts: logs[::-1],
    "repeats": lambda logs, _acts: [entry for log in logs for entry in (log, log)],
    "invents": invented,
}


@pytest.mark.fault("F16", "a node that lies at random, over HTTP")
@pytest.mark.parametrize("lie", LIES)
def test_sync__behind_a_node_that_lies__stops_or_heals_and_never_believes__f16(
    session: Session, loaded: Loaded, database_url: str, tmp_path: Path, lie: str
) -> None:
    """Every other answer is a lie, and another node is not asked: it is waited for the truth."""
    whole, dice = contents(session), Random(lie)  # noqa: S311 - the same lies each time
    # What is told of a request names that first; an award repeats the number of the delivery
    # before it besides.
    numbered = [kind for kind in get_args(ReceivableAct) if not hasattr(kind, "request_id")]
    acts = topics_of(session, loaded, numbered)

    def tell(logs: list[Log]) -> list[Log]:
        return LIES[lie](logs, acts) if dice.random() < 1 / 2 else logs

    with anew(session, database_url, tmp_path) as engine, proxied(loaded.network.node.url) as proxy:
        proxy.plan("eth_getLogs", changed(tell), times=1_000)
        caught = read_through(proxy, loaded, engine)

        assert caught
        with Session(engine) as after:
            assert contents(after) == whole


@pytest.mark.fault("F16", "a log that only the receipts can show is left out, over HTTP")
def test_sync__behind_a_node_that_hides_what_no_number_tells__is_found_out_by_receipts__f16(
    session: Session, loaded: Loaded, database_url: str, tmp_path: Path
) -> None:
    """The end of an order is of no stream, and its contract's other logs explain the bloom."""
    logs = stored_logs(session)
    of_block = Counter((log.position.block_number, log.address) for log in logs)
    hidden = next(
        log.position
        for log in logs
        if loaded.decoder.kind_of(log) is OrderExecuted
        and of_block[log.position.block_number, log.address] > 1
    )
    place = (hex(hidden.block_number), hex(hidden.log_index))

    def tell(told: list[Log]) -> list[Log]:
        return [log for log in told if (log["blockNumber"], log["logIndex"]) != place]

    with anew(session, database_url, tmp_path) as engine, proxied(loaded.network.node.url) as proxy:
        proxy.plan("eth_getLogs", changed(tell), times=1_000)
        caught = read_through(proxy, loaded, engine)
        with Session(engine) as after:
            reader, start = ChainReader(loaded.network), loaded.network.deployment.start_block
            findings = verify_logs(after, reader.proven_blocks, start).findings

    assert not caught
    assert [finding.place for finding in findings] == [
        f"block {hidden.block_number}, log {hidden.log_index}"
    ]
    assert "is missing in the tables" in findings[0].message


def topics_of(session: Session, loaded: Loaded, kinds: Sequence[type]) -> set[str]:
    logs = stored_logs(session)
    return {log.topics[0] for log in logs if loaded.decoder.kind_of(log) in kinds}


def changed(tell: Callable[[list[Log]], list[Log]]) -> Action:
    """An answer of `eth_getLogs` with its logs told otherwise."""

    def act(forward: Forward) -> bytes:
        answer = json.loads(forward())
        return json.dumps(answer | {"result": tell(answer["result"])}).encode()

    return act


@contextmanager
def anew(session: Session, database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the same kind."""
    is_sqlite = "sqlite" in database_url
    session.rollback()
    if not is_sqlite:
        IndexTable.metadata.drop_all(session.get_bind())
    engine = create_engine_for(f"sqlite:///{tmp_path / 'anew.db'}" if is_sqlite else database_url)
    create_tables(engine)
    yield engine
    engine.dispose()


def read_through(proxy: NodeProxy, loaded: Loaded, engine: Engine) -> int:
    """Read all of a chain through a proxy; how often a pass was stopped or left undone."""
    network = Network(Node(proxy.url), loaded.network.deployment)
    reader, decoder, caught = ChainReader(network), loaded.decoder, 0
    with Session(engine) as fresh:
        bind(fresh, network)
        fresh.commit()
    with prefetching() as executor:
        ranges = RangeReader(
            reader,
            decoder,
            limit_blocks=16,
            logs_a_pass=1_500,
            executor=executor,
            helped_blocks=0,
        )
        while True:
            try:
                with Session(engine) as passing:
                    result = sync_once(passing, reader, decoder, ranges=ranges)
                    passing.commit()
            except (ChainfinError, CodecError):
                caught += 1
                assert caught < 1_000, "a lie was believed"
                continue
            caught += result.state is SyncState.UNSETTLED
            if result.state is SyncState.UP_TO_DATE:
                return caught
