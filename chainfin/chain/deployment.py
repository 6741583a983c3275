"""Where the contracts of one network are, and proof that it is that network and that code.

One file per chain, `<home>/deployments/<chain id>-<first 8 of genesis>.json`, written by
`chainfin deploy`. A service refuses to start on a chain whose genesis or code differs.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.client import Node
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.typed_data import Domain
from chainfin.domain.service_errors import WrongChain, WrongGenesis, WrongNetworkContracts

DOMAIN_NAME = "chainfin"
DOMAIN_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one network.

    Attributes:
        chain_id: EIP-155 id.
        genesis_hash: Hash of block 0.
        start_block: The block before the first deployment: nothing of ours is older.
        domain_salt: The EIP-712 domain's salt, a block hash.
        key_delay_seconds: How long a new key waits before it acts.
        addresses: Contract name to lower-case address; tokenised deposits are apart.
        code_hashes: Contract name to the hash of its code with immutables zeroed.
        deposits: Addresses of admitted tokenised deposits.
        administrator: The account that administers beside the Council or in its place; None once
            the Council governs alone.
    """

    chain_id: int
    genesis_hash: str
    start_block: int
    domain_salt: str
    key_delay_seconds: int
    addresses: dict[str, str]
    code_hashes: dict[str, str]
    deposits: tuple[str, ...] = ()
    administrator: str | None = None

    def address(self, contract: str) -> str:
        """The address of a contract.

        Raises:
            WrongNetworkContracts: This deployment has none of that name.
        """
        try:
            return self.addresses[contract]
        except KeyError:
            raise WrongNetworkContracts(contract, "nowhere") from None

    @property
    def domain(self) -> Domain:
        """The one EIP-712 domain of the system."""
        return Domain(
            name=DOMAIN_NAME,
            version=DOMAIN_VERSION,
            chain_id=self.chain_id,
            verifying_contract=self.address("ParticipantRegistry"),
            salt=from_hex(self.domain_salt),
        )

    @property
    def contracts_by_address(self) -> dict[str, str]:
        """Address to contract name, deposits included."""
        fixed = {address: name for name, address in self.addresses.items()}
        return fixed | dict.fromkeys(self.deposits, "TokenisedDeposit")

    def to_json(self) -> dict[str, Any]:
        """As the deployment file holds it."""
        return asdict(self) | {"deposits": list(self.deposits)}


def deployment_path(home: Path, chain_id: int, genesis_hash: str) -> Path:
    """Where the file of a network lies."""
    return home / "deployments" / f"{chain_id}-{genesis_hash[2:10]}.json"


def save_deployment(home: Path, deployment: Deployment) -> Path:
    """Write the file whole or not at all."""
    path = deployment_path(home, deployment.chain_id, deployment.genesis_hash)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(deployment.to_json(), indent=1, sort_keys=True) + "\n")
    partial.replace(path)
    return path


def load_deployment(path: Path) -> Deployment:
    """Read a deployment file."""
    document = json.loads(path.read_text())
    return Deployment(**(document | {"deposits": tuple(document["deposits"])}))


def find_deployment(home: Path, node: Node) -> Deployment:
    """The deployment of the network a node is on.

    Raises:
        WrongGenesis: This home knows no deployment on that network.
    """
    chain_id, genesis_hash = node.chain_id(), node.genesis_hash()
    path = deployment_path(home, chain_id, genesis_hash)
    if not path.exists():
        known = sorted(entry.stem for entry in path.parent.glob("*.json"))
        raise WrongGenesis(", ".join(known) or "no deployment", path.stem)
    return load_deployment(path)


def check_deployment(node: Node, deployment: Deployment) -> None:
    """Refuse a node that is on another network, or has other code at our addresses.

    Raises:
        WrongChain: The chain id differs.
        WrongGenesis: The first block differs.
        WrongNetworkContracts: The code at an address is not ours.
    """
    if node.chain_id() != deployment.chain_id:
        raise WrongChain(deployment.chain_id, node.chain_id())
    if node.genesis_hash() != deployment.genesis_hash:
        raise WrongGenesis(deployment.genesis_hash, node.genesis_hash())
    for name, address in deployment.addresses.items():
        code_hash = to_hex(load_artifact(name).code_hash(node.code(address)))
        if code_hash != deployment.code_hashes[name]:
            raise WrongNetworkContracts(name, address)
