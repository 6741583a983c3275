"""XML read field by field: exact values, and a finding with its place for whatever is not.

A `Node` is an element that remembers its path and collects findings: a field that is missing or
malformed is noted, and reading goes on, so that a sender hears of every fault.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from lxml import etree

from chainfin.domain.errors import (
    ChainfinError,
    CurrencyMismatch,
    DocumentFieldMalformed,
    DocumentFieldMissing,
)
from chainfin.domain.findings import Finding
from chainfin.domain.money import ExactDecimal, Money, exponent_of
from chainfin.interchange.xml import Element

_XML_DECIMAL = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?")
_LONGEST_NUMBER = 40
_SHOWN = 60
_LONGEST_TEXT = 2_000
_COMPACT_DATE = "%Y%m%d"


class Node:
    """An element, its path, and where findings go."""

    __slots__ = ("_element", "_findings", "_namespaces", "path")

    def __init__(
        self,
        element: Element,
        namespaces: Mapping[str, str],
        findings: list[Finding],
        path: str = "",
    ) -> None:
        """Take an element; `namespaces` gives the prefixes used in paths."""
        self._element = element
        self._namespaces = namespaces
        self._findings = findings
        self.path = path or "/" + etree.QName(element).localname

    @property
    def local_name(self) -> str:
        """Its name without namespace."""
        return str(etree.QName(self._element).localname)

    def attribute(self, name: str) -> str | None:
        """An attribute's text, trimmed; None if it is absent."""
        value = self._element.get(name)
        return None if value is None else value.strip()

    # --- going down

    def child(self, path: str) -> "Node | None":
        """The first element at a path of prefixed names, or None."""
        found = self._element.find(path, self._namespaces)
        return None if found is None else self._at(found, path)

    def children(self, path: str) -> Iterator["Node"]:
        """The elements at a path, in order."""
        for position, found in enumerate(self._element.iterfind(path, self._namespaces), start=1):
            yield self._at(found, f"{path}[{position}]")

    def _at(self, element: Element, path: str) -> "Node":
        plain = re.sub(r"(?<![A-Za-z])[a-z]+:", "", path)
        return Node(element, self._namespaces, self._findings, f"{self.path}/{plain}")

    # --- values

    @property
    def content(self) -> str:
        """Its own text, white space folded to single spaces."""
        return " ".join((self._element.text or "").split())[:_LONGEST_TEXT]

    def text(self, path: str) -> str | None:
        """The text at a path; None where there is none or nothing but space."""
        found = self.child(path)
        return (found.content or None) if found is not None else None

    def required(self, path: str) -> str:
        """The text at a path; a finding and "" where there is none."""
        value = self.text(path)
        if value is None:
            self.note(DocumentFieldMissing(_plain(path)), path)
        return value or ""

    def day(self, path: str) -> date | None:
        """A date as ISO 8601 or, in CII, as format 102; a finding if it is no day."""
        found = self.child(path)
        if found is None or not found.content:
            return None
        try:
            return parse_day(found.content)
        except ValueError:
            expected = "a day that exists, as 2026-09-28"
            self.note(DocumentFieldMalformed(_plain(path), found.content[:_SHOWN], expected), path)
            return None

    def required_day(self, path: str) -> date:
        """A date that must be there; a finding and the first of days where it is not."""
        before = len(self._findings)
        day = self.day(path)
        if day is None and len(self._findings) == before:
            self.note(DocumentFieldMissing(_plain(path)), path)
        return day or date.min

    def decimal(self, path: str) -> ExactDecimal | None:
        """An exact decimal; a finding if it is none."""
        found = self.child(path)
        return None if found is None else found.own_decimal()

    def positive(self, path: str) -> ExactDecimal | None:
        """An exact decimal above zero, as a divisor must be; a finding if it is not."""
        value = self.decimal(path)
        if value is not None and value.digits <= 0:
            self.note(DocumentFieldMalformed(_plain(path), str(value), "a number above zero"), path)
            return None
        return value

    def own_decimal(self) -> ExactDecimal | None:
        """This element's text as an exact decimal; a finding if it is none."""
        value = parse_decimal(self.content)
        if value is None:
            text = self.content[:_SHOWN]
            self.note(DocumentFieldMalformed(self._name(), text, "a plain decimal number"))
        return value

    def amount(self, path: str, currency: str) -> Money | None:
        """An amount of a currency; None if it is absent; a finding if it is no exact amount."""
        found = self.child(path)
        return None if found is None else found.own_amount(currency)

    def required_amount(self, path: str, currency: str) -> Money:
        """An amount that must be there; a finding and zero where it is not."""
        found = self.child(path)
        if found is None:
            self.note(DocumentFieldMissing(_plain(path)), path)
            return Money(0, currency)
        return found.own_amount(currency) or Money(0, currency)

    def own_amount(self, currency: str) -> Money | None:
        """This element's text as an amount; a finding if it is none or of another currency."""
        stated = self.attribute("currencyID")
        if stated and stated != currency:
            self.note(CurrencyMismatch(currency, stated))
            return None
        decimal = self.own_decimal()
        if decimal is None:
            return None
        try:
            return Money.parse(str(decimal.normalised()), currency)
        except ChainfinError as error:
            self.note(error)
            return None

    # --- findings

    def note(self, error: ChainfinError, path: str = "") -> None:
        """Record a fatal finding at this element, or at a path below it."""
        place = f"{self.path}/{_plain(path)}" if path else self.path
        self._findings.append(Finding(error, place))

    def _name(self) -> str:
        return self.path.rpartition("/")[2]


def parse_decimal(text: str) -> ExactDecimal | None:
    """An `xs:decimal` ("0012.50", "+5", ".5") as an exact number; None if it is anything else."""
    match = _XML_DECIMAL.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if match is None or not any(character.isdigit() for character in text):
        return None
    sign, whole, fraction = match.groups(default="")
    minus = "-" if sign == "-" else ""
    number = f"{minus}{whole or '0'}" + (f".{fraction}" if fraction else "")
    parsed = ExactDecimal.parse(number)
    return None if parsed is None else parsed.normalised()


def parse_day(text: str) -> date:
    """A day as "2026-09-28", "20260928" or "2026年09月28日"; a time after it is dropped.

    Raises:
        ValueError: It is no day that exists.
    """
    head = text.strip()[:11].replace("年", "-").replace("月", "-").rstrip("日T ")
    if len(head) == len("20260928") and head.isdecimal():
        return datetime.strptime(head, _COMPACT_DATE).date()  # noqa: DTZ007 - a day has no zone
    return date.fromisoformat(head[:10])


def require_currency(node: Node, path: str) -> str:
    """The document's currency; what is no currency stops the reading, as no amount can be read.

    Raises:
        CurrencyUnknown: No ISO 4217 code.
    """
    currency = node.required(path)
    exponent_of(currency)
    return currency


def _plain(path: str) -> str:
    """A path without its prefixes, as people read it."""
    return re.sub(r"(?<![A-Za-z])[a-z]+:", "", path)
