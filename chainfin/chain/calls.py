"""The one way a contract function is asked of a node, or encoded for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.client import BlockTag, Node
from chainfin.codec.abi import decode_result, encode_call


def calldata(contract: str, function: str, arguments: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """The bytes of a call by contract and function name."""
    return encode_call(load_artifact(contract).interface.functions[function], arguments)


def read(
    node: Node,
    contract: str,
    address: str,
    function: str,
    arguments: Sequence[Any],
    block: BlockTag,
) -> Any:
    """Ask a view function at a block; structs come back as dicts by member name.

    Raises:
        ChainfinError: The rule the contract refused for.
        NodeUnavailable: No answer.
    """
    entry = load_artifact(contract).interface.functions[function]
    return decode_result(entry, node.call(address, encode_call(entry, arguments), block))
