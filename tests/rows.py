"""Rows of the index for tests, by the names of their columns; what is not named has its default."""

from typing import Any

from chainfin.domain.receivable import Encumbrance, ReceivableStatus
from chainfin.models.bulk import table_of
from chainfin.models.columns import IndexTable
from chainfin.models.receivables import LotRow, ReceivableRow
from tests.fake_chain import digest

Values = tuple[Any, ...]


def values_of(kind: type[IndexTable], **named: Any) -> Values:
    """A row as the index writes it: a value a column, in the table's order."""
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
