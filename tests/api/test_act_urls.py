"""The URLs of acts: each answers a draft of its act and records nothing."""

from typing import Any

import pytest

from tests.world import ANCHOR, FUNDER, SUB_SUPPLIER, SUPPLIER, World

PART = [{"face_value_minor": 400_00}]


def drafted(world: World, name: str, path: str, fields: dict[str, Any] | None = None) -> str:
    """The act that a URL drafts."""
    answer = world[name].api.post(path, fields or {})
    assert answer["typed_data"]["message"]
    return str(answer["act"])


def test_urls_of_a_receivable__draft_its_acts(world: World, receivable_id: int) -> None:
    offer = world.record(ANCHOR, SUPPLIER, "URL-1", 1_000_00)
    terms = {"programme_id": 1, "document_fingerprint": offer, "tenor_days": 90}
    assert drafted(world, ANCHOR, "/receivables", terms) == "issue_receivable"
    world.order(ANCHOR, "issue_receivable", **terms)
    offered = list(world[SUPPLIER].api.pages("/receivables"))[-1]["receivable_id"]
    path = f"/receivables/{offered}"

    assert drafted(world, SUPPLIER, f"{path}/acceptance") == "accept_receivable"
    assert drafted(world, SUPPLIER, f"{path}/refusal") == "refuse_receivable"
    assert drafted(world, ANCHOR, f"{path}/withdrawal") == "withdraw_receivable"
    cancel = f"/receivables/{receivable_id}/cancellation"
    assert drafted(world, ANCHOR, cancel, {"amount_minor": 1_000_00}) == "cancel_receivable"
    assert drafted(world, ANCHOR, "/programmes", {"currency": "CNY"}) == "open_programme"
    assert world[ANCHOR].api.get(f"{path}/reconciliation")["matches"]
    found = world[ANCHOR].api.get(path)
    assert found["status"] == "offered"


def test_urls_of_a_lot__draft_its_acts(world: World, receivable_id: int) -> None:
    root, part = f"{receivable_id}-1", f"{receivable_id}-2"
    receiver = {"to": world[SUB_SUPPLIER].number}
    assert drafted(world, SUPPLIER, f"/lots/{root}/split", {"parts": PART}) == "split_lot"
    world.order(SUPPLIER, "split_lot", lot_id=root, parts=PART)
    assert drafted(world, SUPPLIER, f"/lots/{part}/return") == "unsplit_lot"
    assert drafted(world, SUPPLIER, f"/lots/{part}/transfers", receiver) == "propose_transfer"
    asked = drafted(world, SUPPLIER, f"/lots/{part}/financing-requests")
    assert asked == "request_financing"
    world.order(SUPPLIER, "propose_transfer", lot_id=part, **receiver)

    assert drafted(world, SUB_SUPPLIER, f"/transfers/{part}/acceptance") == "accept_transfer"
    assert drafted(world, SUB_SUPPLIER, f"/transfers/{part}/rejection") == "reject_transfer"
    assert drafted(world, SUPPLIER, f"/transfers/{part}/revocation") == "revoke_transfer"


def test_urls_of_financing__draft_quote_and_award(world: World, receivable_id: int) -> None:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    request = next(
        entry["request_id"]
        for entry in world[FUNDER].api.pages("/financing-requests")
        if entry["lot_id"] == f"{receivable_id}-1"
    )
    terms = {"discount_rate_bps": 380}
    path = f"/financing-requests/{request}/quotes"
    assert drafted(world, FUNDER, path, terms) == "submit_quote"
    quote = world.quote(FUNDER, request_id=request, **terms)
    early = f"/financing-requests/{request}/early-payment"
    assert drafted(world, ANCHOR, early, terms) == "offer_early_payment"
    assert drafted(world, FUNDER, f"/quotes/{quote}/funding") == "fund_quote"
    assert drafted(world, SUPPLIER, f"/quotes/{quote}/award") == "award_quote"
    world.order(SUPPLIER, "award_quote", quote_hash=quote)

    fundings = world[SUPPLIER].api.get("/fundings")["data"]
    assert fundings[-1]["request_id"] == request
    assert fundings[-1]["funder"] == world[FUNDER].number


@pytest.mark.parametrize(
    "path",
    [
        "/about", "/about/indexing", "/health/live", "/health/ready", "/participants",
        "/receivables", "/lots", "/transfers", "/fundings", "/settlements", "/payments",
        "/documents", "/programmes", "/deposits", "/orders", "/events", "/exports",
        "/financing-requests", "/credit-lines", "/council/decisions",
    ],
)  # fmt: skip
def test_noun__answers_its_parties(world: World, receivable_id: int, path: str) -> None:
    answer = world[SUPPLIER].api.get(path)

    assert answer
    if "data" in answer:
        assert isinstance(answer["data"], list)


def test_receivables__are_filtered_by_state_day_and_participant(
    world: World, receivable_id: int
) -> None:
    api = world[SUPPLIER].api
    newest = {"cursor": receivable_id - 1}

    def numbers(**wanted: Any) -> list[int]:
        found = api.get("/receivables", **newest, **wanted)["data"]
        return [entry["receivable_id"] for entry in found]

    assert numbers(**{"status.in": "active,settled"}) == [receivable_id]
    assert numbers(**{"status.in": "offered"}) == []
    assert numbers(**{"maturity_date.gte": "2020-01-01"}) == [receivable_id]
    assert numbers(**{"maturity_date.lte": "2020-01-01"}) == []
    assert numbers(participant=world[ANCHOR].number) == [receivable_id]
    assert numbers(participant=world[FUNDER].number) == []


def test_documents__are_listed_page_by_page(world: World) -> None:
    for number in range(3):
        world.record(ANCHOR, SUPPLIER, f"PAGE-{number}", 1_000_00)
    whole = world[ANCHOR].api.get("/documents", limit=500)["data"]

    paged = list(world[ANCHOR].api.pages("/documents", limit=2))

    assert [entry["fingerprint"] for entry in paged] == [e["fingerprint"] for e in whole]
