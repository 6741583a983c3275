"""Every route, for every kind of caller, with somebody else's object: from the OpenAPI document.

What may be asked for is data (`api/rights.py`). A new route needs a line there, and one here if its
path names an object of a new kind.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from api.rights import RIGHTS, Rule
from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.domain.access import Scope
from chainfin.domain.money import Money
from chainfin.services.credentials import create_api_key
from chainfin.services.development import BANK_NAME
from tests.world import ANCHOR, AUDITOR, CURRENCY, FUNDER, SUB_SUPPLIER, SUPPLIER, World

OTHERS = {
    "Second Anchor": ["anchor"],
    "Second Supplier": ["supplier"],
    "Second Funder": ["funder"],
    "Second Registrar": ["registrar"],
}
"""One of each kind, parties to nothing."""
BODIES: Mapping[str, Any] = {
    "POST /v1/lots/{lot_id}/split": {"parts": [{"face_value_minor": 1_00}]},
}
"""Where the smallest body that its schema allows is refused before the object is looked for."""
PLACES = {"/v1/transfers", "/v1/reports/{name}", "/v1/statements", "/v1/notices"}
"""Where a parameter of one name means another object."""
QUERIES: Mapping[str, str] = {
    "GET /v1/participants/{organisation}/statement": "?from_date=2026-01-01&to_date=2026-12-31",
    "GET /v1/receivables/{receivable_id}/payment-file": "?account=DE89370400440532013000",
}
"""What an operation cannot do without in its address."""
SHARED = {
    "GET /v1/participants/{organisation}",
    "GET /v1/reports/arrears/{anchor}",
    "GET /v1/reports/{name}",
}
"""Paths with a name in them that is nobody's own: every member may read it."""
BY_ROLE = {
    "POST /v1/council/decisions/{decision}/execution",
}
"""Refused by the caller's role before anybody looks whether there is such an object."""
OWN_ALONE = {
    "GET /v1/council/decisions/{decision}",
    "GET /v1/documents/{fingerprint}/sealed",
    "GET /v1/exports/{export_id}",
    "GET /v1/exports/{export_id}/file",
    "GET /v1/exports/{export_id}/progress",
    "GET /v1/receivables/{receivable_id}/payment-file",
    "GET /v1/statement-lines/{line_hash}",
    "GET /v1/statements/{number}",
    "GET /v1/webhook-endpoints/{endpoint_id}",
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries",
    "GET /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}",
}
"""What its owner alone reads: no auditor, and not the operator through the service either."""
IBAN = "DE89370400440532013000"


@dataclass(frozen=True)
class Route:
    """An operation of the OpenAPI document."""

    name: str
    method: str
    path: str
    body: Any

    @property
    def rule(self) -> Rule:
        return RIGHTS[self.name]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


def routes(world: World) -> list[Route]:
    document = world.app.openapi()
    return [
        Route(f"{method.upper()} {path}", method.upper(), path, body_of(document, operation))
        for path, operations in document["paths"].items()
        if path.startswith("/v1/")
        for method, operation in operations.items()
    ]


def body_of(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Any:
    """The smallest body an operation's schema allows."""
    content = operation.get("requestBody", {}).get("content", {})
    media = content.get("application/json")
    return None if media is None else smallest(document, media["schema"])


def smallest(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """The smallest value a schema allows."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return smallest(document, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    make = {
        "object": lambda: {
            name: smallest(document, schema["properties"][name])
            for name in schema.get("required", [])
        },
        "array": lambda: [smallest(document, schema["items"])] * schema.get("minItems", 0),
        "integer": lambda: max(1, schema.get("minimum", 1)),
        "string": lambda: "x" * max(1, schema.get("minLength", 1)),
        "boolean": lambda: False,
    }
    return make[schema.get("type", "object")]()


@pytest.fixture(scope="module")
def theirs(world: World) -> Iterator[dict[str, str]]:
    """An object of every kind, none of which concerns the others: by parameter, or by path."""
    world.admit(OTHERS)
    anchor, supplier = world[ANCHOR].api, world[SUPPLIER].api
    receivable_id = world.issue("RIGHTS-1", 9_000_00)
    root = f"{receivable_id}-1"
    world.order(SUPPLIER, "split_lot", lot_id=root, parts=[{"face_value_minor": 1_000_00}])
    part = f"{receivable_id}-2"
    world.order(SUPPLIER, "propose_transfer", lot_id=part, to=world[SUB_SUPPLIER].number)
    # Of a receivable of their own: funders may read what is in the market.
    ended, open_ = (financing_request(world, number) for number in ("RIGHTS-2", "RIGHTS-3"))
    quote = world.quote(FUNDER, request_id=ended, discount_rate_bps=380)
    world.order(SUPPLIER, "withdraw_financing_request", request_id=ended)
    draft = world.draft(SUPPLIER, "set_dual_control_limit", currency=CURRENCY, limit_minor=1)
    entry = {"typed_data": draft.typed_data, "approvals": [], "attachments": {}}
    bulk = supplier.post("/bulk-requests", {"orders": [entry]})
    bank = world[FUNDER].api
    bank.post("/bank-accounts", {"account": IBAN, "currency": CURRENCY, "holder_name": FUNDER})
    entries = [SampleEntry(Money(5_00, CURRENCY), "", date(2026, 11, 20), "RIGHTS-1")]
    content = sample_statement(entries, account=IBAN).replace(b"SAMPLE-1", b"RIGHTS-1")
    file = base64.b64encode(content).decode()
    (statement,) = bank.post("/statements", {"file": file})["data"]
    lines = bank.get(f"/statements/{statement['number']}")["lines"]
    decision = world[BANK_NAME].api.post(
        "/council/decisions",
        {"action": "suspend", "fields": {"organisation": world[SUPPLIER].number}},
    )
    key = supplier.post("/access-keys", {"label": "theirs", "scopes": ["read"]})["api_key"]
    endpoint = supplier.post("/webhook-endpoints", {"url": "http://127.0.0.1:9/"})["endpoint_id"]
    delivery = supplier.post(f"/webhook-endpoints/{endpoint}/test", {})
    yield {
        "endpoint_id": endpoint,
        "delivery_id": delivery["delivery_id"],
        "receivable_id": str(receivable_id),
        "lot_id": root,
        "/v1/transfers": part,
        "organisation": str(world[ANCHOR].number),
        "anchor": str(world[ANCHOR].number),
        "fingerprint": anchor.get("/documents")["data"][0]["fingerprint"],
        "name": "number",
        "/v1/reports/{name}": "exposure",
        "order_hash": supplier.get("/orders")["data"][0]["order_hash"],
        "quote_hash": quote,
        "request_id": str(ended),
        "/v1/financing-requests": str(open_),
        "bulk_request_id": bulk["bulk_request_id"],
        "/v1/statements": str(statement["number"]),
        "/v1/notices": f"payment-undertaking-{receivable_id}",
        "line_hash": lines[0]["line_hash"],
        "export_id": supplier.post("/exports", {"table": "lots"})["export_id"],
        "decision": decision["decision"],
        "key_id": key.split("_")[1],
    }
    supplier.delete(f"/webhook-endpoints/{endpoint}")


def financing_request(world: World, number: str) -> int:
    lot = f"{world.issue(number, 1_000_00)}-1"
    world.order(SUPPLIER, "request_financing", lot_id=lot)
    requests = world[SUPPLIER].api.pages("/financing-requests")
    return next(int(entry["request_id"]) for entry in requests if entry["lot_id"] == lot)


def filled(route: Route, theirs: Mapping[str, str]) -> str:
    path = route.path
    for name in route.parameters:
        places = (p for p in theirs if p in PLACES and path.startswith(p))
        place = next(places, name)
        path = path.replace(f"{{{name}}}", theirs[place])
    return path + QUERIES.get(route.name, "")


def ask(world: World, route: Route, theirs: Mapping[str, str], key: str | None) -> int:
    headers = {"idempotency-key": f"rights {route.name} {key}"}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    body = BODIES.get(route.name, route.body)
    answer = world.client.request(
        route.method, filled(route, theirs), json=body, headers=headers, cookies={}
    )
    return answer.status_code


def failures(found: Iterator[tuple[Route, str, int]], wanted: int) -> list[str]:
    return [f"{route.name} {who}: {status}" for route, who, status in found if status != wanted]


def test_every_route__without_a_credential_or_with_nobodys__is_not_answered(
    world: World, theirs: Mapping[str, str]
) -> None:
    asked = [route for route in routes(world) if route.rule.scope is not None]
    found = (
        (route, str(key), ask(world, route, theirs, key))
        for route in asked
        for key in (None, "scf_0000000000000000_00", "ses_0000000000000000_00", "x")
    )

    assert asked
    bad = failures(found, 401)
    assert not bad, "\n".join(bad)


def test_every_open_route__is_answered_without_a_credential(
    world: World, theirs: Mapping[str, str]
) -> None:
    asked = [route for route in routes(world) if route.rule.scope is None]

    found = ((route, "anybody", ask(world, route, theirs, None)) for route in asked)

    refused = [entry for entry in found if entry[2] in {401, 403}]
    # A message that is none signs nobody in.
    assert {route.name for route, *_ in refused} == {"POST /v1/sign-in"}


def test_every_route__with_every_scope_but_its_own__is_refused(
    world: World, theirs: Mapping[str, str]
) -> None:
    with unit_of_work(world.runtime) as context:
        without = {
            scope: create_api_key(
                context, world[SUPPLIER].number, scopes=frozenset(Scope) - {scope}
            )
            for scope in Scope
        }
    found = (
        (route, f"without {route.rule.scope}", ask(world, route, theirs, without[route.rule.scope]))
        for route in routes(world)
        if route.rule.scope is not None
    )

    bad = failures(found, 403)
    assert not bad, "\n".join(bad)


def test_every_route_of_the_operator__for_every_member__is_refused(
    world: World, theirs: Mapping[str, str]
) -> None:
    members = [*OTHERS, ANCHOR, SUPPLIER, FUNDER, AUDITOR, BANK_NAME]
    found = (
        (route, name, ask(world, route, theirs, world[name].wallet.api_key))
        for route in routes(world)
        if route.rule.is_operators
        for name in members
    )

    bad = failures(found, 403)
    assert not bad, "\n".join(bad)


def test_every_object__for_every_kind_of_stranger__does_not_exist(
    world: World, theirs: Mapping[str, str]
) -> None:
    asked = [
        route
        for route in routes(world)
        if route.parameters and route.name not in SHARED and not route.rule.is_operators
    ]
    found = [
        (route, name, ask(world, route, theirs, world[name].wallet.api_key))
        for route in asked
        for name in OTHERS
    ]

    bad = failures((entry for entry in found if entry[0].name not in BY_ROLE), 404)
    bad += failures((entry for entry in found if entry[0].name in BY_ROLE), 403)
    assert not bad, "\n".join(bad)


def test_objects_of_an_open_request__for_a_funder__are_there_and_its_quotes_are_not(
    world: World, theirs: Mapping[str, str]
) -> None:
    """The market shows funders what they may quote on; rivals' prices it shows nobody."""
    api = world["Second Funder"].api
    wanted = theirs["/v1/financing-requests"]
    request = next(
        entry for entry in api.pages("/financing-requests") if str(entry["request_id"]) == wanted
    )

    assert api.get(f"/lots/{request['lot_id']}")["lot_id"] == request["lot_id"]
    assert api.get(f"/financing-requests/{wanted}/quotes")["data"] == []
    with pytest.raises(ApiProblem) as refused:
        world["Second Supplier"].api.get(f"/financing-requests/{wanted}/quotes")
    assert refused.value.status == 404


@pytest.mark.parametrize("reader", [AUDITOR, None])
def test_every_object_to_read__for_auditors_and_operator__is_there(
    world: World, theirs: Mapping[str, str], reader: str | None
) -> None:
    key = world.operator_key if reader is None else world[reader].wallet.api_key
    found = (
        (route, str(reader), ask(world, route, theirs, key))
        for route in routes(world)
        if route.method == "GET" and route.parameters and route.name not in OWN_ALONE
    )

    bad = failures(found, 200)
    assert not bad, "\n".join(bad)
