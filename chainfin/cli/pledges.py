"""`chainfin pledges`: lots as security; and who comes first among competing claims."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import MOMENT_FORMATS, As, AsJson, Home, file_hash, instant_of
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, order
from chainfin.domain.money import Money

app = typer.Typer(help="Lots as security for their holders' debts.", no_args_is_help=True)
LotArgument = Annotated[str, typer.Argument(help="A lot such as 17-3.")]


@app.command("propose")
@command
def propose_pledge(
    name: As,
    lot_id: LotArgument,
    to: Annotated[int, typer.Option(help="The pledgee.")],
    secured: Annotated[str, typer.Option(help="Decimal amount, at most.")],
    due: Annotated[
        datetime, typer.Option(formats=MOMENT_FORMATS, help="When the secured debt is due.")
    ],
    agreement: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Its SHA-256 goes on chain.")
    ] = None,
    home: Home = None,
) -> None:
    """Offer a lot as security for what its holder owes."""
    settings, wallet, api = open_wallet(home, name)
    currency = api.get(f"/lots/{lot_id}/claims")["outstanding"]["currency"]
    more = {} if agreement is None else {"agreement_hash": file_hash(agreement)}
    order(
        settings,
        wallet,
        api,
        "propose_pledge",
        lot_id=lot_id,
        pledgee=to,
        secured_minor=Money.parse(secured, currency).amount_minor,
        due_at=instant_of(due),
        **more,
    )
    console.print(f"lot {lot_id} is offered to organisation {to} as security")


@app.command("accept")
@command
def accept_pledge(
    name: As,
    lot_id: LotArgument,
    filing: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The register's statement.")
    ],
    filed: Annotated[
        datetime, typer.Option(formats=MOMENT_FORMATS, help="When it was filed, UTC.")
    ],
    home: Home = None,
) -> None:
    """Accept a pledge with the filing that registers it (the pledgee)."""
    settings, wallet, api = open_wallet(home, name)
    order(
        settings,
        wallet,
        api,
        "accept_pledge",
        lot_id=lot_id,
        filing_hash=file_hash(filing),
        filed_at=instant_of(filed),
    )
    console.print(f"lot {lot_id} is pledged")


@app.command("release")
@command
def release_pledge(name: As, lot_id: LotArgument, home: Home = None) -> None:
    """Let a pledged lot go (the pledgee)."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "release_pledge", lot_id=lot_id)
    console.print(f"lot {lot_id} is released")


@app.command("enforce")
@command
def enforce_pledge(name: As, lot_id: LotArgument, home: Home = None) -> None:
    """Collect what is paid on a lot after the debt was due (the pledgee)."""
    settings, wallet, api = open_wallet(home, name)
    order(settings, wallet, api, "enforce_pledge", lot_id=lot_id)
    console.print(f"what is paid on lot {lot_id} is yours up to what is secured")


@app.command("list")
@command
def list_pledges(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """Pledges the organisation gave or was given."""
    _, _, api = open_wallet(home, name)
    entries = list(api.pages("/pledges"))
    if as_json:
        print_json(entries)
        return
    table = Table("lot", "holder", "pledgee", "status", "secured")
    for entry in entries:
        parties = (str(entry["holder"]), str(entry["pledgee"]))
        table.add_row(entry["lot_id"], *parties, entry["status"], str(Money(**entry["secured"])))
    console.print(table)


@app.command("claims")
@command
def show_claims(name: As, lot_id: LotArgument, as_json: AsJson = False, home: Home = None) -> None:
    """Who claims a lot, in which order, and what each would get."""
    _, _, api = open_wallet(home, name)
    view = api.get(f"/lots/{lot_id}/claims")
    if as_json:
        print_json(view)
        return
    currency = view["outstanding"]["currency"]
    table = Table("rank", "ground", "claimant", "by", "claims", "gets")
    for rank in view["ranks"]:
        for claim in rank["claims"]:
            amounts = [str(Money(claim[f"{part}_minor"], currency)) for part in ("amount", "share")]
            who = (str(claim["claimant"]), claim["kind"])
            table.add_row(str(rank["rank"]), rank["ground"], *who, *amounts)
    console.print(table)
    for freeze in view["freezes"]:
        if freeze["holds"]:
            until = datetime.fromtimestamp(freeze["expires_at"], UTC).isoformat()
            console.print(f"frozen by organisation {freeze['court']} until {until}")
