"""What is kept for a time only is forgotten; nothing else is."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from chainfin.models.orders import IdempotencyRow, answered_before, drop_answers
from chainfin.models.schema import create_tables
from chainfin.models.session import create_engine_for
from chainfin.models.webhooks import (
    WebhookAttemptRow,
    WebhookDeliveryRow,
    drop_deliveries,
    ended_before,
)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = create_engine_for(database_url)
    create_tables(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def delivery(number: str, created_at: int, next_attempt_at: int | None) -> WebhookDeliveryRow:
    return WebhookDeliveryRow(
        delivery_id=number,
        endpoint_id="e",
        event="LotSplit",
        body="{}",
        status="pending" if next_attempt_at else "delivered",
        created_at=created_at,
        next_attempt_at=next_attempt_at,
    )


def answer(key: str, created_at: int) -> IdempotencyRow:
    return IdempotencyRow(caller=7, key=key, request_hash="", recorded="", created_at=created_at)


def test_forgetting__takes_what_is_old_and_ended__and_leaves_the_rest(session: Session) -> None:
    session.add_all([delivery("old", 10, None), delivery("new", 30, None), delivery("due", 10, 99)])
    session.add_all([WebhookAttemptRow(delivery_id=name, at=10) for name in ("old", "due")])
    session.add_all([answer("old", 10), answer("new", 30)])
    session.flush()

    drop_deliveries(session, ended_before(session, 20, 100))
    drop_answers(session, answered_before(session, 20, 100))

    left = session.exec(select(WebhookDeliveryRow.delivery_id)).all()
    assert sorted(left) == ["due", "new"]
    assert session.exec(select(WebhookAttemptRow.delivery_id)).all() == ["due"]
    assert session.exec(select(IdempotencyRow.key)).all() == ["new"]
    assert ended_before(session, 100, 0) == []
