"""The OpenAPI document: complete, checked in, and true whatever is sent."""

import json
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.errors import MEDIA_TYPE, STATUS
from api.main import build_app
from api.openapi import OPEN, TAGS, operations
from tests.world import ANCHOR, World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES_OF_AN_OPERATION = 6
STATEFUL_EXAMPLES = 25
STEPS = 8
CALM = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
NOT_REACHED = {
    "GET /v1/credit-lines/utilisations",
    "GET /v1/dishonour-notices",
    "GET /v1/lots/{lot_id}/evidence",
    "GET /v1/payments",
    "GET /v1/people",
    "GET /v1/receivables/{receivable_id}/payment-file",
    "GET /v1/settlements",
    "POST /v1/council/decisions/{decision}/execution",
    "POST /v1/credit-lines",
    "POST /v1/deposits/missing-accounts",
    "POST /v1/financing-requests/{request_id}/filings",
    "POST /v1/lots/{lot_id}/recourse-claim",
    "POST /v1/lots/{lot_id}/repurchase",
    "POST /v1/lots/{lot_id}/write-off",
    "POST /v1/receivables/{receivable_id}/settlement",
    "POST /v1/simulations/clock",
}
"""What the API's tests do not bring about: tests/e2e plays most of it, on other systems."""


# --- the document ----------------------------------------------------------------------------


def test_operations__have_a_tag_a_sentence_problems_and_what_opens_them() -> None:
    described = build_app().openapi()
    codes = json.dumps(described["components"]["responses"])

    for path, method, operation in operations(described):
        name = f"{method} {path}"
        assert set(operation["tags"]) <= set(TAGS), name
        assert operation["description"].strip(), name
        answers = operation["responses"]
        assert {"404", "422", "429", "500", "503"} <= set(answers), name
        is_open = f"{method.upper()} {path}" in OPEN
        assert (operation.get("security") == []) == is_open, name
        assert "401" in answers or is_open, name
        if method == "post":
            assert {"400", "409", "413"} <= set(answers), name
    assert all(rule.code in codes for rule in STATUS)


def test_operations__have_examples_of_what_they_take_and_give() -> None:
    described = build_app().openapi()
    missing = set()
    for path, method, operation in operations(described):
        name = f"{method.upper()} {path}"
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if status.startswith("2") and content is not None and "example" not in content:
                missing.add(name)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "example" not in content:
                missing.add(name)

    assert missing <= NOT_REACHED


def test_operations__without_a_credential__are_closed_but_for_those_that_say_so(
    world: World,
) -> None:
    described = world.app.openapi()
    for path, method, _ in operations(described):
        place = path.replace("{", "").replace("}", "")
        answer = world.client.request(method, place, json={}, headers={"idempotency-key": "x"})
        is_open = f"{method.upper()} {path}" in OPEN
        allowed = {200, 201, 422} if is_open else {401, 422}
        assert answer.status_code in allowed, (method, place, answer.text)


# --- whatever is sent ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema(world: World) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", world.app)


@pytest.fixture(scope="module")
def headers(world: World) -> dict[str, str]:
    return {"authorization": f"Bearer {world[ANCHOR].wallet.api_key}"}


def check(response: Any, case: Any) -> None:
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        problem = response.json()
        assert response.headers["content-type"][0].startswith(MEDIA_TYPE)
        assert {"type", "title", "status", "code", "request_id"} <= set(problem)


def each_operation(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        yield found.ok()


def test_anything__sent_to_every_operation__is_answered_as_described(
    schema: Any, headers: dict[str, str], subtests: pytest.Subtests
) -> None:
    for operation in each_operation(schema):

        @hypothesis.seed(1)
        @settings(max_examples=EXAMPLES_OF_AN_OPERATION, phases=[Phase.generate], **CALM)
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            check(case.call(headers=headers), case)

        with subtests.test(operation=operation.label):
            send()


def test_anything__sent_in_sequence__is_answered_as_described(
    schema: Any, headers: dict[str, str]
) -> None:
    machine = schema.as_state_machine()

    class Walk(machine):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **_options: Any) -> None:
            check(response, case)

    Walk.run(
        settings=settings(
            max_examples=STATEFUL_EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
            **CALM,
        )
    )


def test_body__with_a_field_too_many__is_refused(world: World, headers: dict[str, str]) -> None:
    """Mass assignment: no body of a model takes what it does not name."""
    described = world.app.openapi()
    models = described["components"]["schemas"]
    for path, method, operation in operations(described):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        reference = content.get("schema", {}).get("$ref", "")
        if not reference or "example" not in content:
            continue
        for name in ("status", "organisation", "owner", "reads_all"):
            if name in models[reference.rpartition("/")[2]]["properties"]:
                continue
            answer = world.client.request(
                method,
                path.replace("{", "").replace("}", ""),
                json={**content["example"], name: 1},
                headers={**headers, "idempotency-key": f"{path} {name}"},
            )
            assert answer.status_code in {403, 422}, (path, name)
            if answer.status_code == 403:
                continue
            pointers = {entry["pointer"] for entry in answer.json().get("errors", ())}
            assert f"/body/{name}" in pointers or "/path" in str(pointers), (path, answer.text)
