r"""Positional Merkle tree over 32-byte leaves, the same in Solidity.

A leaf's place in the tree is its place in the list. The list is padded on the right with zero
words to a power of two, and a node is keccak256(left ‖ right). A tree of one leaf is that leaf.
What is put in as a leaf must itself be a double hash of its content, so that no node can pass for
a leaf.

A proof is for an aligned chunk: the 2^level leaves that start at index x 2^level. Level 0 proves
one leaf; a batch is issued chunk by chunk with one proof each.

    level 2                    root
                          /            \
    level 1           (0)               (1)          <- chunk 1 of level 1 is leaves 2, 3
                     /   \             /   \            its proof is [node (0)]
    level 0        L0     L1         L2     0        <- three leaves, one zero word

Vectors for both sides: tests/vectors/batch_merkle.json.
"""

from collections.abc import Sequence

from chainfin.codec.hashing import keccak

WORD_BYTES = 32
ZERO_WORD = bytes(WORD_BYTES)


def depth(count: int) -> int:
    """Levels above the leaves: ceil(log2(count)), 0 for one leaf.

    Raises:
        ValueError: no leaf at all.
    """
    if count < 1:
        raise ValueError("a tree has at least one leaf")
    return (count - 1).bit_length()


def node(left: bytes, right: bytes) -> bytes:
    """Parent of two nodes: keccak256(left ‖ right)."""
    return keccak(left + right)


def root(leaves: Sequence[bytes]) -> bytes:
    """Root of the tree over these leaves, in this order.

    Raises:
        ValueError: no leaf, or one that is not 32 bytes.
    """
    return _levels(leaves, depth(len(leaves)))[-1][0]


def subtree_proof(leaves: Sequence[bytes], level: int, index: int) -> list[bytes]:
    """Siblings from an aligned chunk up to the root, lowest first.

    Args:
        leaves: All leaves of the tree.
        level: The chunk covers 2^level places.
        index: Number of the chunk at that level, from 0.

    Raises:
        ValueError: the tree has no such chunk.
    """
    height = depth(len(leaves))
    _chunk_size(count=len(leaves), level=level, index=index)
    levels = _levels(leaves, height)
    proof = []
    for here in range(level, height):
        sibling = (index >> (here - level)) ^ 1
        nodes = levels[here]
        proof.append(nodes[sibling] if sibling < len(nodes) else _zero_node(here))
    return proof


def verify_subtree(
    leaves_of_chunk: Sequence[bytes],
    level: int,
    index: int,
    proof: Sequence[bytes],
    root: bytes,
    count: int,
) -> bool:
    """Whether these are exactly the leaves of one aligned chunk of the tree.

    Args:
        leaves_of_chunk: Without padding: the last chunk of a tree may have fewer than 2^level.
        level: The chunk covers 2^level places.
        index: Number of the chunk at that level, from 0.
        proof: What `subtree_proof` gives.
        root: Root of the tree.
        count: Leaves of the tree, as signed beside the root.

    Returns:
        False on any mismatch, also of lengths; malformed input is never an exception.
    """
    words = [*leaves_of_chunk, *proof]
    if count < 1 or any(len(word) != WORD_BYTES for word in words):
        return False
    try:
        expected = _chunk_size(count=count, level=level, index=index)
    except ValueError:
        return False
    if len(leaves_of_chunk) != expected or len(proof) != depth(count) - level:
        return False
    here = _levels(leaves_of_chunk, level)[-1][0]
    for height, sibling in enumerate(proof):
        is_right = index >> height & 1
        here = node(sibling, here) if is_right else node(here, sibling)
    return here == root


def _chunk_size(*, count: int, level: int, index: int) -> int:
    """Number of real leaves in an aligned chunk; at least one."""
    if not 0 <= level <= depth(count) or index < 0 or index << level >= count:
        raise ValueError(f"a tree of {count} leaves has no chunk {index} at level {level}")
    return min(1 << level, count - (index << level))


def _levels(leaves: Sequence[bytes], height: int) -> list[list[bytes]]:
    """Nodes of every level from the leaves up; all-zero subtrees on the right are left out."""
    if any(len(leaf) != WORD_BYTES for leaf in leaves):
        raise ValueError("a leaf has 32 bytes")
    levels = [list(leaves)]
    for level in range(height):
        below = levels[-1]
        padded = below if len(below) % 2 == 0 else [*below, _zero_node(level)]
        levels.append([node(*pair) for pair in zip(padded[::2], padded[1::2], strict=True)])
    return levels


def _zero_node(level: int) -> bytes:
    """Root of a subtree of 2^level zero words."""
    zero = ZERO_WORD
    for _ in range(level):
        zero = node(zero, zero)
    return zero
