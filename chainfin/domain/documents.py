"""Trade documents: what makes two of them the same one.

A receivable stands on a trade document, and a document may stand under financing only once. So
that registries can compare documents without seeing them, a document is known by a *fingerprint*:
an HMAC over who sold, what kind of document it is and which number it bears. Amounts and dates are
left out on purpose: changing them must not make the same invoice look like another.

docs/documents.md is the specification of every byte made here; tests/vectors/fingerprint.json
says what must and must not collide. What needs keccak is in `chainfin.codec.commitments`.
"""

import hmac
import json
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256

from chainfin.domain.errors import DocumentNumberEmpty, DocumentTypeUnknown

FINGERPRINT_DOMAIN = b"chainfin/document-fingerprint"
FINGERPRINT_VERSION = 1
_KIND_NUMBERED = b"\x01"
_KIND_ROW = b"\x02"
_EPOCH_KEY_BYTES = 32

ROW_TYPE_KEY = "@type"
"""The one member of a row document that is not a column of the ledger."""
ROW_TYPE = "ledger_row/1"

_LARGEST_EXACT_INTEGER = 2**53 - 1
"""Beyond it JSON readers disagree (RFC 7493, section 2.2)."""


class DocumentType(StrEnum):
    """Trade documents whose use is tracked."""

    ORDER = "order"
    WAREHOUSE_RECEIPT = "warehouse_receipt"
    WAYBILL = "waybill"
    INVOICE = "invoice"


# --- canonical form --------------------------------------------------------------------------


def canonical_json(members: Mapping[str, str | int]) -> bytes:
    """Bytes of a flat JSON object by RFC 8785: one object, one byte string.

    Members are sorted by the UTF-16 code units of their names, nothing is escaped that need not
    be, there is no white space, and text is kept as it is, without Unicode normalisation.

    Raises:
        TypeError: a value is neither text nor an integer.
        ValueError: an integer beyond 2^53 - 1, or text that is not Unicode (a lone surrogate).
    """
    for value in members.values():
        _require_canonical(value)
    ordered = dict(sorted(members.items(), key=lambda member: member[0].encode("utf-16-be")))
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def _require_canonical(value: str | int) -> None:
    if type(value) is str:
        return
    if type(value) is not int:  # a bool is an int to Python and is not one here
        raise TypeError(f"a canonical value is text or an integer, not {type(value).__name__}")
    if abs(value) > _LARGEST_EXACT_INTEGER:
        raise ValueError("an integer beyond 2^53 - 1 has no canonical form; write it as text")


def canonical_row(columns: Mapping[str, str]) -> bytes:
    """The document a ledger row is: every column under the file's own name, exact text.

    Cells are not trimmed and empty ones are kept: two rows are identical only if the files say so.

    Args:
        columns: Text by column name; no column may be called `ROW_TYPE_KEY`.
    """
    if ROW_TYPE_KEY in columns:
        raise ValueError(f"a column may not be called {ROW_TYPE_KEY}")
    return canonical_json({ROW_TYPE_KEY: ROW_TYPE, **columns})


def canonical_number(text: str) -> str:
    """A document number as registries compare it: "inv-12 / a", "INV12A" and "00inv12a" are one.

    Compatibility forms are folded (NFKC), letters are upper case, only letters and digits stay,
    digits of any script become 0 to 9, and leading zeros go. What remains of a number of zeros
    only is "0". Applying it twice changes nothing.

    Raises:
        DocumentNumberEmpty: no letter and no digit.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    kept = "".join(_plain_character(character) for character in folded)
    if not kept:
        raise DocumentNumberEmpty(text)
    return kept.lstrip("0") or "0"


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category.startswith("L") else ""


# --- fingerprints ----------------------------------------------------------------------------


def fingerprint(
    epoch_key: bytes, seller_id: int, document_type: str, number: str, fiscal_year: int | None
) -> bytes:
    """Keyed fingerprint of a document that has a number.

    Args:
        epoch_key: The 32-byte key that registries share in this epoch.
        seller_id: The seller's id in the participant registry, 1 to 2^32 - 1.
        document_type: A `DocumentType`.
        number: As printed; its canonical form counts.
        fiscal_year: Year of issue where the seller's numbers restart every year, else None.

    Returns:
        32 bytes.

    Raises:
        DocumentTypeUnknown: no such type.
        DocumentNumberEmpty: nothing to compare.
    """
    if document_type not in list(DocumentType):
        raise DocumentTypeUnknown(document_type, ", ".join(DocumentType))
    return _tag(
        epoch_key,
        _KIND_NUMBERED,
        _seller(seller_id),
        document_type.encode(),
        canonical_number(number).encode(),
        b"" if fiscal_year is None else str(fiscal_year).encode(),
    )


def row_fingerprint(epoch_key: bytes, seller_id: int, canonical_row: bytes, ordinal: int) -> bytes:
    """Keyed fingerprint of a ledger row without a number.

    The same payment in another file, or exported with other columns, has another fingerprint:
    such duplicates are not caught.

    Args:
        epoch_key: The 32-byte key that registries share in this epoch.
        seller_id: The seller's id in the participant registry, 1 to 2^32 - 1.
        canonical_row: What `canonical_row` gives.
        ordinal: How many identical rows stand before it in its file.

    Returns:
        32 bytes, never those of a numbered document: the preimages differ in kind.
    """
    return _tag(
        epoch_key,
        _KIND_ROW,
        _seller(seller_id),
        sha256(canonical_row).digest(),
        ordinal.to_bytes(8, "big"),
    )


def _seller(seller_id: int) -> bytes:
    if seller_id == 0:
        raise ValueError("organisation 0 does not exist")
    return seller_id.to_bytes(4, "big")


def _tag(epoch_key: bytes, kind: bytes, *parts: bytes) -> bytes:
    if len(epoch_key) != _EPOCH_KEY_BYTES:
        raise ValueError(f"an epoch key has {_EPOCH_KEY_BYTES} bytes")
    prefix = FINGERPRINT_DOMAIN + bytes([FINGERPRINT_VERSION]) + kind
    # Lengths make the border between two parts visible: ("AB", "C") is not ("A", "BC").
    preimage = prefix + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(epoch_key, preimage, "sha256")
