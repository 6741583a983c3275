"""docs/interchange.md says of every file of the public suites what becomes of it."""

from chainfin.interchange.invoices import read_invoice
from scripts.interchange_table import PAGE, table, written

FACTORED = ("en16931/BIS_Billing_30-Factoring.xml", "zugferd/EN16931_AbweichenderZahlungsempf.pdf")


def test_page__says_what_the_reader_does(test_data):
    page = PAGE.read_text()

    assert page == written(page, table(test_data)), "run python -m scripts.interchange_table"


def test_page__every_file_of_the_suites__read(test_data):
    rows = [line for line in table(test_data).splitlines() if "/" in line]

    assert len(rows) >= 49
    assert all("| read" in row for row in rows)


def test_page__payable_to_a_factor__refused_for_financing_by_name(test_data):
    rows = table(test_data).splitlines()

    for name in FACTORED:
        (row,) = [row for row in rows if name in row]
        assert "refused: `payee-not-seller`" in row


def test_zugferd__pdf_cii_and_ubl__one_domain_object(test_data):
    files = sorted((test_data / "zugferd").glob("*.pdf"))
    assert files

    for file in files:
        invoice = read_invoice(file.read_bytes())
        assert invoice == read_invoice(file.with_suffix(".cii.xml").read_bytes())
        assert invoice == read_invoice(file.with_suffix(".ubl.xml").read_bytes())
