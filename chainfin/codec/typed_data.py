"""EIP-712 typed data: what a participant's device shows, signs, and sends back.

Types are pinned. `order_types.json` holds one `encodeType` text for each act, generated from the
contracts; `parse_type` reads it, and a document whose types differ in anything is refused. The
domain uses all five fields: name, version, chain, registry, and as salt the hash of the block
before deployment, so that a signature for a twin of this network is void here.

    digest = keccak256(0x1901 ‖ domainSeparator ‖ structHash)

In the JSON document every integer wider than 48 bits is decimal text, a narrower one a number
(JSON readers round numbers above 2^53); bytes and addresses are lower-case hexadecimal. A message
has one document and a document one message.
Source: EIP-712; `eth_signTypedData_v4` as MetaMask defines it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chainfin.codec.errors import (
    FieldError,
    FieldInvalid,
    HexMalformed,
    TypedDataMalformed,
    TypeMalformed,
    UnknownAct,
    WrongChain,
    WrongDomain,
    WrongTypes,
)
from chainfin.codec.hashing import WORD_BYTES, from_hex, keccak, to_hex
from chainfin.codec.solidity_types import Array, Blob, Struct, Type, Value, Word, atom, parse

_HEAD = re.compile(r"(?P<title>[A-Za-z_$][\w$]*)\((?P<fields>[^()]*)\)", re.ASCII)
_FIELD = re.compile(r"(?P<type>[A-Za-z_$][\w$]*(\[[0-9]*\])*) (?P<name>[A-Za-z_$][\w$]*)", re.ASCII)
_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,77}")
_WIDEST_NUMBER = 48
_PARTS = {"types", "primaryType", "domain", "message"}


@dataclass(frozen=True, slots=True)
class Domain:
    """The one system a signature is for.

    Attributes:
        name: The system's name, shown by the device.
        version: Of the contracts.
        chain_id: EIP-155 id of the network.
        verifying_contract: Address of the participant registry.
        salt: 32 bytes, the hash of the parent block at deployment.
    """

    name: str
    version: str
    chain_id: int
    verifying_contract: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Prehashed:
    """Stands for a member whose content stays private: its 32-byte hash.

    Allowed where EIP-712 encodes a member by its hash anyway: a struct, an array, bytes, a string.
    """

    hash: bytes


def parse_type(encode_type: str) -> Struct:
    """Read an `encodeType` text.

    Args:
        encode_type: The primary struct, then every struct it uses in alphabetical order:
            `SplitLot(address target,Part[] parts)Part(uint32 to,uint64 faceValue)`.

    Raises:
        TypeMalformed: The text is not exactly that: an unknown, unused, repeated or recursive
            struct, another order, an unknown type.
    """
    heads = {head["title"]: head["fields"] for head in _HEAD.finditer(encode_type)}
    if not heads:
        raise TypeMalformed(f"{encode_type[:80]!r} describes no struct")

    def struct(title: str, outer: tuple[str, ...]) -> Type:
        if title not in heads:
            return atom(title)
        if title in outer:
            raise TypeMalformed(f"{title} contains itself")
        return Struct(title, _fields(heads[title], lambda name: struct(name, (*outer, title))))

    primary = struct(next(iter(heads)), ())
    # Written back, it must be the same text: that catches whatever the patterns passed over.
    if not isinstance(primary, Struct) or primary.encode_type != encode_type:
        raise TypeMalformed(f"{encode_type[:80]!r} is not in the form of EIP-712's encodeType")
    return primary


def parse_types(encode_types: Mapping[str, str]) -> dict[str, Struct]:
    """Read a table of `encodeType` texts by the names of their primary structs.

    Raises:
        TypeMalformed: A text is malformed or stands under another name, or the domain's type is
            there and is not the one of this module.
    """
    types = {name: parse_type(text) for name, text in encode_types.items()}
    for name, struct in types.items():
        if struct.title != name:
            raise TypeMalformed(f"{struct.title} stands under the name {name}")
    if types.pop(_DOMAIN.title, _DOMAIN) != _DOMAIN:
        raise TypeMalformed(f"the domain's type is not {_DOMAIN.encode_type}")
    return types


@lru_cache(maxsize=64)
def domain_separator(domain: Domain) -> bytes:
    """EIP-712's `domainSeparator` over all five fields: 32 bytes.

    Raises:
        FieldInvalid: A field does not fit its type.
    """
    return struct_hash(
        _DOMAIN,
        {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.verifying_contract,
            "salt": domain.salt,
        },
    )


def struct_hash(struct: Struct, message: Mapping[str, Any] | Prehashed) -> bytes:
    """EIP-712's `hashStruct`: 32 bytes.

    Args:
        struct: The type, from `parse_type`.
        message: Values by name; a hashed member may be given as `Prehashed`.

    Raises:
        FieldMissing: A field is absent.
        FieldUnknown: There is one too many.
        FieldInvalid: A value does not fit its type; the error's path says where.
    """
    return _encode_data(struct, message)


def digest(domain: Domain, message_hash: bytes) -> bytes:
    """What is signed: 32 bytes of a domain and a `struct_hash`."""
    return keccak(b"\x19\x01" + domain_separator(domain) + message_hash)


def to_json(domain: Domain, struct: Struct, message: Mapping[str, Any]) -> dict[str, Any]:
    """The document that `eth_signTypedData_v4` takes.

    Raises:
        FieldError: The message does not fit its type, or hides a part as `Prehashed`: nobody
            should sign what no device can show.
    """
    struct_hash(struct, message)
    return {
        "types": _types_of(struct),
        "primaryType": struct.title,
        "domain": _domain_to_json(domain),
        "message": _to_json(struct, message),
    }


def from_json(
    document: Mapping[str, Any], types: Mapping[str, Struct], domain: Domain
) -> tuple[str, dict[str, Any]]:
    """Read back a document: the exact inverse of `to_json`.

    Args:
        document: Parsed JSON, from anybody.
        types: The pinned acts by name; see `parse_types`.
        domain: The only domain it may be for.

    Returns:
        The act's name and the message's values, arrays as tuples.

    Raises:
        TypedDataMalformed: A part is absent, too many, or of the wrong form.
        UnknownAct: The primary type is not among the pinned ones.
        WrongTypes: The types are not the pinned ones of the act.
        WrongChain: The chain id is another.
        WrongDomain: Name, version, registry or salt is another, or the domain lacks a field.
        FieldMissing: The message lacks a field.
        FieldUnknown: The message has a field too many.
        FieldInvalid: A value is not in the form of its type.
    """
    if document.keys() != _PARTS:
        raise TypedDataMalformed(f"the parts are {sorted(document)}, not {sorted(_PARTS)}")
    primary = document["primaryType"]
    struct = types.get(primary) if isinstance(primary, str) else None
    if struct is None:
        raise UnknownAct(f"{primary!r} is no act")
    if document["types"] != _types_of(struct):
        raise WrongTypes(f"the types are not those of {primary}")
    _require_domain(document["domain"], domain)
    message: dict[str, Any] = _from_json(struct, document["message"])
    struct_hash(struct, message)  # Reading checked the form of each value; this checks its range.
    return primary, message


def _fields(text: str, base: Callable[[str], Type]) -> tuple[tuple[str, Type], ...]:
    matches = [_FIELD.fullmatch(part) for part in text.split(",")] if text else []
    fields = [(match["name"], parse(match["type"], base)) for match in matches if match]
    if len({name for name, _ in fields}) != len(matches):
        raise TypeMalformed(f"{text[:80]!r} is no list of fields with different names")
    return tuple(fields)


def _encode_data(member: Type, value: Value) -> bytes:
    """The word that stands for a member in its struct's `encodeData`."""
    match member:
        case Word():
            return member.encode(value)
        case _ if isinstance(value, Prehashed):
            if len(value.hash) != WORD_BYTES:
                raise FieldInvalid(f"is prehashed in {len(value.hash)} bytes, not {WORD_BYTES}")
            return value.hash
        case Blob():
            return keccak(member.to_bytes(value))
        case Array():
            items = enumerate(member.arrange(value))
            return keccak(b"".join([_step(f"[{i}]", member.item, item) for i, item in items]))
        case Struct():
            pairs = zip(member.fields, member.arrange(value), strict=True)
            words = [_step(name, inner, item) for (name, inner), item in pairs]
            return keccak(member.type_hash + b"".join(words))


def _step(step: str, member: Type, value: Value) -> bytes:
    try:
        return _encode_data(member, value)
    except FieldError as error:
        raise error.inside(step) from None


# The JSON document.


def _types_of(struct: Struct) -> dict[str, list[dict[str, str]]]:
    structs = {each.title: each for each in (_DOMAIN, *_all_structs(struct))}
    return {
        title: [{"name": name, "type": kind} for name, kind in each.titled_fields]
        for title, each in structs.items()
    }


def _all_structs(member: Type) -> list[Struct]:
    match member:
        case Array(item=item):
            return _all_structs(item)
        case Struct(types=types):
            return [member, *[inner for each in types for inner in _all_structs(each)]]
        case _:
            return []


def _domain_to_json(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "version": domain.version,
        # A number although it is a uint256: wallets compare it with the chain they are on.
        "chainId": domain.chain_id,
        "verifyingContract": domain.verifying_contract,
        "salt": to_hex(domain.salt),
    }


def _require_domain(found: Value, domain: Domain) -> None:
    expected = _domain_to_json(domain)
    if not isinstance(found, dict) or found.keys() != expected.keys():
        raise WrongDomain(f"the domain does not have the fields {', '.join(expected)}")
    for name, value in expected.items():
        # The type as well, because in Python 1 == 1.0 == True.
        if type(found[name]) is not type(value) or found[name] != value:
            refusal = WrongChain if name == "chainId" else WrongDomain
            raise refusal(f"{name} is {found[name]!r}, not {value!r}")


def _to_json(member: Type, value: Value) -> Value:
    """A value that is known to fit its type, as JSON."""
    match member:
        case Word() if _is_wide(member):
            return str(value)
        case Word() | Blob():
            return to_hex(value) if isinstance(value, bytes) else value
        case _ if isinstance(value, Prehashed):
            raise FieldInvalid("is hidden behind its hash and cannot be shown")
        case Array():
            return [_to_json(member.item, item) for item in value]
        case Struct():
            return {name: _to_json(inner, value[name]) for name, inner in member.fields}


def _from_json(member: Type, value: Value) -> Value:
    """A value of a type from JSON; its form is checked, its range not."""
    match member:
        case Word() | Blob():
            return _atom_from_json(member, value)
        case Array():
            items = enumerate(member.arrange(value))
            return tuple([_inside(f"[{i}]", member.item, item) for i, item in items])
        case Struct():
            if not isinstance(value, dict):
                raise FieldInvalid(f"is no {member.title}")
            pairs = zip(member.fields, member.arrange(value), strict=True)
            return {name: _inside(name, inner, item) for (name, inner), item in pairs}


def _inside(step: str, member: Type, value: Value) -> Value:
    try:
        return _from_json(member, value)
    except FieldError as error:
        raise error.inside(step) from None


def _atom_from_json(member: Word | Blob, value: Value) -> Value:
    if _is_wide(member):
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise FieldInvalid(f"{value!r:.80} is not the decimal text of a {member.name}")
        return int(value)
    if not member.name.startswith("bytes"):
        return value
    try:
        return from_hex(value)
    except (HexMalformed, TypeError) as error:
        raise FieldInvalid(f"is no {member.name}: {error}") from None


def _is_wide(member: Type) -> bool:
    """Whether JSON holds its integers as text."""
    _, integer, bits = member.name.partition("int")
    return bool(integer) and bits.isdigit() and int(bits) > _WIDEST_NUMBER


_DOMAIN = parse_type(
    "EIP712Domain(string name,string version,uint256 chainId,"
    "address verifyingContract,bytes32 salt)"
)
