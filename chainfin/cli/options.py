"""Options that many commands share, and the settings they lead to."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from chainfin.config import Settings

Home = Annotated[Path | None, typer.Option("--home", help="Folder of the data.")]
As = Annotated[str, typer.Option("--as", help="The wallet of the organisation that acts.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MOMENT_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
"""How an instant is written: a day, which is its first second, or day and time; in UTC."""


def instant_of(moment: datetime) -> int:
    """UTC seconds of what an option of these formats gives."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def file_hash(document: Path) -> str:
    """SHA-256 of a file, which goes on chain in its place."""
    return "0x" + sha256(document.read_bytes()).hexdigest()


def fields_of(texts: list[str]) -> dict[str, Any]:
    """`name=value` options as fields; a value is JSON where it can be, else text."""
    return dict(_field(text) for text in texts)


def _field(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} is not name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def load_settings(home: Path | None = None) -> Settings:
    """Settings of the environment; a home on the command line wins."""
    return Settings(home=home) if home is not None else Settings()
