"""`chainfin issue`: receivables from a real ledger or an invoice, under one signed order.

A row is identified by its invoice number where the mapping names one, else by its content and how
many identical rows came before it. What was issued or is being issued already is left out, so that
a rerun, or the same file with rows appended, issues nothing twice; an interrupted run goes on.
"""

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chainfin.cli.options import As, AsJson, Home
from chainfin.cli.output import ExitCode, command, console, errors, print_json, refuse
from chainfin.cli.participants import admit_development
from chainfin.cli.wallets import open_wallet, operator_api, sign_and_submit, slug
from chainfin.cli.wallets import order as run_order
from chainfin.client.api import Api, ApiProblem, Draft
from chainfin.client.wallet import Wallet, load_wallet
from chainfin.codec.commitments import file_commitment
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.config import Settings, document_limits
from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import CurrencyMismatch
from chainfin.domain.money import Money
from chainfin.domain.names import normalise_name
from chainfin.domain.order import LIVE, OrderStatus
from chainfin.domain.service_errors import AttachmentMismatch, BeneficiaryUnknown, FieldMalformed
from chainfin.interchange.invoices import read_invoice
from chainfin.interchange.ledger import (
    LedgerRow,
    MappingConstants,
    RefusedRow,
    parse_mapping,
    read_ledger_file,
)
from chainfin.services.development import BANK_NAME

DOCUMENTS_A_REQUEST = 2_000
ACCOUNTS_AN_ORDER = 200
SUPPLIER = "supplier"
app = typer.Typer(add_completion=False)

_POLL_SECONDS = 0.2

Fresh: TypeAlias = tuple[LedgerRow, dict[str, Any]]


@dataclass
class Outcome:
    """What became of a file's rows."""

    rows: int = 0
    issued: int = 0
    issued_minor: int = 0
    before: int = 0
    before_minor: int = 0
    under_way: int = 0
    refused_by_chain: int = 0
    currency: str = ""
    refused: list[RefusedRow] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    order_hashes: list[str] = field(default_factory=list)

    def to_json(self, file: Path) -> dict[str, Any]:
        """For machines."""
        return {
            "file": str(file),
            "currency": self.currency,
            "rows": self.rows,
            "issued": self.issued,
            "issued_minor": self.issued_minor,
            "issued_before": self.before,
            "issued_before_minor": self.before_minor,
            "under_way": self.under_way,
            "refused_by_chain": self.refused_by_chain,
            "refused_rows": [
                {"line": row.line, "code": row.error.code, "detail": row.error.detail()}
                for row in self.refused
            ],
            "beneficiaries_not_admitted": self.waiting,
            "order_hashes": self.order_hashes,
        }


@app.command()
@command
def issue(
    name: As,
    ledger: Annotated[list[Path] | None, typer.Option(help="A ledger in CSV.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="How to read it (TOML).")] = None,
    invoice: Annotated[list[Path] | None, typer.Option(help="An invoice file.")] = None,
    programme: Annotated[int | None, typer.Option(help="The programme's number.")] = None,
    supporting: Annotated[
        list[Path] | None,
        typer.Option(help="The invoice's order, delivery notes, warehouse receipts."),
    ] = None,
    tenor_days: Annotated[
        int | None, typer.Option(help="Instead of the invoice's due date.")
    ] = None,
    admit_unknown: Annotated[
        bool, typer.Option(help="Admit unknown beneficiaries (embedded network).")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Issue receivables on every row of ledgers, or on invoices."""
    settings, wallet, api = open_wallet(home, name)
    issuer = Issuer(settings, wallet, api, programme, admit_unknown=admit_unknown, quiet=as_json)
    answers = []
    for path in ledger or []:
        if mapping is None:
            raise refuse("No mapping.", "Say how to read it with --mapping.", ExitCode.WRONG_USE)
        outcome = issuer.issue_ledger(path, mapping)
        answers.append(outcome.to_json(path))
        if not as_json:
            print_outcome(path, outcome)
    for path in invoice or []:
        answers.append(
            {"file": str(path), **issuer.issue_invoice(path, tenor_days, supporting or [])}
        )
        if not as_json:
            console.print(f"{path}: receivable issued, order {answers[-1]['order_hash']}")
    if as_json:
        print_json(answers)


@app.command()
@command
def accept(
    name: As,
    currency: Annotated[str | None, typer.Option(help="Only offers in this currency.")] = None,
    home: Home = None,
) -> None:
    """Accept everything that is on offer to a supplier, 200 offers an order."""
    settings, wallet, api = open_wallet(home, name)
    while True:
        fields = {} if currency is None else {"currency": currency}
        try:
            draft = api.draft("accept_receivable", fields)
        except ApiProblem as problem:
            if problem.status == 404:  # noqa: PLR2004 - nothing is on offer any more
                return
            raise
        sign_and_submit(settings, wallet, api, draft)
        api.wait_for_order(draft.order_hash)
        count, total = draft.notes["count"], draft.notes["total_face_value_minor"]
        console.print(f"accepted {count} receivables, {Money(total, draft.currency or '')}")


class Issuer:
    """Issues documents of one anchor under one programme."""

    def __init__(
        self,
        settings: Settings,
        wallet: Wallet,
        api: Api,
        programme: int | None,
        *,
        admit_unknown: bool = False,
        quiet: bool = False,
    ) -> None:
        """Take who issues and how."""
        self._settings = settings
        self._wallet = wallet
        self._api = api
        self._programme = programme
        self._admit_unknown = admit_unknown
        self._quiet = quiet

    # --- ledgers

    def issue_ledger(self, path: Path, mapping_path: Path) -> Outcome:
        """Every row of a ledger that was not issued before, one order for each programme."""
        mapping = parse_mapping(mapping_path.read_text())
        outcome = Outcome()
        rows: list[LedgerRow] = []
        for entry in read_ledger_file(path, mapping):
            if isinstance(entry, RefusedRow):
                outcome.refused.append(entry)
            else:
                rows.append(entry)
        outcome.rows = len(rows)
        if not rows:
            return outcome
        outcome.currency = self._one_currency(rows)
        numbers = self._organisations(rows, outcome)
        known = [row for row in rows if row.beneficiary_key in numbers]
        recorded = self._record(known, numbers)
        self._sort_out(known, recorded, outcome)
        fresh: dict[str | None, list[Fresh]] = {}
        for row, document in zip(known, recorded, strict=True):
            if document["state"] == "recorded":
                fresh.setdefault(row.programme, []).append((row, document))
        for programme, some in fresh.items():
            self._issue_batch(path, mapping.constants, programme, some, outcome)
        return outcome

    def _one_currency(self, rows: Sequence[LedgerRow]) -> str:
        currencies = sorted({row.face.currency for row in rows})
        if len(currencies) != 1:
            raise CurrencyMismatch(currencies[0], currencies[1])
        return currencies[0]

    def _organisations(self, rows: Sequence[LedgerRow], outcome: Outcome) -> dict[str, int]:
        """Organisation numbers by beneficiary key; unknown ones are admitted or wait."""
        names = {row.beneficiary_key: row.beneficiary for row in rows}
        found = self._lookup(list(names.values()))
        numbers = {normalise_name(name): number for name, number in found.items()}
        missing = {key: name for key, name in names.items() if key not in numbers}
        if not self._admit_unknown:
            outcome.waiting = sorted(missing.values())
        elif missing:
            numbers |= self._admit(list(missing.values()))
        if self._admit_unknown:
            self._open_accounts(list(numbers.values()), outcome.currency)
        return numbers

    def _lookup(self, names: list[str]) -> dict[str, int]:
        return dict(self._api.post("/participants/lookup", {"names": names})["found"])

    def _admit(self, names: list[str]) -> dict[str, int]:
        """Admit beneficiaries with development keys."""
        with self._bar("admitting beneficiaries", len(names)) as advance:
            admitted = admit_development(
                self._settings,
                operator_api(self._settings),
                {name: [SUPPLIER] for name in names},
                with_wallets=False,
            )
            advance(len(names))
        return {normalise_name(name): number for name, number in admitted.items()}

    def _open_accounts(self, organisations: list[int], currency: str) -> None:
        """The development bank opens the deposit accounts that are missing.

        Asked each time, so that a run that broke off before them is made good.
        """
        wallet = load_wallet(self._settings.home, slug(BANK_NAME))
        bank = Api(wallet.url, wallet.api_key)
        body = {"currency": currency, "organisations": organisations}
        missing = bank.post("/deposits/missing-accounts", body)["organisations"]
        for start in range(0, len(missing), ACCOUNTS_AN_ORDER):
            some = missing[start : start + ACCOUNTS_AN_ORDER]
            run_order(
                self._settings,
                wallet,
                bank,
                "open_deposit_accounts",
                holders=some,
                currency=currency,
            )

    def _record(self, rows: Sequence[LedgerRow], numbers: dict[str, int]) -> list[dict[str, Any]]:
        """The rows as trade documents; each with its fingerprint, commitment and state."""
        recorded: list[dict[str, Any]] = []
        with self._bar("recording documents", len(rows)) as advance:
            for start in range(0, len(rows), DOCUMENTS_A_REQUEST):
                some = rows[start : start + DOCUMENTS_A_REQUEST]
                body = {"documents": [self._document(row, numbers) for row in some]}
                recorded += self._api.post("/documents", body)["data"]
                advance(len(some))
        return recorded

    @staticmethod
    def _document(row: LedgerRow, numbers: dict[str, int]) -> dict[str, Any]:
        return {
            "seller": numbers[row.beneficiary_key],
            "document_type": str(DocumentType.INVOICE),
            "number": row.invoice_number,
            "ordinal": row.ordinal,
            "file": base64.b64encode(row.canonical).decode(),
            "facts": row.facts,
            "amount_minor": row.face.amount_minor,
            "currency": row.face.currency,
        }

    @staticmethod
    def _sort_out(
        rows: Sequence[LedgerRow], recorded: Sequence[dict[str, Any]], outcome: Outcome
    ) -> None:
        for row, document in zip(rows, recorded, strict=True):
            if document["state"] == "ordered":
                outcome.under_way += 1
            elif document["state"] == "used":
                outcome.before += 1
                outcome.before_minor += row.face.amount_minor

    def _issue_batch(
        self,
        path: Path,
        constants: MappingConstants,
        programme: str | None,
        fresh: Sequence[Fresh],
        outcome: Outcome,
    ) -> None:
        file_hash = sha256(path.read_bytes()).digest()
        market = {"calendar": constants.calendar, "zone": constants.zone}
        cut_off = constants.cut_off and constants.cut_off.isoformat()
        draft = self._api.draft(
            "issue_batch",
            {
                "programme_id": self._programme_id(outcome.currency, programme),
                "file_sha256": to_hex(file_hash),
                "rows": [_batch_row(row, document) for row, document in fresh],
                **{name: value for name, value in market.items() if value},
                **({"cut_off": cut_off} if cut_off else {}),
            },
        )
        self._check_file(draft, file_hash)
        self._say(
            f"one order for {len(fresh)} receivables, "
            f"{Money(draft.notes['total_face_value_minor'], outcome.currency)}"
        )
        sign_and_submit(self._settings, self._wallet, self._api, draft)
        outcome.order_hashes.append(draft.order_hash)
        progress = self._follow(draft, len(fresh))
        outcome.issued += progress["issued"]
        outcome.issued_minor += progress["issued_minor"]
        outcome.refused_by_chain += progress["refused"]

    @staticmethod
    def _check_file(draft: Draft, file_hash: bytes) -> None:
        """The order to be signed is about this very file."""
        salt = from_hex(draft.attachments["fileSalt"], 32)
        drafted = draft.typed_data["message"]["fileHash"]
        if drafted != to_hex(file_commitment(salt, file_hash)):
            raise AttachmentMismatch("the draft is not about this file")

    def _follow(self, draft: Draft, count: int) -> dict[str, int]:
        """Wait for a batch, showing how many rows have been through the chain."""
        with self._bar("issuing receivables", count) as advance:
            done = 0
            while True:
                order = self._api.get(f"/orders/{draft.order_hash}")
                seen = order["progress"]["issued"] + order["progress"]["refused"]
                advance(seen - done)
                done = seen
                if order["status"] == OrderStatus.FINAL:
                    return dict(order["progress"])
                if order["status"] not in LIVE:
                    raise ApiProblem(409, order["reason"] or {"code": order["status"]})
                time.sleep(_POLL_SECONDS)

    # --- invoices

    def issue_invoice(
        self, path: Path, tenor_days: int | None, supporting: Sequence[Path] = ()
    ) -> dict[str, Any]:
        """One receivable on one invoice, for the amount payable."""
        imported = self._import(path.read_bytes(), tenor_days, supporting)
        invoice, fingerprint = imported["invoice"], imported["document"]["fingerprint"]
        due = (
            {"maturity_date": invoice["due_date"]}
            if tenor_days is None
            else {"tenor_days": tenor_days}
        )
        order = run_order(
            self._settings,
            self._wallet,
            self._api,
            "issue_receivable",
            programme_id=self._programme_id(invoice["currency"]),
            document_fingerprint=fingerprint,
            **due,
        )
        return {"order_hash": order["order_hash"], "fingerprint": fingerprint}

    def _import(
        self, content: bytes, tenor_days: int | None, supporting: Sequence[Path]
    ) -> dict[str, Any]:
        """The file as the service reads it; its seller is admitted where that is wanted."""
        body = {
            "file": base64.b64encode(content).decode(),
            "tenor_days": tenor_days,
            "supporting": [base64.b64encode(path.read_bytes()).decode() for path in supporting],
        }
        try:
            return dict(self._api.post("/documents/invoices", body))
        except ApiProblem as problem:
            if problem.code != BeneficiaryUnknown.code or not self._admit_unknown:
                raise
            invoice = read_invoice(content, document_limits(self._settings))
            admitted = self._admit([invoice.seller.name])
            self._open_accounts(list(admitted.values()), invoice.currency)
            return dict(self._api.post("/documents/invoices", body))

    # --- shared

    def _programme_id(self, currency: str, named: str | None = None) -> int:
        """The programme the command or the row names, else the anchor's newest open one."""
        if self._programme is not None:
            return self._programme
        if named is not None:
            if not named.isdecimal():
                raise FieldMalformed("programme", named, "a programme's number")
            return int(named)
        entries = self._api.get("/programmes")["data"]
        ours = [
            entry["programme_id"]
            for entry in entries
            if entry["anchor"] == self._wallet.organisation
            and entry["currency"] == currency
            and entry["replaced_by"] is None
        ]
        if not ours:
            detail = (
                f"{self._wallet.name} has no open programme in {currency}: order open_programme"
            )
            raise ApiProblem(404, {"code": "programme-unknown", "detail": detail})
        return int(ours[-1])

    def _say(self, text: str) -> None:
        if not self._quiet:
            console.print(text)

    def _bar(self, title: str, total: int) -> "_Bar":
        return _Bar(title, total, quiet=self._quiet)


class _Bar:
    """A progress bar with counts and time left; nothing where JSON is wanted."""

    def __init__(self, title: str, total: int, *, quiet: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<26}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=errors,
            disable=quiet,
        )
        self._task = self._progress.add_task(title, total=total)

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __call__(self, count: int) -> None:
        self._progress.advance(self._task, count)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def print_outcome(path: Path, outcome: Outcome) -> None:
    """What became of a file, for people."""
    for refused in outcome.refused:
        console.print(
            f"  line {refused.line}: {type(refused.error).__name__} {refused.error.detail()}"
        )
    if outcome.waiting:
        console.print(f"  {len(outcome.waiting)} beneficiaries are not admitted; their rows wait:")
        for name in outcome.waiting[:20]:
            console.print(f"    {name}")
    issued = Money(outcome.issued_minor, outcome.currency) if outcome.currency else "nothing"
    before = Money(outcome.before_minor, outcome.currency) if outcome.before else "nothing"
    console.print(
        f"{path.name}: {outcome.rows} rows, {outcome.issued} issued ({issued}), "
        f"{outcome.before} issued before ({before}), {outcome.under_way} under way, "
        f"{len(outcome.refused)} refused, "
        f"{outcome.refused_by_chain} refused by the chain"
    )


def _batch_row(row: LedgerRow, document: dict[str, Any]) -> dict[str, Any]:
    due: dict[str, Any] = (
        {"tenor_days": row.tenor_days}
        if row.maturity_date is None
        else {"maturity_date": row.maturity_date.isoformat()}
    )
    return {"document_fingerprint": document["fingerprint"], **due}
