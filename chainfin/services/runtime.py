"""What a process of the service lives on: database, network, decoder, keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from chainfin.chain.artifacts import INDEXED_CONTRACTS, load_artifact
from chainfin.chain.deployment import (
    Deployment,
    check_deployment,
    deployment_path,
    find_deployment,
)
from chainfin.chain.failover import FailoverNode
from chainfin.chain.network import Network
from chainfin.codec.events import EventDecoder
from chainfin.domain.service_errors import WrongGenesis
from chainfin.models.chain_index import bind_chain
from chainfin.models.participants import get_key
from chainfin.models.schema import create_tables, require_shape
from chainfin.models.session import create_engine_for
from chainfin.services.context import Context, DraftNumbers, Keeper
from chainfin.services.service_keys import ServiceKeys


@dataclass(frozen=True, slots=True)
class Runtime:
    """What lives as long as the process.

    Attributes:
        engine: The database.
        network: The chain.
        decoder: The events of this network's contracts.
        keys: The operator's keys; None for a process that only reads.
        numbers: What this process has put into drafts.
    """

    engine: Engine
    network: Network
    decoder: EventDecoder
    keys: ServiceKeys | None
    numbers: DraftNumbers = field(default_factory=DraftNumbers)

    def context(self, session: Session, now: int) -> Context:
        """A unit of work on a session; `now` is the wall's clock."""
        return Context(session, self.network, self._find_keeper, now, self.numbers)

    def _find_keeper(self, session: Session) -> Keeper | None:
        if self.keys is None:
            return None
        entry = get_key(session, self.keys.keeper.address)
        if entry is None:
            return None
        keys = self.keys
        return Keeper(entry.organisation, keys.keeper, keys.fingerprint_keys, keys.document_key)


def open_runtime(
    *,
    home: Path,
    rpc_urls: Sequence[str],
    rpc_timeout_seconds: float,
    rpc_token: str,
    database_url: str,
    keys: ServiceKeys | None,
) -> Runtime:
    """Connect to node and database, and refuse the wrong node; `bind` refuses the wrong database.

    Args:
        home: Where the deployment files are.
        rpc_urls: The network's endpoints, the preferred one first.
        rpc_timeout_seconds: How long an endpoint may take before the next one is asked.
        rpc_token: What the endpoints ask for, if they do.
        database_url: As `create_engine_for` reads it.
        keys: The operator's; None for a process that only reads.

    Raises:
        WrongChain, WrongGenesis, WrongNetworkContracts: The node is on another network.
        NodeUnavailable: The node does not answer.
        DatabaseNeedsMigration, DatabaseRevisionUnknown: Another release made the database.
    """
    node = FailoverNode(rpc_urls, rpc_timeout_seconds, token=rpc_token)
    deployment = find_deployment(home, node)
    node.pin(partial(check_deployment, deployment=deployment))
    engine = create_engine_for(database_url)
    require_shape(engine)
    create_tables(engine)
    network = Network(node, deployment)
    return Runtime(engine, network, event_decoder(deployment), keys)


def reopen_runtime(runtime: Runtime, home: Path) -> Runtime:
    """The runtime with the deployment as its file has it now: there may be a further deposit.

    Raises:
        WrongNetworkContracts: The code at an address is not ours.
        NodeUnavailable: The node does not answer.
    """
    node = runtime.network.node
    deployment = find_deployment(home, node)
    if deployment == runtime.network.deployment:
        return runtime
    node.pin(partial(check_deployment, deployment=deployment))
    return replace(runtime, network=Network(node, deployment), decoder=event_decoder(deployment))


class DeploymentFile:
    """The file that names a network's contracts, watched for a change."""

    def __init__(self, home: Path, deployment: Deployment) -> None:
        """Watch the file a deployment was read from."""
        self._path = deployment_path(home, deployment.chain_id, deployment.genesis_hash)
        self._written_at = self._path.stat().st_mtime_ns

    def has_changed(self) -> bool:
        """Whether it was written since it was last asked for."""
        before, self._written_at = self._written_at, self._path.stat().st_mtime_ns
        return before != self._written_at


def event_decoder(deployment: Deployment) -> EventDecoder:
    """Reads the events of a deployment's contracts."""
    abis = {name: load_artifact(name).abi for name in INDEXED_CONTRACTS}
    addresses = {
        address: name
        for address, name in deployment.contracts_by_address.items()
        if name in INDEXED_CONTRACTS
    }
    return EventDecoder(abis, addresses)


def bind(session: Session, network: Network) -> None:
    """Bind an empty database to its network, or check that it is bound to this one.

    Raises:
        DatabaseOfAnotherChain: It is bound to another network, or to other contracts.
    """
    deployment = network.deployment
    start = network.node.block(deployment.start_block)
    if start is None:
        raise WrongGenesis(deployment.genesis_hash, "a chain shorter than the deployment")
    bind_chain(
        session,
        chain_id=deployment.chain_id,
        genesis_hash=deployment.genesis_hash,
        registry=deployment.address("ParticipantRegistry"),
        start=start,
    )
