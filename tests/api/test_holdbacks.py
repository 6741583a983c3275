"""Holdbacks over HTTP: what is advanced, who stands where, who reads it; the stranger first."""

from typing import Any

import pytest

from api.dependencies import CONSOLE_COOKIE
from chainfin.client.api import ApiProblem
from tests.world import AUDITOR, FUNDER, STRANGER, SUPPLIER, World

FACE, HOLDBACK = 1_000_00, 200_00


def sold(world: World, lot: str, seller: str = SUPPLIER, **terms: Any) -> int:
    """A lot sold with a holdback; answers its request's number."""
    world.order(seller, "request_financing", lot_id=lot, **terms)
    request_id = int(world[seller].api.get("/financing-requests")["data"][-1]["request_id"])
    quote = world.quote(
        FUNDER, request_id=request_id, discount_rate_bps=360, holdback_minor=HOLDBACK
    )
    world.order(seller, "award_quote", quote_hash=quote)
    return request_id


def test_request__without_a_credential__is_not_answered(world: World) -> None:
    assert world.client.get("/v1/holdbacks").status_code == 401


def test_stranger__sees_no_holdback__and_reads_no_claims(world: World, receivable_id: int) -> None:
    lot = f"{receivable_id}-1"
    sold(world, lot)

    assert world[STRANGER].api.get("/holdbacks")["data"] == []
    for path in (f"/lots/{lot}", f"/lots/{lot}/claims"):
        with pytest.raises(ApiProblem) as problem:
            world[STRANGER].api.get(path)
        assert problem.value.code == "not-found"


def test_holdback__as_large_as_the_part_or_below_nothing__is_refused(
    world: World, receivable_id: int
) -> None:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    request_id = world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"]
    for amount in (FACE, -1):
        with pytest.raises(ApiProblem) as problem:
            world.draft(
                FUNDER,
                "submit_quote",
                request_id=request_id,
                discount_rate_bps=360,
                holdback_minor=amount,
            )
        assert problem.value.code == "field-malformed"


def test_quote__with_a_holdback__says_what_is_advanced_and_its_cost_on_that(
    world: World, receivable_id: int
) -> None:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    request_id = world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"]
    terms = {"request_id": request_id, "discount_rate_bps": 360}

    plain = world.draft(FUNDER, "submit_quote", **terms).notes
    notes = world.draft(FUNDER, "submit_quote", **terms, holdback_minor=333_33).notes

    assert plain["advance_rate_bps"] == 10_000
    assert notes["advance_rate_bps"] == 6_666
    assert notes["net_proceeds_minor"] + notes["discount_minor"] + 333_33 == FACE
    assert abs(notes["annual_cost_on_proceeds_bps"] - plain["annual_cost_on_proceeds_bps"]) <= 1


def test_lot__sold_with_a_holdback__is_whole__and_its_seller_stands_last(
    world: World, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    request_id = sold(world, lot)
    shown = world[FUNDER].api.get(f"/lots/{lot}")
    assert (shown["holdback_seller"], shown["holdback_minor"]) == (
        world[SUPPLIER].number,
        HOLDBACK,
    )
    with pytest.raises(ApiProblem) as problem:
        world.draft(FUNDER, "split_lot", lot_id=lot, parts=[{"face_value_minor": 100_00}])
    assert problem.value.code == "lot-indivisible"

    for name in (SUPPLIER, FUNDER, AUDITOR):
        shown = [each for each in world[name].api.pages("/holdbacks") if each["lot_id"] == lot]
        assert [
            (each["owed_to_seller"]["amount_minor"], each["owed_to_holder"]["amount_minor"])
            for each in shown
        ] == [(HOLDBACK, FACE - HOLDBACK)]
    title, last = world[SUPPLIER].api.get(f"/lots/{lot}/claims")["ranks"]
    assert [claim["amount_minor"] for claim in title["claims"]] == [FACE - HOLDBACK]
    assert (last["ground"], last["claims"][0]["claimant"]) == (
        "subordinate",
        world[SUPPLIER].number,
    )
    for name, path in ((SUPPLIER, "/maturities"), (FUNDER, f"/lots/{lot}")):
        headers = {"cookie": f"{CONSOLE_COOKIE}={world[name].wallet.api_key}"}
        page = world.client.get(path, headers=headers)
        assert page.status_code == 200
        assert "CNY\N{NO-BREAK SPACE}200.00" in page.text
    (funding,) = [
        entry for entry in world[FUNDER].api.pages("/fundings") if entry["request_id"] == request_id
    ]
    assert funding["holdback"]["amount_minor"] == HOLDBACK
