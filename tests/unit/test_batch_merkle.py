import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.codec.hashing import keccak
from chainfin.codec.merkle import ZERO_WORD, depth, node, root, subtree_proof, verify_subtree

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "batch_merkle.json").read_text(encoding="utf-8")
)["vectors"]
pure = settings(database=None, deadline=None)


def leaves_of(count: int) -> list[bytes]:
    return [keccak(i.to_bytes(32, "big")) for i in range(count)]


def word(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"count-{v['count']}")
def test_vectors__root_and_proofs__as_written(vector):
    count, leaves, top = vector["count"], leaves_of(vector["count"]), word(vector["root"])

    assert root(leaves) == top
    assert depth(count) == vector["depth"]
    for chunk in vector["chunks"]:
        level, index, first = chunk["level"], chunk["index"], chunk["first"]
        proof = [word(sibling) for sibling in chunk["proof"]]
        part = leaves[first : first + chunk["size"]]
        assert subtree_proof(leaves, level, index) == proof
        assert verify_subtree(part, level, index, proof, top, count)


def test_root__three_leaves__padded_on_the_right():
    a, b, c = leaves_of(3)

    assert root([a, b, c]) == node(node(a, b), node(c, ZERO_WORD))
    assert root([a]) == a


@pure
@given(st.integers(1, 70), st.data())
def test_proof__any_chunk__verifies_and_no_other_does(count, data):
    leaves = leaves_of(count)
    level = data.draw(st.integers(0, depth(count)))
    index = data.draw(st.integers(0, (count - 1) >> level))
    part = leaves[index << level : (index + 1) << level]
    proof, top = subtree_proof(leaves, level, index), root(leaves)

    assert verify_subtree(part, level, index, proof, top, count)

    changed = [keccak(part[0]), *part[1:]]
    assert not verify_subtree(changed, level, index, proof, top, count)
    assert not verify_subtree(part, level, index + 1, proof, top, count)
    assert not verify_subtree(part[:-1], level, index, proof, top, count)
    assert not verify_subtree([*part, ZERO_WORD], level, index, proof, top, count)
    assert not verify_subtree(part, level, index, [*proof, ZERO_WORD], top, count)
    assert not verify_subtree(part, level, index, proof, top, 2 * count + 1)


def test_verify__padding_passed_as_a_leaf__refused():
    leaves = leaves_of(3)
    proof = [leaves[2], node(leaves[0], leaves[1])]

    assert not verify_subtree([ZERO_WORD], 0, 3, proof, root(leaves), 3)


def test_verify__node_passed_as_a_leaf__refused():
    leaves = leaves_of(4)
    inner = [node(leaves[0], leaves[1]), node(leaves[2], leaves[3])]

    assert not verify_subtree(inner, 1, 0, [], root(leaves), 4)


@pytest.mark.parametrize(
    ("part", "level", "index", "proof", "count"),
    [
        ([b"short"], 0, 0, [], 1),
        ([bytes(32)], 0, 0, [b"short"], 2),
        ([], 0, 0, [], 1),
        ([bytes(32)], 0, -1, [], 1),
        ([bytes(32)], -1, 0, [], 1),
        ([bytes(32)], 1, 0, [], 1),
        ([bytes(32)], 0, 0, [], 0),
        ([bytes(32)], 10**9, 0, [], 1),
    ],
)
def test_verify__malformed__false_without_exception(part, level, index, proof, count):
    assert not verify_subtree(part, level, index, proof, bytes(32), count)


def test_root_and_proof__no_leaf_or_short_leaf__value_error():
    for leaves in ([], [b"short"]):
        with pytest.raises(ValueError, match="leaf"):
            root(leaves)
    with pytest.raises(ValueError, match="no chunk"):
        subtree_proof(leaves_of(3), 1, 2)
