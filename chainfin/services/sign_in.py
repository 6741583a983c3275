"""Signing in with a key of one's organisation: Sign-In with Ethereum (EIP-4361).

The message is bound to this service's page, address and chain, to a nonce that is used once and
lives five minutes, and to now. The key must be registered and valid on chain; what it may do here
follows from its roles there, looked up at every request (`services.credentials`).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from chainfin.codec.errors import CodecError
from chainfin.codec.hashing import from_hex
from chainfin.codec.siwe import SignInMessage, instant_of, parse_sign_in, signer_of
from chainfin.domain.access import scopes_of
from chainfin.domain.service_errors import SignInRefused
from chainfin.models.credentials import PersonRow, SignInRow, take_sign_in
from chainfin.models.participants import get_key
from chainfin.services.context import Context
from chainfin.services.credentials import SESSION_SECONDS, open_session

NONCE_SECONDS = 300
STATEMENT = "Sign in to chainfin. This signs no order and moves nothing."
_NONCE_BYTES = 16
_SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Site:
    """Where people sign in.

    Attributes:
        url: The service's address as people see it.
        chain_id: Of its network.
    """

    url: str
    chain_id: int

    @property
    def domain(self) -> str:
        """Host and port, as the message names them."""
        return urlsplit(self.url).netloc

    @property
    def uri(self) -> str:
        """What is signed in to."""
        return f"{self.url.rstrip('/')}/session"


def begin_sign_in(context: Context, site: Site) -> dict[str, Any]:
    """A fresh nonce, and all that a message needs besides the account."""
    nonce = secrets.token_hex(_NONCE_BYTES)
    expires_at = context.now + NONCE_SECONDS
    context.session.add(SignInRow(nonce=nonce, expires_at=expires_at))
    return {
        "domain": site.domain,
        "uri": site.uri,
        "chain_id": site.chain_id,
        "statement": STATEMENT,
        "nonce": nonce,
        "issued_at": _instant(context.now),
        "expiration_time": _instant(expires_at),
    }


def sign_in(context: Context, site: Site, text: str, signature: str) -> dict[str, Any]:
    """A session for whoever signed a message with a valid key of an organisation.

    Raises:
        SignInRefused: Why not.
    """
    try:
        message = parse_sign_in(text)
        signer = signer_of(text, from_hex(signature))
    except CodecError as error:
        raise SignInRefused(str(error)) from None
    _require_bound(message, site, context.now)
    if signer != message.address:
        raise SignInRefused("the signature is not by the account that the message names")
    if take_sign_in(context.session, message.nonce, context.now) is None:
        raise SignInRefused("its nonce is used, too old, or not of this service")
    entry = get_key(context.session, signer)
    if entry is None or not entry.is_valid(context.as_of().block_timestamp):
        raise SignInRefused("no valid key of an organisation has this address")
    scopes = scopes_of(entry.roles)
    if not scopes:
        raise SignInRefused("keys of this role do not sign in")
    return {
        "session": open_session(context, entry.organisation, key=signer),
        "organisation": entry.organisation,
        "scopes": sorted(scopes),
        "expires_at": context.now + SESSION_SECONDS,
    }


def begin_with_provider(context: Context, verifier: str) -> tuple[str, str]:
    """A sign-in through an identity provider: its state, and the verifier that is kept for it."""
    state = secrets.token_hex(_NONCE_BYTES)
    expires_at = context.now + NONCE_SECONDS
    context.session.add(SignInRow(nonce=state, verifier=verifier, expires_at=expires_at))
    return state, verifier


def verifier_of(context: Context, state: str) -> str:
    """The verifier of a sign-in that has begun; only once.

    Raises:
        SignInRefused: It was used, is too old, or none.
    """
    row = take_sign_in(context.session, state, context.now)
    if row is None or not row.verifier:
        raise SignInRefused("it began too long ago, or not here")
    return row.verifier


def open_person_session(context: Context, issuer: str, subject: str) -> str:
    """A session of a person whom an organisation lets in.

    Raises:
        SignInRefused: No organisation does.
    """
    person = context.session.get(PersonRow, (issuer, subject))
    if person is None:
        raise SignInRefused("no organisation has named this person; ask your administrator")
    return open_session(context, person.organisation, issuer=issuer, subject=subject)


def _require_bound(message: SignInMessage, site: Site, now: int) -> None:
    """Refuse a message that somebody signed for another page, network or time."""
    if (message.domain, message.uri) != (site.domain, site.uri):
        raise SignInRefused(f"it is for {message.uri}, not for {site.uri}")
    if message.scheme not in {None, urlsplit(site.url).scheme}:
        raise SignInRefused(f"it is for {message.scheme}")
    if message.chain_id != site.chain_id:
        raise SignInRefused(f"it is for chain {message.chain_id}, not {site.chain_id}")
    age = now - instant_of(message.issued_at)
    if not -_SKEW_SECONDS <= age <= NONCE_SECONDS + _SKEW_SECONDS or not message.is_current(now):
        raise SignInRefused("its time is over, or has not come")


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
