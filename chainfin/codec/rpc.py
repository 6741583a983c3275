"""The two value formats of Ethereum's JSON-RPC, read from a node's raw JSON answer.

A *quantity* is hexadecimal without leading zeros (`0x0`, `0x1a`), *data* is two characters a byte.
Nodes are not adversaries in their choice of case, so case is the one thing forgiven here; what a
node says about blocks, transactions and receipts is checked by hash where it is used.
Source: the execution APIs' JSON-RPC specification.
"""

import re
from collections.abc import Mapping
from typing import Any

from chainfin.codec.errors import HexMalformed, RpcMalformed
from chainfin.codec.hashing import from_hex

_QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,63})")


def text(document: Mapping[str, Any], name: str) -> str:
    """The named member, which must be text.

    Raises:
        RpcMalformed: It is absent, null or no text.
    """
    value = document.get(name)
    if not isinstance(value, str):
        raise RpcMalformed(f"{name} is {'absent' if value is None else repr(value)}")
    return value


def quantity(document: Mapping[str, Any], name: str) -> int:
    """The named quantity as an integer of at most 256 bits.

    Raises:
        RpcMalformed: It is absent or no quantity.
    """
    value = text(document, name).lower()
    if not _QUANTITY.fullmatch(value):
        raise RpcMalformed(f"{name} is {value[:80]!r}, not a quantity")
    return int(value, 16)


def data(document: Mapping[str, Any], name: str, size: int | None = None) -> bytes:
    """The named data as bytes, of the given size if one is given.

    Raises:
        RpcMalformed: It is absent, no data, or of another size.
    """
    try:
        return from_hex(text(document, name).lower(), size)
    except HexMalformed as error:
        raise RpcMalformed(f"{name}: {error}") from None


def members(document: Mapping[str, Any], name: str) -> list[Any]:
    """The named list.

    Raises:
        RpcMalformed: It is absent or no list.
    """
    value = document.get(name)
    if not isinstance(value, list):
        raise RpcMalformed(f"{name} is no list")
    return value
