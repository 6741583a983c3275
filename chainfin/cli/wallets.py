"""Wallets on the command line: which organisation acts, and its connection to the service."""

import time
from pathlib import Path
from typing import Any

from chainfin.cli.options import load_settings
from chainfin.client.api import Api, ApiProblem, Draft
from chainfin.client.wallet import (
    CHECKER,
    MAKER,
    Wallet,
    approve,
    domain_document,
    load_wallet,
    save_wallet,
)
from chainfin.codec.hashing import from_hex
from chainfin.codec.typed_data import Domain
from chainfin.config import Settings
from chainfin.domain.names import normalise_name
from chainfin.domain.service_errors import NotFound

_WAIT_SECONDS = 60.0

OPERATOR_KEY_FILE = "operator.key"


def slug(name: str) -> str:
    """A wallet's file name for an organisation."""
    return normalise_name(name).replace(" ", "-")


def open_wallet(home: Path | None, name: str) -> tuple[Settings, Wallet, Api]:
    """A wallet by name or organisation name, with a connection to its service."""
    settings = load_settings(home)
    wallet = load_wallet(settings.home, slug(name))
    return settings, wallet, Api(wallet.url, wallet.api_key)


def operator_api(settings: Settings) -> Api:
    """The operator's own connection.

    Raises:
        NotFound: This home has no operator's credential.
    """
    path = settings.home / OPERATOR_KEY_FILE
    if not path.exists():
        raise NotFound("operator credential", str(path))
    return Api(settings.effective_url, path.read_text().strip())


def pinned_domain(about: dict[str, Any]) -> Domain:
    """The network's signing domain as the service tells it, pinned on first use."""
    domain = about["domain"]
    return Domain(**(domain | {"salt": from_hex(domain["salt"])}))


def make_development_wallet(
    settings: Settings, operator: Api, name: str, organisation: int
) -> Wallet:
    """A wallet whose keys are derived from the home's seed; saved."""
    credential = operator.post(f"/participants/{organisation}/api-keys", {})["api_key"]
    owner = normalise_name(name)
    wallet = Wallet(
        name=name,
        organisation=organisation,
        url=settings.effective_url,
        api_key=credential,
        keys=dict.fromkeys((MAKER, CHECKER), f"development:{owner}"),
        domain=domain_document(pinned_domain(operator.get("/about"))),
    )
    save_wallet(settings.home, slug(name), wallet)
    return wallet


def sign_and_submit(
    settings: Settings, wallet: Wallet, api: Api, draft: Draft, *, path: str = "/orders"
) -> dict[str, Any]:
    """Maker and checker sign a draft on this machine; the order is handed in."""
    approvals = approve(
        settings.home,
        wallet,
        draft.typed_data,
        [MAKER, CHECKER],
        password=settings.keystore_password,
    )
    return api.submit(draft, approvals, path=path, idempotency_key=draft.order_hash)


def order(settings: Settings, wallet: Wallet, api: Api, act: str, **fields: Any) -> dict[str, Any]:
    """Draft, sign, submit and wait until the order has run in a final block."""
    draft = api.draft(act, fields)
    sign_and_submit(settings, wallet, api, draft)
    return api.wait_for_order(draft.order_hash)


def wait_for_participants(api: Api, names: list[str]) -> dict[str, int]:
    """Numbers of organisations by name, once the index knows them all."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        found: dict[str, int] = api.post("/participants/lookup", {"names": names})["found"]
        if len(found) == len(set(names)):
            return found
        if time.monotonic() > deadline:
            missing = next(name for name in names if name not in found)
            detail = f"{missing} is not admitted after {_WAIT_SECONDS:.0f} s"
            raise ApiProblem(0, {"code": "timed-out", "detail": detail})
        time.sleep(0.1)
