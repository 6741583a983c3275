"""What the registry knows an organisation and its keys by: commitments, never names."""

import hmac
from hashlib import sha256
from typing import Any

from chainfin.codec.hashing import keccak
from chainfin.codec.signers import Signer
from chainfin.codec.typed_data import Domain

PERSON_BYTES = 15
_LABEL = b"chainfin.identity"


def identity_commitment(salt: bytes, legal_identifier: str) -> bytes:
    """The registry's commitment to a LEI or USCC: nobody without the salt can test a guess."""
    return keccak(_LABEL + hmac.digest(salt, legal_identifier.encode(), sha256))


def sign_possession(
    signer: Signer, domain: Domain, *, identity: bytes, roles: int, person: bytes
) -> bytes:
    """A new key's own signature that its holder has it and agrees to its registration.

    Args:
        signer: The new key.
        domain: The network's.
        identity: The organisation's commitment.
        roles: The key's roles as the registry's mask.
        person: 15 bytes of a salted hash of its holder.
    """
    message: dict[str, Any] = {
        "target": domain.verifying_contract,
        "identity": identity,
        "key": signer.address,
        "roles": roles,
        "person": person,
    }
    return signer.sign_typed_data(domain, "KeyPossession", message)
