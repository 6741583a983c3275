"""Filings with the national registry over HTTP, and the term a lot must still run: R-07, R-36."""

from dataclasses import replace
from typing import Any

import pytest

from chainfin.cli.runtime import unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.services.context import Caller
from chainfin.services.evidence import evidence_subject, export_evidence, take_checkpoint
from tests.world import ANCHOR, AUDITOR, CURRENCY, FUNDER, STRANGER, SUPPLIER, World

NUMBER = "20261122001234567890"


@pytest.fixture(scope="module")
def strict_programme(world: World) -> int:
    """A programme whose lots are financed after a filing, and with 60 days to run."""
    rules = {"filing_required": True, "minimum_tenor_days": 60, "acceptance_required": False}
    world.order(ANCHOR, "open_programme", currency=CURRENCY, **rules)
    return int(world[ANCHOR].api.get("/programmes")["data"][-1]["programme_id"])


@pytest.fixture(scope="module")
def request_id(world: World, strict_programme: int) -> int:
    receivable_id = world.issue("FILED-1", 1_000_00, programme_id=strict_programme)
    return requested(world, f"{receivable_id}-1")


def requested(world: World, lot: str) -> int:
    world.order(SUPPLIER, "request_financing", lot_id=lot)
    return int(world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"])


def filings(world: World, name: str, request_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world[name].api.get(f"/financing-requests/{request_id}/filings")[
        "data"
    ]
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request__without_a_credential__is_not_answered(world: World, method: str) -> None:
    path = "/v1/financing-requests/1/filings"
    assert world.client.request(method, path, json={}).status_code == 401


def test_stranger__files_nothing_and_reads_no_number(world: World, request_id: int) -> None:
    with pytest.raises(ApiProblem) as refusal:
        world[STRANGER].api.post(f"/financing-requests/{request_id}/filings", {"number": NUMBER})

    with pytest.raises(ApiProblem) as hidden:
        filings(world, STRANGER, request_id)

    assert [refusal.value.code, hidden.value.code] == ["not-found", "not-found"]


def test_filing__without_a_number__is_refused(world: World, request_id: int) -> None:
    with pytest.raises(ApiProblem) as refusal:
        world.draft(FUNDER, "record_filing", request_id=request_id, number=" ")

    assert refusal.value.code == "field-malformed"


def test_award__without_a_filing__is_refused_and_with_one_it_is_proven(
    world: World, request_id: int
) -> None:
    """R-07: nothing is funded before its filing, and evidence tells of it."""
    quote = world.quote(FUNDER, request_id=request_id, discount_rate_bps=300)
    with pytest.raises(ApiProblem) as refusal:
        world.draft(SUPPLIER, "award_quote", quote_hash=quote)
    assert refusal.value.code == "filing-missing"

    draft = world.draft(FUNDER, "record_filing", request_id=request_id, number=NUMBER)
    forged = replace(draft, attachments=draft.attachments | {"number": "another"})
    with pytest.raises(ApiProblem) as mismatch:
        world.submit(FUNDER, forged)
    assert mismatch.value.code == "attachment-mismatch"
    world.submit(FUNDER, draft)
    world.work()
    (filed,) = filings(world, FUNDER, request_id)
    assert (filed["funder"], filed["number"]) == (world[FUNDER].number, NUMBER)
    assert filings(world, SUPPLIER, request_id) == filings(world, AUDITOR, request_id) == [filed]
    assert filings(world, ANCHOR, request_id) == []
    assert NUMBER not in str(world[AUDITOR].api.get("/financing-requests"))

    world.order(SUPPLIER, "award_quote", quote_hash=quote)

    lot = world[FUNDER].api.get("/lots")["data"][-1]["lot_id"]
    trust = take_checkpoint(world.runtime.network)
    auditor = Caller(world[AUDITOR].number, reads_all=True)
    with unit_of_work(world.runtime) as context:
        subject = evidence_subject("lot", lot)
        content = export_evidence(context, world.runtime.decoder, auditor, subject)
    report = verify_evidence(content, trust)
    assert report.holds, report


def test_programme__longer_than_usual_without_a_reason__is_refused(world: World) -> None:
    """R-01: beyond six months only with a reason."""
    with pytest.raises(ApiProblem) as refusal:
        world.draft(ANCHOR, "open_programme", currency=CURRENCY, maximum_tenor_days=185)
    assert refusal.value.code == "tenor-reason-required"

    reason = {"maximum_tenor_days": 185, "tenor_reason_hash": "0x" + "11" * 32}
    world.draft(ANCHOR, "open_programme", currency=CURRENCY, **reason)


def test_request__with_too_little_time_left__is_refused(world: World) -> None:
    """R-36: a lot that is due soon is held until it is paid."""
    rules = {"minimum_tenor_days": 120, "acceptance_required": False}
    world.order(ANCHOR, "open_programme", currency=CURRENCY, **rules)
    programme_id = world[ANCHOR].api.get("/programmes")["data"][-1]["programme_id"]
    receivable_id = world.issue("SHORT-1", 1_000_00, programme_id=programme_id)

    with pytest.raises(ApiProblem) as refusal:
        world.draft(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")

    assert refusal.value.code == "remaining-tenor-too-short"
