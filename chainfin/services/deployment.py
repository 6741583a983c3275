"""Deploy the contracts to a network, wire them, and verify the wiring. The production path.

Companions are constants of the ledger, so their addresses are computed before they exist: an
account's contracts have addresses that follow from its nonce.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.calls import calldata, read
from chainfin.chain.client import Node
from chainfin.chain.deployment import Deployment
from chainfin.chain.network import Network
from chainfin.chain.transactor import created_address, send_and_wait
from chainfin.codec import rlp
from chainfin.codec.abi import encode_constructor
from chainfin.codec.hashing import from_address, keccak, to_address, to_hex
from chainfin.codec.signers import Signer
from chainfin.domain.money import exponent_of
from chainfin.domain.service_errors import WrongNetworkContracts

Progress = Callable[[str], None]

_IN_ORDER = (
    "AccessManager",
    "ParticipantRegistry",
    "DocumentRegistry",
    "TransferRules",
    "ReceivableLedger",
    "Issuance",
    "FinancingMarket",
    "Settlement",
    "LedgerLens",
)
_VENUES = ("Issuance", "ReceivableLedger", "FinancingMarket", "Settlement")


@dataclass(frozen=True, slots=True)
class _Deployer:
    node: Node
    signer: Signer
    progress: Progress

    def create(self, name: str, arguments: Sequence[Any]) -> str:
        artifact = load_artifact(name)
        data = artifact.bytecode + encode_constructor(artifact.interface, arguments)
        receipt = send_and_wait(self.node, self.signer, None, data)
        self.progress(name)
        return created_address(receipt)

    def act(self, contract: str, address: str, function: str, arguments: Sequence[Any]) -> None:
        send_and_wait(self.node, self.signer, address, calldata(contract, function, arguments))


def contract_address(sender: str, nonce: int) -> str:
    """The address of the contract an account creates with a nonce (CREATE)."""
    encoded = rlp.encode([from_address(sender), rlp.encode_integer(nonce)])
    return to_address(keccak(encoded)[12:])


def deploy(
    node: Node, signer: Signer, *, key_delay_seconds: int, progress: Progress = lambda _: None
) -> Deployment:
    """Deploy and wire every contract, then check it.

    Args:
        node: A node of the network.
        signer: The deployer: holds the administration until it is handed to the Council.
        key_delay_seconds: How long a newly registered key waits before it acts.
        progress: Told the name of each contract as it is there.

    Raises:
        WrongNetworkContracts: What stands on chain is not what was wired.
        NodeUnavailable: The network does not answer.
    """
    deployer = _Deployer(node, signer, progress)
    start = node.head()
    first_nonce = node.transaction_count(signer.address)
    planned = {
        name: contract_address(signer.address, first_nonce + place)
        for place, name in enumerate(_IN_ORDER)
    }
    for name, arguments in _constructor_arguments(planned, signer.address, key_delay_seconds):
        created = deployer.create(name, arguments)
        if created != planned[name]:
            raise WrongNetworkContracts(name, created)
    registry = planned["ParticipantRegistry"]
    for name in _VENUES:
        deployer.act("ParticipantRegistry", registry, "admitVenue", [planned[name]])
    issuance = planned["Issuance"]
    deployer.act("DocumentRegistry", planned["DocumentRegistry"], "admitIssuer", [issuance])
    salt = read(node, "ParticipantRegistry", registry, "domainSalt", [], "latest")
    deployment = Deployment(
        chain_id=node.chain_id(),
        genesis_hash=node.genesis_hash(),
        start_block=start.number,
        domain_salt=to_hex(salt),
        key_delay_seconds=key_delay_seconds,
        addresses=planned,
        code_hashes={name: _code_hash(node, name, planned[name]) for name in _IN_ORDER},
    )
    verify_wiring(Network(node, deployment))
    return deployment


def _constructor_arguments(
    planned: Mapping[str, str], administrator: str, key_delay_seconds: int
) -> list[tuple[str, list[Any]]]:
    manager, registry = planned["AccessManager"], planned["ParticipantRegistry"]
    documents, rules = planned["DocumentRegistry"], planned["TransferRules"]
    ledger = planned["ReceivableLedger"]
    companions = [planned[name] for name in ("Issuance", "FinancingMarket", "Settlement")]
    return [
        ("AccessManager", [administrator]),
        ("ParticipantRegistry", [manager, key_delay_seconds]),
        ("DocumentRegistry", [manager, registry]),
        ("TransferRules", [registry]),
        ("ReceivableLedger", [manager, registry, *companions]),
        ("Issuance", [registry, documents, ledger, rules]),
        ("FinancingMarket", [registry, ledger]),
        ("Settlement", [ledger]),
        ("LedgerLens", [ledger]),
    ]


def verify_wiring(network: Network) -> None:
    """Read every link between the contracts back from the chain.

    Raises:
        WrongNetworkContracts: A link or the code at an address is not as deployed.
    """
    addresses = network.deployment.addresses
    links = [
        ("ParticipantRegistry", "authority", "AccessManager"),
        ("DocumentRegistry", "authority", "AccessManager"),
        ("DocumentRegistry", "registry", "ParticipantRegistry"),
        ("TransferRules", "registry", "ParticipantRegistry"),
        ("ReceivableLedger", "authority", "AccessManager"),
        ("ReceivableLedger", "registry", "ParticipantRegistry"),
        ("ReceivableLedger", "issuance", "Issuance"),
        ("ReceivableLedger", "market", "FinancingMarket"),
        ("ReceivableLedger", "settlement", "Settlement"),
        ("Issuance", "registry", "ParticipantRegistry"),
        ("Issuance", "documents", "DocumentRegistry"),
        ("Issuance", "ledger", "ReceivableLedger"),
        ("Issuance", "transferRules", "TransferRules"),
        ("FinancingMarket", "registry", "ParticipantRegistry"),
        ("FinancingMarket", "ledger", "ReceivableLedger"),
        ("Settlement", "ledger", "ReceivableLedger"),
        ("LedgerLens", "ledger", "ReceivableLedger"),
    ]
    for contract, link, expected in links:
        if network.read(contract, link) != addresses[expected]:
            raise WrongNetworkContracts(f"{contract}.{link}", addresses[contract])
    for name, address in addresses.items():
        artifact = load_artifact(name)
        if artifact.code_hash(network.node.code(address)) != artifact.code_hash(
            artifact.deployed_bytecode
        ):
            raise WrongNetworkContracts(name, address)
    for name in _VENUES:
        if not network.read("ParticipantRegistry", "isVenue", [addresses[name]]):
            raise WrongNetworkContracts(f"ParticipantRegistry.isVenue({name})", addresses[name])
    if not network.read("DocumentRegistry", "isIssuer", [addresses["Issuance"]]):
        raise WrongNetworkContracts("DocumentRegistry.isIssuer", addresses["Issuance"])


def deploy_deposit(
    network: Network, signer: Signer, *, bank: int, currency: str, name: str, symbol: str
) -> Deployment:
    """Deploy a settlement bank's tokenised deposit in one currency and admit it.

    Args:
        network: Where.
        signer: The administration.
        bank: The settlement bank's organisation number.
        currency: ISO 4217 code.
        name: The token's name as ERC-20 shows it.
        symbol: Its symbol.

    Returns:
        The deployment with the deposit added; the caller saves it.
    """
    addresses = network.deployment.addresses
    deployer = _Deployer(network.node, signer, lambda _: None)
    created = deployer.create(
        "TokenisedDeposit",
        [
            addresses["ParticipantRegistry"],
            addresses["FinancingMarket"],
            addresses["Settlement"],
            bank,
            currency.encode(),
            exponent_of(currency),
            name,
            symbol,
        ],
    )
    deployer.act("ParticipantRegistry", addresses["ParticipantRegistry"], "admitVenue", [created])
    return replace(network.deployment, deposits=(*network.deployment.deposits, created))


def _code_hash(node: Node, name: str, address: str) -> str:
    return to_hex(load_artifact(name).code_hash(node.code(address)))
