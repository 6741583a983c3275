"""A decision of the Council as bytes: one call of one contract, and what it is known by."""

from functools import cache
from typing import Any

from chainfin.codec.abi import SELECTOR_BYTES, Function, decode_call
from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import WORD_BYTES, from_address, keccak
from chainfin.codec.interfaces import load_interfaces


def decision_id(subject: str, data: bytes, salt: bytes) -> bytes:
    """What a decision is known by: keccak256(abi.encode(subject, keccak256(data), salt))."""
    return keccak(from_address(subject).rjust(WORD_BYTES, b"\0") + keccak(data) + salt)


def read_decision(data: bytes) -> tuple[str, dict[str, Any]] | None:
    """The function a decision calls and its arguments by name; None for what is no call of ours."""
    function = _functions().get(data[:SELECTOR_BYTES])
    if function is None:
        return None
    try:
        return function.name, decode_call(function, data)
    except CodecError:
        return None


@cache
def _functions() -> dict[bytes, Function]:
    """Every function of our contracts that changes something, by selector."""
    return {
        function.selector: function
        for contract in load_interfaces().values()
        for function in contract.interface.functions.values()
    }
