"""Chinese electronic invoices: the XML of 数电票 (fully digital) and that inside an OFD.

Two vocabularies are in use. `EInvoice` is the State Taxation Administration's fully digital
invoice, with a number of 20 digits. `eInvoice` is the older one of electronic VAT invoices, whose
number is unique only together with its code. Amounts are CNY; tax is stated line by line; a red
invoice (红字) has negative amounts and is a credit note.
"""

from chainfin.domain.errors import DocumentFieldMalformed
from chainfin.domain.findings import Finding
from chainfin.domain.invoices import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceTotals,
    TaxRate,
    subtotals_of,
)
from chainfin.domain.money import ExactDecimal, Money
from chainfin.domain.parties import IdentifierScheme, Party, PartyIdentifier
from chainfin.interchange.nodes import Node, parse_decimal
from chainfin.interchange.ubl import checked

DIGITAL = "EInvoice"
NAMESPACES = {"fp": "http://www.edrm.org.cn/schema/e-invoice/2019"}
ELECTRONIC = "{http://www.edrm.org.cn/schema/e-invoice/2019}eInvoice"

_CURRENCY = "CNY"
_ONE = ExactDecimal(1, 0)
_UNTAXED = frozenset({"免税", "不征税", "***", "*", "出口零税率", "普通零税率"})
"""Written where a rate would stand: exempt, not taxed, zero-rated."""


def read_digital(root: Node, findings: list[Finding]) -> Invoice:
    """Read a fully digital invoice (数电票); faults become findings."""
    basic = "EInvoiceData/BasicInformation"
    lines = tuple(
        _line(node, "ItemName", "MeaUnits", "UnPrice", "Amount", "TaxRate", "ComTaxAm")
        for node in root.children("EInvoiceData/IssuItemInformation")
    )
    return _invoice(
        number=root.required("TaxSupervisionInfo/InvoiceNumber"),
        day=(root, "TaxSupervisionInfo/IssueTime"),
        seller=_party(root, "EInvoiceData/SellerInformation", "Seller", "IdNum", findings),
        buyer=_party(root, "EInvoiceData/BuyerInformation", "Buyer", "IdNum", findings),
        lines=lines,
        net=root.required_amount(f"{basic}/TotalAmWithoutTax", _CURRENCY),
        tax=root.required_amount(f"{basic}/TotalTaxAm", _CURRENCY),
        gross=root.required_amount(f"{basic}/TotalTax-includedAmount", _CURRENCY),
    )


def read_electronic(root: Node, findings: list[Finding]) -> Invoice:
    """Read an electronic VAT invoice as it lies in an OFD; faults become findings."""
    code = root.text("fp:InvoiceCode") or ""
    names = ("fp:Item", "fp:MeasurementDimension", "fp:Price", "fp:Amount", "fp:TaxScheme")
    lines = tuple(
        _line(node, *names, "fp:TaxAmount", quantity="fp:Quantity")
        for node in root.children("fp:GoodsInfos/fp:GoodsInfo")
    )
    return _invoice(
        number=code + root.required("fp:InvoiceNo"),
        day=(root, "fp:IssueDate"),
        seller=_party(root, "fp:Seller", "fp:Seller", "TaxID", findings),
        buyer=_party(root, "fp:Buyer", "fp:Buyer", "TaxID", findings),
        lines=lines,
        net=root.required_amount("fp:TaxExclusiveTotalAmount", _CURRENCY),
        tax=root.required_amount("fp:TaxTotalAmount", _CURRENCY),
        gross=root.required_amount("fp:TaxInclusiveTotalAmount", _CURRENCY),
    )


def _invoice(
    *,
    number: str,
    day: tuple[Node, str],
    seller: Party,
    buyer: Party,
    lines: tuple[InvoiceLine, ...],
    net: Money,
    tax: Money,
    gross: Money,
) -> Invoice:
    nothing = Money(0, _CURRENCY)
    is_red = gross.amount_minor < 0
    root, path = day
    return Invoice(
        kind=InvoiceKind.CREDIT_NOTE if is_red else InvoiceKind.INVOICE,
        type_code="381" if is_red else "380",
        number=number,
        issue_date=root.required_day(path),
        due_date=None,
        payment_terms="",
        currency=_CURRENCY,
        seller=seller,
        buyer=buyer,
        payee=None,
        lines=lines,
        adjustments=(),
        subtotals=subtotals_of(lines, _CURRENCY),
        totals=InvoiceTotals(
            lines=net,
            net=net,
            tax=tax,
            gross=gross,
            prepaid=nothing,
            rounding=nothing,
            payable=gross,
        ),
    )


def _party(root: Node, path: str, role: str, number: str, findings: list[Finding]) -> Party:
    node = root.child(path)
    if node is None:
        return Party(root.required(path))
    entry = node.child(f"{role}{number}")
    found: list[PartyIdentifier] = []
    if entry is not None and entry.content:
        # Most tax numbers are credit codes; older ones are numbers of a register of their own.
        is_credit_code = len(entry.content) == len("91110000600037341L")
        scheme = IdentifierScheme.USCC if is_credit_code else IdentifierScheme.REGISTRATION
        found += checked(entry, findings, scheme)
    return Party(node.required(f"{role}Name"), tuple(found), "CN")


def _line(
    node: Node,
    description: str,
    unit: str,
    price: str,
    amount: str,
    rate: str,
    tax: str,
    *,
    quantity: str = "Quantity",
) -> InvoiceLine:
    # A discount line has neither quantity nor price.
    units = node.decimal(quantity) if node.text(quantity) else None
    return InvoiceLine(
        description=node.text(description) or "",
        quantity=units or _ONE,
        unit=node.text(unit) or "",
        unit_price=node.decimal(price) if units and node.text(price) else None,
        price_quantity=_ONE,
        rate=_rate(node, rate),
        net=node.required_amount(amount, _CURRENCY),
        tax=_tax(node, tax),
    )


def _tax(node: Node, path: str) -> Money:
    text = node.text(path)
    if text is None or text in _UNTAXED:
        return Money(0, _CURRENCY)
    return node.required_amount(path, _CURRENCY)


def _rate(node: Node, path: str) -> TaxRate:
    """A rate as "13%", "0.13" or in words."""
    text = node.text(path) or "免税"
    if text in _UNTAXED:
        return TaxRate("E", ExactDecimal(0, 0))
    percent = parse_decimal(text.removesuffix("%"))
    if percent is None:
        node.note(DocumentFieldMalformed(path, text[:20], "a rate such as 13%"), path)
        return TaxRate("S", ExactDecimal(0, 0))
    if not text.endswith("%"):
        percent = ExactDecimal(percent.digits * 100, percent.places).normalised()
    return TaxRate("S" if percent.digits else "Z", percent)
