"""The fault matrix, the rows of the database: what was answered 2xx is there, once, whatever fails.

Four writers hand in orders while a fault goes on. Each attempt ends as ok (2xx), fail (refused) or
unknown (no answer that says which): what is ok has run, what is unknown has run at most once.
"""

import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import InterfaceError, OperationalError

from chainfin.client.api import ApiProblem, Draft
from chainfin.domain.service_errors import LeaseLost
from tests.conftest import Cluster
from tests.faulty import Faulty, faulty_system
from tests.world import ANCHOR, SUPPLIER

WRITERS = 4
SMALL_BYTES = 64 << 20
LARGE_DOCUMENT = b64encode(b"invoice" * 70_000).decode()


def hand_in(system: Faulty, until: threading.Event) -> dict[str, str]:
    """Orders, one after the other, until told to stop; what became of each, by hash."""
    outcomes = {}
    while not until.is_set():
        try:
            draft = system.drafted()
        except ApiProblem:
            continue  # Nothing was asked for yet.
        outcomes[draft.order_hash] = outcome_of(system, draft)
    return outcomes


def outcome_of(system: Faulty, draft: Draft) -> str:
    try:
        system.world.submit(ANCHOR, draft)
    except ApiProblem as problem:
        return "fail" if 400 <= problem.status < 500 else "unknown"
    return "ok"


@contextmanager
def working(system: Faulty) -> Iterator[None]:
    """The worker at work, as its command runs it: what is away is tried again."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                system.world.worker.step()
            except (OperationalError, InterfaceError, LeaseLost):
                time.sleep(0.1)
            time.sleep(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def hand_in_during(system: Faulty, fault: Callable[[], None]) -> dict[str, str]:
    """What became of the orders of four writers who hand in before, during and after a fault."""
    until = threading.Event()
    with working(system), ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(hand_in, system, until) for _ in range(WRITERS)]
        time.sleep(0.5)
        fault()
        time.sleep(0.5)
        until.set()
        return {hash_: said for writer in writers for hash_, said in writer.result().items()}


def check_accounts(system: Faulty, outcomes: dict[str, str]) -> None:
    """Nothing lost, nothing doubled."""
    accepted = {hash_ for hash_, said in outcomes.items() if said == "ok"}
    unknown = {hash_ for hash_, said in outcomes.items() if said == "unknown"}
    system.world.work()
    system.issued |= accepted | {hash_ for hash_ in unknown if is_known(system, hash_)}
    system.check_done_once(*system.issued)
    assert accepted


def is_known(system: Faulty, hash_: str) -> bool:
    listed = system.world[ANCHOR].api.pages("/orders")
    return any(order["order_hash"] == hash_ for order in listed)


@pytest.mark.fault("F24", "kill -9 of PostgreSQL, restarted")
def test_f24__server_killed_and_restarted__what_was_accepted_runs_once(
    mortal_cluster: Cluster, tmp_path: Path
) -> None:
    with faulty_system(tmp_path / "home", mortal_cluster.new_database()) as system:

        def fault() -> None:
            mortal_cluster.kill()
            mortal_cluster.serve()

        outcomes = hand_in_during(system, fault)

        check_accounts(system, outcomes)


@pytest.mark.fault("F24", "pg_terminate_backend, 20 times a second")
def test_f24__connections_ended_again_and_again__what_was_accepted_runs_once(
    postgresql_cluster: Cluster, tmp_path: Path
) -> None:
    url = postgresql_cluster.new_database()
    with faulty_system(tmp_path / "home", url) as system:

        def fault() -> None:
            ending = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
            )
            with psycopg.connect(postgresql_cluster.url("postgres"), autocommit=True) as connection:
                for _ in range(40):
                    connection.execute(ending, [url.rpartition("/")[2]])
                    time.sleep(0.05)

        outcomes = hand_in_during(system, fault)

        check_accounts(system, outcomes)


# --- a full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that is soon full."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "chainfin", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def small_database(request: pytest.FixtureRequest, small_disk: Path) -> Iterator[str]:
    """A database on a disk that is soon full; the log of PostgreSQL is on another."""
    if request.param == "sqlite":
        yield f"sqlite:///{small_disk / 'chainfin.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    for folder in (*small_disk.parents, small_disk):
        if folder.owner() == "root" and folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    cluster.own(small_disk)
    cluster.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    cluster.execute("CREATE DATABASE small TABLESPACE small")
    yield cluster.url("small").replace("postgresql:", "postgresql+psycopg:")
    cluster.execute("DROP DATABASE small WITH (FORCE)")
    cluster.execute("DROP TABLESPACE small")


def fill(disk: Path) -> Path:
    """Take what room there is; the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        block = bytes(4096)
        while True:
            try:
                file.write(block)
            except OSError:
                return filler


@pytest.mark.fault("F26", "tmpfs filled to the last byte")
def test_f26__disk_full__refuses_whole_and_goes_on_when_there_is_room(
    small_disk: Path, small_database: str, tmp_path: Path
) -> None:
    with faulty_system(tmp_path / "home", small_database) as system:
        before = system.accepted()
        documents = {"documents": [large_document(system)]}
        anchor = system.world[ANCHOR].api
        filler = fill(small_disk)
        with pytest.raises(ApiProblem) as refused:
            anchor.post("/documents", documents, idempotency_key="large")
        assert (refused.value.status, refused.value.code) == (507, "storage-full")
        assert system.status(before) == "received"

        filler.unlink()

        (recorded,) = anchor.post("/documents", documents, idempotency_key="large")["data"]
        assert recorded["fingerprint"]
        after = system.accepted()
        system.check_done_once(before, after)


def large_document(system: Faulty) -> dict[str, object]:
    return {
        "seller": system.world[SUPPLIER].number,
        "document_type": "invoice",
        "number": "LARGE-1",
        "file": LARGE_DOCUMENT,
        "facts": {"number": "LARGE-1"},
        "amount_minor": 900_00,
        "currency": "CNY",
    }
