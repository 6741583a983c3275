"""`chainfin bench`: what the system costs, measured here and now."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.bench.gas import OPERATIONS, measure_gas
from chainfin.bench.machine import describe_machine
from chainfin.cli.options import AsJson
from chainfin.cli.output import ExitCode, command, console, print_json, refuse

app = typer.Typer(no_args_is_help=True)

Check = Annotated[bool, typer.Option("--check", help="End with 1 when a goal is missed.")]


@app.callback()
def _about() -> None:
    """Benchmarks, each on a system of its own."""


@app.command()
@command
def gas(
    names: Annotated[list[str] | None, typer.Argument(help="Operations; all if none.")] = None,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """Gas of each act on a real chain, beside its floor and its goal (docs/gas.md)."""
    wanted = names or []
    unknown = sorted(set(wanted) - {operation.name for operation in OPERATIONS})
    if unknown:
        raise refuse("OperationUnknown", ", ".join(unknown), ExitCode.WRONG_USE)
    with console.status("measuring"):
        measured = list(measure_gas(wanted))
    if as_json:
        report({"operations": [entry.to_json() for entry in measured]})
    else:
        table = Table("operation", "gas", "floor", "ratio", "goal", "", box=None)
        for entry in measured:
            row = entry.to_json()
            goal = "" if entry.goal is None else f"{entry.goal:,}"
            met = {None: "", True: "met", False: "[bold red]missed[/]"}[entry.is_met]
            figures = (f"{entry.gas:,}", f"{entry.floor:,}", f"{row['ratio']:.2f}")
            table.add_row(entry.operation, *figures, goal, met)
        console.print(table)
    if check and any(entry.is_met is False for entry in measured):
        raise typer.Exit(ExitCode.NO)


def report(figures: Mapping[str, Any]) -> None:
    """Print a benchmark's figures as JSON, with the machine they were taken on."""
    print_json({**figures, "machine": describe_machine()})
