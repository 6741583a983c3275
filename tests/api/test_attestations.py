"""Payments outside the chain over HTTP: the stranger first."""

from typing import Any

import pytest

from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.codec.hashing import to_hex
from chainfin.domain.calendar import utc_day
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import payment_reference
from tests.api.test_money_pages import visitor
from tests.api.test_statements import file_of
from tests.world import ANCHOR, BANK_NAME, CURRENCY, FUNDER, STRANGER, SUPPLIER, World

PAYEE = "Foundry Paid Outside"
ACCOUNT = "FR1420041010050500013M02606"
FACE = 1_000_00


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/attestations"),
        ("GET", "/v1/attestations/proposals"),
        ("GET", "/v1/settlement-banks"),
        ("POST", "/v1/settlement-banks"),
        ("POST", "/v1/lots/1-1/attestations"),
        ("POST", "/v1/lots/1-1/confirmations"),
    ],
)
def test_request__without_a_credential__is_not_answered(
    world: World, method: str, path: str
) -> None:
    assert world.client.request(method, path, json={}).status_code == 401


def refusal(world: World, name: str, act: str, **fields: Any) -> str:
    with pytest.raises(ApiProblem) as problem:
        world.draft(name, act, **fields)
    return str(problem.value.code)


def proposals(world: World, name: str, lot: str) -> list[dict[str, Any]]:
    found = world[name].api.pages("/attestations/proposals", limit=1)
    return [entry for entry in found if entry["lot_id"] == lot]


@pytest.fixture(scope="module")
def banked(world: World) -> int:
    """A supplier has named the bank of the deposit, which imports its account; the bank."""
    world.admit({PAYEE: ["supplier"]})
    bank = world[BANK_NAME].number
    owner = world[PAYEE].number
    world.order(BANK_NAME, "open_deposit_accounts", holders=[owner], currency=CURRENCY)
    world.order(PAYEE, "name_settlement_bank", currency=CURRENCY, bank=bank)
    world.move_clock(world[PAYEE].api.get("/settlement-banks")["data"][0]["next_from"] + 1)
    body = {"account": ACCOUNT, "currency": CURRENCY, "holder_name": PAYEE}
    world[BANK_NAME].api.post("/bank-accounts", body | {"owner": owner})
    world[PAYEE].api.post("/bank-accounts", body)
    return bank


def came_in(world: World, receivable_id: int, amount_minor: int) -> str:
    """A payment on a receivable's only lot, imported and matched by bank and payee; its line."""
    reference = payment_reference(LotId(receivable_id, 1))
    with unit_of_work(world.runtime) as context:
        day = utc_day(context.as_of().block_timestamp)
    entry = SampleEntry(Money(amount_minor, CURRENCY), reference, day, f"B-{receivable_id}")
    content = sample_statement([entry], account=ACCOUNT).replace(
        b"SAMPLE-1", f"PAID-{receivable_id}".encode()
    )
    for name in (BANK_NAME, PAYEE):
        (imported,) = world[name].api.post("/statements", file_of(content))["data"]
        world[name].api.post("/reconciliation/matches", {})
    (line,) = world[PAYEE].api.get(f"/statements/{imported['number']}")["lines"]
    return str(line["line_hash"])


def test_bank__that_is_none_or_oneself__is_not_named(world: World) -> None:
    fields = {"currency": CURRENCY}
    named = refusal(world, SUPPLIER, "name_settlement_bank", bank=world[FUNDER].number, **fields)
    assert named == "kind-required"
    own = world[BANK_NAME].number
    assert refusal(world, BANK_NAME, "name_settlement_bank", bank=own, **fields) == "bank-of-itself"


def test_payment__matched_alone__settles_nothing__until_payee_and_bank_say_so(
    world: World, banked: int
) -> None:
    receivable_id = world.issue("ATTEST-WHOLE", FACE, supplier=PAYEE)
    lot = f"{receivable_id}-1"
    line = came_in(world, receivable_id, FACE)
    named = {"lot_id": lot, "line_hash": line}

    for name in (BANK_NAME, PAYEE):
        (proposed,) = proposals(world, name, lot)
        assert (proposed["line_hash"], proposed["refusal"]) == (line, None)
        assert proposed["needs_confirmation"]
        assert not proposed["is_confirmed"]
        assert lot in [e["lot_id"] for e in world[name].api.get("/reconciliation")["unattested"]]
    assert proposals(world, ANCHOR, lot) == proposals(world, STRANGER, lot) == []
    assert world[PAYEE].api.get(f"/lots/{lot}")["paid_minor"] == 0

    # Who has no such line in a statement of its own learns nothing; nor does the payer attest.
    assert refusal(world, STRANGER, "attest_payment", **named) in {"kind-required", "not-found"}
    assert refusal(world, STRANGER, "confirm_payment", **named) == "not-found"
    assert refusal(world, ANCHOR, "attest_payment", **named) == "kind-required"
    assert refusal(world, ANCHOR, "confirm_payment", **named) == "not-found"

    # The console says whose word is missing; nothing else of the line is anybody else's to see.
    assert "The payee confirms" in visitor(world, BANK_NAME).get("/statements").text
    assert f">{lot}<" not in visitor(world, STRANGER).get("/statements").text

    # The bank keeps the payer's deposit: its word alone is not enough.
    assert refusal(world, BANK_NAME, "attest_payment", **named) == "confirmation-missing"
    world.order(PAYEE, "confirm_payment", **named)
    assert proposals(world, BANK_NAME, lot)[0]["is_confirmed"]
    assert not world[PAYEE].api.get(f"/lots/{lot}")["is_settled"]
    world.order(BANK_NAME, "attest_payment", **named)

    assert world[PAYEE].api.get(f"/lots/{lot}")["is_settled"]
    assert world[ANCHOR].api.get(f"/receivables/{receivable_id}")["status"] == "settled"
    for name in (ANCHOR, PAYEE, BANK_NAME):
        shown = [e for e in world[name].api.pages("/attestations") if e["lot_id"] == lot]
        assert [(e["line_hash"], e["amount"]["amount_minor"]) for e in shown] == [(line, FACE)]
    assert world[STRANGER].api.get("/attestations")["data"] == []
    assert proposals(world, BANK_NAME, lot) == []
    again = world[PAYEE].api.get(f"/receivables/{receivable_id}/reconciliation")
    assert again["matches"], again["differences"]


def test_exception__is_never_attested(world: World, banked: int) -> None:
    receivable_id = world.issue("ATTEST-SHORT", FACE, supplier=PAYEE)
    lot = f"{receivable_id}-1"
    line = came_in(world, receivable_id, FACE - 30_00)

    assert proposals(world, BANK_NAME, lot) == []
    for name, act in ((BANK_NAME, "attest_payment"), (PAYEE, "confirm_payment")):
        assert refusal(world, name, act, lot_id=lot, line_hash=line) == "line-not-attestable"
    nowhere = to_hex(bytes(32))
    assert refusal(world, BANK_NAME, "attest_payment", lot_id=lot, line_hash=nowhere) == "not-found"


def test_urls__draft_the_acts(world: World, banked: int) -> None:
    receivable_id = world.issue("ATTEST-URLS", FACE, supplier=PAYEE)
    line = {"line_hash": came_in(world, receivable_id, FACE)}
    path = f"/lots/{receivable_id}-1"
    drafted = world[PAYEE].api.post(f"{path}/confirmations", line)
    assert drafted["act"] == "confirm_payment"
    world.order(PAYEE, "confirm_payment", lot_id=f"{receivable_id}-1", **line)
    assert world[BANK_NAME].api.post(f"{path}/attestations", line)["act"] == "attest_payment"
    none = {"currency": CURRENCY, "bank": 0}
    assert world[FUNDER].api.post("/settlement-banks", none)["act"] == "name_settlement_bank"
