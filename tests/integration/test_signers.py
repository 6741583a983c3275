"""Keys in tokens and behind remote signers, against SoftHSM and a signer that hashes by itself."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_account import Account

from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import order_hash
from chainfin.codec.signatures import recover, text_digest
from chainfin.codec.signers import Signer
from chainfin.codec.transactions import FeeMarketFields, LegacyFields, decode_transaction
from chainfin.codec.typed_data import Domain, digest
from chainfin.domain.documents import tag
from chainfin.domain.service_errors import (
    SignerMalformed,
    SignerRefused,
    SignerUnavailable,
)
from chainfin.signing.sources import (
    create_key,
    import_fingerprint_key,
    open_fingerprint_key,
    open_signer,
    refuse_to_ask,
    token_keys,
)
from tests.remote_signer import RemoteSignerServer, remote_signer
from tests.tokens import SoftHsm

DOMAIN = Domain("chainfin", "1", 31337, "0x" + "11" * 20, b"\x22" * 32)
MESSAGE = {
    "target": "0x" + "33" * 20,
    "organisation": 4,
    "nonce": (7 << 96) + 2**200,
    "deadline": 1_800_000_000,
    "lotId": 17 << 32 | 3,
    "faceValue": 508_048_00,
    "paid": 0,
    "to": 5,
    "expiresAt": 1_800_000_000,
    "remarkHash": bytes(range(32)),
}
TRANSACTION = FeeMarketFields(
    chain_id=31337,
    nonce=3,
    to="0x" + "44" * 20,
    data=b"\x01\x02",
    gas=100_000,
    max_fee_per_gas=7,
    max_priority_fee_per_gas=0,
)
LEGACY = LegacyFields(chain_id=31337, nonce=0, to=None, data=b"\x60", gas=1 << 24, gas_price=0)
PRIVATE_KEY = b"\x31" * 32


def check_signs(signer: Signer) -> None:
    """Order, text and both kinds of transaction, each by this key."""
    signed = digest(DOMAIN, order_hash("ProposeTransfer", MESSAGE))
    signature = signer.sign_typed_data(DOMAIN, "ProposeTransfer", MESSAGE)
    assert recover(signed, signature) == signer.address
    assert recover(text_digest(b"hello"), signer.sign_text(b"hello")) == signer.address
    for fields in (TRANSACTION, LEGACY):
        transaction = decode_transaction(signer.sign_transaction(fields))
        assert (transaction.sender, transaction.data) == (signer.address, fields.data)


@pytest.fixture
def remote() -> Iterator[RemoteSignerServer]:
    with remote_signer() as server:
        yield server


def test_token__with_a_key_made_inside__signs_everything_and_never_shows_the_key(
    softhsm: SoftHsm,
) -> None:
    source = softhsm.uri("bank", "maker of the bank")
    address = create_key(source)
    signer = open_signer(source)

    for _ in range(8):  # Both parities of v, and s from both halves.
        check_signs(signer)

    assert signer.address == address
    assert token_keys(softhsm.uri("bank"))["maker of the bank"] == address
    with pytest.raises(FileExistsError):
        create_key(source)
    assert not any(
        to_hex(signer.sign_text(b"1"))[2:] in path.read_bytes().hex()
        for path in softhsm.tokens.rglob("*.object")
    )


def test_token__asked_for_a_key_it_lacks_or_without_a_pin__says_so(softhsm: SoftHsm) -> None:
    without_pin = softhsm.uri("spare", "maker").partition("&")[0]

    with pytest.raises(SignerUnavailable):
        open_signer(softhsm.uri("bank", "nobody"))
    with pytest.raises(SignerUnavailable):
        open_signer(softhsm.uri("no such token", "maker"))
    with pytest.raises(SignerMalformed):
        open_signer(without_pin, refuse_to_ask)
    with pytest.raises(SignerMalformed):
        create_key(softhsm.uri("bank"))
    with pytest.raises(SignerUnavailable):
        open_signer("pkcs11:token=a;object=b?module-path=/no/such/library.so&pin-source=file:x")


def test_token__told_a_wrong_pin__is_not_asked_again(softhsm: SoftHsm, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("0000")

    for _ in range(3):
        with pytest.raises(SignerRefused, match="PIN"):
            open_signer(softhsm.uri("spare", "maker", pin_file=wrong))


@pytest.mark.fault("F30", "token pulled out and put back")
def test_f30__token__pulled_out_and_put_back__signs_again(softhsm: SoftHsm) -> None:
    source = softhsm.uri("bank", "pulled")
    create_key(source)
    signer = open_signer(source)

    with softhsm.pulled_out():
        with pytest.raises(SignerUnavailable):
            signer.sign_text(b"1")
        assert signer.at_once == 0
    time.sleep(1.1)

    check_signs(signer)


def test_fingerprint_key__in_a_token__tags_as_the_key_itself(softhsm: SoftHsm) -> None:
    key, source = bytes(range(32)), softhsm.uri("service", "fingerprints of 2026")
    import_fingerprint_key(source, key)

    held = open_fingerprint_key(1, to_hex(key), refuse_to_ask)
    in_token = open_fingerprint_key(1, source, refuse_to_ask)

    for preimage in (b"x", bytes(5_000)):
        assert in_token.tag(preimage) == held.tag(preimage) == tag(key, preimage)
    assert in_token.epoch == 1
    with pytest.raises(FileExistsError):
        import_fingerprint_key(source, key)


def test_remote_signer__over_loopback__signs_everything(remote: RemoteSignerServer) -> None:
    check_signs(open_signer(remote.hold(PRIVATE_KEY)))

    assert set(remote.asked) == {"eth_signTypedData", "eth_sign", "eth_signTransaction"}


def test_remote_signer__that_signs_with_another_key_or_something_else__is_not_believed(
    remote: RemoteSignerServer,
) -> None:
    def signer() -> Signer:
        return open_signer(remote.hold(PRIVATE_KEY))

    remote.signs_with = Account.from_key(b"\x32" * 32)
    for ask in (
        lambda: signer().sign_typed_data(DOMAIN, "ProposeTransfer", MESSAGE),
        lambda: signer().sign_text(b"1"),
        lambda: signer().sign_transaction(TRANSACTION),
    ):
        with pytest.raises(SignerRefused):
            ask()
    remote.signs_with, remote.changes = None, {"to": 6}
    with pytest.raises(SignerRefused):
        signer().sign_typed_data(DOMAIN, "ProposeTransfer", MESSAGE)
    for change in ({"to": "0x" + "45" * 20}, {"gas": 100_001}, {"nonce": 4}, {"value": 1}):
        remote.changes = change
        with pytest.raises(SignerRefused):
            signer().sign_transaction(TRANSACTION)


def test_remote_signer__without_the_key_or_away__says_which(remote: RemoteSignerServer) -> None:
    source = f"{remote.url}?address=0x{'55' * 20}"
    with pytest.raises(SignerRefused, match="not known"):
        open_signer(source).sign_text(b"1")
    remote.is_down = True
    with pytest.raises(SignerUnavailable):
        open_signer(source).sign_text(b"1")


def test_remote_signer__behind_tls_and_a_bearer_token__takes_only_who_it_knows(
    tmp_path: Path,
) -> None:
    certificate = self_signed(tmp_path)
    ca = certificate[0]
    bearer = tmp_path / "bearer"
    bearer.write_text("open sesame\n")
    with remote_signer(bearer="open sesame", certificate=certificate) as server:
        source = server.hold(PRIVATE_KEY)

        check_signs(open_signer(f"{source}&ca={ca}&token-file={bearer}"))
        with pytest.raises(SignerRefused, match="401"):
            open_signer(f"{source}&ca={ca}").sign_text(b"1")
        with pytest.raises(SignerUnavailable):
            open_signer(f"{source}&token-file={bearer}").sign_text(b"1")


def test_remote_signer__asked_for_a_possession__signs_short_bytes_too(
    remote: RemoteSignerServer,
) -> None:
    signer = open_signer(remote.hold(PRIVATE_KEY))
    possession = {
        "target": DOMAIN.verifying_contract,
        "identity": b"\x01" * 32,
        "key": signer.address,
        "roles": 3,
        "person": b"\x02" * 15,
    }

    signature = signer.sign_typed_data(DOMAIN, "KeyPossession", possession)

    signed = digest(DOMAIN, order_hash("KeyPossession", possession))
    assert recover(signed, signature) == signer.address


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = folder / "server.pem", folder / "server.key"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
