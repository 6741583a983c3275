"""What a node must show so that others need not ask it: headers, whole blocks, storage proofs.

Bytes are rebuilt from the node's JSON. A header is compared with its hash; transactions, receipts
and storage are compared with a header's roots by whoever uses them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainfin.chain.client import Node
from chainfin.codec import qbft, rpc
from chainfin.codec.errors import CodecError, HeaderMismatch, ProofInvalid
from chainfin.codec.hashing import from_address, from_hex, keccak, to_hex
from chainfin.codec.headers import Header, bloom_of, decode_header, header_from_rpc
from chainfin.codec.receipts import decode_receipt, receipt_from_rpc, receipts_root
from chainfin.codec.transactions import transaction_from_rpc
from chainfin.domain.events import BlockRef, LogPosition, ProvenBlock, RawLog
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
    header = _by_either_rule(block)
    return "ethereum" if to_hex(keccak(header)) == block["hash"] else "qbft"


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


def read_proven_blocks(node: Node, numbers: Sequence[int]) -> list[ProvenBlock | ProofInvalid]:
    """Blocks with every log they have, whosever it is, proven by the roots of their headers.

    Each header is rebuilt and has the block's hash, the receipts have the header's root, and the
    blooms of receipts and header are those of the logs.

    Returns:
        The blocks in the order asked for; in place of one that proves nothing, what is wrong.

    Raises:
        NodeUnavailable, NodeRefused: The node does not answer, or refuses.
    """
    calls = [("eth_getBlockByNumber", [hex(number), False]) for number in numbers]
    calls += [("eth_getBlockReceipts", [hex(number)]) for number in numbers]
    answers = node.batch(calls)
    pairs = zip(answers[: len(numbers)], answers[len(numbers) :], strict=True)
    return [_proven(*pair) for pair in pairs]


def _proven(
    block: Mapping[str, Any] | None, receipts: Sequence[Mapping[str, Any]] | None
) -> ProvenBlock | ProofInvalid:
    if block is None or receipts is None:
        return ProofInvalid("the node does not have it")
    try:
        header = decode_header(_by_either_rule(block))
        return ProvenBlock(_ref(block, header), tuple(_proven_logs(block, header, receipts)))
    except ProofInvalid as error:
        return error
    except CodecError as error:
        return ProofInvalid(str(error))


def _proven_logs(
    block: Mapping[str, Any], header: Header, receipts: Sequence[Mapping[str, Any]]
) -> Iterator[RawLog]:
    encoded = [receipt_from_rpc(receipt) for receipt in receipts]
    if receipts_root(encoded) != header.receipts_root:
        raise ProofInvalid("the receipts do not have the root of its header")
    bloom, log_index = 0, 0
    for place, (document, data) in enumerate(zip(receipts, encoded, strict=True)):
        receipt = decode_receipt(data)
        found = bloom_of(
            item for log in receipt.logs for item in (from_address(log.address), *log.topics)
        )
        if found != int.from_bytes(receipt.logs_bloom, "big"):
            raise ProofInvalid(f"the bloom of receipt {place} is of other logs")
        bloom |= found
        transaction_hash = rpc.text(document, "transactionHash")
        for log in receipt.logs:
            position = LogPosition(
                header.number, block["hash"], header.timestamp, transaction_hash, place, log_index
            )
            yield RawLog(log.address, tuple(map(to_hex, log.topics)), to_hex(log.data), position)
            log_index += 1
    if bloom != int.from_bytes(header.logs_bloom, "big"):
        raise ProofInvalid("its bloom is of other logs")


def _ref(block: Mapping[str, Any], header: Header) -> BlockRef:
    bloom = int.from_bytes(header.logs_bloom, "big")
    return BlockRef(
        header.number, block["hash"], to_hex(header.parent_hash), header.timestamp, bloom
    )


def _by_either_rule(block: Mapping[str, Any]) -> bytes:
    """The RLP of a header, by the rule its hash fits."""
    try:
        return header_from_rpc(block)
    except HeaderMismatch:
        return header_from_rpc(block, qbft.block_hash)


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
