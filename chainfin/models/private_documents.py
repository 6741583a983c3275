"""Private table of trade documents: the file, its salt, its facts. On chain only the commitment."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary, Text
from sqlmodel import Field, Session, SQLModel, col, select

from chainfin.models.documents import DocumentRow

_HASHES_A_QUERY = 500


class TradeDocumentRow(SQLModel, table=True):
    """One trade document as its owner handed it in."""

    __tablename__: ClassVar[str] = "trade_document"

    fingerprint: str = Field(primary_key=True)
    epoch: int
    owner: int = Field(sa_type=BigInteger, index=True)
    seller: int = Field(sa_type=BigInteger, index=True)
    document_type: str
    number: str | None = None
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    file: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    facts: str = Field(sa_column=Column(Text, nullable=False))
    commitment: str = Field(index=True)
    recorded_at: int = Field(sa_type=BigInteger)


def documents_by_fingerprint(
    session: Session, fingerprints: Iterable[str]
) -> dict[str, TradeDocumentRow]:
    """Documents by fingerprint, those we hold."""
    wanted = list(fingerprints)
    found: dict[str, TradeDocumentRow] = {}
    for start in range(0, len(wanted), _HASHES_A_QUERY):
        some = wanted[start : start + _HASHES_A_QUERY]
        rows = session.exec(
            select(TradeDocumentRow).where(col(TradeDocumentRow.fingerprint).in_(some))
        )
        found |= {row.fingerprint: row for row in rows}
    return found


def document_by_commitment(session: Session, commitment: str) -> TradeDocumentRow | None:
    """The document a commitment on chain opens to."""
    wanted = select(TradeDocumentRow).where(TradeDocumentRow.commitment == commitment)
    return session.exec(wanted).first()


def documents_used(session: Session, fingerprints: Iterable[str]) -> dict[str, int]:
    """How much of each of these documents the chain says is used, minor units."""
    wanted = list(fingerprints)
    used: dict[str, int] = {}
    for start in range(0, len(wanted), _HASHES_A_QUERY):
        some = wanted[start : start + _HASHES_A_QUERY]
        rows = session.exec(select(DocumentRow).where(col(DocumentRow.fingerprint).in_(some)))
        used |= {row.fingerprint: row.used_minor for row in rows}
    return used
