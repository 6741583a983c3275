"""The OpenAPI document: what FastAPI derives, and what every operation has besides.

Each operation lists the problems it can answer with, by status and code, says which credential it
wants, and has an example of what it takes and gives: `examples.json`, recorded from the tests'
story. `python -m scripts.describe_api > docs/openapi.json` writes the document; a test
compares the two.
"""

import json
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import MEDIA_TYPE, STATUS
from chainfin import __version__

EXAMPLES = Path(__file__).parent / "examples.json"
OPEN = frozenset(
    {
        "GET /v1/about",
        "GET /v1/about/indexing",
        "GET /v1/health/live",
        "GET /v1/health/ready",
        "POST /v1/sign-in",
        "POST /v1/sign-in/nonce",
    }
)
"""What needs no credential."""

TAGS = {
    "about": "What this service is, whether it is well, how far it has read the chain.",
    "participants": "Organisations, their keys and limits.",
    "credentials": "API keys and people of the caller's organisation.",
    "council": "Decisions of the consortium.",
    "documents": "Trade documents: private data whose commitment is on chain.",
    "registry": "What other platforms ask: financed, yes or no.",
    "receivables": "Receivables and programmes: read, and drafts of their acts.",
    "lots": "Lots: read, split, pass on; lineage and trail.",
    "evidence": "Files that prove a history offline.",
    "financing": "Financing requests, sealed quotes, awards; deposits.",
    "credit-lines": "How much funders finance of an anchor.",
    "freezes": "What courts and authorities keep lots for: freezes, holds.",
    "pledges": "Lots as security for debts; claims by rank.",
    "attestations": "Payments outside the chain, by the word of payees and their banks.",
    "orders": "Signed orders: the only door through which an act is recorded.",
    "events": "Every business event in order.",
    "exports": "Tables as files.",
    "webhooks": "Events sent to an address of one's own.",
    "statements": "Bank accounts, statements, reconciliation, payment files.",
    "notices": "Documents about receivables, as JSON or signed PDF.",
    "reports": "Reports over what the caller may see.",
}

_EVERYWHERE = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR)
_ASKED = (HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.UNPROCESSABLE_ENTITY)
_WITH_CREDENTIAL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WRITTEN = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
_METHODS = ("get", "post", "delete", "put", "patch")


def install(app: FastAPI) -> None:
    """Have an application describe itself so."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of an application."""
    document = get_openapi(
        title=app.title,
        version=__version__,
        summary=app.summary,
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SECURITY
    components["responses"] = {_name(status): _problem(status) for status in _statuses()}
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = _PROBLEM
    document["security"] = [{"apiKey": []}]
    for path, method, operation in operations(document):
        _complete(path, method, operation)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation."""
    for path, found in document["paths"].items():
        for method in _METHODS:
            if method in found:
                yield path, method, found[method]


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """What an operation can be refused with, what opens it, where it leads, and examples."""
    if f"{method.upper()} {path}" in OPEN:
        operation["security"] = []
    answers = operation["responses"]
    recorded = _examples().get(f"{method.upper()} {path}", {})
    for status, answer in answers.items():
        answer.setdefault("headers", {})["X-Request-Id"] = _REQUEST_ID
        _add_example(answer, recorded, status)
        if status.startswith("2") and (links := _links(path)):
            answer["links"] = links
    for status in sorted(_refusals(path, method)):
        answers[str(status.value)] = {"$ref": f"#/components/responses/{_name(status)}"}
    if "request" in recorded:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = recorded["request"]


def _refusals(path: str, method: str) -> set[HTTPStatus]:
    """The statuses an operation can be refused with."""
    statuses = {*_EVERYWHERE, *_ASKED}
    if f"{method.upper()} {path}" not in OPEN or path == "/v1/sign-in":
        statuses |= {*_WITH_CREDENTIAL}
    if method != "get":
        statuses |= {*_WRITTEN}
    if path.startswith("/v1/documents/{"):
        statuses |= {HTTPStatus.GONE}
    if path.endswith(("/file", "/evidence")):
        statuses |= {HTTPStatus.CONFLICT}
    return statuses


def _links(path: str) -> dict[str, Any]:
    """Where an answer leads: the operations on what it made or found."""
    member, place, followed = _LEADS.get(path, ("", "", ()))
    return {
        name.rpartition("/")[2].strip("{}"): {
            "operationRef": f"#/paths/{name.replace('~', '~0').replace('/', '~1')}/{verb}",
            "parameters": {member: f"$response.body#{place}"},
        }
        for verb, name in followed
    }


_EXPORT = "/v1/exports/{export_id}"
_ENDPOINT = "/v1/webhook-endpoints/{endpoint_id}"
_LEADS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "/v1/exports": (
        "export_id",
        "/export_id",
        (("get", _EXPORT), ("get", f"{_EXPORT}/file")),
    ),
    "/v1/webhook-endpoints": (
        "endpoint_id",
        "/endpoint_id",
        (
            ("get", _ENDPOINT),
            ("get", f"{_ENDPOINT}/deliveries"),
            ("post", f"{_ENDPOINT}/test"),
            ("post", f"{_ENDPOINT}/secret"),
            ("post", f"{_ENDPOINT}/activation"),
            ("delete", _ENDPOINT),
        ),
    ),
    "/v1/receivables": (
        "receivable_id",
        "/data/0/receivable_id",
        (
            ("get", "/v1/receivables/{receivable_id}"),
            ("get", "/v1/receivables/{receivable_id}/lineage"),
            ("get", "/v1/receivables/{receivable_id}/reconciliation"),
            ("get", "/v1/receivables/{receivable_id}/notices"),
            ("post", "/v1/receivables/{receivable_id}/cancellation"),
            ("post", "/v1/receivables/{receivable_id}/settlement"),
        ),
    ),
    "/v1/lots": (
        "lot_id",
        "/data/0/lot_id",
        (
            ("get", "/v1/lots/{lot_id}"),
            ("get", "/v1/lots/{lot_id}/lineage"),
            ("get", "/v1/lots/{lot_id}/audit"),
            ("post", "/v1/lots/{lot_id}/split"),
            ("post", "/v1/lots/{lot_id}/transfers"),
            ("post", "/v1/lots/{lot_id}/financing-requests"),
        ),
    ),
    "/v1/orders": (
        "order_hash",
        "/data/0/order_hash",
        (("get", "/v1/orders/{order_hash}"),),
    ),
    "/v1/documents": (
        "fingerprint",
        "/data/0/fingerprint",
        (
            ("get", "/v1/documents/{fingerprint}"),
            ("post", "/v1/documents/{fingerprint}/dispute"),
            ("delete", "/v1/documents/{fingerprint}/dispute"),
        ),
    ),
}
"""By path: the parameter, where its value stands in the answer, and what it opens."""


def _add_example(answer: dict[str, Any], recorded: dict[str, Any], status: str) -> None:
    content = answer.get("content", {}).get("application/json")
    if content is not None and str(recorded.get("status")) == status and "answer" in recorded:
        content["example"] = recorded["answer"]


@cache
def _examples() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXAMPLES.read_text("utf-8"))
    return found


def _statuses() -> list[HTTPStatus]:
    return sorted({*STATUS.values(), HTTPStatus.METHOD_NOT_ALLOWED})


def _name(status: HTTPStatus) -> str:
    return "Problem" + str(status.value)


def _problem(status: HTTPStatus) -> dict[str, Any]:
    """A status as problem details, with every code that has it."""
    codes = sorted(rule.code for rule, found in STATUS.items() if found is status)
    headers: dict[str, Any] = {"X-Request-Id": _REQUEST_ID}
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = {
            "description": "Seconds after which to ask again.",
            "schema": {"type": "integer"},
        }
    first = codes[0] if codes else status.phrase.lower().replace(" ", "-")
    example = _EXAMPLE | {"status": status.value, "code": first, "type": f"/problems/{first}"}
    return {
        "description": f"{status.phrase}: {', '.join(codes) or 'a method the path does not have'}",
        "headers": headers,
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        },
    }


_DESCRIPTION = """\
Supply-chain finance on a permissioned chain. Amounts are `{amount_minor, currency}` in minor units,
rates basis points, instants UTC seconds. URLs of acts answer a draft to sign; `POST /v1/orders`
records one. A POST that records something wants an `Idempotency-Key`. Lists go on with
`next_cursor`. Problems are RFC 9457 documents in English or Chinese (`Accept-Language`); every code
is explained in docs/problems.md.
"""

_SECURITY = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An organisation's API key, `scf_<id>_<secret>`.",
    }
}

_REQUEST_ID = {
    "description": "The request's number: the caller's own X-Request-Id, or a new one.",
    "schema": {"type": "string"},
}

_EXAMPLE: dict[str, Any] = {
    "type": "/problems/not-found",
    "title": "What is asked for exists, and the asker may know of it.",
    "status": 404,
    "detail": "There is no receivable 17 that you may see. Check the number.",
    "code": "not-found",
    "request_id": "0b7c3f1e6a9d4c2f8e5b7a1d3c9f0e42",
    "retryable": False,
}

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "A broken rule, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id", "retryable"],
    "properties": {
        "type": {"type": "string", "description": "`/problems/<code>`."},
        "title": {"type": "string", "description": "The rule."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in the reader's language."},
        "remedy": {"type": "string", "description": "What to do about it."},
        "code": {"type": "string", "description": "The rule's name."},
        "fields": {"type": "object", "description": "The values the rule speaks of."},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean", "description": "The same request may succeed later."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "order": {"type": "object", "description": "The order, where its refusal was recorded."},
    },
}
