"""Bank accounts, statements and what their lines are, over HTTP: the stranger first."""

import base64
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.client.api import ApiProblem
from chainfin.domain.calendar import next_working_day
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import payment_reference
from chainfin.interchange.calendars import working_days
from tests.world import (
    ANCHOR,
    BANK_NAME,
    CURRENCY,
    FUNDER,
    STRANGER,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
)

OWN = "GB33BUKB20201555555555"
PAYER = "GB94BARC10201530093459"


def refused(call: Any, *arguments: Any, **fields: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call(*arguments, **fields)
    return caught.value


def file_of(content: bytes) -> dict[str, str]:
    return {"file": base64.b64encode(content).decode()}


def name_account(world: World, name: str, account: str, **more: Any) -> dict[str, Any]:
    body = {"account": account, "currency": CURRENCY, "holder_name": name}
    return world[name].api.post("/bank-accounts", body | more)


def statement(*entries: SampleEntry, account: str = OWN, number: str = "SAMPLE-1") -> bytes:
    content = sample_statement(entries, account=account)
    return content.replace(b"SAMPLE-1", number.encode())


def credit(amount_minor: int, reference: str, bank_reference: str, **more: Any) -> SampleEntry:
    money = Money(amount_minor, CURRENCY)
    return SampleEntry(money, reference, date(2026, 11, 20), bank_reference, **more)


@pytest.fixture(scope="module")
def accounts(world: World) -> None:
    """Supplier and anchor have named their accounts."""
    name_account(world, SUPPLIER, "GB33 BUKB 2020 1555 5555 55", bic="BUKBGB22")
    name_account(world, ANCHOR, PAYER)


# --- strangers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/bank-accounts"),
        ("GET", "/v1/statements"),
        ("GET", "/v1/statements/1"),
        ("GET", "/v1/reconciliation"),
        ("GET", "/v1/reconciliation/exceptions"),
        ("POST", "/v1/reconciliation/matches"),
        ("GET", "/v1/receivables/1/payment-file?account=1"),
    ],
)
def test_request__without_a_credential__is_not_answered(
    world: World, method: str, path: str
) -> None:
    answer = world.client.request(method, path, json={} if method == "POST" else None)

    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


def test_statement__of_another_organisation__does_not_exist(world: World, accounts: None) -> None:
    imported = world[SUPPLIER].api.post(
        "/statements", file_of(statement(credit(1, "", "B-0"), number="STRANGER"))
    )
    number = imported["data"][0]["number"]

    (line,) = world[SUPPLIER].api.get(f"/statements/{number}")["lines"]
    path = f"/statement-lines/{line['line_hash']}"

    assert world[SUPPLIER].api.get(path)["is_attestable"]
    assert refused(world[STRANGER].api.get, path).status == 404
    assert refused(world[STRANGER].api.get, f"/statements/{number}").status == 404
    assert world[STRANGER].api.get("/statements")["data"] == []
    assert world[STRANGER].api.get("/reconciliation")["lines"] == {}


def test_payment_file__for_anybody_but_the_anchor__does_not_exist(
    world: World, accounts: None, receivable_id: int
) -> None:
    for name in (STRANGER, SUPPLIER):
        problem = refused(
            world[name].api.download, f"/receivables/{receivable_id}/payment-file", account=OWN
        )
        assert problem.status == 404


def test_account__of_another_owner__only_by_a_settlement_bank(world: World) -> None:
    owner = world[SUPPLIER].number

    problem = refused(name_account, world, STRANGER, "DE89370400440532013000", owner=owner)

    assert problem.code == "right-required"
    assert name_account(world, BANK_NAME, "DE89370400440532013000", owner=owner)["owner"] == owner


def test_account__named_again__corrects_its_holder_and_bank(world: World) -> None:
    account = "NL91ABNA0417164300"
    name_account(world, STRANGER, account)

    corrected = name_account(world, STRANGER, "NL91 ABNA 0417 1643 00", bic="ABNANL2A")

    assert (corrected["account"], corrected["bic"]) == (account, "ABNANL2A")
    (only,) = world[STRANGER].api.get("/bank-accounts")["data"]
    assert only == corrected


def test_operator__has_no_account(world: World) -> None:
    body = {"account": OWN, "currency": CURRENCY, "holder_name": "Operator"}

    assert refused(world.operator.post, "/bank-accounts", body).code == "right-required"


# --- import ----------------------------------------------------------------------------------


def test_import__the_same_statement_twice__changes_nothing(world: World, accounts: None) -> None:
    content = statement(credit(5_00, "", "B-10"), credit(6_00, "", "B-11"), number="TWICE")
    api = world[SUPPLIER].api

    first, second = (api.post("/statements", file_of(content))["data"][0] for _ in range(2))

    assert (first["is_new"], first["new_lines"]) == (True, 2)
    assert (second["is_new"], second["new_lines"]) == (False, 0)
    assert second["number"] == first["number"]
    lines = api.get(f"/statements/{first['number']}")["lines"]
    assert [line["amount"]["amount_minor"] for line in lines] == [5_00, 6_00]


def test_import__notification_before_the_statement__each_booking_once(
    world: World, accounts: None
) -> None:
    content = statement(credit(7_00, "", "B-20"), number="LATER")
    notification = (
        content.replace(b"camt.053", b"camt.054")
        .replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn")
        .replace(b"Stmt>", b"Ntfctn>")
        .replace(b"<Cd>BOOK</Cd>", b"<Cd>PDNG</Cd>")
    )
    api = world[SUPPLIER].api

    announced = api.post("/statements", file_of(notification))["data"][0]
    booked = api.post("/statements", file_of(content))["data"][0]

    assert (announced["new_lines"], booked["new_lines"]) == (1, 0)
    (line,) = api.get(f"/statements/{announced['number']}")["lines"]
    assert line["status"] == "booked"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (statement(credit(1, "", "B"), account=PAYER), "account-not-yours"),
        (statement(credit(1, "", "B")).replace(b"CNY", b"USD"), "account-not-yours"),
        (statement(credit(1, "", "B")).replace(b">0.01<", b">0.001<"), "statement-malformed"),
        (b"<!DOCTYPE a><a/>", "xml-declares-types"),
        (b"no xml", "xml-malformed"),
        (b"x" * 10_000_001, "file-too-large"),
    ],
    ids=["another account", "another currency", "amount", "types", "text", "size"],
)
def test_import__of_something_wrong__names_the_rule_and_keeps_nothing(
    world: World, accounts: None, content: bytes, code: str
) -> None:
    api = world[SUPPLIER].api
    before = list(api.pages("/statements"))

    problem = refused(api.post, "/statements", file_of(content))

    assert (problem.status, problem.code) == (422, code)
    assert list(api.pages("/statements")) == before


def test_import__second_statement_of_a_file_wrong__keeps_neither(
    world: World, accounts: None
) -> None:
    good = statement(credit(1, "", "B-30"), number="GOOD").decode()
    start, end = good.index("<Stmt>"), good.index("</BkToCstmrStmt>")
    foreign = good[start:end].replace(OWN, PAYER).replace("GOOD", "FOREIGN")

    problem = refused(
        world[SUPPLIER].api.post,
        "/statements",
        file_of((good[:end] + foreign + good[end:]).encode()),
    )

    assert problem.code == "account-not-yours"
    known = world[SUPPLIER].api.pages("/statements")
    assert "GOOD" not in [entry["statement_id"] for entry in known]


def test_import__a_number_with_other_lines__is_refused(world: World, accounts: None) -> None:
    api = world[SUPPLIER].api
    api.post("/statements", file_of(statement(credit(1, "", "B-40"), number="CHANGED")))

    problem = refused(
        api.post, "/statements", file_of(statement(credit(2, "", "B-40"), number="CHANGED"))
    )

    assert (problem.status, problem.code) == (409, "statement-changed")


# --- matching --------------------------------------------------------------------------------


def test_match__paid_lot_and_a_strange_line__one_exact_one_for_a_person(
    world: World, accounts: None, receivable_id: int
) -> None:
    api = world[SUPPLIER].api
    reference = payment_reference(LotId(receivable_id, 1))
    paid, strange = credit(1_000_00, reference, "B-50"), credit(3, "", "B-51", payer_account=OWN)
    number = api.post("/statements", file_of(statement(paid, strange, number="MATCH")))["data"][0][
        "number"
    ]

    found = api.post("/reconciliation/matches", {})
    again = api.post("/reconciliation/matches", {})

    lines = api.get(f"/statements/{number}")["lines"]
    assert found["exact"] == 1
    assert again["exact"] == 0
    assert (lines[0]["level"], lines[0]["expected"]) == ("exact", [f"credit:{receivable_id}-1"])
    assert lines[1]["exception"] == "nothing_expected"
    open_lots = [entry["lot_id"] for entry in api.get("/reconciliation")["open"]]
    assert f"{receivable_id}-1" not in open_lots


def test_exception__resolved_by_a_person__leaves_the_list_for_ever(
    world: World, accounts: None
) -> None:
    api = world[SUPPLIER].api
    api.post("/statements", file_of(statement(credit(99, "", "B-60"), number="RESOLVE")))
    api.post("/reconciliation/matches", {})
    line = list(api.pages("/reconciliation/exceptions"))[-1]
    path = f"/reconciliation/exceptions/{line['line_hash']}/resolution"

    stranger = refused(world[STRANGER].api.post, path, {"resolution": "mine"})
    empty = refused(api.post, path, {"resolution": "  "})
    resolved = api.post(path, {"resolution": "interest of the bank"})
    api.post("/reconciliation/matches", {})

    assert (stranger.status, empty.code) == (404, "field-malformed")
    assert resolved["resolution"] == "interest of the bank"
    left = [entry["line_hash"] for entry in api.pages("/reconciliation/exceptions")]
    assert line["line_hash"] not in left


# --- payments --------------------------------------------------------------------------------


def test_payment_file__of_a_receivable__pays_its_holder_under_the_lots_reference(
    world: World, accounts: None, receivable_id: int
) -> None:
    path = f"/receivables/{receivable_id}/payment-file"
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]

    content = world[ANCHOR].api.download(path, account=PAYER).decode()

    assert payment_reference(LotId(receivable_id, 1)) in content
    assert f'<InstdAmt Ccy="{CURRENCY}">1000.00</InstdAmt>' in content
    assert OWN in content
    due = datetime.fromtimestamp(due_at, UTC).date()
    assert next_working_day(due, working_days("CN")).isoformat() in content


def test_payment_file__from_an_account_not_named__is_refused(
    world: World, accounts: None, receivable_id: int
) -> None:
    path = f"/receivables/{receivable_id}/payment-file"

    assert refused(world[ANCHOR].api.download, path, account="NL91ABNA0417164300").status == 404


def test_payment__of_a_lot_with_a_holdback__is_neither_filed_nor_expected(
    world: World, accounts: None, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    world.order(SUPPLIER, "request_financing", lot_id=lot)
    request = world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"]
    terms = {"request_id": request, "discount_rate_bps": 360, "holdback_minor": 200_00}
    expected = world[ANCHOR].api.get("/reconciliation")["open"]
    assert lot in [entry["lot_id"] for entry in expected]

    world.order(SUPPLIER, "award_quote", quote_hash=world.quote(FUNDER, **terms))

    path = f"/receivables/{receivable_id}/payment-file"
    refusal = refused(world[ANCHOR].api.download, path, account=PAYER)
    assert refusal.code == "payment-shared"
    expected = world[ANCHOR].api.get("/reconciliation")["open"]
    assert lot not in [entry["lot_id"] for entry in expected]


def test_payment_file__to_a_holder_without_account__names_the_holder(
    world: World, accounts: None, receivable_id: int
) -> None:
    receiver = world[SUB_SUPPLIER].number
    world.order(SUPPLIER, "propose_transfer", lot_id=f"{receivable_id}-1", to=receiver)
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{receivable_id}-1")

    problem = refused(
        world[ANCHOR].api.download, f"/receivables/{receivable_id}/payment-file", account=PAYER
    )

    assert (problem.code, problem.problem["fields"]["organisation"]) == (
        "account-missing",
        receiver,
    )
