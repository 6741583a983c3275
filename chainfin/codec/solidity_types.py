"""Solidity's types as values, shared by the two formats that encode them: ABI and EIP-712.

A type is a `Word` (fills one 32-byte word), a `Blob` (bytes or text of any length), an `Array` or
a `Struct`. In Python a uint or int is an int, bytesN and bytes are bytes, an address is its
lower-case text, a bool a bool, a string a str, an array a sequence, and a struct a mapping from
the names of its fields.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeAlias

from chainfin.codec.errors import (
    AbiNotCanonical,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    HexMalformed,
    TypeMalformed,
)
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, from_address, keccak, to_hex

_WORD_BITS = 256
_LONGEST_SHOWN = 80
_ARRAY = re.compile(r"(?P<item>.+)\[(?P<length>[1-9][0-9]{0,5})?\]")
_SIZED = re.compile(r"(?P<family>uint|int|bytes)(?P<size>[1-9][0-9]{0,2})")
# Big-endian fields the struct module reads whole; a wider integer takes its word as bytes.
_INTEGER_LAYOUTS = {8: "31xB", 16: "30xH", 32: "28xI", 64: "24xQ"}


@dataclass(frozen=True, slots=True)
class Word:
    """A type whose every value is one word of 32 bytes.

    Attributes:
        name: As in Solidity: `uint64`, `address`, `bytes32`.
        encode: From a Python value to its word; raises `FieldInvalid`.
        decode: From a word to its Python value; raises `AbiNotCanonical` on dirty padding.
        layout: The word in the notation of the `struct` module, for events read in one stroke.
        padding: The bits of the word that such a reader must find zero.
        convert: From what `layout` yields to the Python value, where the two differ.
    """

    name: str
    encode: Callable[[Any], bytes] = field(compare=False)
    decode: Callable[[bytes], Any] = field(compare=False)
    layout: str = field(compare=False, default="32s")
    padding: int = field(compare=False, default=0)
    convert: Callable[[Any], Any] | None = field(compare=False, default=None)

    dynamic = False
    size = WORD_BYTES


@dataclass(frozen=True, slots=True)
class Blob:
    """`bytes` or `string`: as long as it likes."""

    name: str

    dynamic = True
    size = WORD_BYTES

    def to_bytes(self, value: object) -> bytes:
        """The value's bytes, UTF-8 for text; raises `FieldInvalid`."""
        if self.name == "bytes" and isinstance(value, bytes):
            return value
        if self.name == "string" and isinstance(value, str):
            try:
                return value.encode()
            except UnicodeEncodeError as error:
                raise FieldInvalid(f"is no text that UTF-8 can hold: {error}") from None
        raise FieldInvalid(f"{_shown(value)} is no {self.name}")

    def from_bytes(self, data: bytes) -> bytes | str:
        """The value of bytes; raises `AbiNotCanonical` on text that is not UTF-8."""
        if self.name == "bytes":
            return data
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise AbiNotCanonical(f"a string is not UTF-8: {error}") from None


@dataclass(frozen=True)
class Array:
    """Items of one type, a fixed number of them or any.

    Attributes:
        item: The type of each.
        length: How many, or None for any number.
    """

    item: "Type"
    length: int | None

    @cached_property
    def name(self) -> str:
        """As in an ABI signature, for instance `(uint32,uint64)[]`."""
        return f"{self.item.name}[{self.length or ''}]"

    @cached_property
    def dynamic(self) -> bool:
        """Whether its encoding stands in the tail, behind an offset."""
        return self.length is None or self.item.dynamic

    @cached_property
    def size(self) -> int:
        """Bytes it takes in the head."""
        return WORD_BYTES if self.dynamic else self.item.size * (self.length or 0)

    def arrange(self, value: object) -> Sequence[Any]:
        """The items of a value; raises `FieldInvalid` if it is no sequence of the right length."""
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise FieldInvalid(f"{_shown(value)} is no sequence")
        if self.length is not None and len(value) != self.length:
            raise FieldInvalid(f"has {len(value)} items, not {self.length}")
        return value


@dataclass(frozen=True)
class Struct:
    """Named fields in order: a struct, and equally the arguments of a function or event.

    Attributes:
        title: The struct's own name; arguments have none.
        fields: Name and type of each member.
    """

    title: str
    fields: tuple[tuple[str, "Type"], ...]

    @cached_property
    def name(self) -> str:
        """As in an ABI signature: the types of its members in parentheses."""
        return f"({','.join(member.name for _, member in self.fields)})"

    @cached_property
    def dynamic(self) -> bool:
        """Whether its encoding stands in the tail, behind an offset."""
        return any(member.dynamic for _, member in self.fields)

    @cached_property
    def size(self) -> int:
        """Bytes it takes in the head."""
        return WORD_BYTES if self.dynamic else sum(member.size for _, member in self.fields)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its members in order."""
        return tuple(name for name, _ in self.fields)

    @cached_property
    def types(self) -> tuple["Type", ...]:
        """The types of its members in order."""
        return tuple(member for _, member in self.fields)

    @cached_property
    def encode_type(self) -> str:
        """EIP-712's `encodeType`: itself, then the structs it uses in alphabetical order."""
        inner = _structs_in(self)
        inner.pop(self.title, None)
        return self.head + "".join(inner[title].head for title in sorted(inner))

    @cached_property
    def head(self) -> str:
        """Its own part of `encodeType`: `Part(uint32 to,uint64 faceValue)`."""
        return f"{self.title}({','.join(f'{t} {n}' for n, t in self.titled_fields)})"

    @cached_property
    def titled_fields(self) -> tuple[tuple[str, str], ...]:
        """Name and type of each member as EIP-712 writes them, structs by their names."""
        return tuple((name, _titled(member)) for name, member in self.fields)

    @cached_property
    def type_hash(self) -> bytes:
        """EIP-712's `typeHash`: Keccak-256 of `encode_type`."""
        return keccak(self.encode_type.encode())

    def arrange(self, value: object) -> Sequence[Any]:
        """The values of the members in order.

        Args:
            value: A mapping by name, or a sequence that already is in order.

        Raises:
            FieldMissing: A name is absent.
            FieldUnknown: A name is not among the members.
            FieldInvalid: The value is neither, or a sequence of another length.
        """
        if not isinstance(value, Mapping):
            return Array(Blob("bytes"), len(self.fields)).arrange(value)
        for name in self.names:
            if name not in value:
                raise FieldMissing("is missing", name)
        if len(value) != len(self.names):
            stray = next(name for name in value if name not in self.names)
            raise FieldUnknown(f"is no field of {self.title or self.name}", str(stray))
        return [value[name] for name in self.names]


Type: TypeAlias = Word | Blob | Array | Struct
Value: TypeAlias = Any
"""What a type decodes to: only the ABI that was loaded knows which of the above it is."""


def parse(name: str, base: Callable[[str], Type]) -> Type:
    """Read a type's name, its array brackets included.

    Args:
        name: For instance `uint256[3][]`.
        base: What the name before the brackets stands for; see `atom`.

    Raises:
        TypeMalformed: There is no such type.
    """
    array = _ARRAY.fullmatch(name)
    if array is None:
        return base(name)
    length = array["length"]
    return Array(parse(array["item"], base), int(length) if length else None)


@cache
def atom(name: str) -> Word | Blob:
    """The type of a name that is neither an array nor a struct.

    Raises:
        TypeMalformed: There is none, or it goes by another name (`uint` is `uint256`).
    """
    if name in _PLAIN:
        return _PLAIN[name]
    sized = _SIZED.fullmatch(name)
    if sized is None:
        raise TypeMalformed(f"there is no type {name!r}")
    size = int(sized["size"])
    if sized["family"] == "bytes":
        if size > WORD_BYTES:
            raise TypeMalformed(f"there is no type {name!r}")
        return _fixed_bytes(size)
    if size > _WORD_BITS or size % 8:
        raise TypeMalformed(f"there is no type {name!r}")
    return _unsigned(size) if sized["family"] == "uint" else _signed(size)


def _unsigned(bits: int) -> Word:
    limit = 1 << bits

    def encode(value: object) -> bytes:
        return _integer(value, 0, limit, f"uint{bits}").to_bytes(WORD_BYTES, "big")

    def decode(word: bytes) -> int:
        value = int.from_bytes(word, "big")
        if value >= limit:
            raise AbiNotCanonical(f"a uint{bits} has bits beyond it")
        return value

    return Word(
        f"uint{bits}",
        encode,
        decode,
        layout=_INTEGER_LAYOUTS.get(bits, "32s"),
        padding=(1 << _WORD_BITS) - limit,
        convert=None if bits in _INTEGER_LAYOUTS else int.from_bytes,
    )


def _signed(bits: int) -> Word:
    limit = 1 << bits - 1

    def encode(value: object) -> bytes:
        number = _integer(value, -limit, limit, f"int{bits}")
        return number.to_bytes(WORD_BYTES, "big", signed=True)

    def decode(word: bytes) -> int:
        value = int.from_bytes(word, "big", signed=True)
        if not -limit <= value < limit:
            raise AbiNotCanonical(f"an int{bits} is not sign-extended")
        return value

    # Its padding depends on its sign, so no mask of zeros can check it.
    return Word(f"int{bits}", encode, decode, convert=decode)


def _fixed_bytes(size: int) -> Word:
    padding = bytes(WORD_BYTES - size)

    def encode(value: object) -> bytes:
        if not isinstance(value, bytes) or len(value) != size:
            raise FieldInvalid(f"{_shown(value)} is not {size} bytes")
        return value + padding

    def decode(word: bytes) -> bytes:
        if word[size:] != padding:
            raise AbiNotCanonical(f"a bytes{size} has bytes beyond it")
        return word[:size]

    layout = f"{size}s{len(padding)}x"
    return Word(f"bytes{size}", encode, decode, layout, padding=(1 << 8 * len(padding)) - 1)


def _encode_address(value: object) -> bytes:
    if not isinstance(value, str):
        raise FieldInvalid(f"{_shown(value)} is no address")
    try:
        return _ADDRESS_PADDING + from_address(value)
    except HexMalformed as error:
        raise FieldInvalid(f"is no address: {error}") from None


def _decode_address(word: bytes) -> str:
    if word[:-ADDRESS_BYTES] != _ADDRESS_PADDING:
        raise AbiNotCanonical("an address has bytes before it")
    return to_hex(word[-ADDRESS_BYTES:])


def _encode_bool(value: object) -> bytes:
    if not isinstance(value, bool):
        raise FieldInvalid(f"{_shown(value)} is no bool")
    return value.to_bytes(WORD_BYTES, "big")


def _decode_bool(word: bytes) -> bool:
    value = int.from_bytes(word, "big")
    if value not in {0, 1}:
        raise AbiNotCanonical("a bool is neither 0 nor 1")
    return value == 1


_ADDRESS_PADDING = bytes(WORD_BYTES - ADDRESS_BYTES)
_ADDRESS = Word(
    "address",
    _encode_address,
    _decode_address,
    layout="12x20s",
    padding=(1 << _WORD_BITS) - (1 << 8 * ADDRESS_BYTES),
    convert=to_hex,
)
_BOOL = Word("bool", _encode_bool, _decode_bool, "31x?", padding=(1 << _WORD_BITS) - 2)
_PLAIN: dict[str, Word | Blob] = {
    "address": _ADDRESS,
    "bool": _BOOL,
    "bytes": Blob("bytes"),
    "string": Blob("string"),
}


def _integer(value: object, lowest: int, limit: int, name: str) -> int:
    # To Python a bool is an int; to a signed order it must not be.
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldInvalid(f"{_shown(value)} is no integer")
    if not lowest <= value < limit:
        raise FieldInvalid(f"{_shown(value)} does not fit {name}")
    return value


def _structs_in(member: Type) -> dict[str, Struct]:
    """Every struct that a type uses, itself included, by name."""
    match member:
        case Array(item=item):
            return _structs_in(item)
        case Struct(title=title, types=types):
            inner = {key: s for each in types for key, s in _structs_in(each).items()}
            return {title: member, **inner}
        case _:
            return {}


def _titled(member: Type) -> str:
    match member:
        case Array(item=item, length=length):
            return f"{_titled(item)}[{length or ''}]"
        case Struct(title=title):
            return title
        case _:
            return member.name


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
