"""The embedded network: one anvil of our own, its state kept in the home.

The platform's binary is started, not npm's launcher, which swallows signals.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainfin.chain.client import Node
from chainfin.chain.processes import end_with_parent
from chainfin.domain.service_errors import NodeUnavailable

CHAIN_ID = 31337
BLOCK_GAS = 2_000_000_000
"""anvil makes a block when a transaction comes: what does not fit would wait for the next one."""
_WANTED_VERSION = "1.7."
_PLATFORMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
_START_SECONDS = 20.0


def find_anvil() -> Path:
    """The anvil to run: a suitable one on the PATH, else npm's.

    Raises:
        NodeUnavailable: Neither is there.
    """
    on_path = shutil.which("anvil")
    if on_path and _WANTED_VERSION in _version_of(on_path):
        return Path(on_path)
    modules = Path(__file__).parents[2] / "contracts" / "node_modules" / "@foundry-rs"
    system = _PLATFORMS.get(sys.platform, sys.platform)
    machine = "arm64" if os.uname().machine in {"arm64", "aarch64"} else "amd64"
    binary = modules / f"anvil-{system}-{machine}" / "bin" / "anvil"
    if not binary.exists():
        raise NodeUnavailable(
            "anvil is not installed: run make setup, or put anvil 1.7 on the PATH"
        )
    return binary


def _version_of(binary: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the binary was found on the PATH
            [binary, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except OSError:
        return ""
    return done.stdout


def free_port() -> int:
    """A TCP port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class EmbeddedNetwork:
    """A running anvil.

    Attributes:
        url: Where it answers.
        process: The process; ours to stop.
    """

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, letting it write its state first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start_network(
    state_file: Path | None,
    *,
    port: int = 0,
    log_file: Path | None = None,
    options: Sequence[str] = (),
) -> EmbeddedNetwork:
    """Start anvil with free gas; its state is read from and kept in `state_file`.

    Args:
        state_file: None keeps nothing.
        port: A free one unless named.
        log_file: What it prints.
        options: Further options of anvil, for benchmarks.

    Raises:
        NodeUnavailable: It did not answer in time.
    """
    port = port or free_port()
    command = [
        str(find_anvil()),
        *("--host", "127.0.0.1", "--port", str(port), "--chain-id", str(CHAIN_ID)),
        *("--block-base-fee-per-gas", "0", "--gas-price", "0", "--disable-min-priority-fee"),
        *("--hardfork", "cancun", "--accounts", "1", "--gas-limit", str(BLOCK_GAS)),
        "--silent",
        *options,
    ]
    if state_file is not None:
        command += ["--state", str(state_file), "--state-interval", "1"]
    with open(log_file or os.devnull, "ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - it allocates nothing
        )
    network = EmbeddedNetwork(f"http://127.0.0.1:{port}", process)
    _wait_until_up(network)
    _resume_clock(Node(network.url))
    return network


def _wait_until_up(network: EmbeddedNetwork) -> None:
    node = Node(network.url, timeout_seconds=2)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            node.send("eth_chainId", [])
        except NodeUnavailable:
            if network.process.poll() is not None or time.monotonic() > deadline:
                network.stop()
                raise NodeUnavailable("the embedded network did not start") from None
            time.sleep(0.05)
        else:
            return


def _resume_clock(node: Node) -> None:
    """A restarted anvil tells the wall's time; its chain may be ahead of it."""
    head = node.head()
    if head.number and head.timestamp > time.time():
        node.request("evm_setTime", [hex(head.timestamp)])


def move_clock(node: Node, instant: int) -> None:
    """Mine a block at an instant after the head's (embedded network only)."""
    node.request("evm_setNextBlockTimestamp", [hex(instant)])
    node.request("evm_mine", [])
