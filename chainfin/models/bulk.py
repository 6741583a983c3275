"""Many rows in few statements: what an indexer needs and an object mapper is too slow for.

A row is a plain tuple in the order of its table's columns. SQLite takes them by `executemany`,
PostgreSQL by COPY; both are three to ten times as fast as inserting through SQLAlchemy.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Table,
    and_,
    bindparam,
    delete,
    func,
    inspect,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from chainfin.models.columns import IndexTable

Values: TypeAlias = tuple[Any, ...]

_KEYS_A_QUERY = 400
_VALUES_A_QUERY = 5_000
_FEW_ROWS = 20


@cache
def table_of(kind: type[IndexTable]) -> Table:
    """The table a class stands for."""
    table = inspect(kind).local_table
    if not isinstance(table, Table):
        raise TypeError(f"{kind.__name__} is no table")
    return table


@cache
def key_names(kind: type[IndexTable]) -> tuple[str, ...]:
    """The names of the columns of a table's primary key."""
    return tuple(column.name for column in table_of(kind).primary_key)


def insert_rows(session: Session, kind: type[IndexTable], rows: Sequence[Values]) -> None:
    """Insert new rows; one that is there already is an error of the database."""
    if not rows:
        return
    connection = session.connection()
    prepared = _prepared(rows, table_of(kind), connection.dialect)
    names = [column.name for column in table_of(kind).columns]
    if connection.dialect.name == "postgresql":
        _copy(connection, kind, names, prepared)
        return
    marks = ", ".join("?" * len(names))
    # Names come from the tables' own definition, values are bound.
    statement = f"INSERT INTO {_quoted(kind, connection.dialect)} VALUES ({marks})"  # noqa: S608
    connection.exec_driver_sql(statement, list(prepared))


def _copy(
    connection: Connection, kind: type[IndexTable], names: Sequence[str], rows: Iterable[Values]
) -> None:
    driver = connection.connection.driver_connection
    if driver is None:  # pragma: no cover - a connection in use has one
        raise RuntimeError("the connection is closed")
    target = f"COPY {_quoted(kind, connection.dialect)} ({', '.join(names)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(target) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # Past SQLAlchemy, so its own classes have to be put on by hand: callers know those.
        raise DBAPIError.instance(target, [], error, psycopg.Error) from error


def update_rows(session: Session, kind: type[IndexTable], rows: Sequence[Values]) -> None:
    """Replace rows that are there already, found by their primary key."""
    if not rows:
        return
    connection = session.connection()
    names = [column.name for column in table_of(kind).columns]
    if connection.dialect.name == "postgresql" and len(rows) > _FEW_ROWS:
        # One UPDATE a row is a round trip a row; putting the rows there anew is two for all.
        _delete_keys(session, kind, [_key_of(kind, row) for row in rows])
        insert_rows(session, kind, rows)
        return
    keys = [names.index(name) for name in key_names(kind)]
    others = [index for index in range(len(names)) if index not in keys]
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    changes = ", ".join(f"{names[index]} = {mark}" for index in others)
    place = " AND ".join(f"{names[index]} = {mark}" for index in keys)
    order = others + keys
    prepared = _prepared(rows, table_of(kind), connection.dialect)
    statement = f"UPDATE {_quoted(kind, connection.dialect)} SET {changes} WHERE {place}"  # noqa: S608
    connection.exec_driver_sql(
        statement, [tuple([row[index] for index in order]) for row in prepared]
    )


def _delete_keys(session: Session, kind: type[IndexTable], keys: Sequence[Values]) -> None:
    table = table_of(kind)
    for chunk in _chunks(keys, _KEYS_A_QUERY):
        session.execute(delete(table).where(_has_key(table, chunk, session)))


def _has_key(table: Table, keys: Sequence[Values], session: Session) -> ColumnElement[bool]:
    """That a row's primary key is one of these."""
    columns = list(table.primary_key)
    if session.connection().dialect.name != "postgresql":
        return tuple_(*columns).in_(keys)
    # PostgreSQL plans a list of tuples as one search each, but joins arrays as a table.
    lists = zip(columns, zip(*keys, strict=True), strict=True)
    arrays = [bindparam(None, list(values), type_=ARRAY(column.type)) for column, values in lists]
    names = [column.name for column in columns]
    wanted = func.unnest(*arrays).table_valued(*names).render_derived(name="wanted")
    return and_(*[column == wanted.c[column.name] for column in columns])


def _key_of(kind: type[IndexTable], row: Values) -> Values:
    names = [column.name for column in table_of(kind).columns]
    return tuple([row[names.index(name)] for name in key_names(kind)])


def load_rows(session: Session, kind: type[IndexTable], keys: Iterable[Values]) -> Iterator[Values]:
    """The rows of these primary keys, those that are there."""
    table = table_of(kind)
    for chunk in _chunks(list(keys), _KEYS_A_QUERY):
        wanted = select(table).where(_has_key(table, chunk, session))
        yield from map(tuple, session.execute(wanted))


def delete_rows(
    session: Session, kind: type[IndexTable], column: str, values: Iterable[Any]
) -> None:
    """Delete the rows whose column has one of these values."""
    table = table_of(kind)
    for chunk in _chunks(list(values), _VALUES_A_QUERY):
        session.execute(delete(table).where(table.c[column].in_(chunk)))


def delete_beyond(session: Session, kind: type[IndexTable], column: str, limit: int) -> None:
    """Delete the rows whose column is above a limit."""
    table = table_of(kind)
    session.execute(delete(table).where(table.c[column] > limit))


def clear(session: Session, kinds: Iterable[type[IndexTable]]) -> None:
    """Delete every row of these tables."""
    for kind in kinds:
        session.execute(delete(table_of(kind)))


def _prepared(rows: Sequence[Values], table: Table, dialect: Dialect) -> Iterable[Values]:
    """The rows as the driver takes them: what a column's type does to a value is done."""
    converters = _converters(table, dialect)
    if not converters:
        return rows
    return (_converted(row, converters) for row in rows)


def _converted(row: Values, converters: Sequence[tuple[int, Callable[[Any], Any]]]) -> Values:
    values = list(row)
    for index, convert in converters:
        values[index] = convert(values[index])
    return tuple(values)


@cache
def _converters(table: Table, dialect: Dialect) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    found = (
        (index, column.type.dialect_impl(dialect).bind_processor(dialect))
        for index, column in enumerate(table.columns)
    )
    return tuple((index, convert) for index, convert in found if convert is not None)


def _quoted(kind: type[IndexTable], dialect: Dialect) -> str:
    return dialect.identifier_preparer.format_table(table_of(kind))


def _chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
