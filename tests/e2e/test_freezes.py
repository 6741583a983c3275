"""A court freezes, the anchor pays, an authority holds: in contracts, index, feed and evidence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.runtime import unit_of_work
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.indexer.checking import verify
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.world import ANCHOR, AUDITOR, CURRENCY, SUB_SUPPLIER, SUPPLIER, World, running_world

BANK = "Chainfin Development Bank"
COURT = "Intermediate Court"
ORDER, SUSPICION = "0x" + "a1" * 32, "0x" + "b2" * 32
FACE = 1_000_00
HOUR, DAY = 3_600, 86_400


@pytest.fixture
def tended(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A system with a court, whose worker also sends what anybody may."""
    with running_world(tmp_path / "home", database_url, upkeep=True) as world:
        world.populate()
        world.admit({COURT: ["registrar"]})
        holders = [world[COURT].number]
        world.order(BANK, "open_deposit_accounts", holders=holders, currency=CURRENCY)
        yield world


def balance(world: World, name: str) -> int:
    return int(world[name].api.get("/deposits")["data"][0]["balance_minor"])


def test_freeze_and_hold__from_order_to_court_deposit__verify_offline__r25_r26_r27(
    tended: World,
) -> None:
    world = tended
    receivable_id = world.issue("FROZEN-1", FACE)
    to = world[SUB_SUPPLIER].number
    parts = [{"face_value_minor": 300_00}, {"face_value_minor": 200_00}]
    world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=parts)
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    about = {"receivable_id": receivable_id, "holder": world[SUPPLIER].number}

    # A transfer that waits for its receiver is not completed; the other lots are free.
    world.order(SUPPLIER, "propose_transfer", lot_id=f"{receivable_id}-2", to=to)
    world.order(
        COURT,
        "freeze_lots",
        **about,
        reference_hash=ORDER,
        lot_sequences=[2],
        expires_at=due_at - DAY,
    )
    world.order(SUB_SUPPLIER, "reject_transfer", lot_id=f"{receivable_id}-2")
    world.order(
        COURT,
        "renew_freeze",
        receivable_id=receivable_id,
        reference_hash=ORDER,
        expires_at=due_at + 90 * DAY,
    )

    # At maturity the court's lot is paid to the court, the held one waits, the third is paid.
    world.move_clock(due_at)
    world.order(COURT, "hold_lots", **about, reference_hash=SUSPICION, lot_sequences=[3])
    before = {name: balance(world, name) for name in (SUPPLIER, COURT)}
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)
    assert balance(world, COURT) - before[COURT] == 300_00
    assert balance(world, SUPPLIER) - before[SUPPLIER] == 500_00

    # The hold ends by the clock; the worker has the holder paid without anybody's order.
    world.move_clock(due_at + 49 * HOUR)
    assert balance(world, SUPPLIER) - before[SUPPLIER] == 700_00

    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", f"{receivable_id}-2")
        content = export_evidence(context, world.runtime.decoder, auditor, subject)
        read = verify(
            context.session,
            lambda as_of, numbers: read_receivables(context.network, numbers, as_of.block_number),
        )
    assert verify_evidence(content, trust).holds
    assert not read.findings
    world.work_beside()
    told = {entry["event"] for entry in world[COURT].api.events()}
    assert {"LotFrozen", "LotHeld"} <= told
