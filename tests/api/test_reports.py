"""Reports over HTTP: the stranger first, then that the sums are those of the receivables."""

import csv
import io
from typing import Any

import pytest

from tests.world import ANCHOR, AUDITOR, STRANGER, SUB_SUPPLIER, SUPPLIER, World

NAMES = ("exposure", "maturities", "ageing", "reconciliation", "splits")


def rows_of(world: World, name: str, report: str) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = world[name].api.get(f"/reports/{report}")["data"]
    return data


@pytest.mark.parametrize("report", NAMES)
def test_report__without_a_credential__is_not_answered(world: World, report: str) -> None:
    assert world.client.get(f"/v1/reports/{report}").status_code == 401


@pytest.mark.parametrize("report", NAMES)
def test_report__of_an_organisation_without_business__is_empty(
    world: World, receivable_id: int, report: str
) -> None:
    assert rows_of(world, STRANGER, report) == []


def test_report__of_no_such_name__is_refused(world: World) -> None:
    answer = world.client.get(
        "/v1/reports/profits", headers={"authorization": f"Bearer {world.operator_key}"}
    )

    assert answer.status_code == 422


def test_exposure__grows_by_a_new_receivable_for_its_parties(world: World) -> None:
    def owed(name: str) -> int:
        return sum(
            row["outstanding"]["amount_minor"]
            for row in rows_of(world, name, "exposure")
            if row["obligor"] == world[ANCHOR].number
        )

    before = {name: owed(name) for name in (ANCHOR, SUPPLIER, AUDITOR)}
    world.issue("REPORTS-1", 777_00)

    assert {name: owed(name) - before[name] for name in before} == dict.fromkeys(before, 777_00)
    ladder = rows_of(world, SUPPLIER, "maturities")
    assert sum(row["outstanding"]["amount_minor"] for row in ladder) == owed(SUPPLIER)


def test_splits__into_equal_parts_for_one_receiver__reach_anchor_and_auditor_r09(
    world: World,
) -> None:
    number = world.issue("SMURF-1", 9_000_00)
    parts = [{"face_value_minor": 1_000_00, "to": world[SUB_SUPPLIER].number}] * 5
    world.order(SUPPLIER, "split_lot", lot_id=f"{number}-1", parts=parts)
    for sequence in range(2, 7):
        world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{number}-{sequence}")

    for reader in (ANCHOR, AUDITOR):
        (found,) = [
            row
            for row in rows_of(world, reader, "splits")
            if row["receivable_id"] == number and row["pattern"] == "equal_parts"
        ]
        assert (found["lot"], found["lots"]) == (f"{number}-1", 5)
    assert rows_of(world, SUPPLIER, "splits") == []


def test_reconciliation__of_everything__has_no_difference(world: World, receivable_id: int) -> None:
    (own,) = rows_of(world, ANCHOR, "reconciliation")
    everybody = rows_of(world, AUDITOR, "reconciliation")

    assert own in everybody
    assert own["difference"]["amount_minor"] == 0
    assert own["paid"] == own["cleared"] == own["paid_to_lots"]


def test_report__as_csv__has_the_same_rows(world: World, receivable_id: int) -> None:
    text = world[AUDITOR].api.download("/reports/exposure", format="csv").decode()

    rows = list(csv.DictReader(io.StringIO(text)))

    expected = rows_of(world, AUDITOR, "exposure")
    assert [int(row["obligor"]) for row in rows] == [row["obligor"] for row in expected]
    minor = [int(row["outstanding"].replace(".", "")) for row in rows]
    assert minor == [row["outstanding"]["amount_minor"] for row in expected]
