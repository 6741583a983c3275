"""Receipts of transactions, and the roots by which a block commits to receipts and transactions.

A receipt says whether its transaction succeeded, the gas the block had used by then, and its logs.
Recomputing the receipts root from all receipts of a block proves that no log was left out; one
inclusion proof shows that a log happened, to somebody who trusts only the header.
Source: Ethereum Yellow Paper, 4.4.1; EIP-658 (status), EIP-2718 (typed receipts).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.codec import patricia, rlp, rpc
from chainfin.codec.errors import ProofInvalid, ReceiptMalformed, RlpMalformed
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, to_address
from chainfin.codec.headers import BLOOM_BYTES

_FIRST_LIST_PREFIX = 0xC0
_HIGHEST_TYPE = 0x7F
_MOST_TOPICS = 4


@dataclass(frozen=True, slots=True)
class ReceiptLog:
    """A log: the contract's lower-case address, up to four topics of 32 bytes, and data."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt, read.

    Attributes:
        type: Of the transaction: 0 legacy, 1 access list, 2 fee market, and so on.
        succeeded: False if the transaction was reverted.
        cumulative_gas_used: Gas of the block up to and including this transaction.
        logs_bloom: 256 bytes over the logs' addresses and topics.
        logs: In order.
    """

    type: int
    succeeded: bool
    cumulative_gas_used: int
    logs_bloom: bytes
    logs: tuple[ReceiptLog, ...]


def receipt_from_rpc(document: Mapping[str, Any]) -> bytes:
    """Rebuild the bytes of a receipt from a node's JSON; only a root can confirm them.

    Raises:
        RpcMalformed: A field is absent or has another form.
        ReceiptMalformed: The status is neither 0 nor 1, or the type is none.
    """
    kind = rpc.quantity(document, "type") if document.get("type") is not None else 0
    status = rpc.quantity(document, "status")
    if status > 1 or kind > _HIGHEST_TYPE:
        raise ReceiptMalformed(f"status {status} or type {kind} does not exist")
    body = rlp.encode(
        [
            rlp.encode_integer(status),
            rlp.encode_integer(rpc.quantity(document, "cumulativeGasUsed")),
            rpc.data(document, "logsBloom", BLOOM_BYTES),
            [_log_from_rpc(log) for log in rpc.members(document, "logs")],
        ]
    )
    return bytes((kind,)) + body if kind else body


def decode_receipt(data: bytes) -> Receipt:
    """Read the bytes of a receipt.

    Raises:
        ReceiptMalformed: They are not the canonical form of one.
    """
    if not data:
        raise ReceiptMalformed("there are no bytes")
    typed = data[0] < _FIRST_LIST_PREFIX
    kind = data[0] if typed else 0
    if typed and not 0 < kind <= _HIGHEST_TYPE:
        raise ReceiptMalformed(f"there is no receipt of type {kind}")
    try:
        status, gas, bloom, logs = rlp.to_list(rlp.decode(data[typed:]), 4)
        succeeded = rlp.to_integer(status)
        if succeeded > 1:
            raise ReceiptMalformed(f"the status is {succeeded}")
        return Receipt(
            type=kind,
            succeeded=succeeded == 1,
            cumulative_gas_used=rlp.to_integer(gas),
            logs_bloom=rlp.to_bytes(bloom, BLOOM_BYTES),
            logs=tuple(_read_log(log) for log in rlp.to_list(logs)),
        )
    except RlpMalformed as error:
        raise ReceiptMalformed(str(error)) from None


def receipts_root(receipts: Sequence[bytes]) -> bytes:
    """The receipts root of a block with these receipts, in order: 32 bytes."""
    return patricia.trie_root(_by_index(receipts))


def transactions_root(raws: Sequence[bytes]) -> bytes:
    """The transactions root of a block with these raw transactions, in order: 32 bytes."""
    return patricia.trie_root(_by_index(raws))


def inclusion_proof(items: Sequence[bytes], index: int) -> list[bytes]:
    """Prove which item stands at an index.

    Args:
        items: All receipts, or all raw transactions, of a block.
        index: From 0.

    Returns:
        The encoded trie nodes from the root to the item.

    Raises:
        IndexError: There is no such item.
    """
    if not 0 <= index < len(items):
        raise IndexError(f"there are {len(items)} items, none at {index}")
    return patricia.prove(_by_index(items), _key(index))


def verify_inclusion(root: bytes, index: int, nodes: Sequence[bytes]) -> bytes:
    """Find the item that a proof shows to stand at an index.

    Args:
        root: The receipts or transactions root of a trusted header.
        index: From 0.
        nodes: The proof.

    Raises:
        ProofInvalid: The proof is not exactly the one there is, or shows that the block has no
            item there.
    """
    item = patricia.verify(root, _key(index), nodes)
    if item is None:
        raise ProofInvalid(f"the block has nothing at index {index}")
    return item


def _by_index(items: Sequence[bytes]) -> dict[bytes, bytes]:
    return {_key(index): item for index, item in enumerate(items)}


def _key(index: int) -> bytes:
    return rlp.encode(rlp.encode_integer(index))


def _log_from_rpc(log: Mapping[str, Any]) -> list[rlp.Item]:
    topics = [
        rpc.data({"topic": topic}, "topic", WORD_BYTES) for topic in rpc.members(log, "topics")
    ]
    return [rpc.data(log, "address", ADDRESS_BYTES), topics, rpc.data(log, "data")]


def _read_log(item: rlp.Item) -> ReceiptLog:
    address, topics, data = rlp.to_list(item, 3)
    words = tuple(rlp.to_bytes(topic, WORD_BYTES) for topic in rlp.to_list(topics))
    if len(words) > _MOST_TOPICS:
        raise ReceiptMalformed(f"a log has {len(words)} topics")
    return ReceiptLog(to_address(rlp.to_bytes(address, ADDRESS_BYTES)), words, rlp.to_bytes(data))
