"""`chainfin keys`: a participant's own keys, on its own machine."""

import json
import secrets
from pathlib import Path
from typing import Annotated

import typer

from chainfin.cli.options import As, AsJson, Home, load_settings
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet, pinned_domain, slug
from chainfin.client.api import Api
from chainfin.client.wallet import (
    CHECKER,
    MAKER,
    Wallet,
    create_keystore,
    domain_document,
    open_key,
    open_keystore,
    save_wallet,
)
from chainfin.codec.hashing import from_hex, keccak, to_hex
from chainfin.codec.identities import PERSON_BYTES, possession_digest
from chainfin.domain.participant import KeyRole

app = typer.Typer(help="A participant's own keys.", no_args_is_help=True)


@app.command()
@command
def create(
    path: Annotated[Path, typer.Argument(help="The new keystore file.")],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
) -> None:
    """Make a key in an encrypted keystore; prints its address."""
    console.print(create_keystore(path, password))


@app.command("list")
@command
def list_keys(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The wallet's keys, and the organisation's keys as the registry has them."""
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


@app.command()
@command
def enrol(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    kind: Annotated[list[str], typer.Option(help="anchor, supplier, funder, auditor, ...")],
    legal_identifier: Annotated[str, typer.Option(help="LEI or unified social credit code.")],
    identity: Annotated[str, typer.Option(help="Its commitment, from the operator.")],
    maker: Annotated[Path, typer.Option(help="The maker's keystore.")],
    checker: Annotated[Path, typer.Option(help="The checker's keystore.")],
    output: Annotated[Path, typer.Option("-o", help="The enrolment file to write.")],
    licence_expires_at: Annotated[int, typer.Option(help="Funders: UTC seconds.")] = 0,
    home: Home = None,
) -> None:
    """Write the enrolment of an organisation: both keys sign that they are held and agree."""
    settings = load_settings(home)
    domain = pinned_domain(Api(settings.effective_url).get("/about"))
    roles = {KeyRole.MAKER: maker, KeyRole.CHECKER: checker}
    grants = []
    for role, path in roles.items():
        key = open_keystore(path, settings.keystore_password)
        # A salted hash: the chain must know two people apart, never who they are.
        person = keccak(secrets.token_bytes(32))[:PERSON_BYTES]
        signed = possession_digest(
            domain,
            identity=from_hex(identity, 32),
            key=key.address,
            roles=role.value,
            person=person,
        )
        grants.append(
            {
                "key": key.address,
                "roles": [str(role.name).lower()],
                "person": to_hex(person),
                "possession": to_hex(key.sign(signed)),
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


@app.command("wallet")
@command
def make_wallet(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    organisation: Annotated[int, typer.Option(help="Its number in the registry.")],
    api_key: Annotated[str, typer.Option(help="Its credential.", prompt=True, hide_input=True)],
    maker: Annotated[Path, typer.Option(help="The maker's keystore.")],
    checker: Annotated[Path, typer.Option(help="The checker's keystore.")],
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
        keys={MAKER: str(maker.resolve()), CHECKER: str(checker.resolve())},
        domain=domain_document(pinned_domain(api.get("/about"))),
        directory=directory,
    )
    console.print(f"wallet in {save_wallet(settings.home, slug(name), wallet)}")
