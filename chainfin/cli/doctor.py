"""`chainfin doctor`: is this environment, or a node somewhere, fit to run on?"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from chainfin.chain.client import Node
from chainfin.chain.deployment import check_deployment, find_deployment
from chainfin.chain.embedded import find_anvil
from chainfin.chain.network import Network
from chainfin.chain.probing import Probe, probe
from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json
from chainfin.cli.runtime import runtime_of
from chainfin.config import Settings, open_settings
from chainfin.domain.errors import ChainfinError
from chainfin.domain.finality import Finality
from chainfin.models.schema import NEWEST
from chainfin.services.deployment import verify_wiring

app = typer.Typer(add_completion=False)

_TIMEOUT_SECONDS = 5
Check = Callable[[], str]


@app.command()
@command
def doctor(
    home: Home = None,
    rpc: Annotated[str | None, typer.Option(help="Look at this node alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check whether this environment and its network are fit to run on; ends with 1 if not."""
    settings = load_settings(home)
    found = list(_node(settings, rpc) if rpc else _everything(settings))
    if as_json:
        lines = [{"check": line.name, "ok": line.fits, "detail": line.detail} for line in found]
        print_json(lines)
    else:
        for line in found:
            verdict = "[green]pass[/]" if line.fits else "[red]FAIL[/]"
            console.print(f"{verdict}  {line.name:<22} {line.detail}")
    if not all(line.fits for line in found):
        raise typer.Exit(ExitCode.NO)


def _everything(settings: Settings) -> Iterator[Probe]:
    yield _looked("home writable", lambda: _writable(settings.home))
    if settings.is_embedded:
        yield _looked("anvil", lambda: str(find_anvil()))
    yield from _settings(settings)
    for url in settings.effective_rpc_urls:
        yield Probe("node", fits=True, detail=url)
        yield from _node(settings, url)
        yield _looked("code and wiring", lambda url=url: _deployed(settings, url))  # type: ignore[misc]
    yield _looked("database", lambda: _database(settings))


def _node(settings: Settings, url: str) -> Iterator[Probe]:
    return probe(
        Node(url, _TIMEOUT_SECONDS, token=settings.rpc_token),
        finality=Finality.parse(settings.finality),
        block_range=settings.block_range,
        is_embedded=settings.is_embedded,
        now=int(time.time()),
    )


def _settings(settings: Settings) -> Iterator[Probe]:
    found = open_settings(settings)
    for opened in found:
        yield Probe("settings", fits=False, detail=f"{opened.detail()} {opened.remedy()}")
    if not found:
        yield Probe("settings", fits=True, detail=f"fit for {settings.mode}")


def _looked(name: str, check: Check) -> Probe:
    try:
        return Probe(name, fits=True, detail=check())
    except ChainfinError as error:
        return Probe(name, fits=False, detail=f"{error.detail()} {error.remedy()}")
    except OSError as error:
        return Probe(name, fits=False, detail=f"{type(error).__name__}: {error}")


def _deployed(settings: Settings, url: str) -> str:
    node = Node(url, _TIMEOUT_SECONDS, token=settings.rpc_token)
    deployment = find_deployment(settings.home, node)
    check_deployment(node, deployment)
    verify_wiring(Network(node, deployment))
    return f"{len(deployment.addresses)} contracts and {len(deployment.deposits)} deposits"


def _writable(home: Path) -> str:
    home.mkdir(parents=True, exist_ok=True)
    tried = home / ".probe"
    tried.write_text("")
    tried.unlink()
    return str(home.resolve())


def _database(settings: Settings) -> str:
    runtime = runtime_of(settings)
    runtime.engine.dispose()
    return f"{runtime.engine.dialect.name}, revision {NEWEST}"
