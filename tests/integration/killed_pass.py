"""One pass after the other, in a process that kills itself at a numbered step: see test_kill."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import Session

from chainfin.chain.client import Node
from chainfin.chain.deployment import find_deployment
from chainfin.chain.network import Network
from chainfin.chain.reader import ChainReader
from chainfin.indexer import sync
from chainfin.indexer.ranges import RangeReader, prefetching
from chainfin.indexer.rows import Rows
from chainfin.models.session import create_engine_for, refillable
from chainfin.services.runtime import event_decoder

STEPS = {
    "1 head": (ChainReader, "head"),
    "2 ranges": (RangeReader, "read"),
    "4 examined": (RangeReader, "_examined"),
    "6 projected": (sync, "project_all"),
    "7 rows written": (Rows, "flush"),
    "7 logs written": (sync, "store_logs"),
    "7 headers written": (sync, "store_blocks"),
    "7 cursor moved": (sync, "move_cursor"),
    "committed": (Session, "commit"),
}
"""The steps of a pass, as the architecture numbers them, by the function that ends each."""


def kill_after(owner: Any, name: str, turn: int) -> None:
    """End this process, without a word, when a function has run for the n-th time."""
    function: Callable[..., Any] = getattr(owner, name)
    turns = 0

    def run(*arguments: Any, **options: Any) -> Any:
        nonlocal turns
        result = function(*arguments, **options)
        turns += 1
        if turns == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, run)


def main(url: str, home: str, database_url: str, step: str, turn: str) -> None:
    """Sync to the head, or to death."""
    node = Node(url)
    network = Network(node, find_deployment(Path(home), node))
    reader, decoder = ChainReader(network), event_decoder(network.deployment)
    engine = refillable(create_engine_for(database_url))
    if step:
        kill_after(*STEPS[step], int(turn))
    with prefetching() as executor:
        ranges = RangeReader(
            reader,
            decoder,
            limit_blocks=8,
            logs_a_pass=600,
            executor=executor,
            helped_blocks=0,
        )
        while True:
            with Session(engine) as session:
                result = sync.sync_once(session, reader, decoder, ranges=ranges)
                session.commit()
            if not result.has_more:
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
