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
    "CreditLines",
    "Encumbrances",
    "Funding",
    "LedgerLens",
)
ADMIN_ROLE, GUARD_ROLE = 0, 1
"""OpenZeppelin's AccessManager: who may do everything, after a delay; who may restrict, at once."""
RESTRICTIONS: Mapping[str, Sequence[str]] = {
    "ParticipantRegistry": ("restrictParticipant", "narrowParticipant", "endKey", "pauseVenue"),
}
"""What only takes power away: the administration's functions that need no delay."""
_LINKS = (
    ("ParticipantRegistry", "authority", "AccessManager"),
    ("DocumentRegistry", "authority", "AccessManager"),
    ("DocumentRegistry", "registry", "ParticipantRegistry"),
    ("TransferRules", "registry", "ParticipantRegistry"),
    ("ReceivableLedger", "authority", "AccessManager"),
    ("ReceivableLedger", "registry", "ParticipantRegistry"),
    ("ReceivableLedger", "issuance", "Issuance"),
    ("ReceivableLedger", "market", "FinancingMarket"),
    ("ReceivableLedger", "settlement", "Settlement"),
    ("ReceivableLedger", "encumbrances", "Encumbrances"),
    ("Issuance", "registry", "ParticipantRegistry"),
    ("Issuance", "documents", "DocumentRegistry"),
    ("Issuance", "ledger", "ReceivableLedger"),
    ("Issuance", "transferRules", "TransferRules"),
    ("FinancingMarket", "registry", "ParticipantRegistry"),
    ("FinancingMarket", "ledger", "ReceivableLedger"),
    ("FinancingMarket", "creditLines", "CreditLines"),
    ("FinancingMarket", "funding", "Funding"),
    ("Settlement", "registry", "ParticipantRegistry"),
    ("Settlement", "ledger", "ReceivableLedger"),
    ("CreditLines", "registry", "ParticipantRegistry"),
    ("CreditLines", "ledger", "ReceivableLedger"),
    ("CreditLines", "market", "FinancingMarket"),
    ("Encumbrances", "registry", "ParticipantRegistry"),
    ("Encumbrances", "ledger", "ReceivableLedger"),
    ("Funding", "registry", "ParticipantRegistry"),
    ("Funding", "ledger", "ReceivableLedger"),
    ("Funding", "market", "FinancingMarket"),
    ("LedgerLens", "ledger", "ReceivableLedger"),
    ("Council", "authority", "AccessManager"),
    ("Council", "registry", "ParticipantRegistry"),
)
"""What each contract names, and which one that is."""
_VENUES = (
    "Issuance",
    "ReceivableLedger",
    "FinancingMarket",
    "Settlement",
    "CreditLines",
    "Encumbrances",
    "Funding",
)


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
        administrator=signer.address,
    )
    verify_wiring(Network(node, deployment))
    return deployment


def _constructor_arguments(
    planned: Mapping[str, str], administrator: str, key_delay_seconds: int
) -> list[tuple[str, list[Any]]]:
    manager, registry = planned["AccessManager"], planned["ParticipantRegistry"]
    documents, rules = planned["DocumentRegistry"], planned["TransferRules"]
    ledger = planned["ReceivableLedger"]
    names = ("Issuance", "FinancingMarket", "Settlement", "Encumbrances")
    companions = [planned[name] for name in names]
    return [
        ("AccessManager", [administrator]),
        ("ParticipantRegistry", [manager, key_delay_seconds]),
        ("DocumentRegistry", [manager, registry]),
        ("TransferRules", [registry]),
        ("ReceivableLedger", [manager, registry, *companions]),
        ("Issuance", [registry, documents, ledger, rules]),
        ("FinancingMarket", [registry, ledger, planned["CreditLines"], planned["Funding"]]),
        ("Settlement", [registry, ledger]),
        ("CreditLines", [registry, ledger, planned["FinancingMarket"]]),
        ("Encumbrances", [registry, ledger]),
        ("Funding", [registry, ledger, planned["FinancingMarket"]]),
        ("LedgerLens", [ledger]),
    ]


def establish_council(
    network: Network,
    signer: Signer,
    *,
    members: Sequence[int],
    threshold: int,
    delay_seconds: int,
    governs_alone: bool,
) -> Deployment:
    """Deploy the Council and hand the administration over to it.

    Args:
        network: Where.
        signer: The administration until now.
        members: Organisations that sit in it, by number.
        threshold: How many of them decide.
        delay_seconds: How long what loosens waits; what only restricts never does.
        governs_alone: Whether the signer gives its own role up: always, but on embedded networks.

    Returns:
        The deployment with the Council; the caller saves it.

    Raises:
        CouncilMalformed, MemberRefused: It cannot have these members.
        WrongNetworkContracts: What stands on chain is not what was wired.
    """
    addresses = network.deployment.addresses
    manager, registry = addresses["AccessManager"], addresses["ParticipantRegistry"]
    deployer = _Deployer(network.node, signer, lambda _: None)
    council = deployer.create("Council", [manager, registry, list(members), threshold])
    deployer.act("ParticipantRegistry", registry, "admitVenue", [council])
    for contract, functions in RESTRICTIONS.items():
        interface = load_artifact(contract).interface.functions
        selectors = [interface[function].selector for function in functions]
        arguments = [addresses[contract], selectors, GUARD_ROLE]
        deployer.act("AccessManager", manager, "setTargetFunctionRole", arguments)
    deployer.act("AccessManager", manager, "grantRole", [GUARD_ROLE, council, 0])
    if not governs_alone:
        # Who administers beside the Council restricts as well.
        deployer.act("AccessManager", manager, "grantRole", [GUARD_ROLE, signer.address, 0])
    deployer.act("AccessManager", manager, "grantRole", [ADMIN_ROLE, council, delay_seconds])
    if governs_alone:
        deployer.act("AccessManager", manager, "renounceRole", [ADMIN_ROLE, signer.address])
    deployment = replace(
        network.deployment,
        addresses={**addresses, "Council": council},
        code_hashes={
            **network.deployment.code_hashes,
            "Council": _code_hash(network.node, "Council", council),
        },
        administrator=None if governs_alone else signer.address,
    )
    verify_wiring(Network(network.node, deployment))
    return deployment


def _verify_venues(network: Network) -> None:
    """Whoever asks whether orders are signed is admitted to ask."""
    addresses = network.deployment.addresses
    for name in (*_VENUES, "Council"):
        address = addresses.get(name)  # the Council comes last
        if address and not network.read("ParticipantRegistry", "isVenue", [address]):
            raise WrongNetworkContracts(f"ParticipantRegistry.isVenue({name})", address)


def _verify_administration(network: Network) -> None:
    """The Council holds both roles, and nobody administers beside it who should not."""
    council = network.deployment.addresses["Council"]
    for role in (ADMIN_ROLE, GUARD_ROLE):
        if not network.read("AccessManager", "hasRole", [role, council])["isMember"]:
            raise WrongNetworkContracts(f"AccessManager.hasRole({role})", council)


def verify_wiring(network: Network) -> None:
    """Read every link between the contracts back from the chain.

    Raises:
        WrongNetworkContracts: A link or the code at an address is not as deployed.
    """
    addresses = network.deployment.addresses
    for contract, link, expected in _LINKS:
        # The Council comes last.
        if contract in addresses and network.read(contract, link) != addresses[expected]:
            raise WrongNetworkContracts(f"{contract}.{link}", addresses[contract])
    for name, address in addresses.items():
        artifact = load_artifact(name)
        expected_hash = artifact.code_hash(artifact.deployed_bytecode)
        if artifact.code_hash(network.node.code(address)) != expected_hash:
            raise WrongNetworkContracts(name, address)
    if not network.read("DocumentRegistry", "isIssuer", [addresses["Issuance"]]):
        raise WrongNetworkContracts("DocumentRegistry.isIssuer", addresses["Issuance"])
    _verify_venues(network)
    if "Council" in addresses:
        _verify_administration(network)


def deploy_deposit(
    network: Network, signer: Signer, *, bank: int, currency: str, name: str, symbol: str
) -> Deployment:
    """Deploy a settlement bank's tokenised deposit in one currency and admit it.

    Where the Council governs alone, the admission is its decision (`admit_venue`).

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
            addresses["Funding"],
            addresses["Settlement"],
            bank,
            currency.encode(),
            exponent_of(currency),
            name,
            symbol,
        ],
    )
    if network.deployment.administrator is not None:
        registry = addresses["ParticipantRegistry"]
        deployer.act("ParticipantRegistry", registry, "admitVenue", [created])
    return replace(network.deployment, deposits=(*network.deployment.deposits, created))


def _code_hash(node: Node, name: str, address: str) -> str:
    return to_hex(load_artifact(name).code_hash(node.code(address)))
