"""Merkle-Patricia tries: the root of a set of pairs, and proofs of what it holds under a key.

A block commits to its transactions, receipts and state by the roots of such tries. A node is a
branch (a child for each nibble, and a value), an extension (a shared stretch of the path and a
child) or a leaf (the rest of the path and a value). A parent refers to a node by its hash, or
holds the node itself if its encoding is shorter than a hash.

The trie library, the tests' oracle, inserts pair by pair and makes the nodes of a path anew each
time. Here the whole set is known, so each node is made once: many times faster, which is what
lets an audit recompute the receipts root of every block.
Source: Ethereum Yellow Paper, appendix D; the form of a proof is that of `eth_getProof` (EIP-1186).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from chainfin.codec import rlp
from chainfin.codec.errors import ProofInvalid, RlpMalformed
from chainfin.codec.hashing import WORD_BYTES, keccak

_EMPTY_NODE = rlp.encode(b"")
# Nodes differ in how they prove that an empty trie is empty: Besu says nothing, anvil this.
_EMPTY_PROOFS: tuple[list[bytes], list[bytes]] = ([], [_EMPTY_NODE])

EMPTY_ROOT = keccak(_EMPTY_NODE)
"""The root of the trie that holds nothing."""

_BRANCH = 17
_EXTENSION_FLAG = 0
_LEAF_FLAG = 2
_DIGITS = b"0123456789abcdef"
_TO_NIBBLES = bytes.maketrans(_DIGITS, bytes(range(16)))
_TO_DIGITS = bytes.maketrans(bytes(range(16)), _DIGITS)

_Pairs: TypeAlias = Sequence[tuple[bytes, bytes]]


def trie_root(pairs: Mapping[bytes, bytes]) -> bytes:
    """The root hash of a trie of these keys and their values, none of them empty: 32 bytes."""
    return _commit_all(pairs, {})


def prove(pairs: Mapping[bytes, bytes], key: bytes) -> list[bytes]:
    """Prove what the trie of these pairs holds under a key, or that it holds nothing there.

    Returns:
        The encoded nodes on the way from the root, as `eth_getProof` gives them: a node that its
        parent holds itself is not repeated.
    """
    if not pairs:
        return []
    nodes: dict[bytes, bytes] = {}
    way: list[bytes] = []

    def fetch(node_hash: bytes) -> bytes:
        way.append(nodes[node_hash])
        return way[-1]

    _walk(_commit_all(pairs, nodes), _nibbles(key), fetch)
    return way


def verify(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    """Follow a proof from the root to what lies under a key.

    Args:
        root: 32 bytes, trusted.
        key: As it stands in the trie; in the state tries it is a hash already.
        nodes: The encoded nodes on the way, in order.

    Returns:
        The value, or None where the proof shows that there is none.

    Raises:
        ProofInvalid: A node is absent, malformed, not the one its parent refers to, or not on the
            way: of one fact there is one proof.
    """
    if root == EMPTY_ROOT and list(nodes) in _EMPTY_PROOFS:
        return None
    rest = iter(nodes)

    def fetch(node_hash: bytes) -> bytes:
        node = next(rest, None)
        if node is None:
            raise ProofInvalid("the proof ends before the key")
        if keccak(node) != node_hash:
            raise ProofInvalid(f"a node is not {node_hash.hex()}, to which its parent refers")
        return node

    try:
        value = _walk(root, _nibbles(key), fetch)
    except RlpMalformed as error:
        raise ProofInvalid(f"a node is malformed: {error}") from None
    if next(rest, None) is not None:
        raise ProofInvalid("the proof goes on behind the key")
    return value or None


def _walk(root: bytes, path: bytes, fetch: Callable[[bytes], bytes]) -> bytes:
    """The value at the end of a path of nibbles, empty if there is none."""
    item: rlp.Item = root
    rest: bytes | None = path
    while rest is not None and item:
        node = rlp.decode(fetch(item)) if isinstance(item, bytes) else item
        item, rest = _descend(rlp.to_list(node), rest)
    return rlp.to_bytes(item)


def _descend(node: Sequence[rlp.Item], path: bytes) -> tuple[rlp.Item, bytes | None]:
    """The next reference and the path from there, or a value and None."""
    if len(node) == _BRANCH:
        return (node[path[0]], path[1:]) if path else (node[-1], None)
    packed, item = rlp.to_list(node, 2)
    stretch, is_leaf = _unpack(rlp.to_bytes(packed))
    if is_leaf:
        return item if path == stretch else b"", None
    if path.startswith(stretch):
        return item, path[len(stretch) :]
    return b"", None


def _commit_all(pairs: Mapping[bytes, bytes], nodes: dict[bytes, bytes]) -> bytes:
    """The root of all pairs; `nodes` receives every encoded node under its hash."""
    if not pairs:
        return EMPTY_ROOT
    # Sorted by path, the pairs below any one node are neighbours.
    node = _build(sorted((_nibbles(key), value) for key, value in pairs.items()), 0, nodes)
    encoded = rlp.encode(node)
    root = keccak(encoded)
    nodes[root] = encoded  # The root is always hashed, however short.
    return root


def _build(pairs: _Pairs, depth: int, nodes: dict[bytes, bytes]) -> list[rlp.Item]:
    """The node over pairs whose paths agree up to `depth`."""
    path, value = pairs[0]
    if len(pairs) == 1:
        return [_pack(path[depth:], _LEAF_FLAG), value]
    shared = _shared(path, pairs[-1][0], depth)
    if shared > depth:
        return [_pack(path[depth:shared], _EXTENSION_FLAG), _refer(pairs, shared, nodes)]
    branch: list[rlp.Item] = [b""] * _BRANCH
    if len(path) == depth:
        branch[-1] = value
        pairs = pairs[1:]
    children: dict[int, list[tuple[bytes, bytes]]] = {}
    for pair in pairs:
        children.setdefault(pair[0][depth], []).append(pair)
    for nibble, group in children.items():
        branch[nibble] = _refer(group, depth + 1, nodes)
    return branch


def _refer(pairs: _Pairs, depth: int, nodes: dict[bytes, bytes]) -> rlp.Item:
    """What a parent holds for the node over these pairs."""
    node = _build(pairs, depth, nodes)
    encoded = rlp.encode(node)
    if len(encoded) < WORD_BYTES:
        return node
    node_hash = keccak(encoded)
    nodes[node_hash] = encoded
    return node_hash


def _shared(first: bytes, last: bytes, depth: int) -> int:
    """Where the paths of a sorted list part: its first and last share what all share."""
    end = min(len(first), len(last))
    while depth < end and first[depth] == last[depth]:
        depth += 1
    return depth


def _nibbles(key: bytes) -> bytes:
    return key.hex().encode().translate(_TO_NIBBLES)


def _pack(nibbles: bytes, flag: int) -> bytes:
    """Hex-prefix encoding: the flag and the parity of the length stand in the first nibble."""
    odd = len(nibbles) % 2
    prefix = bytes((flag + odd,)) if odd else bytes((flag, 0))
    return bytes.fromhex((prefix + nibbles).translate(_TO_DIGITS).decode())


def _unpack(packed: bytes) -> tuple[bytes, bool]:
    """The nibbles of a hex-prefix encoding, and whether it is a leaf's."""
    nibbles = _nibbles(packed)
    if len(nibbles) == 0 or nibbles[0] > _LEAF_FLAG + 1:
        raise ProofInvalid("a node's path is malformed")
    odd = nibbles[0] % 2
    if not odd and nibbles[1]:
        raise ProofInvalid("a node's path is padded with something")
    return nibbles[1 if odd else 2 :], nibbles[0] >= _LEAF_FLAG
