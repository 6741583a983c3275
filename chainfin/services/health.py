"""Whether the service can do its work, and figures about it for a collector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chainfin.domain.errors import ChainfinError
from chainfin.domain.service_errors import NodeRefused, NodeUnavailable
from chainfin.models.leases import leased_relayers
from chainfin.models.orders import count_by_status, count_waiting
from chainfin.models.relay import highest_relayed_nonce, oldest_under_way, under_way
from chainfin.models.webhooks import count_pending
from chainfin.services.context import Context

HALT_SECONDS = 60
"""A transaction that no block takes for so long: the chain stands still, or its node does."""
_AWAY = (NodeUnavailable, NodeRefused)


class Readiness(StrEnum):
    """What a load balancer should make of it."""

    OK = "ok"
    DEGRADED = "degraded"
    """Orders are accepted and wait."""
    UNAVAILABLE = "unavailable"
    """Orders are refused: send the requests elsewhere, or later."""


def health(context: Context, outbox_limit: int) -> dict[str, Any]:
    """How the service stands; the database answered, or nobody would hear this.

    Args:
        context: A unit of work that only reads.
        outbox_limit: How many orders may wait.
    """
    as_of = context.as_of()
    waiting = count_waiting(context.session, outbox_limit)
    since = _waiting_seconds(context)
    view: dict[str, Any] = {
        "status": Readiness.OK,
        "as_of": {"block_number": as_of.block_number, "block_hash": as_of.block_hash},
        "outbox": {"waiting": waiting, "limit": outbox_limit, "oldest_seconds": since},
        "reasons": [],
    }
    if since > HALT_SECONDS:
        view["status"] = Readiness.DEGRADED
        view["reasons"].append("no block takes what was sent")
    if waiting >= outbox_limit:
        view["status"] = Readiness.UNAVAILABLE
        view["reasons"].append("the outbox is full")
    try:
        head = context.network.node.head()
    except ChainfinError as error:
        view["status"] = Readiness.UNAVAILABLE
        view["reasons"].append(f"the node: {error.detail()}")
        return view
    return view | {
        "head": {"block_number": head.number, "block_timestamp": head.timestamp},
        "lag_blocks": head.number - as_of.block_number,
    }


def _waiting_seconds(context: Context) -> int:
    """How long the oldest transaction under way waits for its block."""
    oldest = oldest_under_way(context.session)
    return 0 if oldest is None else max(0, context.now - oldest)


# --- figures ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure, or one for each of its labels."""

    name: str
    help: str
    values: Sequence[tuple[Sequence[str], int]]
    labels: Sequence[str] = ()


def measure(context: Context) -> Iterator[Measured]:
    """The state of the system as gauges. While the node is away, those that ask it are absent."""
    session, as_of = context.session, context.as_of()
    relayers = leased_relayers(session)
    statuses = count_by_status(session)
    pairs = [([status], count) for status, count in sorted(statuses.items())]
    yield Measured("orders", "Orders by status", pairs, ["status"])
    yield _one("outbox_orders", "Orders that wait for a block", count_waiting(session, _MANY))
    age = _waiting_seconds(context)
    yield _one("oldest_transaction_seconds", "Age of the oldest one that no block has", age)
    yield _one("index_block", "Last block that was indexed", as_of.block_number)
    yield _one("index_block_seconds", "Its time", as_of.block_timestamp)
    yield _one("webhook_deliveries_pending", "Deliveries to be sent", count_pending(session))
    counts = under_way(session, relayers)
    yield _of_relayers("relayer_under_way", "Transactions no block has", counts, relayers)
    stored = {address: 1 + highest_relayed_nonce(session, address) for address in relayers}
    yield _of_relayers("relayer_next_nonce", "Next nonce, as stored", stored, relayers)
    yield from _of_node(context, relayers)


_MANY = 1_000_000


def _of_node(context: Context, relayers: Sequence[str]) -> Iterator[Measured]:
    node = context.network.node
    try:
        head = node.head()
        nonces = {address: node.transaction_count(address) for address in relayers}
        balances = {address: node.balance(address) for address in relayers}
    except _AWAY:
        yield _one("node_up", "Whether the node answers", 0)
        return
    yield _one("node_up", "Whether the node answers", 1)
    yield _one("head_block", "The node's newest block", head.number)
    lag = head.number - context.as_of().block_number
    yield _one("index_lag_blocks", "How far the index is behind", lag)
    yield _one("clock_drift_seconds", "Wall's clock less the head's", context.now - head.timestamp)
    yield _of_relayers("relayer_chain_nonce", "Nonces used on the chain", nonces, relayers)
    yield _of_relayers("relayer_balance_wei", "Of the network's coin", balances, relayers)


def _one(name: str, help_: str, value: int) -> Measured:
    return Measured(name, help_, [([], value)])


def _of_relayers(name: str, help_: str, found: dict[str, int], relayers: Sequence[str]) -> Measured:
    values = [([address], found.get(address, 0)) for address in relayers]
    return Measured(name, help_, values, ["relayer"])
