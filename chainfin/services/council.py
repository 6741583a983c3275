"""The Council's decisions: prepared here, voted on by its members' orders, carried out by anybody.

A decision is one call of one contract, told apart from its like by a salt. Preparing one writes it
down for the members; nothing is on the chain before the first of them has voted. What only
restricts is done with the vote that decides it. What loosens waits in the AccessManager.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import msgspec

from chainfin.chain.calls import calldata
from chainfin.codec.decisions import decision_id, read_decision
from chainfin.codec.hashing import from_hash, from_hex, to_hex
from chainfin.domain.participant import ParticipantKind, ParticipantStatus, mask_of
from chainfin.domain.sentences import decision_sentence
from chainfin.domain.service_errors import FieldMalformed, NotFound, RightRequired
from chainfin.models.access import names_of
from chainfin.models.council import (
    DecisionRow,
    DecisionVoteRow,
    PreparedDecisionRow,
    council_members,
    get_council,
    get_decision,
    get_prepared,
    list_decisions,
    list_prepared,
    votes_on,
)
from chainfin.models.participants import ParticipantRow
from chainfin.services.context import Built, Caller, Context, read_fields
from chainfin.services.own_keys import KeyGrantFields, grant_argument
from chainfin.services.submission import queue_call

Call: TypeAlias = tuple[str, str, Sequence[Any]]
"""Contract, function, arguments."""

_SALT_BYTES = 32
_REGISTRY = "ParticipantRegistry"
_MILDER = {"admitted": ParticipantStatus.ADMITTED, "suspended": ParticipantStatus.SUSPENDED}


class OrganisationFields(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a decision is about."""

    organisation: int


class ReinstateFields(msgspec.Struct, forbid_unknown_fields=True):
    """Whose status becomes milder, and which."""

    organisation: int
    status: str = "admitted"


class NarrowFields(msgspec.Struct, forbid_unknown_fields=True):
    """What an organisation still is, and until when it is licensed."""

    organisation: int
    kinds: list[str]
    licence_expires_at: int


class ChangeFields(msgspec.Struct, forbid_unknown_fields=True):
    """What an organisation is, until when it is licensed, and who controls it (0: nobody)."""

    organisation: int
    kinds: list[str]
    licence_expires_at: int
    parent: int = 0


class EndKeyFields(msgspec.Struct, forbid_unknown_fields=True):
    """The key that shall act no more."""

    key: str


class RecoverKeyFields(msgspec.Struct, forbid_unknown_fields=True):
    """A new key for an organisation that has lost its own."""

    organisation: int
    grant: KeyGrantFields


class VenueFields(msgspec.Struct, forbid_unknown_fields=True):
    """A contract that asks whether orders are signed."""

    venue: str


class MembersFields(msgspec.Struct, forbid_unknown_fields=True):
    """Who sits in the Council, and how many of them decide."""

    members: list[int]
    threshold: int


class EpochFields(msgspec.Struct, forbid_unknown_fields=True):
    """The epoch of the fingerprint key that opens: the next."""

    epoch: int


class VoteFields(msgspec.Struct, forbid_unknown_fields=True):
    """What a member votes on, and how."""

    decision: str
    in_favour: bool = True


# --- what can be decided ---------------------------------------------------------------------


def _suspend(_: Context, fields: Mapping[str, Any]) -> Call:
    organisation = read_fields(OrganisationFields, fields).organisation
    return _REGISTRY, "restrictParticipant", [organisation, ParticipantStatus.SUSPENDED]


def _block(_: Context, fields: Mapping[str, Any]) -> Call:
    organisation = read_fields(OrganisationFields, fields).organisation
    return _REGISTRY, "restrictParticipant", [organisation, ParticipantStatus.BLOCKED]


def _reinstate(_: Context, fields: Mapping[str, Any]) -> Call:
    wanted = read_fields(ReinstateFields, fields)
    if wanted.status not in _MILDER:
        raise FieldMalformed("status", wanted.status, ", ".join(_MILDER))
    return _REGISTRY, "reinstateParticipant", [wanted.organisation, _MILDER[wanted.status]]


def _narrow(_: Context, fields: Mapping[str, Any]) -> Call:
    wanted = read_fields(NarrowFields, fields)
    kinds = mask_of(ParticipantKind, wanted.kinds, "kinds")
    arguments = [wanted.organisation, kinds, wanted.licence_expires_at]
    return _REGISTRY, "narrowParticipant", arguments


def _change(_: Context, fields: Mapping[str, Any]) -> Call:
    wanted = read_fields(ChangeFields, fields)
    kinds = mask_of(ParticipantKind, wanted.kinds, "kinds")
    arguments = [wanted.organisation, kinds, wanted.licence_expires_at, wanted.parent]
    return _REGISTRY, "changeParticipant", arguments


def _end_key(_: Context, fields: Mapping[str, Any]) -> Call:
    return _REGISTRY, "endKey", [read_fields(EndKeyFields, fields).key]


def _recover_key(context: Context, fields: Mapping[str, Any]) -> Call:
    wanted = read_fields(RecoverKeyFields, fields)
    row = context.session.get(ParticipantRow, wanted.organisation)
    if row is None:
        raise NotFound("participant", str(wanted.organisation))
    arguments = [wanted.organisation, from_hash(row.identity), grant_argument(wanted.grant)]
    return _REGISTRY, "recoverKey", arguments


def _venue(function: str) -> Callable[[Context, Mapping[str, Any]], Call]:
    def call(_: Context, fields: Mapping[str, Any]) -> Call:
        return _REGISTRY, function, [read_fields(VenueFields, fields).venue]

    return call


def _change_council(_: Context, fields: Mapping[str, Any]) -> Call:
    wanted = read_fields(MembersFields, fields)
    return "Council", "changeCouncil", [wanted.members, wanted.threshold]


def _open_epoch(_: Context, fields: Mapping[str, Any]) -> Call:
    return "DocumentRegistry", "openEpoch", [read_fields(EpochFields, fields).epoch]


ACTIONS: Mapping[str, Callable[[Context, Mapping[str, Any]], Call]] = MappingProxyType(
    {
        "suspend": _suspend,
        "block": _block,
        "reinstate": _reinstate,
        "narrow": _narrow,
        "change": _change,
        "end_key": _end_key,
        "recover_key": _recover_key,
        "admit_venue": _venue("admitVenue"),
        "pause_venue": _venue("pauseVenue"),
        "resume_venue": _venue("resumeVenue"),
        "change_council": _change_council,
        "open_epoch": _open_epoch,
    }
)
"""What can be prepared by name; admissions come with their private profiles (`onboarding`)."""


# --- prepare, vote, carry out ----------------------------------------------------------------


def prepare_decision(
    context: Context, caller: Caller, action: str, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Write a decision down for the members to vote on.

    Raises:
        RightRequired: The caller is neither a member of the Council nor the operator.
        FieldMalformed: There is no such action, or a field of it is malformed.
    """
    _require_member(context, caller)
    if action not in ACTIONS:
        raise FieldMalformed("action", action, ", ".join(ACTIONS))
    contract, function, arguments = ACTIONS[action](context, fields)
    subject = context.network.deployment.address(contract)
    return prepare_call(context, caller, action, subject, calldata(contract, function, arguments))


def prepare_call(
    context: Context, caller: Caller, action: str, subject: str, data: bytes
) -> dict[str, Any]:
    """Write a call down for the members to vote on."""
    salt = secrets.token_bytes(_SALT_BYTES)
    row = PreparedDecisionRow(
        decision=to_hex(decision_id(subject, data, salt)),
        action=action,
        subject=subject,
        calldata=data,
        salt=to_hex(salt),
        prepared_by=caller.organisation,
        prepared_at=context.now,
    )
    context.session.add(row)
    context.session.flush()
    return _prepared_view(context, row)


def build_vote(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:  # noqa: ARG001
    """A member's vote on a decision that was prepared here or put forward elsewhere."""
    wanted = read_fields(VoteFields, fields)
    subject, data, salt = _content(context, wanted.decision)
    return Built(
        fields={"subject": subject, "salt": salt, "inFavour": wanted.in_favour, "data": data},
        attachments={},
        notes={"decision": wanted.decision} | _meaning(context, data),
    )


def execute_decision(context: Context, caller: Caller, decision: str) -> None:
    """Have a decision carried out whose delay is over; anybody may ask, the contracts decide.

    Raises:
        RightRequired: The caller is neither a member of the Council nor the operator.
        NotFound: Nobody has voted on such a decision.
        ChainfinError: The rule the Council refuses it for.
    """
    _require_member(context, caller)
    subject, data, salt = _content(context, decision)
    council = context.network.deployment.address("Council")
    call = calldata("Council", "execute", [subject, data, salt])
    context.network.node.call(council, call)
    queue_call(context, f"carry out decision {decision}", council, call)


# --- reads -----------------------------------------------------------------------------------


def council_view(context: Context) -> dict[str, Any]:
    """Who sits in the Council and how many of them decide; empty before it is established."""
    row = get_council(context.session)
    members = [] if row is None else council_members(context.session, row.term)
    names = names_of(context.session, members)
    return {
        "members": [{"organisation": one, "name": names.get(one, "")} for one in members],
        "threshold": 0 if row is None else row.threshold,
        "term": 0 if row is None else row.term,
        "governs_alone": context.network.deployment.administrator is None,
    }


def decision_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """Decisions on the chain, newest first, and before them those that nobody has voted on."""
    known = list_decisions(context.session)
    votes = votes_on(context.session, [row.decision for row in known])
    seen = {row.decision for row in known}
    prepared = list_prepared(context.session) if _is_member(context, caller) else []
    return [_prepared_view(context, row) for row in prepared if row.decision not in seen] + [
        _decision_view(context, row, [vote for vote in votes if vote.decision == row.decision])
        for row in known
    ]


def decision_view(context: Context, caller: Caller, decision: str) -> dict[str, Any]:
    """One decision. What nobody has voted on is shown to members only.

    Raises:
        NotFound: There is none that the caller may see.
    """
    row = get_decision(context.session, decision)
    if row is not None:
        return _decision_view(context, row, votes_on(context.session, [decision]))
    prepared = get_prepared(context.session, decision)
    if prepared is None or not _is_member(context, caller):
        raise NotFound("decision", decision)
    return _prepared_view(context, prepared)


def _decision_view(
    context: Context, row: DecisionRow, votes: Sequence[DecisionVoteRow]
) -> dict[str, Any]:
    return {
        "decision": row.decision,
        "status": row.status.name.lower(),
        **_what(context, row.subject, from_hex(row.calldata), row.salt),
        "term": row.term,
        "executable_at": row.executable_at or None,
        "in_favour": [vote.organisation for vote in votes if vote.in_favour],
        "against": [vote.organisation for vote in votes if not vote.in_favour],
    }


def _prepared_view(context: Context, row: PreparedDecisionRow) -> dict[str, Any]:
    return {
        "decision": row.decision,
        "status": "prepared",
        **_what(context, row.subject, row.calldata, row.salt),
        "term": None,
        "executable_at": None,
        "in_favour": [],
        "against": [],
    }


def _what(context: Context, subject: str, data: bytes, salt: str) -> dict[str, Any]:
    return {"subject": subject, "calldata": to_hex(data), "salt": salt} | _meaning(context, data)


def _meaning(context: Context, data: bytes) -> dict[str, str]:
    names = names_of(context.session, _organisations(data))
    function, arguments = read_decision(data) or ("", {})
    return {
        "meaning": decision_sentence(function, arguments, names, "en"),
        "meaning_zh": decision_sentence(function, arguments, names, "zh"),
    }


def _organisations(data: bytes) -> list[int]:
    _, arguments = read_decision(data) or ("", {})
    named = [arguments.get(name) for name in ("organisation", "parent")]
    return [number for number in named if number] + list(arguments.get("newMembers", ()))


def _content(context: Context, decision: str) -> tuple[str, bytes, bytes]:
    """Subject, calldata and salt of a decision."""
    row = get_decision(context.session, decision)
    if row is not None:
        return row.subject, from_hex(row.calldata), from_hex(row.salt)
    prepared = get_prepared(context.session, decision)
    if prepared is None:
        raise NotFound("decision", decision)
    return prepared.subject, prepared.calldata, from_hex(prepared.salt)


def _is_member(context: Context, caller: Caller) -> bool:
    if caller.organisation == 0:
        return True
    row = get_council(context.session)
    return row is not None and caller.organisation in council_members(context.session, row.term)


def _require_member(context: Context, caller: Caller) -> None:
    if not _is_member(context, caller):
        raise RightRequired("member of the Council")
