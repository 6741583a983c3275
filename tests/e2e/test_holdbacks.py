"""Lots sold with a holdback, one with its discount borne by the anchor: paid, and in default."""

from pathlib import Path
from typing import Any

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.runtime import unit_of_work
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.indexer.checking import verify
from chainfin.services.context import Caller
from chainfin.services.development import BANK_NAME
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.world import (
    ANCHOR,
    AUDITOR,
    CURRENCY,
    FUNDER,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
    running_world,
)

FACE, HOLDBACK = 1_000_00, 200_00
PERIOD = {"from_date": "2020-01-01", "to_date": "2040-01-01"}


def request(world: World, seller: str, lot: str, **terms: Any) -> int:
    world.order(seller, "request_financing", lot_id=lot, **terms)
    return int(world[seller].api.get("/financing-requests")["data"][-1]["request_id"])


def sell(world: World, seller: str, request_id: int) -> None:
    """With a holdback."""
    quote = world.quote(
        FUNDER, request_id=request_id, discount_rate_bps=360, holdback_minor=HOLDBACK
    )
    world.order(seller, "award_quote", quote_hash=quote)


def paid(world: World, receivable_id: int) -> set[tuple[str, int, bool]]:
    """What was paid on a receivable: to whom, how much, and whether it was held back."""
    names = {world[name].number: name for name in (SUPPLIER, SUB_SUPPLIER, FUNDER)}
    return {
        (names[entry["payee"]], entry["amount"]["amount_minor"], entry["is_holdback"])
        for entry in world[ANCHOR].api.pages("/payments")
        if entry["lot_id"].startswith(f"{receivable_id}-")
    }


def require_proven(world: World, *lots: str) -> None:
    """The index says what the contracts say, and evidence of each lot verifies offline."""
    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        files = [
            export_evidence(context, world.runtime.decoder, auditor, evidence_subject("lot", lot))
            for lot in lots
        ]
        read = verify(
            context.session,
            lambda as_of, numbers: read_receivables(context.network, numbers, as_of.block_number),
        )
    assert not read.findings
    for content in files:
        report = verify_evidence(content, trust)
        assert report.holds, report


def test_holdback__collected_or_repurchased__is_the_sellers_last_and_verifies_offline__d7(
    tmp_path: Path, database_url: str
) -> None:
    with running_world(tmp_path / "home", database_url, upkeep=True) as world:
        world.populate()
        good, bad = world.issue("HELD-1", FACE), world.issue("HELD-2", FACE)
        lot, unpaid = f"{good}-2", f"{bad}-1"
        parts = [{"face_value_minor": 500_00}]
        world.order(SUPPLIER, "split_lot", lot_id=f"{good}-1", parts=parts)
        world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=world[SUB_SUPPLIER].number)
        world.order(SUB_SUPPLIER, "accept_transfer", lot_id=lot)
        asked = request(world, SUB_SUPPLIER, lot)
        world.order(ANCHOR, "bear_interest", request_id=asked, share_bps=10_000)
        sell(world, SUB_SUPPLIER, asked)
        sell(world, SUPPLIER, request(world, SUPPLIER, unpaid, with_recourse=True))
        own = {SUPPLIER: 500_00 + HOLDBACK, FUNDER: 1_500_00 - 2 * HOLDBACK, AUDITOR: 2 * FACE}
        for name, amount in own.items():
            (owed,) = world[name].api.get("/reports/exposure")["data"]
            assert owed["outstanding"]["amount_minor"] == amount
        listed = world[FUNDER].api.get(f"/receivables/{bad}/notices")["data"]
        (slip,) = [each["number"] for each in listed if each["kind"] == "transfer-slip"]
        facts = world[FUNDER].api.get(f"/notices/{slip}")["facts"]
        assert facts["holdback"]["amount_minor"] == HOLDBACK
        terms = world[ANCHOR].api.get(f"/receivables/{good}")

        # 61 %, of which the lot's holder has its whole share and its seller the beginning.
        world.move_clock(terms["maturity_at"])
        world.order(ANCHOR, "settle_receivable", receivable_id=good, amount_minor=610_00)
        first = {(FUNDER, 300_00, False), (SUB_SUPPLIER, 5_00, True), (SUPPLIER, 305_00, False)}
        assert paid(world, good) == first
        world.order(ANCHOR, "settle_receivable", receivable_id=good)
        rest = {(SUB_SUPPLIER, 195_00, True), (SUPPLIER, 195_00, False)}
        assert paid(world, good) == first | rest
        path = f"/participants/{world[SUB_SUPPLIER].number}/statement"
        tables = world[SUB_SUPPLIER].api.get(path, **PERIOD)["tables"]
        assert [
            (row["paid_for"], row["paid"]["amount_minor"]) for row in tables["payments_received"]
        ] == [("holdback", 5_00), ("holdback", 195_00)]
        (funding,), (total,) = tables["fundings"], tables["total"]
        assert funding["obligor_interest"] == funding["discount"]
        assert total["discount_paid"]["amount_minor"] == 0

        # Default: the holder claims, and sells back, what is its own.
        world.move_clock(terms["grace_ends_at"] + 1)
        certificate = world[FUNDER].api.get(f"/notices/default-certificate-{bad}")
        (row,) = certificate["tables"]["unpaid_lots"]
        assert row["outstanding"]["amount_minor"] == FACE - HOLDBACK
        assert row["holdback"]["amount_minor"] == HOLDBACK
        world.order(FUNDER, "claim_recourse", lot_id=unpaid)
        to = world[SUPPLIER].number
        world.order(BANK_NAME, "mint_deposit", currency=CURRENCY, to=to, amount_minor=FACE)
        draft = world.draft(SUPPLIER, "repurchase_lot", lot_id=unpaid)
        assert int(draft.typed_data["message"]["amount"]) == FACE - HOLDBACK
        world.submit(SUPPLIER, draft)
        world.work()
        shown = world[SUPPLIER].api.get(f"/lots/{unpaid}")
        assert (shown["holder"], shown["holdback_seller"]) == (to, None)
        assert [each["lot_id"] for each in world[FUNDER].api.pages("/holdbacks")] == [lot]

        require_proven(world, lot, unpaid)
