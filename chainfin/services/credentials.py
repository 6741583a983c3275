"""Credentials: API keys for machines, sessions for people. They say who asks, never who acts.

An API key is `scf_<id>_<secret>`, a session `ses_<id>_<secret>`. What a session may do is looked up
at every request: a key that was revoked on chain, or a person whose scopes were taken away, is out
at once. Machines ask far more often: whose an API key is, a process remembers for a second.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from sqlmodel import Session

from chainfin.domain.access import ALL_SCOPES, Scope, parse_scopes, scopes_of
from chainfin.domain.service_errors import (
    FieldMalformed,
    NotAuthenticated,
    NotFound,
    TooManyCredentials,
)
from chainfin.models.credentials import (
    ApiKeyRow,
    PersonRow,
    SessionRow,
    api_keys_of,
    drop_expired,
    get_api_key,
    people_of,
    touch_api_key,
)
from chainfin.models.participants import get_key, reads_everything
from chainfin.services.context import Caller, Context, read_fields

SESSION_SECONDS = 8 * 3_600
OVERLAP_SECONDS = 24 * 3_600
"""How long the old one of two keys still opens after a rotation."""
LIVE_KEYS_A_LABEL = 2
NOTED_SECONDS = 600
_KEY_ACTOR = "api-key"
_SECRET_BYTES = 32
_API_KEY, _SESSION = "scf", "ses"


class ApiKeyFields(msgspec.Struct, forbid_unknown_fields=True):
    """An API key to make.

    Attributes:
        label: What it is for; two of one label may live at a time.
        expires_at: UTC seconds; None for one without an end.
    """

    label: str
    scopes: list[str]
    expires_at: int | None = None


class PersonFields(msgspec.Struct, forbid_unknown_fields=True):
    """A person to let in, as the identity provider knows them."""

    issuer: str
    subject: str
    name: str
    scopes: list[str]


# --- who asks --------------------------------------------------------------------------------


def caller_of(context: Context, credential: str) -> Caller:
    """Who a credential belongs to.

    Raises:
        NotAuthenticated: Nobody's, or one that has ended.
    """
    prefix, _, rest = credential.partition("_")
    identifier, _, secret = rest.partition("_")
    if prefix == _API_KEY:
        return _caller_with_key(context, identifier, secret)
    if prefix == _SESSION:
        return _caller_in_session(context, identifier, secret)
    raise NotAuthenticated


def _caller_with_key(context: Context, key_id: str, secret: str) -> Caller:
    row = get_api_key(context.session, key_id)
    if not _matches(secret, row) or row is None or not row.is_live(context.now):
        raise NotAuthenticated
    scopes = frozenset(Scope(name) for name in row.scopes.split())
    return _caller(context, row.organisation, scopes, f"{_KEY_ACTOR}:{key_id}")


def _caller_in_session(context: Context, session_id: str, secret: str) -> Caller:
    row = context.session.get(SessionRow, session_id)
    if not _matches(secret, row) or row is None or context.now >= row.expires_at:
        raise NotAuthenticated
    if row.key:
        entry = get_key(context.session, row.key)
        block_time = context.as_of().block_timestamp
        if entry is None or not entry.is_valid(block_time):
            raise NotAuthenticated
        return _caller(context, row.organisation, scopes_of(entry.roles), f"key:{row.key}")
    person = context.session.get(PersonRow, (row.issuer, row.subject))
    if person is None or person.organisation != row.organisation:
        raise NotAuthenticated
    scopes = frozenset(Scope(name) for name in person.scopes.split())
    return _caller(context, row.organisation, scopes, f"person:{row.issuer}#{row.subject}")


def _matches(secret: str, row: ApiKeyRow | SessionRow | None) -> bool:
    # Against something even where there is nothing: the time it takes says nothing.
    kept = "" if row is None else row.secret_hash
    return hmac.compare_digest(_hash(secret), kept)


def _hash(secret: str) -> str:
    return _digest(secret).hex()


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _caller(context: Context, organisation: int, scopes: frozenset[Scope], actor: str) -> Caller:
    reads_all = reads_everything(context.session, organisation)
    return Caller(organisation, reads_all=reads_all, scopes=scopes, actor=actor)


class Callers:
    """Whose API keys are, remembered for a second.

    One that ends through this process is forgotten at once, one that ends elsewhere within that
    second. Keys themselves are not kept, only their hashes.
    """

    SECONDS = 1.0
    MOST = 10_000

    def __init__(self) -> None:
        """Nobody is known."""
        self.changes = 0
        self._known: dict[bytes, tuple[Caller, float]] = {}

    def known(self, credential: str) -> Caller | None:
        """Who a credential belonged to a moment ago; None if that has to be looked up."""
        found = self._known.get(_digest(credential))
        return None if found is None or time.monotonic() > found[1] else found[0]

    def remember(self, credential: str, caller: Caller, changes: int) -> None:
        """Who a credential belongs to, as looked up when there had been so many `changes`."""
        is_session = not credential.startswith(_API_KEY)
        if is_session or changes != self.changes:
            return  # What was read may be what has just ended.
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[_digest(credential)] = (caller, time.monotonic() + self.SECONDS)

    def forget(self) -> None:
        """Look everybody up again: a credential was changed, and that is committed."""
        self.changes += 1
        self._known.clear()


class LastUses:
    """When API keys were used last: gathered here, written with the next request that writes.

    A reader waits for no writer, so a read writes nothing itself.
    """

    def __init__(self) -> None:
        """Nothing was used yet."""
        self._lock = threading.Lock()
        self._noted: dict[str, int] = {}
        self._pending: dict[str, int] = {}

    def note(self, caller: Caller, now: int) -> None:
        """Somebody asked; once in a while is enough."""
        kind, _, key_id = caller.actor.partition(":")
        if kind == _KEY_ACTOR and now - self._noted.get(key_id, 0) > NOTED_SECONDS:
            with self._lock:
                self._noted[key_id] = self._pending[key_id] = now

    def flush(self, session: Session) -> None:
        """Write what was noted since the last time."""
        if not self._pending:
            return
        with self._lock:
            pending, self._pending = self._pending, {}
        for key_id, now in pending.items():
            touch_api_key(session, key_id, now)


# --- API keys --------------------------------------------------------------------------------


def create_api_key(
    context: Context,
    organisation: int,
    *,
    label: str = "",
    scopes: frozenset[Scope] = ALL_SCOPES,
    expires_at: int | None = None,
    created_by: str = "",
) -> str:
    """A new API key of an organisation (0: the operator). Shown once; only its hash is kept."""
    key_id, secret = secrets.token_hex(8), secrets.token_hex(_SECRET_BYTES)
    context.session.add(
        ApiKeyRow(
            key_id=key_id,
            secret_hash=_hash(secret),
            organisation=organisation,
            label=label,
            scopes=" ".join(sorted(scopes)),
            created_by=created_by,
            created_at=context.now,
            expires_at=expires_at,
        )
    )
    return f"{_API_KEY}_{key_id}_{secret}"


def order_api_key(context: Context, caller: Caller, fields: Mapping[str, Any]) -> str:
    """A new API key of the caller's own organisation, for no more than the caller may.

    Raises:
        FieldMalformed: A field, a scope or the end is none.
        RightRequired: The caller has not got a scope itself.
        TooManyCredentials: Two of this label live already.
    """
    wanted = read_fields(ApiKeyFields, fields)
    scopes = _scopes(caller, wanted.scopes)
    if wanted.expires_at is not None and wanted.expires_at <= context.now:
        raise FieldMalformed("expires_at", str(wanted.expires_at), "an instant to come")
    live = [
        row
        for row in api_keys_of(context.session, caller.organisation)
        if row.label == wanted.label and row.is_live(context.now)
    ]
    if len(live) >= LIVE_KEYS_A_LABEL:
        raise TooManyCredentials(wanted.label, LIVE_KEYS_A_LABEL)
    return create_api_key(
        context,
        caller.organisation,
        label=wanted.label,
        scopes=scopes,
        expires_at=wanted.expires_at,
        created_by=caller.actor,
    )


def rotate_api_key(context: Context, caller: Caller, key_id: str) -> str:
    """A successor of an API key; the old one opens for a day longer, no more.

    Raises:
        NotFound: The caller's organisation has no such live key.
        TooManyCredentials: It has its successor already.
    """
    row = _own_key(context, caller, key_id)
    if not row.is_live(context.now):
        raise NotFound("API key", key_id)
    fields = {"label": row.label, "scopes": row.scopes.split(), "expires_at": row.expires_at}
    successor = order_api_key(context, caller, fields)
    end = context.now + OVERLAP_SECONDS
    row.expires_at = end if row.expires_at is None else min(end, row.expires_at)
    return successor


def revoke_api_key(context: Context, caller: Caller, key_id: str) -> None:
    """End an API key at once.

    Raises:
        NotFound: The caller's organisation has no such key.
    """
    row = _own_key(context, caller, key_id)
    row.revoked_at = row.revoked_at or context.now


def api_key_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """The API keys of the caller's organisation, without their secrets."""
    return [
        {
            "key_id": row.key_id,
            "label": row.label,
            "scopes": row.scopes.split(),
            "created_by": row.created_by,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "last_used_at": row.last_used_at,
            "revoked_at": row.revoked_at,
            "is_live": row.is_live(context.now),
        }
        for row in api_keys_of(context.session, caller.organisation)
    ]


def _own_key(context: Context, caller: Caller, key_id: str) -> ApiKeyRow:
    row = get_api_key(context.session, key_id)
    if row is None or row.organisation != caller.organisation:
        raise NotFound("API key", key_id)
    return row


def _scopes(caller: Caller, names: list[str]) -> frozenset[Scope]:
    try:
        scopes = parse_scopes(names)
    except ValueError:
        raise FieldMalformed("scopes", ", ".join(names), ", ".join(Scope)) from None
    for scope in scopes:
        caller.require_scope(scope)
    return scopes


# --- people ----------------------------------------------------------------------------------


def add_person(context: Context, caller: Caller, fields: Mapping[str, Any]) -> None:
    """Let a person of an identity provider ask for the caller's organisation.

    Raises:
        FieldMalformed: A field or scope is none, or another organisation has this person.
        RightRequired: The caller has not got a scope itself.
    """
    wanted = read_fields(PersonFields, fields)
    scopes = _scopes(caller, wanted.scopes)
    row = context.session.get(PersonRow, (wanted.issuer, wanted.subject))
    if row is not None and row.organisation != caller.organisation:
        raise FieldMalformed("subject", wanted.subject, "a person of no other organisation")
    context.session.merge(
        PersonRow(
            issuer=wanted.issuer,
            subject=wanted.subject,
            organisation=caller.organisation,
            name=wanted.name,
            scopes=" ".join(sorted(scopes)),
            added_by=caller.actor,
            added_at=context.now,
        )
    )


def remove_person(context: Context, caller: Caller, issuer: str, subject: str) -> None:
    """Let a person in no longer; their sessions end with it.

    Raises:
        NotFound: The caller's organisation has no such person.
    """
    row = context.session.get(PersonRow, (issuer, subject))
    if row is None or row.organisation != caller.organisation:
        raise NotFound("person", subject)
    context.session.delete(row)


def person_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """Whom the caller's organisation lets in."""
    return [
        {
            "issuer": row.issuer,
            "subject": row.subject,
            "name": row.name,
            "scopes": row.scopes.split(),
            "added_by": row.added_by,
            "added_at": row.added_at,
        }
        for row in people_of(context.session, caller.organisation)
    ]


# --- sessions --------------------------------------------------------------------------------


def open_session(
    context: Context, organisation: int, *, key: str = "", issuer: str = "", subject: str = ""
) -> str:
    """A session for somebody who has shown who they are. Its secret is shown once."""
    drop_expired(context.session, context.now)
    session_id, secret = secrets.token_hex(8), secrets.token_hex(_SECRET_BYTES)
    context.session.add(
        SessionRow(
            session_id=session_id,
            secret_hash=_hash(secret),
            organisation=organisation,
            key=key,
            issuer=issuer,
            subject=subject,
            created_at=context.now,
            expires_at=context.now + SESSION_SECONDS,
        )
    )
    return f"{_SESSION}_{session_id}_{secret}"


def close_session(context: Context, credential: str) -> None:
    """End a session; what is none is left alone."""
    prefix, _, rest = credential.partition("_")
    session_id, _, secret = rest.partition("_")
    row = context.session.get(SessionRow, session_id) if prefix == _SESSION else None
    if row is not None and _matches(secret, row):
        context.session.delete(row)
