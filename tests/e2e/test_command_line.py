"""The commands of the README, as a user types them, against real processes."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import payment_reference
from tests.trade_files import cii, electronic, ofd, pdf, ubl

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ANCHOR, SUPPLIER = "Meridian Rail Works", "Harbour Steel Fabrication"
FUNDER = "Loom Bank"
PAYER, PAYEE = "GB94BARC10201530093459", "GB33BUKB20201555555555"
AMOUNT = re.compile('<InstdAmt Ccy="CNY">([0-9.]+)<')


ANCHOR = "Meridian Rail Works"
PASSWORD = "correct horse"  # noqa: S105 - of a key made for one test
START_SECONDS = 60


class Installation:
    """A home, and the `chainfin` command on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = os.environ | {"CHAINFIN_HOME": str(home), "COLUMNS": "200"}

    def run(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "chainfin", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def ok(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def json(self, *arguments: str | Path) -> Any:
        return json.loads(self.ok(*arguments, "--json"))


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`chainfin up` on a free port, with an anchor and its programme."""
    installation = Installation(tmp_path_factory.mktemp("up") / "home")
    process = subprocess.Popen(
        [sys.executable, "-m", "chainfin", "up", "--port", "0"],
        cwd=ROOT,
        env=installation.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (installation.home / "wallets").exists():
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < deadline, "chainfin up did not start"
            time.sleep(0.2)
        installation.ok("participants", "admit", ANCHOR, "--kind", "anchor")
        installation.ok("programme", "open", "--as", ANCHOR, "--currency", "CNY")
        yield installation
    finally:
        process.terminate()
        process.wait(timeout=30)


def issue(up: Installation, *options: str) -> Any:
    (answer,) = up.json(
        "issue",
        "--as",
        ANCHOR,
        "--ledger",
        EXAMPLES / "ledger" / "example-ledger.csv",
        "--mapping",
        EXAMPLES / "ledger" / "example-mapping.toml",
        *options,
    )
    return answer


def test_ledger__of_the_project__is_issued_once_and_its_bad_rows_are_named(
    up: Installation, tmp_path: Path
) -> None:
    waiting = issue(up)
    first = issue(up, "--admit-unknown")
    again = issue(up, "--admit-unknown")

    assert waiting["issued"] == 0
    assert waiting["beneficiaries_not_admitted"]
    assert first["issued"] == first["rows"] == 27
    assert first["issued_minor"] == 10_920_770_00
    assert {row["code"] for row in first["refused_rows"]} == {
        "cell-empty",
        "credit-note-row",
        "row-malformed",
        "wrong-decimal",
    }
    assert (again["issued"], again["issued_before"]) == (0, 27)
    verified = up.json("index", "verify")
    assert verified["receivables"] >= 27
    assert verified["findings"] == []
    told = [json.loads(line) for line in up.ok("events", "--as", ANCHOR, "--json").splitlines()]
    assert [entry["event"] for entry in told].count("ReceivableIssued") == 27
    file = tmp_path / "receivables.csv"
    made = up.json("export", "receivables", "--as", ANCHOR, "-o", file)
    assert made["rows_done"] == made["rows_total"] == 27
    assert len(file.read_text().splitlines()) == 28


def test_mapping__with_an_unknown_column__says_which_and_what_there_is(
    up: Installation, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.toml"
    text = (EXAMPLES / "ledger" / "example-mapping.toml").read_text()
    mapping.write_text(text.replace("amount =", 'amount = "Betrag" #'))

    done = up.run(
        "issue",
        "--as",
        ANCHOR,
        "--ledger",
        EXAMPLES / "ledger" / "example-ledger.csv",
        "--mapping",
        mapping,
    )

    assert done.returncode == 1
    assert "UnknownColumn" in done.stderr
    assert "Betrag" in done.stderr


def test_invoices__in_trade_formats__are_issued_and_one_field_shown(
    up: Installation, tmp_path: Path
) -> None:
    files = {
        "a.xml": ubl(number="CLI-1", currency="CNY"),
        "b.pdf": pdf(cii(number="CLI-2", currency="CNY")),
        "c.ofd": ofd(electronic(number="00193003")),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in files]
    handed_in = [option for path in paths for option in ("--invoice", path)]
    options = ("--as", ANCHOR, *handed_in, "--tenor-days", "60", "--admit-unknown")

    inspected = up.json("documents", "inspect", *paths)
    issued = up.json("issue", *options)
    again = up.run("issue", *options)

    assert [entry["format"] for entry in inspected] == ["ubl", "pdf", "ofd"]
    assert all(entry["accepted"] for entry in inspected)
    assert again.returncode == 1
    assert "document-already-used" in again.stderr
    listed = {entry["fingerprint"]: entry for entry in up.json("documents", "list", "--as", ANCHOR)}
    assert {listed[entry["fingerprint"]]["state"] for entry in issued} == {"used"}
    tag, shown = issued[0]["fingerprint"], tmp_path / "shown.json"
    up.ok("documents", "disclose", tag, "payable", "--as", ANCHOR, "-o", shown)
    commitment = listed[tag]["commitment"]
    assert "payable = 119.00" in up.ok("documents", "verify", shown, "--commitment", commitment)
    assert up.run("documents", "verify", shown, "--commitment", "0x" + "11" * 32).returncode == 1


def test_order__drafted_signed_by_two_and_submitted__is_final(
    up: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "order.json"
    up.ok(
        "order",
        "draft",
        "set_dual_control_limit",
        "--as",
        ANCHOR,
        "--field",
        "currency=CNY",
        "--field",
        "limit_minor=100000",
        "-o",
        file,
    )

    up.ok("order", "sign", file, "--as", ANCHOR, "--role", "maker", "--yes")
    up.ok("order", "sign", file, "--as", ANCHOR, "--role", "checker", "--yes")
    answer = json.loads(up.ok("order", "submit", file, "--as", ANCHOR))

    assert answer["status"] == "final"
    assert next(step["status"] for step in answer["history"]) == "received"


def test_money__paid_by_file_and_found_in_the_statement__as_the_commands_say(
    up: Installation, tmp_path: Path
) -> None:
    issue(up, "--admit-unknown")
    up.ok("participants", "wallet", SUPPLIER)
    up.ok("accept", "--as", SUPPLIER)
    for name, account in ((ANCHOR, PAYER), (SUPPLIER, PAYEE)):
        up.ok("statements", "account", "--as", name, account, "--currency", "CNY")
    payments, statement, pdf = (tmp_path / name for name in ("pay.xml", "camt.xml", "doc.pdf"))

    up.ok("statements", "pay", "--as", ANCHOR, "1", "--account", PAYER, "-o", payments)
    paid = Money.parse(AMOUNT.findall(payments.read_text())[0], "CNY")
    reference = payment_reference(LotId(1, 1))
    entries = [
        SampleEntry(paid, reference, date(2026, 11, 20), "B-1"),
        SampleEntry(Money(1, "CNY"), "", date(2026, 11, 20), "B-2"),
    ]
    statement.write_bytes(sample_statement(entries, account=PAYEE))
    imported = up.json("statements", "import", "--as", SUPPLIER, statement)["statements"]
    matched = up.run("statements", "match", "--as", SUPPLIER, "--json")
    (left,) = up.json("statements", "exceptions", "--as", SUPPLIER)["exceptions"]
    up.ok("statements", "resolve", "--as", SUPPLIER, left["line_hash"], "interest of the bank")

    assert reference in payments.read_text()
    assert imported[0]["new_lines"] == 2
    assert (matched.returncode, json.loads(matched.stdout)["exact"]) == (1, 1)
    (undertaking,) = up.json("notices", "list", "--as", SUPPLIER, "1")["notices"]
    up.ok("notices", "read", "--as", SUPPLIER, undertaking["number"], "-o", pdf)
    assert pdf.read_bytes().startswith(b"%PDF-")
    days = ("--from", "2020-01-01", "--to", "2040-01-01")
    own = json.loads(up.ok("notices", "statement", "--as", SUPPLIER, *days))
    assert own["tables"]["holdings"]
    assert up.json("report", "exposure", "--as", SUPPLIER)["data"][0]["obligor_name"] == ANCHOR


def test_doctor__on_a_running_system__passes(up: Installation) -> None:
    assert all(entry["ok"] for entry in up.json("doctor"))


def test_doctor__without_a_node__fails_with_advice(tmp_path: Path) -> None:
    lonely = Installation(tmp_path)
    lonely.environment["CHAINFIN_RPC_URL"] = "http://127.0.0.1:9"

    done = lonely.run("doctor")

    assert done.returncode == 1
    assert "FAIL" in done.stdout


def test_keys__of_a_wallet__are_those_of_the_registry(up: Installation) -> None:
    keys = up.json("keys", "list", "--as", ANCHOR)

    registered = {entry["key"]: entry["roles"] for entry in keys["registered"]}
    assert registered[keys["wallet"]["maker"]] == ["maker", "administrator"]
    assert registered[keys["wallet"]["checker"]] == ["checker", "administrator"]


def test_evidence__of_an_issued_lot__verifies_with_everything_stopped(
    up: Installation, tmp_path: Path
) -> None:
    issue(up, "--admit-unknown")
    file, trust = tmp_path / "evidence.json", tmp_path / "trust.json"
    up.ok("evidence", "checkpoint", "-o", trust)
    up.ok("evidence", "export", "1-1", "--as", ANCHOR, "-o", file, "--trust", trust)
    alone = Installation(tmp_path / "elsewhere")

    verified = alone.run("evidence", "verify", file, "--trust", trust)
    changed = file.read_bytes().replace(b'"1-1"', b'"1-2"', 1)
    file.write_bytes(changed)
    refused = alone.run("evidence", "verify", file, "--trust", trust)

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "proven" in verified.stdout
    assert refused.returncode == 1


def test_evidence__of_a_receivable_and_of_a_participant__with_a_document_beside_it(
    up: Installation, tmp_path: Path
) -> None:
    issue(up, "--admit-unknown")
    trust = tmp_path / "trust.json"
    up.ok("evidence", "checkpoint", "-o", trust)

    for place, subject in enumerate(("1", ANCHOR)):
        file = tmp_path / f"{place}.json"
        options = ("--trust", trust, "--language", "zh")
        up.ok("evidence", "export", subject, "--as", ANCHOR, "-o", file, *options)
        assert file.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
        report = up.json("evidence", "verify", file, "--trust", trust)
        assert report["holds"]
        assert report["statement"]["receivables"][0]["receivable_id"] == "1"


def test_checkpoint__signed__is_believed_only_of_the_key_asked_for(
    up: Installation, tmp_path: Path
) -> None:
    issue(up, "--admit-unknown")
    file, trust, key = (tmp_path / name for name in ("evidence.json", "trust.json", "key.json"))
    up.environment["CHAINFIN_KEYSTORE_PASSWORD"] = PASSWORD
    signer = up.ok("keys", "create", key).strip()
    trust.write_text(up.ok("evidence", "checkpoint"))
    up.ok("evidence", "vouch", trust, "--sign", key)
    up.ok("evidence", "export", "1-1", "--as", ANCHOR, "-o", file, "--trust", trust)

    believed = up.run("evidence", "verify", file, "--trust", trust, "--signer", signer)
    other = up.run("evidence", "verify", file, "--trust", trust, "--signer", "0x" + "11" * 20)
    nowhere = up.run("evidence", "vouch", trust, "--stamp", "http://127.0.0.1:1/stamp")

    assert believed.returncode == 0, believed.stdout + believed.stderr
    assert other.returncode == 1
    assert "CheckpointUnsigned" in other.stdout
    assert nowhere.returncode == 1
    assert "StampUnavailable" in nowhere.stderr


def test_financing__requested_quoted_filed_and_withdrawn__as_the_commands_say(
    up: Installation,
) -> None:
    issue(up, "--admit-unknown")
    up.ok("participants", "wallet", SUPPLIER)
    up.ok("accept", "--as", SUPPLIER)
    up.ok("participants", "admit", FUNDER, "--kind", "funder")

    up.ok("financing", "request", "--as", SUPPLIER, "1-1")
    (request,) = up.json("financing", "list", "--as", SUPPLIER)
    number = str(request["request_id"])
    terms = ("--rate-bps", "380", "--holdback", "100")
    up.ok("financing", "quote", "--as", FUNDER, number, *terms)
    # The anchor has no account in the programme's deposit yet.
    share = ("--share-bps", "10000")
    alone = up.run("financing", "bear-interest", "--as", ANCHOR, number, *share)
    borne = up.json("financing", "interest", "--as", SUPPLIER, number)
    up.ok("financing", "file", "--as", FUNDER, number, "--number", "20261122001234567890")
    (quote,) = up.json("financing", "quotes", "--as", SUPPLIER, number)
    # The funder has no money in the programme's deposit yet, and no price is on its way.
    unpaid = up.run("financing", "award", "--as", SUPPLIER, quote["quote_hash"])
    pay_by = str(request["maturity_at"] - 8 * 86_400)
    up.ok("financing", "quote", "--as", FUNDER, number, "--rate-bps", "400", "--pay-by", pay_by)
    by_transfer = up.json("financing", "quotes", "--as", SUPPLIER, number)[-1]
    unawaited = up.run("financing", "release", "--as", FUNDER, number)
    up.ok("financing", "withdraw", "--as", SUPPLIER, number)

    assert quote["holdback_minor"] == 100
    assert quote["annual_cost_on_proceeds_bps"] >= 380
    assert alone.stderr.startswith("account-unknown")
    assert (borne["interest_payer"], borne["state"]) == ("seller", "none")
    assert up.json("financing", "holdbacks", "--as", SUPPLIER) == []
    assert unpaid.returncode != 0
    assert (str(by_transfer["pay_by"]), up.json("financing", "awaited", "--as", FUNDER)) == (
        pay_by,
        [],
    )
    assert "funding-not-awaited" in unawaited.stderr
    (ended,) = up.json("financing", "list", "--as", SUPPLIER)
    assert (ended["status"], len(ended["filed_by"])) == ("withdrawn", 1)
