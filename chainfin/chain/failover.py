"""Several endpoints of one network, one of them in use; never back in time, never another network.

An endpoint is used until it fails or falls behind. The next one must be fit first:

    same network     chain id, first block, and the code of our contracts
    not syncing      as it says itself
    not behind       its head is at least the highest block this process has seen or indexed;
                     asked only where there is another one to go to

What was silent is proven again before it is believed: by now another network may answer there. A
fork among fit endpoints is the indexer's to judge, which compares hashes. A read goes to the next
endpoint at once; a broadcast does not, because the caller looks up by hash what became of it.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from chainfin.chain.client import Check, Node, RpcError
from chainfin.domain.errors import ChainfinError
from chainfin.domain.events import BlockRef
from chainfin.domain.service_errors import (
    NodeBehind,
    NodeRefused,
    NodeUnavailable,
    WrongChain,
    WrongGenesis,
    WrongNetworkContracts,
)

CHECK_SECONDS = 5.0
"""How often all endpoints are compared, beside the work."""
MOST_LAG_BLOCKS = 3
"""An endpoint that is further behind the best one is left."""
_PROBE_SECONDS = 2.0
_UNFIT = (NodeUnavailable, NodeRefused, NodeBehind)
_IDENTITY = (WrongChain, WrongGenesis, WrongNetworkContracts)
_QUESTIONS: list[tuple[str, list[Any]]] = [
    ("eth_chainId", []),
    ("eth_getBlockByNumber", ["0x0", False]),
    ("eth_getBlockByNumber", ["latest", False]),
]

_log = logging.getLogger(__name__)


class FailoverNode(Node):
    """A network behind one or several endpoints. Safe to use from several threads."""

    def __init__(
        self, urls: Sequence[str], timeout_seconds: float = 30, *, token: str = ""
    ) -> None:
        """Name the endpoints, the preferred one first; nothing is sent yet."""
        super().__init__(urls[0], timeout_seconds, token=token)
        self._endpoints = [Node(url, timeout_seconds, token=token) for url in urls]
        # Kept: to make a client reads every certificate of the machine, for 20 ms.
        self._probes = {url: Node(url, token=token) for url in urls}
        self._current: Node | None = None
        self._network: tuple[int, str] | None = None
        self._check: Check | None = None
        self._proven: set[str] = set()
        self._seen = 0
        self._lock = threading.RLock()
        self._compare_at = time.monotonic() + CHECK_SECONDS

    def pin(self, check: Check) -> None:
        """Hold every endpoint to a network's contracts, those in use at once.

        Raises:
            WrongChain, WrongGenesis, WrongNetworkContracts: An endpoint that answers is on
                another network.
            NodeUnavailable: None is fit.
        """
        with self._lock:
            self._check, self._current = check, None
            self._proven.clear()
            for endpoint in self._endpoints:
                try:
                    self._prove(endpoint)
                except _UNFIT as error:
                    _log.warning("%s is not fit: %s", endpoint.url, error)
            self._fit()

    def at_least(self, number: int) -> None:
        """From now on only endpoints that have reached a block: rows of it were shown."""
        self._seen = max(self._seen, number)

    def head(self) -> BlockRef:
        """The newest block."""
        found = super().head()
        self.at_least(found.number)
        return found

    def ask(self, body: Any) -> bytes:
        """The bytes of an answer, of the endpoint in use; of the next fit one if it is silent.

        Raises:
            NodeUnavailable: No endpoint is fit, or a broadcast got no answer.
            WrongChain, WrongGenesis, WrongNetworkContracts: The only one left is another network.
        """
        self._compare_when_due()
        for _ in self._endpoints:
            endpoint = self._fit()
            endpoint.timeout_seconds = self.timeout_seconds
            try:
                return endpoint.ask(body)
            except NodeUnavailable as error:
                self._leave(endpoint, str(error))
                if _is_broadcast(body):
                    raise
        raise NodeUnavailable("no endpoint answers")

    # --- which one

    def _fit(self) -> Node:
        """The endpoint in use; if it is not trusted any more, the next one that is fit."""
        current = self._current
        if current is not None:
            return current
        with self._lock:
            if self._current is None:
                self._current = self._first_fit()
                self.url = self._current.url
            return self._current

    def _first_fit(self) -> Node:
        refusal: ChainfinError | None = None
        for endpoint in self._endpoints:
            try:
                self._prove(endpoint)
            except _IDENTITY as error:
                _log.error("%s is of another network: %s", endpoint.url, error)
                refusal = error
            except _UNFIT as error:
                _log.warning("%s is not fit: %s", endpoint.url, error)
            else:
                return endpoint
        raise refusal or NodeUnavailable("no endpoint is fit")

    def _leave(self, endpoint: Node, why: str) -> None:
        with self._lock:
            if self._current is endpoint:
                self._current = None
                self._proven.discard(endpoint.url)
                # The one that was left is tried last.
                self._endpoints.remove(endpoint)
                self._endpoints.append(endpoint)
                _log.warning("%s is left: %s", endpoint.url, why)

    def _prove(self, endpoint: Node) -> int:
        """Refuse an endpoint that is not fit; answers its head."""
        probe = self._probes[endpoint.url]
        probe.timeout_seconds = min(self.timeout_seconds, _PROBE_SECONDS)
        chain_id, first, head = probe.batch(_QUESTIONS)
        self._require_network(int(chain_id, 16), str(first["hash"]))
        syncing = probe.send("eth_syncing", [])
        if syncing and not isinstance(syncing, RpcError):
            raise NodeUnavailable("it is still syncing")
        number = int(head["number"], 16)
        if number < self._seen and len(self._endpoints) > 1:
            raise NodeBehind(number, self._seen)
        if self._check is not None and endpoint.url not in self._proven:
            self._check(probe)
            self._proven.add(endpoint.url)
        return number

    def _require_network(self, chain_id: int, first_hash: str) -> None:
        if self._network is None:
            self._network = (chain_id, first_hash)
        if chain_id != self._network[0]:
            raise WrongChain(self._network[0], chain_id)
        if first_hash != self._network[1]:
            raise WrongGenesis(self._network[1], first_hash)

    # --- comparing, beside the work

    def _compare_when_due(self) -> None:
        if time.monotonic() < self._compare_at:
            return
        self._compare_at = time.monotonic() + CHECK_SECONDS
        threading.Thread(target=self.compare, daemon=True).start()

    def compare(self) -> None:
        """Prove every endpoint anew; leave the one in use if it is not fit or behind the best."""
        heads: dict[str, int] = {}
        faults: dict[str, str] = {}
        for endpoint in list(self._endpoints):
            try:
                heads[endpoint.url] = self._prove(endpoint)
            except ChainfinError as error:
                faults[endpoint.url] = str(error)
        current = self._current
        if current is None:
            return
        best, mine = max(heads.values(), default=0), heads.get(current.url)
        if mine is None:
            self._leave(current, faults[current.url])
        elif mine < best - MOST_LAG_BLOCKS:
            self._leave(current, f"it is at block {mine}, another one at {best}")


def _is_broadcast(body: Any) -> bool:
    calls = body if isinstance(body, list) else [body]
    return any(call["method"] == "eth_sendRawTransaction" for call in calls)
