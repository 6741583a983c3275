"""`chainfin documents`: trade documents read, checked, disclosed, disputed and erased."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chainfin.cli.options import As, AsJson, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, print_json, refuse
from chainfin.cli.runtime import runtime_of, unit_of_work
from chainfin.cli.wallets import open_wallet
from chainfin.codec import envelopes
from chainfin.codec.commitments import disclosure_from_json, verify_disclosure
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.config import document_limits
from chainfin.domain.findings import Severity
from chainfin.domain.money import Money
from chainfin.interchange.invoices import Inspection, inspect_invoice
from chainfin.interchange.rules import BusinessRules
from chainfin.services.context import Caller
from chainfin.services.epochs import carry_documents, open_epoch
from chainfin.services.vault import Content

app = typer.Typer(help="Trade documents.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Invoices: XML, PDF, OFD or JSON.")]
Fingerprint = Annotated[str, typer.Argument(help="The document's fingerprint, 0x….")]
Because = Annotated[str, typer.Option(help="Why, for those who will ask.")]

_OPERATOR = Caller(organisation=0, reads_all=True)
_LOOK_AGAIN_SECONDS = 1.0
_MARKS = {Severity.FATAL: "[red]refused[/]", Severity.WARNING: "[yellow]warning[/]"}


@app.command()
@command
def inspect(
    files: Files,
    rules: Annotated[
        Path | None, typer.Option(help="Folder of the EN 16931 rules (compiled Schematron).")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read files on this machine; say what was read and everything wrong with it."""
    settings = load_settings(home)
    folder = rules or settings.business_rules
    checked = None if folder is None else BusinessRules(folder)
    limits = document_limits(settings)
    seen = [(file, inspect_invoice(file.read_bytes(), limits, checked)) for file in files]
    if as_json:
        print_json([{"file": str(file), **inspection.to_json()} for file, inspection in seen])
    else:
        for file, inspection in seen:
            _print(file, inspection)
    if not all(inspection.is_accepted for _, inspection in seen):
        raise typer.Exit(ExitCode.NO)


@app.command(name="list")
@command
def list_documents(name: As, home: Home = None, as_json: AsJson = False) -> None:
    """The newest documents the organisation owns or sells under."""
    _, _, api = open_wallet(home, name)
    entries = api.get("/documents")["data"]
    if as_json:
        print_json(entries)
        return
    table = Table("fingerprint", "type", "amount", "used", "state", box=None)
    for entry in entries:
        amount = Money(entry["amount"]["amount_minor"], entry["amount"]["currency"])
        used = Money(entry["used_minor"], amount.currency)
        state = "disputed" if entry["disputed_at"] else entry["state"]
        shown = "erased" if entry["erased_at"] else state
        table.add_row(entry["fingerprint"], entry["document_type"], str(amount), str(used), shown)
    console.print(table)


@app.command()
@command
def show(fingerprint: Fingerprint, name: As, home: Home = None) -> None:
    """A document with what opens its commitment, as JSON."""
    _, _, api = open_wallet(home, name)
    print_json(api.get(f"/documents/{fingerprint}"))


@app.command("new-key")
@command
def make_encryption_key(
    file: Annotated[Path, typer.Argument(help="Where the new private key is kept.")],
    name: As,
    home: Home = None,
) -> None:
    """Make a key of your own, which opens your copies of documents recorded from now on."""
    _, _, api = open_wallet(home, name)
    private_key = envelopes.new_key()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(to_hex(private_key) + "\n")
    public_key = to_hex(envelopes.public_key_of(private_key))
    api.post("/documents/encryption-key", {"public_key": public_key})
    console.print(f"{file}: keep it safe; {public_key} is registered")


@app.command("open")
@command
def open_document(
    fingerprint: Fingerprint,
    name: As,
    key: Annotated[Path, typer.Option(help="The file with your private key.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    home: Home = None,
) -> None:
    """Write the file of a document sealed for your own key; it is opened on this machine."""
    _, _, api = open_wallet(home, name)
    private_key = from_hex(key.read_text().strip(), envelopes.KEY_BYTES)
    content = opened(api.get(f"/documents/{fingerprint}/sealed"), private_key)
    output.write_bytes(content.file)
    console.print(f"{output}: {content.number}, {len(content.file):,} bytes")


def opened(document: Mapping[str, Any], private_key: bytes) -> Content:
    """What a sealed document says, by the private key that its reader's copy was wrapped for.

    Raises:
        EnvelopeBroken: It was wrapped for another key, or changed.
    """
    place = envelopes.associated_data(document["document_id"], document["organisation"])
    wrapped = from_hex(document["wrapped_key"])
    data_key = envelopes.unwrap_with_private_key(private_key, wrapped, place)
    inside = envelopes.associated_data(document["document_id"], 0)
    return Content.of(envelopes.unseal(data_key, from_hex(document["sealed"]), inside))


@app.command()
@command
def disclose(
    fingerprint: Fingerprint,
    field: Annotated[str, typer.Argument(help="The one field to show, such as payable.")],
    name: As,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    home: Home = None,
) -> None:
    """Write one field with its proof, to show to somebody who shall see nothing else."""
    _, _, api = open_wallet(home, name)
    disclosed = api.get(f"/documents/{fingerprint}/fields/{field}")
    output.write_text(json.dumps(disclosed, indent=1, ensure_ascii=False) + "\n")
    console.print(f"{output}: {disclosed['name']} = {disclosed['value']}")


@app.command()
@command
def verify(
    file: Annotated[Path, typer.Argument(help="A disclosed field.")],
    commitment: Annotated[
        str, typer.Option(help="The document's commitment, as read from the chain or evidence.")
    ],
) -> None:
    """Check a disclosed field offline against the word on the chain."""
    try:
        document: dict[str, Any] = json.loads(file.read_text())
    except ValueError as error:
        raise refuse("No JSON.", str(error), ExitCode.WRONG_USE) from None
    disclosure = disclosure_from_json(document)
    if not verify_disclosure(disclosure, from_hex(commitment, 32)):
        console.print("[red]FAILS[/]  this is no field of the document behind that commitment")
        raise typer.Exit(ExitCode.NO)
    console.print(f"[green]holds[/]  {disclosure.opening.name} = {disclosure.opening.value}")


@app.command()
@command
def dispute(
    fingerprint: Fingerprint,
    name: As,
    because: Annotated[str | None, typer.Option(help="Why; without it, it is withdrawn.")] = None,
    home: Home = None,
) -> None:
    """Say that a document is disputed, or no longer: a disputed one carries no receivable."""
    _, _, api = open_wallet(home, name)
    path = f"/documents/{fingerprint}/dispute"
    if because is None:
        api.delete(path)
        console.print("no longer disputed")
    else:
        api.post(path, {"reason": because})
        console.print("disputed")


@app.command()
@command
def erase(fingerprint: Fingerprint, name: As, because: Because, home: Home = None) -> None:
    """Destroy a document's keys, for ever; what the chain proves stays proven."""
    _, _, api = open_wallet(home, name)
    api.post(f"/documents/{fingerprint}/erasure", {"reason": because})
    console.print("erased: nobody can read it any more")


@app.command()
@command
def carry(
    home: Home = None,
    wait: Annotated[bool, typer.Option(help="Go on until nothing is left to carry.")] = True,
    as_json: AsJson = False,
) -> None:
    """Carry documents to their fingerprints of the next epoch; the worker sends it (operator).

    May be interrupted, and called again at any time: it goes on with what is left.
    """
    runtime = runtime_of(load_settings(home))
    unnamed: dict[str, str] = {}
    while True:
        with unit_of_work(runtime) as context:
            stands = carry_documents(context, _OPERATOR)
        unnamed |= stands.unnamed or {}
        if not wait or not stands.waiting:
            break
        if not as_json:
            console.print(f"{stands.remaining} to carry, {stands.waiting} statements under way")
        time.sleep(_LOOK_AGAIN_SECONDS)
    if as_json:
        print_json(stands.to_json() | {"unnamed": unnamed})
    else:
        console.print(f"epoch {stands.live_epoch}: {stands.remaining} documents to carry")
        for fingerprint, because in unnamed.items():
            console.print(f"  [yellow]cannot[/] {fingerprint}: {because}")
    if unnamed:
        console.print("Hand these documents in again, here or where they were recorded.")
        raise typer.Exit(ExitCode.NO)


@app.command("open-epoch")
@command
def open_next_epoch(home: Home = None) -> None:
    """Open the next epoch of the fingerprint key, once every document is carried (operator)."""
    runtime = runtime_of(load_settings(home))
    with unit_of_work(runtime) as context:
        decision = open_epoch(context, _OPERATOR)
    if decision is None:
        console.print("the worker opens it")
    else:
        console.print(f"for the Council to decide: {decision['decision']}")


def _print(file: Path, inspection: Inspection) -> None:
    console.print(f"[bold]{file}[/]  {inspection.format or 'unknown'}")
    invoice = inspection.invoice
    if invoice is not None:
        due = invoice.due_date or invoice.payment_terms or "not stated"
        console.print(f"  {invoice.kind} {invoice.number} of {invoice.issue_date}, due {due}")
        console.print(f"  {invoice.seller.name} → {invoice.buyer.name}")
        console.print(f"  gross {invoice.totals.gross}, payable {invoice.totals.payable}")
    for finding in inspection.findings:
        console.print(f"  {_MARKS[finding.severity]} {finding.pointer} {finding.error.detail()}")
