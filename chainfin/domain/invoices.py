"""Invoices: who bills whom for how much, and whether the figures agree.

One object for every format: UBL, CII, the XML inside a PDF, an OFD, the project's own JSON. It
follows the semantic model of EN 16931 as far as financing needs it; the codes BT-… of that standard
stand beside the attributes. Every figure is recomputed here from exact decimals, without trusting
the document or any rule engine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chainfin.domain.errors import (
    AmountNotPositive,
    ChainfinError,
    CreditNoteRefused,
    DatesOutOfOrder,
    DueDateMissing,
    InvoiceOverdue,
    PayeeNotSeller,
    TotalsDoNotAddUp,
)
from chainfin.domain.findings import Finding, Severity
from chainfin.domain.money import AMOUNT_LIMIT_MINOR, ExactDecimal, Money, exponent_of
from chainfin.domain.parties import Party

CREDIT_NOTE_CODES = frozenset(
    ["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"],
)
"""Document types (UNTDID 1001) by which a seller owes, not a buyer."""
_ANY = AMOUNT_LIMIT_MINOR
"""A difference of any size is only worth a look."""

FACTORED_CODES = frozenset({"393", "396"})
"""Document types that say by themselves: assigned to a factor."""


class Arithmetic(StrEnum):
    """How far a format binds what multiplies: quantity times price, net times rate of a line."""

    EXACT = "exact"
    """Every product is exact to the minor unit."""
    ROUNDED = "rounded"
    """A product may be away by its roundings, which is a warning."""
    STATED = "stated"
    """A line's amount is what it states; another product is a warning (EN 16931 has no rule)."""


class InvoiceKind(StrEnum):
    """Which way money is owed."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate lines, allowances and tax amounts are grouped by.

    Attributes:
        category: UNCL 5305: S standard, Z zero, E exempt, AE reverse charge ... (BT-118).
        percent: In percent; 0 where the category has none (BT-119).
    """

    category: str
    percent: ExactDecimal


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """An allowance taken off, or a charge put on.

    Attributes:
        is_charge: Whether it is put on.
        amount: How much, net of tax (BT-92, BT-99).
        rate: Its tax rate; None on a line, which has its own.
    """

    is_charge: bool
    amount: Money
    rate: TaxRate | None = None

    @property
    def signed(self) -> Money:
        """What it adds to the net."""
        return self.amount if self.is_charge else -self.amount


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of an invoice.

    Attributes:
        description: What was sold (BT-153).
        quantity: How many units (BT-129).
        unit: What one unit is, as written: UN/ECE code or word (BT-130).
        unit_price: Net price of `price_quantity` units, with as many decimals as needed (BT-146);
            None where the line states only its amount.
        price_quantity: How many units the price is for (BT-149).
        rate: Its tax rate (BT-151, BT-152).
        net: Quantity times price, less allowances, plus charges; half-up (BT-131).
        tax: Tax of the line where the format states it line by line (OFD, JSON), else None.
        adjustments: Allowances and charges of the line.
    """

    description: str
    quantity: ExactDecimal
    unit: str
    unit_price: ExactDecimal | None
    price_quantity: ExactDecimal
    rate: TaxRate
    net: Money
    tax: Money | None = None
    adjustments: tuple[AllowanceCharge, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxSubtotal:
    """What one rate is applied to, and what it gives (BG-23)."""

    rate: TaxRate
    taxable: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class InvoiceTotals:
    """The figures at an invoice's foot (BG-22), all stated by the document.

    Attributes:
        lines: Sum of the lines' net (BT-106).
        net: That, less allowances, plus charges (BT-109).
        tax: Sum of the tax subtotals (BT-110).
        gross: Net plus tax (BT-112).
        prepaid: Paid already (BT-113).
        rounding: Added to the amount due so that it is round (BT-114).
        payable: Gross less prepaid plus rounding: what is owed (BT-115).
    """

    lines: Money
    net: Money
    tax: Money
    gross: Money
    prepaid: Money
    rounding: Money
    payable: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """A seller's bill to a buyer, or a credit note.

    Attributes:
        kind: Invoice or credit note.
        type_code: Document type of UNTDID 1001 as written, "380" where the format has none.
        number: As printed (BT-1); `canonical_number` is its comparable form.
        issue_date: Day of issue (BT-2).
        due_date: Last day to pay (BT-9), or None.
        payment_terms: The terms in words (BT-20); empty if there are none.
        currency: ISO 4217 code of every amount (BT-5).
        seller: Who is owed (BG-4).
        buyer: Who owes (BG-7).
        payee: Who is to be paid, where it is not the seller (BG-10), or None.
        lines: At least one.
        adjustments: Allowances and charges of the whole document (BG-20, BG-21).
        subtotals: Tax by rate.
        totals: The figures at its foot.
        order_number: The buyer's order (BT-13), or None.
        contract_number: The contract (BT-12), or None.
        delivery_number: The delivery note (BT-16), or None.
        preceding: Numbers of the invoices it corrects (BT-25).
    """

    kind: InvoiceKind
    type_code: str
    number: str
    issue_date: date
    due_date: date | None
    payment_terms: str
    currency: str
    seller: Party
    buyer: Party
    payee: Party | None
    lines: tuple[InvoiceLine, ...]
    adjustments: tuple[AllowanceCharge, ...]
    subtotals: tuple[TaxSubtotal, ...]
    totals: InvoiceTotals
    order_number: str | None = None
    contract_number: str | None = None
    delivery_number: str | None = None
    preceding: tuple[str, ...] = ()

    @property
    def is_assigned(self) -> bool:
        """Whether somebody else than the seller is to be paid: a factor, as a rule."""
        named = self.payee is not None and not self.payee.is_same_as(self.seller)
        return named or self.type_code in FACTORED_CODES

    def facts(self) -> dict[str, str]:
        """The fields a commitment covers, as text by name; amounts and dates as written."""
        optional = {
            "due_date": self.due_date and self.due_date.isoformat(),
            "order_number": self.order_number,
            "contract_number": self.contract_number,
            "delivery_number": self.delivery_number,
        }
        parties = {
            f"{role}_{entry.scheme}": entry.value
            for role, party in (("seller", self.seller), ("buyer", self.buyer))
            for entry in party.identifiers
        }
        return {
            "number": self.number,
            "seller_name": self.seller.name,
            "buyer_name": self.buyer.name,
            "issue_date": self.issue_date.isoformat(),
            "currency": self.currency,
            "net": self.totals.net.decimal_text(),
            "tax": self.totals.tax.decimal_text(),
            "gross": self.totals.gross.decimal_text(),
            "payable": self.totals.payable.decimal_text(),
            **parties,
            **{name: value for name, value in optional.items() if value},
        }


def subtotals_of(lines: Iterable[InvoiceLine], currency: str) -> tuple[TaxSubtotal, ...]:
    """Tax by rate for formats that state tax line by line, in the order of first appearance."""
    nothing = Money(0, currency)
    sums: dict[TaxRate, tuple[Money, Money]] = {}
    for line in lines:
        taxable, tax = sums.get(line.rate, (nothing, nothing))
        sums[line.rate] = (taxable + line.net, tax + (line.tax or nothing))
    return tuple(TaxSubtotal(rate, *amounts) for rate, amounts in sums.items())


# --- financing -------------------------------------------------------------------------------


def check_financing(invoice: Invoice, due_date: date | None, today: date) -> list[Finding]:
    """Why an invoice cannot be financed, as far as it says so itself.

    Who is admitted, what is used and what is disputed is known to the service alone.

    Args:
        invoice: What was read.
        due_date: Day the receivable shall fall due: the invoice's own, or one agreed since.
        today: The day of business.
    """
    return [Finding(error, place) for error, place in _reasons_against(invoice, due_date, today)]


def _reasons_against(
    invoice: Invoice, due_date: date | None, today: date
) -> Iterator[tuple[ChainfinError, str]]:
    payable = invoice.totals.payable
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        yield CreditNoteRefused(invoice.number), "/kind"
    if payable.amount_minor <= 0:
        yield AmountNotPositive(str(payable)), "/totals/payable"
    if invoice.is_assigned:
        payee = invoice.payee.name if invoice.payee else f"a factor (type {invoice.type_code})"
        yield PayeeNotSeller(payee, invoice.seller.name), "/payee"
    if due_date is None:
        yield DueDateMissing(invoice.payment_terms), "/due_date"
    elif due_date < today:
        yield InvoiceOverdue(due_date.isoformat(), today.isoformat()), "/due_date"


# --- recomputing -----------------------------------------------------------------------------


def check_invoice(invoice: Invoice, arithmetic: Arithmetic) -> list[Finding]:
    """Recompute an invoice's dates and figures; every difference is a finding.

    Sums are exact and a difference refuses the document. A tax subtotal may be a minor unit away
    for each rounding its seller may have done; a line's own products are bound by `arithmetic`.
    """
    return [
        *_check_dates(invoice),
        *_check_lines(invoice, arithmetic),
        *_check_taxes(invoice),
        *_sums(invoice),
    ]


def _check_dates(invoice: Invoice) -> Iterator[Finding]:
    if invoice.due_date is not None and invoice.due_date < invoice.issue_date:
        error = DatesOutOfOrder(invoice.issue_date.isoformat(), invoice.due_date.isoformat())
        yield Finding(error, "/due_date")


def _check_lines(invoice: Invoice, arithmetic: Arithmetic) -> Iterator[Finding]:
    # One rounding for the product; a discount in percent rounds once more.
    roundings = {Arithmetic.EXACT: 0, Arithmetic.ROUNDED: 1, Arithmetic.STATED: _ANY}[arithmetic]
    for position, line in enumerate(invoice.lines):
        if line.unit_price is not None:
            product = _line_net(line, line.unit_price, invoice.currency)
            yield from _compare(f"/lines/{position}/net", line.net, product, roundings)
        if line.tax is not None:
            tax = tax_half_up(line.net, line.rate)
            yield from _compare(f"/lines/{position}/tax", line.tax, tax, roundings)


def _line_net(line: InvoiceLine, price: ExactDecimal, currency: str) -> Money:
    product = line.quantity.times_over_half_up(price, line.price_quantity, currency)
    return sum((entry.signed for entry in line.adjustments), product)


def _check_taxes(invoice: Invoice) -> Iterator[Finding]:
    taxable = _taxable_by_rate(invoice)
    for position, subtotal in enumerate(invoice.subtotals):
        place = f"/subtotals/{position}"
        computed = taxable.pop(subtotal.rate, Money(0, invoice.currency))
        yield from _compare(f"{place}/taxable", subtotal.taxable, computed)
        # A seller may round the tax once, or line by line.
        lines = sum(line.rate == subtotal.rate for line in invoice.lines)
        tax = tax_half_up(subtotal.taxable, subtotal.rate)
        yield from _compare(f"{place}/tax", subtotal.tax, tax, max(1, lines))
    for rate, amount in taxable.items():
        if amount.amount_minor:
            name = f"{rate.category} {rate.percent}"
            yield from _compare(f"/subtotals/{name}", Money(0, invoice.currency), amount)


def _taxable_by_rate(invoice: Invoice) -> dict[TaxRate, Money]:
    nothing = Money(0, invoice.currency)
    taxable: dict[TaxRate, Money] = {}
    for line in invoice.lines:
        taxable[line.rate] = taxable.get(line.rate, nothing) + line.net
    for entry in invoice.adjustments:
        if entry.rate is not None:
            taxable[entry.rate] = taxable.get(entry.rate, nothing) + entry.signed
    return taxable


def tax_half_up(net: Money, rate: TaxRate) -> Money:
    """Tax on a net amount, rounded once; halves go away from zero."""
    decimal = ExactDecimal(net.amount_minor, exponent_of(net.currency))
    percent = ExactDecimal(rate.percent.digits, rate.percent.places + 2)
    return decimal.times_half_up(percent, net.currency)


def _sums(invoice: Invoice) -> Iterator[Finding]:
    totals, nothing = invoice.totals, Money(0, invoice.currency)
    adjustments = sum((entry.signed for entry in invoice.adjustments), nothing)
    taxes = sum((entry.tax for entry in invoice.subtotals), nothing)
    due = totals.gross - totals.prepaid + totals.rounding
    yield from _compare("/totals/lines", totals.lines, sum((x.net for x in invoice.lines), nothing))
    yield from _compare("/totals/net", totals.net, totals.lines + adjustments)
    yield from _compare("/totals/tax", totals.tax, taxes)
    yield from _compare("/totals/gross", totals.gross, totals.net + totals.tax)
    yield from _compare("/totals/payable", totals.payable, due)


def _compare(place: str, stated: Money, computed: Money, roundings: int = 0) -> Iterator[Finding]:
    """A finding where two figures differ; a warning if rounding can explain it."""
    difference = abs((stated - computed).amount_minor)
    if difference:
        error = TotalsDoNotAddUp(place, stated.decimal_text(), computed.decimal_text())
        is_rounding = difference <= roundings
        yield Finding(error, place, Severity.WARNING if is_rounding else Severity.FATAL)
