"""For the worker: relay accepted orders, follow them, finish them.

Four steps, each its own database transaction, committed by the worker between them:

    plan       allot nonces, sign, store the bytes          orders: received → submitted
    send       broadcast what is stored and not yet known to be there
    follow     read receipts                                orders: → included or reverted
    finish     match what the index saw by order hash       orders: → final, expired, cancelled

A crash anywhere is harmless: stored bytes have one hash, and the contracts run an order once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chainfin.chain.keys import Signer
from chainfin.chain.reverts import refusal_of
from chainfin.chain.transactor import (
    LARGEST_GAS,
    SendOutcome,
    SignedTransaction,
    broadcast,
    gas_for,
    raise_revert,
    sign,
)
from chainfin.codec.transactions import decode_transaction
from chainfin.domain.errors import ChainfinError
from chainfin.domain.events import (
    BatchEvent,
    BatchRowsIssued,
    LogPosition,
    OrderCancelled,
    OrderEvent,
)
from chainfin.domain.order import OrderStatus, nonce_of
from chainfin.domain.service_errors import NodeUnavailable
from chainfin.models.orders import (
    AdministrationRow,
    OrderRow,
    RelayTransactionRow,
    administration_with_status,
    batch_face_issued,
    drop_claims,
    expiring_orders,
    highest_relayed_nonce,
    mark_runs_done,
    open_runs,
    orders_by_hash,
    orders_with_status,
    relayed_for,
    relayed_with_status,
    reopen_runs,
)
from chainfin.models.receivables import count_batch_results
from chainfin.services.calls import calldata_of_runs, run_level
from chainfin.services.context import Context
from chainfin.services.orders import move, reason_text
from chainfin.services.signed_orders import stored_order

MOST_AT_ONCE = 64
_BATCH_GAS, _ROW_GAS = 600_000, 150_000


class RelayStatus(StrEnum):
    """Where a relayed transaction stands."""

    STORED = "stored"
    """Its bytes are stored; it may or may not have been sent."""
    SENT = "sent"
    """A node took it."""
    INCLUDED = "included"
    """It is in a block and did what it was for."""
    REVERTED = "reverted"
    """It is in a block and was refused."""


class AdministrationStatus(StrEnum):
    """Where a call of the administration stands."""

    RECEIVED = "received"
    SUBMITTED = "submitted"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class _Call:
    """One transaction to make."""

    to: str
    data: bytes
    gas: int
    order_hash: str | None = None
    run_index: int | None = None
    administration_id: int | None = None


# --- plan ------------------------------------------------------------------------------------


def plan(context: Context, relayer: Signer) -> int:
    """Sign and store transactions for what waits; returns how many."""
    session = context.session
    calls: list[_Call] = []
    for entry in administration_with_status(session, AdministrationStatus.RECEIVED, MOST_AT_ONCE):
        calls += _administration_call(context, relayer, entry)
    for row in orders_with_status(session, OrderStatus.RECEIVED, MOST_AT_ONCE):
        calls += _order_calls(context, relayer, row)
        if len(calls) >= MOST_AT_ONCE:
            break
    if calls:
        _store(context, relayer, calls)
    return len(calls)


def _order_calls(context: Context, relayer: Signer, row: OrderRow) -> list[_Call]:
    order = stored_order(context, row)
    target = order.message["target"]
    if row.act == "issue_batch":
        runs = [run.run_index for run in open_runs(context.session, row.order_hash)]
        gas = _BATCH_GAS + _ROW_GAS * (1 << run_level(order.message["count"]))
        move(context, row, OrderStatus.SUBMITTED)
        return [
            _Call(target, data, min(gas, LARGEST_GAS), row.order_hash, run)
            for run, data in zip(runs, calldata_of_runs(context, order, runs), strict=True)
        ]
    data = next(iter(calldata_of_runs(context, order, [0])))
    try:
        gas = gas_for(context.network.node, target, data, relayer.address)
    except NodeUnavailable:
        raise
    except ChainfinError as refusal:
        move(context, row, OrderStatus.SUBMITTED)
        move(context, row, OrderStatus.REVERTED, reason_text(refusal))
        return []
    move(context, row, OrderStatus.SUBMITTED)
    return [_Call(target, data, gas, row.order_hash)]


def _administration_call(context: Context, relayer: Signer, row: AdministrationRow) -> list[_Call]:
    try:
        gas = gas_for(context.network.node, row.contract, row.calldata, relayer.address)
    except NodeUnavailable:
        raise
    except ChainfinError as refusal:
        row.status, row.reason = AdministrationStatus.FAILED, reason_text(refusal)
        return []
    row.status = AdministrationStatus.SUBMITTED
    return [_Call(row.contract, row.calldata, gas, administration_id=row.id)]


def _store(context: Context, relayer: Signer, calls: Sequence[_Call]) -> None:
    nonce = 1 + highest_relayed_nonce(context.session, relayer.address)
    # An account that was used before this database knew it goes on from the chain's count.
    nonce = max(nonce, context.network.node.transaction_count(relayer.address))
    for offset, call in enumerate(calls):
        signed = sign(
            relayer,
            chain_id=context.network.deployment.chain_id,
            nonce=nonce + offset,
            to=call.to,
            data=call.data,
            gas=call.gas,
        )
        context.session.add(_relay_row(context, relayer, call, signed))


def _relay_row(
    context: Context, relayer: Signer, call: _Call, signed: SignedTransaction
) -> RelayTransactionRow:
    return RelayTransactionRow(
        order_hash=call.order_hash,
        run_index=call.run_index,
        administration_id=call.administration_id,
        relayer=relayer.address,
        nonce=signed.nonce,
        hash=signed.hash,
        raw=signed.raw,
        status=RelayStatus.STORED,
        created_at=context.now,
    )


# --- send ------------------------------------------------------------------------------------


def send(context: Context) -> int:
    """Broadcast stored bytes, lowest nonce first; returns how many a node took or had."""
    taken = 0
    for row in relayed_with_status(context.session, RelayStatus.STORED, MOST_AT_ONCE):
        outcome = broadcast(context.network.node, row.raw)
        if outcome is SendOutcome.ACCEPTED or _is_known(context, row.hash):
            row.status, row.sent_at = RelayStatus.SENT, context.now
            taken += 1
        else:
            # Whatever the node said: the bytes stay stored and go out again.
            break
    return taken


def _is_known(context: Context, hash_: str) -> bool:
    return context.network.node.transaction(hash_) is not None


# --- follow ----------------------------------------------------------------------------------


def follow(context: Context) -> int:
    """Read the receipts of what was sent; returns for how many transactions something changed.

    One that its node has forgotten, or a reorganisation took away, is sent again as it is.
    """
    ended = 0
    node = context.network.node
    for row in relayed_with_status(context.session, RelayStatus.SENT, MOST_AT_ONCE):
        receipt = node.receipt(row.hash)
        if receipt is None:
            if node.transaction(row.hash) is None:
                row.status = RelayStatus.STORED
                ended += 1
            break
        row.block_number = int(receipt["blockNumber"], 16)
        has_run = int(receipt["status"], 16) == 1
        row.status = RelayStatus.INCLUDED if has_run else RelayStatus.REVERTED
        reason = None if has_run else _why(context, row, receipt)
        _note_receipt(context, row, reason)
        ended += 1
    return ended


def _why(context: Context, row: RelayTransactionRow, receipt: dict[str, Any]) -> ChainfinError:
    transaction = decode_transaction(row.raw)
    try:
        raise_revert(context.network.node, receipt, transaction.to, transaction.data, row.relayer)
    except ChainfinError as refusal:
        return refusal
    return refusal_of(b"")


def _note_receipt(context: Context, row: RelayTransactionRow, reason: ChainfinError | None) -> None:
    if row.administration_id is not None:
        entry = context.session.get(AdministrationRow, row.administration_id)
        if entry is not None:
            entry.transaction_hash = row.hash
            entry.status = AdministrationStatus.DONE
            if reason is not None:
                entry.status, entry.reason = AdministrationStatus.FAILED, reason_text(reason)
        return
    order = orders_by_hash(context.session, [row.order_hash or ""]).get(row.order_hash or "")
    if order is None or order.status != OrderStatus.SUBMITTED:
        return
    if reason is not None:
        move(context, order, OrderStatus.REVERTED, reason_text(reason))
        return
    order.transaction_hash, order.block_number = row.hash, row.block_number
    if row.run_index is None:
        move(context, order, OrderStatus.INCLUDED)


# --- finish ----------------------------------------------------------------------------------


def finish(
    context: Context,
    orders: Sequence[tuple[LogPosition, OrderEvent]],
    batches: Sequence[tuple[LogPosition, BatchEvent]],
) -> None:
    """End orders by what the index read, matched by order hash.

    Called in the transaction that moves the index's cursor.
    """
    hashes = {event.order_hash for _, event in [*orders, *batches]}
    known = orders_by_hash(context.session, hashes)
    for position, event in orders:
        order = known.get(event.order_hash)
        if order is None:
            continue
        if isinstance(event, OrderCancelled):
            if _uses_nonce_of(event, order):
                _end(context, order, OrderStatus.CANCELLED)
        elif order.act != "issue_batch":
            _note_place(order, position)
            _end(context, order, OrderStatus.FINAL)
    for position, batch in batches:
        order = known.get(batch.order_hash)
        if order is not None and isinstance(batch, BatchRowsIssued):
            _note_place(order, position)
            _finish_run(context, order, batch)


def take_back(
    context: Context,
    orders: Sequence[tuple[LogPosition, OrderEvent]],
    batches: Sequence[tuple[LogPosition, BatchEvent]],
) -> None:
    """Undo what a reorganisation took away: the orders are on their way again."""
    hashes = {event.order_hash for _, event in [*orders, *batches]}
    for order in orders_by_hash(context.session, hashes).values():
        if order.status == OrderStatus.FINAL:
            move(context, order, OrderStatus.SUBMITTED)
        order.transaction_hash = order.block_number = None
        for row in relayed_for(context.session, order.order_hash):
            row.status = RelayStatus.STORED
    for _, batch in batches:
        if isinstance(batch, BatchRowsIssued):
            reopen_runs(context.session, batch.order_hash)


def _uses_nonce_of(event: OrderCancelled, order: OrderRow) -> bool:
    """Whether a cancellation uses up this order's nonce: the hash it names is only its word."""
    return (event.organisation, event.maker_key, event.nonce) == (
        order.organisation,
        order.maker_key,
        nonce_of(order.maker_key, order.nonce),
    )


def _note_place(order: OrderRow, position: LogPosition) -> None:
    order.transaction_hash = position.transaction_hash
    order.block_number = position.block_number


def _finish_run(context: Context, order: OrderRow, event: BatchRowsIssued) -> None:
    runs = open_runs(context.session, order.order_hash)
    done = [run.run_index for run in runs if run.run_index << run.level == event.first_row]
    mark_runs_done(context.session, order.order_hash, done)
    if len(runs) == len(done):
        _end(context, order, OrderStatus.FINAL)


def expire(context: Context) -> int:
    """End orders whose deadline is past in a final block; returns how many."""
    block_time = context.as_of().block_timestamp
    rows = expiring_orders(context.session, block_time)
    for row in rows:
        _end(context, row, OrderStatus.EXPIRED)
    return len(rows)


def batch_progress(context: Context, order_hash: str) -> dict[str, int]:
    """How many rows of a batch have been through the chain, and how many of those were refused."""
    issued, refused = count_batch_results(context.session, order_hash)
    face = batch_face_issued(context.session, order_hash)
    return {"issued": issued, "refused": refused, "issued_minor": face}


def _end(context: Context, order: OrderRow, status: OrderStatus) -> None:
    if order.status == OrderStatus.REJECTED and status is not OrderStatus.FINAL:
        return
    move(context, order, status)
    drop_claims(context.session, order.order_hash)
