"""Canonical JSON: one byte sequence for one value, so that a hash of it means the value.

A subset of RFC 8785: objects with text keys, arrays, text, true, false, null, and integers within
±(2^53 - 1), which every JSON reader keeps exactly. There are no fractions: money is in minor units.
Keys are sorted by UTF-16 code units; there is no white space; text is UTF-8 with only the escapes
that RFC 8785 demands.
"""

import json
import re
from typing import NoReturn, TypeAlias

from chainfin.codec.errors import JsonNotCanonical, JsonTooLarge, JsonUnsupported

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

LARGEST_INTEGER = 2**53 - 1
LARGEST_TEXT = 1 << 20
DEEPEST = 64

_BRACKET = re.compile(r"[\[\]{}]")
# An unfinished string reaches to the end, so that a match never fails and never starts over.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)


def canonical_bytes(value: object, max_depth: int = DEEPEST) -> bytes:
    """The canonical form of a value, UTF-8; tuples count as lists.

    Raises:
        JsonUnsupported: A float, an integer beyond ±(2^53 - 1), a key that is no text, text with
            half a surrogate pair, or a value of any other kind.
        JsonTooLarge: Lists and objects nest deeper than `max_depth`.
    """
    ordered = _ordered(value, max_depth)
    # Python's escapes are RFC 8785's: \" \\ \b \f \n \r \t, other controls as \u00xx, no more.
    text = json.dumps(ordered, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise JsonUnsupported(f"text holds half a surrogate pair: {error}") from None


def parse_canonical(data: bytes, max_bytes: int = LARGEST_TEXT, max_depth: int = DEEPEST) -> Json:
    """Read a value from its canonical form and no other.

    Args:
        data: From anybody.
        max_bytes: Longest text to look at.
        max_depth: Deepest nesting of lists and objects.

    Raises:
        JsonTooLarge: The text is longer or deeper than that.
        JsonNotCanonical: It is no JSON, holds what has no canonical form, or is written in any
            other way: white space, order of keys, a key twice, another escape, `-0`.
    """
    if len(data) > max_bytes:
        raise JsonTooLarge(f"the text has {len(data)} bytes, more than {max_bytes}")
    try:
        text = data.decode()
        _require_shallow(text, max_depth)
        value: Json = json.loads(text, parse_float=_refuse, parse_constant=_refuse)
        canonical = canonical_bytes(value, max_depth)
    except JsonTooLarge:
        raise
    except ValueError as error:
        raise JsonNotCanonical(f"the text is no canonical JSON: {error}") from None
    # Writing it again and comparing leaves no rule of the form to be forgotten here.
    if canonical != data:
        raise JsonNotCanonical("the text is not in canonical form")
    return value


def _require_shallow(text: str, max_depth: int) -> None:
    # Before parsing: Python's parser recurses on the machine's stack, and where somebody raised
    # the interpreter's limit a bomb of brackets ends the process instead of raising an error.
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > max_depth:
            raise JsonTooLarge(f"the text nests deeper than {max_depth}")


def _ordered(value: object, depth: int) -> object:
    """The same value with sorted keys, if it and all in it have a canonical form."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise JsonUnsupported(f"{value} is beyond 2^53 - 1; write it as text")
        return int(value)
    if not isinstance(value, list | tuple | dict):
        raise JsonUnsupported(f"a {type(value).__name__} has no canonical form")
    if not depth:
        raise JsonTooLarge("lists and objects nest too deep")
    if isinstance(value, dict):
        return {key: _ordered(value[key], depth - 1) for key in sorted(value, key=_utf16)}
    return [_ordered(item, depth - 1) for item in value]


def _utf16(key: object) -> bytes:
    if not isinstance(key, str):
        raise JsonUnsupported(f"the key {key!r} is no text")
    return key.encode("utf-16-be", "surrogatepass")


def _refuse(text: str) -> NoReturn:
    raise JsonUnsupported(f"{text} is no integer")
