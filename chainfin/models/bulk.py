"""Many rows in few statements: what an indexer needs and an object mapper is too slow for.

A row is a plain tuple in the order of its table's columns. SQLite takes them by `executemany`,
PostgreSQL by COPY; both are three to ten times as fast as inserting through SQLAlchemy. Keys travel
as one value, a JSON array here and arrays there, so that a statement is the same for any number of
them. Names in statements come from the tables' own definition, values are always bound.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

import msgspec
import psycopg
from sqlalchemy import Connection, Dialect, Table, delete, insert, inspect
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from chainfin.models.columns import IndexTable

Values: TypeAlias = tuple[Any, ...]

_POSTGRESQL: Dialect = psycopg_dialect()  # type: ignore[no-untyped-call]
_KEYS_A_QUERY = 5_000
_VALUES_A_QUERY = 5_000
_ROWS_A_STATEMENT = 64
"""So many rows SQLite takes in one step, and for a step Python lets other threads go on."""


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


def add_rows(session: Session, rows: Sequence[SQLModel]) -> None:
    """Insert new rows of one table in one statement. They do not learn the numbers they get."""
    if not rows:
        return
    table = SQLModel.metadata.tables[str(rows[0].__tablename__)]
    names = [column.name for column in table.columns if column.name != "id"]
    values = [{name: getattr(row, name) for name in names} for row in rows]
    session.connection().execute(insert(table), values)


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
    whole = len(prepared) - len(prepared) % _ROWS_A_STATEMENT
    groups = [
        tuple(chain.from_iterable(prepared[start : start + _ROWS_A_STATEMENT]))
        for start in range(0, whole, _ROWS_A_STATEMENT)
    ]
    target = f"INSERT INTO {_quoted(kind, connection.dialect)} VALUES "  # noqa: S608
    marks = f"({', '.join('?' * len(names))})"
    if groups:
        many = target + ", ".join([marks] * _ROWS_A_STATEMENT)
        connection.exec_driver_sql(many, groups)
    if whole < len(prepared):
        connection.exec_driver_sql(target + marks, list(prepared[whole:]))


def _copy(
    connection: Connection, kind: type[IndexTable], names: Sequence[str], rows: Iterable[Values]
) -> None:
    driver = connection.connection.driver_connection
    if driver is None:  # pragma: no cover - a connection in use has one
        raise RuntimeError("the connection is closed")
    table = _quoted(kind, connection.dialect)
    target = f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    try:
        with driver.cursor() as cursor, cursor.copy(target) as copy:
            copy.set_types(_types_of(kind))
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # Past SQLAlchemy, so its own classes have to be put on by hand: callers know those.
        raise DBAPIError.instance(target, [], error, psycopg.Error) from error


@cache
def _types_of(kind: type[IndexTable]) -> list[str]:
    """The types of a table's columns, as PostgreSQL calls them, without lengths."""
    dialect = _POSTGRESQL
    types = [column.type.dialect_impl(dialect) for column in table_of(kind).columns]
    return [type_.compile(dialect=dialect).partition("(")[0].lower() for type_ in types]


def update_rows(
    session: Session, kind: type[IndexTable], rows: Sequence[tuple[Values, Values]]
) -> None:
    """Change rows that are there already: of each, what it was and what it is now.

    Only columns that change in one of them are written, so that indexes on others stay as they are.
    """
    if not rows:
        return
    connection = session.connection()
    names = [column.name for column in table_of(kind).columns]
    keys = [names.index(name) for name in key_names(kind)]
    changed = [
        place for place in range(len(names)) if any(was[place] != now[place] for was, now in rows)
    ]
    prepared = _prepared([now for _, now in rows], table_of(kind), connection.dialect)
    pick = _picker([*changed, *keys])
    values = [pick(row) for row in prepared]
    if connection.dialect.name == "postgresql":
        statement = _update_from_arrays(kind, changed, keys)
        connection.exec_driver_sql(statement, tuple(map(list, zip(*values, strict=True))))
        return
    changes = ", ".join(f"{names[place]} = ?" for place in changed)
    place = " AND ".join(f"{names[key]} = ?" for key in keys)
    statement = f"UPDATE {_quoted(kind, connection.dialect)} SET {changes} WHERE {place}"  # noqa: S608
    connection.exec_driver_sql(statement, values)


def _update_from_arrays(kind: type[IndexTable], changed: Sequence[int], keys: Sequence[int]) -> str:
    """PostgreSQL's one UPDATE of many rows: an array for each column."""
    table = table_of(kind)
    columns = list(table.columns)
    arrays = ", ".join(f"%s::{_array_type(columns[place])}" for place in [*changed, *keys])
    wanted = ", ".join(f"n{place}" for place in [*changed, *keys])
    changes = ", ".join(f"{columns[place].name} = n{place}" for place in changed)
    place = " AND ".join(f"{table.name}.{columns[key].name} = n{key}" for key in keys)
    return (
        f"UPDATE {table.name} SET {changes} "  # noqa: S608
        f"FROM unnest({arrays}) AS changed({wanted}) WHERE {place}"
    )


def _array_type(column: Any) -> str:
    """The type of an array of a column's values, as PostgreSQL calls it."""
    dialect = _POSTGRESQL
    return f"{column.type.dialect_impl(dialect).compile(dialect=dialect)}[]"


def load_rows(session: Session, kind: type[IndexTable], keys: Iterable[Values]) -> Iterator[Values]:
    """The rows of these primary keys, those that are there."""
    connection = session.connection()
    dialect = connection.dialect
    on_postgresql = dialect.name == "postgresql"
    statement = _select_from_arrays(kind) if on_postgresql else _select_from_json(kind)
    as_bound = _key_converters(kind, dialect)
    as_read = _readers(table_of(kind), dialect)
    for chunk in _chunks(list(keys), _KEYS_A_QUERY):
        bound = _converted(chunk, as_bound)
        parameters: tuple[Any, ...]
        if on_postgresql:
            parameters = tuple(map(list, zip(*bound, strict=True)))
        else:
            parameters = (msgspec.json.encode(bound).decode(),)
        found = connection.exec_driver_sql(statement, parameters)
        # The driver's own rows: results of SQLAlchemy cost as much again.
        yield from _converted(found.cursor.fetchall(), as_read)


@cache
def _select_from_json(kind: type[IndexTable]) -> str:
    """SQLite's selection of many rows: the keys are one JSON array of arrays."""
    table = table_of(kind)
    columns = ", ".join(f'"{table.name}".{column.name}' for column in table.columns)
    place = " AND ".join(
        f"\"{table.name}\".{name} = json_extract(wanted.value, '$[{index}]')"
        for index, name in enumerate(key_names(kind))
    )
    # CROSS JOIN keeps SQLite from scanning the table and looking each row up among the keys.
    return f'SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN "{table.name}" ON {place}'  # noqa: S608


@cache
def _select_from_arrays(kind: type[IndexTable]) -> str:
    """PostgreSQL's selection of many rows: an array for each column of the key."""
    table = table_of(kind)
    columns = ", ".join(f"{table.name}.{column.name}" for column in table.columns)
    key = list(table.primary_key)
    arrays = ", ".join(f"%s::{_array_type(column)}" for column in key)
    names = ", ".join(f"n{place}" for place in range(len(key)))
    place = " AND ".join(f"{table.name}.{c.name} = n{index}" for index, c in enumerate(key))
    return f"SELECT {columns} FROM unnest({arrays}) AS wanted({names}) JOIN {table.name} ON {place}"  # noqa: S608


@cache
def _key_converters(
    kind: type[IndexTable], dialect: Dialect
) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """What a column's type does to a value of the key before it is bound, by its place."""
    found = (
        (index, column.type.dialect_impl(dialect).bind_processor(dialect))
        for index, column in enumerate(table_of(kind).primary_key)
    )
    return tuple((index, convert) for index, convert in found if convert is not None)


@cache
def _readers(table: Table, dialect: Dialect) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """What a column's type does to a value that was read, by its place."""
    found = (
        (index, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for index, column in enumerate(table.columns)
    )
    return tuple((index, convert) for index, convert in found if convert is not None)


def _picker(places: Sequence[int]) -> Callable[[Values], Values]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: (row[places[0]],)


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


def drop_indexes(session: Session, kinds: Iterable[type[IndexTable]]) -> None:
    """Drop the secondary indexes of tables: inserting is then twice as fast."""
    for kind in kinds:
        for index in table_of(kind).indexes:
            index.drop(session.connection(), checkfirst=True)


def create_indexes(session: Session, kinds: Iterable[type[IndexTable]]) -> None:
    """Create the secondary indexes that are missing."""
    for kind in kinds:
        for index in table_of(kind).indexes:
            index.create(session.connection(), checkfirst=True)


def _prepared(rows: Sequence[Values], table: Table, dialect: Dialect) -> Sequence[Values]:
    """The rows as the driver takes them: what a column's type does to a value is done."""
    return _converted(rows, _converters(table, dialect))


def _converted(
    rows: Sequence[Values], converters: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Sequence[Values]:
    """Rows with some columns converted: column by column, since a row at a time is slower."""
    if not converters or not rows:
        return rows
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for index, convert in converters:
        columns[index] = map(convert, columns[index])
    return list(zip(*columns, strict=True))


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
