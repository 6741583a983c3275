"""A participant's own folder: who it is, where its service is, which keys it signs with.

    <home>/wallets/<name>.json

The keys never leave this machine, and nothing the service says is signed unread: types and domain
are pinned here, and the sentence shown is written here from the typed data itself.
"""

import getpass
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainfin.client.development import development_key, load_seed
from chainfin.codec.decisions import read_decision
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.orders import TYPES, order_hash
from chainfin.codec.signatures import SigningKey, address_of
from chainfin.codec.typed_data import Domain, digest, from_json
from chainfin.domain.errors import Language
from chainfin.domain.order import Approval
from chainfin.domain.sentences import decision_sentence, sentence
from chainfin.domain.service_errors import NotFound

MAKER, CHECKER = "maker", "checker"


@dataclass(frozen=True, slots=True)
class Wallet:
    """What one organisation's people use.

    Attributes:
        name: The organisation's name, as its own people know it.
        organisation: Its number in the participant registry.
        url: The service it talks to.
        api_key: Its credential there; says who asks, never who acts.
        keys: Role to where the key is: `development` or the path of a keystore file.
        domain: The pinned EIP-712 domain: the one network it signs for.
        directory: Names of other organisations it has pinned.
    """

    name: str
    organisation: int
    url: str
    api_key: str = field(repr=False)
    keys: Mapping[str, str]
    domain: Mapping[str, Any]
    directory: Mapping[int, str] = field(default_factory=dict)

    def signing_domain(self) -> Domain:
        """The pinned domain as a value."""
        return Domain(**(dict(self.domain) | {"salt": from_hex(self.domain["salt"])}))


def wallet_path(home: Path, name: str) -> Path:
    """Where an organisation's wallet lies."""
    return home / "wallets" / f"{name}.json"


def load_wallet(home: Path, name: str) -> Wallet:
    """Read a wallet.

    Raises:
        NotFound: There is none of that name.
    """
    path = wallet_path(home, name)
    if not path.exists():
        raise NotFound("wallet", name)
    document = json.loads(path.read_text())
    names = {int(number): text for number, text in document.pop("directory", {}).items()}
    return Wallet(**document, directory=names)


def save_wallet(home: Path, label: str, wallet: Wallet) -> Path:
    """Write a wallet, readable by its owner only."""
    path = wallet_path(home, label)
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "name": wallet.name,
        "organisation": wallet.organisation,
        "url": wallet.url,
        "api_key": wallet.api_key,
        "keys": dict(wallet.keys),
        "domain": dict(wallet.domain),
        "directory": {str(number): name for number, name in wallet.directory.items()},
    }
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


def domain_document(domain: Domain) -> dict[str, Any]:
    """A domain as wallets pin it."""
    return {
        "name": domain.name,
        "version": domain.version,
        "chain_id": domain.chain_id,
        "verifying_contract": domain.verifying_contract,
        "salt": to_hex(domain.salt),
    }


def open_key(home: Path, wallet: Wallet, role: str, password: str | None = None) -> SigningKey:
    """The wallet's key of a role.

    Raises:
        NotFound: The wallet has no key of that role.
        ValueError: The keystore's password is wrong.
    """
    source = wallet.keys.get(role)
    if source is None:
        raise NotFound(f"{role} key", wallet.name)
    if source.startswith("development"):
        owner = source.partition(":")[2] or wallet.name
        return development_key(load_seed(home), owner, role)
    return open_keystore(Path(source), password)


def open_keystore(path: Path, password: str | None = None) -> SigningKey:
    """The key in an encrypted keystore file; asks for the password it is not given.

    Raises:
        ValueError: The password is wrong.
        OSError: The file cannot be read.
    """
    secret = password or getpass.getpass(f"Password of {path}: ")
    keystore = json.loads(path.read_text())
    # Slow to load, and development wallets never need it.
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415

    return SigningKey(decode_keyfile_json(keystore, secret.encode()))


def read_draft(wallet: Wallet, typed_data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The act and message of a draft, checked against the pinned types and domain.

    Raises:
        TypedDataMalformed: It is for another network, of another type, or malformed.
    """
    return from_json(typed_data, TYPES, wallet.signing_domain())


def explain(
    wallet: Wallet,
    typed_data: Mapping[str, Any],
    *,
    currency: str | None = None,
    language: Language = "en",
) -> str:
    """What signing a draft would mean, written from the draft itself."""
    primary_type, message = read_draft(wallet, typed_data)
    names = {wallet.organisation: wallet.name, **wallet.directory}
    text = sentence(primary_type, message, names, language, currency=currency)
    if primary_type == "CouncilVote":
        function, arguments = read_decision(message["data"]) or ("", {})
        text += " " + decision_sentence(function, arguments, names, language)
    return text


def approve(
    home: Path,
    wallet: Wallet,
    typed_data: Mapping[str, Any],
    roles: Sequence[str],
    *,
    password: str | None = None,
) -> list[Approval]:
    """Sign a draft with the wallet's keys, maker first; asks for passwords it is not given.

    Raises:
        TypedDataMalformed: The draft is not for the pinned network and types.
        NotFound: A key is missing.
    """
    primary_type, message = read_draft(wallet, typed_data)
    signed = digest(wallet.signing_domain(), order_hash(primary_type, message))
    keys = [open_key(home, wallet, role, password) for role in roles]
    return [Approval(key.address, key.sign(signed)) for key in keys]


def create_keystore(path: Path, password: str) -> str:
    """Make a new key in an encrypted keystore file (scrypt); returns its address."""
    from eth_keyfile.keyfile import create_keyfile_json  # noqa: PLC0415 - slow to load

    private_key = secrets.token_bytes(32)
    address = address_of(private_key)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(create_keyfile_json(private_key, password.encode()), file)
    return address
