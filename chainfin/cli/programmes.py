"""`chainfin programme`: the rules an anchor's receivables live under."""

from typing import Annotated

import typer

from chainfin.cli.options import As, Home
from chainfin.cli.output import command, console
from chainfin.cli.wallets import open_wallet, order

app = typer.Typer(help="An anchor's programmes.", no_args_is_help=True)
Currency = Annotated[str, typer.Option(help="ISO 4217 code.")]


@app.callback()
def programmes() -> None:
    """An anchor's programmes."""


@app.command("open")
@command
def open_programme(
    name: As,
    currency: Currency,
    maximum_tenor_days: Annotated[int, typer.Option(help="Longest tenor.")] = 366,
    with_recourse: Annotated[bool, typer.Option(help="Funders may claim from sellers.")] = False,
    home: Home = None,
) -> None:
    """Open a programme in a currency: the rules its receivables keep for life."""
    settings, wallet, api = open_wallet(home, name)
    order(
        settings,
        wallet,
        api,
        "open_programme",
        currency=currency,
        maximum_tenor_days=maximum_tenor_days,
        with_recourse=with_recourse,
    )
    entry = api.get("/programmes")["data"][-1]
    console.print(f"programme {entry['programme_id']} of {wallet.name} in {currency} is open")
