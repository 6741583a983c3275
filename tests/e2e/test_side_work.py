"""What the worker does beside the chain, on both databases: feed, webhooks, exports."""

import csv
import io
import json
from contextlib import suppress

from chainfin.domain.service_errors import LeaseLost
from tests.receivers import receiving, status
from tests.world import AUDITOR, SUPPLIER, World


def test_split__is_told_sent_and_exported(world: World) -> None:
    receivable_id = world.issue("SIDE-1", 1_000_00)
    world.work_beside()
    api = world[SUPPLIER].api
    with receiving(status(200)) as receiver:
        endpoint = api.post("/webhook-endpoints", {"url": receiver.url, "events": ["LotSplit"]})
        world.order(
            SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=[{"face_value_minor": 400_00}]
        )
        made = {
            table: world[AUDITOR].api.post("/exports", {"table": table})["export_id"]
            for table in (
                "receivables", "lots", "transfers", "financings", "settlements", "payments",
                "trail",
            )
        }  # fmt: skip
        world.work_beside()
        ((_, body),) = receiver.received

    told = list(world[AUDITOR].api.events())
    assert json.loads(body)["data"]["lot_ids"] == [f"{receivable_id}-1", f"{receivable_id}-2"]
    path = f"/webhook-endpoints/{endpoint['endpoint_id']}/deliveries"
    assert [entry["status"] for entry in api.get(path)["data"]] == ["delivered"]
    rows = {
        table: list(
            csv.DictReader(
                io.StringIO(world[AUDITOR].api.download(f"/exports/{number}/file").decode())
            )
        )
        for table, number in made.items()
    }
    assert len(rows["lots"]) == 2
    assert len(rows["receivables"]) == 1
    assert len(rows["trail"]) == len(told)
    assert all(
        world[AUDITOR].api.get(f"/exports/{number}")["rows_total"] == len(rows[table])
        for table, number in made.items()
    )


def test_worker__that_lost_the_side_work__leaves_it_alone(world: World) -> None:
    """Two workers on one database: one tells, the other waits or takes over; nothing doubles."""
    other = type(world.side_work)(world.runtime, world.settings)
    world.issue("SIDE-2", 1_000_00)
    for _ in range(50):
        for work in (world.side_work, other):
            with suppress(LeaseLost):
                work.step()
    other.stop()

    told = list(world[AUDITOR].api.events())
    places = [(entry["block_number"], entry["log_index"]) for entry in told]
    assert len(set(places)) == len(places)
    assert [entry["sequence"] for entry in told] == list(range(1, len(told) + 1))
