"""Trade documents: recorded privately with a random salt, fingerprinted, attested for issue."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from chainfin.codec import commitments
from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import TYPES, order_hash
from chainfin.codec.typed_data import digest, to_json
from chainfin.domain.documents import DocumentType, fingerprint, row_fingerprint
from chainfin.domain.service_errors import DevelopmentOnly, NotFound
from chainfin.models.orders import claims_on
from chainfin.models.private_documents import (
    TradeDocumentRow,
    documents_by_fingerprint,
    documents_used,
)
from chainfin.services.context import Caller, Context, Keeper

SALT_BYTES = 32
DOCUMENT_TYPE_NUMBERS = {kind: number for number, kind in enumerate(DocumentType, start=1)}
"""How the contracts number document types."""


class DocumentState(StrEnum):
    """What may still be done with a document."""

    RECORDED = "recorded"
    """Known here, used nowhere."""
    ORDERED = "ordered"
    """In an issue order that has not ended."""
    USED = "used"
    """Used on chain, in part or in full."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document as its owner hands it in.

    Attributes:
        seller: The seller's organisation number.
        document_type: What it is.
        number: As printed; None for a ledger row, which is told apart by content and ordinal.
        fiscal_year: Where the seller's numbers restart every year.
        ordinal: How many identical rows came before it (rows without a number).
        file: The file itself, or the canonical row.
        facts: The fields a commitment covers.
        amount_minor: Its tax-inclusive amount.
        currency: ISO 4217 code.
    """

    seller: int
    document_type: DocumentType
    number: str | None
    fiscal_year: int | None
    ordinal: int
    file: bytes
    facts: Mapping[str, str]
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RecordedDocument:
    """What became of an entry."""

    fingerprint: str
    commitment: str
    state: DocumentState


def record_documents(
    context: Context, owner: int, entries: Sequence[DocumentEntry]
) -> list[RecordedDocument]:
    """Record documents; one that is there already keeps its first salt and commitment.

    Recording the same document again changes nothing, whoever crashed in between.
    """
    keeper = require_keeper(context)
    tags = [to_hex(_fingerprint(keeper, entry)) for entry in entries]
    known = documents_by_fingerprint(context.session, tags)
    for tag, entry in zip(tags, entries, strict=True):
        if tag not in known:
            known[tag] = _new_row(context, keeper, owner, tag, entry)
            context.session.add(known[tag])
    context.session.flush()
    used = documents_used(context.session, tags)
    ordered = claims_on(context.session, tags)
    return [
        RecordedDocument(tag, known[tag].commitment, _state(tag, used, ordered)) for tag in tags
    ]


def attest_documents(
    context: Context, *, obligor: int, currency: str, count: int, root: bytes, deadline_at: int
) -> dict[str, Any]:
    """The keeper's signature over a batch's root, as attachments of the issue order."""
    keeper = require_keeper(context)
    deployment = context.network.deployment
    message = {
        "target": deployment.address("DocumentRegistry"),
        "organisation": keeper.organisation,
        "deadline": deadline_at,
        "epoch": keeper.epoch,
        "obligor": obligor,
        "currency": currency.encode(),
        "count": count,
        "root": root,
    }
    signed = digest(deployment.domain, order_hash("AttestDocuments", message))
    return {
        "attestation": to_json(deployment.domain, TYPES["AttestDocuments"], message),
        "attestationApproval": {
            "key": keeper.signer.address,
            "signature": to_hex(keeper.signer.sign_digest(signed)),
        },
    }


def document_for_issue(context: Context, owner: int, tag: str) -> TradeDocumentRow:
    """A recorded document its owner wants a receivable issued on.

    Raises:
        NotFound: Nobody recorded it, or another organisation did.
    """
    row = documents_by_fingerprint(context.session, [tag]).get(tag)
    if row is None or row.owner != owner:
        raise NotFound("document", tag)
    return row


def open_document(row: TradeDocumentRow) -> dict[str, Any]:
    """What opens a commitment: salt, file and facts, for those entitled to read them."""
    return {
        "salt": to_hex(row.salt),
        "file": base64.b64encode(row.file).decode(),
        "facts": json.loads(row.facts),
    }


def read_document(context: Context, caller: Caller, tag: str) -> dict[str, Any]:
    """A document for its owner, its seller or an auditor."""
    row = documents_by_fingerprint(context.session, [tag]).get(tag)
    if row is None:
        raise NotFound("document", tag)
    caller.require_party("document", tag, row.owner, row.seller)
    return {
        "fingerprint": row.fingerprint,
        "commitment": row.commitment,
        "document_type": row.document_type,
        "number": row.number,
        "amount": {"amount_minor": row.amount_minor, "currency": row.currency},
        "seller": row.seller,
        **open_document(row),
    }


def require_keeper(context: Context) -> Keeper:
    """The keeper, where this process holds it."""
    if context.keeper is None:
        raise DevelopmentOnly("documents: this service holds no keeper key")
    return context.keeper


def _fingerprint(keeper: Keeper, entry: DocumentEntry) -> bytes:
    if entry.number is None:
        return row_fingerprint(keeper.epoch_key, entry.seller, entry.file, entry.ordinal)
    return fingerprint(
        keeper.epoch_key, entry.seller, entry.document_type, entry.number, entry.fiscal_year
    )


def _new_row(
    context: Context, keeper: Keeper, owner: int, tag: str, entry: DocumentEntry
) -> TradeDocumentRow:
    salt = secrets.token_bytes(SALT_BYTES)
    commitment = commitments.document_commitment(
        salt=salt,
        file_hash=sha256(entry.file).digest(),
        fields_root=commitments.fields_root(entry.facts, salt),
    )
    return TradeDocumentRow(
        fingerprint=tag,
        epoch=keeper.epoch,
        owner=owner,
        seller=entry.seller,
        document_type=entry.document_type,
        number=entry.number,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        file=entry.file,
        salt=salt,
        facts=json.dumps(dict(entry.facts), ensure_ascii=False),
        commitment=to_hex(commitment),
        recorded_at=context.now,
    )


def _state(tag: str, used: Mapping[str, int], ordered: set[str]) -> DocumentState:
    if used.get(tag, 0):
        return DocumentState.USED
    return DocumentState.ORDERED if tag in ordered else DocumentState.RECORDED
