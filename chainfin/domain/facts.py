"""What an event says, as JSON: the same wherever it is shown."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import IntEnum, IntFlag
from typing import Any

from chainfin.domain.events import Event


def facts_of(event: Event) -> dict[str, Any]:
    """The members of an event by name; enumerations by their names, as everywhere in the API."""
    return {name.rstrip("_"): _plain(member) for name, member in asdict(event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, IntFlag):
        return [member.name.lower() for member in type(value) if member in value and member.name]
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, Mapping):
        return {name.rstrip("_"): _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    return value
