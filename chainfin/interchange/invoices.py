"""Invoices in the project's own small JSON shape, for examples and tests.

One object a file, every key required, no other key allowed; amounts and numbers are decimal text,
dates are ISO 8601. docs/documents.md shows one. Trade formats (UBL, CII, OFD) end in the same
`Invoice`.
"""

from datetime import date

import msgspec

from chainfin.domain.documents import Invoice, InvoiceLine
from chainfin.domain.errors import InvoiceMalformed
from chainfin.domain.money import ExactDecimal, Money


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


def read_invoice(content: bytes) -> Invoice:
    """Read an invoice and recompute its figures.

    Args:
        content: Bytes of the file, UTF-8 JSON.

    Raises:
        InvoiceMalformed: not JSON, a key missing or unknown, a number that is not decimal text,
            or no line.
        CurrencyUnknown: no ISO 4217 code.
        WrongDecimal: an amount that is not exact in its currency.
        AmountTooLarge: beyond 2^63 - 1 minor units.
        DatesOutOfOrder: due before issued.
        TotalsDoNotAddUp: a figure differs from what the lines give.
    """
    try:
        file = msgspec.json.decode(content, type=_File)
    except msgspec.DecodeError as error:
        raise InvoiceMalformed(str(error)) from None
    if not file.lines:
        raise InvoiceMalformed("it has no line")
    return Invoice(
        number=file.number,
        seller_name=file.seller_name,
        buyer_name=file.buyer_name,
        issue_date=file.issue_date,
        due_date=file.due_date,
        currency=file.currency,
        lines=tuple(_line(line, file.currency) for line in file.lines),
        net=Money.parse(file.totals.net, file.currency),
        tax=Money.parse(file.totals.tax, file.currency),
        gross=Money.parse(file.totals.gross, file.currency),
    )


def _line(line: _Line, currency: str) -> InvoiceLine:
    return InvoiceLine(
        description=line.description,
        quantity=_decimal(line.quantity, "quantity"),
        unit=line.unit,
        unit_price=_decimal(line.unit_price, "unit_price"),
        tax_percent=_decimal(line.tax_percent, "tax_percent"),
        net=Money.parse(line.net, currency),
        tax=Money.parse(line.tax, currency),
    )


def _decimal(text: str, key: str) -> ExactDecimal:
    decimal = ExactDecimal.parse(text)
    if decimal is None:
        raise InvoiceMalformed(f"{key} “{text[:60]}” is not decimal text")
    return decimal
