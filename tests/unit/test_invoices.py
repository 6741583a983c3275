import json
from datetime import date
from pathlib import Path

import pytest

from chainfin.domain.errors import (
    CurrencyUnknown,
    DatesOutOfOrder,
    InvoiceMalformed,
    TotalsDoNotAddUp,
    WrongDecimal,
    XmlMalformed,
)
from chainfin.domain.money import Money
from chainfin.interchange.invoices import read_invoice

INVOICES = Path(__file__).parents[2] / "examples" / "invoices"
FILES = sorted(INVOICES.glob("*.json"))


@pytest.fixture
def shape() -> dict:
    return json.loads((INVOICES / "linden-to-harbour-5402.json").read_bytes())


def read(shape: dict):
    return read_invoice(json.dumps(shape).encode())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_example__adds_up(file):
    invoice = read_invoice(file.read_bytes())

    assert invoice.totals.gross == invoice.totals.net + invoice.totals.tax
    assert invoice.currency == "CNY"


def test_examples__the_story__three_invoices_two_tiers():
    read = [read_invoice(file.read_bytes()) for file in FILES]

    assert [(i.seller.name, i.buyer.name, str(i.totals.payable)) for i in read] == [
        ("Harbour Steel Fabrication", "Meridian Rail Works", "CNY 1270120.00"),
        ("Harbour Steel Fabrication", "Meridian Rail Works", "CNY 843545.00"),
        ("Linden Fasteners", "Harbour Steel Fabrication", "CNY 302767.68"),
    ]


def test_invoice__read__every_field_and_fact(shape):
    invoice = read(shape)

    assert invoice.issue_date == date(2026, 9, 28)
    assert invoice.lines[1].net == Money(6_144_000, "CNY")
    assert invoice.facts() == {
        "number": "LF/5402-26",
        "seller_name": "Linden Fasteners",
        "buyer_name": "Harbour Steel Fabrication",
        "issue_date": "2026-09-28",
        "due_date": "2026-12-28",
        "currency": "CNY",
        "net": "267936.00",
        "tax": "34831.68",
        "gross": "302767.68",
        "payable": "302767.68",
    }


@pytest.mark.parametrize("key", ["net", "tax", "gross"])
def test_totals__one_hundredth_off__named_with_both_figures(shape, key):
    stated = Money.parse(shape["totals"][key], "CNY")
    shape["totals"][key] = (stated + Money(1, "CNY")).decimal_text()

    with pytest.raises(TotalsDoNotAddUp) as refusal:
        read(shape)

    assert refusal.value.place in {f"/totals/{key}", "/totals/lines"}
    assert refusal.value.computed == stated.decimal_text()


@pytest.mark.parametrize(("key", "wrong"), [("net", "61440.01"), ("tax", "7987.19")])
def test_line__not_its_product__named(shape, key, wrong):
    shape["lines"][1][key] = wrong

    with pytest.raises(TotalsDoNotAddUp, match=rf"/lines/1/{key}"):
        read(shape)


def test_due__before_issue__refused(shape):
    shape["due_date"] = "2026-09-27"

    with pytest.raises(DatesOutOfOrder):
        read(shape)


@pytest.mark.parametrize(
    ("place", "value", "error"),
    [
        (("currency",), "RMB", CurrencyUnknown),
        (("totals", "gross"), "302,767.68", WrongDecimal),
        (("totals", "gross"), 302767.68, InvoiceMalformed),
        (("lines",), [], InvoiceMalformed),
        (("lines", 0, "quantity"), "9 600", InvoiceMalformed),
        (("lines", 0, "unit_price"), "1e1", InvoiceMalformed),
        (("issue_date",), "28.09.2026", InvoiceMalformed),
        (("note",), "paid in part", InvoiceMalformed),
    ],
)
def test_shape__anything_else__refused(shape, place, value, error):
    *path, last = place
    target = shape
    for step in path:
        target = target[step]
    target[last] = value

    with pytest.raises(error):
        read(shape)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", XmlMalformed),
        (b"{", InvoiceMalformed),
        (b"[]", InvoiceMalformed),
        (b'{"\x80number": "1"}', InvoiceMalformed),
        (b"\xff", XmlMalformed),
    ],
)
def test_file__not_an_invoice__refused(content, error):
    with pytest.raises(error):
        read_invoice(content)


def test_file__key_missing__refused(shape):
    del shape["totals"]

    with pytest.raises(InvoiceMalformed, match="totals"):
        read(shape)
