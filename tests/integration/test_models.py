import errno
import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select

from chainfin.codec.log_packing import pack_logs
from chainfin.domain.events import BlockRef, LogPosition, RawLog
from chainfin.domain.receivable import Encumbrance, LotId, ReceivableStatus
from chainfin.domain.service_errors import DatabaseNotBound, DatabaseOfAnotherChain
from chainfin.models import writers
from chainfin.models.bulk import (
    delete_beyond,
    delete_rows,
    insert_rows,
    load_rows,
    table_of,
    update_rows,
)
from chainfin.models.chain_index import (
    ChainBlockRow,
    as_of,
    bind_chain,
    blocks_down_from,
    count_logs,
    forget_empty_blocks,
    logs_after,
    logs_between,
    logs_of_organisations,
    logs_of_receivables,
    mention_of,
    newest_number,
    store_blocks,
    store_logs,
    store_mentions,
)
from chainfin.models.leases import LeaseRow
from chainfin.models.participants import ExecutedOrderRow, highest_nonce_used
from chainfin.models.receivables import (
    LotRow,
    ReceivableRow,
    ancestors_of,
    find_lot,
    get_lot,
    is_party,
    list_lots,
    list_receivables,
)
from chainfin.models.schema import create_tables
from chainfin.models.session import (
    checkpoint,
    create_engine_for,
    projection_kinds,
    read_only,
    refillable,
    was_given_up,
)
from chainfin.models.tables import index_metadata
from tests.fake_chain import digest
from tests.rows import lot_values, receivable_values, rows_of, stored_logs

ANCHOR, SUPPLIER, FUNDER, STRANGER = 1, 2, 3, 9
LARGEST = 2**63 - 1
GENESIS = BlockRef(0, digest("genesis"), digest("none"), 1_900_000_000)
REGISTRY = "0x" + "a1" * 20


@pytest.fixture
def engine(database_url):
    made = create_engine_for(database_url)
    create_tables(made)
    yield made
    made.dispose()


@pytest.fixture
def session(engine):
    with Session(engine) as opened:
        yield opened


def bind(session, **changes):
    known = {"chain_id": 31337, "genesis_hash": GENESIS.block_hash, "registry": REGISTRY}
    return bind_chain(session, **(known | changes), start=GENESIS)


def receivable(number, obligor=ANCHOR, supplier=SUPPLIER, face=LARGEST, maturity=2_000):
    return receivable_values(
        receivable_id=number,
        obligor=obligor,
        supplier=supplier,
        face_value_minor=face,
        maturity_at=maturity,
        status=ReceivableStatus.ACTIVE if number % 2 else ReceivableStatus.OFFERED,
    )


def lot(number, sequence, parent=0, holder=SUPPLIER, depth=0):
    return lot_values(
        receivable_id=number,
        lot_sequence=sequence,
        parent_sequence=parent,
        depth=depth,
        holder=holder,
        face_value_minor=LARGEST,
        encumbrance=Encumbrance.POOLED,
    )


def entry(block, index, receivable_id=None, organisation=None, name="LotSplit"):
    position = LogPosition(block, digest(f"block {block}"), 1_000 + block, digest("tx"), 0, index)
    topics = tuple(digest(f"topic {n}") for n in range(1 + index % 4))
    log = RawLog(REGISTRY, topics, "0x" + "00" * 32 * index, position)
    return log, (name, receivable_id, organisation, 5)


def store(session, *entries):
    numbers = sorted({log.position.block_number for log, _ in entries})
    of_block = {n: [log for log, _ in entries if log.position.block_number == n] for n in numbers}
    blocks = [
        (n, digest(f"block {n}"), digest(f"block {n - 1}"), 1_000 + n, len(logs))
        for n, logs in of_block.items()
    ]
    store_blocks(session, blocks)
    store_logs(session, [(n, pack_logs(logs)) for n, logs in of_block.items()])
    store_mentions(session, [mention_of(log, *names) for log, names in entries])


# --- one database, one network (F19)


def test_bind__when_the_database_is_new__then_it_is_of_this_network(session):
    cursor = bind(session)

    assert (cursor.chain_id, cursor.block.block_hash) == (31337, GENESIS.block_hash)
    assert as_of(session).block_number == 0
    assert bind(session) == cursor


@pytest.mark.fault("F19", "database of another chain, genesis or registry")
@pytest.mark.parametrize(
    "other", [{"chain_id": 1}, {"genesis_hash": digest("reset")}, {"registry": "0x" + "a2" * 20}]
)
def test_bind__when_the_network_is_another__then_it_is_refused__f19(session, other):
    bind(session)

    with pytest.raises(DatabaseOfAnotherChain):
        bind(session, **other)


def test_as_of__when_nothing_was_ever_read__then_it_says_so(session):
    with pytest.raises(DatabaseNotBound):
        as_of(session)


def test_tables__when_they_are_there_already__then_nothing_happens(engine):
    create_tables(engine)

    names = {table_of(kind).name for kind in projection_kinds()}
    assert {"receivable", "lot", "deposit_entry", "executed_order", "pledge"} <= names
    assert not {name for name in names if name.startswith("chain_")}
    assert names < set(inspect(engine).get_table_names())


def test_tables__of_the_index_on_sqlite__are_one_tree_each_but_that_of_logs(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps tables otherwise")
    with engine.connect() as connection:
        kept = dict(connection.exec_driver_sql("SELECT name, wr FROM pragma_table_list").all())

    assert {name for name in index_metadata().tables if not kept[name]} == {"chain_logs"}


# --- transactions


@pytest.mark.fault("F28", "two writers meet")
def test_writers__when_two_meet__then_the_second_waits__f28(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has more than one writer")
    order = []
    with Session(engine) as first:
        first.execute(text("SELECT 1"))
        second = threading.Thread(target=lambda: _write(engine, order))
        second.start()
        time.sleep(0.2)
        order.append("first")
        first.commit()
    second.join(10)

    assert order == ["first", "second"]


def _write(engine, order):
    with Session(engine) as session:
        session.execute(text("SELECT 1"))
        order.append("second")


@pytest.mark.fault("F28", "eight writers that read, then write")
def test_writers__when_eight_count_in_one_row__then_no_turn_is_lost__f28(engine):
    names = [f"writer {number}" for number in range(8)]

    def take_turns(name):
        for _ in range(25):
            with Session(engine) as session:
                row = session.exec(select(LeaseRow).with_for_update()).one()
                row.token += 1
                row.holder = name
                session.commit()

    with Session(engine) as session:
        session.add(LeaseRow(name="turns", holder="", token=0, expires_at_ms=0))
        session.commit()
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(take_turns, names))

    with Session(engine) as session:
        assert session.exec(select(LeaseRow.token)).one() == 200


def test_reader__when_a_writer_is_busy__then_it_sees_one_state_and_does_not_wait(engine):
    with Session(engine) as writer, Session(read_only(engine)) as reader:
        bind(writer)
        writer.commit()
        before = as_of(reader)
        insert_rows(writer, LotRow, [lot(1, 1)])
        writer.commit()

        assert get_lot(reader, LotId(1, 1)) is None
        assert as_of(reader) == before
        reader.rollback()
        assert get_lot(reader, LotId(1, 1)) is not None


def test_reader__when_it_tries_to_write_on_postgresql__then_it_is_refused(engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no such transactions")
    with Session(read_only(engine)) as reader, pytest.raises(DBAPIError):
        insert_rows(reader, LotRow, [lot(1, 1)])


# --- many rows at once


def test_bulk__when_rows_are_written_and_read__then_they_are_the_same(session):
    rows = [lot(number, sequence) for number in range(1, 1_002) for sequence in (1, 2)]
    insert_rows(session, LotRow, rows)

    found = list(load_rows(session, LotRow, [row[:2] for row in rows] + [(9_999, 1)]))

    assert sorted(found) == rows
    assert find_lot(session, LotId(7, 2)).encumbrance is Encumbrance.POOLED


def test_bulk__when_rows_are_updated__then_only_they_change(session):
    insert_rows(session, LotRow, [lot(1, 1), lot(1, 2)])

    update_rows(session, LotRow, [(lot(1, 2), lot(1, 2, holder=FUNDER))])

    assert [row.holder for row in list_lots(session)] == [SUPPLIER, FUNDER]


def test_bulk__when_nothing_is_given__then_nothing_is_asked(session):
    insert_rows(session, LotRow, [])
    update_rows(session, LotRow, [])

    assert list(load_rows(session, LotRow, [])) == []


def test_bulk__when_rows_are_deleted__then_by_value_or_beyond_a_limit(session):
    insert_rows(session, LotRow, [lot(number, 1) for number in range(1, 7)])

    delete_rows(session, LotRow, "receivable_id", [1, 2, 99])
    delete_beyond(session, LotRow, "receivable_id", 5)

    assert [row.receivable_id for row in list_lots(session)] == [3, 4, 5]


def test_amounts__when_they_are_the_largest__then_they_are_kept(session):
    insert_rows(session, ReceivableRow, [receivable(1)])

    assert list_receivables(session)[0].to_domain().terms.face_value_minor == LARGEST


def test_nonces__when_they_are_wider_than_any_integer_of_the_database__then_they_sort(session):
    key = "0x" + "12" * 20
    rows = [
        (key, nonce, digest(str(nonce)), 1, key, False, digest("tx"), 1, index)
        for index, nonce in enumerate([0, 9, 10, 2**64, 2**256 - 1])
    ]
    insert_rows(session, ExecutedOrderRow, rows)

    assert highest_nonce_used(session, key) == 2**256 - 1
    assert session.get(ExecutedOrderRow, (key, 2**64)).order_hash == digest(str(2**64))
    assert [row.nonce for row in rows_of(session, ExecutedOrderRow)] == [
        0,
        9,
        10,
        2**64,
        2**256 - 1,
    ]
    assert highest_nonce_used(session, REGISTRY) == -1


# --- raw logs


def test_logs__when_they_are_stored__then_they_come_back_as_they_were_in_order(session):
    entries = [entry(2, 0), entry(2, 1, receivable_id=17), entry(5, 7, organisation=3)]
    store(session, *entries)

    logs = [log for log, _ in entries]
    assert logs_between(session, 1, 5) == logs
    assert logs_between(session, 3, 5) == logs[2:]
    assert stored_logs(session) == logs
    assert logs_after(session, (2, 0), 1) == logs[1:2]
    assert logs_of_receivables(session, [17, 18]) == logs[1:2]
    assert logs_of_organisations(session, [3], ["LotSplit"]) == logs[2:]
    assert logs_of_organisations(session, [3], ["LotsPaid"]) == []
    assert count_logs(session) == 3


def test_blocks__when_old_ones_are_forgotten__then_those_with_logs_stay(session):
    bind(session)
    blocks = [(n, digest(str(n)), digest(str(n - 1)), n, int(n == 2)) for n in range(1, 6)]
    store_blocks(session, blocks)

    forget_empty_blocks(session, before_number=4)

    assert [block.number for block in blocks_down_from(session, 99, 10)] == [5, 4, 2]
    assert [block.number for block in blocks_down_from(session, 4, 1)] == [4]
    assert newest_number(session) == 5
    assert session.get(ChainBlockRow, 2).log_count == 1


# --- queries


def test_receivables__when_listed__then_filters_and_pages_hold(session):
    insert_rows(
        session,
        ReceivableRow,
        [
            receivable(1, maturity=100),
            receivable(2, obligor=STRANGER, supplier=STRANGER, maturity=200),
            receivable(3, maturity=300),
            receivable(4, obligor=STRANGER, supplier=STRANGER, maturity=400),
        ],
    )
    insert_rows(session, LotRow, [lot(4, 1, holder=STRANGER), lot(4, 2, 1, holder=SUPPLIER)])

    def numbers(**filters):
        return [row.receivable_id for row in list_receivables(session, **filters)]

    assert numbers(obligor=ANCHOR) == [1, 3]
    assert numbers(supplier=STRANGER) == [2, 4]
    assert numbers(party=SUPPLIER) == [1, 3, 4]
    assert numbers(statuses=[ReceivableStatus.OFFERED]) == [2, 4]
    assert numbers(maturity_from=200, maturity_to=400) == [2, 3]
    assert numbers(after=1, limit=2) == [2, 3]
    assert is_party(session, 4, SUPPLIER)
    assert not is_party(session, 2, SUPPLIER)
    assert not is_party(session, 99, SUPPLIER)


def test_lots__when_listed__then_pages_go_over_receivables(session):
    insert_rows(session, LotRow, [lot(1, 1), lot(1, 2, 1), lot(2, 1, holder=FUNDER), lot(2, 2, 1)])

    first = list_lots(session, holder=SUPPLIER, limit=2)
    rest = list_lots(session, holder=SUPPLIER, after=first[-1].lot_id, limit=2)

    assert [str(row.lot_id) for row in first] == ["1-1", "1-2"]
    assert [str(row.lot_id) for row in rest] == ["2-2"]
    assert list_lots(session, is_settled=True) == []


def test_lineage__when_a_lot_has_parents__then_they_are_found_up_to_the_root(session):
    #  1 ─┬─ 2 ─┬─ 4 ── 6
    #     └─ 3  └─ 5
    family = [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 4)]
    insert_rows(session, LotRow, [lot(17, sequence, parent) for sequence, parent in family])

    def ancestors(sequence):
        return [row.lot_sequence for row in ancestors_of(session, LotId(17, sequence))]

    assert ancestors(6) == [6, 4, 2, 1]
    assert ancestors(1) == [1]
    assert ancestors(9) == []


def test_reader__whose_question_takes_too_long__is_given_up(engine):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with (
        Session(read_only(engine, seconds=1)) as session,
        pytest.raises(OperationalError) as caught,
    ):
        session.execute(text(endless))
    with Session(read_only(engine)) as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1

    assert was_given_up(caught.value)


def test_writer__when_it_commits__then_its_turn_is_over_before_it_waits_for_the_disk(
    tmp_path, monkeypatch
):
    engine = create_engine_for(f"sqlite:///{tmp_path / 'x.db'}", busy_timeout_seconds=1)
    create_tables(engine)
    flushed = []

    def flush(handle):
        flushed.append(os.readlink(f"/proc/self/fd/{handle}"))
        if len(flushed) == 1:
            with Session(engine) as other:  # The second one does not wait for the first one's disk.
                other.add(LeaseRow(name="b", holder="b", token=1, expires_at_ms=0))
                other.commit()

    monkeypatch.setattr(writers, "_flush", flush)
    with Session(engine) as session:
        session.add(LeaseRow(name="a", holder="a", token=1, expires_at_ms=0))
        session.commit()
    with Session(refillable(engine)) as session:
        session.add(LeaseRow(name="c", holder="c", token=1, expires_at_ms=0))
        session.commit()
    with Session(read_only(engine)) as session:
        assert len(session.exec(select(LeaseRow)).all()) == 3
        session.commit()

    assert flushed == [str(tmp_path / "x.db-wal")] * 2
    engine.dispose()


def test_checkpoint__when_much_was_written__then_the_next_writer_begins_the_log_anew(tmp_path):
    engine = create_engine_for(f"sqlite:///{tmp_path / 'x.db'}")
    create_tables(engine)

    checkpoint(engine)
    with Session(engine) as session:
        session.add(LeaseRow(name="a", holder="", token=1, expires_at_ms=0))
        session.commit()

    with sqlite3.connect(tmp_path / "x.db") as other:
        _, pages_in_log, _ = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    assert 0 < pages_in_log < 10
    engine.dispose()


def test_writer__when_the_disk_fails__then_its_commit_does(tmp_path, monkeypatch):
    engine = create_engine_for(f"sqlite:///{tmp_path / 'x.db'}")
    create_tables(engine)

    def fail(_handle):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(writers, "_flush", fail)
    with Session(engine) as session:
        session.add(LeaseRow(name="a", holder="a", token=1, expires_at_ms=0))
        with pytest.raises(OperationalError):
            session.commit()
    engine.dispose()
