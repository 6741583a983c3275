"""Private tables of trade documents. On chain only the commitment and the fingerprint.

A document's file, number, facts and salt are sealed under a key of its own; the row holds that key
wrapped for each organisation that may read it. Without the wrapped keys the row opens nothing.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary, Text, func
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.models.documents import documents_now, portions
from chainfin.models.orders import claims_on


class TradeDocumentRow(SQLModel, table=True):
    """One trade document as its owner handed it in.

    Attributes:
        document_id: Random, 32 hexadecimal digits: what its sealed bytes are bound to.
        sealed: Content under its data key (`codec.envelopes`).
        wrapped_keys: JSON: the data key by organisation, each `{"by": ..., "key": hex}`; None
            once it has been destroyed.
        erased_at: When, UTC seconds.
        erased_because: Who asked for it, and why.
        disputed_at: Since when its obligor or seller disputes it; None while nobody does.
        disputed_because: Why.
        matched_with: JSON: fingerprints of the order and the delivery notes an invoice was matched
            with; None where it was not.
    """

    __tablename__: ClassVar[str] = "trade_document"

    fingerprint: str = Field(primary_key=True)
    document_id: str = Field(unique=True)
    epoch: int
    owner: int = Field(sa_type=BigInteger, index=True)
    seller: int = Field(sa_type=BigInteger, index=True)
    document_type: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    wrapped_keys: str | None = Field(sa_column=Column(Text))
    commitment: str = Field(index=True)
    recorded_at: int = Field(sa_type=BigInteger)
    erased_at: int | None = Field(default=None, sa_type=BigInteger)
    erased_because: str | None = None
    disputed_at: int | None = Field(default=None, sa_type=BigInteger)
    disputed_because: str | None = None
    matched_with: str | None = None


class DocumentFingerprintRow(SQLModel, table=True):
    """By what fingerprint a recorded document goes in another epoch than that of its recording.

    Attributes:
        document: The fingerprint it was recorded under (`TradeDocumentRow`).
    """

    __tablename__: ClassVar[str] = "document_fingerprint"

    fingerprint: str = Field(primary_key=True)
    document: str = Field(index=True)
    epoch: int


class DocumentRuleRow(SQLModel, table=True):
    """What an anchor asks of documents before a receivable is issued under a programme."""

    __tablename__: ClassVar[str] = "document_rule"

    programme_id: int = Field(sa_type=BigInteger, primary_key=True)
    three_way_match: bool
    set_at: int = Field(sa_type=BigInteger)


class DocumentMatchRow(SQLModel, table=True):
    """A match key of a document: a keyed tag that duplicates share."""

    __tablename__: ClassVar[str] = "document_match"

    match_key: str = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True, index=True)
    kind: str
    epoch: int


class FingerprintUseRow(SQLModel, table=True):
    """A use of a fingerprint key, or of what it made: who asked, how many, when.

    Whoever may have tags computed can test guesses; this is where it would show.
    """

    __tablename__: ClassVar[str] = "fingerprint_use"

    use_id: int | None = Field(default=None, primary_key=True)
    organisation: int = Field(sa_type=BigInteger, index=True)
    purpose: str
    epoch: int
    tags: int
    reference: str
    used_at: int = Field(sa_type=BigInteger, index=True)


class EncryptionKeyRow(SQLModel, table=True):
    """An organisation's own X25519 key: documents recorded from then on are wrapped for it."""

    __tablename__: ClassVar[str] = "encryption_key"

    organisation: int = Field(sa_type=BigInteger, primary_key=True)
    public_key: str
    registered_at: int = Field(sa_type=BigInteger)


# --- queries ---------------------------------------------------------------------------------


def documents_by_fingerprint(
    session: Session, fingerprints: Iterable[str]
) -> dict[str, TradeDocumentRow]:
    """Documents by a fingerprint of whatever epoch, those we hold."""
    wanted = list(fingerprints)
    found: dict[str, TradeDocumentRow] = {}
    for some in portions(wanted):
        rows = session.exec(
            select(TradeDocumentRow).where(col(TradeDocumentRow.fingerprint).in_(some))
        )
        found |= {row.fingerprint: row for row in rows}
    for some in portions(tag for tag in wanted if tag not in found):
        name, row = DocumentFingerprintRow, TradeDocumentRow
        named = session.exec(
            select(name.fingerprint, row)
            .join(row, col(row.fingerprint) == col(name.document))
            .where(col(name.fingerprint).in_(some))
        )
        found |= dict(named.all())
    return found


def fingerprints_in(
    session: Session, documents: Iterable[TradeDocumentRow], epoch: int
) -> dict[str, str]:
    """By what fingerprint documents go in an epoch, by that of their recording; if computed."""
    rows = list(documents)
    found = {row.fingerprint: row.fingerprint for row in rows if row.epoch == epoch}
    name = DocumentFingerprintRow
    for some in portions(row.fingerprint for row in rows if row.epoch != epoch):
        named = session.exec(
            select(name.document, name.fingerprint).where(
                col(name.document).in_(some), name.epoch == epoch
            )
        )
        found |= dict(named.all())
    return found


def every_fingerprint(session: Session, fingerprints: Iterable[str]) -> dict[str, set[str]]:
    """All fingerprints that the documents of these go by, by the one asked for."""
    wanted = list(fingerprints)
    documents = documents_by_fingerprint(session, wanted)
    by_document: dict[str, set[str]] = {}
    name = DocumentFingerprintRow
    for some in portions({row.fingerprint for row in documents.values()}):
        for row in session.exec(select(name).where(col(name.document).in_(some))):
            by_document.setdefault(row.document, set()).add(row.fingerprint)
    return {
        tag: {tag, document.fingerprint} | by_document.get(document.fingerprint, set())
        if (document := documents.get(tag)) is not None
        else {tag}
        for tag in wanted
    }


def documents_of(
    session: Session, organisation: int, limit: int, *, after: str | None = None
) -> Sequence[TradeDocumentRow]:
    """Documents an organisation owns or sells under, newest first, from one of them on."""
    row = TradeDocumentRow
    wanted = select(row).where((row.owner == organisation) | (row.seller == organisation))
    last = None if after is None else session.get(TradeDocumentRow, after)
    if last is not None:
        wanted = wanted.where(
            (col(row.recorded_at) < last.recorded_at)
            | ((col(row.recorded_at) == last.recorded_at) & (col(row.fingerprint) > after))
        )
    newest = wanted.order_by(col(row.recorded_at).desc(), col(row.fingerprint))
    return session.exec(newest.limit(limit)).all()


def documents_used(session: Session, fingerprints: Iterable[str]) -> dict[str, int]:
    """How much of each of these documents the chain says is used, minor units."""
    names = every_fingerprint(session, fingerprints)
    entered = documents_now(session, {name for some in names.values() for name in some})
    return {
        tag: max(used)
        for tag, some in names.items()
        if (used := [entered[name].used_minor for name in some if name in entered])
    }


def documents_claimed(session: Session, fingerprints: Iterable[str]) -> set[str]:
    """Those of these documents that a live issue order claims."""
    names = every_fingerprint(session, fingerprints)
    claimed = claims_on(session, {name for some in names.values() for name in some})
    return {tag for tag, some in names.items() if some & claimed}


def matches_of(session: Session, match_keys: Iterable[str]) -> list[DocumentMatchRow]:
    """Documents that have one of these match keys."""
    return [
        row
        for some in portions(match_keys)
        for row in session.exec(
            select(DocumentMatchRow).where(col(DocumentMatchRow.match_key).in_(some))
        )
    ]


def tags_asked_since(session: Session, organisation: int, purpose: str, since: int) -> int:
    """How many tags an organisation asked about for a purpose since an instant."""
    row = FingerprintUseRow
    wanted = select(func.coalesce(func.sum(row.tags), 0)).where(
        row.organisation == organisation, row.purpose == purpose, row.used_at >= since
    )
    return int(session.exec(wanted).one())


def list_fingerprint_uses(
    session: Session, *, organisation: int | None, after: int, limit: int
) -> Sequence[FingerprintUseRow]:
    """Uses of fingerprints by number, of one organisation or of all."""
    row = FingerprintUseRow
    wanted = select(row).where(col(row.use_id) > after)
    if organisation is not None:
        wanted = wanted.where(row.organisation == organisation)
    return session.exec(wanted.order_by(col(row.use_id)).limit(limit)).all()


def encryption_keys(session: Session, organisations: Iterable[int]) -> dict[int, str]:
    """Public keys of those organisations that have one of their own."""
    wanted = select(EncryptionKeyRow).where(
        col(EncryptionKeyRow.organisation).in_(set(organisations))
    )
    return {row.organisation: row.public_key for row in session.exec(wanted)}
