"""Settings: the only reader of the environment, imported by the edges alone.

Every setting is described in .env.example. Names there carry the prefix `CHAINFIN_`.
"""

from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chainfin.domain.service_errors import SettingOpen
from chainfin.interchange.limits import Limits

DEFAULT_HOME = Path(".chainfin")


class Mode(StrEnum):
    """How the service is run."""

    EMBEDDED = "embedded"
    """One machine: own anvil network, SQLite, development keys derived from a seed in the home."""
    PRODUCTION = "production"
    """A consortium's network; known development keys and open settings are refused."""


class LogFormat(StrEnum):
    """How a process writes its log."""

    TEXT = "text"
    JSON = "json"
    """One object a line, for a collector."""


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="CHAINFIN_", env_file=".env", extra="ignore")

    home: Path = DEFAULT_HOME
    mode: Mode = Mode.EMBEDDED
    database_url: str = ""
    rpc_url: str = ""
    rpc_urls: str = ""
    rpc_timeout_seconds: int = Field(default=10, ge=1)
    rpc_token: str = Field(default="", repr=False)
    url: str = ""
    public_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    confirmations: int = Field(default=0, ge=0)
    finality: str = "depth:256"
    block_range: int = Field(default=2000, ge=1)
    relayers: int = Field(default=1, ge=1)
    relayer_signers: str = ""
    lease_seconds: int = Field(default=15, ge=1)
    outbox_limit: int = Field(default=20_000, ge=1)
    upkeep: bool = True
    upkeep_seconds: int = Field(default=10, ge=0)
    audit_anchor_hours: int = Field(default=24, ge=1)
    requests_a_minute: int | None = Field(default=None, ge=0)
    unknown_requests_a_minute: int | None = Field(default=None, ge=0)
    request_bytes: int = Field(default=45_000_000, ge=100_000)
    read_seconds: int = Field(default=30, ge=1)
    export_hours: int = Field(default=24, ge=1)
    keep_days: int = Field(default=90, ge=1)
    log_format: LogFormat | None = None
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    metrics_token: str = Field(default="", repr=False)
    traces_url: str = ""
    service_keys_file: Path | None = None
    service_password: str = Field(default="", repr=False)
    keystore_password: str | None = Field(default=None, repr=False)

    document_signing_file: Path | None = None
    document_signing_password: str = Field(default="", repr=False)
    fees_file: Path | None = None
    business_rules: Path | None = None
    registry_peers_file: Path | None = None
    registry_checks_a_minute: int = Field(default=600, ge=1)
    document_bytes: int = Field(default=10_000_000, ge=1)
    document_depth: int = Field(default=64, ge=1)
    document_archive_bytes: int = Field(default=20_000_000, ge=1)
    document_seconds: int = Field(default=10, ge=1)

    @property
    def is_embedded(self) -> bool:
        """Whether development keys and simulations are allowed."""
        return self.mode is Mode.EMBEDDED

    @property
    def effective_database_url(self) -> str:
        """The database's URL; SQLite in the home unless set."""
        return self.database_url or f"sqlite:///{self.home / 'chainfin.db'}"

    @property
    def effective_rpc_url(self) -> str:
        """The preferred node's URL."""
        return self.effective_rpc_urls[0]

    @property
    def effective_rpc_urls(self) -> list[str]:
        """The nodes' URLs; the embedded network's as its run file says unless set."""
        urls = [*self.rpc_url.split(), *self.rpc_urls.split()]
        return urls or [self._noted("node.url", "http://127.0.0.1:8545")]

    @property
    def effective_url(self) -> str:
        """The service's URL; where this home's own one listens unless set."""
        return self.url or self._noted("service.url", "http://127.0.0.1:8000")

    @property
    def effective_public_url(self) -> str:
        """The service's address as people see it: what they sign in to."""
        return self.public_url or self.effective_url

    @property
    def relayer_sources(self) -> list[str]:
        """Where the relayers' keys are, as `signing.sources` reads them."""
        return self.relayer_signers.split()

    @property
    def logs_json(self) -> bool:
        """Whether log lines are JSON; so in production unless set."""
        return (self.log_format or _LOG_FORMATS[self.mode]) is LogFormat.JSON

    @property
    def secrets(self) -> list[str]:
        """What no log may show: secret settings, and the passwords inside URLs."""
        fields = type(self).model_fields
        hidden = [getattr(self, name) for name, field in fields.items() if field.repr is False]
        urls = [self.effective_database_url, *self.effective_rpc_urls]
        return [str(word) for word in [*hidden, *(urlsplit(url).password for url in urls)] if word]

    def _noted(self, name: str, otherwise: str) -> str:
        """What a running process of this home wrote down."""
        note = self.home / name
        return note.read_text().strip() if note.exists() else otherwise


_LOG_FORMATS = {Mode.EMBEDDED: LogFormat.TEXT, Mode.PRODUCTION: LogFormat.JSON}


_SHORTEST_TOKEN = 24
_OTHERS_MAY_READ = 0o077


def open_settings(settings: Settings) -> list[SettingOpen]:
    """What production does not start with: anybody could come in, or read a secret."""
    if settings.is_embedded:
        return []
    found = []
    if settings.metrics_token and len(settings.metrics_token) < _SHORTEST_TOKEN:
        reason = f"it has fewer than {_SHORTEST_TOKEN} characters"
        found.append(SettingOpen("CHAINFIN_METRICS_TOKEN", reason))
    for name in ("requests_a_minute", "unknown_requests_a_minute"):
        if getattr(settings, name) == 0:
            found.append(SettingOpen(f"CHAINFIN_{name.upper()}", "requests are not limited"))
    for name in ("service_keys_file", "document_signing_file", "registry_peers_file"):
        path: Path | None = getattr(settings, name)
        if path is not None and path.exists() and path.stat().st_mode & _OTHERS_MAY_READ:
            reason = f"others on this machine may read {path}"
            found.append(SettingOpen(f"CHAINFIN_{name.upper()}", reason))
    if settings.log_level == "debug":
        found.append(SettingOpen("CHAINFIN_LOG_LEVEL", "debug lines hold what requests carry"))
    return found


def require_closed(settings: Settings) -> None:
    """Refuse to run in production with an open setting.

    Raises:
        SettingOpen: The first one.
    """
    for opened in open_settings(settings):
        raise opened


def document_limits(settings: Settings) -> Limits:
    """What a trade document may cost, as the operator's settings say."""
    return Limits(
        file_bytes=settings.document_bytes,
        depth=settings.document_depth,
        archive_bytes=settings.document_archive_bytes,
        seconds=settings.document_seconds,
    )
