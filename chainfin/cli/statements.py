"""`chainfin statements`: bank accounts, banks' statements, and what their lines are."""

import base64
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.cli.wallets import open_wallet
from chainfin.codec.hashing import to_hex
from chainfin.codec.statement_lines import statement_line_hash
from chainfin.domain.money import Money, money_json
from chainfin.domain.statements import StatementLine
from chainfin.interchange.statements import read_statements

app = typer.Typer(help="Bank accounts and banks' statements.", no_args_is_help=True)

Account = Annotated[str, typer.Option(help="IBAN or another account number.")]


@app.command()
@command
def account(
    name: As,
    number: Annotated[str, typer.Argument(help="IBAN or another account number.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")],
    holder: Annotated[str | None, typer.Option(help="The holder as the bank has it.")] = None,
    bic: Annotated[str | None, typer.Option(help="The bank's code.")] = None,
    owner: Annotated[
        int | None, typer.Option(help="A settlement bank's customer, by organisation number.")
    ] = None,
    home: Home = None,
) -> None:
    """Name an account whose statements will be imported."""
    _, wallet, api = open_wallet(home, name)
    body = {
        "account": number,
        "currency": currency,
        "holder_name": holder or wallet.name,
        "bic": bic,
        "owner": owner,
    }
    recorded = api.post("/bank-accounts", body)
    console.print(f"{recorded['account']} in {recorded['currency']}: {recorded['holder_name']}")


@app.command(name="import")
@command
def import_files(name: As, files: list[Path], home: Home = None, as_json: AsJson = False) -> None:
    """Import camt.053 and camt.054 files; what is there already changes nothing."""
    _, _, api = open_wallet(home, name)
    imported = [
        statement
        for file in files
        for statement in api.post(
            "/statements", {"file": base64.b64encode(file.read_bytes()).decode()}
        )["data"]
    ]
    if as_json:
        print_json({"statements": imported})
        return
    table = Table("no.", "account", "statement", "lines", "new", "findings", box=None)
    for entry in imported:
        cells = (entry["number"], entry["account"], entry["statement_id"], entry["line_count"])
        table.add_row(*map(str, cells), str(entry["new_lines"]), ", ".join(entry["findings"]))
    console.print(table)


@app.command()
@command
def lines(file: Path, as_json: AsJson = False) -> None:
    """The lines of a file with their hashes, computed on this machine: what a bank attests."""
    found = [
        (to_hex(statement_line_hash(statement.account, line)), line)
        for statement in read_statements(file.read_bytes())
        for line in statement.lines
    ]
    if as_json:
        print_json({"lines": [_line(line_hash, line) for line_hash, line in found]})
        return
    table = Table("hash", "", "amount", "bank's reference", "attestable", box=None)
    for line_hash, line in found:
        is_fit = "yes" if line.is_attestable else "no"
        table.add_row(line_hash, line.direction, str(line.money), line.bank_reference or "", is_fit)
    console.print(table)


def _line(line_hash: str, line: StatementLine) -> dict[str, Any]:
    return {
        "line_hash": line_hash,
        "direction": str(line.direction),
        "amount": money_json(line.money.amount_minor, line.money.currency),
        "bank_reference": line.bank_reference,
        "is_attestable": line.is_attestable,
    }


@app.command()
@command
def match(
    name: As,
    amount_bps: Annotated[int, typer.Option(help="How far an amount may be off.")] = 10,
    days: Annotated[int, typer.Option(help="How far a day may be off.")] = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Match imported lines with expected payments; ends with 1 if some are for a person."""
    _, _, api = open_wallet(home, name)
    found = api.post("/reconciliation/matches", {"amount_bps": amount_bps, "days": days})
    if as_json:
        print_json(found)
    else:
        console.print(", ".join(f"{count} {level}" for level, count in found.items()))
    if found["exception"]:
        raise typer.Exit(ExitCode.NO)


@app.command()
@command
def exceptions(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The work list: lines a person has to look at."""
    _, _, api = open_wallet(home, name)
    listed = list(api.pages("/reconciliation/exceptions"))
    if as_json:
        print_json({"exceptions": listed})
        return
    table = Table("line", "booked", "amount", "", "from or to", "reference", "why", box=None)
    for entry in listed:
        table.add_row(
            entry["line_hash"][:18],
            entry["booking_date"] or "",
            _amount(entry["amount"]),
            entry["direction"],
            entry["counterparty_name"] or entry["counterparty_account"] or "",
            entry["end_to_end_id"] or " ".join(entry["references"]),
            entry["exception"],
        )
    console.print(table)


@app.command()
@command
def resolve(name: As, line_hash: str, resolution: str, home: Home = None) -> None:
    """Take a line off the work list with what you found."""
    _, _, api = open_wallet(home, name)
    path = f"/reconciliation/exceptions/{line_hash}/resolution"
    console.print(api.post(path, {"resolution": resolution})["resolution"])


@app.command()
@command
def pay(
    name: As,
    receivable_id: int,
    account: Account,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    on: Annotated[str | None, typer.Option(help="Day of payment; its due day if none.")] = None,
    home: Home = None,
) -> None:
    """Write the payments on a receivable as pain.001, for the anchor's bank."""
    _, _, api = open_wallet(home, name)
    path = f"/receivables/{receivable_id}/payment-file"
    output.write_bytes(api.download(path, account=account, execution_date=on))
    console.print(f"{output}: hand it to your bank")


def _amount(money: dict[str, Any]) -> str:
    return str(Money(money["amount_minor"], money["currency"]))
