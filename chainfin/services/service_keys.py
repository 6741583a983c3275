"""The service's own keys: relayer and administration, the keeper's, the fingerprint epoch's.

Embedded: derived from the home's seed. Production: keystores, tokens or remote signers and a
secrets file named by the settings; what development nodes publish, and what others on the machine
could read, is refused.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chainfin.client.development import (
    SEED_FILE,
    development_secret,
    load_seed,
    private_key_bytes,
)
from chainfin.codec.fingerprint_keys import FingerprintKey, HeldFingerprintKey
from chainfin.codec.hashing import from_hex
from chainfin.codec.signers import LocalSigner, Signer
from chainfin.domain.service_errors import DevelopmentKeyRefused, KeyExposed
from chainfin.signing.published import KNOWN_DEVELOPMENT_ADDRESSES
from chainfin.signing.sources import (
    is_file,
    open_fingerprint_key,
    open_signer,
    refuse_to_ask,
    secret_or_ask,
)

OPERATOR = "operator"
KEEPER_ROLE = "keeper"
DEVELOPMENT_EPOCHS = (1, 2)
"""The embedded network holds the key of the next epoch too, as a consortium about to rotate."""
_OTHERS = 0o077
_FEWEST_DISTINCT_BYTES = 8
"""Of 32: random ones never repeat themselves so much."""


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """What the operator's own processes sign and compute with.

    Attributes:
        relayers: Send transactions, one sequence of nonces each; none in a process that only
            answers requests.
        keeper: Signs for fingerprints of documents.
        fingerprint_keys: Keys of the fingerprint epochs taken part in, by epoch.
        document_key: Wraps the keys of documents at rest, 32 bytes.
        identity_salt: Salts the commitments to legal identifiers.
    """

    relayers: tuple[Signer, ...]
    keeper: Signer
    fingerprint_keys: tuple[FingerprintKey, ...]
    document_key: bytes = field(repr=False)
    identity_salt: bytes

    @property
    def relayer(self) -> Signer:
        """The first relayer, which is also the administration until the Council holds it."""
        return self.relayers[0]


def development_service_keys(home: Path, relayers: int = 1) -> ServiceKeys:
    """Keys of the embedded network's operator, from the home's seed."""
    seed = load_seed(home)
    roles = ["relayer", *(f"relayer-{number}" for number in range(2, relayers + 1))]
    return ServiceKeys(
        relayers=tuple(LocalSigner(private_key_bytes(seed, OPERATOR, role)) for role in roles),
        keeper=LocalSigner(private_key_bytes(seed, OPERATOR, KEEPER_ROLE)),
        fingerprint_keys=tuple(
            HeldFingerprintKey(epoch, development_secret(seed, f"fingerprint/{epoch}"))
            for epoch in DEVELOPMENT_EPOCHS
        ),
        document_key=development_secret(seed, "documents"),
        identity_salt=development_secret(seed, "identity"),
    )


def load_service_keys(
    *,
    home: Path,
    is_embedded: bool,
    relayers: int,
    relayer_sources: Sequence[str],
    secrets_file: Path | None,
    password: str,
) -> ServiceKeys | None:
    """The operator's keys as its settings say; None where production names none.

    Raises:
        As `production_service_keys`.
    """
    if is_embedded:
        return development_service_keys(home, relayers)
    if (home / SEED_FILE).exists():
        raise KeyExposed(str(home / SEED_FILE), "a seed of demo keys has no place there")
    if secrets_file is None:
        return None
    return production_service_keys(relayer_sources, secrets_file, password)


def production_service_keys(
    relayer_sources: Sequence[str], secrets_file: Path, password: str
) -> ServiceKeys:
    """Keys of a production operator.

    Args:
        relayer_sources: Where the relayers' keys are; none in a process that does not relay.
        secrets_file: JSON with `keeper` (where its key is), `fingerprint_keys` (by epoch: 32
            bytes, or a key in a token), `document_key` and `identity_salt`.
        password: Of keystores, and of tokens whose URI names no PIN file.

    Raises:
        DevelopmentKeyRefused: A key is one that every development node publishes.
        KeyExposed: A file can be read by others, or a secret is no secret.
        SignerMalformed, SignerUnavailable, SignerRefused, OSError, ValueError: A key cannot be
            opened.
    """
    require_private(secrets_file)
    secrets = json.loads(secrets_file.read_text())
    folder = secrets_file.parent
    for source in filter(is_file, relayer_sources):
        require_private(Path(source))
    if is_file(secrets["keeper"]):
        require_private(folder / secrets["keeper"])
    ask = secret_or_ask(password) if password else refuse_to_ask
    keys = ServiceKeys(
        relayers=tuple(open_signer(source, ask) for source in relayer_sources),
        keeper=open_signer(secrets["keeper"], ask, folder=folder),
        fingerprint_keys=tuple(
            open_fingerprint_key(int(epoch), _no_pattern(f"fingerprint key {epoch}", key), ask)
            for epoch, key in sorted(secrets["fingerprint_keys"].items(), key=_epoch)
        ),
        document_key=from_hex(_no_pattern("document_key", secrets["document_key"]), 32),
        identity_salt=from_hex(_no_pattern("identity_salt", secrets["identity_salt"]), 32),
    )
    for signer in (*keys.relayers, keys.keeper):
        if signer.address in KNOWN_DEVELOPMENT_ADDRESSES:
            raise DevelopmentKeyRefused(signer.address)
    return keys


def require_private(path: Path) -> None:
    """Refuse a file of secrets that others on the machine may read.

    Raises:
        KeyExposed: They may.
        OSError: There is no such file.
    """
    if path.stat().st_mode & _OTHERS:
        raise KeyExposed(str(path), "others than its owner may use it; chmod 600")


def _no_pattern(name: str, text: str) -> str:
    if text.startswith("0x") and len(set(from_hex(text))) < _FEWEST_DISTINCT_BYTES:
        raise KeyExposed(name, "it is a pattern, not 32 random bytes")
    return text


def _epoch(entry: tuple[str, str]) -> int:
    return int(entry[0])
