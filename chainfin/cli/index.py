"""`chainfin index`: how far the copy of the chain is, brought up to date, rebuilt, compared."""

from collections.abc import Sequence
from typing import Annotated

import typer

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.cli.runtime import Worker, runtime_of, unit_of_work
from chainfin.domain.audit import AsOf
from chainfin.domain.receivable import Lot, Receivable
from chainfin.indexer.sync import rebuild as rebuild_index
from chainfin.indexer.sync import rewind as rewind_index
from chainfin.indexer.sync import verify as verify_index
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
    with unit_of_work(runtime) as context, console.status("rebuilding"):
        count = rebuild_index(context.session, runtime.decoder)
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
    as_json: AsJson = False,
    most: Annotated[int, typer.Option(help="Findings to print.")] = 20,
) -> None:
    """Compare every receivable and lot with the contracts at one block."""
    runtime = runtime_of(load_settings(home))
    with unit_of_work(runtime) as context:

        def on_chain(
            as_of: AsOf, receivable_ids: Sequence[int]
        ) -> Sequence[tuple[Receivable, Sequence[Lot]]]:
            return read_receivables(context.network, receivable_ids, as_of.block_number)

        result = verify_index(context.session, on_chain)
    if as_json:
        print_json(
            {
                "block_number": result.as_of.block_number,
                "receivables": result.receivables,
                "lots": result.lots,
                "findings": [str(finding) for finding in result.findings],
            }
        )
    else:
        console.print(
            f"{result.receivables} receivables and {result.lots} lots compared at block "
            f"{result.as_of.block_number}: {len(result.findings)} differences"
        )
        for finding in result.findings[:most]:
            console.print(f"  {finding}")
    if not result.matches:
        raise typer.Exit(ExitCode.NO)
