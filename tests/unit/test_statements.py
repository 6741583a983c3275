"""Bank statements: every file of the suite, every version, every way a file can be wrong."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyiso20022.camt import camt_053_001_08 as camt
from stdnum import iso11649
from xsdata.formats.dataclass.parsers import XmlParser

from chainfin.analysis.matching import ExpectedPayment, match_payments
from chainfin.bench.statements import SampleEntry, measure_statement, sample_statement
from chainfin.codec.statement_lines import statement_line_hash
from chainfin.domain.calendar import utc_day
from chainfin.domain.errors import ChainfinError, StatementMalformed
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import (
    Direction,
    LineStatus,
    StatementFinding,
    StatementKind,
    funding_key,
    lot_of_key,
    lots_referred_to,
    payment_key,
    payment_reference,
    request_of_key,
    value_instant,
)
from chainfin.interchange.statements import read_statements
from tests.fuzzing import fuzz, spoilt

SAMPLE = [
    SampleEntry(Money(1_270_120_00, "CNY"), "RF7717L3", date(2026, 11, 20), "B-1"),
    SampleEntry(Money(5, "CNY"), "", date(2026, 11, 21), "B-2"),
]
BALANCES, DETAILS = StatementFinding.BALANCES_DO_NOT_ADD_UP, StatementFinding.DETAILS_DO_NOT_ADD_UP
SUITE = {
    "camt053.v2.all-balance-types.xml": [("CH2801234000123456789", ["EUR 8.85"], (BALANCES,))],
    "camt053.v2.minimal.xml": [("NL26VAYB8060476890", ["EUR 8.85"], ())],
    "camt053.v2.multi.statement.xml": [
        ("NL26VAYB8060476890", ["EUR 8.85"], ()),
        ("NL26VAYB8060476890", ["EUR -7.00"], ()),
    ],
    "camt053.v2.wrong.xml": StatementMalformed("/Document/BkToCstmrStmt", "there is no Stmt"),
    "camt053.v3.xml": [("NL26VAYB8060476890", ["EUR 8.85"], ())],
    "camt053.v8.xml": [("NL26VAYB8060476890", ["EUR 8.85"], ())],
    "camt054.v4.xml": [("CH2801234000123456789", ["SEK -200000.00"], (DETAILS,))],
}


def signed(line):
    sign = -1 if line.direction is Direction.DEBIT else 1
    return str(Money(sign * line.money.amount_minor, line.money.currency))


# --- files of others ----------------------------------------------------------------------------


def test_suite__every_file__read_or_refused_as_it_says(test_data):
    files = {path.name: path for path in (test_data / "iso20022").glob("*.xml")}

    for name, path in files.items():
        expected = SUITE[name]
        if isinstance(expected, StatementMalformed):
            with pytest.raises(StatementMalformed) as caught:
                read_statements(path.read_bytes())
            assert caught.value.fields == expected.fields
            continue
        found = read_statements(path.read_bytes())
        shown = [(s.account, [signed(line) for line in s.lines], s.findings) for s in found]
        assert shown == expected, name
    assert files.keys() == SUITE.keys()


def test_suite__version_8__as_the_oracle_reads_it(test_data):
    content = (test_data / "iso20022" / "camt053.v8.xml").read_bytes()
    (entry,) = XmlParser().from_bytes(content, camt.Document).bk_to_cstmr_stmt.stmt[0].ntry
    details = entry.ntry_dtls[0].tx_dtls[0]

    (line,) = read_statements(content)[0].lines

    assert line.money == Money.parse(str(entry.amt.value), entry.amt.ccy)
    assert line.value_date == entry.val_dt.dt.to_date()
    assert line.bank_reference == entry.acct_svcr_ref
    assert line.end_to_end_id == details.refs.end_to_end_id
    assert line.counterparty_name == details.rltd_pties.dbtr.pty.nm
    assert line.counterparty_account == details.rltd_pties.dbtr_acct.id.iban
    assert line.references == (details.rmt_inf.strd[0].cdtr_ref_inf.ref,)


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", range(2, 13))
def test_statement__any_version__the_same(version):
    (statement,) = read_statements(sample_statement(SAMPLE, version=version))

    first, second = statement.lines
    assert (statement.kind, statement.version) == (StatementKind.STATEMENT, version)
    assert statement.findings == ()
    assert first.money == Money(1_270_120_00, "CNY")
    assert (first.direction, first.status) == (Direction.CREDIT, LineStatus.BOOKED)
    assert (first.booking_date, first.value_date) == (date(2026, 11, 20), date(2026, 11, 20))
    assert (first.bank_reference, first.end_to_end_id) == ("B-1", "RF7717L3")
    assert first.counterparty_name == "Meridian Rail Works"
    assert second.end_to_end_id is None
    assert statement.closing == statement.opening + first.money + second.money


def edited(old, new, count=1):
    content = sample_statement(SAMPLE).decode()
    assert old in content
    return content.replace(old, new, count).encode()


AMOUNT = '<Amt Ccy="CNY">{}</Amt>'


def test_entry__of_several_payments_that_add_up__a_line_each():
    content = edited(
        "<TxDtls><Refs>",
        f"<TxDtls><Refs/>{AMOUNT.format('1270119.99')}</TxDtls>"
        f"<TxDtls><Refs/><AmtDtls><TxAmt>{AMOUNT.format('0.01')}</TxAmt></AmtDtls></TxDtls>"
        f"<Gone><Refs>",
    ).replace(b"</RltdPties></TxDtls>", b"</RltdPties></Gone>", 1)

    (statement,) = read_statements(content)

    assert [signed(line) for line in statement.lines] == [
        "CNY 1270119.99",
        "CNY 0.01",
        "CNY 0.05",
    ]
    assert [line.position for line in statement.lines] == [(1, 1), (1, 2), (2, 0)]
    assert statement.findings == ()


@pytest.mark.parametrize("text", ["1270120", "1270120.0", "+1270120.0000", "01270120.00"])
def test_amount__other_spellings_of_the_same__exact(text):
    (statement,) = read_statements(edited(">1270120.00<", f">{text}<"))

    assert statement.lines[0].money == Money(1_270_120_00, "CNY")


def test_balances__that_do_not_add_up__are_said():
    (statement,) = read_statements(edited(">1270120.00<", ">1270120.01<"))

    assert statement.findings == (BALANCES,)


def test_pending_entry__is_kept_and_not_counted():
    (statement,) = read_statements(edited("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>"))

    assert statement.lines[0].status is LineStatus.PENDING
    assert statement.findings == (BALANCES,)


def test_encoding__declared_by_the_bank__kept():
    content = edited("Meridian Rail Works", "子午线铁路").decode().replace("UTF-8", "GB18030")

    (statement,) = read_statements(content.encode("gb18030"))

    assert statement.lines[0].counterparty_name == "子午线铁路"


# --- what is refused ----------------------------------------------------------------------------

ENTRY = "/Document/BkToCstmrStmt/Stmt[1]/Ntry[1]"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("camt.053.001.08", "camt.053.001.01", "/"),
        ("camt.053.001.08", "camt.053.001.13", "/"),
        ("camt.053.001.08", "camt.052.001.08", "/"),
        ("camt.053.001.08", "pain.001.001.09", "/"),
        ("camt.053", "camt.054", "/Document"),
        ("<MsgId>SAMPLE</MsgId>", "", "/Document/BkToCstmrStmt"),
        ("<Id>SAMPLE-1</Id>", f"<Id>{'9' * 36}</Id>", "/Document/BkToCstmrStmt/Stmt[1]"),
        ("<IBAN>GB33BUKB20201555555555</IBAN>", "", "/Document/BkToCstmrStmt/Stmt[1]/Acct/Id"),
        ("<Ccy>CNY</Ccy>", "<Ccy>XYZ</Ccy>", "/Document/BkToCstmrStmt/Stmt[1]"),
        ("<Ccy>CNY</Ccy>", "<Ccy>EUR</Ccy>", ENTRY),
        (">1270120.00<", ">12.001<", f"{ENTRY}/Amt"),
        (">1270120.00<", ">-5.00<", f"{ENTRY}/Amt"),
        (">1270120.00<", "><", f"{ENTRY}/Amt"),
        (">1270120.00<", ">.<", f"{ENTRY}/Amt"),
        (">1270120.00<", ">1e3<", f"{ENTRY}/Amt"),
        (">1270120.00<", ">1,270,120.00<", f"{ENTRY}/Amt"),
        (">1270120.00<", f">{'9' * 30}<", f"{ENTRY}/Amt"),
        ('Ccy="CNY">1270120.00<', ">1270120.00<", f"{ENTRY}/Amt"),
        ('Ccy="CNY">1270120.00<', 'Ccy="USD">1270120.00<', ENTRY),
        ("CRDT</CdtDbtInd><Sts>", "BOTH</CdtDbtInd><Sts>", ENTRY),
        ("<Cd>BOOK</Cd>", "<Cd>DONE</Cd>", ENTRY),
        ("<Sts><Cd>BOOK</Cd></Sts>", "<RvslInd>no</RvslInd><Sts><Cd>BOOK</Cd></Sts>", ENTRY),
        ("<BookgDt><Dt>2026-11-20", "<BookgDt><Dt>2026-02-30", f"{ENTRY}/BookgDt"),
        ("<ValDt><Dt>2026-11-20", "<ValDt><Dt>20.11.2026", f"{ENTRY}/ValDt"),
    ],
)  # fmt: skip
def test_statement__wrong_somewhere__refused_with_the_place(old, new, place):
    with pytest.raises(StatementMalformed) as caught:
        read_statements(edited(old, new))

    assert caught.value.place == place


def test_statement__without_balances__refused():
    content = sample_statement(SAMPLE).replace(b"Bal>", b"Ball>")

    with pytest.raises(StatementMalformed, match="there is no Bal"):
        read_statements(content)


@fuzz
@given(spoilt([sample_statement(SAMPLE), sample_statement(SAMPLE, version=2)]))
def test_statement__spoilt_anyhow__read_or_refused_by_name(content):
    try:
        statements = read_statements(content)
    except ChainfinError:
        return

    for statement in statements:
        assert all(line.money.amount_minor >= 0 for line in statement.lines)


# --- hashes -------------------------------------------------------------------------------------


def hashes(content):
    return [
        statement_line_hash(statement.account, line)
        for statement in read_statements(content)
        for line in statement.lines
    ]


def test_line_hash__another_message_of_the_same_booking__the_same():
    statement = sample_statement(SAMPLE)
    notification = (
        statement.replace(b"camt.053", b"camt.054")
        .replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn")
        .replace(b"Stmt>", b"Ntfctn>")
        .replace(b"SAMPLE-1", b"NOTE-7")
    )

    assert hashes(notification) == hashes(statement)
    assert hashes(sample_statement(SAMPLE, version=2)) == hashes(statement)


@pytest.mark.parametrize(
    "change",
    [
        {"money": Money(1_270_120_01, "CNY")},
        {"money": Money(1_270_120_00, "USD")},
        {"reference": "RF0"},
        {"day": date(2026, 11, 19)},
        {"bank_reference": "B-3"},
    ],
)
def test_line_hash__anything_else__another(change):
    first, _ = SAMPLE

    changed = hashes(sample_statement([replace(first, **change)]))

    assert changed != hashes(sample_statement([first]))


def test_line_hash__twins_in_one_statement__told_apart():
    assert len(set(hashes(sample_statement(SAMPLE[:1] * 3)))) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>"),
        ("CRDT</CdtDbtInd><Sts>", "DBIT</CdtDbtInd><Sts>"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "<RvslInd>true</RvslInd><Sts><Cd>BOOK</Cd></Sts>"),
        ("<AcctSvcrRef>B-1</AcctSvcrRef>", ""),
    ],
    ids=["pending", "out", "reversal", "no reference"],
)
def test_line__that_may_be_taken_back_or_guessed__is_not_attestable(old, new):
    (plain,) = read_statements(sample_statement(SAMPLE))
    (changed,) = read_statements(edited(old, new))

    assert plain.lines[0].is_attestable
    assert not changed.lines[0].is_attestable


# --- references ---------------------------------------------------------------------------------


@given(st.integers(1, 10**10 - 1), st.integers(1, 2**32 - 1))
def test_reference__of_any_lot__a_valid_creditor_reference_and_found_again(receivable, sequence):
    lot_id = LotId(receivable, sequence)
    reference = payment_reference(lot_id)

    assert iso11649.is_valid(reference)
    assert lots_referred_to(f"invoice 5, {reference.lower()}, thanks") == (lot_id,)
    assert lots_referred_to(iso11649.format(reference)) == (lot_id,)


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        ("RF7717L3", [(17, 3)]),
        ("RF7717L3 12 parts", [(17, 3)]),
        ("RF7717L3/RF7717L3", [(17, 3)]),
        ("RF77 17L3 RF77-17.L3", [(17, 3)]),
        ("RF7817L3", []),
        ("17-3", []),
        ("", []),
        ("RF7717L0", []),
    ],
)
def test_references__in_free_text__by_check_digits(text, lots):
    assert [(lot.receivable_id, lot.lot_sequence) for lot in lots_referred_to(text)] == lots


# --- speed --------------------------------------------------------------------------------------


def test_statement_of_a_thousand_entries__read_and_matched__within_its_limit():
    assert measure_statement()["met"]


def test_value_instant__is_early_on_the_due_day_and_late_by_whole_days_after() -> None:
    due_at = 1_790_841_600  # 2026-10-01T08:00:00Z
    due = date(2026, 10, 1)

    for days in range(-2, 4):
        instant = value_instant(due + timedelta(days=days), due_at)
        assert utc_day(instant) == due + timedelta(days=days)
        assert max(0, instant - due_at) == max(0, days) * 86_400


def test_matching__of_what_is_overdue__wants_the_interest_of_the_lines_day() -> None:
    due, lot = date(2026, 11, 10), LotId(17, 3)
    expected = ExpectedPayment(
        key="credit:17-3",
        lot_id=lot,
        direction=Direction.CREDIT,
        money=Money(1_000_00, "EUR"),
        due_date=due,
        counterparty_account=None,
        late_interest=lambda day: max(0, (day - due).days) * 50,
    )

    def level_of(amount_minor: int) -> str:
        entry = SampleEntry(
            Money(amount_minor, "EUR"), payment_reference(lot), due + timedelta(days=4), "B-1"
        )
        (statement,) = read_statements(sample_statement([entry]))
        found = match_payments(statement.lines, [expected])
        if found.exceptions:
            return str(found.exceptions[0])
        (match,) = found.matches
        return f"{match.level} {match.difference_minor}"

    assert level_of(1_000_00 + 200) == "exact 0"
    assert level_of(1_000_00) == "amount_differs"
    assert level_of(1_000_00 + 190) == "tolerance -10"


def test_keys__name_a_payment_or_a_price_one_way() -> None:
    lot = LotId(17, 3)
    payment, price = payment_key(Direction.CREDIT, lot), funding_key(Direction.CREDIT, 17)

    assert (payment, price) == ("credit:17-3", "credit:funding-17")
    assert lot_of_key(Direction.CREDIT, payment) == lot
    assert request_of_key(Direction.CREDIT, price) == 17
    for way, key in ((Direction.DEBIT, payment), (Direction.CREDIT, price), (Direction.DEBIT, "")):
        assert lot_of_key(way, key) is None
    for way, key in ((Direction.DEBIT, price), (Direction.CREDIT, payment)):
        assert request_of_key(way, key) is None


def test_matching__of_a_lot_sold_and_owed__tells_price_and_payment_by_their_amounts() -> None:
    lot, day = LotId(17, 3), date(2026, 11, 10)
    expected = [
        ExpectedPayment(key, lot, Direction.CREDIT, Money(amount, "EUR"), day, None)
        for key, amount in (("credit:17-3", 1_000_00), ("credit:funding-5", 970_00))
    ]

    def recognised(amount_minor: int) -> list[tuple[str, ...]]:
        entry = SampleEntry(Money(amount_minor, "EUR"), payment_reference(lot), day, "B-1")
        (statement,) = read_statements(sample_statement([entry]))
        return [match.expected for match in match_payments(statement.lines, expected).matches]

    assert recognised(970_00) == [("credit:funding-5",)]
    assert recognised(1_000_00) == [("credit:17-3",)]
    assert recognised(980_00) == []
