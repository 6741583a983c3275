"""Transactions of the service's own accounts: made, sent, followed. Never sleeps for ever.

The hash is known before a transaction is sent; whatever a node answers, that hash decides.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chainfin.chain.client import Node, RpcError, raise_refusal
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.signers import Signer
from chainfin.codec.transactions import FeeMarketFields, transaction_hash
from chainfin.domain.service_errors import NodeUnavailable

GAS_MARGIN_PERCENT = 25
LARGEST_GAS = 16_000_000
"""Below 2^24, the most one transaction may use since Osaka."""

_ALREADY_THERE = re.compile(
    r"(?<!un)known transaction|already (known|imported)|same hash was already imported"
    r"|nonce (is )?too low|replacement transaction underpriced"
)
_NONCE_AHEAD = re.compile(
    r"nonce (is )?too (high|distant|far)|too distant from current sender nonce"
    r"|exceeds next nonce|lower nonce exists|nonce out of range"
)


_FEE_TOO_LOW = re.compile(
    r"max fee per gas less than block base fee|transaction underpriced"
    r"|gas price (below|too low|is below)|fee cap (is )?(less|below|too low)"
)
_IMPOSSIBLE = re.compile(
    r"intrinsic gas|exceeds (the )?block gas limit|gas limit (is )?(too|exceed)|oversized data"
    r"|transaction (size|too large)|exceeds transaction gas limit cap"
)


class SendOutcome(StrEnum):
    """What became of one broadcast."""

    ACCEPTED = "accepted"
    ALREADY_THERE = "already_there"
    """Known, included, or its nonce is used: look it up by hash."""
    NONCE_AHEAD = "nonce_ahead"
    """An earlier nonce is missing at this node."""
    FEE_TOO_LOW = "fee_too_low"
    """It offers less than the network asks."""
    IMPOSSIBLE = "impossible"
    """No node of this network will ever take it: too large, or too little gas for its size."""
    UNKNOWN = "unknown"
    """No answer, or one nobody understands: look it up by hash."""


_OUTCOMES = (
    # "replacement transaction underpriced" speaks of what is there already, not of the fee.
    (_ALREADY_THERE, SendOutcome.ALREADY_THERE),
    (_NONCE_AHEAD, SendOutcome.NONCE_AHEAD),
    (_FEE_TOO_LOW, SendOutcome.FEE_TOO_LOW),
    (_IMPOSSIBLE, SendOutcome.IMPOSSIBLE),
)


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """Bytes that can be sent any number of times and act at most once."""

    raw: bytes
    hash: str
    nonce: int


def sign(
    signer: Signer,
    *,
    chain_id: int,
    nonce: int,
    to: str | None,
    data: bytes,
    gas: int,
    fee_per_gas: int = 0,
) -> SignedTransaction:
    """Sign a transaction (type 2, EIP-1559); free of gas unless a fee is offered, wei."""
    fields = FeeMarketFields(
        chain_id=chain_id,
        nonce=nonce,
        to=to,
        data=data,
        gas=gas,
        max_fee_per_gas=fee_per_gas,
        max_priority_fee_per_gas=0,
    )
    raw = signer.sign_transaction(fields)
    return SignedTransaction(raw=raw, hash=to_hex(transaction_hash(raw)), nonce=nonce)


def gas_for(node: Node, to: str | None, data: bytes, sender: str) -> int:
    """The node's estimate with a margin, below the most a transaction may use.

    Raises:
        ChainfinError: The rule the contract would refuse it for.
    """
    estimate = node.estimate_gas(to, data, sender)
    return min(estimate * (100 + GAS_MARGIN_PERCENT) // 100, LARGEST_GAS)


def broadcast(node: Node, raw: bytes) -> SendOutcome:
    """Send stored bytes once. No answer is believed but acceptance."""
    return broadcast_all(node, [raw])[0]


def broadcast_all(node: Node, raws: Sequence[bytes]) -> list[SendOutcome]:
    """Send stored bytes once, in one request, in their order."""
    try:
        answers = node.send_batch([("eth_sendRawTransaction", [to_hex(raw)]) for raw in raws])
    except NodeUnavailable:
        return [SendOutcome.UNKNOWN] * len(raws)
    return [_outcome(answer) for answer in answers]


def _outcome(answer: Any) -> SendOutcome:
    if not isinstance(answer, RpcError):
        return SendOutcome.ACCEPTED
    message = answer.message.lower()
    for pattern, outcome in _OUTCOMES:
        if pattern.search(message):
            return outcome
    return SendOutcome.UNKNOWN


def send_and_wait(
    node: Node, signer: Signer, to: str | None, data: bytes, timeout_seconds: float = 60
) -> dict[str, Any]:
    """One transaction of the operator, followed to its receipt: deployment and administration.

    Raises:
        ChainfinError: The rule the contract refused it for.
        NodeUnavailable: No receipt in time; the transaction may still be included.
    """
    gas = gas_for(node, to, data, signer.address)
    signed = sign(
        signer,
        chain_id=node.chain_id(),
        nonce=node.transaction_count(signer.address),
        to=to,
        data=data,
        gas=gas,
    )
    broadcast(node, signed.raw)
    receipt = wait_for_receipt(node, signed.hash, timeout_seconds)
    if int(receipt["status"], 16) != 1:
        raise_revert(node, receipt, to, data, signer.address)
    return receipt


def wait_for_receipt(node: Node, hash_: str, timeout_seconds: float = 60) -> dict[str, Any]:
    """The receipt of a transaction, as soon as it has one.

    Raises:
        NodeUnavailable: Not in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        receipt = node.receipt(hash_)
        if receipt is not None:
            return receipt
        if time.monotonic() > deadline:
            raise NodeUnavailable(f"no receipt of {hash_} after {timeout_seconds:.0f} s")
        time.sleep(0.02)


def raise_revert(
    node: Node, receipt: dict[str, Any], to: str | None, data: bytes, sender: str
) -> None:
    """Ask at the transaction's own block why it was refused, and raise that."""
    call = {"from": sender, "data": to_hex(data)} | ({"to": to} if to else {})
    answer = node.send("eth_call", [call, receipt["blockNumber"]])
    if isinstance(answer, RpcError):
        raise_refusal(answer)
    raise NodeUnavailable(f"{receipt['transactionHash']} failed and cannot be repeated")


def created_address(receipt: dict[str, Any]) -> str:
    """The lower-case address of a contract a transaction created."""
    address: str = receipt["contractAddress"].lower()
    from_hex(address, 20)
    return address
