"""secp256k1 signatures over 32-byte digests, as the contracts' `ecrecover` wrappers accept them.

A signature is 65 bytes: r, s, and v of 27 or 28. Only the lower s is accepted (EIP-2), so that a
stranger cannot turn a valid signature into a second one; there is no 64-byte form (EIP-2098) and
no v of 0 or 1, so a digest and a key have one signature and one spelling of it.
"""

from coincurve import PrivateKey, PublicKey

from chainfin.codec.errors import KeyMalformed, SignatureMalformed, SignatureNotLow
from chainfin.codec.hashing import ADDRESS_BYTES, keccak, to_hex

SIGNATURE_BYTES = 65
_DIGEST_BYTES = 32
_KEY_BYTES = 32
_FIRST_V = 27
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_POINT_BYTES = 65
_UNCOMPRESSED = 4
_TEXT = b"\x19Ethereum Signed Message:\n"


class SigningKey:
    """A private key made ready once: signing with it is then twice as fast as from bytes.

    Attributes:
        address: The address of its public key, lower-case.
    """

    __slots__ = ("_key", "address")

    def __init__(self, private_key: bytes) -> None:
        """Make a key ready.

        Raises:
            KeyMalformed: It is not 32 bytes between 1 and the order of the curve.
        """
        # Coincurve pads short keys with zeros; a truncated key must not sign as another one.
        if len(private_key) != _KEY_BYTES or not 0 < int.from_bytes(private_key, "big") < _ORDER:
            raise KeyMalformed("a private key is 32 bytes between 1 and the order of the curve")
        self._key = PrivateKey(private_key)
        self.address = _address(self._key.public_key)

    def __repr__(self) -> str:
        """Show the address only: a key in a log line is a lost key."""
        return f"SigningKey({self.address})"

    def sign(self, digest: bytes) -> bytes:
        """Sign a digest (deterministic, RFC 6979).

        Returns:
            65 bytes r, s, v with the lower s and v of 27 or 28.

        Raises:
            SignatureMalformed: The digest does not have 32 bytes.
        """
        _require_digest(digest)
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes((_FIRST_V + signature[64],))


def sign_digest(private_key: bytes | SigningKey, digest: bytes) -> bytes:
    """Sign one digest with a key of 32 bytes or one made ready; see `SigningKey.sign`."""
    key = private_key if isinstance(private_key, SigningKey) else SigningKey(private_key)
    return key.sign(digest)


def address_of(private_key: bytes) -> str:
    """The lower-case address of a key of 32 bytes.

    Raises:
        KeyMalformed: It is no key.
    """
    return SigningKey(private_key).address


def address_of_point(point: bytes) -> str:
    """The lower-case address of an uncompressed public key: 65 bytes, 4 and both coordinates.

    Raises:
        KeyMalformed: It is no point of the curve in this form.
    """
    if len(point) != _POINT_BYTES or point[0] != _UNCOMPRESSED:
        raise KeyMalformed(f"an uncompressed public key is {_POINT_BYTES} bytes behind a 4")
    try:
        return _address(PublicKey(point))
    except ValueError:
        raise KeyMalformed("the public key is no point of the curve") from None


def text_digest(text: bytes) -> bytes:
    """What is signed of a text, as every wallet does it (EIP-191): 32 bytes."""
    return keccak(_TEXT + str(len(text)).encode() + text)


def complete_signature(digest: bytes, numbers: bytes, address: str) -> bytes:
    """A signature as contracts take it, of the r and s that a device outside made.

    Args:
        digest: The 32 bytes that were signed.
        numbers: r and s, 64 bytes; s may be the higher one.
        address: Whose key made it.

    Returns:
        65 bytes r, s, v with the lower s, and the v that leads to the address.

    Raises:
        SignatureMalformed: It was not made by this key over this digest.
    """
    s = int.from_bytes(numbers[32:], "big")
    low = numbers[:32] + min(s, _ORDER - s).to_bytes(32, "big")
    for v in (_FIRST_V, _FIRST_V + 1):
        signature = low + bytes((v,))
        try:
            if recover(digest, signature) == address:
                return signature
        except SignatureMalformed:
            continue  # This parity has no point; the other one may.
    raise SignatureMalformed(f"the signature is not by {address} over this digest")


def recover(digest: bytes, signature: bytes) -> str:
    """Find who signed.

    Args:
        digest: The 32 bytes that were signed.
        signature: 65 bytes r, s, v.

    Returns:
        The signer's lower-case address. Any well-formed signature recovers *some* address: only
        a comparison with an expected one says anything.

    Raises:
        SignatureNotLow: s is above half the order.
        SignatureMalformed: As `split_signature`, or r is no point of the curve.
    """
    _require_digest(digest)
    _, _, parity = split_signature(signature)
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((parity,)), digest, hasher=None
        )
    except ValueError as error:
        raise SignatureMalformed(f"no key makes this signature: {error}") from None
    return _address(key)


def split_signature(signature: bytes) -> tuple[int, int, int]:
    """Read a signature's numbers: r, s, and the parity of y (0 or 1).

    Raises:
        SignatureNotLow: s is above half the order of the curve.
        SignatureMalformed: Another length, v neither 27 nor 28, r or s zero or too large.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureMalformed(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:64], "big")
    parity = signature[64] - _FIRST_V
    if parity not in {0, 1}:
        raise SignatureMalformed(f"v is {signature[64]}, neither 27 nor 28")
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        raise SignatureMalformed("r or s is not between 1 and the order of the curve")
    if s > _ORDER // 2:
        raise SignatureNotLow("s is above half the order of the curve")
    return r, s, parity


def _require_digest(digest: bytes) -> None:
    if len(digest) != _DIGEST_BYTES:
        raise SignatureMalformed(f"a digest has {_DIGEST_BYTES} bytes, not {len(digest)}")


def _address(key: PublicKey) -> str:
    # The first byte of the uncompressed form only says that it is uncompressed.
    return to_hex(keccak(key.format(compressed=False)[1:])[-ADDRESS_BYTES:])
