"""Private tables of webhooks: where members want to be told, and what became of each delivery."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, func
from sqlmodel import Field, Session, SQLModel, col, delete, select


class WebhookEndpointRow(SQLModel, table=True):
    """An address of an organisation.

    Attributes:
        reads_all: Whether whoever made it reads everything.
        events: JSON: the events it is told; None for all.
        sealed_secret: What deliveries are signed with, sealed.
        sealed_previous: The secret before it, which signs beside it until `previous_until`.
        after_sequence: The entry of the feed up to which deliveries were made.
        failing_since: Since when no delivery has arrived; None while they do.
    """

    __tablename__: ClassVar[str] = "webhook_endpoint"

    endpoint_id: str = Field(primary_key=True)
    organisation: int = Field(sa_type=BigInteger, index=True)
    reads_all: bool
    url: str
    events: str | None = Field(default=None, sa_column=Column(Text))
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed_previous: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    previous_until: int | None = Field(default=None, sa_type=BigInteger)
    after_sequence: int = Field(sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    failing_since: int | None = Field(default=None, sa_type=BigInteger)
    disabled_at: int | None = Field(default=None, sa_type=BigInteger)
    disabled_because: str | None = None


class WebhookDeliveryRow(SQLModel, table=True):
    """One event for one endpoint.

    Attributes:
        sequence: The entry of the feed; None for a test.
        body: What is sent, the same each time.
        next_attempt_at: When it is sent next; None once it ended.
        status: pending, delivered or failed.
    """

    __tablename__: ClassVar[str] = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "endpoint_id", "next_attempt_at"),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "delivery_id"),
    )

    delivery_id: str = Field(primary_key=True)
    endpoint_id: str
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    event: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    status: str
    attempts: int = 0
    created_at: int = Field(sa_type=BigInteger)
    next_attempt_at: int | None = Field(default=None, sa_type=BigInteger)


class WebhookAttemptRow(SQLModel, table=True):
    """One time a delivery was sent: the status that came back, or why none did."""

    __tablename__: ClassVar[str] = "webhook_attempt"

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(index=True)
    at: int = Field(sa_type=BigInteger)
    status_code: int | None = None
    failure: str | None = None


def get_endpoint(session: Session, endpoint_id: str) -> WebhookEndpointRow | None:
    """An endpoint by its number, as it is now."""
    return session.get(WebhookEndpointRow, endpoint_id, populate_existing=True)


def endpoints_of(
    session: Session, organisation: int, *, after: str, limit: int
) -> Sequence[WebhookEndpointRow]:
    """An organisation's endpoints, by number."""
    row = WebhookEndpointRow
    wanted = select(row).where(row.organisation == organisation, row.endpoint_id > after)
    return session.exec(wanted.order_by(col(row.endpoint_id)).limit(limit)).all()


def count_endpoints(session: Session, organisation: int) -> int:
    """How many endpoints an organisation has."""
    row = WebhookEndpointRow
    return int(session.exec(select(func.count()).where(row.organisation == organisation)).one())


def endpoints_behind(session: Session, sequence: int) -> Sequence[WebhookEndpointRow]:
    """Endpoints in use that were not yet looked at up to an entry of the feed."""
    row = WebhookEndpointRow
    wanted = select(row).where(col(row.disabled_at).is_(None), row.after_sequence < sequence)
    return session.exec(wanted.order_by(col(row.endpoint_id))).all()


def due_deliveries(
    session: Session, now: int, busy: Collection[str], limit: int
) -> list[tuple[WebhookDeliveryRow, WebhookEndpointRow]]:
    """The delivery that is due longest at each endpoint in use that is not busy."""
    row, endpoint = WebhookDeliveryRow, WebhookEndpointRow
    since = func.min(row.next_attempt_at)
    waiting = (
        select(endpoint.endpoint_id)
        .join(row, col(row.endpoint_id) == endpoint.endpoint_id)
        .where(
            col(row.next_attempt_at) <= now,
            col(endpoint.disabled_at).is_(None),
            col(endpoint.endpoint_id).not_in(list(busy)),
        )
        .group_by(endpoint.endpoint_id)
        .order_by(since)
        .limit(limit)
    )
    found: list[tuple[WebhookDeliveryRow, WebhookEndpointRow]] = []
    for endpoint_id in session.exec(waiting).all():
        longest = (
            select(row, endpoint)
            .join(endpoint, col(endpoint.endpoint_id) == row.endpoint_id)
            .where(row.endpoint_id == endpoint_id, col(row.next_attempt_at) <= now)
            .order_by(col(row.next_attempt_at), col(row.delivery_id))
        )
        found += session.exec(longest.limit(1)).all()
    return found


def get_delivery(session: Session, delivery_id: str) -> WebhookDeliveryRow | None:
    """A delivery by its number, as it is now."""
    return session.get(WebhookDeliveryRow, delivery_id, populate_existing=True)


def count_pending(session: Session) -> int:
    """How many deliveries are still to be sent, or sent again."""
    waiting = col(WebhookDeliveryRow.next_attempt_at).is_not(None)
    return int(session.exec(select(func.count()).where(waiting)).one())


def deliveries_to(
    session: Session, endpoint_id: str, *, status: str | None, before: str | None, limit: int
) -> Sequence[WebhookDeliveryRow]:
    """An endpoint's deliveries, newest first."""
    row = WebhookDeliveryRow
    wanted = select(row).where(row.endpoint_id == endpoint_id)
    if status is not None:
        wanted = wanted.where(row.status == status)
    if before is not None:
        wanted = wanted.where(row.delivery_id < before)
    return session.exec(wanted.order_by(col(row.delivery_id).desc()).limit(limit)).all()


def attempts_of(session: Session, delivery_id: str) -> Sequence[WebhookAttemptRow]:
    """Every time a delivery was sent, in order."""
    row = WebhookAttemptRow
    wanted = select(row).where(row.delivery_id == delivery_id)
    return session.exec(wanted.order_by(col(row.id))).all()


def ended_before(session: Session, instant: int, limit: int) -> Sequence[str]:
    """Deliveries that have ended and were made before an instant, by number."""
    row = WebhookDeliveryRow
    wanted = select(row.delivery_id).where(
        row.created_at < instant, col(row.next_attempt_at).is_(None)
    )
    return session.exec(wanted.limit(limit)).all()


def drop_deliveries(session: Session, delivery_ids: Sequence[str]) -> None:
    """Delete deliveries with their attempts."""
    for kind in (WebhookAttemptRow, WebhookDeliveryRow):
        session.exec(delete(kind).where(col(kind.delivery_id).in_(delivery_ids)))


def drop_endpoint(session: Session, endpoint_id: str) -> None:
    """Delete an endpoint with its deliveries."""
    deliveries = select(WebhookDeliveryRow.delivery_id).where(
        WebhookDeliveryRow.endpoint_id == endpoint_id
    )
    session.exec(
        delete(WebhookAttemptRow).where(col(WebhookAttemptRow.delivery_id).in_(deliveries))
    )
    session.exec(
        delete(WebhookDeliveryRow).where(col(WebhookDeliveryRow.endpoint_id) == endpoint_id)
    )
    session.exec(
        delete(WebhookEndpointRow).where(col(WebhookEndpointRow.endpoint_id) == endpoint_id)
    )
