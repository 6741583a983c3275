"""`chainfin sign-in`: a session opened by a key, for this machine's commands or the console."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from chainfin.cli.options import As, Home
from chainfin.cli.output import command, console
from chainfin.cli.wallets import open_wallet, slug
from chainfin.client.api import Api
from chainfin.client.sign_in import sign_in as open_session
from chainfin.client.wallet import MAKER, open_key, save_wallet

app = typer.Typer(add_completion=False)


@app.command("sign-in")
@command
def sign_in(
    name: As,
    role: Annotated[str, typer.Option(help="Whose key signs: maker or checker.")] = MAKER,
    show: Annotated[
        bool, typer.Option("--print", help="Print the session, for the console; keep nothing.")
    ] = False,
    home: Home = None,
) -> None:
    """Sign in with a key instead of an API key; the wallet's commands then use the session."""
    settings, wallet, _ = open_wallet(home, name)
    key = open_key(settings.home, wallet, role, settings.keystore_password)
    answer = open_session(Api(wallet.url), key, wallet.url)
    if show:
        typer.echo(answer["session"])
        return
    save_wallet(settings.home, slug(name), replace(wallet, api_key=answer["session"]))
    until = datetime.fromtimestamp(answer["expires_at"], UTC)
    console.print(f"{key.address} signed in until {until:%Y-%m-%d %H:%M} UTC")
