"""Recursive Length Prefix: Ethereum's encoding of nested lists of byte strings.

An item is bytes or a list of items and has exactly one encoding; `decode` accepts no other. It is
written here rather than taken from pyrlp because it lies under every hash that the auditor's
verifier recomputes: one stranger fewer to trust there, and several times faster.
Source: Ethereum Yellow Paper, appendix B.
"""

from collections.abc import Sequence
from typing import TypeAlias

from chainfin.codec.errors import RlpMalformed
from chainfin.codec.hashing import WORD_BYTES

Item: TypeAlias = "bytes | Sequence[Item]"

_BYTES = 0x80
_LIST = 0xC0
_LONGEST_SHORT = 55
_DEEPEST = 32  # A header, transaction or trie node nests four deep; a bomb should end early.


def encode(item: Item) -> bytes:
    """The one encoding of bytes or of a nested sequence of them."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < _BYTES:
            return item
        return _prefix(len(item), _BYTES) + item
    body = b"".join([encode(member) for member in item])
    return _prefix(len(body), _LIST) + body


def decode(data: bytes) -> bytes | list[Item]:
    """Read one item that fills `data` exactly.

    Returns:
        Bytes, or a list of items; every nested sequence is a list too.

    Raises:
        RlpMalformed: The data end early or late, or a length is not in its shortest form.
    """
    item, end = _read(data, 0, len(data), _DEEPEST)
    if end != len(data):
        raise RlpMalformed(f"{len(data) - end} bytes follow the item")
    return item


def decode_list(data: bytes) -> list[Item]:
    """Read one item that must be a list.

    Raises:
        RlpMalformed: As `decode`, or the item is bytes.
    """
    item = decode(data)
    if isinstance(item, bytes):
        raise RlpMalformed("the item is bytes, not a list")
    return item


def encode_integer(value: int) -> bytes:
    """The shortest big-endian bytes of a number; zero is empty.

    Raises:
        RlpMalformed: It is negative or exceeds 256 bits.
    """
    if value < 0 or value.bit_length() > 8 * WORD_BYTES:
        raise RlpMalformed(f"{value:#x} does not fit 256 bits")
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def to_integer(item: Item) -> int:
    """Read a number from a decoded item.

    Raises:
        RlpMalformed: It is a list, has a leading zero, or exceeds 256 bits.
    """
    data = to_bytes(item)
    if data[:1] == b"\0" or len(data) > WORD_BYTES:
        raise RlpMalformed(f"{data[:40].hex()} is not the shortest form of a 256-bit number")
    return int.from_bytes(data, "big")


def to_bytes(item: Item, size: int | None = None) -> bytes:
    """Read bytes, of the given size if one is given, from a decoded item.

    Raises:
        RlpMalformed: It is a list, or of another size.
    """
    if not isinstance(item, bytes):
        raise RlpMalformed("a list stands where bytes should")
    if size is not None and len(item) != size:
        raise RlpMalformed(f"{len(item)} bytes stand where {size} should")
    return item


def to_list(item: Item, size: int | None = None) -> Sequence[Item]:
    """Read a list, of the given length if one is given, from a decoded item.

    Raises:
        RlpMalformed: It is bytes, or of another length.
    """
    if isinstance(item, bytes):
        raise RlpMalformed("bytes stand where a list should")
    if size is not None and len(item) != size:
        raise RlpMalformed(f"a list of {len(item)} stands where {size} members should")
    return item


def _prefix(length: int, kind: int) -> bytes:
    if length <= _LONGEST_SHORT:
        return bytes((kind + length,))
    digits = encode_integer(length)
    return bytes((kind + _LONGEST_SHORT + len(digits),)) + digits


def _read(data: bytes, start: int, stop: int, depth: int) -> tuple[bytes | list[Item], int]:
    """The item at `start`, which must end at or before `stop`, and where it ends."""
    if start >= stop:
        raise RlpMalformed("the data end where an item should begin")
    if data[start] < _BYTES:
        return data[start : start + 1], start + 1
    if data[start] < _LIST:
        begin, end = _payload(data, start, stop, _BYTES)
        if end - begin == 1 and data[begin] < _BYTES:
            raise RlpMalformed("a small byte has a length of its own")
        return data[begin:end], end
    if not depth:
        raise RlpMalformed(f"lists nest deeper than {_DEEPEST}")
    position, end = _payload(data, start, stop, _LIST)
    items: list[Item] = []
    while position < end:
        item, position = _read(data, position, end, depth - 1)
        items.append(item)
    return items, end


def _payload(data: bytes, start: int, stop: int, kind: int) -> tuple[int, int]:
    """First and last position of what the prefix at `start` announces."""
    length = data[start] - kind
    begin = start + 1
    if length > _LONGEST_SHORT:
        digits = data[begin : begin + length - _LONGEST_SHORT]
        begin += length - _LONGEST_SHORT
        length = int.from_bytes(digits, "big")
        if digits[:1] == b"\0" or length <= _LONGEST_SHORT:
            raise RlpMalformed("a length is not in its shortest form")
    if begin + length > stop:
        raise RlpMalformed("an item reaches beyond the data that hold it")
    return begin, begin + length
