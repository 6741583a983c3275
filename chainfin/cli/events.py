"""`chainfin events`: what happened, in order, to the organisation that asks."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import command, console
from chainfin.cli.wallets import open_wallet, operator_api
from chainfin.client.api import Api

app = typer.Typer(add_completion=False)

_PAUSE_SECONDS = 0.5


@app.command()
@command
def events(
    organisation: Annotated[
        str | None, typer.Option("--as", help="Whose events; the operator's if none.")
    ] = None,
    after: Annotated[int, typer.Option(help="The last entry seen.")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for further entries.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """The event feed from the entry after a number on; with --json one entry a line."""
    if organisation is None:
        api = operator_api(load_settings(home))
    else:
        api = open_wallet(home, organisation)[2]
    for entry in _entries(api, after, follow=follow):
        if as_json:
            typer.echo(json.dumps(entry, ensure_ascii=False))
        else:
            console.print(_line(entry), soft_wrap=True)


def _entries(api: Api, after: int, *, follow: bool) -> Iterator[dict[str, Any]]:
    while True:
        for entry in api.events(after):
            after = entry["sequence"]
            yield entry
        if not follow:
            return
        time.sleep(_PAUSE_SECONDS)


def _line(entry: dict[str, Any]) -> str:
    instant = datetime.fromtimestamp(entry["at"], UTC)
    subject = ", ".join(entry["lot_ids"]) or entry["receivable_id"] or ""
    gone = f" [red]taken back by {entry['taken_back_by']}[/]" if entry["taken_back_by"] else ""
    facts = ", ".join(f"{name}={value}" for name, value in entry["facts"].items())
    return (
        f"{entry['sequence']:>8}  [cyan]{instant:%Y-%m-%d %H:%M:%S}[/]"
        f"  [bold]{entry['event']}[/] {subject}{gone}  [dim]{facts}[/]"
    )
