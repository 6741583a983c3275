"""The service's own keys in production: what is fit for it, and what is refused at the start."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_keyfile.keyfile import create_keyfile_json

from chainfin.client.development import load_seed
from chainfin.codec.hashing import to_hex
from chainfin.domain.service_errors import DevelopmentKeyRefused, KeyExposed, SignerMalformed
from chainfin.services.service_keys import ServiceKeys, load_service_keys

PASSWORD = "correct horse"  # noqa: S105 - of keys made for one test
KEY_OF_ANVIL = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")


class Secrets:
    """What an operator has in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "service.json"
        self.home = folder / "home"
        self.home.mkdir()
        self.document: dict[str, Any] = {
            "keeper": "keeper.json",
            "fingerprint_keys": {"2": secret(), "1": secret()},
            "document_key": secret(),
            "identity_salt": secret(),
        }
        self.relayers = [str(folder / "relayer.json")]
        self.password = PASSWORD
        for name in ("keeper.json", "relayer.json"):
            self.keystore(name, secrets.token_bytes(32))

    def keystore(self, name: str, key: bytes) -> None:
        document = create_keyfile_json(key, PASSWORD.encode(), kdf="pbkdf2", iterations=10)
        path = self.folder / name
        path.write_text(json.dumps(document))
        path.chmod(0o600)

    def load(self) -> ServiceKeys | None:
        if not self.file.exists():
            self.file.touch(0o600)
            self.file.write_text(json.dumps(self.document))
        return load_service_keys(
            home=self.home,
            is_embedded=False,
            relayers=1,
            relayer_sources=self.relayers,
            secrets_file=self.file,
            password=self.password,
        )


def secret() -> str:
    return to_hex(secrets.token_bytes(32))


@pytest.fixture
def folder(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path)


def test_keys__fit_for_production__are_opened_in_order_of_their_epochs(folder: Secrets) -> None:
    keys = folder.load()

    assert keys is not None
    assert [key.epoch for key in keys.fingerprint_keys] == [1, 2]
    assert len({keys.relayer.address, keys.keeper.address}) == 2


def test_keys__of_a_process_that_does_not_relay__have_no_relayer(folder: Secrets) -> None:
    folder.relayers = []

    keys = folder.load()

    assert keys is not None
    assert keys.relayers == ()


def readable_by_others(name: str) -> Callable[[Secrets], None]:
    def spoil(folder: Secrets) -> None:
        folder.file.touch(0o600)
        folder.file.write_text(json.dumps(folder.document))
        (folder.folder / name).chmod(0o640)

    return spoil


def pattern(name: str) -> Callable[[Secrets], None]:
    return lambda folder: folder.document.update({name: "0x" + "11" * 32})


@pytest.mark.parametrize(
    "spoil",
    [
        readable_by_others("service.json"),
        readable_by_others("keeper.json"),
        readable_by_others("relayer.json"),
        pattern("document_key"),
        pattern("identity_salt"),
        lambda folder: folder.document.update(fingerprint_keys={"1": "0x" + "00" * 32}),
        lambda folder: load_seed(folder.home),
    ],
)
def test_keys__others_could_read_or_guess__are_refused(
    folder: Secrets, spoil: Callable[[Secrets], Any]
) -> None:
    spoil(folder)

    with pytest.raises(KeyExposed):
        folder.load()


@pytest.mark.parametrize("name", ["keeper.json", "relayer.json"])
def test_key__that_development_nodes_publish__is_refused(folder: Secrets, name: str) -> None:
    folder.keystore(name, KEY_OF_ANVIL)

    with pytest.raises(DevelopmentKeyRefused):
        folder.load()


def test_keystore__without_its_password__is_not_asked_for_at_a_terminal(folder: Secrets) -> None:
    folder.password = ""

    with pytest.raises(SignerMalformed):
        folder.load()
