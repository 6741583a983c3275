"""Bank transfers settle one lot and fund another: contracts, index, others' money, evidence."""

from pathlib import Path

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.runtime import unit_of_work
from chainfin.domain.calendar import utc_day
from chainfin.domain.receivable import LotId
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.indexer.checking import verify
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.transfers import (
    HELD_BACK,
    awaited,
    award_by_transfer,
    fund,
    open_account,
    pay_in,
)
from tests.world import (
    ANCHOR,
    AUDITOR,
    BANK_NAME,
    CURRENCY,
    FUNDER,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
    running_world,
)

FACE, PART, PAID = 1_000_00, 400_00, 300_01
ACCOUNT = "DE89370400440532013000"
DAY = 86_400


def balance(world: World, name: str) -> dict[str, int]:
    (found,) = world[name].api.get("/deposits")["data"]
    return {key: int(found[key]) for key in ("balance_minor", "earmarked_minor")}


def attested(world: World, lot: LotId, day_at: int) -> None:
    """The sub-supplier's lot is paid outside with late interest; payee and bank say so."""
    open_account(world, SUB_SUPPLIER, BANK_NAME, account=ACCOUNT)
    # 400.00 less 40 % of 300.01 are outstanding; 0.05 % a day for ten days beside it.
    outstanding = PART - PAID * PART // FACE
    interest = (outstanding * 5 * 10 * 2 + 10_000) // 20_000
    amount, importers = outstanding + interest, (SUB_SUPPLIER, BANK_NAME)
    pay_in(world, lot, amount, *importers, account=ACCOUNT, day=utc_day(day_at))
    (proposed,) = world[BANK_NAME].api.get("/attestations/proposals")["data"]
    assert proposed["late_interest"]["amount_minor"] == interest
    named = {"lot_id": str(lot), "line_hash": proposed["line_hash"]}
    world.order(SUB_SUPPLIER, "confirm_payment", **named)
    world.order(BANK_NAME, "attest_payment", **named)


def funded(world: World) -> int:
    """One price never comes in and the award lapses; the next is attested; the receivable."""
    receivable_id = world.issue("BY-TRANSFER-1", FACE, programme_id=2)
    lot = LotId(receivable_id, 1)
    failed = award_by_transfer(world, str(lot))
    world.move_clock(awaited(world, SUPPLIER, failed)[0]["lapses_at"] + 1)
    found = world[SUPPLIER].api.get(f"/financing-requests/{failed}")
    assert found["status"] == "funding_failed"
    assert world[SUPPLIER].api.get(f"/lots/{lot}")["encumbrance"] == "none"

    before = {name: balance(world, name) for name in (SUPPLIER, FUNDER)}
    open_account(world, SUPPLIER, BANK_NAME)
    price = fund(world, lot)

    # Title passed, and no deposit moved but the anchor's: it paid its half of the discount.
    assert world[FUNDER].api.get(f"/lots/{lot}")["holder"] == world[FUNDER].number
    assert balance(world, FUNDER) == before[FUNDER]
    received = balance(world, SUPPLIER)["balance_minor"] - before[SUPPLIER]["balance_minor"]
    assert received == (FACE - HELD_BACK - price + 1) // 2
    return receivable_id


def test_attested_payment__of_one_lot__leaves_the_others_money_alone_and_verifies_offline(
    tmp_path: Path, database_url: str
) -> None:
    with running_world(tmp_path / "home", database_url, upkeep=True) as world:
        world.populate()
        world.order(ANCHOR, "open_programme", currency=CURRENCY, acceptance_required=False)
        bank = world[BANK_NAME].number
        for name in (SUB_SUPPLIER, SUPPLIER):
            world.order(name, "name_settlement_bank", currency=CURRENCY, bank=bank)
        sold_id = funded(world)
        receivable_id = world.issue("ATTESTED-1", FACE, programme_id=2)
        part = {"face_value_minor": PART, "to": world[SUB_SUPPLIER].number}
        world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=[part])
        due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]

        # The anchor pays a part from its deposit in time, then one holder by bank transfer, late.
        world.move_clock(due_at)
        world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id, amount_minor=PAID)
        before = {name: balance(world, name) for name in (ANCHOR, SUPPLIER, SUB_SUPPLIER)}
        world.move_clock(due_at + 11 * DAY)
        attested(world, LotId(receivable_id, 2), due_at + 10 * DAY)
        # Nothing moved but the unit that the shares' floors had left: it is the other holder's.
        after = {name: balance(world, name) for name in before}
        assert after[SUB_SUPPLIER] == before[SUB_SUPPLIER]
        assert (before[ANCHOR]["earmarked_minor"], after[ANCHOR]["earmarked_minor"]) == (1, 0)
        assert after[SUPPLIER]["balance_minor"] == before[SUPPLIER]["balance_minor"] + 1
        assert world[SUB_SUPPLIER].api.get(f"/lots/{receivable_id}-2")["is_settled"]

        # The rest is the other holder's alone.
        world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)
        found = world[ANCHOR].api.get(f"/receivables/{receivable_id}")
        assert found["status"] == "settled"
        assert world[SUPPLIER].api.get(f"/lots/{receivable_id}-1")["is_settled"]
        assert balance(world, ANCHOR)["earmarked_minor"] == 0
        assert balance(world, SUB_SUPPLIER) == before[SUB_SUPPLIER]

        trust = take_checkpoint(world.runtime.network)
        auditor = Caller(world[AUDITOR].number, reads_all=True)
        with unit_of_work(world.runtime) as context:
            contents = [
                export_evidence(context, world.runtime.decoder, auditor, evidence_subject(*named))
                for named in (("receivable", str(receivable_id)), ("lot", f"{sold_id}-1"))
            ]
            read = verify(
                context.session,
                lambda as_of, numbers: read_receivables(
                    context.network, numbers, as_of.block_number
                ),
            )
        for content in contents:
            report = verify_evidence(content, trust)
            assert report.holds, report
        assert not read.findings
