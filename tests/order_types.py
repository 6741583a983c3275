"""Which of the pinned types participants sign."""

import re
from collections.abc import Mapping

from chainfin.codec.solidity_types import Struct

_PARTS = re.compile(r"\)(\w+)\(")
"""In `encodeType` the types that are parts of another stand behind it."""


def acts_of(types: Mapping[str, Struct]) -> dict[str, Struct]:
    """The types that are no part of another."""
    parts = {name for struct in types.values() for name in _PARTS.findall(struct.encode_type)}
    return {name: struct for name, struct in types.items() if name not in parts}
