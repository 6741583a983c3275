"""Keys in PKCS#11 tokens: hardware modules, smart cards, SoftHSM.

A token is named by a URI (RFC 7512):

    pkcs11:token=bank;object=maker?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:pin

The key is made inside the token and cannot be read from it. Tokens know ECDSA and HMAC, and
nothing of Ethereum: the digest is computed here, s is made low, and v is found by trial.
"""

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, exceptions
from pkcs11.util.ec import encode_named_curve_parameters

from chainfin.codec.orders import order_hash
from chainfin.codec.signatures import address_of_point, complete_signature, text_digest
from chainfin.codec.transactions import Fields, add_signature, signing_digest
from chainfin.codec.typed_data import Domain, digest
from chainfin.domain.service_errors import SignerMalformed, SignerRefused
from chainfin.domain.service_errors import SignerUnavailable as Unavailable

ANSWER_SECONDS = 5.0
_SECP256K1 = "1.3.132.0.10"
_POINT_BYTES = 65
_KEY_ID_BYTES = 16

_Answer = TypeVar("_Answer")
AskPin = Callable[[str], str]
"""Gives the PIN of a token that no file has."""


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which token and key.

    Attributes:
        module: The library of the token's maker.
        token: The token's label.
        label: The key's label; empty for the token as such.
        pin_file: The file with the PIN, or None to ask for it.
    """

    module: Path
    token: str
    label: str
    pin_file: Path | None

    @classmethod
    def parse(cls, text: str) -> "TokenUri":
        """Read a URI.

        Raises:
            SignerMalformed: It is no such URI, or carries a PIN where others can read it.
        """
        uri = urlsplit(text)
        path = dict(part.partition("=")[::2] for part in uri.path.split(";"))
        query = dict(parse_qsl(uri.query, keep_blank_values=True))
        if "pin-value" in query:
            raise SignerMalformed(uri.path, "a PIN in a URI can be read by others: use pin-source")
        unknown = sorted((path.keys() - {"token", "object"}) | (query.keys() - _QUERY))
        if unknown or not path.get("token") or not query.get("module-path"):
            wanted = "pkcs11:token=…;object=…?module-path=…&pin-source=file:…"
            raise SignerMalformed(uri.path, f"it has not the form {wanted}")
        pin = query.get("pin-source", "").removeprefix("file:")
        return cls(
            module=Path(query["module-path"]),
            token=unquote(path["token"]),
            label=unquote(path.get("object", "")),
            pin_file=Path(pin) if pin else None,
        )

    @property
    def place(self) -> str:
        """For people."""
        return f"token {self.token}" + (f", key {self.label}" if self.label else "")


_QUERY = {"module-path", "pin-source", "pin-value"}


# --- sessions --------------------------------------------------------------------------------


class Module:
    """A maker's library in this process: one thread speaks to it, one login a token.

    After any failure everything is closed and begun anew at the next question: a token that was
    pulled out and put back answers again.
    """

    def __init__(self, path: Path) -> None:
        """Name the library; nothing is loaded yet."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pkcs11")
        self._sessions: dict[str, pkcs11.Session] = {}
        self._refused: dict[str, str] = {}
        self._is_stale = False

    def ask(
        self, uri: TokenUri, pin: Callable[[], str], question: Callable[[pkcs11.Session], _Answer]
    ) -> _Answer:
        """Ask a token something, in its session.

        Raises:
            SignerUnavailable: It is not there, lacks the key, fails, or does not answer in time.
            SignerRefused: The PIN is wrong; it is not tried again, because tokens count.
        """
        answer = self._thread.submit(self._ask, uri, pin, question)
        try:
            return answer.result(ANSWER_SECONDS)
        except NotInTime:
            answer.cancel()
            raise Unavailable(uri.place, f"no answer in {ANSWER_SECONDS:.0f} s") from None

    def _ask(
        self, uri: TokenUri, pin: Callable[[], str], question: Callable[[pkcs11.Session], _Answer]
    ) -> _Answer:
        try:
            return question(self._session(uri, pin))
        except (exceptions.PinIncorrect, exceptions.PinLocked, exceptions.PinInvalid) as error:
            self._refused[uri.token] = f"the PIN is refused ({type(error).__name__})"
            raise SignerRefused(uri.place, self._refused[uri.token]) from None
        except exceptions.NoSuchKey:
            self._is_stale = True  # A token that was pulled out may seem empty.
            raise Unavailable(uri.place, "it has no key of this label") from None
        except exceptions.PKCS11Error as error:
            self._is_stale = True
            raise Unavailable(uri.place, str(error) or type(error).__name__) from None

    def _session(self, uri: TokenUri, pin: Callable[[], str]) -> pkcs11.Session:
        library = pkcs11.lib(str(self._path))
        if self._is_stale:
            self._sessions.clear()
            library.reinitialize()
            self._is_stale = False
        if uri.token in self._refused:
            raise SignerRefused(uri.place, self._refused[uri.token])
        if uri.token not in self._sessions:
            token = library.get_token(token_label=uri.token)
            self._sessions[uri.token] = token.open(rw=True, user_pin=pin())
        return self._sessions[uri.token]


@cache
def module_of(path: Path) -> Module:
    """The one module of a library in this process."""
    return Module(path)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and how to log in to it."""

    uri: TokenUri
    ask_pin: AskPin = field(repr=False)

    def ask(self, question: Callable[[pkcs11.Session], _Answer]) -> _Answer:
        """Ask the token something.

        Raises:
            SignerUnavailable, SignerRefused: See `Module.ask`.
            OSError: The PIN's file cannot be read.
        """
        return module_of(self.uri.module).ask(self.uri, self._pin, question)

    def _pin(self) -> str:
        if self.uri.pin_file is not None:
            return self.uri.pin_file.read_text().strip()
        return self.ask_pin(self.uri.place)


def _sign(
    session: pkcs11.Session, kind: ObjectClass, label: str, content: bytes, mechanism: Mechanism
) -> bytes:
    key: Any = session.get_key(object_class=kind, label=label)
    return bytes(key.sign(content, mechanism=mechanism))


# --- signing ---------------------------------------------------------------------------------


class TokenSigner:
    """A secp256k1 key in a token."""

    def __init__(self, token: Token) -> None:
        """Find the key's address.

        Raises:
            SignerUnavailable, SignerRefused: As `Token.ask`.
        """
        self._token = token
        label = token.uri.label
        self._address = token.ask(lambda session: _address(_public_key(session, label)))

    @property
    def address(self) -> str:
        """Lower-case address of the key."""
        return self._address

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return self._token.uri.place

    def sign_typed_data(
        self, domain: Domain, primary_type: str, message: Mapping[str, Any]
    ) -> bytes:
        """65 bytes r, s, v over a message of a pinned type (EIP-712)."""
        return self._sign(digest(domain, order_hash(primary_type, message)))

    def sign_text(self, text: bytes) -> bytes:
        """65 bytes r, s, v over a text as wallets sign it (EIP-191)."""
        return self._sign(text_digest(text))

    def sign_transaction(self, fields: Fields) -> bytes:
        """A signed transaction as bytes."""
        return add_signature(fields, self._sign(signing_digest(fields)))

    def _sign(self, signed: bytes) -> bytes:
        label = self._token.uri.label

        def question(session: pkcs11.Session) -> bytes:
            return _sign(session, ObjectClass.PRIVATE_KEY, label, signed, Mechanism.ECDSA)

        return complete_signature(signed, self._token.ask(question), self._address)


def create_token_key(token: Token) -> str:
    """Make a secp256k1 key in a token, never to leave it; returns its address.

    Raises:
        FileExistsError: The token has a key of this label.
        SignerMalformed: The URI names no key.
        SignerUnavailable, SignerRefused: As `Token.ask`.
    """
    uri = token.uri

    def question(session: pkcs11.Session) -> str:
        _require_new(session, uri)
        curve = session.create_domain_parameters(
            KeyType.EC,
            {Attribute.EC_PARAMS: encode_named_curve_parameters(_SECP256K1)},
            local=True,
        )
        public, _ = curve.generate_keypair(
            store=True,
            label=uri.label,
            id=secrets.token_bytes(_KEY_ID_BYTES),
            private_template={
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.SIGN: True,
            },
        )
        return _address(public)

    return token.ask(question)


def list_token_keys(token: Token) -> dict[str, str]:
    """The secp256k1 keys of a token: address by label.

    Raises:
        SignerUnavailable, SignerRefused: As `Token.ask`.
    """
    parameters = encode_named_curve_parameters(_SECP256K1)
    wanted = {
        Attribute.CLASS: ObjectClass.PUBLIC_KEY,
        Attribute.KEY_TYPE: KeyType.EC,
        Attribute.EC_PARAMS: parameters,
    }

    def question(session: pkcs11.Session) -> dict[str, str]:
        return {str(key[Attribute.LABEL]): _address(key) for key in session.get_objects(wanted)}

    return token.ask(question)


def _require_new(session: pkcs11.Session, uri: TokenUri) -> None:
    if not uri.label:
        raise SignerMalformed(uri.place, "it names no key: add object=…")
    if any(True for _ in session.get_objects({Attribute.LABEL: uri.label})):
        raise FileExistsError(f"{uri.place} exists already")


def _public_key(session: pkcs11.Session, label: str) -> pkcs11.Object:
    return session.get_key(object_class=ObjectClass.PUBLIC_KEY, key_type=KeyType.EC, label=label)


def _address(public_key: pkcs11.Object) -> str:
    # A DER octet string by the standard; some modules give the point itself.
    return address_of_point(bytes(public_key[Attribute.EC_POINT])[-_POINT_BYTES:])


# --- fingerprints ----------------------------------------------------------------------------


class TokenFingerprintKey:
    """A fingerprint epoch's key in a token, which computes HMAC-SHA256 itself."""

    def __init__(self, epoch: int, token: Token) -> None:
        """Name the key; it is looked for when it is used."""
        self._epoch = epoch
        self._token = token

    @property
    def epoch(self) -> int:
        """The epoch it belongs to."""
        return self._epoch

    def tag(self, preimage: bytes) -> bytes:
        """HMAC-SHA256 of a preimage, 32 bytes.

        Raises:
            SignerUnavailable, SignerRefused: As `Token.ask`.
        """
        label = self._token.uri.label

        def question(session: pkcs11.Session) -> bytes:
            return _sign(session, ObjectClass.SECRET_KEY, label, preimage, Mechanism.SHA256_HMAC)

        return self._token.ask(question)


def store_fingerprint_key(token: Token, key: bytes) -> None:
    """Put the consortium's key of an epoch into a token, never to be read again.

    Raises:
        FileExistsError: The token has a key of this label.
        SignerMalformed: The URI names no key.
        SignerUnavailable, SignerRefused: As `Token.ask`.
    """
    uri = token.uri

    def question(session: pkcs11.Session) -> None:
        _require_new(session, uri)
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
                Attribute.LABEL: uri.label,
                Attribute.VALUE: key,
                Attribute.TOKEN: True,
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.SIGN: True,
            }
        )

    token.ask(question)
