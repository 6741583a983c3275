"""`chainfin credit-lines`: a funder's limits on anchors."""

from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.programmes import Currency
from chainfin.cli.wallets import open_wallet, order
from chainfin.domain.money import Money

app = typer.Typer(help="A funder's limits on anchors.", no_args_is_help=True)


@app.command("set")
@command
def set_line(
    name: As,
    anchor: Annotated[int, typer.Option(help="The anchor, or a group's parent.")],
    limit: Annotated[str, typer.Option(help="Decimal amount; 0 closes the line.")],
    currency: Currency,
    home: Home = None,
) -> None:
    """Set how much of an anchor's debt the funder takes on."""
    settings, wallet, api = open_wallet(home, name)
    money = Money.parse(limit, currency)
    order(
        settings,
        wallet,
        api,
        "set_credit_line",
        anchor=anchor,
        currency=currency,
        limit_minor=money.amount_minor,
    )
    console.print(f"{wallet.name} takes on up to {money} of organisation {anchor}")


@app.command("list")
@command
def list_lines(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """Every line with what is used and left of it."""
    _, _, api = open_wallet(home, name)
    lines = api.get("/credit-lines")["data"]
    if as_json:
        print_json(lines)
        return
    table = Table("anchor", "limit", "utilised", "available")
    for line in lines:
        amounts = [line[f"{part}_minor"] for part in ("limit", "utilised", "available")]
        shown = [str(Money(amount, line["currency"])) for amount in amounts]
        table.add_row(str(line["anchor"]), *shown)
    console.print(table)
