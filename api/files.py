"""What endpoints that hand out files say of their answers in the OpenAPI document."""

from typing import Any


def answers_with(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Further forms of a successful answer besides JSON."""
    form = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": dict.fromkeys(media_types, form)}}
