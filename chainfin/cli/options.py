"""Options that many commands share, and the settings they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from chainfin.config import Settings

Home = Annotated[Path | None, typer.Option("--home", help="Folder of the data.")]
As = Annotated[str, typer.Option("--as", help="The wallet of the organisation that acts.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def load_settings(home: Path | None = None) -> Settings:
    """Settings of the environment; a home on the command line wins."""
    return Settings(home=home) if home is not None else Settings()
