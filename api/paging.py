"""Lists: a page at a time, from a cursor on."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

MOST_ENTRIES = 500

Limit = Annotated[int, Query(ge=1, le=MOST_ENTRIES)]
"""Entries of one page."""
Cursor = Annotated[str | None, Query(max_length=100)]
"""The `next_cursor` of the page before."""


def page(data: Sequence[dict[str, Any]], limit: int, key: str) -> dict[str, Any]:
    """A page of a list; its cursor is the number of its last entry, under `key`."""
    is_full = len(data) == limit
    return {
        "data": data,
        "has_more": is_full,
        "next_cursor": data[-1][key] if is_full else None,
    }
