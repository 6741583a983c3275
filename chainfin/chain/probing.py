"""Is a node fit to be run on? One question a check, each with what to do about the answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from chainfin.chain.client import Node, RpcError
from chainfin.codec.hashing import from_hex
from chainfin.domain.errors import ChainfinError
from chainfin.domain.finality import Finality, FinalityKind

_PLAIN_EXTRA_BYTES = 32
_MOST_AHEAD_SECONDS = 15
_MOST_BEHIND_SECONDS = 120
_NOBODY = "0x" + "0d" * 20
_CANCUN = "0x5f5f5d5f5c505f5f5f5e5f5ff3"
"""Bytecode: PUSH0 (Shanghai); TSTORE, TLOAD and MCOPY (Cancun); returns nothing."""
_ANSWERS_42 = "0x602a60005260206000f3"
"""Runtime code that returns 42."""
_STATE_ROOT_SLOT = "0x" + "00" * 32


@dataclass(frozen=True, slots=True)
class Probe:
    """What a check found.

    Attributes:
        name: What was looked at.
        fits: Whether it will do.
        detail: What was found; if it will not do, also what to do.
    """

    name: str
    fits: bool
    detail: str


class _Unfit(Exception):
    """A check's answer is no; the text says why, and what to do."""


def probe(
    node: Node, *, finality: Finality, block_range: int, is_embedded: bool, now: int
) -> Iterator[Probe]:
    """Every check of a node, in the order of what the later ones need.

    Args:
        node: The endpoint.
        finality: As the settings say.
        block_range: Blocks of one question for logs, as the settings say.
        is_embedded: Blocks come with transactions only, and time is moved.
        now: The wall's clock, UTC seconds.
    """
    checks: list[tuple[str, Callable[[], str]]] = [
        ("node answers", lambda: _answers(node)),
        ("in sync", lambda: _in_sync(node)),
        ("genesis", node.genesis_hash),
        ("extra data", lambda: _extra_data(node)),
        ("clock", lambda: _clock(node, now, is_embedded=is_embedded)),
        ("finality", lambda: _finality(node, finality)),
        ("log range", lambda: _log_range(node, block_range)),
        ("EVM version", lambda: _evm_version(node)),
        ("state override", lambda: _state_override(node)),
        ("free gas", lambda: _free_gas(node)),
        ("block receipts", lambda: _receipts(node)),
        ("proof depth", lambda: _proof_depth(node)),
    ]
    for name, check in checks:
        try:
            yield Probe(name, fits=True, detail=check())
        except _Unfit as unfit:
            yield Probe(name, fits=False, detail=str(unfit))
        except ChainfinError as error:
            yield Probe(name, fits=False, detail=f"{error.detail()} {error.remedy()}")


def _answers(node: Node) -> str:
    client = node.send("web3_clientVersion", [])
    name = "unnamed" if isinstance(client, RpcError) else str(client)
    return f"chain {node.chain_id()}, {name}"


def _in_sync(node: Node) -> str:
    answer = node.send("eth_syncing", [])
    if answer and not isinstance(answer, RpcError):
        raise _Unfit("it is still syncing: wait, or name another node")
    return f"at block {node.head().number}"


def _extra_data(node: Node) -> str:
    size = len(from_hex(node.raw_header(node.head().number)["extraData"]))
    if size > _PLAIN_EXTRA_BYTES:
        return f"{size} bytes: validators' seals, which evidence can follow"
    return f"{size} bytes: no seals; evidence rests on a block's hash"


def _clock(node: Node, now: int, *, is_embedded: bool) -> str:
    behind = now - node.head().timestamp
    if is_embedded:
        return f"head is {behind} s behind the wall"
    if behind < -_MOST_AHEAD_SECONDS:
        raise _Unfit(f"head is {-behind} s ahead of this machine: set this machine's clock")
    if behind > _MOST_BEHIND_SECONDS:
        raise _Unfit(f"head is {behind} s old: the chain stands still, or this clock is wrong")
    return f"head is {behind} s behind the wall"


def _finality(node: Node, finality: Finality) -> str:
    knows_tag = not isinstance(node.send("eth_getBlockByNumber", ["finalized", False]), RpcError)
    if finality.kind is FinalityKind.FINALIZED and not knows_tag:
        raise _Unfit("it knows no finalized block: set CHAINFIN_FINALITY to instant or depth:N")
    return f"{finality}; the node {'knows' if knows_tag else 'does not know'} finalized blocks"


def _log_range(node: Node, wanted: int) -> str:
    head = node.head().number
    size = min(wanted, head + 1)
    while size > 1:
        if not isinstance(_ask_logs(node, head - size + 1, head), RpcError):
            break
        size //= 2
    answer = _ask_logs(node, head - size + 1, head)
    if isinstance(answer, RpcError):
        raise _Unfit(f"it refuses logs of one block: {answer.message[:100]}")
    if size < min(wanted, head + 1):
        return f"{size} blocks a question are taken, {wanted} are not: the index halves by itself"
    return f"{size} blocks a question"


def _ask_logs(node: Node, first: int, last: int) -> Any:
    asked = {"fromBlock": hex(first), "toBlock": hex(last), "address": [_NOBODY]}
    return node.send("eth_getLogs", [asked])


def _evm_version(node: Node) -> str:
    answer = node.send("eth_call", [{"data": _CANCUN}, "latest"])
    if isinstance(answer, RpcError):
        raise _Unfit("it lacks Cancun's instructions: set cancunTime in the network's genesis")
    return "Cancun or later"


def _state_override(node: Node) -> str:
    answer = node.send("eth_call", [{"to": _NOBODY}, "latest", {_NOBODY: {"code": _ANSWERS_42}}])
    if isinstance(answer, RpcError) or int(answer, 16) != 42:  # noqa: PLR2004 - as the code says
        raise _Unfit("eth_call takes no state override: drafts cannot be simulated; newer node")
    return "eth_call takes it"


def _free_gas(node: Node) -> str:
    base_fee = node.base_fee()
    if base_fee:
        raise _Unfit(
            f"a base fee of {base_fee} wei: set zeroBaseFee in the genesis, or fund the relayers"
        )
    return "no base fee"


def _receipts(node: Node) -> str:
    answer = node.send("eth_getBlockReceipts", ["latest"])
    if isinstance(answer, RpcError):
        raise _Unfit("no eth_getBlockReceipts: no evidence and no deep check of the index from it")
    return "of whole blocks"


def _proof_depth(node: Node) -> str:
    head = node.head().number
    if isinstance(_ask_proof(node, head), RpcError):
        raise _Unfit(
            "no eth_getProof: evidence has no state proofs; a node that keeps history does"
        )
    oldest, known = 0, head
    while oldest < known:
        middle = (oldest + known) // 2
        if isinstance(_ask_proof(node, middle), RpcError):
            oldest = middle + 1
        else:
            known = middle
    return f"{head - known} blocks back from {head}"


def _ask_proof(node: Node, block: int) -> Any:
    return node.send("eth_getProof", [_NOBODY, [_STATE_ROOT_SLOT], hex(block)])
