"""Numbers of private objects: UUIDs of version 7, which sort by the time they were made."""

import uuid


def uuid7(milliseconds: int, randomness: bytes) -> str:
    """A UUID as RFC 9562 section 5.7 lays it out: 48 bits of time, then randomness.

    Args:
        milliseconds: Unix time.
        randomness: 10 bytes.
    """
    value = bytearray(milliseconds.to_bytes(6, "big") + randomness)
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(value)))
