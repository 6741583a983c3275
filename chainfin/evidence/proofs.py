"""From the trusted block hash to bytes: headers, transactions, receipts and storage words.

    trusted hash ── last header ── … ── first header        each names its parent by hash
                        │                     │
                     state root       transactions and receipts roots
                        │                     │
                  storage words        transactions and receipts

Each step is a hash, so nothing here depends on who wrote the file down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainfin.codec import patricia, rlp
from chainfin.codec.errors import ProofInvalid, RlpMalformed
from chainfin.codec.hashing import WORD_BYTES, from_address, keccak, to_hex
from chainfin.codec.headers import Header, decode_header
from chainfin.codec.receipts import Receipt, decode_receipt, verify_inclusion
from chainfin.codec.transactions import Transaction, decode_transaction
from chainfin.evidence.errors import (
    CheckpointMismatch,
    HeadersNotChained,
    HeaderSuperfluous,
    NodeMisplaced,
    TransactionMisplaced,
    TransactionReverted,
)
from chainfin.evidence.package import Package, TransactionPlace
from chainfin.evidence.trust import Trust

_ACCOUNT_MEMBERS = 4
_STORAGE_ROOT = 2


@dataclass(frozen=True, slots=True)
class Included:
    """A transaction that is on the chain, with its receipt.

    Attributes:
        header: Of its block.
        index: Its place in the block, from 0.
        transaction: What was sent.
        receipt: What happened.
    """

    header: Header
    index: int
    transaction: Transaction
    receipt: Receipt


def chain_headers(encoded: Sequence[bytes], trust: Trust) -> list[Header]:
    """Read headers that lead to the trusted block.

    Raises:
        HeaderMalformed: One is not the canonical form of a header.
        HeadersNotChained: One is not the parent of the next.
        CheckpointMismatch: The last is not the trusted block.
    """
    headers = [decode_header(each) for each in encoded]
    last = headers[-1]
    if (last.number, to_hex(last.hash)) != (trust.block_number, trust.block_hash):
        raise CheckpointMismatch(
            f"the file ends with block {last.number} {to_hex(last.hash)}, trusted is block "
            f"{trust.block_number} {trust.block_hash}: export for that checkpoint, or take a "
            f"checkpoint of block {last.number}"
        )
    for header, following in pairwise(headers):
        if following.parent_hash != header.hash or following.number != header.number + 1:
            raise HeadersNotChained(
                f"block {following.number} does not follow header {to_hex(header.hash)}"
            )
    return headers


def check_nodes(package: Package) -> int:
    """Refuse nodes that no proof needs, or that have two places; answers how many there are.

    Raises:
        NodeMisplaced: The nodes are not exactly those used, once each, in the order of first use.
    """
    if len(set(package.nodes)) != len(package.nodes):
        raise NodeMisplaced("a node is there twice")
    first_used = list(dict.fromkeys(_places(package)))
    if first_used != list(range(len(package.nodes))):
        raise NodeMisplaced("the nodes are not in the order of their first use")
    return len(first_used)


def _places(package: Package) -> Iterable[int]:
    for entry in package.transactions:
        yield from entry.transaction
        yield from entry.receipt
    state = package.state
    for places in (state.ledger, state.standing, state.programme, state.lot, state.registry):
        yield from places
    for key in state.keys:
        yield from key.word


def read_transactions(package: Package, headers: Sequence[Header]) -> list[Included]:
    """Every transaction of the file, proven to be on the chain and to have succeeded.

    Raises:
        TransactionMisplaced: They are not in chain order, or one is in no block of the file.
        HeaderSuperfluous: The first is not in the first block.
        ProofInvalid: A proof does not lead to a transaction or receipt.
        TransactionReverted: One did not succeed.
    """
    places = [(entry.block, entry.index) for entry in package.transactions]
    if sorted(set(places)) != places:
        raise TransactionMisplaced("the transactions are not in chain order")
    if not places or places[0][0] > headers[0].number:
        raise HeaderSuperfluous(f"block {headers[0].number} has no fact of this receivable")
    return [_included(package, headers, entry) for entry in package.transactions]


def _included(package: Package, headers: Sequence[Header], entry: TransactionPlace) -> Included:
    offset = entry.block - headers[0].number
    if not 0 <= offset < len(headers):
        raise TransactionMisplaced(f"there is no header of block {entry.block}")
    header = headers[offset]
    if entry.index < 0:
        raise TransactionMisplaced(f"block {entry.block} has no transaction {entry.index}")
    raw = verify_inclusion(
        header.transactions_root, entry.index, _nodes_at(package, entry.transaction)
    )
    encoded = verify_inclusion(header.receipts_root, entry.index, _nodes_at(package, entry.receipt))
    receipt = decode_receipt(encoded)
    if not receipt.succeeded:
        raise TransactionReverted(f"transaction {entry.index} of block {entry.block}")
    return Included(header, entry.index, decode_transaction(raw), receipt)


class Storage:
    """The storage of one contract at the checkpoint, as far as it is proven."""

    def __init__(
        self, package: Package, state_root: bytes, address: str, account: Sequence[int]
    ) -> None:
        """Prove the contract's account.

        Raises:
            ProofInvalid: There is no such account, or the proof is another one's.
        """
        self._package = package
        key = keccak(from_address(address))
        found = patricia.verify(state_root, key, _nodes_at(package, account))
        if found is None:
            raise ProofInvalid(f"there is no account {address}")
        try:
            members = rlp.to_list(rlp.decode(found), _ACCOUNT_MEMBERS)
            self._root = rlp.to_bytes(members[_STORAGE_ROOT], WORD_BYTES)
        except RlpMalformed as error:
            raise ProofInvalid(f"{address} is no account: {error}") from None

    def word(self, slot: bytes, places: Sequence[int]) -> int:
        """The word at a slot; 0 where nothing was ever stored.

        Raises:
            ProofInvalid: The proof is not exactly the one of this slot.
        """
        found = patricia.verify(self._root, keccak(slot), _nodes_at(self._package, places))
        if found is None:
            return 0
        try:
            return rlp.to_integer(rlp.decode(found))
        except RlpMalformed as error:
            raise ProofInvalid(f"a storage word is malformed: {error}") from None


def _nodes_at(package: Package, places: Sequence[int]) -> list[bytes]:
    nodes = package.nodes
    if not all(0 <= place < len(nodes) for place in places):
        raise NodeMisplaced(f"there are {len(nodes)} nodes; a proof names another")
    return [nodes[place] for place in places]
