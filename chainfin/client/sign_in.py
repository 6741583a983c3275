"""Signing in to a service with a key, from the machine that has it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chainfin.client.api import Api
from chainfin.codec.hashing import to_hex
from chainfin.codec.signers import Signer
from chainfin.codec.siwe import SignInMessage
from chainfin.domain.service_errors import SignInRefused


def message_for(signer: Signer, offered: Mapping[str, Any], url: str) -> SignInMessage:
    """The message a key signs, of what a service offered.

    Raises:
        SignInRefused: It would sign in to another service than the one at this URL.
    """
    message = SignInMessage(address=signer.address, **offered)
    if message.domain != urlsplit(url).netloc:
        raise SignInRefused(f"the service at {url} asks for a signature for {message.domain}")
    return message


def sign_in(api: Api, signer: Signer, url: str) -> dict[str, Any]:
    """A session of the service at a URL, opened by a key.

    Raises:
        ApiProblem: The service refuses.
        SignInRefused: It asks for a signature for another service.
        SignerUnavailable, SignerRefused: The key is away, or says no.
    """
    text = message_for(signer, api.post("/sign-in/nonce", {}), url).to_text()
    signature = to_hex(signer.sign_text(text.encode()))
    return api.post("/sign-in", {"message": text, "signature": signature})
