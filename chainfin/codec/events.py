"""From a raw log to the domain's event, and no further.

Which class an event has follows from its name, which field a parameter is follows from its name,
and how a value is converted follows from the field's type. So the classes of
`chainfin.domain.events` are the whole table, and an ABI that does not fit them is refused when the
decoder is made, before anything is read.

A log of one of our contracts that the table does not know stops the reader: what it does not
understand may have changed what it believes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum, IntFlag
from operator import itemgetter
from typing import Any, TypeAlias, get_args, get_type_hints

from chainfin.codec.abi import Entry, load_abi, read_log
from chainfin.codec.abi import Event as AbiEvent
from chainfin.codec.errors import EventUnknown, LogNotCanonical, TypeMalformed
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.solidity_types import Array, Struct, Type
from chainfin.domain import events
from chainfin.domain.events import Event, RawLog

Convert: TypeAlias = Callable[[Any], Any]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CURRENCY = re.compile(rb"[A-Z]{3}")
_CURRENCY_TYPE = "bytes3"
_RENAMED = {"from": "from_", ("Transfer", "tokenId"): "value"}
_SAME = {"uint": int, "bool": bool, "address": str, "string": str}
"""Types whose values are decoded to what the field holds."""
_TOPIC_LENGTHS = {66}


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the logs of one event of one contract are read."""

    kind: type[Event]
    event: AbiEvent
    topic_count: int
    arrange: Callable[[dict[str, Any]], tuple[Any, ...]]
    converters: tuple[tuple[int, Convert], ...]


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
        self._readers = {
            (address, topic): reader
            for address, name in contracts.items()
            for topic, reader in readers[name].items()
        }
        self.addresses = tuple(contracts)

    def kind_of(self, log: RawLog) -> type[Event]:
        """The class of a log's event, by its contract and first topic.

        Raises:
            EventUnknown: The table has no such event of that contract.
        """
        return self._reader_of(log).kind

    def decode(self, log: RawLog) -> Event:
        """The event a log holds.

        Raises:
            EventUnknown: The table has no such event of that contract.
            LogNotCanonical: The log is not the one encoding of its event.
        """
        reader = self._reader_of(log)
        topics = log.topics
        if len(topics) != reader.topic_count or {len(topic) for topic in topics} != _TOPIC_LENGTHS:
            raise LogNotCanonical(f"{reader.event.signature}: the topics are {list(topics)}")
        indexed = from_hex("0x" + "".join([topic[2:] for topic in topics[1:]]))
        named = read_log(reader.event, indexed, from_hex(log.data))
        values = list(reader.arrange(named))
        for index, convert in reader.converters:
            values[index] = convert(values[index])
        return reader.kind(*values)

    def decode_all(self, logs: Iterable[RawLog]) -> list[Event]:
        """The events of many logs in order; raises as `decode` at the first that fails."""
        return [self.decode(log) for log in logs]

    def _reader_of(self, log: RawLog) -> _Reader:
        reader = self._readers.get((log.address, log.topics[0])) if log.topics else None
        if reader is None:
            raise EventUnknown(f"{log.address} has no event of the topics {list(log.topics)}")
        return reader


def _reader(event: AbiEvent) -> _Reader:
    kind = getattr(events, event.name, None)
    if kind is None:
        raise EventUnknown(f"there is no class for the event {event.signature}")
    types = dict(event.indexed.fields + event.data.fields)
    names = _by_field(event.name, types)
    _require_fields(event.signature, names, kind)
    arranged = [names[entry.name] for entry in fields(kind)]
    hints = get_type_hints(kind)
    found = [_converter(types[names[entry.name]], hints[entry.name]) for entry in fields(kind)]
    return _Reader(
        kind=kind,
        event=event,
        topic_count=1 + len(event.indexed.fields),
        arrange=_getter(arranged),
        converters=tuple((index, convert) for index, convert in enumerate(found) if convert),
    )


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


def _getter(names: Sequence[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: (values[names[0]],)


def _converter(solidity: Type, hint: Any) -> Convert | None:
    """What makes the field's value of the decoded one; None where it is the same."""
    match solidity:
        case Array():
            item = _struct_converter(solidity.item, next(iter(get_args(hint)), None))
            return lambda values: tuple([item(value) for value in values])
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


def _struct_converter(struct: Type, kind: Any) -> Convert:
    if not isinstance(struct, Struct) or not (isinstance(kind, type) and is_dataclass(kind)):
        raise TypeMalformed(f"a {struct.name} cannot become {kind}")
    names = _by_field(struct.title, struct.names)
    _require_fields(f"the struct {struct.title}", names, kind)
    hints = get_type_hints(kind)
    plan = [
        (names[entry.name], _converter(dict(struct.fields)[names[entry.name]], hints[entry.name]))
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
