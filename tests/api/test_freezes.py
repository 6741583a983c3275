"""Freezes and holds over HTTP: the stranger first."""

from typing import Any

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from tests.world import ANCHOR, AUDITOR, CURRENCY, STRANGER, SUB_SUPPLIER, SUPPLIER, World

BANK = "Chainfin Development Bank"
COURT = "Intermediate Court"
REFERENCE = "0x" + "c0" * 32


@pytest.fixture(scope="module")
def court(world: World) -> str:
    """A court with an account at the bank."""
    world.admit({COURT: ["registrar"]})
    holders = [world[COURT].number]
    world.order(BANK, "open_deposit_accounts", holders=holders, currency=CURRENCY)
    return COURT


def fields(world: World, receivable_id: int, **more: Any) -> dict[str, Any]:
    holder = world[SUPPLIER].number
    return {
        "receivable_id": receivable_id,
        "holder": holder,
        "reference_hash": REFERENCE,
        **more,
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/freezes"),
        ("GET", "/v1/lots/1-1/freezes"),
        ("POST", "/v1/freezes"),
        ("POST", "/v1/holds"),
        ("POST", "/v1/freezes/renewal"),
        ("POST", "/v1/freezes/lift"),
    ],
)
def test_request__without_a_credential__is_not_answered(
    world: World, method: str, path: str
) -> None:
    assert world.client.request(method, path, json={}).status_code == 401


@pytest.mark.parametrize(
    ("name", "code"),
    [(STRANGER, "not-found"), (SUPPLIER, "kind-required"), (ANCHOR, "kind-required")],
)
def test_freeze__by_no_court__is_refused(
    world: World, receivable_id: int, name: str, code: str
) -> None:
    for path in ("/freezes", "/holds"):
        with pytest.raises(ApiProblem) as refusal:
            world[name].api.post(path, fields(world, receivable_id))
        assert refusal.value.code == code


def test_freeze__for_too_long__is_refused_by_the_rule_of_the_day__r25_r27(
    world: World, court: str, receivable_id: int
) -> None:
    with unit_of_work(world.runtime) as context:
        now_at = context.as_of().block_timestamp
    for act, seconds in (("freeze_lots", 3 * 366 * 86_400), ("hold_lots", 49 * 3_600)):
        with pytest.raises(ApiProblem) as refusal:
            world.draft(court, act, **fields(world, receivable_id, expires_at=now_at + seconds))
        assert refusal.value.code == "freeze-too-long"


def test_freeze__of_a_year__is_signed_within_a_day(
    world: World, court: str, receivable_id: int
) -> None:
    with unit_of_work(world.runtime) as context:
        now_at = context.as_of().block_timestamp
    until = now_at + 365 * 86_400

    draft = world.draft(court, "freeze_lots", **fields(world, receivable_id, expires_at=until))

    message = draft.typed_data["message"]
    assert int(message["expiresAt"]) == until
    assert int(message["deadline"]) <= now_at + 2 * 86_400


def test_freeze__of_nothing__is_refused_before_anybody_signs(
    world: World, court: str, receivable_id: int
) -> None:
    for more, code in (
        ({"holder": world[SUB_SUPPLIER].number}, "nothing-to-freeze"),
        ({"lot_sequences": [9]}, "lot-unknown"),
        ({"reference_hash": "0x" + "00" * 32}, "reference-missing"),
    ):
        with pytest.raises(ApiProblem) as refusal:
            world.draft(court, "freeze_lots", **fields(world, receivable_id, **more))
        assert refusal.value.code == code


def test_freeze__is_shown_to_its_parties_and_keeps_the_lot__r26(
    world: World, court: str, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    with pytest.raises(ApiProblem):
        world[court].api.get(f"/lots/{lot}")
    world.order(court, "freeze_lots", **fields(world, receivable_id))

    (shown,) = world[SUPPLIER].api.get(f"/lots/{lot}/freezes")["data"]
    assert (shown["court"], shown["holds"], shown["to_court"]) == (world[court].number, True, True)
    for name in (court, SUPPLIER, AUDITOR):
        entries = list(world[name].api.pages("/freezes"))
        assert [each for each in entries if each["lot_id"] == lot] == [shown]
    assert world[STRANGER].api.get("/freezes")["data"] == []
    with pytest.raises(ApiProblem):
        world[STRANGER].api.get(f"/lots/{lot}/freezes")
    assert world[court].api.get(f"/lots/{lot}")["lot_id"] == lot

    to = world[SUB_SUPPLIER].number
    with pytest.raises(ApiProblem) as refusal:
        world.draft(SUPPLIER, "propose_transfer", lot_id=lot, to=to)
    assert refusal.value.code == "lot-frozen"
    again = world[SUPPLIER].api
    assert again.get(f"/receivables/{receivable_id}/reconciliation")["matches"]

    lifting = {"receivable_id": receivable_id, "reference_hash": REFERENCE}
    with pytest.raises(ApiProblem):
        world.draft(SUPPLIER, "lift_freeze", **lifting)
    world.order(court, "lift_freeze", **lifting)
    (lifted,) = world[SUPPLIER].api.get(f"/lots/{lot}/freezes")["data"]
    assert not lifted["holds"]
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=to)


def test_hold__is_not_renewed__r27(world: World, court: str, receivable_id: int) -> None:
    world.order(court, "hold_lots", **fields(world, receivable_id))
    with unit_of_work(world.runtime) as context:
        now_at = context.as_of().block_timestamp

    with pytest.raises(ApiProblem) as refusal:
        world.draft(
            court,
            "renew_freeze",
            receivable_id=receivable_id,
            reference_hash=REFERENCE,
            expires_at=now_at + 90 * 86_400,
        )

    assert refusal.value.code == "hold-not-renewable"


def test_urls_of_freezes__draft_their_acts(world: World, court: str, receivable_id: int) -> None:
    api = world[court].api
    under = {"receivable_id": receivable_id, "reference_hash": REFERENCE}
    assert api.post("/freezes", fields(world, receivable_id))["act"] == "freeze_lots"
    assert api.post("/holds", fields(world, receivable_id))["act"] == "hold_lots"
    world.order(court, "freeze_lots", **fields(world, receivable_id))
    until = api.get(f"/lots/{receivable_id}-1/freezes")["data"][0]["expires_at"] + 86_400

    renewal = api.post("/freezes/renewal", {**under, "expires_at": until})
    assert renewal["act"] == "renew_freeze"
    assert api.post("/freezes/lift", under)["act"] == "lift_freeze"
