"""A system that faults are injected into, and what must hold of it whatever happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from chainfin.bench.node_proxy import NodeProxy, proxied
from chainfin.chain.client import Node
from chainfin.cli.runtime import reading, unit_of_work
from chainfin.client.api import Draft
from chainfin.models.relay import RelayTransactionRow, relayed_for
from chainfin.services import relaying, submission
from tests.world import ANCHOR, SUPPLIER, World, running_world


@dataclass
class Faulty:
    """A system that reaches its node through a proxy."""

    world: World
    proxy: NodeProxy
    node: Node
    """Past the proxy."""
    issued: set[str] = field(default_factory=set)
    """Orders that must run, by hash."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def drafted(self) -> Draft:
        """An issue that nobody has signed yet."""
        tag = self.world.record(ANCHOR, SUPPLIER, f"F-{next(self.numbers)}", 900_00)
        return self.world.draft(
            ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
        )

    def accepted(self) -> str:
        """An order that is accepted and not yet relayed; its hash."""
        draft = self.drafted()
        self.world.submit(ANCHOR, draft)
        self.issued.add(draft.order_hash)
        return draft.order_hash

    def step(self, action: Any) -> None:
        with unit_of_work(self.world.runtime) as context:
            action(context, self.world.relayers)

    def send(self) -> None:
        with reading(self.world.runtime) as context:
            sent = relaying.broadcast_stored(context, self.world.relayers)
        with unit_of_work(self.world.runtime) as context:
            submission.note_broadcast(context, self.world.relayers, sent)

    def carried(self, order_hash: str) -> list[RelayTransactionRow]:
        with Session(self.world.runtime.engine) as session:
            return list(relayed_for(session, order_hash))

    def status(self, order_hash: str) -> str:
        return str(self.world[ANCHOR].api.get(f"/orders/{order_hash}")["status"])

    def check_done_once(self, *hashes: str) -> None:
        """I1, I2, I4: every order is final, has run once, and no nonce is missing."""
        self.world.work()
        assert {hash_: self.status(hash_) for hash_ in hashes} == dict.fromkeys(hashes, "final")
        receivables = list(self.world[SUPPLIER].api.pages("/receivables"))
        assert len(receivables) == len(self.issued)
        with Session(self.world.runtime.engine) as session:
            rows = session.exec(select(RelayTransactionRow)).all()
        nonces = sorted(row.nonce for row in rows)
        assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
        used = self.node.transaction_count(rows[0].relayer)
        assert used == nonces[-1] + 1


@contextmanager
def faulty_system(home: Path, database_url: str) -> Iterator[Faulty]:
    """A system with the story's organisations behind a proxy."""
    with running_world(home, database_url, through=proxied) as world:
        world.populate()
        assert world.proxy is not None
        yield Faulty(world, world.proxy, Node(world.network.url))
