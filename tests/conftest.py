"""What every test gets: a mark from its folder, no network in a unit test, the machine's servers.

What a machine lacks is skipped with the reason. With CHAINFIN_REQUIRE_ALL=1 (make test-all) a
missing server or browser fails instead. The trade's real files are always optional.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from hypothesis import settings

from chainfin.bench.databases import postgresql_programs, unprivileged_user
from chainfin.chain.embedded import free_port
from tests.fault_table import note_faults, print_table
from tests.tokens import SoftHsm, softhsm_library

# A busy machine is no fault of the code: what must be fast says so itself.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

TESTS = Path(__file__).parent
FOLDERS = ("unit", "integration", "api", "e2e")
MARK_OF_FIXTURE = {"postgresql_cluster": "postgresql", "chromium_path": "browser"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
POSTGRESQL_START_SECONDS = 60


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder not in FOLDERS:
            raise pytest.UsageError(f"{item.path} is in none of the folders {FOLDERS}")
        item.add_marker(folder)
        note_faults(item)
        for fixture, mark in MARK_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    print_table(terminalreporter)


@pytest.fixture(autouse=True)
def _no_network_in_unit_tests(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.node.get_closest_marker("unit") is None:
        return

    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("a unit test opened a socket: it belongs in tests/integration")

    for method in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, method, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with the trade's real files."""
    folder = Path(os.environ.get("CHAINFIN_TEST_DATA") or TESTS.parent.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no test data in {folder}: set CHAINFIN_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser of the machine; none is downloaded."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        _missing(f"no browser on the PATH: none of {', '.join(CHROMIUM_NAMES)}")
    return Path(found)


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """PKCS#11 tokens of our own. The library reads its settings once in a process."""
    library = softhsm_library()
    if library is None:
        _missing("no SoftHSM: install softhsm2 (scripts/setup_tools system)")
    found = SoftHsm(tmp_path_factory.mktemp("softhsm"), library)
    os.environ.update(found.environment)
    return found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'chainfin.db'}"
        return
    yield from _empty_database(request.getfixturevalue("postgresql_cluster"))


@pytest.fixture
def postgresql_url(postgresql_cluster: "Cluster") -> Iterator[str]:
    """An empty database on PostgreSQL."""
    yield from _empty_database(postgresql_cluster)


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator["Cluster"]:
    """A PostgreSQL server of our own, on a free port, gone at the end of the session."""
    programs = postgresql_programs()
    if programs is None:
        _missing("no initdb on the PATH or in /usr/lib/postgresql: install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="chainfin-postgresql-"))
    cluster = Cluster(programs, folder, free_port(), unprivileged_user())
    yield from _running(cluster)


@pytest.fixture
def mortal_cluster(postgresql_cluster: "Cluster") -> Iterator["Cluster"]:
    """A server of one test's own, which it may kill; it keeps what is committed."""
    folder = Path(tempfile.mkdtemp(prefix="chainfin-postgresql-"))
    cluster = replace(
        postgresql_cluster, folder=folder, port=free_port(), databases=0, keeps_commits=True
    )
    yield from _running(cluster)


def _running(cluster: "Cluster") -> Iterator["Cluster"]:
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder)


@dataclass
class Cluster:
    """A PostgreSQL data folder and its server, run as an ordinary user: it refuses root."""

    programs: Path
    folder: Path
    port: int
    user: pwd.struct_passwd
    databases: int = 0
    keeps_commits: bool = False
    """Whether what is committed outlives the server's process."""

    def start(self) -> None:
        self.own(self.folder)
        trust = ["--auth=trust", "--username=chainfin", "--encoding=UTF8", "--no-sync"]
        self._run("initdb", *trust, "--locale=C")
        self.serve()

    def own(self, folder: Path) -> None:
        """Let the server write in a folder."""
        os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def serve(self) -> None:
        """Start the server on its data."""
        flags = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories="
        if not self.keeps_commits:
            flags += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        log = f"--log={self.folder / 'server.log'}"
        self._run("pg_ctl", "start", "-w", f"-t{POSTGRESQL_START_SECONDS}", log, f"-o{flags}")

    def kill(self) -> None:
        """End the server's first process outright, and wait until its children have noticed."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = _children(first)
        os.kill(first, signal.SIGKILL)
        while any(Path(f"/proc/{process}").exists() for process in (first, *children)):
            time.sleep(0.02)

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "--mode=immediate")

    def url(self, database: str) -> str:
        return f"postgresql://chainfin@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """An empty database; its URL."""
        self.databases += 1
        name = f"test_{self.databases}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name).replace("postgresql:", "postgresql+psycopg:")

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        account = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        # To a file: the server would keep a pipe open, and reading it would never end.
        with (self.folder / "programs.log").open("ab") as log:
            done = subprocess.run(
                [self.programs / program, f"--pgdata={self.folder / 'data'}", *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                **(account if os.geteuid() == 0 else {}),
            )
        if done.returncode != 0:
            logs = (log.read_text() for log in self.folder.glob("*.log"))
            pytest.fail(f"{program} failed:\n" + "\n".join(logs))


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def _empty_database(cluster: Cluster) -> Iterator[str]:
    url = cluster.new_database()
    yield url
    cluster.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CHAINFIN_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
