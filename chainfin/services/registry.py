"""The registry other platforms ask: is this invoice financed? Yes or no, and nothing else.

A platform that holds the consortium's fingerprint key computes a document's registry key itself
(`MatchKind.REGISTRY`: the seller's legal identifier, type and number) and asks by it. It learns
whether the claim is used here; not by whom, not for how much, never the document. Whom to contact
is told on an order alone, by the operator, and noted. Questions are counted and limited.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.client.api import ApiProblem
from chainfin.codec.hashing import from_hex
from chainfin.domain.participant import ParticipantKind
from chainfin.domain.service_errors import (
    DocumentUsedElsewhere,
    NotFound,
    RegistryUnavailable,
    RightRequired,
    TooManyQuestions,
)
from chainfin.models.access import names_of
from chainfin.models.participants import is_admitted_as
from chainfin.models.private_documents import (
    documents_by_fingerprint,
    documents_claimed,
    documents_used,
    matches_of,
    tags_asked_since,
)
from chainfin.services.context import Caller, Context
from chainfin.services.fingerprints import Identity, log_use, registry_tags, require_keeper

PURPOSE = "registry"
CONTACT_PURPOSE = "contact"
REGISTRAR = "registrar"
PERIOD_SECONDS = 60

Ask = Callable[[Sequence[Mapping[str, Any]]], Sequence[bool]]
"""Asks a platform about registry keys (`{"epoch", "registry_key"}`); a bool each."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another platform that is asked before an invoice is taken.

    Attributes:
        name: What to call it.
        ask: Asks it; raises `RegistryUnavailable` where it does not answer.
    """

    name: str
    ask: Ask


def check_financed(
    context: Context, caller: Caller, keys: Sequence[str], limit_a_minute: int
) -> list[bool]:
    """Whether each of these claims is used here, or ordered to be.

    Args:
        context: The unit of work.
        caller: A platform that is admitted as registrar, or the operator.
        keys: Registry keys, hexadecimal.
        limit_a_minute: How many keys one platform may ask about in a minute.

    Raises:
        RightRequired: The caller is no registrar.
        TooManyQuestions: It asked about too many keys within a minute.
    """
    _require_registrar(context, caller)
    for key in keys:
        from_hex(key, 32)
    since = context.now - PERIOD_SECONDS
    asked = tags_asked_since(context.session, caller.organisation, PURPOSE, since)
    if asked + len(keys) > limit_a_minute:
        raise TooManyQuestions(limit_a_minute)
    log_use(context, caller.organisation, PURPOSE, len(keys))
    by_key: dict[str, list[str]] = {}
    for row in matches_of(context.session, keys):
        by_key.setdefault(row.match_key, []).append(row.fingerprint)
    tags = [tag for some in by_key.values() for tag in some]
    used = documents_used(context.session, tags)
    taken = {tag for tag in tags if used.get(tag, 0)} | documents_claimed(context.session, tags)
    return [any(tag in taken for tag in by_key.get(key, ())) for key in keys]


def contacts_of(context: Context, caller: Caller, key: str, order_reference: str) -> dict[str, Any]:
    """Whom to contact about a claim: on an order alone, told by the operator, and noted.

    Raises:
        RightRequired: The caller is not the operator.
        NotFound: No claim has this registry key.
    """
    caller.require_operator()
    tags = [row.fingerprint for row in matches_of(context.session, [key])]
    rows = documents_by_fingerprint(context.session, tags).values()
    if not rows:
        raise NotFound("claim", key)
    log_use(context, caller.organisation, CONTACT_PURPOSE, 1, order_reference)
    names = names_of(context.session, {row.owner for row in rows})
    return {"registry_key": key, "contacts": sorted(names.values())}


def require_free_elsewhere(context: Context, identity: Identity, peers: Sequence[Peer]) -> None:
    """Ask every peer, under every epoch, whether a document is used there.

    Raises:
        DocumentUsedElsewhere: One of them says so; which one is not told.
        RegistryUnavailable: One of them does not answer: then nobody knows.
    """
    if not peers:
        return
    held = require_keeper(context).fingerprint_keys
    questions = [
        {"epoch": epoch, "registry_key": key}
        for epoch, key in registry_tags(held, identity).items()
    ]
    if any([any(peer.ask(questions)) for peer in peers]):  # noqa: C419 - every peer is asked
        raise DocumentUsedElsewhere


def peer_over(name: str, post: Callable[[str, Any], Mapping[str, Any]]) -> Peer:
    """A peer reached over HTTP by a client's `post`."""

    def ask(questions: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
        try:
            answer = post("/registry/checks", {"checks": list(questions)})
            return [bool(entry["financed"]) for entry in answer["data"]]
        except (ApiProblem, KeyError, TypeError) as error:
            raise RegistryUnavailable(name) from error

    return Peer(name, ask)


def _require_registrar(context: Context, caller: Caller) -> None:
    if caller.organisation == 0:
        return
    if not is_admitted_as(context.session, caller.organisation, ParticipantKind.REGISTRAR):
        raise RightRequired(REGISTRAR)
