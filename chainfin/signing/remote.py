"""Remote signers that speak JSON-RPC as Web3Signer does: eth_signTypedData, eth_signTransaction.

A remote signer is named by its URL; the query is for us and is never sent:

    https://signer.example:9000/?address=0x…&token-file=bearer.txt&ca=ca.pem&cert=me.pem&key=me.key

No answer is used before the address that signed was recovered from it.
"""

import ipaddress
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx

from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import from_hex, to_address, to_hex
from chainfin.codec.orders import TYPES, order_hash
from chainfin.codec.signatures import SIGNATURE_BYTES, complete_signature, text_digest
from chainfin.codec.transactions import Fields, LegacyFields, decode_transaction
from chainfin.codec.typed_data import Domain, digest, to_json
from chainfin.domain.service_errors import SignerMalformed, SignerRefused, SignerUnavailable

ANSWER_SECONDS = 5.0
_PARAMETERS = {"address", "token-file", "ca", "cert", "key"}
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class RemoteUri:
    """Which remote signer, and how to speak to it.

    Attributes:
        url: Where it listens; what is sent to.
        address: Lower-case address of the key it signs with.
        token_file: A file with a bearer token, or None.
        ca: Certificates that vouch for it, instead of the machine's.
        cert: Our own certificate, where it asks for one.
        key: The certificate's key.
    """

    url: str
    address: str
    token_file: Path | None
    ca: Path | None
    cert: Path | None
    key: Path | None

    @classmethod
    def parse(cls, text: str) -> "RemoteUri":
        """Read a URL.

        Raises:
            SignerMalformed: It names no key, or goes over a network in the clear.
        """
        uri = urlsplit(text)
        query = dict(parse_qsl(uri.query, keep_blank_values=True))
        place = uri.hostname or text
        if uri.scheme != "https" and not _is_loopback(uri.hostname or ""):
            raise SignerMalformed(place, "a signer on another machine is spoken to over https only")
        if query.keys() - _PARAMETERS or uri.username or uri.password:
            raise SignerMalformed(
                place, f"beside the URL it takes {', '.join(sorted(_PARAMETERS))}"
            )
        try:
            address = to_address(from_hex(query.get("address", "").lower(), 20))
        except CodecError:
            raise SignerMalformed(place, "it names no key: add ?address=0x…") from None
        files = {name: Path(query[name]) for name in query.keys() - {"address"}}
        return cls(
            url=urlunsplit((uri.scheme, uri.netloc, uri.path or "/", "", "")),
            address=address,
            token_file=files.get("token-file"),
            ca=files.get("ca"),
            cert=files.get("cert"),
            key=files.get("key"),
        )


class RemoteSigner:
    """A key behind a remote signer."""

    def __init__(self, uri: RemoteUri) -> None:
        """Prepare the connection; nothing is asked yet.

        Raises:
            OSError: A file of the URL cannot be read.
        """
        self._uri = uri
        headers = {}
        if uri.token_file is not None:
            headers["authorization"] = f"Bearer {uri.token_file.read_text().strip()}"
        self._http = httpx.Client(
            headers=headers,
            timeout=ANSWER_SECONDS,
            verify=_tls(uri),
            trust_env=False,
        )

    @property
    def address(self) -> str:
        """Lower-case address of the key."""
        return self._uri.address

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return self._uri.url

    def sign_typed_data(
        self, domain: Domain, primary_type: str, message: Mapping[str, Any]
    ) -> bytes:
        """65 bytes r, s, v over a message of a pinned type (EIP-712).

        Raises:
            SignerUnavailable: It does not answer.
            SignerRefused: It says no, or its signature is another key's or over something else.
        """
        # The document is text inside the call, as Web3Signer reads it.
        document = json.dumps(to_json(domain, TYPES[primary_type], message))
        answer = self._ask("eth_signTypedData", [self.address, document])
        return self._checked(answer, digest(domain, order_hash(primary_type, message)))

    def sign_text(self, text: bytes) -> bytes:
        """65 bytes r, s, v over a text as wallets sign it (EIP-191).

        Raises:
            SignerUnavailable, SignerRefused: As `sign_typed_data`.
        """
        return self._checked(self._ask("eth_sign", [self.address, to_hex(text)]), text_digest(text))

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes.

        Raises:
            SignerUnavailable: It does not answer.
            SignerRefused: It says no, or signed something else.
        """
        answer = self._ask("eth_signTransaction", [_transaction_json(self.address, fields)])
        try:
            raw = from_hex(answer)
            signed = decode_transaction(raw)
        except (CodecError, TypeError) as error:
            raise SignerRefused(self.place, f"it answers no transaction: {error}") from None
        said = (signed.sender, signed.chain_id, signed.nonce, signed.to, signed.value, signed.data)
        meant = (self.address, fields.chain_id, fields.nonce, fields.to, fields.value, fields.data)
        fees = (signed.gas, signed.max_fee_per_gas, signed.max_priority_fee_per_gas)
        if said != meant or fees != _fees(fields):
            raise SignerRefused(self.place, "it signed another transaction, or with another key")
        return raw

    def _checked(self, answer: Any, signed: bytes) -> bytes:
        try:
            signature = from_hex(answer, SIGNATURE_BYTES)
            return complete_signature(signed, signature[:64], self.address)
        except (CodecError, TypeError):
            reason = "its signature is of another key, or over something else"
            raise SignerRefused(self.place, reason) from None

    def _ask(self, method: str, params: list[Any]) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        try:
            answer = self._http.post(self._uri.url, json=body)
        except httpx.TransportError as error:
            raise SignerUnavailable(self.place, type(error).__name__) from None
        if answer.status_code in {401, 403}:
            raise SignerRefused(self.place, f"it answers {answer.status_code}")
        try:
            document = answer.json()
            if answer.is_success and "result" in document:
                return document["result"]
            reason = str(document["error"]["message"])[:_MOST_WORDS]
        except (ValueError, KeyError, TypeError):
            raise SignerUnavailable(self.place, f"it answers {answer.status_code}") from None
        raise SignerRefused(self.place, reason)


def _tls(uri: RemoteUri) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if uri.ca is None else str(uri.ca))
    if uri.cert is not None:
        context.load_cert_chain(uri.cert, uri.key)
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _transaction_json(sender: str, fields: Fields) -> dict[str, Any]:
    document: dict[str, Any] = {
        "from": sender,
        "chainId": hex(fields.chain_id),
        "nonce": hex(fields.nonce),
        "gas": hex(fields.gas),
        "value": hex(fields.value),
        "data": to_hex(fields.data),
    }
    if fields.to is not None:
        document["to"] = fields.to
    if isinstance(fields, LegacyFields):
        return document | {"gasPrice": hex(fields.gas_price)}
    return document | {
        "maxFeePerGas": hex(fields.max_fee_per_gas),
        "maxPriorityFeePerGas": hex(fields.max_priority_fee_per_gas),
    }


def _fees(fields: Fields) -> tuple[int, int, int]:
    if isinstance(fields, LegacyFields):
        return fields.gas, fields.gas_price, fields.gas_price
    return fields.gas, fields.max_fee_per_gas, fields.max_priority_fee_per_gas
