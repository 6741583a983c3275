"""A network of the benchmark's own: a fresh chain, the contracts, organisations with keys.

The chain runs in memory on a free port and ends with the benchmark; nothing is kept. Orders are
signed by maker and checker and relayed, as in production, but nothing stands between the
benchmark and the chain: no service, no index.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.calls import calldata
from chainfin.chain.client import Node
from chainfin.chain.embedded import move_clock, start_network
from chainfin.chain.network import Network
from chainfin.chain.transactor import send_and_wait
from chainfin.client.development import MAPPED_ROLES, development_admission, development_key
from chainfin.codec.hashing import from_hex
from chainfin.codec.orders import order_calldata, order_hash
from chainfin.codec.signatures import SigningKey
from chainfin.codec.signers import LocalSigner, Signer
from chainfin.codec.typed_data import digest
from chainfin.domain.names import normalise_name
from chainfin.domain.order import ACTS, Approval, nonce_of
from chainfin.domain.participant import KeyRole
from chainfin.services.deployment import deploy, deploy_deposit
from chainfin.services.onboarding import AdmissionFields, admission_argument

WITHOUT_KEYS: Mapping[str, KeyRole] = {}
"""Organisations that only hold."""

_ADMISSIONS_A_CALL = 50
_ORDER_SECONDS = 30 * 86_400
_LICENCE_SECONDS = 50 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that was included.

    Attributes:
        data: Its calldata.
        receipt: As the node tells it.
    """

    data: bytes
    receipt: Mapping[str, Any]

    @property
    def gas(self) -> int:
        """Gas of the whole transaction, after refunds."""
        return int(self.receipt["gasUsed"], 16)


@contextmanager
def temporary_network() -> Iterator[Node]:
    """An empty chain in memory, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="chainfin-bench-") as folder:
        network = start_network(None, log_file=Path(folder) / "network.log")
        try:
            yield Node(network.url)
        finally:
            network.stop()


class Consortium:
    """The contracts on a node, and everybody's keys."""

    def __init__(self, node: Node) -> None:
        """Deploy the contracts; keys act at once."""
        self._seed = secrets.token_bytes(32)
        self.relayer: Signer = LocalSigner(os.urandom(32))
        deployment = deploy(node, self.relayer, key_delay_seconds=0)
        self.network = Network(node, deployment)
        self.organisations: dict[str, int] = {}
        self._next_numbers: dict[str, int] = {}

    # --- who takes part

    def admit(
        self,
        names: Sequence[str],
        kinds: Sequence[str],
        key_roles: Mapping[str, KeyRole] = MAPPED_ROLES,
    ) -> None:
        """Admit organisations of the same kinds."""
        licence = self.now() + _LICENCE_SECONDS
        for start in range(0, len(names), _ADMISSIONS_A_CALL):
            some = names[start : start + _ADMISSIONS_A_CALL]
            entries = [
                development_admission(
                    self._seed,
                    self.network.deployment.domain,
                    name,
                    kinds=kinds,
                    licence_expires_at=licence,
                    key_roles=key_roles,
                )
                for name in some
            ]
            self.send(
                "ParticipantRegistry",
                calldata(
                    "ParticipantRegistry",
                    "admitParticipants",
                    [[admission_argument(msgspec.convert(e, AdmissionFields)) for e in entries]],
                ),
            )
            for name in some:
                self.organisations[name] = len(self.organisations) + 1

    def add_deposit(self, bank: str, currency: str) -> None:
        """Give a settlement bank its deposit contract."""
        deployment = deploy_deposit(
            self.network,
            self.relayer,
            bank=self.organisations[bank],
            currency=currency,
            name=f"{bank} deposit {currency}",
            symbol=f"d{currency}",
        )
        self.network = Network(self.network.node, deployment)

    # --- what they sign

    def message(self, name: str, contract: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """An order of an organisation for a contract, with its head."""
        maker = self._key(name, "maker").address
        number = self._next_numbers.get(name, 0)
        self._next_numbers[name] = number + 1
        return {
            "target": self.address(contract),
            "organisation": self.organisations[name],
            "nonce": nonce_of(maker, number),
            "deadline": self.now() + _ORDER_SECONDS,
            **fields,
        }

    def approve(
        self,
        name: str,
        primary_type: str,
        message: Mapping[str, Any],
        roles: Sequence[str] = tuple(MAPPED_ROLES),
    ) -> list[Approval]:
        """The signatures of an organisation's keys under a message."""
        signed = digest(self.network.deployment.domain, order_hash(primary_type, message))
        keys = [self._key(name, role) for role in roles]
        return [Approval(key.address, key.sign(signed)) for key in keys]

    def _key(self, name: str, role: str) -> SigningKey:
        return development_key(self._seed, normalise_name(name), role)

    # --- what is done

    def order(self, name: str, act: str, fields: Mapping[str, Any], **attached: Any) -> Sent:
        """Sign an act with both keys and relay it."""
        spec = ACTS[act]
        message = self.message(name, spec.contract, fields)
        return self.relay(name, spec.contract, spec.function, spec.primary_type, message, attached)

    def relay(
        self,
        name: str,
        contract: str,
        function: str,
        primary_type: str,
        message: Mapping[str, Any],
        attached: Mapping[str, Any],
    ) -> Sent:
        """Relay a signed order through a contract's function.

        Raises:
            ChainfinError: The rule the contract refused it for.
        """
        entry = load_artifact(contract).interface.functions[function]
        approvals = self.approve(name, primary_type, message)
        return self.send(
            contract, order_calldata(entry, primary_type, message, approvals, attached)
        )

    def send(self, contract: str, data: bytes) -> Sent:
        """One transaction of the relayer to a contract."""
        receipt = send_and_wait(self.network.node, self.relayer, self.address(contract), data)
        return Sent(data, receipt)

    # --- where and when

    def address(self, contract: str) -> str:
        """A contract's address; of deposits, the newest."""
        if contract == "TokenisedDeposit":
            return self.network.deployment.deposits[-1]
        return self.network.deployment.address(contract)

    def now(self) -> int:
        """The head block's time."""
        return self.network.node.head().timestamp

    def move_clock(self, instant: int) -> None:
        """Mine a block at an instant to come."""
        move_clock(self.network.node, instant)


def random_word() -> bytes:
    """A commitment or reference nobody looks into: 32 bytes without a cheap zero."""
    return from_hex("0x" + "".join(f"{1 + byte % 255:02x}" for byte in secrets.token_bytes(32)))
