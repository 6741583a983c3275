"""Engines and sessions, for the two databases.

SQLite runs in WAL mode: one writer beside any number of readers. A transaction takes the writer's
place when it begins (`BEGIN IMMEDIATE`), so that two writers wait for each other instead of failing
when the second one notices; they wait in a line. What only reads uses the engine of `read_only`: it
never waits, and sees one state of the database from its first query to its last, on PostgreSQL too.
What only copies the chain uses the engine of `refillable`: its commits do not wait for the disk,
since what a power failure takes back is read again.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from chainfin.models.bulk import table_of
from chainfin.models.columns import IndexTable
from chainfin.models.tables import index_metadata
from chainfin.models.writers import WriterInLine

_BEGIN = "chainfin_begin"
_BEGIN_WRITING = "BEGIN IMMEDIATE"
_BUSY_TIMEOUT = "chainfin_busy_timeout"
_SECONDS = "chainfin_seconds"
_POOL: dict[str, Any] = {"pool_size": 5, "max_overflow": 80}
"""Connections. A request reads through one and writes through another, and 40 are served at a time:
with fewer than two for each they could all wait for each other's second one."""
_STEPS_A_LOOK = 100_000
"""Of SQLite's machine, between two looks at the clock: about a millisecond."""
_ADVISORY_LOCKS = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
    " FROM unnest(CAST(:names AS text[])) AS name"
)
_IS_REFILLABLE = "chainfin_is_refillable"
RAW_TABLES = frozenset({"chain_block", "chain_cursor", "chain_logs", "chain_mention"})
"""What the chain said; the rest of the index is made from it."""
_PRAGMAS = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # `WriterInLine` waits for the disk when its turn is over.
    "PRAGMA wal_autocheckpoint = 8000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
)


def create_engine_for(url: str, *, busy_timeout_seconds: int = 30) -> Engine:
    """An engine whose transactions may write.

    Args:
        url: `sqlite:///path` or `postgresql://user@host/database`.
        busy_timeout_seconds: How long a writer of SQLite waits for another.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **_POOL
        )
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    options = {"timeout": busy_timeout_seconds, "factory": WriterInLine}
    engine = create_engine(
        parsed,
        connect_args=options,
        execution_options={_BUSY_TIMEOUT: busy_timeout_seconds},
        # A database in memory has one connection a thread, and no pool to size.
        **(_POOL if parsed.database not in {None, "", ":memory:"} else {}),
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def read_only(engine: Engine, *, seconds: int | None = None) -> Engine:
    """The same database, for transactions that only read and see one state throughout.

    Args:
        engine: The database.
        seconds: How long a query (PostgreSQL), or all of a transaction (SQLite), may take.
    """
    if engine.dialect.name == "postgresql":
        return engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, **{_SECONDS: seconds}
        )
    return engine.execution_options(**{_BEGIN: "BEGIN DEFERRED", _SECONDS: seconds})


def was_given_up(error: OperationalError) -> bool:
    """Whether a database ended a query because it took longer than it may."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return str(error.orig) == "interrupted"
    return isinstance(error.orig, QueryCanceled)


def serialise(session: Session, *names: str) -> None:
    """Wait for whoever does the same things at this moment; until the end of the transaction.

    On SQLite a transaction that may write is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Always in one order: two requests with the same names never wait for each other.
        session.execute(_ADVISORY_LOCKS, {"names": sorted(set(names))})


def writing(connection: Connection) -> Connection:
    """A connection that only read, from its next transaction on for transactions that may write."""
    return connection.execution_options(**{_BEGIN: _BEGIN_WRITING})


def refillable(engine: Engine) -> Engine:
    """The same database, for transactions whose loss in a power failure the chain makes good."""
    return engine.execution_options(**{_IS_REFILLABLE: True})


def checkpoint(engine: Engine) -> None:
    """Move what was written from SQLite's log into its file, as far as no reader needs the log.

    Nobody waits. Left to itself, the writer that finds the log long does it, and all others wait.
    """
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()


def copy_database(engine: Engine, file: Path) -> None:
    """Write an SQLite database to a new file, whole and as of one moment; nobody waits."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(file),))
    finally:
        connection.close()


def projection_kinds() -> list[type[IndexTable]]:
    """The tables that are rebuilt from the stored logs."""
    index_metadata()
    kinds = IndexTable.__subclasses__()
    return [kind for kind in kinds if table_of(kind).name not in RAW_TABLES]


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not begin transactions on its own: it would begin them deferred, and late.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver = connection.connection.driver_connection
    if not isinstance(driver, WriterInLine):
        return
    _limit_sqlite(driver, options.get(_SECONDS))
    begin = options.get(_BEGIN, _BEGIN_WRITING)
    try:
        if begin == _BEGIN_WRITING:
            driver.must_last = not options.get(_IS_REFILLABLE)
            driver.wait_in_line(connection.engine.url.database, options[_BUSY_TIMEOUT])
        driver.execute(begin)
    except sqlite3.Error as error:
        raise OperationalError(begin, None, error) from error


def _limit_sqlite(raw: sqlite3.Connection, seconds: int | None) -> None:
    """Have the transaction that begins interrupted after its time; None for never."""
    end = None if seconds is None else time.monotonic() + seconds
    raw.set_progress_handler(
        None if end is None else lambda: int(time.monotonic() > end), _STEPS_A_LOOK
    )


def _begin_postgresql(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(_IS_REFILLABLE):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
    if (seconds := options.get(_SECONDS)) is not None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {1000 * int(seconds)}")
