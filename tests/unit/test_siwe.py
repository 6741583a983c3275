"""Sign-in messages (EIP-4361), against the official vectors."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec.errors import CodecError, SiweMalformed
from chainfin.codec.hashing import from_hex
from chainfin.codec.signers import LocalSigner
from chainfin.codec.siwe import SignInMessage, instant_of, parse_sign_in, signer_of

KEY = LocalSigner(b"\x51" * 32)
NAMES = {
    "chainId": "chain_id",
    "issuedAt": "issued_at",
    "expirationTime": "expiration_time",
    "notBefore": "not_before",
    "requestId": "request_id",
}
ALWAYS = ("domain", "address", "uri", "nonce", "issuedAt", "chainId")


@pytest.fixture(scope="module")
def vectors(test_data: Path) -> dict[str, dict[str, Any]]:
    folder = test_data / "siwe"
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


def message_of(fields: dict[str, Any]) -> SignInMessage:
    named = {NAMES.get(name, name): value for name, value in fields.items()}
    known = {name: named[name] for name in SignInMessage.__dataclass_fields__ if name in named}
    known["address"] = known["address"].lower()
    if "resources" in known:
        known["resources"] = tuple(known["resources"])
    return SignInMessage(**known)


def test_message__of_the_vectors__is_read_and_written_back(
    vectors: dict[str, dict[str, Any]],
) -> None:
    for name, vector in vectors["parsing_positive"].items():
        message = parse_sign_in(vector["message"])

        assert message == message_of(vector["fields"]), name
        assert message.to_text() == vector["message"], name


def test_message__malformed_as_in_the_vectors__is_refused(
    vectors: dict[str, dict[str, Any]],
) -> None:
    read = {name for name, text in vectors["parsing_negative"].items() if is_read(text)}

    assert read == set()


def is_read(text: str) -> bool:
    try:
        parse_sign_in(text)
    except SiweMalformed:
        return False
    return True


def test_signature__of_the_vectors__is_recovered_and_its_time_is_kept(
    vectors: dict[str, dict[str, Any]],
) -> None:
    for name, vector in vectors["verification_positive"].items():
        message = message_of(vector)
        signer = signer_of(message.to_text(), from_hex(vector["signature"]))

        assert signer == message.address, name
        at = vector.get("time", "2022-02-01T00:00:00Z")
        if name not in {"not yet valid", "expired message"} or "time" in vector:
            assert message.is_current(int(instant_of(at))), name


def test_signature__wrong_as_in_the_vectors__is_not_accepted(
    vectors: dict[str, dict[str, Any]],
) -> None:
    for name, vector in vectors["verification_negative"].items():
        assert not accepted(vector), name


def accepted(vector: dict[str, Any]) -> bool:
    message = message_of(vector)
    try:
        parsed = parse_sign_in(message.to_text())
        signer = signer_of(message.to_text(), from_hex(vector["signature"]))
    except CodecError:
        return False
    at = instant_of(vector.get("time", "2022-02-01T00:00:00Z"))
    return (
        signer == parsed.address
        and parsed.is_current(int(at))
        and parsed.domain == vector.get("domainBinding", parsed.domain)
        and parsed.nonce == vector.get("matchNonce", parsed.nonce)
    )


@given(
    st.from_regex(r"[a-zA-Z0-9]{8,40}", fullmatch=True),
    st.integers(0, 2**64),
    st.sampled_from([None, "Sign in to chainfin", "a"]),
    st.sampled_from([None, (), ("https://example.com/a", "ipfs://b")]),
)
def test_message__written__is_read_back_and_its_signer_found(
    nonce: str, chain_id: int, statement: str | None, resources: tuple[str, ...] | None
) -> None:
    message = SignInMessage(
        domain="bank.example:8443",
        address=KEY.address,
        statement=statement,
        uri="https://bank.example:8443/session",
        chain_id=chain_id,
        nonce=nonce,
        issued_at="2026-11-22T12:00:00Z",
        resources=resources,
    )

    text = message.to_text()

    assert parse_sign_in(text) == message
    assert signer_of(text, KEY.sign_text(text.encode())) == KEY.address


@given(st.text(max_size=300))
def test_message__any_text__is_read_or_refused_by_name(text: str) -> None:
    assert not is_read(text)
