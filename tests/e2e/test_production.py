"""Production mode, as separate processes: members sign on their own machines, and nothing of their
keys ever reaches the service."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_keyfile.keyfile import create_keyfile_json
from typer.testing import CliRunner

from chainfin.chain.embedded import free_port, start_network
from chainfin.cli import app
from chainfin.codec.hashing import to_hex
from chainfin.signing.sources import create_key, import_fingerprint_key
from tests.remote_signer import remote_signer
from tests.tokens import SoftHsm

ROOT = Path(__file__).parents[2]
MEMBER = "Meridian Rail Works"
PASSWORD = "correct horse"  # noqa: S105 - of keys made for one test
LEI = "529900T8BM49AURSDO55"
START_SECONDS = 60.0
WRITABLE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw.. .*$", re.MULTILINE)
PIECE = 1 << 24


class Machine:
    """Somebody's machine: a home, settings, and the `chainfin` command."""

    def __init__(self, home: Path, **settings: str) -> None:
        home.mkdir(parents=True)
        self.home = home
        named = {f"CHAINFIN_{name.upper()}": text for name, text in settings.items()}
        self.environment = named | {"CHAINFIN_HOME": str(home), "PYTHONPATH": str(ROOT)}

    def ok(self, *arguments: str | Path) -> str:
        """A command, in this process: people's commands are no part of the service."""
        done = CliRunner().invoke(app, [str(each) for each in arguments], env=self.environment)
        assert done.exit_code == 0, done.output
        return done.output

    @contextmanager
    def process(self, *module: str) -> Iterator[int]:
        """A process of the service; its number."""
        with (self.home / "service.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *module],
                cwd=self.home,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)

    @property
    def keys(self) -> tuple[str, ...]:
        """Where its people's keys are, for commands."""
        maker, checker = (str(self.home / f"{role}.json") for role in ("maker", "checker"))
        return ("--maker", maker, "--checker", checker)

    def keystore(self, name: str) -> bytes:
        """A keystore in the home, quick to open; its key."""
        key = secrets.token_bytes(32)
        document = create_keyfile_json(key, PASSWORD.encode(), kdf="pbkdf2", iterations=10)
        path = self.home / name
        path.write_text(json.dumps(document))
        path.chmod(0o600)
        return key


@pytest.fixture
def url() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def member(tmp_path: Path, url: str) -> Machine:
    return Machine(tmp_path / "member", url=url, keystore_password=PASSWORD)


def test_service__in_production__never_holds_a_members_or_the_relayers_key(
    tmp_path: Path, url: str, member: Machine, softhsm: SoftHsm
) -> None:
    """Keeper and fingerprint key in a token, relayer behind a remote signer, members elsewhere."""
    document_key, relayer_key = secrets.token_bytes(32), secrets.token_bytes(32)
    maker, checker = member.keystore("maker.json"), member.keystore("checker.json")
    with ExitStack() as stack:
        node = start_network(tmp_path / "chain.json")
        stack.callback(node.stop)
        signer = stack.enter_context(remote_signer())
        secrets_file = tmp_path / "service.json"
        operator = Machine(
            tmp_path / "operator",
            mode="production",
            rpc_url=node.url,
            url=url,
            relayer_signers=signer.hold(relayer_key),
            service_keys_file=str(secrets_file),
            service_password=PASSWORD,
        )
        write_secrets(secrets_file, softhsm, document_key)
        operator.ok("deploy", "--key-delay-hours", "0")
        operator.ok("operator-key")
        worker = stack.enter_context(operator.process("chainfin", "worker"))
        api = stack.enter_context(
            operator.process("uvicorn", "api.main:create_app", "--factory", "--port", port_of(url))
        )
        wait_for(url)

        join(operator, member)
        act(member)

        needles = {
            "maker": maker,
            "checker": checker,
            "relayer": relayer_key,
            "document key": document_key,
            "maker as text": maker.hex().encode(),
            "checker as text": checker.hex().encode(),
        }
        processes = {"worker": worker, "api": api}
        found = {name: found_in_memory(number, needles) for name, number in processes.items()}

    # What is there is found: the service's own secret shows that the search works.
    assert found == {"worker": {"document key"}, "api": {"document key"}}


def write_secrets(path: Path, softhsm: SoftHsm, document_key: bytes) -> None:
    keeper = softhsm.uri("service", "keeper in production")
    fingerprints = softhsm.uri("service", "fingerprints in production")
    create_key(keeper)
    import_fingerprint_key(fingerprints, secrets.token_bytes(32))
    path.write_text(
        json.dumps(
            {
                "keeper": keeper,
                "fingerprint_keys": {"1": fingerprints},
                "document_key": to_hex(document_key),
                "identity_salt": to_hex(secrets.token_bytes(32)),
            }
        )
    )
    path.chmod(0o600)


def join(operator: Machine, member: Machine) -> None:
    """A member joins, as the runbook says."""
    enrolment = member.home / "enrolment.json"
    identity = operator.ok("participants", "identity", LEI).strip()
    member.ok(
        *("keys", "enrol", MEMBER, "--kind", "anchor", "--legal-identifier", LEI),
        *(
            "--identity",
            identity,
            "--maker",
            str(member.home / "maker.json"),
            "--checker",
            str(member.home / "checker.json"),
        ),
        *("-o", enrolment),
    )
    operator.ok("participants", "admit", "--file", enrolment)
    api_key = operator.ok("participants", "api-key", "1").strip()
    member.ok(
        *("keys", "wallet", MEMBER, "--organisation", "1", "--api-key", api_key),
        *(
            "--maker",
            str(member.home / "maker.json"),
            "--checker",
            str(member.home / "checker.json"),
        ),
    )


def act(member: Machine) -> None:
    """One order with two signatures, until it is final."""
    draft = member.home / "order.json"
    named = ("--as", MEMBER)
    fields = ("--field", "currency=CNY", "--field", "limit_minor=700")
    member.ok("order", "draft", "set_dual_control_limit", *named, *fields, "-o", draft)
    member.ok("order", "sign", draft, *named, "--yes")
    member.ok("order", "sign", draft, *named, "--role", "checker", "--yes")
    answer = json.loads(member.ok("order", "submit", draft, *named))
    assert answer["status"] == "final"


def port_of(url: str) -> str:
    return url.rpartition(":")[2]


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{url}/v1/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "the API did not start"
        time.sleep(0.1)


def found_in_memory(process: int, needles: dict[str, bytes]) -> set[str]:
    """Which of these a process has anywhere in its writable memory."""
    maps = Path(f"/proc/{process}/maps")
    if not maps.exists():
        pytest.skip("no /proc: the memory of a process cannot be read here")
    found: set[str] = set()
    try:
        with Path(f"/proc/{process}/mem").open("rb", 0) as memory:
            for first, end in WRITABLE.findall(maps.read_text()):
                found |= found_in_region(memory, int(first, 16), int(end, 16), needles)
    except PermissionError:
        pytest.skip("this user may not read the memory of its own processes (ptrace_scope)")
    return found


def found_in_region(memory: Any, first: int, end: int, needles: dict[str, bytes]) -> set[str]:
    found: set[str] = set()
    overlap = max(len(needle) for needle in needles.values())
    for start in range(first, end, PIECE):
        memory.seek(start)
        try:
            content = memory.read(min(PIECE + overlap, end - start))
        except OSError:
            return found  # Mapped and not readable: a device.
        found |= {name for name, needle in needles.items() if needle in content}
    return found
