"""Log lines: one JSON object each, about a request or an order, and never a secret."""

import json
import logging
import sys

import pytest

from chainfin.config import Settings
from chainfin.telemetry import REQUEST, STRUCK, JsonLines

PASSWORD = "correct horse battery"  # noqa: S105 - nobody's


def line_of(message, *values, secrets=(), error=None, **about):
    record = logging.LogRecord("chainfin", logging.INFO, "", 1, message, values, error)
    record.__dict__.update(about)
    return JsonLines(secrets).format(record)


def test_line__about_an_order__is_one_object_with_its_fields():
    token = REQUEST.set("r-1")
    try:
        said = json.loads(line_of("order", order_hash="0x12", act="split_lot", colour="red"))
    finally:
        REQUEST.reset(token)

    assert said.pop("at").endswith("+00:00")
    assert said == {
        "level": "info",
        "logger": "chainfin",
        "message": "order",
        "request_id": "r-1",
        "order_hash": "0x12",
        "act": "split_lot",
    }


@pytest.mark.parametrize(
    "text",
    [
        f"opened with {PASSWORD}",
        f"postgresql://chainfin:{PASSWORD.replace(' ', '-')}@host/db refused",
        "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.x",
        "key scf_0123456789abcdef_" + "ab" * 24,
        "https://node:s3cr3tpassword@node.example/rpc is away",
    ],
)
def test_line__with_a_secret__shows_none_of_it(text):
    said = line_of(text, secrets=[PASSWORD])

    assert STRUCK in said
    for secret in (PASSWORD, PASSWORD.replace(" ", "-"), "eyJhbG", "ab" * 24, "s3cr3t"):
        assert secret not in said


def test_line__of_an_exception__keeps_its_place_and_strikes_its_words():
    try:
        int(PASSWORD)
    except ValueError:
        said = line_of("fault", secrets=[PASSWORD], error=sys.exc_info())

    assert "test_telemetry" in json.loads(said)["error"]
    assert PASSWORD not in said


def test_settings__name_every_secret_of_theirs(tmp_path):
    settings = Settings(
        _env_file=None,
        home=tmp_path,
        database_url="postgresql://chainfin:database-word@host/db",
        rpc_url="https://u:node-word@node",
        metrics_token="metrics-word",  # noqa: S106
        service_password="service-word",  # noqa: S106
    )

    assert {"database-word", "node-word", "metrics-word", "service-word"} <= set(settings.secrets)
