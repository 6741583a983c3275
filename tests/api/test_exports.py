"""Exports: the stranger first; then files that are whole, safe and true at one block."""

import csv
import io
import json
import re
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.dependencies import CONSOLE_COOKIE
from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.models.exports import get_export
from chainfin.services import exports as service
from tests.world import ANCHOR, AUDITOR, STRANGER, SUB_SUPPLIER, SUPPLIER, World


def exported(world: World, name: str, table: str, form: str = "csv") -> str:
    made = world[name].api.post("/exports", {"table": table, "format": form})
    world.work_beside()
    return world[name].api.download(f"/exports/{made['export_id']}/file").decode()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def refused(call: Any, *arguments: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call(*arguments)
    return caught.value


@pytest.mark.parametrize("path", ["", "/progress", "/file"])
def test_export__of_another_organisation__is_not_found(world: World, path: str) -> None:
    made = world[SUPPLIER].api.post("/exports", {"table": "lots"})
    world.work_beside()

    for name in (STRANGER, AUDITOR):
        problem = refused(world[name].api.get, f"/exports/{made['export_id']}{path}")
        assert (problem.status, problem.code) == (404, "not-found")
    assert refused(world.operator.get, f"/exports/{made['export_id']}{path}").status == 404


def test_export__of_receivables__has_those_of_its_organisation(
    world: World, receivable_id: int
) -> None:
    own = rows_of(exported(world, SUPPLIER, "receivables"))
    all_of_them = rows_of(exported(world, AUDITOR, "receivables"))

    newest = own[-1]
    assert newest["receivable_id"] == str(receivable_id)
    assert (newest["face_value_minor"], newest["face_value_currency"]) == ("100000", "CNY")
    assert newest["state"] == "active"
    assert rows_of(exported(world, STRANGER, "receivables")) == []
    assert len(all_of_them) >= len(own)


@pytest.mark.parametrize(
    "table", ["receivables", "lots", "transfers", "financings", "settlements", "payments"]
)
def test_export__as_json_lines__says_what_the_list_says(
    world: World, receivable_id: int, table: str
) -> None:
    lot = {"lot_id": f"{receivable_id}-1"}
    if table == "transfers":
        world.order(SUPPLIER, "propose_transfer", **lot, to=world[SUB_SUPPLIER].number)
    if table == "financings":
        world.order(SUPPLIER, "request_financing", **lot)
    if table in {"settlements", "payments"}:
        world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)
    lines = exported(world, SUPPLIER, table, "jsonl").splitlines()
    text = exported(world, SUPPLIER, table)

    last = json.loads(lines[-1])
    subject = str(last.get("lot_id") or last["receivable_id"])
    assert subject.partition("-")[0] == str(receivable_id)
    assert len(rows_of(text)) == len(lines)


def test_export__of_the_trail__is_the_feed(world: World, receivable_id: int) -> None:
    world.work_beside()
    lines = exported(world, SUPPLIER, "trail", "jsonl").splitlines()

    assert [json.loads(line) for line in lines] == list(world[SUPPLIER].api.events())


def test_export__in_many_pieces__has_every_row_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = exported(world, AUDITOR, "trail")
    monkeypatch.setattr(service, "ROWS_A_PIECE", 7)
    pieces = exported(world, AUDITOR, "trail")
    made = world[AUDITOR].api.get("/exports")["data"][0]

    assert pieces == whole
    assert made["rows_done"] == made["rows_total"] == len(rows_of(whole))
    assert made["file_bytes"] == len(whole.encode())
    assert made["as_of"]["block_number"] > 0


def test_progress__is_told_as_it_is_made_and_ends_with_the_export(world: World) -> None:
    api = world[SUPPLIER].api
    made = api.post("/exports", {"table": "lots"})
    worker = threading.Timer(0.5, world.work_beside)
    worker.start()

    told = list(api.progress(f"/exports/{made['export_id']}/progress"))
    worker.join()

    assert told[0]["status"] == "queued"
    assert told[-1]["status"] == "done"
    assert told[-1]["rows_done"] == told[-1]["rows_total"]


def test_file__of_an_export_that_is_not_done__is_refused(world: World) -> None:
    api = world[SUPPLIER].api
    made = api.post("/exports", {"table": "lots"})

    problem = refused(api.download, f"/exports/{made['export_id']}/file")
    world.work_beside()

    assert (problem.status, problem.code) == (409, "export-not-done")


def test_export__that_a_killed_process_began__is_made_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ROWS_A_PIECE", 3)
    made = world[AUDITOR].api.post("/exports", {"table": "trail"})
    for _ in range(4):
        world.side_work.step()
    view = world[AUDITOR].api.get(f"/exports/{made['export_id']}")
    assert (view["status"], view["rows_done"] > 0) == ("running", True)

    world.side_work.stop()
    world.work_beside()

    assert world[AUDITOR].api.get(f"/exports/{made['export_id']}")["status"] == "done"
    text = world[AUDITOR].api.download(f"/exports/{made['export_id']}/file").decode()
    assert text == exported(world, AUDITOR, "trail")


def test_export__after_its_time__has_no_file(world: World) -> None:
    api = world[SUPPLIER].api
    made = api.post("/exports", {"table": "lots"})
    world.work_beside()
    with unit_of_work(world.runtime) as context:
        row = get_export(context.session, made["export_id"])
        assert row is not None
        row.expires_at = context.now - 1
    world.work_beside()

    assert api.get(f"/exports/{made['export_id']}")["status"] == "expired"
    problem = refused(api.download, f"/exports/{made['export_id']}/file")
    assert problem.code == "export-not-done"


def test_exports__that_nobody_waits_for__are_bounded(world: World) -> None:
    api = world[STRANGER].api
    for _ in range(service.MOST_UNFINISHED):
        api.post("/exports", {"table": "lots"})

    answer = world.client.post(
        "/v1/exports",
        json={"table": "lots"},
        headers={
            "authorization": f"Bearer {world[STRANGER].wallet.api_key}",
            "idempotency-key": "one-too-many",
        },
    )
    world.work_beside()

    assert (answer.status_code, answer.json()["code"]) == (429, "too-many-exports")


# --- the console's page ----------------------------------------------------------------------


def visitor(world: World, name: str | None) -> TestClient:
    cookies = {} if name is None else {CONSOLE_COOKIE: world[name].wallet.api_key}
    return TestClient(
        world.app,
        base_url="http://127.0.0.1:8000",
        client=("203.0.113.7", 50_000),
        cookies=cookies,
        follow_redirects=False,
    )


def test_page__of_a_stranger__asks_for_a_key(world: World) -> None:
    assert visitor(world, None).get("/exports").status_code == 401


def test_page__asks_for_a_file_shows_it_coming_and_hands_it_out(world: World) -> None:
    supplier = visitor(world, SUPPLIER)
    asked = supplier.post("/exports", data={"table": "lots", "file_format": "csv"})
    coming = supplier.get("/exports")
    world.work_beside()
    done = supplier.get("/exports")

    assert asked.status_code == 303
    assert coming.headers["refresh"] == "1"
    assert "refresh" not in done.headers
    (place, *_) = re.findall('href="(/exports/[0-9a-f-]+/file)"', done.text)
    file = supplier.get(place)
    assert file.headers["content-disposition"] == 'attachment; filename="lots.csv"'
    assert file.text.startswith("lot_id,receivable_id,parent,holder")
    assert visitor(world, STRANGER).get(place).status_code == 404


def test_form__that_another_site_sent__is_refused(world: World) -> None:
    form = {"table": "lots", "file_format": "csv"}
    answer = visitor(world, SUPPLIER).post(
        "/exports", data=form, headers={"sec-fetch-site": "cross-site"}
    )

    assert answer.status_code == 401
