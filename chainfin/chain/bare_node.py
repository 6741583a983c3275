"""A node asked for ranges only, as fast as Python can: for the process that reads a backfill.

`client` is how everything else asks; its library looks at each chunk of an answer, which costs four
times as much for megabytes of logs. Here is nothing but the question and the bytes: no second try,
no other endpoint, no name for what went wrong. Who gets no answer here asks there.
"""

import http.client
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chainfin.domain.service_errors import NodeUnavailable

_CALLS_A_BATCH = 100


class BareNode:
    """One kept connection to a node; for one thread."""

    def __init__(self, url: str, timeout_seconds: float, token: str) -> None:
        """Name the node, and the bearer token it asks for; nothing is sent yet."""
        parts = urlsplit(url)
        is_secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=timeout_seconds)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"

    def logs(self, first: int, last: int, addresses: Sequence[str]) -> bytes:
        """The answer about the logs of contracts in a closed range of blocks.

        Raises:
            NodeUnavailable: There is none.
        """
        wanted = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
        return self._ask(_call(0, "eth_getLogs", [wanted]))

    def headers(self, first: int, last: int) -> list[bytes]:
        """The answers about the headers of a closed range of blocks, in few requests.

        Raises:
            NodeUnavailable: There is none.
        """
        return [
            self._ask(
                [
                    _call(number, "eth_getBlockByNumber", [hex(number), False])
                    for number in range(start, min(last + 1, start + _CALLS_A_BATCH))
                ]
            )
            for start in range(first, last + 1, _CALLS_A_BATCH)
        ]

    def _ask(self, body: Any) -> bytes:
        try:
            self._connection.request("POST", self._path, msgspec.json.encode(body), self._headers)
            answer = self._connection.getresponse()
            found = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise NodeUnavailable(type(error).__name__) from error
        if answer.status != http.client.OK:
            raise NodeUnavailable(f"HTTP {answer.status}")
        return found


def _call(number: int, method: str, params: list[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
