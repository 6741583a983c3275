"""Invoices in the project's own small JSON shape, for examples and tests.

One object a file, every key required, no other key allowed; amounts and numbers are decimal text,
dates are ISO 8601. docs/documents.md shows one.
"""

from datetime import date

import msgspec

from chainfin.domain.errors import InvoiceMalformed
from chainfin.domain.invoices import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceTotals,
    TaxRate,
    subtotals_of,
)
from chainfin.domain.money import ExactDecimal, Money
from chainfin.domain.parties import Party


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    description: str
    quantity: str
    unit: str
    unit_price: str
    tax_percent: str
    net: str
    tax: str


class _Totals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    net: str
    tax: str
    gross: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: str
    seller_name: str
    buyer_name: str
    issue_date: date
    due_date: date
    currency: str
    lines: list[_Line]
    totals: _Totals


def read_json(content: bytes) -> Invoice:
    """Read an invoice in the project's JSON.

    Args:
        content: Bytes of the file, UTF-8 JSON.

    Raises:
        InvoiceMalformed: not JSON, a key missing or unknown, a number that is not decimal text,
            or no line.
        CurrencyUnknown: no ISO 4217 code.
        WrongDecimal: an amount that is not exact in its currency.
        AmountTooLarge: beyond 2^63 - 1 minor units.
    """
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvoiceMalformed(str(error)) from None
    if not file.lines:
        raise InvoiceMalformed("it has no line")
    lines = tuple(_line(line, file.currency) for line in file.lines)
    nothing = Money(0, file.currency)
    net, gross = Money.parse(file.totals.net, file.currency), file.totals.gross
    payable = Money.parse(gross, file.currency)
    return Invoice(
        kind=InvoiceKind.INVOICE,
        type_code="380",
        number=file.number,
        issue_date=file.issue_date,
        due_date=file.due_date,
        payment_terms="",
        currency=file.currency,
        seller=Party(file.seller_name),
        buyer=Party(file.buyer_name),
        payee=None,
        lines=lines,
        adjustments=(),
        subtotals=subtotals_of(lines, file.currency),
        totals=InvoiceTotals(
            lines=net,
            net=net,
            tax=Money.parse(file.totals.tax, file.currency),
            gross=payable,
            prepaid=nothing,
            rounding=nothing,
            payable=payable,
        ),
    )


def _line(line: _Line, currency: str) -> InvoiceLine:
    return InvoiceLine(
        description=line.description,
        quantity=_decimal(line.quantity, "quantity"),
        unit=line.unit,
        unit_price=_decimal(line.unit_price, "unit_price"),
        price_quantity=ExactDecimal(1, 0),
        rate=TaxRate("S", _decimal(line.tax_percent, "tax_percent").normalised()),
        net=Money.parse(line.net, currency),
        tax=Money.parse(line.tax, currency),
    )


def _decimal(text: str, key: str) -> ExactDecimal:
    decimal = ExactDecimal.parse(text)
    if decimal is None:
        raise InvoiceMalformed(f"{key} “{text[:60]}” is not decimal text")
    return decimal
