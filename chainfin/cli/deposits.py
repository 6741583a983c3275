"""`chainfin deposit`: a settlement bank's deposit money."""

from typing import Annotated

import typer

from chainfin.chain.client import Node
from chainfin.chain.deployment import find_deployment, save_deployment
from chainfin.chain.network import Network
from chainfin.cli.options import As, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, refuse
from chainfin.cli.programmes import Currency
from chainfin.cli.service_keys import NO_KEYS, service_keys
from chainfin.cli.wallets import open_wallet, order
from chainfin.domain.money import Money
from chainfin.services.deployment import deploy_deposit

app = typer.Typer(help="A settlement bank's deposit money.", no_args_is_help=True)


@app.command()
@command
def deploy(
    bank: Annotated[int, typer.Option(help="The settlement bank's organisation number.")],
    currency: Currency,
    name: Annotated[str, typer.Option(help="The deposit's name.")],
    home: Home = None,
) -> None:
    """Deploy a settlement bank's tokenised deposit and admit it to the network (operator)."""
    settings = load_settings(home)
    keys = service_keys(settings)
    if keys is None:
        raise refuse("No key.", NO_KEYS, ExitCode.WRONG_USE)
    node = Node(settings.effective_rpc_url, token=settings.rpc_token)
    network = Network(node, find_deployment(settings.home, node))
    deployment = deploy_deposit(
        network, keys.relayer, bank=bank, currency=currency, name=name, symbol=f"d{currency}"
    )
    path = save_deployment(settings.home, deployment)
    console.print(f"{deployment.deposits[-1]} is in {path}")
    if deployment.administrator is None:
        venue = deployment.deposits[-1]
        console.print(
            f"Then: `chainfin council propose admit_venue --field venue={venue} --as MEMBER`."
        )
    console.print("Worker and API go on with it as soon as they read that file.")


@app.command()
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
