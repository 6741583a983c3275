"""The OpenAPI document in docs is the API's."""

from pathlib import Path

from scripts.describe_api import document


def test_document__is_checked_in_as_it_is() -> None:
    """Write it anew with `python -m scripts.describe_api > docs/openapi.json`."""
    checked_in = Path(__file__).parents[2] / "docs" / "openapi.json"

    assert checked_in.read_text("utf-8") == document()
