"""Sign-in messages of Ethereum keys (EIP-4361): written, read, and whose signature is under them.

The text is what a person's wallet shows, so it has one form: read strictly, every line where the
standard has it, and written back it must be the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chainfin.codec.errors import SiweMalformed
from chainfin.codec.hashing import keccak
from chainfin.codec.signatures import SIGNATURE_BYTES, recover, text_digest

_FIRST = re.compile(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?P<domain>[^/?#\s]+)"
    r" wants you to sign in with your Ethereum account:"
)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_NONCE = re.compile(r"[a-zA-Z0-9]{8,}")
_NUMBER = re.compile(r"[0-9]+")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~:@!$&'()*+,;=%-]*")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})")
_STATEMENT = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;= -]+")
_MOST_CHARACTERS = 4_000
_HALF_OF_HEX = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInMessage:
    """What is signed; instants are kept as they were written.

    Attributes:
        scheme: Of the page, or None.
        domain: The authority of the page that asks: host and port.
        address: The account, lower-case.
        statement: What the person is told, or None.
        uri: What is signed in to.
        chain_id: EIP-155 id.
        nonce: At least 8 letters and digits.
    """

    scheme: str | None = None
    domain: str
    address: str
    statement: str | None = None
    uri: str
    chain_id: int
    nonce: str
    issued_at: str
    expiration_time: str | None = None
    not_before: str | None = None
    request_id: str | None = None
    resources: tuple[str, ...] | None = None

    def to_text(self) -> str:
        """As wallets show and sign it."""
        page = self.domain if self.scheme is None else f"{self.scheme}://{self.domain}"
        lines = [
            f"{page} wants you to sign in with your Ethereum account:",
            with_checksum(self.address),
            "",
            *([] if self.statement is None else [self.statement]),
            "",
            f"URI: {self.uri}",
            "Version: 1",
            f"Chain ID: {self.chain_id}",
            f"Nonce: {self.nonce}",
            f"Issued At: {self.issued_at}",
        ]
        for tag, value in (
            ("Expiration Time", self.expiration_time),
            ("Not Before", self.not_before),
            ("Request ID", self.request_id),
        ):
            if value is not None:
                lines.append(f"{tag}: {value}")
        if self.resources is not None:
            lines += ["Resources:", *(f"- {resource}" for resource in self.resources)]
        return "\n".join(lines)

    def is_current(self, now: int) -> bool:
        """Whether an instant, UTC seconds, lies in the time the message is for."""
        starts = self.not_before is None or instant_of(self.not_before) <= now
        return starts and (self.expiration_time is None or now < instant_of(self.expiration_time))


def instant_of(text: str) -> float:
    """UTC seconds of an RFC 3339 instant.

    Raises:
        SiweMalformed: It is none.
    """
    _matching(_INSTANT, text, "instant of RFC 3339")
    try:
        return datetime.fromisoformat(text.upper()).timestamp()
    except ValueError:
        raise SiweMalformed(f"{text[:40]!r} is no instant of RFC 3339") from None


def parse_sign_in(text: str) -> SignInMessage:
    """Read a message.

    Raises:
        SiweMalformed: It is not exactly in the form of EIP-4361, or its address has no checksum.
    """
    if len(text) > _MOST_CHARACTERS:
        raise SiweMalformed(f"it has more than {_MOST_CHARACTERS} characters")
    lines = iter(text.split("\n"))
    first = _FIRST.fullmatch(_next(lines))
    if first is None:
        raise SiweMalformed("the first line does not say who asks")
    address = _matching(_ADDRESS, _next(lines), "address")
    _blank(lines)
    statement = _next(lines) or None
    if statement is not None:
        _matching(_STATEMENT, statement, "statement")
        _blank(lines)
    uri = _tagged(lines, "URI", _URI)
    _tagged(lines, "Version", re.compile("1"))
    chain_id = int(_tagged(lines, "Chain ID", _NUMBER))
    nonce = _tagged(lines, "Nonce", _NONCE)
    issued_at = _tagged(lines, "Issued At", _INSTANT)
    optional, resources = _optional(list(lines))
    message = SignInMessage(
        scheme=first["scheme"],
        domain=first["domain"],
        address=address.lower(),
        statement=statement,
        uri=uri,
        chain_id=chain_id,
        nonce=nonce,
        issued_at=issued_at,
        resources=resources,
        **optional,
    )
    for instant in (issued_at, message.expiration_time, message.not_before):
        if instant is not None:
            instant_of(instant)
    # Written back it must be the same text: that catches the address's checksum, leading zeros,
    # and lines that stand twice or in another order.
    if message.to_text() != text:
        raise SiweMalformed("it is not written as the standard has it")
    return message


def signer_of(text: str, signature: bytes) -> str:
    """The lower-case address that signed a text; v of 0 or 1 is taken too, as some wallets give it.

    Raises:
        SignatureMalformed: It is no signature.
    """
    if len(signature) == SIGNATURE_BYTES and signature[64] in {0, 1}:
        signature = signature[:64] + bytes((signature[64] + 27,))
    return recover(text_digest(text.encode()), signature)


def with_checksum(address: str) -> str:
    """A lower-case address with its checksum in the case of its letters (EIP-55)."""
    digits = address[2:]
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) > _HALF_OF_HEX else digit
        for digit, mark in zip(digits, marks, strict=False)
    )


_OPTIONAL = {
    "Expiration Time": ("expiration_time", _INSTANT),
    "Not Before": ("not_before", _INSTANT),
    "Request ID": ("request_id", _REQUEST_ID),
}


def _optional(lines: list[str]) -> tuple[dict[str, str], tuple[str, ...] | None]:
    found: dict[str, str] = {}
    while lines and lines[0] != "Resources:":
        tag, _, value = lines.pop(0).partition(": ")
        if tag not in _OPTIONAL:
            raise SiweMalformed(f"{tag[:40]!r} has no place there")
        name, pattern = _OPTIONAL[tag]
        found[name] = _matching(pattern, value, tag)
    if not lines:
        return found, None
    entries = [line.removeprefix("- ") for line in lines[1:]]
    return found, tuple(_matching(_URI, entry, "resource") for entry in entries)


def _next(lines: Iterator[str]) -> str:
    line = next(lines, None)
    if line is None:
        raise SiweMalformed("it ends too early")
    return line


def _blank(lines: Iterator[str]) -> None:
    if _next(lines):
        raise SiweMalformed("a line that should be empty is not")


def _tagged(lines: Iterator[str], tag: str, pattern: re.Pattern[str]) -> str:
    line = _next(lines)
    if not line.startswith(f"{tag}: "):
        raise SiweMalformed(f"{tag} is missing")
    return _matching(pattern, line.removeprefix(f"{tag}: "), tag)


def _matching(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise SiweMalformed(f"{value[:40]!r} is no {what}")
    return value
