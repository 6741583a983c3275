"""The spellings of values in evidence and trust files, as types that also make the JSON Schema."""

from typing import Annotated

from msgspec import Meta

Hex = Annotated[str, Meta(pattern="^0x([0-9a-f]{2})*$", title="bytes")]
"""Bytes, lower-case hexadecimal."""

Hash = Annotated[str, Meta(pattern="^0x[0-9a-f]{64}$", title="32 bytes")]
"""32 bytes: a hash, a salt, a root."""

Address = Annotated[str, Meta(pattern="^0x[0-9a-f]{40}$", title="address")]
"""20 bytes: a contract or a key."""

Number = Annotated[str, Meta(pattern="^(0|[1-9][0-9]*)$", title="number")]
"""An integer that the contracts hold in more than 48 bits; amounts are minor units."""

LotName = Annotated[str, Meta(pattern="^[1-9][0-9]*-[1-9][0-9]*$", title="lot")]
"""A lot as people write it, such as `17-3`."""

Base64 = Annotated[str, Meta(pattern="^[A-Za-z0-9+/]*={0,2}$", title="base64")]
"""Bytes of a document or a time stamp."""

Natural = Annotated[int, Meta(ge=0)]
"""An integer from 0."""

Instant = Annotated[int, Meta(ge=0, title="UTC seconds")]
"""An instant."""
