import dataclasses
from enum import IntEnum, IntFlag
from typing import get_args, get_origin, get_type_hints

import pytest

from chainfin.codec.errors import EventUnknown, LogNotCanonical, TypeMalformed
from chainfin.codec.events import EventDecoder
from chainfin.domain import events as said
from chainfin.domain.events import LogPosition, RawLog
from chainfin.domain.participant import ParticipantStatus
from chainfin.domain.receivable import ReceivableStatus
from tests.fake_chain import ABIS, ADDRESS, CONTRACTS, decoder, digest, encode_event

POSITION = LogPosition(1, digest("block"), 2, digest("transaction"), 3, 4)
EVENTS = [
    (contract, entry["name"])
    for contract in sorted(set(CONTRACTS.values()))
    for entry in ABIS[contract]
    if entry["type"] == "event"
]
ADDRESS_FIELDS = {
    "account", "address", "authority", "caller", "checker_key", "deposit", "from_", "issuer", "key",
    "maker_key", "subject", "target", "to", "transfer_rules", "venue", "vetoing_key",
}  # fmt: skip
SHORT_BYTES = {"person": 15, "reason": 4, "selector": 4}


def raw(event, contract=None):
    address, topics, data = encode_event(event, contract)
    return RawLog(address, tuple(topics), data, POSITION)


def sample(hint, name):
    """A value of a field, different for every name."""
    seed = sum(map(ord, name))
    if get_origin(hint) is tuple:
        return tuple(sample(get_args(hint)[0], f"{name}{n}") for n in range(3))
    if dataclasses.is_dataclass(hint):
        return example(hint)
    if hint is bool or issubclass(hint, IntEnum | IntFlag):
        return hint(1)
    if hint is str:
        return text_of(name)
    return hint(seed % 251)


def text_of(name):
    if name == "currency":
        return "CNY"
    if name in {"label", "data"}:
        return {"label": "governor", "data": "0x1234"}[name]
    size = 20 if name in ADDRESS_FIELDS else SHORT_BYTES.get(name, 32)
    return digest(name)[: 2 + 2 * size]


def example(kind):
    hints = get_type_hints(kind)
    return kind(*[sample(hints[entry.name], entry.name) for entry in dataclasses.fields(kind)])


@pytest.mark.parametrize(("contract", "name"), EVENTS)
def test_decode__when_an_event_is_encoded_by_its_abi__then_it_is_the_same(contract, name):
    event = example(getattr(said, name))
    if isinstance(event, said.Transfer | said.LotTransferred) and contract != "ReceivableLedger":
        event = dataclasses.replace(event, value=7)

    log = raw(event, contract)

    assert decoder().decode(log) == event
    assert decoder().kind_of(log) is type(event)


def test_decode__when_a_split_has_many_parts__then_all_are_there_in_order():
    parts = tuple(said.LotPart(number, number % 7 + 1, 10 * number) for number in range(2, 102))
    event = said.LotSplit(17, 5, 1, 2**63 - 1, parts)

    assert decoder().decode(raw(event)) == event


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonce", 2**256 - 1),
        ("maker_key", "0x" + "ff" * 20),
        ("organisation", 2**32 - 1),
    ],
)
def test_decode__when_a_value_is_as_large_as_its_type__then_it_is_kept(name, value):
    event = dataclasses.replace(example(said.OrderExecuted), **{name: value})

    assert decoder().decode(raw(event)) == event


@pytest.mark.parametrize("currency", ["0x000000", "0x636e79", "0xff0000", "0x430059"])
def test_decode__when_a_currency_is_no_code__then_its_bytes_are_shown(currency):
    event = said.DualControlLimitSet(3, 4, currency, 5, 6)

    assert decoder().decode(raw(event)).currency == currency


# --- what is not understood stops the reader (F32)


def test_decode__when_the_topic_is_unknown__then_it_stops__f32():
    log = raw(example(said.LotsPaid))._replace(topics=(digest("LotMerged()"),))

    with pytest.raises(EventUnknown):
        decoder().decode(log)
    with pytest.raises(EventUnknown):
        decoder().kind_of(log)


def test_decode__when_the_contract_is_not_ours__then_it_stops():
    log = raw(example(said.LotsPaid))._replace(address="0x" + "99" * 20)

    with pytest.raises(EventUnknown):
        decoder().decode(log)


def test_decode__when_another_of_our_contracts_says_it__then_it_stops():
    log = raw(example(said.LotsPaid))._replace(address=ADDRESS["FinancingMarket"])

    with pytest.raises(EventUnknown):
        decoder().decode(log)


def test_decode__when_a_log_has_no_topic__then_it_stops():
    with pytest.raises(EventUnknown):
        decoder().decode(raw(example(said.LotsPaid))._replace(topics=()))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda log: {"topics": log.topics[:-1]},
        lambda log: {"topics": (*log.topics, log.topics[-1])},
        lambda log: {"topics": (log.topics[0], log.topics[1][:-2])},
        lambda log: {"data": log.data + "00" * 32},
        lambda log: {"data": log.data[:-2]},
        lambda log: {"data": with_word(log.data, 0, 2**32)},
        lambda log: {"data": with_word(log.data, 3, 99)},
    ],
)
def test_decode__when_a_log_is_not_the_one_encoding_of_its_event__then_it_stops(spoil):
    log = raw(said.ReceivableSettled(17, 5, 100, 100, ReceivableStatus.SETTLED))

    with pytest.raises(LogNotCanonical):
        decoder().decode(log._replace(**spoil(log)))


def test_decode__when_a_status_is_unknown__then_it_stops():
    log = raw(said.ParticipantStatusChanged(3, 4, ParticipantStatus.BLOCKED))

    with pytest.raises(LogNotCanonical):
        decoder().decode(log._replace(data=with_word(log.data, 1, 9)))


# --- the classes are the table


def test_decoder__when_an_abi_has_a_new_event__then_it_is_refused_before_anything_is_read():
    abi = [{"type": "event", "name": "LotMerged", "anonymous": False, "inputs": []}]

    with pytest.raises(EventUnknown):
        EventDecoder({"Ledger": abi}, {"0x" + "a4" * 20: "Ledger"})


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [{"name": "venue", "type": "address"}, {"name": "since", "type": "uint40"}],
        [{"name": "contract", "type": "address"}],
        [{"name": "venue", "type": "string[]"}],
    ],
)
def test_decoder__when_an_event_differs_from_its_class__then_it_is_refused(inputs):
    parameters = [{"indexed": False, **parameter} for parameter in inputs]
    abi = [{"type": "event", "name": "VenueAdmitted", "anonymous": False, "inputs": parameters}]

    with pytest.raises(TypeMalformed):
        EventDecoder({"Registry": abi}, {"0x" + "a1" * 20: "Registry"})


def test_decoder__when_a_contract_has_no_abi__then_it_is_refused():
    with pytest.raises(TypeMalformed, match="Parliament"):
        EventDecoder(ABIS, {"0x" + "a9" * 20: "Parliament"})


def test_events__when_every_class_is_looked_at__then_each_is_in_exactly_one_family():
    families = [
        said.ParticipantEvent, said.ReceivableEvent, said.DepositEvent, said.NetworkEvent,
        said.CreditLineEvent, said.OrderEvent, said.BatchEvent, said.DocumentReleased,
            said.DocumentCarried,
        said.StandardEvent,
    ]  # fmt: skip
    members = [kind for family in families for kind in get_args(family) or (family,)]

    assert len(members) == len(set(members))
    assert {kind.__name__ for kind in members} == {name for _, name in EVENTS}
    assert set(members) == set(get_args(said.Event))


def with_word(data, index, value):
    start = 2 + 64 * index
    return data[:start] + f"{value:064x}" + data[start + 64 :]
