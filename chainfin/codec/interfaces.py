"""The contracts as data: what transactions call, what logs say, how storage is laid out.

Read from `interfaces.json`, generated from the contracts, so that whoever verifies evidence needs
neither the contracts' code nor anything that speaks to a node.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chainfin.codec.abi import Entry, Interface, load_abi
from chainfin.codec.errors import AbiNotCanonical
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
        """Where a mapping keeps what is under a key: keccak256(key as a word ‖ its slot)."""
        place = self.mappings[mapping].to_bytes(WORD_BYTES, "big")
        return keccak(key.rjust(WORD_BYTES, b"\0") + place)


@cache
def load_interfaces() -> Mapping[str, ContractInterface]:
    """Every contract of ours whose events the index follows, by name."""
    return {
        name: ContractInterface(tuple(entry["abi"]), load_abi(entry["abi"]), entry["mappings"])
        for name, entry in _document()["contracts"].items()
    }


def read_word(kind: str, word: int) -> dict[str, int]:
    """The fields of a storage word by name.

    Args:
        kind: A type of contracts/src/types/Words.sol, such as `LotWord`.
        word: What is stored.

    Raises:
        AbiNotCanonical: There are bits beyond the last field.
    """
    fields, rest = {}, word
    for name, width in _document()["words"][kind]:
        fields[name] = rest & ((1 << width) - 1)
        rest >>= width
    if rest:
        raise AbiNotCanonical(f"{word:#x} is no {kind}")
    return fields


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (Path(__file__).parent / "interfaces.json").read_text("utf-8")
    )
    return document
