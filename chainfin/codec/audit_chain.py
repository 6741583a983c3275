"""The chain of the audit log: one hash over each entry and all before it.

An entry's hash is SHA-256 over the canonical JSON of the entry, its number and the hash before it;
the first follows 32 zero bytes. What goes on chain is a label, the number and the hash.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.hashing import from_hex, to_hex

GENESIS = "0x" + "00" * 32
LABEL = b"chainfin.audit-log"
ENTRY_FIELDS = ("at", "organisation", "actor", "action", "subject", "request_id")
_NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed entry as it is exported.

    Attributes:
        sequence: Its number, from 1.
        entry: Its fields; None where it is gone.
        hash: What was sealed, hexadecimal.
    """

    sequence: int
    entry: Mapping[str, Any] | None
    hash: str


def seal_hash(sequence: int, entry: Mapping[str, Any], previous: str) -> str:
    """The hash over an entry and all before it, hexadecimal."""
    content = {name: entry[name] for name in ENTRY_FIELDS}
    content |= {"sequence": sequence, "previous": previous}
    return to_hex(sha256(canonical_bytes(content)).digest())


def findings(links: Iterable[Link], anchors: Mapping[int, str]) -> Iterator[str]:
    """Everything that is wrong with a chain: changed, missing, added, or cut off.

    Args:
        links: From the first on.
        anchors: Hashes by number, from where nobody here could change them.
    """
    previous, expected = GENESIS, 1
    left = dict(anchors)
    for link in links:
        if link.sequence != expected:
            yield f"entry {expected} is missing"
        if link.entry is None:
            yield f"entry {link.sequence} is gone"
        elif seal_hash(link.sequence, link.entry, previous) != link.hash:
            yield f"entry {link.sequence} is not what was sealed"
        if left.pop(link.sequence, link.hash) != link.hash:
            yield f"entry {link.sequence} is not what was put on chain"
        previous, expected = link.hash, link.sequence + 1
    yield from (f"entry {sequence} was put on chain and is missing" for sequence in sorted(left))


def anchor_data(sequence: int, hash_: str) -> bytes:
    """What a transaction carries to put a head on chain."""
    return LABEL + sequence.to_bytes(_NUMBER_BYTES, "big") + from_hex(hash_, 32)


def read_anchor(data: bytes) -> tuple[int, str] | None:
    """Number and hash of a head in a transaction's data; None if it carries none."""
    number, hash_ = data[len(LABEL) : -32], data[-32:]
    if not data.startswith(LABEL) or len(number) != _NUMBER_BYTES:
        return None
    return int.from_bytes(number, "big"), to_hex(hash_)
