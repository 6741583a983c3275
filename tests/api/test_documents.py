"""Trade documents over HTTP: the stranger first, then import, disclosure, dispute and erasure."""

import base64
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from chainfin.cli.documents import app, opened
from chainfin.client.api import ApiProblem
from chainfin.codec.commitments import disclosure_from_json, verify_disclosure
from chainfin.codec.errors import EnvelopeBroken
from chainfin.codec.hashing import from_hex
from chainfin.models.private_documents import FingerprintUseRow, TradeDocumentRow
from tests.trade_files import despatch, ofd, order, payee, pdf, ubl, warehouse_receipt_json
from tests.trade_files import electronic as electronic_invoice
from tests.world import ANCHOR, AUDITOR, FUNDER, STRANGER, SUPPLIER, World

_NUMBERS = count(1)
NEVER = "2099-12-31"


def invoice(**changes: str) -> bytes:
    values = {"number": f"DOC-{next(_NUMBERS)}", "currency": "CNY", "due_date": NEVER}
    return ubl(**(values | changes))


def post(world: World, content: bytes, name: str = ANCHOR, **fields: Any) -> Any:
    body = {"file": base64.b64encode(content).decode(), **fields}
    return world[name].api.post("/documents/invoices", body)


def imported(world: World, content: bytes | None = None) -> str:
    answer = post(world, content or invoice())
    return str(answer["document"]["fingerprint"])


def refused(call: Any, *arguments: Any, **fields: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call(*arguments, **fields)
    return caught.value


# --- strangers -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/sealed", "/fields/gross"])
def test_document__of_others__is_not_found(world: World, path: str) -> None:
    tag = imported(world)

    assert refused(world[STRANGER].api.get, f"/documents/{tag}{path}").status == 404
    assert refused(world[FUNDER].api.get, f"/documents/{tag}{path}").status == 404


@pytest.mark.parametrize("act", ["erasure", "dispute"])
@pytest.mark.parametrize("name", [STRANGER, SUPPLIER, AUDITOR])
def test_act_on_a_document__by_another_than_its_owner__is_not_found(
    world: World, act: str, name: str
) -> None:
    tag = imported(world)

    call = world[name].api.post
    assert refused(call, f"/documents/{tag}/{act}", {"reason": "why not"}).status == 404
    assert world[ANCHOR].api.get(f"/documents/{tag}")["facts"]["gross"] == "119.00"


@pytest.mark.parametrize("path", ["invoices", "inspections"])
def test_invoice__without_a_credential__is_not_answered(world: World, path: str) -> None:
    answer = world.client.post(f"/v1/documents/{path}", json={"file": ""})

    assert answer.status_code == 401


# --- import ----------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda content: content, pdf])
def test_import__invoice_billed_to_the_caller__is_recorded(world: World, wrap: Any) -> None:
    content = invoice(prepaid="19.00", payable="100.00")

    answer = post(world, wrap(content))

    assert answer["accepted"]
    assert answer["invoice"]["totals"]["payable_minor"] == 100_00
    tag = answer["document"]["fingerprint"]
    document = world[SUPPLIER].api.get(f"/documents/{tag}")
    assert base64.b64decode(document["file"]) == wrap(content)
    assert document["amount"] == {"amount_minor": 100_00, "currency": "CNY"}
    assert document["facts"]["seller_vat"] == "DE123456788"
    assert tag in [entry["fingerprint"] for entry in world[ANCHOR].api.get("/documents")["data"]]


def test_import__ofd__is_recorded(world: World) -> None:
    content = ofd(electronic_invoice(number="00190001"))

    answer = post(world, content, tenor_days=90)

    assert answer["format"] == "ofd"
    assert answer["document"]["state"] == "recorded"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"type_code": "381"}, "credit-note-refused", "/kind"),
        ({"prepaid": "120.00", "payable": "-1.00"}, "amount-not-positive", "/totals/payable"),
        ({"payee": payee("Factoring GmbH")}, "payee-not-seller", "/payee"),
        ({"due_date": "2026-09-29"}, "invoice-overdue", "/due_date"),
        ({"currency": "SEK"}, "currency-without-programme", "/currency"),
        ({"buyer": "Nobody Ltd"}, "anchor-not-admitted", "/buyer"),
        ({"buyer": SUPPLIER, "seller": ANCHOR}, "anchor-not-admitted", "/buyer"),
        ({"seller": "Nobody Ltd"}, "beneficiary-unknown", "/seller"),
        ({"gross": "120.00"}, "totals-do-not-add-up", "/totals/gross"),
        ({"due_date": "2026-02-30"}, "document-field-malformed", "/Invoice/DueDate"),
    ],
)
def test_import__something_against_it__named_and_nothing_kept(
    world: World, changes: dict[str, str], code: str, pointer: str
) -> None:
    before = world[ANCHOR].api.get("/documents")["data"]

    problem = refused(post, world, invoice(**changes))

    assert (problem.code, problem.status in {403, 409, 422}) == (code, True)
    assert pointer in [entry["pointer"] for entry in problem.problem["errors"]]
    assert world[ANCHOR].api.get("/documents")["data"] == before


def test_import__by_another_than_the_buyer__refused(world: World) -> None:
    assert refused(post, world, invoice(), STRANGER).code == "buyer-not-caller"


def test_import__used_in_full__refused_by_name(world: World) -> None:
    content = invoice()
    tag = imported(world, content)
    world.order(ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=60)

    assert refused(post, world, content).code == "document-already-used"


def test_inspection__keeps_nothing_and_says_everything(world: World) -> None:
    body = {"file": base64.b64encode(invoice(gross="1.00", number="")).decode()}

    answer = world[STRANGER].api.post("/documents/inspections", body)

    assert not answer["accepted"]
    assert {entry["pointer"] for entry in answer["findings"]} == {"/Invoice/ID"}


# --- likeness --------------------------------------------------------------------------------


def test_import__altered_number_or_amount__warns(world: World) -> None:
    number = f"WARN-{next(_NUMBERS)}-2026"
    first = post(world, invoice(number=number, issue_date="2026-08-01"))
    altered = post(world, invoice(number=f"{number}B", issue_date="2026-08-01"))
    changed = post(
        world, invoice(number=number, issue_date="2026-08-01", prepaid="19.00", payable="100.00")
    )

    tag = first["document"]["fingerprint"]
    kinds = {entry["kind"]: entry["fingerprint"] for entry in altered["document"]["warnings"]}
    assert first["document"]["warnings"] == []
    assert kinds == {"same_digits": tag, "same_terms": tag}
    assert changed["document"]["fingerprint"] == tag
    assert "amount_changed" in [entry["kind"] for entry in changed["document"]["warnings"]]


def test_fingerprints__computed__are_logged(world: World) -> None:
    imported(world)

    with Session(world.runtime.engine) as session:
        uses = session.exec(select(FingerprintUseRow)).all()
    mine = [use for use in uses if use.organisation == world[ANCHOR].number]
    assert {use.purpose for use in mine} >= {"import", "record"}
    assert all(use.tags >= 1 and use.epoch == 1 for use in mine)


# --- at rest ---------------------------------------------------------------------------------


def test_document__at_rest__nothing_of_it_in_the_row(world: World) -> None:
    tag = imported(world)

    with Session(world.runtime.engine) as session:
        row = session.get(TradeDocumentRow, tag)
    assert row is not None
    assert b"Harbour" not in row.sealed
    assert b"DOC-" not in row.sealed
    assert set(TradeDocumentRow.model_fields) & {"file", "number", "salt", "facts"} == set()


def test_own_encryption_key__opens_without_the_operator(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = world[SUPPLIER].api
    monkeypatch.setattr("chainfin.cli.documents.open_wallet", lambda *_: (None, None, api))
    key, file, own = tmp_path / "own.key", tmp_path / "invoice.xml", ["--as", SUPPLIER]
    content = invoice()

    made = CliRunner().invoke(app, ["new-key", str(key), *own])
    tag = imported(world, content)
    read = CliRunner().invoke(app, ["open", tag, *own, "--key", str(key), "-o", str(file)])
    again = CliRunner().invoke(app, ["new-key", str(key), *own])

    assert (made.exit_code, read.exit_code, again.exit_code) == (0, 0, 2), read.output
    assert file.read_bytes() == content
    assert key.stat().st_mode & 0o777 == 0o600
    sealed = api.get(f"/documents/{tag}/sealed")
    assert sealed["wrapped_by"] == "hpke-x25519"
    private_key = from_hex(key.read_text().strip())
    for wrong in (sealed | {"organisation": world[ANCHOR].number}, sealed | {"document_id": "1"}):
        with pytest.raises(EnvelopeBroken):
            opened(wrong, private_key)
    with pytest.raises(EnvelopeBroken):
        opened(sealed, bytes(range(7, 39)))


# --- one field -------------------------------------------------------------------------------


def test_field__disclosed__verifies_against_the_chain_and_shows_nothing_else(world: World) -> None:
    tag = imported(world)
    world.order(ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=60)
    document = world[ANCHOR].api.get(f"/documents/{tag}")

    shown = world[SUPPLIER].api.get(f"/documents/{tag}/fields/payable")

    newest = list(world[SUPPLIER].api.pages("/receivables"))[-1]
    onchain = world[SUPPLIER].api.get(f"/receivables/{newest['receivable_id']}")
    assert shown["commitment"] == onchain["document_commitment"]
    assert verify_disclosure(disclosure_from_json(shown), from_hex(shown["commitment"], 32))
    text = str(shown)
    assert document["salt"] not in text
    assert not [value for value in ("Harbour", document["facts"]["number"]) if value in text]


def test_field__that_it_does_not_have__named(world: World) -> None:
    problem = refused(world[ANCHOR].api.get, f"/documents/{imported(world)}/fields/discount")

    assert problem.code == "field-malformed"


# --- three-way match -------------------------------------------------------------------------


def base64_of(*files: bytes) -> list[str]:
    return [base64.b64encode(file).decode() for file in files]


def test_rule__of_another_anchors_programme__is_not_found(world: World) -> None:
    body = {"programme_id": 1, "three_way_match": True}

    assert refused(world[STRANGER].api.post, "/documents/rules", body).status == 404


def test_programme_with_a_rule__issues_on_matched_invoices_alone(world: World) -> None:
    body = {"programme_id": 1, "three_way_match": True}
    goods = base64_of(order(currency="CNY"), despatch())
    content = invoice()
    plain = imported(world, content)
    fields = {"programme_id": 1, "document_fingerprint": plain, "tenor_days": 60}
    world[ANCHOR].api.post("/documents/rules", body)
    try:
        problem = refused(world[ANCHOR].api.draft, "issue_receivable", fields)
        short = base64_of(order(currency="CNY"), despatch(delivered="39"))
        inflated = refused(post, world, content, supporting=short)
        alone = refused(post, world, content, supporting=goods[:1])
        matched = post(world, content, supporting=goods)
        draft = world[ANCHOR].api.draft("issue_receivable", fields)
    finally:
        body["three_way_match"] = False
        world[ANCHOR].api.post("/documents/rules", body)

    assert problem.code == "three-way-match-missing"
    assert (inflated.code, alone.code) == ("quantity-exceeded", "supporting-documents")
    assert matched["document"]["fingerprint"] == plain
    assert draft.typed_data
    others = world[ANCHOR].api.get(f"/documents/{plain}")["matched_with"]
    types = [world[SUPPLIER].api.get(f"/documents/{tag}")["document_type"] for tag in others]
    assert types == ["order", "waybill"]


def test_invoice__whose_goods_a_warehouse_holds__is_matched_with_its_receipt(
    world: World,
) -> None:
    goods = base64_of(
        order(currency="CNY"), despatch(), warehouse_receipt_json(number=f"WR-{next(_NUMBERS)}")
    )

    matched = post(world, invoice(), supporting=goods)

    tag = matched["document"]["fingerprint"]
    *_, receipt = world[ANCHOR].api.get(f"/documents/{tag}")["matched_with"]
    found = world[SUPPLIER].api.get(f"/documents/{receipt}")
    assert found["document_type"] == "warehouse_receipt"
    assert found["facts"]["warehouse_name"] == "Eastern Bonded Storage"


# --- dispute and erasure ---------------------------------------------------------------------


def test_disputed_document__carries_no_receivable_until_withdrawn(world: World) -> None:
    tag = imported(world)
    anchor = world[ANCHOR]
    fields = {"programme_id": 1, "document_fingerprint": tag, "tenor_days": 60}
    anchor.api.post(f"/documents/{tag}/dispute", {"reason": "two pallets are missing"})

    assert refused(anchor.api.draft, "issue_receivable", fields).code == "document-disputed"

    world.client.delete(
        f"/v1/documents/{tag}/dispute",
        headers={"authorization": f"Bearer {anchor.wallet.api_key}"},
    ).raise_for_status()
    assert anchor.api.draft("issue_receivable", fields).typed_data


def test_erased_document__unreadable_everywhere_while_the_proof_stands(world: World) -> None:
    content = invoice()
    tag = imported(world, content)
    world.order(ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=60)
    newest = list(world[SUPPLIER].api.pages("/receivables"))[-1]["receivable_id"]
    world.order(SUPPLIER, "accept_receivable", receivable_ids=[newest])
    lot = f"/lots/{newest}-1/evidence"
    with_document = world[SUPPLIER].api.download(lot)

    world[ANCHOR].api.post(f"/documents/{tag}/erasure", {"reason": "retention period is over"})

    for name in (ANCHOR, SUPPLIER, AUDITOR):
        for path in ("", "/sealed", "/fields/gross"):
            problem = refused(world[name].api.get, f"/documents/{tag}{path}")
            assert (problem.status, problem.code) in {(410, "document-erased"), (404, "not-found")}
    with Session(world.runtime.engine) as session:
        row = session.get(TradeDocumentRow, tag)
    assert row is not None
    assert (row.wrapped_keys, row.sealed) == (None, b"")
    assert (
        row.commitment == world[SUPPLIER].api.get(f"/receivables/{newest}")["document_commitment"]
    )
    # The evidence verified itself before it was handed out; it only lacks the document now.
    without = world[SUPPLIER].api.download(lot)
    assert base64.b64encode(content) in with_document
    assert base64.b64encode(content) not in without
    assert refused(post, world, content).code == "document-already-used"
