"""`chainfin council`: who governs the network, and what is decided."""

import time
from typing import Annotated

import typer
from rich.table import Table

from chainfin.chain.deployment import save_deployment
from chainfin.cli.options import As, AsJson, Home, fields_of, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.cli.runtime import runtime_of
from chainfin.cli.service_keys import NO_KEYS
from chainfin.cli.votes import cast_vote, propose_decision, show_decision
from chainfin.cli.wallets import open_wallet
from chainfin.services.deployment import establish_council

app = typer.Typer(help="The Council: who governs the network.", no_args_is_help=True)

_HOUR = 3_600
_WAIT_SECONDS = 60.0


@app.command()
@command
def establish(
    member: Annotated[list[int], typer.Option(help="An organisation that sits in it, by number.")],
    threshold: Annotated[int, typer.Option(help="How many of them decide.")],
    home: Home = None,
    delay_hours: Annotated[int, typer.Option(help="How long what loosens waits.")] = 48,
    as_json: AsJson = False,
) -> None:
    """Hand the administration over to a Council; the deployer gives its own power up for ever."""
    settings = load_settings(home)
    runtime = runtime_of(settings)
    if runtime.keys is None:
        raise refuse("No key.", NO_KEYS, ExitCode.WRONG_USE)
    deployment = establish_council(
        runtime.network,
        runtime.keys.relayer,
        members=member,
        threshold=threshold,
        delay_seconds=delay_hours * _HOUR,
        governs_alone=True,
    )
    path = save_deployment(settings.home, deployment)
    if as_json:
        print_json(deployment.to_json())
    else:
        console.print(f"the Council governs alone: {path}")
        console.print("Worker and API go on with it as soon as they read that file.")


@app.command()
@command
def propose(
    action: Annotated[str, typer.Argument(help="suspend, block, reinstate, end_key, ...")],
    name: As,
    field: Annotated[
        list[str] | None, typer.Option(help="name=value; the value is JSON or plain text.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Prepare a decision and vote for it as its first member."""
    propose_decision(home, name, action, fields_of(field or []), as_json=as_json)


@app.command()
@command
def vote(
    decision: Annotated[str, typer.Argument(help="The decision, as `status` lists it.")],
    name: As,
    against: Annotated[bool, typer.Option("--against", help="Object to it.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Vote: maker and checker sign on this machine, after reading what is decided."""
    settings, wallet, api = open_wallet(home, name)
    cast_vote(settings, wallet, api, decision, in_favour=not against)
    show_decision(api, decision, as_json=as_json)


@app.command()
@command
def execute(
    decision: Annotated[str, typer.Argument(help="The decision, as `status` lists it.")],
    name: As,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Carry out a decision whose delay is over."""
    _, _, api = open_wallet(home, name)
    api.post(f"/council/decisions/{decision}/execution", {})
    deadline = time.monotonic() + _WAIT_SECONDS
    while api.get(f"/council/decisions/{decision}")["status"] == "scheduled":
        if time.monotonic() > deadline:
            raise refuse("Not yet.", "The worker has not carried it out.", ExitCode.AWAY)
        time.sleep(0.1)
    show_decision(api, decision, as_json=as_json)


@app.command()
@command
def status(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """Who sits in the Council, and what it has decided or shall decide."""
    _, _, api = open_wallet(home, name)
    council, decisions = api.get("/council"), api.get("/council/decisions")["data"]
    if as_json:
        print_json({"council": council, "decisions": decisions})
        return
    seats = ", ".join(f"{seat['name']} ({seat['organisation']})" for seat in council["members"])
    console.print(f"{council['threshold']} of {len(council['members'])} decide: {seats}")
    table = Table("decision", "status", "for", "against", "what")
    for entry in decisions:
        table.add_row(
            entry["decision"],
            entry["status"],
            ", ".join(map(str, entry["in_favour"])),
            ", ".join(map(str, entry["against"])),
            entry["meaning"],
        )
    console.print(table)
