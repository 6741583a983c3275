"""What a node must show so that others need not ask it: headers, whole blocks, storage proofs.

Bytes are rebuilt from the node's JSON. A header is compared with its hash; transactions, receipts
and storage are compared with a header's roots by whoever uses them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainfin.chain.client import Node
from chainfin.codec import qbft
from chainfin.codec.errors import HeaderMismatch
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.headers import header_from_rpc
from chainfin.codec.receipts import receipt_from_rpc
from chainfin.codec.transactions import transaction_from_rpc
from chainfin.domain.service_errors import NodeBehind

_HEADERS_A_READ = 500

HeaderRule = Literal["ethereum", "qbft"]
"""Whether a block's hash is that of its whole header, or of the header without seals."""


@dataclass(frozen=True, slots=True)
class BlockContent:
    """The raw transactions of a block and their receipts, in order."""

    transactions: tuple[bytes, ...]
    receipts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StorageProof:
    """Trie nodes from a block's state root.

    Attributes:
        account: To a contract's account.
        words: From its storage root to each slot asked for, in that order.
    """

    account: tuple[bytes, ...]
    words: tuple[tuple[bytes, ...], ...]


def header_rule(node: Node) -> HeaderRule:
    """By which rule the network hashes its headers, as its newest block shows.

    Raises:
        HeaderMismatch, HeaderMalformed: By none that is known here.
        NodeUnavailable, NodeRefused: The node does not answer, or refuses.
    """
    block = node.request("eth_getBlockByNumber", ["latest", False])
    try:
        header_from_rpc(block)
    except HeaderMismatch:
        header_from_rpc(block, qbft.block_hash)
        return "qbft"
    return "ethereum"


def read_headers(
    node: Node, numbers: Iterable[int], hash_of: Callable[[bytes], bytes]
) -> list[bytes]:
    """The RLP of headers, in the order asked for.

    Args:
        node: Any node of the network.
        numbers: Of blocks.
        hash_of: From a header's bytes to the block's hash on this network.

    Raises:
        NodeBehind: The node has not come so far.
        HeaderMismatch: A header does not have the hash the node gives: the network counts block
            hashes by another rule, or the node is wrong.
        NodeUnavailable, NodeRefused: The node does not answer, or refuses.
    """
    wanted, headers = list(numbers), list[bytes]()
    for start in range(0, len(wanted), _HEADERS_A_READ):
        part = wanted[start : start + _HEADERS_A_READ]
        calls = [("eth_getBlockByNumber", [hex(number), False]) for number in part]
        for number, block in zip(part, node.batch(calls), strict=True):
            if block is None:
                raise NodeBehind(number - 1, max(wanted))
            headers.append(header_from_rpc(block, hash_of))
    return headers


def read_block(node: Node, number: int) -> BlockContent:
    """Everything a block did.

    Raises:
        NodeUnavailable, NodeRefused: The node does not answer, or refuses.
        TransactionTypeUnsupported: It holds a transaction of a type that nobody here reads.
    """
    transactions = node.full_block(number)["transactions"]
    return BlockContent(
        transactions=tuple(map(transaction_from_rpc, transactions)),
        receipts=tuple(map(receipt_from_rpc, node.block_receipts(number))),
    )


def read_storage_proof(
    node: Node, address: str, slots: Sequence[bytes], block_number: int
) -> StorageProof:
    """Prove what a contract's storage held at a block (EIP-1186).

    Raises:
        NodeUnavailable: The node does not answer.
        NodeRefused: It gives no proofs, or none of a block so old.
    """
    places = [to_hex(slot) for slot in slots]
    answer: dict[str, Any] = node.request("eth_getProof", [address, places, hex(block_number)])
    return StorageProof(
        account=tuple(map(from_hex, answer["accountProof"])),
        words=tuple(tuple(map(from_hex, entry["proof"])) for entry in answer["storageProof"]),
    )
