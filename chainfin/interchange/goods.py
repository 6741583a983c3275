"""Purchase orders and delivery notes: UBL 2.1 `Order` and `DespatchAdvice`."""

from collections.abc import Iterator

from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import FileNotRecognised
from chainfin.domain.findings import Finding, require_none_fatal
from chainfin.domain.matching import GoodsDocument, GoodsLine
from chainfin.domain.money import ExactDecimal
from chainfin.interchange.limits import DEFAULT_LIMITS, Limits
from chainfin.interchange.nodes import Node
from chainfin.interchange.ubl import NAMESPACES, read_party
from chainfin.interchange.xml import read_xml

ORDER = "{urn:oasis:names:specification:ubl:schema:xsd:Order-2}Order"
DESPATCH_ADVICE = "{urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2}DespatchAdvice"


def read_goods_document(content: bytes, limits: Limits = DEFAULT_LIMITS) -> GoodsDocument:
    """Read a purchase order or a delivery note.

    Raises:
        FileNotRecognised: it is neither.
        ChainfinError: the first thing wrong with it.
    """
    root = read_xml(content, limits.xml)
    findings: list[Finding] = []
    node = Node(root, NAMESPACES, findings)
    readers = {ORDER: _order, DESPATCH_ADVICE: _despatch_advice}
    if root.tag not in readers:
        raise FileNotRecognised("it is neither an order nor a delivery note in UBL")
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


def _lines(root: Node, path: str, quantity: str) -> Iterator[GoodsLine]:
    for line in root.children(path):
        line.required(quantity)
        found = line.child(quantity)
        yield GoodsLine(
            description=line.required("cac:Item/cbc:Name"),
            quantity=(found.own_decimal() if found else None) or ExactDecimal(0, 0),
            unit=(found.attribute("unitCode") if found else None) or "",
        )
