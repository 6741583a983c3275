"""Webhooks by the Standard Webhooks specification: members are told of what the feed has for them.

A delivery is made for each entry of the feed that an endpoint is to be told, in a transaction that
also moves the endpoint's place. It is sent until a 2xx comes back, at longer and longer intervals;
its number and its body are the same each time, so a receiver that hears twice knows it. An endpoint
that takes nothing for days is disabled, and goes on from its place when its owner wants it again.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_args

from standardwebhooks.webhooks import Webhook

from chainfin.client.outbound import (
    DeliveryFailed,
    DestinationRefused,
    Rules,
    check_url,
    post,
)
from chainfin.codec import envelopes
from chainfin.domain.events import Event
from chainfin.domain.feed import REORGANISED, is_told
from chainfin.domain.identifier import uuid7
from chainfin.domain.service_errors import (
    NotFound,
    TooManyEndpoints,
    WebhookEventUnknown,
    WebhookUrlRefused,
)
from chainfin.models.event_feed import entries_for, find_place
from chainfin.models.participants import reads_everything
from chainfin.models.webhooks import (
    WebhookAttemptRow,
    WebhookDeliveryRow,
    WebhookEndpointRow,
    attempts_of,
    count_endpoints,
    deliveries_to,
    drop_endpoint,
    due_deliveries,
    endpoints_behind,
    endpoints_of,
    get_delivery,
    get_endpoint,
)
from chainfin.services.context import Caller, Context
from chainfin.services.event_feed import entry_view
from chainfin.services.fingerprints import require_keeper

MOST_ENDPOINTS = 10
"""Of one organisation."""
PAUSES_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between one attempt and the next, about; after the last one the delivery has failed."""
FAILING_SECONDS = 5 * 86_400
"""An endpoint that took nothing for so long is disabled."""
OVERLAP_SECONDS = 86_400
"""How long the secret before still signs beside a new one."""
MOST_AT_ONCE = 200
TEST_EVENT = "Test"

EVENTS = frozenset({REORGANISED, *(kind.__name__ for kind in get_args(Event) if is_told(kind))})
"""What an endpoint can be told."""

_SECRET_BYTES = 24
_GONE = 410
_JITTER_PERCENT = 20


class DeliveryStatus(StrEnum):
    """The fate of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is sent, and with which headers."""

    delivery_id: str
    endpoint_id: str
    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: a status, or why there is none."""

    delivery_id: str
    endpoint_id: str
    status_code: int | None
    failure: str | None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status_code is not None and 200 <= self.status_code < 300  # noqa: PLR2004


# --- endpoints --------------------------------------------------------------------------------


def add_endpoint(
    context: Context, caller: Caller, url: str, events: Sequence[str] | None, rules: Rules
) -> tuple[WebhookEndpointRow, str]:
    """Tell an address what happens from now on; answers the secret it is signed with, once.

    Raises:
        WebhookUrlRefused: No request may go there.
        WebhookEventUnknown: There is no such event.
        TooManyEndpoints: The organisation has as many as it may.
    """
    _check(url, events, rules)
    count = count_endpoints(context.session, caller.organisation)
    if count >= MOST_ENDPOINTS:
        raise TooManyEndpoints(MOST_ENDPOINTS)
    place = find_place(context.session)
    endpoint_id = uuid7(context.now * 1000, secrets.token_bytes(10))
    secret = _new_secret()
    row = WebhookEndpointRow(
        endpoint_id=endpoint_id,
        organisation=caller.organisation,
        reads_all=caller.reads_all,
        url=url,
        events=None if events is None else json.dumps(sorted(set(events))),
        sealed_secret=_seal(context, endpoint_id, caller.organisation, secret),
        after_sequence=0 if place is None else place.sequence,
        created_at=context.now,
    )
    context.session.add(row)
    context.session.flush()
    return row, secret


def find_endpoint(context: Context, caller: Caller, endpoint_id: str) -> WebhookEndpointRow:
    """One of the caller's own endpoints.

    Raises:
        NotFound: It is another's, or there is none.
    """
    row = get_endpoint(context.session, endpoint_id)
    if row is None or row.organisation != caller.organisation:
        raise NotFound("webhook endpoint", endpoint_id[:60])
    return row


def list_endpoints(
    context: Context, caller: Caller, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """The caller's endpoints, by number."""
    rows = endpoints_of(context.session, caller.organisation, after=after, limit=limit)
    return [endpoint_view(row) for row in rows]


def endpoint_view(row: WebhookEndpointRow) -> dict[str, Any]:
    """An endpoint as its owner sees it."""
    return {
        "endpoint_id": row.endpoint_id,
        "url": row.url,
        "events": None if row.events is None else json.loads(row.events),
        "status": "active" if row.disabled_at is None else "disabled",
        "disabled_because": row.disabled_because,
        "disabled_at": row.disabled_at,
        "failing_since": row.failing_since,
        "created_at": row.created_at,
    }


def renew_secret(context: Context, caller: Caller, endpoint_id: str) -> tuple[Any, str]:
    """A new secret, shown once; the one before signs beside it for a day."""
    row = find_endpoint(context, caller, endpoint_id)
    secret = _new_secret()
    row.sealed_previous, row.previous_until = row.sealed_secret, context.now + OVERLAP_SECONDS
    row.sealed_secret = _seal(context, endpoint_id, row.organisation, secret)
    return row, secret


def enable_endpoint(context: Context, caller: Caller, endpoint_id: str) -> WebhookEndpointRow:
    """Use an endpoint again: it is told on from where it stopped."""
    row = find_endpoint(context, caller, endpoint_id)
    row.disabled_at = row.disabled_because = row.failing_since = None
    return row


def remove_endpoint(context: Context, caller: Caller, endpoint_id: str) -> None:
    """Delete an endpoint with its deliveries."""
    row = find_endpoint(context, caller, endpoint_id)
    drop_endpoint(context.session, row.endpoint_id)


def _check(url: str, events: Sequence[str] | None, rules: Rules) -> None:
    try:
        check_url(url, rules)
    except DestinationRefused as refused:
        raise WebhookUrlRefused(str(refused)) from None
    for event in events or ():
        if event not in EVENTS:
            raise WebhookEventUnknown(event[:60])


# --- deliveries -------------------------------------------------------------------------------


def list_deliveries(
    context: Context,
    caller: Caller,
    endpoint_id: str,
    *,
    status: DeliveryStatus | None,
    before: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """What an endpoint of the caller was told, newest first."""
    row = find_endpoint(context, caller, endpoint_id)
    found = deliveries_to(
        context.session, row.endpoint_id, status=status, before=before, limit=limit
    )
    return [delivery_view(delivery) for delivery in found]


def read_delivery(
    context: Context, caller: Caller, endpoint_id: str, delivery_id: str
) -> dict[str, Any]:
    """A delivery with its body and every attempt."""
    row = _find_delivery(context, caller, endpoint_id, delivery_id)
    attempts = [
        {"at": attempt.at, "status_code": attempt.status_code, "failure": attempt.failure}
        for attempt in attempts_of(context.session, delivery_id)
    ]
    return delivery_view(row) | {"body": json.loads(row.body), "log": attempts}


def replay(context: Context, caller: Caller, endpoint_id: str, delivery_id: str) -> dict[str, Any]:
    """Send a delivery again at once, with the number it has."""
    row = _find_delivery(context, caller, endpoint_id, delivery_id)
    row.status, row.attempts = DeliveryStatus.PENDING, 0
    row.next_attempt_at = context.now
    return delivery_view(row)


def send_test(context: Context, caller: Caller, endpoint_id: str) -> dict[str, Any]:
    """Send an endpoint something that is no event."""
    row = find_endpoint(context, caller, endpoint_id)
    delivery = _delivery(context, row, None, TEST_EVENT, context.now, {})
    context.session.add(delivery)
    return delivery_view(delivery)


def delivery_view(row: WebhookDeliveryRow) -> dict[str, Any]:
    """A delivery as its owner sees it."""
    return {
        "delivery_id": row.delivery_id,
        "sequence": row.sequence,
        "event": row.event,
        "status": row.status,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "next_attempt_at": row.next_attempt_at,
    }


def _find_delivery(
    context: Context, caller: Caller, endpoint_id: str, delivery_id: str
) -> WebhookDeliveryRow:
    endpoint = find_endpoint(context, caller, endpoint_id)
    row = get_delivery(context.session, delivery_id)
    if row is None or row.endpoint_id != endpoint.endpoint_id:
        raise NotFound("delivery", delivery_id[:60])
    return row


# --- the worker's steps -----------------------------------------------------------------------


def has_news(context: Context) -> bool:
    """Whether `plan` would do anything; only reads."""
    place = find_place(context.session)
    return place is not None and bool(endpoints_behind(context.session, place.sequence))


def plan(context: Context) -> bool:
    """Make the deliveries of what the feed was told since; whether there was anything."""
    place = find_place(context.session)
    if place is None:
        return False
    endpoints = endpoints_behind(context.session, place.sequence)
    for endpoint in endpoints:
        # Whoever read all when it was made may not any more.
        reads_all = endpoint.reads_all and reads_everything(context.session, endpoint.organisation)
        organisation = None if reads_all else endpoint.organisation
        wanted = None if endpoint.events is None else set(json.loads(endpoint.events))
        entries = entries_for(
            context.session, organisation, after=endpoint.after_sequence, limit=MOST_AT_ONCE
        )
        for entry in entries:
            if wanted is None or entry.event in wanted:
                view = entry_view(entry)
                context.session.add(
                    _delivery(context, endpoint, entry.sequence, entry.event, entry.at, view)
                )
        is_full = len(entries) == MOST_AT_ONCE
        endpoint.after_sequence = entries[-1].sequence if is_full else place.sequence
    return bool(endpoints)


def due(context: Context, busy: Collection[str], limit: int) -> list[Shipment]:
    """What is to be sent now, at most one to each endpoint that is not busy; only reads."""
    found = due_deliveries(context.session, context.now, busy, limit)
    return [_shipment(context, delivery, endpoint) for delivery, endpoint in found]


def send(shipment: Shipment, rules: Rules) -> Outcome:
    """Send something once. Touches no database."""
    try:
        status = post(shipment.url, shipment.body, shipment.headers, rules)
    except (DestinationRefused, DeliveryFailed) as error:
        return Outcome(shipment.delivery_id, shipment.endpoint_id, None, str(error)[:200])
    return Outcome(shipment.delivery_id, shipment.endpoint_id, status, None)


def note(context: Context, outcome: Outcome) -> None:
    """Note what came back, and when to try again if it did not arrive."""
    row = get_delivery(context.session, outcome.delivery_id)
    endpoint = get_endpoint(context.session, outcome.endpoint_id)
    if row is None or endpoint is None:
        return  # It was deleted meanwhile.
    context.session.add(
        WebhookAttemptRow(
            delivery_id=row.delivery_id,
            at=context.now,
            status_code=outcome.status_code,
            failure=outcome.failure,
        )
    )
    row.attempts += 1
    if outcome.is_delivered:
        row.status, row.next_attempt_at = DeliveryStatus.DELIVERED, None
        endpoint.failing_since = None
    else:
        _try_later(context, row, endpoint, is_gone=outcome.status_code == _GONE)


def _try_later(
    context: Context, row: WebhookDeliveryRow, endpoint: WebhookEndpointRow, *, is_gone: bool
) -> None:
    endpoint.failing_since = endpoint.failing_since or context.now
    if is_gone:
        _disable(context, endpoint, "it answered that it is gone")
    elif context.now - endpoint.failing_since >= FAILING_SECONDS:
        _disable(context, endpoint, "it took nothing for five days")
    if row.attempts > len(PAUSES_SECONDS):
        row.status, row.next_attempt_at = DeliveryStatus.FAILED, None
        return
    pause = PAUSES_SECONDS[row.attempts - 1]
    # Not all endpoints of a receiver that was away at the same moment.
    percent = 100 - _JITTER_PERCENT + secrets.randbelow(2 * _JITTER_PERCENT + 1)
    row.next_attempt_at = context.now + pause * percent // 100


def _disable(context: Context, endpoint: WebhookEndpointRow, because: str) -> None:
    endpoint.disabled_at, endpoint.disabled_because = context.now, because


# --- what is sent -----------------------------------------------------------------------------


def _delivery(
    context: Context,
    endpoint: WebhookEndpointRow,
    sequence: int | None,
    event: str,
    at: int,
    view: Mapping[str, Any],
) -> WebhookDeliveryRow:
    body = {
        "type": event,
        "timestamp": datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z"),
        "data": view,
    }
    return WebhookDeliveryRow(
        delivery_id=uuid7(context.now * 1000, _sorting(sequence)),
        endpoint_id=endpoint.endpoint_id,
        sequence=sequence,
        event=event,
        body=json.dumps(body, ensure_ascii=False),
        status=DeliveryStatus.PENDING,
        created_at=context.now,
        next_attempt_at=context.now,
    )


def _sorting(sequence: int | None) -> bytes:
    """Ten bytes for a number of a delivery: those of one second sort as the feed does."""
    place = (sequence or 0) & 0xFFF
    return place.to_bytes(2, "big") + secrets.token_bytes(8)


def _shipment(
    context: Context, delivery: WebhookDeliveryRow, endpoint: WebhookEndpointRow
) -> Shipment:
    signed_at = datetime.fromtimestamp(context.now, UTC)
    signatures = [
        Webhook(secret).sign(delivery.delivery_id, signed_at, delivery.body)
        for secret in _secrets(context, endpoint)
    ]
    headers = {
        "content-type": "application/json",
        "user-agent": "chainfin-webhooks/1",
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(context.now),
        "webhook-signature": " ".join(signatures),
    }
    return Shipment(
        delivery.delivery_id, endpoint.endpoint_id, endpoint.url, delivery.body.encode(), headers
    )


def _secrets(context: Context, endpoint: WebhookEndpointRow) -> list[str]:
    """The secrets that sign now: the newest, and the one before for a while."""
    sealed = [endpoint.sealed_secret]
    if endpoint.sealed_previous is not None and context.now < (endpoint.previous_until or 0):
        sealed.append(endpoint.sealed_previous)
    key = _sealing_key(context, endpoint.organisation)
    aad = envelopes.associated_data(endpoint.endpoint_id, endpoint.organisation)
    return [envelopes.unseal(key, content, aad).decode() for content in sealed]


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _seal(context: Context, endpoint_id: str, organisation: int, secret: str) -> bytes:
    aad = envelopes.associated_data(endpoint_id, organisation)
    return envelopes.seal(_sealing_key(context, organisation), secret.encode(), aad)


def _sealing_key(context: Context, organisation: int) -> bytes:
    """The operator's key for what it keeps for an organisation."""
    return envelopes.member_key(require_keeper(context).document_key, organisation)
