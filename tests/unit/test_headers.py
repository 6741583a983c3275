"""chainfin.codec.headers and .qbft.

The recorded blocks come from anvil 1.7.1 (`--no-mining`, one run for each hard fork): block 2 holds
calls of a contract that logs or reverts, sent as fee-market, legacy, access-list and unprotected
legacy transactions. No Besu was at hand: the QBFT headers are made here, with pyrlp and eth_keys.
"""

import json
from pathlib import Path

import pytest
import rlp as pyrlp
from eth_keys import keys
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec import headers, qbft, rlp
from chainfin.codec.errors import HeaderMalformed, HeaderMismatch, RpcMalformed
from chainfin.codec.hashing import from_address, from_hex, keccak, to_hex

RECORDED = Path(__file__).parents[1] / "recorded"


def recorded(fork):
    return json.loads((RECORDED / f"anvil-1.7.1-{fork}.json").read_text("utf-8"))


DEFAULT = recorded("default")
BLOCK = DEFAULT["block"]
HEADER = headers.header_from_rpc(BLOCK)


# Headers.


@pytest.mark.parametrize(
    ("fork", "fields"), [("paris", 16), ("cancun", 20), ("prague", 21), ("default", 21)]
)
def test_header__of_each_fork__is_rebuilt_to_its_hash_and_read(fork, fields):
    block = recorded(fork)["block"]

    header = headers.header_from_rpc(block)

    read = headers.decode_header(header)
    assert len(rlp.decode_list(header)) == fields
    assert to_hex(read.hash) == block["hash"]
    assert read.number == 2
    assert read.timestamp == int(block["timestamp"], 16)
    assert to_hex(read.parent_hash) == block["parentHash"]
    assert to_hex(read.receipts_root) == block["receiptsRoot"]
    assert to_hex(read.state_root) == block["stateRoot"]
    assert read.beneficiary == block["miner"]
    assert read.base_fee_per_gas == int(block["baseFeePerGas"], 16)
    assert (read.withdrawals_root is None) == (fork == "paris")
    assert (read.requests_hash is None) == (fork in {"paris", "cancun"})


@pytest.mark.parametrize("fork", ["default", "cancun", "prague"])
def test_header__of_the_first_block__is_the_parent_by_number(fork):
    genesis = headers.decode_header(headers.header_from_rpc(recorded(fork)["genesis"]))

    assert genesis.number == 0
    assert genesis.parent_hash == bytes(32)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"timestamp": "0x1"}, HeaderMismatch),
        ({"receiptsRoot": "0x" + "00" * 32}, HeaderMismatch),
        ({"requestsHash": None}, HeaderMismatch),
        ({"withdrawalsRoot": None}, HeaderMismatch),
        ({"hash": "0x" + "00" * 32}, HeaderMismatch),
        ({"hash": None}, RpcMalformed),
        ({"number": None}, RpcMalformed),
        ({"number": "2"}, RpcMalformed),
        ({"logsBloom": "0x00"}, RpcMalformed),
    ],
)
def test_header__described_wrongly__is_refused(change, error):
    with pytest.raises(error):
        headers.header_from_rpc({**BLOCK, **change})


@given(st.integers(0, len(HEADER) - 1), st.integers(1, 255))
def test_header__touched__is_refused_or_another(place, change):
    touched = bytearray(HEADER)
    touched[place] ^= change

    try:
        read = headers.decode_header(bytes(touched))
    except HeaderMalformed:
        return

    assert to_hex(read.hash) != BLOCK["hash"]


def test_header__with_too_few_or_too_many_fields__is_refused():
    fields = rlp.decode_list(HEADER)

    for wrong in (fields[:14], [*fields, b"\1"]):
        with pytest.raises(HeaderMalformed, match="fields"):
            headers.decode_header(rlp.encode(wrong))


# Bloom filters.


def test_bloom__of_the_block__contains_its_logs_and_hardly_else():
    bloom = int(BLOCK["logsBloom"], 16)
    log = DEFAULT["receipts"][0]["logs"][0]

    own = headers.bloom_of([from_address(log["address"]), *map(from_hex, log["topics"])])
    other = headers.bloom_of([b"\1" * 20])

    assert bloom & own == own
    assert bloom & other != other
    assert headers.bloom_of([]) == 0


# QBFT.

VALIDATORS = [keys.PrivateKey(keccak(bytes((number,)))) for number in range(4)]
ADDRESSES = [validator.public_key.to_canonical_address() for validator in VALIDATORS]


def sealed_header(round_number, sealers, vote=()):
    """A header as Besu would write it, and the hash it would give."""

    def header(number, seals):
        fields = pyrlp.decode(HEADER)
        fields[12] = pyrlp.encode([bytes(32), ADDRESSES, list(vote), number, seals])
        return pyrlp.encode(fields)

    digest = keccak(header(round_number, []))
    seals = [validator.sign_msg_hash(digest).to_bytes() for validator in sealers]
    return header(round_number, seals), keccak(header(0, []))


@pytest.mark.parametrize("round_number", [0, 1, 300])
@pytest.mark.parametrize("vote", [(), (b"\1" * 20, b"\xff")])
def test_qbft__a_sealed_header__has_its_hash_and_names_its_sealers(round_number, vote):
    header, expected = sealed_header(round_number, VALIDATORS[:3], vote)

    read = headers.decode_header(header, hash_of=qbft.block_hash)
    extra = qbft.decode_extra(read.extra_data)

    assert read.hash == expected
    assert extra.round == round_number
    assert [from_address(validator) for validator in extra.validators] == ADDRESSES
    assert qbft.sealers(header) == extra.validators[:3]


def test_qbft__a_block_described_by_a_node__is_checked_by_that_rule():
    header, expected = sealed_header(2, VALIDATORS)
    extra_data = to_hex(headers.decode_header(header).extra_data)
    block = {**BLOCK, "extraData": extra_data, "hash": to_hex(expected)}

    assert headers.header_from_rpc(block, hash_of=qbft.block_hash) == header
    with pytest.raises(HeaderMismatch):
        headers.header_from_rpc(block)


def test_qbft__the_hashes__leave_out_the_seals_and_one_of_them_the_round():
    one, _ = sealed_header(1, VALIDATORS[:3])
    same_round, _ = sealed_header(1, VALIDATORS)
    other_round, _ = sealed_header(2, VALIDATORS)

    assert qbft.block_hash(one) == qbft.block_hash(same_round) == qbft.block_hash(other_round)
    assert qbft.sealed_digest(one) == qbft.sealed_digest(same_round)
    assert qbft.sealed_digest(one) != qbft.sealed_digest(other_round)


def test_qbft__another_form_of_extra_data__is_refused():
    for header in (HEADER, b"\xc0", b""):
        with pytest.raises(HeaderMalformed):
            qbft.block_hash(header)
    for extra_data in (b"", b"\xc0", pyrlp.encode([bytes(31), [], [], 0, []])):
        with pytest.raises(HeaderMalformed):
            qbft.decode_extra(extra_data)


def test_qbft__a_seal_that_is_no_signature__is_refused():
    fields = pyrlp.decode(HEADER)
    for seal in (bytes(65), b"\1" * 64 + b"\x05", b"\1" * 64 + b"\xff"):
        fields[12] = pyrlp.encode([bytes(32), ADDRESSES, [], 0, [seal]])
        with pytest.raises(HeaderMalformed, match="seal"):
            qbft.sealers(pyrlp.encode(fields))
