"""Interest borne by the anchor over HTTP: its share, its cap, its end; the stranger first."""

from typing import Any

import pytest

from api.dependencies import CONSOLE_COOKIE
from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from chainfin.services.upkeep import plan
from tests.world import ANCHOR, AUDITOR, FUNDER, STRANGER, SUPPLIER, World

FACE = 1_000_00
RATE = {"discount_rate_bps": 360}


def requested(world: World, receivable_id: int) -> int:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    return int(world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"])


def account(world: World, name: str) -> tuple[int, int]:
    """An organisation's free money, and what it has set aside."""
    entry = world[name].api.get("/deposits")["data"][0]
    return entry["balance_minor"], entry["earmarked_minor"]


def borne(world: World, request_id: int) -> dict[str, Any]:
    answer: dict[str, Any] = world[SUPPLIER].api.get(f"/financing-requests/{request_id}/interest")
    return answer


def refusal(world: World, name: str, **fields: Any) -> str:
    with pytest.raises(ApiProblem) as problem:
        world.draft(name, "bear_interest", **fields)
    return str(problem.value.code)


def discount_at(rate_bps: int, days: int, face_minor: int = FACE) -> int:
    """Straight discount by days of 360, half-up."""
    return (2 * face_minor * rate_bps * days + 3_600_000) // 7_200_000


def keep_up(world: World) -> int:
    with unit_of_work(world.runtime) as context:
        planned = plan(context)
    world.work()
    return planned


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request__without_a_credential__is_not_answered(world: World, method: str) -> None:
    path = "/v1/financing-requests/1/interest"
    assert world.client.request(method, path, json={}).status_code == 401


def test_stranger__bears_and_reads_nothing__and_the_holder_bears_nothing(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    path = f"/financing-requests/{request_id}/interest"

    for name, code in ((STRANGER, "not-found"), (SUPPLIER, "not-obligor"), (FUNDER, "not-obligor")):
        with pytest.raises(ApiProblem) as problem:
            world[name].api.post(path, {"share_bps": 5_000})
        assert problem.value.code == code
    with pytest.raises(ApiProblem) as problem:
        world[STRANGER].api.get(path)
    assert problem.value.code == "not-found"
    with pytest.raises(ApiProblem) as problem:
        world[ANCHOR].api.get("/financing-requests/987654321/interest")
    assert problem.value.code == "request-unknown"
    assert borne(world, request_id)["interest_payer"] == "seller"
    world.order(SUPPLIER, "withdraw_financing_request", request_id=request_id)


@pytest.mark.parametrize("share_bps", [0, -1, 10_001])
def test_share__that_is_none__is_refused(world: World, receivable_id: int, share_bps: int) -> None:
    request_id = requested(world, receivable_id)
    fields = {"request_id": request_id, "share_bps": share_bps}
    assert refusal(world, ANCHOR, **fields) == "interest-share-malformed"


def test_anchor__bears_half__the_holder_is_paid_it_and_the_rest_is_free_again__d6(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    days = world.draft(FUNDER, "submit_quote", request_id=request_id, **RATE).notes["tenor_days"]
    before = account(world, ANCHOR)
    draft = world.draft(ANCHOR, "bear_interest", request_id=request_id, share_bps=5_000)
    # Half of the discount at 18.25 %, what late money costs by statute.
    most = (discount_at(1_825, days) + 1) // 2
    assert draft.notes == {
        "interest_payer": "split",
        "set_aside_minor": most,
        "cap_rate_bps": 1_825,
    }
    world.submit(ANCHOR, draft)
    world.work()
    assert account(world, ANCHOR) == (before[0] - most, before[1] + most)
    again = {"request_id": request_id, "share_bps": 5_000}
    assert refusal(world, ANCHOR, **again) == "interest-already-borne"
    (listed,) = [
        entry
        for entry in world[FUNDER].api.pages("/financing-requests")
        if entry["request_id"] == request_id
    ]
    assert (listed["interest_payer"], listed["interest_share_bps"]) == ("split", 5_000)
    assert borne(world, request_id)["state"] == "binding"

    headers = {"cookie": f"{CONSOLE_COOKIE}={world[ANCHOR].wallet.api_key}"}
    desk = world.client.get("/maturities", headers=headers)
    assert "50.00\N{NO-BREAK SPACE}%" in desk.text

    quote = world.quote(FUNDER, request_id=request_id, **RATE)
    (shown,) = world[SUPPLIER].api.get(f"/financing-requests/{request_id}/quotes")["data"]
    discount = discount_at(360, days)
    half = (discount + 1) // 2
    assert (shown["discount_minor"], shown["obligor_interest_minor"]) == (discount, half)
    free, _ = account(world, SUPPLIER)
    world.order(SUPPLIER, "award_quote", quote_hash=quote)

    assert account(world, SUPPLIER)[0] == free + FACE - discount + half
    assert account(world, ANCHOR) == (before[0] - half, before[1])
    ended = borne(world, request_id)
    assert (ended["state"], ended["paid"]["amount_minor"]) == ("paid", half)
    (after,) = world[FUNDER].api.get(f"/financing-requests/{request_id}/quotes")["data"]
    assert after["obligor_interest_minor"] == half
    (funding,) = [
        entry for entry in world[SUPPLIER].api.pages("/fundings")
        if entry["request_id"] == request_id
    ]  # fmt: skip
    assert funding["obligor_interest"]["amount_minor"] == half

    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", f"{receivable_id}-1")
        content = export_evidence(context, world.runtime.decoder, auditor, subject)
    report = verify_evidence(content, trust)
    assert report.holds, report


def test_anchor__bears_all_up_to_a_cap__pays_no_more_than_it__beside_a_holdback(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    path = f"/financing-requests/{request_id}/interest"
    drafted = world[ANCHOR].api.post(path, {"share_bps": 10_000, "amount_minor": 5_00})
    assert drafted["act"] == "bear_interest"
    assert drafted["notes"]["interest_payer"] == "obligor"
    world.order(ANCHOR, "bear_interest", request_id=request_id, share_bps=10_000, amount_minor=5_00)
    quote = world.quote(FUNDER, request_id=request_id, holdback_minor=200_00, **RATE)
    award = world.draft(SUPPLIER, "award_quote", quote_hash=quote)

    assert award.notes["discount_minor"] > 5_00
    assert award.notes["obligor_interest_minor"] == 5_00
    world.submit(SUPPLIER, award)
    world.work()
    assert borne(world, request_id)["paid"]["amount_minor"] == 5_00


def test_share__of_a_request_that_ended__is_released_by_the_worker(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    before = account(world, ANCHOR)
    world.order(ANCHOR, "bear_interest", request_id=request_id, share_bps=10_000)
    keep_up(world)
    assert account(world, ANCHOR) != before
    world.order(SUPPLIER, "withdraw_financing_request", request_id=request_id)
    assert borne(world, request_id)["interest_payer"] == "seller"

    assert keep_up(world)

    assert account(world, ANCHOR) == before
    assert borne(world, request_id)["state"] == "released"
    assert not keep_up(world)


def test_share__that_expired__is_not_in_the_award__and_may_be_borne_again(
    world: World, receivable_id: int
) -> None:
    request_id = requested(world, receivable_id)
    quote = world.quote(FUNDER, request_id=request_id, **RATE)
    with unit_of_work(world.runtime) as context:
        now_at = context.as_of().block_timestamp
    terms = {"request_id": request_id, "share_bps": 10_000}
    late = {"expires_at": now_at + 8 * 86_400}
    assert refusal(world, ANCHOR, **terms, **late) == "instant-out-of-range"
    world.order(ANCHOR, "bear_interest", **terms, expires_at=now_at + 3_600)
    award = world.draft(SUPPLIER, "award_quote", quote_hash=quote)
    discount = award.notes["discount_minor"]
    assert award.notes["obligor_interest_minor"] == discount
    world.move_clock(now_at + 3_601)

    with pytest.raises(ApiProblem) as problem:
        world.submit(SUPPLIER, award)
    assert problem.value.code == "interest-changed"
    assert borne(world, request_id)["state"] == "expired"
    keep_up(world)
    world.order(ANCHOR, "bear_interest", **terms)
    world.order(SUPPLIER, "award_quote", quote_hash=quote)
    assert borne(world, request_id)["paid"]["amount_minor"] == discount
