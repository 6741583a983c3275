"""What an operator asks of the service itself."""

from typing import Any

from chainfin.chain.deployment import Deployment
from chainfin.chain.embedded import move_clock
from chainfin.domain.service_errors import DevelopmentOnly
from chainfin.services.context import Caller, Context


def network_view(deployment: Deployment) -> dict[str, Any]:
    """What a wallet pins: chain, domain, addresses."""
    domain = deployment.domain
    return {
        "chain_id": deployment.chain_id,
        "genesis_hash": deployment.genesis_hash,
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chain_id": domain.chain_id,
            "verifying_contract": domain.verifying_contract,
            "salt": deployment.domain_salt,
        },
        "addresses": deployment.addresses,
        "deposits": list(deployment.deposits),
    }


def readiness(context: Context) -> dict[str, Any]:
    """How far the index is behind the node's head."""
    as_of, head = context.as_of(), context.network.node.head()
    return {
        "status": "ok",
        "as_of": {"block_number": as_of.block_number, "block_hash": as_of.block_hash},
        "head": {"block_number": head.number, "block_timestamp": head.timestamp},
        "lag_blocks": head.number - as_of.block_number,
    }


def move_network_clock(
    context: Context, caller: Caller, instant_at: int, *, is_embedded: bool
) -> dict[str, Any]:
    """Mine a block at a later instant, on the embedded network only.

    Raises:
        DevelopmentOnly: This is no embedded network.
        RightRequired: Only its operator moves time.
    """
    if not is_embedded:
        raise DevelopmentOnly("simulations/clock")
    caller.require_operator()
    move_clock(context.network.node, instant_at)
    return {"block_timestamp": context.network.node.head().timestamp}
