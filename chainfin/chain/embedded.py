"""The embedded network: one anvil of our own, its state kept in the home.

The platform's binary is started, not npm's launcher, which swallows signals. anvil would write its
state over the only copy there is, and leave half a file where it is killed meanwhile; so the state
is asked for and written here, whole or not at all.
"""

import gzip
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from chainfin.chain.client import Node
from chainfin.chain.processes import end_with_parent
from chainfin.codec.errors import HeaderMismatch
from chainfin.codec.headers import header_from_rpc
from chainfin.domain.service_errors import NodeRefused, NodeUnavailable

CHAIN_ID = 31337
BLOCK_GAS = 2_000_000_000
"""anvil makes a block when a transaction comes: what does not fit would wait for the next one."""
_WANTED_VERSION = "1.7."
_PLATFORMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
_START_SECONDS = 20.0
_SAVE_SECONDS = 1.0
_SAVE_SHARE = 10
"""Writing the state of a long chain takes seconds: at most a tenth of the time goes into it."""
_ANSWER_SECONDS = 300
"""How long anvil may take over its state."""

_log = logging.getLogger(__name__)


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


class StateFile:
    """The file a network's state is kept in: every second while the chain grows, and at the end."""

    def __init__(self, file: Path, url: str, process: "subprocess.Popen[bytes]") -> None:
        """Name file and network; nothing is written yet."""
        self._file = file
        self._node = Node(url, _ANSWER_SECONDS)
        self._process = process
        self._saved = ""
        self._lock = threading.Lock()
        self._ending = threading.Event()
        threading.Thread(target=self._keep, name="chain state", daemon=True).start()

    def save(self) -> None:
        """Write the state, unless the file has it: to the disk first, then in the old one's place.

        Raises:
            NodeUnavailable: The network is gone; the file is as it was.
        """
        with self._lock:
            head = self._node.head().block_hash
            if head == self._saved:
                return
            packed = bytes.fromhex(self._node.request("anvil_dumpState").removeprefix("0x"))
            if self._process.poll() is not None:
                raise NodeUnavailable("the network ended")  # Its successor has answered.
            state = msgspec.json.decode(gzip.decompress(packed))
            state["blocks"] = self._canonical(state["blocks"])
            written = self._file.with_suffix(".new")
            with written.open("wb") as file:
                file.write(msgspec.json.encode(state))
                file.flush()
                os.fsync(file.fileno())
            written.replace(self._file)
            self._saved = head

    def _canonical(self, blocks: list[Any]) -> list[Any]:
        """Only the chain's own blocks, of all that anvil remembers.

        It remembers those that were taken back too, and the first block it made at each start
        before it read its state. Of two with one number it would believe in either.
        """
        numbers = Counter(int(block["header"]["number"], 16) for block in blocks)
        twice = [number for number, count in numbers.items() if count > 1]
        known = zip(twice, self._node.blocks(twice), strict=True)
        hashes = {number: block.block_hash for number, block in known if block is not None}
        return [
            block
            for block in blocks
            if (number := int(block["header"]["number"], 16)) not in hashes
            or _has_hash(block["header"], hashes[number])
        ]

    def close(self) -> None:
        """Write the state a last time."""
        self._ending.set()
        try:
            self.save()
        except NodeUnavailable as error:
            _log.warning("the network's last state is lost: %s", error)

    def _keep(self) -> None:
        pause = _SAVE_SECONDS
        while not self._ending.wait(pause) and self._process.poll() is None:
            began = time.monotonic()
            try:
                self.save()
            except (NodeUnavailable, NodeRefused, OSError) as error:
                _log.warning("the network's state is not written: %s", error)
            pause = max(_SAVE_SECONDS, _SAVE_SHARE * (time.monotonic() - began))


def _has_hash(header: Mapping[str, Any], hash_: str) -> bool:
    try:
        header_from_rpc({**header, "hash": hash_})
    except HeaderMismatch:
        return False
    return True


@dataclass
class EmbeddedNetwork:
    """A running anvil.

    Attributes:
        url: Where it answers.
        process: The process; ours to stop.
        state: Where its state is kept, if anywhere.
    """

    url: str
    process: subprocess.Popen[bytes]
    state: StateFile | None = None

    def save(self) -> None:
        """Write its state now: what has happened so far survives whatever comes."""
        if self.state is not None:
            self.state.save()

    def stop(self) -> None:
        """End it, once its state is written."""
        if self.state is not None and self.process.poll() is None:
            self.state.close()
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
    """Start anvil with free gas; its state is read from `state_file` and kept there.

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
    if state_file is not None and state_file.exists():
        command += ["--load-state", str(state_file)]
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
    if state_file is not None:
        network.state = StateFile(state_file, network.url, process)
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
