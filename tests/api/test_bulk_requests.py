"""Many orders in one request: the stranger first; each stands or falls alone; nothing twice."""

from typing import Any

import pytest

from chainfin.client.api import ApiProblem, Draft
from tests.world import STRANGER, SUPPLIER, World, signature_of


def split(world: World, receivable_id: int, face_value_minor: int) -> Draft:
    parts = [{"face_value_minor": face_value_minor}]
    return world.draft(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=parts)


def entry(world: World, draft: Draft) -> dict[str, Any]:
    return {
        "typed_data": draft.typed_data,
        "approvals": [signature_of(approval) for approval in world.approvals(SUPPLIER, draft)],
        "attachments": draft.attachments,
    }


def test_bulk_request__of_another__is_not_there(world: World, receivable_id: int) -> None:
    orders = [entry(world, split(world, receivable_id, 400_00))]
    bulk = world[SUPPLIER].api.post("/bulk-requests", {"orders": orders})

    with pytest.raises(ApiProblem) as refused:
        world[STRANGER].api.get(f"/bulk-requests/{bulk['bulk_request_id']}")

    assert refused.value.code == "not-found"


def test_bulk_request__good_refused_and_malformed__each_has_its_own_result(
    world: World, receivable_id: int
) -> None:
    good = entry(world, split(world, receivable_id, 400_00))
    unsigned = entry(world, split(world, receivable_id, 300_00)) | {"approvals": []}
    stale = entry(world, split(world, receivable_id, 200_00))
    foreign = {"typed_data": {"primaryType": "Nothing"}, "approvals": [], "attachments": {}}

    bulk = world[SUPPLIER].api.post(
        "/bulk-requests", {"orders": [good, unsigned, foreign, good, stale]}
    )
    world.work()
    after = world[SUPPLIER].api.get(f"/bulk-requests/{bulk['bulk_request_id']}")["data"]

    assert [row["position"] for row in after] == [0, 1, 2, 3, 4]
    assert [row["status"] for row in bulk["data"]] == [
        "received",
        "rejected",
        "rejected",
        "received",
        "received",
    ]
    # The second of two splits of one lot as it was: as signed, it no longer is.
    assert [row["status"] for row in after] == [
        "final",
        "rejected",
        "rejected",
        "final",
        "reverted",
    ]
    reasons = [row["reason"]["name"] for row in after if row["reason"]]
    assert reasons == ["ApprovalsMalformed", "OrderMalformed", "LotChanged"]


def test_bulk_request__repeated__answers_again_and_records_nothing(
    world: World, receivable_id: int
) -> None:
    body = {"orders": [entry(world, split(world, receivable_id, 400_00))]}

    first = world[SUPPLIER].api.post("/bulk-requests", body, idempotency_key="bulk")
    again = world[SUPPLIER].api.post("/bulk-requests", body, idempotency_key="bulk")
    with pytest.raises(ApiProblem) as reused:
        world[SUPPLIER].api.post(
            "/bulk-requests", {"orders": body["orders"] * 2}, idempotency_key="bulk"
        )

    assert again == first
    assert reused.value.code == "idempotency-key-reused"
