"""Three-way match: what was ordered, what was delivered, what is billed (单据三单匹配).

An invoice alone says that somebody wants money. With the buyer's order and the delivery note, or
the receipt of the warehouse that holds the goods, it says that goods were asked for and came: the
check a buyer's accounts make before they approve, and the one that invented or inflated invoices
fail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

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
    """A line of an order, a delivery note or a warehouse receipt.

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
    """A purchase order, or the note of a delivery on one, or a warehouse's receipt of it.

    Attributes:
        document_type: `ORDER`, `WAYBILL` or `WAREHOUSE_RECEIPT`.
        number: As printed.
        issue_date: Day of issue.
        order_number: The order a delivery is on; an order's own number.
        buyer: Who ordered; to whose order a warehouse holds the goods.
        seller: Who delivers; who deposited the goods.
        lines: At least one.
        total: What an order may cost before tax, where it says so; None on the others.
        warehouse: Who holds the goods, on a warehouse receipt.
    """

    document_type: DocumentType
    number: str
    issue_date: date
    order_number: str
    buyer: Party
    seller: Party
    lines: tuple[GoodsLine, ...]
    total: Money | None
    warehouse: Party | None = None

    def facts(self) -> dict[str, str]:
        """The fields a commitment covers."""
        total = {} if self.total is None else {"net": self.total.decimal_text()}
        held_by = {} if self.warehouse is None else {"warehouse_name": self.warehouse.name}
        return {
            "number": self.number,
            "order_number": self.order_number,
            "issue_date": self.issue_date.isoformat(),
            "seller_name": self.seller.name,
            "buyer_name": self.buyer.name,
            **total,
            **held_by,
        }


def match_three_ways(
    invoice: Invoice, order: GoodsDocument, deliveries: Iterable[GoodsDocument]
) -> list[Finding]:
    """Compare an invoice with its order and the deliveries on it; every difference is a finding.

    Goods are told apart by description and unit. Billed is at most what was delivered, delivered
    at most what was ordered, and the net at most the order's total. Where a warehouse's receipts
    are among the deliveries, billed is at most what it received, and that at most what was
    delivered, or ordered where there is no delivery note.
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
    ordered, delivered, received = (
        _sums(
            (line.description, line.unit, line.quantity)
            for document in (order, *notes)
            if document.document_type is kind
            for line in document.lines
        )
        for kind in (DocumentType.ORDER, DocumentType.WAYBILL, DocumentType.WAREHOUSE_RECEIPT)
    )
    billed = _sums((line.description, line.unit, line.quantity) for line in invoice.lines)
    steps = [("ordered", ordered)]
    if delivered or not received:
        steps.append(("delivered", delivered))
    if received:
        steps.append(("received", received))
    for (before, available), (doing, sums) in pairwise([*steps, ("billed", billed)]):
        for (name, unit), quantity in sums.items():
            bound = available.get((name, unit), _NOTHING)
            if _is_more(quantity, bound):
                error = QuantityExceeded(name, doing, str(quantity), before, str(bound))
                yield error, "/lines"


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
