"""The database's own shape: which revision its private tables are of, and what brings them here.

Private tables hold what exists nowhere else and are migrated, one numbered revision after the other
(`migrations/versions`). The index's tables are not: rows of another shape are dropped and made
again from the stored logs, and the logs, if their own shape changed, read from the chain again. An
empty database gets everything at once, in the shape of today.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select, text
from sqlmodel import Session

from chainfin.domain.service_errors import DatabaseNeedsMigration, DatabaseRevisionUnknown
from chainfin.models.session import RAW_TABLES
from chainfin.models.tables import index_metadata, private_metadata

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST, NEWEST = "0001", "0005"
"""Revisions of the private tables. What was made before revisions were noted is of the first."""
_REVISION = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))
_SHAPE_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('chainfin schema', 0))")


def create_tables(engine: Engine) -> None:
    """Create what is missing, in the shape of today; note it as the newest revision."""
    with _alone(engine) as connection:
        index_metadata().create_all(connection)
        private_metadata().create_all(connection)
        if revision_of(connection) is None:
            _REVISION.create(connection, checkfirst=True)
            connection.execute(_REVISION.insert().values(version_num=NEWEST))


def require_shape(engine: Engine) -> None:
    """Refuse a database of another shape than this release's; an empty one is of any.

    Raises:
        DatabaseNeedsMigration: An older release made it.
        DatabaseRevisionUnknown: A newer one did.
    """
    with engine.connect() as connection:
        if is_empty(connection):
            return
        found = known_revision(connection)
        if found != NEWEST or index_differs(connection):
            raise DatabaseNeedsMigration(found, NEWEST)


def migrate(engine: Engine, project: Callable[[Session], object]) -> None:
    """Bring the private tables to the newest revision, and the index to its shape of today.

    All of it in one transaction: where it fails, the database is as it was.

    Args:
        engine: The database; worker and API stand still.
        project: Makes the index's rows again from the stored logs.

    Raises:
        DatabaseRevisionUnknown: A newer release made the database.
    """
    from alembic import command  # noqa: PLC0415 - slow to load, and seldom needed

    with _alone(engine) as connection:
        if is_empty(connection):
            return
        if known_revision(connection) != NEWEST:
            if revision_of(connection) is None:
                command.stamp(migration_config(connection), FIRST)
            command.upgrade(migration_config(connection), NEWEST)
        if _drop_differing(connection):
            with Session(connection) as session:
                project(session)
                session.flush()


def migration_config(connection: Connection) -> "Config":
    """What Alembic is told, for one connection."""
    from alembic.config import Config  # noqa: PLC0415 - slow to load, and seldom needed

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes |= {"connection": connection, "metadata": private_metadata()}
    return config


def known_revision(connection: Connection) -> str:
    """The revision of the private tables.

    Raises:
        DatabaseRevisionUnknown: This release does not know it: a newer one made it.
    """
    found = revision_of(connection) or FIRST
    if not FIRST <= found <= NEWEST:
        raise DatabaseRevisionUnknown(found, NEWEST)
    return found


def revision_of(connection: Connection) -> str | None:
    """The revision as noted; None if none was."""
    if not inspect(connection).has_table(_REVISION.name):
        return None
    return connection.execute(select(_REVISION.c.version_num)).scalar()


def is_empty(connection: Connection) -> bool:
    """Whether the database has no private table yet."""
    return not set(inspect(connection).get_table_names()) & set(private_metadata().tables)


def index_differs(connection: Connection) -> bool:
    """Whether a table of the index has other columns than today, or is missing."""
    return bool(_differing(connection))


def _differing(connection: Connection) -> set[str]:
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    return {
        name
        for name, table in index_metadata().tables.items()
        if name not in there
        or {column["name"] for column in inspector.get_columns(name)} != set(table.columns.keys())
    }


def _drop_differing(connection: Connection) -> bool:
    """Make index tables of another shape anew, empty; whether there were any."""
    differing = _differing(connection)
    if not differing:
        return False
    metadata = index_metadata()
    tables = metadata.tables
    doomed = set(tables) if differing & RAW_TABLES else set(tables) - RAW_TABLES
    metadata.drop_all(connection, [tables[name] for name in sorted(doomed)])
    metadata.create_all(connection)
    return True


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else changes the shape."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(_SHAPE_LOCK)
        yield connection
