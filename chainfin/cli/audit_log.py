"""`chainfin audit-log`: who read or did what, chained; verified against the heads on chain."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.cli.runtime import reading, runtime_of, unit_of_work
from chainfin.cli.service_keys import NO_KEYS
from chainfin.codec.audit_chain import GENESIS, Link, findings
from chainfin.services import audit_log

app = typer.Typer(help="The private audit log (operator).", no_args_is_help=True)


@app.command()
@command
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="An export, verified without database or node.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the chain and compare it with the heads that are in blocks."""
    report = _verify_file(file) if file is not None else _verify_here(home)
    if as_json:
        print_json(report)
    else:
        for problem in report["findings"]:
            console.print(f"[red]FAIL[/]  {problem}")
        console.print(f"{report['entries']} entries, head {report['head']}")
    if not report["holds"]:
        raise typer.Exit(ExitCode.NO)


@app.command()
@command
def export(
    output: Annotated[Path, typer.Option("-o", help="The file to write: an entry a line.")],
    home: Home = None,
) -> None:
    """Write the log; anybody can verify the file against a head that is on chain."""
    runtime = runtime_of(load_settings(home))
    with reading(runtime) as context, output.open("w") as lines:
        for link in audit_log.links(context):
            lines.write(json.dumps(asdict(link), ensure_ascii=False) + "\n")
    console.print(f"{output}: verify it with `chainfin audit-log verify {output}`")


@app.command()
@command
def anchor(home: Home = None) -> None:
    """Have the head put on chain now; the worker sends it."""
    runtime = runtime_of(load_settings(home))
    if runtime.keys is None or not runtime.keys.relayers:
        raise refuse("No key.", NO_KEYS, ExitCode.WRONG_USE)
    with unit_of_work(runtime) as context:
        is_new = audit_log.anchor(context, runtime.keys.relayer.address, 0)
    console.print("the worker puts the head on chain" if is_new else "the head is there already")


def _verify_here(home: Path | None) -> dict[str, Any]:
    with reading(runtime_of(load_settings(home))) as context:
        return audit_log.verify(context)


def _verify_file(file: Path) -> dict[str, Any]:
    links = [Link(**json.loads(line)) for line in file.read_text().splitlines()]
    problems = list(findings(links, {}))
    head = links[-1].hash if links else GENESIS
    return {"entries": len(links), "head": head, "findings": problems, "holds": not problems}
