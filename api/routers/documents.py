"""Trade documents: private data whose commitment is on chain."""

import base64
import binascii
from typing import Any

from fastapi import APIRouter, Request

from api.dependencies import CallerDep, ContextDep, ReadContextDep, ServiceDep
from api.errors import refusal
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.schemas import (
    DocumentBody,
    DocumentRuleBody,
    DocumentsBody,
    EncryptionKeyBody,
    InvoiceBody,
    ReasonBody,
)
from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import DocumentTypeUnknown
from chainfin.domain.findings import fatal
from chainfin.domain.service_errors import FieldMalformed
from chainfin.interchange.invoices import inspect_invoice
from chainfin.services import documents, imports

router = APIRouter(prefix="/documents", tags=["documents"], route_class=RecordingRoute)


@router.post("", status_code=201)
def record_documents(body: DocumentsBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Record documents of the caller. The same document again gives the same answer."""
    entries = [_entry(document) for document in body.documents]
    recorded = documents.record_documents(context, caller.organisation, entries)
    return {"data": [entry.to_json() for entry in recorded]}


@router.get("")
def list_documents(
    context: ReadContextDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 100
) -> dict[str, Any]:
    """The caller's documents, newest first, without their inside."""
    data = documents.list_documents(context, caller, after=cursor, limit=limit)
    return page(data, limit, "fingerprint")


@router.post("/inspections")
def inspect(body: InvoiceBody, _caller: CallerDep, service: ServiceDep) -> dict[str, Any]:
    """Read an invoice and say everything that is wrong with it; nothing is kept."""
    reading = service.reading
    return inspect_invoice(_file(body.file), reading.limits, reading.rules).to_json()


@router.post("/invoices", status_code=201)
def import_invoice(
    body: InvoiceBody,
    reading_context: ReadContextDep,
    context: ContextDep,
    caller: CallerDep,
    service: ServiceDep,
    request: Request,
) -> Any:
    """Read an invoice billed to the caller and record it, unless something speaks against it."""
    content = _file(body.file)
    assessed = imports.assess_invoice(
        reading_context,
        caller,
        content,
        service.reading,
        tenor_days=body.tenor_days,
        peers=service.peers,
        supporting=[_file(entry) for entry in body.supporting],
    )
    imported = imports.record_invoice(context, caller, content, assessed)
    found = fatal(imported.findings)
    if found:
        details = [{"pointer": entry.pointer, "detail": str(entry.error)} for entry in found]
        return refusal(request, found[0].error, details)
    return imported.to_json()


@router.post("/rules", status_code=204)
def set_rule(body: DocumentRuleBody, context: ContextDep, caller: CallerDep) -> None:
    """Ask for a three-way match before issue under one's own programme, or no longer."""
    documents.set_document_rule(
        context, caller, body.programme_id, three_way_match=body.three_way_match
    )


@router.post("/encryption-key", status_code=204)
def register_encryption_key(
    body: EncryptionKeyBody, context: ContextDep, caller: CallerDep
) -> None:
    """Have documents recorded from now on wrapped for the caller's own key as well."""
    documents.register_encryption_key(context, caller, body.public_key)


@router.get("/{fingerprint}")
def read_document(fingerprint: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """A document with what opens its commitment, for its owner, its seller or an auditor."""
    return documents.read_document(context, caller, fingerprint)


@router.get("/{fingerprint}/sealed")
def read_sealed(fingerprint: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The sealed document and the caller's own copy of its key."""
    return documents.sealed_document(context, caller, fingerprint)


@router.get("/{fingerprint}/fields/{name}")
def disclose_field(
    fingerprint: str, name: str, context: ReadContextDep, caller: CallerDep
) -> dict[str, Any]:
    """One field with its proof, to show to somebody who shall see nothing else."""
    return documents.disclose_field(context, caller, fingerprint, name)


@router.post("/{fingerprint}/erasure")
def erase_document(
    fingerprint: str, body: ReasonBody, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Destroy a document's keys, for ever; the chain's proof stays."""
    return documents.erase_document(context, caller, fingerprint, body.reason)


@router.post("/{fingerprint}/dispute")
def dispute_document(
    fingerprint: str, body: ReasonBody, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """Say that a document is disputed: no receivable is issued on it."""
    return documents.dispute_document(context, caller, fingerprint, body.reason)


@router.delete("/{fingerprint}/dispute")
def settle_dispute(fingerprint: str, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Say that a document is disputed no longer."""
    return documents.dispute_document(context, caller, fingerprint, None)


def _entry(body: DocumentBody) -> documents.DocumentEntry:
    if body.document_type not in list(DocumentType):
        raise DocumentTypeUnknown(body.document_type, ", ".join(DocumentType))
    return documents.DocumentEntry(
        seller=body.seller,
        document_type=DocumentType(body.document_type),
        number=body.number,
        fiscal_year=body.fiscal_year,
        ordinal=body.ordinal,
        file=_file(body.file),
        facts=body.facts,
        amount_minor=body.amount_minor,
        currency=body.currency,
    )


def _file(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldMalformed("file", text[:20], f"base64 ({error})") from None
