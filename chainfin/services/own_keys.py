"""An organisation's own keys, limits and orders: builders of what it orders about itself."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chainfin.codec.hashing import from_hash, from_hex
from chainfin.domain.order import nonce_of
from chainfin.domain.participant import KeyKind, KeyRole, mask_of
from chainfin.domain.service_errors import DevelopmentKeyRefused, NotFound
from chainfin.models.orders import get_order
from chainfin.models.participants import ParticipantRow, dual_control_limit_at
from chainfin.services.context import Built, Context, read_fields
from chainfin.services.programmes import currency_bytes
from chainfin.signing.published import KNOWN_DEVELOPMENT_ADDRESSES

FOR_EVER = 2**40 - 1
"""The latest instant a key can end at: for one without an end of its own."""
_PERSON_BYTES = 15


class SetDualControlLimitFields(msgspec.Struct, forbid_unknown_fields=True):
    """What one maker may order a day without a checker."""

    currency: str
    limit_minor: int


class KeyGrantFields(msgspec.Struct, forbid_unknown_fields=True):
    """A further key, with its own signature over KeyPossession.

    Attributes:
        person: 15 bytes of a salted hash of its holder, in hexadecimal.
    """

    key: str
    roles: list[str]
    person: str
    possession: str
    kind: int = KeyKind.PLAIN
    valid_until: int = FOR_EVER


class KeyFields(msgspec.Struct, forbid_unknown_fields=True):
    """The key that shall act no more, or not begin to."""

    key: str


class CancelOrderFields(msgspec.Struct, forbid_unknown_fields=True):
    """The order that shall not run."""

    order_hash: str


def grant_argument(grant: KeyGrantFields) -> dict[str, Any]:
    """A key as the registry's functions of the administration take it.

    Raises:
        DevelopmentKeyRefused: It is one that every development node publishes.
    """
    return {
        "key": _own(grant.key),
        "roles": mask_of(KeyRole, grant.roles, "roles"),
        "kind": grant.kind,
        "validUntil": grant.valid_until,
        "person": from_hex(grant.person, _PERSON_BYTES),
        "possession": from_hex(grant.possession),
    }


def _own(key: str) -> str:
    if key.lower() in KNOWN_DEVELOPMENT_ADDRESSES:
        raise DevelopmentKeyRefused(key)
    return key


def build_set_dual_control_limit(
    context: Context, organisation: int, fields: Mapping[str, Any]
) -> Built:
    """An organisation's own limit; more than counts now needs a checker, and waits."""
    wanted = read_fields(SetDualControlLimitFields, fields)
    now_at = context.as_of().block_timestamp
    limit = dual_control_limit_at(context.session, organisation, wanted.currency, now_at)
    return Built(
        fields={"currency": currency_bytes(wanted.currency), "limit": wanted.limit_minor},
        attachments={},
        checker_required=wanted.limit_minor > limit,
    )


def build_register_key(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """A further key of the organisation, which waits before it acts."""
    wanted = read_fields(KeyGrantFields, fields)
    row = context.session.get(ParticipantRow, organisation)
    if row is None:
        raise NotFound("participant", str(organisation))
    return Built(
        fields={
            "identity": from_hash(row.identity),
            "key": _own(wanted.key),
            "roles": mask_of(KeyRole, wanted.roles, "roles"),
            "kind": wanted.kind,
            "validUntil": wanted.valid_until,
            "person": from_hex(wanted.person, _PERSON_BYTES),
        },
        attachments={"possession": wanted.possession},
    )


def build_key_act(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """The end of a key, at once: revoked, or vetoed before it was valid."""
    return Built(fields={"key": read_fields(KeyFields, fields).key}, attachments={})


def build_cancel_order(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """An order's nonce used up before it runs."""
    wanted = read_fields(CancelOrderFields, fields)
    order = get_order(context.session, wanted.order_hash)
    if order is None or order.organisation != organisation:
        raise NotFound("order", wanted.order_hash)
    return Built(
        fields={
            "makerKey": order.maker_key,
            "cancelledNonce": nonce_of(order.maker_key, order.nonce),
            "cancelledOrder": from_hash(order.order_hash),
        },
        attachments={},
    )
