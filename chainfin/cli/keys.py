"""`chainfin keys`: a participant's own keys, on its own machine."""

from pathlib import Path
from typing import Annotated

import typer

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet
from chainfin.client.wallet import create_keystore, open_key

app = typer.Typer(help="A participant's own keys.", no_args_is_help=True)


@app.command()
@command
def create(
    path: Annotated[Path, typer.Argument(help="The new keystore file.")],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
) -> None:
    """Make a key in an encrypted keystore; prints its address."""
    console.print(create_keystore(path, password))


@app.command("list")
@command
def list_keys(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The wallet's keys, and the organisation's keys as the registry has them."""
    settings, wallet, api = open_wallet(home, name)
    registered = api.get(f"/participants/{wallet.organisation}/keys")["data"]
    ours = {
        role: open_key(settings.home, wallet, role).address
        for role, source in wallet.keys.items()
        if source.startswith("development")
    }
    if as_json:
        print_json({"wallet": ours, "registered": registered})
        return
    for entry in registered:
        mine = [role for role, address in ours.items() if address == entry["key"]]
        console.print(f"{entry['key']}  {', '.join(entry['roles']):<10} {' '.join(mine)}")
