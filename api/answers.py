"""Answers that go out as they are: no model looks at them again."""

from typing import Any

import msgspec
from fastapi import Response


def json_answer(document: Any) -> Response:
    """A document of plain values as JSON."""
    return Response(msgspec.json.encode(document), media_type="application/json")
