"""How long trade documents take: an invoice with all its rules, a ledger of ten thousand rows.

The invoice figure needs the business rules an operator configures; without them it says so, and
measures reading and recomputing alone. Time is that of the processor, on however many cores: what
one core gives, whatever else the machine does meanwhile.
"""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from chainfin.interchange.invoices import inspect_invoice
from chainfin.interchange.ledger import LedgerRow, parse_mapping, read_ledger
from chainfin.interchange.rules import BusinessRules

INVOICES = 200
LEAST_INVOICES_A_SECOND = 60
ROWS = 10_000
LEDGER_LIMIT_SECONDS = 3
_FIRST_DAY = date(2026, 9, 1)
_MAPPING = """
date_format = "%Y-%m-%d"
[columns]
amount = "Amount"
beneficiary = "Supplier"
invoice_number = "Invoice"
invoice_date = "Date"
due_date = "Due"
[constants]
currency = "CNY"
calendar = "CN"
"""

_PARTY = """<cac:Party><cac:PostalAddress><cac:Country>
<cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>DE123456788</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>
</cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity>
<cbc:RegistrationName>{name}</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party>"""
_RATE = """<cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"""
_LINE = """<cac:InvoiceLine><cbc:ID>{number}</cbc:ID>
<cbc:InvoicedQuantity unitCode="H87">4</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">10.00</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Track bolts</cbc:Name><cac:ClassifiedTaxCategory>{rate}
</cac:ClassifiedTaxCategory></cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">2.50</cbc:PriceAmount></cac:Price>
</cac:InvoiceLine>"""
_LINES = 10


def sample_invoice(number: int) -> bytes:
    """A UBL invoice of ten lines over EUR 119.00."""
    lines = "".join(_LINE.format(number=place + 1, rate=_RATE) for place in range(_LINES))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>SAMPLE-{number}</cbc:ID><cbc:IssueDate>2026-09-28</cbc:IssueDate>
<cbc:DueDate>2026-12-28</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty>{_PARTY.format(name="Harbour Steel")}</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty>{_PARTY.format(name="Meridian Rail")}</cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
<cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
<cac:TaxCategory>{_RATE}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">119.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
{lines}</Invoice>""".encode()


def measure_invoices(rules_folder: Path | None) -> dict[str, Any]:
    """Read, recompute and, where there are rules, check different invoices one after another."""
    rules = None if rules_folder is None else BusinessRules(rules_folder)
    files = [sample_invoice(number) for number in range(INVOICES)]
    inspect_invoice(files[0], rules=rules)  # what is loaded on first use is not an invoice's
    start = process_time()
    inspections = [inspect_invoice(file, rules=rules) for file in files]
    seconds = process_time() - start
    if not all(inspection.is_accepted and not inspection.findings for inspection in inspections):
        raise AssertionError("a sample invoice was not accepted")
    rate = INVOICES / seconds
    return {
        "operation": f"invoice of {_LINES} lines read and recomputed"
        + (", rules of EN 16931 run" if rules else "; no rules configured"),
        "invoices_per_second": round(rate, 1),
        "limit_invoices_per_second": LEAST_INVOICES_A_SECOND,
        "with_rules": rules is not None,
        "met": rate >= LEAST_INVOICES_A_SECOND,
    }


def sample_ledger(rows: int) -> str:
    """A ledger of approved invoices in CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Supplier", "Invoice", "Date", "Due", "Amount", "Cost Centre"])
    for number in range(rows):
        day = _FIRST_DAY + timedelta(days=number % 60)
        due = day + timedelta(days=90)
        amount = f"{1_000 + number}.{number % 100:02}"
        writer.writerow([f"Supplier {number % 300}", f"INV-{number}", day, due, amount, "Track"])
    return text.getvalue()


def measure_ledger() -> dict[str, Any]:
    """Parse and check a ledger of ten thousand rows."""
    content = sample_ledger(ROWS)
    start = process_time()
    mapping = parse_mapping(_MAPPING)
    entries = list(read_ledger(io.StringIO(content, newline=""), mapping))
    seconds = process_time() - start
    if not all(isinstance(entry, LedgerRow) for entry in entries) or len(entries) != ROWS:
        raise AssertionError("a row of the sample ledger was not read")
    return {
        "operation": f"ledger of {ROWS:,} rows parsed and checked",
        "seconds": round(seconds, 3),
        "limit_seconds": LEDGER_LIMIT_SECONDS,
        "met": seconds <= LEDGER_LIMIT_SECONDS,
    }
