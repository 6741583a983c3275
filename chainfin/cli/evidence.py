"""`chainfin evidence`: one file that proves a lot's history, made online, verified offline."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from chainfin.chain.client import Node
from chainfin.chain.deployment import find_deployment
from chainfin.chain.network import Network
from chainfin.cli.options import As, Home, load_settings
from chainfin.cli.output import command, console
from chainfin.cli.wallets import open_wallet
from chainfin.evidence.trust import load_trust
from chainfin.services.evidence import take_checkpoint

app = typer.Typer(help="Evidence that needs no trust.", no_args_is_help=True)
Output = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]


@app.command()
@command
def export(
    lot_id: str,
    name: As,
    output: Output,
    trust: Annotated[
        Path | None, typer.Option(help="End at the checkpoint of this trust file.")
    ] = None,
    home: Home = None,
) -> None:
    """Write the evidence of a lot, up to the checkpoint or the newest block."""
    _, _, api = open_wallet(home, name)
    block = None if trust is None else load_trust(trust).block_number
    content = api.download(f"/lots/{lot_id}/evidence", checkpoint=block)
    output.write_bytes(content)
    console.print(f"{output}: {len(content)} bytes")


@app.command()
@command
def checkpoint(
    output: Output,
    home: Home = None,
    rpc: Annotated[str | None, typer.Option(help="A node of the auditor's own.")] = None,
    block: Annotated[int | None, typer.Option(help="A block; the newest by default.")] = None,
) -> None:
    """Write the trust an auditor takes from a node of its own choice: a block's hash."""
    settings = load_settings(home)
    node = Node(rpc or settings.effective_rpc_url)
    trust = take_checkpoint(Network(node, find_deployment(settings.home, node)), block)
    output.write_text(json.dumps(trust, indent=1, sort_keys=True) + "\n")
    console.print(f"{output}: block {trust['block_number']} {trust['block_hash']}")


@app.command()
def verify(
    file: Path,
    trust: Annotated[Path, typer.Option(help="The trust file taken by the auditor.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Verify evidence offline, in a process of its own: no node, no database, no network."""
    arguments = [sys.executable, "-m", "chainfin.evidence", str(file), "--trust", str(trust)]
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        arguments + (["--json"] if as_json else []), check=False
    )
    raise typer.Exit(done.returncode)
