"""The hand-over to a Council of three: the deployer keeps nothing, two of three decide."""

import pytest

from chainfin.chain.calls import calldata
from chainfin.chain.client import Node
from chainfin.chain.network import Network
from chainfin.chain.transactor import send_and_wait
from chainfin.client.development import MAPPED_ROLES, development_admission, development_key
from chainfin.codec.decisions import decision_id
from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import approval_argument, order_hash
from chainfin.codec.signers import LocalSigner
from chainfin.codec.typed_data import digest
from chainfin.domain.names import normalise_name
from chainfin.domain.order import Approval, nonce_of
from chainfin.domain.participant import ParticipantStatus
from chainfin.domain.refusals import AccessManagedUnauthorized, DecisionNotReady
from chainfin.services.context import read_fields
from chainfin.services.deployment import deploy, establish_council, verify_wiring
from chainfin.services.onboarding import AdmissionFields, admission_argument

DEPLOYER = LocalSigner(b"\x07" * 32)
SEED = b"\x05" * 32
MEMBERS = ("First Bank", "Second Bank", "Third Bank")
DELAY = 7_200
SALT = bytes(32)


def test_council__established__alone_restricts_at_once_and_loosens_after_its_delay(
    node: Node,
) -> None:
    network = _governed(node)
    registry = network.deployment.address("ParticipantRegistry")
    blocked = calldata("ParticipantRegistry", "restrictParticipant", [3, ParticipantStatus.BLOCKED])
    admitted = calldata(
        "ParticipantRegistry", "reinstateParticipant", [3, ParticipantStatus.ADMITTED]
    )

    with pytest.raises(AccessManagedUnauthorized):
        node.call(registry, blocked, sender=DEPLOYER.address)
    _decide(network, registry, blocked)
    assert network.read("ParticipantRegistry", "statusOf", [3]) == ParticipantStatus.BLOCKED
    _decide(network, registry, admitted)
    assert network.read("ParticipantRegistry", "statusOf", [3]) == ParticipantStatus.BLOCKED

    execution = calldata("Council", "execute", [registry, admitted, SALT])
    council = network.deployment.address("Council")
    with pytest.raises(DecisionNotReady):
        node.call(council, execution)
    node.request("evm_increaseTime", [DELAY])
    node.request("evm_mine")
    send_and_wait(node, DEPLOYER, council, execution)
    assert network.read("ParticipantRegistry", "statusOf", [3]) == ParticipantStatus.ADMITTED
    decision = decision_id(registry, admitted, SALT)
    assert network.read("Council", "decision", [decision])["status"] == 3
    assert to_hex(network.read("Council", "idOf", [registry, admitted, SALT])) == to_hex(decision)


def _governed(node: Node) -> Network:
    """A network of three banks that the deployer has handed over."""
    deployment = deploy(node, DEPLOYER, key_delay_seconds=0)
    network = Network(node, deployment)
    entries = [
        development_admission(SEED, deployment.domain, name, kinds=["settlement_bank"])
        for name in MEMBERS
    ]
    admissions = [admission_argument(read_fields(AdmissionFields, entry)) for entry in entries]
    registry = deployment.address("ParticipantRegistry")
    data = calldata("ParticipantRegistry", "admitParticipants", [admissions])
    send_and_wait(node, DEPLOYER, registry, data)
    governed = establish_council(
        network, DEPLOYER, members=[1, 2, 3], threshold=2, delay_seconds=DELAY, governs_alone=True
    )
    assert governed.administrator is None
    verify_wiring(Network(node, governed))
    return Network(node, governed)


def _decide(network: Network, subject: str, data: bytes) -> None:
    for organisation in (1, 2):
        owner = normalise_name(MEMBERS[organisation - 1])
        keys = [development_key(SEED, owner, role) for role in MAPPED_ROLES]
        message = {
            "target": network.deployment.address("Council"),
            "organisation": organisation,
            "nonce": nonce_of(keys[0].address, int.from_bytes(data[-8:], "big") + len(data)),
            "deadline": network.node.head().timestamp + 3_600,
            "subject": subject,
            "salt": SALT,
            "inFavour": True,
            "data": data,
        }
        signed = digest(network.deployment.domain, order_hash("CouncilVote", message))
        approvals = [approval_argument(Approval(key.address, key.sign(signed))) for key in keys]
        call = calldata("Council", "vote", [message, approvals])
        send_and_wait(network.node, DEPLOYER, network.deployment.address("Council"), call)
