"""`chainfin attestations`: lots that were paid outside the chain, and whose word counts for it."""

from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, order
from chainfin.domain.money import Money

app = typer.Typer(help="Payments outside the chain, by banks' word.", no_args_is_help=True)
LotArgument = Annotated[str, typer.Argument(help="A lot such as 17-3.")]
LineArgument = Annotated[str, typer.Argument(help="Hash of the statement's line.")]


@app.command("bank")
@command
def name_bank(
    name: As,
    bank: Annotated[int, typer.Argument(help="The settlement bank by its number; 0 for none.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")],
    home: Home = None,
) -> None:
    """Name the bank that keeps the account in a currency; it counts after the network's delay."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "name_settlement_bank", currency=currency, bank=bank)
    for entry in api.pages("/settlement-banks"):
        now, then = entry["bank"] or "none", entry["next_bank"] or "none"
        console.print(f"{entry['currency']}: {now}, from {entry['next_from']} on {then}")


@app.command("proposals")
@command
def list_proposals(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """What own statements show and nobody has attested yet: payments, and prices of requests.

    A price has a request's number and is attested with `chainfin financing attest`.
    """
    _, _, api = open_wallet(home, name)
    data = list(api.pages("/attestations/proposals"))
    if as_json:
        print_json({"proposals": data})
        return
    table = Table(
        "lot", "request", "line", "amount", "late interest", "payee", "bank", "", box=None
    )
    for entry in data:
        table.add_row(
            entry["lot_id"],
            str(entry["request_id"] or ""),
            entry["line_hash"],
            _amount(entry["amount"]),
            _amount(entry["late_interest"]),
            str(entry["payee"]),
            str(entry["bank"] or "none"),
            _wanted(entry),
        )
    console.print(table)


@app.command("attest")
@command
def attest_payment(
    name: As, lot_id: LotArgument, line_hash: LineArgument, home: Home = None
) -> None:
    """Attest that a lot was paid in full by a line of your statement (the payee's bank)."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "attest_payment", lot_id=lot_id, line_hash=line_hash)
    console.print(f"lot {lot_id} is paid")


@app.command("confirm")
@command
def confirm_payment(
    name: As, lot_id: LotArgument, line_hash: LineArgument, home: Home = None
) -> None:
    """Confirm that your lot was paid by a line of your statement, for your bank to attest."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "confirm_payment", lot_id=lot_id, line_hash=line_hash)
    console.print(f"the payment on lot {lot_id} is confirmed; it is settled once the bank attests")


@app.command("list")
@command
def list_attestations(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """Payments outside the chain that were attested."""
    _, _, api = open_wallet(home, name)
    data = list(api.pages("/attestations"))
    if as_json:
        print_json({"attestations": data})
        return
    table = Table("lot", "payer", "payee", "bank", "amount", "late interest", "line", box=None)
    for entry in data:
        parties = (str(entry[party]) for party in ("payer", "payee", "bank"))
        amounts = (_amount(entry["amount"]), _amount(entry["late_interest"]))
        table.add_row(entry["lot_id"], *parties, *amounts, entry["line_hash"])
    console.print(table)


def _wanted(entry: dict[str, Any]) -> str:
    if entry["refusal"]:
        return str(entry["refusal"])
    if entry["needs_confirmation"] and not entry["is_confirmed"]:
        return "payee confirms first"
    return "bank attests"


def _amount(money: dict[str, Any]) -> str:
    return str(Money(money["amount_minor"], money["currency"]))
