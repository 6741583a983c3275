import pytest

from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import (
    DocumentFieldMalformed,
    DocumentFieldMissing,
    FileNotRecognised,
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
from tests.trade_files import despatch, order, ubl


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


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (ubl(), FileNotRecognised),
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
