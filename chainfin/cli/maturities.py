"""`chainfin maturity`: what is due, what is late, and what follows from default."""

from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, order
from chainfin.domain.money import Money

app = typer.Typer(help="What is due, late, or in default.", no_args_is_help=True)
LotArgument = Annotated[str, typer.Argument(help="A lot such as 17-3.")]


@app.command("list")
@command
def list_maturities(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """What the anchor has to pay, soonest first, with interest on what is late."""
    _, _, api = open_wallet(home, name)
    entries = list(api.pages("/maturities"))
    if as_json:
        print_json(entries)
        return
    table = Table("receivable", "state", "outstanding", "late interest")
    for entry in entries:
        money = Money(**entry["outstanding"])
        interest = Money(entry["late_interest_minor"], money.currency)
        table.add_row(str(entry["receivable_id"]), entry["state"], str(money), str(interest))
    console.print(table)


@app.command("notices")
@command
def list_notices(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """Defaults the organisation has notice of."""
    _, _, api = open_wallet(home, name)
    notices = api.get("/dishonour-notices")["data"]
    if as_json:
        print_json(notices)
        return
    for notice in notices:
        console.print(
            f"receivable {notice['receivable_id']}: {notice['outstanding_minor']} minor units "
            f"unpaid by organisation {notice['obligor']}"
        )


@app.command("claim")
@command
def claim_recourse(name: As, lot_id: LotArgument, home: Home = None) -> None:
    """Claim from the seller that sold a lot in default with recourse."""
    _act(name, "claim_recourse", lot_id, home)
    console.print(f"the claim on lot {lot_id} is made")


@app.command("repurchase")
@command
def repurchase_lot(name: As, lot_id: LotArgument, home: Home = None) -> None:
    """Take a lot in default back, for what is outstanding and its late interest."""
    _act(name, "repurchase_lot", lot_id, home)
    console.print(f"lot {lot_id} is yours again")


@app.command("write-off")
@command
def write_off_lot(name: As, lot_id: LotArgument, home: Home = None) -> None:
    """Give a lot in default up in the books; the anchor still owes it."""
    _act(name, "write_off_lot", lot_id, home)
    console.print(f"lot {lot_id} is written off")


def _act(name: str, act: str, lot_id: str, home: Home) -> None:
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, act, lot_id=lot_id)
