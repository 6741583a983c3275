"""Record the evidence files beside this module: `python -m tests.vectors.evidence.record`.

Made by a real run, and made again only when the contracts or the format change. `story` is one
receivable's whole life with its document disclosed, `batch` a row of a signed batch with its
document withheld, `detours` all the paths that the story does not take, `receivable` the same with
every lot, `participant` two receivables of one supplier, `transfers` a price that comes by bank
transfer after three that do not, `claims` a receivable in which others have claims, `qbft-story`
the story on a network of sealed blocks, where votes add a validator and remove one meanwhile.
"""

import tempfile
from pathlib import Path

from chainfin.cli.runtime import unit_of_work
from chainfin.evidence.package import Subject
from chainfin.evidence.trust import Trust, TrustFile, ValidatorsRoot
from chainfin.services.context import Caller
from chainfin.services.evidence import (
    RootWanted,
    evidence_subject,
    export_evidence,
    take_checkpoint,
)
from tests.detours import issue_batch, play_claims, play_detours
from tests.qbft import Ballot, Validator
from tests.sealed_network import EPOCH, FOUNDERS, Consensus, sealed_world
from tests.transfers import play_transfers
from tests.world import (
    AUDITOR,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
    play_story,
    running_world,
    settle,
)

HERE = Path(__file__).parent
FIFTH = Validator("E")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running_world(home / "home", f"sqlite:///{home / 'index.db'}") as world:
            world.populate()
            auditor = Caller(world[AUDITOR].number, reads_all=True)
            receivable_id = play_story(world)
            settle(world, receivable_id)
            write(world, "story", auditor, evidence_subject("lot", f"{receivable_id}-3"))
            newest = issue_and_pass_on(world)
            sub_supplier = Caller(world[SUB_SUPPLIER].number)
            write(world, "batch", sub_supplier, evidence_subject("lot", f"{newest}-2"))
            detour = play_detours(world)
            write(world, "detours", auditor, evidence_subject("lot", f"{detour}-2"))
            write(world, "receivable", auditor, evidence_subject("receivable", str(detour)))
            since = world.runtime.network.node.head().number + 1
            world.issue("PARTICIPANT-1", 500_00)
            settle(world, world.issue("PARTICIPANT-2", 700_00))
            holder = evidence_subject("participant", str(world[SUPPLIER].number), since)
            write(world, "participant", Caller(world[SUPPLIER].number), holder)
            sold = play_transfers(world)
            write(world, "transfers", auditor, evidence_subject("receivable", str(sold)))
            claims = play_claims(world)
            write(world, "claims", auditor, evidence_subject("receivable", str(claims)))

    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'index.db'}"
        with sealed_world(Path(folder), database) as (world, consensus):
            world.populate()
            record_sealed(world, consensus)


def record_sealed(world: World, consensus: Consensus) -> None:
    """The story with its validators trusted from the genesis on; they change while it goes on."""
    consensus.wish = Ballot(FIFTH, is_addition=True)
    receivable_id = play_story(world)
    world.runtime.network.node.request("anvil_mine", [hex(2 * EPOCH)])
    consensus.wish = Ballot(FOUNDERS[0], is_addition=False)
    settle(world, receivable_id)
    world.runtime.network.node.request("anvil_mine", [hex(2 * EPOCH)])
    world.work()
    trust = take_checkpoint(world.runtime.network, 0, epoch_length=EPOCH)
    subject = evidence_subject("lot", f"{receivable_id}-3")
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    write(world, "qbft-story", auditor, subject, trust)


def issue_and_pass_on(world: World) -> int:
    """A row of a batch, a part of which goes to the second tier; answers the receivable."""
    newest = issue_batch(world, 3)
    world.order(SUPPLIER, "accept_receivable", receivable_ids=[newest])
    part = {"face_value_minor": 40_00, "to": world[SUB_SUPPLIER].number}
    world.order(SUPPLIER, "split_lot", lot_id=f"{newest}-1", parts=[part])
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{newest}-2")
    return newest


def write(
    world: World, name: str, caller: Caller, subject: Subject, trust: Trust | None = None
) -> None:
    trust = trust or take_checkpoint(world.runtime.network)
    root, wanted = trust.root, RootWanted()
    if isinstance(root, ValidatorsRoot):
        wanted = RootWanted(validators_at=root.block_number, epoch_length=root.epoch_length)
    with unit_of_work(world.runtime) as context:
        content = export_evidence(context, world.runtime.decoder, caller, subject, wanted)
    (HERE / f"{name}.json").write_bytes(content)
    (HERE / f"{name}.trust.json").write_bytes(TrustFile(trust=trust).to_bytes())


if __name__ == "__main__":
    main()
