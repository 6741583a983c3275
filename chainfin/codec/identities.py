"""What the registry knows an organisation and its keys by: commitments, never names."""

import hmac
from hashlib import sha256

from chainfin.codec.hashing import keccak
from chainfin.codec.orders import order_hash
from chainfin.codec.typed_data import Domain, digest

PERSON_BYTES = 15
_LABEL = b"chainfin.identity"


def identity_commitment(salt: bytes, legal_identifier: str) -> bytes:
    """The registry's commitment to a LEI or USCC: nobody without the salt can test a guess."""
    return keccak(_LABEL + hmac.digest(salt, legal_identifier.encode(), sha256))


def possession_digest(
    domain: Domain, *, identity: bytes, key: str, roles: int, person: bytes
) -> bytes:
    """What a new key signs to show that its holder has it and agrees: 32 bytes.

    Args:
        domain: The network's.
        identity: The organisation's commitment.
        key: The new key's address.
        roles: Its roles as the registry's mask.
        person: 15 bytes of a salted hash of its holder.
    """
    message = {
        "target": domain.verifying_contract,
        "identity": identity,
        "key": key,
        "roles": roles,
        "person": person,
    }
    return digest(domain, order_hash("KeyPossession", message))
