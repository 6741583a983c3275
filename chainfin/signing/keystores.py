"""Encrypted keystore files (Web3 version 3, scrypt)."""

import json
import os
import secrets
from pathlib import Path

from chainfin.codec.signatures import address_of
from chainfin.codec.signers import LocalSigner


def open_keystore(path: Path, password: str) -> LocalSigner:
    """The key in a keystore file; from here on it is in this process's memory.

    Raises:
        ValueError: The password is wrong or the file is no keystore.
        OSError: The file cannot be read.
    """
    # Slow to load, and development wallets never need it.
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415

    return LocalSigner(decode_keyfile_json(json.loads(path.read_text()), password.encode()))


def create_keystore(path: Path, password: str) -> str:
    """Make a new key in a keystore file; returns its address.

    Raises:
        FileExistsError: The file is there already.
    """
    from eth_keyfile.keyfile import create_keyfile_json  # noqa: PLC0415 - slow to load

    private_key = secrets.token_bytes(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(create_keyfile_json(private_key, password.encode()), file)
    return address_of(private_key)
