"""All commands, each module loaded only when one of its commands is asked for.

A participant's `chainfin order` should not wait for a database and a node library to load.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from chainfin import __version__

_COMMANDS = {
    "up": "network",
    "deploy": "network",
    "operator-key": "network",
    "worker": "network",
    "migrate": "network",
    "backup": "network",
    "doctor": "doctor",
    "sign-in": "sign_in",
    "issue": "issue",
    "accept": "issue",
    "trail": "audit",
    "claims": "pledges",
    "events": "events",
    "export": "exports",
    "report": "reports",
    "demo": "demo",
}
"""Commands by the module that has them."""

_GROUPS = {
    "council": "council:app",
    "participants": "participants:app",
    "programme": "programmes:app",
    "deposit": "deposits:app",
    "credit-lines": "credit_lines:app",
    "financing": "financing:app",
    "freezes": "freezes:app",
    "pledges": "pledges:app",
    "maturity": "maturities:app",
    "attestations": "attestations:app",
    "documents": "documents:app",
    "access-keys": "access_keys:app",
    "audit-log": "audit_log:app",
    "keys": "keys:app",
    "order": "orders:app",
    "evidence": "evidence:app",
    "index": "index:app",
    "price": "prices:app",
    "statements": "statements:app",
    "notices": "notices:app",
    "webhooks": "webhooks:app",
    "bench": "bench:app",
}
"""Groups of commands by where they are."""


class _OnDemand(TyperGroup):
    """Finds commands by name and imports their module then."""

    # `Any`: Typer carries a click of its own, whose names are private.

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted([*_COMMANDS, *_GROUPS, *super().list_commands(ctx)])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _GROUPS:
            module, _, attribute = _GROUPS[cmd_name].partition(":")
            found = _load(module, attribute)
            found.name = cmd_name
            return found
        if cmd_name in _COMMANDS:
            found = _load(_COMMANDS[cmd_name], "app")
            return found.get_command(ctx, cmd_name) if isinstance(found, TyperGroup) else found
        return super().get_command(ctx, cmd_name)


def _load(module: str, attribute: str) -> Any:
    group: typer.Typer = getattr(import_module(f"chainfin.cli.{module}"), attribute)
    return typer.main.get_command(group)


app = typer.Typer(
    cls=_OnDemand,
    help="Supply-chain finance on a permissioned chain.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)


@app.callback()
def _about() -> None:
    """Supply-chain finance on a permissioned chain."""


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
