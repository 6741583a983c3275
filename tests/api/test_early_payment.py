"""Early payment at a discount by the anchor over HTTP, and what evidence says of it."""

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.world import ANCHOR, AUDITOR, FUNDER, STRANGER, SUPPLIER, World


def requested(world: World, lot: str, part_minor: int) -> int:
    world.order(SUPPLIER, "request_financing", lot_id=lot, part_face_value_minor=part_minor)
    return int(world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"])


def balance(world: World, name: str) -> int:
    return int(world[name].api.get("/deposits")["data"][0]["balance_minor"])


def test_request__without_a_credential__is_not_answered(world: World) -> None:
    path = "/v1/financing-requests/1/early-payment"
    assert world.client.post(path, json={}).status_code == 401


def test_stranger__and_a_funder__pay_nothing_early(world: World, receivable_id: int) -> None:
    request_id = requested(world, f"{receivable_id}-1", 1_000_00)

    for name, code in ((STRANGER, "not-found"), (FUNDER, "not-obligor")):
        with pytest.raises(ApiProblem) as refusal:
            world[name].api.post(
                f"/financing-requests/{request_id}/early-payment", {"discount_rate_bps": 100}
            )
        assert refusal.value.code == code
    world.order(SUPPLIER, "withdraw_financing_request", request_id=request_id)


def test_early_payment__of_a_part_then_of_the_rest__ends_the_debt_and_is_proven(
    world: World, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    before = balance(world, ANCHOR)
    for part_minor in (400_00, 600_00):
        request_id = requested(world, lot, part_minor)
        listed = world[ANCHOR].api.get("/financing-requests")["data"]
        assert request_id in [entry["request_id"] for entry in listed]
        draft = world.draft(
            ANCHOR, "offer_early_payment", request_id=request_id, discount_rate_bps=360
        )
        assert draft.notes["annual_cost_on_proceeds_bps"] >= 360
        quote = world.submit(ANCHOR, draft, path="/quotes")["quote_hash"]
        world.order(SUPPLIER, "award_quote", quote_hash=quote)
        before -= draft.notes["net_proceeds_minor"]

    receivable = world[SUPPLIER].api.get(f"/receivables/{receivable_id}")
    assert receivable["status"] == "settled"
    assert balance(world, ANCHOR) == before
    with pytest.raises(ApiProblem) as refusal:
        world.draft(ANCHOR, "settle_receivable", receivable_id=receivable_id)
    assert refusal.value.code == "receivable-not-active"

    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", lot)
        content = export_evidence(context, world.runtime.decoder, auditor, subject)
    report = verify_evidence(content, trust)
    assert report.holds, report
