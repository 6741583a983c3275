"""Operator's commands: the embedded network, deployment, the worker, a check of everything."""

import logging
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated

import httpx
import typer
from sqlalchemy.exc import InterfaceError, OperationalError

from chainfin.chain.client import Node
from chainfin.chain.deployment import save_deployment
from chainfin.chain.embedded import free_port
from chainfin.cli.options import AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.cli.runtime import (
    Worker,
    migrate_database,
    only_one,
    operator_key,
    runtime_of,
    start_child,
    start_embedded,
    stop_child,
)
from chainfin.cli.service_keys import NO_KEYS, service_keys
from chainfin.cli.side_work import SideWork
from chainfin.cli.wallets import (
    make_development_wallet,
    operator_api,
    slug,
    wait_for_participants,
)
from chainfin.client.wallet import wallet_path
from chainfin.config import Settings
from chainfin.domain.service_errors import LeaseLost, NodeRefused, NodeUnavailable
from chainfin.models.schema import NEWEST
from chainfin.models.session import copy_database, create_engine_for
from chainfin.processes import settle_process
from chainfin.services.deployment import deploy as deploy_contracts
from chainfin.services.development import BANK_NAME
from chainfin.services.runtime import Runtime

app = typer.Typer(add_completion=False)

_START_SECONDS = 30.0
_POLL_SECONDS = 0.2
_PAUSE_SECONDS = 1

_PASSING = (NodeUnavailable, NodeRefused, LeaseLost, OperationalError, InterfaceError)
"""What a worker waits out: node or database away, full, or taken over. What was not committed is
done again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stack:
    """A running embedded system."""

    settings: Settings
    runtime: Runtime
    operator_key: str
    processes: Sequence["subprocess.Popen[bytes]"]

    def wait(self) -> None:
        """Sleep until Ctrl-C, a signal to end, or the end of one of the processes.

        Raises:
            NodeUnavailable: A process of the system has ended by itself.
        """
        stopping = _Stopping()
        while not stopping.asked:
            time.sleep(_POLL_SECONDS)
            if any(process.poll() is not None for process in self.processes):
                log_file = self.settings.home / "service.log"
                raise NodeUnavailable(f"a process of the system has ended; see {log_file}")


@app.command()
@command
def up(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port of API and console; 0 takes a free one.")] = 8000,
) -> None:
    """Run the embedded network, worker, API and console until interrupted."""
    settings = load_settings(home)
    port = port or free_port()
    with running_stack(settings, port) as stack:
        console.print(f"console  http://127.0.0.1:{port}\nAPI      http://127.0.0.1:{port}/docs")
        console.print(f"data     {settings.home}   (Ctrl-C ends)")
        stack.wait()


@app.command()
@command
def deploy(
    home: Home = None,
    key_delay_hours: Annotated[
        int, typer.Option(help="How long a newly registered key waits before it acts.")
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Deploy, wire and verify the contracts; write the deployment file."""
    settings = load_settings(home)
    keys = service_keys(settings)
    if keys is None or not keys.relayers:
        raise refuse("No key.", NO_KEYS, ExitCode.WRONG_USE)
    node = Node(settings.effective_rpc_url, token=settings.rpc_token)
    progress = (lambda _: None) if as_json else (lambda name: console.print(f"  {name}"))
    deployment = deploy_contracts(
        node, keys.relayer, key_delay_seconds=key_delay_hours * 3600, progress=progress
    )
    path = save_deployment(settings.home, deployment)
    if as_json:
        print_json(deployment.to_json())
    else:
        console.print(f"deployed, wired and verified: {path}")


@app.command()
@command
def worker(
    home: Home = None,
    once: Annotated[bool, typer.Option("--once", help="One pass, then end.")] = False,
) -> None:
    """Relay orders and index the chain."""
    settings = load_settings(home)
    running_on = runtime_of(settings)
    running = Worker(running_on, settings)
    if once:
        running.step()
        SideWork(running_on, settings).step()
        return
    if settings.is_embedded and running.follow_shorter_chain():
        console.print("the network came back shorter; what was lost is sent again")
    settle_process()
    stopping = _Stopping()
    with _beside(SideWork(running_on, settings)):
        _run(running, stopping)
    running.stop()


def _run(running: Worker, stopping: "_Stopping") -> None:
    while not stopping.asked:
        try:
            running.run(lambda: stopping.asked)
        except _PASSING as error:
            # What a database says goes on with the statement and its values: not for a log.
            _log.warning("%s Trying again.", str(error).partition("\n")[0])
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def _beside(work: SideWork) -> Iterator[None]:
    """Side work in a thread of its own, ended when left."""
    ending = threading.Event()
    thread = threading.Thread(target=work.run, args=(ending,), name="side work")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@app.command()
@command
def migrate(home: Home = None) -> None:
    """Bring the database to the shape of this release; stop worker and API and back it up first."""
    settings = load_settings(home)
    with console.status("migrating"):
        migrate_database(settings, settings.effective_rpc_url)
    console.print(f"the database is of revision {NEWEST}")


@app.command()
@command
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist.")], home: Home = None
) -> None:
    """Copy the SQLite database as of one moment, while everything runs (PostgreSQL: pg_dump)."""
    settings = load_settings(home)
    engine = create_engine_for(settings.effective_database_url)
    if engine.dialect.name != "sqlite":
        raise refuse("Not SQLite.", "Use pg_dump; see docs/runbook.md.", ExitCode.WRONG_USE)
    if file.exists():
        raise refuse("The file exists.", "Name another one.", ExitCode.WRONG_USE)
    copy_database(engine, file)
    engine.dispose()
    console.print(f"{file}: {file.stat().st_size:,} bytes")


@app.command("operator-key")
@command
def show_operator_key(home: Home = None) -> None:
    """Print the operator's own API key; made on first use, kept in the home."""
    settings = load_settings(home)
    typer.echo(operator_key(settings, runtime_of(settings)))


@contextmanager
def running_stack(settings: Settings, port: int, *, is_measured: bool = False) -> Iterator[Stack]:
    """Network, worker and API; stopped in the reverse order when left.

    Args:
        settings: Of the embedded network.
        port: The API's.
        is_measured: Whether nothing is written beside the work: neither the network's state nor a
            line for each request.
    """
    with only_one(settings.home), _running_stack(settings, port, is_measured) as stack:
        yield stack


@contextmanager
def _running_stack(settings: Settings, port: int, is_measured: bool) -> Iterator[Stack]:
    with console.status("starting the embedded network"):
        network = start_embedded(settings, lambda _: None, keeps_state=not is_measured)
    children: list[subprocess.Popen[bytes]] = []
    try:
        runtime = runtime_of(settings)
        credential = operator_key(settings, runtime)
        log_file = settings.home / "service.log"
        children.append(start_child(settings, "chainfin.cli.worker_process", log_file=log_file))
        arguments = ["uvicorn", "api.main:create_app", "--factory", "--host", "127.0.0.1"]
        arguments += ["--port", str(port), *(["--no-access-log"] if is_measured else [])]
        children.append(start_child(settings, *arguments, log_file=log_file))
        wait_for_api(port, log_file)
        (settings.home / "service.url").write_text(f"http://127.0.0.1:{port}\n")
        _ensure_bank_wallet(settings)
        yield Stack(settings, runtime, credential, (network.process, *children))
    finally:
        for child in reversed(children):
            stop_child(child)
        network.stop()


class _Stopping:
    """Whether a signal asked the process to end."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def wait_for_api(port: int, log_file: Path) -> None:
    """Until a service that was started answers.

    Raises:
        NodeUnavailable: Not in time.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/v1/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise NodeUnavailable(f"the API did not start on port {port}; see {log_file}")


def _ensure_bank_wallet(settings: Settings) -> None:
    """The development bank acts for new suppliers' accounts; its wallet is made once."""
    if not settings.is_embedded or wallet_path(settings.home, slug(BANK_NAME)).exists():
        return
    operator = operator_api(settings)
    numbers = wait_for_participants(operator, [BANK_NAME])
    make_development_wallet(settings, operator, BANK_NAME, numbers[BANK_NAME])
