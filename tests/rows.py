"""Rows of the index for tests: written by the names of their columns, and read."""

from typing import Any, TypeVar

from sqlmodel import Session, select

from chainfin.domain.events import RawLog
from chainfin.domain.receivable import Encumbrance, ReceivableStatus
from chainfin.models.bulk import table_of
from chainfin.models.chain_index import logs_after
from chainfin.models.columns import IndexTable
from chainfin.models.receivables import LotRow, ReceivableRow
from tests.fake_chain import digest

Values = tuple[Any, ...]
RowT = TypeVar("RowT", bound=IndexTable)

_BEFORE_ALL = (-1, -1)
_MORE_THAN_ALL = 10**9


def values_of(kind: type[IndexTable], **named: Any) -> Values:
    """A row as the index writes it: a value a column, in the table's order, or its default."""
    row = kind(**named)
    return tuple(getattr(row, column.name) for column in table_of(kind).columns)


def receivable_values(**named: Any) -> Values:
    """An active receivable of one lot, issued in block 7."""
    document = digest(f"document {named['receivable_id']}")
    usual = {
        "programme_id": 1,
        "currency": "CNY",
        "grace_ends_at": named["maturity_at"],
        "status": ReceivableStatus.ACTIVE,
        "paid_minor": 0,
        "cleared_minor": 0,
        "lot_count": 1,
        "sequence": 1,
        "document_type": 4,
        "document_amount_minor": named["face_value_minor"],
        "document_sequence": 1,
        "document_fingerprint": document,
        "document_commitment": document,
        "issued_at": 1_000,
        "issued_block_number": 7,
        "issued_transaction_hash": document,
    }
    return values_of(ReceivableRow, **usual | named)


def lot_values(**named: Any) -> Values:
    """A free lot at the first tier with nothing paid on it."""
    usual = {
        "parent_sequence": 0,
        "depth": 0,
        "original_face_value_minor": named["face_value_minor"],
        "paid_minor": 0,
        "tier": 1,
        "transfer_count": 0,
        "encumbrance": Encumbrance.NONE,
        "is_settled": False,
        "created_sequence": 1,
    }
    return values_of(LotRow, **usual | named)


def rows_of(session: Session, kind: type[RowT], **named: Any) -> list[RowT]:
    """The rows with these values, in the order of their key."""
    table = table_of(kind)
    wanted = select(kind).where(*[table.c[name] == value for name, value in named.items()])
    return list(session.exec(wanted.order_by(*table.primary_key.columns)))


def stored_logs(session: Session) -> list[RawLog]:
    """Every log the index has stored, in chain order."""
    return logs_after(session, _BEFORE_ALL, _MORE_THAN_ALL)
