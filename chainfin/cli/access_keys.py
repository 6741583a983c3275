"""`chainfin access-keys`: an organisation's API keys; they say who asks, never who acts."""

from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet

app = typer.Typer(help="An organisation's API keys.", no_args_is_help=True)


@app.command()
@command
def create(
    label: Annotated[str, typer.Argument(help="What it is for; two of a label may live.")],
    name: As,
    scope: Annotated[list[str], typer.Option(help="read, write or administer")],
    expires_at: Annotated[int | None, typer.Option(help="UTC seconds; never unless given.")] = None,
    home: Home = None,
) -> None:
    """Make an API key, for no more than the wallet's own credential may do. Shown once."""
    _, _, api = open_wallet(home, name)
    body = {"label": label, "scopes": scope, "expires_at": expires_at}
    typer.echo(api.post("/access-keys", body)["api_key"])


@app.command("list")
@command
def list_keys(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The organisation's API keys, newest first."""
    _, _, api = open_wallet(home, name)
    entries = api.get("/access-keys")["data"]
    if as_json:
        print_json(entries)
        return
    table = Table("key", "label", "scopes", "live", "expires at", "last used at")
    for entry in entries:
        table.add_row(
            entry["key_id"],
            entry["label"],
            " ".join(entry["scopes"]),
            "yes" if entry["is_live"] else "no",
            str(entry["expires_at"] or ""),
            str(entry["last_used_at"] or ""),
        )
    console.print(table)


@app.command()
@command
def rotate(
    key_id: Annotated[str, typer.Argument(help="The key, as `list` shows it.")],
    name: As,
    home: Home = None,
) -> None:
    """Make a key's successor; the old one opens for one day more."""
    _, _, api = open_wallet(home, name)
    typer.echo(api.post(f"/access-keys/{key_id}/rotation", {})["api_key"])


@app.command()
@command
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key, as `list` shows it.")],
    name: As,
    home: Home = None,
) -> None:
    """End a key at once."""
    _, _, api = open_wallet(home, name)
    api.delete(f"/access-keys/{key_id}")
    console.print(f"{key_id} has ended")
