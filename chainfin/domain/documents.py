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
_KIND_REGISTRY = b"\x03"
_KIND_DIGITS = b"\x04"
_KIND_TERMS = b"\x05"
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
# A preimage is what is put under a key. Who holds the key (a file, a hardware module) computes
# HMAC-SHA256 of it; `tag` does so for whoever has its bytes.


def numbered_preimage(
    seller_id: int, document_type: str, number: str, fiscal_year: int | None
) -> bytes:
    """What the fingerprint of a document with a number is made from.

    Args:
        seller_id: The seller's id in the participant registry, 1 to 2^32 - 1.
        document_type: A `DocumentType`.
        number: As printed; its canonical form counts.
        fiscal_year: Year of issue where the seller's numbers restart every year, else None.

    Raises:
        DocumentTypeUnknown: no such type.
        DocumentNumberEmpty: nothing to compare.
    """
    return _preimage(
        _KIND_NUMBERED,
        _seller(seller_id),
        _type(document_type),
        canonical_number(number).encode(),
        _year(fiscal_year),
    )


def row_preimage(seller_id: int, canonical_row: bytes, ordinal: int) -> bytes:
    """What the fingerprint of a ledger row without a number is made from.

    The same payment in another file, or exported with other columns, has another fingerprint:
    such duplicates are not caught.

    Args:
        seller_id: The seller's id in the participant registry, 1 to 2^32 - 1.
        canonical_row: What `canonical_row` gives.
        ordinal: How many identical rows stand before it in its file.
    """
    digest = sha256(canonical_row).digest()
    return _preimage(_KIND_ROW, _seller(seller_id), digest, ordinal.to_bytes(8, "big"))


def tag(epoch_key: bytes, preimage: bytes) -> bytes:
    """HMAC-SHA256 of a preimage under the 32-byte key that registries share in an epoch."""
    if len(epoch_key) != _EPOCH_KEY_BYTES:
        raise ValueError(f"an epoch key has {_EPOCH_KEY_BYTES} bytes")
    return hmac.digest(epoch_key, preimage, "sha256")


# --- match keys ------------------------------------------------------------------------------
# Tags beside the fingerprint. One lets platforms with registries of their own compare documents;
# the others find what a fingerprint cannot: the same claim under an altered number.


class MatchKind(StrEnum):
    """What two documents with the same match key have in common."""

    REGISTRY = "registry"
    """Seller by its legal identifier, type and number: the same document on any platform."""
    SAME_DIGITS = "same_digits"
    """Seller, type and the digits of the number: a letter was added or changed."""
    SAME_TERMS = "same_terms"
    """Seller, type, day, currency and amount: the number was altered."""


_FEWEST_DIGITS = 4
"""Numbers with fewer digits share them with too many others to warn."""


def registry_preimage(
    seller_identifier: str, document_type: str, number: str, fiscal_year: int | None
) -> bytes:
    """What platforms compare that number their members differently.

    Args:
        seller_identifier: The seller's legal identifier (LEI, USCC, register number).
        document_type: A `DocumentType`.
        number: As printed; its canonical form counts.
        fiscal_year: As for the fingerprint.

    Raises:
        DocumentTypeUnknown: no such type.
        DocumentNumberEmpty: nothing to compare in number or identifier.
    """
    return _preimage(
        _KIND_REGISTRY,
        canonical_number(seller_identifier).encode(),
        _type(document_type),
        canonical_number(number).encode(),
        _year(fiscal_year),
    )


def digits_preimage(seller_id: int, document_type: str, number: str) -> bytes | None:
    """What a number with another letter has in common with it; None for few digits."""
    digits = "".join(c for c in canonical_number(number) if c.isdecimal()).lstrip("0")
    if len(digits) < _FEWEST_DIGITS:
        return None
    return _preimage(_KIND_DIGITS, _seller(seller_id), _type(document_type), digits.encode())


def terms_preimage(
    seller_id: int, document_type: str, issue_date: str, currency: str, amount_minor: int
) -> bytes:
    """What an invoice under another number has in common with it."""
    return _preimage(
        _KIND_TERMS,
        _seller(seller_id),
        _type(document_type),
        issue_date.encode(),
        currency.encode(),
        amount_minor.to_bytes(8, "big"),
    )


# --- preimages -------------------------------------------------------------------------------


def _preimage(kind: bytes, *parts: bytes) -> bytes:
    prefix = FINGERPRINT_DOMAIN + bytes([FINGERPRINT_VERSION]) + kind
    # Lengths make the border between two parts visible: ("AB", "C") is not ("A", "BC").
    return prefix + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _seller(seller_id: int) -> bytes:
    if seller_id == 0:
        raise ValueError("organisation 0 does not exist")
    return seller_id.to_bytes(4, "big")


def _type(document_type: str) -> bytes:
    if document_type not in list(DocumentType):
        raise DocumentTypeUnknown(document_type, ", ".join(DocumentType))
    return document_type.encode()


def _year(fiscal_year: int | None) -> bytes:
    return b"" if fiscal_year is None else str(fiscal_year).encode()
