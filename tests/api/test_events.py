"""The event feed: the stranger hears nothing, the parties everything, in order, once."""

import pytest

from chainfin.client.api import ApiProblem
from tests.world import AUDITOR, FUNDER, STRANGER, SUB_SUPPLIER, SUPPLIER, World


def heard(world: World, name: str, receivable_id: int) -> list[str]:
    return [
        entry["event"]
        for entry in world[name].api.events()
        if entry["receivable_id"] == receivable_id
    ]


def test_events__without_a_credential__are_not_told(world: World) -> None:
    with pytest.raises(ApiProblem) as caught:
        world.api("").get("/events")

    assert caught.value.status == 401


def test_stranger__hears_nothing_of_a_receivable_of_others(
    world: World, receivable_id: int
) -> None:
    world.work_beside()

    assert heard(world, STRANGER, receivable_id) == []
    assert heard(world, SUPPLIER, receivable_id) == ["ReceivableIssued", "ReceivableAccepted"]


def test_feed__for_an_auditor__has_every_number_once_in_chain_order(
    world: World, receivable_id: int
) -> None:
    world.work_beside()

    entries = list(world[AUDITOR].api.events(limit=7))

    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    places = [(entry["block_number"], entry["log_index"]) for entry in entries]
    assert places == sorted(places)


def test_receiver__hears_of_its_offer_and_not_of_what_was_before(
    world: World, receivable_id: int
) -> None:
    world.order(
        SUPPLIER,
        "propose_transfer",
        lot_id=f"{receivable_id}-1",
        to=world[SUB_SUPPLIER].number,
    )
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{receivable_id}-1")
    world.work_beside()

    assert heard(world, SUB_SUPPLIER, receivable_id)[-2:] == [
        "TransferProposed",
        "TransferAccepted",
    ]
    assert heard(world, STRANGER, receivable_id) == []


def test_entry__says_where_it_is_which_lots_and_which_order(
    world: World, receivable_id: int
) -> None:
    order = world.order(
        SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=[{"face_value_minor": 400_00}]
    )
    world.work_beside()

    *_, entry = [entry for entry in world[SUPPLIER].api.events() if entry["event"] == "LotSplit"]

    assert entry["lot_ids"] == [f"{receivable_id}-1", f"{receivable_id}-2"]
    assert entry["order_hashes"] == [order["order_hash"]]
    assert entry["transaction_hash"] == order["transaction_hash"]
    assert entry["block_number"] == order["block_number"]
    assert entry["facts"]["remaining_face_value"] == 600_00
    assert entry["taken_back_by"] is None


def test_market__is_told_to_funders_and_to_no_other_supplier(
    world: World, receivable_id: int
) -> None:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    world.work_beside()

    assert heard(world, FUNDER, receivable_id) == ["FinancingRequested"]
    assert heard(world, STRANGER, receivable_id) == []
    (request,) = [
        entry
        for entry in world[SUPPLIER].api.events()
        if entry["event"] == "FinancingRequested" and entry["receivable_id"] == receivable_id
    ]
    world.order(SUPPLIER, "withdraw_financing_request", request_id=request["facts"]["request_id"])
    world.work_beside()
    assert heard(world, FUNDER, receivable_id) == ["FinancingRequested", "FinancingRequestEnded"]


def test_admission__is_every_members_to_hear_and_keys_are_not(world: World) -> None:
    world.work_beside()
    entries = list(world[STRANGER].api.events())

    admitted = [e["facts"]["organisation"] for e in entries if e["event"] == "ParticipantAdmitted"]
    keys = {e["facts"]["organisation"] for e in entries if e["event"] == "KeyRegistered"}

    assert {world[SUPPLIER].number, world[FUNDER].number} <= set(admitted)
    assert keys == {world[STRANGER].number}
