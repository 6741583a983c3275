"""Databases of the benchmark's own: SQLite in a folder, PostgreSQL where its programs are found."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from chainfin.chain.embedded import free_port
from chainfin.models.session import create_engine_for

_START_SECONDS = 60


@contextmanager
def postgresql(folder: Path) -> Iterator[str | None]:
    """A PostgreSQL server with an empty database; its URL, or None without the programs.

    It writes as a server does that survives a power failure: nothing is switched off.
    """
    programs = postgresql_programs()
    if programs is None:
        yield None
        return
    cluster = _Cluster(programs, folder / "postgresql", free_port(), unprivileged_user())
    cluster.start()
    try:
        yield f"postgresql://chainfin@127.0.0.1:{cluster.port}/postgres"
    finally:
        cluster.stop()


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, Engine]]:
    """The stores there are on this machine, each empty."""
    with postgresql(folder) as url:
        engines = {"sqlite": create_engine_for(f"sqlite:///{folder / 'index.db'}")}
        if url is not None:
            engines["postgresql"] = create_engine_for(url)
        try:
            yield engines
        finally:
            for engine in engines.values():
                engine.dispose()


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A data folder and its server, run as an ordinary user: it refuses root."""

    programs: Path
    folder: Path
    port: int
    user: pwd.struct_passwd

    def start(self) -> None:
        self.folder.mkdir()
        # The server's user must reach the folder from the root down.
        self.folder.parent.chmod(0o755)
        os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "--auth=trust", "--username=chainfin", "--encoding=UTF8", "--locale=C")
        flags = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories="
        log = f"--log={self.folder / 'server.log'}"
        self._run("pg_ctl", "start", "-w", f"-t{_START_SECONDS}", log, f"-o{flags}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        is_root = os.geteuid() == 0
        subprocess.run(  # noqa: S603 - programs of the machine, arguments of ours
            [str(self.programs / program), f"--pgdata={self.folder / 'data'}", *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            user=self.user.pw_uid if is_root else None,
            group=self.user.pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )


def postgresql_programs() -> Path | None:
    """The folder of the newest PostgreSQL on this machine; None without one."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parent.parent.name), default=None)
    return newest.parent if newest else None


def unprivileged_user() -> pwd.struct_passwd:
    """Whom a server may run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    names = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")
