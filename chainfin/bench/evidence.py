"""How long verifying takes: evidence of one receivable with a thousand facts.

The facts are real acts on a chain of the benchmark's own, offers that are made and turned down,
each signed by maker and checker and alone in its block; the file is exported as for an auditor.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlmodel import Session

from chainfin.bench.consortium import Consortium, temporary_network
from chainfin.bench.gas import Scene
from chainfin.chain.network import Network
from chainfin.chain.reader import ChainReader
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId
from chainfin.evidence.package import read_package
from chainfin.evidence.verify import verify
from chainfin.indexer.sync import sync_once
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.context import Caller, Context
from chainfin.services.evidence import evidence_subject, export_evidence
from chainfin.services.runtime import bind, event_decoder

FACTS = 1_000
LIMIT_SECONDS = 2
_ROUNDS = 3
_AUDITOR = Caller(0, reads_all=True)


def measure_evidence(facts: int = FACTS) -> dict[str, Any]:
    """Make a file of so many facts and verify it; the best of three rounds counts.

    Returns:
        Facts, bytes, seconds of making and of verifying (processor time), the limit, and whether
        it is kept.
    """
    with temporary_network() as node:
        scene = Scene(Consortium(node))
        receivable_id = _play(scene, facts)
        start = perf_counter()
        data = _export(scene.of.network, receivable_id)
        made_in = perf_counter() - start
    trust = read_package(data).trust
    seconds = min(_seconds_of(data, trust) for _ in range(_ROUNDS))
    report = verify(data, trust)
    if not report.holds or report.facts < facts:
        raise AssertionError(f"the sample does not hold: {report.failure}")
    return {
        "operation": f"evidence of {report.facts:,} facts verified",
        "facts": report.facts,
        "bytes": len(data),
        "export_seconds": round(made_in, 3),
        "seconds": round(seconds, 3),
        "limit_seconds": LIMIT_SECONDS,
        "met": seconds <= LIMIT_SECONDS,
    }


def _seconds_of(data: bytes, trust: Any) -> float:
    start = process_time()
    verify(data, trust)
    return process_time() - start


def _play(scene: Scene, facts: int) -> int:
    """A receivable with at least so many facts; answers its number."""
    offer = scene.active(1)
    lot = LotId(offer.receivable_id, ROOT_SEQUENCE).token_id
    for _ in range(2, facts, 2):
        _, proposed = scene.propose(lot)
        scene.reject_transfer(lot, proposed)
    return offer.receivable_id


def _export(network: Network, receivable_id: int) -> bytes:
    with _indexed(network) as context:
        subject = evidence_subject("receivable", str(receivable_id))
        return export_evidence(context, event_decoder(network.deployment), _AUDITOR, subject)


@contextmanager
def _indexed(network: Network) -> Iterator[Context]:
    """An index of the chain up to its head, in a folder that is gone at the end."""
    decoder = event_decoder(network.deployment)
    with tempfile.TemporaryDirectory(prefix="chainfin-bench-") as folder:
        engine = create_engine_for(f"sqlite:///{Path(folder) / 'index.db'}")
        create_tables(engine)
        with Session(engine) as session:
            bind(session, network)
            context = Context(session, network, None, 0)
            while context.as_of().block_number < network.node.head().number:
                sync_once(session, ChainReader(network), decoder)
            yield context
        engine.dispose()
