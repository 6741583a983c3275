"""An order as it arrived: read from its one form, its signatures checked off chain first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.orders import (
    TYPES,
    order_hash,
    signers_of,
)
from chainfin.codec.typed_data import from_json
from chainfin.domain.order import (
    ACTS_BY_TYPE,
    OFFER_EARLY_PAYMENT,
    SUBMIT_QUOTE,
    ActSpec,
    Approval,
    nonce_of,
    number_of,
)
from chainfin.domain.participant import (
    KIND_REQUIRED,
    LICENCE_REQUIRED,
    KeyKind,
    KeyRole,
    ParticipantKey,
    ParticipantStatus,
    may_order,
    roles_required,
)
from chainfin.domain.receivable import LotId
from chainfin.domain.refusals import (
    ApprovalsMalformed,
    KeyNotValid,
    KindRequired,
    LicenceLapsed,
    NonceOfAnotherKey,
    OrderExpired,
    ParticipantBlocked,
    ParticipantSuspended,
    ParticipantUnknown,
    RoleRequired,
    SamePerson,
    SignatureInvalid,
    SignerUnknown,
)
from chainfin.domain.service_errors import (
    ActUnknown,
    FieldMalformed,
    OrderMalformed,
)
from chainfin.models.orders import (
    LARGEST_COLUMN,
    OrderRow,
)
from chainfin.models.participants import get_key, get_standing
from chainfin.models.receivables import find_receivable
from chainfin.services.context import Context


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order as it arrived, read and matched to its act."""

    spec: ActSpec
    message: dict[str, Any]
    order_hash: str
    typed_data: Mapping[str, Any]
    approvals: tuple[Approval, ...]
    attachments: Mapping[str, Any]


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
    spec = ACTS_BY_TYPE.get(primary_type)
    if primary_type == SUBMIT_QUOTE.primary_type:
        spec = _spec_of_quote(context, message)
    if spec is None:
        raise ActUnknown(primary_type, ", ".join(sorted(ACTS_BY_TYPE)))
    if number_of(message["nonce"]) > LARGEST_COLUMN:
        raise FieldMalformed("nonce", str(message["nonce"]), f"a number up to {LARGEST_COLUMN}")
    hash_ = to_hex(order_hash(primary_type, message))
    return SignedOrder(spec, message, hash_, typed_data, signed, attachments)


def _spec_of_quote(context: Context, message: Mapping[str, Any]) -> ActSpec:
    """A funder's quote, or the anchor's for its own debt."""
    receivable = find_receivable(context.session, LotId.from_token(message["lotId"]).receivable_id)
    is_own_debt = receivable is not None and receivable.obligor == message["organisation"]
    return OFFER_EARLY_PAYMENT if is_own_debt else SUBMIT_QUOTE


def stored_order(context: Context, row: OrderRow) -> SignedOrder:
    """A recorded order, read back for relaying."""
    return read_order(
        context,
        json.loads(row.typed_data),
        json.loads(row.approvals),
        json.loads(row.attachments),
    )


def require_may_order(context: Context, organisation: int, act: str) -> None:
    """Refuse an organisation that may not order an act, as the registry would.

    Raises:
        ParticipantUnknown, ParticipantBlocked, ParticipantSuspended, KindRequired, LicenceLapsed:
            Why not.
    """
    participant = context.once(
        ("participant", organisation), lambda: get_standing(context.session, organisation)
    )
    now_at = _now_at(context)
    if participant is None:
        raise ParticipantUnknown(organisation)
    if may_order(participant, act, now_at):
        return
    wanted = KIND_REQUIRED.get(act)
    if wanted is not None and not participant.kinds & wanted:
        raise KindRequired(organisation, str(wanted.name).lower())
    if act in LICENCE_REQUIRED and not participant.is_licensed(now_at):
        raise LicenceLapsed(organisation, participant.licence_expires_at)
    if participant.status is ParticipantStatus.BLOCKED:
        raise ParticipantBlocked(organisation)
    raise ParticipantSuspended(organisation)


def check_signatures(context: Context, order: SignedOrder) -> None:
    """Refuse wrong, unknown, ended or same-person signatures, before the chain is asked.

    Raises:
        ApprovalsMalformed, SignerUnknown, RoleRequired, KeyNotValid, SamePerson, SignatureInvalid:
            As the registry would.
        OrderExpired: Its deadline is past.
    """
    message, approvals = order.message, order.approvals
    require_may_order(context, message["organisation"], order.spec.act)
    now_at = _now_at(context)
    if now_at > message["deadline"]:
        raise OrderExpired(order.order_hash, message["deadline"], now_at)
    roles = roles_required(order.spec.act)
    if not 1 <= len(approvals) <= len(roles):
        raise ApprovalsMalformed(len(approvals))
    persons = [
        _check_key(context, order, approval, role, now_at)
        for approval, role in zip(approvals, roles, strict=False)
    ]
    if len(set(persons)) < len(persons):
        raise SamePerson(approvals[0].key, approvals[1].key)
    if message["nonce"] != nonce_of(approvals[0].key, number_of(message["nonce"])):
        raise NonceOfAnotherKey(approvals[0].key, message["nonce"])
    _check_recovery(context, order)


def _now_at(context: Context) -> int:
    return context.once("now_at", lambda: context.as_of().block_timestamp)


def _key(context: Context, address: str) -> ParticipantKey | None:
    return context.once(("key", address), lambda: get_key(context.session, address))


def _check_key(
    context: Context, order: SignedOrder, approval: Approval, role: KeyRole, now_at: int
) -> str:
    organisation = order.message["organisation"]
    entry = _key(context, approval.key)
    if entry is None or entry.organisation != organisation:
        raise SignerUnknown(approval.key, organisation)
    if role and not entry.roles & role:
        raise RoleRequired(approval.key, str(role.name).lower())
    if not entry.is_valid(now_at):
        raise KeyNotValid(approval.key, entry.valid_from, entry.valid_until)
    return entry.person


def _check_recovery(context: Context, order: SignedOrder) -> None:
    for approval in order.approvals:
        entry = _key(context, approval.key)
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
