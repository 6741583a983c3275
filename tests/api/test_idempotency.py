"""Whoever repeats a request gets the first answer; nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_type_hints

import httpx
from fastapi.routing import APIRoute

from api.dependencies import ContextDep
from api.main import ROUTERS
from api.routers import sign_in
from tests.world import ANCHOR, STRANGER, SUPPLIER, World

AT_ONCE = 20


def posted(world: World, name: str, path: str, body: Any, key: str | None = None) -> httpx.Response:
    headers = {"authorization": f"Bearer {world[name].wallet.api_key}"}
    if key is not None:
        headers["idempotency-key"] = key
    return world.client.post(f"/v1{path}", json=body, headers=headers)


def document(world: World, number: str) -> dict[str, Any]:
    return {
        "documents": [
            {
                "seller": world[SUPPLIER].number,
                "document_type": "invoice",
                "number": number,
                "file": "aW52b2ljZQ==",
                "facts": {"number": number},
                "amount_minor": 900_00,
                "currency": "CNY",
            }
        ]
    }


def test_every_post_that_writes__asks_for_an_idempotency_key(world: World) -> None:
    document = world.app.openapi()
    writing = {
        f"/v1{route.path}"
        for module in ROUTERS
        if module is not sign_in  # Nobody is known yet whose repetition it could be.
        for route in module.router.routes
        if isinstance(route, APIRoute)
        and "POST" in route.methods
        and ContextDep in get_type_hints(route.endpoint, include_extras=True).values()
    }
    asking = {
        path
        for path, operations in document["paths"].items()
        for parameter in operations.get("post", {}).get("parameters", ())
        if parameter["name"] == "idempotency-key"
    }

    assert len(writing) > 10
    assert writing - asking == set()


def test_post__without_a_key__is_refused(world: World) -> None:
    answer = posted(world, ANCHOR, "/documents", document(world, "ONCE-0"))

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")


def test_post__repeated__gets_the_first_answer(world: World) -> None:
    first = posted(world, ANCHOR, "/documents", document(world, "ONCE-1"), "once-1")
    again = posted(world, ANCHOR, "/documents", document(world, "ONCE-1"), "once-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


def test_post__with_the_key_of_another_request__is_refused(world: World) -> None:
    posted(world, ANCHOR, "/documents", document(world, "ONCE-2"), "once-2")

    other_body = posted(world, ANCHOR, "/documents", document(world, "ONCE-3"), "once-2")
    body = {"amount_bps": 1}
    other_path = posted(world, ANCHOR, "/reconciliation/matches", body, "once-2")

    for answer in (other_body, other_path):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


def test_key__of_another_caller__is_another_key(world: World) -> None:
    posted(world, ANCHOR, "/documents", document(world, "ONCE-4"), "once-4")

    answer = posted(world, STRANGER, "/documents", document(world, "ONCE-4"), "once-4")

    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers


def test_refused_request__repeated__is_looked_at_again(world: World) -> None:
    body = {"amount_bps": 5_000}
    first = posted(world, ANCHOR, "/reconciliation/matches", body, "once-5")
    again = posted(world, ANCHOR, "/reconciliation/matches", body, "once-5")

    assert first.status_code == again.status_code == 422
    assert "idempotent-replayed" not in again.headers


def test_credential__is_shown_once_and_made_once(world: World) -> None:
    path = f"/participants/{world[STRANGER].number}/api-keys"
    headers = {"authorization": f"Bearer {world.operator_key}", "idempotency-key": "once-6"}
    first = world.client.post(f"/v1{path}", json={}, headers=headers)
    again = world.client.post(f"/v1{path}", json={}, headers=headers)

    assert first.json()["api_key"].startswith("scf_")
    assert again.status_code == 201
    assert "api_key" not in again.json()


def test_request__sent_many_times_at_once__is_done_once(world: World) -> None:
    """F12: every answer is the first one, or says that it is still being made."""
    body = document(world, "ONCE-7")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(
            pool.map(lambda _: posted(world, ANCHOR, "/documents", body, "once-7"), range(AT_ONCE))
        )

    assert {answer.status_code for answer in answers} <= {201, 409}
    done = [answer.json() for answer in answers if answer.status_code == 201]
    assert done
    assert all(answer == done[0] for answer in done)
    running = [answer.json() for answer in answers if answer.status_code == 409]
    assert all(problem["code"] == "idempotency-key-in-progress" for problem in running)
    assert all(problem["retryable"] for problem in running)
