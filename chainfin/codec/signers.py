"""The one question keys are asked, wherever they lie: sign this order, this transaction, this text.

There is no way to have a bare hash signed: who holds a key sees, and can refuse, what it signs.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from chainfin.codec.orders import order_hash
from chainfin.codec.signatures import SigningKey, text_digest
from chainfin.codec.transactions import Fields, sign_transaction
from chainfin.codec.typed_data import Domain, digest

UNHURRIED = 1_000
"""Signatures a key in memory makes in less than half a second."""


class Signer(Protocol):
    """Signs for one address: a key in this process, in a token, or behind a remote signer."""

    @property
    def address(self) -> str:
        """Lower-case address of the key."""

    @property
    def at_once(self) -> int:
        """How many signatures a unit of work may ask for now; 0 while the key is away."""

    def sign_typed_data(
        self, domain: Domain, primary_type: str, message: Mapping[str, Any]
    ) -> bytes:
        """65 bytes r, s, v over a message of a pinned type (EIP-712)."""

    def sign_text(self, text: bytes) -> bytes:
        """65 bytes r, s, v over a text as wallets sign it (EIP-191)."""

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes."""


class LocalSigner:
    """A key held in this process."""

    def __init__(self, key: bytes | SigningKey) -> None:
        """Take the key, 32 bytes or one made ready; it is never shown again."""
        self._key = key if isinstance(key, SigningKey) else SigningKey(key)

    @property
    def address(self) -> str:
        """Lower-case address of the key."""
        return self._key.address

    @property
    def at_once(self) -> int:
        """Any number: it is never away."""
        return UNHURRIED

    def sign_typed_data(
        self, domain: Domain, primary_type: str, message: Mapping[str, Any]
    ) -> bytes:
        """65 bytes r, s, v over a message of a pinned type (EIP-712)."""
        return self._key.sign(digest(domain, order_hash(primary_type, message)))

    def sign_text(self, text: bytes) -> bytes:
        """65 bytes r, s, v over a text as wallets sign it (EIP-191)."""
        return self._key.sign(text_digest(text))

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes."""
        return sign_transaction(self._key, fields)
