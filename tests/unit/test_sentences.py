"""The plain sentence of an order says everything that binds, in English and in Chinese."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainfin.codec.interfaces import load_interfaces
from chainfin.codec.solidity_types import Array, Struct, Type
from chainfin.codec.typed_data import parse_types
from chainfin.domain.order import ACTS_BY_TYPE
from chainfin.domain.receivable import LotId
from chainfin.domain.sentences import decision_sentence, sentence
from chainfin.domain.service_errors import ActUnknown
from chainfin.services.documents import DOCUMENT_TYPE_NUMBERS
from chainfin.services.programmes import TECHNIQUES
from tests.order_types import acts_of

CODEC = Path(__file__).parents[2] / "chainfin" / "codec"
ACTS = acts_of(parse_types(json.loads((CODEC / "order_types.json").read_text())))
NAMES = {1: "Sable Motors", 2: "Lantern Yard", 5: "Harbour Bank"}
LOT = LotId(17, 3).token_id
MATURITY = 1_795_321_555  # 2026-11-22 04:25:55 UTC
CHINESE = re.compile("[\u4e00-\u9fff]")

NEVER_SAID = {"nonce", "salt"}
"""What only the device needs: a number without meaning, and what blinds the terms of a quote."""
TARGET_SAID = {"OpenDepositAccounts", "MintDeposit", "RedeemDeposit"}
"""There are several deposits, and one contract of every other kind."""

Place = tuple[str | int, ...]


def example(kind: Type, name: str = "", seed: int = 1) -> Any:
    """A value of a type, different for each seed."""
    match kind:
        case Struct():
            return {
                field: example(inner, field, seed + place)
                for place, (field, inner) in enumerate(kind.fields)
            }
        case Array():
            return (example(kind.item, name, seed), example(kind.item, name, seed + 20))
        case _:
            return atom(kind.name, name, seed)


def atom(kind: str, name: str, seed: int) -> Any:
    if kind == "bytes3":
        return (b"CNY", b"GBP", b"JPY")[seed % 3]
    if kind.startswith("bytes"):
        return bytes([seed]) * int(kind.removeprefix("bytes") or 5)
    if kind == "address":
        return f"0x{seed:040x}"
    if kind == "bool":
        return bool(seed % 2)
    if kind == "string":
        return f"ACT_{seed}"
    return LOT + seed if name == "lotId" else seed


def leaves(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def changed(message: Any, path: Place) -> Any:
    if not path:
        match message:
            case bool():
                return not message
            case int():
                return message + 1
            case bytes():
                return b"EUR" if len(message) == 3 else bytes([message[0] ^ 1]) + message[1:]
            case _:
                return message[:-1] + ("e" if message[-1] != "e" else "f")
    copied = list(message) if isinstance(message, tuple) else copy.copy(message)
    copied[path[0]] = changed(message[path[0]], path[1:])
    return tuple(copied) if isinstance(message, tuple) else copied


def is_said(primary_type: str, path: Place) -> bool:
    name = path[-1]
    return name not in NEVER_SAID and (name != "target" or primary_type in TARGET_SAID)


def transfer(**values: Any) -> dict[str, Any]:
    return example(ACTS["ProposeTransfer"]) | {
        "organisation": 2,
        "deadline": MATURITY,
        "lotId": LOT,
        "faceValue": 3_650_000,
        "paid": 0,
        "to": 9,
        "expiresAt": MATURITY + 60,
        "remarkHash": bytes(32),
        **values,
    }


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("primary_type", sorted(ACTS))
def test_sentence__every_act__has_both_languages(primary_type: str, language):
    text = sentence(primary_type, example(ACTS[primary_type]), NAMES, language)

    assert bool(CHINESE.search(text)) == (language == "zh")
    assert text.endswith({"en": ".", "zh": "。"}[language])
    assert not re.search("[{}]", text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("primary_type", sorted(ACTS))
def test_sentence__any_value_that_binds_changed__is_another(primary_type: str, language):
    message = example(ACTS[primary_type])
    binding = [path for path, _ in leaves(message) if is_said(primary_type, path)]

    said = sentence(primary_type, message, {}, language)
    unsaid = [
        path
        for path in binding
        if sentence(primary_type, changed(message, path), {}, language) == said
    ]

    assert binding
    assert not unsaid


def test_acts__of_the_product__are_all_covered():
    assert set(ACTS_BY_TYPE) < set(ACTS)


def test_sentence__of_a_lot__is_written_with_names_and_currency():
    message = transfer()

    assert sentence("ProposeTransfer", message, NAMES, "en", "CNY") == (
        "Lantern Yard (no. 2) transfers lot 17-3 of CNY 36500.00, CNY 0.00 paid on it, to "
        "Organisation no. 9, with remark none. Where the programme asks the receiver to accept, "
        "the offer is open until 2026-11-22 04:26:55 UTC; otherwise the lot is theirs at once. "
        "This order can run until 2026-11-22 04:25:55 UTC."
    )
    assert sentence("ProposeTransfer", message, NAMES, "zh", "CNY") == (
        "Lantern Yard（2 号）将凭证 17-3（票面 CNY 36500.00，已付 CNY 0.00）流转给机构（9 号），"
        "附言 无。若项目要求接收方签收，有效期至 2026-11-22 04:26:55 UTC；否则立即归其所有。"
        "本指令有效期至 2026-11-22 04:25:55 UTC。"
    )


def test_sentence__of_a_quote__says_price_rate_and_recourse():
    message = example(ACTS["Quote"]) | {
        "organisation": 5,
        "holder": 2,
        "currency": b"CNY",
        "netProceeds": 3_604_375,
        "partFaceValue": 3_650_000,
        "withRecourse": False,
    }
    message["terms"] = message["terms"] | {"discountRateBps": 450, "dayCount": "ACT_360"}

    text = sentence("Quote", message, NAMES)

    assert "Harbour Bank (no. 5) offers Lantern Yard (no. 2) CNY 36043.75" in text
    assert "for CNY 36500.00 of lot" in text
    assert "without recourse, at a discount rate of 4.50% a year, day count ACT_360" in text


def test_sentence__of_a_split__names_every_part():
    message = transfer(parts=({"to": 5, "faceValue": 100}, {"to": 2, "faceValue": 2}))

    text = sentence("SplitLot", message, NAMES, "en", "GBP")

    assert "GBP 1.00 to Harbour Bank (no. 5); GBP 0.02 to Lantern Yard (no. 2)" in text


@pytest.mark.parametrize(
    ("replaces", "shown"),
    [(0, "It replaces no other programme."), (4, "It replaces programme 4, which takes no new")],
)
def test_sentence__of_a_programme__says_whether_it_replaces_one(replaces: int, shown: str):
    message = example(ACTS["OpenProgramme"]) | {"replaces": replaces}

    assert shown in sentence("OpenProgramme", message, NAMES)


def test_sentence__techniques_and_documents__are_called_by_their_names():
    programme, issue = example(ACTS["OpenProgramme"]), example(ACTS["IssueReceivable"])

    for number, name in enumerate(TECHNIQUES):
        text = sentence("OpenProgramme", programme | {"technique": number}, NAMES)
        assert f"technique {name.replace('_', ' ').replace('pre ', 'pre-')}: " in text
    for kind, number in DOCUMENT_TYPE_NUMBERS.items():
        row = issue["row"] | {"documentType": number}
        text = sentence("IssueReceivable", issue | {"row": row}, NAMES)
        assert f"type {kind.replace('_', ' ')}, for" in text


@pytest.mark.parametrize(
    ("currency", "shown"),
    [
        (None, "1234 minor units"),
        ("JPY", "JPY 1234"),
        ("XYZ", "1234 minor units (XYZ)"),
    ],
)
def test_sentence__amount__is_exact_whatever_the_currency(currency: str | None, shown: str):
    text = sentence("ProposeTransfer", transfer(faceValue=1234), NAMES, "en", currency)

    assert f"lot 17-3 of {shown}, " in text


def test_sentence__values_out_of_range__still_says_them():
    largest = 2**64 - 1
    message = example(ACTS["MintDeposit"]) | {
        "amount": largest,
        "deadline": largest,
        "currency": b"\x00\xff\x01",
    }

    text = sentence("MintDeposit", message, NAMES)

    assert f"{largest} minor units (0x00ff01)" in text
    assert f"until {largest}" in text


def test_sentence__no_act__is_refused():
    with pytest.raises(ActUnknown, match="IssueRow"):
        sentence("IssueRow", {}, NAMES)


@pytest.mark.parametrize(
    ("function", "arguments", "texts"),
    [
        (
            "restrictParticipant",
            {"organisation": 7, "status": 3},
            ("Harrow (no. 7) becomes blocked.", "Harrow（7 号）封禁。"),
        ),
        (
            "changeParticipant",
            {"organisation": 7, "kinds": 6, "licenceExpiresAt": 0, "parent": 9},
            (
                "Harrow (no. 7) becomes supplier, funder, licensed until 1970-01-01 00:00:00 UTC, "
                "controlled by Organisation no. 9.",
                "Harrow（7 号）变更为 supplier, funder，许可至 1970-01-01 00:00:00 UTC，"
                "上级为机构（9 号）。",
            ),
        ),
        (
            "changeCouncil",
            {"newMembers": (7, 9), "newThreshold": 2},
            (
                "The Council is Harrow (no. 7); Organisation no. 9; 2 of them decide.",
                "理事会成员为Harrow（7 号）；机构（9 号），其中 2 家同意即可决定。",
            ),
        ),
        (
            "mystery",
            {"amount": 1},
            (
                "A call that this software has no words for (mystery).",
                "无对应说明的调用（mystery）。",
            ),
        ),
    ],
)
def test_decision_sentence__every_decision__says_what_it_does(function, arguments, texts):
    names = {7: "Harrow"}

    written = tuple(decision_sentence(function, arguments, names, one) for one in ("en", "zh"))

    assert written == texts


def test_decision_sentence__what_only_the_council_may_call__has_words_of_its_own():
    for contract in ("ParticipantRegistry", "Council"):
        for name, function in load_interfaces()[contract].interface.functions.items():
            takes_approvals = any("pproval" in field for field in function.inputs.names)
            if takes_approvals or name in {"setAuthority", "execute"}:
                continue
            arguments = {
                field: example(kind, field, 3) for field, kind in function.inputs.fields
            } | ({"kinds": 3} if "kinds" in function.inputs.names else {})

            assert "no words for" not in decision_sentence(name, arguments, {})
