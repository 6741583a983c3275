"""`chainfin demo`: one receivable's story, from invoice to offline-verified settlement.

Five organisations, each with its own keys; nothing is done that a participant did not sign.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from chainfin.chain.embedded import free_port
from chainfin.cli.audit import print_trail
from chainfin.cli.issue import Issuer
from chainfin.cli.network import Stack, running_stack
from chainfin.cli.options import load_settings
from chainfin.cli.output import ExitCode, command, console
from chainfin.cli.participants import admit_development
from chainfin.cli.wallets import (
    operator_api,
    sign_and_submit,
    slug,
)
from chainfin.client.api import Api
from chainfin.client.wallet import Wallet, explain, load_wallet, save_wallet
from chainfin.config import Settings
from chainfin.domain.money import Money
from chainfin.evidence.trust import TrustFile
from chainfin.services.development import BANK_NAME
from chainfin.services.evidence import take_checkpoint

ANCHOR = "Meridian Rail Works"
FIRST_TIER = "Harbour Steel Fabrication"
SECOND_TIER = "Linden Fasteners"
FUNDER = "Northgate Bank"
AUDITOR = "Public Audit Office"
CURRENCY = "CNY"
TENOR_DAYS = 90
INVOICE = Path(__file__).parents[2] / "examples" / "invoices" / "harbour-to-meridian-0187.json"

app = typer.Typer(add_completion=False)

_STORY_KINDS = {
    ANCHOR: ["anchor"],
    FIRST_TIER: ["supplier"],
    SECOND_TIER: ["supplier"],
    FUNDER: ["funder"],
    AUDITOR: ["auditor"],
}


@app.command()
@command
def demo(
    leave: Annotated[bool, typer.Option("--exit", help="End after the story.")] = False,
    home: Annotated[Path, typer.Option(help="Folder of the story's data; emptied first.")] = Path(
        ".chainfin/demo"
    ),
    port: Annotated[int, typer.Option(help="Port of API and console.")] = 8000,
) -> None:
    """Play one receivable's story on a fresh embedded network."""
    shutil.rmtree(home, ignore_errors=True)
    port = port if _is_free(port) else free_port()
    settings = load_settings(home)
    with running_stack(settings, port) as stack:
        proven = Story(stack).play()
        console.print(
            f"\n[bold]console[/] {settings.effective_url}    API {settings.effective_url}/docs"
        )
        if not leave:
            console.print("Ctrl-C ends")
            stack.wait()
    console.print(f"evidence verified offline: {proven} facts proven")


@dataclass(frozen=True, slots=True)
class Actor:
    """An organisation of the story: its wallet and its connection."""

    wallet: Wallet
    api: Api


class Story:
    """The straight path of a receivable."""

    def __init__(self, stack: Stack) -> None:
        """Take the running system."""
        self._stack = stack
        self._settings: Settings = stack.settings
        self._actors: dict[str, Actor] = {}

    def play(self) -> int:
        """Play it; answers how many facts the evidence proved."""
        self._chapter("1  the network admits its members", self._admit)
        self._chapter("2  the bank funds, the anchor opens a programme", self._prepare)
        self._chapter("3  the anchor issues, the supplier accepts", self._issue)
        self._chapter("4  the supplier splits its claim and passes a part on", self._pass_on)
        self._chapter("5  a part is financed: title against money in one step", self._finance)
        self._chapter("6  maturity: the anchor pays every holder", self._settle)
        self._chapter("7  the auditor reads the trail", self._read_trail)
        console.rule("8  the evidence is verified offline")
        return self._prove()

    def _chapter(self, title: str, tell: Callable[[], None]) -> None:
        console.rule(title)
        tell()

    # --- chapters

    def _admit(self) -> None:
        settings = self._settings
        operator = operator_api(settings)
        numbers = admit_development(settings, operator, _STORY_KINDS)
        found = operator.post("/participants/lookup", {"names": [BANK_NAME]})["found"]
        directory = {number: name for name, number in (numbers | found).items()}
        for name in (*numbers, BANK_NAME):
            wallet = load_wallet(settings.home, slug(name))
            named = Wallet(
                **{key: getattr(wallet, key) for key in Wallet.__slots__ if key != "directory"},
                directory=directory,
            )
            save_wallet(settings.home, slug(name), named)
            self._actors[name] = Actor(named, Api(named.url, named.api_key))
            console.print(f"  no. {named.organisation}  {name}")

    def _prepare(self) -> None:
        bank = self._actors[BANK_NAME]
        holders = [self._number(name) for name in (ANCHOR, FIRST_TIER, SECOND_TIER, FUNDER)]
        self._act(bank, "open_deposit_accounts", holders=holders, currency=CURRENCY)
        for name, amount in ((ANCHOR, 5_000_000_00), (FUNDER, 3_000_000_00)):
            self._act(
                bank,
                "mint_deposit",
                to=self._number(name),
                amount_minor=amount,
                currency=CURRENCY,
            )
        self._act(self._actors[ANCHOR], "open_programme", currency=CURRENCY)

    def _issue(self) -> None:
        anchor, supplier = self._actors[ANCHOR], self._actors[FIRST_TIER]
        issuer = Issuer(self._settings, anchor.wallet, anchor.api, None)
        issuer.issue_invoice(INVOICE, TENOR_DAYS)
        (offer,) = supplier.api.get("/receivables")["data"]
        face = offer["face_value"]
        console.print(
            f"  receivable {offer['receivable_id']} over "
            f"{Money(face['amount_minor'], face['currency'])} on {INVOICE.name}"
        )
        self._act(supplier, "accept_receivable", receivable_ids=[offer["receivable_id"]])

    def _pass_on(self) -> None:
        supplier, second = self._actors[FIRST_TIER], self._actors[SECOND_TIER]
        part = self._face("1-1") * 2 // 5
        self._act(supplier, "split_lot", lot_id="1-1", parts=[{"face_value_minor": part}])
        self._act(supplier, "propose_transfer", lot_id="1-2", to=self._number(SECOND_TIER))
        self._act(second, "accept_transfer", lot_id="1-2")

    def _finance(self) -> None:
        second, funder = self._actors[SECOND_TIER], self._actors[FUNDER]
        part = self._face("1-2") // 2
        self._act(second, "request_financing", lot_id="1-2", part_face_value_minor=part)
        (request,) = funder.api.get("/financing-requests")["data"]
        quote = funder.api.draft(
            "submit_quote", {"request_id": request["request_id"], "discount_rate_bps": 380}
        )
        console.print(f"  {explain(funder.wallet, quote.typed_data, currency=CURRENCY)}")
        receipt = sign_and_submit(self._settings, funder.wallet, funder.api, quote, path="/quotes")
        number, head = receipt["receipt"]["number"], receipt["receipt"]["head"]
        console.print(f"  receipt no. {number} {head[:18]}…")
        self._act(second, "award_quote", quote_hash=receipt["quote_hash"])

    def _settle(self) -> None:
        anchor = self._actors[ANCHOR]
        due_at = anchor.api.get("/receivables/1")["maturity_at"]
        self._move_clock(due_at)
        self._act(anchor, "settle_receivable", receivable_id=1)
        for name in (ANCHOR, FIRST_TIER, SECOND_TIER, FUNDER):
            (account,) = self._actors[name].api.get("/deposits")["data"]
            console.print(f"  {name:<28} {Money(account['balance_minor'], CURRENCY)!s:>20}")

    def _read_trail(self) -> None:
        print_trail(self._actors[AUDITOR].api.get("/lots/1-3/audit"))

    def _prove(self) -> int:
        home = self._settings.home
        file, trust = home / "evidence-1-3.json", home / "trust.json"
        checkpoint = take_checkpoint(self._stack.runtime.network)
        trust.write_bytes(TrustFile(trust=checkpoint).to_bytes())
        auditor = self._actors[AUDITOR].api
        block = checkpoint.root.block_number
        file.write_bytes(auditor.download("/lots/1-3/evidence", checkpoint=block))
        console.print(f"  {file} ({file.stat().st_size} bytes), trust {trust}")
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [
                *(sys.executable, "-m", "chainfin.evidence", str(file)),
                *("--trust", str(trust), "--json"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        report: dict[str, Any] = json.loads(done.stdout or "{}")
        for verdict in report.get("verdicts", []):
            mark = "[green]holds[/]" if verdict["holds"] else "[red]FAILS[/]"
            console.print(
                f"  {mark}  {verdict['name']:<14} {verdict['count']:>5}  {verdict['reason'] or ''}"
            )
        if done.returncode != 0:
            console.print(done.stderr)
            raise typer.Exit(ExitCode.NO)
        return int(report["facts"])

    # --- telling

    def _act(self, actor: Actor, act: str, **fields: Any) -> dict[str, Any]:
        draft = actor.api.draft(act, fields)
        console.print(f"  {explain(actor.wallet, draft.typed_data, currency=draft.currency)}")
        sign_and_submit(self._settings, actor.wallet, actor.api, draft)
        final = actor.api.wait_for_order(draft.order_hash)
        console.print(
            f"    [dim]order {draft.order_hash[:18]}… final in block {final['block_number']}[/]"
        )
        return final

    def _move_clock(self, instant_at: int) -> None:
        """Move the embedded network to an instant and let the index follow."""
        operator = operator_api(self._settings)
        operator.post("/simulations/clock", {"instant_at": instant_at})
        while operator.get("/about/indexing")["lag_blocks"]:
            time.sleep(0.05)

    def _number(self, name: str) -> int:
        return self._actors[name].wallet.organisation

    def _face(self, lot_id: str) -> int:
        return int(self._actors[AUDITOR].api.get(f"/lots/{lot_id}")["face_value_minor"])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
