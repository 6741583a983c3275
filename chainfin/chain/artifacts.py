"""The compiled contracts as committed beside this module: ABI, bytecode, code hash."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chainfin.codec.abi import Error, Interface, load_abi
from chainfin.codec.hashing import from_hex, keccak

_WORD_BYTES = 32
_FOLDER = Path(__file__).parent / "artifacts"

INDEXED_CONTRACTS = (
    "ParticipantRegistry",
    "Council",
    "DocumentRegistry",
    "Issuance",
    "ReceivableLedger",
    "FinancingMarket",
    "Settlement",
    "CreditLines",
    "Encumbrances",
    "Funding",
    "TokenisedDeposit",
    "AccessManager",
)
"""Contracts whose events the index follows."""


@dataclass(frozen=True)
class Artifact:
    """One compiled contract.

    Attributes:
        name: The contract's name.
        abi: Its JSON ABI.
        interface: The same, parsed.
        bytecode: Creation code without constructor arguments.
        deployed_bytecode: Runtime code with immutables zeroed.
        immutables: Byte ranges (start, length) of immutables in the runtime code, by name.
    """

    name: str
    abi: list[dict[str, Any]]
    interface: Interface
    bytecode: bytes
    deployed_bytecode: bytes
    immutables: Mapping[str, tuple[tuple[int, int], ...]]

    def code_hash(self, deployed: bytes) -> bytes:
        """Hash of deployed code with its immutables zeroed: equal on every network."""
        zeros = dict.fromkeys(self.immutables, bytes(_WORD_BYTES))
        return keccak(self._with(deployed, zeros))

    def code_with(self, values: Mapping[str, bytes]) -> bytes:
        """The runtime code with some immutables set to 32-byte words, the others zero."""
        return self._with(self.deployed_bytecode, values)

    def _with(self, deployed: bytes, values: Mapping[str, bytes]) -> bytes:
        code = bytearray(deployed)
        for name, word in values.items():
            for start, length in self.immutables[name]:
                code[start : start + length] = word[-length:]
        return bytes(code)


@cache
def load_artifact(name: str) -> Artifact:
    """The artifact of a contract.

    Raises:
        FileNotFoundError: There is no such contract.
    """
    document = json.loads((_FOLDER / f"{name}.json").read_text())
    references = document["immutableReferences"]
    places = {
        name: tuple((place["start"], place["length"]) for place in entries)
        for name, entries in references.items()
    }
    return Artifact(
        name=name,
        abi=document["abi"],
        interface=load_abi(document["abi"]),
        bytecode=from_hex(_prefixed(document["bytecode"])),
        deployed_bytecode=from_hex(_prefixed(document["deployedBytecode"])),
        immutables=places,
    )


@cache
def errors_by_selector() -> dict[bytes, Error]:
    """Every custom error of every contract by selector: a revert bubbles up from any depth."""
    merged: dict[bytes, Error] = {}
    for path in sorted(_FOLDER.glob("*.json")):
        merged |= load_artifact(path.stem).interface.errors_by_selector()
    return merged


def _prefixed(text: str) -> str:
    return text if text.startswith("0x") else f"0x{text}"
