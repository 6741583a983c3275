"""The file an auditor receives: canonical JSON, every member of which is proven or recomputed.

docs/evidence.md describes it member by member.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import msgspec

from chainfin.codec.canonical_json import canonical_bytes, parse_canonical
from chainfin.codec.errors import HexMalformed
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, from_hex, to_hex
from chainfin.domain.receivable import LotId
from chainfin.evidence.errors import FormUnknown, MemberMalformed

FORMAT = "chainfin.evidence/1"
MOST_HEADERS = 20_000
"""Blocks from the first fact to the checkpoint: about 25 MB of file."""
LARGEST_FILE = 64 << 20
"""Bytes a verifier looks at."""


class TransactionPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a transaction is, and the trie nodes that prove it and its receipt.

    Attributes:
        block: The block's number.
        index: The transaction's place in it, from 0.
        transaction: Places in `Package.nodes`, from the transactions root to the transaction.
        receipt: Likewise, from the receipts root to its receipt.
    """

    block: int
    index: int
    transaction: tuple[int, ...]
    receipt: tuple[int, ...]


class KeyPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signing key and the proof of its entry in the registry."""

    key: str
    word: tuple[int, ...]


class StatePlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Proofs of contracts' storage at the checkpoint, each a list of places in `Package.nodes`.

    Attributes:
        ledger: From the state root to the ledger's account.
        standing: From its storage root to how the receivable stands.
        programme: Likewise, to the rules of its programme.
        lot: Likewise, to the lot.
        registry: From the state root to the participant registry's account.
        keys: From its storage root to each signing key, by address.
    """

    ledger: tuple[int, ...]
    standing: tuple[int, ...]
    programme: tuple[int, ...]
    lot: tuple[int, ...]
    registry: tuple[int, ...]
    keys: tuple[KeyPlace, ...]


class _Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: str
    file: str
    facts: dict[str, str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    lot_id: str
    headers: tuple[str, ...]
    nodes: tuple[str, ...]
    transactions: tuple[TransactionPlace, ...]
    state: StatePlaces
    document: _Opening | None
    statement: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a document's commitment.

    Attributes:
        salt: 32 bytes.
        file: The document itself.
        facts: Its fields, text by name.
    """

    salt: bytes
    file: bytes
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Package:
    """An evidence file, read.

    Attributes:
        lot_id: What it is about.
        headers: RLP of every header from the first fact's block to the checkpoint.
        nodes: Every trie node the proofs need, once, in the order of first use.
        transactions: Every transaction with a fact of the receivable, in chain order.
        state: What the contracts' storage held at the checkpoint.
        document: The trade document, where the file discloses it.
        statement: What all this is said to prove.
    """

    lot_id: LotId
    headers: tuple[bytes, ...]
    nodes: tuple[bytes, ...]
    transactions: tuple[TransactionPlace, ...]
    state: StatePlaces
    document: Opening | None
    statement: dict[str, Any]


def read_package(data: bytes) -> Package:
    """Read an evidence file.

    Raises:
        JsonTooLarge: It is larger than a verifier looks at.
        JsonNotCanonical: It is not the one form of its content.
        FormUnknown: It is of another format or version.
        MemberMalformed: A member is missing, unknown, or not in its form.
    """
    document = parse_canonical(data, LARGEST_FILE)
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise FormUnknown(f"the format is {found!r}, not {FORMAT!r}")
    try:
        file = msgspec.convert(document, _File, strict=True)
        package = Package(
            lot_id=LotId.parse(file.lot_id),
            headers=tuple(map(from_hex, file.headers)),
            nodes=tuple(map(from_hex, file.nodes)),
            transactions=file.transactions,
            state=file.state,
            document=_read_opening(file.document),
            statement=file.statement,
        )
        for entry in file.state.keys:
            from_hex(entry.key, ADDRESS_BYTES)
    except (msgspec.ValidationError, HexMalformed, binascii.Error, ValueError) as error:
        raise MemberMalformed(str(error)) from None
    if not 1 <= len(package.headers) <= MOST_HEADERS:
        raise MemberMalformed(f"there are {len(package.headers)} headers, not 1 to {MOST_HEADERS}")
    return package


def write_package(package: Package) -> bytes:
    """The one form of an evidence file."""
    opening = package.document
    file = _File(
        format=FORMAT,
        lot_id=str(package.lot_id),
        headers=tuple(map(to_hex, package.headers)),
        nodes=tuple(map(to_hex, package.nodes)),
        transactions=package.transactions,
        state=package.state,
        document=None if opening is None else _write_opening(opening),
        statement=package.statement,
    )
    return canonical_bytes(msgspec.to_builtins(file))


def _read_opening(entry: _Opening | None) -> Opening | None:
    if entry is None:
        return None
    file = base64.b64decode(entry.file, validate=True)
    opening = Opening(from_hex(entry.salt, WORD_BYTES), file, entry.facts)
    # Base64 has several spellings of some bytes; the file has one.
    if _write_opening(opening) != entry:
        raise MemberMalformed("the document is not in its one base64 form")
    return opening


def _write_opening(opening: Opening) -> _Opening:
    return _Opening(
        to_hex(opening.salt), base64.b64encode(opening.file).decode(), dict(opening.facts)
    )
