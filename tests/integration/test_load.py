"""The benchmark's load is a real chain: the index of it must be what the contracts have."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

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
from chainfin.models.chain_index import count_logs, iterate_logs
from chainfin.models.lineage import ancestors_json, descendants_json
from chainfin.models.session import create_engine_for, create_tables
from chainfin.services.runtime import bind, event_decoder

SAMPLE = 5
"""One receivable in so many is recomputed."""


@dataclass(frozen=True)
class Loaded:
    network: Network
    decoder: EventDecoder
    orders: int


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Two cohorts of stories, on a chain of their own."""
    network = start_network(None, options=["--timestamp", str(GENESIS_AT)])
    try:
        node = Node(network.url)
        load = Load(node, tmp_path_factory.mktemp("load"))
        stories = Stories(load)
        stories.play()
        stories.play()
        yield Loaded(Network(node, load.deployment), event_decoder(load.deployment), load.orders)
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
