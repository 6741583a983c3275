"""Record the evidence files beside this module: `python -m tests.vectors.evidence.record`.

Made by a real run, and made again only when the contracts or the format change. `story` is one
receivable's whole life with its document disclosed, `batch` a row of a signed batch with its
document withheld, `detours` all the paths that the story does not take.
"""

import json
import tempfile
from pathlib import Path

from chainfin.cli.runtime import unit_of_work
from chainfin.domain.receivable import LotId
from chainfin.services.context import Caller
from chainfin.services.evidence import export_lot, take_checkpoint
from tests.detours import issue_batch, play_detours
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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running_world(home / "home", f"sqlite:///{home / 'index.db'}") as world:
            world.populate()
            auditor = Caller(world[AUDITOR].number, reads_all=True)
            receivable_id = play_story(world)
            settle(world, receivable_id)
            write(world, "story", auditor, LotId(receivable_id, 3))
            newest = issue_and_pass_on(world)
            write(world, "batch", Caller(world[SUB_SUPPLIER].number), LotId(newest, 2))
            write(world, "detours", auditor, LotId(play_detours(world), 2))


def issue_and_pass_on(world: World) -> int:
    """A row of a batch, a part of which goes to the second tier; answers the receivable."""
    newest = issue_batch(world, 3)
    world.order(SUPPLIER, "accept_receivable", receivable_ids=[newest])
    part = {"face_value_minor": 40_00, "to": world[SUB_SUPPLIER].number}
    world.order(SUPPLIER, "split_lot", lot_id=f"{newest}-1", parts=[part])
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{newest}-2")
    return newest


def write(world: World, name: str, caller: Caller, lot_id: LotId) -> None:
    trust = take_checkpoint(world.runtime.network)
    with unit_of_work(world.runtime) as context:
        content = export_lot(context, world.runtime.decoder, caller, lot_id)
    (HERE / f"{name}.json").write_bytes(content)
    (HERE / f"{name}.trust.json").write_text(json.dumps(trust, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
