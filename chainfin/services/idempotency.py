"""What a request recorded the first time, for its repetitions.

A key belongs to its caller and to one request for ever. What is remembered is written in the
transaction of the request itself: both are there, or neither.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chainfin.domain.service_errors import IdempotencyKeyInProgress, IdempotencyKeyReused
from chainfin.models.orders import IdempotencyRow
from chainfin.models.session import serialise
from chainfin.services.context import Caller, Context

_SHOWN_ONCE = frozenset({"api_key", "secret"})
"""Members of answers that are not kept: whoever repeats a request does not learn them again."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that records something, by what makes it this one.

    Attributes:
        caller: Who asks.
        key: Its Idempotency-Key.
        request_hash: Of its method, address and body.
    """

    caller: Caller
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered the first time."""

    status: int
    headers: Mapping[str, str]
    body: str


def request_hash_of(method: str, address: str, body: bytes) -> str:
    """The hash of a request; JSON that differs only in its layout is the same."""
    try:
        canonical = json.dumps(json.loads(body), sort_keys=True).encode()
    except ValueError:
        canonical = body
    return sha256(f"{method} {address}\n".encode() + canonical).hexdigest()


def first_answer(context: Context, request: Request) -> Answer | None:
    """What this very request was answered the first time; None if it is new.

    Raises:
        IdempotencyKeyReused: The key came before with another request.
    """
    before = context.session.get(IdempotencyRow, (request.caller.organisation, request.key))
    if before is None:
        return None
    if before.request_hash != request.request_hash:
        raise IdempotencyKeyReused(request.key)
    return Answer(**json.loads(before.recorded))


def remember(context: Context, request: Request, answer: Answer) -> None:
    """Keep an answer, in the transaction that recorded what it is about.

    Raises:
        IdempotencyKeyInProgress: The same request was answered meanwhile; this one is undone.
    """
    serialise(context.session, f"request {request.caller.organisation} {request.key}")
    if context.session.get(IdempotencyRow, (request.caller.organisation, request.key)) is not None:
        raise IdempotencyKeyInProgress(request.key)
    kept = {"status": answer.status, "headers": dict(answer.headers), "body": _kept(answer.body)}
    record_answer(context, request.caller, request.key, request.request_hash, json.dumps(kept))


def recorded_before(
    context: Context, caller: Caller, idempotency_key: str, request_hash: str
) -> str | None:
    """What this very request recorded the first time; None if it is new. Waits for a twin.

    Raises:
        IdempotencyKeyReused: The key came before with another request.
    """
    serialise(context.session, f"request {caller.organisation} {idempotency_key}")
    before = context.session.get(IdempotencyRow, (caller.organisation, idempotency_key))
    if before is None:
        return None
    if before.request_hash != request_hash:
        raise IdempotencyKeyReused(idempotency_key)
    return before.recorded


def record_answer(
    context: Context, caller: Caller, idempotency_key: str, request_hash: str, recorded: str
) -> None:
    """Remember what a request recorded, for its repetitions."""
    context.session.add(
        IdempotencyRow(
            caller=caller.organisation,
            key=idempotency_key,
            request_hash=request_hash,
            recorded=recorded,
            created_at=context.now,
        )
    )
    context.session.flush()


def _kept(body: str) -> str:
    """An answer without what is shown once."""
    if not any(name in body for name in _SHOWN_ONCE):
        return body
    document: Any = json.loads(body)
    return json.dumps({name: value for name, value in document.items() if name not in _SHOWN_ONCE})
