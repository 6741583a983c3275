import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from chainfin.domain.errors import (
    CalendarUnknown,
    CellEmpty,
    ChainfinError,
    CreditNoteRow,
    CurrencyMissing,
    CurrencyUnknown,
    DateMalformed,
    DocumentNumberEmpty,
    FileUnsafe,
    InvoiceDuplicated,
    LedgerMalformed,
    MappingMalformed,
    RowMalformed,
    RowUnreadable,
    SummaryRow,
    TimeZoneUnknown,
    UnknownColumn,
    WrongDecimal,
)
from chainfin.domain.money import Money
from chainfin.interchange.ledger import (
    LedgerRow,
    RefusedRow,
    normalise_name,
    parse_mapping,
    read_ledger,
    read_ledger_file,
    read_workbook,
)
from chainfin.interchange.limits import Limits
from tests.fuzzing import fuzz, spoilt
from tests.trade_files import archive

EXAMPLES = Path(__file__).parents[2] / "examples" / "ledger"
pure = settings(database=None, deadline=None)

MAPPING = """
[columns]
amount = "Amount"
beneficiary = "Supplier"
invoice_number = "No"
[constants]
currency = "GBP"
tenor_days = 60
"""
HEADER = "No,Supplier,Amount\n"


def entries_of(text: str, mapping: str = MAPPING) -> list[LedgerRow | RefusedRow]:
    return list(read_ledger(io.StringIO(text, newline=""), parse_mapping(mapping)))


def test_number__twice_for_one_supplier__second_row_is_refused():
    rows = "INV-7,Harbour Steel,100.00\nINV-7,Linden,100.00\n inv 7,HARBOUR STEEL,50.00\n"

    first, other_supplier, again = entries_of(HEADER + rows)

    assert isinstance(first, LedgerRow)
    assert isinstance(other_supplier, LedgerRow)
    assert isinstance(again, RefusedRow)
    assert isinstance(again.error, InvoiceDuplicated)
    assert (again.error.first, again.error.second) == (2, 4)


def refusals_of(entries: list[LedgerRow | RefusedRow]) -> list[tuple[int, type[ChainfinError]]]:
    return [(e.line, type(e.error)) for e in entries if isinstance(e, RefusedRow)]


@dataclass(frozen=True)
class Totals:
    count: int
    refused: int
    face: dict[str, Money]


def totals_of(entries):
    """How many rows were read and left out, and the sum of the faces by currency."""
    found, face = Counter(isinstance(entry, RefusedRow) for entry in entries), {}
    for entry in entries:
        if not isinstance(entry, RefusedRow):
            currency = entry.face.currency
            face[currency] = face.get(currency, Money(0, currency)) + entry.face
    return Totals(found[False], found[True], face)


# --- the project's own example ---------------------------------------------------------------


def test_example__rows_and_refusals__by_line():
    mapping = parse_mapping((EXAMPLES / "example-mapping.toml").read_text(encoding="utf-8"))

    entries = list(read_ledger_file(EXAMPLES / "example-ledger.csv", mapping))

    assert refusals_of(entries) == [
        (12, CreditNoteRow),
        (16, WrongDecimal),
        (19, CellEmpty),
        (21, RowMalformed),
        (28, CreditNoteRow),
    ]
    totals = totals_of(entries)
    assert (totals.count, totals.refused) == (27, 5)
    assert totals.face == {"CNY": Money(1_092_077_000, "CNY")}


def test_example__first_row__every_field():
    mapping = parse_mapping((EXAMPLES / "example-mapping.toml").read_text(encoding="utf-8"))

    row = next(read_ledger_file(EXAMPLES / "example-ledger.csv", mapping))

    assert isinstance(row, LedgerRow)
    assert (row.line, row.beneficiary) == (2, "Harbour Steel Fabrication")
    assert row.beneficiary_key == "harbour steel fabrication"
    assert row.face == Money(127_012_000, "CNY")
    assert (row.invoice_number, row.invoice_date) == ("HSF-2026-0187", date(2026, 10, 12))
    assert (row.tenor_days, row.maturity_date, row.payment_date) == (90, None, None)
    assert row.programme is None
    assert row.facts["Cost Centre"] == "Bogie Frames"
    assert row.canonical.startswith(b'{"@type":"ledger_row/1","Amount Payable":"1270120.00",')
    assert mapping.constants.cut_off == time(16, 30)


def test_example__identical_rows__both_valid_with_ordinals():
    mapping = parse_mapping((EXAMPLES / "example-mapping.toml").read_text(encoding="utf-8"))

    rows = [e for e in read_ledger_file(EXAMPLES / "example-ledger.csv", mapping)
            if isinstance(e, LedgerRow)]  # fmt: skip

    twins = [row for row in rows if row.invoice_number is None]
    assert [row.ordinal for row in twins] == [0, 1]
    assert twins[0].canonical == twins[1].canonical
    assert [row.beneficiary for row in rows if "," in row.beneficiary] == [
        "Alder, Beech & Sons"
    ] * 2
    assert Counter(row.beneficiary_key for row in rows)["quayside castings ltd"] == 2


# --- the trade's real ledgers ----------------------------------------------------------------


def test_real_ledgers__six_files__every_row_read(test_data):
    mapping = parse_mapping((EXAMPLES / "mapping.toml").read_text(encoding="utf-8"))
    files = sorted((test_data / "supplier-ledger").glob("*.csv"))

    totals = {file.stem: totals_of(list(read_ledger_file(file, mapping))) for file in files}

    assert totals["2020-05"].count == 3679
    assert str(totals["2020-05"].face["GBP"]) == "GBP 1437453399.15"
    assert sum(total.count for total in totals.values()) == 16_061
    assert sum(total.refused for total in totals.values()) == 0


def test_real_ledgers__with_their_summary_rows_named__left_out(test_data):
    text = (EXAMPLES / "mapping.toml").read_text(encoding="utf-8")
    mapping = parse_mapping(text.replace("# summary_rows", "summary_rows"))
    files = sorted((test_data / "supplier-ledger").glob("*.csv"))

    entries = {file.stem: list(read_ledger_file(file, mapping)) for file in files}

    # Five of the six files end with a line "Grand Total": 16,056 payments, not 16,061.
    refused = [e for rows in entries.values() for e in rows if isinstance(e, RefusedRow)]
    assert [type(e.error) for e in refused] == [SummaryRow] * 5
    assert sum(map(len, entries.values())) - len(refused) == 16_056
    may = totals_of(entries["2020-05"])
    assert (may.count, str(may.face["GBP"])) == (3678, "GBP 718726699.57")


# --- the file's form -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffNo,Supplier,Amount\n7,Acme,1.00\n",
        '\ufeff"No","Supplier","Amount"\n"7","Acme","1.00"\n',
        "No,Supplier,Amount\r\n7,Acme,1.00\r\n",
        "No,Supplier,Amount\n7,Acme,1.00",
        "No,Supplier,Amount\n7,Acme,1.00\n\n\n,,\n  ,,\n",
    ],
    ids=["bom", "bom-and-quotes", "crlf", "no-last-newline", "trailing-blank-lines"],
)
def test_form__byte_order_mark_quotes_line_ends_blanks__one_row(text):
    (row,) = entries_of(text)

    assert isinstance(row, LedgerRow)
    assert (row.line, row.invoice_number, row.face) == (2, "7", Money(100, "GBP"))
    assert row.facts == {"No": "7", "Supplier": "Acme", "Amount": "1.00"}


def test_form__quoted_comma_quote_and_newline__one_cell_and_right_lines():
    text = HEADER + '1,"Acme, ""A""\nBranch",5.00\n\n2,Bolt,x\n'

    first, second = entries_of(text)

    assert isinstance(first, LedgerRow)
    assert (first.line, first.beneficiary) == (2, 'Acme, "A"\nBranch')
    assert refusals_of([second]) == [(5, WrongDecimal)]


def test_form__short_long_and_broken_rows__reported_and_left_out():
    text = HEADER + '1,Acme\n2,Acme,1.00,more\n3,"Ac"me,1.00\n4,Acme,1.00\n'

    entries = entries_of(text)

    assert refusals_of(entries) == [(2, RowMalformed), (3, RowMalformed), (4, RowUnreadable)]
    assert [e.line for e in entries if isinstance(e, LedgerRow)] == [5]


def test_form__quote_never_closed__reported_on_its_line():
    assert refusals_of(entries_of(HEADER + '1,"Acme,1.00\n2,Acme,1.00\n')) == [(2, RowUnreadable)]


def test_form__identical_rows__counted_across_others():
    entries = entries_of(HEADER + ",A,1.00\n,B,1.00\n,A,1.00\n,A,1.0\n,A,1.00\n")

    assert [e.ordinal for e in entries if isinstance(e, LedgerRow)] == [0, 0, 1, 0, 2]


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", ",,\n1,2,3\n", '"No\n'])
def test_header__none__refused(text):
    with pytest.raises(LedgerMalformed):
        entries_of(text)


@pytest.mark.parametrize("text", ["No,No,Supplier,Amount\n", "No,Supplier,Amount,@type\n"])
def test_header__repeated_or_reserved_name__refused(text):
    with pytest.raises(LedgerMalformed, match=r"“No”|“@type”"):
        entries_of(text)


def test_header__mapped_column_missing__before_anything_is_read():
    lines = iter(["No,Supplier,Betrag\n", "1,Acme,1.00\n"])

    with pytest.raises(UnknownColumn) as refusal:
        read_ledger(lines, parse_mapping(MAPPING))

    assert refusal.value.fields == {
        "column": "Amount",
        "purpose": "amount",
        "available": "“No”, “Supplier”, “Betrag”",
    }
    assert "[columns] amount" in refusal.value.remedy()
    assert next(lines) == "1,Acme,1.00\n"


def test_encoding__bytes_it_does_not_have__refused():
    lines = io.TextIOWrapper(io.BytesIO(HEADER.encode() + b"1,\xff,1.00\n"), "utf-8", newline="")

    with pytest.raises(LedgerMalformed, match=r"utf-8.*byte 0xff"):
        list(read_ledger(lines, parse_mapping(MAPPING)))


def test_encoding__gb18030__read():
    mapping = parse_mapping('encoding = "gb18030"' + MAPPING)
    raw = io.BytesIO((HEADER + "1,青石轨道材料有限责任公司,1.00\n").encode("gb18030"))

    (row,) = read_ledger(io.TextIOWrapper(raw, mapping.encoding, newline=""), mapping)

    assert isinstance(row, LedgerRow)
    assert row.beneficiary_key == "青石轨道材料有限公司"


# --- the cells -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decimal", "thousands", "cell", "amount_minor"),
    [
        (".", "", " 1234.50 ", 123_450),
        (".", ",", "1,234.50", 123_450),
        (".", ",", "1234.50", 123_450),
        (".", ",", "1,234,567", 123_456_700),
        (",", ".", "1.234,50", 123_450),
        (",", " ", "12 345,5", 1_234_550),
        (",", "", "1234,50", 123_450),
    ],
)
def test_amount__mapped_signs__exact(decimal, thousands, cell, amount_minor):
    mapping = f'decimal = "{decimal}"\nthousands = "{thousands}"\n{MAPPING}'

    (row,) = entries_of(f'{HEADER}1,Acme,"{cell}"\n', mapping)

    assert isinstance(row, LedgerRow)
    assert row.face == Money(amount_minor, "GBP")


@pytest.mark.parametrize(
    ("decimal", "thousands", "cell"),
    [
        (".", "", "1,234.50"),
        (".", "", ""),
        (".", "", "1.005"),
        (".", "", "(5.00)"),
        (".", "", "£5"),
        (".", "", "1e3"),
        (".", ",", "1,00.00"),
        (".", ",", "1234,567.00"),
        (".", ",", ",234.00"),
        (",", "", "1.000"),
        (",", ".", "1.000.00"),
    ],
)
def test_amount__not_exact_in_the_mapped_signs__wrong_decimal(decimal, thousands, cell):
    mapping = f'decimal = "{decimal}"\nthousands = "{thousands}"\n{MAPPING}'

    assert refusals_of(entries_of(f'{HEADER}1,Acme,"{cell}"\n', mapping)) == [(2, WrongDecimal)]


@pytest.mark.parametrize("cell", ["-1.00", "0", "0.00", "-0.00"])
def test_amount__not_above_zero__credit_note(cell):
    assert refusals_of(entries_of(f"{HEADER}1,Acme,{cell}\n")) == [(2, CreditNoteRow)]


@pytest.mark.parametrize("cell", ["", "  ", "---"])
def test_beneficiary__nothing_readable__refused(cell):
    assert refusals_of(entries_of(f"{HEADER}1,{cell},1.00\n")) == [(2, CellEmpty)]


def test_invoice_number__only_signs__refused():
    assert refusals_of(entries_of(f"{HEADER}-,Acme,1.00\n")) == [(2, DocumentNumberEmpty)]


COLUMNS_OF_EVERYTHING = """
date_format = "%d/%m/%Y"
[columns]
amount = "A"
beneficiary = "B"
currency = "C"
due_date = "D"
programme = "P"
payment_date = "Y"
"""


def test_row__own_currency_due_date_and_programme__before_the_constants():
    mapping = COLUMNS_OF_EVERYTHING + '[constants]\ncurrency="GBP"\ntenor_days=30\nprogramme="p1"\n'

    own, constant = entries_of(
        "A,B,C,D,P,Y\n1,Acme,JPY,31/01/2027,p2,05/02/2027\n1,Acme,,,,\n", mapping
    )

    assert isinstance(own, LedgerRow)
    assert own.face == Money(1, "JPY")
    assert (own.maturity_date, own.tenor_days, own.programme) == (date(2027, 1, 31), None, "p2")
    assert own.payment_date == date(2027, 2, 5)
    assert isinstance(constant, LedgerRow)
    assert constant.face == Money(100, "GBP")
    assert (constant.maturity_date, constant.tenor_days, constant.programme) == (None, 30, "p1")


def test_row__no_currency_no_due_date_or_wrong_ones__refused():
    rows = [
        "1,Acme,,31/01/2027,,",
        "1,Acme,GBP,,,",
        "1,Acme,QQQ,31/01/2027,,",
        "1,Acme,GBP,2027-01-31,,",
        "1,Acme,GBP,30/02/2027,,",
    ]

    entries = entries_of("A,B,C,D,P,Y\n" + "\n".join(rows), COLUMNS_OF_EVERYTHING)

    expected = [CurrencyMissing, CellEmpty, CurrencyUnknown, DateMalformed, DateMalformed]
    assert refusals_of(entries) == list(enumerate(expected, start=2))


def test_summary_row__named__left_out_however_it_is_spelled():
    mapping = 'summary_rows = ["Grand Total"]\n' + MAPPING

    entries = entries_of(HEADER + "1,Acme,1.00\n,GRAND  TOTAL:,1.00\n", mapping)

    assert refusals_of(entries) == [(3, SummaryRow)]


def test_totals__several_currencies__apart():
    text = (
        "A,B,C,D,P,Y\n1,Acme,JPY,31/01/2027,,\n1,Acme,GBP,31/01/2027,,\n2,Acme,JPY,31/01/2027,,\n"
    )

    totals = totals_of(entries_of(text, COLUMNS_OF_EVERYTHING))

    assert totals.face == {"JPY": Money(3, "JPY"), "GBP": Money(100, "GBP")}


# --- the mapping -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "",
        '[columns]\namount = "A"\n',
        MAPPING.replace("tenor_days = 60", ""),
        MAPPING.replace("tenor_days = 60", "tenor_days = 0"),
        MAPPING.replace("tenor_days = 60", 'tenor_days = "60"'),
        MAPPING + 'curency = "GBP"\n',
        'decimal = "."\nthousands = "."\n' + MAPPING,
        'decimal = "/"\n' + MAPPING,
        'date_format = "%Y-%m"\n' + MAPPING,
        'date_format = "%q"\n' + MAPPING,
        'encoding = "utf-9"\n' + MAPPING,
        'encoding = "rot13"\n' + MAPPING,
        'delimiter = ";;"\n' + MAPPING,
        MAPPING + 'cut_off = "25:00"\n',
    ],
)
def test_mapping__no_sense__malformed(text):
    with pytest.raises(MappingMalformed):
        parse_mapping(text)


def test_mapping__no_currency_at_all__missing():
    with pytest.raises(CurrencyMissing):
        parse_mapping(MAPPING.replace('currency = "GBP"', ""))


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('calendar = "MARS"', CalendarUnknown),
        ('zone = "Mars/Olympus"', TimeZoneUnknown),
    ],
)
def test_mapping__unknown_place__refused(line, error):
    with pytest.raises(error):
        parse_mapping(MAPPING + line)


def test_mapping__currency_not_iso__unknown():
    with pytest.raises(CurrencyUnknown):
        parse_mapping(MAPPING.replace("GBP", "gbp"))


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (["Acme Ltd", "ACME LIMITED", " Acme  Ltd. ", "\uff21cme Ltd", "acme, ltd"], "acme ltd"),
        (["Acme Private Limited", "Acme Pvt. Ltd"], "acme pvt ltd"),
        (["Acme Company Limited", "Acme Co., Ltd."], "acme co ltd"),
        (["Acme PLC", "Acme P.L.C.", "Acme Public Limited Company"], "acme plc"),
        (["Smith & Sons", "Smith and Sons", "SMITH AND SONS"], "smith and sons"),
        (["O'Brien LLC", "O\u2019Brien Limited Liability Company"], "obrien llc"),
        (["Straße GmbH", "STRASSE Gesellschaft mit beschränkter Haftung"], "strasse gmbh"),
        (["青石有限责任公司", "青石有限公司"], "青石有限公司"),
        (["Limited Editions Inc", "Limited Editions Incorporated"], "limited editions inc"),
        (["Limited"], "ltd"),
        (["...", "", "—"], ""),
    ],
)
def test_name__spellings_of_one_company__one_key(names, key):
    assert {normalise_name(name) for name in names} == {key}


def test_name__other_legal_form_accent_or_word__other_key():
    names = ["Acme Ltd", "Acme GmbH", "Acme", "Acmé Ltd", "The Acme Ltd", "Acme Holdings Ltd"]

    assert len({normalise_name(name) for name in names}) == len(names)


@pure
@given(st.text(max_size=40))
def test_name__twice__unchanged(name):
    key = normalise_name(name)

    assert normalise_name(key) == key
    assert key == key.strip()


# --- workbooks -------------------------------------------------------------------------------

BOOK_MAPPING = """
sheet = "Approved"
[columns]
amount = "Amount"
beneficiary = "Supplier"
invoice_number = "No"
due_date = "Due"
[constants]
currency = "GBP"
"""


def workbook(*rows: list) -> bytes:
    book = Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Approved")
    for row in [["No", "Supplier", "Amount", "Due"], *rows]:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def book_entries(content: bytes, mapping: str = BOOK_MAPPING, **limits: int) -> list:
    return list(read_workbook(content, parse_mapping(mapping), Limits(**limits)))


def test_workbook__numbers_text_and_days__exact():
    due = datetime.combine(date(2026, 12, 28), time())
    rows = [
        ["A-1", "Acme", 1234.56, due],
        ["A-2", "Acme", "36500.00", "2026-12-28"],
        [],
        [3, "B", 7],
    ]

    first, second, last = book_entries(workbook(*rows))

    assert (str(first.face), first.maturity_date) == ("GBP 1234.56", date(2026, 12, 28))
    assert (str(second.face), second.maturity_date) == ("GBP 36500.00", date(2026, 12, 28))
    assert first.facts == {
        "No": "A-1",
        "Supplier": "Acme",
        "Amount": "1234.56",
        "Due": "2026-12-28",
    }
    assert (last.line, type(last.error)) == (5, CellEmpty)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (["A-1", "Acme", 1.005, "2026-12-28"], WrongDecimal),
        (["A-1", "Acme", 1e16, "2026-12-28"], WrongDecimal),
        (["A-1", "Acme", True, "2026-12-28"], WrongDecimal),
        (["A-1", "Acme", -5, "2026-12-28"], CreditNoteRow),
        (["A-1", "Acme", 5, datetime.combine(date(2026, 12, 28), time(9, 30))], DateMalformed),
        (["A-1", "Acme", 5, "2026-12-28", "beyond"], RowMalformed),
    ],
)
def test_workbook__row_that_is_not_exact__left_out_by_name(row, error):
    assert refusals_of(book_entries(workbook(row))) == [(2, error)]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"PK\x03\x04 broken", LedgerMalformed),
        (archive({"a.txt": b"no workbook"}), LedgerMalformed),
        (archive({"xl/workbook.xml": b"<!DOCTYPE a []><a/>"}), FileUnsafe),
        (archive({"xl/workbook.xml": b" " * 30_000_000}), FileUnsafe),
        (workbook()[:300], LedgerMalformed),
    ],
)
def test_workbook__hostile_or_broken__refused_by_name(content, error):
    with pytest.raises(error):
        book_entries(content)


def test_workbook__no_such_sheet__named_with_those_there_are():
    with pytest.raises(LedgerMalformed, match="Notes, Approved"):
        book_entries(workbook(), BOOK_MAPPING.replace("Approved", "Paid"))


# --- anything at all


EXAMPLE = (EXAMPLES / "example-ledger.csv").read_bytes()
EXAMPLE_MAPPING = parse_mapping((EXAMPLES / "example-mapping.toml").read_text("utf-8"))


@fuzz
@given(spoilt([EXAMPLE]) | st.binary(max_size=100))
def test_ledger__spoilt_anyhow__read_or_refused_by_name(content):
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    try:
        entries = list(read_ledger(lines, EXAMPLE_MAPPING))
    except ChainfinError:
        return

    assert len(entries) <= content.count(b"\n") + content.count(b"\r") + 1
