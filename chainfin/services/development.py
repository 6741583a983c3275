"""The embedded network made ready: contracts, keeper, a settlement bank with deposits.

Each step asks the chain first, so that an interrupted start goes on where it stopped.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlmodel import Session

from chainfin.chain.client import Node
from chainfin.chain.deployment import Deployment, find_deployment, save_deployment
from chainfin.chain.network import Network
from chainfin.chain.transactor import send_and_wait
from chainfin.client.development import (
    MAPPED_ROLES,
    development_admission,
    load_seed,
)
from chainfin.codec.hashing import from_hash
from chainfin.domain.participant import KeyRole
from chainfin.domain.service_errors import WrongGenesis
from chainfin.services.context import Caller, Context
from chainfin.services.deployment import deploy, deploy_deposit, establish_council
from chainfin.services.onboarding import admission_calls
from chainfin.services.service_keys import KEEPER_ROLE, OPERATOR, ServiceKeys

KEEPER_NAME = OPERATOR
BANK_NAME = "Chainfin Development Bank"
DEPOSITS = ("CNY", "GBP", "EUR", "USD")

Progress = Callable[[str], None]


def prepare_network(
    session: Session,
    *,
    home: Path,
    node: Node,
    keys: ServiceKeys,
    now: int,
    progress: Progress = lambda _: None,
) -> Deployment:
    """Make an embedded network ready for participants; what is there already stays."""
    try:
        deployment = find_deployment(home, node)
    except WrongGenesis:
        deployment = deploy(node, keys.relayer, key_delay_seconds=0, progress=progress)
        save_deployment(home, deployment)
    seed = load_seed(home)
    admissions = [
        development_admission(
            seed, deployment.domain, KEEPER_NAME, kinds=["keeper"], key_roles=_KEEPER_KEYS
        ),
        development_admission(seed, deployment.domain, BANK_NAME, kinds=["settlement_bank"]),
    ]
    network = Network(node, deployment)
    context = Context(session, network, None, now)
    numbers = [_admit(context, keys, admission) for admission in admissions]
    progress("keeper and settlement bank")
    for currency in DEPOSITS[len(deployment.deposits) :]:
        network = Network(node, deployment)
        deployment = deploy_deposit(
            network,
            keys.relayer,
            bank=numbers[1],
            currency=currency,
            name=f"{BANK_NAME} deposit {currency}",
            symbol=f"d{currency}",
        )
        save_deployment(home, deployment)
        progress(f"deposit {currency}")
    if "Council" not in deployment.addresses:
        # A Council of one, beside the operator: decisions can be tried, nothing waits for them.
        deployment = establish_council(
            Network(node, deployment),
            keys.relayer,
            members=[numbers[1]],
            threshold=1,
            delay_seconds=0,
            governs_alone=False,
        )
        save_deployment(home, deployment)
        progress("Council")
    return deployment


_KEEPER_KEYS = {**MAPPED_ROLES, KEEPER_ROLE: KeyRole.KEEPER}


def _admit(context: Context, keys: ServiceKeys, admission: Mapping[str, Any]) -> int:
    """Admit one organisation without a worker; returns its number."""
    identity = from_hash(admission["identity"])
    read = context.network.read
    number = int(read("ParticipantRegistry", "organisationOfIdentity", [identity]))
    calls = admission_calls(context, Caller(0, reads_all=True), [admission])
    if number:
        return number
    for contract, data in calls:
        send_and_wait(context.network.node, keys.relayer, contract, data)
    return int(read("ParticipantRegistry", "organisationOfIdentity", [identity]))
