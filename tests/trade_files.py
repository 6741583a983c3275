"""Trade files made for tests: one small invoice in every format, and ways to spoil it."""

import io
import json
import zipfile

from pypdf import PdfWriter

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
 <cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issue_date}</cbc:IssueDate>
 <cbc:DueDate>{due_date}</cbc:DueDate><cbc:InvoiceTypeCode>{type_code}</cbc:InvoiceTypeCode>
 <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
 <cac:OrderReference><cbc:ID>PO-77</cbc:ID></cac:OrderReference>
 <cac:AccountingSupplierParty><cac:Party>
  <cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode>
  </cac:Country></cac:PostalAddress>
  <cac:PartyTaxScheme><cbc:CompanyID>{seller_vat}</cbc:CompanyID>
   <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>{seller}</cbc:RegistrationName>
   <cbc:CompanyID schemeID="0199">529900T8BM49AURSDO55</cbc:CompanyID></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:AccountingCustomerParty><cac:Party>
  <cac:PostalAddress><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode>
  </cac:Country></cac:PostalAddress>
  <cac:PartyLegalEntity><cbc:RegistrationName>{buyer}</cbc:RegistrationName>
  </cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>{payee}
 <cac:PaymentTerms><cbc:Note>30 days net</cbc:Note></cac:PaymentTerms>
 <cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>
  <cac:TaxSubtotal><cbc:TaxableAmount currencyID="{currency}">{net}</cbc:TaxableAmount>
   <cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>
   <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
  </cac:TaxSubtotal></cac:TaxTotal>
 <cac:LegalMonetaryTotal>
  <cbc:LineExtensionAmount currencyID="{currency}">{net}</cbc:LineExtensionAmount>
  <cbc:TaxExclusiveAmount currencyID="{currency}">{net}</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="{currency}">{gross}</cbc:TaxInclusiveAmount>
  <cbc:PrepaidAmount currencyID="{currency}">{prepaid}</cbc:PrepaidAmount>
  <cbc:PayableAmount currencyID="{currency}">{payable}</cbc:PayableAmount>
 </cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:ID>1</cbc:ID>
  <cbc:InvoicedQuantity unitCode="H87">{quantity}</cbc:InvoicedQuantity>
  <cbc:LineExtensionAmount currencyID="{currency}">{net}</cbc:LineExtensionAmount>
  <cac:Item><cbc:Name>Track bolts</cbc:Name>
   <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item>
  <cac:Price><cbc:PriceAmount currencyID="{currency}">{price}</cbc:PriceAmount></cac:Price>
 </cac:InvoiceLine>
</Invoice>"""

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice
 xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">{issue_compact}</udt:DateTimeString>
  </ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:SpecifiedTradeProduct><ram:Name>Track bolts</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>
    <ram:ChargeAmount>{price}00</ram:ChargeAmount></ram:NetPriceProductTradePrice>
   </ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="H87">{quantity}.0000
    </ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>
    <ram:CategoryCode>S</ram:CategoryCode>
    <ram:RateApplicablePercent>19.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
    <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{net}
    </ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>
   </ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>{seller}</ram:Name>
    <ram:SpecifiedLegalOrganization><ram:ID schemeID="0199">529900T8BM49AURSDO55</ram:ID>
    </ram:SpecifiedLegalOrganization>
    <ram:PostalTradeAddress><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">{seller_vat}</ram:ID>
    </ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:Name>{buyer}</ram:Name>
    <ram:PostalTradeAddress><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
   </ram:BuyerTradeParty>
   <ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-77</ram:IssuerAssignedID>
   </ram:BuyerOrderReferencedDocument></ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>
   <ram:ApplicableTradeTax><ram:CalculatedAmount>{tax}</ram:CalculatedAmount>
    <ram:TypeCode>VAT</ram:TypeCode><ram:BasisAmount>{net}</ram:BasisAmount>
    <ram:CategoryCode>S</ram:CategoryCode>
    <ram:RateApplicablePercent>19.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedTradePaymentTerms><ram:Description>30 days net</ram:Description>
    <ram:DueDateDateTime><udt:DateTimeString format="102">{due_compact}</udt:DateTimeString>
    </ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:LineTotalAmount>{net}</ram:LineTotalAmount>
    <ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="{currency}">{tax}</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{gross}</ram:GrandTotalAmount>
    <ram:TotalPrepaidAmount>{prepaid}</ram:TotalPrepaidAmount>
    <ram:DuePayableAmount>{payable}</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""

DIGITAL = """<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{number}</EIid></Header><EInvoiceData>
 <SellerInformation><SellerIdNum>91110000600037341L</SellerIdNum>
  <SellerName>{seller}</SellerName></SellerInformation>
 <BuyerInformation><BuyerIdNum>91110000802100433B</BuyerIdNum>
  <BuyerName>{buyer}</BuyerName></BuyerInformation>
 <BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>
  <TotalTax-includedAmount>{gross}</TotalTax-includedAmount></BasicInformation>
 <IssuItemInformation><ItemName>*紧固件*道钉</ItemName><MeaUnits>件</MeaUnits>
  <Quantity>{quantity}</Quantity><UnPrice>{price}</UnPrice><Amount>{net}</Amount>
  <TaxRate>0.13</TaxRate><ComTaxAm>{tax}</ComTaxAm></IssuItemInformation></EInvoiceData>
 <TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber>
  <IssueTime>{issue_date}</IssueTime></TaxSupervisionInfo></EInvoice>"""

ELECTRONIC = """<?xml version="1.0" encoding="UTF-8"?>
<fp:eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019">
 <fp:InvoiceCode>{code}</fp:InvoiceCode><fp:InvoiceNo>{number}</fp:InvoiceNo>
 <fp:IssueDate>2026年09月28日</fp:IssueDate>
 <fp:Buyer><fp:BuyerName>{buyer}</fp:BuyerName>
  <fp:BuyerTaxID>91110000802100433B</fp:BuyerTaxID></fp:Buyer>
 <fp:Seller><fp:SellerName>{seller}</fp:SellerName>
  <fp:SellerTaxID>91110000600037341L</fp:SellerTaxID></fp:Seller>
 <fp:TaxExclusiveTotalAmount>{net}</fp:TaxExclusiveTotalAmount>
 <fp:TaxTotalAmount>{tax}</fp:TaxTotalAmount>
 <fp:TaxInclusiveTotalAmount>{gross}</fp:TaxInclusiveTotalAmount>
 <fp:GoodsInfos><fp:GoodsInfo><fp:Item>*紧固件*道钉</fp:Item>
  <fp:MeasurementDimension>件</fp:MeasurementDimension><fp:Price>{price}</fp:Price>
  <fp:Quantity>{quantity}</fp:Quantity><fp:Amount>{net}</fp:Amount>
  <fp:TaxScheme>13%</fp:TaxScheme><fp:TaxAmount>{tax}</fp:TaxAmount></fp:GoodsInfo>
 </fp:GoodsInfos></fp:eInvoice>"""

PAYEE = """
 <cac:PayeeParty><cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName></cac:PayeeParty>"""

_VALUES = {
    "number": "HSF-2026/0193",
    "issue_date": "2026-09-28",
    "due_date": "2027-03-28",
    "type_code": "380",
    "currency": "EUR",
    "seller": "Harbour Steel Fabrication",
    "seller_vat": "DE123456788",
    "buyer": "Meridian Rail Works",
    "payee": "",
    "quantity": "40",
    "price": "2.50",
    "net": "100.00",
    "tax": "19.00",
    "gross": "119.00",
    "prepaid": "0.00",
    "payable": "119.00",
    "code": "031002600311",
}


def ubl(**changes: str) -> bytes:
    """A UBL invoice over EUR 119.00; each value can be another."""
    return _fill(UBL, changes)


def cii(**changes: str) -> bytes:
    """The same invoice as a Cross Industry Invoice."""
    return _fill(CII, changes)


def digital(**changes: str) -> bytes:
    """A fully digital Chinese invoice over CNY 113.00."""
    return _fill(DIGITAL, _chinese("26317000000001234567") | changes)


def electronic(**changes: str) -> bytes:
    """An electronic VAT invoice over CNY 113.00, as an OFD carries it."""
    return _fill(ELECTRONIC, _chinese("00187654") | changes)


def pdf(*attachments: bytes) -> bytes:
    """A one-page PDF with these files attached."""
    writer = PdfWriter()
    writer.add_blank_page(width=210, height=297)
    for position, attachment in enumerate(attachments):
        writer.add_attachment(f"invoice-{position}.xml", attachment)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def ofd(*attachments: bytes) -> bytes:
    """An OFD with these files attached."""
    entries = {"OFD.xml": b"<OFD><DocBody/></OFD>", "Doc_0/Document.xml": b"<Document/>"}
    for position, attachment in enumerate(attachments):
        entries[f"Doc_0/Attachs/original_invoice_{position}.xml"] = attachment
    return archive(entries)


def archive(entries: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, entry in entries.items():
            packed.writestr(name, entry)
    return content.getvalue()


def payee(name: str) -> str:
    """The element that names somebody else to pay."""
    return PAYEE.format(name=name)


def _chinese(number: str) -> dict[str, str]:
    return {"number": number, "tax": "13.00", "gross": "113.00"}


def _fill(template: str, changes: dict[str, str]) -> bytes:
    values = _VALUES | changes
    compact = {
        "issue_compact": values["issue_date"].replace("-", ""),
        "due_compact": values["due_date"].replace("-", ""),
    }
    return template.format(**values, **compact).encode()


ORDER = """<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>{order}</cbc:ID><cbc:IssueDate>2026-09-01</cbc:IssueDate>
 <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
 <cac:BuyerCustomerParty><cac:Party><cac:PartyName><cbc:Name>{buyer}</cbc:Name></cac:PartyName>
 </cac:Party></cac:BuyerCustomerParty>
 <cac:SellerSupplierParty><cac:Party><cac:PartyName><cbc:Name>{seller}</cbc:Name></cac:PartyName>
 </cac:Party></cac:SellerSupplierParty>
 <cac:AnticipatedMonetaryTotal>
  <cbc:TaxExclusiveAmount currencyID="{currency}">{total}</cbc:TaxExclusiveAmount>
 </cac:AnticipatedMonetaryTotal>
 <cac:OrderLine><cac:LineItem><cbc:Quantity unitCode="H87">{ordered}</cbc:Quantity>
  <cac:Item><cbc:Name>Track bolts</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine></Order>"""

DESPATCH = """<DespatchAdvice
 xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>{note}</cbc:ID><cbc:IssueDate>2026-09-20</cbc:IssueDate>
 <cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
 <cac:DespatchSupplierParty><cac:Party><cac:PartyName><cbc:Name>{seller}</cbc:Name>
 </cac:PartyName></cac:Party></cac:DespatchSupplierParty>
 <cac:DeliveryCustomerParty><cac:Party><cac:PartyName><cbc:Name>{buyer}</cbc:Name>
 </cac:PartyName></cac:Party></cac:DeliveryCustomerParty>
 <cac:DespatchLine><cbc:ID>1</cbc:ID>
  <cbc:DeliveredQuantity unitCode="H87">{delivered}</cbc:DeliveredQuantity>
  <cac:Item><cbc:Name>Track bolts</cbc:Name></cac:Item></cac:DespatchLine></DespatchAdvice>"""

WAREHOUSE_RECEIPT = """<WarehouseReceipt xmlns="urn:chainfin:warehouse-receipt:1"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>{receipt}</cbc:ID><cbc:IssueDate>2026-09-21</cbc:IssueDate>
 <cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
 <cac:WarehouseParty><cac:Party><cac:PartyName><cbc:Name>Eastern Bonded Storage</cbc:Name>
 </cac:PartyName></cac:Party></cac:WarehouseParty>
 <cac:DespatchSupplierParty><cac:Party><cac:PartyName><cbc:Name>{seller}</cbc:Name>
 </cac:PartyName></cac:Party></cac:DespatchSupplierParty>
 <cac:DeliveryCustomerParty><cac:Party><cac:PartyName><cbc:Name>{buyer}</cbc:Name>
 </cac:PartyName></cac:Party></cac:DeliveryCustomerParty>
 <cac:ReceiptLine><cbc:ReceivedQuantity unitCode="H87">{received}</cbc:ReceivedQuantity>
  <cac:Item><cbc:Name>Track bolts</cbc:Name></cac:Item></cac:ReceiptLine></WarehouseReceipt>"""

_GOODS = {"order": "PO-77", "note": "DN-1", "ordered": "40", "delivered": "40", "total": "100.00"}
_GOODS |= {"receipt": "WR-2026/118", "received": "40"}


def order(**changes: str) -> bytes:
    """The purchase order of the sample invoice: 40 pieces for EUR 100.00 before tax."""
    return _fill(ORDER, _GOODS | changes)


def despatch(**changes: str) -> bytes:
    """The note of a delivery of all of it."""
    return _fill(DESPATCH, _GOODS | changes)


def warehouse_receipt(**changes: str) -> bytes:
    """The warehouse's receipt of all of it, in XML."""
    return _fill(WAREHOUSE_RECEIPT, _GOODS | changes)


def warehouse_receipt_json(**changes: object) -> bytes:
    """The same in JSON."""
    document = {
        "@type": "warehouse_receipt/1",
        "number": _GOODS["receipt"],
        "issue_date": "2026-09-21",
        "order_number": _GOODS["order"],
        "warehouse_name": "Eastern Bonded Storage",
        "depositor_name": _VALUES["seller"],
        "holder_name": _VALUES["buyer"],
        "lines": [{"description": "Track bolts", "quantity": "40", "unit": "H87"}],
    }
    return json.dumps(document | changes).encode()
