"""chainfin.codec.canonical_json: one byte sequence for one value (RFC 8785)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec.canonical_json import canonical_bytes, parse_canonical
from chainfin.codec.errors import JsonNotCanonical, JsonTooLarge, JsonUnsupported

values = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(values)
def test_canonical__of_any_value__is_read_back(value):
    assert parse_canonical(canonical_bytes(value)) == value


@given(values)
def test_canonical__of_any_value__is_json_that_anybody_reads(value):
    assert json.loads(canonical_bytes(value)) == value


@given(values, st.data())
def test_canonical__touched__is_refused_or_another_value(value, data):
    touched = bytearray(canonical_bytes(value))
    touched[data.draw(st.integers(0, len(touched) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        read = parse_canonical(bytes(touched))
    except (JsonNotCanonical, JsonTooLarge):
        return

    assert canonical_bytes(read) == touched


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, False]}, '{"a":[true,null,false],"b":1}'),
        ({"a": (), "": {}}, '{"":{},"a":[]}'),
        ('"\\/\b\f\n\r\t\x00\x1f\x7f', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"'),
        ("€中\u2028", '"€中\u2028"'),
        (-(2**53 - 1), "-9007199254740991"),
        (0, "0"),
    ],
)
def test_canonical__of_a_known_value__is_its_known_text(value, expected):
    assert canonical_bytes(value) == expected.encode()


def test_canonical__keys__are_sorted_by_utf16_code_units():
    # The example of RFC 8785, 3.2.3; by code points the emoji would come last.
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    text = canonical_bytes(dict.fromkeys(names, 0)).decode()

    assert list(json.loads(text)) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        {1: 2},
        {"a": {None: 0}},
        {"set"},
        "\ud800",
        ["\udc00"],
        {"\ud800": 0},
    ],
)
def test_canonical__of_what_has_no_form__is_refused(value):
    with pytest.raises(JsonUnsupported):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{} ",
        "\n{}",
        '{"a": 1}',
        '{"a":1,"a":1}',
        '{"b":1,"a":2}',
        '{"a":1,}',
        "[1,2",
        "01",
        "-0",
        "+1",
        "1.0",
        "1e1",
        "9007199254740992",
        "9" * 5000,
        "NaN",
        "Infinity",
        "nul",
        "'a'",
        '"\\/"',
        '"\\u0061"',
        '"\\u001F"',
        '"\\ud83d\\ude00"',
        '"\\ud800"',
        '"\t"',
        "\ufeff{}",
    ],
)
def test_parse__of_any_other_text__is_refused(text):
    with pytest.raises(JsonNotCanonical):
        parse_canonical(text.encode())


def test_parse__of_bytes_that_are_not_utf8__is_refused():
    for data in (b'"\xff"', b'"\xed\xa0\x80"', '"a"'.encode("utf-16")):
        with pytest.raises(JsonNotCanonical):
            parse_canonical(data)


def test_parse__of_a_text_too_long_or_too_deep__is_refused():
    for data, limits in (
        (b'"aa"', {"max_bytes": 3}),
        (b"[[[]]]", {"max_depth": 2}),
        (b"[" * 500_000 + b"]" * 500_000, {}),
        (b'{"a":' * 65 + b"0" + b"}" * 65, {}),
    ):
        with pytest.raises(JsonTooLarge):
            parse_canonical(data, **limits)

    assert parse_canonical(b"[[]]", max_depth=2) == [[]]


def test_canonical__of_a_value_that_contains_itself__is_refused():
    value = []
    value.append(value)

    with pytest.raises(JsonTooLarge):
        canonical_bytes(value)
