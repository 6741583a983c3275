"""Private tables of exports: what was asked for, how far it is, and the file in pieces.

A piece is compressed; pieces in the order of their numbers are the file. They are deleted when the
export expires.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ColumnElement, Index, LargeBinary, func, or_
from sqlmodel import Field, Session, SQLModel, col, delete, select

from chainfin.domain.feed import EVERYONE
from chainfin.models.event_feed import FeedEntryRow, FeedReaderRow
from chainfin.models.financings import FinancingRequestRow
from chainfin.models.receivables import LotRow, ReceivableRow, has_party
from chainfin.models.settlements import LotPaymentRow, SettlementRow
from chainfin.models.transfers import TransferRow

UNFINISHED = ("queued", "running")


class ExportRow(SQLModel, table=True):
    """An export.

    Attributes:
        table_name: What is exported.
        reads_all: Whether whoever asked reads everything.
        status: queued, running, done, failed or expired.
        rows_total: How many rows there were when it began.
        expires_at: When its file is deleted, once it is done.
        block_number: The block its rows are true for, once it runs.
        failure: Why it failed.
    """

    __tablename__: ClassVar[str] = "export"
    __table_args__ = (Index("ix_export_status", "status", "export_id"),)

    export_id: str = Field(primary_key=True)
    organisation: int = Field(sa_type=BigInteger, index=True)
    reads_all: bool
    table_name: str
    file_format: str
    status: str
    requested_at: int = Field(sa_type=BigInteger)
    rows_done: int = Field(default=0, sa_type=BigInteger)
    rows_total: int = Field(default=0, sa_type=BigInteger)
    file_bytes: int = Field(default=0, sa_type=BigInteger)
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    block_hash: str | None = None
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    failure: str | None = None


class ExportPieceRow(SQLModel, table=True):
    """A piece of an export's file, compressed."""

    __tablename__: ClassVar[str] = "export_piece"

    export_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


def get_export(session: Session, export_id: str) -> ExportRow | None:
    """An export by its number, as it is now."""
    return session.get(ExportRow, export_id, populate_existing=True)


def exports_of(
    session: Session, organisation: int, *, before: str | None, limit: int
) -> Sequence[ExportRow]:
    """An organisation's exports, newest first."""
    wanted = select(ExportRow).where(ExportRow.organisation == organisation)
    if before is not None:
        wanted = wanted.where(ExportRow.export_id < before)
    return session.exec(wanted.order_by(col(ExportRow.export_id).desc()).limit(limit)).all()


def count_unfinished(session: Session, organisation: int) -> int:
    """How many exports an organisation waits for."""
    wanted = select(func.count()).where(
        ExportRow.organisation == organisation, col(ExportRow.status).in_(UNFINISHED)
    )
    return int(session.exec(wanted).one())


def next_unfinished(session: Session) -> ExportRow | None:
    """The oldest export to be made, or to be made again."""
    wanted = select(ExportRow).where(col(ExportRow.status).in_(UNFINISHED))
    return session.exec(wanted.order_by(col(ExportRow.export_id)).limit(1)).first()


def expired_exports(session: Session, now: int) -> Sequence[ExportRow]:
    """Exports whose file is to be deleted."""
    wanted = select(ExportRow).where(ExportRow.status == "done", col(ExportRow.expires_at) <= now)
    return session.exec(wanted).all()


def add_piece(session: Session, export_id: str, number: int, content: bytes) -> None:
    """Keep the next piece of a file."""
    packed = zlib.compress(content, 6)
    session.add(ExportPieceRow(export_id=export_id, number=number, content=packed))


def get_piece(session: Session, export_id: str, number: int) -> bytes | None:
    """A piece of a file; None after the last."""
    row = session.get(ExportPieceRow, (export_id, number))
    return None if row is None else zlib.decompress(row.content)


def pieces_of(session: Session, export_id: str) -> Iterator[bytes]:
    """A file piece by piece."""
    number = 0
    while (content := get_piece(session, export_id, number)) is not None:
        yield content
        number += 1


def drop_pieces(session: Session, export_id: str) -> None:
    """Delete a file."""
    session.exec(delete(ExportPieceRow).where(col(ExportPieceRow.export_id) == export_id))


def count_rows(session: Session, table_name: str, party: int | None) -> int:
    """How many rows a table has for a party, or for those who read all (None)."""
    kind = FeedEntryRow if table_name == "trail" and party is None else _TABLES[table_name]
    wanted = select(func.count()).select_from(kind)
    if table_name in {"settlements", "payments"}:
        wanted = wanted.join(
            ReceivableRow, col(ReceivableRow.receivable_id) == col(kind.receivable_id)
        )
    if party is not None:
        wanted = wanted.where(_OF_PARTY[table_name](party))
    return int(session.exec(wanted).one())


_TABLES: dict[str, Any] = {
    "receivables": ReceivableRow,
    "lots": LotRow,
    "transfers": TransferRow,
    "financings": FinancingRequestRow,
    "settlements": SettlementRow,
    "payments": LotPaymentRow,
    "trail": FeedReaderRow,
}
_OF_PARTY: dict[str, Callable[[int], ColumnElement[bool]]] = {
    "receivables": has_party,
    "lots": lambda party: col(LotRow.holder) == party,
    "transfers": lambda party: or_(
        col(TransferRow.sender) == party, col(TransferRow.receiver) == party
    ),
    "financings": lambda party: or_(
        col(FinancingRequestRow.holder) == party, col(FinancingRequestRow.funder) == party
    ),
    "settlements": has_party,
    "payments": lambda party: or_(
        col(LotPaymentRow.payee) == party, col(ReceivableRow.obligor) == party
    ),
    "trail": lambda party: col(FeedReaderRow.organisation).in_((party, EVERYONE)),
}
