"""Keys wherever they lie: each kind completes the story, and a key that is away loses nothing."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from eth_keyfile.keyfile import create_keyfile_json

from chainfin.cli.runtime import reading
from chainfin.signing import remote
from chainfin.signing.guard import GuardedSigner
from chainfin.signing.sources import create_key, open_signer
from tests.remote_signer import RemoteSignerServer, remote_signer
from tests.tokens import SoftHsm
from tests.world import (
    ANCHOR,
    AUDITOR,
    FUNDER,
    SUB_SUPPLIER,
    SUPPLIER,
    Place,
    World,
    play_story,
    running_world,
    settle,
)

PASSWORD = "correct horse"  # noqa: S105
MOST_SECONDS = 20.0


@pytest.fixture
def empty_world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path / "home", f"sqlite:///{tmp_path / 'chainfin.db'}") as world:
        yield world


@pytest.fixture
def remote_server() -> Iterator[RemoteSignerServer]:
    with remote_signer() as server:
        yield server


# --- the story


def in_keystores(request: pytest.FixtureRequest, _: ExitStack) -> Place:
    folder: Path = request.getfixturevalue("tmp_path")
    request.getfixturevalue("monkeypatch").setattr(
        "chainfin.signing.sources.getpass.getpass", lambda _: PASSWORD
    )

    def place(name: str, role: str) -> str:
        path = folder / f"{name}-{role}.json"
        if not path.exists():
            # Quicker to open than the product's own, which a test of the command makes.
            document = create_keyfile_json(
                secrets.token_bytes(32), PASSWORD.encode(), kdf="pbkdf2", iterations=10
            )
            path.write_text(json.dumps(document))
        return str(path)

    return place


def in_token(request: pytest.FixtureRequest, _: ExitStack) -> Place:
    softhsm: SoftHsm = request.getfixturevalue("softhsm")
    made: set[str] = set()

    def place(name: str, role: str) -> str:
        source = softhsm.uri("bank", f"{name} {role}")
        if source not in made:
            create_key(source)
            made.add(source)
        return source

    return place


def behind_remote_signer(_: pytest.FixtureRequest, stack: ExitStack) -> Place:
    server = stack.enter_context(remote_signer())
    sources: dict[tuple[str, str], str] = {}

    def place(name: str, role: str) -> str:
        if (name, role) not in sources:
            sources[name, role] = server.hold(secrets.token_bytes(32))
        return sources[name, role]

    return place


@pytest.mark.parametrize("kind", [in_keystores, in_token, behind_remote_signer])
def test_story__signed_by_each_kind_of_key__reaches_its_end(
    empty_world: World,
    request: pytest.FixtureRequest,
    kind: Callable[[pytest.FixtureRequest, ExitStack], Place],
) -> None:
    world = empty_world
    with ExitStack() as stack:
        world.populate(kind(request, stack))

        receivable_id = play_story(world)
        settle(world, receivable_id)

    view = world[AUDITOR].api.get(f"/receivables/{receivable_id}")
    assert view["state"] == "settled"
    trail = world[AUDITOR].api.get(f"/lots/{receivable_id}-3/audit")
    signed = {key for entry in trail["entries"] for order in entry["orders"] for key in keys(order)}
    held = {
        world.signers[name, role].address
        for name in (ANCHOR, SUPPLIER, SUB_SUPPLIER)
        for role in ("maker", "checker")
    }
    assert held <= signed
    assert world[FUNDER].wallet.keys["maker"] != f"development:{FUNDER}"


def keys(order: dict[str, str]) -> tuple[str, str]:
    return order["maker_key"], order["checker_key"]


# --- F30: a relayer's key that is away or slow


def accepted(world: World, number: str) -> str:
    """An order that is accepted and not yet relayed; its hash."""
    tag = world.record(ANCHOR, SUPPLIER, number, 900_00)
    draft = world.draft(
        ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
    )
    world.submit(ANCHOR, draft)
    return str(draft.order_hash)


def status(world: World, order_hash: str) -> str:
    return str(world[ANCHOR].api.get(f"/orders/{order_hash}")["status"])


def head_read(world: World) -> int:
    with reading(world.runtime) as context:
        return context.as_of().block_number


def check_waits(world: World, order_hash: str) -> None:
    """The order waits, and the index goes on as if nothing were."""
    before = head_read(world)
    world.runtime.network.node.request("evm_mine")
    for _ in range(20):
        world.worker.step()
    assert status(world, order_hash) == "received"
    assert head_read(world) > before


def check_ends(world: World, order_hash: str) -> None:
    """I2: the order ends as it should, without help."""
    deadline = time.monotonic() + MOST_SECONDS
    while status(world, order_hash) != "final":
        assert time.monotonic() < deadline, status(world, order_hash)
        if not world.worker.step():
            time.sleep(0.05)
    assert len(list(world[SUPPLIER].api.pages("/receivables"))) == 1


@pytest.mark.fault("F30", "token pulled out while orders wait")
def test_f30__token_pulled_out__orders_wait_and_run_when_it_is_back(
    empty_world: World, softhsm: SoftHsm
) -> None:
    world = empty_world
    world.populate()
    source = softhsm.uri("service", "relayer")
    create_key(source)
    world.relay_with(open_signer(source))

    with softhsm.pulled_out():
        order_hash = accepted(world, "F30-1")
        check_waits(world, order_hash)

    check_ends(world, order_hash)


@pytest.mark.fault("F30", "remote signer away, then slow")
def test_f30__remote_signer_away_then_slow__is_spared_and_orders_wait(
    empty_world: World, remote_server: RemoteSignerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, server = empty_world, remote_server
    world.populate()
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.3)
    signer = open_signer(server.hold(secrets.token_bytes(32)))
    assert isinstance(signer, GuardedSigner)
    world.relay_with(signer)

    server.is_down = True
    order_hash = accepted(world, "F30-2")
    check_waits(world, order_hash)
    assert len(server.asked) <= 2
    server.is_down, server.delay_seconds = False, 1.0
    time.sleep(2.0)
    check_waits(world, order_hash)
    server.delay_seconds = 0.0

    check_ends(world, order_hash)
