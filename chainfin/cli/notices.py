"""`chainfin notices`: documents about receivables, and an organisation's own statement."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet

app = typer.Typer(help="Documents about receivables, as JSON or signed PDF.", no_args_is_help=True)

Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write the signed PDF there.")]
LanguageOption = Annotated[str, typer.Option("--language", help="Of the PDF: en or zh.")]


@app.command(name="list")
@command
def list_notices(name: As, receivable_id: int, home: Home = None, as_json: AsJson = False) -> None:
    """What documents there are about a receivable."""
    _, _, api = open_wallet(home, name)
    found = api.get(f"/receivables/{receivable_id}/notices")["data"]
    if as_json:
        print_json({"notices": found})
        return
    table = Table("number", "what", "", box=None)
    for entry in found:
        table.add_row(entry["number"], entry["title"]["en"], entry["title"]["zh"])
    console.print(table)


@app.command()
@command
def read(
    name: As,
    number: str,
    output: Output = None,
    language: LanguageOption = "en",
    home: Home = None,
) -> None:
    """One document: JSON, or with -o a signed PDF."""
    _, _, api = open_wallet(home, name)
    _hand_out(api, f"/notices/{number}", output, language)


@app.command()
@command
def statement(
    name: As,
    from_date: Annotated[str, typer.Option("--from", help="First day, such as 2026-11-01.")],
    to_date: Annotated[str, typer.Option("--to", help="Last day.")],
    output: Output = None,
    language: LanguageOption = "en",
    home: Home = None,
) -> None:
    """The organisation's own statement: holdings, payments, interest, fees, tax."""
    _, wallet, api = open_wallet(home, name)
    path = f"/participants/{wallet.organisation}/statement"
    _hand_out(api, path, output, language, from_date=from_date, to_date=to_date)


def _hand_out(api: Any, path: str, output: Path | None, language: str, **query: str) -> None:
    if output is None:
        print_json(api.get(path, **query))
        return
    output.write_bytes(api.download(path, **query, format="pdf", language=language))
    console.print(f"{output}")
