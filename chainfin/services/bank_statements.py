"""Statements of members' bank accounts: imported once each, line by line, for their owner alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.hashing import keccak, to_hex
from chainfin.codec.statement_lines import statement_line_hash
from chainfin.domain.money import Money, exponent_of, money_json
from chainfin.domain.participant import ParticipantKind
from chainfin.domain.service_errors import (
    AccountNotYours,
    FieldMalformed,
    NotFound,
    RightRequired,
    StatementChanged,
)
from chainfin.domain.statements import LineStatus, Statement, StatementLine, account_key
from chainfin.interchange.statements import read_statements
from chainfin.interchange.xml import FileLimits
from chainfin.models.bank_statements import (
    BankAccountRow,
    BankStatementRow,
    StatementLineRow,
    bank_accounts,
    find_statement,
    highest_statement_number,
    lines_by_hash,
    lines_of_statement,
    list_statements,
    lock_account,
)
from chainfin.models.participants import is_admitted_as
from chainfin.services.context import Caller, Context

_LINES_A_STATEMENT = 1 << 24
"""Room in the running number of lines for those of one statement."""

_LONGEST_ACCOUNT = 34
_LONGEST_NAME = 140


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """What became of one statement of a file.

    Attributes:
        row: The statement.
        new_lines: How many lines were not known yet.
        is_new: Whether the statement was not known yet.
    """

    row: BankStatementRow
    new_lines: int
    is_new: bool


# --- accounts --------------------------------------------------------------------------------


def record_account(
    context: Context,
    caller: Caller,
    *,
    account: str,
    currency: str,
    holder_name: str,
    bic: str | None = None,
    owner: int | None = None,
) -> BankAccountRow:
    """Name an account whose statements the caller will import; again corrects its name and bank.

    Args:
        context: The unit of work.
        caller: Who imports.
        account: IBAN or another account number.
        currency: ISO 4217 code.
        holder_name: The holder as the bank has it.
        bic: The bank's code.
        owner: Whose money it is; a settlement bank may name a customer, others only themselves.

    Raises:
        RightRequired: The caller is no member, or names another's account without being its bank.
        FieldMalformed: No account number or name.
        CurrencyUnknown: No ISO 4217 code.
    """
    _require_member(caller)
    exponent_of(currency)
    owner = owner or caller.organisation
    if owner != caller.organisation and not is_admitted_as(
        context.session, caller.organisation, ParticipantKind.SETTLEMENT_BANK
    ):
        raise RightRequired("settlement bank")
    key, name = account_key(account), holder_name.strip()
    if not 0 < len(key) <= _LONGEST_ACCOUNT:
        raise FieldMalformed("account", account[:40], "an account number")
    if not 0 < len(name) <= _LONGEST_NAME:
        raise FieldMalformed("holder_name", name[:40], "a name")
    found = lock_account(context.session, caller.organisation, key, currency)
    if found is None:
        found = BankAccountRow(
            organisation=caller.organisation,
            account=key,
            currency=currency,
            owner=owner,
            holder_name=name,
            bic=bic,
            recorded_at=context.now,
        )
        context.session.add(found)
    found.holder_name, found.bic = name, bic
    return found


def account_views(context: Context, caller: Caller) -> list[dict[str, Any]]:
    """The caller's accounts."""
    return [account_view(row) for row in bank_accounts(context.session, caller.organisation)]


def account_view(row: BankAccountRow) -> dict[str, Any]:
    """An account as its importer sees it."""
    return {
        "account": row.account,
        "currency": row.currency,
        "owner": row.owner,
        "holder_name": row.holder_name,
        "bic": row.bic,
    }


# --- import ----------------------------------------------------------------------------------


def import_statements(
    context: Context, caller: Caller, content: bytes, limits: FileLimits
) -> list[ImportedStatement]:
    """Take over every statement of a file; one that is there already changes nothing.

    Raises:
        RightRequired: The caller is no member.
        FileTooLarge, XmlMalformed, XmlDeclaresTypes, XmlTooDeep, StatementMalformed: As
            `read_statements`; nothing is imported.
        AccountNotYours: A statement is of an account, or in a currency, the caller did not name.
        StatementChanged: The bank's number is known with other lines.
    """
    _require_member(caller)
    file_hash = "0x" + sha256(content).hexdigest()
    return [
        _import(context, caller.organisation, statement, file_hash)
        for statement in read_statements(content, limits)
    ]


def _import(
    context: Context, organisation: int, statement: Statement, file_hash: str
) -> ImportedStatement:
    session, account = context.session, statement.account
    if lock_account(session, organisation, account, statement.currency) is None:
        raise AccountNotYours(account, statement.currency)
    hashes = [to_hex(statement_line_hash(account, line)) for line in statement.lines]
    content_hash = _content_hash(statement, hashes)
    known = find_statement(
        session,
        organisation,
        account=account,
        kind=statement.kind,
        statement_id=statement.statement_id,
    )
    if known is not None:
        if known.content_hash != content_hash:
            raise StatementChanged(statement.statement_id, account)
        return ImportedStatement(known, new_lines=0, is_new=False)
    row = BankStatementRow(
        organisation=organisation,
        number=highest_statement_number(session, organisation) + 1,
        account=account,
        currency=statement.currency,
        kind=statement.kind,
        version=statement.version,
        message_id=statement.message_id,
        statement_id=statement.statement_id,
        sequence=statement.sequence,
        opening_minor=_minor(statement.opening),
        closing_minor=_minor(statement.closing),
        line_count=len(hashes),
        findings=",".join(statement.findings),
        content_hash=content_hash,
        file_hash=file_hash,
        imported_at=context.now,
    )
    session.add(row)
    new_lines = _store_lines(context, row, statement.lines, hashes)
    session.flush()
    return ImportedStatement(row, new_lines, is_new=True)


def _store_lines(
    context: Context,
    statement: BankStatementRow,
    lines: Sequence[StatementLine],
    hashes: Sequence[str],
) -> int:
    """Keep the lines that are new; a booking that was pending before is booked now."""
    known = lines_by_hash(context.session, statement.organisation, hashes)
    for place, (line, line_hash) in enumerate(zip(lines, hashes, strict=True)):
        if (found := known.get(line_hash)) is not None:
            found.status = line.status if found.status is not LineStatus.BOOKED else found.status
            continue
        number = statement.number * _LINES_A_STATEMENT + place
        context.session.add(_line_row(statement, line, line_hash, number))
    return len(set(hashes) - set(known))


def _line_row(
    statement: BankStatementRow, line: StatementLine, line_hash: str, number: int
) -> StatementLineRow:
    return StatementLineRow(
        organisation=statement.organisation,
        line_hash=line_hash,
        line_number=number,
        statement_number=statement.number,
        account=statement.account,
        currency=line.money.currency,
        entry=line.position[0],
        part=line.position[1],
        ordinal=line.ordinal,
        amount_minor=line.money.amount_minor,
        direction=line.direction,
        status=line.status,
        is_reversal=line.is_reversal,
        booking_date=line.booking_date,
        value_date=line.value_date,
        bank_reference=line.bank_reference,
        end_to_end_id=line.end_to_end_id,
        references=json.dumps(list(line.references), ensure_ascii=False),
        counterparty_account=line.counterparty_account,
        counterparty_name=line.counterparty_name,
    )


def line_of(row: StatementLineRow) -> StatementLine:
    """A stored line as the bank gave it."""
    return StatementLine(
        position=(row.entry, row.part),
        money=Money(row.amount_minor, row.currency),
        direction=row.direction,
        status=row.status,
        is_reversal=row.is_reversal,
        booking_date=row.booking_date,
        value_date=row.value_date,
        bank_reference=row.bank_reference,
        end_to_end_id=row.end_to_end_id,
        references=tuple(json.loads(row.references)),
        counterparty_account=row.counterparty_account,
        counterparty_name=row.counterparty_name,
        ordinal=row.ordinal,
    )


def _content_hash(statement: Statement, hashes: Sequence[str]) -> str:
    facts = {
        "lines": list(hashes),
        "statuses": [str(line.status) for line in statement.lines],
        "opening": str(statement.opening),
        "closing": str(statement.closing),
    }
    return to_hex(keccak(canonical_bytes(facts)))


# --- reading ---------------------------------------------------------------------------------


def statement_views(
    context: Context, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """The caller's statements, by number."""
    rows = list_statements(context.session, caller.organisation, after=after, limit=limit)
    return [statement_view(row) for row in rows]


def read_statement(context: Context, caller: Caller, number: int) -> dict[str, Any]:
    """One of the caller's statements, with the lines that came first in it.

    Raises:
        NotFound: The caller imported none of this number.
    """
    row = context.session.get(BankStatementRow, (caller.organisation, number))
    if row is None:
        raise NotFound("statement", str(number))
    lines = lines_of_statement(context.session, caller.organisation, number)
    return statement_view(row) | {"lines": [line_view(line) for line in lines]}


def read_line(context: Context, caller: Caller, line_hash: str) -> dict[str, Any]:
    """One of the caller's lines by its hash: what a settlement bank attests.

    Raises:
        NotFound: The caller imported none of this hash.
    """
    row = context.session.get(StatementLineRow, (caller.organisation, line_hash))
    if row is None:
        raise NotFound("statement line", line_hash[:70])
    return line_view(row)


def statement_view(row: BankStatementRow) -> dict[str, Any]:
    """A statement without its lines."""
    return {
        "number": row.number,
        "account": row.account,
        "currency": row.currency,
        "message": f"{row.kind}.001.{row.version:02}",
        "statement_id": row.statement_id,
        "sequence": row.sequence,
        "opening": _money_view(row.opening_minor, row.currency),
        "closing": _money_view(row.closing_minor, row.currency),
        "line_count": row.line_count,
        "findings": [name for name in row.findings.split(",") if name],
        "imported_at": row.imported_at,
    }


def line_view(row: StatementLineRow) -> dict[str, Any]:
    """A line, and what it was recognised as."""
    return {
        "line_hash": row.line_hash,
        "line_number": row.line_number,
        "account": row.account,
        "amount": _money_view(row.amount_minor, row.currency),
        "direction": row.direction,
        "status": row.status,
        "is_reversal": row.is_reversal,
        "booking_date": _day_text(row.booking_date),
        "value_date": _day_text(row.value_date),
        "bank_reference": row.bank_reference,
        "end_to_end_id": row.end_to_end_id,
        "references": json.loads(row.references),
        "counterparty_account": row.counterparty_account,
        "counterparty_name": row.counterparty_name,
        "level": row.level,
        "expected": [key for key in row.expected.split(",") if key],
        "difference_minor": row.difference_minor,
        "exception": row.exception,
        "resolution": row.resolution,
        "is_attestable": line_of(row).is_attestable,
    }


def _money_view(amount_minor: int | None, currency: str) -> Mapping[str, Any] | None:
    return None if amount_minor is None else money_json(amount_minor, currency)


def _day_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _minor(money: Money | None) -> int | None:
    return money.amount_minor if money else None


def _require_member(caller: Caller) -> None:
    """Only a member has accounts: the operator of the service is none."""
    if caller.organisation == 0:
        raise RightRequired("member")
