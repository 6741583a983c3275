"""Pledges and competing claims over HTTP: the stranger first."""

from typing import Any

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from tests.world import ANCHOR, AUDITOR, FUNDER, STRANGER, SUB_SUPPLIER, SUPPLIER, World

FILING = "0x" + "f1" * 32


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/pledges"),
        ("GET", "/v1/lots/1-1/claims"),
        ("POST", "/v1/lots/1-1/pledge"),
        ("POST", "/v1/lots/1-1/pledge/acceptance"),
        ("POST", "/v1/lots/1-1/pledge/release"),
        ("POST", "/v1/lots/1-1/pledge/enforcement"),
    ],
)
def test_request__without_a_credential__is_not_answered(
    world: World, method: str, path: str
) -> None:
    assert world.client.request(method, path, json={}).status_code == 401


def now_at(world: World) -> int:
    with unit_of_work(world.runtime) as context:
        return context.as_of().block_timestamp


def offer(world: World, lot: str, **more: Any) -> dict[str, Any]:
    return {
        "lot_id": lot,
        "pledgee": world[FUNDER].number,
        "secured_minor": 600_00,
        "due_at": now_at(world) + 30 * 86_400,
        **more,
    }


def refusal(world: World, name: str, act: str, **fields: Any) -> str:
    with pytest.raises(ApiProblem) as problem:
        world.draft(name, act, **fields)
    return str(problem.value.code)


def test_stranger__pledges_and_ends_nothing__and_reads_no_claims(
    world: World, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    assert refusal(world, STRANGER, "propose_pledge", **offer(world, lot)) == "not-found"
    assert refusal(world, ANCHOR, "propose_pledge", **offer(world, lot)) == "not-holder"
    for act in ("release_pledge", "enforce_pledge"):
        assert refusal(world, STRANGER, act, lot_id=lot) == "not-found"
        assert refusal(world, ANCHOR, act, lot_id=lot) == "pledge-unknown"
    for name in (STRANGER, SUB_SUPPLIER):
        with pytest.raises(ApiProblem) as problem:
            world[name].api.get(f"/lots/{lot}/claims")
        assert problem.value.code == "not-found"


def test_pledge__from_offer_to_release__binds_and_ranks_first__r23_r24(
    world: World, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    obligor = world[ANCHOR].number
    assert refusal(world, SUPPLIER, "propose_pledge", **offer(world, lot, pledgee=obligor)) == (
        "pledgee-refused"
    )
    world.order(SUPPLIER, "propose_pledge", **offer(world, lot))
    unfiled = {"lot_id": lot, "filing_hash": "0x" + "00" * 32, "filed_at": now_at(world)}
    assert refusal(world, FUNDER, "accept_pledge", **unfiled) == "pledge-not-filed"
    filed = {"lot_id": lot, "filing_hash": FILING, "filed_at": now_at(world)}
    assert refusal(world, SUPPLIER, "accept_pledge", **filed) == "not-pledgee"
    world.order(FUNDER, "accept_pledge", **filed)

    assert world[FUNDER].api.get(f"/lots/{lot}")["encumbrance"] == "pledged"
    to = world[SUB_SUPPLIER].number
    assert refusal(world, SUPPLIER, "propose_transfer", lot_id=lot, to=to) == "lot-encumbered"
    assert refusal(world, FUNDER, "enforce_pledge", lot_id=lot) == "pledge-not-due"

    view = world[SUPPLIER].api.get(f"/lots/{lot}/claims")
    for name in (FUNDER, AUDITOR, ANCHOR):
        assert world[name].api.get(f"/lots/{lot}/claims")["ranks"] == view["ranks"]
    first, second = view["ranks"]
    assert (first["ground"], second["ground"]) == ("registered", "notified")
    (pledge,), (title,) = first["claims"], second["claims"]
    assert (pledge["claimant"], pledge["share_minor"]) == (world[FUNDER].number, 600_00)
    assert (title["claimant"], title["share_minor"]) == (world[SUPPLIER].number, 400_00)
    assert view["next_payee"] is None
    for name in (SUPPLIER, FUNDER, AUDITOR):
        shown = [each for each in world[name].api.pages("/pledges") if each["lot_id"] == lot]
        assert [(each["status"], each["filing_hash"]) for each in shown] == [("held", FILING)]
    assert world[STRANGER].api.get("/pledges")["data"] == []

    world.order(FUNDER, "release_pledge", lot_id=lot)
    (rank,) = world[SUPPLIER].api.get(f"/lots/{lot}/claims")["ranks"]
    assert [claim["kind"] for claim in rank["claims"]] == ["assignment"]
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=to)
    again = world[SUPPLIER].api.get(f"/receivables/{receivable_id}/reconciliation")
    assert again["matches"], again["differences"]


def test_urls_of_a_pledge__draft_its_acts(world: World, receivable_id: int) -> None:
    lot = f"{receivable_id}-1"
    path = f"/lots/{lot}/pledge"
    terms = offer(world, lot, due_at=now_at(world) - 1)
    filed = {"filing_hash": FILING, "filed_at": now_at(world)}
    given = {name: value for name, value in terms.items() if name != "lot_id"}
    assert world[SUPPLIER].api.post(path, given)["act"] == "propose_pledge"
    world.order(SUPPLIER, "propose_pledge", **terms)
    assert world[FUNDER].api.post(f"{path}/acceptance", filed)["act"] == "accept_pledge"
    world.order(FUNDER, "accept_pledge", lot_id=lot, **filed)

    assert world[FUNDER].api.post(f"{path}/enforcement", {})["act"] == "enforce_pledge"
    assert world[FUNDER].api.post(f"{path}/release", {})["act"] == "release_pledge"
