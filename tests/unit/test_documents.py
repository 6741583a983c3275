import hmac
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainfin.codec.commitments import (
    COMMITMENT_DOMAIN,
    disclose_field,
    document_commitment,
    field_salt,
    fields_root,
    open_field,
    verify_disclosure,
    verify_field,
)
from chainfin.codec.hashing import keccak
from chainfin.domain.documents import (
    canonical_json,
    canonical_number,
    canonical_row,
    numbered_preimage,
    row_preimage,
    tag,
)
from chainfin.domain.errors import DocumentNumberEmpty, DocumentTypeUnknown

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "fingerprint.json").read_text(encoding="utf-8")
)
COLLIDE, DIFFER = VECTORS["must_collide"], VECTORS["must_not_collide"]
pure = settings(database=None, deadline=None)
KEY = bytes(range(32))
SALT = keccak(b"one document's salt")
texts = st.text(st.characters(codec="utf-8"), max_size=40)


def word(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def computed(member: dict) -> bytes:
    key, seller_id = word(member["epoch_key"]), member["seller_id"]
    if member["kind"] == "row":
        return tag(
            key, row_preimage(seller_id, canonical_row(member["columns"]), member["ordinal"])
        )
    named = (member["document_type"], member["number"], member["fiscal_year"])
    return tag(key, numbered_preimage(seller_id, *named))


# --- canonical forms -------------------------------------------------------------------------


def test_canonical_json__members_and_text__as_rfc_8785_writes_them():
    members = {"\u20ac": "Euro", "\r": "\x0f\n\u007f", "1": 7, "\U0001f600": '"\\', "\ufb33": "/"}

    written = canonical_json(members)

    # By UTF-16 units the emoji (D83D) stands before U+FB33.
    expected = (
        '{"\\r":"\\u000f\\n\u007f","1":7,"\u20ac":"Euro","\U0001f600":"\\"\\\\","\ufb33":"/"}'
    )
    assert written == expected.encode()


@pure
@given(st.dictionaries(texts, texts | st.integers(-(2**53) + 1, 2**53 - 1)))
def test_canonical_json__any_object__reads_back_and_forgets_order(members):
    written = canonical_json(members)

    assert json.loads(written) == members
    assert canonical_json(dict(reversed(members.items()))) == written


@pytest.mark.parametrize("value", [True, 1.5, None, [1]])
def test_canonical_json__other_values__type_error(value):
    with pytest.raises(TypeError):
        canonical_json({"a": value})


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800"])
def test_canonical_json__without_one_meaning__value_error(value):
    with pytest.raises(ValueError, match=r"2\^53|surrogates"):
        canonical_json({"a": value})


def test_canonical_row__column_that_looks_like_ours__value_error():
    with pytest.raises(ValueError, match="@type"):
        canonical_row({"@type": "ledger_row/1"})


@pytest.mark.parametrize("text", ["", "   ", "---", "№".replace("№", "#"), "\u0301", "\u200b"])
def test_canonical_number__no_letter_or_digit__refused(text):
    with pytest.raises(DocumentNumberEmpty):
        canonical_number(text)


@pure
@given(texts)
def test_canonical_number__twice__unchanged(text):
    try:
        once = canonical_number(text)
    except DocumentNumberEmpty:
        return

    assert canonical_number(once) == once
    assert once.isalnum()
    assert once == "0" or not once.startswith("0")


# --- fingerprints ----------------------------------------------------------------------------


@pytest.mark.parametrize("group", COLLIDE + DIFFER, ids=lambda group: group["why"])
def test_fingerprint__vectors__as_written(group):
    for member in group["members"]:
        assert computed(member).hex() == member["fingerprint"].removeprefix("0x")
        if member["kind"] == "row":
            assert canonical_row(member["columns"]).decode() == member["canonical_row"]
        else:
            assert canonical_number(member["number"]) == member["canonical_number"]


def test_fingerprint__groups__collide_or_differ_as_they_must():
    for group in COLLIDE:
        assert len({computed(member) for member in group["members"]}) == 1, group["why"]
    for group in DIFFER:
        tags = {computed(member) for member in group["members"]}
        assert len(tags) == len(group["members"]), group["why"]


def test_fingerprint__unknown_type__named_with_the_known():
    with pytest.raises(DocumentTypeUnknown, match="order, warehouse_receipt, waybill, invoice"):
        numbered_preimage(7, "ledger_row", "1", None)


@pytest.mark.parametrize("key", [b"", KEY[:-1], KEY + b"\0"])
def test_fingerprint__key_of_another_length__value_error(key):
    with pytest.raises(ValueError, match="32 bytes"):
        tag(key, numbered_preimage(7, "invoice", "1", None))


@pytest.mark.parametrize("seller_id", [0, -1, 2**32])
def test_fingerprint__no_such_organisation__error(seller_id):
    with pytest.raises((ValueError, OverflowError)):
        numbered_preimage(seller_id, "invoice", "1", None)


# --- commitments -----------------------------------------------------------------------------

FIELDS = {"number": "HSF-2026-0187", "gross": "1270120.00", "currency": "CNY"}


def test_commitment__five_words__hashed_in_order():
    file_hash, root = sha256(b"file").digest(), fields_root(FIELDS, SALT)

    commitment = document_commitment(salt=SALT, file_hash=file_hash, fields_root=root)

    version = (2).to_bytes(32, "big")
    open_salt = hmac.digest(SALT, b"chainfin/open-salt/2", "sha256")
    file_word = keccak(hmac.digest(SALT, b"chainfin/file-salt/2", "sha256") + file_hash)
    assert commitment == keccak(COMMITMENT_DOMAIN + version + open_salt + file_word + root)


def test_disclosure__one_field__leads_to_the_commitment_and_shows_nothing_else():
    file_hash, root = sha256(b"file").digest(), fields_root(FIELDS, SALT)
    commitment = document_commitment(salt=SALT, file_hash=file_hash, fields_root=root)

    disclosure = disclose_field(FIELDS, SALT, file_hash, "gross")

    assert verify_disclosure(disclosure, commitment)
    assert not verify_disclosure(disclosure, keccak(commitment))
    assert not verify_disclosure(replace(disclosure, file_word=file_hash), commitment)
    assert not verify_disclosure(replace(disclosure, open_salt=b""), commitment)
    forged = replace(disclosure.opening, value="1.00")
    assert not verify_disclosure(replace(disclosure, opening=forged), commitment)
    shown = {disclosure.open_salt, disclosure.file_word, disclosure.opening.salt}
    assert not {SALT, file_hash, field_salt(SALT, "number")} & shown


@pytest.mark.parametrize("part", ["salt", "file_hash", "fields_root"])
def test_commitment__any_other_part__another_word(part):
    parts = dict.fromkeys(("salt", "file_hash", "fields_root"), SALT)

    assert document_commitment(**parts) != document_commitment(**{**parts, part: KEY})
    with pytest.raises(ValueError, match="32 bytes"):
        document_commitment(**{**parts, part: KEY[:-1]})


def test_fields_root__two_fields__as_specified():
    fields = {"b": "2", "a": "1"}

    leaves = [
        keccak(keccak(keccak(name) + field_salt(SALT, name.decode()) + keccak(value)))
        for name, value in ((b"a", b"1"), (b"b", b"2"))
    ]

    assert fields_root(fields, SALT) == keccak(leaves[0] + leaves[1])


def test_fields_root__no_field__zero_word():
    assert fields_root({}, SALT) == bytes(32)


@pure
@given(st.dictionaries(texts, texts, min_size=1, max_size=9), st.data())
def test_opening__any_field__verifies_alone(fields, data):
    name = data.draw(st.sampled_from(sorted(fields)))
    root = fields_root(fields, SALT)

    opening = open_field(fields, SALT, name)

    assert (opening.name, opening.value) == (name, fields[name])
    assert verify_field(opening, root)
    assert not verify_field(opening, keccak(root))


@pytest.mark.parametrize(
    "change",
    [
        {"value": "1270120.01"},
        {"name": "net"},
        {"salt": KEY},
        {"salt": b""},
        {"index": 0},
        {"index": 5},
        {"index": -1},
        {"siblings": ()},
        {"siblings": (b"",)},
    ],
    ids=str,
)
def test_opening__anything_changed__fails(change):
    opening = open_field(FIELDS, SALT, "gross")

    assert not verify_field(replace(opening, **change), fields_root(FIELDS, SALT))


def test_opening__other_fields__stay_hidden():
    opening = open_field(FIELDS, SALT, "gross")

    assert opening.salt == field_salt(SALT, "gross")
    assert SALT not in (opening.salt, *opening.siblings)
    assert field_salt(SALT, "number") not in (opening.salt, *opening.siblings)


def test_opening__no_such_field__key_error():
    with pytest.raises(KeyError):
        open_field(FIELDS, SALT, "net")
