"""`chainfin export`: an organisation's tables as files, made by the service, with progress."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, progress_bar, refuse
from chainfin.cli.wallets import open_wallet, operator_api

app = typer.Typer(add_completion=False)


class Table(StrEnum):
    """What to export."""

    RECEIVABLES = "receivables"
    LOTS = "lots"
    TRANSFERS = "transfers"
    FINANCINGS = "financings"
    SETTLEMENTS = "settlements"
    PAYMENTS = "payments"
    TRAIL = "trail"


class Form(StrEnum):
    """What to write it as."""

    CSV = "csv"
    JSONL = "jsonl"


@app.command()
@command
def export(
    table: Table,
    output: Annotated[Path, typer.Option("-o", "--output", help="Write the file there.")],
    organisation: Annotated[
        str | None, typer.Option("--as", help="Whose table; the operator's if none.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="csv, or one JSON object a line.")] = (
        Form.CSV
    ),
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Everything of a kind that the organisation may read, true at one block."""
    if organisation is None:
        api = operator_api(load_settings(home))
    else:
        api = open_wallet(home, organisation)[2]
    made = api.post("/exports", {"table": str(table), "format": str(form)})
    path = f"/exports/{made['export_id']}"
    with progress_bar(str(table)) as tell:
        for made in api.progress(f"{path}/progress"):
            tell(made["rows_done"], made["rows_total"])
    if made["status"] != "done":
        raise refuse(f"The export is {made['status']}.", made["failure"] or "", ExitCode.NO)
    api.save(f"{path}/file", output)
    if as_json:
        print_json(made)
    else:
        block = made["as_of"]["block_number"]
        console.print(f"{output}: {made['rows_done']} rows as of block {block}")
