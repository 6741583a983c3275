"""Financing whose price comes by bank transfer, over HTTP: the stranger first."""

import html
from typing import Any

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.domain.financing import FUNDING_LONG_STOP_SECONDS
from chainfin.domain.receivable import LotId
from chainfin.services.upkeep import plan
from tests.api.test_money_pages import visitor
from tests.transfers import (
    ACCOUNT,
    awaited,
    award_by_transfer,
    name_bank,
    now_at,
    open_account,
    pay_in,
)
from tests.world import ANCHOR, BANK_NAME, CURRENCY, FUNDER, STRANGER, World

PAYEE = "Foundry Sold By Transfer"
FAR_BANK = "Harbour Cooperative Bank"
FACE = 1_000_00


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/financing-requests/1"),
        ("GET", "/v1/fundings/awaited"),
        ("GET", "/v1/fundings/attestations"),
        ("POST", "/v1/financing-requests/1/attestations"),
        ("POST", "/v1/financing-requests/1/confirmations"),
        ("POST", "/v1/financing-requests/1/release"),
        ("POST", "/v1/financing-requests/1/denial"),
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


@pytest.fixture(scope="module")
def banked(world: World) -> World:
    """A supplier banks with a bank that is far from the funder's, and both import its account."""
    world.admit({PAYEE: ["supplier"], FAR_BANK: ["settlement_bank"]})
    owner = world[PAYEE].number
    world.order(BANK_NAME, "open_deposit_accounts", holders=[owner], currency=CURRENCY)
    name_bank(world, PAYEE, FAR_BANK)
    name_bank(world, FUNDER, BANK_NAME)
    open_account(world, PAYEE, FAR_BANK)
    return world


def awarded(world: World, number: str) -> tuple[int, int, int]:
    """A request of the supplier's, awarded to be paid within five days.

    Returns:
        The request, its lot's receivable, the price.
    """
    receivable_id = world.issue(number, FACE, supplier=PAYEE)
    request_id = award_by_transfer(world, f"{receivable_id}-1", name=PAYEE)
    (entry,) = awaited(world, PAYEE, request_id)
    return request_id, receivable_id, int(entry["net_proceeds"]["amount_minor"])


def proposed(world: World, name: str, request_id: int) -> list[dict[str, Any]]:
    found = world[name].api.get("/attestations/proposals")["data"]
    return [entry for entry in found if entry["request_id"] == request_id]


def came_in(world: World, receivable_id: int, amount_minor: int, bank: str = FAR_BANK) -> str:
    return pay_in(world, LotId(receivable_id, 1), amount_minor, PAYEE, bank)


def page(world: World, name: str, path: str) -> str:
    return html.unescape(visitor(world, name).get(path).text)


def shown(world: World, name: str, request_id: int) -> dict[str, Any]:
    return dict(world[name].api.get(f"/financing-requests/{request_id}"))


def hidden(world: World, name: str, request_id: int) -> bool:
    with pytest.raises(ApiProblem) as problem:
        shown(world, name, request_id)
    return problem.value.code == "not-found" and not awaited(world, name, request_id)


def test_price__attested_by_the_far_bank__passes_title(banked: World) -> None:
    world = banked
    request_id, receivable_id, price = awarded(world, "TRANSFER-FAR")
    lot = f"{receivable_id}-1"

    # Locked and the holder's still; its parties see what it waits for, and nobody else does.
    before = world[PAYEE].api.get(f"/lots/{lot}")
    holder = world[PAYEE].number
    assert (before["holder"], before["encumbrance"]) == (holder, "locked_financing")
    for name in (PAYEE, FUNDER, FAR_BANK):
        (entry,) = awaited(world, name, request_id)
        assert entry["net_proceeds"]["amount_minor"] == price
        assert not entry["needs_confirmation"]
        assert (entry["account"] is not None) == (name == FUNDER)
        assert shown(world, name, request_id)["status"] == "awarded"
    assert hidden(world, STRANGER, request_id)
    assert hidden(world, BANK_NAME, request_id)
    assert request_id not in [
        entry["request_id"] for entry in world[FUNDER].api.pages("/financing-requests")
    ]
    assert world[FUNDER].api.get(f"/receivables/{receivable_id}")["status"] == "active"
    assert shown(world, ANCHOR, request_id).get("net_proceeds") is None

    line = came_in(world, receivable_id, price)
    named = {"request_id": request_id, "line_hash": line}
    for name in (PAYEE, FAR_BANK):
        (entry,) = proposed(world, name, request_id)
        assert (entry["line_hash"], entry["refusal"]) == (line, None)
    assert proposed(world, STRANGER, request_id) == []
    assert refusal(world, STRANGER, "attest_funding", **named) in {"kind-required", "not-found"}
    assert refusal(world, STRANGER, "confirm_funding", **named) == "not-found"
    assert refusal(world, BANK_NAME, "attest_funding", **named) == "not-found"
    assert refusal(world, FUNDER, "confirm_funding", **named) == "not-found"

    drafted = world[FAR_BANK].api.post(
        f"/financing-requests/{request_id}/attestations", {"line_hash": line}
    )
    assert drafted["act"] == "attest_funding"
    world.order(FAR_BANK, "attest_funding", **named)

    after = world[FUNDER].api.get(f"/lots/{lot}")
    assert (after["holder"], after["encumbrance"]) == (world[FUNDER].number, "none")
    for name in (PAYEE, FUNDER, FAR_BANK):
        found = shown(world, name, request_id)
        assert (found["status"], found["attestation"]["line_hash"]) == ("funded", line)
        listed = list(world[name].api.pages("/fundings/attestations"))
        assert request_id in [entry["request_id"] for entry in listed]
        assert awaited(world, name, request_id) == []
    assert world[STRANGER].api.get("/fundings/attestations")["data"] == []
    assert world[FUNDER].api.get("/fundings")["data"][-1]["settlement_bank"]
    # The line is used up, and the award is no more: nothing is left to say by it.
    assert proposed(world, FAR_BANK, request_id) == []
    assert refusal(world, FAR_BANK, "attest_funding", **named) == "funding-not-awaited"
    assert refusal(world, FUNDER, "release_funding", request_id=request_id) == "funding-not-awaited"
    found = world[PAYEE].api.get(f"/receivables/{receivable_id}/reconciliation")
    assert found["matches"], found["differences"]


def test_console__tells_each_what_is_next__and_the_trail_what_was(banked: World) -> None:
    world = banked
    request_id, receivable_id, price = awarded(world, "TRANSFER-CONSOLE")
    receivable = f"/receivables/{receivable_id}"

    assert "Attest it once your statement shows it" in page(world, FAR_BANK, "/maturities")
    assert f"Pay to {ACCOUNT}" in page(world, FUNDER, "/maturities")
    assert "Nothing: your bank attests it" in page(world, PAYEE, "/maturities")
    assert "No price is on its way" in page(world, STRANGER, "/maturities")
    assert f"title waits until {FAR_BANK} has attested it" in page(world, PAYEE, receivable)

    line = came_in(world, receivable_id, price)
    for name, is_shown in ((FAR_BANK, True), (PAYEE, True), (STRANGER, False), (FUNDER, False)):
        found = f"price, request {request_id}" in page(world, name, "/statements")
        assert found == is_shown
    world.order(FAR_BANK, "attest_funding", request_id=request_id, line_hash=line)

    history = page(world, PAYEE, receivable)
    assert f"{FAR_BANK} attested that" in history
    assert f"Financing request {request_id} was funded" in history


def test_another_amount__is_never_attested(banked: World) -> None:
    world = banked
    request_id, receivable_id, price = awarded(world, "TRANSFER-SHORT")
    line = came_in(world, receivable_id, price - 10_00)

    assert proposed(world, FAR_BANK, request_id) == []
    named = {"request_id": request_id, "line_hash": line}
    assert refusal(world, FAR_BANK, "attest_funding", **named) == "line-not-attestable"


def test_quote_and_award__that_could_never_be_paid__are_refused_before(banked: World) -> None:
    world = banked
    receivable_id = world.issue("TRANSFER-RULES", FACE, supplier=PAYEE)
    lot = f"{receivable_id}-1"
    due_at = world[PAYEE].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    latest = due_at - FUNDING_LONG_STOP_SECONDS - 1

    def request(**fields: Any) -> dict[str, Any]:
        world.order(PAYEE, "request_financing", lot_id=lot, **fields)
        found = world[PAYEE].api.get("/financing-requests")["data"][-1]["request_id"]
        return {"request_id": found, "discount_rate_bps": 400}

    part = request(part_face_value_minor=FACE // 2)
    assert refusal(world, FUNDER, "submit_quote", **part, pay_by=latest) == "part-by-transfer"
    world.order(PAYEE, "withdraw_financing_request", request_id=part["request_id"])

    whole = request()
    for pay_by in (now_at(world), latest + 1):
        assert refusal(world, FUNDER, "submit_quote", **whole, pay_by=pay_by) == "field-malformed"
    early = refusal(world, ANCHOR, "offer_early_payment", **whole, pay_by=latest)
    assert early == "early-payment-with-terms"
    quote = world.quote(FUNDER, **whole, pay_by=latest)
    assert refusal(world, FUNDER, "fund_quote", quote_hash=quote) == "field-malformed"

    # Who is paid by transfer has named the bank whose word counts.
    world.order(PAYEE, "name_settlement_bank", currency=CURRENCY, bank=0)
    assert refusal(world, PAYEE, "award_quote", quote_hash=quote) == "settlement-bank-missing"
    name_bank(world, PAYEE, FAR_BANK)


def test_award__released_by_its_funder_alone__frees_the_lot(banked: World) -> None:
    world = banked
    request_id, receivable_id, _ = awarded(world, "TRANSFER-RELEASED")
    end = {"request_id": request_id}

    assert refusal(world, STRANGER, "release_funding", **end) == "not-found"
    assert refusal(world, FAR_BANK, "release_funding", **end) == "not-found"
    assert refusal(world, PAYEE, "release_funding", **end) == "not-funder"
    path = f"/financing-requests/{request_id}/release"
    assert world[FUNDER].api.post(path, {})["act"] == "release_funding"
    world.order(FUNDER, "release_funding", **end)

    lot = world[PAYEE].api.get(f"/lots/{receivable_id}-1")
    assert (lot["holder"], lot["encumbrance"]) == (world[PAYEE].number, "none")
    found = shown(world, FUNDER, request_id)
    assert (found["status"], found["attestation"]) == ("funding_failed", None)


def test_award__denied_by_the_holders_bank__once_its_day_is_past(banked: World) -> None:
    world = banked
    request_id, receivable_id, _ = awarded(world, "TRANSFER-DENIED")
    end = {"request_id": request_id}

    assert refusal(world, STRANGER, "deny_funding", **end) in {"kind-required", "not-found"}
    assert refusal(world, BANK_NAME, "deny_funding", **end) == "not-found"
    assert refusal(world, FUNDER, "deny_funding", **end) == "kind-required"
    assert refusal(world, FAR_BANK, "deny_funding", **end) == "funding-awaited-until"
    world.move_clock(shown(world, PAYEE, request_id)["pay_by"] + 1)
    path = f"/financing-requests/{request_id}/denial"
    assert world[FAR_BANK].api.post(path, {})["act"] == "deny_funding"
    world.order(FAR_BANK, "deny_funding", **end)

    assert shown(world, PAYEE, request_id)["status"] == "funding_failed"
    assert world[PAYEE].api.get(f"/lots/{receivable_id}-1")["encumbrance"] == "none"


def test_award__nobody_speaks_of__lapses_by_the_worker_a_week_after(banked: World) -> None:
    world = banked
    request_id, receivable_id, _ = awarded(world, "TRANSFER-SILENT")
    found = shown(world, PAYEE, request_id)
    assert found["lapses_at"] == found["pay_by"] + FUNDING_LONG_STOP_SECONDS

    world.move_clock(found["lapses_at"])
    with unit_of_work(world.runtime) as context:
        plan(context)
    world.work()
    assert shown(world, PAYEE, request_id)["status"] == "awarded"
    world.move_clock(found["lapses_at"] + 1)
    with unit_of_work(world.runtime) as context:
        assert plan(context)
    world.work()

    assert shown(world, PAYEE, request_id)["status"] == "funding_failed"
    assert world[PAYEE].api.get(f"/lots/{receivable_id}-1")["encumbrance"] == "none"


def test_price__by_a_near_bank__waits_for_the_payees_word(banked: World) -> None:
    """Last: from here on the supplier banks where the funder does."""
    world = banked
    name_bank(world, PAYEE, BANK_NAME)
    body = {"account": ACCOUNT, "currency": CURRENCY, "holder_name": PAYEE}
    world[BANK_NAME].api.post("/bank-accounts", body | {"owner": world[PAYEE].number})
    request_id, receivable_id, price = awarded(world, "TRANSFER-NEAR")
    line = came_in(world, receivable_id, price, bank=BANK_NAME)
    named = {"request_id": request_id, "line_hash": line}

    assert proposed(world, BANK_NAME, request_id)[0]["needs_confirmation"]
    assert refusal(world, BANK_NAME, "attest_funding", **named) == "confirmation-missing"
    path = f"/financing-requests/{request_id}/confirmations"
    assert world[PAYEE].api.post(path, {"line_hash": line})["act"] == "confirm_funding"
    world.order(PAYEE, "confirm_funding", **named)
    assert awaited(world, BANK_NAME, request_id)[0]["confirmed_lines"] == [line]
    assert proposed(world, BANK_NAME, request_id)[0]["is_confirmed"]
    world.order(BANK_NAME, "attest_funding", **named)

    assert shown(world, PAYEE, request_id)["status"] == "funded"
