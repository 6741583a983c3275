"""Transactions of the relayers: stored, sent, followed. What they carry is `submission`'s business.

A nonce is allotted in the database transaction that stores the bytes signed with it, and these
leave after its commit. So a crash loses no nonce, and whatever a node answers, the stored hashes
decide what became of a transaction.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.chain.client import Node
from chainfin.chain.reverts import refusal_of
from chainfin.chain.transactor import SendOutcome, broadcast_all, raise_revert, sign
from chainfin.codec.signers import Signer
from chainfin.codec.transactions import decode_transaction
from chainfin.domain.errors import ChainfinError
from chainfin.domain.service_errors import TransactionImpossible
from chainfin.models.relay import (
    RelayReplacedRow,
    RelayStatus,
    RelayTransactionRow,
    earlier_hashes,
    ended_from,
    highest_relayed_nonce,
    relayed_by_id,
    relayed_with_status,
    under_way,
)
from chainfin.services.context import Context

MOST_AT_ONCE = 100
"""Transactions of one request to the node."""
MOST_UNDER_WAY = 1_000
"""Of one relayer: nodes drop what is too far ahead of an account's nonce."""
STALE_SECONDS = 20
"""A transaction that no block takes for so long may offer too little."""
_TAKEN = frozenset({SendOutcome.ACCEPTED, SendOutcome.ALREADY_THERE})
"""Accepted, or its nonce is known there: `follow` finds out by hash which."""
_EMPTY_GAS = 21_000
_LEAST_RISE_PERCENT = 125

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction to make, and what for.

    Attributes:
        sender: The only relayer that may send it; None if any may.
    """

    to: str
    data: bytes
    gas: int
    order_hash: str | None = None
    run_index: int | None = None
    administration_id: int | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a transaction: a block holds it, or none ever will.

    Attributes:
        reason: Why it was refused; None if it ran.
    """

    row: RelayTransactionRow
    reason: ChainfinError | None


Relayers = Mapping[str, Signer]


# --- store -----------------------------------------------------------------------------------


def room(context: Context, relayers: Relayers) -> int:
    """How many more transactions may be under way; no more than a relayer's key signs at once."""
    counts = under_way(context.session, relayers)
    return max(
        min(max(0, MOST_UNDER_WAY - counts.get(address, 0)), signer.at_once)
        for address, signer in relayers.items()
    )


def chain_nonces(node: Node, relayers: Relayers) -> dict[str, int]:
    """The chain's count of each relayer.

    Asked before the transaction that allots nonces: while that is open, others wait to write. Who
    may sign holds the relayer's lease, so nobody else uses it up meanwhile.
    """
    return {address: node.transaction_count(address) for address in relayers}


def store(
    context: Context,
    relayers: Relayers,
    calls: Sequence[Call],
    chain_nonces: Mapping[str, int] | None = None,
) -> None:
    """Allot nonces, sign and store: to each call's own sender, else the one with the fewest.

    Args:
        context: A unit of work.
        relayers: Those that may sign.
        calls: What to send.
        chain_nonces: What `chain_nonces` answered; None asks now.
    """
    counts = under_way(context.session, relayers)
    idlest = min(relayers, key=lambda address: counts.get(address, 0))
    for address in {call.sender or idlest for call in calls}:
        own = [call for call in calls if (call.sender or idlest) == address]
        used = (chain_nonces or {}).get(address)
        if used is None:
            used = context.network.node.transaction_count(address)
        _store_all(context, relayers[address], own, used)


def _store_all(context: Context, relayer: Signer, calls: Sequence[Call], used: int) -> None:
    # The chain may be ahead: the account was used elsewhere, or the database is an older copy.
    first = max(used, 1 + highest_relayed_nonce(context.session, relayer.address))
    for nonce, call in enumerate(calls, first):
        _store_one(context, relayer, nonce, call)


def _store_one(context: Context, relayer: Signer, nonce: int, call: Call) -> None:
    signed = sign(
        relayer,
        chain_id=context.network.deployment.chain_id,
        nonce=nonce,
        to=call.to,
        data=call.data,
        gas=call.gas,
    )
    context.session.add(
        RelayTransactionRow(
            order_hash=call.order_hash,
            run_index=call.run_index,
            administration_id=call.administration_id,
            relayer=relayer.address,
            nonce=nonce,
            hash=signed.hash,
            raw=signed.raw,
            status=RelayStatus.STORED,
            created_at=context.now,
        )
    )


# --- send ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """What a node said to stored bytes."""

    transaction_id: int
    hash: str
    outcome: SendOutcome


def broadcast_stored(context: Context, relayers: Relayers) -> list[Sent]:
    """Broadcast stored bytes, lowest nonce first; only reads the database, and holds nobody up."""
    sent: list[Sent] = []
    for address in relayers:
        rows = relayed_with_status(context.session, RelayStatus.STORED, MOST_AT_ONCE, [address])
        if not rows:
            continue
        outcomes = broadcast_all(context.network.node, [row.raw for row in rows])
        known = _known_among(context, rows, outcomes)
        for row, outcome in zip(rows, outcomes, strict=True):
            said = SendOutcome.ALREADY_THERE if row.hash in known else outcome
            sent.append(Sent(row.id or 0, row.hash, said))
    return sent


def not_ended(context: Context, sent: Sequence[Sent]) -> list[Sent]:
    """Of what was sent, what the index has not seen in a block; only reads."""
    rows = relayed_by_id(context.session, [entry.transaction_id for entry in sent])
    stored = {key for key, row in rows.items() if row.status == RelayStatus.STORED}
    return [entry for entry in sent if entry.transaction_id in stored]


def note_broadcast(context: Context, relayers: Relayers, sent: Sequence[Sent]) -> list[Fate]:
    """Note what was sent; answers the fate of what no node will ever take."""
    fates = []
    rows = relayed_by_id(context.session, [entry.transaction_id for entry in sent])
    for entry in sent:
        row = rows.get(entry.transaction_id)
        if row is None or row.hash != entry.hash or row.status != RelayStatus.STORED:
            continue
        signer = relayers[row.relayer]
        if entry.outcome in _TAKEN:
            row.status, row.sent_at = RelayStatus.SENT, context.now
        elif entry.outcome is SendOutcome.FEE_TOO_LOW:
            _raise_fee(context, signer, row)
        elif entry.outcome is SendOutcome.IMPOSSIBLE:
            fates.append(_run_empty(context, signer, row))
        # Whatever else the node said: the bytes stay stored and go out again.
    return fates


def _known_among(
    context: Context, rows: Sequence[RelayTransactionRow], outcomes: Sequence[SendOutcome]
) -> set[str]:
    """Hashes the node knows all the same, of the transactions it did not plainly accept."""
    unclear = {SendOutcome.NONCE_AHEAD, SendOutcome.UNKNOWN}
    asked = [row.hash for row, outcome in zip(rows, outcomes, strict=True) if outcome in unclear]
    answers = _ask(context, "eth_getTransactionByHash", asked)
    return {hash_ for hash_, answer in answers.items() if answer is not None}


def _run_empty(context: Context, signer: Signer, row: RelayTransactionRow) -> Fate:
    """Use the nonce of what no node takes for an empty transaction, so that the next ones run."""
    _log.error("transaction %s is impossible; its nonce %d runs empty", row.hash, row.nonce)
    reason = TransactionImpossible(f"{len(row.raw)} bytes, {decode_transaction(row.raw).gas} gas")
    row.is_empty = True
    _sign_anew(context, signer, row, row.fee_per_gas)
    return Fate(row, reason)


def _raise_fee(context: Context, signer: Signer, row: RelayTransactionRow) -> None:
    """Sign the same call with a higher fee; any hash it had may still be included."""
    least = row.fee_per_gas * _LEAST_RISE_PERCENT // 100 + 1
    fee = max(2 * context.network.node.base_fee(), least)
    _log.warning("nonce %d of %s now offers %d wei a unit of gas", row.nonce, row.relayer, fee)
    _sign_anew(context, signer, row, fee)


def _sign_anew(context: Context, signer: Signer, row: RelayTransactionRow, fee: int) -> None:
    before = decode_transaction(row.raw)
    context.session.add(RelayReplacedRow(hash=row.hash, transaction_id=row.id or 0))
    signed = sign(
        signer,
        chain_id=context.network.deployment.chain_id,
        nonce=row.nonce,
        to=row.relayer if row.is_empty else before.to,
        data=b"" if row.is_empty else before.data,
        gas=_EMPTY_GAS if row.is_empty else before.gas,
        fee_per_gas=fee,
    )
    row.hash, row.raw, row.fee_per_gas = signed.hash, signed.raw, fee
    row.status = RelayStatus.STORED


# --- follow ----------------------------------------------------------------------------------


Receipts = Mapping[int, dict[str, Any] | None]
"""By transaction; None where no block holds it yet."""


def read_receipts(context: Context, relayers: Relayers) -> Receipts:
    """What blocks hold of what was sent; only reads the database, and holds nobody up."""
    rows = relayed_with_status(context.session, RelayStatus.SENT, MOST_AT_ONCE, relayers)
    found = _receipts(context, rows)
    return {row.id or 0: found.get(row.id or 0) for row in rows}


def note_receipts(context: Context, relayers: Relayers, receipts: Receipts) -> list[Fate]:
    """Note receipts; answers what became of the transactions that have one.

    What its node has forgotten, or a reorganisation took away, is sent again as it is. What no
    block takes offers more. What lost its nonce to a transaction that is not ours goes out anew.
    """
    known = relayed_by_id(context.session, receipts)
    rows = [
        known[key] for key in receipts if key in known and known[key].status == RelayStatus.SENT
    ]
    found = {key: receipt for key, receipt in receipts.items() if receipt is not None}
    for address, signer in relayers.items():
        missing = [row for row in rows if row.relayer == address and row.id not in found]
        if missing:
            found |= _chase(context, signer, missing)
    return [_ended(context, row, found[row.id or 0]) for row in rows if row.id in found]


def unused_nonces(context: Context, relayers: Relayers) -> dict[str, int]:
    """Relayers' next nonces on the chain, where transactions that had ended are not below them.

    The chain took blocks back, perhaps before the index ever read them. A node that lags looks the
    same; then the bytes go out again and change nothing.
    """
    found = {}
    for address in relayers:
        used = context.network.node.transaction_count(address)
        if ended_from(context.session, address, used, limit=1):
            found[address] = used
    return found


def retake(context: Context, unused: Mapping[str, int]) -> list[RelayTransactionRow]:
    """Store transactions that had ended as not sent, from a nonce of their relayer on."""
    rows = [
        row
        for address, used in unused.items()
        for row in ended_from(context.session, address, used, limit=MOST_AT_ONCE)
    ]
    for row in rows:
        _log.warning("nonce %d of %s is not on the chain any more", row.nonce, row.relayer)
        row.status, row.block_number = RelayStatus.STORED, None
    return rows


def _ended(context: Context, row: RelayTransactionRow, receipt: dict[str, Any]) -> Fate:
    row.block_number = int(receipt["blockNumber"], 16)
    if int(receipt["status"], 16) == 1:
        row.status = RelayStatus.INCLUDED
        return Fate(row, None)
    row.status = RelayStatus.REVERTED
    transaction = decode_transaction(row.raw)
    if int(receipt["gasUsed"], 16) == transaction.gas:
        return Fate(row, TransactionImpossible(f"all of its {transaction.gas} gas was used"))
    try:
        raise_revert(context.network.node, receipt, transaction.to, transaction.data, row.relayer)
    except ChainfinError as refusal:
        return Fate(row, refusal)
    return Fate(row, refusal_of(b""))


def _chase(
    context: Context, signer: Signer, rows: Sequence[RelayTransactionRow]
) -> dict[int, dict[str, Any]]:
    """What to do about transactions without a receipt; answers receipts that came meanwhile."""
    waiting = _ask(context, "eth_getTransactionByHash", [row.hash for row in rows])
    next_nonce = context.network.node.transaction_count(signer.address)
    used = [row for row in rows if row.nonce < next_nonce]
    # Asked once more after the count: a block may have come between the two questions.
    receipts = _receipts(context, used)
    for row in rows:
        if row.nonce < next_nonce:
            if row.id not in receipts:
                _go_out_anew(context, signer, row)
        elif waiting[row.hash] is None:
            row.status = RelayStatus.STORED
        elif _offers_too_little(context, row):
            _raise_fee(context, signer, row)
    return receipts


def _go_out_anew(context: Context, signer: Signer, row: RelayTransactionRow) -> None:
    """Somebody else used the nonce: what the transaction carried gets another one.

    That the order ran with the other transaction is harmless: the contracts run it once.
    """
    _log.error("nonce %d of %s was used by a transaction not ours", row.nonce, row.relayer)
    row.status = RelayStatus.LOST
    if row.is_empty:
        return
    lost = decode_transaction(row.raw)
    call = Call(
        to=lost.to or "",
        data=lost.data,
        gas=lost.gas,
        order_hash=row.order_hash,
        run_index=row.run_index,
        administration_id=row.administration_id,
    )
    context.session.flush()
    store(context, {signer.address: signer}, [call])


def _offers_too_little(context: Context, row: RelayTransactionRow) -> bool:
    sent_at = row.sent_at or context.now
    if context.now - sent_at < STALE_SECONDS:
        return False
    return context.network.node.base_fee() > row.fee_per_gas


def _receipts(context: Context, rows: Sequence[RelayTransactionRow]) -> dict[int, dict[str, Any]]:
    """Receipts by transaction, whichever of its hashes a block holds."""
    earlier = earlier_hashes(context.session, [row.id or 0 for row in rows])
    hashes = {row.id or 0: [row.hash, *earlier.get(row.id or 0, ())] for row in rows}
    answers = _ask(
        context, "eth_getTransactionReceipt", [h for some in hashes.values() for h in some]
    )
    found = {}
    for key, some in hashes.items():
        for hash_ in some:
            if answers[hash_] is not None:
                found[key] = answers[hash_]
    return found


def _ask(context: Context, method: str, hashes: Sequence[str]) -> dict[str, Any]:
    answers = context.network.node.batch([(method, [hash_]) for hash_ in hashes])
    return dict(zip(hashes, answers, strict=True))
