"""The copy of the document registry: how much of each trade document is used.

What a document says is private and elsewhere; here it is its fingerprint.
"""

from typing import ClassVar

from sqlmodel import Session, col, select

from chainfin.models.columns import Currency, IndexTable, Int64, KeyHash, KeyInt64

FIRST_EPOCH = 1


class DocumentRow(IndexTable, table=True):
    """A trade document as first entered, and what is used of it."""

    __tablename__: ClassVar[str] = "document"

    fingerprint: KeyHash
    amount_minor: Int64
    used_minor: Int64
    obligor: Int64
    seller: Int64
    currency: Currency
    document_type: Int64
    sequence: Int64

    @property
    def available_minor(self) -> int:
        """What may still be issued on it."""
        return self.amount_minor - self.used_minor


class DocumentEpochRow(IndexTable, table=True):
    """An epoch of the fingerprint key after the first."""

    __tablename__: ClassVar[str] = "document_epoch"

    epoch: KeyInt64
    opened_at: Int64


def get_document(session: Session, fingerprint: str) -> DocumentRow | None:
    """A trade document by its fingerprint."""
    return session.get(DocumentRow, fingerprint)


def live_epoch(session: Session) -> int:
    """The epoch whose key fingerprints are made with now."""
    epochs = select(DocumentEpochRow.epoch).order_by(col(DocumentEpochRow.epoch).desc())
    newest = session.exec(epochs.limit(1)).first()
    return FIRST_EPOCH if newest is None else newest
