"""`chainfin doctor` against a real node, and against one that lacks what we need."""

from collections.abc import Callable
from typing import Any

import pytest

from chainfin.bench.node_proxy import proxied
from chainfin.chain.client import Node
from chainfin.chain.probing import probe
from chainfin.domain.finality import Finality

NOW = 1_900_000_000


def probed(node: Node, finality: str = "depth:256", block_range: int = 2_000, **options: Any):
    told = {"is_embedded": True, "now": NOW} | options
    found = probe(node, finality=Finality.parse(finality), block_range=block_range, **told)
    return {line.name: (line.fits, line.detail) for line in found}


def test_probe__of_a_fit_node__passes_every_check(node: Node) -> None:
    node.request("anvil_mine", ["0x5"])

    found = probed(node)

    assert all(fits for fits, _ in found.values()), found
    assert "31337" in found["node answers"][1]
    assert found["log range"][1].endswith("blocks a question")


def refuse(code: int, text: str) -> Callable[[list[Any]], tuple[int, str]]:
    return lambda _params: (code, text)


@pytest.mark.parametrize(
    ("method", "refusal", "check", "advice"),
    [
        ("eth_getProof", refuse(-32601, "Method not found"), "proof depth", "keeps history"),
        ("eth_getBlockReceipts", refuse(-32601, "Method not found"), "block receipts", "evidence"),
        ("eth_call", refuse(-32015, "invalid opcode"), "EVM version", "cancunTime"),
        ("eth_call", refuse(-32602, "too many params"), "state override", "newer node"),
        ("eth_getLogs", refuse(-32005, "too large"), "log range", "one block"),
    ],
)
def test_probe__of_a_node_that_lacks_something__says_what_to_do(
    node: Node, method: str, refusal: Any, check: str, advice: str
) -> None:
    with proxied(node.url) as proxy:
        proxy.refusals[method] = refusal
        fits, detail = probed(Node(proxy.url))[check]

    assert not fits
    assert advice in detail


def test_probe__of_a_node_with_short_ranges__tells_how_short(node: Node) -> None:
    def most_ten(params: list[Any]) -> tuple[int, str] | None:
        first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
        return None if last - first < 10 else (-32005, "range too large")

    node.request("anvil_mine", ["0x40"])
    with proxied(node.url) as proxy:
        proxy.refusals["eth_getLogs"] = most_ten
        fits, detail = probed(Node(proxy.url))["log range"]

    assert fits
    assert "halves by itself" in detail


def test_probe__of_a_node_without_a_finalized_tag__fails_where_it_is_needed(node: Node) -> None:
    with proxied(node.url) as proxy:
        proxy.refusals["eth_getBlockByNumber"] = lambda params: (
            (-39001, "Unknown block") if params[0] == "finalized" else None
        )
        besu = Node(proxy.url)

        assert probed(besu, "instant")["finality"][0]
        assert not probed(besu, "finalized")["finality"][0]


def test_probe__with_a_clock_that_is_wrong__fails_in_production(node: Node) -> None:
    head = node.head().timestamp

    for now in (head - 3_600, head + 3_600):
        assert not probed(node, is_embedded=False, now=now)["clock"][0]
    assert probed(node, is_embedded=False, now=head + 2)["clock"][0]


def test_probe__of_nobody__says_that_the_node_is_away() -> None:
    found = probed(Node("http://127.0.0.1:9", 1))

    assert not any(fits for fits, _ in found.values())
