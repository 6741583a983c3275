"""Orders: drafted for signing, accepted once signed, shown with their history.

A draft writes nothing. Acceptance checks, in this order: the document, the signatures, the
caller's idempotency key, the rules by simulating the very call; then it records the order, or its
refusal, which is a fact too. Nothing here sends a transaction.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.codec import merkle
from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.orders import (
    TYPES,
    as_contract_sees,
    order_calldata,
    order_hash,
    row_leaf,
    signers_of,
)
from chainfin.codec.typed_data import from_json, to_json
from chainfin.domain.errors import ChainfinError
from chainfin.domain.order import (
    ACTS,
    ACTS_BY_TYPE,
    ALLOWED,
    ONE_KEY_ACTS,
    SUBMIT_QUOTE,
    ActSpec,
    Approval,
    OrderStatus,
    nonce_of,
    number_of,
)
from chainfin.domain.participant import KeyKind, KeyRole
from chainfin.domain.refusals import (
    ApprovalsMalformed,
    KeyNotValid,
    NonceOfAnotherKey,
    OrderExpired,
    RoleRequired,
    SamePerson,
    SignatureInvalid,
    SignerUnknown,
)
from chainfin.domain.service_errors import (
    ActUnknown,
    AttachmentMismatch,
    FieldMalformed,
    IdempotencyKeyReused,
    NotFound,
    OrderMalformed,
)
from chainfin.models.orders import (
    LARGEST_COLUMN,
    BatchRunRow,
    DocumentClaimRow,
    IdempotencyRow,
    OrderRow,
    OrderStepRow,
    get_order,
    highest_number,
    orders_of,
    steps_of,
)
from chainfin.models.participants import (
    dual_control_limits_of,
    get_key,
    highest_nonce_used,
    keys_of,
)
from chainfin.models.quotes import QuoteRow, highest_quote_number
from chainfin.services import financing, programmes, receivables, settlement, transfers
from chainfin.services.context import Built, Caller, Context

ORDER_SECONDS = 86_400
"""How long an order may run unless its drafter says otherwise."""

RUN_LEVEL = 6
"""A batch goes out in runs of 2**6 rows: about half the gas one transaction may use."""

Builder = Callable[[Context, int, Mapping[str, Any]], Built]

BUILDERS: dict[str, Builder] = {
    "set_dual_control_limit": programmes.build_set_dual_control_limit,
    "revoke_key": programmes.build_revoke_key,
    "cancel_order": programmes.build_cancel_order,
    "open_programme": programmes.build_open_programme,
    "issue_receivable": receivables.build_issue_receivable,
    "issue_batch": receivables.build_issue_batch,
    "accept_receivable": receivables.build_accept_receivable,
    "refuse_receivable": receivables.build_refuse_receivable,
    "split_lot": transfers.build_split_lot,
    "propose_transfer": transfers.build_propose_transfer,
    "accept_transfer": transfers.build_transfer_answer,
    "reject_transfer": transfers.build_transfer_answer,
    "revoke_transfer": transfers.build_transfer_answer,
    "request_financing": financing.build_request_financing,
    "withdraw_financing_request": financing.build_withdraw_financing_request,
    "submit_quote": financing.build_submit_quote,
    "award_quote": financing.build_award_quote,
    "settle_receivable": settlement.build_settle_receivable,
    "open_deposit_accounts": programmes.build_open_deposit_accounts,
    "mint_deposit": programmes.build_mint_deposit,
    "redeem_deposit": programmes.build_redeem_deposit,
}
"""Who fills in each act's order."""


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order as it arrived, read and matched to its act."""

    spec: ActSpec
    message: dict[str, Any]
    order_hash: str
    typed_data: Mapping[str, Any]
    approvals: tuple[Approval, ...]
    attachments: Mapping[str, Any]


# --- drafts ----------------------------------------------------------------------------------


def draft_order(
    context: Context,
    caller: Caller,
    act: str,
    fields: Mapping[str, Any],
    *,
    maker_key: str | None = None,
    deadline_at: int | None = None,
) -> dict[str, Any]:
    """Prepare an order for signing: typed data, attachments, what it means. Writes nothing.

    Raises:
        ActUnknown: There is no such act.
        FieldMalformed: A field is missing, unknown or malformed.
        ChainfinError: The rule the contracts would refuse it for.
    """
    builder = BUILDERS.get(act)
    if builder is None:
        raise ActUnknown(act, ", ".join(sorted(BUILDERS)))
    spec = SUBMIT_QUOTE if act == SUBMIT_QUOTE.act else ACTS[act]
    organisation = caller.organisation
    built = builder(context, organisation, fields)
    key = maker_key or _first_maker(context, organisation, act)
    message = {
        "target": built.target or context.network.deployment.address(spec.contract),
        "organisation": organisation,
        "nonce": nonce_of(key, next_number(context, key)),
        "deadline": deadline_at or _default_deadline(context, fields),
        **built.fields,
    }
    typed_data = to_json(context.network.deployment.domain, TYPES[spec.primary_type], message)
    hash_ = to_hex(order_hash(spec.primary_type, message))
    if act != SUBMIT_QUOTE.act and act not in ONE_KEY_ACTS:
        simulate_unsigned(
            context, SignedOrder(spec, message, hash_, typed_data, (), built.attachments)
        )
    return {
        "act": act,
        "order_hash": hash_,
        "typed_data": typed_data,
        "attachments": dict(built.attachments),
        "checker_required": _needs_checker(context, organisation, act, built),
        "currency": built.currency,
        "notes": dict(built.notes or {}),
        "maker_key": key,
    }


def next_number(context: Context, maker_key: str) -> int:
    """The lowest running number above all a maker's key has used or may still use."""
    session = context.session
    used = highest_nonce_used(session, maker_key)
    return 1 + max(
        highest_number(session, maker_key),
        highest_quote_number(session, maker_key),
        -1 if used < 0 else number_of(used),
    )


def simulate_unsigned(context: Context, order: SignedOrder) -> None:
    """Ask the contracts what an order would do if it were signed.

    Raises:
        ChainfinError: The rule they would refuse it for.
    """
    network = context.network
    network.node.call(
        order.message["target"],
        calldata_of(context, order),
        overrides=network.unsigned_overrides(),
    )


def _first_maker(context: Context, organisation: int, act: str) -> str:
    role = KeyRole.ADMINISTRATOR if act == "revoke_key" else KeyRole.MAKER
    now_at = context.as_of().block_timestamp
    for entry in keys_of(context.session, organisation):
        if entry.roles & role and entry.is_valid(now_at):
            return entry.key
    raise NotFound("valid maker key", f"of organisation {organisation}")


def _default_deadline(context: Context, fields: Mapping[str, Any]) -> int:
    expires_at = fields.get("expires_at")
    if type(expires_at) is int:
        return expires_at
    return context.as_of().block_timestamp + ORDER_SECONDS


def _needs_checker(context: Context, organisation: int, act: str, built: Built) -> bool:
    if act in ONE_KEY_ACTS:
        return False
    if not built.amount_minor or built.currency is None:
        return True
    limit = dual_control_limits_of(context.session, organisation).get(built.currency, 0)
    return built.amount_minor > limit


# --- acceptance ------------------------------------------------------------------------------


def read_order(
    context: Context,
    typed_data: Mapping[str, Any],
    approvals: Sequence[Mapping[str, Any]],
    attachments: Mapping[str, Any],
) -> SignedOrder:
    """Read what was handed in; nothing is believed yet.

    Raises:
        OrderMalformed: It is no order of this network in its one form.
    """
    try:
        primary_type, message = from_json(typed_data, TYPES, context.network.deployment.domain)
        signed = tuple(
            Approval(str(entry["key"]), from_hex(entry["signature"])) for entry in approvals
        )
    except (CodecError, KeyError, TypeError) as error:
        raise OrderMalformed(f"{type(error).__name__}: {error}") from None
    spec = (
        SUBMIT_QUOTE
        if primary_type == SUBMIT_QUOTE.primary_type
        else ACTS_BY_TYPE.get(primary_type)
    )
    if spec is None:
        raise ActUnknown(primary_type, ", ".join(sorted(ACTS_BY_TYPE)))
    if number_of(message["nonce"]) > LARGEST_COLUMN:
        raise FieldMalformed("nonce", str(message["nonce"]), f"a number up to {LARGEST_COLUMN}")
    hash_ = to_hex(order_hash(primary_type, message))
    return SignedOrder(spec, message, hash_, typed_data, signed, attachments)


def accept_order(
    context: Context, caller: Caller, order: SignedOrder, idempotency_key: str
) -> OrderRow:
    """Record a signed order once, or its refusal.

    A refused order is not raised: raising would roll the fact back. The row's status says it.

    Raises:
        IdempotencyKeyReused: The key came before with another order.
    """
    request_hash = _request_hash(order)
    before = context.session.get(IdempotencyRow, (caller.organisation, idempotency_key))
    if before is not None:
        if before.request_hash != request_hash:
            raise IdempotencyKeyReused(idempotency_key)
        return _known(context, before.order_hash)
    row = get_order(context.session, order.order_hash)
    if row is None or row.status == OrderStatus.REJECTED:
        row = _record(context, caller, order, row)
    context.session.add(
        IdempotencyRow(
            caller=caller.organisation,
            key=idempotency_key,
            request_hash=request_hash,
            order_hash=order.order_hash,
            created_at=context.now,
        )
    )
    context.session.flush()
    return row


def check_signatures(context: Context, order: SignedOrder) -> None:
    """Refuse wrong, unknown, ended or same-person signatures, before the chain is asked.

    Raises:
        ApprovalsMalformed, SignerUnknown, RoleRequired, KeyNotValid, SamePerson, SignatureInvalid:
            As the registry would.
        OrderExpired: Its deadline is past.
    """
    message, approvals = order.message, order.approvals
    now_at = context.as_of().block_timestamp
    if now_at > message["deadline"]:
        raise OrderExpired(order.order_hash, message["deadline"], now_at)
    most = 1 if order.spec.act in ONE_KEY_ACTS else 2
    if not 1 <= len(approvals) <= most:
        raise ApprovalsMalformed(len(approvals))
    persons = []
    for approval, role in zip(approvals, (KeyRole.MAKER, KeyRole.CHECKER), strict=False):
        persons.append(_check_key(context, order, approval, role, now_at))
    if len(persons) == most == 2 and persons[0] == persons[1]:  # noqa: PLR2004 - maker and checker
        raise SamePerson(approvals[0].key, approvals[1].key)
    if message["nonce"] != nonce_of(approvals[0].key, number_of(message["nonce"])):
        raise NonceOfAnotherKey(approvals[0].key, message["nonce"])
    _check_recovery(context, order)


def _check_key(
    context: Context, order: SignedOrder, approval: Approval, role: KeyRole, now_at: int
) -> str:
    organisation = order.message["organisation"]
    entry = get_key(context.session, approval.key)
    if entry is None or entry.organisation != organisation:
        raise SignerUnknown(approval.key, organisation)
    if order.spec.act == "revoke_key":
        role = KeyRole.ADMINISTRATOR
    if order.spec.act != "cancel_order" and not entry.roles & role:
        raise RoleRequired(approval.key, str(role.name).lower())
    if not entry.is_valid(now_at):
        raise KeyNotValid(approval.key, entry.valid_from, entry.valid_until)
    return entry.person


def _check_recovery(context: Context, order: SignedOrder) -> None:
    for approval in order.approvals:
        entry = get_key(context.session, approval.key)
        if entry is not None and entry.kind is KeyKind.CONTRACT:
            continue  # only the chain can ask a contract
        try:
            signers = signers_of(
                context.network.deployment.domain,
                order.spec.primary_type,
                order.message,
                [approval],
            )
        except CodecError:
            signers = []
        if signers != [approval.key]:
            raise SignatureInvalid(approval.key, order.order_hash)


def _record(context: Context, caller: Caller, order: SignedOrder, row: OrderRow | None) -> OrderRow:
    refusal = _refusal(context, order)
    status = OrderStatus.RECEIVED if refusal is None else OrderStatus.REJECTED
    if row is None:
        row = _new_row(context, caller, order, status)
        context.session.add(row)
    row.approvals = _approvals_text(order)
    row.attachments = json.dumps(order.attachments)
    row.status = status
    row.reason = None if refusal is None else reason_text(refusal)
    add_step(context, row)
    if refusal is None:
        _plan(context, order)
    return row


def _refusal(context: Context, order: SignedOrder) -> ChainfinError | None:
    try:
        check_signatures(context, order)
        context.network.node.call(order.message["target"], calldata_of(context, order))
    except ChainfinError as refusal:
        return refusal
    return None


def _new_row(context: Context, caller: Caller, order: SignedOrder, status: OrderStatus) -> OrderRow:
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
        status=status,
        received_at=context.now,
    )


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


def _request_hash(order: SignedOrder) -> str:
    body = [order.typed_data, json.loads(_approvals_text(order)), order.attachments]
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _approvals_text(order: SignedOrder) -> str:
    return json.dumps(
        [{"key": entry.key, "signature": to_hex(entry.signature)} for entry in order.approvals]
    )


# --- calls -----------------------------------------------------------------------------------


def calldata_of(context: Context, order: SignedOrder) -> bytes:
    """The contract call that runs an order; of a batch, its first run.

    Raises:
        AttachmentMismatch: What was attached is missing or not what was signed.
    """
    return next(calldata_of_runs(context, order, [0]))


def calldata_of_runs(
    context: Context, order: SignedOrder, run_indexes: Sequence[int]
) -> Iterator[bytes]:
    """The calls that run an order's runs; an order that is no batch has run 0 alone.

    Raises:
        AttachmentMismatch: What was attached is missing or not what was signed.
    """
    function = load_artifact(order.spec.contract).interface.functions[order.spec.function]
    try:
        for arguments in _arguments(context, order, run_indexes):
            yield order_calldata(
                function, order.spec.primary_type, order.message, order.approvals, arguments
            )
    except (CodecError, KeyError, TypeError) as error:
        raise AttachmentMismatch(f"{type(error).__name__}: {error}") from None


def _arguments(
    context: Context, order: SignedOrder, run_indexes: Sequence[int]
) -> Iterator[dict[str, Any]]:
    attached = order.attachments
    match order.spec.act:
        case "issue_receivable":
            yield _attestation(context, attached)
        case "issue_batch":
            attestation = _attestation(context, attached)
            for run in _runs(order, run_indexes):
                yield attestation | run
        case "award_quote":
            quote = financing.award_arguments(context, attached)
            yield {
                "quote": as_contract_sees("Quote", quote),
                "quoteApprovals": [_approval(entry) for entry in attached["quoteApprovals"]],
            }
        case "settle_receivable":
            yield {"lotSequences": list(attached["lotSequences"])}
        case _:
            yield {}


def _attestation(context: Context, attached: Mapping[str, Any]) -> dict[str, Any]:
    primary_type, message = from_json(
        attached["attestation"], TYPES, context.network.deployment.domain
    )
    if primary_type != "AttestDocuments":
        raise AttachmentMismatch(f"the attestation is a {primary_type}")
    return {
        "attestation": message,
        "attestationApproval": _approval(attached["attestationApproval"]),
    }


def _runs(order: SignedOrder, run_indexes: Sequence[int]) -> Iterator[dict[str, Any]]:
    rows = [receivables.row_from_json(entry) for entry in order.attachments["rows"]]
    leaves = [row_leaf(index, row) for index, row in enumerate(rows)]
    if len(rows) != order.message["count"] or merkle.root(leaves) != order.message["root"]:
        raise AttachmentMismatch("the rows are not those that were signed")
    level = run_level(len(rows))
    for index in run_indexes:
        first = index << level
        proof = merkle.subtree_proof(leaves, level, index)
        yield {
            "rows": rows[first : first + (1 << level)],
            "run": {"level": level, "index": index, "proof": proof},
        }


def run_level(count: int) -> int:
    """A batch goes out in runs of 2**level rows; a small one in a single run."""
    return min(RUN_LEVEL, merkle.depth(count))


def _approval(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": entry["key"], "signature": from_hex(entry["signature"])}


def stored_order(context: Context, row: OrderRow) -> SignedOrder:
    """A recorded order, read back for relaying."""
    return read_order(
        context,
        json.loads(row.typed_data),
        json.loads(row.approvals),
        json.loads(row.attachments),
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
    """Note an order's status in its history."""
    context.session.add(
        OrderStepRow(
            order_hash=row.order_hash, status=row.status, at=context.now, reason=row.reason
        )
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
    if order.spec is not SUBMIT_QUOTE:
        raise OrderMalformed(f"a {order.spec.primary_type} is no quote")
    caller.require_party("quote", order.order_hash, order.message["organisation"])
    check_signatures(context, order)
    return financing.accept_quote(context, order.message, order.typed_data, order.approvals)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
