"""Commitment to a trade document, and the opening of one field of it.

The chain holds one word per document. It hides the document (a random salt), fixes its file and
every field, and lets its keeper disclose one field without the others. Bytes and reasons are
specified in docs/documents.md.

    commitment  = keccak256(abi.encode(DOMAIN, VERSION, salt, sha256(file), fieldsRoot))
    fieldsRoot  = Merkle root of the leaves of all fields, sorted by name
    leaf        = keccak256(keccak256(abi.encode(keccak256(name), fieldSalt, keccak256(value))))
    fieldSalt   = HMAC-SHA256(salt, FIELD_SALT_LABEL ‖ name)
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from chainfin.codec import merkle
from chainfin.codec.hashing import keccak

COMMITMENT_DOMAIN = keccak(b"chainfin.document.commitment")
COMMITMENT_VERSION = 1
FILE_DOMAIN = keccak(b"chainfin.ledger.commitment")
FIELD_SALT_LABEL = b"chainfin/field-salt/1:"


@dataclass(frozen=True, slots=True)
class FieldOpening:
    """One disclosed field with what is needed to check it against a fields root.

    Attributes:
        name: Field name.
        value: Its text.
        salt: The field's own 32-byte salt; it says nothing about other fields.
        index: Place among the fields sorted by name.
        siblings: Proof, lowest first.
    """

    name: str
    value: str
    salt: bytes
    index: int
    siblings: tuple[bytes, ...]


def document_commitment(*, salt: bytes, file_hash: bytes, fields_root: bytes) -> bytes:
    """The word that goes on chain.

    Args:
        salt: 32 random bytes, one per document, kept with it.
        file_hash: SHA-256 of the file; of the canonical row for a ledger row.
        fields_root: What `fields_root` gives.

    Returns:
        32 bytes.
    """
    version = COMMITMENT_VERSION.to_bytes(merkle.WORD_BYTES, "big")
    return _keccak_words(COMMITMENT_DOMAIN, version, salt, file_hash, fields_root)


def file_commitment(salt: bytes, file_hash: bytes) -> bytes:
    """What a batch order says of its ledger: nobody without the salt can test a guess.

    Args:
        salt: 32 random bytes, kept with the order.
        file_hash: SHA-256 of the ledger file.

    Returns:
        keccak256(FILE_DOMAIN ‖ salt ‖ file_hash), 32 bytes.
    """
    return _keccak_words(FILE_DOMAIN, salt, file_hash)


def fields_root(fields: Mapping[str, str], salt: bytes) -> bytes:
    """Merkle root over salted fields; the zero word for a document without fields.

    Args:
        fields: Text by field name.
        salt: The document's 32-byte salt.
    """
    leaves = _leaves(fields, salt)
    return merkle.root(leaves) if leaves else merkle.ZERO_WORD


def open_field(fields: Mapping[str, str], salt: bytes, name: str) -> FieldOpening:
    """Disclose one field.

    Args:
        fields: All fields of the document.
        salt: The document's salt; it is not disclosed.
        name: The field to open.

    Raises:
        KeyError: the document has no such field.
    """
    value = fields[name]
    index = _sorted_names(fields).index(name)
    siblings = merkle.subtree_proof(_leaves(fields, salt), 0, index)
    return FieldOpening(name, value, field_salt(salt, name), index, tuple(siblings))


def verify_field(opening: FieldOpening, fields_root: bytes) -> bool:
    """Whether a disclosed field is one of those under this root."""
    words = (opening.salt, *opening.siblings)
    if any(len(word) != merkle.WORD_BYTES for word in words):
        return False
    # The number of fields stays private: any tree of this height has the same path.
    places = 1 << len(opening.siblings)
    leaf = _leaf(opening.name, opening.salt, opening.value)
    return merkle.verify_subtree([leaf], 0, opening.index, opening.siblings, fields_root, places)


def field_salt(salt: bytes, name: str) -> bytes:
    """A field's own salt, derived so that one stored salt opens everything."""
    return hmac.digest(salt, FIELD_SALT_LABEL + name.encode(), "sha256")


def _sorted_names(fields: Mapping[str, str]) -> list[str]:
    return sorted(fields, key=str.encode)


def _leaves(fields: Mapping[str, str], salt: bytes) -> list[bytes]:
    return [_leaf(name, field_salt(salt, name), fields[name]) for name in _sorted_names(fields)]


def _leaf(name: str, salt: bytes, value: str) -> bytes:
    # Hashed twice: a node hashes 64 bytes, a leaf 32, so neither can pass for the other.
    return keccak(_keccak_words(keccak(name.encode()), salt, keccak(value.encode())))


def _keccak_words(*words: bytes) -> bytes:
    """keccak256(abi.encode(...)) of static 32-byte words."""
    if any(len(word) != merkle.WORD_BYTES for word in words):
        raise ValueError("every word has 32 bytes")
    return keccak(b"".join(words))
