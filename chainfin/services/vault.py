"""Documents at rest: sealed under a key each, wrapped for whoever may read, erased by its loss.

The data key is wrapped for the document's owner, for its seller, and for the operator (0), who
reads for auditors and evidence. An organisation with an encryption key of its own gets its copy
for that key; without one, the operator keeps it under a key derived for that organisation.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chainfin.codec import envelopes
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.domain.service_errors import DocumentErased
from chainfin.models.private_documents import TradeDocumentRow

OPERATOR = 0
"""Whose copy of a data key the service itself opens documents with."""
BY_OPERATOR = "operator"
BY_PUBLIC_KEY = "hpke-x25519"

_DOCUMENT_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Content:
    """The inside of a document.

    Attributes:
        number: As printed, or None.
        salt: The secret its commitment is salted with.
        file: The file itself, or the canonical row.
        facts: The fields its commitment covers.
    """

    number: str | None
    salt: bytes
    file: bytes
    facts: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """As it is sealed: JSON, bytes in base64."""
        return json.dumps(self.to_json(), ensure_ascii=False).encode()

    def to_json(self) -> dict[str, Any]:
        """For those entitled to it."""
        return {
            "number": self.number,
            "salt": to_hex(self.salt),
            "file": base64.b64encode(self.file).decode(),
            "facts": dict(self.facts),
        }

    @classmethod
    def of(cls, content: bytes) -> "Content":
        """From the bytes that were sealed."""
        read = json.loads(content)
        file = base64.b64decode(read["file"])
        return cls(read["number"], from_hex(read["salt"], 32), file, read["facts"])


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document as it is stored.

    Attributes:
        document_id: What its pieces are bound to.
        content: Sealed content.
        wrapped_keys: JSON: the data key by organisation.
    """

    document_id: str
    content: bytes
    wrapped_keys: str


class Vault:
    """Seals documents for their readers, and opens them for the service."""

    def __init__(self, operator_key: bytes) -> None:
        """Take the operator's key-encryption key, 32 bytes."""
        self._operator_key = operator_key
        self._member_keys: dict[int, bytes] = {}

    def seal(
        self, content: Content, readers: Iterable[int], public_keys: Mapping[int, str]
    ) -> Sealed:
        """Seal a document under a new key.

        Args:
            content: What to seal.
            readers: Organisations that may read it; the operator's copy is always there.
            public_keys: X25519 keys of those that have one, as hexadecimal.
        """
        document_id = secrets.token_hex(_DOCUMENT_ID_BYTES)
        key = envelopes.new_key()
        wrapped = {
            str(reader): self._wrap(key, document_id, reader, public_keys.get(reader))
            for reader in sorted({OPERATOR, *readers})
        }
        aad = envelopes.associated_data(document_id, OPERATOR)
        sealed = envelopes.seal(key, content.to_bytes(), aad)
        return Sealed(document_id, sealed, json.dumps(wrapped))

    def open(self, row: TradeDocumentRow) -> Content:
        """The inside of a document, by the operator's copy of its key.

        Raises:
            DocumentErased: Its key was destroyed.
            EnvelopeBroken: The row was changed, or belongs to another operator's key.
        """
        if row.wrapped_keys is None:
            raise DocumentErased(row.fingerprint)
        wrapped = from_hex(json.loads(row.wrapped_keys)[str(OPERATOR)]["key"])
        aad = envelopes.associated_data(row.document_id, OPERATOR)
        key = envelopes.unseal(self._member_key(OPERATOR), wrapped, aad)
        return Content.of(envelopes.unseal(key, row.sealed, aad))

    def _wrap(
        self, key: bytes, document_id: str, reader: int, public_key: str | None
    ) -> dict[str, str]:
        aad = envelopes.associated_data(document_id, reader)
        if public_key is None:
            wrapped = envelopes.seal(self._member_key(reader), key, aad)
            return {"by": BY_OPERATOR, "key": to_hex(wrapped)}
        wrapped = envelopes.wrap_for_public_key(from_hex(public_key, 32), key, aad)
        return {"by": BY_PUBLIC_KEY, "key": to_hex(wrapped)}

    def _member_key(self, organisation: int) -> bytes:
        if organisation not in self._member_keys:
            derived = envelopes.member_key(self._operator_key, organisation)
            self._member_keys[organisation] = derived
        return self._member_keys[organisation]
