"""Keys the service itself signs with: relaying, administration, keeping fingerprints.

Never a participant's key: those stay on the participants' own machines.
"""

from pathlib import Path
from typing import Protocol

from eth_account import Account

from chainfin.codec.signatures import SigningKey, address_of, sign_digest
from chainfin.codec.transactions import Fields, sign_transaction

_KNOWN_MNEMONIC = "test test test test test test test test test test test junk"
_KNOWN_KEYS = 20


class Signer(Protocol):
    """Signs for one address; a key file today, a remote key service tomorrow."""

    @property
    def address(self) -> str:
        """Lower-case address of the key."""

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes."""

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r, s, v over a 32-byte digest of typed data."""


class LocalSigner:
    """A key held in this process."""

    def __init__(self, private_key: bytes) -> None:
        """Take the key; it is never shown again."""
        self._key = SigningKey(private_key)
        self._address = address_of(private_key)

    @property
    def address(self) -> str:
        """Lower-case address of the key."""
        return self._address

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes."""
        return sign_transaction(self._key, fields)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes r, s, v over a 32-byte digest of typed data."""
        return sign_digest(self._key, digest)


def load_key_file(path: Path, password: str) -> LocalSigner:
    """Open a Web3 keystore (version 3, scrypt).

    Raises:
        ValueError: The password is wrong or the file is no keystore.
        OSError: The file cannot be read.
    """
    return LocalSigner(bytes(Account.decrypt(path.read_text(), password)))


def known_development_addresses() -> frozenset[str]:
    """Addresses of the published mnemonic every development node starts with."""
    Account.enable_unaudited_hdwallet_features()
    paths = (f"m/44'/60'/0'/0/{index}" for index in range(_KNOWN_KEYS))
    return frozenset(
        Account.from_mnemonic(_KNOWN_MNEMONIC, account_path=path).address.lower() for path in paths
    )
