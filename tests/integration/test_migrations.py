"""The private tables are migrated with what is in them; the index is made again from its logs."""

from datetime import date
from functools import partial

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect, text
from sqlmodel import Session

from chainfin.domain.service_errors import DatabaseNeedsMigration, DatabaseRevisionUnknown
from chainfin.indexer.rebuilding import project_again
from chainfin.models.schema import (
    FIRST,
    NEWEST,
    create_tables,
    migrate,
    migration_config,
    require_shape,
    revision_of,
)
from chainfin.models.session import create_engine_for
from chainfin.models.tables import private_metadata
from tests.fake_chain import dice_of, founded, live
from tests.integration.test_indexer import DECODER, bind, catch_up, contents

VALUES = {int: 7, str: "seven", bytes: b"seven", bool: True, date: date(2026, 7, 7)}
EPHEMERAL = {"lease"}
"""Tables whose rows mean nothing after a stop."""


@pytest.fixture
def engine(database_url):
    made = create_engine_for(database_url)
    yield made
    made.dispose()


@pytest.fixture
def first(engine):
    """A database as the first revision made it, with a row in every table."""
    with engine.begin() as connection:
        command.upgrade(migration_config(connection), FIRST)
        for table in tables_of(connection):
            row = {column.name: VALUES[column.type.python_type] for column in table.columns}
            connection.execute(table.insert().values(row))
    return engine


def tables_of(connection):
    known = MetaData()
    known.reflect(connection)
    return [table for table in known.sorted_tables if table.name != "alembic_version"]


def rows_of(engine):
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in tables_of(connection)
        }


def nothing(_session):
    """There is no index yet."""


def test_migration__of_a_first_revision_with_data__keeps_every_value(first):
    before = rows_of(first)

    migrate(first, nothing)

    after = rows_of(first)
    for name in before.keys() - EPHEMERAL:
        (old,), (new,) = before[name], after[name]
        assert {column: new[column] for column in old if column in new} == old
    create_tables(first)
    require_shape(first)


@pytest.mark.parametrize("make", ["by revisions", "at once"])
def test_shape__however_it_was_made__is_that_of_the_code(engine, make):
    """If this fails, a private table changed: make migration NAME="…", then raise NEWEST."""
    if make == "at once":
        create_tables(engine)
    with engine.begin() as connection:
        if make == "by revisions":
            command.upgrade(migration_config(connection), "head")
        private = set(private_metadata().tables)
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _parents: kind != "table" or name in private},
        )

        assert compare_metadata(context, private_metadata()) == []
        assert revision_of(connection) == NEWEST
        assert ScriptDirectory.from_config(migration_config(connection)).get_heads() == [NEWEST]


def test_start__on_an_older_revision__is_refused_with_advice(first):
    with pytest.raises(DatabaseNeedsMigration) as refused:
        require_shape(first)

    assert "chainfin migrate" in refused.value.remedy()


def test_start__on_a_database_without_revisions__is_taken_for_the_first(first):
    with first.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))

    with pytest.raises(DatabaseNeedsMigration):
        require_shape(first)
    migrate(first, nothing)
    create_tables(first)
    require_shape(first)


def test_start__on_a_newer_release_s_database__is_refused(engine):
    create_tables(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseRevisionUnknown):
        require_shape(engine)
    with pytest.raises(DatabaseRevisionUnknown):
        migrate(engine, nothing)


def test_index__of_another_shape__is_made_again_from_its_logs(engine):
    create_tables(engine)
    chain = founded()
    with Session(engine) as session:
        bind(session, chain)
        live(chain, 25, dice_of(3))
        catch_up(session, chain)
        before = contents(session)
        session.execute(text("ALTER TABLE lot ADD COLUMN colour VARCHAR"))
        session.execute(text("DROP TABLE transfer"))
        session.commit()

    with pytest.raises(DatabaseNeedsMigration):
        require_shape(engine)
    migrate(engine, partial(project_again, decoder=DECODER))

    require_shape(engine)
    with Session(engine) as session:
        assert contents(session) == before
    assert "colour" not in {column["name"] for column in inspect(engine).get_columns("lot")}


def test_index__whose_cursor_is_gone__is_read_again_from_the_chain(engine):
    create_tables(engine)
    chain = founded()
    with Session(engine) as session:
        bind(session, chain)
        live(chain, 25, dice_of(3))
        catch_up(session, chain)
        before = contents(session)
        session.execute(text("DROP TABLE chain_cursor"))
        session.commit()

    migrate(engine, partial(project_again, decoder=DECODER))

    with Session(engine) as session:
        assert not any(contents(session).values())
        bind(session, chain)
        catch_up(session, chain)
        assert contents(session) == before


def test_migration__that_fails__leaves_the_database_as_it_was(engine):
    create_tables(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE lot ADD COLUMN colour VARCHAR"))

    def fail(_session):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        migrate(engine, fail)

    assert "colour" in {column["name"] for column in inspect(engine).get_columns("lot")}
