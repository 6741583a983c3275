"""chainfin.codec.transactions and .rlp, against eth_account, pyrlp and recorded blocks."""

import json
from pathlib import Path

import pytest
import rlp as pyrlp
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec import rlp, transactions
from chainfin.codec.errors import (
    HexMalformed,
    RlpMalformed,
    RpcMalformed,
    SignatureMalformed,
    TransactionMalformed,
    TransactionMismatch,
    TransactionTypeUnsupported,
)
from chainfin.codec.hashing import from_hex, keccak, to_hex
from chainfin.codec.signatures import SigningKey
from chainfin.codec.transactions import FeeMarketFields, LegacyFields

RECORDED = Path(__file__).parents[1] / "recorded"
BLOCK = json.loads((RECORDED / "anvil-1.7.1-default.json").read_text("utf-8"))
DESCRIBED = BLOCK["block"]["transactions"]
RAW = [from_hex(raw) for raw in BLOCK["raw_transactions"]]

PRIVATE_KEY = keccak(b"a key for tests")
KEY = SigningKey(PRIVATE_KEY)
LEDGER = "0x" + "ab" * 20

numbers = st.integers(0, 2**64 - 1)
common = {
    "chain_id": st.integers(1, 2**32),
    "nonce": numbers,
    "to": st.just(LEDGER) | st.none(),
    "data": st.binary(max_size=100),
    "gas": numbers,
    "value": st.integers(0, 2**256 - 1),
}
fee_market = st.builds(
    FeeMarketFields, **common, max_fee_per_gas=numbers, max_priority_fee_per_gas=numbers
)
legacy = st.builds(LegacyFields, **common, gas_price=numbers)
items = st.recursive(
    st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=20
)


def signed_by_oracle(fields):
    document = {
        "chainId": fields.chain_id,
        "nonce": fields.nonce,
        "gas": fields.gas,
        "value": fields.value,
        "data": fields.data,
    }
    if fields.to is not None:
        document["to"] = bytes.fromhex(fields.to[2:])
    if isinstance(fields, LegacyFields):
        document["gasPrice"] = fields.gas_price
    else:
        document["type"] = 2
        document["maxFeePerGas"] = fields.max_fee_per_gas
        document["maxPriorityFeePerGas"] = fields.max_priority_fee_per_gas
    return bytes(Account.sign_transaction(document, PRIVATE_KEY).raw_transaction)


# Made and read.


@given(fee_market | legacy)
def test_transaction__signed__is_the_oracles_byte_for_byte(fields):
    assert transactions.sign_transaction(KEY, fields) == signed_by_oracle(fields)


@given(fee_market | legacy)
def test_transaction__signed_and_read__says_the_same(fields):
    raw = transactions.sign_transaction(KEY, fields)

    read = transactions.decode_transaction(raw)

    is_legacy = isinstance(fields, LegacyFields)
    tip = fields.gas_price if is_legacy else fields.max_priority_fee_per_gas
    fee = fields.gas_price if is_legacy else fields.max_fee_per_gas
    assert read.hash == transactions.transaction_hash(raw)
    assert read.type == (transactions.LEGACY if is_legacy else transactions.FEE_MARKET)
    assert read.sender == KEY.address
    assert (read.max_priority_fee_per_gas, read.max_fee_per_gas) == (tip, fee)
    for name in common:
        assert getattr(read, name) == getattr(fields, name)


@given(st.data())
def test_transaction__touched__is_refused_or_another(data):
    raw = bytearray(RAW[data.draw(st.integers(0, len(RAW) - 1))])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        read = transactions.decode_transaction(bytes(raw))
    except TransactionMalformed:
        return

    assert read.hash == keccak(bytes(raw))
    assert read.hash not in {keccak(original) for original in RAW}


@pytest.mark.parametrize("raw", [b"", b"\x02", b"\xc0", RAW[0][:-1], RAW[0] + b"\0", b"\x02\xc0"])
def test_transaction__that_is_none__is_refused(raw):
    with pytest.raises(TransactionMalformed):
        transactions.decode_transaction(raw)


@pytest.mark.parametrize("kind", [3, 4, 0x7F])
def test_transaction__of_a_type_we_do_not_read__is_refused_by_name(kind):
    with pytest.raises(TransactionTypeUnsupported, match=f"type {kind}"):
        transactions.decode_transaction(bytes((kind,)) + RAW[0][1:])
    with pytest.raises(TransactionTypeUnsupported, match=f"type {kind}"):
        transactions.transaction_from_rpc({**DESCRIBED[0], "type": hex(kind)})


def test_transaction__legacy_behind_a_type_byte__is_refused():
    for payload in (RAW[0][1:], RAW[1]):
        with pytest.raises(TransactionTypeUnsupported):
            transactions.decode_transaction(b"\0" + payload)


def test_transaction__with_a_leading_zero_in_a_number__is_refused():
    members = rlp.decode_list(RAW[0][1:])
    members[1] = b"\0" + rlp.to_bytes(members[1])

    with pytest.raises(TransactionMalformed, match="shortest form"):
        transactions.decode_transaction(b"\x02" + rlp.encode(members))


def test_transaction__with_the_malleable_twin_of_its_signature__is_refused():
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    *members, parity, r, s = rlp.decode_list(RAW[0][1:])
    twin = [rlp.encode_integer(1 - rlp.to_integer(parity)), r]
    twin.append(rlp.encode_integer(order - rlp.to_integer(s)))

    with pytest.raises(TransactionMalformed, match="half the order"):
        transactions.decode_transaction(b"\x02" + rlp.encode([*members, *twin]))


@pytest.mark.parametrize(
    "access_list",
    [b"\1", [b"\1"], [[bytes(20)]], [[bytes(19), []]], [[bytes(20), b""]], [[bytes(20), [b"\1"]]]],
)
def test_transaction__signed_with_a_malformed_access_list__is_refused(access_list):
    members = [*rlp.decode_list(RAW[0][1:])[:8], access_list]
    signature = KEY.sign(keccak(b"\x02" + rlp.encode(members)))
    tail = [bytes((signature[64] - 27,)).lstrip(b"\0"), signature[:32], signature[32:64]]

    with pytest.raises(TransactionMalformed, match="stand"):
        transactions.decode_transaction(b"\x02" + rlp.encode([*members, *tail]))


def test_fields__outside_their_range__are_refused():
    fields = {"chain_id": 1, "nonce": 0, "to": LEDGER, "data": b"", "gas": 0, "gas_price": 0}

    for change, error in (
        ({"nonce": -1}, RlpMalformed),
        ({"value": 2**256}, RlpMalformed),
        ({"to": LEDGER.upper()}, HexMalformed),
    ):
        with pytest.raises(error):
            transactions.sign_transaction(KEY, LegacyFields(**{**fields, **change}))


def test_signature__made_elsewhere__is_joined_or_refused():
    fields = LegacyFields(chain_id=1, nonce=0, to=LEDGER, data=b"", gas=0, gas_price=0)
    signature = KEY.sign(transactions.signing_digest(fields))

    raw = transactions.add_signature(fields, signature)

    assert raw == transactions.sign_transaction(PRIVATE_KEY, fields)
    for wrong in (b"", signature[:64], signature[:64] + b"\0"):
        with pytest.raises(SignatureMalformed):
            transactions.add_signature(fields, wrong)


# As a node describes them: fee market, legacy, access list, and legacy without a chain.


@pytest.mark.parametrize(("described", "raw"), list(zip(DESCRIBED, RAW, strict=True)))
def test_transaction__described_by_a_node__is_rebuilt_and_read(described, raw):
    read = transactions.decode_transaction(raw)

    assert transactions.transaction_from_rpc(described) == raw
    assert to_hex(read.hash) == described["hash"]
    assert read.sender == described["from"]
    assert read.type == int(described["type"], 16)
    price = described["gasPrice"]
    assert read.max_fee_per_gas == int(described.get("maxFeePerGas", price), 16)
    assert read.max_priority_fee_per_gas == int(described.get("maxPriorityFeePerGas", price), 16)
    assert read.chain_id == (int(described["chainId"], 16) if "chainId" in described else None)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"nonce": "0x99"}, TransactionMismatch),
        ({"hash": "0x" + "00" * 32}, TransactionMismatch),
        ({"nonce": "0x01"}, RpcMalformed),
        ({"nonce": 1}, RpcMalformed),
        ({"nonce": None}, RpcMalformed),
        ({"to": "0x00"}, RpcMalformed),
        ({"input": "0x0"}, RpcMalformed),
        ({"accessList": None}, RpcMalformed),
    ],
)
def test_transaction__described_wrongly__is_refused(change, error):
    with pytest.raises(error):
        transactions.transaction_from_rpc({**DESCRIBED[0], **change})


# RLP.


@given(items)
def test_rlp__of_any_item__is_the_oracles_and_read_back(item):
    encoded = rlp.encode(item)

    assert encoded == pyrlp.encode(item)
    assert rlp.decode(encoded) == item


@given(st.binary(max_size=100) | items.map(pyrlp.encode), st.data())
def test_rlp__of_any_bytes__is_refused_or_canonical(data, drawn):
    touched = bytearray(data)
    if touched:
        touched[drawn.draw(st.integers(0, len(touched) - 1))] ^= drawn.draw(st.integers(0, 255))

    try:
        item = rlp.decode(bytes(touched))
    except RlpMalformed:
        return

    assert rlp.encode(item) == touched


@pytest.mark.parametrize(
    "data",
    [
        "",
        "8100",
        "817f",
        "b8",
        "b800",
        "b837" + "00" * 55,
        "b90000",
        "b90038" + "00" * 56,
        "c1",
        "c28100",
        "c3c18180",
        "f800",
        "f90038" + "00" * 56,
        "0000",
    ],
)
def test_rlp__in_another_form__is_refused(data):
    with pytest.raises(RlpMalformed):
        rlp.decode(bytes.fromhex(data))


def test_rlp__nested_without_end__is_refused():
    bomb = b"\xc0"
    for _ in range(100):
        bomb = pyrlp.codec.length_prefix(len(bomb), 0xC0) + bomb

    with pytest.raises(RlpMalformed, match="deeper"):
        rlp.decode(bomb)
