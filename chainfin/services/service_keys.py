"""The service's own keys: relayer and administration, the keeper's, the fingerprint epoch's.

Embedded: derived from the home's seed. Production: an encrypted keystore and a secrets file named
by the settings; addresses that every development node knows are refused.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chainfin.chain.keys import (
    KNOWN_DEVELOPMENT_ADDRESSES,
    LocalSigner,
    Signer,
    load_key_file,
)
from chainfin.client.development import development_secret, load_seed, private_key_bytes
from chainfin.codec.fingerprint_keys import FingerprintKey, HeldFingerprintKey
from chainfin.codec.hashing import from_hex
from chainfin.domain.service_errors import DevelopmentKeyRefused

OPERATOR = "operator"
KEEPER_ROLE = "keeper"
DEVELOPMENT_EPOCHS = (1, 2)
"""The embedded network holds the key of the next epoch too, as a consortium about to rotate."""


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """What the operator's own processes sign and compute with.

    Attributes:
        relayers: Send transactions, one sequence of nonces each.
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
    relayer_files: Sequence[Path],
    secrets_file: Path | None,
    password: str,
) -> ServiceKeys | None:
    """The operator's keys as its settings say; None where production names none.

    Raises:
        DevelopmentKeyRefused, OSError, ValueError: As `production_service_keys`.
    """
    if is_embedded:
        return development_service_keys(home, relayers)
    if not relayer_files or secrets_file is None:
        return None
    return production_service_keys(relayer_files, secrets_file, password)


def production_service_keys(
    relayer_files: Sequence[Path], secrets_file: Path, password: str
) -> ServiceKeys:
    """Keys of a production operator.

    Args:
        relayer_files: Keystores of the relayers.
        secrets_file: JSON with `keeper_keystore`, `fingerprint_keys` (32 bytes by epoch),
            `document_key` and `identity_salt`.
        password: Of both keystores.

    Raises:
        DevelopmentKeyRefused: A key is one that every development node publishes.
        OSError, ValueError: A file cannot be read or opened.
    """
    secrets = json.loads(secrets_file.read_text())
    keeper_file = secrets_file.parent / secrets["keeper_keystore"]
    keys = ServiceKeys(
        relayers=tuple(load_key_file(path, password) for path in relayer_files),
        keeper=load_key_file(keeper_file, password),
        fingerprint_keys=tuple(
            HeldFingerprintKey(int(epoch), from_hex(key, 32))
            for epoch, key in sorted(secrets["fingerprint_keys"].items(), key=_epoch)
        ),
        document_key=from_hex(secrets["document_key"], 32),
        identity_salt=from_hex(secrets["identity_salt"], 32),
    )
    for signer in (*keys.relayers, keys.keeper):
        if signer.address in KNOWN_DEVELOPMENT_ADDRESSES:
            raise DevelopmentKeyRefused(signer.address)
    return keys


def _epoch(entry: tuple[str, str]) -> int:
    return int(entry[0])
