"""Evidence of a network whose validators seal its blocks: trusted from its first validators on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.codec import qbft
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.headers import decode_header
from chainfin.domain.service_errors import EvidenceUnavailable, FieldMalformed
from chainfin.evidence.trust import BlockRoot, Trust, ValidatorsRoot
from chainfin.evidence.verify import verify
from chainfin.services.context import Caller
from chainfin.services.evidence import (
    RootWanted,
    evidence_subject,
    export_evidence,
    take_checkpoint,
)
from tests.qbft import Ballot, Validator, addresses
from tests.sealed_network import EPOCH, FOUNDERS, Consensus, sealed_world
from tests.world import AUDITOR, SUB_SUPPLIER, SUPPLIER, World, play_story

FIFTH = Validator("E")
GENESIS = RootWanted(validators_at=0, epoch_length=EPOCH)


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[tuple[World, Consensus]]:
    """A system with the story's organisations on a sealed network."""
    with sealed_world(tmp_path, f"sqlite:///{tmp_path / 'chainfin.db'}") as (world, consensus):
        world.populate()
        yield world, consensus


def export(world: World, lot_id: str, wanted: RootWanted = GENESIS) -> bytes:
    caller = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", lot_id)
        return export_evidence(context, world.runtime.decoder, caller, subject, wanted)


def genesis(world: World) -> Trust:
    return take_checkpoint(world.runtime.network, 0, epoch_length=EPOCH)


def pass_time(world: World, blocks: int) -> None:
    world.runtime.network.node.request("anvil_mine", [hex(blocks)])
    world.work()


def test_evidence__from_the_first_validators__over_a_change_by_votes(
    sealed: tuple[World, Consensus],
) -> None:
    world, consensus = sealed
    receivable_id = play_story(world)
    consensus.wish = Ballot(FIFTH, is_addition=True)
    pass_time(world, 3 * EPOCH)
    lot = f"{receivable_id}-1"
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=world[SUB_SUPPLIER].number)
    consensus.wish = Ballot(FOUNDERS[0], is_addition=False)
    pass_time(world, 3 * EPOCH)
    trust = genesis(world)

    data = export(world, lot)
    report = verify(data, trust)

    assert report.failure is None
    assert report.statement is not None
    seals = report.statement["chain"]["seals"]
    assert tuple(seals["validators"]) == addresses([*FOUNDERS[1:], FIFTH])
    assert [change["is_addition"] for change in seals["changes"]] == [True, False]
    blocks = {fact["block_number"] for fact in report.statement["receivables"][0]["facts"]}
    headers = json.loads(data)["headers"]
    assert (
        len(headers) < len(blocks) + 3 * len(FOUNDERS) < report.statement["chain"]["block_number"]
    )


def test_evidence__from_a_later_epoch__needs_no_earlier_votes(
    sealed: tuple[World, Consensus],
) -> None:
    world, consensus = sealed
    consensus.wish = Ballot(FIFTH, is_addition=True)
    pass_time(world, 2 * EPOCH)
    trust = take_checkpoint(world.runtime.network, epoch_length=EPOCH)
    root = trust.root
    receivable_id = play_story(world)

    assert isinstance(root, ValidatorsRoot)
    assert root.validators == addresses([*FOUNDERS, FIFTH])
    wanted = RootWanted(validators_at=root.block_number, epoch_length=EPOCH)
    assert verify(export(world, f"{receivable_id}-3", wanted), trust).holds
    refused = verify(export(world, f"{receivable_id}-3"), trust).failure
    assert refused is not None
    assert refused.code == "CheckpointMismatch"


def test_evidence__with_one_block_trusted__counts_hashes_by_the_networks_rule(
    sealed: tuple[World, Consensus],
) -> None:
    world, _ = sealed
    receivable_id = play_story(world)
    trust = take_checkpoint(world.runtime.network)

    report = verify(export(world, f"{receivable_id}-3", RootWanted()), trust)

    assert isinstance(trust.root, BlockRoot)
    assert trust.root.header_hash == "qbft"
    assert report.holds, report.failure
    assert next(each for each in report.verdicts if each.name == "seals").count == 0


def test_export__too_few_seals__is_not_handed_out(sealed: tuple[World, Consensus]) -> None:
    world, consensus = sealed
    consensus.sealer_count = 2
    receivable_id = world.issue("UNSEALED-1", 100_00)

    with pytest.raises(EvidenceUnavailable, match="SealsTooFew"):
        export(world, f"{receivable_id}-1")


def test_export__root_that_is_no_epoch_block_or_too_late__is_refused(
    sealed: tuple[World, Consensus],
) -> None:
    world, _ = sealed
    receivable_id = world.issue("ROOT-1", 100_00)
    pass_time(world, 2 * EPOCH)
    head = world.runtime.network.node.head().number
    late = head - head % EPOCH

    for wanted in (
        RootWanted(validators_at=1, epoch_length=EPOCH),
        RootWanted(validators_at=EPOCH * 1_000, epoch_length=EPOCH),
        RootWanted(validators_at=0),
        RootWanted(validators_at=0, epoch_length=0),
    ):
        with pytest.raises(FieldMalformed):
            export(world, f"{receivable_id}-1", wanted)
    with pytest.raises(EvidenceUnavailable, match="validators are trusted"):
        export(world, f"{receivable_id}-1", RootWanted(validators_at=late, epoch_length=EPOCH))


def test_headers__behind_the_proxy__are_sealed_by_the_rules(
    sealed: tuple[World, Consensus],
) -> None:
    world, _ = sealed
    receivable_id = world.issue("PROXY-1", 100_00)

    (first, *_) = json.loads(export(world, f"{receivable_id}-1"))["headers"]

    header = decode_header(from_hex(first), qbft.block_hash)
    block = world.runtime.network.node.block(header.number)
    assert block is not None
    assert to_hex(header.hash) == block.block_hash
    assert len(qbft.sealers(from_hex(first))) == 3
