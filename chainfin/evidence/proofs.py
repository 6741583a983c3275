"""From the trusted block hash to bytes: headers, transactions, receipts and storage words.

    trusted root ── last header ── … ── first header        by parent hashes, or each by seals
                        │                     │
                     state root       transactions and receipts roots
                        │                     │
                  storage words        transactions and receipts

Each step is a hash, so nothing here depends on who wrote the file down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainfin.codec import patricia, qbft, rlp
from chainfin.codec.errors import ProofInvalid, RlpMalformed
from chainfin.codec.hashing import WORD_BYTES, from_address, keccak, to_hex
from chainfin.codec.headers import Header, decode_header
from chainfin.codec.receipts import Receipt, decode_receipt, verify_inclusion
from chainfin.codec.transactions import Transaction, decode_transaction
from chainfin.evidence.errors import (
    CheckpointMismatch,
    HeaderMissing,
    HeadersNotChained,
    HeaderSuperfluous,
    TransactionMisplaced,
    TransactionReverted,
)
from chainfin.evidence.package import Package, TransactionPlace
from chainfin.evidence.trust import BlockRoot, Trust, ValidatorsRoot

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


def read_headers(encoded: Sequence[bytes], trust: Trust) -> list[Header]:
    """Read headers that lead to the trusted block, or come after the trusted validators.

    Raises:
        HeaderMalformed: One is not the canonical form of a header.
        HeadersNotChained: One is not the parent of the next, or they are not in order.
        CheckpointMismatch: The last is not the trusted block, or the first is before the root.
    """
    headers = [decode_header(each, trust.header_hash) for each in encoded]
    if isinstance(trust.root, BlockRoot):
        _require_checkpoint(headers[-1], trust.root)
        _require_chain(headers)
    else:
        _require_order(headers, trust.root)
    return headers


def _require_checkpoint(last: Header, root: BlockRoot) -> None:
    if (last.number, to_hex(last.hash)) != (root.block_number, root.block_hash):
        raise CheckpointMismatch(
            f"the file ends with block {last.number} {to_hex(last.hash)}, trusted is block "
            f"{root.block_number} {root.block_hash}: export for that checkpoint, or take a "
            f"checkpoint of block {last.number}"
        )


def _require_chain(headers: Sequence[Header]) -> None:
    for header, following in pairwise(headers):
        if following.parent_hash != header.hash or following.number != header.number + 1:
            raise HeadersNotChained(
                f"block {following.number} does not follow header {to_hex(header.hash)}"
            )


def _require_order(headers: Sequence[Header], root: ValidatorsRoot) -> None:
    if headers[0].number <= root.block_number:
        raise CheckpointMismatch(
            f"block {headers[0].number} is not after block {root.block_number}, "
            "whose validators are trusted"
        )
    for header, following in pairwise(headers):
        if following.number <= header.number:
            raise HeadersNotChained(f"block {following.number} stands after {header.number}")
        is_next = following.number == header.number + 1
        if is_next and following.parent_hash != header.hash:
            raise HeadersNotChained(
                f"block {following.number} does not follow header {to_hex(header.hash)}"
            )


def require_no_other_headers(package: Package, headers: Sequence[Header]) -> None:
    """Refuse headers that nothing in the file needs.

    Raises:
        HeaderSuperfluous: The first block has no fact, or, on sealed blocks, another has neither
            fact nor vote and is not the last.
    """
    with_facts = {entry.block for entry in package.transactions}
    if isinstance(package.trust.root, BlockRoot):
        if headers[0].number not in with_facts:
            raise HeaderSuperfluous(f"block {headers[0].number} has no fact")
        return
    for header in headers[:-1]:
        has_vote = qbft.decode_extra(header.extra_data).vote is not None
        if header.number not in with_facts and not has_vote:
            raise HeaderSuperfluous(f"block {header.number} has neither fact nor vote")


def read_transactions(
    package: Package, headers: Sequence[Header]
) -> list[tuple[Header, Transaction]]:
    """Every transaction of the file, proven to be in its block.

    Raises:
        TransactionMisplaced: They are not in chain order.
        HeaderMissing: The file has no header of a transaction's block.
        ProofInvalid: A proof does not lead to a transaction.
    """
    places = [(entry.block, entry.index) for entry in package.transactions]
    if sorted(set(places)) != places:
        raise TransactionMisplaced("the transactions are not in chain order")
    by_number = {header.number: header for header in headers}
    return [_transaction(package, by_number, entry) for entry in package.transactions]


def _transaction(
    package: Package, headers: Mapping[int, Header], entry: TransactionPlace
) -> tuple[Header, Transaction]:
    header = headers.get(entry.block)
    if header is None:
        raise HeaderMissing(f"there is no header of block {entry.block}")
    nodes = _nodes_at(package, entry.transaction)
    raw = verify_inclusion(header.transactions_root, entry.index, nodes)
    return header, decode_transaction(raw)


def read_receipts(
    package: Package, transactions: Sequence[tuple[Header, Transaction]]
) -> list[Included]:
    """The receipt of every transaction, proven to be in the same block at the same place.

    Raises:
        ProofInvalid: A proof does not lead to a receipt.
        ReceiptMalformed: What it leads to is none.
        TransactionReverted: One did not succeed.
    """
    return [
        _with_receipt(package, header, transaction, entry)
        for entry, (header, transaction) in zip(package.transactions, transactions, strict=True)
    ]


def _with_receipt(
    package: Package, header: Header, transaction: Transaction, entry: TransactionPlace
) -> Included:
    nodes = _nodes_at(package, entry.receipt)
    receipt = decode_receipt(verify_inclusion(header.receipts_root, entry.index, nodes))
    if not receipt.succeeded:
        raise TransactionReverted(f"transaction {entry.index} of block {entry.block}")
    return Included(header, entry.index, transaction, receipt)


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
    return [package.nodes[place] for place in places]
