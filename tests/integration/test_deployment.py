"""Deployment: what is written down is what stands on chain, and nothing else is accepted."""

from dataclasses import replace
from pathlib import Path

import pytest

from chainfin.chain.calls import calldata
from chainfin.chain.client import Node
from chainfin.chain.deployment import (
    check_deployment,
    find_deployment,
    save_deployment,
)
from chainfin.chain.embedded import start_network
from chainfin.chain.network import Network
from chainfin.codec.hashing import to_hex
from chainfin.codec.signers import LocalSigner
from chainfin.codec.typed_data import domain_separator
from chainfin.domain.refusals import AccessManagedUnauthorized
from chainfin.domain.service_errors import WrongChain, WrongGenesis, WrongNetworkContracts
from chainfin.services.deployment import deploy, verify_wiring
from chainfin.services.programmes import TECHNIQUES

DEPLOYER = LocalSigner(b"\x07" * 32)


def test_deploy__on_a_fresh_chain__wires_and_writes_it_down(node: Node, tmp_path: Path) -> None:
    names: list[str] = []
    deployment = deploy(node, DEPLOYER, key_delay_seconds=0, progress=names.append)

    save_deployment(tmp_path, deployment)
    found = find_deployment(tmp_path, node)

    assert found == deployment
    assert set(names) == set(deployment.addresses)
    check_deployment(node, found)
    verify_wiring(Network(node, found))
    on_chain = Network(node, found).read("ParticipantRegistry", "domainSeparator")
    assert on_chain == domain_separator(found.domain)


def test_deploy__in_a_second_home__is_another_system(node: Node) -> None:
    """Two deployments on one chain have different domains: no signature fits both."""
    first = deploy(node, DEPLOYER, key_delay_seconds=0)
    second = deploy(node, DEPLOYER, key_delay_seconds=0)

    assert domain_separator(first.domain) != domain_separator(second.domain)


@pytest.mark.fault("F20", "twin network of the same chain id")
def test_twin_network__with_the_same_chain_id__has_another_domain(node: Node) -> None:
    """F20: the salt is the parent block's hash, so a twin refuses every order."""
    other = start_network(None)
    try:
        twin = Node(other.url)
        twin.request("evm_mine")
        ours = deploy(node, DEPLOYER, key_delay_seconds=0)
        theirs = deploy(twin, DEPLOYER, key_delay_seconds=0)

        assert ours.chain_id == theirs.chain_id
        assert domain_separator(ours.domain) != domain_separator(theirs.domain)
    finally:
        other.stop()


@pytest.mark.fault("F19", "other chain id, genesis or code")
def test_check__of_another_chain__is_refused_by_name(node: Node) -> None:
    """F19: another chain id, another genesis, other code."""
    deployment = deploy(node, DEPLOYER, key_delay_seconds=0)
    swapped = deployment.addresses | {"Settlement": deployment.addresses["Issuance"]}

    for wrong, refusal in (
        (replace(deployment, chain_id=1), WrongChain),
        (replace(deployment, genesis_hash=to_hex(bytes(32))), WrongGenesis),
        (replace(deployment, addresses=swapped), WrongNetworkContracts),
    ):
        with pytest.raises(refusal):
            check_deployment(node, wrong)


def test_find__without_a_deployment__says_what_is_known(node: Node, tmp_path: Path) -> None:
    with pytest.raises(WrongGenesis):
        find_deployment(tmp_path, node)


def test_administration__asked_by_a_stranger__is_refused(node: Node) -> None:
    """AUTHORITY: only the administration admits."""
    deployment = deploy(node, DEPLOYER, key_delay_seconds=0)
    data = calldata("ParticipantRegistry", "admitParticipants", [[]])

    with pytest.raises(AccessManagedUnauthorized):
        node.call(deployment.address("ParticipantRegistry"), data, sender="0x" + "11" * 20)


def test_techniques__are_the_eight_of_the_standard_definitions() -> None:
    assert len(set(TECHNIQUES)) == 8
