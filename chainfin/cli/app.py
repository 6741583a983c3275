"""All commands, put together."""

import typer

from chainfin import __version__
from chainfin.cli import (
    audit,
    demo,
    evidence,
    index,
    issue,
    keys,
    network,
    orders,
    participants,
    programmes,
)

app = typer.Typer(
    help="Supply-chain finance on a permissioned chain.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
for module in (network, participants, programmes, orders, issue, audit, demo):
    module.register(app)
app.add_typer(index.app, name="index")
app.add_typer(keys.app, name="keys")
app.add_typer(evidence.app, name="evidence")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
