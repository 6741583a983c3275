import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.codec import envelopes
from chainfin.codec.errors import EnvelopeBroken

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
AAD = envelopes.associated_data("ab" * 16, 7)
pure = settings(database=None, deadline=None, max_examples=30)


@pure
@given(st.binary(max_size=200))
def test_sealed__with_its_key_and_place__opens(content):
    sealed = envelopes.seal(KEY, content, AAD)

    assert envelopes.unseal(KEY, sealed, AAD) == content
    assert content == b"" or content not in sealed or len(content) < 4


@pytest.mark.parametrize(
    ("key", "aad"),
    [
        (OTHER, AAD),
        (KEY, envelopes.associated_data("ab" * 16, 8)),
        (KEY, envelopes.associated_data("cd" * 16, 7)),
        (KEY, b""),
    ],
)
def test_sealed__another_key_document_or_reader__refused(key, aad):
    sealed = envelopes.seal(KEY, b"invoice", AAD)

    with pytest.raises(EnvelopeBroken):
        envelopes.unseal(key, sealed, aad)


@pytest.mark.parametrize("place", [0, 12, -1])
def test_sealed__a_byte_changed__refused(place):
    sealed = bytearray(envelopes.seal(KEY, b"invoice", AAD))
    sealed[place] ^= 1

    with pytest.raises(EnvelopeBroken):
        envelopes.unseal(KEY, bytes(sealed), AAD)


@pytest.mark.parametrize("sealed", [b"", b"short"])
def test_sealed__too_short__refused(sealed):
    with pytest.raises(EnvelopeBroken):
        envelopes.unseal(KEY, sealed, AAD)


def test_sealed__twice__never_the_same_bytes():
    assert envelopes.seal(KEY, b"a", AAD) != envelopes.seal(KEY, b"a", AAD)


def test_wrapped_for_a_public_key__only_its_holder_and_document():
    public = envelopes.public_key_of(KEY)

    wrapped = envelopes.wrap_for_public_key(public, OTHER, AAD)

    assert envelopes.unwrap_with_private_key(KEY, wrapped, AAD) == OTHER
    for private, aad in ((OTHER, AAD), (KEY, AAD + b"x")):
        with pytest.raises(EnvelopeBroken):
            envelopes.unwrap_with_private_key(private, wrapped, aad)
    with pytest.raises(EnvelopeBroken):
        envelopes.wrap_for_public_key(b"short", OTHER, AAD)


def test_member_keys__one_an_organisation__derived():
    keys = {envelopes.member_key(KEY, number) for number in range(20)}

    assert len(keys) == 20
    assert KEY not in keys
    assert envelopes.member_key(KEY, 3) == envelopes.member_key(KEY, 3)
