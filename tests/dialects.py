"""Nodes that are not anvil, as a proxy in front of one: what they lack, and how they word it.

Sources: Hyperledger Besu 26 (QBFT) and FISCO BCOS 3.16 (web3_rpc), their JSON-RPC error tables.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chainfin.bench.node_proxy import NodeProxy, proxied

NO_METHOD = (-32601, "Method not found")
SEALS = "0x" + "f8" * 300
"""As long as the seals of a small set of validators; nobody reads them here."""


@dataclass(frozen=True)
class Dialect:
    """How one kind of node differs.

    Attributes:
        most_blocks: Of one question for logs.
        range_error: What it says to more.
        absent: Methods it does not have.
        knows_final: Whether it knows the tag `finalized`.
        words: anvil's text to its own code and text.
    """

    most_blocks: int
    range_error: tuple[int, str]
    absent: frozenset[str]
    knows_final: bool
    words: Mapping[str, tuple[int, str]]

    @contextmanager
    def __call__(self, upstream: str) -> Iterator[NodeProxy]:
        with proxied(upstream) as proxy:
            proxy.refusals |= dict.fromkeys(self.absent, lambda _params: NO_METHOD)
            proxy.refusals |= {"eth_getLogs": self._refuse_logs}
            if not self.knows_final:
                proxy.refusals["eth_getBlockByNumber"] = refuse_final
            proxy.rewrite = self._reword
            yield proxy

    def _refuse_logs(self, params: list[Any]) -> tuple[int, str] | None:
        first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
        return None if last - first < self.most_blocks else self.range_error

    def _reword(self, method: str, answer: dict[str, Any]) -> None:
        if method == "eth_accounts":
            answer["result"] = []
        if method == "eth_getBlockByNumber" and answer.get("result"):
            answer["result"]["extraData"] = SEALS
        for said, (code, text) in self.words.items():
            if said in answer.get("error", {}).get("message", ""):
                answer["error"] |= {"code": code, "message": text}


def refuse_final(params: list[Any]) -> tuple[int, str] | None:
    return (-39001, "Unknown block") if params[0] in {"finalized", "safe"} else None


DEVELOPERS = frozenset(
    {
        "evm_mine",
        "evm_setAutomine",
        "evm_setNextBlockTimestamp",
        "anvil_mine",
        "anvil_reorg",
        "eth_sendTransaction",
    }
)

BESU = Dialect(
    most_blocks=5_000,
    range_error=(-32005, "Requested range exceeds maximum RPC range limit"),
    absent=DEVELOPERS,
    knows_final=False,
    words={
        "transaction already imported": (-32000, "Known transaction"),
        "nonce too low": (-32001, "Nonce too low"),
        "replacement transaction underpriced": (-32000, "Replacement transaction underpriced"),
        "invalid chain id": (-32000, "Wrong chainId"),
    },
)
FISCO = Dialect(
    most_blocks=10,
    range_error=(-32602, "block range is too large"),
    absent=DEVELOPERS | {"eth_getProof", "eth_feeHistory"},
    knows_final=True,
    words={
        "transaction already imported": (-32000, "AlreadyInTxPool"),
        "nonce too low": (-32000, "NonceCheckFail"),
    },
)
