"""A backup taken while everything runs, restored into an empty database: the lost tail heals."""

import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlmodel import Session

from chainfin.chain.contracts.receivable_ledger import read_receivables
from chainfin.client.api import ApiProblem
from chainfin.indexer.checking import verify
from chainfin.models.session import copy_database
from tests.conftest import Cluster
from tests.faulty import Faulty
from tests.world import ANCHOR, SUPPLIER, World

Restored = Callable[[], str]


def back_up(system: Faulty, tmp_path: Path, request: pytest.FixtureRequest) -> Restored:
    """Copy the database as it is now; what puts the copy into an empty one answers its URL."""
    engine = system.world.runtime.engine
    file = tmp_path / "backup"
    if engine.dialect.name == "sqlite":
        copy_database(engine, file)
        return lambda: f"sqlite:///{file}"
    cluster: Cluster = request.getfixturevalue("postgresql_cluster")
    url = make_url(system.world.settings.effective_database_url).set(drivername="postgresql")
    run(cluster, "pg_dump", "--format=custom", f"--file={file}", url.render_as_string())

    def restore() -> str:
        empty = cluster.new_database()
        target = make_url(empty).set(drivername="postgresql").render_as_string()
        run(cluster, "pg_restore", f"--dbname={target}", str(file))
        return empty

    return restore


def run(cluster: Cluster, program: str, *arguments: str) -> None:
    found = cluster.programs / program
    command = str(found) if found.exists() else shutil.which(program)
    subprocess.run([command, *arguments], check=True, capture_output=True)


@pytest.mark.fault("F25", "restored from a backup taken while writing")
def test_backup__restored__heals_its_lost_tail_and_runs_nothing_twice(
    system: Faulty, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = [system.accepted() for _ in range(2)]
    system.check_done_once(*done)
    waiting = [system.accepted() for _ in range(2)]
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(lambda: [system.accepted() for _ in range(5)])
        restore = back_up(system, tmp_path, request)
        meanwhile = written.result()
    lost = system.drafted()
    approvals = system.world.approvals(ANCHOR, lost)
    system.world.submit(ANCHOR, lost)
    system.issued.add(lost.order_hash)
    system.check_done_once(*waiting, *meanwhile, lost.order_hash)
    system.world.worker.stop()

    settings = system.world.settings.model_copy(update={"database_url": restore()})
    world = World(settings, system.world.network)
    try:
        for name, actor in system.world.actors.items():
            world.actors[name] = world.actor(name, actor.number)
        healed = Faulty(world, system.proxy, system.node, set(system.issued), system.numbers)
        world.work()
        assert [healed.status(order) for order in (*done, *waiting)] == ["final"] * 4
        with pytest.raises(ApiProblem) as refused:
            world[ANCHOR].api.submit(lost, approvals)
        assert refused.value.code == "order-already-used"
        after = healed.accepted()
        world.work()
        assert healed.status(after) == "final"
        assert len(list(world[SUPPLIER].api.pages("/receivables"))) == len(healed.issued)
        with Session(world.runtime.engine) as session:
            found = verify(
                session,
                lambda as_of, numbers: read_receivables(
                    world.runtime.network, numbers, as_of.block_number
                ),
            )
        assert found.findings == ()
    finally:
        world.close()
