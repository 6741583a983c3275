"""A member's identity provider (OpenID Connect): authorisation code with PKCE, ID tokens checked.

Which algorithms are taken is written here and not read from the token. The provider's keys are
kept for a while, and asked for anew when a token names one that is not among them.
"""

import base64
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chainfin.domain.service_errors import ProviderUnavailable, SignInRefused

ALGORITHMS = ["RS256", "ES256"]
LEEWAY_SECONDS = 60
_ANSWER_SECONDS = 10
_KEYS_SECONDS = 600
_AGAIN_SECONDS = 30
_VERIFIER_BYTES = 48


class IdentityProvider:
    """One provider, as this service is registered there."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Name it; nothing is asked yet. A transport stands in for the network."""
        self.issuer = issuer
        self._client_id, self._client_secret = client_id, client_secret
        self._http = httpx.Client(timeout=_ANSWER_SECONDS, transport=transport, trust_env=False)
        self._clock = clock
        self._document: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._keys_at = 0.0

    def new_verifier(self) -> str:
        """A secret that only the one who began a sign-in knows (RFC 7636)."""
        return secrets.token_urlsafe(_VERIFIER_BYTES)

    def authorisation_url(self, state: str, verifier: str, redirect_uri: str) -> str:
        """Where a browser is sent to.

        Raises:
            ProviderUnavailable: The provider does not answer.
        """
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce_of(verifier),
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorization_endpoint')}?{urlencode(query)}"

    def redeem(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Whom a code is about: the subject of its ID token.

        Raises:
            ProviderUnavailable: The provider does not answer.
            SignInRefused: It refuses the code, or its token is not for this sign-in.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "code_verifier": verifier,
        }
        answer = self._ask("POST", self._endpoint("token_endpoint"), data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("the provider refuses the code")
        return self.subject_of(token, nonce_of(verifier))

    def subject_of(self, token: str, nonce: str) -> str:
        """The subject of an ID token made for this service and this sign-in, now.

        Raises:
            SignInRefused: It is not.
            ProviderUnavailable: Its keys cannot be had.
        """
        claims = self._claims(token)
        now = self._clock()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        is_ours = self._client_id in audiences and (
            len(audiences) == 1 or claims.get("azp") == self._client_id
        )
        if claims.get("iss") != self.issuer or not is_ours:
            raise SignInRefused("the token is of another provider, or for another service")
        expires_at, issued_at = claims.get("exp"), claims.get("iat")
        if not isinstance(expires_at, int) or not isinstance(issued_at, int):
            raise SignInRefused("the token has no time")
        if now >= expires_at + LEEWAY_SECONDS or now < issued_at - LEEWAY_SECONDS:
            raise SignInRefused("the token's time is over, or has not come")
        subject = claims.get("sub")
        if claims.get("nonce") != nonce or not isinstance(subject, str) or not subject:
            raise SignInRefused("the token is of another sign-in")
        return subject

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return self._decoded(token, self._key_set())
        except (JoseError, ValueError):
            pass  # Perhaps by a key the provider has taken into use since.
        try:
            return self._decoded(token, self._key_set(is_refused=True))
        except (JoseError, ValueError) as error:
            raise SignInRefused(f"the token is not signed as it should be ({error})") from None

    @staticmethod
    def _decoded(token: str, keys: KeySet) -> dict[str, Any]:
        return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)

    def _key_set(self, *, is_refused: bool = False) -> KeySet:
        age = self._clock() - self._keys_at
        if self._keys is None or age > (_AGAIN_SECONDS if is_refused else _KEYS_SECONDS):
            document = self._ask("GET", self._endpoint("jwks_uri"))
            try:
                # A shared secret is no key of a provider: HS256 is not taken anyway.
                public = [key for key in document["keys"] if key.get("kty") in {"RSA", "EC"}]
                self._keys = KeySet.import_key_set({"keys": public})
            except (KeyError, TypeError, AttributeError, ValueError, JoseError) as error:
                raise ProviderUnavailable(self.issuer, f"its keys are none: {error}") from None
            self._keys_at = self._clock()
        return self._keys

    def _endpoint(self, name: str) -> str:
        if not self._document:
            place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            document = self._ask("GET", place)
            if document.get("issuer") != self.issuer:
                raise ProviderUnavailable(self.issuer, "its description is another provider's")
            self._document = document
        place = str(self._document.get(name, ""))
        if urlsplit(place).scheme != urlsplit(self.issuer).scheme:
            raise ProviderUnavailable(self.issuer, f"it has no {name}")
        return place

    def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, url, **options)
            return dict(answer.json())
        except (httpx.TransportError, ValueError, TypeError) as error:
            raise ProviderUnavailable(self.issuer, type(error).__name__) from None


def nonce_of(verifier: str) -> str:
    """The nonce of a sign-in: bound to its verifier, and tells nothing of it."""
    return sha256(f"nonce {verifier}".encode()).hexdigest()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
