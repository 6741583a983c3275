"""A second set of the projected tables, seen by one connection in place of the real ones.

SQLite looks a name up among the temporary tables first, PostgreSQL in the schemas of the search
path. So statements need not know of the shadow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.schema import CreateTable
from sqlmodel import Session

from chainfin.models.bulk import table_of
from chainfin.models.session import projection_kinds, read_only, writing

_SCHEMA = "shadow"


@dataclass(frozen=True, slots=True)
class Shadow:
    """The shadow of one connection.

    Attributes:
        connection: It alone sees the shadow.
        ours: The schema of the shadow.
        theirs: The schema of the rows.
    """

    connection: Connection
    ours: str
    theirs: str

    @contextmanager
    def projecting(self) -> Iterator[Session]:
        """A transaction that writes to the shadow alone, so that others go on writing."""
        with Session(self.connection) as session:
            yield session
            session.commit()

    @contextmanager
    def swapping(self) -> Iterator[Session]:
        """A transaction that writes; at its end the shadow's rows replace the others.

        Unless it was rolled back: then nothing changes.
        """
        with Session(writing(self.connection)) as session:
            begun = session.begin()
            yield session
            if begun.is_active:
                self._take_over()
                session.commit()

    def _take_over(self) -> None:
        for name in _names():
            # Names come from the tables' own definition.
            theirs, ours = f'{self.theirs}."{name}"', f'{self.ours}."{name}"'
            self.connection.exec_driver_sql(f"DELETE FROM {theirs}")  # noqa: S608
            self.connection.exec_driver_sql(f"INSERT INTO {theirs} SELECT * FROM {ours}")  # noqa: S608


@contextmanager
def create_shadow(engine: Engine) -> Iterator[Shadow]:
    """An empty shadow of the projected tables, gone at the end."""
    if engine.dialect.name == "postgresql":
        with _postgresql_shadow(engine) as shadow:
            yield shadow
        return
    with read_only(engine).connect() as connection:
        # Its temporary tables end with it, and may be larger than the memory.
        connection.detach()
        connection.connection.cursor().execute("PRAGMA temp_store = FILE")
        for definition in _definitions(connection):
            connection.exec_driver_sql(definition.replace("CREATE TABLE", "CREATE TEMP TABLE"))
        connection.commit()
        yield Shadow(connection, "temp", "main")


@contextmanager
def _postgresql_shadow(engine: Engine) -> Iterator[Shadow]:
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {_SCHEMA}")
        connection.exec_driver_sql(f"SET search_path TO {_SCHEMA}, public")
        for definition in _definitions(connection):
            connection.exec_driver_sql(definition)
        connection.commit()
        try:
            yield Shadow(connection, _SCHEMA, "public")
        finally:
            connection.rollback()
            connection.exec_driver_sql("RESET search_path")
            connection.exec_driver_sql(f"DROP SCHEMA {_SCHEMA} CASCADE")
            connection.commit()


def _definitions(connection: Connection) -> list[str]:
    tables = [table_of(kind) for kind in projection_kinds()]
    return [str(CreateTable(table).compile(connection)).strip() for table in tables]


def _names() -> list[str]:
    return [table_of(kind).name for kind in projection_kinds()]
