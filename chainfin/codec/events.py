"""From a raw log to the domain's event, and no further.

Which class an event has follows from its name, which field a parameter is follows from its name,
and how a value is converted follows from the field's type. So the classes of
`chainfin.domain.events` are the whole table, and an ABI that does not fit them is refused when the
decoder is made, before anything is read.

Each event gets its own reader then: see `event_readers`.

A log of one of our contracts that the table does not know stops the reader: what it does not
understand may have changed what it believes.
"""

import re
from binascii import unhexlify
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any, TypeAlias, get_args, get_type_hints

from chainfin.codec import abi_words
from chainfin.codec.abi import Entry, load_abi
from chainfin.codec.abi import Event as AbiEvent
from chainfin.codec.errors import AbiNotCanonical, EventUnknown, LogNotCanonical, TypeMalformed
from chainfin.codec.event_readers import (
    Build,
    Convert,
    Member,
    Take,
    Values,
    write_build,
    write_take,
)
from chainfin.codec.hashing import WORD_BYTES, from_hex, to_hex
from chainfin.codec.solidity_types import Array, Struct, Type
from chainfin.domain import events
from chainfin.domain.events import Event, RawLog

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CURRENCY = re.compile(rb"[A-Z]{3}")
_CURRENCY_TYPE = "bytes3"
_RENAMED = {"from": "from_", ("Transfer", "tokenId"): "value"}
_SAME = {"uint": int, "bool": bool, "address": str, "string": str}
"""Types whose values are decoded to what the field holds."""
_TOPIC_LENGTHS = {2 + 2 * WORD_BYTES}

Taken: TypeAlias = tuple[int, str, int, int, Values]
"""What a log says: which reader read it, its transaction's hash and index, its own, the values."""
Source: TypeAlias = tuple[str, Build]
"""Whose event it is, and what makes it of its values."""


@dataclass(frozen=True, slots=True)
class EventReader:
    """How the logs of one event of one contract are read.

    Attributes:
        kind: The event's class.
        signature: Its name and parameters, for messages.
        take: From topics, its own first, and data to the values of its fields, still plain.
        build: From those to the event.
    """

    kind: type[Event]
    signature: str
    take: Take
    build: Build

    def decode(self, log: RawLog) -> Event:
        """The event a log holds.

        Raises:
            LogNotCanonical: The log is not the one encoding of its event.
        """
        try:
            event: Event = self.build(self.take(log.topics, log.data))
        except ValueError as error:
            raise LogNotCanonical(f"{self.signature}: {error}") from None
        return event


class EventDecoder:
    """The events of the contracts of one network."""

    def __init__(self, abis: Mapping[str, Sequence[Entry]], contracts: Mapping[str, str]) -> None:
        """Work out how each event is read.

        Args:
            abis: JSON ABI by contract name.
            contracts: Contract name by lower-case address; several may have one name.

        Raises:
            TypeMalformed: A contract has no ABI, or an event differs from its class.
            EventUnknown: An event has no class.
        """
        if missing := sorted(set(contracts.values()) - set(abis)):
            raise TypeMalformed(f"no ABI of {', '.join(missing)}")
        readers = {
            name: {
                to_hex(event.topic): _reader(event)
                for event in load_abi(abis[name]).events.values()
            }
            for name in set(contracts.values())
        }
        self.abis, self.contracts = abis, contracts
        self.addresses = tuple(contracts)
        self._readers = {
            (address, topic): reader
            for address, name in contracts.items()
            for topic, reader in readers[name].items()
        }
        # By their numbers, which are the same in every process with the same contracts.
        numbered = list(self._readers.items())
        self.sources: Sequence[Source] = [(key[0], reader.build) for key, reader in numbered]
        self._numbers = {key: (number, reader) for number, (key, reader) in enumerate(numbered)}

    def kind_of(self, log: RawLog) -> type[Event]:
        """The class of a log's event, by its contract and first topic.

        Raises:
            EventUnknown: The table has no such event of that contract.
        """
        return self.reader_of(log).kind

    def decode(self, log: RawLog) -> Event:
        """The event a log holds.

        Raises:
            EventUnknown: The table has no such event of that contract.
            LogNotCanonical: The log is not the one encoding of its event.
        """
        return self.reader_of(log).decode(log)

    def read(
        self, logs: Iterable[RawLog], ignored: Container[type[Event]] = ()
    ) -> list[tuple[RawLog, Event]]:
        """The events of many logs in order, each with its log.

        Args:
            logs: Of our contracts.
            ignored: Events nobody wants; they are known, and not decoded.

        Raises:
            EventUnknown: The table has no such event of that contract.
            LogNotCanonical: A log is not the one encoding of its event.
        """
        readers, found = self._readers, []
        for log in logs:
            address, topics, data, _ = log
            reader = readers.get((address, topics[0])) if topics else None
            if reader is None:
                raise _unknown(log)
            if reader.kind in ignored:
                continue
            try:
                found.append((log, reader.build(reader.take(topics, data))))
            except ValueError as error:
                raise LogNotCanonical(f"{reader.signature}: {error}") from None
        return found

    def take(self, logs: Iterable[RawLog], ignored: Container[type[Event]] = ()) -> list[Taken]:
        """What many logs say, in order, before events are made of it; arguments as of `read`.

        Raises:
            EventUnknown: The table has no such event of that contract.
            LogNotCanonical: A log is not the one encoding of its event.
        """
        numbers, found = self._numbers, []
        for log in logs:
            address, topics, data, (_, _, _, transaction_hash, transaction_index, index) = log
            known = numbers.get((address, topics[0])) if topics else None
            if known is None:
                raise _unknown(log)
            number, reader = known
            if reader.kind in ignored:
                continue
            try:
                values = reader.take(topics, data)
            except ValueError as error:
                raise LogNotCanonical(f"{reader.signature}: {error}") from None
            found.append((number, transaction_hash, transaction_index, index, values))
        return found

    def reader_of(self, log: RawLog) -> EventReader:
        """How a log is read, by its contract and first topic.

        Raises:
            EventUnknown: The table has no such event of that contract.
        """
        reader = self._readers.get((log.address, log.topics[0])) if log.topics else None
        if reader is None:
            raise _unknown(log)
        return reader


def _unknown(log: RawLog) -> EventUnknown:
    return EventUnknown(f"{log.address} has no event of the topics {list(log.topics)}")


@cache
def _reader(event: AbiEvent) -> EventReader:
    kind = getattr(events, event.name, None)
    if kind is None:
        raise EventUnknown(f"there is no class for the event {event.signature}")
    parameters = event.indexed.fields + event.data.fields
    names = _by_field(event.name, [name for name, _ in parameters])
    _require_fields(event.signature, names, kind)
    hints = get_type_hints(kind)
    hint_of = {names[entry.name]: hints[entry.name] for entry in fields(kind)}
    places = [name for name, _ in parameters]
    order = [places.index(names[entry.name]) for entry in fields(kind)]
    members = [_member(member, hint_of[name]) for name, member in parameters]
    topics = len(event.indexed.fields)
    take = write_take(topics, members, order)
    if take is not None:
        return EventReader(kind, event.signature, take, write_build(kind, members, order))
    converters = [_converter(member, hint_of[name]) for name, member in parameters]
    slowly = [
        Member(member, convert) for (_, member), convert in zip(parameters, converters, strict=True)
    ]
    return EventReader(
        kind, event.signature, _slow_take(event, order), write_build(kind, slowly, order)
    )


def _member(member: Type, hint: Any) -> Member:
    """A parameter for a written reader, which cuts hexadecimal text out itself."""
    if isinstance(member, Array) and isinstance(member.item, Struct):
        item: Struct = member.item
        kind: Any = next(iter(get_args(hint)), None)
        names = _fields_of_struct(item, kind)
        hints = get_type_hints(kind)
        hint_of = {names[name]: hints[name] for name in names}
        order = tuple(item.names.index(names[entry.name]) for entry in fields(kind))
        items = tuple(_member(inner, hint_of[name]) for name, inner in item.fields)
        return Member(member, None, kind, items, order)
    convert = _converter(member, hint)
    return Member(member, None if convert is to_hex else convert)


def _slow_take(event: AbiEvent, order: Sequence[int]) -> Take:
    count = 1 + len(event.indexed.fields)

    def take(topics: Sequence[str], data: str) -> Values:
        # Checked one by one, because two wrong lengths could add up to a right one.
        if len(topics) != count or set(map(len, topics)) != _TOPIC_LENGTHS:
            raise AbiNotCanonical(f"the topics are {list(topics)}")
        named: dict[str, Any] = abi_words.decode(
            event.indexed, unhexlify("".join([topic[2:] for topic in topics[1:]]))
        )
        named.update(abi_words.decode(event.data, from_hex(data)))
        values = list(named.values())
        return tuple([values[place] for place in order])

    return take


# --- from parameters to fields ---------------------------------------------------------------


def _require_fields(what: str, names: Mapping[str, str], kind: Any) -> None:
    wanted = {entry.name for entry in fields(kind)}
    if set(names) != wanted:
        raise TypeMalformed(f"{what} does not have the fields {sorted(wanted)}")


def _by_field(event_name: str, parameters: Iterable[str]) -> dict[str, str]:
    """Parameter by the name of the field it is."""
    return {_field_name(event_name, parameter): parameter for parameter in parameters}


def _field_name(event_name: str, parameter: str) -> str:
    renamed = _RENAMED.get((event_name, parameter)) or _RENAMED.get(parameter)
    return renamed or _WORD_START.sub("_", parameter).lower()


def _converter(solidity: Type, hint: Any) -> Convert | None:
    """What makes the field's value of the decoded one; None where it is the same."""
    match solidity:
        case Array():
            item = _converter(solidity.item, next(iter(get_args(hint)), None))
            return lambda values: tuple([item(value) for value in values] if item else values)
        case Struct():
            return _struct_converter(solidity, hint)
        case _:
            return _plain_converter(solidity.name, hint)


def _plain_converter(name: str, hint: Any) -> Convert | None:
    if name == _CURRENCY_TYPE and hint is str:
        return _currency
    if name.startswith("bytes") and hint is str:
        return to_hex
    if hint is _SAME.get(name.rstrip("0123456789")):
        return None
    if name.startswith("uint") and isinstance(hint, type) and issubclass(hint, IntEnum | IntFlag):
        return _code(hint)
    raise TypeMalformed(f"a {name} cannot become {hint}")


def _fields_of_struct(struct_type: Type, kind: Any) -> dict[str, str]:
    """The members of a struct by the fields of the class that holds it."""
    if not isinstance(struct_type, Struct) or not (isinstance(kind, type) and is_dataclass(kind)):
        raise TypeMalformed(f"a {struct_type.name} cannot become {kind}")
    names = _by_field(struct_type.title, struct_type.names)
    _require_fields(f"the struct {struct_type.title}", names, kind)
    return names


def _struct_converter(struct_type: Type, kind: Any) -> Convert:
    names = _fields_of_struct(struct_type, kind)
    hints = get_type_hints(kind)
    types = dict(struct_type.fields) if isinstance(struct_type, Struct) else {}
    plan = [
        (names[entry.name], _converter(types[names[entry.name]], hints[entry.name]))
        for entry in fields(kind)
    ]

    def convert(values: Mapping[str, Any]) -> Any:
        return kind(*[make(values[name]) if make else values[name] for name, make in plan])

    return convert


def _code(kind: Callable[[int], Any]) -> Convert:
    def convert(value: int) -> Any:
        try:
            return kind(value)
        except ValueError as error:
            raise LogNotCanonical(str(error)) from None

    return convert


def _currency(value: bytes) -> str:
    return value.decode() if _CURRENCY.fullmatch(value) else to_hex(value)
