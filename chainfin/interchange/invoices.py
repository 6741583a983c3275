"""Invoices in any format, told apart by content: one reading, one object, every finding.

    inspection = inspect_invoice(content)
    inspection.format, inspection.invoice, inspection.findings

What was read and what is wrong with it stand side by side; `require` turns the first fatal
finding into its refusal. docs/interchange.md says which file becomes what.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from lxml import etree

from chainfin.domain.documents import canonical_number
from chainfin.domain.errors import (
    BusinessRuleFailed,
    ChainfinError,
    DocumentFieldMissing,
    DocumentNumberEmpty,
    FileNotRecognised,
    XmlMalformed,
)
from chainfin.domain.findings import Finding, fatal, require_none_fatal
from chainfin.domain.invoices import Arithmetic, Invoice, check_invoice
from chainfin.interchange import cii, einvoice, ubl
from chainfin.interchange.containers import is_archive, is_pdf, xml_in_ofd, xml_in_pdf
from chainfin.interchange.json_invoices import read_json
from chainfin.interchange.limits import DEFAULT_LIMITS, Budget, Limits
from chainfin.interchange.nodes import Node
from chainfin.interchange.rules import BusinessRules
from chainfin.interchange.xml import read_xml


class InvoiceFormat(StrEnum):
    """The formats an invoice comes in."""

    UBL = "ubl"
    """UBL 2.1, invoice or credit note."""
    CII = "cii"
    """UN/CEFACT Cross Industry Invoice."""
    PDF = "pdf"
    """A PDF with a Cross Industry Invoice or UBL inside (Factur-X, ZUGFeRD)."""
    OFD = "ofd"
    """An OFD with a Chinese electronic invoice inside."""
    CHINESE_XML = "chinese_xml"
    """A Chinese electronic invoice as XML."""
    JSON = "json"
    """The project's own JSON, for examples and tests."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file.

    Attributes:
        format: Its format, or None where it is none we know.
        sha256: Hash of the file as received.
        invoice: What was read; None if it cannot be read far enough.
        findings: Everything wrong with it; with a fatal one it is refused.
    """

    format: InvoiceFormat | None
    sha256: bytes
    invoice: Invoice | None
    findings: tuple[Finding, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether it can be taken as it is."""
        return self.invoice is not None and not fatal(self.findings)

    def require(self) -> Invoice:
        """The invoice.

        Raises:
            ChainfinError: The rule of its first fatal finding.
        """
        require_none_fatal(self.findings)
        if self.invoice is None:
            raise FileNotRecognised("nothing could be read")
        return self.invoice

    def to_json(self) -> dict[str, Any]:
        """For machines and for the pages."""
        return {
            "format": self.format,
            "sha256": "0x" + self.sha256.hex(),
            "accepted": self.is_accepted,
            "invoice": None if self.invoice is None else invoice_json(self.invoice),
            "findings": [finding.to_json() for finding in self.findings],
        }


def read_invoice(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Invoice:
    """Read an invoice of any format and recompute its figures.

    Raises:
        ChainfinError: The first broken rule; `inspect_invoice` has them all.
    """
    return inspect_invoice(content, limits).require()


def inspect_invoice(
    content: bytes, limits: Limits = DEFAULT_LIMITS, rules: BusinessRules | None = None
) -> Inspection:
    """Read a file as far as it goes and say everything that is wrong with it.

    Args:
        content: The file.
        limits: What reading it may cost.
        rules: The business rules of EN 16931, where the operator has them; they are run on UBL
            and CII that could be read.
    """
    digest = sha256(content).digest()
    reading = _Reading(limits, rules)
    try:
        invoice = reading.read(content)
    except ChainfinError as error:
        reading.findings.append(Finding(error, ""))
        invoice = None
    return Inspection(reading.format, digest, invoice, tuple(reading.findings))


class _Reading:
    """One file on its way to an invoice."""

    def __init__(self, limits: Limits, rules: BusinessRules | None) -> None:
        self._limits = limits
        self._rules = rules
        self._budget = Budget(limits)
        self.format: InvoiceFormat | None = None
        self.findings: list[Finding] = []

    def read(self, content: bytes) -> Invoice | None:
        self._limits.require_size(len(content))
        if content.lstrip()[:1] in {b"{", b"["}:
            self.format = InvoiceFormat.JSON
            return self._checked(read_json(content), Arithmetic.EXACT)
        root = read_xml(self._xml_of(content), self._limits.xml)
        self._budget.require()
        reader = _READERS.get(root.tag)
        if reader is None:
            raise FileNotRecognised(f"its root element is {etree.QName(root).localname}")
        self.format = self.format or reader.format
        invoice = reader.read(Node(root, reader.namespaces, self.findings), self.findings)
        self._budget.require()
        if self._rules is not None and reader.arithmetic is Arithmetic.STATED:
            self.findings += self._rules.check(root, is_cii=reader.format is InvoiceFormat.CII)
        return self._checked(invoice, reader.arithmetic)

    def _checked(self, invoice: Invoice, arithmetic: Arithmetic) -> Invoice | None:
        self._check_form(invoice)
        unread = [x for x in fatal(self.findings) if not isinstance(x.error, BusinessRuleFailed)]
        if unread:
            # A value that could not be read stands as a zero: its sums say nothing.
            return None
        self.findings += check_invoice(invoice, arithmetic)
        return invoice

    def _xml_of(self, content: bytes) -> bytes:
        if is_pdf(content):
            self.format = InvoiceFormat.PDF
            return xml_in_pdf(content, self._limits, self._is_invoice)
        if is_archive(content):
            self.format = InvoiceFormat.OFD
            return xml_in_ofd(content, self._limits, self._is_invoice)
        return content

    def _is_invoice(self, content: bytes) -> bool:
        self._budget.require()
        try:
            return read_xml(content, self._limits.xml).tag in _READERS
        except XmlMalformed:
            return False

    def _check_form(self, invoice: Invoice) -> None:
        if not invoice.lines:
            self.findings.append(Finding(DocumentFieldMissing("line"), "/lines"))
        if not invoice.number:
            return  # a finding already
        try:
            canonical_number(invoice.number)
        except DocumentNumberEmpty as error:
            self.findings.append(Finding(error, "/number"))


@dataclass(frozen=True, slots=True)
class _Reader:
    """How one vocabulary is read."""

    format: InvoiceFormat
    arithmetic: Arithmetic
    namespaces: dict[str, str]
    read: Callable[[Node, list[Finding]], Invoice]


_UBL = _Reader(InvoiceFormat.UBL, Arithmetic.STATED, ubl.NAMESPACES, ubl.read_ubl)
_READERS: dict[str, _Reader] = {
    ubl.INVOICE: _UBL,
    ubl.CREDIT_NOTE: _UBL,
    cii.INVOICE: _Reader(InvoiceFormat.CII, Arithmetic.STATED, cii.NAMESPACES, cii.read_cii),
    einvoice.DIGITAL: _Reader(
        InvoiceFormat.CHINESE_XML, Arithmetic.ROUNDED, {}, einvoice.read_digital
    ),
    einvoice.ELECTRONIC: _Reader(
        InvoiceFormat.CHINESE_XML,
        Arithmetic.ROUNDED,
        einvoice.NAMESPACES,
        einvoice.read_electronic,
    ),
}


def invoice_json(invoice: Invoice) -> dict[str, Any]:
    """An invoice as JSON: what was read, amounts in minor units."""
    totals = invoice.totals
    return {
        "kind": invoice.kind,
        "type_code": invoice.type_code,
        "number": invoice.number,
        "issue_date": invoice.issue_date.isoformat(),
        "due_date": invoice.due_date and invoice.due_date.isoformat(),
        "payment_terms": invoice.payment_terms,
        "currency": invoice.currency,
        "seller": _party_json(invoice.seller),
        "buyer": _party_json(invoice.buyer),
        "payee": invoice.payee and _party_json(invoice.payee),
        "is_assigned": invoice.is_assigned,
        "lines": [
            {
                "description": line.description,
                "quantity": str(line.quantity),
                "unit": line.unit,
                "unit_price": line.unit_price and str(line.unit_price),
                "tax_percent": str(line.rate.percent),
                "net_minor": line.net.amount_minor,
            }
            for line in invoice.lines
        ],
        "totals": {
            f"{name}_minor": getattr(totals, name).amount_minor
            for name in ("lines", "net", "tax", "gross", "prepaid", "rounding", "payable")
        },
        "order_number": invoice.order_number,
        "contract_number": invoice.contract_number,
        "delivery_number": invoice.delivery_number,
        "preceding": list(invoice.preceding),
    }


def _party_json(party: Any) -> dict[str, Any]:
    return {
        "name": party.name,
        "country": party.country,
        "identifiers": [
            {"scheme": entry.scheme, "value": entry.value} for entry in party.identifiers
        ],
    }
