"""`chainfin report`: exposure, maturities, ageing, reconciliation, splits."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.cli.wallets import open_wallet, operator_api
from chainfin.client.api import Api
from chainfin.domain.money import Money

app = typer.Typer(add_completion=False)


class Name(StrEnum):
    """Which report."""

    EXPOSURE = "exposure"
    MATURITIES = "maturities"
    AGEING = "ageing"
    RECONCILIATION = "reconciliation"
    SPLITS = "splits"


@app.command()
@command
def report(
    name: Name,
    organisation: Annotated[
        str | None, typer.Option("--as", help="Whose report; the operator's if none.")
    ] = None,
    as_json: AsJson = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write CSV there.")] = None,
    home: Home = None,
) -> None:
    """Exposure, maturities, ageing, abnormal splits, or reconciliation: 1 if sums differ."""
    api = _api(organisation, home)
    found = api.get(f"/reports/{name}")
    if output is not None:
        output.write_bytes(api.download(f"/reports/{name}", format="csv"))
        console.print(f"{output}")
    elif as_json:
        print_json(found)
    else:
        _print(found["data"])
    if any(row.get("difference", {"amount_minor": 0})["amount_minor"] for row in found["data"]):
        raise typer.Exit(ExitCode.NO)


def _api(organisation: str | None, home: Path | None) -> Api:
    if organisation is None:
        return operator_api(load_settings(home))
    return open_wallet(home, organisation)[2]


def _print(rows: list[dict[str, Any]]) -> None:
    if not rows:
        console.print("nothing to report")
        return
    table = Table(*(name.replace("_", " ") for name in rows[0]), box=None)
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    console.print(table)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return Money(value["amount_minor"], value["currency"]).decimal_text()
    return str(value)
