"""Notices: every kind in both languages, numbers, and PDFs of whatever names people have."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from chainfin.domain.audit import AsOf
from chainfin.domain.money import Money
from chainfin.domain.notices import (
    BODIES,
    LABELS,
    TITLES,
    Instant,
    Notice,
    NoticeKind,
    NoticeNumber,
    Party,
    Percentage,
    Table,
    body_of,
    to_json,
)
from chainfin.domain.service_errors import SigningKeyMissing
from chainfin.interchange.notice_pdf import write_notice
from chainfin.services.signed_pdf import signed_notice
from tests.fuzzing import fuzz

AS_OF = AsOf(5, "0x" + "ab" * 32, 1_795_132_800)
FACTS = {
    "receivable": "17",
    "lot": "17-3",
    "obligor": Party(1, "子午线铁路 & Co <b>"),
    "supplier": Party(2, "Harbour Steel"),
    "sender": Party(2, "Harbour Steel"),
    "receiver": Party(4, "Northgate Bank"),
    "participant": Party(2, "Harbour Steel"),
    "face_value": Money(1_000_00, "CNY"),
    "unpaid": Money(610_00, "CNY"),
    "maturity_at": Instant(1_790_000_000),
    "grace_ends_at": Instant(1_790_500_000),
    "transferred_at": Instant(1_780_000_000),
    "from_at": Instant(1_770_000_000),
    "to_at": Instant(1_780_000_000),
    "reference": "RF7717L3",
    "days_late": 30,
    "late_rate": Percentage(5),
    "late_rate_source": "statutory",
    "late_interest": Money(15_00, "CNY"),
}


def notice(kind, **changes):
    table = Table(("lot", "holder", "outstanding"), (("17-3", Party(4, "N"), Money(1, "CNY")),))
    return Notice(kind, f"{kind}-17", FACTS | changes, {"unpaid_lots": table}, AS_OF, 31337)


def text_of(content):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_notice__of_every_kind__has_its_words_in_both_languages(kind, language):
    content = text_of(write_notice(notice(kind), language))

    assert TITLES[kind].of(language) in content
    assert f"{kind}-17" in content
    assert "{" not in body_of(notice(kind), language)
    assert "<b>" in content


def test_words__of_both_languages__have_the_same_fields():
    for words in (*BODIES.values(), *LABELS.values(), *TITLES.values()):
        fields = [{part.split("}")[0] for part in text.split("{")[1:]} for text in words]
        assert fields[0] == fields[1], words


def test_json__keeps_values_as_values():
    plain = to_json(notice(NoticeKind.DEFAULT_CERTIFICATE))

    assert plain["facts"]["unpaid"] == {"amount_minor": 610_00, "currency": "CNY"}
    assert plain["facts"]["maturity_at"] == 1_790_000_000
    assert plain["facts"]["late_rate"] == {"bps": 5}
    assert plain["tables"]["unpaid_lots"][0]["holder"] == {"organisation": 4, "name": "N"}
    assert plain["as_of"]["block_hash"] == AS_OF.block_hash


@pytest.mark.parametrize(
    "number",
    ["payment-undertaking-17", "transfer-slip-17-3-5", "default-certificate-1"],
)
def test_number__written_and_read__the_same(number):
    assert str(NoticeNumber.parse(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "transfer-slip-17",
        "transfer-slip-17-3-5-6",
        "payment-undertaking-017",
        "payment-undertaking-\N{ARABIC-INDIC DIGIT ONE}",
        "payment-undertaking--1",
        "participant-statement-1",
    ],
)
def test_number__of_no_notice__none(text):
    assert NoticeNumber.parse(text) is None


@settings(fuzz, max_examples=20)
@given(st.text(max_size=60))
def test_pdf__of_any_name__is_made_and_the_same_twice(name):
    made = notice(NoticeKind.PAYMENT_UNDERTAKING, obligor=Party(1, name))

    assert write_notice(made, "en") == write_notice(made, "en")


def test_pdf__without_a_certificate__is_not_handed_out():
    with pytest.raises(SigningKeyMissing):
        signed_notice(notice(NoticeKind.PAYMENT_UNDERTAKING), "en", None)
