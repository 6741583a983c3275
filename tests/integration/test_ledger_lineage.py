"""Lineage over a real core enterprise's six ledgers: what the index tells, recomputed slowly."""

import os
from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session

from chainfin.bench.load import GENESIS_AT, Load
from chainfin.chain.client import Node
from chainfin.chain.embedded import start_network
from chainfin.chain.network import Network
from chainfin.chain.reader import ChainReader
from chainfin.indexer.sync import sync_once
from chainfin.interchange.ledger import LedgerRow, parse_mapping, read_ledger_file
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.runtime import bind, event_decoder
from tests.integration.ledger_story import LedgerStory
from tests.integration.slow_lineage import parents_told, require_lineage

EXAMPLES = Path(__file__).parents[2] / "examples" / "ledger"
ROWS_A_FILE = int(os.environ.get("CHAINFIN_TEST_ROWS", "40"))
"""Of each file; 0 for all: 16,056 receivables, a few minutes."""


def test_lineage__of_every_lot_of_the_six_ledgers__is_what_the_raw_logs_tell(
    test_data: Path, tmp_path: Path, database_url: str
) -> None:
    rows = ledger_rows(test_data)
    network = start_network(None, options=["--prune-history", "--timestamp", str(GENESIS_AT)])
    try:
        node = Node(network.url, timeout_seconds=600)
        load = Load(node, tmp_path)
        LedgerStory(load, seed=5).play(rows)
        engine = create_engine_for(database_url)
        create_tables(engine)
        on_chain, decoder = Network(node, load.deployment), event_decoder(load.deployment)
        with Session(engine) as session:
            bind(session, on_chain)
            while sync_once(session, ChainReader(on_chain), decoder).has_more:
                session.commit()
            parents = parents_told(session, decoder)
            assert len(parents) == len(rows)
            assert sum(len(tree) for tree in parents.values()) > 2 * len(rows)
            for number, tree in parents.items():
                require_lineage(session, number, tree)
        engine.dispose()
    finally:
        network.stop()


def ledger_rows(test_data: Path) -> Sequence[tuple[str, int]]:
    """Beneficiary and minor units of the rows, sums left out."""
    text = (EXAMPLES / "mapping.toml").read_text(encoding="utf-8")
    mapping = parse_mapping(text.replace("# summary_rows", "summary_rows"))
    files = sorted((test_data / "supplier-ledger").glob("*.csv"))
    found: list[tuple[str, int]] = []
    for file in files:
        rows = [row for row in read_ledger_file(file, mapping) if isinstance(row, LedgerRow)]
        some = rows[: ROWS_A_FILE or None]
        found += [(row.beneficiary_key, row.face.amount_minor) for row in some]
    return found
