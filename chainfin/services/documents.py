"""Trade documents: recorded, sealed, fingerprinted, attested for issue, disclosed and erased."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from chainfin.codec import commitments
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.orders import TYPES
from chainfin.codec.typed_data import to_json
from chainfin.domain.documents import DocumentType
from chainfin.domain.money import money_json
from chainfin.domain.service_errors import (
    DocumentDisputed,
    DocumentErased,
    FieldMalformed,
    NotFound,
    ThreeWayMatchMissing,
)
from chainfin.models.access import legal_identifiers
from chainfin.models.participants import get_programme
from chainfin.models.private_documents import (
    DocumentFingerprintRow,
    DocumentMatchRow,
    DocumentRuleRow,
    EncryptionKeyRow,
    TradeDocumentRow,
    documents_by_fingerprint,
    documents_claimed,
    documents_of,
    documents_used,
    encryption_keys,
    matches_of,
)
from chainfin.services.context import Caller, Context
from chainfin.services.fingerprints import (
    Identity,
    entry_tag,
    live_key,
    log_use,
    match_keys,
    require_keeper,
)
from chainfin.services.vault import Content, Vault

SALT_BYTES = 32
MOST_LISTED = 200
DOCUMENT_TYPE_NUMBERS = {kind: number for number, kind in enumerate(DocumentType, start=1)}
"""How the contracts number document types."""
AMOUNT_CHANGED = "amount_changed"
"""The same document was recorded before with another amount."""


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
        facts: The fields a commitment covers; `issue_date` among them finds altered numbers.
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

    def identity(self, seller_identifier: str) -> Identity:
        """What tells it from others."""
        return Identity(
            self.seller,
            seller_identifier,
            self.document_type,
            self.number,
            self.fiscal_year,
            self.facts.get("issue_date", ""),
            self.currency,
            self.amount_minor,
        )


@dataclass(frozen=True, slots=True)
class Warned:
    """A likeness a person should look at; it stops nothing.

    Attributes:
        kind: What the two have in common (`MatchKind`), or `AMOUNT_CHANGED`.
        fingerprint: The other document, where the caller may know of it.
    """

    kind: str
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class RecordedDocument:
    """What became of an entry."""

    fingerprint: str
    commitment: str
    state: DocumentState
    warnings: tuple[Warned, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For its owner."""
        return {
            "fingerprint": self.fingerprint,
            "commitment": self.commitment,
            "state": self.state,
            "warnings": [
                {"kind": entry.kind, "fingerprint": entry.fingerprint} for entry in self.warnings
            ],
        }


# --- recording -------------------------------------------------------------------------------


def record_documents(
    context: Context, owner: int, entries: Sequence[DocumentEntry]
) -> list[RecordedDocument]:
    """Record documents; one that is there already keeps its first salt and commitment.

    It also keeps the fingerprint it was first recorded under as its name here, in every epoch.

    Recording the same document again changes nothing, whoever crashed in between.
    """
    recording = _Recording(context, owner, entries)
    log_use(context, owner, "record", len(entries))
    known = recording.known()
    for tag, entry in zip(recording.tags, entries, strict=True):
        if tag not in known:
            known[tag] = recording.new_row(tag, entry)
            context.session.add(known[tag])
    recording.note_names(known)
    warnings = recording.warnings(known)
    context.session.flush()
    used = documents_used(context.session, recording.tags)
    ordered = documents_claimed(context.session, recording.tags)
    return [
        RecordedDocument(
            known[tag].fingerprint,
            known[tag].commitment,
            _state(tag, used, ordered),
            tuple(warnings.get(tag, ())),
        )
        for tag in recording.tags
    ]


class _Recording:
    """One hand-in of documents: their tags, their rows, what they are like."""

    def __init__(self, context: Context, owner: int, entries: Sequence[DocumentEntry]) -> None:
        self._context = context
        self._owner = owner
        self._keeper = require_keeper(context)
        self._key = live_key(context)
        self._entries = entries
        sellers = {entry.seller for entry in entries}
        self._identifiers = legal_identifiers(context.session, sellers)
        self._public_keys = encryption_keys(context.session, {owner, *sellers})
        self._vault = Vault(self._keeper.document_key)
        self._names = [self._tags(entry) for entry in entries]
        self.tags = [names[self._key.epoch] for names in self._names]

    def known(self) -> dict[str, TradeDocumentRow]:
        """Those recorded before, in whatever epoch, by their fingerprint of the live one."""
        every = {tag for names in self._names for tag in names.values()}
        found = documents_by_fingerprint(self._context.session, every)
        return {
            live: found[tag]
            for live, names in zip(self.tags, self._names, strict=True)
            for tag in names.values()
            if tag in found
        }

    def note_names(self, known: Mapping[str, TradeDocumentRow]) -> None:
        """Keep the fingerprint of every epoch held, so that the next can be opened."""
        session = self._context.session
        every = {tag for names in self._names for tag in names.values()}
        noted = set(documents_by_fingerprint(session, every))
        for live, names in zip(self.tags, self._names, strict=True):
            document = known[live].fingerprint
            for epoch, tag in names.items():
                if tag not in noted and tag != document:
                    noted.add(tag)
                    session.add(
                        DocumentFingerprintRow(fingerprint=tag, document=document, epoch=epoch)
                    )

    def new_row(self, tag: str, entry: DocumentEntry) -> TradeDocumentRow:
        content = Content(entry.number, secrets.token_bytes(SALT_BYTES), entry.file, entry.facts)
        readers = (self._owner, entry.seller)
        sealed = self._vault.seal(content, readers, self._public_keys)
        return TradeDocumentRow(
            fingerprint=tag,
            document_id=sealed.document_id,
            epoch=self._key.epoch,
            owner=self._owner,
            seller=entry.seller,
            document_type=entry.document_type,
            amount_minor=entry.amount_minor,
            currency=entry.currency,
            sealed=sealed.content,
            wrapped_keys=sealed.wrapped_keys,
            commitment=to_hex(commitment_of(content)),
            recorded_at=self._context.now,
        )

    def warnings(self, known: Mapping[str, TradeDocumentRow]) -> dict[str, list[Warned]]:
        """What is like what, here and among everything recorded; notes the match keys."""
        session = self._context.session
        keys = {
            tag: match_keys(self._keeper.fingerprint_keys, self._identity(entry))
            for tag, entry in zip(self.tags, self._entries, strict=True)
            if entry.number is not None
        }
        before = matches_of(session, {key for some in keys.values() for key in some})
        noted = {(row.match_key, row.fingerprint) for row in before}
        found: dict[str, list[Warned]] = {}
        for tag, entry in zip(self.tags, self._entries, strict=True):
            if (entry.amount_minor, entry.currency) != (
                known[tag].amount_minor,
                known[tag].currency,
            ):
                found.setdefault(tag, []).append(Warned(AMOUNT_CHANGED, tag))
        by_key: dict[str, set[str]] = {}
        for row in before:
            by_key.setdefault(row.match_key, set()).add(row.fingerprint)
        for tag, some in keys.items():
            document = known[tag].fingerprint
            for key, (kind, epoch) in some.items():
                for other in sorted(by_key.get(key, set()) - {document}):
                    found.setdefault(tag, []).append(Warned(kind, self._shown(other, known)))
                by_key.setdefault(key, set()).add(document)
                if (key, document) not in noted:
                    noted.add((key, document))
                    session.add(
                        DocumentMatchRow(
                            match_key=key, fingerprint=document, kind=kind, epoch=epoch
                        )
                    )
        return {tag: list(dict.fromkeys(some)) for tag, some in found.items()}

    def _shown(self, tag: str, known: Mapping[str, TradeDocumentRow]) -> str | None:
        row = known.get(tag) or documents_by_fingerprint(self._context.session, [tag]).get(tag)
        return tag if row is not None and row.owner == self._owner else None

    def _identity(self, entry: DocumentEntry) -> Identity:
        return entry.identity(self._identifiers.get(entry.seller, ""))

    def _tags(self, entry: DocumentEntry) -> dict[int, str]:
        return {
            key.epoch: to_hex(entry_tag(key, self._identity(entry), entry.file, entry.ordinal))
            for key in self._keeper.fingerprint_keys
        }


def commitment_of(content: Content) -> bytes:
    """The word the chain holds of a document."""
    return commitments.document_commitment(
        salt=content.salt,
        file_hash=sha256(content.file).digest(),
        fields_root=commitments.fields_root(content.facts, content.salt),
    )


# --- issue -----------------------------------------------------------------------------------


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
        "epoch": live_key(context).epoch,
        "obligor": obligor,
        "currency": currency.encode(),
        "count": count,
        "root": root,
    }
    signature = keeper.signer.sign_typed_data(deployment.domain, "AttestDocuments", message)
    return {
        "attestation": to_json(deployment.domain, TYPES["AttestDocuments"], message),
        "attestationApproval": {
            "key": keeper.signer.address,
            "signature": to_hex(signature),
        },
    }


def documents_for_issue(
    context: Context, owner: int, tags: Iterable[str], programme_id: int
) -> dict[str, TradeDocumentRow]:
    """Recorded documents their owner wants receivables issued on under a programme.

    Raises:
        NotFound: Nobody recorded one of them, or another organisation did.
        DocumentDisputed: One is disputed.
        DocumentErased: One can no longer be shown to anybody.
        ThreeWayMatchMissing: The programme asks for a match that one does not have.
    """
    wanted = list(tags)
    rule = context.session.get(DocumentRuleRow, programme_id)
    is_match_asked = rule is not None and rule.three_way_match
    found = documents_by_fingerprint(context.session, wanted)
    for tag in wanted:
        row = found.get(tag)
        if row is None or row.owner != owner:
            raise NotFound("document", tag)
        if row.disputed_at is not None:
            raise DocumentDisputed(tag, row.disputed_because or "")
        if row.wrapped_keys is None:
            raise DocumentErased(tag)
        if is_match_asked and row.matched_with is None:
            raise ThreeWayMatchMissing(tag, programme_id)
    return found


def set_document_rule(
    context: Context, caller: Caller, programme_id: int, *, three_way_match: bool
) -> None:
    """Ask, or no longer ask, for a three-way match before issue under one's own programme.

    Raises:
        NotFound: The programme is another's, or none.
    """
    programme = get_programme(context.session, programme_id)
    if programme is None or programme.anchor != caller.organisation:
        raise NotFound("programme", str(programme_id))
    context.session.merge(
        DocumentRuleRow(
            programme_id=programme_id, three_way_match=three_way_match, set_at=context.now
        )
    )


def note_match(context: Context, tag: str, others: Sequence[str]) -> None:
    """Note with which documents an invoice was matched."""
    row = documents_by_fingerprint(context.session, [tag])[tag]
    row.matched_with = json.dumps(list(others))
    context.session.add(row)


# --- reading ---------------------------------------------------------------------------------


def read_document(context: Context, caller: Caller, tag: str) -> dict[str, Any]:
    """A document for its owner, its seller or an auditor."""
    row = _require_document(context, caller, tag)
    return {**_view(row), **open_content(context, row).to_json()}


def list_documents(
    context: Context, caller: Caller, *, after: str | None = None, limit: int = MOST_LISTED
) -> list[dict[str, Any]]:
    """The caller's documents, newest first, without their inside."""
    rows = documents_of(context.session, caller.organisation, limit, after=after)
    used = documents_used(context.session, [row.fingerprint for row in rows])
    ordered = documents_claimed(context.session, [row.fingerprint for row in rows])
    return [
        {
            **_view(row),
            "state": _state(row.fingerprint, used, ordered),
            "used_minor": used.get(row.fingerprint, 0),
        }
        for row in rows
    ]


def open_content(context: Context, row: TradeDocumentRow) -> Content:
    """The inside of a document; whoever calls has checked who may see it.

    Raises:
        DocumentErased: Its key was destroyed.
    """
    return Vault(require_keeper(context).document_key).open(row)


def sealed_document(context: Context, caller: Caller, tag: str) -> dict[str, Any]:
    """The sealed bytes and the caller's own copy of their key, to open without the operator."""
    row = _require_document(context, caller, tag)
    if row.wrapped_keys is None:
        raise DocumentErased(tag)
    wrapped = json.loads(row.wrapped_keys).get(str(caller.organisation))
    if wrapped is None:
        raise NotFound("wrapped key of document", tag)
    return {
        "document_id": row.document_id,
        "organisation": caller.organisation,
        "sealed": to_hex(row.sealed),
        "wrapped_by": wrapped["by"],
        "wrapped_key": wrapped["key"],
    }


def disclose_field(context: Context, caller: Caller, tag: str, name: str) -> dict[str, Any]:
    """One field of a document with its proof, for its owner or seller to show to somebody."""
    row = _require_document(context, caller, tag)
    content = open_content(context, row)
    if name not in content.facts:
        raise FieldMalformed("field", name, ", ".join(sorted(content.facts)))
    file_hash = sha256(content.file).digest()
    disclosure = commitments.disclose_field(content.facts, content.salt, file_hash, name)
    return {"commitment": row.commitment, **commitments.disclosure_to_json(disclosure)}


def _require_document(context: Context, caller: Caller, tag: str) -> TradeDocumentRow:
    row = documents_by_fingerprint(context.session, [tag]).get(tag)
    if row is None:
        raise NotFound("document", tag)
    caller.require_party("document", tag, row.owner, row.seller)
    return row


def _view(row: TradeDocumentRow) -> dict[str, Any]:
    return {
        "fingerprint": row.fingerprint,
        "commitment": row.commitment,
        "document_type": row.document_type,
        "amount": money_json(row.amount_minor, row.currency),
        "owner": row.owner,
        "seller": row.seller,
        "recorded_at": row.recorded_at,
        "erased_at": row.erased_at,
        "disputed_at": row.disputed_at,
        "disputed_because": row.disputed_because,
        "matched_with": json.loads(row.matched_with or "[]"),
    }


def _state(tag: str, used: Mapping[str, int], ordered: set[str]) -> DocumentState:
    if used.get(tag, 0):
        return DocumentState.USED
    return DocumentState.ORDERED if tag in ordered else DocumentState.RECORDED


# --- acts on a document ----------------------------------------------------------------------


def erase_document(context: Context, caller: Caller, tag: str, reason: str) -> dict[str, Any]:
    """Destroy a document's keys, for ever; its owner or the operator may.

    Commitment and fingerprint stay: the chain goes on proving what it proved, and the document
    cannot be used again.
    """
    row = _require_owned(context, caller, tag)
    if row.wrapped_keys is not None:
        row.wrapped_keys = None
        row.sealed = b""
        row.erased_at = context.now
        row.erased_because = f"organisation {caller.organisation}: {reason}"
        context.session.add(row)
    return _view(row)


def dispute_document(
    context: Context, caller: Caller, tag: str, reason: str | None
) -> dict[str, Any]:
    """Say that an invoice is disputed, or with None that it no longer is; its owner may.

    A disputed document carries no new receivable.
    """
    row = _require_owned(context, caller, tag)
    row.disputed_at = None if reason is None else context.now
    row.disputed_because = reason
    context.session.add(row)
    return _view(row)


def register_encryption_key(context: Context, caller: Caller, public_key: str) -> None:
    """Have documents recorded from now on wrapped for the caller's own X25519 key."""
    from_hex(public_key, 32)
    context.session.merge(
        EncryptionKeyRow(
            organisation=caller.organisation,
            public_key=public_key,
            registered_at=context.now,
        )
    )


def _require_owned(context: Context, caller: Caller, tag: str) -> TradeDocumentRow:
    row = documents_by_fingerprint(context.session, [tag]).get(tag)
    if row is None or caller.organisation not in {row.owner, 0}:
        raise NotFound("document", tag)
    return row
