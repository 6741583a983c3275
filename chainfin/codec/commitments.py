"""Commitment to a trade document, and the opening of one field of it.

The chain holds one word per document. It hides the document (a random salt), fixes its file and
every field, and lets its keeper disclose one field without the others. Bytes and reasons are
specified in docs/documents.md.

    commitment  = keccak256(abi.encode(DOMAIN, VERSION, openSalt, fileWord, fieldsRoot))
    openSalt    = HMAC-SHA256(salt, "chainfin/open-salt/2")
    fileWord    = keccak256(abi.encode(HMAC-SHA256(salt, "chainfin/file-salt/2"), sha256(file)))
    fieldsRoot  = Merkle root of the leaves of all fields, sorted by name
    leaf        = keccak256(keccak256(abi.encode(keccak256(name), fieldSalt, keccak256(value))))
    fieldSalt   = HMAC-SHA256(salt, FIELD_SALT_LABEL ‖ name)

Whoever is shown one field gets openSalt, fileWord, fieldsRoot and the field's own salt: enough to
arrive at the word on the chain, and nothing to test guesses about file or other fields with.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chainfin.codec import merkle
from chainfin.codec.errors import FieldMissing
from chainfin.codec.hashing import from_hex, keccak, to_hex

COMMITMENT_DOMAIN = keccak(b"chainfin.document.commitment")
COMMITMENT_VERSION = 2
FILE_DOMAIN = keccak(b"chainfin.ledger.commitment")
FIELD_SALT_LABEL = b"chainfin/field-salt/1:"
OPEN_SALT_LABEL = b"chainfin/open-salt/2"
FILE_SALT_LABEL = b"chainfin/file-salt/2"


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


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One field of a committed document, and the way from it to the word on the chain.

    Attributes:
        open_salt: The commitment's own salt.
        file_word: The file, hidden.
        fields_root: The root the field lies under.
        opening: The field.
    """

    open_salt: bytes
    file_word: bytes
    fields_root: bytes
    opening: FieldOpening


def document_commitment(*, salt: bytes, file_hash: bytes, fields_root: bytes) -> bytes:
    """The word that goes on chain.

    Args:
        salt: 32 random bytes, one per document, kept with it; never shown to whom one field is.
        file_hash: SHA-256 of the file; of the canonical row for a ledger row.
        fields_root: What `fields_root` gives.

    Returns:
        32 bytes.
    """
    return _commitment(_open_salt(salt), _file_word(salt, file_hash), fields_root)


def disclose_field(
    fields: Mapping[str, str], salt: bytes, file_hash: bytes, name: str
) -> Disclosure:
    """One field, and what leads from it to the commitment; nothing about the others.

    Raises:
        KeyError: the document has no such field.
    """
    return Disclosure(
        _open_salt(salt),
        _file_word(salt, file_hash),
        fields_root(fields, salt),
        open_field(fields, salt, name),
    )


def verify_disclosure(disclosure: Disclosure, commitment: bytes) -> bool:
    """Whether a disclosed field is one of the document behind a commitment."""
    words = (disclosure.open_salt, disclosure.file_word, disclosure.fields_root)
    if any(len(word) != merkle.WORD_BYTES for word in words):
        return False
    return _commitment(*words) == commitment and verify_field(
        disclosure.opening, disclosure.fields_root
    )


def disclosure_to_json(disclosure: Disclosure) -> dict[str, Any]:
    """A disclosure as JSON, hashes in hexadecimal."""
    opening = disclosure.opening
    return {
        "open_salt": to_hex(disclosure.open_salt),
        "file_word": to_hex(disclosure.file_word),
        "fields_root": to_hex(disclosure.fields_root),
        "name": opening.name,
        "value": opening.value,
        "salt": to_hex(opening.salt),
        "index": opening.index,
        "siblings": [to_hex(sibling) for sibling in opening.siblings],
    }


def disclosure_from_json(document: Mapping[str, Any]) -> Disclosure:
    """A disclosure from JSON.

    Raises:
        CodecError: a member is missing or of another form.
    """
    try:
        opening = FieldOpening(
            str(document["name"]),
            str(document["value"]),
            from_hex(document["salt"], merkle.WORD_BYTES),
            int(document["index"]),
            tuple(from_hex(sibling, merkle.WORD_BYTES) for sibling in document["siblings"]),
        )
        return Disclosure(
            from_hex(document["open_salt"], merkle.WORD_BYTES),
            from_hex(document["file_word"], merkle.WORD_BYTES),
            from_hex(document["fields_root"], merkle.WORD_BYTES),
            opening,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise FieldMissing(f"a disclosure has a member {error}") from None


def _open_salt(salt: bytes) -> bytes:
    return hmac.digest(_word(salt), OPEN_SALT_LABEL, "sha256")


def _file_word(salt: bytes, file_hash: bytes) -> bytes:
    return _keccak_words(hmac.digest(_word(salt), FILE_SALT_LABEL, "sha256"), file_hash)


def _commitment(open_salt: bytes, file_word: bytes, fields_root: bytes) -> bytes:
    version = COMMITMENT_VERSION.to_bytes(merkle.WORD_BYTES, "big")
    return _keccak_words(COMMITMENT_DOMAIN, version, open_salt, file_word, fields_root)


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


def _word(value: bytes) -> bytes:
    if len(value) != merkle.WORD_BYTES:
        raise ValueError("every word has 32 bytes")
    return value


def _keccak_words(*words: bytes) -> bytes:
    """keccak256(abi.encode(...)) of static 32-byte words."""
    return keccak(b"".join(map(_word, words)))
