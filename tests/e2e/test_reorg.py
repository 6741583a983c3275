"""F14: blocks vanish; the index follows, and what they carried is sent again."""

from tests.e2e.test_invoice_to_settlement import findings
from tests.world import AUDITOR, SUPPLIER, World


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
