"""Private tables of trade documents. On chain only the commitment and the fingerprint.

A document's file, number, facts and salt are sealed under a key of its own; the row holds that key
wrapped for each organisation that may read it. Without the wrapped keys the row opens nothing.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary, Text, func
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.models.documents import DocumentRow

_HASHES_A_QUERY = 500


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
    """Documents by fingerprint, those we hold."""
    found: dict[str, TradeDocumentRow] = {}
    for some in _portions(fingerprints):
        rows = session.exec(
            select(TradeDocumentRow).where(col(TradeDocumentRow.fingerprint).in_(some))
        )
        found |= {row.fingerprint: row for row in rows}
    return found


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


def document_by_commitment(session: Session, commitment: str) -> TradeDocumentRow | None:
    """The document a commitment on chain opens to."""
    wanted = select(TradeDocumentRow).where(TradeDocumentRow.commitment == commitment)
    return session.exec(wanted).first()


def documents_used(session: Session, fingerprints: Iterable[str]) -> dict[str, int]:
    """How much of each of these documents the chain says is used, minor units."""
    used: dict[str, int] = {}
    for some in _portions(fingerprints):
        rows = session.exec(select(DocumentRow).where(col(DocumentRow.fingerprint).in_(some)))
        used |= {row.fingerprint: row.used_minor for row in rows}
    return used


def matches_of(session: Session, match_keys: Iterable[str]) -> list[DocumentMatchRow]:
    """Documents that have one of these match keys."""
    return [
        row
        for some in _portions(match_keys)
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


def encryption_keys(session: Session, organisations: Iterable[int]) -> dict[int, str]:
    """Public keys of those organisations that have one of their own."""
    wanted = select(EncryptionKeyRow).where(
        col(EncryptionKeyRow.organisation).in_(set(organisations))
    )
    return {row.organisation: row.public_key for row in session.exec(wanted)}


def _portions(hashes: Iterable[str]) -> list[list[str]]:
    wanted = list(hashes)
    return [wanted[at : at + _HASHES_A_QUERY] for at in range(0, len(wanted), _HASHES_A_QUERY)]
