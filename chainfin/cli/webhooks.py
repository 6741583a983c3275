"""`chainfin webhooks`: where an organisation's events are sent, and what arrived."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet
from chainfin.client.api import Api

app = typer.Typer(help="Events sent to an address of one's own.", no_args_is_help=True)

_PATH = "/webhook-endpoints"


@app.command()
@command
def add(
    url: str,
    name: As,
    event: Annotated[
        list[str] | None, typer.Option(help="Only this event; repeat for several.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Have events sent to a URL; the secret that signs them is shown once."""
    made = _api(home, name).post(_PATH, {"url": url, "events": event or None})
    if as_json:
        print_json(made)
    else:
        console.print(f"endpoint {made['endpoint_id']}\nsecret   {made['secret']}")


@app.command(name="list")
@command
def list_endpoints(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The organisation's endpoints."""
    found = list(_api(home, name).pages(_PATH))
    if as_json:
        print_json({"endpoints": found})
        return
    table = Table("endpoint", "url", "status", "events", box=None)
    for entry in found:
        why = f" ({entry['disabled_because']})" if entry["disabled_because"] else ""
        events = ", ".join(entry["events"] or ["all"])
        table.add_row(entry["endpoint_id"], entry["url"], entry["status"] + why, events)
    console.print(table)


@app.command()
@command
def deliveries(endpoint: str, name: As, home: Home = None, as_json: AsJson = False) -> None:
    """What an endpoint was told lately, newest first."""
    found = _api(home, name).get(f"{_PATH}/{endpoint}/deliveries")["data"]
    if as_json:
        print_json({"deliveries": found})
        return
    table = Table("delivery", "event", "status", "attempts", "made", box=None)
    for entry in found:
        made = datetime.fromtimestamp(entry["created_at"], UTC)
        attempts = str(entry["attempts"])
        table.add_row(
            entry["delivery_id"], entry["event"], entry["status"], attempts, f"{made:%F %T}"
        )
    console.print(table)


@app.command(name="test")
@command
def send_test(endpoint: str, name: As, home: Home = None) -> None:
    """Send an endpoint something that is no event."""
    console.print(_api(home, name).post(f"{_PATH}/{endpoint}/test", {})["delivery_id"])


@app.command()
@command
def replay(endpoint: str, delivery: str, name: As, home: Home = None) -> None:
    """Send a delivery again, with the number it has."""
    path = f"{_PATH}/{endpoint}/deliveries/{delivery}/replay"
    console.print(_api(home, name).post(path, {})["status"])


@app.command()
@command
def enable(endpoint: str, name: As, home: Home = None) -> None:
    """Use an endpoint again that was disabled."""
    console.print(_api(home, name).post(f"{_PATH}/{endpoint}/activation", {})["status"])


@app.command()
@command
def rotate(endpoint: str, name: As, home: Home = None) -> None:
    """A new secret, shown once; the one before signs beside it for a day."""
    console.print(_api(home, name).post(f"{_PATH}/{endpoint}/secret", {})["secret"])


@app.command()
@command
def remove(endpoint: str, name: As, home: Home = None) -> None:
    """Send an endpoint nothing more."""
    _api(home, name).delete(f"{_PATH}/{endpoint}")
    console.print(f"{endpoint} is deleted")


def _api(home: Home, name: str) -> Api:
    return open_wallet(home, name)[2]
