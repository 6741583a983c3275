"""The console's pages about money: the stranger first, then both languages and the forms."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.dependencies import CONSOLE_COOKIE
from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.domain.money import Money
from tests.world import ANCHOR, CURRENCY, FUNDER, STRANGER, World

HOST = "http://127.0.0.1:8000"
ACCOUNT = "DE89370400440532013000"


def visitor(world: World, name: str | None = None, **options: Any) -> TestClient:
    cookies = {} if name is None else {CONSOLE_COOKIE: world[name].wallet.api_key}
    machine = ("127.0.0.1" if name is None and not options else "203.0.113.7", 50_000)
    return TestClient(
        world.app, base_url=HOST, client=machine, cookies=cookies, follow_redirects=False
    )


def statement(number: str, bank_reference: str) -> bytes:
    entry = SampleEntry(Money(42_00, CURRENCY), "", date(2026, 11, 20), bank_reference)
    return sample_statement([entry], account=ACCOUNT).replace(b"SAMPLE-1", number.encode())


@pytest.fixture(scope="module")
def funder(world: World) -> TestClient:
    """The funder in a browser, with an account named."""
    body = {"account": ACCOUNT, "currency": CURRENCY, "holder_name": FUNDER}
    world[FUNDER].api.post("/bank-accounts", body)
    return visitor(world, FUNDER)


@pytest.mark.parametrize(
    "path",
    ["/reports", "/reports/exposure.csv", "/statements", "/notices/payment-undertaking-1.pdf"],
)
def test_page__from_elsewhere_without_a_key__is_the_form_to_sign_in(
    world: World, path: str
) -> None:
    answer = visitor(world, None, elsewhere=True).get(path)

    assert answer.status_code == 401
    assert 'name="api_key"' in answer.text


def test_statements__of_another_organisation__are_not_shown(
    world: World, funder: TestClient
) -> None:
    funder.post("/statements", files={"file": statement("FOREIGN", "C-1")})

    assert "FOREIGN" in funder.get("/statements").text
    assert "FOREIGN" not in visitor(world, STRANGER).get("/statements").text


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Exposure by anchor"), ("zh", "核心企业敞口")]
)
def test_reports__in_a_language__with_their_rows(
    world: World, receivable_id: int, language: str, word: str
) -> None:
    page = visitor(world, ANCHOR).get(f"/reports?lang={language}").text

    assert word in page
    assert ANCHOR in page
    assert "/reports/exposure.csv" in page


def test_reports__as_csv__are_a_download(world: World, receivable_id: int) -> None:
    answer = visitor(world, ANCHOR).get("/reports/exposure.csv")

    assert answer.headers["content-disposition"] == 'attachment; filename="exposure.csv"'
    assert ANCHOR in answer.text


def test_receivable__lists_its_documents__and_hands_them_out_signed(
    world: World, receivable_id: int
) -> None:
    browser = visitor(world, ANCHOR)
    path = f"/notices/payment-undertaking-{receivable_id}.pdf"

    assert path in browser.get(f"/receivables/{receivable_id}").text
    answer = browser.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    assert b"/ByteRange" in answer.content
    assert visitor(world, STRANGER).get(path).status_code == 404


def test_statement__of_a_period__is_the_viewers_own_and_signed(world: World) -> None:
    period = "from_date=2026-01-01&to_date=2040-01-01"

    answer = visitor(world, FUNDER).get(f"/statement.pdf?{period}")

    assert answer.headers["content-type"] == "application/pdf"
    assert f"participant-statement-{world[FUNDER].number}" in answer.headers["content-disposition"]
    assert b"/ByteRange" in answer.content
    assert visitor(world, None, elsewhere=True).get(f"/statement.pdf?{period}").status_code == 401


def test_statement__uploaded__is_matched_and_its_strange_line_resolved(
    world: World, funder: TestClient
) -> None:
    answer = funder.post("/statements", files={"file": statement("UPLOAD", "C-2")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/statements")
    (line,) = [
        entry
        for entry in world[FUNDER].api.pages("/reconciliation/exceptions")
        if entry["bank_reference"] == "C-2"
    ]
    path = f"/statements/exceptions/{line['line_hash']}"
    assert path in funder.get("/statements").text

    assert funder.post(path, data={"resolution": "a gift"}).status_code == 303

    assert path not in funder.get("/statements").text


def test_forms__from_another_site__do_nothing(world: World, funder: TestClient) -> None:
    foreign = {"sec-fetch-site": "cross-site"}

    answer = funder.post("/statements", files={"file": statement("FORGED", "C-3")}, headers=foreign)

    assert answer.status_code == 401
    assert "FORGED" not in funder.get("/statements").text


def test_statement__that_is_none__is_refused_with_its_rule(funder: TestClient) -> None:
    answer = funder.post("/statements", files={"file": b"<a/>"})

    assert answer.status_code == 422
    assert "camt.053 or camt.054" in answer.text
