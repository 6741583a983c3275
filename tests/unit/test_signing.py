"""Sources of keys, and the guard before those outside this process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec.errors import KeyMalformed, SignatureMalformed
from chainfin.codec.hashing import keccak
from chainfin.codec.signatures import (
    SigningKey,
    address_of_point,
    complete_signature,
    recover,
    text_digest,
)
from chainfin.codec.signers import UNHURRIED, LocalSigner
from chainfin.codec.typed_data import Domain
from chainfin.domain.service_errors import SignerMalformed, SignerRefused, SignerUnavailable
from chainfin.signing.guard import LONGEST_PAUSE_SECONDS, SECONDS_AT_ONCE, GuardedSigner
from chainfin.signing.published import KNOWN_DEVELOPMENT_ADDRESSES
from chainfin.signing.remote import RemoteUri
from chainfin.signing.sources import absolute, open_signer
from chainfin.signing.tokens import TokenUri

KEY = SigningKey(b"\x21" * 32)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MNEMONICS = {
    "test test test test test test test test test test test junk": 20,
    "myth like bonus scare over problem client lizard pioneer submit female collect": 10,
    "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat": 10,
}
GENESIS_KEY_OF_BESU = "8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63"


# --- signatures made elsewhere


@given(st.binary(min_size=32, max_size=32), st.booleans())
def test_signature__of_a_device_that_knows_no_v__becomes_the_one_contracts_take(
    digest: bytes, is_high: bool
) -> None:
    signature = KEY.sign(digest)
    s = int.from_bytes(signature[32:64], "big")
    numbers = signature[:32] + (ORDER - s if is_high else s).to_bytes(32, "big")

    completed = complete_signature(digest, numbers, KEY.address)

    assert completed == signature
    assert recover(digest, completed) == KEY.address


def test_signature__over_something_else__is_not_completed() -> None:
    signature = KEY.sign(keccak(b"this"))

    with pytest.raises(SignatureMalformed):
        complete_signature(keccak(b"that"), signature[:64], KEY.address)
    with pytest.raises(SignatureMalformed):
        complete_signature(keccak(b"this"), bytes(64), KEY.address)


def test_text__is_signed_as_wallets_do() -> None:
    text = "Invoice № 7".encode()
    signed = Account.sign_message(encode_defunct(text), b"\x21" * 32)

    assert LocalSigner(KEY).sign_text(text) == bytes(signed.signature)
    assert recover(text_digest(text), bytes(signed.signature)) == KEY.address


def test_point__that_is_none_of_the_curve__is_no_key() -> None:
    public = PrivateKey(b"\x21" * 32).public_key.format(compressed=False)[1:]

    assert address_of_point(b"\x04" + public) == KEY.address
    for wrong in (public, b"\x04" + bytes(64), b"\x02" + public):
        with pytest.raises(KeyMalformed):
            address_of_point(wrong)


# --- sources


def test_published_keys__are_those_of_the_mnemonics_and_genesis_files() -> None:
    Account.enable_unaudited_hdwallet_features()
    derived = {
        Account.from_mnemonic(words, account_path=f"m/44'/60'/0'/0/{number}").address.lower()
        for words, count in MNEMONICS.items()
        for number in range(count)
    }
    derived.add(Account.from_key(GENESIS_KEY_OF_BESU).address.lower())

    assert derived == KNOWN_DEVELOPMENT_ADDRESSES


def test_token_uri__of_rfc_7512__names_module_token_key_and_pin() -> None:
    text = "pkcs11:token=My%20Bank;object=maker?module-path=/lib/p11.so&pin-source=file:/run/pin"

    uri = TokenUri.parse(text)

    assert uri == TokenUri(Path("/lib/p11.so"), "My Bank", "maker", Path("/run/pin"))


@pytest.mark.parametrize(
    "text",
    [
        "pkcs11:token=bank;object=maker?module-path=/lib/p11.so&pin-value=1234",
        "pkcs11:token=bank;object=maker",
        "pkcs11:object=maker?module-path=/lib/p11.so",
        "pkcs11:token=bank;colour=red?module-path=/lib/p11.so",
    ],
)
def test_token_uri__incomplete_or_with_a_pin_in_it__is_refused(text: str) -> None:
    with pytest.raises(SignerMalformed):
        TokenUri.parse(text)


def test_remote_uri__keeps_what_is_for_us_out_of_what_is_sent() -> None:
    uri = RemoteUri.parse(
        f"https://signer.example:9000/eth1?address={KEY.address}&token-file=bearer&ca=ca.pem"
    )

    assert uri.url == "https://signer.example:9000/eth1"
    assert (uri.address, uri.token_file, uri.ca) == (KEY.address, Path("bearer"), Path("ca.pem"))


@pytest.mark.parametrize(
    "text",
    [
        f"http://signer.example:9000/?address={KEY.address}",
        "https://signer.example:9000/",
        "https://signer.example:9000/?address=0x12",
        f"https://user:secret@signer.example/?address={KEY.address}",
        f"https://signer.example/?address={KEY.address}&bearer=secret",
    ],
)
def test_remote_uri__in_the_clear_without_a_key_or_with_a_secret__is_refused(text: str) -> None:
    with pytest.raises(SignerMalformed):
        open_signer(text)


def test_source__made_absolute__changes_only_files() -> None:
    remote = f"https://signer.example/?address={KEY.address}"

    assert absolute(remote) == remote
    assert absolute("maker.json") == str(Path.cwd() / "maker.json")


# --- the guard


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Moody:
    """A device that takes its time and fails as told."""

    place = "token moody"
    address = KEY.address

    def __init__(self, clock: Clock) -> None:
        self.clock, self.seconds, self.asked = clock, 0.0, 0
        self.failure: Exception | None = None

    def sign_text(self, text: bytes) -> bytes:
        self.asked += 1
        self.clock.now += self.seconds
        if self.failure is not None:
            raise self.failure
        return LocalSigner(KEY).sign_text(text)

    def sign_typed_data(self, domain: Domain, type_: str, message: Mapping[str, Any]) -> bytes:
        raise NotImplementedError

    def sign_transaction(self, fields: Any) -> bytes:
        raise NotImplementedError


@pytest.fixture
def moody() -> tuple[Moody, GuardedSigner]:
    clock = Clock()
    device = Moody(clock)
    return device, GuardedSigner(device, clock)


@pytest.mark.parametrize("kind", [SignerUnavailable, SignerRefused])
def test_f30__guard__before_a_device_that_fails__asks_once_and_then_leaves_it_alone(
    moody: tuple[Moody, GuardedSigner], kind: type[SignerUnavailable] | type[SignerRefused]
) -> None:
    device, signer = moody
    device.failure = kind("token moody", "cable")

    with pytest.raises(kind):
        signer.sign_text(b"1")
    with pytest.raises(SignerUnavailable):
        signer.sign_text(b"2")

    assert device.asked == 1
    assert signer.at_once == 0
    device.clock.now += 1.0
    assert signer.at_once == 1
    device.failure = None
    assert recover(text_digest(b"3"), signer.sign_text(b"3")) == KEY.address
    assert signer.at_once == UNHURRIED


def test_f30__guard__of_a_device_that_stays_away__waits_longer_each_time_and_not_for_ever(
    moody: tuple[Moody, GuardedSigner],
) -> None:
    device, signer = moody
    device.failure = SignerUnavailable("token moody", "cable")
    pauses = []

    for _ in range(1_100):  # nine hours
        with pytest.raises(SignerUnavailable):
            signer.sign_text(b"1")
        before = device.clock.now
        while signer.at_once == 0:
            device.clock.now += 0.25
        pauses.append(device.clock.now - before)

    assert pauses == sorted(pauses)
    assert pauses[0] == 1.0
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_f30__guard__of_a_slow_device__asks_for_no_more_than_it_signs_in_seconds(
    moody: tuple[Moody, GuardedSigner],
) -> None:
    device, signer = moody
    device.seconds = 0.5

    for _ in range(40):
        signer.sign_text(b"1")

    assert signer.at_once == int(SECONDS_AT_ONCE / device.seconds)
