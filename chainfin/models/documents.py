"""The copy of the document registry: how much of each trade document is used.

What a document says is private and elsewhere; here it is its fingerprint.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import ColumnElement, Index, func
from sqlmodel import Session, col, select

from chainfin.models.columns import (
    Currency,
    IndexTable,
    Int64,
    KeyHash,
    KeyInt64,
    OptionalHash,
    OptionalInt64,
)

FIRST_EPOCH = 1
_HASHES_A_QUERY = 500


class DocumentRow(IndexTable, table=True):
    """A trade document as first entered, and what is used of it.

    Attributes:
        carried_to: The fingerprint it goes by since; None in the row that counts. What is used is
            kept in that one: this row stays as it was when the document was carried.
        carried_in: The epoch it goes by this fingerprint since; None where it was entered under it.
    """

    __tablename__: ClassVar[str] = "document"
    __table_args__ = (Index("ix_document_carried_to", "carried_to"),)

    fingerprint: KeyHash
    amount_minor: Int64
    used_minor: Int64
    obligor: Int64
    seller: Int64
    currency: Currency
    document_type: Int64
    sequence: Int64
    carried_to: OptionalHash = None
    carried_in: OptionalInt64 = None

    @property
    def available_minor(self) -> int:
        """What may still be issued on it."""
        return self.amount_minor - self.used_minor


class DocumentEpochRow(IndexTable, table=True):
    """An epoch of the fingerprint key after the first."""

    __tablename__: ClassVar[str] = "document_epoch"

    epoch: KeyInt64
    opened_at: Int64


def documents_now(session: Session, fingerprints: Iterable[str]) -> dict[str, DocumentRow]:
    """Documents by the fingerprints asked for, as they are now; those never entered are absent.

    A document has one fingerprint an epoch, so the questions are few.
    """
    found: dict[str, DocumentRow] = {}
    asked = {fingerprint: fingerprint for fingerprint in fingerprints}
    while asked:
        rows = _rows(session, asked.values())
        found |= {first: rows[name] for first, name in asked.items() if name in rows}
        asked = {
            first: row.carried_to
            for first, name in asked.items()
            if (row := rows.get(name)) is not None and row.carried_to is not None
        }
    return found


def fingerprints_of(session: Session, fingerprints: Iterable[str]) -> set[str]:
    """These and every other fingerprint that their documents went by."""
    known: set[str] = set()
    fresh = set(fingerprints)
    while fresh:
        known |= fresh
        after = {row.carried_to for row in _rows(session, fresh).values() if row.carried_to}
        wanted = select(DocumentRow.fingerprint)
        before = {
            name
            for some in portions(fresh)
            for name in session.exec(wanted.where(col(DocumentRow.carried_to).in_(some)))
        }
        fresh = (after | before) - known
    return known


def is_any_carried(session: Session, fingerprints: Iterable[str]) -> bool:
    """Whether any of these fingerprints is one that a document no longer goes by."""
    return any(row.carried_to is not None for row in _rows(session, fingerprints).values())


def uncarried(session: Session, after: str, limit: int) -> Sequence[str]:
    """Fingerprints to be carried before the next epoch opens, in order, after one of them."""
    name = col(DocumentRow.fingerprint)
    wanted = select(DocumentRow.fingerprint).where(_is_uncarried(session), name > after)
    return session.exec(wanted.order_by(name).limit(limit)).all()


def count_uncarried(session: Session) -> int:
    """How many documents must be carried before the next epoch opens."""
    wanted = select(func.count()).select_from(DocumentRow).where(_is_uncarried(session))
    return int(session.exec(wanted).one())


def _is_uncarried(session: Session) -> ColumnElement[bool]:
    since = col(DocumentRow.carried_in)
    is_of_live = since.is_(None) | (since <= live_epoch(session))
    return col(DocumentRow.carried_to).is_(None) & is_of_live


def live_epoch(session: Session) -> int:
    """The epoch whose key fingerprints are made with now."""
    epochs = select(DocumentEpochRow.epoch).order_by(col(DocumentEpochRow.epoch).desc())
    newest = session.exec(epochs.limit(1)).first()
    return FIRST_EPOCH if newest is None else newest


def _rows(session: Session, fingerprints: Iterable[str]) -> dict[str, DocumentRow]:
    return {
        row.fingerprint: row
        for some in portions(fingerprints)
        for row in session.exec(select(DocumentRow).where(col(DocumentRow.fingerprint).in_(some)))
    }


def portions(hashes: Iterable[str]) -> list[list[str]]:
    """Hashes, as many to a list as one query takes."""
    wanted = list(hashes)
    return [wanted[at : at + _HASHES_A_QUERY] for at in range(0, len(wanted), _HASHES_A_QUERY)]
