"""`chainfin evidence`: one file that proves a history, made online, verified offline."""

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from chainfin.chain.client import Node
from chainfin.chain.deployment import find_deployment
from chainfin.chain.network import Network
from chainfin.cli.options import As, Home, load_settings
from chainfin.cli.output import ExitCode, command, console, refuse
from chainfin.cli.wallets import open_wallet
from chainfin.client.api import Api
from chainfin.client.stamps import request_stamp
from chainfin.config import Settings
from chainfin.domain.service_errors import NotFound
from chainfin.evidence.checkpoints import sign_trust, stamp_trust
from chainfin.evidence.errors import TrustMalformed
from chainfin.evidence.package import Subject, read_package
from chainfin.evidence.paper import Paper, print_paper
from chainfin.evidence.trust import Root, TrustFile, ValidatorsRoot, load_trust
from chainfin.evidence.verify import verify as verify_evidence
from chainfin.services.evidence import evidence_subject, take_checkpoint
from chainfin.signing.sources import open_signer, secret_or_ask

app = typer.Typer(help="Evidence that needs no trust.", no_args_is_help=True)
SignWith = Annotated[
    str | None,
    typer.Option("--sign", help="A key that vouches for it: keystore, PKCS#11 URI, or URL."),
]
StampAt = Annotated[
    str | None, typer.Option("--stamp", help="URL of a time-stamping authority (RFC 3161).")
]
Output = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]


class Language(StrEnum):
    """Of a document for people."""

    EN = "en"
    ZH = "zh"


@app.command()
@command
def export(
    subject: Annotated[
        str, typer.Argument(help="A lot (17-3), a receivable (17), or an organisation's name.")
    ],
    name: As,
    output: Output,
    trust: Annotated[
        Path | None, typer.Option(help="The reader's trust file: the evidence is made for it.")
    ] = None,
    from_block: Annotated[
        int, typer.Option("--from", help="Of a participant: what moved in or after this block.")
    ] = 0,
    to_block: Annotated[
        int | None, typer.Option("--to", help="The last block; the newest by default.")
    ] = None,
    language: Annotated[
        Language, typer.Option(help="Of the document beside the file: en or zh.")
    ] = Language.EN,
    home: Home = None,
) -> None:
    """Write evidence, and a PDF beside it, up to the reader's checkpoint, a block, or now."""
    _, wallet, api = open_wallet(home, name)
    found = _subject(api, subject, from_block)
    query: dict[str, Any] = {} if trust is None else _root_query(_load_trust(trust).trust.root)
    if to_block is not None:
        query["checkpoint"] = to_block
    if found.from_block:
        query["from_block"] = found.from_block
    content = api.download(f"/{found.kind}s/{found.id}/evidence", **query)
    output.write_bytes(content)
    made_for = read_package(content).trust
    report = verify_evidence(content, made_for)
    document = output.with_suffix(".pdf")
    paper = Paper(content, report, made_for, language.value, wallet.directory)
    document.write_bytes(print_paper(paper))
    console.print(f"{output}: {len(content)} bytes, {report.facts} facts; {document}")
    if not report.holds:
        raise typer.Exit(ExitCode.NO)


@app.command()
@command
def checkpoint(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; printed without one.")
    ] = None,
    home: Home = None,
    rpc: Annotated[str | None, typer.Option(help="A node of the auditor's own.")] = None,
    block: Annotated[int | None, typer.Option(help="A block; the newest by default.")] = None,
    epoch_length: Annotated[
        int | None,
        typer.Option(
            "--validators-of-epoch",
            help="Of a network with sealed blocks: trust its validators at the newest epoch "
            "block; the number is the epoch's length.",
        ),
    ] = None,
    signer: SignWith = None,
    authority: StampAt = None,
) -> None:
    """Write or print the trust an auditor takes from a node of its own: a block, or validators."""
    settings = load_settings(home)
    node = Node(rpc or settings.effective_rpc_url)
    network = Network(node, find_deployment(settings.home, node))
    trust = take_checkpoint(network, block, epoch_length=epoch_length)
    _write_trust(output, TrustFile(trust=trust), signer, authority, settings)


@app.command()
@command
def vouch(
    trust: Annotated[Path, typer.Argument(help="The trust file, changed in place.")],
    signer: SignWith = None,
    authority: StampAt = None,
    home: Home = None,
) -> None:
    """Sign a trust file, or have it stamped, so that others may rely on it."""
    _write_trust(trust, _load_trust(trust), signer, authority, load_settings(home))


@app.command()
def verify(
    file: Path,
    trust: Annotated[Path, typer.Option(help="The trust file taken by the auditor.")],
    signer: Annotated[
        list[str] | None, typer.Option(help="A key that must have signed the trust file.")
    ] = None,
    authority: Annotated[
        list[Path] | None,
        typer.Option(help="Certificate (PEM) of an authority that must have stamped it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Verify evidence offline, in a process of its own: no node, no database, no network."""
    arguments = [sys.executable, "-m", "chainfin.evidence", str(file), "--trust", str(trust)]
    arguments += [part for each in signer or [] for part in ("--signer", each)]
    arguments += [part for each in authority or [] for part in ("--authority", str(each))]
    arguments += ["--json"] if as_json else []
    done = subprocess.run(arguments, check=False)  # noqa: S603 - our own interpreter and module
    raise typer.Exit(done.returncode)


def _write_trust(
    path: Path | None,
    file: TrustFile,
    signer: str | None,
    authority: str | None,
    settings: Settings,
) -> None:
    if signer is not None:
        file = sign_trust(file, open_signer(signer, secret_or_ask(settings.keystore_password)))
    if authority is not None:
        file = stamp_trust(file, request_stamp(authority, file.trust.to_bytes()))
    if path is None:
        typer.echo(file.to_bytes().decode(), nl=False)
        return
    path.write_bytes(file.to_bytes())
    console.print(f"{path}: {_root_text(file.trust.root)}")


def _subject(api: Api, text: str, from_block: int) -> Subject:
    """A lot or receivable by its number, or an organisation by its name."""
    lot, dash, part = text.partition("-")
    if lot.isdecimal() and (not dash or part.isdecimal()):
        return evidence_subject("lot" if dash else "receivable", text, from_block)
    found = api.post("/participants/lookup", {"names": [text]})["found"]
    if text not in found:
        raise NotFound("participant", text)
    return evidence_subject("participant", str(found[text]), from_block)


def _load_trust(path: Path) -> TrustFile:
    try:
        return load_trust(path)
    except TrustMalformed as error:
        raise refuse("TrustMalformed", f"{path}: {error}", ExitCode.WRONG_USE) from None


def _root_query(root: Root) -> dict[str, Any]:
    if isinstance(root, ValidatorsRoot):
        return {"validators_at": root.block_number, "epoch_length": root.epoch_length}
    return {"checkpoint": root.block_number}


def _root_text(root: Root) -> str:
    if isinstance(root, ValidatorsRoot):
        return f"{len(root.validators)} validators at block {root.block_number}"
    return f"block {root.block_number} {root.block_hash}"
