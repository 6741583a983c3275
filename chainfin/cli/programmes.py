"""`chainfin programme` and `chainfin deposit`: an anchor's rules, a bank's money."""

from typing import Annotated

import typer

from chainfin.cli.options import As, Home
from chainfin.cli.output import command, console
from chainfin.cli.wallets import open_wallet, order
from chainfin.domain.money import Money

app = typer.Typer(help="An anchor's programmes.", no_args_is_help=True)
deposit_app = typer.Typer(help="A settlement bank's deposit money.", no_args_is_help=True)
Currency = Annotated[str, typer.Option(help="ISO 4217 code.")]


@app.callback()
def programmes() -> None:
    """An anchor's programmes."""


@deposit_app.callback()
def deposits() -> None:
    """A settlement bank's deposit money."""


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


@deposit_app.command()
@command
def mint(
    name: As,
    to: Annotated[int, typer.Option(help="The account's organisation number.")],
    amount: Annotated[str, typer.Option(help="Decimal amount.")],
    currency: Currency,
    home: Home = None,
) -> None:
    """Credit an account (the settlement bank)."""
    settings, wallet, api = open_wallet(home, name)
    money = Money.parse(amount, currency)
    order(
        settings,
        wallet,
        api,
        "mint_deposit",
        to=to,
        amount_minor=money.amount_minor,
        currency=currency,
    )
    console.print(f"{money} credited to organisation {to}")
