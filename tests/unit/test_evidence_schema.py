"""The published JSON Schemas against recorded files, by a validator that is not ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chainfin.evidence.schema import SCHEMAS, text_of

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "vectors" / "evidence"
FILES = ("story", "batch", "detours", "receivable", "participant", "qbft-story")


def published(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text("utf-8"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema__published__is_what_the_verifier_reads(name: str):
    assert (ROOT / "docs" / f"{name}.schema.json").read_text("utf-8") == text_of(name)


@pytest.mark.parametrize("name", FILES)
def test_recorded_files__have_the_published_form(name: str):
    published("evidence").validate(recorded(f"{name}.json"))
    published("trust").validate(recorded(f"{name}.trust.json"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "chainfin.evidence/1"),
        (("surplus",), 1),
        (("trust", "root", "kind"), "nothing"),
        (("trust", "chain_id"), "31337"),
        (("headers", 0), "0xABCD"),
        (("headers", 0), "0xabc"),
        (("nodes", 0), 7),
        (("transactions", 0, "block"), -1),
        (("receivables", 0, "receivable_id"), 1),
        (("receivables", 0, "document"), {}),
        (("statement", "surplus"), 1),
        (("statement", "receivables", 0, "lots", 0, "holder"), "4"),
        (("statement", "receivables", 0, "face_value_minor"), 1),
        (("statement", "claims", "proves", 0, "en"), None),
    ],
)
def test_schema__refuses_another_form(path: tuple[Any, ...], value: Any):
    document = recorded("story.json")
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    assert not published("evidence").is_valid(document)


def test_schema__wants_every_member_of_the_statement():
    for member in ("subject", "chain", "receivables", "keys", "orders", "claims"):
        document = recorded("story.json")
        del document["statement"][member]
        assert not published("evidence").is_valid(document)
