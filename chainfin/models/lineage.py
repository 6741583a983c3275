"""The lineage of lots as JSON, wide answers at once.

A lot's root is number 1 of its receivable, and a child's number is above its parent's; so all lots
of a receivable by number are its whole lineage, from the root down. A page is a JSON array with one
array of `COLUMNS` for each lot: SQLite writes it itself, which is ten times as fast as making
objects of its rows first; PostgreSQL's rows are written here, which is faster than its own JSON.
"""

from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Connection
from sqlmodel import Session

from chainfin.domain.receivable import LotId

Bind: TypeAlias = Session | Connection
"""What is read through: a session, or a connection without what a session remembers."""

COLUMNS = (
    "lot_sequence",
    "parent_sequence",
    "depth",
    "holder",
    "face_value_minor",
    "paid_minor",
    "encumbrance",
    "is_settled",
)
"""Of each lot, in this order; `encumbrance` is its number in the contracts."""

_MOST = 2**31 - 1
_ALL = "SELECT {columns} FROM lot WHERE receivable_id = {p} AND lot_sequence > {p}"
_UP = """
WITH RECURSIVE line AS (
  SELECT * FROM lot WHERE receivable_id = {p} AND lot_sequence = {p}
  UNION ALL
  SELECT above.* FROM line JOIN lot above
    ON above.receivable_id = line.receivable_id AND above.lot_sequence = line.parent_sequence
) SELECT {columns} FROM line WHERE lot_sequence > {p}
"""
_DOWN = """
WITH RECURSIVE family AS (
  SELECT * FROM lot WHERE receivable_id = {p} AND lot_sequence = {p}
  UNION ALL
  SELECT below.* FROM family JOIN lot below
    ON below.receivable_id = family.receivable_id AND below.parent_sequence = family.lot_sequence
) SELECT {columns} FROM family WHERE lot_sequence > {p}
"""
_PAGE = " ORDER BY lot_sequence LIMIT {p}"


def lots_json(bind: Bind, receivable_id: int, *, after: int = 0, limit: int = _MOST) -> bytes:
    """Every lot of a receivable by number, from the one after a number on: a JSON array."""
    return _array(bind, _ALL, (receivable_id, after, limit))


def ancestors_json(bind: Bind, lot_id: LotId, *, after: int = 0, limit: int = _MOST) -> bytes:
    """A lot and what it was taken from, the root first: a JSON array."""
    return _array(bind, _UP, (lot_id.receivable_id, lot_id.lot_sequence, after, limit))


def descendants_json(bind: Bind, lot_id: LotId, *, after: int = 0, limit: int = _MOST) -> bytes:
    """A lot and everything taken from it, by number: a JSON array."""
    return _array(bind, _DOWN, (lot_id.receivable_id, lot_id.lot_sequence, after, limit))


def _array(bind: Bind, lots: str, parameters: tuple[Any, ...]) -> bytes:
    connection = bind.connection() if isinstance(bind, Session) else bind
    columns = ", ".join(COLUMNS)
    if connection.dialect.name == "postgresql":
        statement = (lots + _PAGE).format(columns=columns, p="%s")
        rows = connection.exec_driver_sql(statement, parameters).cursor.fetchall()
        return msgspec.json.encode(rows)
    page = (lots + _PAGE).format(columns=columns, p="?")
    statement = f"SELECT json_group_array(json_array({columns})) FROM ({page})"  # noqa: S608
    ((found,),) = connection.exec_driver_sql(statement, parameters).cursor.fetchall()
    return str(found).encode()
