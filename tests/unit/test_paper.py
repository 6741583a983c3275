"""The printed document: what it says is what the report says."""

from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pytest
from pypdf import PdfReader

from chainfin.domain.events import ReceivableEvent
from chainfin.evidence.paper import Language, Paper, print_paper
from chainfin.evidence.paper_words import WORDS
from chainfin.evidence.trust import load_trust
from chainfin.evidence.verify import verify

RECORDED = Path(__file__).parents[1] / "vectors" / "evidence"
FILES = ("story", "batch", "detours", "receivable", "participant", "qbft-story")


def paper(name: str, language: Language = "en", **options: Any) -> Paper:
    data = (RECORDED / f"{name}.json").read_bytes()
    trust = load_trust(RECORDED / f"{name}.trust.json").trust
    return Paper(data, verify(data, trust), trust, language, **options)


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


@pytest.mark.parametrize("name", FILES)
def test_paper__in_english__tells_subject_root_facts_and_limits(name: str):
    made = paper(name)
    statement = made.report.statement
    assert statement is not None

    text = text_of(print_paper(made)).replace("\n", " ")

    assert "Every check holds" in text
    for receivable in statement["receivables"]:
        assert f"Receivable {receivable['receivable_id']}" in text
        for fact in receivable["facts"]:
            assert WORDS[fact["event"]]["en"] in text
    for sentence in statement["claims"]["does_not_prove"]:
        assert sentence["en"].split(",")[0].split(";")[0] in text


def test_paper__in_chinese__has_its_words():
    content = print_paper(paper("story", "zh"))

    assert b"STSong-Light" in content
    assert "存证报告" in text_of(content)


def test_paper__of_the_same_file__is_the_same_bytes():
    assert print_paper(paper("story")) == print_paper(paper("story"))


def test_paper__with_names__shows_them_and_says_they_are_not_proven():
    text = text_of(print_paper(paper("story", names={3: "Meridian <Rail> & Works"})))

    assert "Meridian <Rail> & Works" in text
    assert "proves numbers only" in text


def test_paper__of_a_file_that_does_not_hold__says_why_and_nothing_else():
    made = paper("story")
    report = verify(made.data + b" ", made.trust)

    text = text_of(print_paper(Paper(made.data + b" ", report, made.trust)))

    assert "does not hold" in text
    assert "JsonNotCanonical" in text
    assert "Receivable 1" not in text


def test_words__cover_every_fact_in_both_languages():
    assert {kind.__name__ for kind in get_args(ReceivableEvent)} <= set(WORDS)
    assert all(words["en"] and words["zh"] for words in WORDS.values())
