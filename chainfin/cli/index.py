"""`chainfin index`: how far the copy of the chain is, brought up to date, rebuilt, compared."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.chain.reader import ChainReader
from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, progress_bar
from chainfin.cli.runtime import Worker, reading, runtime_of, unit_of_work
from chainfin.domain.audit import AsOf, Finding
from chainfin.domain.receivable import Lot, Receivable
from chainfin.indexer.checking import verify as verify_state
from chainfin.indexer.checking import verify_logs
from chainfin.indexer.rebuilding import rebuild as rebuild_index
from chainfin.indexer.sync import rewind as rewind_index
from chainfin.services.context import Context
from chainfin.services.operations import readiness
from chainfin.services.submission import take_back

app = typer.Typer(help="The copy of the chain.", no_args_is_help=True)


@app.command()
@command
def status(home: Home = None, as_json: AsJson = False) -> None:
    """How far the index is behind the node's head."""
    runtime = runtime_of(load_settings(home))
    with unit_of_work(runtime) as context:
        view = readiness(context)
    if as_json:
        print_json(view)
    else:
        console.print(
            f"block {view['as_of']['block_number']}, head {view['head']['block_number']}, "
            f"lag {view['lag_blocks']}"
        )


@app.command()
@command
def sync(home: Home = None) -> None:
    """Read the chain up to its head, then end."""
    settings = load_settings(home)
    running = Worker(runtime_of(settings), settings)
    total = 0
    with console.status("reading the chain"):
        while True:
            result = running.sync()
            total += result.logs
            if not result.has_more:
                break
    console.print(f"{total} logs read")


@app.command()
@command
def rebuild(home: Home = None) -> None:
    """Project every stored log again, without the node."""
    runtime = runtime_of(load_settings(home))
    with progress_bar("projecting") as told:
        count = rebuild_index(runtime.engine, runtime.decoder, told)
    console.print(f"{count} logs projected")


@app.command()
@command
def rewind(
    block: Annotated[int, typer.Argument(help="The last block to keep.")], home: Home = None
) -> None:
    """Forget what was read after a block; the worker reads it again."""
    runtime = runtime_of(load_settings(home))
    with unit_of_work(runtime) as context:
        undone = rewind_index(context.session, runtime.decoder, block)
        take_back(context, undone.orders, undone.batches)
    console.print(f"back at block {undone.fork.block_number}; {undone.logs} logs forgotten")


@app.command()
@command
def verify(
    home: Home = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Every log against the receipts of its block.")
    ] = False,
    state: Annotated[
        bool,
        typer.Option("--state", help="Every row against the contracts (also by default)."),
    ] = False,
    as_json: AsJson = False,
    most: Annotated[int, typer.Option(help="Findings to print.")] = 20,
) -> None:
    """Compare the rows with the contracts at one block, and the logs with the blocks' receipts."""
    runtime = runtime_of(load_settings(home))
    reports = []
    with reading(runtime) as context:
        if state or not deep:
            reports.append(_verify_state(context))
        if deep:
            reports.append(_verify_deep(context))
    findings = [str(finding) for report, found in reports for finding in found]
    if as_json:
        counts = {name: value for report, _ in reports for name, value in report.items()}
        print_json({**counts, "findings": findings})
    else:
        for report, found in reports:
            (_, block), *counted = report.items()
            compared = " and ".join([f"{count} {name}" for name, count in counted])
            console.print(f"{compared} compared at block {block}: {len(found)} differences")
        for finding in findings[:most]:
            console.print(f"  {finding}")
    if findings:
        raise typer.Exit(ExitCode.NO)


Report: TypeAlias = tuple[dict[str, int], Sequence[Finding]]
"""The block, what was counted by name, and what was found."""


def _verify_state(context: Context) -> Report:
    def on_chain(
        as_of: AsOf, receivable_ids: Sequence[int]
    ) -> Sequence[tuple[Receivable, Sequence[Lot]]]:
        return read_receivables(context.network, receivable_ids, as_of.block_number)

    found = verify_state(context.session, on_chain)
    block = found.as_of.block_number
    counts = {"block_number": block, "receivables": found.receivables, "lots": found.lots}
    return counts, found.findings


def _verify_deep(context: Context) -> Report:
    reader, start = ChainReader(context.network), context.network.deployment.start_block
    with progress_bar("recomputing receipts") as told:
        found = verify_logs(context.session, reader.proven_blocks, start, told)
    block = found.as_of.block_number
    return {"block_number": block, "blocks": found.blocks, "logs": found.logs}, found.findings
