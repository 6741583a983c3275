"""A lot secures a debt that is not paid: in contracts, index, money and evidence."""

from pathlib import Path

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.runtime import unit_of_work
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.indexer.checking import verify
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.world import ANCHOR, AUDITOR, FUNDER, SUPPLIER, World, running_world

FACE, SECURED = 1_000_00, 600_00
DAY = 86_400
FILING = "0x" + "f1" * 32


def balance(world: World, name: str) -> int:
    return int(world[name].api.get("/deposits")["data"][0]["balance_minor"])


def test_pledge__enforced__pays_what_is_secured_then_the_holder_and_verifies_offline__r24(
    tmp_path: Path, database_url: str
) -> None:
    with running_world(tmp_path / "home", database_url, upkeep=True) as world:
        world.populate()
        receivable_id = world.issue("PLEDGED-1", FACE)
        lot = f"{receivable_id}-1"
        due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
        world.order(
            SUPPLIER,
            "propose_pledge",
            lot_id=lot,
            pledgee=world[FUNDER].number,
            secured_minor=SECURED,
            due_at=due_at + DAY,
        )
        with unit_of_work(world.runtime) as context:
            filed_at = context.as_of().block_timestamp
        world.order(FUNDER, "accept_pledge", lot_id=lot, filing_hash=FILING, filed_at=filed_at)
        before = {name: balance(world, name) for name in (SUPPLIER, FUNDER)}

        # The anchor pays in time; the debt is not due yet: the money waits.
        world.move_clock(due_at)
        world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)
        assert {name: balance(world, name) for name in before} == before

        # The worker pays the pledgee what is secured, then the holder the rest.
        world.move_clock(due_at + 2 * DAY)
        world.order(FUNDER, "enforce_pledge", lot_id=lot)
        assert balance(world, FUNDER) - before[FUNDER] == SECURED
        assert balance(world, SUPPLIER) - before[SUPPLIER] == FACE - SECURED

        trust = take_checkpoint(world.runtime.network)
        auditor = Caller(world[AUDITOR].number, reads_all=True)
        with unit_of_work(world.runtime) as context:
            subject = evidence_subject("lot", lot)
            content = export_evidence(context, world.runtime.decoder, auditor, subject)
            read = verify(
                context.session,
                lambda as_of, numbers: read_receivables(
                    context.network, numbers, as_of.block_number
                ),
            )
        report = verify_evidence(content, trust)
        assert report.holds, report
        assert not read.findings
