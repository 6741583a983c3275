"""The benchmark's load is a real chain: the index of it must be what the contracts have."""

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
from chainfin.indexer.checking import verify
from chainfin.indexer.ranges import RangeReader, prefetching
from chainfin.indexer.sync import sync_once
from chainfin.models.chain_index import count_logs, iterate_logs
from chainfin.models.session import create_engine_for, create_tables
from chainfin.services.runtime import bind, event_decoder


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
