"""Options that many commands share, and the settings they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from chainfin.config import Settings
from chainfin.interchange.limits import Limits

Home = Annotated[Path | None, typer.Option("--home", help="Folder of the data.")]
As = Annotated[str, typer.Option("--as", help="The wallet of the organisation that acts.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def load_settings(home: Path | None = None) -> Settings:
    """Settings of the environment; a home on the command line wins."""
    return Settings(home=home) if home is not None else Settings()


def document_limits(settings: Settings) -> Limits:
    """What a trade document may cost, as the operator's settings say."""
    return Limits(
        file_bytes=settings.document_bytes,
        depth=settings.document_depth,
        archive_bytes=settings.document_archive_bytes,
        seconds=settings.document_seconds,
    )
