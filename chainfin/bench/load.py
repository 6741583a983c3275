"""A chain to read: our own contracts on an own anvil, and orders signed and relayed in bulk.

Nothing is asked of the node while the chain grows: transactions are signed here, with the relayer's
next nonce, and sent a block at a time. Instants are set, not taken from the clock, so one load is
one chain, wherever and whenever it is made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlmodel import Session

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.calls import calldata
from chainfin.chain.client import Node
from chainfin.chain.embedded import move_clock
from chainfin.chain.network import Network
from chainfin.chain.transactor import sign
from chainfin.client.development import (
    MAPPED_ROLES,
    SEED_FILE,
    development_admission,
    development_key,
    load_seed,
)
from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.orders import order_calldata, order_hash
from chainfin.codec.signatures import SigningKey
from chainfin.codec.typed_data import digest
from chainfin.domain.names import normalise_name
from chainfin.domain.order import ACTS, SUBMIT_QUOTE, ActSpec, Approval, nonce_of
from chainfin.domain.participant import KeyRole
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.services.context import Caller, Context
from chainfin.services.development import BANK_NAME, KEEPER_NAME, prepare_network
from chainfin.services.onboarding import admission_calls
from chainfin.services.service_keys import KEEPER_ROLE, development_service_keys

GENESIS_AT = 1_780_000_000
"""When the chain begins: a fixed instant, given to anvil as `--timestamp`."""
FOR_EVER = 2**40 - 1
TRANSACTIONS_A_BLOCK = 30
_GAS = 12_000_000
_ADMINISTRATOR = "administrator"
_KEY_ROLES = {**MAPPED_ROLES, _ADMINISTRATOR: KeyRole.ADMINISTRATOR}


@dataclass(slots=True)
class Party:
    """An organisation with its keys; `numbers` counts the orders its maker has signed."""

    number: int
    maker: SigningKey
    checker: SigningKey
    administrator: SigningKey
    numbers: Iterator[int] = field(default_factory=count)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed order, ready to be relayed any number of times."""

    spec: ActSpec
    message: Mapping[str, Any]
    hash: bytes
    approvals: tuple[Approval, ...]


class Load:
    """A chain that grows.

    Attributes:
        deployment: The contracts.
        now: The time of the next block at the earliest.
    """

    def __init__(self, node: Node, home: Path) -> None:
        """Deploy the contracts on a fresh chain.

        Args:
            node: A fresh anvil.
            home: An empty folder for the deployment's file and the seed of the keys.
        """
        (home / SEED_FILE).write_text(keccak(b"chainfin/bench").hex() + "\n")
        self._seed, self._node = load_seed(home), node
        self._keys = development_service_keys(home)
        engine = create_engine_for("sqlite://")
        create_tables(engine)
        self._database = Session(engine)
        self.deployment = prepare_network(
            self._database, home=home, node=node, keys=self._keys, now=0
        )
        self._relayer_nonce = node.transaction_count(self._keys.relayer.address)
        self._waiting: list[str] = []
        self._organisations = count(1)
        self._relayed: set[bytes] = set()
        self.keeper = self._party(KEEPER_NAME)
        self.bank = self._party(BANK_NAME)
        self._keeper_key = development_key(self._seed, normalise_name(KEEPER_NAME), KEEPER_ROLE)
        self.now = node.head().timestamp
        node.request("evm_setAutomine", [False])
        node.request("anvil_setBlockTimestampInterval", [1])

    @property
    def orders(self) -> int:
        """How many orders were relayed, so that somebody can see that each has run."""
        return len(self._relayed)

    @property
    def deadline(self) -> int:
        """Late enough for an order of now."""
        return self.now + 86_400

    # --- organisations

    def admit(self, name: str, kind: str) -> Party:
        """Admit an organisation with three keys, which it will have after the next block."""
        entry = development_admission(
            self._seed,
            self.deployment.domain,
            name,
            kinds=[kind],
            licence_expires_at=FOR_EVER,
            key_roles=_KEY_ROLES,
        )
        context = Context(self._database, Network(self._node, self.deployment), None, 0)
        for contract, data in admission_calls(context, Caller(0), [entry]):
            self._send(contract, data)
        return self._party(name)

    def _party(self, name: str) -> Party:
        owner = normalise_name(name)
        maker, checker, administrator = (
            development_key(self._seed, owner, role) for role in _KEY_ROLES
        )
        return Party(next(self._organisations), maker, checker, administrator)

    # --- orders

    def sign(self, party: Party, act: str, **fields: Any) -> Signed:
        """An order of an act with the signatures of maker and checker.

        Args:
            party: Who orders.
            act: By its Python name; `submit_quote` for a quote.
            fields: Its signed members; `target` only where it is no contract of the act's own.
        """
        spec = SUBMIT_QUOTE if act == SUBMIT_QUOTE.act else ACTS[act]
        message = {
            "target": fields.pop("target", None) or self.deployment.address(spec.contract),
            "organisation": party.number,
            "nonce": nonce_of(party.maker.address, next(party.numbers)),
            "deadline": self.deadline,
            **fields,
        }
        hash_ = order_hash(spec.primary_type, message)
        keys = (party.maker, party.checker)
        return Signed(spec, message, hash_, tuple(self._approval(key, hash_) for key in keys))

    def order(self, party: Party, act: str, **fields: Any) -> bytes:
        """Sign an order and relay it; answers its hash."""
        signed = self.sign(party, act, **fields)
        self.relay(signed)
        return signed.hash

    def restrict(self, party: Party, act: str, **fields: Any) -> None:
        """Relay an order that one administrator's key may give."""
        spec = ACTS[act]
        message = {
            "target": self.deployment.address(spec.contract),
            "organisation": party.number,
            "nonce": nonce_of(party.administrator.address, next(party.numbers)),
            "deadline": self.deadline,
            **fields,
        }
        hash_ = order_hash(spec.primary_type, message)
        self.relay(Signed(spec, message, hash_, (self._approval(party.administrator, hash_),)))

    def attest(self, **fields: Any) -> tuple[dict[str, Any], Approval]:
        """The keeper's statement about a batch's documents, and its signature."""
        message = {
            "target": self.deployment.address("DocumentRegistry"),
            "organisation": self.keeper.number,
            "deadline": self.deadline,
            **fields,
        }
        return message, self._approval(self._keeper_key, order_hash("AttestDocuments", message))

    def relay(self, signed: Signed, **attachments: Any) -> None:
        """Send the call that runs an order."""
        spec = signed.spec
        function = load_artifact(spec.contract).interface.functions[spec.function]
        data = order_calldata(
            function, spec.primary_type, signed.message, signed.approvals, attachments
        )
        self._relayed.add(signed.hash)
        self._send(str(signed.message["target"]), data)

    def note_order(self, signed: Signed) -> None:
        """Count an order that runs inside another's call."""
        self._relayed.add(signed.hash)

    def call(self, contract: str, function: str, arguments: Sequence[Any]) -> None:
        """Send a call that needs nobody's signature."""
        self._send(self.deployment.address(contract), calldata(contract, function, arguments))

    def _approval(self, key: SigningKey, hash_: bytes) -> Approval:
        return Approval(key.address, key.sign(digest(self.deployment.domain, hash_)))

    # --- blocks

    def _send(self, to: str, data: bytes) -> None:
        signed = sign(
            self._keys.relayer,
            chain_id=self.deployment.chain_id,
            nonce=self._relayer_nonce,
            to=to,
            data=data,
            gas=_GAS,
        )
        self._relayer_nonce += 1
        self._waiting.append(to_hex(signed.raw))
        if len(self._waiting) == TRANSACTIONS_A_BLOCK:
            self.mine()

    def mine(self) -> None:
        """Put what waits into a block."""
        if self._waiting:
            calls = [("eth_sendRawTransaction", [raw]) for raw in self._waiting]
            self._node.batch([*calls, ("evm_mine", [])])
            self._waiting.clear()
            self.now += 1

    def pass_time(self, seconds: int) -> None:
        """Mine what waits, then a block some time later."""
        self.mine()
        self.now += seconds
        move_clock(self._node, self.now)
