"""Keys the service itself signs with: relaying, administration, keeping fingerprints.

Never a participant's key: those stay on the participants' own machines.
"""

import json
from pathlib import Path
from typing import Protocol

from chainfin.codec.signatures import SigningKey, address_of, sign_digest
from chainfin.codec.transactions import Fields, sign_transaction

KNOWN_DEVELOPMENT_ADDRESSES = frozenset(
    {
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
        "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
        "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
        "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
        "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
        "0x976ea74026e726554db657fa54763abd0c3a0aa9",
        "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
        "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
        "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
    }
)
"""Of the mnemonic that development nodes publish (anvil, hardhat): anybody has these keys."""


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
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415 - slow to load

    return LocalSigner(decode_keyfile_json(json.loads(path.read_text()), password.encode()))
