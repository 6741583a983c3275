"""Signed orders: accepted once, moved along their fate, shown with their history.

Acceptance checks the caller's idempotency key, the signatures, and the rules by simulating the very
call; then it records the order, or its refusal, which is a fact too. Nothing here sends a
transaction.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chainfin.chain.transactor import LARGEST_GAS
from chainfin.codec.hashing import to_hex
from chainfin.domain.errors import ChainfinError
from chainfin.domain.order import (
    ALLOWED,
    QUOTES,
    OrderStatus,
    number_of,
)
from chainfin.domain.service_errors import (
    NotFound,
    OrderMalformed,
    OutboxFull,
)
from chainfin.models.bulk import add_rows
from chainfin.models.orders import (
    BatchRunRow,
    DocumentClaimRow,
    OrderRow,
    OrderStepRow,
    count_waiting,
    get_order,
    orders_by_hash,
    orders_of,
    steps_of,
)
from chainfin.models.quotes import QuoteRow
from chainfin.models.session import serialise
from chainfin.services import financing
from chainfin.services.calls import calldata_of, run_level
from chainfin.services.context import Caller, Context
from chainfin.services.idempotency import record_answer, recorded_before
from chainfin.services.signed_orders import SignedOrder, check_signatures

_log = logging.getLogger(__name__)


def require_room(context: Context, outbox_limit: int) -> None:
    """Refuse further orders while as many wait for the network as may.

    Raises:
        OutboxFull: The network is slower than the participants, or away.
    """
    waiting = count_waiting(context.session, outbox_limit)
    if waiting >= outbox_limit:
        raise OutboxFull(waiting, outbox_limit)


_ACT_GAS, _ITEM_GAS = 1_000_000, 200_000
_BATCH_GAS, _ROW_GAS = 600_000, 150_000


@dataclass(frozen=True, slots=True)
class Checked:
    """Orders as the contracts see them at this moment.

    Attributes:
        calls: The contract call of each order whose signatures hold, by order hash.
        refusals: Why an order is refused, by order hash.
    """

    calls: Mapping[str, bytes]
    refusals: Mapping[str, ChainfinError]


def check_orders(context: Context, orders: Sequence[SignedOrder]) -> Checked:
    """Check signatures, then simulate all calls in few questions to the node.

    Only reads, and comes before anything is written: on SQLite whoever may write keeps all others
    waiting.
    """
    calls: dict[str, bytes] = {}
    refusals: dict[str, ChainfinError] = {}
    for order in orders:
        try:
            check_signatures(context, order)
            calls[order.order_hash] = calldata_of(context, order)
        except ChainfinError as refusal:
            refusals[order.order_hash] = refusal
    targets = {order.order_hash: order.message["target"] for order in orders}
    questions = [(targets[hash_], data) for hash_, data in calls.items()]
    answers = context.network.node.call_all(questions)
    for hash_, answer in zip(list(calls), answers, strict=True):
        if isinstance(answer, ChainfinError):
            refusals[hash_] = answer
    return Checked(calls, refusals)


def accept_order(
    context: Context, caller: Caller, order: SignedOrder, checked: Checked, idempotency_key: str
) -> OrderRow:
    """Record a signed order once, or its refusal.

    A refused order is not raised: raising would roll the fact back. The row's status says it.

    Raises:
        IdempotencyKeyReused: The key came before with another order.
    """
    request_hash = _request_hash([order])
    before = recorded_before(context, caller, idempotency_key, request_hash)
    if before is not None:
        return _known(context, before)
    (row,) = record_orders(context, caller, [order], checked)
    record_answer(context, caller, idempotency_key, request_hash, order.order_hash)
    return row


def record_orders(
    context: Context, caller: Caller, orders: Sequence[SignedOrder], checked: Checked
) -> list[OrderRow]:
    """Record orders, or their refusals; what is recorded already stays as it is."""
    serialise(context.session, *(f"order {order.order_hash}" for order in orders))
    rows = orders_by_hash(context.session, {order.order_hash for order in orders})
    added: list[OrderRow] = []
    steps: list[OrderStepRow] = []
    for order in orders:
        before = rows.get(order.order_hash)
        if before is not None and before.status != OrderStatus.REJECTED:
            continue
        row = _new_row(context, caller, order) if before is None else before
        _note_checked(row, order, checked)
        steps.append(_step(context, row))
        if before is None:
            added.append(row)
        if row.status == OrderStatus.RECEIVED:
            _plan(context, order)
        rows[order.order_hash] = row
    add_rows(context.session, added)
    add_rows(context.session, steps)
    return [rows[order.order_hash] for order in orders]


def _note_checked(row: OrderRow, order: SignedOrder, checked: Checked) -> None:
    """What a row says of an order as it was handed in last."""
    refusal = checked.refusals.get(order.order_hash)
    row.approvals = _approvals_text(order)
    row.attachments = json.dumps(order.attachments)
    if order.spec.act != "issue_batch":
        row.calldata = checked.calls.get(order.order_hash)
    row.gas = gas_limit(order)
    row.status = OrderStatus.RECEIVED if refusal is None else OrderStatus.REJECTED
    row.reason = None if refusal is None else reason_text(refusal)


def _new_row(context: Context, caller: Caller, order: SignedOrder) -> OrderRow:
    keys = [approval.key for approval in order.approvals]
    return OrderRow(
        order_hash=order.order_hash,
        act=order.spec.act,
        organisation=order.message["organisation"],
        submitted_by=caller.organisation,
        maker_key=keys[0] if keys else "",
        checker_key=keys[1] if len(keys) > 1 else None,
        nonce=number_of(order.message["nonce"]),
        deadline_at=order.message["deadline"],
        typed_data=json.dumps(order.typed_data),
        approvals="",
        attachments="",
        target=order.message["target"],
        status=OrderStatus.RECEIVED,
        received_at=context.now,
    )


def gas_limit(order: SignedOrder) -> int:
    """Gas that runs an order, or one run of a batch, with room to spare.

    Not the node's estimate: that costs as much as running it, and is right only for the state it
    was made in. An order too large for one transaction is refused by name.
    """
    if order.spec.act == "issue_batch":
        return min(_BATCH_GAS + _ROW_GAS * (1 << run_level(order.message["count"])), LARGEST_GAS)
    values = [*order.message.values(), *order.attachments.values()]
    items = sum(len(value) for value in values if isinstance(value, list | tuple))
    return min(_ACT_GAS + _ITEM_GAS * items, LARGEST_GAS)


def _plan(context: Context, order: SignedOrder) -> None:
    """What an accepted order needs besides its row: a batch's runs, claims on documents."""
    for tag in _documents_of(order):
        context.session.merge(DocumentClaimRow(fingerprint=tag, order_hash=order.order_hash))
    if order.spec.act == "issue_batch":
        count = order.message["count"]
        level = run_level(count)
        for index in range((count + (1 << level) - 1) >> level):
            context.session.add(
                BatchRunRow(order_hash=order.order_hash, run_index=index, level=level)
            )


def _documents_of(order: SignedOrder) -> list[str]:
    if order.spec.act == "issue_receivable":
        return [to_hex(order.message["row"]["documentFingerprint"])]
    if order.spec.act == "issue_batch":
        return [entry[-2] for entry in order.attachments["rows"]]
    return []


def _known(context: Context, hash_: str) -> OrderRow:
    row = get_order(context.session, hash_)
    if row is None:
        raise NotFound("order", hash_)
    return row


def _request_hash(orders: Sequence[SignedOrder]) -> str:
    body = [
        [order.typed_data, json.loads(_approvals_text(order)), order.attachments]
        for order in orders
    ]
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _approvals_text(order: SignedOrder) -> str:
    return json.dumps(
        [{"key": entry.key, "signature": to_hex(entry.signature)} for entry in order.approvals]
    )


# --- fate ------------------------------------------------------------------------------------


def move(context: Context, row: OrderRow, status: OrderStatus, reason: str | None = None) -> None:
    """Take an order a step on, as `ALLOWED` permits; a step it has taken already changes nothing.

    Raises:
        OrderMalformed: The table forbids the step: a fault of ours.
    """
    current = OrderStatus(row.status)
    if status is current:
        return
    if status not in ALLOWED[current]:
        raise OrderMalformed(f"{row.order_hash} cannot go from {current} to {status}")
    row.status = status
    row.reason = reason
    add_step(context, row)


def add_step(context: Context, row: OrderRow) -> None:
    """Note an order's status in its history, and in the log."""
    context.session.add(_step(context, row))


def _step(context: Context, row: OrderRow) -> OrderStepRow:
    about = {"order_hash": row.order_hash, "act": row.act, "status": row.status}
    _log.info("order", extra=about | {"transaction_hash": row.transaction_hash})
    return OrderStepRow(
        order_hash=row.order_hash, status=row.status, at=context.now, reason=row.reason
    )


def reason_text(refusal: ChainfinError) -> str:
    """A refusal as orders keep it: code, values, and what to do, in both languages."""
    return json.dumps(
        {
            "code": refusal.code,
            "name": type(refusal).__name__,
            "detail": refusal.detail("en"),
            "detail_zh": refusal.detail("zh"),
            "fields": {name: str(value) for name, value in refusal.fields.items()},
        },
        ensure_ascii=False,
    )


# --- reads -----------------------------------------------------------------------------------


def read_order_view(context: Context, caller: Caller, hash_: str) -> dict[str, Any]:
    """An order with its history, for its organisation, its relayer's caller and auditors."""
    row = get_order(context.session, hash_)
    if row is None:
        raise NotFound("order", hash_)
    caller.require_party("order", hash_, row.organisation, row.submitted_by)
    history = [
        {"status": step.status, "at": step.at, "reason": _parsed(step.reason)}
        for step in steps_of(context.session, hash_)
    ]
    return order_view(row) | {"history": history}


def list_orders(
    context: Context, caller: Caller, *, before_id: int | None, limit: int
) -> list[OrderRow]:
    """The caller's orders, newest first; all of them for auditors."""
    organisation = None if caller.reads_all else caller.organisation
    return list(orders_of(context.session, organisation, before_id=before_id, limit=limit))


def order_view(row: OrderRow) -> dict[str, Any]:
    """An order as its readers see it."""
    return {
        "order_hash": row.order_hash,
        "act": row.act,
        "organisation": row.organisation,
        "status": row.status,
        "reason": _parsed(row.reason),
        "maker_key": row.maker_key,
        "checker_key": row.checker_key,
        "nonce": row.nonce,
        "deadline_at": row.deadline_at,
        "transaction_hash": row.transaction_hash,
        "block_number": row.block_number,
    }


def submit_quote(context: Context, caller: Caller, order: SignedOrder) -> QuoteRow:
    """Check a signed quote's keys and record it with its receipt.

    Raises:
        NotFound: The caller is not the funder that signed it.
        OrderMalformed: It is another kind of order.
    """
    if order.spec.act not in QUOTES:
        raise OrderMalformed(f"a {order.spec.primary_type} is no quote")
    caller.require_party("quote", order.order_hash, order.message["organisation"])
    check_signatures(context, order)
    return financing.accept_quote(context, order.message, order.typed_data, order.approvals)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
