"""The audit log (I6): who read or did what is there, chained, and every change to it shows."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from chainfin.cli import app
from chainfin.cli.runtime import reading, unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.services import audit_log
from tests.world import ANCHOR, AUDITOR, SUPPLIER, World


@pytest.fixture(autouse=True)
def _undone(world: World) -> Any:
    """What a test does to the log is undone: others go on with it."""
    yield
    assert report(world)["holds"]


def sealed(world: World) -> list[dict[str, Any]]:
    with unit_of_work(world.runtime) as context:
        audit_log.seal(context)
    with reading(world.runtime) as context:
        return [dict(link.entry or {}) for link in audit_log.links(context)]


def report(world: World) -> dict[str, Any]:
    with reading(world.runtime) as context:
        return audit_log.verify(context)


def execute(world: World, statement: str, **values: Any) -> None:
    with unit_of_work(world.runtime) as context:
        context.session.connection().execute(text(statement), values)


def test_reading__by_an_auditor_and_the_operator__is_noted_and_by_a_party_is_not(
    world: World, receivable_id: int
) -> None:
    before = len(sealed(world))
    path = f"/v1/receivables/{receivable_id}"
    for reader in (world[AUDITOR].api, world.operator, world[SUPPLIER].api):
        reader.get(f"/receivables/{receivable_id}")

    told = [entry for entry in sealed(world)[before:] if entry["subject"] == path]

    assert [entry["organisation"] for entry in told] == [world[AUDITOR].number, 0]
    for entry in told:
        assert entry["action"] == "GET /v1/receivables/{receivable_id}"
        assert entry["actor"].startswith("api-key:")
        assert entry["request_id"]


def test_act__recorded__is_noted_and_a_refused_one_is_not(world: World) -> None:
    before = len(sealed(world))
    world[ANCHOR].api.post("/access-keys", {"label": "audited", "scopes": ["read"]})
    with pytest.raises(ApiProblem):
        world[ANCHOR].api.post("/access-keys", {"label": "audited", "scopes": ["nothing"]})

    told = [entry for entry in sealed(world)[before:] if entry["subject"] == "/v1/access-keys"]

    assert [entry["action"] for entry in told] == ["POST /v1/access-keys"]
    assert told[0]["organisation"] == world[ANCHOR].number


def test_i6__an_entry_changed_deleted_or_put_in__is_found(world: World) -> None:
    entries = sealed(world)
    count, last = len(entries), entries[-1]
    newest = "(SELECT entry_id FROM audit_seal WHERE sequence = :sequence)"

    execute(
        world,
        f"UPDATE audit_entry SET actor = 'somebody else' WHERE id = {newest}",  # noqa: S608
        sequence=count,
    )
    changed = report(world)
    execute(
        world,
        f"UPDATE audit_entry SET actor = :actor WHERE id = {newest}",  # noqa: S608
        sequence=count,
        actor=last["actor"],
    )
    execute(world, "UPDATE audit_seal SET sequence = 1000000 WHERE sequence = :n", n=count - 1)
    moved = report(world)
    execute(world, "UPDATE audit_seal SET sequence = :n WHERE sequence = 1000000", n=count - 1)

    assert changed["findings"] == [f"entry {count} is not what was sealed"]
    assert f"entry {count - 1} is missing" in moved["findings"]
    assert not moved["holds"]


def test_i6__the_whole_log_written_anew__is_found_by_the_head_on_chain(world: World) -> None:
    world[AUDITOR].api.get("/lots")
    entries = sealed(world)
    assert world.runtime.keys is not None
    with unit_of_work(world.runtime) as context:
        assert audit_log.anchor(context, world.runtime.keys.relayer.address, 0)
        assert not audit_log.anchor(context, world.runtime.keys.relayer.address, 0)
    assert report(world)["heads_waiting"] >= 1
    world.work()
    on_chain = report(world)
    assert on_chain["heads_on_chain"] >= 1
    assert on_chain["holds"]

    execute(world, "CREATE TABLE kept AS SELECT * FROM audit_seal")
    execute(world, "CREATE TABLE kept_entry AS SELECT * FROM audit_entry")
    execute(world, "DELETE FROM audit_seal")
    execute(world, "UPDATE audit_entry SET actor = 'nobody' WHERE id = 1")
    anew = sealed(world)
    found = report(world)["findings"]
    for table, kept in (("audit_seal", "kept"), ("audit_entry", "kept_entry")):
        execute(world, f"DELETE FROM {table}")  # noqa: S608
        execute(world, f"INSERT INTO {table} SELECT * FROM {kept}")  # noqa: S608
        execute(world, f"DROP TABLE {kept}")

    assert len(anew) >= len(entries)
    assert any("is not what was put on chain" in each for each in found)


def test_anchor__before_its_time__waits(world: World) -> None:
    world[AUDITOR].api.get("/lots")
    sealed(world)
    with unit_of_work(world.runtime) as context:
        assert not audit_log.anchor(context, "0x" + "11" * 20, int(time.time()))


def test_has_work__all_is_sealed_but_the_head_is_not_on_chain__once_its_time_has_come(
    world: World,
) -> None:
    world[AUDITOR].api.get("/lots")
    sealed(world)
    account = "0x" + "11" * 20
    with unit_of_work(world.runtime) as context:
        assert audit_log.has_work(context, account, 0)
        assert not audit_log.has_work(context, account, int(time.time()))
        assert not audit_log.has_work(context, None, 0)


def test_commands__verify_and_export__and_a_changed_file_is_refused(
    world: World, tmp_path: Path
) -> None:
    sealed(world)
    environment = {
        "CHAINFIN_HOME": str(world.settings.home),
        "CHAINFIN_DATABASE_URL": world.settings.database_url,
        "CHAINFIN_RPC_URL": world.network.url,
    }
    file = tmp_path / "audit.jsonl"

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["audit-log", *arguments], env=environment)
        return done.exit_code, done.output

    assert run("verify")[0] == 0
    assert run("export", "-o", str(file))[0] == 0
    assert run("verify", str(file))[0] == 0
    lines = file.read_text().splitlines()
    entry = json.loads(lines[0])
    entry["entry"]["subject"] = "/v1/elsewhere"
    file.write_text("\n".join([json.dumps(entry), *lines[1:]]))
    code, output = run("verify", str(file))
    assert code == 1
    assert "entry 1 is not what was sealed" in output
