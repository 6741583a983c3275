"""The contract call that runs an order; of a batch, one call for each of its runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.codec import merkle
from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import from_hex
from chainfin.codec.orders import (
    TYPES,
    as_contract_sees,
    order_calldata,
    row_leaf,
)
from chainfin.codec.typed_data import from_json
from chainfin.domain.service_errors import (
    AttachmentMismatch,
)
from chainfin.services import financing, receivables
from chainfin.services.context import Context
from chainfin.services.signed_orders import SignedOrder

RUN_LEVEL = 6
"""A batch goes out in runs of 2**6 rows: about half the gas one transaction may use."""


def calldata_of(context: Context, order: SignedOrder) -> bytes:
    """The contract call that runs an order; of a batch, its first run.

    Raises:
        AttachmentMismatch: What was attached is missing or not what was signed.
    """
    return next(calldata_of_runs(context, order, [0]))


def calldata_of_runs(
    context: Context, order: SignedOrder, run_indexes: Sequence[int]
) -> Iterator[bytes]:
    """The calls that run an order's runs; an order that is no batch has run 0 alone.

    Raises:
        AttachmentMismatch: What was attached is missing or not what was signed.
    """
    function = load_artifact(order.spec.contract).interface.functions[order.spec.function]
    try:
        for arguments in _arguments(context, order, run_indexes):
            yield order_calldata(
                function, order.spec.primary_type, order.message, order.approvals, arguments
            )
    except (CodecError, KeyError, TypeError) as error:
        raise AttachmentMismatch(f"{type(error).__name__}: {error}") from None


def _arguments(
    context: Context, order: SignedOrder, run_indexes: Sequence[int]
) -> Iterator[dict[str, Any]]:
    attached = order.attachments
    match order.spec.act:
        case "issue_receivable":
            yield _attestation(context, attached)
        case "issue_batch":
            attestation = _attestation(context, attached)
            for run in _runs(order, run_indexes):
                yield attestation | run
        case "award_quote":
            quote = financing.award_arguments(context, attached)
            yield {
                "quote": as_contract_sees("Quote", quote),
                "quoteApprovals": [_approval(entry) for entry in attached["quoteApprovals"]],
            }
        case "record_filing":
            financing.check_filing(order.message, attached)
            yield {}
        case "register_key":
            yield {"possession": from_hex(attached["possession"])}
        case "settle_receivable":
            yield {"lotSequences": list(attached["lotSequences"])}
        case _:
            yield {}


def _attestation(context: Context, attached: Mapping[str, Any]) -> dict[str, Any]:
    primary_type, message = from_json(
        attached["attestation"], TYPES, context.network.deployment.domain
    )
    if primary_type != "AttestDocuments":
        raise AttachmentMismatch(f"the attestation is a {primary_type}")
    return {
        "attestation": message,
        "attestationApproval": _approval(attached["attestationApproval"]),
    }


def _runs(order: SignedOrder, run_indexes: Sequence[int]) -> Iterator[dict[str, Any]]:
    rows = [receivables.row_from_json(entry) for entry in order.attachments["rows"]]
    leaves = [row_leaf(index, row) for index, row in enumerate(rows)]
    if len(rows) != order.message["count"] or merkle.root(leaves) != order.message["root"]:
        raise AttachmentMismatch("the rows are not those that were signed")
    level = run_level(len(rows))
    for index in run_indexes:
        first = index << level
        proof = merkle.subtree_proof(leaves, level, index)
        yield {
            "rows": rows[first : first + (1 << level)],
            "run": {"level": level, "index": index, "proof": proof},
        }


def run_level(count: int) -> int:
    """A batch goes out in runs of 2**level rows; a small one in a single run."""
    return min(RUN_LEVEL, merkle.depth(count))


def _approval(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": entry["key"], "signature": from_hex(entry["signature"])}
