"""Lineage of lots both ways, and a receivable as it was after an earlier block."""

from typing import Any

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.domain.receivable import LotId
from chainfin.services.audit import read_lot_history
from chainfin.services.context import Caller
from tests.queries import counted_queries
from tests.world import ANCHOR, STRANGER, SUPPLIER, World


def table(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(document["columns"], lot, strict=True)) for lot in document["data"]]


@pytest.mark.parametrize("path", ["/lots/{}-1/lineage", "/receivables/{}?as_of_block=1"])
def test_lineage__for_a_stranger__is_not_found(world: World, receivable_id: int, path: str) -> None:
    with pytest.raises(ApiProblem) as refused:
        world[STRANGER].api.get(path.format(receivable_id))

    assert refused.value.status == 404


def test_lineage__both_ways__is_of_the_lot_alone(world: World, receivable_id: int) -> None:
    for parent, face in ((1, 100_00), (2, 40_00), (1, 50_00)):
        world.order(
            SUPPLIER,
            "split_lot",
            lot_id=f"{receivable_id}-{parent}",
            parts=[{"face_value_minor": face}],
        )

    up = table(world[ANCHOR].api.get(f"/lots/{receivable_id}-3/lineage"))
    down = table(world[ANCHOR].api.get(f"/lots/{receivable_id}-2/lineage", direction="descendants"))
    page = table(
        world[ANCHOR].api.get(
            f"/lots/{receivable_id}-1/lineage", direction="descendants", cursor=2, limit=1
        )
    )

    assert [(lot["lot_sequence"], lot["depth"]) for lot in up] == [(1, 0), (2, 1), (3, 2)]
    assert [lot["lot_sequence"] for lot in down] == [2, 3]
    assert [lot["face_value_minor"] for lot in page] == [40_00]
    with pytest.raises(ApiProblem) as refused:
        world[ANCHOR].api.get(f"/lots/{receivable_id}-1/lineage", direction="sideways")
    assert refused.value.status == 422


def test_trail__of_many_facts__asks_as_often_as_that_of_few(
    world: World, receivable_id: int
) -> None:
    def questions() -> tuple[int, int]:
        caller = Caller(world[SUPPLIER].number)
        with unit_of_work(world.runtime) as context, counted_queries(context.session) as asked:
            trail = read_lot_history(
                context, world.runtime.decoder, caller, LotId(receivable_id, 1)
            )
        assert all(entry["orders"][0]["signatures"] for entry in trail["entries"])
        return len(trail["entries"]), len(asked)

    few, asked_for_few = questions()
    for _ in range(3):
        world.order(
            SUPPLIER,
            "split_lot",
            lot_id=f"{receivable_id}-1",
            parts=[{"face_value_minor": 10_00}],
        )
    many, asked_for_many = questions()

    assert many == few + 3
    assert asked_for_many == asked_for_few


def test_receivable__as_of_an_earlier_block__is_what_it_was(
    world: World, receivable_id: int
) -> None:
    before = world.runtime.network.node.head().number
    world.order(
        SUPPLIER,
        "split_lot",
        lot_id=f"{receivable_id}-1",
        parts=[{"face_value_minor": 400_00}],
    )
    read = world[SUPPLIER].api.get

    then = read(f"/receivables/{receivable_id}", as_of_block=before)
    now = read(f"/receivables/{receivable_id}", as_of_block=before + 1)

    assert [lot["face_value_minor"] for lot in then["lots"]] == [1_000_00]
    assert [lot["face_value_minor"] for lot in now["lots"]] == [600_00, 400_00]
    assert (then["status"], then["lot_count"], now["lot_count"]) == ("active", 1, 2)
    for block, status in ((0, 404), (10**9, 422)):
        with pytest.raises(ApiProblem) as refused:
            read(f"/receivables/{receivable_id}", as_of_block=block)
        assert refused.value.status == status
