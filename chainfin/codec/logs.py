"""Many raw logs at once: from the bytes of `eth_getLogs` to named parameters.

The indexer's hot path. The answer's JSON goes straight into typed values, and each event was
given its own reader when its ABI was loaded, so a log costs a few microseconds.
"""

from binascii import unhexlify
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from chainfin.codec.abi import Event, Interface, read_log
from chainfin.codec.errors import EventUnknown, LogNotCanonical, RpcMalformed
from chainfin.codec.hashing import WORD_BYTES, to_hex

EventTable: TypeAlias = Mapping[tuple[str, str], Event]

_TOPIC_LENGTHS = {2 + 2 * WORD_BYTES}


class RpcLog(msgspec.Struct, frozen=True, rename="camel"):
    """A log as a node tells it; quantities and data stay hexadecimal text until somebody asks.

    Attributes:
        block_timestamp: UTC seconds of its block; older nodes leave it out.
        removed: Whether a reorganisation took it back.
    """

    address: str
    topics: tuple[str, ...]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    transaction_index: str
    log_index: str
    block_timestamp: str | None = None
    removed: bool = False


class _Answer(msgspec.Struct):
    result: list[RpcLog]


_ANSWERS = msgspec.json.Decoder(_Answer)


def parse_logs(answer: bytes) -> list[RpcLog]:
    """Read the body of a successful `eth_getLogs` answer.

    Raises:
        RpcMalformed: It is an error, or no list of logs.
    """
    try:
        return _ANSWERS.decode(answer).result
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RpcMalformed(f"no answer of eth_getLogs: {error}") from None


def event_table(contracts: Iterable[tuple[str, Interface]]) -> dict[tuple[str, str], Event]:
    """The events of deployed contracts by lower-case address and first topic."""
    return {
        (address, to_hex(topic)): event
        for address, interface in contracts
        for topic, event in interface.events_by_topic().items()
    }


def decode_log(table: EventTable, log: RpcLog) -> tuple[str, dict[str, Any]]:
    """Decode one log: the event's name and its parameters by name.

    Raises:
        EventUnknown: The table has no such event of that contract. A reader must stop here, not
            skip: what it does not understand may have changed what it believes.
        LogNotCanonical: The log is not the one encoding of its event.
    """
    topics = log.topics
    event = table.get((log.address, topics[0])) if topics else None
    if event is None:
        raise EventUnknown(f"{log.address} has no event of the topics {list(topics)}")
    if len(topics) != 1 + len(event.indexed.fields):
        raise LogNotCanonical(f"{event.signature}: there are {len(topics)} topics")
    # Checked one by one, because two wrong lengths could add up to a right one.
    if set(map(len, topics)) != _TOPIC_LENGTHS:
        raise LogNotCanonical(f"{event.signature}: a topic has not {WORD_BYTES} bytes")
    indexed = "".join([topic[2:] for topic in topics[1:]])
    return event.name, read_log(event, _unhex(indexed), _unhex(log.data[2:]))


def decode_logs(table: EventTable, logs: Iterable[RpcLog]) -> list[tuple[str, dict[str, Any]]]:
    """Decode many logs in order; raises as `decode_log` at the first that fails."""
    return [decode_log(table, log) for log in logs]


def _unhex(digits: str) -> bytes:
    try:
        return unhexlify(digits)
    except ValueError as error:
        raise LogNotCanonical(f"{digits[:80]} is not hexadecimal: {error}") from None
