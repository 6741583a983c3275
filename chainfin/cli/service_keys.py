"""The operator's own keys, as the settings say where they are."""

from chainfin.config import Settings
from chainfin.services.service_keys import ServiceKeys, load_service_keys

NO_KEYS = "Set CHAINFIN_RELAYER_SIGNERS and CHAINFIN_SERVICE_KEYS_FILE."


def service_keys(settings: Settings) -> ServiceKeys | None:
    """The operator's keys as the settings say."""
    return load_service_keys(
        home=settings.home,
        is_embedded=settings.is_embedded,
        relayers=settings.relayers,
        relayer_sources=settings.relayer_sources,
        secrets_file=settings.service_keys_file,
        password=settings.service_password,
    )
