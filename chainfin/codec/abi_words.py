"""The contract ABI's encoding of values: heads, offsets and tails.

A value has one encoding that a compiler writes: members in order, each dynamic one behind an
offset to the next free byte of the tail, all padding zero. `decode` accepts that one and nothing
else, so decoding and encoding are inverse and nobody can dress one value in two byte strings.
eth_abi, the tests' oracle, is laxer (any offset, bytes left over) and slower.
Source: Solidity documentation, "Contract ABI Specification".
"""

from collections.abc import Sequence
from typing import Any

from chainfin.codec.errors import AbiNotCanonical, FieldError
from chainfin.codec.hashing import WORD_BYTES
from chainfin.codec.solidity_types import Array, Blob, Struct, Type, Value, Word


def encode(member: Type, value: object) -> bytes:
    """Encode a value of a type.

    Raises:
        FieldMissing: A struct lacks a member.
        FieldUnknown: A struct has a member too many.
        FieldInvalid: A value does not fit its type.
    """
    match member:
        case Word():
            return member.encode(value)
        case Blob():
            data = member.to_bytes(value)
            return _word(len(data)) + data + bytes(-len(data) % WORD_BYTES)
        case Array():
            items = member.arrange(value)
            steps = [f"[{index}]" for index in range(len(items))]
            body = _encode_all([member.item] * len(items), items, steps)
            return body if member.length is not None else _word(len(items)) + body
        case Struct():
            return _encode_all(member.types, member.arrange(value), member.names)


def decode(member: Type, data: bytes) -> Value:
    """Decode the value whose encoding fills `data` exactly.

    Returns:
        The value; structs as dicts by name, arrays as tuples.

    Raises:
        AbiNotCanonical: The data are no encoding of the type, or not the canonical one.
    """
    value, end = _decode(member, data, 0)
    if end != len(data):
        raise AbiNotCanonical(f"{member.name} should take {end} bytes, not {len(data)}")
    return value


def _encode_all(members: Sequence[Type], values: Sequence[Any], steps: Sequence[str]) -> bytes:
    head: list[bytes] = []
    tail: list[bytes] = []
    offset = sum([member.size for member in members])
    for member, value, step in zip(members, values, steps, strict=True):
        try:
            encoded = encode(member, value)
        except FieldError as error:
            raise error.inside(step) from None
        if member.dynamic:
            head.append(_word(offset))
            tail.append(encoded)
            offset += len(encoded)
        else:
            head.append(encoded)
    return b"".join(head + tail)


# A decoder may read past the end of the data: the slice is then short, the end it reports lies
# beyond, and `decode` refuses. Only what drives a loop is checked before.


def _decode(member: Type, data: bytes, start: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where its encoding ends."""
    match member:
        case Word():
            return member.decode(data[start : start + WORD_BYTES]), start + WORD_BYTES
        case Blob():
            return _decode_blob(member, data, start)
        case Array():
            return _decode_array(member, data, start)
        case Struct():
            values, end = _decode_all(member.types, data, start)
            return dict(zip(member.names, values, strict=True)), end


def _decode_blob(member: Blob, data: bytes, start: int) -> tuple[bytes | str, int]:
    begin = start + WORD_BYTES
    length = int.from_bytes(data[start:begin], "big")
    stop = begin + length
    end = stop + -length % WORD_BYTES
    if any(data[stop:end]):
        raise AbiNotCanonical(f"a {member.name} has bytes beyond it")
    return member.from_bytes(data[begin:stop]), end


def _decode_array(member: Array, data: bytes, start: int) -> tuple[tuple[Any, ...], int]:
    length = member.length
    if length is None:
        length = int.from_bytes(data[start : start + WORD_BYTES], "big")
        start += WORD_BYTES
    if start + length * member.item.size > len(data):
        raise AbiNotCanonical(f"{member.name} of {length} items is longer than the data")
    values, end = _decode_all([member.item] * length, data, start)
    return tuple(values), end


def _decode_all(members: Sequence[Type], data: bytes, start: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    head = start
    tail = start + sum([member.size for member in members])
    for member in members:
        if not member.dynamic:
            value, head = _decode(member, data, head)
        elif int.from_bytes(data[head : head + WORD_BYTES], "big") != tail - start:
            raise AbiNotCanonical(f"the offset of a {member.name} does not point to its place")
        else:
            value, tail = _decode(member, data, tail)
            head += WORD_BYTES
        values.append(value)
    return values, tail


def _word(number: int) -> bytes:
    return number.to_bytes(WORD_BYTES, "big")
