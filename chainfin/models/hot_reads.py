"""The reads that pages and machines make again and again: right, row and block in one statement.

The object mapper would take ten times as long over them as the database. A statement says whether
the asking organisation is a party, as `receivables.is_party` does; who may read for another reason
is asked about elsewhere.
"""

import sqlite3
from typing import Any, NamedTuple

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from chainfin.domain.audit import AsOf
from chainfin.domain.receivable import Encumbrance, LotId, ReceivableStatus
from chainfin.models.lineage import Bind

_LOT_COLUMNS = (
    "original_face_value_minor, face_value_minor, paid_minor, parent_sequence, holder, tier,"
    " transfer_count, created_sequence, encumbrance, is_settled, holdback_seller, holdback_minor"
)
_RECEIVABLE_COLUMNS = (
    "obligor, supplier, programme_id, currency, face_value_minor, paid_minor, maturity_at,"
    " grace_ends_at, status, lot_count, document_fingerprint, document_commitment, issued_at,"
    " cancellation_proposed_by, cancellation_amount_minor, cancellation_expires_at,"
    " cancellation_reason_hash"
)
_BLOCK = "block_number, block_hash, block_timestamp"
_IS_PARTY = (
    "EXISTS (SELECT 1 FROM receivable WHERE receivable_id = {receivable}"
    " AND {party} IN (obligor, supplier))"
    " OR EXISTS (SELECT 1 FROM lot WHERE holder = {party} AND receivable_id = {receivable})"
)
_LOT = (
    f"SELECT {_BLOCK}, {_IS_PARTY}, {_LOT_COLUMNS} FROM chain_cursor"  # noqa: S608 - our own words
    " JOIN lot ON receivable_id = {receivable} AND lot_sequence = {lot}"
)
_RECEIVABLE = (
    f"SELECT {_BLOCK}, {_IS_PARTY}, {_RECEIVABLE_COLUMNS} FROM chain_cursor"  # noqa: S608
    " JOIN receivable ON receivable_id = {receivable}"
)


class Told(NamedTuple):
    """What goes with every row.

    Attributes:
        block: The block it is true for.
        is_party: Whether the asking organisation is a party to the receivable.
    """

    block: AsOf
    is_party: bool


class LotFound(NamedTuple):
    """A lot, as `LotRow` has it."""

    receivable_id: int
    lot_sequence: int
    original_face_value_minor: int
    face_value_minor: int
    paid_minor: int
    parent_sequence: int
    holder: int
    tier: int
    transfer_count: int
    created_sequence: int
    encumbrance: Encumbrance
    is_settled: bool
    holdback_seller: int | None
    holdback_minor: int


class ReceivableFound(NamedTuple):
    """A receivable, as `ReceivableRow` has it."""

    receivable_id: int
    obligor: int
    supplier: int
    programme_id: int
    currency: str
    face_value_minor: int
    paid_minor: int
    maturity_at: int
    grace_ends_at: int
    status: ReceivableStatus
    lot_count: int
    document_fingerprint: str
    document_commitment: str
    issued_at: int
    cancellation_proposed_by: int | None
    cancellation_amount_minor: int | None
    cancellation_expires_at: int | None
    cancellation_reason_hash: str | None


def lot_for(bind: Bind, lot_id: LotId, party: int) -> tuple[Told, LotFound] | None:
    """A lot, and whether an organisation is a party; None if there is no such lot."""
    named = {"receivable": lot_id.receivable_id, "lot": lot_id.lot_sequence, "party": party}
    row = _one(bind, _LOT, named)
    if row is None:
        return None
    found = LotFound(lot_id.receivable_id, lot_id.lot_sequence, *row[4:])
    encumbrance, is_settled = Encumbrance(found.encumbrance), bool(found.is_settled)
    lot = found._replace(encumbrance=encumbrance, is_settled=is_settled)
    return Told(AsOf(*row[:3]), bool(row[3])), lot


def receivable_for(
    bind: Bind, receivable_id: int, party: int
) -> tuple[Told, ReceivableFound] | None:
    """A receivable, and whether an organisation is a party; None if there is none."""
    row = _one(bind, _RECEIVABLE, {"receivable": receivable_id, "party": party})
    if row is None:
        return None
    found = ReceivableFound(receivable_id, *row[4:])
    status = ReceivableStatus(found.status)
    return Told(AsOf(*row[:3]), bool(row[3])), found._replace(status=status)


def _one(bind: Bind, statement: str, named: dict[str, int]) -> Any:
    connection = bind.connection() if isinstance(bind, Session) else bind
    if connection.dialect.name == "postgresql":
        places = {name: f"%({name})s" for name in named}
        return connection.exec_driver_sql(statement.format(**places), named).first()
    # Past SQLAlchemy, which would take longer than the database.
    places = {name: f":{name}" for name in named}
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement.format(**places), named)
        return cursor.fetchone()
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error
    finally:
        cursor.close()
