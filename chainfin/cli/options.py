"""Options that many commands share, and the settings they lead to."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chainfin.config import Settings

Home = Annotated[Path | None, typer.Option("--home", help="Folder of the data.")]
As = Annotated[str, typer.Option("--as", help="The wallet of the organisation that acts.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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
