"""`chainfin documents`: trade documents read, checked and disclosed."""

from pathlib import Path
from typing import Annotated

import typer

from chainfin.cli.options import AsJson, Home, document_limits, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.domain.findings import Severity
from chainfin.interchange.invoices import Inspection, inspect_invoice
from chainfin.interchange.rules import BusinessRules

app = typer.Typer(help="Trade documents.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Invoices: XML, PDF, OFD or JSON.")]


@app.callback()
def _about() -> None:
    """Trade documents: read and check them."""


_MARKS = {Severity.FATAL: "[red]refused[/]", Severity.WARNING: "[yellow]warning[/]"}


@app.command()
@command
def inspect(
    files: Files,
    rules: Annotated[
        Path | None, typer.Option(help="Folder of the EN 16931 rules (compiled Schematron).")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read files on this machine; say what was read and everything wrong with it."""
    settings = load_settings(home)
    folder = rules or settings.business_rules
    checked = None if folder is None else BusinessRules(folder)
    limits = document_limits(settings)
    seen = [(file, inspect_invoice(file.read_bytes(), limits, checked)) for file in files]
    if as_json:
        print_json([{"file": str(file), **inspection.to_json()} for file, inspection in seen])
    else:
        for file, inspection in seen:
            _print(file, inspection)
    if not all(inspection.is_accepted for _, inspection in seen):
        raise typer.Exit(ExitCode.NO)


def _print(file: Path, inspection: Inspection) -> None:
    console.print(f"[bold]{file}[/]  {inspection.format or 'unknown'}")
    invoice = inspection.invoice
    if invoice is not None:
        due = invoice.due_date or invoice.payment_terms or "not stated"
        console.print(f"  {invoice.kind} {invoice.number} of {invoice.issue_date}, due {due}")
        console.print(f"  {invoice.seller.name} → {invoice.buyer.name}")
        console.print(f"  gross {invoice.totals.gross}, payable {invoice.totals.payable}")
    for finding in inspection.findings:
        console.print(f"  {_MARKS[finding.severity]} {finding.pointer} {finding.error.detail()}")
