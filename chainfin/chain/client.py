"""One node, spoken to over JSON-RPC.

Plain JSON-RPC over a kept connection. A read is tried again while the node is silent; a transaction
is sent once, because whether the first attempt arrived is not known.
A refusal of the node is a `NodeRefused` with its code; silence is a `NodeUnavailable`; a contract's
refusal is the broken rule itself, decoded by `reverts`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NoReturn

import httpx
import msgspec

from chainfin.chain.reverts import refusal_of
from chainfin.codec.errors import RpcMalformed
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.logs import parse_headers, parse_logs
from chainfin.domain.errors import ChainfinError
from chainfin.domain.events import BlockRef, RawLog
from chainfin.domain.service_errors import NodeRefused, NodeUnavailable

_REVERTED = 3
_READ_ATTEMPTS = 3
_READ_PAUSE_SECONDS = 0.2
_CALLS_A_BATCH = 100
_ERROR_PLACE = 100
_HEADERS = {"content-type": "application/json"}
_NOT_ANSWERED, _SERVER_FAULT = frozenset({401, 403, 429}), 500
"""What a gateway says before the node hears of it; other codes carry the node's own errors."""

BlockTag = int | str


@dataclass(frozen=True, slots=True)
class RpcError:
    """What a node answered instead of a result."""

    code: int
    message: str
    data: Any = None


class Node:
    """A node at a URL. Safe to use from several threads."""

    def __init__(self, url: str, timeout_seconds: float = 30, *, token: str = "") -> None:
        """Name the node, and the bearer token it asks for; nothing is sent yet."""
        self.url = url
        self.timeout_seconds = timeout_seconds
        self.token = token
        self._http = httpx.Client(
            headers={"authorization": f"Bearer {token}"} if token else None,
            # The authorities' certificates take 20 ms to load: only where one will be checked.
            verify=not url.startswith("http:"),
        )
        self._numbers = count(1)

    def pin(self, check: "Check") -> None:
        """Hold this node to a network's contracts; raises as the check does."""
        check(self)

    def at_least(self, number: int) -> None:
        """Rows of this block were shown: what chooses among nodes takes none that is behind it."""

    # --- the wire

    def send(self, method: str, params: Sequence[Any]) -> Any | RpcError:
        """One request, sent once; a node's refusal is returned, not raised.

        Raises:
            NodeUnavailable: No answer. Whether the node acted on the request is unknown.
        """
        answer = self._post(self._call(method, params))
        if not isinstance(answer, dict):
            raise NodeUnavailable("an answer that is no JSON-RPC")
        return _rpc_error(answer["error"]) if "error" in answer else answer.get("result")

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """One read, tried again while the node is silent.

        Raises:
            NodeUnavailable: No answer.
            NodeRefused: The node answered with an error.
        """
        for attempt in range(1, _READ_ATTEMPTS + 1):
            try:
                answer = self.send(method, params)
                break
            except NodeUnavailable:
                if attempt == _READ_ATTEMPTS:
                    raise
                time.sleep(_READ_PAUSE_SECONDS * attempt)
        else:  # pragma: no cover - the loop always breaks or raises
            raise NodeUnavailable(method)
        if isinstance(answer, RpcError):
            raise NodeRefused(answer.code, answer.message[:200])
        return answer

    def send_batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any | RpcError]:
        """Several requests in one, sent once; a refusal stands in its request's place.

        Raises:
            NodeUnavailable: No answer. Whether the node acted on the requests is unknown.
        """
        found = self._post([self._call(method, params) for method, params in calls])
        if not isinstance(found, list) or len(found) != len(calls):
            raise NodeUnavailable("an answer that is no batch")
        return [
            _rpc_error(answer["error"]) if "error" in answer else answer.get("result")
            for answer in sorted(found, key=_answer_id)
        ]

    def batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Several reads in few requests; answers in the order of the questions.

        Raises:
            NodeUnavailable: No answer.
            NodeRefused: The node answered one of them with an error.
        """
        answers: list[Any] = []
        for start in range(0, len(calls), _CALLS_A_BATCH):
            answers += self._batch(calls[start : start + _CALLS_A_BATCH])
        return answers

    def _batch(self, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        answers = self.send_batch(calls)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise NodeRefused(answer.code, answer.message[:200])
        return answers

    def _call(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        return {
            "jsonrpc": "2.0",
            "id": next(self._numbers),
            "method": method,
            "params": list(params),
        }

    def _post(self, body: Any) -> Any:
        try:
            return msgspec.json.decode(self.ask(body))
        except msgspec.DecodeError as error:
            raise NodeUnavailable(type(error).__name__) from error

    def ask(self, body: Any) -> bytes:
        """The bytes of the answer to one request or a list of them, sent once.

        Raises:
            NodeUnavailable: No answer.
        """
        try:
            answer = self._http.post(
                self.url,
                content=msgspec.json.encode(body),
                headers=_HEADERS,
                timeout=self.timeout_seconds,
            )
        except httpx.HTTPError as error:
            raise NodeUnavailable(type(error).__name__) from error
        if answer.status_code in _NOT_ANSWERED or answer.status_code >= _SERVER_FAULT:
            raise NodeUnavailable(f"HTTP {answer.status_code}")
        return answer.content

    def _again(self, body: Any) -> bytes:
        """The bytes of the answer to a read, asked for again while the node is silent."""
        for attempt in range(1, _READ_ATTEMPTS):
            try:
                return self.ask(body)
            except NodeUnavailable:
                time.sleep(_READ_PAUSE_SECONDS * attempt)
        return self.ask(body)

    # --- the chain

    def chain_id(self) -> int:
        """The network's EIP-155 id."""
        return int(self.request("eth_chainId"), 16)

    def genesis_hash(self) -> str:
        """The hash of block 0."""
        return str(self.request("eth_getBlockByNumber", ["0x0", False])["hash"])

    def head(self) -> BlockRef:
        """The newest block."""
        return _block_ref(self.request("eth_getBlockByNumber", ["latest", False]))

    def block(self, number: int) -> BlockRef | None:
        """A block by number; None if the node has none."""
        answer = self.request("eth_getBlockByNumber", [hex(number), False])
        return _block_ref(answer) if answer else None

    def final_head(self) -> BlockRef:
        """The newest block that the node calls final.

        Raises:
            NodeRefused: It knows none: its network's finality is of another kind.
        """
        answer = self.request("eth_getBlockByNumber", ["finalized", False])
        if answer is None:
            raise NodeRefused(0, "no finalized block")
        return _block_ref(answer)

    def blocks(self, numbers: Sequence[int]) -> list[BlockRef | None]:
        """Blocks by number, in the order asked for; None where the node has none.

        Raises:
            NodeUnavailable: No answer, or one that is none.
        """
        found: list[BlockRef | None] = []
        for answer in self.blocks_answers(numbers):
            try:
                found += parse_headers(answer)
            except RpcMalformed as error:
                raise NodeUnavailable(str(error)[:200]) from None
        if len(found) != len(numbers):
            raise NodeUnavailable("an answer that is no batch")
        return found

    def blocks_answers(self, numbers: Sequence[int]) -> list[bytes]:
        """The bodies of the answers to batches of `eth_getBlockByNumber`.

        Raises:
            NodeUnavailable: No answer.
        """
        return [
            self._again(
                [
                    self._call("eth_getBlockByNumber", [hex(number), False])
                    for number in numbers[start : start + _CALLS_A_BATCH]
                ]
            )
            for start in range(0, len(numbers), _CALLS_A_BATCH)
        ]

    def full_block(self, number: int) -> dict[str, Any]:
        """A block with whole transactions, as the node tells it."""
        answer = self.request("eth_getBlockByNumber", [hex(number), True])
        if answer is None:
            raise NodeRefused(0, f"no block {number}")
        return dict(answer)

    def raw_header(self, number: int) -> dict[str, Any]:
        """A block without transactions, as the node tells it."""
        answer = self.request("eth_getBlockByNumber", [hex(number), False])
        if answer is None:
            raise NodeRefused(0, f"no block {number}")
        return dict(answer)

    def block_receipts(self, number: int) -> list[dict[str, Any]]:
        """Every receipt of a block in order."""
        return [dict(entry) for entry in self.request("eth_getBlockReceipts", [hex(number)])]

    def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """The receipt of a transaction; None while it is in no block."""
        answer = self.request("eth_getTransactionReceipt", [transaction_hash])
        return dict(answer) if answer else None

    def transaction(self, transaction_hash: str) -> dict[str, Any] | None:
        """A transaction the node knows of, in a block or waiting."""
        answer = self.request("eth_getTransactionByHash", [transaction_hash])
        return dict(answer) if answer else None

    def code(self, address: str) -> bytes:
        """The code at an address, now."""
        return from_hex(self.request("eth_getCode", [address, "latest"]))

    def base_fee(self) -> int:
        """The newest block's base fee, wei a unit of gas; 0 where the network has none."""
        head = self.request("eth_getBlockByNumber", ["latest", False])
        return int(head.get("baseFeePerGas") or "0x0", 16)

    def transaction_count(self, address: str) -> int:
        """Transactions of an account in final blocks."""
        return int(self.request("eth_getTransactionCount", [address, "latest"]), 16)

    def balance(self, address: str) -> int:
        """What an account has of the network's coin, wei."""
        return int(self.request("eth_getBalance", [address, "latest"]), 16)

    def logs(
        self, from_block: int, to_block: int, addresses: Sequence[str] | None = None
    ) -> list[RawLog]:
        """Logs of a closed range of blocks, as the node orders them; raises as `logs_answer`."""
        return parse_logs(self.logs_answer(from_block, to_block, addresses))

    def logs_answer(
        self, from_block: int, to_block: int, addresses: Sequence[str] | None = None
    ) -> bytes:
        """The body of a successful answer to `eth_getLogs`.

        Raises:
            NodeUnavailable: No answer.
            NodeRefused: The node answered with an error: the range is too large for it.
        """
        wanted: dict[str, Any] = {"fromBlock": hex(from_block), "toBlock": hex(to_block)}
        if addresses is not None:
            wanted["address"] = list(addresses)
        answer = self._again(self._call("eth_getLogs", [wanted]))
        # Only an error is looked into here: the logs may be megabytes.
        if b'"error"' in answer[:_ERROR_PLACE]:
            refused = _rpc_error(msgspec.json.decode(answer).get("error"))
            raise NodeRefused(refused.code, refused.message[:200])
        return answer

    # --- contracts

    def call(
        self,
        to: str,
        data: bytes,
        block: BlockTag = "latest",
        *,
        sender: str | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Ask a contract without changing anything.

        Raises:
            ChainfinError: The rule the contract refused for.
            NodeUnavailable: No answer.
            NodeRefused: The node itself refused.
        """
        call = {"to": to, "data": to_hex(data)} | ({"from": sender} if sender else {})
        params: list[Any] = [call, hex(block) if isinstance(block, int) else block]
        if overrides:
            params.append(dict(overrides))
        answer = self.send("eth_call", params)
        if isinstance(answer, RpcError):
            raise_refusal(answer)
        return from_hex(answer)

    def call_all(self, calls: Sequence[tuple[str, bytes]]) -> list[bytes | ChainfinError]:
        """Ask contracts many things at the newest block in few requests; a refusal in its place.

        Raises:
            NodeUnavailable: No answer.
        """
        found: list[bytes | ChainfinError] = []
        for start in range(0, len(calls), _CALLS_A_BATCH):
            questions: list[tuple[str, list[Any]]] = [
                ("eth_call", [{"to": to, "data": to_hex(data)}, "latest"])
                for to, data in calls[start : start + _CALLS_A_BATCH]
            ]
            for answer in self.send_batch(questions):
                found.append(refusal(answer) if isinstance(answer, RpcError) else from_hex(answer))
        return found

    def estimate_gas(self, to: str | None, data: bytes, sender: str) -> int:
        """Units of gas a transaction would use.

        Raises:
            ChainfinError: The rule the contract would refuse it for.
        """
        call = {"from": sender, "data": to_hex(data)} | ({"to": to} if to else {})
        answer = self.send("eth_estimateGas", [call])
        if isinstance(answer, RpcError):
            raise_refusal(answer)
        return int(answer, 16)


Check = Callable[[Node], None]
"""Refuses a node that is on another network."""


def raise_refusal(error: RpcError) -> NoReturn:
    """Raise what a node's error means."""
    raise refusal(error)


def refusal(error: RpcError) -> ChainfinError:
    """What a node's error means: a contract's refusal by name, or the node's own."""
    data = error.data.get("data") if isinstance(error.data, dict) else error.data
    if isinstance(data, str) and data.startswith("0x") and len(data) >= len("0x12345678"):
        return refusal_of(from_hex(data))
    if error.code == _REVERTED:
        return refusal_of(b"")
    return NodeRefused(error.code, error.message[:200])


def _block_ref(document: Mapping[str, Any]) -> BlockRef:
    return BlockRef(
        number=int(document["number"], 16),
        block_hash=document["hash"],
        parent_hash=document["parentHash"],
        timestamp=int(document["timestamp"], 16),
        logs_bloom=int(document["logsBloom"], 16),
    )


def _answer_id(answer: Mapping[str, Any]) -> int:
    return int(answer["id"])


def _rpc_error(error: Any) -> RpcError:
    if isinstance(error, Mapping):
        code = error.get("code", 0)
        message = str(error.get("message", ""))
        return RpcError(code if isinstance(code, int) else 0, message, error.get("data"))
    return RpcError(0, str(error))
