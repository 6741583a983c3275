"""Invoices handed in as files: read, checked, found fit for financing or not, recorded.

The service reads the file itself: what it fingerprints and commits to is what the file says, and
not what somebody says of it. Either everything about an invoice holds and it is recorded, or
nothing is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from chainfin.codec.hashing import to_hex
from chainfin.domain.calendar import utc_day
from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import ChainfinError
from chainfin.domain.findings import Finding, fatal
from chainfin.domain.invoices import Invoice, check_financing
from chainfin.domain.matching import GoodsDocument, match_three_ways
from chainfin.domain.names import normalise_name
from chainfin.domain.participant import ParticipantKind
from chainfin.domain.parties import Party
from chainfin.domain.refusals import DocumentAlreadyUsed
from chainfin.domain.service_errors import (
    AnchorNotAdmitted,
    BeneficiaryUnknown,
    BuyerNotCaller,
    CurrencyWithoutProgramme,
    DocumentDisputed,
    DocumentUsedElsewhere,
    SupportingDocuments,
)
from chainfin.interchange.goods import read_goods_document
from chainfin.interchange.invoices import Inspection, inspect_invoice
from chainfin.interchange.limits import Limits
from chainfin.interchange.rules import BusinessRules
from chainfin.models.access import (
    legal_identifiers,
    organisations_by_identifier,
    organisations_by_name,
)
from chainfin.models.participants import is_admitted_as, list_programmes
from chainfin.models.private_documents import documents_by_fingerprint, documents_used
from chainfin.services.context import Caller, Context
from chainfin.services.documents import (
    DocumentEntry,
    RecordedDocument,
    note_match,
    record_documents,
)
from chainfin.services.fingerprints import live_key, log_use, numbered_tag
from chainfin.services.registry import Peer, require_free_elsewhere


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read here: the operator's limits and rules."""

    limits: Limits
    rules: BusinessRules | None


@dataclass(frozen=True, slots=True)
class Supporting:
    """An order, a delivery note or a warehouse receipt, with its file."""

    document: GoodsDocument
    file: bytes


@dataclass(frozen=True, slots=True)
class ImportedInvoice:
    """What became of a file.

    Attributes:
        inspection: What was read.
        findings: Everything wrong with it, as a document and for financing.
        document: What was recorded; None where a finding is fatal.
        supporting: The order, delivery notes and warehouse receipts it was matched with.
    """

    inspection: Inspection
    findings: tuple[Finding, ...]
    document: RecordedDocument | None = None
    supporting: tuple[Supporting, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For whoever handed it in."""
        return {
            **self.inspection.to_json(),
            "findings": [finding.to_json() for finding in self.findings],
            "accepted": self.document is not None,
            "document": self.document and self.document.to_json(),
        }


def assess_invoice(
    context: Context,
    caller: Caller,
    content: bytes,
    reading: Reading,
    *,
    tenor_days: int | None = None,
    peers: Sequence[Peer] = (),
    supporting: Sequence[bytes] = (),
) -> ImportedInvoice:
    """Read an invoice of the calling anchor and find what speaks against it; writes nothing.

    Args:
        context: A unit of work that only reads: other platforms are asked meanwhile.
        caller: The anchor, who is the invoice's buyer.
        content: The file.
        reading: Limits and rules.
        tenor_days: Days from today to the agreed due date, instead of the invoice's own.
        peers: Platforms to ask whether they have financed it.
        supporting: Files of its order, of the delivery notes and of a warehouse's receipts, to be
            matched with it.

    Raises:
        RegistryUnavailable: One of them does not answer.
    """
    inspection = inspect_invoice(content, reading.limits, reading.rules)
    findings = list(inspection.findings)
    invoice = inspection.invoice
    if invoice is None or fatal(findings):
        return ImportedInvoice(inspection, tuple(findings))
    findings += check_financing(invoice, _due_date(context, invoice, tenor_days), _today(context))
    findings += [Finding(error, place) for error, place in _reasons(context, caller, invoice)]
    goods = tuple(
        Supporting(read_goods_document(file, reading.limits), file) for file in supporting
    )
    if goods:
        findings += _match(invoice, [entry.document for entry in goods])
    if not fatal(findings):
        findings += _used_elsewhere(context, invoice, peers)
    return ImportedInvoice(inspection, tuple(findings), supporting=goods)


def record_invoice(
    context: Context, caller: Caller, content: bytes, assessed: ImportedInvoice
) -> ImportedInvoice:
    """Record what was found fit; notes in any case that a fingerprint was computed."""
    log_use(context, caller.organisation, "import", 1)
    invoice = assessed.inspection.invoice
    if invoice is None or fatal(assessed.findings):
        return assessed
    seller = organisation_of(context, invoice.seller)
    entry = _entry(invoice, seller, content)
    others = [_goods_entry(goods, seller, invoice.currency) for goods in assessed.supporting]
    document, *matched = record_documents(context, caller.organisation, [entry, *others])
    if matched:
        note_match(context, document.fingerprint, [other.fingerprint for other in matched])
    return replace(assessed, document=document)


def _match(invoice: Invoice, goods: Sequence[GoodsDocument]) -> list[Finding]:
    orders = [entry for entry in goods if entry.document_type is DocumentType.ORDER]
    deliveries = [entry for entry in goods if entry.document_type is not DocumentType.ORDER]
    if len(orders) != 1 or not deliveries:
        return [Finding(SupportingDocuments(len(orders), len(deliveries)), "/supporting")]
    return match_three_ways(invoice, orders[0], deliveries)


def _goods_entry(goods: Supporting, seller: int, currency: str) -> DocumentEntry:
    document = goods.document
    return DocumentEntry(
        seller=seller,
        document_type=document.document_type,
        number=document.number,
        fiscal_year=None,
        ordinal=0,
        file=goods.file,
        facts=document.facts(),
        amount_minor=0 if document.total is None else document.total.amount_minor,
        currency=currency,
    )


def _used_elsewhere(context: Context, invoice: Invoice, peers: Sequence[Peer]) -> list[Finding]:
    seller = organisation_of(context, invoice.seller)
    identifier = legal_identifiers(context.session, [seller]).get(seller, "")
    try:
        require_free_elsewhere(context, _entry(invoice, seller, b"").identity(identifier), peers)
    except DocumentUsedElsewhere as error:
        return [Finding(error, "/number")]
    return []


def organisation_of(context: Context, party: Party) -> int:
    """The member a document's party is: by its identifiers, else by its name; 0 if none."""
    values = [entry.value for entry in party.identifiers]
    by_identifier = organisations_by_identifier(context.session, values)
    if len(by_identifier) == 1:
        return by_identifier.pop()
    key = normalise_name(party.name)
    return organisations_by_name(context.session, [key]).get(key, 0)


def _reasons(
    context: Context, caller: Caller, invoice: Invoice
) -> Iterator[tuple[ChainfinError, str]]:
    """What only the service knows to speak against financing."""
    buyer, seller = (organisation_of(context, p) for p in (invoice.buyer, invoice.seller))
    if not is_admitted_as(context.session, buyer, ParticipantKind.ANCHOR):
        yield AnchorNotAdmitted(invoice.buyer.name), "/buyer"
    elif buyer != caller.organisation:
        yield BuyerNotCaller(invoice.buyer.name), "/buyer"
    elif not _has_programme(context, buyer, invoice.currency):
        yield CurrencyWithoutProgramme(invoice.currency), "/currency"
    if not seller:
        yield BeneficiaryUnknown(invoice.seller.name), "/seller"
    else:
        yield from _used(context, invoice, seller)


def _used(context: Context, invoice: Invoice, seller: int) -> Iterator[tuple[ChainfinError, str]]:
    entry = _entry(invoice, seller, b"")
    tag = to_hex(numbered_tag(live_key(context), entry.identity("")))
    row = documents_by_fingerprint(context.session, [tag]).get(tag)
    used = documents_used(context.session, [tag]).get(tag, 0)
    if row is not None and row.disputed_at is not None:
        yield DocumentDisputed(tag, row.disputed_because or ""), ""
    if row is not None and used >= row.amount_minor:
        yield DocumentAlreadyUsed(tag, row.amount_minor, used, entry.amount_minor), ""


def _has_programme(context: Context, anchor: int, currency: str) -> bool:
    programmes = list_programmes(context.session, anchor=anchor, limit=1_000)
    return any(entry.is_open and entry.currency == currency for entry in programmes)


def _entry(invoice: Invoice, seller: int, content: bytes) -> DocumentEntry:
    return DocumentEntry(
        seller=seller,
        document_type=DocumentType.INVOICE,
        number=invoice.number,
        fiscal_year=None,
        ordinal=0,
        file=content,
        facts=invoice.facts(),
        amount_minor=invoice.totals.payable.amount_minor,
        currency=invoice.currency,
    )


def _due_date(context: Context, invoice: Invoice, tenor_days: int | None) -> date | None:
    if tenor_days is None:
        return invoice.due_date
    return _today(context) + timedelta(days=tenor_days)


def _today(context: Context) -> date:
    return utc_day(context.as_of().block_timestamp)
