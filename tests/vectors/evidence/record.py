"""Record the evidence files beside this module from a real run: `python -m tests.vectors.evidence.record`.

Needed again only when the contracts or the format change. `story` is one receivable's whole life
with its document disclosed; `batch` is a row of a signed batch, its document withheld.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from chainfin.cli.runtime import unit_of_work
from chainfin.domain.receivable import LotId
from chainfin.services.context import Caller
from chainfin.services.evidence import export_lot, take_checkpoint
from tests.world import ANCHOR, AUDITOR, SUB_SUPPLIER, SUPPLIER, World, play_story, running_world, settle

HERE = Path(__file__).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running_world(home / "home", f"sqlite:///{home / 'index.db'}") as world:
            world.populate()
            receivable_id = play_story(world)
            settle(world, receivable_id)
            auditor = Caller(world[AUDITOR].number, reads_all=True)
            write(world, "story", auditor, LotId(receivable_id, 3))
            newest = issue_batch(world, 3)
            world.order(SUPPLIER, "accept_receivable", receivable_ids=[newest])
            # The second supplier holds nothing of the document; a part of the claim is offered.
            world.order(
                SUPPLIER,
                "split_lot",
                lot_id=f"{newest}-1",
                parts=[{"face_value_minor": 40_00, "to": world[SUB_SUPPLIER].number}],
            )
            world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{newest}-2")
            holder = Caller(world[SUB_SUPPLIER].number)
            write(world, "batch", holder, LotId(newest, 2))


def issue_batch(world: World, count: int) -> int:
    """Receivables of one signed batch; answers the newest one's number."""
    tags = [world.record(ANCHOR, SUPPLIER, f"BATCH-{n}", 100_00 + n) for n in range(count)]
    rows: list[dict[str, Any]] = [
        {"document_fingerprint": tag, "tenor_days": 60} for tag in tags
    ]
    world.order(ANCHOR, "issue_batch", programme_id=1, file_hash="0x" + "5f" * 32, rows=rows)
    return int(list(world[AUDITOR].api.pages("/receivables"))[-1]["receivable_id"])


def write(world: World, name: str, caller: Caller, lot_id: LotId) -> None:
    trust = take_checkpoint(world.runtime.network)
    with unit_of_work(world.runtime) as context:
        content = export_lot(context, world.runtime.decoder, caller, lot_id)
    (HERE / f"{name}.json").write_bytes(content)
    (HERE / f"{name}.trust.json").write_text(json.dumps(trust, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
