"""A small OpenID provider in this process: codes with PKCE, and tokens made to order."""

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

ISSUER, CLIENT, SECRET = "https://id.example", "chainfin", "registered secret"


class Provider:
    """Answers as a provider does; its next token can be spoiled."""

    def __init__(self) -> None:
        self.keys = {"RS256": RSAKey.generate_key(2048, {"kid": "r1"})}
        self.subject = "person-7"
        self.changes: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.signs_with: Any = None
        self.token: str | None = None
        self.key_set_asked = 0
        self._begun: dict[str, dict[str, str]] = {}

    def take_into_use(self, algorithm: str) -> None:
        """Sign with another key from now on."""
        self.algorithm = algorithm
        make = ECKey.generate_key("P-256", {"kid": "e2"})
        self.keys[algorithm] = (
            make
            if algorithm == "ES256"
            else RSAKey.generate_key(2048, {"kid": f"r{len(self.keys) + 1}"})
        )

    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self._answer)

    def consent(self, url: str) -> str:
        """The person agrees in the browser; the code it is sent back with."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._begun)}"
        self._begun[code] = query
        return code

    def _answer(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self._description())
            case "/keys":
                self.key_set_asked += 1
                public = [key.as_dict(private=False) for key in self.keys.values()]
                return httpx.Response(200, json={"keys": public})
            case "/token":
                return self._redeem(dict(parse_form(request.content)))
        return httpx.Response(404, json={})

    def _description(self) -> dict[str, str]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorise",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }

    def _redeem(self, form: dict[str, str]) -> httpx.Response:
        begun = self._begun.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if begun is None or form["client_secret"] != SECRET:
            return httpx.Response(400, json={"error": "invalid_grant"})
        if (challenge, form["redirect_uri"]) != (begun["code_challenge"], begun["redirect_uri"]):
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"id_token": self.token or self.made(begun["nonce"])})

    def made(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
        } | self.changes
        key = self.signs_with or self.keys[self.algorithm]
        header = {"alg": self.algorithm, "kid": key.as_dict().get("kid", "r1")}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def by_shared_secret(self, nonce: str) -> str:
        """RS and HS swapped: the public key's text taken for a shared secret."""
        public = json.dumps(self.keys["RS256"].as_dict(private=False)).encode()
        claims = jwt_claims(self.made(nonce))
        return jwt.encode({"alg": "HS256", "kid": "r1"}, claims, OctKey.import_key(public))

    def unsigned(self, nonce: str) -> str:
        """The algorithm `none`."""
        head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
        return f"{head}.{self.made(nonce).split('.')[1]}."


def jwt_claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def parse_form(content: bytes) -> list[tuple[str, str]]:
    return [(name, values[0]) for name, values in parse_qs(content.decode()).items()]
