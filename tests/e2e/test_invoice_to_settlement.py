"""The straight path, end to end: what the index says is what the contracts say."""

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.runtime import unit_of_work
from chainfin.indexer.checking import verify
from tests.world import (
    ANCHOR,
    AUDITOR,
    FUNDER,
    STRANGER,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
    play_story,
    settle,
)

FACE = 1_270_120_00


def balances(world: World) -> dict[str, int]:
    return {
        name: world[name].api.get("/deposits")["data"][0]["balance_minor"]
        for name in (ANCHOR, SUPPLIER, SUB_SUPPLIER, FUNDER)
    }


def findings(world: World) -> tuple[str, ...]:
    with unit_of_work(world.runtime) as context:
        result = verify(
            context.session,
            lambda as_of, numbers: read_receivables(context.network, numbers, as_of.block_number),
        )
    assert result.receivables
    return tuple(str(finding) for finding in result.findings)


def test_story__told_to_the_end__every_minor_unit_arrives(world: World) -> None:
    before = balances(world)
    receivable_id = play_story(world)

    settle(world, receivable_id)

    after = balances(world)
    moved = {name: after[name] - before[name] for name in before}
    assert moved[ANCHOR] == -FACE
    assert sum(moved.values()) == 0
    assert moved[SUPPLIER] == 762_072_00
    price = moved[SUB_SUPPLIER] - 254_024_00
    assert 0 < price < 254_024_00
    assert moved[FUNDER] == 254_024_00 - price
    assert world[AUDITOR].api.get(f"/receivables/{receivable_id}")["state"] == "settled"


def test_story__at_every_stage__index_equals_contracts(world: World) -> None:
    receivable_id = play_story(world)
    assert findings(world) == ()

    settle(world, receivable_id)

    assert findings(world) == ()
    found = world[AUDITOR].api.get(f"/receivables/{receivable_id}/reconciliation")
    assert found["matches"]
    assert found["conserved"]
    total = found["outstanding_in_lots_minor"] + found["paid_to_lots_minor"]
    assert total == found["face_value_minor"] == FACE


def test_settlement__of_a_part__pays_each_lot_its_floored_share(world: World) -> None:
    receivable_id = play_story(world)

    settle(world, receivable_id, amount_minor=1_000_000_01)

    lots = world[AUDITOR].api.get(f"/receivables/{receivable_id}/lineage")["lots"]
    for lot in lots:
        assert lot["paid_minor"] == lot["face_value_minor"] * 1_000_000_01 // FACE
    assert 0 <= 1_000_000_01 - sum(lot["paid_minor"] for lot in lots) < len(lots)
    assert findings(world) == ()


def test_trail__of_a_financed_part__names_every_act_and_both_signers(world: World) -> None:
    receivable_id = play_story(world)
    settle(world, receivable_id)

    trail = world[AUDITOR].api.get(f"/lots/{receivable_id}-3/audit")

    assert trail["lineage"] == [f"{receivable_id}-{number}" for number in (1, 2, 3)]
    told = [entry["event"] for entry in trail["entries"]]
    assert told[:4] == [
        "ReceivableIssued",
        "ReceivableAccepted",
        "LotSplit",
        "TransferProposed",
    ]
    assert {"TransferAccepted", "LotFinanced", "ReceivableSettled", "LotsPaid"} <= set(told)
    for entry in trail["entries"]:
        for order in entry["orders"]:
            assert order["maker_key"] != order["checker_key"]
    assert trail["reconciliation"]["matches"]


def test_stranger__asking_for_anything_of_it__finds_nothing(world: World) -> None:
    receivable_id = play_story(world)
    stranger = world[STRANGER].api

    for path in (
        f"/receivables/{receivable_id}",
        f"/receivables/{receivable_id}/lineage",
        f"/receivables/{receivable_id}/reconciliation",
        f"/lots/{receivable_id}-1",
        f"/lots/{receivable_id}-1/audit",
        f"/lots/{receivable_id}-1/evidence",
    ):
        answer = world.client.get(
            f"/v1{path}", headers={"authorization": f"Bearer {world[STRANGER].wallet.api_key}"}
        )
        assert answer.status_code == 404, path
    assert stranger.get("/receivables")["data"] == []
    assert stranger.get("/lots")["data"] == []
