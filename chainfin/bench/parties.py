"""Organisations of a benchmark on a running service: admitted, with keys and accounts."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainfin.chain.client import Node
from chainfin.client.api import Api, Draft
from chainfin.client.development import development_admission, development_key, load_seed
from chainfin.codec.hashing import from_hex
from chainfin.codec.typed_data import Domain, digest
from chainfin.domain.names import normalise_name
from chainfin.domain.order import Approval
from chainfin.domain.service_errors import NodeUnavailable
from chainfin.services.development import BANK_NAME

CURRENCY = "CNY"
WAIT_SECONDS = 300
POLL_SECONDS = 0.02
_LICENCE_SECONDS = 5 * 366 * 86_400
_ROLES = ("maker", "checker")


@dataclass(frozen=True, slots=True)
class System:
    """A running service of the benchmark's own.

    Attributes:
        home: Its folder, with the seed of development keys.
        url: Of the API.
        operator_key: The operator's credential.
        node: Past the service.
        domain: What orders are signed for.
        ledger: The address of the ledger.
    """

    home: Path
    url: str
    operator_key: str
    node: Node
    domain: Domain
    ledger: str


class Parties:
    """Organisations by name, the development bank among them: numbers, keys, connections."""

    def __init__(self, system: System, kinds: Mapping[str, Sequence[str]]) -> None:
        """Admit them and give each an account at the bank."""
        self._system = system
        self._seed = load_seed(system.home)
        self._operator = Api(system.url, system.operator_key)
        self.numbers = self._admit(kinds)
        self.keys = {
            name: [development_key(self._seed, normalise_name(name), role) for role in _ROLES]
            for name in self.numbers
        }
        self.apis = {name: Api(system.url, self.api_key(name)) for name in self.numbers}
        holders = [self.numbers[name] for name in kinds]
        self.order(BANK_NAME, "open_deposit_accounts", holders=holders, currency=CURRENCY)

    def approve(self, name: str, order_hash: bytes) -> list[Approval]:
        """The signatures of maker and checker under an order."""
        signed = digest(self._system.domain, order_hash)
        return [Approval(key.address, key.sign(signed)) for key in self.keys[name]]

    def signed(
        self, name: str, act: str, fields: Mapping[str, Any]
    ) -> tuple[Draft, list[Approval]]:
        """An act as the service drafts it, signed."""
        draft = self.apis[name].draft(act, fields)
        return draft, self.approve(name, from_hex(draft.order_hash))

    def order(self, name: str, act: str, **fields: Any) -> None:
        """An act, signed, handed in, and final."""
        draft, approvals = self.signed(name, act, fields)
        self.apis[name].submit(draft, approvals)
        self.apis[name].wait_for_order(draft.order_hash, timeout_seconds=WAIT_SECONDS)

    def record(self, name: str, seller: str, number: str, amount_minor: int) -> str:
        """A recorded invoice; its fingerprint."""
        document = {
            "seller": self.numbers[seller],
            "document_type": "invoice",
            "number": number,
            "file": "YmVuY2g=",
            "facts": {"number": number},
            "amount_minor": amount_minor,
            "currency": CURRENCY,
        }
        (recorded,) = self.apis[name].post("/documents", {"documents": [document]})["data"]
        return str(recorded["fingerprint"])

    def _admit(self, kinds: Mapping[str, Sequence[str]]) -> dict[str, int]:
        licence = int(time.time()) + _LICENCE_SECONDS
        entries = [
            development_admission(
                self._seed,
                self._system.domain,
                name,
                kinds=kind,
                licence_expires_at=licence,
            )
            for name, kind in kinds.items()
        ]
        self._operator.post("/participants", {"admissions": entries})
        names = [*kinds, BANK_NAME]
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            answer = self._operator.post("/participants/lookup", {"names": names})
            found: dict[str, int] = answer["found"]
            if len(found) == len(names):
                return found
            if time.monotonic() > deadline:
                raise NodeUnavailable("the parties are not admitted")
            time.sleep(POLL_SECONDS)

    def api_key(self, name: str) -> str:
        """A new credential of an organisation."""
        path = f"/participants/{self.numbers[name]}/api-keys"
        return str(self._operator.post(path, {})["api_key"])
