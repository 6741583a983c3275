"""Webhooks: the stranger first; then signed, at least once, and nowhere they must not go."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.client.outbound import Rules
from chainfin.models.webhooks import get_delivery, get_endpoint
from chainfin.services import webhooks as service
from tests.receivers import Flood, Receiver, drip, flood_headers, hang, receiving, status
from tests.world import AUDITOR, STRANGER, SUPPLIER, World

PATH = "/webhook-endpoints"
SPLIT = [{"face_value_minor": 400_00}]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(status(204)) as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def _no_endpoint_is_left(world: World) -> Iterator[None]:
    yield
    for name in (SUPPLIER, STRANGER, AUDITOR):
        for entry in list(world[name].api.pages(PATH)):
            world[name].api.delete(f"{PATH}/{entry['endpoint_id']}")


def added(world: World, url: str, name: str = SUPPLIER, **fields: Any) -> dict[str, Any]:
    world.work_beside()
    return dict(world[name].api.post(PATH, {"url": url, **fields}))


def deliveries(world: World, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"{PATH}/{endpoint['endpoint_id']}/deliveries"
    return list(world[SUPPLIER].api.pages(path, limit=2))


def tried(world: World, endpoint: dict[str, Any]) -> dict[str, Any]:
    """A test delivery after its first attempt."""
    path = f"{PATH}/{endpoint['endpoint_id']}"
    sent = world[SUPPLIER].api.post(f"{path}/test", {})
    world.work_beside()
    return world[SUPPLIER].api.get(f"{path}/deliveries/{sent['delivery_id']}")


def refused(call: Any, *arguments: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call(*arguments)
    return caught.value


def make_due(world: World, delivery_id: str) -> None:
    with unit_of_work(world.runtime) as context:
        row = get_delivery(context.session, delivery_id)
        assert row is not None
        row.next_attempt_at = context.now


# --- strangers -------------------------------------------------------------------------------


def test_endpoint__of_another_organisation__is_not_found(world: World, receiver: Receiver) -> None:
    endpoint = added(world, receiver.url)
    delivery = tried(world, endpoint)["delivery_id"]
    path = f"{PATH}/{endpoint['endpoint_id']}"

    for name in (STRANGER, AUDITOR):
        api = world[name].api
        assert api.get(PATH)["data"] == []
        calls = (
            (api.get, path),
            (api.delete, path),
            (api.get, f"{path}/deliveries"),
            (api.get, f"{path}/deliveries/{delivery}"),
            (api.post, f"{path}/secret", {}),
            (api.post, f"{path}/activation", {}),
            (api.post, f"{path}/test", {}),
            (api.post, f"{path}/deliveries/{delivery}/replay", {}),
        )
        for call, *arguments in calls:
            assert refused(call, *arguments).status == 404


def test_strangers_endpoint__hears_nothing_of_a_receivable_of_others(
    world: World, receiver: Receiver
) -> None:
    added(world, receiver.url, STRANGER)
    world.issue("HOOK-0", 1_000_00)
    world.work_beside()

    told = [json.loads(body)["type"] for _, body in receiver.received]
    assert "ReceivableIssued" not in told
    assert "ReceivableAccepted" not in told


# --- what is sent ----------------------------------------------------------------------------


def test_event__is_sent_signed_with_its_entry_of_the_feed(
    world: World, receiver: Receiver, receivable_id: int
) -> None:
    endpoint = added(world, receiver.url, events=["LotSplit"])
    world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=SPLIT)
    world.work_beside()

    ((headers, body),) = receiver.received
    message = Webhook(endpoint["secret"]).verify(body, headers)
    entry = [e for e in world[SUPPLIER].api.events() if e["event"] == "LotSplit"][-1]
    assert message["type"] == "LotSplit"
    assert message["data"] == entry
    assert message["timestamp"].endswith("Z")
    (delivery,) = deliveries(world, endpoint)
    assert delivery["delivery_id"] == headers["webhook-id"]
    assert (delivery["status"], delivery["sequence"]) == ("delivered", entry["sequence"])


def test_secret__is_shown_once_and_another_one_opens_nothing(
    world: World, receiver: Receiver
) -> None:
    endpoint = added(world, receiver.url)
    other = added(world, receiver.url)
    tried(world, endpoint)

    ((headers, body),) = receiver.received
    with pytest.raises(WebhookVerificationError):
        Webhook(other["secret"]).verify(body, headers)
    seen = world[SUPPLIER].api.get(f"{PATH}/{endpoint['endpoint_id']}")
    assert "secret" not in seen
    with unit_of_work(world.runtime) as context:
        row = get_endpoint(context.session, endpoint["endpoint_id"])
        assert row is not None
        assert endpoint["secret"].encode() not in row.sealed_secret


def test_new_secret__signs_beside_the_one_before_for_a_day(
    world: World, receiver: Receiver
) -> None:
    endpoint = added(world, receiver.url)
    path = f"{PATH}/{endpoint['endpoint_id']}"
    renewed = world[SUPPLIER].api.post(f"{path}/secret", {})
    tried(world, endpoint)
    with unit_of_work(world.runtime) as context:
        row = get_endpoint(context.session, endpoint["endpoint_id"])
        assert row is not None
        row.previous_until = context.now
    tried(world, endpoint)

    (during, during_body), (after, after_body) = receiver.received
    for secret in (endpoint["secret"], renewed["secret"]):
        Webhook(secret).verify(during_body, during)
    Webhook(renewed["secret"]).verify(after_body, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint["secret"]).verify(after_body, after)


def test_replay__sends_the_same_number_and_body(world: World, receiver: Receiver) -> None:
    endpoint = added(world, receiver.url)
    delivery = tried(world, endpoint)
    path = f"{PATH}/{endpoint['endpoint_id']}/deliveries/{delivery['delivery_id']}"
    world[SUPPLIER].api.post(f"{path}/replay", {})
    world.work_beside()

    (first, first_body), (again, again_body) = receiver.received
    assert first["webhook-id"] == again["webhook-id"]
    assert first_body == again_body
    assert len(world[SUPPLIER].api.get(path)["log"]) == 2


# --- what does not arrive --------------------------------------------------------------------


def test_delivery__that_fails__is_tried_again_later_until_it_arrives(world: World) -> None:
    with receiving(status(500)) as receiver:
        endpoint = added(world, receiver.url)
        delivery = tried(world, endpoint)
        assert (delivery["status"], delivery["attempts"]) == ("pending", 1)
        assert 3 <= delivery["next_attempt_at"] - int(time.time()) <= 6

        receiver.answer = status(200)
        make_due(world, delivery["delivery_id"])
        world.work_beside()

    (delivery,) = deliveries(world, endpoint)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)
    assert delivery["next_attempt_at"] is None


def test_delivery__that_never_arrives__fails_and_can_be_replayed(world: World) -> None:
    with receiving(status(503)) as receiver:
        endpoint = added(world, receiver.url)
        delivery = tried(world, endpoint)
        for _ in service.PAUSES_SECONDS:
            make_due(world, delivery["delivery_id"])
            world.work_beside()

    (delivery,) = deliveries(world, endpoint)
    assert (delivery["status"], delivery["next_attempt_at"]) == ("failed", None)
    assert delivery["attempts"] == 1 + len(service.PAUSES_SECONDS)


def test_endpoint__that_takes_nothing_for_days__is_disabled_and_goes_on_from_its_place(
    world: World, receivable_id: int
) -> None:
    with receiving(status(500)) as receiver:
        endpoint = added(world, receiver.url, events=["LotSplit"])
        path = f"{PATH}/{endpoint['endpoint_id']}"
        tried(world, endpoint)
        with unit_of_work(world.runtime) as context:
            row = get_endpoint(context.session, endpoint["endpoint_id"])
            assert row is not None
            row.failing_since = context.now - service.FAILING_SECONDS
        tried(world, endpoint)
        seen = world[SUPPLIER].api.get(path)
        assert (seen["status"], seen["disabled_because"]) == (
            "disabled",
            "it took nothing for five days",
        )
        world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=SPLIT)
        world.work_beside()
        receiver.received.clear()
        receiver.answer = status(200)

        world[SUPPLIER].api.post(f"{path}/activation", {})
        world.work_beside()

        assert "LotSplit" in [json.loads(body)["type"] for _, body in receiver.received]


def test_endpoint__that_says_it_is_gone__is_disabled(world: World) -> None:
    with receiving(status(410)) as receiver:
        endpoint = added(world, receiver.url)
        tried(world, endpoint)

    seen = world[SUPPLIER].api.get(f"{PATH}/{endpoint['endpoint_id']}")
    assert seen["status"] == "disabled"


def test_process__that_ends_while_a_receiver_thinks__sends_again(world: World) -> None:
    with receiving(status(200)) as receiver:
        endpoint = added(world, receiver.url)
        path = f"{PATH}/{endpoint['endpoint_id']}"
        sent = world[SUPPLIER].api.post(f"{path}/test", {})
        world.side_work.step()
        world.side_work.stop()
        world.work_beside()

        delivery = world[SUPPLIER].api.get(f"{path}/deliveries/{sent['delivery_id']}")
        assert delivery["status"] == "delivered"
        assert {headers["webhook-id"] for headers, _ in receiver.received} == {sent["delivery_id"]}


# --- F31 -------------------------------------------------------------------------------------


@pytest.mark.fault("F31", "receiver redirects to an address inside")
def test_f31__redirect_to_the_metadata_of_a_cloud__is_not_followed(world: World) -> None:
    with (
        receiving(status(200)) as inside,
        receiving(status(302, location="http://169.254.169.254/latest")) as receiver,
    ):
        endpoint = added(world, receiver.url)
        metadata = tried(world, endpoint)
        receiver.answer = status(307, location=inside.url)
        make_due(world, metadata["delivery_id"])
        world.work_beside()

        (delivery,) = deliveries(world, endpoint)
        assert delivery["status"] == "pending"
        assert [entry["status_code"] for entry in metadata["log"]] == [302]
        assert inside.received == []
        assert len(receiver.received) == 2


@pytest.mark.fault("F31", "receiver answers ten gigabytes")
def test_f31__answer_of_ten_gigabytes__is_not_read(world: World) -> None:
    flood = Flood()
    with receiving(flood) as receiver:
        endpoint = added(world, receiver.url)
        delivery = tried(world, endpoint)
        assert flood.ended.wait(10)

    assert delivery["status"] == "delivered"
    assert flood.sent < 2**26


@pytest.mark.fault("F31", "receiver never ends")
@pytest.mark.fault("F31", "address inside named")
@pytest.mark.parametrize("hostile", [hang, drip, flood_headers])
def test_f31__receiver_without_an_end__has_its_time_and_holds_nobody_up(
    world: World, hostile: Any, monkeypatch: pytest.MonkeyPatch, receivable_id: int
) -> None:
    monkeypatch.setattr(world.side_work, "_rules", Rules(allows_loopback=True, seconds=1.0))
    with receiving(hostile) as receiver, receiving(status(200)) as friendly:
        endpoint = added(world, receiver.url)
        other = added(world, friendly.url, events=["LotSplit"])
        sent = world[SUPPLIER].api.post(f"{PATH}/{endpoint['endpoint_id']}/test", {})
        world.side_work.step()
        began = time.monotonic()
        world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=SPLIT)
        ordered_in = time.monotonic() - began
        world.work_beside()

        (told,) = deliveries(world, other)
        assert told["status"] == "delivered"
        path = f"{PATH}/{endpoint['endpoint_id']}/deliveries/{sent['delivery_id']}"
        (attempt, *_) = world[SUPPLIER].api.get(path)["log"]
        assert attempt["status_code"] is None
        assert attempt["failure"]
        assert ordered_in < 5


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "http://bank.example/",
        "https://bank.example:8443/",
        "gopher://bank.example/",
    ],
)
def test_f31__address_inside__is_refused_when_it_is_named(world: World, url: str) -> None:
    problem = refused(world[SUPPLIER].api.post, PATH, {"url": url})

    assert (problem.status, problem.code) == (422, "webhook-url-refused")


def test_endpoints__are_bounded_and_told_only_what_there_is(
    world: World, receiver: Receiver
) -> None:
    unknown = refused(world[SUPPLIER].api.post, PATH, {"url": receiver.url, "events": ["Nothing"]})
    for _ in range(service.MOST_ENDPOINTS):
        added(world, receiver.url)
    one_more = refused(world[SUPPLIER].api.post, PATH, {"url": receiver.url})

    assert unknown.code == "webhook-event-unknown"
    assert (one_more.status, one_more.code) == (409, "too-many-endpoints")
