"""chainfin.codec.typed_data: EIP-712, against eth_account as the oracle."""

import copy
import json
from pathlib import Path

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec import typed_data
from chainfin.codec.errors import (
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    TypedDataMalformed,
    TypeMalformed,
    UnknownAct,
    WrongChain,
    WrongDomain,
    WrongTypes,
)
from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.solidity_types import Array, Struct
from chainfin.codec.typed_data import Domain, Prehashed
from tests.order_types import acts_of

PINNED = Path(__file__).parents[2] / "chainfin" / "codec" / "order_types.json"
DOMAIN = Domain("chainfin", "1", 2026, "0x" + "ab" * 20, b"\x5a" * 32)
TYPES = typed_data.parse_types(
    {
        "SplitLot": "SplitLot(address target,uint32 organisation,uint256 nonce,Part[] parts)"
        "Part(uint32 to,uint64 faceValue)",
        "Quote": "Quote(bytes3 currency,bool withRecourse,int128 change,bytes note,Part[2] parts,"
        "Terms terms)Part(uint32 to,uint64 faceValue)Terms(string dayCount,uint48[][] tenors)",
    }
)
SPLIT = {
    "target": "0x" + "cd" * 20,
    "organisation": 7,
    "nonce": 2**256 - 1,
    "parts": ({"to": 8, "faceValue": 2**64 - 1}, {"to": 9, "faceValue": 1}),
}
TERMS = {"dayCount": "ACT/365 实际", "tenors": ((1, 2**48 - 1), ())}
QUOTE = {
    "currency": b"CNY",
    "withRecourse": True,
    "change": -(2**127),
    "note": b"\x00\xff",
    "parts": ({"to": 8, "faceValue": 5}, {"to": 9, "faceValue": 6}),
    "terms": TERMS,
}


def oracle_digest(document):
    message = encode_typed_data(full_message=json.loads(json.dumps(document)))
    return keccak(b"\x19" + message.version + message.header + message.body)


def our_digest(struct, message, domain=DOMAIN):
    return typed_data.digest(domain, typed_data.struct_hash(struct, message))


ATOMS = {
    "bool": st.booleans(),
    "string": st.text(max_size=20),
    "bytes": st.binary(max_size=40),
    "address": st.binary(min_size=20, max_size=20).map(to_hex),
}
ATOMS |= {f"bytes{size}": st.binary(min_size=size, max_size=size) for size in range(1, 33)}
ATOMS |= {f"uint{bits}": st.integers(0, 2**bits - 1) for bits in range(8, 257, 8)}
ATOMS |= {f"int{bits}": st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (8, 128)}


def values_of(member):
    """Any value of a type."""
    match member:
        case Struct():
            return st.fixed_dictionaries({n: values_of(inner) for n, inner in member.fields})
        case Array(item=item, length=None):
            return st.lists(values_of(item), max_size=3).map(tuple)
        case Array(item=item, length=length):
            return st.tuples(*[values_of(item)] * length)
    return ATOMS[member.name]


acts_and_messages = st.sampled_from(sorted(TYPES)).flatmap(
    lambda name: st.tuples(st.just(name), values_of(TYPES[name]))
)


# Types.


def test_type__with_parts__is_read_with_its_hash():
    split = TYPES["SplitLot"]

    assert split.title == "SplitLot"
    assert [name for name, _ in split.fields] == ["target", "organisation", "nonce", "parts"]
    assert split.type_hash == keccak(split.encode_type.encode())
    assert split.encode_type.endswith("Part[] parts)Part(uint32 to,uint64 faceValue)")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "A(uint8 a",
        "A(uint8 a) ",
        "A(uint8  a)",
        "A(uint8 a,)",
        "A(uint8 a,uint8 a)",
        "A(uint a)",
        "A(B b)",
        "A(A a)",
        "A(B b)B(A a)",
        "A(uint8 a)B(uint8 b)",
        "A(C c,B b)C(uint8 c)B(uint8 b)",
        "A(B b)B(uint8 b)B(uint8 b)",
        "A(uint8[0] a)",
        "A(uint8 é)",
    ],
)
def test_type__that_is_not_in_the_standards_form__is_refused(text):
    with pytest.raises(TypeMalformed):
        typed_data.parse_type(text)


def test_types__under_another_name_or_with_another_domain__are_refused():
    for table in ({"B": "A(uint8 a)"}, {"EIP712Domain": "EIP712Domain(string name)"}):
        with pytest.raises(TypeMalformed):
            typed_data.parse_types(table)


def test_acts__are_the_types_that_are_no_part_of_another():
    types = typed_data.parse_types(
        {
            "SplitLot": TYPES["SplitLot"].encode_type,
            "Part": "Part(uint32 to,uint64 faceValue)",
            "Pause": "Pause(address target)",
        }
    )

    assert types.keys() == {"SplitLot", "Part", "Pause"}
    assert acts_of(types).keys() == {"SplitLot", "Pause"}


# Hashes.


@given(acts_and_messages)
def test_digest__of_any_message__is_the_oracles(act_and_message):
    name, message = act_and_message

    document = typed_data.to_json(DOMAIN, TYPES[name], message)

    assert our_digest(TYPES[name], message) == oracle_digest(document)


def test_digest__in_another_domain__is_another():
    changes = [
        Domain("other", "1", 2026, "0x" + "ab" * 20, b"\x5a" * 32),
        Domain("chainfin", "2", 2026, "0x" + "ab" * 20, b"\x5a" * 32),
        Domain("chainfin", "1", 2027, "0x" + "ab" * 20, b"\x5a" * 32),
        Domain("chainfin", "1", 2026, "0x" + "ac" * 20, b"\x5a" * 32),
        Domain("chainfin", "1", 2026, "0x" + "ab" * 20, b"\x5b" * 32),
    ]

    digests = {our_digest(TYPES["SplitLot"], SPLIT, domain) for domain in [DOMAIN, *changes]}

    assert len(digests) == 6


def test_hash__of_a_message_with_a_hidden_part__is_that_of_the_whole():
    quote = TYPES["Quote"]
    parts, terms = quote.fields[4][1], quote.fields[5][1]
    hidden = {
        **QUOTE,
        "note": Prehashed(keccak(QUOTE["note"])),
        "parts": [Prehashed(typed_data.struct_hash(parts.item, part)) for part in QUOTE["parts"]],
        "terms": Prehashed(typed_data.struct_hash(terms, TERMS)),
    }

    assert typed_data.struct_hash(quote, hidden) == typed_data.struct_hash(quote, QUOTE)
    with pytest.raises(FieldInvalid, match="hidden"):
        typed_data.to_json(DOMAIN, quote, hidden)


@pytest.mark.parametrize("change", [{"terms": Prehashed(b"")}, {"currency": Prehashed(bytes(32))}])
def test_hash__of_a_part_that_cannot_be_hidden_so__is_refused(change):
    with pytest.raises(FieldInvalid):
        typed_data.struct_hash(TYPES["Quote"], {**QUOTE, **change})


@pytest.mark.parametrize(
    ("change", "error", "path"),
    [
        ({"organisation": 2**32}, FieldInvalid, "organisation"),
        ({"organisation": True}, FieldInvalid, "organisation"),
        ({"target": "0x" + "CD" * 20}, FieldInvalid, "target"),
        ({"memo": ""}, FieldUnknown, "memo"),
        ({"parts": [{"to": 1}]}, FieldMissing, "parts[0].faceValue"),
        (
            {"parts": [SPLIT["parts"][0], {"to": 1, "faceValue": -1}]},
            FieldInvalid,
            "parts[1].faceValue",
        ),
        ({"parts": {}}, FieldInvalid, "parts"),
    ],
)
def test_hash__of_a_message_that_does_not_fit__is_refused_with_its_place(change, error, path):
    with pytest.raises(error) as refusal:
        typed_data.struct_hash(TYPES["SplitLot"], {**SPLIT, **change})

    assert refusal.value.path == path


# Documents.


def test_document__of_a_message__is_what_wallets_take():
    document = typed_data.to_json(DOMAIN, TYPES["SplitLot"], SPLIT)

    assert document["primaryType"] == "SplitLot"
    assert document["types"]["Part"] == [
        {"name": "to", "type": "uint32"},
        {"name": "faceValue", "type": "uint64"},
    ]
    assert [field["name"] for field in document["types"]["EIP712Domain"]] == [
        "name",
        "version",
        "chainId",
        "verifyingContract",
        "salt",
    ]
    assert document["domain"]["chainId"] == 2026
    assert document["message"]["organisation"] == 7
    assert document["message"]["nonce"] == str(2**256 - 1)
    assert document["message"]["parts"][0] == {"to": 8, "faceValue": str(2**64 - 1)}


@given(acts_and_messages)
def test_document__read_back__is_the_message(act_and_message):
    name, message = act_and_message
    document = json.loads(json.dumps(typed_data.to_json(DOMAIN, TYPES[name], message)))

    assert typed_data.from_json(document, TYPES, DOMAIN) == (name, message)


def changed(*steps, to):
    """The document of SPLIT with one member replaced, or removed if `to` is None."""
    document = copy.deepcopy(typed_data.to_json(DOMAIN, TYPES["SplitLot"], SPLIT))
    inner = document
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = to
    if to is None:
        del inner[steps[-1]]
    return document


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({}, TypedDataMalformed),
        (changed("domain", to=None), TypedDataMalformed),
        (changed("extra", to=1), TypedDataMalformed),
        (changed("primaryType", to="Part"), UnknownAct),
        (changed("primaryType", to="EIP712Domain"), UnknownAct),
        (changed("primaryType", to=["SplitLot"]), UnknownAct),
        (changed("primaryType", to="Quote"), WrongTypes),
        (changed("types", "Part", 1, "type", to="uint65"), WrongTypes),
        (changed("types", "Part", to=None), WrongTypes),
        (changed("types", "Extra", to=[]), WrongTypes),
        (changed("types", to=[]), WrongTypes),
        (changed("domain", "chainId", to=1), WrongChain),
        (changed("domain", "chainId", to="2026"), WrongChain),
        (changed("domain", "chainId", to=2026.0), WrongChain),
        (changed("domain", "name", to="Chainfin"), WrongDomain),
        (changed("domain", "version", to=1), WrongDomain),
        (changed("domain", "verifyingContract", to="0x" + "AB" * 20), WrongDomain),
        (changed("domain", "salt", to="0x" + "00" * 32), WrongDomain),
        (changed("domain", "salt", to=None), WrongDomain),
        (changed("domain", "extra", to=1), WrongDomain),
        (changed("domain", to=[]), WrongDomain),
        (changed("message", "nonce", to=None), FieldMissing),
        (changed("message", "extra", to=1), FieldUnknown),
        (changed("message", to=[]), FieldInvalid),
        (
            changed(
                "message",
                to=[*typed_data.to_json(DOMAIN, TYPES["SplitLot"], SPLIT)["message"].values()],
            ),
            FieldInvalid,
        ),
        (changed("message", "nonce", to=1), FieldInvalid),
        (changed("message", "nonce", to="01"), FieldInvalid),
        (changed("message", "nonce", to="-0"), FieldInvalid),
        (changed("message", "nonce", to="-1"), FieldInvalid),
        (changed("message", "nonce", to="+1"), FieldInvalid),
        (changed("message", "nonce", to="1_0"), FieldInvalid),
        (changed("message", "nonce", to="\u0661"), FieldInvalid),
        (changed("message", "nonce", to="1\n"), FieldInvalid),
        (changed("message", "nonce", to="0x1"), FieldInvalid),
        (changed("message", "nonce", to=str(2**256)), FieldInvalid),
        (changed("message", "nonce", to="9" * 5000), FieldInvalid),
        (changed("message", "organisation", to="7"), FieldInvalid),
        (changed("message", "organisation", to=7.0), FieldInvalid),
        (changed("message", "organisation", to=True), FieldInvalid),
        (changed("message", "target", to="0x" + "CD" * 20), FieldInvalid),
        (changed("message", "parts", to="[]"), FieldInvalid),
        (changed("message", "parts", 0, "to", to=None), FieldMissing),
    ],
)
def test_document__that_is_not_exactly_ours__is_refused_by_name(document, error):
    with pytest.raises(error) as refusal:
        typed_data.from_json(document, TYPES, DOMAIN)

    assert type(refusal.value) is error


@pytest.mark.parametrize("note", ["00ff", "0x00FF", "0x0", 255, None])
def test_document__with_bytes_in_another_spelling__is_refused(note):
    document = typed_data.to_json(DOMAIN, TYPES["Quote"], QUOTE)
    document["message"]["note"] = note

    with pytest.raises(FieldInvalid) as refusal:
        typed_data.from_json(document, TYPES, DOMAIN)

    assert refusal.value.path == "note"


# The types of the contracts.


@given(st.data())
def test_pinned_types__every_act__hashes_as_the_oracle_says(data):
    acts = acts_of(typed_data.parse_types(json.loads(PINNED.read_text("utf-8"))))
    act = acts[data.draw(st.sampled_from(sorted(acts)))]
    message = data.draw(values_of(act))

    document = typed_data.to_json(DOMAIN, act, message)

    assert our_digest(act, message) == oracle_digest(document)
    assert typed_data.from_json(document, acts, DOMAIN) == (act.title, message)
