"""Broadcast answers: none is believed but acceptance, and the hash decides."""

from collections.abc import Sequence

import pytest

from chainfin.chain.client import Node, RpcError
from chainfin.chain.transactor import SendOutcome, broadcast, sign, wait_for_receipt
from chainfin.codec.signers import LocalSigner
from chainfin.domain.service_errors import NodeUnavailable

SIGNER = LocalSigner(b"\x09" * 32)
CHAIN_ID = 31337


def test_broadcast__twice__acts_once(node: Node) -> None:
    """F1, F3: the same bytes have one hash."""
    signed = sign(SIGNER, chain_id=CHAIN_ID, nonce=0, to=SIGNER.address, data=b"", gas=30_000)

    assert broadcast(node, signed.raw) is SendOutcome.ACCEPTED
    wait_for_receipt(node, signed.hash)
    assert broadcast(node, signed.raw) is SendOutcome.ALREADY_THERE
    assert node.transaction_count(SIGNER.address) == 1


def test_broadcast__to_nobody__is_unknown() -> None:
    """F2: silence says nothing about what happened."""
    signed = sign(SIGNER, chain_id=CHAIN_ID, nonce=0, to=SIGNER.address, data=b"", gas=30_000)

    assert broadcast(Node("http://127.0.0.1:9", 1), signed.raw) is SendOutcome.UNKNOWN


@pytest.mark.fault("F34", "other nodes' error texts")
@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("transaction already imported", SendOutcome.ALREADY_THERE),
        ("Known transaction", SendOutcome.ALREADY_THERE),
        ("already known", SendOutcome.ALREADY_THERE),
        ("Nonce too low", SendOutcome.ALREADY_THERE),
        ("replacement transaction underpriced", SendOutcome.ALREADY_THERE),
        ("Transaction nonce is too distant from current sender nonce", SendOutcome.NONCE_AHEAD),
        ("An invalid transaction with a lower nonce exists", SendOutcome.NONCE_AHEAD),
        ("Nonce too high", SendOutcome.NONCE_AHEAD),
        ("unknown transaction type", SendOutcome.UNKNOWN),
        ("Sender account not authorized to send transactions", SendOutcome.UNKNOWN),
        ("something no node has ever said", SendOutcome.UNKNOWN),
    ],
)
def test_broadcast__refused_in_a_dialect__is_classified_by_its_words(
    message: str, outcome: SendOutcome
) -> None:
    """F34: an unknown text never means failed."""

    class Refusing(Node):
        def send_batch(self, calls: Sequence[object]) -> list[RpcError]:
            return [RpcError(-32000, message)] * len(calls)

    assert broadcast(Refusing("http://127.0.0.1:9"), b"\x00") is outcome


def test_read__from_a_silent_node__says_it_is_away() -> None:
    with pytest.raises(NodeUnavailable):
        Node("http://127.0.0.1:9", 1).chain_id()
