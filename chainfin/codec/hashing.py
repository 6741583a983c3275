"""Keccak-256 and the one spelling of bytes as text: lower-case hexadecimal behind `0x`.

Addresses are text of 42 characters everywhere in the product and 20 bytes on the wire; both
functions for that live here. Anything else is not an address: no checksum case, no ENS name.
"""

from binascii import Error as NotHexadecimal
from binascii import unhexlify
from collections.abc import Callable

from chainfin.codec.errors import HexMalformed

_keccak256: Callable[[bytes], bytes]
try:
    # Seven times faster a hash than the pycryptodome backend, which `eth_hash.auto` prefers.
    from eth_hash.backends import pysha3

    _keccak256 = pysha3.keccak256
except ImportError:  # pragma: no cover - depends on what is installed
    from eth_hash.auto import keccak as _auto

    _keccak256 = _auto

ADDRESS_BYTES = 20
WORD_BYTES = 32
NO_ADDRESS = "0x" + "00" * ADDRESS_BYTES
"""What stands where there is nobody."""
NO_HASH = "0x" + "00" * WORD_BYTES
"""What stands where there is nothing a hash is of."""


def keccak(data: bytes) -> bytes:
    """Keccak-256 as Ethereum uses it (not NIST SHA3-256): 32 bytes."""
    return _keccak256(data)


def to_hex(data: bytes) -> str:
    """Spell bytes as lower-case hexadecimal behind `0x`."""
    return "0x" + data.hex()


def from_hex(text: str, size: int | None = None) -> bytes:
    """Read bytes from their one spelling.

    Args:
        text: `0x` and an even number of the characters 0-9 and a-f.
        size: Number of bytes it must be, if it must be one.

    Raises:
        HexMalformed: Upper case, odd length, white space, no prefix, or another size.
    """
    if text[:2] != "0x":
        raise HexMalformed(f"{_shown(text)} does not begin with 0x")
    try:
        data = unhexlify(text[2:])
    except (NotHexadecimal, ValueError) as error:
        raise HexMalformed(f"{_shown(text)} is not hexadecimal: {error}") from None
    if data.hex() != text[2:]:
        raise HexMalformed(f"{_shown(text)} is not lower-case")
    if size is not None and len(data) != size:
        raise HexMalformed(f"{_shown(text)} has {len(data)} bytes, not {size}")
    return data


def to_address(data: bytes) -> str:
    """Spell 20 bytes as an address.

    Raises:
        HexMalformed: There are not 20 of them.
    """
    if len(data) != ADDRESS_BYTES:
        raise HexMalformed(f"an address has {ADDRESS_BYTES} bytes, not {len(data)}")
    return "0x" + data.hex()


def from_address(text: str) -> bytes:
    """Read an address as its 20 bytes.

    Raises:
        HexMalformed: It is not 42 lower-case characters.
    """
    return from_hex(text, ADDRESS_BYTES)


def from_hash(text: str) -> bytes:
    """Read a hash as its 32 bytes.

    Raises:
        HexMalformed: It is not 66 lower-case characters.
    """
    return from_hex(text, WORD_BYTES)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 2 * WORD_BYTES + 2 else f"{text[:20]}...")
