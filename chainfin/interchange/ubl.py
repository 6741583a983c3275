"""UBL 2.1 invoices and credit notes (OASIS; EN 16931 syntax binding in CEN/TS 16931-3-2)."""

from collections.abc import Iterator

from chainfin.domain.errors import IdentifierMalformed
from chainfin.domain.findings import Finding, Severity
from chainfin.domain.invoices import (
    CREDIT_NOTE_CODES,
    AllowanceCharge,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceTotals,
    TaxRate,
    TaxSubtotal,
)
from chainfin.domain.money import ExactDecimal, Money
from chainfin.domain.parties import IdentifierScheme, Party, PartyIdentifier
from chainfin.interchange.nodes import Node, require_currency
from chainfin.interchange.parties import identifier, scheme_of

INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
CREDIT_NOTE = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
ONE = ExactDecimal(1, 0)


def read_ubl(root: Node, findings: list[Finding]) -> Invoice:
    """Read a UBL document; faults become findings, and then the answer is not to be used.

    Raises:
        CurrencyUnknown: its currency is no ISO 4217 code.
    """
    currency = require_currency(root, "cbc:DocumentCurrencyCode")
    is_credit_note = root.local_name == "CreditNote"
    element, otherwise = ("CreditNote", "381") if is_credit_note else ("Invoice", "380")
    type_code = root.text(f"cbc:{element}TypeCode") or otherwise
    kind = InvoiceKind.CREDIT_NOTE if type_code in CREDIT_NOTE_CODES else InvoiceKind.INVOICE
    due = root.day("cbc:DueDate") or root.day("cac:PaymentMeans/cbc:PaymentDueDate")
    return Invoice(
        kind=InvoiceKind.CREDIT_NOTE if is_credit_note else kind,
        type_code=type_code,
        number=root.required("cbc:ID"),
        issue_date=root.required_day("cbc:IssueDate"),
        due_date=due,
        payment_terms=root.text("cac:PaymentTerms/cbc:Note") or "",
        currency=currency,
        seller=read_party(root, "cac:AccountingSupplierParty/cac:Party", findings),
        buyer=read_party(root, "cac:AccountingCustomerParty/cac:Party", findings),
        payee=_payee(root.child("cac:PayeeParty"), findings),
        lines=tuple(_line(line, currency) for line in root.children(f"cac:{element}Line")),
        adjustments=tuple(_adjustments(root, currency, with_rate=True)),
        subtotals=tuple(_subtotals(root, currency)),
        totals=_totals(root, currency),
        order_number=root.text("cac:OrderReference/cbc:ID"),
        contract_number=root.text("cac:ContractDocumentReference/cbc:ID"),
        delivery_number=root.text("cac:DespatchDocumentReference/cbc:ID"),
        preceding=tuple(
            reference.required("cac:InvoiceDocumentReference/cbc:ID")
            for reference in root.children("cac:BillingReference")
        ),
    )


def read_party(root: Node, path: str, findings: list[Finding]) -> Party:
    """The party at a path; a finding where there is none, or it has no name."""
    node = root.child(path)
    if node is None:
        return Party(root.required(path))
    name = node.text("cac:PartyLegalEntity/cbc:RegistrationName")
    return Party(
        name=name or node.required("cac:PartyName/cbc:Name"),
        identifiers=tuple(sorted(set(_identifiers(node, findings)))),
        country=node.text("cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    )


def _payee(node: Node | None, findings: list[Finding]) -> Party | None:
    if node is None:
        return None
    identifiers = tuple(sorted(set(_identifiers(node, findings))))
    return Party(node.required("cac:PartyName/cbc:Name"), identifiers)


def _identifiers(node: Node, findings: list[Finding]) -> Iterator[PartyIdentifier]:
    for entry in node.children("cac:PartyIdentification/cbc:ID"):
        # Without a register's code it is the buyer's or seller's own number of the other.
        if entry.attribute("schemeID") is not None:
            yield from checked(entry, findings)
    for entry in node.children("cac:PartyLegalEntity/cbc:CompanyID"):
        yield from checked(entry, findings)
    for entry in node.children("cac:PartyTaxScheme"):
        number = entry.child("cbc:CompanyID")
        if number is not None and entry.text("cac:TaxScheme/cbc:ID") == "VAT":
            yield from checked(number, findings, IdentifierScheme.VAT)


def checked(
    node: Node, findings: list[Finding], scheme: IdentifierScheme | None = None
) -> Iterator[PartyIdentifier]:
    """An identifier, unless it breaks its register's rules: then a warning."""
    if not node.content:
        return
    known = scheme or scheme_of(node.attribute("schemeID"), node.content)
    found, is_valid = identifier(node.content, known)
    if is_valid:
        yield found
    else:
        error = IdentifierMalformed(str(known), node.content)
        findings.append(Finding(error, node.path, Severity.WARNING))


def _line(node: Node, currency: str) -> InvoiceLine:
    quantity = node.child("cbc:InvoicedQuantity") or node.child("cbc:CreditedQuantity")
    price_quantity = node.positive("cac:Price/cbc:BaseQuantity")
    return InvoiceLine(
        description=node.text("cac:Item/cbc:Name") or "",
        quantity=(quantity.own_decimal() if quantity else None) or ONE,
        unit=(quantity.attribute("unitCode") if quantity else None) or "",
        unit_price=node.decimal("cac:Price/cbc:PriceAmount"),
        price_quantity=price_quantity or ONE,
        rate=_rate(node.child("cac:Item/cac:ClassifiedTaxCategory")),
        net=node.required_amount("cbc:LineExtensionAmount", currency),
        adjustments=tuple(_adjustments(node, currency, with_rate=False)),
    )


def _rate(node: Node | None) -> TaxRate:
    if node is None:
        return TaxRate("", ExactDecimal(0, 0))
    percent = node.decimal("cbc:Percent") or ExactDecimal(0, 0)
    return TaxRate(node.text("cbc:ID") or "", percent)


def _adjustments(node: Node, currency: str, *, with_rate: bool) -> Iterator[AllowanceCharge]:
    for entry in node.children("cac:AllowanceCharge"):
        yield AllowanceCharge(
            is_charge=entry.required("cbc:ChargeIndicator") in {"true", "1"},
            amount=entry.required_amount("cbc:Amount", currency),
            rate=_rate(entry.child("cac:TaxCategory")) if with_rate else None,
        )


def _subtotals(root: Node, currency: str) -> Iterator[TaxSubtotal]:
    total = _tax_total(root, currency)
    for entry in total.children("cac:TaxSubtotal") if total else ():
        yield TaxSubtotal(
            rate=_rate(entry.child("cac:TaxCategory")),
            taxable=entry.required_amount("cbc:TaxableAmount", currency),
            tax=entry.required_amount("cbc:TaxAmount", currency),
        )


def _tax_total(root: Node, currency: str) -> Node | None:
    """The tax in the invoice's own currency; a second one may be in the tax office's."""
    for total in root.children("cac:TaxTotal"):
        amount = total.child("cbc:TaxAmount")
        if amount is not None and amount.attribute("currencyID") in {None, currency}:
            return total
    return None


def _totals(root: Node, currency: str) -> InvoiceTotals:
    nothing = Money(0, currency)
    total = root.child("cac:LegalMonetaryTotal")
    tax_total = _tax_total(root, currency)
    if total is None:
        root.required("cac:LegalMonetaryTotal")
        return InvoiceTotals(*[nothing] * 7)
    return InvoiceTotals(
        lines=total.required_amount("cbc:LineExtensionAmount", currency),
        net=total.required_amount("cbc:TaxExclusiveAmount", currency),
        tax=tax_total.required_amount("cbc:TaxAmount", currency) if tax_total else nothing,
        gross=total.required_amount("cbc:TaxInclusiveAmount", currency),
        prepaid=total.amount("cbc:PrepaidAmount", currency) or nothing,
        rounding=total.amount("cbc:PayableRoundingAmount", currency) or nothing,
        payable=total.required_amount("cbc:PayableAmount", currency),
    )
