"""Documents about receivables, and statements, over HTTP: the stranger first."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pypdf import PdfReader

from chainfin.client.api import ApiProblem
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import payment_reference
from tests.world import ANCHOR, AUDITOR, FUNDER, STRANGER, SUB_SUPPLIER, SUPPLIER, World

FACE = 1_000_00
PART = 400_00


def refused(call: Any, *arguments: Any, **fields: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call(*arguments, **fields)
    return caught.value


@pytest.fixture(scope="module")
def receivable_id(world: World) -> int:
    """Divided, a part passed on and half of that financed."""
    number = world.issue("NOTICES-1", FACE)
    root, part = f"{number}-1", f"{number}-2"
    world.order(SUPPLIER, "split_lot", lot_id=root, parts=[{"face_value_minor": PART}])
    world.order(SUPPLIER, "propose_transfer", lot_id=part, to=world[SUB_SUPPLIER].number)
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=part)
    request = {"lot_id": part, "part_face_value_minor": PART // 2, "with_recourse": True}
    world.order(SUB_SUPPLIER, "request_financing", **request)
    requests = world[FUNDER].api.get("/financing-requests")["data"]
    (opened,) = [entry for entry in requests if entry["lot_id"] == part]
    quote = world.quote(FUNDER, request_id=opened["request_id"], discount_rate_bps=380)
    world.order(SUB_SUPPLIER, "award_quote", quote_hash=quote)
    return number


def numbers(world: World, name: str, receivable_id: int) -> list[str]:
    found = world[name].api.get(f"/receivables/{receivable_id}/notices")["data"]
    return [entry["number"] for entry in found]


def notice(world: World, name: str, receivable_id: int, kind: str, place: int = 0) -> Any:
    wanted = [n for n in numbers(world, name, receivable_id) if n.startswith(kind)]
    return world[name].api.get(f"/notices/{wanted[place]}")


# --- strangers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/v1/receivables/1/notices",
        "/v1/notices/payment-undertaking-1",
        "/v1/participants/1/statement?from_date=2026-01-01&to_date=2026-01-31",
    ],
)
def test_request__without_a_credential__is_not_answered(world: World, path: str) -> None:
    assert world.client.get(path).status_code == 401


def test_notices__for_a_stranger__do_not_exist(world: World, receivable_id: int) -> None:
    api = world[STRANGER].api

    for path in (
        f"/receivables/{receivable_id}/notices",
        f"/notices/payment-undertaking-{receivable_id}",
        f"/notices/default-certificate-{receivable_id}",
    ):
        assert refused(api.get, path).status == 404


def test_statement__of_another_organisation__does_not_exist(world: World) -> None:
    path = f"/participants/{world[SUPPLIER].number}/statement"
    period = {"from_date": "2026-01-01", "to_date": "2030-01-01"}

    assert refused(world[STRANGER].api.get, path, **period).status == 404
    assert world[AUDITOR].api.get(path, **period)["kind"] == "participant-statement"


def test_notices__of_an_earlier_party__are_those_of_its_own_hops(world: World) -> None:
    number = world.issue("NOTICES-2", FACE)
    root = f"{number}-1"
    world.order(SUPPLIER, "split_lot", lot_id=root, parts=[{"face_value_minor": PART}])
    world.order(SUPPLIER, "propose_transfer", lot_id=f"{number}-2", to=world[FUNDER].number)
    world.order(FUNDER, "accept_transfer", lot_id=f"{number}-2")
    for sender, receiver in ((SUPPLIER, SUB_SUPPLIER), (SUB_SUPPLIER, FUNDER)):
        world.order(sender, "propose_transfer", lot_id=root, to=world[receiver].number)
        world.order(receiver, "accept_transfer", lot_id=root)

    found = numbers(world, SUB_SUPPLIER, number)

    assert refused(world[SUB_SUPPLIER].api.get, f"/receivables/{number}").status == 404
    assert [name.rsplit("-", 3)[0] for name in found] == [
        "transfer-slip",
        "notice-of-assignment",
    ] * 2
    assert all(f"-{root}-" in name for name in found)
    assert len(numbers(world, FUNDER, number)) == 7


# --- what there is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        "payment-undertaking-x",
        "payment-undertaking-0",
        "transfer-slip-1",
        "transfer-slip-1-1-99",
        "something-else-1",
        "payment-undertaking-" + "9" * 40,
    ],
)
def test_notice__of_no_such_number__does_not_exist(world: World, number: str) -> None:
    assert refused(world[ANCHOR].api.get, f"/notices/{number}").status == 404


def test_notices__of_an_active_receivable__one_undertaking_two_for_each_hop(
    world: World, receivable_id: int
) -> None:
    kinds = [
        number.rsplit(f"-{receivable_id}", 1)[0] for number in numbers(world, ANCHOR, receivable_id)
    ]

    assert kinds == [
        "payment-undertaking",
        "transfer-slip",
        "notice-of-assignment",
        "transfer-slip",
        "notice-of-assignment",
    ]


def test_transfer_slip__of_a_lot_divided_later__has_the_face_that_passed(
    world: World, receivable_id: int
) -> None:
    first = notice(world, SUPPLIER, receivable_id, "transfer-slip", 0)
    second = notice(world, SUPPLIER, receivable_id, "transfer-slip", 1)

    assert first["facts"]["face_value"]["amount_minor"] == PART
    assert first["facts"]["receiver"]["name"] == SUB_SUPPLIER
    assert second["facts"]["face_value"]["amount_minor"] == PART // 2
    assert second["facts"]["with_recourse"] == "with_recourse"
    assert SUB_SUPPLIER in second["text"]["en"]
    assert FUNDER in second["text"]["zh"]


def test_transfer_slip__of_a_lot_made_whole_again__has_the_face_that_passed(world: World) -> None:
    number = world.issue("NOTICES-3", FACE)
    root = f"{number}-1"
    world.order(SUPPLIER, "split_lot", lot_id=root, parts=[{"face_value_minor": PART}])
    world.order(SUPPLIER, "unsplit_lot", lot_id=f"{number}-2")
    world.order(SUPPLIER, "propose_transfer", lot_id=root, to=world[SUB_SUPPLIER].number)
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=root)

    slip = notice(world, SUPPLIER, number, "transfer-slip")

    assert slip["facts"]["face_value"]["amount_minor"] == FACE


def test_notice_of_assignment__names_who_is_paid_and_under_which_reference(
    world: World, receivable_id: int
) -> None:
    found = notice(world, ANCHOR, receivable_id, "notice-of-assignment")

    assert found["facts"]["reference"] == payment_reference(LotId(receivable_id, 2))
    assert found["as_of"]["block_number"] > 0


# --- PDF -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Payment undertaking"), ("zh", "付款承诺函")]
)
def test_pdf__of_the_service__is_signed_and_says_the_same(
    world: World, receivable_id: int, language: str, words: str
) -> None:
    content = world[ANCHOR].api.download(
        f"/notices/payment-undertaking-{receivable_id}", format="pdf", language=language
    )

    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    status = validate_pdf_signature(signature)
    assert (status.intact, status.valid) == (True, True)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert words in text
    assert "CNY 1000.00" in text.replace("\n", " ")


def test_pdf__changed_by_one_byte__no_longer_intact(world: World, receivable_id: int) -> None:
    content = world[ANCHOR].api.download(
        f"/notices/payment-undertaking-{receivable_id}", format="pdf"
    )
    place = content.index(b"endstream") - 10
    changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

    (signature,) = PdfFileReader(io.BytesIO(changed)).embedded_signatures

    assert not validate_pdf_signature(signature).intact


# --- statements ------------------------------------------------------------------------------


def test_statement__of_the_day__holdings_and_fundings_with_their_discount(
    world: World, receivable_id: int
) -> None:
    api, number = world[SUB_SUPPLIER].api, world[SUB_SUPPLIER].number
    now_at = api.get(f"/receivables/{receivable_id}")["as_of"]
    block_at = api.get(f"/notices/payment-undertaking-{receivable_id}")["as_of"]["block_timestamp"]
    day = datetime.fromtimestamp(block_at, UTC).date()

    found = api.get(f"/participants/{number}/statement", from_date=day, to_date=day)

    assert now_at["block_number"] == found["as_of"]["block_number"]
    held = {row["lot"]: row["outstanding"]["amount_minor"] for row in found["tables"]["holdings"]}
    assert held[f"{receivable_id}-2"] == PART // 2
    (funding,) = [row for row in found["tables"]["fundings"] if row["lot"] == f"{receivable_id}-3"]
    assert funding["role"] == "as_seller"
    assert (
        funding["net_proceeds"]["amount_minor"] + funding["discount"]["amount_minor"] == PART // 2
    )
    assert found["tables"]["total"][0]["discount_paid"]["amount_minor"] > 0


def test_statement__that_ends_before_it_begins__is_refused(world: World) -> None:
    path = f"/participants/{world[SUPPLIER].number}/statement"

    problem = refused(
        world[SUPPLIER].api.get, path, from_date=date(2026, 2, 1), to_date=date(2026, 1, 1)
    )

    assert problem.code == "dates-out-of-order"
    assert refused(world[SUPPLIER].api.get, path, from_date="2026-02-30", to_date="x").status == 422
