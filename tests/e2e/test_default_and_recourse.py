"""What happens when an anchor does not pay: in the contracts, in the index, and in the evidence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.indexer.checking import verify
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.world import (
    ANCHOR,
    AUDITOR,
    CURRENCY,
    FUNDER,
    STRANGER,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
    running_world,
)

FACE = 9_876_543_21
DAY = 86_400
PARTS = 20


@pytest.fixture
def tended(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A system whose worker also sends what anybody may."""
    with running_world(tmp_path / "home", database_url, upkeep=True) as world:
        world.populate()
        bank = "Chainfin Development Bank"
        holders = [world[STRANGER].number]
        world.order(bank, "open_deposit_accounts", holders=holders, currency=CURRENCY)
        for name in (ANCHOR, SUPPLIER, SUB_SUPPLIER, FUNDER):
            to = world[name].number
            world.order(bank, "mint_deposit", to=to, amount_minor=2 * FACE, currency=CURRENCY)
        yield world


def findings(world: World) -> tuple[str, ...]:
    with unit_of_work(world.runtime) as context:
        result = verify(
            context.session,
            lambda as_of, numbers: read_receivables(context.network, numbers, as_of.block_number),
        )
    assert result.receivables
    return tuple(str(finding) for finding in result.findings)


def held(world: World) -> int:
    """All deposit money, free and earmarked."""
    names = (ANCHOR, SUPPLIER, SUB_SUPPLIER, FUNDER, STRANGER)
    entries = [world[name].api.get("/deposits")["data"][0] for name in names]
    return sum(entry["balance_minor"] + entry["earmarked_minor"] for entry in entries)


def divided(world: World) -> int:
    """A receivable in three tiers and 41 lots; answers its number."""
    world.order(ANCHOR, "open_programme", currency=CURRENCY, acceptance_required=False)
    number = world[AUDITOR].api.get("/programmes")["data"][-1]["programme_id"]
    tag = world.record(ANCHOR, SUPPLIER, "DEFAULT-1", FACE)
    world.order(
        ANCHOR, "issue_receivable", programme_id=number, document_fingerprint=tag, tenor_days=90
    )
    receivable_id = list(world[SUPPLIER].api.pages("/receivables"))[-1]["receivable_id"]
    world.order(SUPPLIER, "accept_receivable", receivable_ids=[receivable_id])
    second, third = world[SUB_SUPPLIER].number, world[STRANGER].number
    parts = [{"face_value_minor": 40_000_00 + 7 * n, "to": second} for n in range(PARTS)]
    world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=parts)
    for n in range(PARTS):
        part = {"face_value_minor": 20_000_00 + 3 * n, "to": third}
        world.order(SUB_SUPPLIER, "split_lot", lot_id=f"{receivable_id}-{2 + n}", parts=[part])
    return int(receivable_id)


def finance(world: World, seller: str, lot_id: str) -> None:
    world.order(seller, "request_financing", lot_id=lot_id, with_recourse=True)
    request = world[FUNDER].api.get("/financing-requests")["data"][-1]["request_id"]
    quote = world.quote(FUNDER, request_id=request, discount_rate_bps=300)
    world.order(seller, "award_quote", quote_hash=quote)


def conserved(world: World, receivable_id: int) -> dict[str, Any]:
    answer = world[AUDITOR].api.get(f"/receivables/{receivable_id}/reconciliation")
    assert answer["matches"], answer["differences"]
    assert answer["conserved"]
    assert answer["outstanding_in_lots_minor"] + answer["paid_to_lots_minor"] == FACE
    return dict(answer)


def test_default__three_tiers_forty_splits_61_percent__conserves_to_the_minor_unit(
    tended: World,
) -> None:
    world = tended
    money = held(world)
    receivable_id = divided(world)
    lots = [f"{receivable_id}-{n}" for n in (1, 2, 3)]
    world.order(FUNDER, "set_credit_line", **line(world, FACE))
    for seller, lot in zip((SUPPLIER, SUB_SUPPLIER, SUB_SUPPLIER), lots, strict=True):
        finance(world, seller, lot)
    conserved(world, receivable_id)

    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    world.move_clock(due_at)
    part = FACE * 61 // 100
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id, amount_minor=part)
    conserved(world, receivable_id)
    used = world[FUNDER].api.get("/credit-lines")["data"][0]["utilised_minor"]
    owed = [world[FUNDER].api.get(f"/lots/{lot}") for lot in lots]
    assert used == sum(each["face_value_minor"] - each["paid_minor"] for each in owed)

    world.move_clock(due_at + 30 * DAY)
    assert world[AUDITOR].api.get(f"/receivables/{receivable_id}")["state"] == "defaulted"
    for name in (SUPPLIER, SUB_SUPPLIER, STRANGER, FUNDER, ANCHOR, AUDITOR):
        (notice,) = world[name].api.get("/dishonour-notices")["data"]
        assert notice["outstanding_minor"] == FACE - part
    tag = world.record(ANCHOR, SUPPLIER, "NEXT-1", 1_000_00)
    with pytest.raises(ApiProblem) as refusal:
        world.draft(
            ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=60
        )
    assert refusal.value.code == "anchor-overdue"

    world.order(FUNDER, "claim_recourse", lot_id=lots[0])
    for seller, lot in zip((SUPPLIER, SUB_SUPPLIER, SUB_SUPPLIER), lots, strict=True):
        world.order(seller, "repurchase_lot", lot_id=lot)
        assert world[seller].api.get(f"/lots/{lot}")["holder"] == world[seller].number
    conserved(world, receivable_id)
    assert world[FUNDER].api.get("/credit-lines")["data"][0]["utilised_minor"] == 0

    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)
    answer = conserved(world, receivable_id)
    assert answer["paid_to_lots_minor"] == FACE
    assert held(world) == money
    assert findings(world) == ()
    world.issue("CURED-1", 500_00)


def test_default__told_as_evidence__verifies_offline(tended: World) -> None:
    world = tended
    receivable_id = world.issue("DEFAULT-2", 1_000_00)
    lot = f"{receivable_id}-1"
    finance(world, SUPPLIER, lot)
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    world.move_clock(due_at)
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id, amount_minor=333_33)
    world.move_clock(due_at + 30 * DAY)
    world.order(FUNDER, "claim_recourse", lot_id=lot)
    world.order(SUPPLIER, "repurchase_lot", lot_id=lot)
    world.order(SUPPLIER, "write_off_lot", lot_id=lot)
    assert world[SUPPLIER].api.get(f"/lots/{lot}")["encumbrance"] == "written_off"
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)

    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", lot)
        content = export_evidence(context, world.runtime.decoder, auditor, subject)
    report = verify_evidence(content, trust)

    assert report.holds, report
    assert findings(world) == ()
    api = world[SUPPLIER].api
    listed = api.get(f"/receivables/{receivable_id}/notices")["data"]
    slips = [entry["number"] for entry in listed if entry["kind"] == "transfer-slip"]
    back = api.get(f"/notices/{slips[-1]}")["facts"]
    assert (back["sender"]["name"], back["receiver"]["name"]) == (FUNDER, SUPPLIER)
    period = {"from_date": "2020-01-01", "to_date": "2040-01-01"}
    statement = api.get(f"/participants/{world[SUPPLIER].number}/statement", **period)
    received = statement["tables"]["payments_received"]
    assert sum(row["paid"]["amount_minor"] for row in received) == 666_67
    assert sum(row["late_interest"]["amount_minor"] for row in received) > 0


def test_awards__two_quotes_in_one_block__exactly_one_wins(world: World) -> None:
    receivable_id = world.issue("TWICE-1", 1_000_00)
    lot = f"{receivable_id}-1"
    world.order(SUPPLIER, "request_financing", lot_id=lot)
    (request,) = world[FUNDER].api.get("/financing-requests")["data"]
    quotes = [
        world.quote(FUNDER, request_id=request["request_id"], discount_rate_bps=rate)
        for rate in (300, 310)
    ]
    drafts = [world.draft(SUPPLIER, "award_quote", quote_hash=quote) for quote in quotes]
    node = world.runtime.network.node
    before = world[FUNDER].api.get("/deposits")["data"][0]["balance_minor"]

    node.request("evm_setAutomine", [False])
    for draft in drafts:
        world.submit(SUPPLIER, draft)
        for _ in range(3):
            world.worker.step()
    node.request("evm_mine", [])
    node.request("evm_setAutomine", [True])
    world.work()

    orders = [world[SUPPLIER].api.get(f"/orders/{draft.order_hash}") for draft in drafts]
    assert sorted(order["status"] for order in orders) == ["final", "reverted"]
    (refused,) = [order for order in orders if order["status"] == "reverted"]
    assert refused["reason"]["name"] == "RequestNotOpen"
    assert world[FUNDER].api.get(f"/lots/{lot}")["holder"] == world[FUNDER].number
    paid = before - world[FUNDER].api.get("/deposits")["data"][0]["balance_minor"]
    (won,) = [
        quote
        for quote in world[FUNDER].api.get(quotes_of(request))["data"]
        if quote["net_proceeds_minor"] == paid
    ]
    assert won["quote_hash"] in quotes


def quotes_of(request: dict[str, Any]) -> str:
    return f"/financing-requests/{request['request_id']}/quotes"


def line(world: World, limit: int) -> dict[str, Any]:
    return {"anchor": world[ANCHOR].number, "currency": CURRENCY, "limit_minor": limit}
