"""chainfin.codec.abi and .logs: calls, results, logs and reverts, against eth_abi as the oracle."""

import eth_abi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec import abi, abi_words
from chainfin.codec.errors import (
    AbiNotCanonical,
    CalldataNotCanonical,
    FieldInvalid,
    FieldMissing,
    FieldUnknown,
    ResultNotCanonical,
    RevertNotCanonical,
    SelectorUnknown,
    TypeMalformed,
)
from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.solidity_types import Array, Struct, atom

LEDGER = "0x" + "ab" * 20
HOLDER = "0x" + "c0ffee00" * 5

PART = [{"name": "to", "type": "uint32"}, {"name": "faceValue", "type": "uint64"}]
LEDGER_ABI = abi.load_abi(
    [
        {
            "type": "function",
            "name": "splitLot",
            "inputs": [
                {"name": "lotId", "type": "uint96"},
                {
                    "name": "parts",
                    "type": "tuple[]",
                    "internalType": "struct Orders.Part[]",
                    "components": PART,
                },
                {"name": "approvals", "type": "bytes[]"},
            ],
            "outputs": [{"name": "", "type": "uint96[]"}],
        },
        {
            "type": "function",
            "name": "pause",
            "inputs": [],
            "outputs": [],
        },
        {
            "type": "function",
            "name": "lot",
            "inputs": [{"name": "", "type": "uint96"}],
            "outputs": [{"name": "holder", "type": "uint32"}, {"name": "", "type": "uint64"}],
        },
        {"type": "function", "name": "f", "inputs": [{"name": "a", "type": "int8"}], "outputs": []},
        {"type": "function", "name": "f", "inputs": [{"name": "a", "type": "bool"}], "outputs": []},
        {
            "type": "event",
            "name": "LotSplit",
            "inputs": [
                {"name": "lotId", "type": "uint96", "indexed": True},
                {"name": "child", "type": "uint96", "indexed": False},
                {"name": "by", "type": "address", "indexed": True},
                {"name": "faceValue", "type": "uint64", "indexed": False},
                {"name": "currency", "type": "bytes3", "indexed": False},
                {"name": "whole", "type": "bool", "indexed": False},
                {"name": "change", "type": "int64", "indexed": False},
            ],
        },
        {
            "type": "event",
            "name": "LotNoted",
            "inputs": [
                {"name": "note", "type": "string", "indexed": True},
                {"name": "parts", "type": "tuple[]", "indexed": False, "components": PART},
                {"name": "text", "type": "string", "indexed": False},
            ],
        },
        {
            "type": "error",
            "name": "LotEncumbered",
            "inputs": [{"name": "lotId", "type": "uint96"}, {"name": "by", "type": "uint8"}],
        },
        {"type": "constructor", "inputs": [{"name": "registry", "type": "address"}]},
    ]
)
SPLIT = LEDGER_ABI.functions["splitLot"]
SPLIT_ARGUMENTS = {
    "lotId": 17 << 32 | 3,
    "parts": [{"to": 7, "faceValue": 100}, {"to": 8, "faceValue": 2**64 - 1}],
    "approvals": [b"\x01" * 65, b""],
}


# Every type with a value of it, as we and as eth_abi hold it.


@st.composite
def words(draw):
    bits = 8 * draw(st.integers(1, 32))
    kind = draw(st.sampled_from(["uint", "int", "bytes", "address", "bool"]))
    match kind:
        case "uint":
            return atom(f"uint{bits}"), draw(st.integers(0, 2**bits - 1))
        case "int":
            limit = 2 ** (bits - 1)
            return atom(f"int{bits}"), draw(st.integers(-limit, limit - 1))
        case "bytes":
            size = bits // 8
            return atom(f"bytes{size}"), draw(st.binary(min_size=size, max_size=size))
        case "address":
            return atom(kind), to_hex(draw(st.binary(min_size=20, max_size=20)))
    return atom("bool"), draw(st.booleans())


def blobs():
    as_bytes = st.tuples(st.just(atom("bytes")), st.binary(max_size=70))
    return as_bytes | st.tuples(st.just(atom("string")), st.text(max_size=40))


@st.composite
def arrays(draw, inner):
    item, value = draw(inner)
    count = draw(st.integers(0, 3))
    is_fixed = draw(st.booleans()) and count > 0
    return Array(item, count if is_fixed else None), (value,) * count


@st.composite
def structs(draw, inner):
    pairs = draw(st.lists(inner, min_size=1, max_size=3))
    fields = tuple((f"field{index}", member) for index, (member, _) in enumerate(pairs))
    values = {f"field{index}": value for index, (_, value) in enumerate(pairs)}
    return Struct("", fields), values


typed_values = st.recursive(
    words() | blobs(), lambda inner: arrays(inner) | structs(inner), max_leaves=6
)
argument_lists = structs(typed_values)


def for_eth_abi(value):
    if isinstance(value, dict):
        return tuple(for_eth_abi(item) for item in value.values())
    return [for_eth_abi(item) for item in value] if isinstance(value, tuple) else value


# Values.


@given(argument_lists)
def test_encode__any_value__as_eth_abi_does(arguments):
    struct, values = arguments
    names = [member.name for member in struct.types]

    encoded = abi_words.encode(struct, values)

    assert encoded == eth_abi.encode(names, list(for_eth_abi(values)))


@given(argument_lists)
def test_decode__what_was_encoded__gives_it_back(arguments):
    struct, values = arguments

    assert abi_words.decode(struct, abi_words.encode(struct, values)) == values


@given(argument_lists, st.data())
def test_decode__bytes_that_were_touched__are_refused_or_canonical(arguments, data):
    struct, values = arguments
    touched = bytearray(abi_words.encode(struct, values))
    touched[data.draw(st.integers(0, len(touched) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        decoded = abi_words.decode(struct, bytes(touched))
    except AbiNotCanonical:
        return

    assert abi_words.encode(struct, decoded) == touched


@given(argument_lists, st.binary(max_size=300))
def test_decode__any_bytes__are_refused_or_canonical(arguments, junk):
    struct, _ = arguments

    try:
        decoded = abi_words.decode(struct, junk)
    except AbiNotCanonical:
        return

    assert abi_words.encode(struct, decoded) == junk


@given(argument_lists, st.data())
def test_decode__bytes_cut_short_or_too_long__are_refused(arguments, data):
    struct, values = arguments
    encoded = abi_words.encode(struct, values)
    cut = encoded[: data.draw(st.integers(0, len(encoded) - 1))]

    for wrong in (cut, encoded + b"\0", encoded + bytes(32)):
        with pytest.raises(AbiNotCanonical):
            abi_words.decode(struct, wrong)


def test_decode__an_array_longer_than_the_data__is_refused_at_once():
    struct = Struct("", (("items", Array(atom("uint8"), None)),))
    bomb = eth_abi.encode(["uint256", "uint256"], [32, 2**255])

    with pytest.raises(AbiNotCanonical, match="longer than the data"):
        abi_words.decode(struct, bomb)


def test_decode__text_that_is_not_utf8__is_refused():
    struct = Struct("", (("text", atom("string")),))

    with pytest.raises(AbiNotCanonical, match="UTF-8"):
        abi_words.decode(struct, eth_abi.encode(["bytes"], [b"\xff"]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("uint8", 256),
        ("uint8", -1),
        ("uint8", True),
        ("uint8", 1.0),
        ("uint8", "1"),
        ("int8", 128),
        ("int8", -129),
        ("bool", 1),
        ("address", HOLDER.upper()),
        ("address", HOLDER[:-2]),
        ("address", bytes(20)),
        ("bytes4", bytes(3)),
        ("bytes4", bytes(5)),
        ("bytes4", "0x00000000"),
        ("bytes", "00"),
        ("string", b"text"),
        ("string", "\ud800"),
    ],
)
def test_encode__a_value_outside_its_type__is_refused(name, value):
    with pytest.raises(FieldInvalid):
        abi_words.encode(atom(name), value)


@pytest.mark.parametrize(
    "name", ["uint", "uint7", "uint264", "uint0", "bytes0", "bytes33", "byte", "", "uint8[0]", "x"]
)
def test_types__a_name_that_is_no_type__is_refused(name):
    entry = {"type": "error", "name": "E", "inputs": [{"name": "a", "type": name}]}

    with pytest.raises(TypeMalformed):
        abi.load_abi([entry])


# Functions.


def test_functions__known_ones__have_their_known_selectors():
    address = {"name": "to", "type": "address"}
    amount = {"name": "value", "type": "uint256"}
    erc20 = abi.load_abi(
        [
            {"type": "function", "name": "transfer", "inputs": [address, amount], "outputs": []},
            {
                "type": "event",
                "name": "Transfer",
                "inputs": [address, {**address, "name": "b"}, amount],
            },
        ]
    )

    assert erc20.functions["transfer"].selector.hex() == "a9059cbb"
    assert erc20.events["Transfer"].topic.hex().startswith("ddf252ad1be2c89b")
    assert SPLIT.signature == "splitLot(uint96,(uint32,uint64)[],bytes[])"
    assert SPLIT.inputs.fields[1][1].item.title == "Part"


def test_functions__overloads__go_by_their_signatures():
    assert {"f(int8)", "f(bool)"} < LEDGER_ABI.functions.keys()
    assert "f" not in LEDGER_ABI.functions


def test_call__structs_by_name_or_in_order__are_encoded_and_read_back_by_name():
    calldata = abi.encode_call(SPLIT, SPLIT_ARGUMENTS)
    in_order = (17 << 32 | 3, [(7, 100), (8, 2**64 - 1)], [b"\x01" * 65, b""])

    decoded = abi.decode_call(SPLIT, calldata)

    assert calldata == abi.encode_call(SPLIT, in_order)
    assert decoded["parts"] == ({"to": 7, "faceValue": 100}, {"to": 8, "faceValue": 2**64 - 1})
    assert abi.encode_call(SPLIT, decoded) == calldata
    assert (
        abi.decode_call(LEDGER_ABI.functions["pause"], LEDGER_ABI.functions["pause"].selector) == {}
    )


@pytest.mark.parametrize(
    ("part", "error", "path"),
    [
        ({"to": 1}, FieldMissing, "parts[1].faceValue"),
        ({"to": 1, "faceValue": 1, "from": 2}, FieldUnknown, "parts[1].from"),
        ({"to": 2**32, "faceValue": 1}, FieldInvalid, "parts[1].to"),
        ((1, 2, 3), FieldInvalid, "parts[1]"),
        ("12", FieldInvalid, "parts[1]"),
    ],
)
def test_call__a_wrong_argument__is_refused_with_its_place(part, error, path):
    arguments = {**SPLIT_ARGUMENTS, "parts": [{"to": 1, "faceValue": 1}, part]}

    with pytest.raises(error) as refusal:
        abi.encode_call(SPLIT, arguments)

    assert refusal.value.path == path
    assert str(refusal.value).startswith(f"{path}: ")


def test_call__another_function__is_refused():
    with pytest.raises(SelectorUnknown):
        abi.decode_call(SPLIT, LEDGER_ABI.functions["pause"].selector)


def test_call__the_same_arguments_in_other_bytes__is_refused():
    canonical = abi.encode_call(SPLIT, SPLIT_ARGUMENTS)
    # eth_abi reads past the gap that the moved offset leaves; so does Solidity.
    moved = bytearray(canonical[4:] + bytes(32))
    moved[63] += 32

    for wrong in (canonical + bytes(32), canonical[:4] + bytes(moved)):
        with pytest.raises(CalldataNotCanonical):
            abi.decode_call(SPLIT, wrong)


def test_result__none_one_and_several__are_read_in_the_shape_of_the_function():
    lot = LEDGER_ABI.functions["lot"]

    assert abi.decode_result(LEDGER_ABI.functions["pause"], b"") is None
    assert abi.decode_result(SPLIT, abi_words.encode(SPLIT.outputs, [[1, 2]])) == (1, 2)
    assert abi.decode_result(lot, abi_words.encode(lot.outputs, [3, 4])) == {"holder": 3, "1": 4}


def test_result__of_an_address_without_contract__is_refused():
    with pytest.raises(ResultNotCanonical):
        abi.decode_result(SPLIT, b"")


def test_constructor__its_arguments__are_encoded_without_a_selector():
    encoded = abi.encode_constructor(LEDGER_ABI, {"registry": HOLDER})

    assert encoded == eth_abi.encode(["address"], [HOLDER])


# Events.


@given(st.lists(words(), max_size=8), st.data())
def test_log__any_words__read_as_the_general_decoder_reads_them(pairs, data):
    indexed = data.draw(st.sets(st.integers(0, 7), max_size=3))
    inputs = [
        {"name": f"field{index}", "type": member.name, "indexed": index in indexed}
        for index, (member, _) in enumerate(pairs)
    ]
    event = abi.load_abi([{"type": "event", "name": "E", "inputs": inputs}]).events["E"]
    encoded = [member.encode(value) for member, value in pairs]
    topics = [event.topic, *[word for i, word in enumerate(encoded) if i in indexed]]
    body = b"".join([word for i, word in enumerate(encoded) if i not in indexed])

    values = abi_words.decode(event.indexed, b"".join(topics[1:]))
    values |= abi_words.decode(event.data, body)

    assert values == {f"field{index}": value for index, (_, value) in enumerate(pairs)}


@given(words(), st.integers(0, 31), st.integers(1, 255))
def test_log__a_word_that_was_touched__is_refused_or_canonical(pair, place, change):
    member, value = pair
    inputs = [{"name": "a", "type": member.name, "indexed": False}]
    event = abi.load_abi([{"type": "event", "name": "E", "inputs": inputs}]).events["E"]
    touched = bytearray(member.encode(value))
    touched[place] ^= change

    try:
        decoded = abi_words.decode(event.data, bytes(touched))
    except AbiNotCanonical:
        return

    assert member.encode(decoded["a"]) == touched


def test_log__with_a_long_indexed_parameter__gives_its_hash():
    event = LEDGER_ABI.events["LotNoted"]
    data = eth_abi.encode(["(uint32,uint64)[]", "string"], [[(1, 2)], "一"])

    values = abi_words.decode(event.indexed, keccak(b"note"))

    assert values | abi_words.decode(event.data, data) == {
        "note": keccak(b"note"),
        "parts": ({"to": 1, "faceValue": 2},),
        "text": "一",
    }


def test_abi__an_event_that_logs_cannot_name__is_refused():
    too_many = [{"name": str(i), "type": "bool", "indexed": True} for i in range(4)]

    for entry in (
        {"name": "E", "inputs": [], "anonymous": True},
        {"name": "E", "inputs": too_many},
    ):
        with pytest.raises(TypeMalformed):
            abi.load_abi([{"type": "event", **entry}])


# Errors.


def test_error__of_the_contract_or_of_the_language__is_read():
    errors = LEDGER_ABI.errors_by_selector()
    encumbered = LEDGER_ABI.errors["LotEncumbered"].selector + eth_abi.encode(
        ["uint96", "uint8"], [3, 1]
    )
    text = bytes.fromhex("08c379a0") + eth_abi.encode(["string"], ["no"])
    panic = bytes.fromhex("4e487b71") + eth_abi.encode(["uint256"], [0x11])

    assert abi.decode_error(errors, encumbered) == ("LotEncumbered", {"lotId": 3, "by": 1})
    assert abi.decode_error(errors, text) == ("Error", {"reason": "no"})
    assert abi.decode_error(errors, panic) == ("Panic", {"code": 0x11})


def test_error__unknown_empty_or_malformed__is_refused():
    errors = LEDGER_ABI.errors_by_selector()

    for unknown in (b"", b"\1\2\3", b"\1\2\3\4"):
        with pytest.raises(SelectorUnknown):
            abi.decode_error(errors, unknown)
    with pytest.raises(RevertNotCanonical):
        abi.decode_error(errors, LEDGER_ABI.errors["LotEncumbered"].selector + bytes(63))
