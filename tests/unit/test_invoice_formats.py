from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.domain.errors import (
    AmountNotPositive,
    AmountTooLarge,
    BusinessRuleFailed,
    ChainfinError,
    CreditNoteRefused,
    CurrencyMismatch,
    CurrencyUnknown,
    DatesOutOfOrder,
    DocumentFieldMalformed,
    DocumentFieldMissing,
    DocumentNumberEmpty,
    DueDateMissing,
    FileNotRecognised,
    FileTooLarge,
    FileUnsafe,
    IdentifierMalformed,
    InvoiceOverdue,
    PayeeNotSeller,
    RulesUnusable,
    TotalsDoNotAddUp,
    WrongDecimal,
    XmlDeclaresTypes,
    XmlMalformed,
    XmlTooDeep,
)
from chainfin.domain.findings import Severity, fatal
from chainfin.domain.invoices import InvoiceKind, check_financing
from chainfin.domain.money import Money
from chainfin.domain.parties import IdentifierScheme, Party, PartyIdentifier
from chainfin.interchange.invoices import InvoiceFormat, inspect_invoice, read_invoice
from chainfin.interchange.limits import Limits
from chainfin.interchange.rules import BusinessRules
from tests.fuzzing import fuzz, spoilt
from tests.trade_files import archive, cii, digital, electronic, ofd, payee, pdf, ubl

TODAY = date(2026, 11, 22)
LEI = PartyIdentifier(IdentifierScheme.LEI, "529900T8BM49AURSDO55")
JSON = Path(__file__).parents[2] / "examples" / "invoices" / "linden-to-harbour-5402.json"


# --- one invoice, every format ---------------------------------------------------------------


def test_ubl__read__every_field():
    invoice = read_invoice(ubl(prepaid="19.00", payable="100.00"))

    assert (invoice.number, invoice.kind) == ("HSF-2026/0193", InvoiceKind.INVOICE)
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 9, 28), date(2027, 3, 28))
    assert invoice.payment_terms == "30 days net"
    assert invoice.seller.name == "Harbour Steel Fabrication"
    assert invoice.seller.identifiers == (LEI, PartyIdentifier(IdentifierScheme.VAT, "DE123456788"))
    assert invoice.seller.country == "DE"
    assert invoice.totals.payable == Money(100_00, "EUR")
    assert invoice.totals.prepaid == Money(19_00, "EUR")
    assert invoice.order_number == "PO-77"
    assert not invoice.is_assigned


def test_formats__the_same_invoice__one_domain_object():
    expected = read_invoice(ubl())

    assert read_invoice(cii()) == expected
    assert read_invoice(pdf(cii())) == expected
    assert read_invoice(pdf(ubl())) == expected


def test_chinese_invoices__xml_and_ofd__one_domain_object():
    invoice = read_invoice(digital())

    assert read_invoice(ofd(digital())) == invoice
    assert invoice.number == "26317000000001234567"
    assert str(invoice.totals.payable) == "CNY 113.00"
    assert invoice.seller.identifiers[0].scheme is IdentifierScheme.USCC
    old = read_invoice(ofd(electronic()))
    assert old.number == "03100260031100187654"  # unique only with its code
    assert old.issue_date == date(2026, 9, 28)
    assert old.lines[0].rate == invoice.lines[0].rate


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ubl(), InvoiceFormat.UBL),
        (cii(), InvoiceFormat.CII),
        (pdf(cii()), InvoiceFormat.PDF),
        (ofd(electronic()), InvoiceFormat.OFD),
        (digital(), InvoiceFormat.CHINESE_XML),
    ],
)
def test_format__told_by_content(content, expected):
    inspection = inspect_invoice(content)

    assert inspection.format is expected
    assert inspection.is_accepted
    assert inspection.to_json()["accepted"] is True


@pytest.mark.parametrize(
    ("currency", "net", "tax", "gross", "minor"),
    [("JPY", "100", "19", "119", 119), ("BHD", "100.000", "19.000", "119.000", 119_000)],
)
def test_currency__its_own_decimals(currency, net, tax, gross, minor):
    changed = ubl(currency=currency, net=net, tax=tax, gross=gross, payable=gross, prepaid="0")

    assert read_invoice(changed).totals.payable.amount_minor == minor


def test_encoding__declared_one__read():
    content = ubl(seller="Brücke & Söhne".replace("&", "&amp;")).decode()

    latin = content.replace("UTF-8", "ISO-8859-1").encode("latin-1")

    assert read_invoice(latin).seller.name == "Brücke & Söhne"


# --- what is wrong with a file ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "pointer"),
    [
        ({"gross": "119.01"}, TotalsDoNotAddUp, "/totals/gross"),
        ({"payable": "118.99"}, TotalsDoNotAddUp, "/totals/payable"),
        ({"tax": "20.00"}, TotalsDoNotAddUp, "/subtotals/0/tax"),
        ({"net": "1e2"}, DocumentFieldMalformed, "/Invoice/TaxTotal[1]/TaxSubtotal[1]"),
        ({"net": "100.005"}, WrongDecimal, "/Invoice/TaxTotal[1]/TaxSubtotal[1]/TaxableAmount"),
        ({"gross": "9" * 30}, AmountTooLarge, "/Invoice/LegalMonetaryTotal/TaxInclusiveAmount"),
        ({"gross": "9" * 99}, DocumentFieldMalformed, "/Invoice/LegalMonetaryTotal"),
        ({"due_date": "2026-02-30"}, DocumentFieldMalformed, "/Invoice/DueDate"),
        ({"issue_date": ""}, DocumentFieldMissing, "/Invoice/IssueDate"),
        ({"due_date": "2026-09-27"}, DatesOutOfOrder, "/due_date"),
        ({"number": "---"}, DocumentNumberEmpty, "/number"),
        ({"number": ""}, DocumentFieldMissing, "/Invoice/ID"),
        ({"seller": ""}, DocumentFieldMissing, "/Invoice/AccountingSupplierParty/Party"),
    ],
)
def test_ubl__one_value_spoiled__named_with_its_place(changes, error, pointer):
    inspection = inspect_invoice(ubl(**changes))

    found = fatal(inspection.findings)
    assert not inspection.is_accepted
    assert error in [type(finding.error) for finding in found]
    assert any(finding.pointer.startswith(pointer) for finding in found)
    with pytest.raises(ChainfinError):
        inspection.require()


def test_currency__unknown__refused():
    assert [type(f.error) for f in inspect_invoice(ubl(currency="ERU")).findings] == [
        CurrencyUnknown
    ]


def test_amount__of_another_currency__refused():
    content = ubl().replace(
        b'<cbc:PayableAmount currencyID="EUR">', b'<cbc:PayableAmount currencyID="USD">'
    )

    assert CurrencyMismatch in [type(f.error) for f in inspect_invoice(content).findings]


def test_findings__several_faults__all_of_them():
    findings = inspect_invoice(ubl(net="x", issue_date="2026-13-01", number="")).findings

    assert {type(finding.error) for finding in findings} >= {
        DocumentFieldMalformed,
        DocumentFieldMissing,
    }
    assert len(findings) >= 5


def test_identifier__wrong_check_digit__a_warning_and_not_used():
    inspection = inspect_invoice(ubl(seller_vat="DE123456789"))

    (warning,) = inspection.findings
    assert isinstance(warning.error, IdentifierMalformed)
    assert warning.severity is Severity.WARNING
    assert inspection.require().seller.identifiers == (LEI,)


# --- hostile files ---------------------------------------------------------------------------

BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">
<!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
]><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">&d;</Invoice>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">&x;</Invoice>"""


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (BOMB, XmlDeclaresTypes),
        (EXTERNAL, XmlDeclaresTypes),
        (pdf(BOMB), XmlDeclaresTypes),
        (ofd(BOMB), XmlDeclaresTypes),
        (b"<a>" * 80 + b"</a>" * 80, XmlTooDeep),
        (b"<a/>" + b" " * 20_000_000, FileTooLarge),
        (b"<a/>", FileNotRecognised),
        (ubl().replace(b"UTF-8", b"UTF-16"), XmlMalformed),
        (ubl()[:-20], XmlMalformed),
        (pdf(), FileNotRecognised),
        (pdf(b"<a/>"), FileNotRecognised),
        (pdf(cii(), ubl()), FileNotRecognised),
        (pdf(cii())[:400], FileNotRecognised),
        (ofd(), FileNotRecognised),
        (ofd(electronic(), electronic(number="00187655")), FileNotRecognised),
        (archive({"a.xml": digital()}), FileNotRecognised),
        (b"PK\x03\x04 not a zip", FileNotRecognised),
        (ofd(b" " * 30_000_000), FileUnsafe),
        (archive({"OFD.xml": b""} | {f"{i}.xml": b"" for i in range(300)}), FileUnsafe),
    ],
)
def test_hostile_file__refused_by_name(content, error):
    inspection = inspect_invoice(content)

    assert [type(finding.error) for finding in inspection.findings] == [error]
    assert inspection.invoice is None


def test_pdf__attachment_whose_name_is_no_text__read():
    content = pdf(cii())
    place = content.rindex(b"invoice")
    odd = content[:place] + b"\x00" + content[place + 1 :]

    assert read_invoice(odd) == read_invoice(content)
    assert read_invoice(pdf(cii(), cii())) == read_invoice(content)


def test_zip__states_a_small_size__not_believed():
    content = bytearray(ofd(b" " * 25_000_000))
    # The size in the central directory, of the last entry: what a bomb lies about.
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = (100).to_bytes(4, "little")

    (finding,) = inspect_invoice(bytes(content)).findings

    assert isinstance(finding.error, FileUnsafe | FileNotRecognised)


def test_limits__the_operators_own():
    (finding,) = inspect_invoice(ubl(), Limits(file_bytes=100)).findings

    assert isinstance(finding.error, FileTooLarge)


# --- financing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"type_code": "381"}, CreditNoteRefused),
        ({"prepaid": "119.00", "payable": "0.00"}, AmountNotPositive),
        ({"prepaid": "120.00", "payable": "-1.00"}, AmountNotPositive),
        ({"payee": payee("Factoring GmbH")}, PayeeNotSeller),
        ({"type_code": "393"}, PayeeNotSeller),
        ({"due_date": "2026-11-21"}, InvoiceOverdue),
    ],
)
def test_financing__refused_by_name(changes, error):
    invoice = read_invoice(ubl(**changes))

    findings = check_financing(invoice, invoice.due_date, TODAY)

    assert [type(finding.error) for finding in findings] == [error]


def test_financing__plain_invoice__nothing_against_it():
    invoice = read_invoice(ubl(payee=payee("HARBOUR  Steel Fabrication")))

    assert check_financing(invoice, invoice.due_date, TODAY) == []
    assert [type(f.error) for f in check_financing(invoice, None, TODAY)] == [DueDateMissing]


def test_red_invoice__negative__a_credit_note():
    red = {"quantity": "-40", "net": "-100.00", "tax": "-13.00", "gross": "-113.00"}

    invoice = read_invoice(digital(**red))

    assert invoice.kind is InvoiceKind.CREDIT_NOTE


def test_party__a_shared_number_or_the_name_decides():
    ours = Party("Harbour Steel", (LEI,))
    other = PartyIdentifier(IdentifierScheme.LEI, "213800KUD8LAJWSQ9D15")

    assert ours.is_same_as(Party("HSF", (LEI,)))
    assert ours.is_same_as(Party("harbour  STEEL"))
    assert not ours.is_same_as(Party("Harbour Steel", (other,)))
    assert not ours.is_same_as(Party("Harbour Bank"))


# --- business rules --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(test_data) -> BusinessRules:
    return BusinessRules(test_data / "en16931" / "xslt")


def test_rules__a_broken_one__by_id_place_and_text(rules):
    findings = inspect_invoice(ubl(seller_vat="123456788"), rules=rules).findings

    failed = [f for f in findings if isinstance(f.error, BusinessRuleFailed)]
    assert "BR-CO-09" in [f.error.rule_id for f in failed]
    (finding,) = [f for f in failed if f.error.rule_id == "BR-CO-09"]
    assert finding.severity is Severity.FATAL
    assert finding.pointer.startswith("/Invoice")
    assert "ISO code" in finding.error.text


def test_rules__cii_inside_a_pdf__run_too(rules):
    inspection = inspect_invoice(pdf(cii(currency="EUR", type_code="999")), rules=rules)

    assert "BR-CL-01" in [
        finding.error.rule_id
        for finding in inspection.findings
        if isinstance(finding.error, BusinessRuleFailed)
    ]


def test_rules__that_take_too_long__refuse_the_file_and_serve_the_next(test_data):
    hasty = BusinessRules(test_data / "en16931" / "xslt", Limits(seconds=0))

    for _ in range(2):
        (finding,) = inspect_invoice(ubl(), rules=hasty).findings
        assert isinstance(finding.error, FileUnsafe)


def test_rules__missing_files__refused(tmp_path: Path):
    with pytest.raises(RulesUnusable):
        BusinessRules(tmp_path)


# --- fuzz ------------------------------------------------------------------------------------

SEEDS = {
    "ubl": ubl(),
    "cii": cii(),
    "chinese_xml": digital(),
    "pdf": pdf(cii()),
    "ofd": ofd(electronic()),
    "json": JSON.read_bytes(),
}


@pytest.mark.parametrize("name", SEEDS)
@fuzz
@given(data=st.data())
def test_any_file__answered_with_findings_or_an_invoice(name, data):
    content = data.draw(spoilt([SEEDS[name]]) | st.binary(max_size=100))

    inspection = inspect_invoice(content)

    assert inspection.is_accepted or fatal(inspection.findings)
    inspection.to_json()


@fuzz
@given(
    st.dictionaries(
        st.sampled_from(["net", "tax", "gross", "payable", "quantity", "price"]),
        st.text("0123456789.-+eE ", max_size=12),
        max_size=4,
    )
)
def test_any_figures__never_a_wrong_sum(changes):
    inspection = inspect_invoice(ubl(**changes))

    if inspection.is_accepted:
        totals = inspection.require().totals
        assert totals.net + totals.tax == totals.gross
        assert totals.gross - totals.prepaid + totals.rounding == totals.payable
