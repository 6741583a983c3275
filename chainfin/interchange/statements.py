"""Bank statements: ISO 20022 camt.053 (statement) and camt.054 (notification), versions 2 to 12.

The versions differ in where a status and a party's name stand; both places are looked at. What the
message demands and what an amount needs is checked, and a file that fails is refused as a whole,
with the place: it is never an empty statement. Several statements a file are the rule.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from chainfin.domain.errors import ChainfinError, StatementMalformed
from chainfin.domain.money import Money, exponent_of
from chainfin.domain.statements import (
    Direction,
    LineStatus,
    Statement,
    StatementFinding,
    StatementKind,
    StatementLine,
    account_key,
)
from chainfin.interchange.xml import DEFAULT_LIMITS, Element, FileLimits, read_xml

_T = TypeVar("_T")

_NAMESPACE = re.compile(
    r"\{(urn:iso:std:iso:20022:tech:xsd:(camt\.05[34])\.001\.([0-9]{2}))\}Document"
)
_VERSIONS = range(2, 13)
_MESSAGES = {
    StatementKind.STATEMENT: ("BkToCstmrStmt", "Stmt"),
    StatementKind.NOTIFICATION: ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_DIRECTIONS = {"CRDT": Direction.CREDIT, "DBIT": Direction.DEBIT}
_STATUSES = {
    "BOOK": LineStatus.BOOKED,
    "PDNG": LineStatus.PENDING,
    "INFO": LineStatus.INFORMATION,
    "FUTR": LineStatus.PENDING,
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, None: False}
_DECIMAL = re.compile(r"\+?([0-9]*)(?:\.([0-9]*))?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[TZ+-].*)?")
_NO_REFERENCE = "NOTPROVIDED"
_LONGEST_ID = 35
_LONGEST_SHOWN = 60


def read_statements(content: bytes, limits: FileLimits = DEFAULT_LIMITS) -> list[Statement]:
    """Every statement of a file, at least one.

    Args:
        content: The file.
        limits: What it may cost.

    Raises:
        FileTooLarge, XmlMalformed, XmlDeclaresTypes, XmlTooDeep: As `read_xml`.
        StatementMalformed: not such a message, or something in it is missing or impossible; with
            the place.
    """
    root = _Node(read_xml(content, limits), "/Document")
    match = _NAMESPACE.fullmatch(root.element.tag)
    if match is None or int(match[3]) not in _VERSIONS:
        raise StatementMalformed("/", "it is not camt.053 or camt.054, version 02 to 12")
    kind, version = StatementKind(match[2]), int(match[3])
    message_name, statement_name = _MESSAGES[kind]
    message = root.one(message_name)
    message_id = message.identifier("GrpHdr/MsgId")
    found = message.all(statement_name)
    if not found:
        raise StatementMalformed(message.place, f"there is no {statement_name}")
    return [_statement(node, kind, version, message_id) for node in found]


def _statement(node: "_Node", kind: StatementKind, version: int, message_id: str) -> Statement:
    account = _account(node.one("Acct/Id"))
    balances = node.all("Bal")
    if kind is StatementKind.STATEMENT and not balances:
        raise StatementMalformed(node.place, "there is no Bal")
    entries = node.all("Ntry")
    currency = _currency(node, balances, entries)
    findings: set[StatementFinding] = set()
    lines = _number_twins(
        [
            line
            for number, entry in enumerate(entries, start=1)
            for line in _lines(entry, number, currency, findings)
        ]
    )
    opening = _balance(balances, ("OPBD", "PRCD"), currency)
    closing = _balance(balances, ("CLBD",), currency)
    if opening and closing and opening + _booked(entries, currency) != closing:
        findings.add(StatementFinding.BALANCES_DO_NOT_ADD_UP)
    return Statement(
        kind=kind,
        version=version,
        message_id=message_id,
        statement_id=node.identifier("Id"),
        sequence=node.text("ElctrncSeqNb") or node.text("LglSeqNb"),
        account=account,
        currency=currency,
        opening=opening,
        closing=closing,
        lines=tuple(lines),
        findings=tuple(sorted(findings)),
    )


def _account(node: "_Node") -> str:
    text = node.text("IBAN") or node.text("Othr/Id")
    if text is None:
        raise StatementMalformed(node.place, "the account has neither IBAN nor another number")
    return account_key(text)


def _currency(node: "_Node", balances: Sequence["_Node"], entries: Sequence["_Node"]) -> str:
    """The account's own, else that of the first balance, else that of the first entry."""
    stated = node.text("Acct/Ccy")
    amounts = [part.one("Amt") for part in (*balances[:1], *entries[:1])]
    if stated is None and not amounts:
        raise StatementMalformed(node.place, "neither account, balance nor entry has a currency")
    currency = stated or amounts[0].attribute("Ccy")
    _checked(node, lambda: exponent_of(currency))
    return currency


def _balance(balances: Sequence["_Node"], codes: tuple[str, ...], currency: str) -> Money | None:
    """The first balance of the first code there is; None unless in the account's currency."""
    by_code: dict[str | None, _Node] = {}
    for balance in balances:
        by_code.setdefault(balance.text("Tp/CdOrPrtry/Cd"), balance)
        _money(balance)
    found = next((by_code[code] for code in codes if code in by_code), None)
    if found is None:
        return None
    money = _money(found)
    signed = (
        money
        if _direction(found) is Direction.CREDIT
        else Money(-money.amount_minor, money.currency)
    )
    return signed if money.currency == currency else None


def _booked(entries: Sequence["_Node"], currency: str) -> Money:
    """What the booked entries change."""
    total = 0
    for entry in entries:
        if _status(entry) is LineStatus.BOOKED:
            amount = _money(entry).amount_minor
            total += amount if _direction(entry) is Direction.CREDIT else -amount
    return _checked(entries[0], lambda: Money(total, currency)) if entries else Money(0, currency)


def _lines(
    entry: "_Node", number: int, currency: str, findings: set[StatementFinding]
) -> Iterator[StatementLine]:
    """The lines of an entry: one for each payment in it if they add up, else one."""
    money = _money(entry)
    if money.currency != currency:
        reason = f"the entry is in {money.currency}, the account in {currency}"
        raise StatementMalformed(entry.place, reason)
    details = [part for group in entry.all("NtryDtls") for part in group.all("TxDtls")]
    whole = _line(entry, details[0] if len(details) == 1 else None, (number, 0), money)
    if len(details) < 2:  # noqa: PLR2004 - a booking of several payments
        yield whole
        return
    parts = [
        _line(entry, part, (number, place), amount)
        for place, part in enumerate(details, start=1)
        if (amount := _part_money(part, whole)) is not None
    ]
    if len(parts) == len(details) and sum(part.money.amount_minor for part in parts) == (
        money.amount_minor
    ):
        yield from parts
        return
    findings.add(StatementFinding.DETAILS_DO_NOT_ADD_UP)
    yield whole


def _part_money(part: "_Node", whole: StatementLine) -> Money | None:
    """What one payment of a booking comes to, if it is in the booking's currency and direction."""
    holder = next(
        (part.find(path) for path in ("", "AmtDtls/TxAmt") if part.has(path, "Amt")), None
    )
    if holder is None:
        return None
    money = _money(holder)
    direction = _DIRECTIONS.get(part.text("CdtDbtInd") or "", whole.direction)
    is_part = money.currency == whole.money.currency and direction is whole.direction
    return money if is_part else None


def _line(
    entry: "_Node", details: "_Node | None", position: tuple[int, int], money: Money
) -> StatementLine:
    direction = _direction(entry)
    reversal = entry.text("RvslInd")
    if reversal not in _BOOLEANS:
        raise StatementMalformed(entry.place, f"RvslInd is “{reversal}”")
    side = "Dbtr" if direction is Direction.CREDIT else "Cdtr"
    references = (
        details.texts("RmtInf/Strd/CdtrRefInf/Ref") + details.texts("RmtInf/Ustrd")
        if details
        else []
    )
    return StatementLine(
        position=position,
        money=money,
        direction=direction,
        status=_status(entry),
        is_reversal=_BOOLEANS[reversal],
        booking_date=_date(entry, "BookgDt"),
        value_date=_date(entry, "ValDt"),
        bank_reference=_bank_reference(entry, details),
        end_to_end_id=_end_to_end_id(details),
        references=tuple(references),
        counterparty_account=_counterparty_account(details, side),
        counterparty_name=_counterparty_name(details, side),
    )


def _bank_reference(entry: "_Node", details: "_Node | None") -> str | None:
    own = details.text("Refs/AcctSvcrRef") if details else None
    return own or entry.text("AcctSvcrRef") or entry.text("NtryRef")


def _end_to_end_id(details: "_Node | None") -> str | None:
    found = details.text("Refs/EndToEndId") if details else None
    return None if found == _NO_REFERENCE else found


def _counterparty_account(details: "_Node | None", side: str) -> str | None:
    if details is None:
        return None
    place = f"RltdPties/{side}Acct/Id/"
    found = details.text(place + "IBAN") or details.text(place + "Othr/Id")
    return account_key(found) if found else None


def _counterparty_name(details: "_Node | None", side: str) -> str | None:
    if details is None:
        return None
    return details.text(f"RltdPties/{side}/Nm") or details.text(f"RltdPties/{side}/Pty/Nm")


def _number_twins(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """The same lines, told apart where they are the same in everything but their place."""
    seen: Counter[StatementLine] = Counter()
    numbered = []
    for line in lines:
        plain = replace(line, position=(0, 0))
        numbered.append(replace(line, ordinal=seen[plain]))
        seen[plain] += 1
    return numbered


# --- values ----------------------------------------------------------------------------------


def _money(node: "_Node") -> Money:
    """The exact amount of `Amt`, 0 or more; zeros at either end do not matter."""
    amount = node.one("Amt")
    text, currency = amount.own_text(), amount.attribute("Ccy")
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise StatementMalformed(amount.place, f"“{text[:_LONGEST_SHOWN]}” is no amount")
    whole = match[1].lstrip("0") or "0"
    fraction = (match[2] or "").rstrip("0")
    plain = f"{whole}.{fraction}" if fraction else whole
    return _checked(amount, lambda: Money.parse(plain, currency))


def _direction(node: "_Node") -> Direction:
    text = node.text("CdtDbtInd")
    if text not in _DIRECTIONS:
        raise StatementMalformed(node.place, "CdtDbtInd is neither CRDT nor DBIT")
    return _DIRECTIONS[text]


def _status(entry: "_Node") -> LineStatus:
    """Versions up to 7 give the code itself, later ones inside."""
    text = entry.text("Sts") or entry.text("Sts/Cd")
    if text not in _STATUSES:
        raise StatementMalformed(entry.place, "Sts is none of BOOK, PDNG, FUTR, INFO")
    return _STATUSES[text]


def _date(entry: "_Node", name: str) -> date | None:
    """A day, or the day of an instant where the bank is."""
    text = entry.text(f"{name}/Dt") or entry.text(f"{name}/DtTm")
    if text is None:
        return None
    match = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else text)
    except ValueError:
        reason = f"“{text[:_LONGEST_SHOWN]}” is no date"
        raise StatementMalformed(f"{entry.place}/{name}", reason) from None


def _checked(node: "_Node", make: Callable[[], _T]) -> _T:
    """A value, or its refusal with the place."""
    try:
        return make()
    except ChainfinError as error:
        raise StatementMalformed(node.place, error.message().rstrip(".")) from None


class _Node:
    """An element with its place in the file; paths are names without namespace."""

    def __init__(self, element: Element, place: str) -> None:
        self.element = element
        self.place = place
        self._prefix = element.tag[: element.tag.rindex("}") + 1] if "}" in element.tag else ""

    def _qualified(self, path: str) -> str:
        return "/".join(self._prefix + name for name in path.split("/"))

    def find(self, path: str) -> "_Node | None":
        """The first element at a path; this one itself at the empty path."""
        if not path:
            return self
        found = self.element.find(self._qualified(path))
        return None if found is None else _Node(found, f"{self.place}/{path}")

    def has(self, path: str, name: str) -> bool:
        """Whether the element at a path has a child of a name."""
        found = self.find(path)
        return found is not None and found.find(name) is not None

    def one(self, path: str) -> "_Node":
        """The element at a path, which must be there."""
        found = self.find(path)
        if found is None:
            raise StatementMalformed(self.place, f"there is no {path}")
        return found

    def all(self, name: str) -> list["_Node"]:
        """Every child of a name, with its number in its place."""
        found = self.element.findall(self._prefix + name)
        return [_Node(child, f"{self.place}/{name}[{n}]") for n, child in enumerate(found, start=1)]

    def own_text(self) -> str:
        """This element's text without surrounding space; empty if there is none."""
        return (self.element.text or "").strip()

    def text(self, path: str) -> str | None:
        """The text at a path; None where there is no element, or no text in it."""
        found = self.element.findtext(self._qualified(path))
        return (found.strip() or None) if found else None

    def texts(self, path: str) -> list[str]:
        """Every text at a path."""
        found = self.element.findall(self._qualified(path))
        return [child.text.strip() for child in found if child.text and child.text.strip()]

    def identifier(self, path: str) -> str:
        """A number the message must have, of 35 characters at most."""
        text = self.text(path)
        if text is None or len(text) > _LONGEST_ID:
            raise StatementMalformed(self.place, f"{path} is missing or longer than {_LONGEST_ID}")
        return text

    def attribute(self, name: str) -> str:
        """An attribute, which must be there."""
        found = self.element.get(name)
        if found is None:
            raise StatementMalformed(self.place, f"there is no attribute {name}")
        return str(found)
