"""Development keys: derived from one seed in the home, so that a demo needs no key ceremony.

For the embedded network only; production mode refuses keys of this kind by never deriving them.
"""

import hmac
import os
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.identities import (
    PERSON_BYTES,
    identity_commitment,
    sign_possession,
)
from chainfin.codec.signatures import SigningKey
from chainfin.codec.signers import LocalSigner
from chainfin.codec.typed_data import Domain
from chainfin.domain.names import normalise_name
from chainfin.domain.participant import KeyRole

MAPPED_ROLES: Mapping[str, KeyRole] = {
    "maker": KeyRole.MAKER | KeyRole.ADMINISTRATOR,
    "checker": KeyRole.CHECKER | KeyRole.ADMINISTRATOR,
}
"""Every organisation's first keys: two people, so that everything can be checked, and both
administer, so that they can register a third."""

SEED_FILE = "development.seed"
_SEED_BYTES = 32
_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def load_seed(home: Path) -> bytes:
    """The home's seed; made on first use, readable by its owner only.

    Raises:
        ValueError: The file is no seed.
    """
    path = home / SEED_FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_SEED_BYTES) + "\n")
    seed = bytes.fromhex(path.read_text().strip())
    if len(seed) != _SEED_BYTES:
        raise ValueError(f"{path} does not hold {_SEED_BYTES} bytes in hexadecimal")
    return seed


def development_secret(seed: bytes, label: str) -> bytes:
    """32 bytes for a purpose; another label gives unrelated bytes."""
    return hmac.digest(seed, b"chainfin/development/" + label.encode(), sha256)


def development_key(seed: bytes, owner: str, role: str) -> SigningKey:
    """The key of an organisation's role (`maker`, `checker`, ...)."""
    return SigningKey(_private_key(seed, owner, role))


def development_person(seed: bytes, owner: str, role: str) -> bytes:
    """The first 15 bytes of a salted hash of the person who holds that key."""
    return keccak(development_secret(seed, f"person/{owner}/{role}"))[:PERSON_BYTES]


def private_key_bytes(seed: bytes, owner: str, role: str) -> bytes:
    """The private key itself, for the service's own development accounts."""
    return _private_key(seed, owner, role)


def _private_key(seed: bytes, owner: str, role: str) -> bytes:
    number = int.from_bytes(development_secret(seed, f"key/{owner}/{role}"), "big")
    return (number % (_CURVE_ORDER - 1) + 1).to_bytes(32, "big")


def development_admission(
    seed: bytes,
    domain: Domain,
    name: str,
    *,
    kinds: Sequence[str],
    licence_expires_at: int = 0,
    key_roles: Mapping[str, KeyRole] = MAPPED_ROLES,
) -> dict[str, Any]:
    """An admission of an organisation whose keys are all derived from the seed.

    Args:
        seed: The home's seed.
        domain: The network's EIP-712 domain.
        name: The organisation's name; its keys are derived from the name as a key.
        kinds: What it is, by the registry's names.
        licence_expires_at: End of its licence to fund, UTC seconds.
        key_roles: Its keys by label, and what each may do.
    """
    owner = normalise_name(name)
    identifier = f"DEVELOPMENT {owner}"
    identity = identity_commitment(development_secret(seed, "identity"), identifier)
    grants = []
    for label, role in key_roles.items():
        key = LocalSigner(development_key(seed, owner, label))
        person = development_person(seed, owner, label)
        signature = sign_possession(key, domain, identity=identity, roles=role.value, person=person)
        grants.append(
            {
                "key": key.address,
                "roles": [part.name.lower() for part in role if part.name],
                "person": to_hex(person),
                "possession": to_hex(signature),
            }
        )
    return {
        "name": name,
        "kinds": list(kinds),
        "legal_identifier": identifier,
        "identity": to_hex(identity),
        "licence_expires_at": licence_expires_at,
        "keys": grants,
    }
