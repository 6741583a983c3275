"""Contract calls, results, logs and reverts in the form their JSON ABI gives them.

`load_abi` turns a compiler's JSON ABI into `Function`, `Event` and `Error` values, worked out once;
the functions after it translate between bytes and names. Decoding is strict: bytes that are not
the one canonical encoding of what they hold are refused, each kind with its own error.
Source: Solidity documentation, "Contract ABI Specification".
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from chainfin.codec import abi_words
from chainfin.codec.errors import (
    AbiNotCanonical,
    CalldataNotCanonical,
    ResultNotCanonical,
    RevertNotCanonical,
    SelectorUnknown,
    TypeMalformed,
)
from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.solidity_types import Struct, Type, Value, Word, atom, parse

SELECTOR_BYTES = 4
_MOST_TOPICS = 4

Arguments: TypeAlias = Mapping[str, Any] | Sequence[Any]
Entry: TypeAlias = Mapping[str, Any]
_Item = TypeVar("_Item", "Function", "Event", "Error")


@dataclass(frozen=True)
class Function:
    """A function of a contract.

    Attributes:
        name: Without parameters.
        inputs: Its parameters; an unnamed one is named by its position, `0`, `1`, ...
        outputs: Its results, named likewise.
        signature: Canonical: `splitLot((uint32,uint64)[],bytes)`.
        selector: The first four bytes of the signature's hash.
    """

    name: str
    inputs: Struct
    outputs: Struct
    signature: str
    selector: bytes


@dataclass(frozen=True)
class Error:
    """A custom error of a contract: name, parameters, canonical signature, four-byte selector."""

    name: str
    inputs: Struct
    signature: str
    selector: bytes


@dataclass(frozen=True)
class Event:
    """An event of a contract.

    Attributes:
        name: Without parameters.
        signature: Canonical, parameters in the order of their declaration.
        topic: The hash of the signature: the first topic of its logs.
        indexed: The parameters in the further topics. Of one that is longer than a word the topic
            holds a hash, so it is a `bytes32` here.
        data: The parameters in the data.
    """

    name: str
    signature: str
    topic: bytes
    indexed: Struct
    data: Struct


@dataclass(frozen=True)
class Interface:
    """What a contract can be asked and can say.

    Attributes:
        functions: By name; overloads of one name by their signatures instead.
        events: By name, likewise.
        errors: By name.
        constructor: The constructor's parameters.
    """

    functions: Mapping[str, Function]
    events: Mapping[str, Event]
    errors: Mapping[str, Error]
    constructor: Struct

    def functions_by_selector(self) -> dict[bytes, Function]:
        """Its functions by selector."""
        return {function.selector: function for function in self.functions.values()}

    def errors_by_selector(self) -> dict[bytes, Error]:
        """Its errors by selector, with the two of the language: `Error(string)`, `Panic(uint256)`.

        A revert bubbles up from any depth, so a caller merges those of every contract it reaches.
        """
        own = {error.selector: error for error in self.errors.values()}
        return {error.selector: error for error in _LANGUAGE_ERRORS} | own


def load_abi(entries: Iterable[Entry]) -> Interface:
    """Read a JSON ABI, already parsed into lists and dicts.

    Raises:
        TypeMalformed: An entry is incomplete, has an unknown type, or is an anonymous event.
    """
    by_kind: dict[str, list[Entry]] = {}
    for entry in entries:
        by_kind.setdefault(_member(entry, "type"), []).append(entry)
    constructors = by_kind.get("constructor", [])
    return Interface(
        functions=_named([_function(entry) for entry in by_kind.get("function", [])]),
        events=_named([_event(entry) for entry in by_kind.get("event", [])]),
        errors=_named([_error(entry) for entry in by_kind.get("error", [])]),
        constructor=_parameters(_member(constructors[0], "inputs") if constructors else []),
    )


def encode_call(function: Function, arguments: Arguments) -> bytes:
    """Encode a call: selector, then arguments.

    Args:
        function: What to call.
        arguments: By name, or in order; struct arguments likewise, at any depth.

    Raises:
        FieldMissing: An argument or a struct's member is absent.
        FieldUnknown: There is one too many.
        FieldInvalid: A value does not fit its type; the error's path says which.
    """
    return function.selector + abi_words.encode(function.inputs, arguments)


def decode_call(function: Function, calldata: bytes) -> dict[str, Any]:
    """Decode the arguments of a call by name, structs as nested dicts, arrays as tuples.

    Raises:
        SelectorUnknown: The calldata call another function.
        CalldataNotCanonical: Encoding the arguments would not give the same bytes.
    """
    return _decode_selected(function, calldata, CalldataNotCanonical)


def encode_constructor(interface: Interface, arguments: Arguments) -> bytes:
    """Encode what follows the bytecode in a deployment; errors as in `encode_call`."""
    return abi_words.encode(interface.constructor, arguments)


def decode_result(function: Function, data: bytes) -> Value:
    """Decode what a call returned.

    Returns:
        None for no result, the value for one, a dict by name for several.

    Raises:
        ResultNotCanonical: The data are not the one encoding of such results; they are empty if
            there is no contract at the address.
    """
    results = _decode(function.outputs, data, ResultNotCanonical, function.signature)
    if len(results) > 1:
        return results
    return next(iter(results.values()), None)


def decode_error(errors: Mapping[bytes, Error], data: bytes) -> tuple[str, dict[str, Any]]:
    """Decode revert data.

    Args:
        errors: The known errors by selector; see `Interface.errors_by_selector`.
        data: What the call reverted with.

    Returns:
        The error's name and its arguments by name.

    Raises:
        SelectorUnknown: The data begin with no known selector, or are empty.
        RevertNotCanonical: The arguments are not canonically encoded.
    """
    error = errors.get(data[:SELECTOR_BYTES])
    if error is None:
        raise SelectorUnknown(f"no error has the selector {to_hex(data[:SELECTOR_BYTES])}")
    return error.name, _decode_selected(error, data, RevertNotCanonical)


def _decode_selected(
    item: Function | Error, data: bytes, refusal: type[AbiNotCanonical]
) -> dict[str, Any]:
    if data[:SELECTOR_BYTES] != item.selector:
        raise SelectorUnknown(f"{to_hex(data[:SELECTOR_BYTES])} is not {item.signature}")
    return _decode(item.inputs, data[SELECTOR_BYTES:], refusal, item.signature)


def _decode(
    members: Struct, data: bytes, refusal: type[AbiNotCanonical], what: str
) -> dict[str, Any]:
    try:
        values: dict[str, Any] = abi_words.decode(members, data)
    except AbiNotCanonical as error:
        raise refusal(f"{what}: {error}") from None
    return values


# Reading the JSON ABI.


def _function(entry: Entry) -> Function:
    name, inputs = _member(entry, "name"), _parameters(_member(entry, "inputs"))
    signature = name + inputs.name
    outputs = _parameters(_member(entry, "outputs"))
    return Function(name, inputs, outputs, signature, _hash(signature)[:SELECTOR_BYTES])


def _error(entry: Entry) -> Error:
    name, inputs = _member(entry, "name"), _parameters(_member(entry, "inputs"))
    signature = name + inputs.name
    return Error(name, inputs, signature, _hash(signature)[:SELECTOR_BYTES])


def _event(entry: Entry) -> Event:
    if entry.get("anonymous"):
        raise TypeMalformed(f"event {entry.get('name')} is anonymous: its logs do not name it")
    name, inputs = _member(entry, "name"), _parameters(_member(entry, "inputs"))
    flags = [bool(parameter.get("indexed")) for parameter in entry["inputs"]]
    pairs = list(zip(inputs.fields, flags, strict=True))
    indexed = Struct("", tuple((n, _topic_type(t)) for (n, t), is_topic in pairs if is_topic))
    data = Struct("", tuple(parameter for parameter, is_topic in pairs if not is_topic))
    if len(indexed.fields) >= _MOST_TOPICS:
        raise TypeMalformed(f"event {name} has {len(indexed.fields)} indexed parameters")
    signature = name + inputs.name
    return Event(name, signature, _hash(signature), indexed, data)


def _topic_type(member: Type) -> Word:
    return member if isinstance(member, Word) else _HASH


def _parameters(entries: object) -> Struct:
    return _struct("", entries)


def _struct(title: str, entries: object) -> Struct:
    if not isinstance(entries, Sequence):
        raise TypeMalformed("parameters are not a list")
    names = [str(entry.get("name") or index) for index, entry in enumerate(entries)]
    if len(set(names)) != len(names):
        raise TypeMalformed(f"two parameters share a name: {', '.join(names)}")
    types = [_parameter_type(entry) for entry in entries]
    return Struct(title, tuple(zip(names, types, strict=True)))


def _parameter_type(entry: Entry) -> Type:
    def base(name: str) -> Type:
        if name != "tuple":
            return atom(name)
        # The compiler adds "struct IReceivableLedger.Part[]": keep the struct's own name.
        title = str(entry.get("internalType", "")).rpartition(".")[2].partition("[")[0]
        return _struct(title.removeprefix("struct "), _member(entry, "components"))

    return parse(_member(entry, "type"), base)


def _member(entry: Entry, name: str) -> Value:
    if name not in entry:
        raise TypeMalformed(f"an ABI entry has no {name}: {dict(entry)}")
    return entry[name]


def _named(items: Sequence[_Item]) -> dict[str, _Item]:
    counts = Counter(item.name for item in items)
    return {item.signature if counts[item.name] > 1 else item.name: item for item in items}


def _hash(signature: str) -> bytes:
    return keccak(signature.encode())


_HASH = _topic_type(atom("bytes32"))
_LANGUAGE_ERRORS = (
    _error({"name": "Error", "inputs": [{"name": "reason", "type": "string"}]}),
    _error({"name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]}),
)
