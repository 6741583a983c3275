"""Writes the table of docs/interchange.md: what becomes of each real invoice, and why.

    python -m scripts.interchange_table FOLDER

FOLDER holds `xrechnung`, `en16931` (with the rules in `xslt`) and `zugferd`; a test compares the
page with what this says. "Today" is each invoice's own day of issue, so that the answer does not
change with the calendar.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from chainfin.domain.findings import Severity, fatal
from chainfin.domain.invoices import Invoice, check_financing
from chainfin.interchange.invoices import Inspection, inspect_invoice
from chainfin.interchange.rules import BusinessRules

PAGE = Path(__file__).parents[1] / "docs" / "interchange.md"
BEGIN, END = "<!-- invoices: begin -->\n", "<!-- invoices: end -->\n"
SUITES = ("en16931", "xrechnung", "zugferd")
_SUFFIXES = {".xml", ".pdf"}
_HEAD = "| File | Format | Payable | Import | Financing |\n|---|---|---:|---|---|\n"


def table(folder: Path) -> str:
    """The rows of every invoice of the suites."""
    rules = BusinessRules(folder / "en16931" / "xslt")
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows(folder, rules))


def _rows(folder: Path, rules: BusinessRules) -> Iterator[tuple[str, ...]]:
    for suite in SUITES:
        for file in sorted((folder / suite).iterdir()):
            if file.suffix.lower() in _SUFFIXES:
                inspection = inspect_invoice(file.read_bytes(), rules=rules)
                yield f"{suite}/{file.name}", str(inspection.format), *_answers(inspection)


def _answers(inspection: Inspection) -> tuple[str, str, str]:
    invoice = inspection.invoice
    refused = [finding.error.code for finding in fatal(inspection.findings)]
    if invoice is None or refused:
        return "", f"refused: {_listed(refused)}", ""
    warnings = [f.error.code for f in inspection.findings if f.severity is Severity.WARNING]
    read = f"read; {_listed(warnings)}" if warnings else "read"
    return str(invoice.totals.payable), read, _financing(invoice)


def _financing(invoice: Invoice) -> str:
    against = check_financing(invoice, invoice.due_date, invoice.issue_date)
    if not against:
        return "possible"
    codes = [finding.error.code for finding in against]
    if codes == ["due-date-missing"]:
        return "possible once a due date is named"
    return f"refused: {_listed(codes)}"


def _listed(codes: list[str]) -> str:
    return ", ".join(f"`{code}`" for code in dict.fromkeys(codes))


def written(page: str, rows: str) -> str:
    """The page with these rows in their place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rows}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), table(Path(sys.argv[1]))))
