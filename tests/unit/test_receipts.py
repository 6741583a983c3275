"""chainfin.codec.receipts and .patricia, against the trie library and recorded blocks."""

import json
from pathlib import Path

import pytest
import rlp as pyrlp
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from chainfin.codec import patricia, receipts, rlp
from chainfin.codec.errors import ProofInvalid, ReceiptMalformed, RpcMalformed
from chainfin.codec.hashing import from_address, from_hex, keccak, to_hex

RECORDED = Path(__file__).parents[1] / "recorded"
BLOCKS = {
    fork: json.loads((RECORDED / f"anvil-1.7.1-{fork}.json").read_text("utf-8"))
    for fork in ("default", "cancun", "prague")
}
DESCRIBED = BLOCKS["default"]["receipts"]
RECEIPTS = [receipts.receipt_from_rpc(receipt) for receipt in DESCRIBED]
ROOT = from_hex(BLOCKS["default"]["block"]["receiptsRoot"])

# Short keys share prefixes and are prefixes of each other; short values make embedded nodes.
pairs_of_a_trie = st.dictionaries(
    st.binary(max_size=3), st.binary(min_size=1, max_size=40), max_size=12
)


def oracle_trie(pairs):
    trie = HexaryTrie({})
    for key, value in pairs.items():
        trie[key] = value
    return trie


# Receipts.


@pytest.mark.parametrize("fork", BLOCKS)
def test_roots__of_a_recorded_block__are_those_in_its_header(fork):
    block = BLOCKS[fork]
    raws = [from_hex(raw) for raw in block["raw_transactions"]]
    described = [receipts.receipt_from_rpc(receipt) for receipt in block["receipts"]]

    assert to_hex(receipts.receipts_root(described)) == block["block"]["receiptsRoot"]
    assert to_hex(receipts.transactions_root(raws)) == block["block"]["transactionsRoot"]


@pytest.mark.parametrize(("described", "receipt"), list(zip(DESCRIBED, RECEIPTS, strict=True)))
def test_receipt__described_by_a_node__is_rebuilt_and_read(described, receipt):
    read = receipts.decode_receipt(receipt)

    assert read.type == int(described["type"], 16)
    assert read.succeeded == (described["status"] == "0x1")
    assert read.cumulative_gas_used == int(described["cumulativeGasUsed"], 16)
    assert [log.address for log in read.logs] == [log["address"] for log in described["logs"]]
    assert [to_hex(log.data) for log in read.logs] == [log["data"] for log in described["logs"]]
    assert [[to_hex(topic) for topic in log.topics] for log in read.logs] == [
        log["topics"] for log in described["logs"]
    ]


def test_root__with_a_log_left_out__is_another():
    without = {**DESCRIBED[0], "logs": []}
    changed = [receipts.receipt_from_rpc(without), *RECEIPTS[1:]]

    assert receipts.receipts_root(changed) != ROOT


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"status": "0x2"}, ReceiptMalformed),
        ({"type": "0x80"}, ReceiptMalformed),
        ({"status": None}, RpcMalformed),
        ({"logs": None}, RpcMalformed),
        ({"logsBloom": "0x"}, RpcMalformed),
        ({"logs": [{**DESCRIBED[0]["logs"][0], "topics": ["0x00"]}]}, RpcMalformed),
        ({"logs": [{**DESCRIBED[0]["logs"][0], "address": "0x00"}]}, RpcMalformed),
    ],
)
def test_receipt__described_wrongly__is_refused(change, error):
    with pytest.raises(error):
        receipts.receipt_from_rpc({**DESCRIBED[0], **change})


@given(st.sampled_from(RECEIPTS), st.data())
def test_receipt__touched__is_refused_or_another(receipt, data):
    touched = bytearray(receipt)
    touched[data.draw(st.integers(0, len(touched) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        read = receipts.decode_receipt(bytes(touched))
    except ReceiptMalformed:
        return

    assert read != receipts.decode_receipt(receipt)


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"\x00" + RECEIPTS[0][1:],
        b"\x80" + RECEIPTS[0][1:],
        RECEIPTS[0] + b"\0",
        b"\x02\xc0",
        b"\x02" + pyrlp.encode([2, 0, bytes(256), []]),
        b"\x02" + pyrlp.encode([1, 0, bytes(255), []]),
        b"\x02" + pyrlp.encode([1, 0, bytes(256), [[bytes(20), [bytes(32)] * 5, b""]]]),
    ],
)
def test_receipt__that_is_none__is_refused(receipt):
    with pytest.raises(ReceiptMalformed):
        receipts.decode_receipt(receipt)


# Inclusion.


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=300), st.data())
def test_inclusion__of_each_item__is_proved_and_verified(items, data):
    index = data.draw(st.integers(0, len(items) - 1))

    proof = receipts.inclusion_proof(items, index)

    root = receipts.receipts_root(items)
    assert root == oracle_trie({rlp_key(i): item for i, item in enumerate(items)}).root_hash
    assert receipts.verify_inclusion(root, index, proof) == items[index]


def rlp_key(index):
    return pyrlp.encode(index)


def test_inclusion__with_a_node_missing_extra_or_changed__is_refused():
    proof = receipts.inclusion_proof(RECEIPTS, 1)
    other = receipts.inclusion_proof(RECEIPTS, 2)
    assert len(proof) == 3

    for wrong in (
        [],
        proof[:-1],
        proof[1:],
        proof[::-1],
        [*proof, proof[-1]],
        [*proof, other[-1]],
        [proof[0], proof[0], *proof[1:]],
        [*proof[:-1], proof[-1][:-1] + b"\0"],
        [*proof[:-1], other[-1]],
    ):
        with pytest.raises(ProofInvalid):
            receipts.verify_inclusion(ROOT, 1, wrong)


def test_inclusion__at_another_index_or_root__is_refused():
    proof = receipts.inclusion_proof(RECEIPTS, 1)

    with pytest.raises(ProofInvalid):
        receipts.verify_inclusion(ROOT, 2, proof)
    with pytest.raises(ProofInvalid):
        receipts.verify_inclusion(bytes(32), 1, proof)
    with pytest.raises(IndexError):
        receipts.inclusion_proof(RECEIPTS, len(RECEIPTS))


def test_inclusion__of_an_index_the_block_does_not_have__is_refused():
    pairs = {pyrlp.encode(index): receipt for index, receipt in enumerate(RECEIPTS)}
    absence = patricia.prove(pairs, pyrlp.encode(99))

    assert patricia.verify(ROOT, pyrlp.encode(99), absence) is None
    with pytest.raises(ProofInvalid, match="nothing at index 99"):
        receipts.verify_inclusion(ROOT, 99, absence)


@pytest.mark.parametrize(
    "node",
    [
        b"",
        b"\xc0",
        pyrlp.encode([b"", b"value"]),
        pyrlp.encode([b"\x40", b"value"]),
        pyrlp.encode([b"\x2f", b"value"]),
        pyrlp.encode([[b"\x20"], b"value"]),
        pyrlp.encode([b"\x20", [b"value"]]),
        pyrlp.encode([b"\x20", b"value", b"more"]),
    ],
)
def test_proof__from_a_root_over_a_malformed_node__is_refused(node):
    with pytest.raises(ProofInvalid):
        patricia.verify(keccak(node), b"", [node])


# Tries.


@given(pairs_of_a_trie)
def test_trie__of_any_pairs__has_the_oracles_root(pairs):
    assert patricia.trie_root(pairs) == oracle_trie(pairs).root_hash


@given(pairs_of_a_trie, st.binary(max_size=3))
def test_trie__any_key_there_or_not__is_proved_and_verified(pairs, key):
    root = patricia.trie_root(pairs)

    proof = patricia.prove(pairs, key)

    assert patricia.verify(root, key, proof) == pairs.get(key)
    # The oracle repeats nodes that stand within their parents; a proof does not.
    nodes = [pyrlp.encode(node) for node in oracle_trie(pairs).get_proof(key)]
    assert proof == [node for i, node in enumerate(nodes) if i == 0 or len(node) >= 32]


@given(pairs_of_a_trie, st.binary(max_size=3), st.data())
def test_trie__a_proof_touched__never_shows_another_value(pairs, key, data):
    proof = patricia.prove({b"\1": b"more than nothing", **pairs}, key)
    root = patricia.trie_root({b"\1": b"more than nothing", **pairs})
    place = data.draw(st.integers(0, len(proof) - 1))
    touched = bytearray(proof[place])
    touched[data.draw(st.integers(0, len(touched) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(ProofInvalid):
        patricia.verify(root, key, [*proof[:place], bytes(touched), *proof[place + 1 :]])


def test_state__of_a_recorded_block__is_proved_by_the_node():
    account = BLOCKS["default"]["account"]
    root = from_hex(BLOCKS["default"]["block"]["stateRoot"])
    nodes = [from_hex(node) for node in account["accountProof"]]

    found = patricia.verify(root, keccak(from_address(account["address"])), nodes)

    nonce, _, storage_root, _ = rlp.decode_list(found)
    assert rlp.to_integer(nonce) == 1
    assert to_hex(storage_root) == account["storageHash"]
    slot = account["storageProof"][0]
    empty = [from_hex(node) for node in slot["proof"]]
    assert patricia.verify(storage_root, keccak(from_hex("0x" + "00" * 32)), empty) is None
    assert patricia.verify(storage_root, keccak(bytes(32)), []) is None
