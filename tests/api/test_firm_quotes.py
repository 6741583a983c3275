"""Firm quotes over HTTP: money set aside, drawn by the award, released; and what evidence says."""

import json

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.models.orders import get_order
from chainfin.services.context import Caller
from chainfin.services.development import BANK_NAME
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from chainfin.services.upkeep import plan
from tests.world import AUDITOR, CURRENCY, FUNDER, STRANGER, SUPPLIER, World

FACE = 1_000_00


def requested(world: World, receivable_id: int) -> int:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    return int(world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"])


def account(world: World) -> tuple[int, int]:
    """The funder's free money, and what it has set aside."""
    entry = world[FUNDER].api.get("/deposits")["data"][0]
    return entry["balance_minor"], entry["earmarked_minor"]


def refusal(world: World, name: str, act: str, **fields: object) -> str:
    with pytest.raises(ApiProblem) as problem:
        world.draft(name, act, **fields)
    return str(problem.value.code)


def test_request__without_a_credential__is_not_answered(world: World) -> None:
    path = f"/v1/quotes/0x{'00' * 32}/funding"
    assert world.client.post(path, json={}).status_code == 401


def test_stranger__and_the_holder__fund_nobodys_quote(world: World, receivable_id: int) -> None:
    request_id = requested(world, receivable_id)
    quote = world.quote(FUNDER, request_id=request_id, discount_rate_bps=300)

    unknown = "0x" + "77" * 32
    for name, hash_, code in (
        (STRANGER, quote, "not-found"),
        (STRANGER, unknown, "not-found"),
        (SUPPLIER, quote, "kind-required"),
    ):
        with pytest.raises(ApiProblem) as problem:
            world[name].api.post(f"/quotes/{hash_}/funding", {})
        assert problem.value.code == code
    world.order(SUPPLIER, "withdraw_financing_request", request_id=request_id)


def test_funded_quote__is_drawn_by_its_award_without_its_funder_and_proven(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    quote = world.quote(FUNDER, request_id=request_id, discount_rate_bps=300)
    free, set_aside = account(world)
    draft = world.draft(FUNDER, "fund_quote", quote_hash=quote)
    assert draft.notes["set_aside_minor"] == FACE
    world.submit(FUNDER, draft)
    world.work()

    assert account(world) == (free - FACE, set_aside + FACE)
    (shown,) = world[SUPPLIER].api.get(f"/financing-requests/{request_id}/quotes")["data"]
    assert shown["funded_until"] == shown["expires_at"]
    assert refusal(world, FUNDER, "fund_quote", quote_hash=quote) == "quote-already-funded"

    award = world.draft(SUPPLIER, "award_quote", quote_hash=quote)
    assert award.notes["is_funded"]
    assert award.attachments["quoteApprovals"] == []
    world.submit(SUPPLIER, award)
    world.work()

    assert account(world) == (free - shown["net_proceeds_minor"], set_aside)
    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", f"{receivable_id}-1")
        content = export_evidence(context, world.runtime.decoder, auditor, subject)
    report = verify_evidence(content, trust)
    assert report.holds, report


def test_funded_quote__that_lost__is_released_by_the_worker(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    quote = world.quote(FUNDER, request_id=request_id, discount_rate_bps=300)
    before = account(world)
    world.order(FUNDER, "fund_quote", quote_hash=quote, amount_minor=FACE - 1)
    assert account(world) == (before[0] - FACE + 1, before[1] + FACE - 1)
    world.order(SUPPLIER, "withdraw_financing_request", request_id=request_id)

    with unit_of_work(world.runtime) as context:
        assert plan(context)
    world.work()

    assert account(world) == before


def test_quote__that_is_not_funded__binds_in_law_and_its_failed_award_is_kept(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    quote = world.quote(FUNDER, request_id=request_id, discount_rate_bps=300)
    award = world.draft(SUPPLIER, "award_quote", quote_hash=quote)
    assert not award.notes["is_funded"]
    free, _ = account(world)
    world.order(FUNDER, "redeem_deposit", currency=CURRENCY, amount_minor=free)

    with pytest.raises(ApiProblem) as failed:
        world.submit(SUPPLIER, award)
    funder = world[FUNDER].number
    world.order(BANK_NAME, "mint_deposit", currency=CURRENCY, to=funder, amount_minor=free)

    assert failed.value.code == "deposit-too-small"
    kept = world[SUPPLIER].api.get(f"/orders/{award.order_hash}")
    assert (kept["status"], kept["reason"]["code"]) == ("rejected", "deposit-too-small")
    with unit_of_work(world.runtime) as context:
        row = get_order(context.session, award.order_hash)
        assert row is not None
        assert len(json.loads(row.approvals)) == 2
        assert len(json.loads(row.attachments)["quoteApprovals"]) == 2
