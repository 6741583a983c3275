"""`chainfin programme`: the rules an anchor's receivables live under."""

from typing import Annotated

import typer

from chainfin.cli.options import As, Home
from chainfin.cli.output import command, console
from chainfin.cli.wallets import open_wallet, order
from chainfin.codec.hashing import keccak, to_hex
from chainfin.domain.rules import USUAL_TENOR_DAYS

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
    maximum_tenor_days: Annotated[int, typer.Option(help="Longest tenor.")] = USUAL_TENOR_DAYS,
    tenor_reason: Annotated[
        str | None, typer.Option(help="Why it runs longer than half a year; its hash is signed.")
    ] = None,
    legacy: Annotated[
        bool, typer.Option("--legacy", help="Receivables carried over from before the rules.")
    ] = False,
    minimum_tenor_days: Annotated[
        int, typer.Option(help="How long a lot must still run when it is financed.")
    ] = 0,
    filing_required: Annotated[
        bool, typer.Option("--filing-required", help="Funders file with the registry first.")
    ] = False,
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
        **({} if tenor_reason is None else {"tenor_reason_hash": _hash_of(tenor_reason)}),
        legacy=legacy,
        minimum_tenor_days=minimum_tenor_days,
        filing_required=filing_required,
        with_recourse=with_recourse,
    )
    entry = api.get("/programmes")["data"][-1]
    console.print(f"programme {entry['programme_id']} of {wallet.name} in {currency} is open")


def _hash_of(reason: str) -> str:
    return to_hex(keccak(reason.encode()))
