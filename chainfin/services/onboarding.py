"""Admission of organisations: the private profile first, then the registry's entry.

The registry holds a salted commitment to the legal identifier; name and identifier stay here.
Admitting the same organisation again changes nothing: its identity is unique on chain.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from chainfin.chain.calls import calldata
from chainfin.codec.hashing import from_hash
from chainfin.domain.names import normalise_name
from chainfin.domain.participant import ParticipantKind, mask_of
from chainfin.domain.service_errors import NotFound
from chainfin.models.access import (
    ParticipantProfileRow,
    names_of,
    organisations_by_name,
    profiles,
)
from chainfin.models.participants import (
    ParticipantRow,
    dual_control_limits_of,
    get_standing,
    keys_of,
    list_participants,
)
from chainfin.services.context import Caller, Context, read_fields
from chainfin.services.council import prepare_call
from chainfin.services.own_keys import KeyGrantFields, grant_argument
from chainfin.services.submission import queue_call

ADMISSIONS_A_CALL = 60
"""Admissions one transaction carries: about half the gas it may use."""


class AdmissionFields(msgspec.Struct, forbid_unknown_fields=True):
    """An organisation to admit. `identity` is the commitment its keys signed for."""

    name: str
    kinds: list[str]
    legal_identifier: str
    identity: str
    keys: list[KeyGrantFields]
    licence_expires_at: int = 0
    parent: int = 0
    dual_control_limits: dict[str, int] = {}


def admit_participants(
    context: Context, caller: Caller, entries: Sequence[Mapping[str, Any]]
) -> int:
    """Record profiles and queue their admission; returns how many calls were queued.

    Where the Council governs alone, each call is prepared for it as a decision instead.

    Raises:
        RightRequired: Only the operator admits.
        FieldMalformed: An entry is malformed.
    """
    calls = admission_calls(context, caller, entries)
    for contract, data in calls:
        if context.network.deployment.administrator is None:
            prepare_call(context, caller, "admit", contract, data)
        else:
            queue_call(context, "admit organisations", contract, data)
    return len(calls)


def admission_calls(
    context: Context, caller: Caller, entries: Sequence[Mapping[str, Any]]
) -> list[tuple[str, bytes]]:
    """Record the profiles of organisations not known yet, and make the calls that admit them.

    Returns:
        (contract, calldata) of each call, as few as fit.

    Raises:
        RightRequired: Only the operator admits.
        FieldMalformed: An entry is malformed.
    """
    caller.require_operator()
    wanted = [read_fields(AdmissionFields, entry) for entry in entries]
    known = {row.identity for row in profiles(context.session, [e.identity for e in wanted])}
    fresh = [entry for entry in wanted if entry.identity not in known]
    for entry in fresh:
        context.session.add(_profile(context, entry))
    context.session.flush()
    registry = context.network.deployment.address("ParticipantRegistry")
    return [
        (
            registry,
            calldata(
                "ParticipantRegistry",
                "admitParticipants",
                [[admission_argument(entry) for entry in fresh[start : start + ADMISSIONS_A_CALL]]],
            ),
        )
        for start in range(0, len(fresh), ADMISSIONS_A_CALL)
    ]


def find_organisations(context: Context, names: Sequence[str]) -> dict[str, int]:
    """Organisation numbers by the names asked for; unknown ones are absent."""
    keys = {name: normalise_name(name) for name in names}
    found = organisations_by_name(context.session, set(keys.values()))
    return {name: found[key] for name, key in keys.items() if key in found}


def names_by_number(context: Context, organisations: Iterable[int]) -> dict[int, str]:
    """Names of organisations; numbers without one are absent."""
    return names_of(context.session, organisations)


def participant_views(
    context: Context, *, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Organisations by number: what every member may know of every other."""
    rows = list_participants(context.session, after=after, limit=limit)
    names = names_of(context.session, [row.organisation for row in rows])
    return [_participant_view(context, row, names) for row in rows]


def participant_view(context: Context, organisation: int) -> dict[str, Any]:
    """One organisation, with what its keys sign for and its limits.

    Raises:
        NotFound: Nobody has this number.
    """
    row = context.session.get(ParticipantRow, organisation)
    if row is None:
        raise NotFound("participant", str(organisation))
    view = _participant_view(context, row, names_of(context.session, [organisation]))
    return view | {"identity": row.identity}


def _participant_view(
    context: Context, row: ParticipantRow, names: Mapping[int, str]
) -> dict[str, Any]:
    standing = get_standing(context.session, row.organisation) if row.parent else row
    return {
        "organisation": row.organisation,
        "name": names.get(row.organisation, ""),
        "kinds": [kind.name.lower() for kind in row.kinds if kind.name],
        "status": (standing or row).status.name.lower(),
        "admitted_at": row.admitted_at,
        "licence_expires_at": row.licence_expires_at,
        "parent": row.parent or None,
    }


def key_views(context: Context, organisation: int) -> list[dict[str, Any]]:
    """An organisation's keys with their roles and validity."""
    now_at = context.as_of().block_timestamp
    return [
        {
            "key": entry.key,
            "roles": [role.name.lower() for role in entry.roles if role.name],
            "valid_from": entry.valid_from,
            "valid_until": entry.valid_until,
            "is_valid": entry.is_valid(now_at),
            "person": entry.person,
        }
        for entry in keys_of(context.session, organisation)
    ]


def limit_views(context: Context, organisation: int) -> list[dict[str, Any]]:
    """What one maker's key may order a day without a checker, by currency, now and next."""
    now_at = context.as_of().block_timestamp
    return [
        {
            "currency": row.currency,
            "limit_minor": row.limit_at(now_at),
            "next_limit_minor": row.next_limit_minor,
            "next_from": row.next_from,
        }
        for row in dual_control_limits_of(context.session, organisation)
    ]


def _profile(context: Context, entry: AdmissionFields) -> ParticipantProfileRow:
    return ParticipantProfileRow(
        identity=entry.identity,
        name=entry.name,
        name_key=normalise_name(entry.name),
        legal_identifier=entry.legal_identifier,
        recorded_at=context.now,
    )


def admission_argument(entry: AdmissionFields) -> dict[str, Any]:
    """An admission as the registry's struct."""
    return {
        "kinds": mask_of(ParticipantKind, entry.kinds, "kinds"),
        "identity": from_hash(entry.identity),
        "licenceExpiresAt": entry.licence_expires_at,
        "parent": entry.parent,
        "keys": [grant_argument(grant) for grant in entry.keys],
        "dualControlLimits": [
            {"currency": currency.encode(), "limit": limit}
            for currency, limit in entry.dual_control_limits.items()
        ],
    }
