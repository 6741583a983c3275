"""Three-way match: what was ordered, what was delivered, what is billed (单据三单匹配).

An invoice alone says that somebody wants money. With the buyer's order and the delivery note it
says that goods were asked for and came: the check a buyer's accounts make before they approve, and
the one that invented or inflated invoices fail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from chainfin.domain.documents import DocumentType, canonical_number
from chainfin.domain.errors import (
    ChainfinError,
    OrderMismatch,
    PartyMismatch,
    QuantityExceeded,
    ValueExceeded,
)
from chainfin.domain.findings import Finding
from chainfin.domain.invoices import Invoice
from chainfin.domain.money import ExactDecimal, Money
from chainfin.domain.names import normalise_name
from chainfin.domain.parties import Party


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """A line of an order or a delivery note.

    Attributes:
        description: What it is.
        quantity: How many units.
        unit: What one unit is, as written.
    """

    description: str
    quantity: ExactDecimal
    unit: str


@dataclass(frozen=True, slots=True)
class GoodsDocument:
    """A purchase order, or the note of a delivery on one.

    Attributes:
        document_type: `ORDER` or `WAYBILL`.
        number: As printed.
        issue_date: Day of issue.
        order_number: The order a delivery is on; an order's own number.
        buyer: Who ordered.
        seller: Who delivers.
        lines: At least one.
        total: What an order may cost before tax, where it says so; None on a delivery note.
    """

    document_type: DocumentType
    number: str
    issue_date: date
    order_number: str
    buyer: Party
    seller: Party
    lines: tuple[GoodsLine, ...]
    total: Money | None

    def facts(self) -> dict[str, str]:
        """The fields a commitment covers."""
        total = {} if self.total is None else {"net": self.total.decimal_text()}
        return {
            "number": self.number,
            "order_number": self.order_number,
            "issue_date": self.issue_date.isoformat(),
            "seller_name": self.seller.name,
            "buyer_name": self.buyer.name,
            **total,
        }


def match_three_ways(
    invoice: Invoice, order: GoodsDocument, deliveries: Iterable[GoodsDocument]
) -> list[Finding]:
    """Compare an invoice with its order and the deliveries on it; every difference is a finding.

    Goods are told apart by description and unit. Billed is at most what was delivered, delivered
    at most what was ordered, and the net at most the order's total.
    """
    notes = list(deliveries)
    found = [
        *_same_order(invoice, order, notes),
        *_same_parties(invoice, order, notes),
        *_quantities(invoice, order, notes),
    ]
    if order.total is not None and order.total.currency != invoice.currency:
        found.append((PartyMismatch("currency", order.total.currency, invoice.currency), "/totals"))
    elif order.total is not None and invoice.totals.net.amount_minor > order.total.amount_minor:
        found.append((ValueExceeded(str(invoice.totals.net), str(order.total)), "/totals/net"))
    return [Finding(error, place) for error, place in found]


_Found = Iterator[tuple[ChainfinError, str]]


def _same_order(invoice: Invoice, order: GoodsDocument, notes: list[GoodsDocument]) -> _Found:
    wanted = canonical_number(order.number)
    named = [("invoice", invoice.order_number or ""), *((n.number, n.order_number) for n in notes)]
    for document, number in named:
        if not number.strip() or canonical_number(number) != wanted:
            yield OrderMismatch(document, number, order.number), "/order_number"


def _same_parties(invoice: Invoice, order: GoodsDocument, notes: list[GoodsDocument]) -> _Found:
    for document in (order, *notes):
        for role, ours, theirs in (
            ("buyer", invoice.buyer, document.buyer),
            ("seller", invoice.seller, document.seller),
        ):
            if not ours.is_same_as(theirs):
                yield PartyMismatch(role, theirs.name, ours.name), f"/{role}"


def _quantities(invoice: Invoice, order: GoodsDocument, notes: list[GoodsDocument]) -> _Found:
    ordered = _sums((line.description, line.unit, line.quantity) for line in order.lines)
    delivered = _sums(
        (line.description, line.unit, line.quantity) for note in notes for line in note.lines
    )
    billed = _sums((line.description, line.unit, line.quantity) for line in invoice.lines)
    for (name, unit), quantity in billed.items():
        came = delivered.get((name, unit), _NOTHING)
        if _is_more(quantity, came):
            yield QuantityExceeded(name, "billed", str(quantity), "delivered", str(came)), "/lines"
    for (name, unit), quantity in delivered.items():
        asked = ordered.get((name, unit), _NOTHING)
        if _is_more(quantity, asked):
            yield (
                QuantityExceeded(name, "delivered", str(quantity), "ordered", str(asked)),
                "/lines",
            )


_NOTHING = ExactDecimal(0, 0)


def _sums(
    lines: Iterable[tuple[str, str, ExactDecimal]],
) -> dict[tuple[str, str], ExactDecimal]:
    sums: dict[tuple[str, str], ExactDecimal] = {}
    for description, unit, quantity in lines:
        key = (normalise_name(description), unit)
        sums[key] = sums.get(key, _NOTHING).plus(quantity)
    return sums


def _is_more(one: ExactDecimal, other: ExactDecimal) -> bool:
    return one.plus(ExactDecimal(-other.digits, other.places)).digits > 0
