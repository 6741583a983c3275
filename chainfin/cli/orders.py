"""`chainfin order`: draft, sign on this machine, submit, follow."""

import json
from pathlib import Path
from typing import Annotated

import typer

from chainfin.cli.options import As, Home, fields_of
from chainfin.cli.output import command, console, print_json
from chainfin.cli.wallets import open_wallet
from chainfin.client.api import Draft
from chainfin.client.wallet import MAKER, approve_with, explain, open_key
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.domain.order import QUOTES, Approval
from chainfin.signing.sources import open_signer, secret_or_ask

app = typer.Typer(help="Orders: every act by its name.", no_args_is_help=True)


@app.command()
@command
def draft(
    act: Annotated[str, typer.Argument(help="The act's name, such as split_lot.")],
    name: As,
    field: Annotated[
        list[str] | None, typer.Option(help="name=value; the value is JSON or plain text.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", help="Write the draft here.")] = None,
    home: Home = None,
) -> None:
    """Have an order prepared. Nothing is recorded."""
    _, wallet, api = open_wallet(home, name)
    prepared = api.draft(act, fields_of(field or []))
    document = {key: getattr(prepared, key) for key in Draft.__dataclass_fields__}
    if output is None:
        print_json(document)
        return
    output.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    console.print(explain(wallet, prepared.typed_data, currency=prepared.currency))


@app.command()
@command
def sign(
    file: Annotated[Path, typer.Argument(help="A draft, or one signed by the maker.")],
    name: As,
    role: Annotated[str, typer.Option(help="maker or checker")] = MAKER,
    signer: Annotated[
        str | None,
        typer.Option(help="Another key than the wallet's: keystore, PKCS#11 URI, or URL."),
    ] = None,
    home: Home = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Sign a draft with this machine's key, after reading what it says."""
    settings, wallet, _ = open_wallet(home, name)
    document = json.loads(file.read_text())
    console.print(explain(wallet, document["typed_data"], currency=document["currency"]))
    if not yes:
        typer.confirm(f"Sign as {role} of {wallet.name}?", abort=True)
    secret = settings.keystore_password
    key = (
        open_key(settings.home, wallet, role, secret)
        if signer is None
        else open_signer(signer, secret_or_ask(secret))
    )
    approval = approve_with(key, wallet, document["typed_data"])
    signed = [entry for entry in document.get("approvals", []) if entry["key"] != approval.key]
    signed.append({"key": approval.key, "signature": to_hex(approval.signature)})
    document["approvals"] = signed
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    console.print(f"signed by {approval.key}")


@app.command()
@command
def submit(
    file: Annotated[Path, typer.Argument(help="A signed draft.")],
    name: As,
    home: Home = None,
    wait: Annotated[bool, typer.Option(help="Wait until it has run.")] = True,
) -> None:
    """Hand in a signed order."""
    _, _, api = open_wallet(home, name)
    document = json.loads(file.read_text())
    approvals = [
        Approval(entry["key"], from_hex(entry["signature"]))
        for entry in document.get("approvals", [])
    ]
    prepared = Draft.of(document)
    path = "/quotes" if prepared.act in QUOTES else "/orders"
    answer = api.submit(prepared, approvals, path=path, idempotency_key=prepared.order_hash)
    if wait and path == "/orders":
        answer = api.wait_for_order(prepared.order_hash)
    print_json(answer)


@app.command()
@command
def show(order_hash: str, name: As, home: Home = None) -> None:
    """An order with its history."""
    _, _, api = open_wallet(home, name)
    print_json(api.get(f"/orders/{order_hash}"))
