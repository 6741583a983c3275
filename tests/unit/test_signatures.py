"""chainfin.codec.signatures and .hashing, against eth_keys and eth_account as the oracles."""

import pytest
from eth_account import Account
from eth_keys import keys
from eth_utils import keccak as oracle_keccak
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec import signatures
from chainfin.codec.errors import (
    HexMalformed,
    KeyMalformed,
    SignatureMalformed,
    SignatureNotLow,
)
from chainfin.codec.hashing import from_address, from_hex, keccak, to_address, to_hex

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY = keccak(b"a key for tests")
DIGEST = keccak(b"a digest for tests")
SIGNATURE = signatures.sign_digest(KEY, DIGEST)

private_keys = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
digests = st.binary(min_size=32, max_size=32)


def joined(r, s, v):
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((v,))


# Signatures.


@given(private_keys, digests)
def test_signature__of_any_digest__is_the_oracles_and_recovers_the_signer(key, digest):
    oracle = keys.PrivateKey(key)

    signature = signatures.sign_digest(key, digest)

    expected = oracle.sign_msg_hash(digest)
    assert signature == expected.to_bytes()[:64] + bytes((27 + expected.v,))
    assert signatures.address_of(key) == oracle.public_key.to_address()
    assert signatures.recover(digest, signature) == oracle.public_key.to_address()


def test_signature__as_a_wallet_makes_it__is_the_same():
    wallet = Account.unsafe_sign_hash(DIGEST, KEY)

    assert bytes(wallet.signature) == SIGNATURE
    assert signatures.SigningKey(KEY).sign(DIGEST) == SIGNATURE


@given(digests)
def test_recover__of_another_digest__gives_another_address(digest):
    try:
        signer = signatures.recover(digest, SIGNATURE)
    except SignatureMalformed:
        return

    assert (signer == signatures.address_of(KEY)) == (digest == DIGEST)


@given(st.binary(max_size=70) | st.binary(min_size=65, max_size=65))
def test_recover__of_any_bytes__gives_an_address_or_a_refusal(signature):
    try:
        signer = signatures.recover(DIGEST, signature)
    except SignatureMalformed:
        return

    assert len(from_address(signer)) == 20


def test_recover__of_the_malleable_twin__is_refused():
    r, s = int.from_bytes(SIGNATURE[:32], "big"), int.from_bytes(SIGNATURE[32:64], "big")
    twin = joined(r, ORDER - s, 55 - SIGNATURE[64])

    assert keys.Signature(twin[:64] + bytes((twin[64] - 27,))).recover_public_key_from_msg_hash(
        DIGEST
    ).to_address() == signatures.address_of(KEY)
    with pytest.raises(SignatureNotLow):
        signatures.recover(DIGEST, twin)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:64],
        SIGNATURE + b"\0",
        *[SIGNATURE[:64] + bytes((v,)) for v in (0, 1, 26, 29, 30, 255)],
        joined(0, 1, 27),
        joined(1, 0, 27),
        joined(ORDER, 1, 27),
        joined(1, ORDER, 27),
        joined(2**256 - 1, 2**256 - 1, 28),
        joined(5, 1, 27),  # No point of the curve has this x.
    ],
)
def test_recover__of_what_no_key_signs__is_refused(signature):
    with pytest.raises(SignatureMalformed):
        signatures.recover(DIGEST, signature)


@pytest.mark.parametrize(
    "key", [b"", KEY[:31], KEY + b"\0", bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32]
)
def test_key__outside_the_curve__is_refused(key):
    with pytest.raises(KeyMalformed):
        signatures.SigningKey(key)


def test_digest__of_another_length__is_refused():
    with pytest.raises(SignatureMalformed):
        signatures.sign_digest(KEY, DIGEST[:31])
    with pytest.raises(SignatureMalformed):
        signatures.recover(DIGEST + b"\0", SIGNATURE)


def test_key__shown__does_not_show_itself():
    key = signatures.SigningKey(KEY)

    assert repr(key) == f"SigningKey({key.address})"


# Hashes and hexadecimal.


@given(st.binary(max_size=300))
def test_keccak__of_any_bytes__is_the_oracles(data):
    assert keccak(data) == oracle_keccak(data)


@given(st.binary(max_size=100))
def test_hex__of_any_bytes__is_read_back(data):
    assert from_hex(to_hex(data)) == data
    assert from_hex(to_hex(data), len(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "00",
        "0X00",
        "0x0",
        "0xAB",
        "0xaB",
        "0x 0",
        "0x0 ",
        "0x00\n",
        "0xgg",
        "0x\u0660\u0660",
    ],
)
def test_hex__in_another_spelling__is_refused(text):
    with pytest.raises(HexMalformed):
        from_hex(text)


def test_address__of_other_than_20_bytes__is_refused():
    for size in (0, 19, 21, 32):
        with pytest.raises(HexMalformed):
            to_address(bytes(size))
        with pytest.raises(HexMalformed):
            from_address("0x" + "00" * size)
