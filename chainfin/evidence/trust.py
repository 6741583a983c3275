"""What an auditor must believe before any evidence says anything: one block and a few addresses.

The trust file comes from a source of the auditor's own choice, such as a node it runs, and never
from whoever hands over the evidence. It says: on this chain, at this block, these were the
contracts. `chainfin evidence checkpoint` writes it, after comparing the contracts' code.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from chainfin.codec.errors import HexMalformed
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, from_hex
from chainfin.codec.typed_data import Domain
from chainfin.evidence.errors import TrustMalformed

FORMAT = "chainfin.trust/1"

CONTRACTS = (
    "DocumentRegistry",
    "FinancingMarket",
    "Issuance",
    "ParticipantRegistry",
    "ReceivableLedger",
    "Settlement",
)
"""The contracts an auditor must know by address; a deposit's address is proven from the ledger."""


class TrustedDomain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of the EIP-712 domain that is not the chain's or the registry's."""

    name: str
    version: str
    salt: str


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The roots of every verdict.

    Attributes:
        chain_id: EIP-155 id of the network.
        block_number: The checkpoint; evidence must end with exactly this block.
        block_hash: Its hash.
        contracts: Address by contract name, each of `CONTRACTS`.
        domain: What signatures on this network are bound to, beside chain and registry.
        format: `FORMAT`.
    """

    chain_id: int
    block_number: int
    block_hash: str
    contracts: dict[str, str]
    domain: TrustedDomain
    format: str = FORMAT

    def signing_domain(self) -> Domain:
        """The one EIP-712 domain of the network."""
        return Domain(
            name=self.domain.name,
            version=self.domain.version,
            chain_id=self.chain_id,
            verifying_contract=self.contracts["ParticipantRegistry"],
            salt=from_hex(self.domain.salt, WORD_BYTES),
        )

    def to_json(self) -> dict[str, Any]:
        """As the trust file holds it."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document


def load_trust(path: Path) -> Trust:
    """Read a trust file.

    Raises:
        TrustMalformed: It is not one.
        OSError: It cannot be read.
    """
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise TrustMalformed(f"no JSON: {error}") from None
    return trust_from_json(document)


def trust_from_json(document: Mapping[str, Any]) -> Trust:
    """Read the content of a trust file.

    Raises:
        TrustMalformed: A member is missing, unknown, or not in its form.
    """
    try:
        trust = msgspec.convert(document, Trust, strict=True)
        from_hex(trust.block_hash, WORD_BYTES)
        from_hex(trust.domain.salt, WORD_BYTES)
        for address in trust.contracts.values():
            from_hex(address, ADDRESS_BYTES)
    except (msgspec.ValidationError, HexMalformed) as error:
        raise TrustMalformed(str(error)) from None
    if trust.format != FORMAT:
        raise TrustMalformed(f"the format is {trust.format!r}, not {FORMAT!r}")
    if set(trust.contracts) != set(CONTRACTS):
        raise TrustMalformed(f"the contracts are not {', '.join(CONTRACTS)}")
    if len(set(trust.contracts.values())) != len(CONTRACTS):
        raise TrustMalformed("two contracts have one address")
    return trust
