"""The stage of `chainfin bench soak`: a system of its own whose processes can be killed."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from chainfin.bench.databases import postgresql
from chainfin.bench.node_proxy import NodeProxy, proxied
from chainfin.bench.parties import System
from chainfin.bench.soak import Stage
from chainfin.chain.embedded import EmbeddedNetwork, free_port, start_network
from chainfin.cli.network import wait_for_api
from chainfin.cli.output import ExitCode, refuse
from chainfin.cli.runtime import (
    operator_key,
    runtime_of,
    start_child,
    start_embedded,
    stop_child,
)
from chainfin.config import Settings

_LEASE_SECONDS = 2
_WORKER = "chainfin.cli.worker_process"


@contextmanager
def stage_on(database: str) -> Iterator[Stage]:
    """A running system on an empty database ("sqlite" or "postgresql"), gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chainfin-soak-") as folder, ExitStack() as stack:
        home = Path(folder)
        url = stack.enter_context(postgresql(home)) if database == "postgresql" else ""
        if url is None:
            raise refuse("No PostgreSQL.", "Install it, or soak SQLite.", ExitCode.AWAY)
        settings = Settings(
            _env_file=None, home=home / "home", database_url=url, lease_seconds=_LEASE_SECONDS
        )
        network = start_embedded(settings, lambda _: None)
        try:
            proxy = stack.enter_context(proxied(network.url))
            behind = settings.model_copy(update={"rpc_url": proxy.url})
            stage = _stage(settings, behind, network, proxy)
            stack.callback(_stop, stage)
            for name in ("worker", "service"):
                stage.begin(name)
            wait_for_api(urlsplit(stage.system.url).port or 0, settings.home / "service.log")
            yield stage
        finally:
            network.stop()


def _stage(
    settings: Settings, behind: Settings, network: EmbeddedNetwork, proxy: NodeProxy
) -> Stage:
    """The system, told how each of its processes is started."""
    runtime, port = runtime_of(settings), free_port()
    state_file = settings.home / "chain.json"
    log_file = settings.home / "service.log"
    app = ("uvicorn", "api.main:create_app", "--factory", "--host", "127.0.0.1")

    def start_again() -> "subprocess.Popen[bytes]":
        at = urlsplit(network.url).port or 0
        return start_network(state_file, port=at, log_file=settings.home / "node.log").process

    return Stage(
        system=System(
            home=settings.home,
            url=f"http://127.0.0.1:{port}",
            operator_key=operator_key(settings, runtime),
            node=runtime.network.node,
            domain=runtime.network.deployment.domain,
            ledger=runtime.network.deployment.address("ReceivableLedger"),
        ),
        runtime=runtime,
        proxy=proxy,
        start={
            "network": start_again,
            "worker": lambda: start_child(behind, _WORKER, log_file=log_file),
            "service": lambda: start_child(behind, *app, "--port", str(port), log_file=log_file),
        },
        running={"network": network.process},
    )


def _stop(stage: Stage) -> None:
    for process in stage.running.values():
        stop_child(process)
    stage.runtime.engine.dispose()
