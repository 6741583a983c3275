"""Organisations: admitted by the operator, listed for everybody."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.cli.service_keys import service_keys
from chainfin.cli.votes import propose_decision
from chainfin.cli.wallets import (
    make_development_wallet,
    operator_api,
    pinned_domain,
    wait_for_participants,
)
from chainfin.client.api import Api
from chainfin.client.development import development_admission, load_seed
from chainfin.codec.hashing import to_hex
from chainfin.codec.identities import identity_commitment
from chainfin.config import Settings
from chainfin.domain.service_errors import DevelopmentOnly, NotFound

app = typer.Typer(help="Organisations of the network.", no_args_is_help=True)


@app.command("list")
@command
def list_participants(home: Home = None, as_json: AsJson = False) -> None:
    """Every organisation with its kinds and status."""
    entries = list(operator_api(load_settings(home)).pages("/participants"))
    if as_json:
        print_json(entries)
        return
    table = Table("no.", "name", "kinds", "status")
    for entry in entries:
        table.add_row(
            str(entry["organisation"]), entry["name"], ", ".join(entry["kinds"]), entry["status"]
        )
    console.print(table)


@app.command()
@command
def admit(
    name: Annotated[str | None, typer.Argument(help="The organisation's name.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="anchor, supplier, funder, auditor, ...")
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="What `chainfin keys enrol` wrote.")
    ] = None,
    home: Home = None,
) -> None:
    """Admit organisations: by their enrolment files, or by name on the embedded network."""
    settings = load_settings(home)
    if file:
        operator = operator_api(settings)
        entries = [json.loads(path.read_text()) for path in file]
        operator.post("/participants", {"admissions": entries})
        found = wait_for_participants(operator, [entry["name"] for entry in entries])
        for admitted, number in found.items():
            console.print(f"{admitted} is organisation {number}")
        return
    if name is None or not kind:
        detail = "Give --file, or a name and its --kind."
        raise refuse("Nobody to admit.", detail, ExitCode.WRONG_USE)
    numbers = admit_development(settings, operator_api(settings), {name: kind})
    console.print(f"{name} is organisation {numbers[name]}; its wallet is in {settings.home}")


@app.command()
@command
def suspend(
    organisation: Annotated[int, typer.Argument(help="The organisation's number.")],
    name: As,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Propose to the Council that an organisation may only pay and be paid."""
    fields = {"organisation": organisation}
    propose_decision(home, name, "suspend", fields, as_json=as_json)


@app.command()
@command
def block(
    organisation: Annotated[int, typer.Argument(help="The organisation's number.")],
    name: As,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Propose to the Council that an organisation, and whom it controls, may do nothing."""
    propose_decision(home, name, "block", {"organisation": organisation}, as_json=as_json)


@app.command()
@command
def reinstate(
    organisation: Annotated[int, typer.Argument(help="The organisation's number.")],
    name: As,
    status: Annotated[str, typer.Option(help="admitted or suspended")] = "admitted",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Propose to the Council that a suspension or a block ends."""
    fields = {"organisation": organisation, "status": status}
    propose_decision(home, name, "reinstate", fields, as_json=as_json)


@app.command()
@command
def change(
    organisation: Annotated[int, typer.Argument(help="The organisation's number.")],
    name: As,
    kind: Annotated[list[str], typer.Option(help="Everything it shall be.")],
    licence_expires_at: Annotated[int, typer.Option(help="Funders: UTC seconds.")] = 0,
    parent: Annotated[int, typer.Option(help="Who controls it; 0 for nobody.")] = 0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Propose to the Council what an organisation is, its licence, and who controls it."""
    fields = {
        "organisation": organisation,
        "kinds": kind,
        "licence_expires_at": licence_expires_at,
        "parent": parent,
    }
    propose_decision(home, name, "change", fields, as_json=as_json)


@app.command()
@command
def identity(
    legal_identifier: Annotated[str, typer.Argument(help="LEI or unified social credit code.")],
    home: Home = None,
) -> None:
    """The commitment to a legal identifier that an organisation's keys sign for (operator)."""
    keys = service_keys(load_settings(home))
    if keys is None:
        raise refuse("No key.", "Set CHAINFIN_SERVICE_KEYS_FILE.", ExitCode.WRONG_USE)
    typer.echo(to_hex(identity_commitment(keys.identity_salt, legal_identifier)))


@app.command("api-key")
@command
def api_key(
    organisation: Annotated[int, typer.Argument(help="The organisation's number.")],
    home: Home = None,
) -> None:
    """Make a credential for an organisation (operator). It is shown once."""
    answer = operator_api(load_settings(home)).post(f"/participants/{organisation}/api-keys", {})
    typer.echo(answer["api_key"])


@app.command()
@command
def wallet(
    name: Annotated[str, typer.Argument(help="An admitted organisation's name.")],
    home: Home = None,
) -> None:
    """Make the wallet of an organisation admitted with development keys (embedded network)."""
    settings = load_settings(home)
    if not settings.is_embedded:
        raise DevelopmentOnly("participants wallet")
    operator = operator_api(settings)
    numbers = operator.post("/participants/lookup", {"names": [name]})["found"]
    if name not in numbers:
        raise NotFound("participant", name)
    make_development_wallet(settings, operator, name, numbers[name])
    console.print(f"the wallet of {name} (no. {numbers[name]}) is in {settings.home}")


def admit_development(
    settings: Settings, operator: Api, wanted: dict[str, list[str]], *, with_wallets: bool = True
) -> dict[str, int]:
    """Admit organisations whose keys come from the seed; answers their numbers by name.

    Raises:
        DevelopmentOnly: This is no embedded network.
        ApiProblem: They were not there in time.
    """
    if not settings.is_embedded:
        raise DevelopmentOnly("participants admit")
    domain = pinned_domain(operator.get("/about"))
    seed = load_seed(settings.home)
    licence = int(time.time()) + 5 * 366 * 86_400
    admissions = [
        development_admission(seed, domain, name, kinds=kinds, licence_expires_at=licence)
        for name, kinds in wanted.items()
    ]
    operator.post("/participants", {"admissions": admissions})
    numbers = wait_for_participants(operator, list(wanted))
    if with_wallets:
        for name, organisation in numbers.items():
            make_development_wallet(settings, operator, name, organisation)
    return numbers
