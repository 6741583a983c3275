import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import (
    ChainfinError,
    DocumentFieldMalformed,
    DocumentFieldMissing,
    FileNotRecognised,
    FileTooLarge,
    GoodsDocumentMalformed,
    OrderMismatch,
    PartyMismatch,
    QuantityExceeded,
    ValueExceeded,
    XmlDeclaresTypes,
)
from chainfin.domain.matching import match_three_ways
from chainfin.domain.money import ExactDecimal, Money
from chainfin.interchange.goods import read_goods_document
from chainfin.interchange.invoices import read_invoice
from chainfin.interchange.limits import Limits
from tests.fuzzing import fuzz, spoilt
from tests.trade_files import (
    despatch,
    order,
    ubl,
    warehouse_receipt,
    warehouse_receipt_json,
)


def rules_of(invoice: bytes, ordered: bytes, *notes: bytes) -> list[type]:
    findings = match_three_ways(
        read_invoice(invoice),
        read_goods_document(ordered),
        [read_goods_document(note) for note in notes],
    )
    return [type(finding.error) for finding in findings]


def test_goods_documents__read__every_field():
    ordered, note = read_goods_document(order()), read_goods_document(despatch())

    assert (ordered.document_type, note.document_type) == (DocumentType.ORDER, DocumentType.WAYBILL)
    assert ordered.total == Money(100_00, "EUR")
    assert (note.number, note.order_number) == ("DN-1", "PO-77")
    assert note.lines[0].quantity == ExactDecimal(40, 0)
    assert note.facts()["order_number"] == "PO-77"


def test_warehouse_receipt__in_xml_and_json__is_the_same_document():
    receipt = read_goods_document(warehouse_receipt())

    assert receipt == read_goods_document(b" \n" + warehouse_receipt_json())
    assert receipt.document_type == DocumentType.WAREHOUSE_RECEIPT
    assert (receipt.number, receipt.order_number) == ("WR-2026/118", "PO-77")
    assert receipt.facts()["warehouse_name"] == "Eastern Bonded Storage"
    assert receipt.lines[0].quantity == ExactDecimal(40, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"@type": "warehouse_receipt/2"},
        {"lines": []},
        {"number": " "},
        {"warehouse_name": ""},
        {"issue_date": "2026-02-30"},
        {"insured": "yes"},
    ],
)
def test_warehouse_receipt__with_another_member_or_none__refused(changes):
    with pytest.raises(GoodsDocumentMalformed):
        read_goods_document(warehouse_receipt_json(**changes))


@pytest.mark.parametrize("quantity", ["many", "-1", "1e3"])
def test_warehouse_receipt__whose_quantity_is_none__named_by_place(quantity):
    lines = [{"description": "Track bolts", "quantity": quantity, "unit": "H87"}]

    with pytest.raises(DocumentFieldMalformed) as caught:
        read_goods_document(warehouse_receipt_json(lines=lines))

    assert caught.value.field == "/lines/0/quantity"


def test_warehouse_receipt__too_large_or_nested_without_end__refused():
    with pytest.raises(FileTooLarge):
        read_goods_document(warehouse_receipt_json(), Limits(file_bytes=100))
    with pytest.raises(GoodsDocumentMalformed):
        read_goods_document(b'{"lines":' + b"[" * 100_000)


def test_match__held_in_a_warehouse__its_receipt_stands_for_the_delivery():
    halves = warehouse_receipt(received="15.5"), warehouse_receipt(receipt="WR-2", received="24.5")

    assert rules_of(ubl(), order(), warehouse_receipt_json()) == []
    assert rules_of(ubl(), order(), despatch(), *halves) == []


@pytest.mark.parametrize(
    ("notes", "error"),
    [
        # Delivered, and then 39 of 40 were received.
        ((despatch(), warehouse_receipt(received="39")), QuantityExceeded),
        # More is in the warehouse than was brought there.
        ((despatch(), warehouse_receipt(received="41")), QuantityExceeded),
        ((warehouse_receipt(received="41"),), QuantityExceeded),
        ((warehouse_receipt(received="39"),), QuantityExceeded),
        ((warehouse_receipt(seller="Somebody"),), PartyMismatch),
        ((warehouse_receipt(buyer="Somebody"),), PartyMismatch),
        ((warehouse_receipt(order="PO-78"),), OrderMismatch),
    ],
)
def test_match__receipt_differs__named(notes, error):
    assert rules_of(ubl(), order(), *notes) == [error]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (ubl(), FileNotRecognised),
        (warehouse_receipt(receipt=""), DocumentFieldMissing),
        (warehouse_receipt(received="many"), DocumentFieldMalformed),
        (despatch(note=""), DocumentFieldMissing),
        (despatch(delivered="many"), DocumentFieldMalformed),
        (b"<!DOCTYPE a []><a/>", XmlDeclaresTypes),
    ],
)
def test_goods_document__that_is_none__refused(content, error):
    with pytest.raises(error):
        read_goods_document(content)


def test_match__ordered_delivered_billed__nothing_to_say():
    halves = despatch(delivered="15.5"), despatch(note="DN-2", delivered="24.5")

    assert rules_of(ubl(), order(), despatch()) == []
    assert rules_of(ubl(), order(ordered="50", order="po 77"), *halves) == []


@pytest.mark.parametrize(
    ("ordered", "note", "error"),
    [
        (order(), despatch(delivered="39"), QuantityExceeded),
        (order(ordered="39"), despatch(), QuantityExceeded),
        (order(total="99.99"), despatch(), ValueExceeded),
        (order(currency="USD"), despatch(), PartyMismatch),
        (order(seller="Somebody"), despatch(), PartyMismatch),
        (order(), despatch(buyer="Somebody"), PartyMismatch),
        (order(), despatch(order="PO-78"), OrderMismatch),
    ],
)
def test_match__one_thing_differs__named(ordered, note, error):
    assert rules_of(ubl(), ordered, note) == [error]


def test_match__goods_nobody_ordered__named_for_each_document():
    odd = despatch().replace(b"Track bolts", b"Gold bars")

    assert rules_of(ubl(), order(), odd) == [QuantityExceeded, QuantityExceeded]


def test_exact_decimals__added__keep_their_decimals():
    assert ExactDecimal(155, 1).plus(ExactDecimal(245, 1)) == ExactDecimal(40, 0)
    assert ExactDecimal(1, 3).plus(ExactDecimal(-2, 0)) == ExactDecimal(-1999, 3)


# --- anything at all


GOODS = [order(), despatch(), warehouse_receipt(), warehouse_receipt_json()]


@fuzz
@given(spoilt(GOODS) | st.binary(max_size=100))
def test_goods_document__spoilt_anyhow__read_or_refused_by_name(content):
    try:
        found = read_goods_document(content)
    except ChainfinError:
        return

    assert found.lines
    assert found.number
