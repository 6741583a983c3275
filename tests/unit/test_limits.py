"""What every request meets first: its number, its size, how often it may come."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from api import errors
from api.limits import SMALL_BODY_BYTES, UNKNOWN_BODY_BYTES, Gate, Limits
from chainfin.domain.service_errors import NotAuthenticated

KEY = {"authorization": "Bearer scf_0123456789abcdef_secret"}
LARGEST = 3_000_000


def client_of(*, requests: int = 0, unknown: int = 0) -> TestClient:
    app = FastAPI()
    errors.install(app)
    app.add_middleware(Gate, limits=Limits(requests, unknown, LARGEST))

    @app.post("/v1/documents")
    @app.post("/v1/orders/draft")
    @app.post("/v1/webhook-endpoints")
    async def read(request: Request) -> JSONResponse:
        return JSONResponse({"bytes": len(await request.body())})

    @app.get("/v1/fault")
    @app.get("/v1/health/live")
    def fault(request: Request) -> str:
        if request.url.path == "/v1/fault":
            raise RuntimeError("nobody foresaw this")
        return "ok"

    @app.get("/v1/refused")
    def refuse() -> None:
        raise NotAuthenticated

    return TestClient(app, raise_server_exceptions=False)


# --- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/health/live", "/v1/fault", "/v1/refused", "/nowhere"])
def test_answer__of_any_kind__has_the_number_that_was_given(path: str) -> None:
    answer = client_of().get(path, headers={"x-request-id": "bank-7.2026_A"})

    assert answer.headers["x-request-id"] == "bank-7.2026_A"
    if path != "/v1/health/live":
        assert answer.json()["request_id"] == "bank-7.2026_A"


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "a\tb", "<script>", "\u5341"])
def test_number__that_could_spoil_a_log__is_replaced(given: str) -> None:
    headers = {"x-request-id": given.encode()} if given else {}
    answer = client_of().get("/v1/refused", headers=headers)

    number = answer.headers["x-request-id"]
    assert number != given
    assert len(number) == 32
    assert answer.json()["request_id"] == number


# --- sizes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headers", "limit"),
    [
        ("/v1/documents", KEY, LARGEST),
        ("/v1/orders/draft", KEY, LARGEST),
        ("/v1/webhook-endpoints", KEY, SMALL_BODY_BYTES),
        ("/v1/documents", {}, UNKNOWN_BODY_BYTES),
    ],
)
def test_body__beyond_its_limit__is_refused_and_not_read(
    path: str, headers: dict[str, str], limit: int
) -> None:
    client = client_of()
    fits = client.post(path, content=b"\0" * limit, headers=headers)
    said = client.post(path, content=b"\0" * (limit + 1), headers=headers)
    taken = []

    def endless() -> Iterator[bytes]:
        while len(taken) < 100:
            taken.append(65_536)
            yield b"\0" * 65_536

    unsaid = client.post(path, content=endless(), headers=headers)

    assert fits.json() == {"bytes": limit}
    for answer in (said, unsaid):
        assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["fields"] == {"limit": limit}


# --- how often -------------------------------------------------------------------------------


def test_credential__that_asks_too_often__waits_and_others_do_not() -> None:
    client = client_of(requests=3)
    answers = [client.post("/v1/documents", headers=KEY) for _ in range(4)]
    other = client.post("/v1/documents", headers={"authorization": "Bearer another"})

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert refused.json()["code"] == "too-many-requests"
    assert refused.json()["request_id"] == refused.headers["x-request-id"]
    assert other.status_code == 200


def test_address__without_a_credential__is_counted_and_health_is_not() -> None:
    client = client_of(unknown=2)
    answers = [client.post("/v1/documents").status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert {client.get("/v1/health/live").status_code for _ in range(5)} == {200}


def test_address__that_guesses_credentials__is_stopped_whatever_it_shows() -> None:
    client = client_of(requests=1_000, unknown=3)
    answers = [
        client.get("/v1/refused", headers={"authorization": f"Bearer guess-{number}"}).status_code
        for number in range(5)
    ]

    assert answers == [401, 401, 401, 429, 429]
