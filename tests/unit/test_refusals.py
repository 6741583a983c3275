"""The catalogue of broken rules, and how each is answered over HTTP."""

import json
import re
import string
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

from api import errors as api_errors
from api.errors import STATUS, as_markdown, install, language_of, problem
from chainfin.codec.errors import FieldInvalid
from chainfin.domain import errors, refusals, service_errors
from chainfin.domain.refusals import (
    CheckerRequired,
    IssueRefused,
    KeyNotValid,
    LotEncumbered,
    OrderAlreadyUsed,
)
from chainfin.domain.service_errors import (
    IdempotencyKeyInProgress,
    NodeRefused,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
)

ROOT = Path(__file__).parents[2]
EVERY_RULE = sorted((refusals.catalogue() | service_errors.catalogue()).items())
NEW_RULES = [(name, rule) for name, rule in EVERY_RULE if rule.__module__ != errors.__name__]
CHINESE = re.compile("[\u4e00-\u9fff]")
UNITS = re.compile("_(minor|at)$")
RENAMED = {
    # What a class of `errors` calls it since before there was a contract.
    "AmountTooLarge": {"amount": "amount", "limit": "limit"},
    "CurrencyMismatch": {"currency": "found", "expected": "expected"},
    "MaturityInThePast": {"blockTime": "now_at"},
    "TenorTooLong": {"maturityAt": "tenor_days", "latest": "limit_days"},
    "TenorReasonRequired": {"maximumTenorDays": "tenor_days", "usualDays": "limit_days"},
    # The contracts' clock is called now everywhere.
    "OrderExpired": {"blockTime": "now_at"},
}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def snake(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def solidity_errors() -> dict[str, list[str]]:
    folder = ROOT / "chainfin" / "chain" / "artifacts"
    entries = [
        entry for path in folder.glob("*.json") for entry in json.loads(path.read_text())["abi"]
    ]
    return {
        entry["name"]: [argument["name"] for argument in entry["inputs"]]
        for entry in entries
        if entry["type"] == "error" and entry["name"] in refusals.catalogue()
    }


# --- the catalogue


def test_catalogues__together__name_every_rule_once():
    parts = [errors.catalogue(), service_errors.catalogue()]

    assert set(errors.catalogue()) < set(refusals.catalogue())
    assert not set(refusals.catalogue()) & set(service_errors.catalogue())
    assert all(rule.__name__ == name for part in parts for name, rule in part.items())


@pytest.mark.parametrize(("name", "rule"), NEW_RULES)
def test_texts__every_rule__say_every_value_in_both_languages(name: str, rule):
    refusal = rule(*(f"<{field}>" for field in rule.field_names))

    for language in ("en", "zh"):
        message, remedy = refusal.message(language), refusal.remedy(language)
        assert all(f"<{field}>" in message + remedy for field in rule.field_names)
        assert message.endswith({"en": ".", "zh": "。"}[language])
        assert remedy.endswith({"en": ".", "zh": "。"}[language])
        assert bool(CHINESE.search(message)) == bool(CHINESE.search(remedy)) == (language == "zh")
    assert placeholders("".join(rule.en)) == placeholders("".join(rule.zh)), name
    assert rule.rule.endswith(".")
    assert "|" not in rule.rule + rule.remedy_en, "it would break the table of docs/problems.md"


@pytest.mark.parametrize(("name", "arguments"), sorted(solidity_errors().items()))
def test_fields__every_contract_error__are_its_arguments_with_units(name: str, arguments):
    fields = refusals.catalogue()[name].field_names
    renamed = RENAMED.get(name, {})

    expected = [renamed.get(argument, snake(argument)) for argument in arguments]

    assert len(fields) == len(arguments)
    if name == "CurrencyMismatch":
        expected.reverse()
    for field, argument in zip(fields, expected, strict=True):
        assert argument in {field, UNITS.sub("", field)}


def test_sentence__with_values__reads_naturally():
    assert str(LotEncumbered("17-3", "locked_transfer")).startswith(
        "The encumbrance of lot 17-3 is locked_transfer. "
    )
    assert IssueRefused("DocumentAlreadyUsed").message() == "Row refused: DocumentAlreadyUsed."
    assert "1970-01-01 00:00:01 UTC" in KeyNotValid("0xkey", 1, 2).message("zh")
    assert "500" in CheckerRequired(3, 900, 500).message()


def test_code__of_a_node_s_refusal__is_the_rule_s_and_not_the_node_s():
    refusal = NodeRefused(-32000, "nonce too low")

    assert refusal.code == "node-refused"
    assert refusal.fields == {"rpc_code": -32000, "reason": "nonce too low"}


# --- statuses


def test_status__every_rule__stands_under_exactly_one():
    groups = [rule for rules in api_errors._BY_STATUS.values() for rule in rules]  # noqa: SLF001

    assert len(groups) == len(set(groups))
    assert {rule.__name__ for rule in groups} == {name for name, _ in EVERY_RULE}


def test_documentation__is_what_the_code_says():
    written = (ROOT / "docs" / "problems.md").read_text("utf-8")

    assert written == as_markdown(), "run: python -m api.errors > docs/problems.md"


# --- problem details


def test_problem__has_the_rule_the_values_and_the_way_out():
    assert problem(LotEncumbered("17-3", "pledged"), "r1") == {
        "type": "/problems/lot-encumbered",
        "title": LotEncumbered.rule,
        "status": 409,
        "detail": "The encumbrance of lot 17-3 is pledged. End the transfer, financing request "
        "or pledge that holds it, or let it lapse.",
        "remedy": "End the transfer, financing request or pledge that holds it, or let it lapse.",
        "code": "lot-encumbered",
        "fields": {"lot_id": "17-3", "encumbrance": "pledged"},
        "request_id": "r1",
        "retryable": False,
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_problem__every_rule__is_json(language):
    for _, rule in EVERY_RULE:
        refusal = rule(*(2**256 - 1 for _ in rule.field_names))

        document = json.loads(json.dumps(problem(refusal, "r1", language)))

        assert document["status"] == STATUS[rule] >= HTTPStatus.BAD_REQUEST
        assert set(document["fields"]) == set(rule.field_names)


def test_problem__numbers_beyond_63_bits__are_text():
    fields = problem(OrderAlreadyUsed("0xkey", 2**63), "r1")["fields"]

    assert fields == {"key": "0xkey", "nonce": str(2**63)}
    assert problem(OrderAlreadyUsed("0xkey", 2**63 - 1), "r1")["fields"]["nonce"] == 2**63 - 1


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (NodeUnavailable("timeout"), True),
        (IdempotencyKeyInProgress("k1"), True),
        (LotEncumbered("17-3", "pledged"), False),
    ],
)
def test_problem__retryable__where_waiting_helps(refusal, expected: bool):
    assert problem(refusal, "r1")["retryable"] is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.9", "en"),
        ("en;q=0.1, zh-Hans;q=0.2", "zh"),
        ("fr, *;q=0.5", "en"),
        ("zh;q=much", "en"),
        ("zh;q=0", "en"),
    ],
)
def test_language_of__header__gives_the_better_liked(header: str, expected: str):
    assert language_of(header) == expected


# --- over HTTP


class Body(BaseModel):
    amount_minor: int


def application() -> FastAPI:
    app = FastAPI()
    install(app)

    @app.get("/lots/{lot_id}")
    def lot(lot_id: str) -> None:
        raise NotFound("lot", lot_id)

    @app.get("/me")
    def me() -> None:
        raise NotAuthenticated

    @app.get("/bytes")
    def wrong_bytes() -> None:
        raise FieldInvalid("is no bytes32", "parts[1].hash")

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError("the password is swordfish")

    @app.post("/payments")
    def pay(body: Body, limit: int = 0) -> int:
        return body.amount_minor + limit

    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(application(), raise_server_exceptions=False)


def test_answer__broken_rule__is_a_problem_in_the_asked_language(client: TestClient):
    answer = client.get("/lots/17-3", headers={"Accept-Language": "zh-CN"})

    document = answer.json()
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "zh"
    assert document["detail"] == NotFound("lot", "17-3").detail("zh")
    assert document["request_id"] == answer.headers["x-request-id"]


def test_answer__no_credential__says_how_to_authenticate(client: TestClient):
    answer = client.get("/me")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_answer__malformed_body__points_at_each_value(client: TestClient):
    answer = client.post("/payments?limit=x", json={"amount_minor": "much"})

    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert (answer.status_code, answer.json()["code"]) == (422, "request-malformed")
    assert pointers == {"/body/amount_minor", "/query/limit"}
    assert "much" not in answer.text


def test_answer__malformed_bytes__says_where(client: TestClient):
    answer = client.get("/bytes")

    assert answer.status_code == 422
    assert "parts[1].hash: is no bytes32" in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/x", 404), ("put", "/me", 405)])
def test_answer__no_such_path_or_method__is_a_problem_too(
    client: TestClient, method: str, path: str, status: int
):
    answer = client.request(method, path)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_answer__unexpected_fault__is_logged_and_tells_nothing(client: TestClient, caplog):
    answer = client.get("/fault")

    assert (answer.status_code, answer.json()["code"]) == (500, "service-fault")
    assert "swordfish" not in answer.text
    assert answer.json()["request_id"] in caplog.text
    assert "swordfish" in caplog.text
