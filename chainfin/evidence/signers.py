"""Whether each order was signed by keys that were valid then, and was run by the chain.

What this cannot see from outside, the contracts have checked: the day's limit of a maker alone,
the organisation's kind, status and licence, and the signature of a key that is a contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chainfin.codec.errors import SignatureMalformed
from chainfin.codec.hashing import NO_ADDRESS, from_address, to_hex
from chainfin.codec.signatures import recover
from chainfin.codec.typed_data import Domain, digest
from chainfin.domain.events import BatchRowsIssued, OrderExecuted
from chainfin.domain.order import Approval
from chainfin.domain.participant import KeyKind, KeyRole, ParticipantKey
from chainfin.evidence.calls import Call, SignedOrder
from chainfin.evidence.errors import (
    ApprovalsMalformed,
    KeyNotValid,
    NonceOfAnotherKey,
    OrderExpired,
    OrderNotExecuted,
    RoleRequired,
    SamePerson,
    SignatureInvalid,
    SignerUnknown,
    WrongTarget,
)
from chainfin.evidence.trust import Trust

_NONCE_BITS = 96
"""Above them a nonce holds the address of the maker's key."""


@dataclass(frozen=True, slots=True)
class CheckedOrder:
    """An order that was signed and run.

    Attributes:
        order: The order.
        at: When it ran.
        contract_keys: Keys that are contracts: the chain accepted their signatures, and nobody
            can check them without it.
    """

    order: SignedOrder
    at: int
    contract_keys: tuple[str, ...]


def check_orders(
    call: Call, keys: Mapping[str, ParticipantKey], trust: Trust, domain: Domain
) -> list[CheckedOrder]:
    """Check every order of a transaction.

    Args:
        call: The transaction.
        keys: The registry's entries of the signing keys, proven.
        trust: Where the contracts are.
        domain: What signatures are bound to.

    Raises:
        WrongTarget, OrderExpired, ApprovalsMalformed, SignerUnknown, RoleRequired,
        KeyNotValid, SignatureInvalid, OrderNotExecuted: As their names say.
    """
    return [
        _check_order(order, call, keys, trust, domain)
        for order in call.orders
        if not _is_funded(order)
    ]


def _is_funded(order: SignedOrder) -> bool:
    """Whether a quote came unsigned: the order that funded it names its hash; see `ordered`."""
    return order.primary_type == "Quote" and not order.approvals


def _check_order(
    order: SignedOrder,
    call: Call,
    keys: Mapping[str, ParticipantKey],
    trust: Trust,
    domain: Domain,
) -> CheckedOrder:
    target, deadline = order.message["target"], order.message["deadline"]
    if target != trust.contracts[order.target]:
        raise WrongTarget(f"a {order.primary_type} is for {target}, not the {order.target}")
    if call.timestamp > deadline:
        raise OrderExpired(f"a {order.primary_type} ran at {call.timestamp}, after {deadline}")
    signed = digest(domain, order.order_hash)
    found = _approving_keys(order, keys)
    for approval, key, role in zip(order.approvals, found, order.roles, strict=False):
        _check_key(order, key, role, call.timestamp)
        if key.kind is KeyKind.PLAIN:
            _check_signature(approval, signed)
    if len({key.person for key in found}) != len(found):
        raise SamePerson(f"one person signed a {order.primary_type} twice")
    _check_execution(order, call)
    contracts = tuple(key.key for key in found if key.kind is KeyKind.CONTRACT)
    return CheckedOrder(order, call.timestamp, contracts)


def _approving_keys(order: SignedOrder, keys: Mapping[str, ParticipantKey]) -> list[ParticipantKey]:
    if not 1 <= len(order.approvals) <= len(order.roles):
        raise ApprovalsMalformed(
            f"a {order.primary_type} has {len(order.approvals)} signatures, "
            f"not 1 to {len(order.roles)}"
        )
    if missing := [entry.key for entry in order.approvals if entry.key not in keys]:
        raise SignerUnknown(f"the registration of key {missing[0]} is not proven")
    return [keys[entry.key] for entry in order.approvals]


def _check_key(order: SignedOrder, key: ParticipantKey, role: KeyRole, at: int) -> None:
    organisation = order.message["organisation"]
    if key.organisation != organisation or not organisation:
        raise SignerUnknown(f"key {key.key} is {key.organisation}'s, not {organisation}'s")
    if not key.roles & role:
        raise RoleRequired(f"key {key.key} is no {str(role.name).lower()}'s")
    # A key revoked later in the same block has that block's own time as its end.
    if not key.valid_from <= at <= key.valid_until:
        raise KeyNotValid(
            f"key {key.key} was valid from {key.valid_from} to {key.valid_until}, not at {at}"
        )


def _check_signature(approval: Approval, signed: bytes) -> None:
    try:
        signer = recover(signed, approval.signature)
    except SignatureMalformed as error:
        raise SignatureInvalid(f"no signature of {approval.key}: {error}") from None
    if signer != approval.key:
        raise SignatureInvalid(f"signed by {signer}, not by {approval.key}")


def _check_execution(order: SignedOrder, call: Call) -> None:
    """The registry said that it let this order pass, with these keys and this nonce."""
    if KeyRole.KEEPER in order.roles:
        return  # A statement, not an order: the call would have failed had it been refused.
    hash_ = to_hex(order.order_hash)
    # Later runs of a batch find the order used already; the issuing contract names it then.
    if any(event.order_hash == hash_ for event in call.said(BatchRowsIssued)):
        return
    maker, nonce = order.approvals[0].key, order.message["nonce"]
    checker = order.approvals[1].key if len(order.approvals) > 1 else NO_ADDRESS
    expected = OrderExecuted(hash_, order.message["organisation"], maker, checker, nonce)
    if expected not in call.said(OrderExecuted):
        raise OrderNotExecuted(f"the chain did not run the {order.primary_type} {hash_}")
    if nonce >> _NONCE_BITS != int.from_bytes(from_address(maker), "big"):
        raise NonceOfAnotherKey(f"the nonce of the {order.primary_type} {hash_} is another key's")
