"""Documents sealed at rest: a key of its own for each, wrapped for whoever may read it.

    content = AES-256-GCM(data key, document; aad)
    wrapped = AES-256-GCM(key-encryption key of the operator, data key; aad)      for most members
            | HPKE(X25519, HKDF-SHA256, AES-256-GCM; public key, data key; aad)   for a member's own
    aad     = u32(length) ‖ document id ‖ u32(organisation) ‖ u8(version)

The associated data binds every piece to its document and its reader: a wrapped key moved to
another document, or to another organisation, opens nothing. Whoever destroys the wrapped keys has
destroyed the document, whatever copies of the content there are. Sealed bytes begin with the
nonce, 12 random bytes; a data key seals one content once.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chainfin.codec.errors import EnvelopeBroken

VERSION = 1
KEY_BYTES = 32

_NONCE_BYTES = 12
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_MEMBER_LABEL = b"chainfin/key-encryption-key/1:"


def new_key() -> bytes:
    """A data key: 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def associated_data(document_id: str, organisation: int) -> bytes:
    """What binds sealed bytes to a document and a reader (0: the content itself)."""
    name = document_id.encode()
    place = organisation.to_bytes(4, "big")
    return len(name).to_bytes(4, "big") + name + place + bytes([VERSION])


def seal(key: bytes, content: bytes, aad: bytes) -> bytes:
    """Encrypt and authenticate: nonce ‖ ciphertext ‖ tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """What was sealed.

    Raises:
        EnvelopeBroken: another key, other associated data, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise EnvelopeBroken("it does not open with this key for this document") from None


def member_key(operator_key: bytes, organisation: int) -> bytes:
    """The operator's key-encryption key for one organisation, derived from its own."""
    info = _MEMBER_LABEL + organisation.to_bytes(4, "big")
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(operator_key)


def wrap_for_public_key(public_key: bytes, key: bytes, aad: bytes) -> bytes:
    """A data key for the holder of an X25519 key; nobody else opens it, the operator included.

    Raises:
        EnvelopeBroken: the public key is none.
    """
    try:
        return _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public_key), info=aad)
    except ValueError as error:
        raise EnvelopeBroken(f"the public key is none ({error})") from None


def unwrap_with_private_key(private_key: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """The data key wrapped for the holder of this key.

    Raises:
        EnvelopeBroken: it was wrapped for another, or for another document.
    """
    try:
        return _SUITE.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private_key), info=aad)
    except (InvalidTag, ValueError):
        raise EnvelopeBroken("it was not wrapped for this key and document") from None


def public_key_of(private_key: bytes) -> bytes:
    """The X25519 public key of 32 private bytes."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
