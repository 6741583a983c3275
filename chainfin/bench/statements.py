"""How long a bank's statement takes: read, hashed line by line, matched with what was expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from time import process_time
from typing import Any
from xml.sax.saxutils import escape

from chainfin.analysis.matching import ExpectedPayment, match_payments
from chainfin.codec.statement_lines import statement_line_hash
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import Direction, payment_reference
from chainfin.interchange.statements import read_statements

ENTRIES = 1_000
LIMIT_SECONDS = 2
_ACCOUNT = "GB33BUKB20201555555555"
_FIRST_DAY = date(2026, 11, 2)
_OPENING_MINOR = 1_000_000_00
_VERSION_WITH_PARTIES = 8
"""From this version on a status is a code inside, and a party stands inside its role."""


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """One credit of a sample statement."""

    money: Money
    reference: str
    day: date
    bank_reference: str
    payer_account: str = "GB94BARC10201530093459"


def sample_statement(
    entries: Iterable[SampleEntry], *, version: int = 8, account: str = _ACCOUNT
) -> bytes:
    """A camt.053 of one account with these credits, as a bank would send it."""
    listed = list(entries)
    currency = listed[0].money.currency
    opening = Money(_OPENING_MINOR, currency)
    closing = opening
    for entry in listed:
        closing += entry.money
    body = "".join(
        [
            _balance("OPBD", opening),
            _balance("CLBD", closing),
            *(_entry(entry, version) for entry in listed),
        ]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>SAMPLE</MsgId><CreDtTm>2026-11-22T06:00:00+00:00</CreDtTm>"
        "</GrpHdr><Stmt><Id>SAMPLE-1</Id><ElctrncSeqNb>1</ElctrncSeqNb>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{body}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _balance(code: str, money: Money) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(money)}"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{_FIRST_DAY}</Dt></Dt></Bal>"
    )


def _entry(entry: SampleEntry, version: int) -> str:
    is_later = version >= _VERSION_WITH_PARTIES
    status = "<Cd>BOOK</Cd>" if is_later else "BOOK"
    name = "<Pty><Nm>Meridian Rail Works</Nm></Pty>" if is_later else "<Nm>Meridian Rail Works</Nm>"
    return (
        f"<Ntry>{_amount(entry.money)}<CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>{entry.day}</Dt></BookgDt><ValDt><Dt>{entry.day}</Dt></ValDt>"
        f"<AcctSvcrRef>{escape(entry.bank_reference)}</AcctSvcrRef><BkTxCd/>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{escape(entry.reference) or 'NOTPROVIDED'}"
        f"</EndToEndId></Refs><RltdPties><Dbtr>{name}</Dbtr><DbtrAcct><Id>"
        f"<IBAN>{entry.payer_account}</IBAN></Id></DbtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>"
    )


def _amount(money: Money) -> str:
    return f'<Amt Ccy="{money.currency}">{money.decimal_text()}</Amt>'


def measure_statement() -> dict[str, Any]:
    """Read, hash and match a statement of a thousand entries; every one is recognised.

    Returns:
        The operation with its seconds of processor time, its limit, and whether it keeps it.
    """
    expected = [_expected(number) for number in range(1, ENTRIES + 1)]
    content = sample_statement(
        SampleEntry(payment.money, payment_reference(payment.lot_id), payment.due_date, payment.key)
        for payment in expected
    )
    start = process_time()
    (statement,) = read_statements(content)
    hashes = {statement_line_hash(statement.account, line) for line in statement.lines}
    matching = match_payments(statement.lines, expected)
    seconds = process_time() - start
    if len(hashes) != ENTRIES or len(matching.matches) != ENTRIES:
        raise AssertionError("the sample statement was not recognised whole")
    return {
        "operation": f"statement of {ENTRIES:,} entries read and matched",
        "seconds": round(seconds, 3),
        "limit_seconds": LIMIT_SECONDS,
        "met": seconds <= LIMIT_SECONDS,
    }


def _expected(number: int) -> ExpectedPayment:
    return ExpectedPayment(
        key=f"sample {number}",
        lot_id=LotId(number, 1),
        direction=Direction.CREDIT,
        money=Money(100_000 + 7 * number, "GBP"),
        due_date=_FIRST_DAY + timedelta(days=number % 28),
        counterparty_account="GB94BARC10201530093459",
    )
