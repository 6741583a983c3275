"""For the worker: relay accepted orders, follow them, finish them.

Steps, each its own database transaction, committed by the worker between them:

    plan             allot nonces, sign, store the bytes        orders: received → submitted
    note_broadcast   what was sent; sending itself only reads
    finish           match what the index saw by order hash     orders: → final, cancelled
    note_receipts    of what the index did not see              orders: → included, reverted
    expire           deadlines past in a final block            orders: → expired

A crash anywhere is harmless: stored bytes have one hash, and the contracts run an order once.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from chainfin.chain.transactor import gas_for
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
    administration_with_status,
    batch_face_issued,
    drop_claims,
    expiring_orders,
    get_order,
    has_waiting_with,
    mark_runs_done,
    open_runs,
    orders_by_hash,
    reopen_runs,
    take_orders,
)
from chainfin.models.receivables import count_batch_results
from chainfin.models.relay import RelayStatus, note_included, relayed_for
from chainfin.services import relaying
from chainfin.services.calls import calldata_of_runs
from chainfin.services.context import Context
from chainfin.services.orders import move, reason_text
from chainfin.services.relaying import MOST_AT_ONCE, Call, Fate, Receipts, Relayers, Sent
from chainfin.services.signed_orders import stored_order


class AdministrationStatus(StrEnum):
    """Where a call of the administration stands."""

    RECEIVED = "received"
    SUBMITTED = "submitted"
    DONE = "done"
    FAILED = "failed"


# --- plan ------------------------------------------------------------------------------------


def queue_call(
    context: Context, description: str, contract: str, calldata: bytes
) -> AdministrationRow:
    """Record a call of the administration; it goes out with the relayers' next round."""
    row = AdministrationRow(
        description=description,
        contract=contract,
        calldata=calldata,
        status=AdministrationStatus.RECEIVED,
        recorded_at=context.now,
    )
    context.session.add(row)
    return row


def has_waiting(context: Context) -> bool:
    """Whether anything waits to be planned; only reads."""
    return has_waiting_with(context.session, AdministrationStatus.RECEIVED, OrderStatus.RECEIVED)


def plan(
    context: Context,
    relayers: Relayers,
    administrator: str | None = None,
    chain_nonces: Mapping[str, int] | None = None,
) -> int:
    """Sign and store transactions for what waits; returns how many.

    Args:
        context: A unit of work.
        relayers: Those that are this process's.
        administrator: The account the administration's calls go out from. They wait for the process
            that holds it.
        chain_nonces: The chain's counts, as `relaying.chain_nonces` told them.
    """
    session = context.session
    free = min(MOST_AT_ONCE, relaying.room(context, relayers))
    calls: list[Call] = []
    if administrator is not None and administrator in relayers:
        for entry in administration_with_status(session, AdministrationStatus.RECEIVED, free):
            calls += _administration_call(context, administrator, entry)
    for row in take_orders(session, OrderStatus.RECEIVED, max(0, free - len(calls))):
        calls += _order_calls(context, row)
    relaying.store(context, relayers, calls, chain_nonces)
    return len(calls)


def _order_calls(context: Context, row: OrderRow) -> list[Call]:
    move(context, row, OrderStatus.SUBMITTED)
    if row.calldata is not None:
        return [Call(row.target, row.calldata, row.gas, row.order_hash)]
    order = stored_order(context, row)
    runs = [run.run_index for run in open_runs(context.session, row.order_hash)]
    return [
        Call(row.target, data, row.gas, row.order_hash, run)
        for run, data in zip(runs, calldata_of_runs(context, order, runs), strict=True)
    ]


def _administration_call(context: Context, sender: str, row: AdministrationRow) -> list[Call]:
    try:
        gas = gas_for(context.network.node, row.contract, row.calldata, sender)
    except NodeUnavailable:
        raise
    except ChainfinError as refusal:
        row.status, row.reason = AdministrationStatus.FAILED, reason_text(refusal)
        return []
    row.status = AdministrationStatus.SUBMITTED
    return [Call(row.contract, row.calldata, gas, administration_id=row.id, sender=sender)]


# --- send and follow -------------------------------------------------------------------------


def note_broadcast(context: Context, relayers: Relayers, sent: Sequence[Sent]) -> None:
    """Note what `relaying.broadcast_stored` sent, and end orders that no transaction can carry."""
    _note_fates(context, relaying.note_broadcast(context, relayers, sent))


def note_receipts(context: Context, relayers: Relayers, receipts: Receipts) -> int:
    """Note what `relaying.read_receipts` found, and what it means for orders; how many ended."""
    fates = relaying.note_receipts(context, relayers, receipts)
    _note_fates(context, fates)
    return len(fates)


def retake(context: Context, unused: Mapping[str, int]) -> None:
    """Send again what the chain has no more: `relaying.unused_nonces`, and what they carried."""
    for row in relaying.retake(context, unused):
        order = get_order(context.session, row.order_hash or "")
        if order is not None and order.status == OrderStatus.INCLUDED:
            move(context, order, OrderStatus.SUBMITTED)


def _note_fates(context: Context, fates: Sequence[Fate]) -> None:
    hashes = {fate.row.order_hash for fate in fates if fate.row.order_hash is not None}
    orders = orders_by_hash(context.session, hashes)
    for fate in fates:
        _note_fate(context, fate, orders.get(fate.row.order_hash or ""))


def _note_fate(context: Context, fate: Fate, order: OrderRow | None) -> None:
    row, reason = fate.row, fate.reason
    if row.administration_id is not None:
        entry = context.session.get(AdministrationRow, row.administration_id)
        if entry is not None:
            entry.transaction_hash = row.hash
            entry.status = AdministrationStatus.DONE
            if reason is not None:
                entry.status, entry.reason = AdministrationStatus.FAILED, reason_text(reason)
        return
    if order is None or order.status != OrderStatus.SUBMITTED:
        return
    if reason is not None:
        move(context, order, OrderStatus.REVERTED, reason_text(reason))
        return
    order.transaction_hash, order.block_number = row.hash, row.block_number
    if row.run_index is None and not row.is_empty:
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
    ended: list[str] = []
    note_included(context.session, {at.transaction_hash for at, _ in [*orders, *batches]})
    for position, event in orders:
        order = known.get(event.order_hash)
        if order is None:
            continue
        if isinstance(event, OrderCancelled):
            if _uses_nonce_of(event, order):
                ended += _end(context, order, OrderStatus.CANCELLED)
        elif order.act != "issue_batch":
            _note_place(order, position)
            ended += _end(context, order, OrderStatus.FINAL)
    for position, batch in batches:
        order = known.get(batch.order_hash)
        if order is not None and isinstance(batch, BatchRowsIssued):
            _note_place(order, position)
            ended += _finish_run(context, order, batch)
    drop_claims(context.session, ended)


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
            if row.status in {RelayStatus.INCLUDED, RelayStatus.REVERTED}:
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


def _finish_run(context: Context, order: OrderRow, event: BatchRowsIssued) -> list[str]:
    runs = open_runs(context.session, order.order_hash)
    done = [run.run_index for run in runs if run.run_index << run.level == event.first_row]
    mark_runs_done(context.session, order.order_hash, done)
    if len(runs) == len(done):
        return _end(context, order, OrderStatus.FINAL)
    return []


def has_expired(context: Context) -> bool:
    """Whether `expire` has anything to do; only reads."""
    return bool(expiring_orders(context.session, context.as_of().block_timestamp))


def expire(context: Context) -> int:
    """End orders whose deadline is past in a final block; returns how many."""
    block_time = context.as_of().block_timestamp
    rows = expiring_orders(context.session, block_time)
    drop_claims(
        context.session,
        [hash_ for row in rows for hash_ in _end(context, row, OrderStatus.EXPIRED)],
    )
    return len(rows)


def batch_progress(context: Context, order_hash: str) -> dict[str, int]:
    """How many rows of a batch have been through the chain, and how many of those were refused."""
    issued, refused = count_batch_results(context.session, order_hash)
    face = batch_face_issued(context.session, order_hash)
    return {"issued": issued, "refused": refused, "issued_minor": face}


def _end(context: Context, order: OrderRow, status: OrderStatus) -> list[str]:
    """End an order; its hash if its claims on documents end with it."""
    if order.status == OrderStatus.REJECTED and status is not OrderStatus.FINAL:
        return []
    move(context, order, status)
    return [order.order_hash]
