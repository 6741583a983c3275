"""F14: blocks vanish; the index follows, and what they carried is sent again."""

import time

import pytest

from chainfin.cli.runtime import RETAKE_SECONDS, unit_of_work
from chainfin.indexer.sync import rewind
from chainfin.services import relaying, submission
from tests.e2e.test_invoice_to_settlement import findings
from tests.world import AUDITOR, SUPPLIER, World


@pytest.mark.fault("F14", "anvil_reorg that drops an order")
def test_reorganisation__that_drops_a_split__runs_it_again_once(world: World) -> None:
    receivable_id = world.issue("R-1", 1_000_00)
    order = world.order(
        SUPPLIER,
        "split_lot",
        lot_id=f"{receivable_id}-1",
        parts=[{"face_value_minor": 400_00}],
    )
    node = world.runtime.network.node

    node.request("anvil_reorg", [1, []])
    world.work()

    again = world[SUPPLIER].api.get(f"/orders/{order['order_hash']}")
    assert again["status"] == "final"
    lineage = world[AUDITOR].api.get(f"/receivables/{receivable_id}/lineage")
    assert [lot["face_value_minor"] for lot in lineage["lots"]] == [600_00, 400_00]
    assert findings(world) == ()


@pytest.mark.fault("F14", "node back without its last block")
def test_network__that_came_back_shorter__is_told_again_what_it_lost(world: World) -> None:
    """The embedded node was killed before it wrote its last second."""
    receivable_id = world.issue("R-2", 1_000_00)
    node = world.runtime.network.node
    snapshot = node.request("evm_snapshot")
    order = world.order(
        SUPPLIER,
        "split_lot",
        lot_id=f"{receivable_id}-1",
        parts=[{"face_value_minor": 400_00}],
    )
    node.request("evm_revert", [snapshot])

    assert world.worker.follow_shorter_chain()
    world.work()

    again = world[SUPPLIER].api.get(f"/orders/{order['order_hash']}")
    assert again["status"] == "final"
    assert [step["status"] for step in again["history"]].count("final") == 2
    assert findings(world) == ()
    assert not world.worker.follow_shorter_chain()


def test_feed__after_a_reorganisation__says_what_was_taken_back_and_goes_on(world: World) -> None:
    receivable_id = world.issue("R-3", 1_000_00)
    world.order(
        SUPPLIER,
        "split_lot",
        lot_id=f"{receivable_id}-1",
        parts=[{"face_value_minor": 400_00}],
    )
    world.work_beside()
    before = list(world[AUDITOR].api.events())
    assert before[-1]["event"] == "LotSplit" or before[-2]["event"] == "LotSplit"

    world.runtime.network.node.request("anvil_reorg", [1, []])
    world.work()
    world.work_beside()

    entries = list(world[AUDITOR].api.events())
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    gone = [entry for entry in entries if entry["taken_back_by"]]
    (told,) = [entry for entry in entries if entry["event"] == "ChainReorganised"]
    assert {entry["taken_back_by"] for entry in gone} == {told["sequence"]}
    assert told["facts"] == {
        "first_sequence": gone[0]["sequence"],
        "last_sequence": before[-1]["sequence"],
    }
    assert "LotSplit" in [entry["event"] for entry in gone]
    after = [entry["event"] for entry in entries if entry["sequence"] > told["sequence"]]
    assert after.count("LotSplit") == 1
    parties = list(world[SUPPLIER].api.events(before[-1]["sequence"]))
    assert [entry["event"] for entry in parties] == ["ChainReorganised", *after]


def test_feed__while_the_index_is_read_again__says_nothing_twice(world: World) -> None:
    """F33: an index that goes back by hand reads the same blocks again."""
    world.issue("R-4", 1_000_00)
    world.work_beside()
    before = list(world[AUDITOR].api.events())

    with unit_of_work(world.runtime) as context:
        rewind(context.session, world.runtime.decoder, context.as_of().block_number - 2)
    world.work_beside()
    world.work()
    world.work_beside()

    assert list(world[AUDITOR].api.events()) == before


@pytest.mark.fault("F14", "block taken back before the index read it")
def test_block__taken_back_before_the_index_read_it__is_run_again(world: World) -> None:
    receivable_id = world.issue("R-3", 1_000_00)
    draft = world.draft(
        SUPPLIER,
        "split_lot",
        lot_id=f"{receivable_id}-1",
        parts=[{"face_value_minor": 400_00}],
    )
    world.submit(SUPPLIER, draft)
    with unit_of_work(world.runtime) as context:
        submission.plan(context, world.relayers)
    with unit_of_work(world.runtime) as context:
        sent = relaying.broadcast_stored(context, world.relayers)
        submission.note_broadcast(context, world.relayers, sent)
    with unit_of_work(world.runtime) as context:
        receipts = relaying.read_receipts(context, world.relayers)
        assert submission.note_receipts(context, world.relayers, receipts) == 1
    assert world[SUPPLIER].api.get(f"/orders/{draft.order_hash}")["status"] == "included"

    world.runtime.network.node.request("anvil_reorg", [1, []])
    time.sleep(RETAKE_SECONDS)
    world.work()

    again = world[SUPPLIER].api.get(f"/orders/{draft.order_hash}")
    assert again["status"] == "final"
    assert findings(world) == ()
