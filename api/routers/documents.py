"""Trade documents: private data whose commitment is on chain."""

import base64
import binascii
from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ContextDep, ReadContextDep
from api.schemas import DocumentBody, DocumentsBody
from chainfin.domain.documents import DocumentType
from chainfin.domain.errors import DocumentTypeUnknown
from chainfin.domain.service_errors import FieldMalformed
from chainfin.services import documents

router = APIRouter(prefix="/documents", tags=["documents"])


@router.post("", status_code=201)
def record_documents(body: DocumentsBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """Record documents of the caller. The same document again gives the same answer."""
    entries = [_entry(document) for document in body.documents]
    recorded = documents.record_documents(context, caller.organisation, entries)
    return {
        "data": [
            {
                "fingerprint": entry.fingerprint,
                "commitment": entry.commitment,
                "state": entry.state,
            }
            for entry in recorded
        ]
    }


@router.get("/{fingerprint}")
def read_document(fingerprint: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """A document with what opens its commitment, for its owner, its seller or an auditor."""
    return documents.read_document(context, caller, fingerprint)


def _entry(body: DocumentBody) -> documents.DocumentEntry:
    if body.document_type not in list(DocumentType):
        raise DocumentTypeUnknown(body.document_type, ", ".join(DocumentType))
    try:
        file = base64.b64decode(body.file, validate=True)
    except binascii.Error as error:
        raise FieldMalformed("file", body.file[:20], f"base64 ({error})") from None
    return documents.DocumentEntry(
        seller=body.seller,
        document_type=DocumentType(body.document_type),
        number=body.number,
        fiscal_year=body.fiscal_year,
        ordinal=body.ordinal,
        file=file,
        facts=body.facts,
        amount_minor=body.amount_minor,
        currency=body.currency,
    )
