"""`chainfin keys`: a participant's own keys, on its own machine."""

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from chainfin.cli.options import As, AsJson, Home, load_settings
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, pinned_domain, sign_and_submit, slug
from chainfin.client.api import Api
from chainfin.client.wallet import (
    CHECKER,
    MAKER,
    Wallet,
    approve,
    domain_document,
    explain,
    open_key,
    save_wallet,
)
from chainfin.codec.hashing import from_hex, keccak, to_hex
from chainfin.codec.identities import PERSON_BYTES, sign_possession
from chainfin.codec.signers import Signer
from chainfin.config import Settings
from chainfin.domain.participant import KeyRole, mask_of
from chainfin.signing.sources import (
    absolute,
    ask_at_terminal,
    create_key,
    import_fingerprint_key,
    is_token,
    open_signer,
    secret_or_ask,
    token_keys,
)

app = typer.Typer(help="A participant's own keys.", no_args_is_help=True)

_PLACES = "a keystore's path, a PKCS#11 URI, or a remote signer's URL."


@app.command()
@command
def create(
    place: Annotated[str, typer.Argument(help="A new keystore's path, or a PKCS#11 URI.")],
    home: Home = None,
) -> None:
    """Make a key in an encrypted keystore or inside a token; prints its address."""
    known = load_settings(home).keystore_password
    ask = secret_or_ask(known) if known is not None else _new_password
    console.print(create_key(place, ask))


@app.command("list")
@command
def list_keys(
    name: Annotated[str | None, typer.Option("--as", help="An organisation's wallet.")] = None,
    token: Annotated[str | None, typer.Option(help="PKCS#11 URI of a token instead.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """The wallet's keys and the organisation's in the registry; or the keys of a token."""
    if token is not None:
        _list_token(token, load_settings(home), as_json=as_json)
        return
    if name is None:
        raise typer.BadParameter("say which wallet (--as) or which token (--token)")
    settings, wallet, api = open_wallet(home, name)
    registered = api.get(f"/participants/{wallet.organisation}/keys")["data"]
    ours = {
        role: open_key(settings.home, wallet, role).address
        for role, source in wallet.keys.items()
        if source.startswith("development")
    }
    if as_json:
        print_json({"wallet": ours, "registered": registered})
        return
    for entry in registered:
        mine = [role for role, address in ours.items() if address == entry["key"]]
        console.print(f"{entry['key']}  {', '.join(entry['roles']):<10} {' '.join(mine)}")


@app.command("import-fingerprint-key")
@command
def import_fingerprint(
    place: Annotated[str, typer.Argument(help="PKCS#11 URI of the key to be.")],
    file: Annotated[Path, typer.Argument(help="The key: 32 bytes in hexadecimal behind 0x.")],
    home: Home = None,
) -> None:
    """Put the consortium's fingerprint key into a token; destroy the file afterwards."""
    key = from_hex(file.read_text().strip(), 32)
    ask = secret_or_ask(load_settings(home).keystore_password)
    import_fingerprint_key(place, key, ask)
    console.print(f"{place.partition('?')[0]}: name it in fingerprint_keys, and destroy {file}")


@app.command()
@command
def enrol(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    kind: Annotated[list[str], typer.Option(help="anchor, supplier, funder, auditor, ...")],
    legal_identifier: Annotated[str, typer.Option(help="LEI or unified social credit code.")],
    identity: Annotated[str, typer.Option(help="Its commitment, from the operator.")],
    maker: Annotated[str, typer.Option(help=f"The maker's key: {_PLACES}")],
    checker: Annotated[str, typer.Option(help="The checker's key, likewise.")],
    output: Annotated[Path, typer.Option("-o", help="The enrolment file to write.")],
    licence_expires_at: Annotated[int, typer.Option(help="Funders: UTC seconds.")] = 0,
    home: Home = None,
) -> None:
    """Write the enrolment of an organisation: both keys sign that they are held and agree."""
    settings = load_settings(home)
    domain = pinned_domain(Api(settings.effective_url).get("/about"))
    # Both administer: two of them register a further key.
    roles = {
        KeyRole.MAKER | KeyRole.ADMINISTRATOR: maker,
        KeyRole.CHECKER | KeyRole.ADMINISTRATOR: checker,
    }
    grants = []
    for role, source in roles.items():
        key = open_signer(source, secret_or_ask(settings.keystore_password))
        # A salted hash: the chain must know two people apart, never who they are.
        person = keccak(secrets.token_bytes(32))[:PERSON_BYTES]
        possession = sign_possession(
            key, domain, identity=from_hex(identity, 32), roles=role.value, person=person
        )
        grants.append(
            {
                "key": key.address,
                "roles": [str(part.name).lower() for part in role],
                "person": to_hex(person),
                "possession": to_hex(possession),
            }
        )
    document = {
        "name": name,
        "kinds": kind,
        "legal_identifier": legal_identifier,
        "identity": identity,
        "licence_expires_at": licence_expires_at,
        "keys": grants,
    }
    output.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    console.print(f"{output}: give it to the operator")


@app.command()
@command
def register(
    source: Annotated[str, typer.Argument(help=f"The new key: {_PLACES}")],
    name: As,
    role: Annotated[list[str], typer.Option(help="maker, checker, administrator or keeper")],
    valid_until: Annotated[int, typer.Option(help="UTC seconds; for ever unless given.")] = (
        2**40 - 1
    ),
    home: Home = None,
) -> None:
    """Register a further key: it agrees itself, two administrators sign, and it waits."""
    settings, wallet, api = open_wallet(home, name)
    key = open_signer(source, secret_or_ask(settings.keystore_password))
    # A salted hash: the chain must know two people apart, never who they are.
    person = keccak(secrets.token_bytes(32))[:PERSON_BYTES]
    _register(settings, wallet, api, key, role, person, valid_until)
    entry = _entry(api, wallet, key.address)
    console.print(f"{key.address} is registered; it acts from {entry['valid_from']} on")


@app.command()
@command
def rotate(
    role: Annotated[str, typer.Argument(help="Whose key of the wallet: maker or checker.")],
    source: Annotated[str, typer.Argument(help=f"The successor: {_PLACES}")],
    name: As,
    home: Home = None,
) -> None:
    """Put a successor in a key's place: registered at first, and the old key ended once it acts.

    The same command goes on where the last one stopped.
    """
    settings, wallet, api = open_wallet(home, name)
    old = open_key(settings.home, wallet, role, settings.keystore_password)
    key = open_signer(source, secret_or_ask(settings.keystore_password))
    entries = {entry["key"]: entry for entry in _entries(api, wallet)}
    if key.address not in entries:
        known = entries[old.address]
        # The same person holds both, so that neither can check what the other made.
        person = from_hex(known["person"], PERSON_BYTES)
        _register(settings, wallet, api, key, known["roles"], person, known["valid_until"])
        entries[key.address] = _entry(api, wallet, key.address)
    if not entries[key.address]["is_valid"]:
        valid_from = entries[key.address]["valid_from"]
        console.print(f"{key.address} acts from {valid_from} on; rotate again then")
        return
    if entries[old.address]["is_valid"]:
        _end(settings, wallet, api, "revoke_key", old.address)
    keys = {**wallet.keys, role: absolute(source)}
    save_wallet(settings.home, slug(name), replace(wallet, keys=keys))
    console.print(f"{key.address} acts in place of {old.address}")


@app.command()
@command
def revoke(
    key: Annotated[str, typer.Argument(help="The key to end, by address.")],
    name: As,
    home: Home = None,
) -> None:
    """End a key at once and for ever; one administrator signs."""
    settings, wallet, api = open_wallet(home, name)
    _end(settings, wallet, api, "revoke_key", key)


@app.command()
@command
def veto(
    key: Annotated[str, typer.Argument(help="The waiting key, by address.")],
    name: As,
    home: Home = None,
) -> None:
    """Stop a key that nobody should have registered; the Council decides what follows."""
    settings, wallet, api = open_wallet(home, name)
    _end(settings, wallet, api, "veto_key", key)


def _register(
    settings: Settings,
    wallet: Wallet,
    api: Api,
    key: Signer,
    roles: list[str],
    person: bytes,
    valid_until: int,
) -> None:
    profile = api.get(f"/participants/{wallet.organisation}")
    possession = sign_possession(
        key,
        wallet.signing_domain(),
        identity=from_hex(profile["identity"], 32),
        roles=mask_of(KeyRole, roles, "roles"),
        person=person,
    )
    fields = {
        "key": key.address,
        "roles": roles,
        "person": to_hex(person),
        "possession": to_hex(possession),
        "valid_until": valid_until,
    }
    draft = api.draft("register_key", fields)
    console.print(explain(wallet, draft.typed_data))
    sign_and_submit(settings, wallet, api, draft)
    api.wait_for_order(draft.order_hash)


def _end(settings: Settings, wallet: Wallet, api: Api, act: str, key: str) -> None:
    """Sign with the wallet's own key that is not the one to end."""
    role = MAKER
    signer = open_key(settings.home, wallet, role, settings.keystore_password)
    if signer.address == key:
        role = CHECKER
        signer = open_key(settings.home, wallet, role, settings.keystore_password)
    draft = api.draft(act, {"key": key}, maker_key=signer.address)
    console.print(explain(wallet, draft.typed_data))
    approvals = approve(
        settings.home, wallet, draft.typed_data, [role], password=settings.keystore_password
    )
    api.submit(draft, approvals, idempotency_key=draft.order_hash)
    api.wait_for_order(draft.order_hash)
    console.print(f"{key} has ended")


def _entries(api: Api, wallet: Wallet) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = api.get(f"/participants/{wallet.organisation}/keys")["data"]
    return entries


def _entry(api: Api, wallet: Wallet, address: str) -> dict[str, Any]:
    return next(entry for entry in _entries(api, wallet) if entry["key"] == address)


@app.command("wallet")
@command
def make_wallet(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    organisation: Annotated[int, typer.Option(help="Its number in the registry.")],
    api_key: Annotated[str, typer.Option(help="Its credential.", prompt=True, hide_input=True)],
    maker: Annotated[str, typer.Option(help=f"The maker's key: {_PLACES}")],
    checker: Annotated[str, typer.Option(help="The checker's key, likewise.")],
    home: Home = None,
) -> None:
    """Make an organisation's wallet on its own machine; the network is pinned on first use."""
    settings = load_settings(home)
    api = Api(settings.effective_url, api_key)
    directory = {entry["organisation"]: entry["name"] for entry in api.pages("/participants")}
    wallet = Wallet(
        name=name,
        organisation=organisation,
        url=settings.effective_url,
        api_key=api_key,
        keys={MAKER: absolute(maker), CHECKER: absolute(checker)},
        domain=domain_document(pinned_domain(api.get("/about"))),
        directory=directory,
    )
    console.print(f"wallet in {save_wallet(settings.home, slug(name), wallet)}")


def _new_password(place: str) -> str:
    if is_token(place):
        return ask_at_terminal(place)
    prompt = f"Password of the new keystore {place}"
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True))


def _list_token(token: str, settings: Settings, *, as_json: bool) -> None:
    found = token_keys(token, secret_or_ask(settings.keystore_password))
    if as_json:
        print_json(found)
        return
    for label, address in sorted(found.items()):
        console.print(f"{address}  {label}")
