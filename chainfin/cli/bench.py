"""`chainfin bench`: what the system costs, measured here and now."""

import random
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.bench.api import GOAL, measure_api
from chainfin.bench.documents import measure_invoices, measure_ledger
from chainfin.bench.evidence import FACTS, measure_evidence
from chainfin.bench.gas import OPERATIONS, measure_gas
from chainfin.bench.index import LOGS, measure_index
from chainfin.bench.lineage import LOTS, measure_lineage
from chainfin.bench.machine import describe_machine
from chainfin.bench.orders import measure_orders
from chainfin.bench.parties import System
from chainfin.bench.soak import soak as run_soak
from chainfin.bench.statements import measure_statement
from chainfin.chain.embedded import free_port
from chainfin.cli.network import running_stack
from chainfin.cli.options import AsJson, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.cli.soaking import stage_on
from chainfin.config import Settings

app = typer.Typer(no_args_is_help=True)

_BULK_RATIO, _SINGLE_RATIO, _POST_P99_MS = 0.25, 0.08, 60

Check = Annotated[bool, typer.Option("--check", help="End with 1 when a goal is missed.")]


@app.callback()
def _about() -> None:
    """Benchmarks, each on a system of its own."""


@app.command()
@command
def evidence(
    facts: Annotated[int, typer.Option(min=2, help="Facts in the file.")] = FACTS,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """How long verifying a file of a thousand facts takes (docs/evidence.md)."""
    with console.status("playing, exporting, verifying"):
        measured = measure_evidence(facts)
    if as_json:
        report(measured)
    else:
        console.print(
            f"{measured['operation']} in {measured['seconds']} s, limit "
            f"{measured['limit_seconds']} s; {measured['bytes']:,} bytes, made in "
            f"{measured['export_seconds']} s"
        )
    if check and not measured["met"]:
        raise typer.Exit(ExitCode.NO)


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


@app.command("lineage")
@command
def lineage_speed(
    lots: Annotated[int, typer.Option(min=20_000, help="Rows of the table.")] = LOTS,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """Reading the lineage of lots as JSON from a table of a million (docs/benchmarks.md)."""
    with console.status("the lots") as status:
        measured = measure_lineage(lots, status.update)
    if as_json:
        report({"lots": lots, "stores": [store.to_json() for store in measured]})
    else:
        table = Table("store", "trail of 20, ms", "lineage of 10,000, ms", "", box=None)
        for store in measured:
            met = "met" if store.is_met else "[bold red]missed[/]"
            table.add_row(
                store.store, f"{store.trail_20_ms:.3f}", f"{store.lineage_10000_ms:.2f}", met
            )
        console.print(table)
    if check and not all(store.is_met for store in measured):
        raise typer.Exit(ExitCode.NO)


@app.command("index")
@command
def index_speed(
    logs: Annotated[int, typer.Option(min=1, help="At least so many logs.")] = LOGS,
    rounds: Annotated[int, typer.Option(min=1, help="The median of so many counts.")] = 3,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """Reading the chain into each database, beside the node's own speed (docs/benchmarks.md)."""
    with console.status("the load") as status:
        measured = measure_index(logs, rounds, status.update)
    if as_json:
        report(measured.to_json())
    else:
        table = Table(
            "store", "events/s", "limit/s", "ratio", "goal", "MB", "head p50 ms", "", box=None
        )
        for store in measured.stores:
            met = "met" if store.is_met else "[bold red]missed[/]"
            speeds = (f"{store.events_per_s:,}", f"{store.limit_events_per_s:,}")
            ratios = (f"{store.ratio:.2f}", f"{store.goal:.2f}")
            held = (str(store.memory_mb), f"{store.head_latency_p50_ms:.1f}")
            table.add_row(store.store, *speeds, *ratios, *held, met)
        console.print(table)
        console.print(f"{measured.logs:,} logs in {measured.blocks:,} blocks")
    if check and not measured.is_met:
        raise typer.Exit(ExitCode.NO)


@app.command("api")
@command
def hot_reads(
    requests: Annotated[int, typer.Option(min=8, help="Of each read, a round.")] = 4_000,
    rounds: Annotated[int, typer.Option(min=1, help="The median of so many counts.")] = 3,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """Reads a second of a lot, a receivable and a trail, beside a bare ASGI application."""
    with _own_system() as system:
        measured = measure_api(system, rounds, requests)
    if as_json:
        report({"requests": requests, "reads": [read.to_json() for read in measured]})
    else:
        table = Table("read", "requests/s", "limit/s", "ratio", "goal", "", box=None)
        for read in measured:
            met = "met" if read.is_met else "[bold red]missed[/]"
            speeds = (f"{read.requests_per_s:,}", f"{read.limit_requests_per_s:,}")
            table.add_row(read.read, *speeds, f"{read.ratio:.3f}", f"{GOAL:.2f}", met)
        console.print(table)
    if check and not all(read.is_met for read in measured):
        raise typer.Exit(ExitCode.NO)


@contextmanager
def _own_system() -> Iterator[System]:
    """A service of the benchmark's own, for as long as the block runs."""
    with (
        tempfile.TemporaryDirectory(prefix="chainfin-bench-") as folder,
        console.status("measuring"),
        # anvil answers nobody while it tells its state, and no other node has to. The bare
        # application that reads are compared with writes no lines either.
        running_stack(Settings(home=Path(folder)), free_port(), is_measured=True) as stack,
    ):
        network = stack.runtime.network
        yield System(
            home=Path(folder),
            url=stack.settings.effective_url,
            operator_key=stack.operator_key,
            node=network.node,
            domain=network.deployment.domain,
            ledger=network.deployment.address("ReceivableLedger"),
        )


@app.command()
@command
def orders(
    count: Annotated[int, typer.Option(help="Orders of each way of sending, a round.")] = 500,
    rounds: Annotated[int, typer.Option(help="Rounds; figures are their medians.")] = 3,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """Orders a second from signed POST to final row, beside the node's own submission ceiling."""
    with _own_system() as system:
        figures = measure_orders(system, rounds, count)
    if as_json:
        report(figures)
    else:
        for name, figure in figures.items():
            console.print(f"{name:<22} {figure:>10,}")
    goals = {"bulk_ratio": _BULK_RATIO, "single_ratio": _SINGLE_RATIO}
    missed = [name for name, goal in goals.items() if figures[name] < goal]
    if check and (missed or figures["post_p99_ms"] > _POST_P99_MS):
        raise typer.Exit(ExitCode.NO)


@app.command()
@command
def documents(
    rules: Annotated[
        Path | None, typer.Option(help="Folder of the EN 16931 rules (compiled Schematron).")
    ] = None,
    as_json: AsJson = False,
    check: Check = False,
) -> None:
    """Invoices with their rules, a ledger, and a bank's statement, beside their limits."""
    folder = rules or load_settings().business_rules
    with console.status("measuring"):
        measured = [measure_invoices(folder), measure_ledger(), measure_statement()]
    if as_json:
        report({"operations": measured})
    else:
        table = Table("operation", "measured", "limit", "", box=None)
        for entry in measured:
            unit = "seconds" if "seconds" in entry else "invoices_per_second"
            met = "met" if entry["met"] else "[bold red]missed[/]"
            table.add_row(entry["operation"], str(entry[unit]), str(entry[f"limit_{unit}"]), met)
        console.print(table)
    if check and not all(entry["met"] for entry in measured):
        raise typer.Exit(ExitCode.NO)


@app.command()
@command
def soak(
    minutes: Annotated[float, typer.Option(min=0.1, help="How long faults are injected.")] = 10,
    database: Annotated[str, typer.Option(help="sqlite or postgresql.")] = "sqlite",
    seed: Annotated[int | None, typer.Option(help="Of the dice; another one each time.")] = None,
    as_json: AsJson = False,
) -> None:
    """Kill, lose and delay at random, and account for every operation afterwards (docs/faults.md).

    Ends with 1 if an operation was lost or doubled, or an invariant broken.
    """
    seed = secrets.randbits(32) if seed is None else seed
    dice = random.Random(seed)  # noqa: S311 - faults, no secrets
    with console.status("faults"), stage_on(database) as stage:
        found = run_soak(stage, minutes * 60, dice)
    if as_json:
        report({"database": database, "minutes": minutes, "seed": seed, **found.to_json()})
    else:
        for name, counted in (("operations", found.operations), ("faults", found.faults)):
            told = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items()))
            console.print(f"{name:<11} {sum(counted.values()):>6}   {told}")
        console.print(f"{'lost':<11} {len(found.lost):>6}\n{'doubled':<11} {len(found.doubled):>6}")
        for finding in [*found.lost, *found.doubled, *found.findings][:20]:
            console.print(f"  {finding}")
    if not found.holds:
        raise typer.Exit(ExitCode.NO)


def report(figures: Mapping[str, Any]) -> None:
    """Print a benchmark's figures as JSON, with the machine they were taken on."""
    print_json({**figures, "machine": describe_machine()})
