"""The benchmark's load is a real chain: the index of it must be what the contracts have."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from chainfin.bench.load import GENESIS_AT, Load
from chainfin.bench.stories import COHORT, Stories
from chainfin.chain.client import Node
from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.chain.embedded import start_network
from chainfin.chain.network import Network
from chainfin.chain.reader import ChainReader
from chainfin.codec.events import EventDecoder
from chainfin.domain.events import LotFinanced, LotSplit, ReceivableIssued
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId
from chainfin.indexer.checking import verify, verify_logs
from chainfin.indexer.ranges import RangeReader, prefetching
from chainfin.indexer.sync import sync_once
from chainfin.models.bulk import table_of
from chainfin.models.chain_index import count_logs, iterate_logs
from chainfin.models.columns import IndexTable
from chainfin.models.lineage import ancestors_json, descendants_json
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.runtime import bind, event_decoder
from tests.integration.killed_pass import STEPS

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
            lambda: decoder.addresses,
            limit_blocks=2_000,
            logs_a_pass=3_000,
            executor=executor,
        )
        while sync_once(opened, reader, decoder, ranges=ranges).has_more:
            opened.commit()
        opened.commit()
        yield opened
    engine.dispose()


def test_load__when_it_is_read__then_every_order_ran_and_rows_are_what_the_contracts_have(
    session: Session, loaded: Loaded
) -> None:
    names = [loaded.decoder.kind_of(log).__name__ for page in iterate_logs(session) for log in page]

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
    # A process for each step is slow; what differs on PostgreSQL is only the writing.
    steps = list(STEPS) if "sqlite" in database_url else ["7 logs written", "committed"]
    url = f"sqlite:///{tmp_path / 'killed.db'}" if "sqlite" in database_url else database_url
    if url == database_url:
        session.rollback()
        IndexTable.metadata.drop_all(session.get_bind())
    engine = create_engine_for(url)
    create_tables(engine)
    with Session(engine) as fresh:
        bind(fresh, loaded.network)
        fresh.commit()

    ends = [run_killed(loaded, url, step, 2) for step in steps]
    assert run_killed(loaded, url, "", 0) == 0

    assert set(ends) == {-signal.SIGKILL}
    with Session(engine) as after:
        assert contents(after) == whole
    engine.dispose()


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
    parents: dict[int, dict[int, int]] = {}
    for log in (log for page in iterate_logs(session) for log in page):
        match loaded.decoder.decode(log):
            case ReceivableIssued(receivable_id=number):
                parents[number] = {ROOT_SEQUENCE: 0}
            case LotSplit(receivable_id=number, parent_sequence=parent, parts=parts):
                parents[number] |= {part.lot_sequence: parent for part in parts}
            case LotFinanced(receivable_id=number, parent_sequence=parent, lot_sequence=child):
                if child != parent:
                    parents[number][child] = parent

    for number, tree in list(parents.items())[::SAMPLE]:
        lots = [LotId(number, sequence) for sequence in tree]
        up = {lot: numbers(ancestors_json(session, lot)) for lot in lots}
        down = {lot: numbers(descendants_json(session, lot)) for lot in lots}

        assert up == {lot: line_of(tree, lot.lot_sequence) for lot in lots}
        assert down == {
            lot: [other.lot_sequence for other in lots if lot.lot_sequence in up[other]]
            for lot in lots
        }


def numbers(lots: bytes) -> list[int]:
    return [lot[0] for lot in json.loads(lots)]


def line_of(tree: dict[int, int], sequence: int) -> list[int]:
    return [*line_of(tree, tree[sequence]), sequence] if sequence else []


def test_deep_verification__of_a_real_chain__finds_nothing(
    session: Session, loaded: Loaded
) -> None:
    reader, start = ChainReader(loaded.network), loaded.network.deployment.start_block

    checked = verify_logs(session, reader.proven_blocks, start)

    assert checked.findings == ()
    assert checked.logs == count_logs(session)
