"""The least an HTTP service can do in Python: one fixed answer, looked up nowhere."""

import os
from typing import Any

BYTES = "CHAINFIN_BENCH_BYTES"
"""How long the answer is."""


async def app(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer."""
    body = b" " * int(os.environ[BYTES])
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
