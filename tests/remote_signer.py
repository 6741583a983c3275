"""A remote signer that speaks as Web3Signer does. It hashes by eth-account, not by our codec."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils import to_checksum_address


class RemoteSignerServer:
    """Holds keys and signs what it is asked; can be slow, away, or dishonest, as told."""

    def __init__(
        self, bearer: str | None = None, certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.bearer = bearer
        self.accounts: dict[str, Any] = {}
        self.delay_seconds = 0.0
        self.is_down = False
        self.signs_with: Any = None
        self.changes: dict[str, Any] = {}
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def hold(self, private_key: bytes) -> str:
        """Take a key; where it can be asked for."""
        account = Account.from_key(private_key)
        self.accounts[account.address.lower()] = account
        return f"{self.url}?address={account.address.lower()}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        self.asked.append(body["method"])
        time.sleep(self.delay_seconds)
        if self.is_down:
            handler.close_connection = True
            handler.connection.close()
            return
        status, document = 200, self._reply(body)
        if self.bearer is not None and handler.headers["authorization"] != f"Bearer {self.bearer}":
            status, document = 401, {}
        content = json.dumps({"jsonrpc": "2.0", "id": body["id"]} | document).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _reply(self, body: dict[str, Any]) -> dict[str, Any]:
        params = body["params"]
        address = params[0]["from"] if isinstance(params[0], dict) else params[0]
        account = self.signs_with or self.accounts.get(address)
        if account is None:
            message = "Signing key is not known"
            return {"error": {"code": -32000, "message": message}}
        match body["method"]:
            case "eth_signTypedData":
                document = json.loads(params[1])
                document["message"] |= self.changes
                signed = account.sign_message(encode_typed_data(full_message=document))
            case "eth_sign":
                signed = account.sign_message(encode_defunct(hexstr=params[1]))
            case "eth_signTransaction":
                fields = {key: value for key, value in params[0].items() if key != "from"}
                fields |= self.changes
                if "to" in fields:
                    fields["to"] = to_checksum_address(fields["to"])
                return {"result": "0x" + account.sign_transaction(fields).raw_transaction.hex()}
            case other:
                return {"error": {"code": -32601, "message": f"Method not found: {other}"}}
        return {"result": "0x" + signed.signature.hex()}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def remote_signer(
    bearer: str | None = None, certificate: tuple[Path, Path] | None = None
) -> Iterator[RemoteSignerServer]:
    server = RemoteSignerServer(bearer, certificate)
    try:
        yield server
    finally:
        server.close()
