"""A participant's own folder: who it is, where its service is, which keys it signs with.

    <home>/wallets/<name>.json

The keys never leave this machine, and nothing the service says is signed unread: types and domain
are pinned here, and the sentence shown is written here from the typed data itself.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainfin.client.development import development_key, load_seed
from chainfin.codec.decisions import read_decision
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.orders import TYPES
from chainfin.codec.signers import LocalSigner, Signer
from chainfin.codec.typed_data import Domain, from_json
from chainfin.domain.errors import Language
from chainfin.domain.order import Approval
from chainfin.domain.sentences import decision_sentence, sentence
from chainfin.domain.service_errors import NotFound
from chainfin.signing.sources import open_signer, secret_or_ask

MAKER, CHECKER = "maker", "checker"


@dataclass(frozen=True, slots=True)
class Wallet:
    """What one organisation's people use.

    Attributes:
        name: The organisation's name, as its own people know it.
        organisation: Its number in the participant registry.
        url: The service it talks to.
        api_key: Its credential there; says who asks, never who acts.
        keys: Role to where the key is: `development:<owner>`, or as `signing.sources` says.
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


def open_key(home: Path, wallet: Wallet, role: str, password: str | None = None) -> Signer:
    """The wallet's key of a role.

    Raises:
        NotFound: The wallet has no key of that role.
        SignerMalformed, SignerUnavailable, SignerRefused, ValueError, OSError: See `open_signer`.
    """
    source = wallet.keys.get(role)
    if source is None:
        raise NotFound(f"{role} key", wallet.name)
    if source.startswith("development"):
        owner = source.partition(":")[2] or wallet.name
        return LocalSigner(development_key(load_seed(home), owner, role))
    return open_signer(source, secret_or_ask(password))


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
        SignerUnavailable, SignerRefused: A token or remote signer is away, or says no.
    """
    return [
        approve_with(open_key(home, wallet, role, password), wallet, typed_data) for role in roles
    ]


def approve_with(signer: Signer, wallet: Wallet, typed_data: Mapping[str, Any]) -> Approval:
    """Sign a draft with one key.

    Raises:
        TypedDataMalformed: The draft is not for the pinned network and types.
        SignerUnavailable, SignerRefused: The token or remote signer is away, or says no.
    """
    primary_type, message = read_draft(wallet, typed_data)
    signature = signer.sign_typed_data(wallet.signing_domain(), primary_type, message)
    return Approval(signer.address, signature)
