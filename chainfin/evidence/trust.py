"""What an auditor must believe before any evidence says anything: where a chain begins to be true.

A trust is a root and a few addresses. The root is one block's hash, or, on a network whose blocks
are sealed, the validators at one block: every later block then proves itself. The trust file comes
from a source of the auditor's own choice, such as a node it runs, and never from whoever hands
over the evidence. `chainfin evidence checkpoint` writes it, after comparing the contracts' code;
others may sign it, and an authority may stamp it with the time (`chainfin.evidence.checkpoints`).
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from chainfin.codec import qbft
from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, from_hex, keccak
from chainfin.codec.typed_data import Domain
from chainfin.evidence.errors import TrustMalformed
from chainfin.evidence.forms import Address, Base64, Hash, Hex, Natural

CONTRACTS = (
    "DocumentRegistry",
    "Encumbrances",
    "FinancingMarket",
    "Funding",
    "Issuance",
    "ParticipantRegistry",
    "ReceivableLedger",
    "Settlement",
)
"""The contracts an auditor must know by address; a deposit's address is proven from the ledger."""

MOST_VALIDATORS = 1_000


class BlockRoot(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="block"
):
    """One block, by its hash; evidence must end with exactly this block.

    Attributes:
        block_number: The checkpoint.
        block_hash: Its hash.
        header_hash: By which rule this network hashes headers.
    """

    block_number: Natural
    block_hash: Hash
    header_hash: Literal["ethereum", "qbft"]


class ValidatorsRoot(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="validators"
):
    """The validators of a QBFT network at an epoch block, such as its genesis.

    Attributes:
        block_number: A multiple of the epoch length: no vote is outstanding there.
        validators: Addresses in order; a quorum of them seals each block after it, until votes
            change them.
        epoch_length: Blocks after which the network forgets outstanding votes.
    """

    block_number: Natural
    validators: tuple[Address, ...]
    epoch_length: Natural


Root = BlockRoot | ValidatorsRoot

HEADER_HASHES: Mapping[str, Callable[[bytes], bytes]] = {
    "ethereum": keccak,
    "qbft": qbft.block_hash,
}
"""From the bytes of a header to its block's hash, by the rule's name."""


class TrustedDomain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of the EIP-712 domain that is not the chain's or the registry's."""

    name: str
    version: str
    salt: Hash


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The roots of every verdict.

    Attributes:
        chain_id: EIP-155 id of the network.
        contracts: Address by contract name, each of `CONTRACTS`.
        domain: What signatures on this network are bound to, beside chain and registry.
        root: Which blocks are the chain's.
    """

    chain_id: Natural
    contracts: dict[str, Address]
    domain: TrustedDomain
    root: Root

    def signing_domain(self) -> Domain:
        """The one EIP-712 domain of the network."""
        return Domain(
            name=self.domain.name,
            version=self.domain.version,
            chain_id=self.chain_id,
            verifying_contract=self.contracts["ParticipantRegistry"],
            salt=from_hex(self.domain.salt, WORD_BYTES),
        )

    @property
    def header_hash(self) -> Callable[[bytes], bytes]:
        """From the bytes of a header to its block's hash."""
        rule = self.root.header_hash if isinstance(self.root, BlockRoot) else "qbft"
        return HEADER_HASHES[rule]

    def to_json(self) -> dict[str, Any]:
        """As files hold it."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    def to_bytes(self) -> bytes:
        """What is signed and stamped: canonical JSON."""
        return canonical_bytes(self.to_json())


class CheckpointSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else's word for a trust.

    Attributes:
        key: Address of the signing key.
        signature: 65 bytes over the trust (EIP-191).
    """

    key: Address
    signature: Hex


class TrustFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A trust and who vouches for it.

    Attributes:
        trust: The trust.
        signatures: By keys that whoever reads it knows.
        stamp: An authority's time stamp over the trust, base64 (RFC 3161), or none.
        format: Of this file.
    """

    trust: Trust
    signatures: tuple[CheckpointSignature, ...] = ()
    stamp: Base64 | None = None
    format: Literal["chainfin.trust/2"] = "chainfin.trust/2"

    def to_bytes(self) -> bytes:
        """The file, readable."""
        document = msgspec.to_builtins(self)
        return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def load_trust(path: Path) -> TrustFile:
    """Read a trust file.

    Raises:
        TrustMalformed: It is not one.
        OSError: It cannot be read.
    """
    return read_trust_file(path.read_bytes())


def read_trust_file(data: bytes) -> TrustFile:
    """Read the bytes of a trust file.

    Raises:
        TrustMalformed: A member is missing, unknown, or not in its form.
    """
    try:
        file = msgspec.json.decode(data, type=TrustFile, strict=True)
    except msgspec.DecodeError as error:
        raise TrustMalformed(str(error)) from None
    check_trust(file.trust)
    return file


def check_trust(trust: Trust) -> None:
    """Refuse a trust that nothing could satisfy, or that two spellings of it could.

    Raises:
        TrustMalformed: A member is not in its form.
    """
    try:
        from_hex(trust.domain.salt, WORD_BYTES)
        for address in trust.contracts.values():
            from_hex(address, ADDRESS_BYTES)
        _check_root(trust.root)
        trust.to_bytes()
    except CodecError as error:
        raise TrustMalformed(str(error)) from None
    if set(trust.contracts) != set(CONTRACTS):
        raise TrustMalformed(f"the contracts are not {', '.join(CONTRACTS)}")
    if len(set(trust.contracts.values())) != len(CONTRACTS):
        raise TrustMalformed("two contracts have one address")


def _check_root(root: Root) -> None:
    if root.block_number < 0:
        raise TrustMalformed(f"there is no block {root.block_number}")
    if isinstance(root, BlockRoot):
        from_hex(root.block_hash, WORD_BYTES)
        return
    for validator in root.validators:
        from_hex(validator, ADDRESS_BYTES)
    if not 1 <= len(root.validators) <= MOST_VALIDATORS:
        raise TrustMalformed(f"there are {len(root.validators)} validators")
    if sorted(set(root.validators)) != list(root.validators):
        raise TrustMalformed("the validators are not in order, each once")
    if root.epoch_length < 1 or root.block_number % root.epoch_length:
        raise TrustMalformed(
            f"block {root.block_number} is no multiple of the epoch's {root.epoch_length} blocks: "
            "votes may be outstanding there"
        )
