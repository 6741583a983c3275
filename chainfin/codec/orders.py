"""Orders on the wire: the pinned types of every act, their hashes, their calldata.

The types come from `order_types.json`, generated from contracts/src/types/Orders.sol: the one
place both sides read.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chainfin.codec.abi import Function, encode_call
from chainfin.codec.hashing import keccak
from chainfin.codec.signatures import recover
from chainfin.codec.solidity_types import Struct
from chainfin.codec.typed_data import Domain, digest, parse_types, struct_hash
from chainfin.domain.order import Approval

_TEXTS: dict[str, str] = json.loads((Path(__file__).parent / "order_types.json").read_text())
TYPES: dict[str, Struct] = parse_types(
    {name: text for name, text in _TEXTS.items() if name != "EIP712Domain"}
)
"""Every type that can be signed, by name."""

_NESTED_HASHES = {"Quote": {"terms": "QuoteTerms"}}
"""Members the chain sees only by their hash: their content stays between the parties."""


def order_hash(primary_type: str, message: Mapping[str, Any]) -> bytes:
    """What tells an order apart: EIP-712's `hashStruct` of it, 32 bytes."""
    return struct_hash(TYPES[primary_type], message)


def signers_of(
    domain: Domain, primary_type: str, message: Mapping[str, Any], approvals: Sequence[Approval]
) -> list[str]:
    """The address each signature really comes from, in order.

    Raises:
        SignatureMalformed: A signature is no 65 bytes with a low s.
    """
    signed = digest(domain, order_hash(primary_type, message))
    return [recover(signed, approval.signature) for approval in approvals]


def as_contract_sees(primary_type: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """The order as the contract's struct: private members replaced by their hashes."""
    hidden = _NESTED_HASHES.get(primary_type, {})
    return {
        name: struct_hash(TYPES[hidden[name]], value) if name in hidden else value
        for name, value in message.items()
    }


def order_calldata(
    function: Function,
    primary_type: str,
    message: Mapping[str, Any],
    approvals: Sequence[Approval],
    attachments: Mapping[str, Any],
) -> bytes:
    """The call that runs an order.

    Args:
        function: The contract function of the act.
        primary_type: The order's type.
        message: Its values.
        approvals: Maker first, then checker.
        attachments: Further arguments by the function's own parameter names: what is not signed
            with the order (a proof, the quote awarded, the lots to pay).

    Raises:
        FieldError: An argument is missing, unknown or does not fit.
    """
    signed = [approval_argument(approval) for approval in approvals]
    known = {
        "order": as_contract_sees(primary_type, message),
        "answer": message,
        "approvals": signed,
        "approval": signed[0] if signed else None,
    }
    wanted = [name for name, _ in function.inputs.fields]
    arguments = {name: known[name] for name in wanted if name in known} | dict(attachments)
    return encode_call(function, arguments)


def approval_argument(approval: Approval) -> dict[str, Any]:
    """An approval as the contracts' struct."""
    return {"key": approval.key, "signature": approval.signature}


def row_leaf(index: int, row: Mapping[str, Any]) -> bytes:
    """The leaf of one row of a batch: keccak256(keccak256(abi.encode(index, row)))."""
    words = [index.to_bytes(32, "big")]
    for name, kind in TYPES["IssueRow"].fields:
        value = row[name]
        words.append(value if kind.name == "bytes32" else value.to_bytes(32, "big"))
    return keccak(keccak(b"".join(words)))
