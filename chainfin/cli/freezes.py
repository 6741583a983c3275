"""`chainfin freezes`: what courts and authorities keep lots for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import MOMENT_FORMATS, As, AsJson, Home, file_hash, instant_of
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, order

app = typer.Typer(help="Freezes of courts, holds of authorities.", no_args_is_help=True)
Receivable = Annotated[int, typer.Argument(help="The receivable.")]
Document = Annotated[
    Path,
    typer.Option(
        "--document", exists=True, dir_okay=False, help="The order; its SHA-256 goes on chain."
    ),
]
Holder = Annotated[int, typer.Option(help="Whose lots.")]
Lots = Annotated[
    list[int] | None, typer.Option("--lot", help="Lots by number; without, all there are.")
]
Until = Annotated[datetime | None, typer.Option(formats=MOMENT_FORMATS, help="Its last instant.")]


@app.command("freeze")
@command
def freeze_lots(
    name: As,
    receivable_id: Receivable,
    holder: Holder,
    document: Document,
    lots: Lots = None,
    until: Until = None,
    to_court: Annotated[
        bool, typer.Option(help="Whether what is paid meanwhile goes to the court's account.")
    ] = True,
    home: Home = None,
) -> None:
    """Freeze lots of one holder in one receivable (a court)."""
    settings, wallet, api = open_wallet(home, name)
    order(
        settings,
        wallet,
        api,
        "freeze_lots",
        receivable_id=receivable_id,
        holder=holder,
        reference_hash=file_hash(document),
        lot_sequences=lots or [],
        expires_at=_instant(until),
        to_court=to_court,
    )
    console.print(f"lots of organisation {holder} in receivable {receivable_id} are frozen")


@app.command("hold")
@command
def hold_lots(
    name: As,
    receivable_id: Receivable,
    holder: Holder,
    document: Document,
    lots: Lots = None,
    until: Until = None,
    home: Home = None,
) -> None:
    """Hold lots for at most 48 hours on suspicion of money laundering (an authority)."""
    settings, wallet, api = open_wallet(home, name)
    order(
        settings,
        wallet,
        api,
        "hold_lots",
        receivable_id=receivable_id,
        holder=holder,
        reference_hash=file_hash(document),
        lot_sequences=lots or [],
        expires_at=_instant(until),
    )
    console.print(f"lots of organisation {holder} in receivable {receivable_id} are held")


@app.command("renew")
@command
def renew_freeze(
    name: As,
    receivable_id: Receivable,
    document: Document,
    until: Annotated[datetime, typer.Option(formats=MOMENT_FORMATS, help="Its new last instant.")],
    lots: Lots = None,
    home: Home = None,
) -> None:
    """Renew a freeze before it lapses (the court that ordered it)."""
    settings, wallet, api = open_wallet(home, name)
    order(
        settings,
        wallet,
        api,
        "renew_freeze",
        receivable_id=receivable_id,
        reference_hash=file_hash(document),
        expires_at=_instant(until),
        lot_sequences=lots or [],
    )
    console.print(f"the freeze in receivable {receivable_id} holds until {until}")


@app.command("lift")
@command
def lift_freeze(
    name: As, receivable_id: Receivable, document: Document, lots: Lots = None, home: Home = None
) -> None:
    """Let lots go (whoever froze or held them)."""
    settings, wallet, api = open_wallet(home, name)
    order(
        settings,
        wallet,
        api,
        "lift_freeze",
        receivable_id=receivable_id,
        reference_hash=file_hash(document),
        lot_sequences=lots or [],
    )
    console.print(f"the freeze in receivable {receivable_id} is lifted")


@app.command("list")
@command
def list_freezes(name: As, as_json: AsJson = False, home: Home = None) -> None:
    """Freezes the organisation ordered, or over lots it held."""
    _, _, api = open_wallet(home, name)
    entries = list(api.pages("/freezes"))
    if as_json:
        print_json(entries)
        return
    table = Table("lot", "holder", "by", "kind", "until", "holds")
    for entry in entries:
        until = datetime.fromtimestamp(entry["expires_at"], UTC).isoformat()
        kind = "hold" if entry["is_hold"] else "court" if entry["to_court"] else "waits"
        holds = "yes" if entry["holds"] else "no"
        parties = (str(entry["holder"]), str(entry["court"]))
        table.add_row(entry["lot_id"], *parties, kind, until, holds)
    console.print(table)


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else instant_of(moment)
