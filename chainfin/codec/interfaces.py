"""The contracts as data: what transactions call, what logs say, where storage keeps things.

Read from `interfaces.json`, generated from the contracts, so that whoever verifies evidence needs
neither the contracts' code nor anything that speaks to a node.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chainfin.codec.abi import Entry, Interface, load_abi
from chainfin.codec.hashing import WORD_BYTES, keccak


@dataclass(frozen=True, slots=True)
class ContractInterface:
    """One contract.

    Attributes:
        abi: Its events and the functions that change state, as JSON.
        interface: The same, parsed.
        mappings: Slot of each mapping in its storage, by the variable's name.
    """

    abi: tuple[Entry, ...]
    interface: Interface
    mappings: Mapping[str, int]

    def slot(self, mapping: str, key: bytes) -> bytes:
        """Where the value under a key of a mapping is stored: keccak256(key ‖ slot), 32 bytes."""
        return keccak(key.rjust(WORD_BYTES, b"\0") + self.mappings[mapping].to_bytes(32, "big"))


@cache
def load_interfaces() -> Mapping[str, ContractInterface]:
    """Every contract of ours whose events the index follows, by name."""
    document = json.loads((Path(__file__).parent / "interfaces.json").read_text())
    return {
        name: ContractInterface(tuple(entry["abi"]), load_abi(entry["abi"]), entry["mappings"])
        for name, entry in document.items()
    }
