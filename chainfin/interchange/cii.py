"""UN/CEFACT Cross Industry Invoice D16B (EN 16931 syntax binding in CEN/TS 16931-3-3).

The same bytes travel alone or inside the PDF of a Factur-X or ZUGFeRD invoice.
"""

from collections.abc import Iterator

from chainfin.domain.findings import Finding
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
from chainfin.interchange.ubl import ONE, checked

INVOICE = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_TRADE = "rsm:SupplyChainTradeTransaction"
_AGREEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeAgreement"
_DELIVERY = f"{_TRADE}/ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
_TERMS = f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms"
_INDICATOR = "ram:ChargeIndicator/udt:Indicator"


def read_cii(root: Node, findings: list[Finding]) -> Invoice:
    """Read a Cross Industry Invoice; faults become findings, and then the answer is not to be used.

    Raises:
        CurrencyUnknown: its currency is no ISO 4217 code.
    """
    currency = require_currency(root, f"{_SETTLEMENT}/ram:InvoiceCurrencyCode")
    type_code = root.text("rsm:ExchangedDocument/ram:TypeCode") or "380"
    settlement = root.child(_SETTLEMENT) or root
    return Invoice(
        kind=InvoiceKind.CREDIT_NOTE if type_code in CREDIT_NOTE_CODES else InvoiceKind.INVOICE,
        type_code=type_code,
        number=root.required("rsm:ExchangedDocument/ram:ID"),
        issue_date=root.required_day("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString"),
        due_date=root.day(f"{_TERMS}/ram:DueDateDateTime/udt:DateTimeString"),
        payment_terms=root.text(f"{_TERMS}/ram:Description") or "",
        currency=currency,
        seller=_party(root, f"{_AGREEMENT}/ram:SellerTradeParty", findings),
        buyer=_party(root, f"{_AGREEMENT}/ram:BuyerTradeParty", findings),
        payee=_payee(root, findings),
        lines=tuple(
            _line(line, currency)
            for line in root.children(f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem")
        ),
        adjustments=tuple(_adjustments(settlement, currency, with_rate=True)),
        subtotals=tuple(_subtotals(settlement, currency)),
        totals=_totals(settlement, currency),
        order_number=root.text(f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/{_ASSIGNED}"),
        contract_number=root.text(f"{_AGREEMENT}/ram:ContractReferencedDocument/{_ASSIGNED}"),
        delivery_number=root.text(f"{_DELIVERY}/ram:DespatchAdviceReferencedDocument/{_ASSIGNED}"),
        preceding=tuple(
            reference.required(_ASSIGNED)
            for reference in settlement.children("ram:InvoiceReferencedDocument")
        ),
    )


_ASSIGNED = "ram:IssuerAssignedID"


def _party(root: Node, path: str, findings: list[Finding]) -> Party:
    node = root.child(path)
    if node is None:
        return Party(root.required(path))
    return Party(
        name=node.required("ram:Name"),
        identifiers=tuple(sorted(set(_identifiers(node, findings)))),
        country=node.text("ram:PostalTradeAddress/ram:CountryID"),
    )


def _payee(root: Node, findings: list[Finding]) -> Party | None:
    node = root.child(f"{_SETTLEMENT}/ram:PayeeTradeParty")
    if node is None:
        return None
    identifiers = tuple(sorted(set(_identifiers(node, findings))))
    return Party(node.required("ram:Name"), identifiers)


def _identifiers(node: Node, findings: list[Finding]) -> Iterator[PartyIdentifier]:
    for entry in node.children("ram:GlobalID"):
        yield from checked(entry, findings)
    for entry in node.children("ram:SpecifiedLegalOrganization/ram:ID"):
        yield from checked(entry, findings)
    for entry in node.children("ram:SpecifiedTaxRegistration/ram:ID"):
        if entry.attribute("schemeID") in {"VA", "VAT"}:
            yield from checked(entry, findings, IdentifierScheme.VAT)


def _line(node: Node, currency: str) -> InvoiceLine:
    quantity = node.child("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    price = node.child("ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice")
    settlement = node.child("ram:SpecifiedLineTradeSettlement") or node
    net = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    return InvoiceLine(
        description=node.text("ram:SpecifiedTradeProduct/ram:Name") or "",
        quantity=(quantity.own_decimal() if quantity else None) or ONE,
        unit=(quantity.attribute("unitCode") if quantity else None) or "",
        unit_price=price.decimal("ram:ChargeAmount") if price else None,
        price_quantity=(price.positive("ram:BasisQuantity") if price else None) or ONE,
        rate=_rate(settlement.child("ram:ApplicableTradeTax")),
        net=settlement.required_amount(net, currency),
        adjustments=tuple(_adjustments(settlement, currency, with_rate=False)),
    )


def _rate(node: Node | None) -> TaxRate:
    if node is None:
        return TaxRate("", ExactDecimal(0, 0))
    percent = node.decimal("ram:RateApplicablePercent") or ExactDecimal(0, 0)
    return TaxRate(node.text("ram:CategoryCode") or "", percent)


def _adjustments(node: Node, currency: str, *, with_rate: bool) -> Iterator[AllowanceCharge]:
    for entry in node.children("ram:SpecifiedTradeAllowanceCharge"):
        yield AllowanceCharge(
            is_charge=entry.required(_INDICATOR) in {"true", "1"},
            amount=entry.required_amount("ram:ActualAmount", currency),
            rate=_rate(entry.child("ram:CategoryTradeTax")) if with_rate else None,
        )
    for entry in node.children("ram:SpecifiedLogisticsServiceCharge"):
        yield AllowanceCharge(
            is_charge=True,
            amount=entry.required_amount("ram:AppliedAmount", currency),
            rate=_rate(entry.child("ram:AppliedTradeTax")) if with_rate else None,
        )


def _subtotals(settlement: Node, currency: str) -> Iterator[TaxSubtotal]:
    for entry in settlement.children("ram:ApplicableTradeTax"):
        yield TaxSubtotal(
            rate=_rate(entry),
            taxable=entry.required_amount("ram:BasisAmount", currency),
            tax=entry.required_amount("ram:CalculatedAmount", currency),
        )


def _totals(settlement: Node, currency: str) -> InvoiceTotals:
    nothing = Money(0, currency)
    total = settlement.child("ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    if total is None:
        settlement.required("ram:SpecifiedTradeSettlementHeaderMonetarySummation")
        return InvoiceTotals(*[nothing] * 7)
    return InvoiceTotals(
        lines=total.required_amount("ram:LineTotalAmount", currency),
        net=total.required_amount("ram:TaxBasisTotalAmount", currency),
        tax=_tax(total, currency) or nothing,
        gross=total.required_amount("ram:GrandTotalAmount", currency),
        prepaid=total.amount("ram:TotalPrepaidAmount", currency) or nothing,
        rounding=total.amount("ram:RoundingAmount", currency) or nothing,
        payable=total.required_amount("ram:DuePayableAmount", currency),
    )


def _tax(total: Node, currency: str) -> Money | None:
    """The tax in the invoice's own currency; a second one may be in the tax office's."""
    for entry in total.children("ram:TaxTotalAmount"):
        if entry.attribute("currencyID") in {None, currency}:
            return entry.own_amount(currency)
    return None
