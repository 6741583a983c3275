"""A network whose blocks four validators seal: anvil behind a proxy that writes QBFT's headers.

The proxy keeps anvil's states, transactions and receipts and makes each block's header anew: with
the validators, a vote, the round and the seals in the extra data, and with the hash of the sealed
parent. Every hash of a block is exchanged on the way in and out, so that whoever stands behind the
proxy sees one consistent chain with headers as Besu would write them.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import rlp

from chainfin.bench.node_proxy import NodeProxy
from chainfin.chain import embedded
from chainfin.chain.embedded import EmbeddedNetwork
from chainfin.codec.headers import header_from_rpc
from tests.qbft import EXTRA_DATA, PARENT_HASH, Ballot, Proposal, Validator, seal
from tests.world import World, running_world

EPOCH = 20
FOUNDERS = tuple(Validator(name) for name in ("A", "B", "C", "D"))


@dataclass
class Consensus:
    """Who proposes, votes and seals: validators take turns, and a quorum seals.

    Attributes:
        validators: In force for the next block.
        wish: What the validators vote for, each when it proposes, until it is so.
        sealer_count: Seals a block gets, where it is not the quorum.
    """

    validators: list[Validator] = field(default_factory=lambda: list(FOUNDERS))
    wish: Ballot | None = None
    sealer_count: int | None = None
    _agreed: set[Validator] = field(default_factory=set)

    def propose(self, number: int) -> Proposal:
        """What is decided about the next block."""
        count = len(self.validators)
        ordered = [self.validators[(number + place) % count] for place in range(count)]
        if number % EPOCH == 0:
            self._agreed.clear()
        ballot = self.wish if number % EPOCH else None
        proposal = Proposal(
            validators=tuple(self.validators),
            proposer=ordered[0],
            sealers=ordered[: self.sealer_count or (2 * count + 2) // 3],
            ballot=ballot,
            round=number % 3,
        )
        if ballot is not None:
            self._count(ballot, ordered[0])
        return proposal

    def _count(self, ballot: Ballot, proposer: Validator) -> None:
        self._agreed.add(proposer)
        if 2 * len(self._agreed) <= len(self.validators):
            return
        if ballot.is_addition:
            self.validators.append(ballot.subject)
        else:
            self.validators.remove(ballot.subject)
        self.wish = None
        self._agreed.clear()


class SealingProxy(NodeProxy):
    """Before a node; see above."""

    def __init__(self, upstream: str, consensus: Consensus) -> None:
        self.consensus = consensus
        self._sealed: list[tuple[bytes, str]] = []
        self._plain: dict[str, str] = {}
        self._sealing = threading.Lock()
        super().__init__(upstream)

    def ask(self, body: bytes) -> bytes:
        for sealed, plain in list(self._plain.items()):
            if sealed.encode() in body:
                body = body.replace(sealed.encode(), plain.encode())
        document = json.loads(super().ask(body))
        return json.dumps(self._rewritten(document)).encode()

    def _rewritten(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._rewritten(each) for each in value]
        if not isinstance(value, dict):
            return value
        value = {name: self._rewritten(member) for name, member in value.items()}
        if "stateRoot" in value and value.get("hash"):
            return value | self._header(int(value["number"], 16))
        if value.get("blockHash") and value.get("blockNumber"):
            return value | {"blockHash": self._block(int(value["blockNumber"], 16))[1]}
        return value

    def _header(self, number: int) -> dict[str, Any]:
        encoded, block_hash = self._block(number)
        fields = rlp.decode(encoded)
        return {
            "hash": block_hash,
            "parentHash": "0x" + fields[PARENT_HASH].hex(),
            "miner": "0x" + fields[2].hex(),
            "difficulty": "0x1",
            "extraData": "0x" + fields[EXTRA_DATA].hex(),
            "mixHash": "0x" + fields[13].hex(),
        }

    def _block(self, number: int) -> tuple[bytes, str]:
        with self._sealing:
            while len(self._sealed) <= number:
                self._seal_next()
            return self._sealed[number]

    def _seal_next(self) -> None:
        number = len(self._sealed)
        call = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber"}
        call["params"] = [hex(number), False]
        block = json.loads(super().ask(json.dumps(call).encode()))["result"]
        fields = rlp.decode(header_from_rpc(block))
        if number:
            fields[PARENT_HASH] = bytes.fromhex(self._sealed[-1][1][2:])
        encoded, block_hash = seal(fields, self.consensus.propose(number))
        self._sealed.append((encoded, "0x" + block_hash.hex()))
        self._plain["0x" + block_hash.hex()] = block["hash"]


@contextmanager
def sealed_world(folder: Path, database_url: str) -> Iterator[tuple[World, Consensus]]:
    """A system on a fresh sealed network, with the hand that steers its validators."""
    consensus = Consensus()
    proxies: list[SealingProxy] = []

    def start(*arguments: Any, **options: Any) -> EmbeddedNetwork:
        network = embedded.start_network(*arguments, **options)
        proxies.append(SealingProxy(network.url, consensus))
        return EmbeddedNetwork(proxies[-1].url, network.process)

    try:
        with (
            patch("chainfin.cli.runtime.start_network", start),
            running_world(folder / "home", database_url) as world,
        ):
            yield world, consensus
    finally:
        for proxy in proxies:
            proxy.close()
