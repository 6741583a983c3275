"""The auditor, with nothing but a file and a block hash: node and service are gone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chainfin.chain.contracts.receivable_ledger import read_receivable
from chainfin.cli.runtime import unit_of_work
from chainfin.domain.service_errors import FieldMalformed, NotFound
from chainfin.evidence.report import Report
from chainfin.evidence.trust import BlockRoot, TrustFile
from chainfin.evidence.verify import verify
from chainfin.services.context import Caller
from chainfin.services.evidence import (
    RootWanted,
    evidence_subject,
    export_evidence,
    take_checkpoint,
)
from tests.detours import (
    end_otherwise,
    issue_batch,
    pass_on_without_acceptance,
    play_detours,
    refuse,
    revoke_a_signer,
    rotate_a_signer,
)
from tests.world import ANCHOR, AUDITOR, FUNDER, SUB_SUPPLIER, SUPPLIER, World, play_story, settle

ROWS_IN_TWO_RUNS = 70


def export(
    world: World,
    identifier: str,
    name: str = AUDITOR,
    checkpoint: int | None = None,
    *,
    kind: str = "lot",
    from_block: int = 0,
) -> bytes:
    caller = Caller(world[name].number, reads_all=name == AUDITOR)
    subject = evidence_subject(kind, identifier, from_block)
    with unit_of_work(world.runtime) as context:
        return export_evidence(
            context, world.runtime.decoder, caller, subject, RootWanted(checkpoint)
        )


def verified(world: World, identifier: str, name: str = AUDITOR, **options: Any) -> Report:
    trust = take_checkpoint(world.runtime.network)
    report = verify(export(world, identifier, name, **options), trust)
    assert report.holds, report.failure
    return report


def only_receivable(report: Report) -> dict[str, Any]:
    assert report.statement is not None
    (receivable,) = report.statement["receivables"]
    return dict(receivable)


def told(report: Report) -> list[str]:
    return [fact["event"] for fact in only_receivable(report)["facts"]]


def test_evidence__node_and_service_stopped__is_verified(world: World, tmp_path: Path) -> None:
    receivable_id = play_story(world)
    settle(world, receivable_id)
    file, trust = tmp_path / "evidence.json", tmp_path / "trust.json"
    trust.write_bytes(TrustFile(trust=take_checkpoint(world.runtime.network)).to_bytes())
    file.write_bytes(world[AUDITOR].api.download(f"/lots/{receivable_id}-3/evidence"))
    world.close()

    done = subprocess.run(
        [sys.executable, "-m", "chainfin.evidence", file, "--trust", trust, "--json"],
        capture_output=True,
        check=False,
        text=True,
        env={},
    )

    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert report["facts"] == 10
    (receivable,) = report["statement"]["receivables"]
    assert receivable["lots"][0]["holder"] == world[FUNDER].number
    assert receivable["document"]["is_opened"]


def test_evidence__of_every_detour__tells_each_fact(world: World) -> None:
    receivable_id = play_detours(world)

    report = verified(world, f"{receivable_id}-2")

    assert told(report) == [
        *("ReceivableIssued", "ReceivableAccepted", "LotSplit"),
        *("TransferProposed", "TransferRejected"),
        *("TransferProposed", "TransferRevoked"),
        *("TransferProposed", "TransferLapsed"),
        *("FinancingRequested", "FinancingRequestEnded"),
        *("FinancingRequested", "FinancingRequestEnded"),
        *("TransferAccepted", "ReceivableSettled", "LotsPaid", "LotsPaid"),
        *("ReceivableSettled", "LotsPaid"),
    ]
    for number in (1, 3):
        verified(world, f"{receivable_id}-{number}")
    report = verified(world, str(receivable_id), kind="receivable")
    assert len(only_receivable(report)["lots"]) == 3


def test_evidence__of_transfers_without_acceptance__holds(world: World) -> None:
    receivable_id = pass_on_without_acceptance(world)

    report = verified(world, f"{receivable_id}-2")

    assert told(report)[2:] == ["LotSplit", "LotTransferred"]


def test_evidence__of_a_refused_receivable__says_void(world: World) -> None:
    receivable_id = refuse(world)

    report = verified(world, f"{receivable_id}-1")

    receivable = only_receivable(report)
    assert receivable["status"] == "void"
    assert receivable["conservation"]["outstanding_in_lots_minor"] == "0"


def test_evidence__of_offers_and_receivables_ended_otherwise__holds(world: World) -> None:
    withdrawn, reduced, cancelled = end_otherwise(world)

    gone = only_receivable(verified(world, f"{withdrawn}-1"))
    report = verified(world, f"{reduced}-1")
    told_last = told(verified(world, f"{cancelled}-1"))

    assert gone["status"] == "void"
    assert told(report)[2:] == [
        *("CancellationProposed", "ReceivableCancelled", "LotSplit", "LotUnsplit")
    ]
    assert only_receivable(report)["conservation"]["outstanding_in_lots_minor"] == "89900"
    assert told_last[2:] == ["CancellationProposed", "ReceivableCancelled"]


def test_evidence__of_a_row_in_a_later_run__is_proven_under_the_signed_root(world: World) -> None:
    newest = issue_batch(world, ROWS_IN_TWO_RUNS)

    for receivable_id in (newest, newest - ROWS_IN_TWO_RUNS + 1):
        report = verified(world, f"{receivable_id}-1")
        assert told(report) == ["ReceivableIssued"]


def test_evidence__signer_revoked_since__was_valid_then(world: World) -> None:
    receivable_id = revoke_a_signer(world)

    verified(world, f"{receivable_id}-1")


def test_evidence__signer_rotated__each_key_was_valid_when_it_signed(world: World) -> None:
    receivable_id = rotate_a_signer(world)

    assert told(verified(world, f"{receivable_id}-1"))[-1] == "LotSplit"


def test_evidence__state_proven__is_what_the_contracts_answer(world: World) -> None:
    receivable_id = play_story(world)
    receivable, lots = read_receivable(world.runtime.network, receivable_id, "latest")

    for lot in lots:
        stated = only_receivable(verified(world, str(lot.lot_id)))
        (found,) = stated["lots"]
        assert found["face_value_minor"] == str(lot.face_value_minor)
        assert (found["holder"], found["tier"]) == (lot.holder, lot.tier)
        assert found["transfer_count"] == lot.transfer_count
        assert stated["sequence"] == receivable.sequence


def test_export__for_an_earlier_checkpoint__ends_with_that_block(world: World) -> None:
    receivable_id = world.issue("EARLIER-1", 100_00)
    trust = take_checkpoint(world.runtime.network)
    assert isinstance(trust.root, BlockRoot)
    world.order(
        SUPPLIER,
        "propose_transfer",
        lot_id=f"{receivable_id}-1",
        to=world[SUB_SUPPLIER].number,
    )

    then = verify(export(world, f"{receivable_id}-1", checkpoint=trust.root.block_number), trust)
    now = verify(export(world, f"{receivable_id}-1"), trust)

    assert then.holds
    assert then.facts == 2
    assert now.failure is not None
    assert now.failure.code == "CheckpointMismatch"


def test_export__checkpoint_beyond_the_index_or_before_the_lot__is_refused(world: World) -> None:
    receivable_id = world.issue("RANGE-1", 100_00)
    head = world.runtime.network.node.head().number

    with pytest.raises(FieldMalformed):
        export(world, f"{receivable_id}-1", checkpoint=head + 1)
    with pytest.raises(NotFound):
        export(world, f"{receivable_id}-1", checkpoint=1)
    with pytest.raises(NotFound):
        export(world, f"{receivable_id}-9")


def test_document__for_owner_seller_and_auditor__is_opened__for_others_not(world: World) -> None:
    receivable_id = play_story(world)
    lot = f"{receivable_id}-2"

    opened = {
        name: bool(json.loads(export(world, lot, name))["receivables"][0]["document"])
        for name in (ANCHOR, SUPPLIER, AUDITOR, SUB_SUPPLIER, FUNDER)
    }

    assert opened == {
        ANCHOR: True,
        SUPPLIER: True,
        AUDITOR: True,
        SUB_SUPPLIER: False,
        FUNDER: False,
    }


def test_participant__gets_its_receivables_since_a_block__and_no_stranger_does(
    world: World,
) -> None:
    old = play_story(world)
    since = world.runtime.network.node.head().number + 1
    new = world.issue("SINCE-1", 100_00)
    number = str(world[SUPPLIER].number)

    everything = verified(world, number, SUPPLIER, kind="participant")
    recent = verified(world, number, SUPPLIER, kind="participant", from_block=since)

    assert everything.statement is not None
    assert recent.statement is not None
    found = [each["receivable_id"] for each in everything.statement["receivables"]]
    assert found == [str(old), str(new)]
    assert [each["receivable_id"] for each in recent.statement["receivables"]] == [str(new)]
    for stranger in (ANCHOR, FUNDER):
        with pytest.raises(NotFound):
            export(world, number, stranger, kind="participant")
    with pytest.raises(NotFound):
        export(world, number, kind="participant", from_block=10**6)


def test_participant__before_it_had_a_part__is_not_found(world: World) -> None:
    receivable_id = world.issue("PART-1", 100_00)
    before = world.runtime.network.node.head().number
    lot = f"{receivable_id}-1"
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=world[SUB_SUPPLIER].number)
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=lot)
    number = str(world[SUB_SUPPLIER].number)

    verified(world, number, SUB_SUPPLIER, kind="participant")

    with pytest.raises(NotFound):
        export(world, number, SUB_SUPPLIER, before, kind="participant")
