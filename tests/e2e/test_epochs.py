"""The fingerprint key is rotated: what was used under the old key stays used under the new one."""

from dataclasses import replace

import pytest
from sqlmodel import Session, delete, select

from chainfin.chain.calls import calldata
from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.domain.refusals import DocumentsNotCarried
from chainfin.domain.service_errors import EpochKeyMissing, RightRequired
from chainfin.models.documents import documents_now, live_epoch
from chainfin.models.private_documents import DocumentFingerprintRow, TradeDocumentRow
from chainfin.services.context import Caller
from chainfin.services.epochs import carry_documents, carrying, open_epoch
from tests.world import ANCHOR, SUPPLIER, World

OPERATOR = Caller(organisation=0, reads_all=True)
INVOICE, FACE = "HSF-2026/0193", 1_000_00


def carry(world: World, caller: Caller = OPERATOR):
    with unit_of_work(world.runtime) as context:
        return carry_documents(context, caller)


def open_next(world: World, caller: Caller = OPERATOR):
    with unit_of_work(world.runtime) as context:
        return open_epoch(context, caller)


def rotate(world: World) -> None:
    """Every document is carried, and the next epoch opens."""
    while carry(world).waiting:
        world.work()
    open_next(world)
    world.work()


def require_used(world: World, tag: str) -> None:
    """No receivable can be issued on it any more: it is used in full."""
    with pytest.raises(ApiProblem) as caught:
        world.draft(
            ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=60
        )
    assert caught.value.code == "issue-refused"
    assert "DocumentAlreadyUsed" in str(caught.value)


def state_of(world: World, tag: str) -> str:
    found = world[ANCHOR].api.get("/documents")["data"]
    return next(entry["state"] for entry in found if entry["fingerprint"] == tag)


@pytest.mark.parametrize("caller", [Caller(3), Caller(3, reads_all=True)])
def test_epoch__only_the_operator_carries_and_opens(world: World, caller: Caller) -> None:
    for act in (carry, open_next):
        with pytest.raises(RightRequired):
            act(world, caller)


def test_rotation__an_invoice_used_under_the_old_key__is_used_under_the_new_one(
    world: World,
) -> None:
    receivable = world.issue(INVOICE, FACE)
    old = world.record(ANCHOR, SUPPLIER, INVOICE, FACE)
    waiting = world.record(ANCHOR, SUPPLIER, "not issued on yet", FACE)
    with pytest.raises(DocumentsNotCarried):
        open_next(world)

    rotate(world)

    assert world.record(ANCHOR, SUPPLIER, INVOICE, FACE) == old
    require_used(world, old)
    with Session(world.runtime.engine) as session:
        assert live_epoch(session) == 2
        assert len(session.exec(select(TradeDocumentRow)).all()) == 2
        new = documents_now(session, [old])[old].fingerprint
    assert new != old
    assert world[SUPPLIER].api.get(f"/documents/{new}")["fingerprint"] == old
    # What is given back under the old fingerprint is free under the new one.
    for name in (ANCHOR, SUPPLIER):
        world.order(
            name,
            "cancel_receivable",
            receivable_id=receivable,
            amount_minor=FACE,
        )
    assert world.issue(INVOICE, FACE) == receivable + 1
    # And what was recorded before and never used goes by its new fingerprint.
    world.order(
        ANCHOR,
        "issue_receivable",
        programme_id=1,
        document_fingerprint=waiting,
        tenor_days=60,
    )
    require_used(world, old)


def test_carrying__a_fingerprint_that_was_never_computed__comes_from_the_sealed_file(
    world: World,
) -> None:
    """As if the next epoch's key had come after the documents."""
    world.issue(INVOICE, FACE)
    with Session(world.runtime.engine) as session:
        session.exec(delete(DocumentFingerprintRow))
        session.commit()

    rotate(world)

    assert state_of(world, world.record(ANCHOR, SUPPLIER, INVOICE, FACE)) == "used"


def test_carrying__an_erased_document_without_its_next_fingerprint__is_named_until_handed_in_again(
    world: World,
) -> None:
    world.issue(INVOICE, FACE)
    tag = world.record(ANCHOR, SUPPLIER, INVOICE, FACE)
    world[ANCHOR].api.post(f"/documents/{tag}/erasure", {"reason": "it must go"})
    with Session(world.runtime.engine) as session:
        session.exec(delete(DocumentFingerprintRow))
        session.commit()

    stands = carry(world)

    assert set(stands.unnamed) == {tag}
    assert (stands.remaining, stands.waiting) == (1, 0)
    world.record(ANCHOR, SUPPLIER, INVOICE, FACE)
    assert carry(world).sent == 1


def test_carrying__interrupted_and_asked_again__signs_nothing_twice(world: World) -> None:
    world.issue(INVOICE, FACE)

    first, second = carry(world), carry(world)

    assert (first.sent, first.waiting) == (1, 1)
    assert (second.sent, second.waiting) == (0, 1)
    world.work()
    with unit_of_work(world.runtime) as context:
        assert carrying(context, OPERATOR).remaining == 0


def test_carrying__without_the_next_key__is_refused_by_name(world: World) -> None:
    keys = world.runtime.keys
    assert keys is not None
    world.runtime = replace(
        world.runtime, keys=replace(keys, fingerprint_keys=keys.fingerprint_keys[:1])
    )

    with pytest.raises(EpochKeyMissing, match="epoch 2"):
        carry(world)


def test_opening__sent_to_the_contract_past_the_service__is_refused_there(world: World) -> None:
    world.issue(INVOICE, FACE)
    network = world.runtime.network
    data = calldata("DocumentRegistry", "openEpoch", [2])

    with pytest.raises(DocumentsNotCarried):
        network.node.call(
            network.deployment.address("DocumentRegistry"),
            data,
            sender=network.deployment.administrator,
        )
