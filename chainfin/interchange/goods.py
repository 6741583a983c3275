"""Purchase orders, delivery notes and warehouse receipts.

Orders and delivery notes are UBL 2.1 (`Order`, `DespatchAdvice`). UBL has no warehouse receipt, by
which a warehouse says that it holds goods to somebody's order: it is read in a form of our own made
of UBL's components, and in JSON. docs/interchange.md shows both.
"""

import re
from collections.abc import Iterator
from datetime import date

import msgspec

from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import (
    DocumentFieldMalformed,
    FileNotRecognised,
    GoodsDocumentMalformed,
)
from chainfin.domain.findings import Finding, require_none_fatal
from chainfin.domain.matching import GoodsDocument, GoodsLine
from chainfin.domain.money import ExactDecimal
from chainfin.domain.parties import Party
from chainfin.interchange.limits import DEFAULT_LIMITS, Limits
from chainfin.interchange.nodes import Node
from chainfin.interchange.ubl import NAMESPACES, read_party
from chainfin.interchange.xml import read_xml

ORDER = "{urn:oasis:names:specification:ubl:schema:xsd:Order-2}Order"
DESPATCH_ADVICE = "{urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2}DespatchAdvice"
WAREHOUSE_RECEIPT = "{urn:chainfin:warehouse-receipt:1}WarehouseReceipt"
_JSON = re.compile(rb"\s*\{")


class _ReceiptLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    description: str
    quantity: str
    unit: str


class _Receipt(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="@type",
    tag="warehouse_receipt/1",
):
    number: str
    issue_date: date
    order_number: str
    warehouse_name: str
    depositor_name: str
    holder_name: str
    lines: list[_ReceiptLine]


def read_goods_document(content: bytes, limits: Limits = DEFAULT_LIMITS) -> GoodsDocument:
    """Read a purchase order, a delivery note or a warehouse receipt.

    Raises:
        FileNotRecognised: it is none of them.
        ChainfinError: the first thing wrong with it.
    """
    if _JSON.match(content):
        limits.require_size(len(content))
        return _receipt_from_json(content)
    root = read_xml(content, limits.xml)
    findings: list[Finding] = []
    node = Node(root, NAMESPACES, findings)
    readers = {
        ORDER: _order,
        DESPATCH_ADVICE: _despatch_advice,
        WAREHOUSE_RECEIPT: _warehouse_receipt,
    }
    if root.tag not in readers:
        raise FileNotRecognised("it is no order, delivery note or warehouse receipt")
    document = readers[root.tag](node, findings)
    require_none_fatal(findings)
    return document


def _order(root: Node, findings: list[Finding]) -> GoodsDocument:
    number = root.required("cbc:ID")
    currency = root.text("cbc:DocumentCurrencyCode")
    total = "cac:AnticipatedMonetaryTotal/cbc:TaxExclusiveAmount"
    return GoodsDocument(
        document_type=DocumentType.ORDER,
        number=number,
        issue_date=root.required_day("cbc:IssueDate"),
        order_number=number,
        buyer=read_party(root, "cac:BuyerCustomerParty/cac:Party", findings),
        seller=read_party(root, "cac:SellerSupplierParty/cac:Party", findings),
        lines=tuple(_lines(root, "cac:OrderLine/cac:LineItem", "cbc:Quantity")),
        total=None if currency is None else root.amount(total, currency),
    )


def _despatch_advice(root: Node, findings: list[Finding]) -> GoodsDocument:
    return GoodsDocument(
        document_type=DocumentType.WAYBILL,
        number=root.required("cbc:ID"),
        issue_date=root.required_day("cbc:IssueDate"),
        order_number=root.required("cac:OrderReference/cbc:ID"),
        buyer=read_party(root, "cac:DeliveryCustomerParty/cac:Party", findings),
        seller=read_party(root, "cac:DespatchSupplierParty/cac:Party", findings),
        lines=tuple(_lines(root, "cac:DespatchLine", "cbc:DeliveredQuantity")),
        total=None,
    )


def _warehouse_receipt(root: Node, findings: list[Finding]) -> GoodsDocument:
    return GoodsDocument(
        document_type=DocumentType.WAREHOUSE_RECEIPT,
        number=root.required("cbc:ID"),
        issue_date=root.required_day("cbc:IssueDate"),
        order_number=root.required("cac:OrderReference/cbc:ID"),
        buyer=read_party(root, "cac:DeliveryCustomerParty/cac:Party", findings),
        seller=read_party(root, "cac:DespatchSupplierParty/cac:Party", findings),
        lines=tuple(_lines(root, "cac:ReceiptLine", "cbc:ReceivedQuantity")),
        total=None,
        warehouse=read_party(root, "cac:WarehouseParty/cac:Party", findings),
    )


def _receipt_from_json(content: bytes) -> GoodsDocument:
    try:
        file = msgspec.json.decode(content, type=_Receipt)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise GoodsDocumentMalformed(str(error)) from None
    names = {
        "number": file.number,
        "order_number": file.order_number,
        "warehouse_name": file.warehouse_name,
        "depositor_name": file.depositor_name,
        "holder_name": file.holder_name,
    }
    for name, value in names.items():
        if not value.strip():
            raise GoodsDocumentMalformed(f"{name} is empty")
    if not file.lines:
        raise GoodsDocumentMalformed("it has no line")
    return GoodsDocument(
        document_type=DocumentType.WAREHOUSE_RECEIPT,
        number=file.number,
        issue_date=file.issue_date,
        order_number=file.order_number,
        buyer=Party(file.holder_name),
        seller=Party(file.depositor_name),
        lines=tuple(_line(line, place) for place, line in enumerate(file.lines)),
        total=None,
        warehouse=Party(file.warehouse_name),
    )


def _line(line: _ReceiptLine, place: int) -> GoodsLine:
    quantity = ExactDecimal.parse(line.quantity)
    if quantity is None or quantity.digits < 0:
        raise DocumentFieldMalformed(
            f"/lines/{place}/quantity", line.quantity[:60], "decimal text from 0"
        )
    return GoodsLine(line.description, quantity, line.unit)


def _lines(root: Node, path: str, quantity: str) -> Iterator[GoodsLine]:
    for line in root.children(path):
        line.required(quantity)
        found = line.child(quantity)
        yield GoodsLine(
            description=line.required("cac:Item/cbc:Name"),
            quantity=(found.own_decimal() if found else None) or ExactDecimal(0, 0),
            unit=(found.attribute("unitCode") if found else None) or "",
        )
